//! The fold, whatever arrives first; and records of arbitrary facts for the tests of the rules.

use super::*;
use crate::domain::event::{Amended, EvidenceKind, FieldAnswered, Outcome, SignMethod, SignerRole};
use crate::id::{FeedId, RecordId};
use crate::instant::Interval;
use crate::log::commit::{HEADER_VERSION, Header, Mode, SUITE_ED25519_SHA256, TimeEvidence};
use crate::rules::calendar::Calendar;
use crate::rules::check::{Context, check};
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::procedure::{Procedure, XZJC};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// 2026-11-23 09:00 in Beijing.
pub(crate) const NINE: Instant = Instant::from_millis(1_795_395_600_000);

fn feed(n: u8) -> FeedId {
    FeedId::from_bytes([n; 16])
}

fn officer() -> impl Strategy<Value = OfficerId> {
    (0u8..4).prop_map(|n| OfficerId::from_bytes([n; 16]))
}

fn step() -> impl Strategy<Value = StepId> {
    let known = vec![
        "JC-01", "JC-02", "JC-03", "JC-07", "JC-08", "JC-09", "JC-10", "JC-11", "JC-12", "JC-13",
        "JC-13-1", "JC-14", "JC-15", "JC-16", "JC-17", "JC-18", "JC-19", "GZ-01", "GZ-02", "GZ-04",
        "GZ-05", "GZ-06", "GZ-07", "JC-99",
    ];
    select(known).prop_map(|id| id.parse().unwrap())
}

fn words() -> impl Strategy<Value = String> {
    select(vec!["", " ", "不愿签名", "A-12"]).prop_map(str::to_owned)
}

fn moment() -> impl Strategy<Value = Instant> {
    prop_oneof![
        9 => (-4_000_000i64..1_300_000_000).prop_map(|ms| NINE.plus_millis(ms)),
        1 => any::<i64>().prop_map(Instant::from_millis),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        moment().prop_map(Value::At),
        any::<bool>().prop_map(Value::Bool),
        words().prop_map(Value::Text),
        select(vec![
            "routine",
            "random",
            "failed",
            "filing",
            "correction",
            "by_day",
            "fail",
            "na"
        ])
        .prop_map(|code| Value::Choice(code.to_owned())),
        prop::collection::vec(officer(), 0..4).prop_map(Value::Officers),
    ]
}

fn field() -> impl Strategy<Value = FieldId> {
    let known = vec![
        "officers",
        "start",
        "end",
        "key_evidence",
        "rights",
        "late_reason",
        "code",
        "late_at",
        "late_why",
        "exit",
        "result",
        "kind",
        "source",
        "conduct_on",
        "found_on",
        "published_on",
        "archived_on",
        "complete",
        "checklist",
        "issued_on",
        "deadline",
        "how",
        "granted",
        "new_deadline",
        "asked_on",
        "served_at",
        "nonsense",
    ];
    select(known).prop_map(|id| id.parse().unwrap())
}

/// An amendment that may or may not hit something.
fn amended() -> impl Strategy<Value = Fact> {
    (0u8..4, 1u64..6, 0u8..3).prop_map(|(f, seq, index)| {
        let target = EventRef {
            feed: feed(f),
            seq,
            index,
        };
        Amended {
            target,
            reason: "错".into(),
        }
        .into()
    })
}

fn ending() -> impl Strategy<Value = Fact> {
    let outcome = select(vec![
        Outcome::Done,
        Outcome::NotApplicable,
        Outcome::NotDone,
    ]);
    let ended = (step(), outcome, words());
    prop_oneof![
        6 => ended.prop_map(|(step, outcome, note)| StepRecorded { step, outcome, note }.into()),
        2 => words().prop_map(|note| Submitted { note }.into()),
        1 => Just(Fact::Unknown { kind: 99, schema: 1 }),
    ]
}

fn evidence() -> impl Strategy<Value = Fact> {
    let kind = select(vec![
        EvidenceKind::Recording,
        EvidenceKind::Photo,
        EvidenceKind::Paper,
    ]);
    let added = |(step, evidence, reference)| {
        EvidenceAdded {
            step,
            evidence,
            reference,
            photo: None,
        }
        .into()
    };
    (step(), kind, words()).prop_map(added)
}

fn signed() -> impl Strategy<Value = Fact> {
    let role = select(vec![
        SignerRole::Officer,
        SignerRole::Party,
        SignerRole::Witness,
    ]);
    (step(), role, prop::option::of(officer())).prop_map(|(step, role, officer)| {
        let (name, method, document) = ("某".into(), SignMethod::Pin, None);
        Signed {
            step,
            role,
            officer,
            name,
            method,
            document,
            drawing: None,
        }
        .into()
    })
}

fn opened() -> impl Strategy<Value = Fact> {
    let named = prop::collection::vec(officer(), 0..3);
    (named, prop::option::of(words())).prop_map(|(officers, urgent)| {
        Opened {
            procedure: "XZJC".parse().unwrap(),
            version: 1,
            unit: crate::id::UnitId::from_bytes([1; 16]),
            subject: None,
            subject_name: "示例".into(),
            place: "示例".into(),
            matter: "M01".into(),
            task: None,
            urgent,
            officers,
        }
        .into()
    })
}

/// Any fact that can be encoded, and some that hit nothing.
pub(crate) fn any_fact() -> impl Strategy<Value = Fact> {
    let answered = (step(), field(), value());
    let refusal = (
        step(),
        words(),
        prop::option::of(words()),
        prop::option::of(words()),
    );
    let approval = (step(), officer(), any::<bool>());
    prop_oneof![
        2 => opened(),
        4 => ending(),
        4 => answered.prop_map(|(step, field, value)| FieldAnswered { step, field, value }.into()),
        3 => evidence(),
        4 => signed(),
        2 => refusal.prop_map(|(step, reason, witness, recording)| {
            Refused { step, reason, witness, recording }.into()
        }),
        3 => approval.prop_map(|(step, approver, granted)| {
            Approved { step, approver, granted, note: String::new() }.into()
        }),
        1 => amended(),
    ]
}

/// Any event.
pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    (any_fact(), moment(), prop::option::of(moment())).prop_map(
        |(fact, recorded_at, happened_at)| Event {
            recorded_at,
            happened_at,
            fact,
        },
    )
}

/// Commits of up to four feeds; each has seen what was sealed before it, or a part of that.
fn any_commits() -> impl Strategy<Value = Vec<Commit>> {
    let known = any_event().prop_filter("an unknown kind cannot be sealed", |e| {
        !matches!(e.fact, Fact::Unknown { .. })
    });
    let one = (
        0u8..4,
        prop::collection::vec(known, 1..4),
        any::<[bool; 4]>(),
    );
    prop::collection::vec(one, 1..10).prop_map(|rows| {
        let mut commits: Vec<Commit> = Vec::new();
        for (n, events, sees) in rows {
            commits.push(seal(&commits, n, &events, sees));
        }
        commits
    })
}

fn seal(before: &[Commit], n: u8, events: &[Event], sees: [bool; 4]) -> Commit {
    let last = |f| {
        before
            .iter()
            .rfind(|c| c.header().feed == feed(f))
            .map(Commit::head)
    };
    let others = (0u8..4).filter(|f| *f != n && sees[usize::from(*f)]);
    let own = last(n);
    let header = Header {
        version: HEADER_VERSION,
        suite: SUITE_ED25519_SHA256,
        feed: feed(n),
        seq: own.map_or(1, |head| head.seq + 1),
        prev: own.map(|head| head.hash),
        record: RecordId::from_bytes([9; 16]),
        record_prev: own.map(|head| head.hash),
        seen: others.filter_map(last).collect(),
        officer: OfficerId::from_bytes([n; 16]),
        mode: Mode::Real,
        jurisdiction: "sample".parse().unwrap(),
        refs: vec![],
        time: TimeEvidence {
            wall: NINE,
            monotonic_ms: 0,
            session: [0; 8],
            beacon: None,
        },
        events: vec![],
    };
    let key = SigningKey::from_bytes(&[n; 32]);
    Commit::seal(header, events, [n; 16], &key).unwrap()
}

fn shuffled(commits: &[Commit], keys: &[Index], twice: &[Index]) -> Vec<Commit> {
    let mut out: Vec<Commit> = commits.to_vec();
    out.extend(twice.iter().map(|i| i.get(commits).clone()));
    for (at, key) in keys.iter().enumerate() {
        let len = out.len();
        out.swap(at % len, key.index(len));
    }
    out
}

proptest! {
    #[test]
    fn what_is_known_does_not_depend_on_what_arrived_first_or_twice(
        commits in any_commits(),
        keys in prop::collection::vec(any::<Index>(), 12),
        twice in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let procedure = Procedure::parse(XZJC).unwrap();
        let officers = std::collections::BTreeMap::new();
        let calendar = Calendar::shipped();
        let now = Interval::exactly(NINE.plus_millis(crate::instant::DAY_MS));
        let jurisdiction = Jurisdiction::default();
        let context = Context::bare(&officers, &calendar, &jurisdiction, now);
        let one = Facts::of(&commits, []);
        let other = Facts::of(&shuffled(&commits, &keys, &twice), []);
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(check(&procedure, &one, &context), check(&procedure, &other, &context));
    }
}

#[test]
fn the_latest_answer_counts_and_a_withdrawn_one_does_not() {
    let at = |seq| EventRef {
        feed: feed(1),
        seq,
        index: 0,
    };
    let entry = |seq, fact: Fact| Entry {
        place: at(seq),
        officer: OfficerId::from_bytes([1; 16]),
        event: Event {
            recorded_at: NINE,
            happened_at: None,
            fact,
        },
        behind_ms: 0,
    };
    let answer = |text: &str| {
        let value = Value::Text(text.to_owned());
        let (step, field) = ("JC-14".parse().unwrap(), "place".parse().unwrap());
        Fact::from(FieldAnswered { step, field, value })
    };
    let withdraw = |seq| {
        Fact::from(Amended {
            target: at(seq),
            reason: "错".into(),
        })
    };
    let place = |entries: Vec<Entry>| {
        let facts = Facts::of([], entries);
        let noted = facts
            .step("JC-14")
            .and_then(|s| s.fields.get("place"))
            .cloned();
        noted.map(|noted| noted.value)
    };
    let said = |text: &str| Some(Value::Text(text.to_owned()));
    let first = || vec![entry(1, answer("甲")), entry(2, answer("乙"))];
    assert_eq!(place(first()), said("乙"));
    assert_eq!(
        place([first(), vec![entry(3, withdraw(2))]].concat()),
        said("甲")
    );
    assert_eq!(
        place([vec![entry(3, withdraw(1))], first()].concat()),
        said("乙")
    );
    // Nobody withdraws what another recorded.
    let mut others = entry(3, withdraw(2));
    others.officer = OfficerId::from_bytes([2; 16]);
    assert_eq!(place([first(), vec![others]].concat()), said("乙"));
    // An amendment of an amendment changes nothing.
    let twice = [first(), vec![entry(3, withdraw(2)), entry(4, withdraw(3))]].concat();
    assert_eq!(place(twice), said("甲"));
}
