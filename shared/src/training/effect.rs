//! Whether fewer records have gaps after a session: two rates and their difference, each with a 95 % interval.
//! Apart because these are formulas with a published source: Wilson (1927) for one rate, and Newcombe, Statistics in
//! Medicine 17 (1998) 873–890, method 10 (hybrid score, no continuity correction), for the difference. The difference of two
//! differences is made in the same way from their intervals: Zou and Donner, Statistics in Medicine 27 (2008) 1693–1702.

/// The two-sided 95 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Fewer records than this on either side say nothing.
pub const ENOUGH: u32 = 10;

/// Records with a gap among the records that could have one. Records are counted, not gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    with_gap: u32,
    records: u32,
}

impl Count {
    /// So many with a gap among so many; none if there are more with a gap than records.
    #[must_use]
    pub const fn new(with_gap: u32, records: u32) -> Option<Self> {
        if with_gap > records {
            return None;
        }
        Some(Self { with_gap, records })
    }

    /// Records with a gap.
    #[must_use]
    pub const fn with_gap(self) -> u32 {
        self.with_gap
    }

    /// Records that could have one.
    #[must_use]
    pub const fn records(self) -> u32 {
        self.records
    }

    /// The share with a gap and its Wilson interval, from 0 to 1; none without records.
    #[must_use]
    pub fn rate(self) -> Option<Estimate> {
        if self.records == 0 {
            return None;
        }
        let n = f64::from(self.records);
        let p = f64::from(self.with_gap) / n;
        let z2 = Z * Z;
        let half = Z * (z2 + 4.0 * n * p * (1.0 - p)).sqrt();
        let scale = 2.0 * (n + z2);
        Some(Estimate {
            low: ((2.0 * n * p + z2 - half) / scale).clamp(0.0, p),
            point: p,
            high: ((2.0 * n * p + z2 + half) / scale).clamp(p, 1.0),
        })
    }
}

/// A value and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The interval's lower end.
    pub low: f64,
    /// The value.
    pub point: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Estimate {
    /// This less another that is independent of it, with the interval that follows from both.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        let point = self.point - other.point;
        Self {
            low: point - (self.point - self.low).hypot(other.high - other.point),
            point,
            high: point + (self.high - self.point).hypot(other.point - other.low),
        }
    }
}

/// What may be said of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Fewer gaps afterwards: the interval lies wholly below 0.
    Improved,
    /// More gaps afterwards: the interval lies wholly above 0.
    Worse,
    /// The interval contains 0.
    NoClearChange,
    /// Fewer than [`ENOUGH`] records before or after.
    TooFew,
}

/// The rate of `first` less that of `second`, with Newcombe's interval; none where one has no records.
#[must_use]
pub fn difference(first: Count, second: Count) -> Option<Estimate> {
    Some(first.rate()?.less(second.rate()?))
}

/// What may be said of the gap rate after a session against that before.
#[must_use]
pub fn verdict(before: Count, after: Count) -> Verdict {
    let change = Change { before, after };
    said(change.is_enough(), change.difference())
}

/// Counts of the same group before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Before the session.
    pub before: Count,
    /// After it.
    pub after: Count,
}

impl Change {
    /// Whether there are enough records on both sides to say anything.
    #[must_use]
    pub const fn is_enough(self) -> bool {
        self.before.records >= ENOUGH && self.after.records >= ENOUGH
    }

    /// The rate afterwards less the rate before.
    #[must_use]
    pub fn difference(self) -> Option<Estimate> {
        difference(self.after, self.before)
    }

    /// What changed beyond what changed in a group that was not trained: a general trend is not taken for an effect.
    #[must_use]
    pub fn beyond(self, others: Self) -> Option<Estimate> {
        Some(self.difference()?.less(others.difference()?))
    }

    /// What may be said of that; the interval is asked, not whether one group changed clearly and the other did not.
    #[must_use]
    pub fn verdict_beyond(self, others: Self) -> Verdict {
        said(self.is_enough() && others.is_enough(), self.beyond(others))
    }
}

fn said(enough: bool, change: Option<Estimate>) -> Verdict {
    match change.filter(|_| enough) {
        None => Verdict::TooFew,
        Some(change) if change.high < 0.0 => Verdict::Improved,
        Some(change) if change.low > 0.0 => Verdict::Worse,
        Some(_) => Verdict::NoClearChange,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(k: u32, n: u32) -> Count {
        Count::new(k, n).unwrap()
    }

    #[track_caller]
    fn check(a: (u32, u32), b: (u32, u32), expected: [f64; 3]) {
        let found = difference(count(a.0, a.1), count(b.0, b.1)).unwrap();
        for (found, expected) in [found.low, found.point, found.high].iter().zip(expected) {
            assert!((found - expected).abs() < 0.000_051, "{found} {expected}");
        }
    }

    /// The values that Newcombe (1998) gives for these counts by method 10; the score limits found by bisection give the same.
    #[test]
    fn published_examples() {
        check((56, 70), (48, 80), [0.0524, 0.2, 0.3339]);
        check((9, 10), (3, 10), [0.1705, 0.6, 0.8090]);
    }

    #[test]
    fn interval_contains_the_difference_and_swapping_mirrors_it() {
        for (n, m) in [(1, 1), (3, 9), (12, 7)] {
            for (k, l) in (0..=n).flat_map(|k| (0..=m).map(move |l| (k, l))) {
                let one = difference(count(k, n), count(l, m)).unwrap();
                let two = difference(count(l, m), count(k, n)).unwrap();
                assert!(one.low <= one.point && one.point <= one.high);
                assert!((one.low + two.high).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn verdicts() {
        assert_eq!(verdict(count(9, 9), count(0, 99)), Verdict::TooFew);
        assert_eq!(verdict(count(9, 10), count(1, 10)), Verdict::Improved);
        assert_eq!(verdict(count(1, 10), count(9, 10)), Verdict::Worse);
        assert_eq!(verdict(count(5, 10), count(4, 10)), Verdict::NoClearChange);
        assert_eq!(Count::new(2, 1), None);
    }

    fn change(before: (u32, u32), after: (u32, u32)) -> Change {
        let (before, after) = (count(before.0, before.1), count(after.0, after.1));
        Change { before, after }
    }

    /// By hand from the published interval: 56/70 less 48/80 is 0.2 (0.0524 to 0.3339); a group that went the other way by
    /// as much, so 0.4 less hypot(0.1476, 0.1476) and more hypot(0.1339, 0.1339).
    #[test]
    fn beyond_others_the_intervals_add_up_in_squares() {
        let (up, down) = (change((48, 80), (56, 70)), change((56, 70), (48, 80)));
        let found = up.beyond(down).unwrap();
        for (found, expected) in [
            (found.low, 0.1913),
            (found.point, 0.4),
            (found.high, 0.5894),
        ] {
            assert!((found - expected).abs() < 0.000_15, "{found} {expected}");
        }
        assert_eq!(up.verdict_beyond(down), Verdict::Worse);
        assert_eq!(down.verdict_beyond(up), Verdict::Improved);
    }

    #[test]
    fn what_others_did_too_is_no_effect() {
        let fell = change((30, 40), (10, 40));
        assert_eq!(verdict(fell.before, fell.after), Verdict::Improved);
        assert_eq!(fell.verdict_beyond(fell), Verdict::NoClearChange);
        let few = change((3, 9), (1, 9));
        assert_eq!(fell.verdict_beyond(few), Verdict::TooFew);
        assert_eq!(few.verdict_beyond(fell), Verdict::TooFew);
    }
}
