//! How many records the rules judge in a second, facts folded beforehand.

use super::Figure;
use crate::records::{Cast, Dice, inspection};
use anyhow::Result;
use jiff::civil::date;
use shared::domain::reference::{Certificate, Officer};
use shared::fold::{Entry, Facts};
use shared::id::{FeedId, OfficerId, UnitId};
use shared::instant::{Instant, Interval};
use shared::rules::calendar::{Calendar, shipped_years};
use shared::rules::check::{Context, check};
use shared::rules::jurisdiction::Jurisdiction;
use shared::rules::procedure::{Procedure, XZJC};
use std::collections::BTreeMap;
use std::hint::black_box;

const RUNS: usize = 5;
const RECORDS: usize = 200;
const ROUNDS: usize = 50;

fn officer(number: u8) -> Officer {
    Officer {
        id: OfficerId::from_bytes([number; 16]),
        name: format!("示例{number}"),
        unit: UnitId::from_bytes([1; 16]),
        auxiliary: false,
        certificates: vec![Certificate {
            number: number.to_string(),
            valid_from: date(2022, 1, 1),
            valid_to: date(2028, 12, 31),
        }],
        pin: None,
    }
}

fn facts(dice: &mut Dice, cast: &Cast, day: Instant) -> Facts {
    let parts = inspection(dice, cast, day);
    let events = parts.into_iter().flat_map(|part| part.events);
    let entries = (1_u64..).zip(events).map(|(seq, event)| Entry {
        place: shared::domain::event::EventRef {
            feed: FeedId::from_bytes([1; 16]),
            seq,
            index: 0,
        },
        officer: cast.authors[0],
        event,
        behind_ms: 0,
    });
    Facts::of([], entries)
}

/// `rules.checks_per_s`.
///
/// # Errors
/// The shipped procedure does not parse.
pub fn checks() -> Result<Vec<Figure>> {
    let procedure = Procedure::parse(XZJC)?;
    let officers: BTreeMap<OfficerId, Officer> =
        [1, 2].map(officer).into_iter().map(|o| (o.id, o)).collect();
    let calendar = Calendar::new(shipped_years());
    let cast = Cast {
        unit: UnitId::from_bytes([1; 16]),
        authors: [1, 2].map(|n| OfficerId::from_bytes([n; 16])),
        others: Vec::new(),
    };
    let now = Instant::from_civil(date(2026, 11, 23).at(12, 0, 0, 0));
    let mut dice = Dice::new(5);
    let records: Vec<Facts> = (0..RECORDS).map(|_| facts(&mut dice, &cast, now)).collect();
    let jurisdiction = Jurisdiction::default();
    let context = Context::bare(&officers, &calendar, &jurisdiction, Interval::exactly(now));
    let mut samples = Vec::new();
    for _ in 0..RUNS {
        let start = tokio::time::Instant::now();
        for _ in 0..ROUNDS {
            for facts in &records {
                black_box(check(&procedure, black_box(facts), &context));
            }
        }
        samples.push((RECORDS * ROUNDS) as f64 / start.elapsed().as_secs_f64());
    }
    Ok(vec![Figure::median("rules.checks_per_s", "1/s", samples)])
}
