//! Six digits: which are refused, how one is checked, and how repeated wrong ones are slowed down.
//! Apart because the vault, the enrolment and the confirmation by a colleague's PIN must not differ in this.
//!
//! What six digits withstand: a million guesses. The wait below stops guessing through this program. It does not stop somebody who
//! copies the vault or a verifier and guesses elsewhere: at [`MEMORY_KIB`] and [`PASSES`] that costs hours, not years.

use argon2::{Algorithm, Argon2, Params, Version};
use minicbor::{Decode, Encode};
use shared::domain::reference::PinVerifier;
use shared::instant::Instant;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Digits of a PIN.
pub(crate) const DIGITS: usize = 6;
/// Argon2id memory, KiB (OWASP's second profile: a phone in a browser has it).
pub(crate) const MEMORY_KIB: u32 = 19_456;
/// Argon2id passes.
pub(crate) const PASSES: u32 = 2;
/// A verifier from elsewhere asking for more than this is refused: it would stop the phone.
const MAX_MEMORY_KIB: u32 = 65_536;
/// Likewise.
const MAX_PASSES: u32 = 10;
/// Wrong PINs in a row that cost nothing.
const FREE_TRIES: u32 = 4;
/// The first wait; it doubles with each further wrong PIN.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// Wrong PINs in a row and the wait they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Tries {
    /// In a row.
    #[n(0)]
    pub(crate) wrong: u32,
    /// No further try before this, by the wall clock (unix ms). Whoever sets the clock forward waits less: said in THREATS.
    #[n(1)]
    pub(crate) until_ms: i64,
}

impl Tries {
    /// Milliseconds still to wait.
    pub(crate) fn wait_ms(self, now: Instant) -> i64 {
        // A clock that was set back must not lock the owner out for longer than the longest wait.
        (self.until_ms.saturating_sub(now.as_millis())).clamp(0, LONGEST_WAIT_MS)
    }

    /// One more, counted before the PIN is checked: ending the program in between saves no try.
    pub(crate) fn one_more(self, now: Instant) -> Self {
        let wrong = self.wrong.saturating_add(1);
        let doublings = wrong.saturating_sub(FREE_TRIES + 1).min(16);
        let wait = if wrong > FREE_TRIES {
            (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS)
        } else {
            0
        };
        Self {
            wrong,
            until_ms: now.as_millis().saturating_add(wait),
        }
    }
}

/// Whether this is six digits, and not among those that everybody tries first.
pub(crate) fn acceptable(pin: &str) -> bool {
    let digits: Vec<i16> = pin
        .chars()
        .filter_map(|c| c.to_digit(10))
        .filter_map(|d| i16::try_from(d).ok())
        .collect();
    if digits.len() != DIGITS || pin.len() != DIGITS {
        return false;
    }
    let run = |by: i16| {
        digits
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if (a + by).rem_euclid(10) == *b))
    };
    let halves = digits.chunks(3).collect::<Vec<_>>();
    let repeated = matches!(halves.as_slice(), [a, b] if a == b)
        || digits.chunks(2).all(|pair| digits.get(..2) == Some(pair));
    let pairs = digits
        .chunks(2)
        .all(|pair| matches!(pair, [a, b] if a == b));
    !(run(0) || run(1) || run(-1) || repeated || pairs)
}

/// The key of a PIN. Argon2id takes some tens of milliseconds and one device has one user, so it runs in place.
pub(crate) fn derive(
    pin: &str,
    salt: &[u8; 16],
    memory_kib: u32,
    passes: u32,
) -> Option<Zeroizing<[u8; 32]>> {
    if memory_kib > MAX_MEMORY_KIB || passes > MAX_PASSES {
        return None;
    }
    let params = Params::new(memory_kib, passes, 1, Some(32)).ok()?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut *out)
        .ok()?;
    Some(out)
}

/// A verifier for colleagues' phones.
pub(crate) fn verifier(pin: &str, salt: [u8; 16]) -> Option<PinVerifier> {
    Some(PinVerifier {
        salt,
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        hash: *derive(pin, &salt, MEMORY_KIB, PASSES)?,
    })
}

/// Whether this is the PIN.
pub(crate) fn matches(pin: &str, verifier: &PinVerifier) -> bool {
    derive(pin, &verifier.salt, verifier.memory_kib, verifier.passes)
        .is_some_and(|hash| bool::from(hash.ct_eq(&verifier.hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_is_refused() {
        for weak in [
            "123456", "654321", "111111", "890123", "121212", "123123", "112233",
        ] {
            assert!(!acceptable(weak), "{weak}");
        }
        for wrong in ["", "12345", "1234567", "12a456", "１２３９０４"] {
            assert!(!acceptable(wrong), "{wrong}");
        }
        assert!(acceptable("427193"));
    }

    #[test]
    fn waits_grow_and_end() {
        let now = Instant::from_millis(1_000_000);
        let mut tries = Tries::default();
        for _ in 0..4 {
            tries = tries.one_more(now);
        }
        assert_eq!(tries.wait_ms(now), 0);
        tries = tries.one_more(now);
        assert_eq!(tries.wait_ms(now), 30_000);
        for _ in 0..40 {
            tries = tries.one_more(now);
        }
        assert_eq!(tries.wait_ms(now), LONGEST_WAIT_MS);
        assert_eq!(tries.wait_ms(now.plus_millis(LONGEST_WAIT_MS)), 0);
    }
}
