//! Which numbers are the same, and what the log says became of each.

use super::*;
use crate::domain::event::{Amended, Event, FieldAnswered, Voided};
use crate::domain::reference::NumberBlock;
use crate::id::{FeedId, NumberBlockId, OfficerId};
use crate::rules::procedure::JYCF;

fn procedure() -> Procedure {
    Procedure::parse(JYCF).unwrap()
}

fn answered(field: &str, value: Value) -> Fact {
    FieldAnswered {
        step: "DC-06".parse().unwrap(),
        field: field.parse().unwrap(),
        value,
    }
    .into()
}

fn number(text: &str) -> Fact {
    answered("number", Value::Text(text.to_owned()))
}

fn of(events: Vec<Fact>) -> Vec<(String, Fate, String, bool)> {
    let entries = (1..).zip(events).map(|(seq, fact)| Entry {
        place: place(seq),
        officer: OfficerId::from_bytes([1; 16]),
        behind_ms: 0,
        event: Event {
            recorded_at: Instant::from_millis(1_000),
            happened_at: None,
            fact,
        },
    });
    let facts = Facts::of([], entries);
    uses(&procedure(), &facts)
        .into_iter()
        .map(|each| (each.number, each.fate, each.reason, each.typed))
        .collect()
}

fn place(seq: u64) -> EventRef {
    EventRef {
        feed: FeedId::from_bytes([2; 16]),
        seq,
        index: 0,
    }
}

fn line(number: &str, fate: Fate, reason: &str) -> (String, Fate, String, bool) {
    (number.to_owned(), fate, reason.to_owned(), false)
}

#[test]
fn a_number_is_the_same_however_it_is_typed() {
    let one = Number::read("示例当罚〔2026〕0001号");
    assert_eq!(one.n, 1);
    for same in [
        "示例当罚[2026]1号",
        "示例当罚（2026） 0001 号",
        "示例当罚【２０２６】０００１号",
    ] {
        assert_eq!(Number::read(same), one, "{same}");
    }
    for other in [
        "示例当罚〔2026〕0002号",
        "示例当罚〔2025〕0001号",
        "示例罚〔2026〕0001号",
        "示例当罚〔2026〕0001",
        "",
    ] {
        assert_ne!(Number::read(other), one, "{other}");
    }
    let long = Number::read("99999999999");
    assert_eq!((long.n, long.stem.as_str()), (0, "99999999999"));
    assert_eq!(Number::read("无号").n, 0);
}

#[test]
fn a_block_has_its_numbers_and_no_others() {
    let block = NumberBlock {
        id: NumberBlockId::from_bytes([3; 16]),
        feed: FeedId::from_bytes([2; 16]),
        officer: OfficerId::from_bytes([1; 16]),
        document: DocumentKind::OnTheSpotDecision,
        prefix: "示例当罚〔2026〕".to_owned(),
        first: 9,
        last: 11,
        width: 4,
        suffix: "号".to_owned(),
    };
    let all: Vec<String> = block.all().collect();
    assert_eq!(
        all,
        [
            "示例当罚〔2026〕0009号",
            "示例当罚〔2026〕0010号",
            "示例当罚〔2026〕0011号"
        ]
    );
    let has = |text: &str| block.has(&Number::read(text));
    assert!(has("示例当罚[2026]9号") && has("示例当罚〔2026〕0011号"));
    assert!(!has("示例当罚〔2026〕0008号") && !has("示例当罚〔2026〕0012号"));
    assert!(!has("示例当罚〔2027〕0010号") && !has(""));
    let wide = NumberBlock {
        last: u32::MAX,
        ..block
    };
    assert_eq!(wide.all().count(), NumberBlock::MOST as usize);
}

#[test]
fn what_stands_in_the_record_is_used_and_what_stood_there_is_told() {
    assert_eq!(of(vec![]), []);
    assert_eq!(of(vec![number("1号")]), [line("1号", Fate::Used, "")]);
    let again = of(vec![number("1号"), number(""), number("１号")]);
    assert_eq!(again, [line("1号", Fate::Used, "")]);
    let other = of(vec![number("1号"), number("2号")]);
    assert_eq!(
        other,
        [line("1号", Fate::Replaced, ""), line("2号", Fate::Used, "")]
    );
}

/// Before it is sealed the taken number itself is no longer in the journal: the voiding names it.
#[test]
fn a_voided_number_keeps_its_reason() {
    let spoiled = || answered("number.voided", void("1号", "写错当事人姓名"));
    let voided = || line("1号", Fate::Voided, "写错当事人姓名");
    assert_eq!(of(vec![spoiled(), number("")]), [voided()]);
    let sealed = of(vec![number("1号"), spoiled(), number(""), number("2号")]);
    assert_eq!(sealed, [voided(), line("2号", Fate::Used, "")]);
    let both = of(vec![
        spoiled(),
        answered("number.voided", void("2号", "墨迹")),
        number("3号"),
    ]);
    assert_eq!(
        both,
        [
            voided(),
            line("2号", Fate::Voided, "墨迹"),
            line("3号", Fate::Used, "")
        ]
    );
}

#[test]
fn a_correction_and_a_voided_record_void_the_number() {
    let amended = Amended {
        target: place(1),
        reason: "文书作废重填".to_owned(),
    };
    let corrected = of(vec![number("1号"), amended.into(), number("2号")]);
    assert_eq!(
        corrected,
        [
            line("1号", Fate::Voided, "文书作废重填"),
            line("2号", Fate::Used, "")
        ]
    );
    let record = Voided {
        reason: "误开".to_owned(),
    };
    let spoiled = answered("number.voided", void("1号", "墨迹"));
    let all = of(vec![spoiled, number("2号"), record.into()]);
    assert_eq!(
        all,
        [
            line("1号", Fate::Voided, "墨迹"),
            line("2号", Fate::Voided, "误开")
        ]
    );
}

#[test]
fn a_number_from_a_paper_form_is_told_apart() {
    let typed = |yes| answered("number.typed", Value::Bool(yes));
    let found = of(vec![number("1号"), typed(true), number("2号")]);
    let typed: Vec<bool> = found.iter().map(|each| each.3).collect();
    assert_eq!(typed, [true, false]);
}
