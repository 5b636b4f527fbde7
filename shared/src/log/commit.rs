//! A commit: 1 to 64 events of one record by one officer, sealed and signed.
//! Apart because this is the format of evidence. **Frozen**: the golden vectors at the end of the file fail if a byte moves.
//!
//! What is signed is the header as sent, followed by one salted hash per event. Bodies travel beside the header and can be
//! erased or withheld: then their hash travels instead, and the chain still verifies.
//!
//! ```text
//! commit      = [header: bytes, signature: bytes .size 64, salt: bytes .size 16 / null, bodies: [+ body]]
//! body        = [0, bytes]              ; salt derived from the commit's salt
//!             / [1, bytes, bytes]       ; own salt and bytes: some other body of the commit is gone
//!             / [2, bytes .size 32]     ; withheld or erased: only its hash
//! body hash   = SHA-256("chengxu-body-1" | salt_i | bytes),  salt_i = SHA-256("chengxu-salt-1" | salt | i)[..16]
//! commit hash = SHA-256("chengxu-commit-1" | header | body hashes)
//! signature   = Ed25519 over the commit hash
//! ```

use crate::codec::{self, BadBytes, decode_array};
use crate::domain::event::{Event, EventRef, MAX_BODY_BYTES};
use crate::domain::reference::RefSet;
use crate::id::{FeedId, JurisdictionId, OfficerId, RecordId};
use crate::instant::Instant;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// The header's version that this build writes.
pub const HEADER_VERSION: u8 = 1;
/// Ed25519 with SHA-256. SM2 with SM3 will be another suite.
pub const SUITE_ED25519_SHA256: u8 = 1;
/// Events in one commit, at most.
pub const MAX_EVENTS: usize = 64;
/// Other heads named in `seen`, at most.
pub const MAX_SEEN: usize = 64;
/// A whole commit on the wire, in bytes, at most.
pub const MAX_COMMIT_BYTES: usize = 256 * 1024;

/// A commit's hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct CommitHash(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl std::fmt::Debug for CommitHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for CommitHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Enforcement, or practice that is never counted as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Mode {
    /// Real.
    #[n(0)]
    Real,
    /// A drill.
    #[n(1)]
    Drill,
}

/// The last commit of a feed within a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode)]
#[cbor(array)]
pub struct Head {
    /// Which feed.
    #[n(0)]
    pub feed: FeedId,
    /// The commit's number.
    #[n(1)]
    pub seq: u64,
    /// The commit's hash.
    #[n(2)]
    pub hash: CommitHash,
}

decode_array!(Head { feed, seq, hash });

/// A signed time beacon of the server that the device had seen: the commit is later than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct BeaconSeen {
    /// The server's time.
    #[n(0)]
    pub time: Instant,
    /// The nonce that only the server could have told.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 8],
}

decode_array!(BeaconSeen { time, nonce: bytes });

/// Time evidence, as good as a browser gives it and no better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct TimeEvidence {
    /// The device's wall clock at sealing.
    #[n(0)]
    pub wall: Instant,
    /// Milliseconds of a clock that never runs backwards (it stops in sleep).
    #[n(1)]
    pub monotonic_ms: u64,
    /// Which run of that clock: another session, another zero.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub session: [u8; 8],
    /// The last beacon seen.
    #[n(3)]
    pub beacon: Option<BeaconSeen>,
}

decode_array!(TimeEvidence {
    wall,
    monotonic_ms,
    session: bytes,
    beacon
});

impl TimeEvidence {
    /// By how much the wall clock was at least behind, in milliseconds: a commit is later than the beacon that it names.
    #[must_use]
    pub fn behind_ms(&self) -> i64 {
        self.beacon
            .map_or(0, |beacon| beacon.time.millis_since(self.wall).max(0))
    }
}

/// The version of a reference set that was in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct RefVersion {
    /// Which set.
    #[n(0)]
    pub set: RefSet,
    /// Its version.
    #[n(1)]
    pub version: u64,
}

decode_array!(RefVersion { set, version });

/// What the header says of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct EventHead {
    /// The kind's number.
    #[n(0)]
    pub kind: u8,
    /// The kind's schema.
    #[n(1)]
    pub schema: u8,
    /// The body's length in bytes.
    #[n(2)]
    pub len: u32,
}

decode_array!(EventHead { kind, schema, len });

/// The signed header. It carries no name, no free text and no place.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Header {
    /// [`HEADER_VERSION`].
    #[n(0)]
    pub version: u8,
    /// [`SUITE_ED25519_SHA256`].
    #[n(1)]
    pub suite: u8,
    /// The feed.
    #[n(2)]
    pub feed: FeedId,
    /// The number in the feed, from 1, without holes.
    #[n(3)]
    pub seq: u64,
    /// The feed's previous commit.
    #[n(4)]
    pub prev: Option<CommitHash>,
    /// The record.
    #[n(5)]
    pub record: RecordId,
    /// The feed's previous commit for this record.
    #[n(6)]
    pub record_prev: Option<CommitHash>,
    /// The other feeds' heads of this record that were known when sealing, ascending by feed.
    #[n(7)]
    pub seen: Vec<Head>,
    /// Who acted.
    #[n(8)]
    pub officer: OfficerId,
    /// Real or drill.
    #[n(9)]
    pub mode: Mode,
    /// Under which jurisdiction's thresholds.
    #[n(10)]
    pub jurisdiction: JurisdictionId,
    /// Which reference data was in use, ascending by set.
    #[n(11)]
    pub refs: Vec<RefVersion>,
    /// When, as far as can be shown.
    #[n(12)]
    pub time: TimeEvidence,
    /// One entry per event.
    #[n(13)]
    pub events: Vec<EventHead>,
}

decode_array!(Header {
    version,
    suite,
    feed,
    seq,
    prev,
    record,
    record_prev,
    seen,
    officer,
    mode,
    jurisdiction,
    refs,
    time,
    events
});

/// A body as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The bytes; the salt derives from the commit's.
    Plain(Vec<u8>),
    /// The bytes with their own salt, because another body of the commit is gone and with it the commit's salt.
    Salted([u8; 16], Vec<u8>),
    /// Withheld or erased.
    Hash([u8; 32]),
}

/// A commit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCommit {
    /// Not this format.
    #[error(transparent)]
    Bytes(#[from] BadBytes),
    /// Another header version or crypto suite: a newer build wrote it.
    #[error("written by a newer build")]
    Newer,
    /// No event, too many, or lengths that do not agree.
    #[error("event list out of bounds")]
    Events,
    /// The signature is not this key's.
    #[error("signature does not verify")]
    Signature,
}

/// A sealed commit: the bytes as made or received, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    header: Header,
    hash: CommitHash,
    bodies: Vec<Body>,
    bytes: Vec<u8>,
}

#[derive(Encode)]
#[cbor(array)]
struct Frame {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
    #[cbor(n(2), with = "minicbor::bytes")]
    salt: Option<[u8; 16]>,
    #[n(3)]
    bodies: Vec<Body>,
}

decode_array!(Frame {
    header: bytes,
    signature: bytes,
    salt: bytes,
    bodies
});

impl<C> Encode<C> for Body {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match self {
            Self::Plain(bytes) => e.array(2)?.u8(0)?.bytes(bytes)?.ok(),
            Self::Salted(salt, bytes) => e.array(3)?.u8(1)?.bytes(salt)?.bytes(bytes)?.ok(),
            Self::Hash(hash) => e.array(2)?.u8(2)?.bytes(hash)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Body {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bad = || minicbor::decode::Error::message("body");
        match (d.array()?, d.u8()?) {
            (Some(2), 0) => Ok(Self::Plain(d.bytes()?.to_vec())),
            (Some(3), 1) => {
                let salt = d.bytes()?.try_into().map_err(|_| bad())?;
                Ok(Self::Salted(salt, d.bytes()?.to_vec()))
            }
            (Some(2), 2) => Ok(Self::Hash(d.bytes()?.try_into().map_err(|_| bad())?)),
            _ => Err(bad()),
        }
    }
}

impl Body {
    /// What the signature covers of this body; `salt` is the commit's.
    fn hash(&self, salt: Option<&[u8; 16]>, index: u8) -> Result<[u8; 32], BadCommit> {
        match (self, salt) {
            (Self::Plain(bytes), Some(salt)) => Ok(body_hash(&derive_salt(salt, index), bytes)),
            (Self::Plain(_), None) => Err(BadCommit::Events),
            (Self::Salted(salt, bytes), _) => Ok(body_hash(salt, bytes)),
            (Self::Hash(hash), _) => Ok(*hash),
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(bytes) | Self::Salted(_, bytes) => Some(bytes),
            Self::Hash(_) => None,
        }
    }
}

fn derive_salt(salt: &[u8; 16], index: u8) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"chengxu-salt-1")
        .chain_update(salt)
        .chain_update([index])
        .finalize()
        .into();
    let mut out = [0; 16];
    out.copy_from_slice(digest.split_at(16).0);
    out
}

fn body_hash(salt: &[u8; 16], bytes: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"chengxu-body-1")
        .chain_update(salt)
        .chain_update(bytes)
        .finalize()
        .into()
}

fn commit_hash(
    header: &[u8],
    bodies: &[Body],
    salt: Option<&[u8; 16]>,
) -> Result<CommitHash, BadCommit> {
    let mut hash = Sha256::new()
        .chain_update(b"chengxu-commit-1")
        .chain_update(header);
    for (index, body) in (0..=u8::MAX).zip(bodies) {
        hash.update(body.hash(salt, index)?);
    }
    Ok(CommitHash(hash.finalize().into()))
}

impl Commit {
    /// Seals events under a header whose `events` this fills in.
    ///
    /// # Errors
    /// [`BadCommit::Events`] unless there are 1 to [`MAX_EVENTS`] events of known kinds, each at most
    /// [`MAX_BODY_BYTES`], and at most [`MAX_SEEN`] heads.
    pub fn seal(
        mut header: Header,
        events: &[Event],
        salt: [u8; 16],
        key: &SigningKey,
    ) -> Result<Self, BadCommit> {
        let bodies: Vec<Vec<u8>> = events.iter().map(Event::encode).collect();
        header.events = events
            .iter()
            .zip(&bodies)
            .map(|(event, bytes)| {
                let (kind, schema) = event.fact.kind();
                EventHead {
                    kind,
                    schema,
                    len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                }
            })
            .collect();
        let bodies: Vec<Body> = bodies.into_iter().map(Body::Plain).collect();
        check_bounds(&header, &bodies)?;
        let header_bytes = codec::encode(&header);
        let hash = commit_hash(&header_bytes, &bodies, Some(&salt))?;
        let signature = key.sign(&hash.0).to_bytes();
        let frame = Frame {
            header: header_bytes,
            signature,
            salt: Some(salt),
            bodies,
        };
        let bytes = codec::encode(&frame);
        if bytes.len() > MAX_COMMIT_BYTES {
            return Err(BadCommit::Events);
        }
        Ok(Self {
            header,
            hash,
            bodies: frame.bodies,
            bytes,
        })
    }

    /// Reads a commit without checking its signature: only for bytes that were verified when they were stored.
    ///
    /// # Errors
    /// [`BadCommit`] if the bytes are not a well-formed commit.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadCommit> {
        Self::read(bytes).map(|(commit, _)| commit)
    }

    /// Reads a commit from elsewhere and checks that this key signed it.
    ///
    /// # Errors
    /// [`BadCommit`] if the bytes are not a well-formed commit or the signature is not the key's.
    pub fn verify(bytes: &[u8], key: &VerifyingKey) -> Result<Self, BadCommit> {
        let (commit, signature) = Self::read(bytes)?;
        key.verify_strict(&commit.hash.0, &signature)
            .map_err(|_| BadCommit::Signature)?;
        Ok(commit)
    }

    fn read(bytes: &[u8]) -> Result<(Self, Signature), BadCommit> {
        if bytes.len() > MAX_COMMIT_BYTES {
            return Err(BadBytes::TooLong.into());
        }
        let frame: Frame = codec::decode(bytes)?;
        let mut peek = minicbor::Decoder::new(&frame.header);
        let lead = (peek.array().ok().flatten(), peek.u8(), peek.u8());
        if let (Some(_), Ok(version), Ok(suite)) = lead
            && (version, suite) != (HEADER_VERSION, SUITE_ED25519_SHA256)
        {
            return Err(BadCommit::Newer);
        }
        let header: Header = codec::decode(&frame.header)?;
        check_bounds(&header, &frame.bodies)?;
        let hash = commit_hash(&frame.header, &frame.bodies, frame.salt.as_ref())?;
        let signature = Signature::from_bytes(&frame.signature);
        Ok((
            Self {
                header,
                hash,
                bodies: frame.bodies,
                bytes: bytes.to_vec(),
            },
            signature,
        ))
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The hash that the next commit names.
    #[must_use]
    pub fn hash(&self) -> CommitHash {
        self.hash
    }

    /// The bytes, as made or received.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// This commit as a head.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            feed: self.header.feed,
            seq: self.header.seq,
            hash: self.hash,
        }
    }

    /// The events with their places. An erased or withheld body is left out; a body that does not decode (poison) is the error
    /// of that one event and costs no other.
    pub fn events(&self) -> impl Iterator<Item = (EventRef, Result<Event, BadBytes>)> + '_ {
        (0..=u8::MAX)
            .zip(self.header.events.iter().zip(&self.bodies))
            .filter_map(|(index, (head, body))| {
                let at = EventRef {
                    feed: self.header.feed,
                    seq: self.header.seq,
                    index,
                };
                Some((at, Event::decode(head.kind, head.schema, body.bytes()?)))
            })
    }
}

fn check_bounds(header: &Header, bodies: &[Body]) -> Result<(), BadCommit> {
    let lengths_agree = header.events.iter().zip(bodies).all(|(head, body)| {
        body.bytes().is_none_or(|bytes| {
            bytes.len() <= MAX_BODY_BYTES && u32::try_from(bytes.len()) == Ok(head.len)
        })
    });
    let ascending = header.seen.is_sorted_by(|a, b| a.feed < b.feed)
        && header.refs.is_sorted_by(|a, b| a.set < b.set)
        && header.seen.iter().all(|head| head.feed != header.feed);
    let known = header
        .events
        .iter()
        .all(|head| head.kind != 0 && head.schema != 0);
    let fits = (1..=MAX_EVENTS).contains(&bodies.len())
        && bodies.len() == header.events.len()
        && header.seen.len() <= MAX_SEEN
        && header.seq >= 1
        && (header.seq == 1) == header.prev.is_none();
    if lengths_agree && ascending && known && fits {
        Ok(())
    } else {
        Err(BadCommit::Events)
    }
}

#[cfg(test)]
mod tests;
