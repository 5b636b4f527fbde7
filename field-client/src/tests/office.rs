//! A server in few lines: enrols, greets, takes commits and gives receipts. What a test can turn is public.

use crate::host::{HostError, Incoming, Outgoing};
use crate::pin;
use crate::testing::Network;
use crate::tests::NINE;
use ed25519_dalek::SigningKey;
use minicbor::Encode;
use shared::codec;
use shared::domain::reference::{
    Certificate, Officer, PowerItem, PowerSource, Precondition, ProcedureFile, RefSet, Unit,
};
use shared::id::{Epoch, FeedId, OfficerId, ProcedureId, UnitId};
use shared::log::commit::{Commit, CommitHash};
use shared::rules::procedure::Procedure;
use shared::sync::wire::{
    self, Beacon, Enrol, Enrolled, Hello, Page, Push, Pushed, Receipt, RefDelta, RefRow, Welcome,
};
use shared::text::Bilingual;
use std::sync::{Arc, Mutex};

pub(crate) const COLLEAGUE_PIN: &str = "805264";

pub(crate) struct State {
    pub(crate) feed: Option<(FeedId, [u8; 32])>,
    pub(crate) enrolments: Vec<(String, FeedId)>,
    pub(crate) commits: Vec<Vec<u8>>,
    /// The next answers are lost on the way back.
    pub(crate) lose: u32,
    /// A Wi-Fi login page answers everything.
    pub(crate) portal: bool,
    /// Sign with a key that is not the server's.
    pub(crate) forge: bool,
}

#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) officer: OfficerId,
    pub(crate) colleague: OfficerId,
    pub(crate) unit: UnitId,
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

const EPOCH: Epoch = Epoch::from_bytes([9; 16]);
const SERVER: FeedId = FeedId::from_bytes([8; 16]);

impl Office {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                feed: None,
                enrolments: Vec::new(),
                commits: Vec::new(),
                lose: 0,
                portal: false,
                forge: false,
            })),
            officer: OfficerId::from_bytes([1; 16]),
            colleague: OfficerId::from_bytes([2; 16]),
            unit: UnitId::from_bytes([5; 16]),
        }
    }

    pub(crate) fn network(&self) -> Network {
        let office = self.clone();
        Box::new(move |request| office.answer(&request))
    }

    fn answer(&self, request: &Outgoing) -> Result<Incoming, HostError> {
        let mut state = self.state.lock().unwrap();
        if state.portal {
            let page = b"<h1>Please log in</h1>".to_vec();
            return Ok(Incoming::of(200, "text/html", page));
        }
        let body = if request.is_deflated() {
            wire::inflate(&request.body, 1 << 20).unwrap()
        } else {
            request.body.clone()
        };
        let answer = match request.path.as_str() {
            "/sync/v1/enrol" => self.enrol(&mut state, &codec::decode(&body).unwrap()),
            "/sync/v1/hello" => welcome(&state, &codec::decode(&body).unwrap()),
            "/sync/v1/push" => take(&mut state, &codec::decode(&body).unwrap()),
            "/sync/v1/pull" => Ok(codec::encode(&self.page())),
            other => panic!("{other}"),
        };
        if state.lose > 0 {
            state.lose -= 1;
            return Err(HostError::Network("lost".to_owned()));
        }
        Ok(match answer {
            Ok(body) => Incoming::of(200, "application/cbor", body),
            Err(code) => {
                let body = format!("{{\"code\":\"{code}\",\"status\":409}}").into_bytes();
                Incoming::of(409, "application/problem+json", body)
            }
        })
    }

    fn enrol(&self, state: &mut State, enrol: &Enrol) -> Result<Vec<u8>, &'static str> {
        if enrol.code == "OLD" {
            return Err("enrol.code-expired");
        }
        state.enrolments.push((enrol.code.clone(), enrol.feed));
        state.feed = Some((enrol.feed, enrol.key));
        Ok(codec::encode(&Enrolled {
            token: "token".to_owned(),
            server_key: key().verifying_key().to_bytes(),
            server_feed: SERVER,
            epoch: EPOCH,
            officer: self.officer,
            name: "张建国".to_owned(),
            unit: self.unit,
            jurisdiction: "sample".to_owned(),
        }))
    }

    /// Everything the office knows.
    pub(crate) fn page(&self) -> Page {
        let officer = |id, name: &str, pin| Officer {
            id,
            name: name.to_owned(),
            unit: self.unit,
            auxiliary: false,
            certificates: vec![Certificate {
                number: "示例0001".to_owned(),
                valid_from: NINE.plus_millis(-1_000_000_000).date(),
                valid_to: NINE.plus_millis(100_000_000_000).date(),
            }],
            pin,
        };
        let colleague = officer(
            self.colleague,
            "李敏",
            pin::verifier(COLLEAGUE_PIN, [4; 16]),
        );
        let me = officer(self.officer, "张建国", None);
        let procedure = ProcedureFile {
            id: ProcedureId::new("PROB").unwrap(),
            version: 1,
            json: Procedure::parse(include_str!("procedure.toml"))
                .unwrap()
                .to_json(),
        };
        let unit = Unit {
            id: self.unit,
            name: "示例镇综合行政执法队".to_owned(),
        };
        let words = |zh: &str| Bilingual {
            zh: zh.to_owned(),
            en: zh.to_owned(),
        };
        let power = PowerItem {
            code: "M1".to_owned(),
            name: words("安全生产检查"),
            source: PowerSource::S1,
            from: jiff::civil::date(2020, 1, 1),
            to: None,
            listed: true,
            duty: Bilingual::default(),
            sanction: Bilingual::default(),
            precondition: Precondition::None,
            bases: Vec::new(),
            list: "示例".to_owned(),
        };
        Page {
            epoch: EPOCH,
            commits: Vec::new(),
            position: 1,
            more: false,
            refs: vec![
                delta(
                    RefSet::Officers,
                    vec![
                        row(self.officer.as_bytes(), &me),
                        row(self.colleague.as_bytes(), &colleague),
                    ],
                ),
                delta(RefSet::Units, vec![row(self.unit.as_bytes(), &unit)]),
                delta(RefSet::Power, vec![row(b"M1", &power)]),
                delta(RefSet::Procedures, vec![row(b"PROB@1", &procedure)]),
            ],
        }
    }
}

fn row<T: Encode<()>>(key: &[u8], body: &T) -> RefRow {
    RefRow {
        key: key.to_vec().into(),
        body: codec::encode(body).into(),
    }
}

fn delta(set: RefSet, upserts: Vec<RefRow>) -> RefDelta {
    RefDelta {
        set,
        from: 0,
        to: 1,
        upserts,
        removes: Vec::new(),
        signature: [0; 64],
    }
    .signed(&key())
}

fn receipt(state: &State) -> Option<Receipt> {
    let signer = if state.forge {
        SigningKey::from_bytes(&[66; 32])
    } else {
        key()
    };
    let last = Commit::parse(state.commits.last()?).ok()?;
    let receipt = Receipt {
        epoch: EPOCH,
        feed: last.header().feed,
        seq: last.header().seq,
        hash: last.hash(),
        position: 1,
        time: NINE,
        signature: [0; 64],
    };
    Some(receipt.signed(&signer))
}

fn welcome(state: &State, _hello: &Hello) -> Result<Vec<u8>, &'static str> {
    Ok(codec::encode(&Welcome {
        epoch: EPOCH,
        beacon: Beacon::sign(NINE, [6; 8], &key()),
        receipt: receipt(state).filter(|_| !state.forge),
        min_protocol: 1,
    }))
}

fn take(state: &mut State, push: &Push) -> Result<Vec<u8>, &'static str> {
    let (feed, key) = state.feed.unwrap();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    assert_eq!(push.feed, feed);
    for bytes in &push.commits {
        let commit = Commit::verify(bytes, &key).unwrap();
        let seq = usize::try_from(commit.header().seq).unwrap();
        let prev = state
            .commits
            .last()
            .map(|last| Commit::parse(last).unwrap().hash());
        if seq <= state.commits.len() {
            assert_eq!(&state.commits[seq - 1], &bytes.to_vec());
            continue;
        }
        assert_eq!(seq, state.commits.len() + 1);
        assert_eq!(commit.header().prev, prev as Option<CommitHash>);
        state.commits.push(bytes.to_vec());
    }
    Ok(codec::encode(&Pushed {
        receipt: receipt(state).unwrap(),
        quarantined: Vec::new(),
    }))
}
