//! How many records the rules judge in a second, facts folded beforehand.

use super::Figure;
use anyhow::{Context as _, Result};
use shared::fold::Facts;
use shared::rules::case::Case;
use shared::rules::check::{Context, check};
use shared::rules::procedure::shipped;
use std::hint::black_box;

const RUNS: usize = 5;
const ROUNDS: usize = 5_000;

/// Whole inspections from approval to the end, with power list, checklist and signatures: nothing found, and problems found.
const INSPECTIONS: [&str; 2] = [
    include_str!("../../../shared/cases/R00-complete.case"),
    include_str!("../../../shared/cases/JC-18-last-day.case"),
];

/// `rules.checks_per_s`.
///
/// # Errors
/// A case does not parse.
pub fn checks() -> Result<Vec<Figure>> {
    let procedures = shipped();
    let cases = INSPECTIONS.map(|text| Case::parse(text, &procedures));
    let cases = cases.into_iter().collect::<Result<Vec<_>, _>>();
    let cases = cases.context("a case of an inspection")?;
    let inspections: Vec<(&Case<'_>, Facts, Context<'_>)> = cases
        .iter()
        .map(|case| (case, case.facts(), case.context()))
        .collect();
    let mut samples = Vec::new();
    for _ in 0..RUNS {
        let start = tokio::time::Instant::now();
        for _ in 0..ROUNDS {
            for (case, facts, context) in &inspections {
                black_box(check(case.procedure, black_box(facts), context));
            }
        }
        let judged = (inspections.len() * ROUNDS) as f64;
        samples.push(judged / start.elapsed().as_secs_f64());
    }
    Ok(vec![Figure::median("rules.checks_per_s", "1/s", samples)])
}
