//! The numbers of the sets and the bytes of a training row.

use super::*;
use crate::codec;
use crate::id::{NumberBlockId, SessionId};
use crate::log::commit::RefVersion;
use crate::rules::procedure::DocumentKind;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn day(month: i8, day: i8) -> Date {
    Date::new(2026, month, day).unwrap()
}

fn invitation(n: u8, starts_at: i64) -> Invitation {
    Invitation {
        session: SessionId::from_bytes([n; 16]),
        kind: SessionKind::Drill,
        title: "拒签".to_owned(),
        starts_at: Instant::from_millis(starts_at),
        ends_at: Instant::from_millis(starts_at + 1),
        place: String::new(),
        hours_x10: 15,
        scenario: Some("refusal-to-sign".to_owned()),
        why: "x".to_owned(),
    }
}

fn attended(title: &str, day: Date) -> Attended {
    Attended {
        title: title.to_owned(),
        day,
        hours_x10: 20,
    }
}

fn row() -> Training {
    Training {
        officer: OfficerId::from_bytes([1; 16]),
        year: 2026,
        done_x10: 125,
        target_x10: 600,
        invitations: vec![invitation(2, 1000)],
        attended: vec![attended("a", day(3, 1))],
    }
}

/// The numbers are frozen: storage, the wire and signed headers carry them.
#[test]
fn the_sets_have_their_numbers() {
    for (number, set) in (0..).zip(RefSet::ALL) {
        assert_eq!(set.number(), number);
        assert_eq!(codec::encode(&set), [number]);
        assert_eq!(codec::decode(&[number]), Ok(set));
    }
    assert_eq!(RefSet::Training.number(), 11);
    assert_eq!(RefSet::Scenarios.number(), 12);
    assert_eq!(RefSet::Numbers.number(), 13);
    assert!(RefSet::Numbers.is_personal() && !RefSet::Numbers.judges());
}

/// A set of a newer build is read and written back byte for byte, as what is signed must be.
#[test]
fn a_set_of_a_newer_build_is_read() {
    let version = RefVersion {
        set: RefSet::Other(200),
        version: 7,
    };
    let bytes = codec::encode(&version);
    assert_eq!(bytes, [0x82, 0x18, 200, 7]);
    assert_eq!(codec::decode(&bytes), Ok(version));
    assert!(!RefSet::Other(200).judges() && !RefSet::Other(200).is_personal());
}

#[test]
fn a_training_row_has_its_bytes() {
    let bytes = codec::encode(&row());
    assert_eq!(codec::read(&bytes), Ok(row()));
    let ids = ["01".repeat(16), "02".repeat(16)];
    let golden = [
        "8650",
        &ids[0],
        "1907ea187d19025881",
        "8950",
        &ids[1],
        "0166e68b92e7adbe1903e81903e9600f",
        "6f7265667573616c2d746f2d7369676e6178",
        "8183",
        "6161",
        "195021",
        "14",
    ];
    assert_eq!(hex(&bytes), golden.concat());
}

#[test]
fn lists_are_short_and_in_order() {
    let mut long = row();
    long.invitations = (0..50).map(|n| invitation(n, 50 - i64::from(n))).collect();
    long.attended = (1..=28)
        .flat_map(|d| (1..=5).map(move |m| attended("a", day(m, d))))
        .chain([attended("old", Date::new(2025, 12, 31).unwrap())])
        .collect();
    let short = long.bounded();
    assert_eq!(short.invitations.len(), Training::INVITATIONS);
    assert_eq!(
        short.invitations[0].session,
        SessionId::from_bytes([49; 16])
    );
    assert_eq!(short.attended.len(), Training::ATTENDED);
    assert_eq!(short.attended[0].day, day(5, 28));
    assert!(short.attended.iter().all(|a| a.title != "old"));
    assert_eq!(short.clone().bounded(), short);
}

/// What is shipped has rows whose last fields say nothing and are left out; of the others each field differs from the rest.
#[test]
fn every_row_reads_as_it_was_written() {
    fn all<T>(rows: Vec<T>)
    where
        T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> + PartialEq + std::fmt::Debug,
    {
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(codec::decode(&codec::encode(&row)), Ok(row));
        }
    }
    all(crate::data::laws().unwrap());
    all(crate::data::power().unwrap());
    all(crate::data::checklists().unwrap());
    all(crate::rules::procedure::shipped());
    all(crate::rules::jurisdiction::shipped());
    all(crate::rules::calendar::shipped_years());
    all(crate::training::scenario::shipped().unwrap());
    all(vec![officer()]);
    all(vec![task()]);
    all(vec![block()]);
    all(vec![Subject {
        id: SubjectId::from_bytes([3; 16]),
        name: "示例商店".to_owned(),
        kind: SubjectKind::Citizen,
        address: "示例路1号".to_owned(),
        contact: "李四".to_owned(),
    }]);
    all(vec![Feed {
        id: FeedId::from_bytes([4; 16]),
        key: [5; 32],
        officer: Some(OfficerId::from_bytes([6; 16])),
    }]);
}

/// No two fields are alike in these: one that is read in another's place is noticed.
fn officer() -> Officer {
    Officer {
        id: OfficerId::from_bytes([1; 16]),
        name: "示例".to_owned(),
        unit: UnitId::from_bytes([2; 16]),
        auxiliary: true,
        certificates: vec![Certificate {
            number: "示例1".to_owned(),
            valid_from: day(1, 1),
            valid_to: day(12, 31),
        }],
        pin: Some(PinVerifier {
            salt: [7; 16],
            memory_kib: 8,
            passes: 9,
            hash: [10; 32],
        }),
    }
}

fn task() -> Task {
    Task {
        id: TaskId::from_bytes([1; 16]),
        record: RecordId::from_bytes([2; 16]),
        procedure: ProcedureId::new("XZJC").unwrap(),
        version: 3,
        unit: UnitId::from_bytes([4; 16]),
        subject: SubjectId::from_bytes([5; 16]),
        matter: "M12".to_owned(),
        officers: vec![OfficerId::from_bytes([6; 16])],
        planned: day(11, 24),
        note: "示例".to_owned(),
        approval: Some(Approval {
            by: OfficerId::from_bytes([7; 16]),
            at: Instant::from_millis(8),
        }),
    }
}

fn block() -> NumberBlock {
    NumberBlock {
        id: NumberBlockId::from_bytes([1; 16]),
        feed: FeedId::from_bytes([2; 16]),
        officer: OfficerId::from_bytes([3; 16]),
        document: DocumentKind::OnTheSpotDecision,
        prefix: "示例当罚〔2026〕".to_owned(),
        first: 4,
        last: 5,
        width: 6,
        suffix: "号".to_owned(),
    }
}
