//! What a commit's time evidence is worth: a moment, or an interval that the true moment lies in.
//! Apart because a limit is only called uncertain where the clock contradicts what the server knows.

use super::commit::TimeEvidence;
use crate::instant::{Instant, Interval};

impl TimeEvidence {
    /// When the commit was sealed. The wall clock is presumed right as long as it fits between the last beacon that the device
    /// had seen and the moment at which the server received the commit (on the device itself: now); else only these two bound
    /// it. Without a beacon nothing bounds it from below.
    #[must_use]
    pub fn sealed_at(&self, received: Instant) -> Interval {
        let beacon = self.beacon.map(|beacon| beacon.time);
        let after = beacon.is_none_or(|beacon| beacon <= self.wall);
        if after && self.wall <= received {
            return Interval::exactly(self.wall);
        }
        let earliest = beacon.unwrap_or(Instant::from_millis(i64::MIN));
        Interval {
            earliest,
            // A server whose own clock was set back still received it after its beacon.
            latest: received.max(earliest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::commit::BeaconSeen;
    use proptest::prelude::*;

    fn evidence(wall: i64, beacon: Option<i64>) -> TimeEvidence {
        TimeEvidence {
            wall: Instant::from_millis(wall),
            monotonic_ms: 0,
            session: [0; 8],
            beacon: beacon.map(|at| BeaconSeen {
                time: Instant::from_millis(at),
                nonce: [0; 8],
            }),
        }
    }

    #[track_caller]
    fn check(wall: i64, beacon: Option<i64>, received: i64, earliest: i64, latest: i64) {
        let found = evidence(wall, beacon).sealed_at(Instant::from_millis(received));
        let found = (found.earliest.as_millis(), found.latest.as_millis());
        assert_eq!(found, (earliest, latest));
    }

    #[test]
    fn a_clock_that_fits_is_believed_and_one_that_does_not_is_bounded() {
        check(50, Some(10), 90, 50, 50);
        check(10, Some(10), 10, 10, 10);
        check(50, None, 90, 50, 50);
        check(5, Some(10), 90, 10, 90);
        check(95, Some(10), 90, 10, 90);
        check(95, None, 90, i64::MIN, 90);
        check(5, Some(100), 90, 100, 100);
    }

    proptest! {
        #[test]
        fn the_truth_is_never_excluded(truth in 0i64..1_000, beacon in prop::option::of(0i64..1_000), sent in 0i64..1_000, wall in any::<i64>()) {
            // A beacon was seen before sealing, and nothing is received before it was sealed.
            let beacon = beacon.map(|before| truth - before);
            let received = Instant::from_millis(truth + sent);
            let told = evidence(wall, beacon).sealed_at(received);
            let believed = told.earliest == told.latest;
            prop_assert!(told.earliest <= told.latest);
            prop_assert!(believed || (told.earliest.as_millis() <= truth && truth <= told.latest.as_millis()));
            prop_assert!(!believed || beacon.is_none_or(|at| at <= told.earliest.as_millis()) && told.latest <= received);
            let right = evidence(truth, beacon).sealed_at(received);
            prop_assert_eq!(right, Interval::exactly(Instant::from_millis(truth)));
        }
    }
}
