//! Passwords and PIN verifiers: Argon2id with its parameters beside the hash.

use crate::problem::Problem;
use argon2::{Algorithm, Argon2, Params, Version};
use shared::domain::reference::PinVerifier;
use shared::problem::Code;
use subtle::ConstantTimeEq;

/// Memory of new hashes, in KiB. The same figures are what a cheap phone can bear for a PIN.
pub(crate) const MEMORY_KIB: u32 = 19_456;
/// Passes of new hashes.
pub(crate) const PASSES: u32 = 2;
/// A verifier from a device may not ask for more memory than this. KiB.
pub(crate) const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Nor for more passes.
pub(crate) const MAX_PASSES: u32 = 16;

/// A hashed secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hashed {
    /// Salt.
    pub(crate) salt: [u8; 16],
    /// Argon2id memory in KiB.
    pub(crate) memory_kib: u32,
    /// Argon2id passes.
    pub(crate) passes: u32,
    /// Argon2id output, one lane.
    pub(crate) hash: [u8; 32],
}

impl Hashed {
    /// Hashes a secret. Slow on purpose: never on an async thread.
    pub(crate) fn new(secret: &str, salt: [u8; 16]) -> Result<Self, Problem> {
        let hash = derive(secret, salt, MEMORY_KIB, PASSES)?;
        Ok(Self {
            salt,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            hash,
        })
    }

    /// Whether this is the secret. As slow.
    pub(crate) fn matches(&self, secret: &str) -> Result<bool, Problem> {
        let hash = derive(secret, self.salt, self.memory_kib, self.passes)?;
        Ok(hash.ct_eq(&self.hash).into())
    }

    /// The same as the phone knows it.
    pub(crate) fn verifier(&self) -> PinVerifier {
        PinVerifier {
            salt: self.salt,
            memory_kib: self.memory_kib,
            passes: self.passes,
            hash: self.hash,
        }
    }
}

fn derive(secret: &str, salt: [u8; 16], memory: u32, passes: u32) -> Result<[u8; 32], Problem> {
    let broken = |_| Problem::from(Code::Internal);
    let params = Params::new(memory, passes, 1, Some(32)).map_err(broken)?;
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_bytes(), &salt, &mut out)
        .map_err(broken)?;
    Ok(out)
}
