//! Arbitrary records and contexts for the rules, and what must hold for whatever comes out.
//! Apart because proptest shows small records in every test run; this one shows large ones for as long as asked.

mod context;
mod properties;
mod record;

use context::World;
use shared::fold::Facts;
use shared::rules::check::check;
use shared::rules::jurisdiction::{self, Jurisdiction};
use shared::rules::procedure::{self, Procedure};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Contexts in which each record is judged.
const WORLDS: usize = 4;

/// What is shipped, read once.
#[derive(Debug)]
pub struct Known {
    /// Every procedure.
    pub procedures: Vec<Procedure>,
    /// Every jurisdiction.
    pub jurisdictions: Vec<Jurisdiction>,
    /// Every id that the procedures have, and some that none has.
    words: record::Words,
}

impl Known {
    /// What comes with the program.
    #[must_use]
    pub fn shipped() -> Self {
        let procedures = procedure::shipped();
        let mut jurisdictions = jurisdiction::shipped();
        jurisdictions.push(Jurisdiction::default());
        let words = record::Words::of(&procedures);
        Self {
            procedures,
            jurisdictions,
            words,
        }
    }
}

/// What a seed gave.
#[derive(Debug, Default)]
pub struct Done {
    /// How many assessments were looked at.
    pub judged: u64,
    /// What did not hold.
    pub failures: Vec<String>,
}

/// Random numbers that repeat (`SplitMix64`).
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below this number, which is not 0.
    fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n.max(1)).unwrap_or(1);
        usize::try_from(self.next() % n).unwrap_or(0)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these; the first if there is nothing to choose from.
    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// Any number at all.
    const fn wild(bits: u64) -> i64 {
        i64::from_ne_bytes(bits.to_ne_bytes())
    }
}

/// Judges the record of a seed by every procedure in several contexts.
#[must_use]
pub fn run(known: &Known, seed: u64) -> Done {
    let mut dice = Dice::new(seed);
    let mut done = Done::default();
    let made = catch_unwind(AssertUnwindSafe(|| {
        let entries = record::entries(&mut dice, known);
        let facts = Facts::of([], entries.iter().cloned());
        (entries, facts)
    }));
    let Ok((entries, facts)) = made else {
        done.failures.push("the fold panics".to_owned());
        return done;
    };
    for _ in 0..WORLDS {
        let world = World::any(&mut dice, known, &entries);
        for procedure in &known.procedures {
            let name = format!("{}@{}", procedure.id, procedure.version);
            let judged = catch_unwind(AssertUnwindSafe(|| {
                let context = world.context();
                let found = check(procedure, &facts, &context);
                let again = check(procedure, &Facts::of([], entries.iter().cloned()), &context);
                let mut faults = properties::faults(procedure, &found, &context);
                if found != again {
                    faults.push("a second look finds something else".to_owned());
                }
                faults
            }));
            done.judged += 1;
            match judged {
                Ok(faults) => {
                    let told = faults.into_iter().map(|fault| format!("{name}: {fault}"));
                    done.failures.extend(told);
                }
                Err(_) => done.failures.push(format!("{name}: panics")),
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_seeds_hold_and_repeat() {
        let known = Known::shipped();
        for seed in 0..40 {
            let done = run(&known, seed);
            assert!(done.failures.is_empty(), "seed {seed}: {:?}", done.failures);
            assert!(done.judged > 0);
        }
        let entries = |seed| record::entries(&mut Dice::new(seed), &known);
        assert_eq!(entries(7), entries(7));
        assert_ne!(entries(7), entries(8));
    }
}
