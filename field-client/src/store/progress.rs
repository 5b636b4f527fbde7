//! How far a record is: of the officers' steps that are to be done in it, how many have ended.
//! Apart because conditions of steps ask for what is known beside the record.

use super::{Result, meta, refs};
use rusqlite::Connection;
use shared::fold::Facts;
use shared::instant::{Instant, Interval};
use shared::rules;
use shared::rules::calendar::Calendar;
use shared::rules::check::Context;
use shared::rules::procedure::{Actor, Procedure, Step};
use std::collections::BTreeMap;

/// Whether a step counts: an officers' step that is not left to judgement.
pub(crate) fn counts(step: &Step) -> bool {
    step.actor == Actor::Officers && !step.optional
}

/// Ended, and to be done.
pub(super) fn of(c: &Connection, procedure: &Procedure, facts: &Facts) -> Result<(i64, i64)> {
    let opened = facts.opened.as_ref().map(|noted| &noted.value);
    let party = match opened.and_then(|opened| opened.subject) {
        Some(subject) => refs::subject(c, subject)?,
        None => None,
    };
    let power = refs::power_of(c, opened.map_or("", |opened| &opened.matter))?;
    let jurisdiction = refs::jurisdiction(c, &meta::profile(c)?.jurisdiction)?;
    let (officers, calendar) = (BTreeMap::new(), Calendar::default());
    let context = Context {
        subject: party.as_ref(),
        power: &power,
        // Conditions look neither at the clock nor at the calendar.
        ..Context::bare(
            &officers,
            &calendar,
            &jurisdiction,
            Interval::exactly(Instant::from_millis(0)),
        )
    };
    let ended = |step: &Step| {
        let known = facts.step(step.id.as_str());
        known.is_some_and(|known| known.outcome.is_some())
    };
    let steps = procedure.steps.iter().filter(|step| counts(step));
    let steps = steps.filter(|s| ended(s) || rules::step_applies(s, facts, &context));
    Ok(steps.fold((0, 0), |(done, total), step| {
        (done + i64::from(ended(step)), total + 1)
    }))
}
