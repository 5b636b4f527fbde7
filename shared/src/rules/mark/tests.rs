//! What is remarked on and what just is not.

use super::*;
use crate::domain::event::{Event, FieldAnswered, Outcome, StepRecorded};
use crate::fold::tests::NINE;
use crate::id::FeedId;
use crate::rules::procedure::XZJC;

fn place(n: usize) -> EventRef {
    EventRef {
        feed: FeedId::from_bytes([1; 16]),
        seq: u64::try_from(n).unwrap(),
        index: 0,
    }
}

fn facts(events: Vec<(u8, Event)>) -> Facts {
    let entries = events
        .into_iter()
        .enumerate()
        .map(|(n, (who, event))| Entry {
            place: place(n),
            officer: OfficerId::from_bytes([who; 16]),
            behind_ms: 0,
            event,
        });
    Facts::of([], entries)
}

fn ended(step: &str, recorded_ms: i64, before_ms: i64) -> Event {
    let recorded_at = NINE.plus_millis(recorded_ms);
    Event {
        recorded_at,
        happened_at: (before_ms > 0).then(|| recorded_at.plus_millis(-before_ms)),
        fact: StepRecorded {
            step: step.parse().unwrap(),
            outcome: Outcome::Done,
            note: String::new(),
        }
        .into(),
    }
}

fn shown(facts: &Facts) -> Vec<String> {
    let procedure = Procedure::parse(XZJC).unwrap();
    let marks = marks(&procedure, facts);
    assert!(marks.iter().all(|mark| !mark.because.is_empty()));
    let line = |mark: &Mark| format!("{} {:?}", mark.step, mark.kind);
    marks.iter().map(line).collect()
}

#[track_caller]
fn check_burst(ends: &[(u8, &str, i64)], burst: &[&str]) {
    let events = ends
        .iter()
        .map(|(who, step, ms)| (*who, ended(step, *ms, 0)));
    let expected: Vec<String> = burst.iter().map(|step| format!("{step} Burst")).collect();
    assert_eq!(shown(&facts(events.collect())), expected);
}

#[test]
fn four_steps_within_ten_seconds_are_a_burst() {
    let four = [
        (1, "JC-10", 0),
        (1, "JC-11", 3_000),
        (1, "JC-12", 7_000),
        (1, "JC-13", 10_000),
    ];
    check_burst(&four, &["JC-10", "JC-11", "JC-12", "JC-13"]);
    check_burst(&four[..3], &[]);
    let slower = [four[0], four[1], four[2], (1, "JC-13", 10_001)];
    check_burst(&slower, &[]);
    let two_officers = [four[0], four[1], four[2], (2, "JC-13", 8_000)];
    check_burst(&two_officers, &[]);
    let one_step = [four[0], four[1], four[2], (1, "JC-12", 8_000)];
    check_burst(&one_step, &[]);
    let office = [four[0], four[1], four[2], (1, "JC-06", 8_000)];
    check_burst(&office, &[]);
}

#[test]
fn more_than_half_an_hour_is_late_and_its_reason_is_told() {
    let half_hour = 30 * MINUTE_MS;
    let just = facts(vec![(1, ended("JC-10", 0, half_hour))]);
    assert_eq!(shown(&just), Vec::<String>::new());
    let late = || (1, ended("JC-10", 0, half_hour + 1));
    assert_eq!(shown(&facts(vec![late()])), ["JC-10 LateEntryUnexplained"]);
    for words in ["no_network", "手机没电"] {
        let reason = Event {
            recorded_at: NINE,
            happened_at: None,
            fact: FieldAnswered {
                step: "JC-10".parse().unwrap(),
                field: LATE_REASON.parse().unwrap(),
                value: Value::Text(words.to_owned()),
            }
            .into(),
        };
        let told = facts(vec![late(), (1, reason)]);
        assert_eq!(shown(&told), ["JC-10 LateEntry"]);
    }
}
