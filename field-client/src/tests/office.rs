//! A server in few lines: enrols, greets, takes commits and gives receipts. What a test can turn is public.

use crate::host::{HostError, Incoming, Outgoing};
use crate::picture::{hex, unhex};
use crate::pin;
use crate::testing::Network;
use crate::tests::{NINE, reference};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use http::Method;
use minicbor::Encode;
use sha2::{Digest, Sha256};
use shared::codec;
use shared::domain::reference::{Certificate, Officer, RefSet, Training, Unit};
use shared::id::{Epoch, FeedId, OfficerId, UnitId};
use shared::log::commit::{Commit, CommitHash};
use shared::sync::wire::{
    self, Beacon, Enrol, Enrolled, Hello, Page, Push, Pushed, Receipt, RefDelta, RefRow, Welcome,
};
use std::collections::BTreeMap;
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
    /// Photos, as far as they have arrived.
    pub(crate) blobs: BTreeMap<[u8; 32], Vec<u8>>,
    /// Lengths of the photos that it was told of.
    pub(crate) lengths: BTreeMap<[u8; 32], usize>,
}

#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) officer: OfficerId,
    pub(crate) colleague: OfficerId,
    pub(crate) unit: UnitId,
    /// What it says of training.
    pub(crate) training: Arc<Mutex<Option<Training>>>,
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
                blobs: BTreeMap::new(),
                lengths: BTreeMap::new(),
            })),
            officer: OfficerId::from_bytes([1; 16]),
            colleague: OfficerId::from_bytes([2; 16]),
            unit: UnitId::from_bytes([5; 16]),
            training: Arc::default(),
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
        if request.path.starts_with("/sync/v1/blobs") {
            return Ok(blob(&mut state, request));
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
        let unit = Unit {
            id: self.unit,
            name: "示例镇综合行政执法队".to_owned(),
        };
        let people = vec![
            row(self.officer.as_bytes(), &me),
            row(self.colleague.as_bytes(), &colleague),
        ];
        let mut refs = vec![
            delta(RefSet::Officers, people),
            delta(RefSet::Units, vec![row(self.unit.as_bytes(), &unit)]),
        ];
        refs.extend(
            reference::sets()
                .into_iter()
                .map(|(set, rows)| delta(set, rows)),
        );
        if let Some(training) = &*self.training.lock().unwrap() {
            let rows = vec![row(training.officer.as_bytes(), training)];
            refs.push(delta(RefSet::Training, rows));
        }
        Page {
            epoch: EPOCH,
            commits: Vec::new(),
            position: 1,
            more: false,
            refs,
        }
    }
}

/// tus 1.0, as far as a well-behaved phone needs it.
pub(crate) fn blob(state: &mut State, request: &Outgoing) -> Incoming {
    assert_eq!(request.headers["tus-resumable"], "1.0.0");
    assert_eq!(request.headers["authorization"], "Bearer token");
    let answer = |status, headers: &[(&'static str, String)]| {
        let mut answer = Incoming::of(status, "text/plain", Vec::new());
        let tus = ("tus-resumable", "1.0.0".to_owned());
        for (name, value) in headers.iter().chain([&tus]) {
            answer.headers.insert(*name, value.parse().unwrap());
        }
        answer
    };
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    if request.method == Method::POST {
        let metadata = header("upload-metadata");
        let name = STANDARD.decode(metadata.strip_prefix("sha256 ").unwrap());
        let hash = unhex(std::str::from_utf8(&name.unwrap()).unwrap()).unwrap();
        state
            .lengths
            .insert(hash, header("upload-length").parse().unwrap());
        state.blobs.insert(hash, Vec::new());
        return answer(
            201,
            &[("location", format!("/sync/v1/blobs/{}", hex(&hash)))],
        );
    }
    let hash = unhex(request.path.rsplit('/').next().unwrap()).unwrap();
    let length = state.lengths.get(&hash).copied();
    let (Some(length), Some(part)) = (length, state.blobs.get_mut(&hash)) else {
        return answer(404, &[]);
    };
    if request.method == Method::PATCH {
        assert_eq!(header("content-type"), "application/offset+octet-stream");
        if header("upload-offset") != part.len().to_string() {
            return answer(409, &[]);
        }
        part.extend(&request.body);
        let offset = part.len();
        if offset == length && <[u8; 32]>::from(Sha256::digest(&part)) != hash {
            state.blobs.remove(&hash);
            return answer(460, &[]);
        }
        return answer(204, &[("upload-offset", offset.to_string())]);
    }
    assert_eq!(request.method, Method::HEAD);
    let offset = ("upload-offset", part.len().to_string());
    answer(200, &[offset, ("upload-length", length.to_string())])
}

pub(crate) fn row<T: Encode<()>>(key: &[u8], body: &T) -> RefRow {
    RefRow {
        key: key.to_vec().into(),
        body: codec::encode(body).into(),
    }
}

pub(crate) fn delta(set: RefSet, upserts: Vec<RefRow>) -> RefDelta {
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
