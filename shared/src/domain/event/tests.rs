//! The bytes of every kind, frozen.

use super::*;
use proptest::prelude::*;

fn one_of_each() -> Vec<Fact> {
    [on_site(), in_the_office()].concat()
}

fn on_site() -> Vec<Fact> {
    let step: StepId = "JC-10".parse().unwrap();
    let text = |text: &str| text.to_owned();
    let officer = OfficerId::from_bytes([3; 16]);
    vec![
        Opened {
            procedure: "XZJC".parse().unwrap(),
            version: 1,
            unit: UnitId::from_bytes([4; 16]),
            subject: Some(SubjectId::from_bytes([5; 16])),
            subject_name: text("示例副食店"),
            place: text("示例街1号"),
            matter: text("M12"),
            task: None,
            urgent: Some(text("群众举报")),
            officers: vec![officer],
        }
        .into(),
        StepRecorded {
            step: step.clone(),
            outcome: Outcome::NotApplicable,
            note: text("无"),
        }
        .into(),
        FieldAnswered {
            step: step.clone(),
            field: "place".parse().unwrap(),
            value: Value::Officers(vec![officer]),
        }
        .into(),
        EvidenceAdded {
            step: step.clone(),
            evidence: EvidenceKind::Recording,
            reference: text("DSJ-0007"),
            photo: None,
        }
        .into(),
        Signed {
            step: step.clone(),
            role: SignerRole::Party,
            officer: None,
            name: text("李某"),
            method: SignMethod::Screen,
            document: None,
            drawing: None,
        }
        .into(),
        Refused {
            step: step.clone(),
            reason: text("拒绝签字"),
            witness: Some(text("赵某")),
            recording: None,
        }
        .into(),
    ]
}

fn in_the_office() -> Vec<Fact> {
    let step: StepId = "JC-10".parse().unwrap();
    let text = |text: &str| text.to_owned();
    let officer = OfficerId::from_bytes([3; 16]);
    let target = EventRef {
        feed: FeedId::from_bytes([1; 16]),
        seq: 300,
        index: 2,
    };
    vec![
        StatementHeard {
            step: step.clone(),
            words: text("有异议"),
            answer: text("不采纳"),
        }
        .into(),
        Approved {
            step: step.clone(),
            approver: officer,
            granted: true,
            note: String::new(),
        }
        .into(),
        Served {
            step: step.clone(),
            document: text("告知书"),
            method: text("on_site"),
            receiver: text("李某"),
        }
        .into(),
        Decided {
            step,
            number: text("示例001"),
            content: text("fine"),
            amount: Some(20_000),
        }
        .into(),
        Linked {
            other: RecordId::from_bytes([2; 16]),
            relation: text("recheck_of"),
        }
        .into(),
        Amended {
            target,
            reason: text("笔误"),
        }
        .into(),
        Submitted {
            note: String::new(),
        }
        .into(),
        Returned {
            steps: vec!["JC-14".parse().unwrap()],
            comment: text("请补签"),
            notes: None,
        }
        .into(),
        Voided {
            reason: text("重复"),
        }
        .into(),
    ]
}

/// Kinds that came later.
fn later() -> Vec<Fact> {
    let step: StepId = "JC-10".parse().unwrap();
    let rule: RuleId = "R09".parse().unwrap();
    vec![
        Reviewed {
            step: step.clone(),
            rule: rule.clone(),
            verdict: Verdict::Dismissed,
            words: "录像显示已亮证".to_owned(),
        }
        .into(),
        Explained {
            step,
            rule,
            words: "当时手机没电".to_owned(),
        }
        .into(),
    ]
}

fn event(fact: Fact) -> Event {
    let recorded_at = Instant::from_millis(1_795_400_000_000);
    Event {
        recorded_at,
        happened_at: Some(recorded_at.plus_millis(-1)),
        fact,
    }
}

/// What schema 2 added.
fn since_2() -> Vec<Fact> {
    let step: StepId = "JC-13".parse().unwrap();
    let photo = Photo {
        hash: [7; 32],
        len: 200_000,
        original: [8; 32],
        taken_at: Some(Instant::from_millis(1_795_399_990_000)),
        fix: Some(Fix {
            lat_e6: 32_990_000,
            lon_e6: 112_530_000,
            accuracy_m: 12,
        }),
        place: "示例街1号".to_owned(),
    };
    vec![
        EvidenceAdded {
            step: step.clone(),
            evidence: EvidenceKind::Photo,
            reference: "灭火器".to_owned(),
            photo: Some(photo),
        }
        .into(),
        Signed {
            step,
            role: SignerRole::Party,
            officer: None,
            name: "李某".to_owned(),
            method: SignMethod::Drawn,
            document: Some([9; 32]),
            drawing: Some("M10 20L30 40".to_owned()),
        }
        .into(),
        Returned {
            steps: vec!["JC-14".parse().unwrap()],
            comment: "请补正".to_owned(),
            notes: Some(vec![StepNote {
                step: "JC-14".parse().unwrap(),
                words: "请补签".to_owned(),
            }]),
        }
        .into(),
    ]
}

/// **Frozen.** If this fails, stored records change their meaning: add a schema number and an upcast instead.
#[track_caller]
fn check_golden(golden: &str, facts: Vec<Fact>) {
    let golden: Vec<Vec<&str>> = golden
        .lines()
        .map(|line| line.split(' ').collect())
        .collect();
    assert_eq!(golden.len(), facts.len());
    for (fact, line) in facts.into_iter().zip(golden) {
        let [kind, schema, name, bytes] = line[..] else {
            panic!("{line:?}")
        };
        let event = event(fact);
        let hex: String = event.encode().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            (event.fact.kind(), event.fact.name(), hex.as_str()),
            (
                (kind.parse().unwrap(), schema.parse().unwrap()),
                name,
                bytes
            )
        );
        let decoded = Event::decode(
            kind.parse().unwrap(),
            schema.parse().unwrap(),
            &event.encode(),
        );
        assert_eq!(decoded, Ok(event));
    }
}

#[test]
fn bytes_of_every_kind_never_change() {
    check_golden(include_str!("golden-1.txt"), one_of_each());
}

#[test]
fn bytes_of_the_second_schemas_never_change() {
    check_golden(include_str!("golden-2.txt"), since_2());
    for fact in since_2() {
        assert_eq!(fact.kind().1, 2);
    }
}

#[test]
fn bytes_of_the_later_kinds_never_change() {
    check_golden(include_str!("golden-3.txt"), later());
}

#[test]
fn a_kind_or_schema_of_the_future_is_kept_as_unknown() {
    let fact = |kind, schema| Event::decode(kind, schema, b"whatever").map(|event| event.fact);
    assert_eq!(
        fact(200, 1),
        Ok(Fact::Unknown {
            kind: 200,
            schema: 1
        })
    );
    assert_eq!(fact(1, 2), Ok(Fact::Unknown { kind: 1, schema: 2 }));
    assert_eq!(fact(1, 1), Err(BadBytes::Shape));
    assert_eq!(
        Event::decode(1, 1, &vec![0; MAX_BODY_BYTES + 1]),
        Err(BadBytes::TooLong)
    );
}

proptest! {
    #[test]
    fn arbitrary_bodies_never_panic_and_have_one_spelling(kind in 1_u8..19, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(event) = Event::decode(kind, 1, &bytes)
            && !matches!(event.fact, Fact::Unknown { .. })
        {
            prop_assert_eq!(event.encode(), bytes);
        }
    }
}
