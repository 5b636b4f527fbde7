//! Frozen bytes and tampering.

use super::*;
use crate::domain::event::{Fact, Outcome, SignMethod, Signed, SignerRole, StepRecorded};
use proptest::prelude::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn header(seq: u64, prev: Option<CommitHash>) -> Header {
    Header {
        version: HEADER_VERSION,
        suite: SUITE_ED25519_SHA256,
        feed: FeedId::from_bytes([1; 16]),
        seq,
        prev,
        record: RecordId::from_bytes([2; 16]),
        record_prev: prev,
        seen: vec![Head {
            feed: FeedId::from_bytes([8; 16]),
            seq: 3,
            hash: CommitHash([4; 32]),
        }],
        officer: OfficerId::from_bytes([3; 16]),
        mode: Mode::Real,
        jurisdiction: "henan-sample".parse().unwrap(),
        refs: vec![RefVersion {
            set: RefSet::Officers,
            version: 12,
        }],
        time: TimeEvidence {
            wall: Instant::from_millis(1_795_400_000_000),
            monotonic_ms: 61_000,
            session: [5; 8],
            beacon: Some(BeaconSeen {
                time: Instant::from_millis(1_795_399_000_000),
                nonce: [6; 8],
            }),
        },
        events: vec![],
    }
}

fn events() -> Vec<Event> {
    let step = "JC-14".parse().unwrap();
    let done = StepRecorded {
        step,
        outcome: Outcome::Done,
        note: "已当场宣读".into(),
    };
    let signed = Signed {
        step: "JC-14".parse().unwrap(),
        role: SignerRole::Officer,
        officer: Some(OfficerId::from_bytes([3; 16])),
        name: "王建国".into(),
        method: SignMethod::Pin,
        document: Some([0xd0; 32]),
        drawing: None,
    };
    let at = Instant::from_millis(1_795_400_000_000);
    let event = |happened_at, fact| Event {
        recorded_at: at,
        happened_at,
        fact,
    };
    vec![
        event(None, done.into()),
        event(Some(at.plus_millis(-60_000)), signed.into()),
    ]
}

fn sample() -> Commit {
    Commit::seal(header(1, None), &events(), [9; 16], &key()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// **Frozen.** If this fails, records that exist can no longer be verified: add a header version instead.
#[test]
fn bytes_of_version_1_never_change() {
    let expected = include_str!("golden-1.hex")
        .split_whitespace()
        .collect::<Vec<_>>();
    let commit = sample();
    assert_eq!(hex(commit.bytes()), expected[0], "commit");
    assert_eq!(commit.hash().to_string(), expected[1], "hash");
    let read = Commit::verify(commit.bytes(), &key().verifying_key()).unwrap();
    assert_eq!(read, commit);
    let told: Vec<Event> = read.events().map(|(_, event)| event.unwrap()).collect();
    assert_eq!(told, events());
}

#[test]
fn an_erased_body_leaves_hash_signature_and_neighbours_intact() {
    let commit = sample();
    let mut frame: Frame = codec::decode(commit.bytes()).unwrap();
    let salt = frame.salt.take().unwrap();
    let Body::Plain(kept) = frame.bodies[0].clone() else {
        panic!()
    };
    let erased = frame.bodies[1].hash(Some(&salt), 1).unwrap();
    frame.bodies = vec![
        Body::Salted(derive_salt(&salt, 0), kept),
        Body::Hash(erased),
    ];
    let read = Commit::verify(&codec::encode(&frame), &key().verifying_key()).unwrap();
    assert_eq!(read.hash(), commit.hash());
    let told: Vec<_> = read
        .events()
        .map(|(place, event)| (place.index, event.unwrap()))
        .collect();
    assert_eq!(told, vec![(0, events()[0].clone())]);
}

#[test]
fn a_newer_header_is_told_from_a_broken_one() {
    let commit = sample();
    let mut frame: Frame = codec::decode(commit.bytes()).unwrap();
    frame.header[1] = 2;
    assert_eq!(Commit::parse(&codec::encode(&frame)), Err(BadCommit::Newer));
    frame.header.truncate(20);
    frame.header[1] = 1;
    assert_eq!(
        Commit::parse(&codec::encode(&frame)),
        Err(BadCommit::Bytes(BadBytes::Shape))
    );
}

#[test]
fn poison_costs_one_event() {
    let good = events();
    let commit = sample();
    let mut frame: Frame = codec::decode(commit.bytes()).unwrap();
    let Body::Plain(bytes) = &mut frame.bodies[0] else {
        panic!()
    };
    bytes[0] = 0xff;
    // Signed like this by a faulty build: the signature is right, the body is not.
    let header_bytes = frame.header.clone();
    let hash = commit_hash(&header_bytes, &frame.bodies, frame.salt.as_ref()).unwrap();
    frame.signature = key().sign(&hash.0).to_bytes();
    let read = Commit::verify(&codec::encode(&frame), &key().verifying_key()).unwrap();
    let told: Vec<_> = read.events().map(|(_, event)| event).collect();
    assert_eq!(told, vec![Err(BadBytes::Shape), Ok(good[1].clone())]);
}

#[test]
fn bounds_are_kept() {
    let many = vec![events()[0].clone(); MAX_EVENTS + 1];
    let seal = |header, events: &[Event]| Commit::seal(header, events, [0; 16], &key()).map(|_| ());
    assert_eq!(seal(header(1, None), &[]), Err(BadCommit::Events));
    assert_eq!(seal(header(1, None), &many), Err(BadCommit::Events));
    assert_eq!(seal(header(1, None), &many[..MAX_EVENTS]), Ok(()));
    assert_eq!(
        seal(header(2, None), &events()),
        Err(BadCommit::Events),
        "a second commit names the first"
    );
    assert_eq!(
        seal(header(0, None), &events()),
        Err(BadCommit::Events),
        "numbers start at 1"
    );
    let unknown = Event {
        fact: Fact::Unknown { kind: 0, schema: 0 },
        ..events()[0].clone()
    };
    assert_eq!(seal(header(1, None), &[unknown]), Err(BadCommit::Events));
    let mut long = events();
    long[0].fact = StepRecorded {
        step: "JC-14".parse().unwrap(),
        outcome: Outcome::Done,
        note: "长".repeat(MAX_BODY_BYTES),
    }
    .into();
    assert_eq!(seal(header(1, None), &long), Err(BadCommit::Events));
}

proptest! {
    #[test]
    fn any_flipped_bit_is_noticed(at in 0_usize..4096, bit in 0_u8..8) {
        let commit = sample();
        let mut bytes = commit.bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(Commit::verify(&bytes, &key().verifying_key()).is_err());
    }

    #[test]
    fn any_cut_is_noticed(len in 0_usize..4096) {
        let commit = sample();
        let len = len % commit.bytes().len();
        prop_assert!(Commit::parse(&commit.bytes()[..len]).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Commit::parse(&bytes);
    }
}
