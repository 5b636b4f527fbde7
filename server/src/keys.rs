//! The server's secrets: its signing key, its epoch and the secret of its nonces, made once per data folder.

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared::id::{Epoch, FeedId};
use shared::instant::Instant;
use shared::sync::wire::{Beacon, FeedHead, Receipt};

/// What the server signs with.
pub(crate) struct Keys {
    /// Its feed, receipts, beacons and reference sets.
    pub(crate) signing: SigningKey,
    /// Its feed.
    pub(crate) feed: FeedId,
    /// Its incarnation.
    pub(crate) epoch: Epoch,
    /// Makes nonces unguessable.
    pub(crate) secret: [u8; 32],
}

impl Keys {
    /// A signed time whose nonce nobody could have known before.
    pub(crate) fn beacon(&self, time: Instant) -> Beacon {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"chengxu-nonce-1")
            .chain_update(self.secret)
            .chain_update(time.as_millis().to_be_bytes())
            .finalize()
            .into();
        let mut nonce = [0; 8];
        nonce.copy_from_slice(digest.split_at(8).0);
        Beacon::sign(time, nonce, &self.signing)
    }

    /// The promise that a feed is on disk up to its head. Only to be made after the transaction's end.
    pub(crate) fn receipt(
        &self,
        feed: FeedId,
        head: FeedHead,
        position: u64,
        time: Instant,
    ) -> Receipt {
        let receipt = Receipt {
            epoch: self.epoch,
            feed,
            seq: head.seq,
            hash: head.hash,
            position,
            time,
            signature: [0; 64],
        };
        receipt.signed(&self.signing)
    }
}

/// What is stored of a secret that somebody else shows: its hash.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
