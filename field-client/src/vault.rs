//! The vault: the database's raw key, wrapped by a key that Argon2id makes of the PIN. It is all that lies outside the database.
//!
//! Honest limits. Whoever copies the vault can try all million PINs on a machine of their own in hours; what stops them is what
//! the host adds around these bytes (on the phone a WebCrypto key that cannot be exported, on a laptop the disk's encryption).
//! The count of wrong PINs stands in the clear beside the wrapped key, so that it can be counted before the key is tried; whoever
//! can write the file can reset it, but then they can copy it too.

use crate::pin::{self, Tries};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use minicbor::{Decode, Encode};
use shared::codec;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const BOUND_TO: &[u8] = b"chengxu-vault-1";

/// The wrapped key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Vault {
    #[n(0)]
    version: u8,
    /// False while an enrolment was begun and not finished.
    #[n(1)]
    pub(crate) enrolled: bool,
    #[cbor(n(2), with = "minicbor::bytes")]
    salt: [u8; 16],
    #[n(3)]
    memory_kib: u32,
    #[n(4)]
    passes: u32,
    #[cbor(n(5), with = "minicbor::bytes")]
    nonce: [u8; 24],
    #[cbor(n(6), with = "minicbor::bytes")]
    wrapped: Vec<u8>,
    /// Wrong PINs in a row.
    #[n(7)]
    pub(crate) tries: Tries,
}

impl Vault {
    /// Wraps a key. `random` is 40 fresh random bytes: salt and nonce.
    pub(crate) fn seal(key: &[u8; 32], pin: &str, random: &[u8; 40]) -> Option<Self> {
        let salt: [u8; 16] = random.get(..16)?.try_into().ok()?;
        let nonce: [u8; 24] = random.get(16..)?.try_into().ok()?;
        let wrapping = pin::derive(pin, &salt, pin::MEMORY_KIB, pin::PASSES)?;
        let cipher = XChaCha20Poly1305::new_from_slice(&wrapping[..]).ok()?;
        let payload = Payload {
            msg: &key[..],
            aad: BOUND_TO,
        };
        let wrapped = cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(Self {
            version: VERSION,
            enrolled: false,
            salt,
            memory_kib: pin::MEMORY_KIB,
            passes: pin::PASSES,
            nonce,
            wrapped,
            tries: Tries::default(),
        })
    }

    /// The key, if this is the PIN.
    pub(crate) fn open(&self, pin: &str) -> Option<Zeroizing<[u8; 32]>> {
        let wrapping = pin::derive(pin, &self.salt, self.memory_kib, self.passes)?;
        let cipher = XChaCha20Poly1305::new_from_slice(&wrapping[..]).ok()?;
        let payload = Payload {
            msg: &self.wrapped,
            aad: BOUND_TO,
        };
        let key = cipher.decrypt(&XNonce::from(self.nonce), payload).ok()?;
        let key = Zeroizing::new(key);
        let mut out = Zeroizing::new([0; 32]);
        if key.len() != out.len() {
            return None;
        }
        out.copy_from_slice(&key);
        Some(out)
    }

    /// The bytes to store.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The vault of stored bytes; none if they are damaged or a newer build's.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        codec::decode::<Self>(bytes)
            .ok()
            .filter(|vault| vault.version == VERSION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pin_opens_it() {
        let vault = Vault::seal(&[7; 32], "427193", &[9; 40]).unwrap();
        let again = Vault::from_bytes(&vault.to_bytes()).unwrap();
        assert_eq!(again.open("427193").map(|key| *key), Some([7; 32]));
        assert!(again.open("427194").is_none());
        let mut bytes = vault.to_bytes();
        bytes.pop();
        assert_eq!(Vault::from_bytes(&bytes), None);
    }
}
