//! Limits on failed attempts, in memory: a restart forgets them, which costs an attacker more than it gives.

use shared::instant::{Instant, MINUTE_MS};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Failed attempts per window on one account or code.
const ATTEMPTS: u32 = 10;
/// And from one address: a whole office may sit behind it.
const ATTEMPTS_FROM: u32 = 60;
/// The window.
const WINDOW_MS: i64 = 10 * MINUTE_MS;
/// Keys remembered at most; beyond that the oldest windows are forgotten.
const KEYS: usize = 10_000;

/// What attempts are counted for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// An account's name.
    Account(String),
    /// The beginning of an enrolment code.
    Code(String),
    /// Where it comes from.
    From(String),
}

impl Key {
    const fn most(&self) -> u32 {
        match self {
            Self::Account(_) | Self::Code(_) => ATTEMPTS,
            Self::From(_) => ATTEMPTS_FROM,
        }
    }
}

/// Counts failed attempts per key.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<BTreeMap<Key, (u32, Instant)>>);

impl Limiter {
    /// Whether one more attempt is allowed for all of these keys.
    pub(crate) fn allows(&self, keys: &[Key], now: Instant) -> bool {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().all(|key| {
            counts
                .get(key)
                .is_none_or(|(n, since)| *n < key.most() || now.millis_since(*since) >= WINDOW_MS)
        })
    }

    /// Notes a failed attempt.
    pub(crate) fn failed(&self, keys: &[Key], now: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() > KEYS {
            counts.retain(|_, (_, since)| now.millis_since(*since) < WINDOW_MS);
        }
        for key in keys {
            let entry = counts.entry(key.clone()).or_insert((0, now));
            if now.millis_since(entry.1) >= WINDOW_MS {
                *entry = (0, now);
            }
            entry.0 += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_close_the_door_for_ten_minutes() {
        let limiter = Limiter::default();
        let start = Instant::from_millis(0);
        let keys = [Key::Account("a".to_owned()), Key::From("-".to_owned())];
        for _ in 0..ATTEMPTS {
            assert!(limiter.allows(&keys, start));
            limiter.failed(&keys, start);
        }
        assert!(!limiter.allows(&keys, start));
        assert!(limiter.allows(
            &[Key::Account("b".to_owned()), Key::From("-".to_owned())],
            start
        ));
        assert!(limiter.allows(&keys, start.plus_millis(WINDOW_MS)));
    }
}
