//! A device that speaks `/sync/v1/` by itself: enrols, seals, pushes and pulls, also what no honest client would send.
//! Apart because it reads the log as any other client may: what it pulls is what the server really keeps.

use crate::agent::{Answer, Via};
use anyhow::{Context, Result, bail};
use axum::http::HeaderMap;
use axum::http::Method;
use ed25519_dalek::{SigningKey, VerifyingKey};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use reqwest::Url;
use sha2::{Digest, Sha256};
use shared::codec;
use shared::domain::event::Event;
use shared::domain::reference::{PinVerifier, RefSet};
use shared::id::{Epoch, FeedId, JurisdictionId, OfficerId, RecordId, UnitId};
use shared::instant::Instant;
use shared::log::commit::{
    Commit, CommitHash, HEADER_VERSION, Head, Header, Mode, RefVersion, SUITE_ED25519_SHA256,
    TimeEvidence,
};
use shared::problem::Json;
use shared::sync::wire::{
    self, CONTENT_TYPE, Enrol, Enrolled, PROTOCOL, Page, Pull, Push, Pushed, RefDelta,
};
use std::collections::BTreeMap;

/// The server, as this device reaches it.
#[derive(Debug, Clone)]
pub struct Wire {
    via: Via,
    base: Url,
}

/// What the server said: its message, or why not.
pub type Said<T> = std::result::Result<T, Json>;

impl Wire {
    /// The server at this address.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn new(via: Via, base: &str) -> Result<Self> {
        let base = Url::parse(base)?;
        Ok(Self { via, base })
    }

    /// One POST of these bytes.
    ///
    /// # Errors
    /// No answer.
    pub async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: Vec<u8>,
        deflated: bool,
    ) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", CONTENT_TYPE.parse()?);
        if let Some(token) = token {
            headers.insert("authorization", format!("Bearer {token}").parse()?);
        }
        if deflated {
            headers.insert("content-encoding", "deflate".parse()?);
        }
        self.via
            .exchange(Method::POST, self.base.join(path)?, headers, body)
            .await
    }

    /// One message and its answer.
    ///
    /// # Errors
    /// No answer, or one that is neither.
    pub async fn ask<Q, A>(&self, path: &str, token: Option<&str>, message: &Q) -> Result<Said<A>>
    where
        Q: Encode<()>,
        A: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let body = codec::encode(message);
        said(&self.post(path, token, body, false).await?)
    }
}

/// Reads an answer.
///
/// # Errors
/// It is neither a message nor a problem.
pub fn said<A: for<'b> Decode<'b, ()> + Encode<()>>(answer: &Answer) -> Result<Said<A>> {
    if answer.status == 200 {
        return Ok(Ok(codec::decode(&answer.body)?));
    }
    let text = String::from_utf8_lossy(&answer.body);
    let problem: Json = serde_json::from_str(&text)
        .with_context(|| format!("{} is no problem+json: {text}", answer.status))?;
    if problem.status != answer.status || problem.title_zh.is_empty() || problem.title_en.is_empty()
    {
        bail!("half a problem: {problem:?}");
    }
    Ok(Err(problem))
}

/// An enrolled device.
#[derive(Debug)]
pub struct Device {
    wire: Wire,
    key: SigningKey,
    /// What the server said when it was enrolled.
    pub enrolled: Enrolled,
    /// Its feed.
    pub feed: FeedId,
    /// Whether what it seals is practice.
    pub mode: Mode,
    seq: u64,
    prev: Option<CommitHash>,
    /// The last commit of each record, by feed.
    heads: BTreeMap<RecordId, BTreeMap<FeedId, Head>>,
    made: u64,
}

/// Everything that a device may see.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Commits in the server's order.
    pub commits: Vec<Commit>,
    /// Changes of reference sets.
    pub refs: Vec<RefDelta>,
}

impl Device {
    /// What enrolling with this code sends; `seed` makes feed and key.
    #[must_use]
    pub fn enrolment(code: &str, seed: u8) -> (SigningKey, Enrol) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let feed = FeedId::new_v7(1_790_000_000_000, &[seed; 10]);
        let message = wire::enrol_message(code, feed);
        let enrol = Enrol {
            protocol: PROTOCOL,
            code: code.to_owned(),
            feed,
            key: key.verifying_key().to_bytes(),
            signature: ed25519_dalek::Signer::sign(&key, &message).to_bytes(),
            device: "test".to_owned(),
            pin: PinVerifier {
                salt: [seed; 16],
                memory_kib: 8,
                passes: 1,
                hash: [seed; 32],
            },
        };
        (key, enrol)
    }

    /// Enrols.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn enrol(wire: Wire, code: &str, seed: u8) -> Result<Self> {
        let (key, enrol) = Self::enrolment(code, seed);
        let answer: Said<Enrolled> = wire.ask("/sync/v1/enrol", None, &enrol).await?;
        let Ok(enrolled) = answer else {
            bail!("not enrolled: {answer:?}");
        };
        Ok(Self {
            wire,
            key,
            enrolled,
            feed: enrol.feed,
            mode: Mode::Real,
            seq: 0,
            prev: None,
            heads: BTreeMap::new(),
            made: 0,
        })
    }

    /// Its officer.
    #[must_use]
    pub const fn officer(&self) -> OfficerId {
        self.enrolled.officer
    }

    /// Its officer's office.
    #[must_use]
    pub const fn unit(&self) -> UnitId {
        self.enrolled.unit
    }

    /// An id that this device has not given before.
    pub const fn fresh_record(&mut self) -> RecordId {
        self.made += 1;
        let mut bytes = *self.feed.as_bytes();
        let count = self.made.to_be_bytes();
        let mut at = 0;
        while at < 8 {
            #[expect(
                clippy::indexing_slicing,
                reason = "both ends are checked at compile time"
            )]
            {
                bytes[at] = count[at];
            }
            at += 1;
        }
        RecordId::from_bytes(bytes)
    }

    /// Seals events of one record as this device's next commit.
    ///
    /// # Errors
    /// Too many events, or too long.
    pub fn seal(&mut self, record: RecordId, events: &[Event], at: Instant) -> Result<Commit> {
        let heads = self.heads.entry(record).or_default();
        let header = Header {
            version: HEADER_VERSION,
            suite: SUITE_ED25519_SHA256,
            feed: self.feed,
            seq: self.seq + 1,
            prev: self.prev,
            record,
            record_prev: heads.get(&self.feed).map(|head| head.hash),
            seen: heads
                .values()
                .filter(|head| head.feed != self.feed)
                .copied()
                .collect(),
            officer: self.enrolled.officer,
            mode: self.mode,
            jurisdiction: JurisdictionId::new(&self.enrolled.jurisdiction)
                .map_err(|_| anyhow::anyhow!("jurisdiction"))?,
            refs: vec![RefVersion {
                set: RefSet::Officers,
                version: 1,
            }],
            time: TimeEvidence {
                wall: at,
                monotonic_ms: self.seq * 1_000,
                session: [1; 8],
                beacon: None,
            },
            events: Vec::new(),
        };
        let salt = salt(self.feed, self.seq);
        let commit = Commit::seal(header, events, salt, &self.key)?;
        self.seq += 1;
        self.prev = Some(commit.hash());
        heads.insert(self.feed, commit.head());
        Ok(commit)
    }

    /// Takes note of another feed's commit: the next commit of its record names it as seen.
    pub fn see(&mut self, commit: &Commit) {
        let heads = self.heads.entry(commit.header().record).or_default();
        heads.insert(commit.header().feed, commit.head());
    }

    /// Forgets what was sealed last, as a restored backup would: the next commit forks the feed.
    pub const fn rewind(&mut self, seq: u64, prev: Option<CommitHash>) {
        self.seq = seq;
        self.prev = prev;
    }

    /// Pushes these bytes as they are.
    ///
    /// # Errors
    /// No answer.
    pub async fn push(&self, commits: &[&[u8]]) -> Result<Said<Pushed>> {
        let body = wire::deflate(&codec::encode(&self.push_of(commits)));
        said(&self.post("/sync/v1/push", body, true).await?)
    }

    /// The message that pushes these bytes.
    #[must_use]
    pub fn push_of(&self, commits: &[&[u8]]) -> Push {
        Push {
            feed: self.feed,
            commits: commits
                .iter()
                .map(|bytes| ByteVec::from(bytes.to_vec()))
                .collect(),
        }
    }

    /// One POST of these bytes under this device's token.
    ///
    /// # Errors
    /// No answer.
    pub async fn post(&self, path: &str, body: Vec<u8>, deflated: bool) -> Result<Answer> {
        self.wire
            .post(path, Some(&self.enrolled.token), body, deflated)
            .await
    }

    /// Pulls everything from the beginning, checking whatever is signed.
    ///
    /// # Errors
    /// No answer, a refusal, or something that does not verify.
    pub async fn pull_all(&self) -> Result<Pulled> {
        let server = VerifyingKey::from_bytes(&self.enrolled.server_key)?;
        let mut pulled = Pulled::default();
        let mut refs: BTreeMap<RefSet, u64> = BTreeMap::new();
        let mut position = 0;
        loop {
            let pull = Pull {
                epoch: self.enrolled.epoch,
                position,
                refs: refs
                    .iter()
                    .map(|(set, version)| RefVersion {
                        set: *set,
                        version: *version,
                    })
                    .collect(),
                max_bytes: 1 << 20,
            };
            let token = Some(self.enrolled.token.as_str());
            let page: Said<Page> = self.wire.ask("/sync/v1/pull", token, &pull).await?;
            let page = page.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
            for delta in page.refs {
                if !delta.verifies(&server) {
                    bail!("a reference set that the server did not sign");
                }
                refs.insert(delta.set, delta.to);
                pulled.refs.push(delta);
            }
            for bytes in &page.commits {
                pulled.commits.push(Commit::parse(bytes)?);
            }
            position = page.position;
            if !page.more {
                return Ok(pulled);
            }
        }
    }

    /// The server's epoch as last told.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.enrolled.epoch
    }
}

/// Looks as random as a real one and is the same in each run.
fn salt(feed: FeedId, seq: u64) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(feed.as_bytes())
        .chain_update(seq.to_be_bytes())
        .finalize()
        .into();
    let mut salt = [0; 16];
    salt.copy_from_slice(digest.split_at(16).0);
    salt
}

/// What must hold of any feed that the server hands out: numbered from 1 without holes, each once, each naming the one before.
///
/// # Errors
/// Says where it does not.
pub fn check_chain(commits: &[Commit], feed: FeedId) -> Result<Vec<&Commit>> {
    let own: Vec<&Commit> = commits.iter().filter(|c| c.header().feed == feed).collect();
    let mut prev = None;
    for (at, commit) in (1_u64..).zip(&own) {
        if commit.header().seq != at || commit.header().prev != prev {
            bail!(
                "{feed}: commit {} stands at place {at}",
                commit.header().seq
            );
        }
        prev = Some(commit.hash());
    }
    Ok(own)
}
