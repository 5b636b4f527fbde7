//! The messages of `/sync/v1/`: strict CBOR over POST, answers likewise.
//! Apart because another client can be written from this file and docs/PROTOCOL.md alone. **Frozen** per [`PROTOCOL`].

use crate::codec::{self, decode_array};
use crate::domain::reference::{PinVerifier, RefSet};
use crate::id::{Epoch, FeedId, OfficerId, UnitId};
use crate::instant::Instant;
use crate::log::commit::{CommitHash, RefVersion};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::Encode;

/// The protocol's version.
pub const PROTOCOL: u16 = 1;
/// A request's body at most, inflated. Bytes.
pub const MAX_PUSH_BYTES: usize = 1 << 20;
/// Commits in one push at most.
pub const MAX_PUSH_COMMITS: usize = 256;
/// Commits in one pulled page at most.
pub const MAX_PAGE_COMMITS: usize = 500;
/// The content type of every message; an answer of another type is not an answer.
pub const CONTENT_TYPE: &str = "application/cbor";

/// `POST /sync/v1/enrol`: a one-time code buys this feed a place. No token needed.
/// The same code, feed and key again (lost response) gets a new token while the code has not expired.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Enrol {
    /// [`PROTOCOL`].
    #[n(0)]
    pub protocol: u16,
    /// The code from the link's fragment.
    #[n(1)]
    pub code: String,
    /// The new feed.
    #[n(2)]
    pub feed: FeedId,
    /// Its public key.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// Possession of the key: signature over [`enrol_message`].
    #[cbor(n(4), with = "minicbor::bytes")]
    pub signature: [u8; 64],
    /// What the device calls itself.
    #[n(5)]
    pub device: String,
    /// The officer's new PIN verifier.
    #[n(6)]
    pub pin: PinVerifier,
}

decode_array!(Enrol {
    protocol,
    code,
    feed,
    key: bytes,
    signature: bytes,
    device,
    pin
});

/// What an enrolment signs.
#[must_use]
pub fn enrol_message(code: &str, feed: FeedId) -> Vec<u8> {
    codec::encode(&("chengxu-enrol-1", code, feed))
}

/// The answer to [`Enrol`].
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Enrolled {
    /// Bearer token of the feed.
    #[n(0)]
    pub token: String,
    /// The server's public key: its feed, receipts, beacons and reference sets.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub server_key: [u8; 32],
    /// The server's feed.
    #[n(2)]
    pub server_feed: FeedId,
    /// The server's epoch.
    #[n(3)]
    pub epoch: Epoch,
    /// Whose device this is now.
    #[n(4)]
    pub officer: OfficerId,
    /// The officer's name.
    #[n(5)]
    pub name: String,
    /// The officer's office.
    #[n(6)]
    pub unit: UnitId,
    /// The jurisdiction's id.
    #[n(7)]
    pub jurisdiction: String,
}

decode_array!(Enrolled {
    token,
    server_key: bytes,
    server_feed,
    epoch,
    officer,
    name,
    unit,
    jurisdiction
});

/// `POST /sync/v1/hello`.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Hello {
    /// [`PROTOCOL`].
    #[n(0)]
    pub protocol: u16,
    /// The build, for people.
    #[n(1)]
    pub build: String,
    /// This feed.
    #[n(2)]
    pub feed: FeedId,
    /// The last sealed commit, if any.
    #[n(3)]
    pub head: Option<FeedHead>,
    /// Unsent commits and the age of the oldest, in milliseconds.
    #[n(4)]
    pub unsent: u32,
    /// Age of the oldest unsent commit, in milliseconds.
    #[n(5)]
    pub oldest_unsent_ms: u64,
}

decode_array!(Hello {
    protocol,
    build,
    feed,
    head,
    unsent,
    oldest_unsent_ms
});

/// A place in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct FeedHead {
    /// The commit's number.
    #[n(0)]
    pub seq: u64,
    /// The commit's hash.
    #[n(1)]
    pub hash: CommitHash,
}

decode_array!(FeedHead { seq, hash });

/// The answer to [`Hello`].
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Welcome {
    /// The server's epoch.
    #[n(0)]
    pub epoch: Epoch,
    /// Signed time.
    #[n(1)]
    pub beacon: Beacon,
    /// A receipt for all that the server holds of this feed: an earlier one may have been lost on the way.
    #[n(2)]
    pub receipt: Option<Receipt>,
    /// The oldest protocol it speaks.
    #[n(3)]
    pub min_protocol: u16,
}

decode_array!(Welcome {
    epoch,
    beacon,
    receipt,
    min_protocol
});

/// The server's time, signed. The nonce cannot be guessed beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Beacon {
    /// The server's time.
    #[n(0)]
    pub time: Instant,
    /// The nonce.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 8],
    /// Over time and nonce.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

decode_array!(Beacon {
    time,
    nonce: bytes,
    signature: bytes
});

impl Beacon {
    fn message(time: Instant, nonce: [u8; 8]) -> Vec<u8> {
        codec::encode(&(
            "chengxu-beacon-1",
            time,
            minicbor::bytes::ByteArray::from(nonce),
        ))
    }

    /// Signs a time.
    #[must_use]
    pub fn sign(time: Instant, nonce: [u8; 8], key: &SigningKey) -> Self {
        Self {
            time,
            nonce,
            signature: key.sign(&Self::message(time, nonce)).to_bytes(),
        }
    }

    /// Whether this key signed it.
    #[must_use]
    pub fn verifies(&self, key: &VerifyingKey) -> bool {
        verifies(key, &Self::message(self.time, self.nonce), &self.signature)
    }
}

/// `POST /sync/v1/push`: a contiguous run of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Push {
    /// The feed.
    #[n(0)]
    pub feed: FeedId,
    /// The commits' bytes, ascending by number without holes.
    #[n(1)]
    pub commits: Vec<minicbor::bytes::ByteVec>,
}

decode_array!(Push { feed, commits });

/// The answer to [`Push`].
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Pushed {
    /// What is on disk now.
    #[n(0)]
    pub receipt: Receipt,
    /// Commits that were kept but are not acted upon, with the reason's problem code.
    #[n(1)]
    pub quarantined: Vec<Verdict>,
}

decode_array!(Pushed {
    receipt,
    quarantined
});

/// Why a commit that was kept is not acted upon.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Verdict {
    /// The commit's number.
    #[n(0)]
    pub seq: u64,
    /// Problem code.
    #[n(1)]
    pub code: String,
}

decode_array!(Verdict { seq, code });

/// The server's signed promise: everything of this feed up to here is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Receipt {
    /// The server's epoch.
    #[n(0)]
    pub epoch: Epoch,
    /// The feed.
    #[n(1)]
    pub feed: FeedId,
    /// The last commit on disk.
    #[n(2)]
    pub seq: u64,
    /// Its hash.
    #[n(3)]
    pub hash: CommitHash,
    /// The server log's position after it.
    #[n(4)]
    pub position: u64,
    /// The server's time.
    #[n(5)]
    pub time: Instant,
    /// Over everything above.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

decode_array!(Receipt {
    epoch,
    feed,
    seq,
    hash,
    position,
    time,
    signature: bytes
});

impl Receipt {
    fn message(&self) -> Vec<u8> {
        codec::encode(&(
            "chengxu-receipt-1",
            self.epoch,
            self.feed,
            self.seq,
            self.hash,
            self.position,
            self.time,
        ))
    }

    /// Signs; the signature given in `self` is replaced.
    #[must_use]
    pub fn signed(mut self, key: &SigningKey) -> Self {
        self.signature = key.sign(&self.message()).to_bytes();
        self
    }

    /// Whether this key signed it.
    #[must_use]
    pub fn verifies(&self, key: &VerifyingKey) -> bool {
        verifies(key, &self.message(), &self.signature)
    }
}

/// `POST /sync/v1/pull`.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Pull {
    /// The epoch that `position` belongs to.
    #[n(0)]
    pub epoch: Epoch,
    /// Everything at or before this log position is known.
    #[n(1)]
    pub position: u64,
    /// Versions of the reference sets at hand; a set not named is at 0.
    #[n(2)]
    pub refs: Vec<RefVersion>,
    /// The answer should not be longer than this. Bytes.
    #[n(3)]
    pub max_bytes: u32,
}

decode_array!(Pull {
    epoch,
    position,
    refs,
    max_bytes
});

/// The answer to [`Pull`].
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Page {
    /// The server's epoch. If it is not the one asked for, `position` restarts from 0.
    #[n(0)]
    pub epoch: Epoch,
    /// Commits within the device's scope, ascending by position, own feed's included.
    #[n(1)]
    pub commits: Vec<minicbor::bytes::ByteVec>,
    /// Ask from here next time.
    #[n(2)]
    pub position: u64,
    /// There is more: ask again at once.
    #[n(3)]
    pub more: bool,
    /// Changes of reference sets.
    #[n(4)]
    pub refs: Vec<RefDelta>,
}

decode_array!(Page {
    epoch,
    commits,
    position,
    more,
    refs
});

/// Changes of one reference set between two versions, signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct RefDelta {
    /// Which set.
    #[n(0)]
    pub set: RefSet,
    /// From this version; 0 replaces everything.
    #[n(1)]
    pub from: u64,
    /// To this version.
    #[n(2)]
    pub to: u64,
    /// Rows that are new or changed.
    #[n(3)]
    pub upserts: Vec<RefRow>,
    /// Keys that are gone.
    #[n(4)]
    pub removes: Vec<minicbor::bytes::ByteVec>,
    /// Over everything above.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

decode_array!(RefDelta {
    set,
    from,
    to,
    upserts,
    removes,
    signature: bytes
});

/// One row of a reference set.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct RefRow {
    /// The key within the set.
    #[n(0)]
    pub key: minicbor::bytes::ByteVec,
    /// The row's CBOR.
    #[n(1)]
    pub body: minicbor::bytes::ByteVec,
}

decode_array!(RefRow { key, body });

impl RefDelta {
    fn message(&self) -> Vec<u8> {
        codec::encode(&(
            "chengxu-refs-1",
            self.set,
            self.from,
            self.to,
            &self.upserts,
            &self.removes,
        ))
    }

    /// Signs; the signature given in `self` is replaced.
    #[must_use]
    pub fn signed(mut self, key: &SigningKey) -> Self {
        self.signature = key.sign(&self.message()).to_bytes();
        self
    }

    /// Whether this key signed it.
    #[must_use]
    pub fn verifies(&self, key: &VerifyingKey) -> bool {
        verifies(key, &self.message(), &self.signature)
    }
}

fn verifies(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    key.verify_strict(message, &Signature::from_bytes(signature))
        .is_ok()
}

/// Deflates a request's body (zlib, RFC 1950).
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 9)
}

/// Inflates a request's body.
///
/// # Errors
/// [`codec::BadBytes`] if it is not zlib data, or longer than `max_bytes` inflated.
pub fn inflate(bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, codec::BadBytes> {
    use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
    decompress_to_vec_zlib_with_limit(bytes, max_bytes).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => codec::BadBytes::TooLong,
        _ => codec::BadBytes::Shape,
    })
}
