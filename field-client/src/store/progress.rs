//! How far a record is: of the officers' steps that are to be done in it, how many have ended, and when its time for correction
//! runs out. Apart because conditions ask for what is known beside the record.

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

/// What the lists of the home screen say of a record.
#[derive(Default)]
pub(super) struct Progress {
    /// Steps ended.
    pub(super) done: i64,
    /// Steps to be done.
    pub(super) total: i64,
    /// The day of the re-inspection.
    pub(super) due: Option<Instant>,
}

/// Reads what is known beside the record, and counts.
pub(super) fn of(c: &Connection, procedure: &Procedure, facts: &Facts) -> Result<Progress> {
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
    let mut progress = Progress {
        due: rules::recheck_day(procedure, facts, &context),
        ..Progress::default()
    };
    for step in steps {
        progress.done += i64::from(ended(step));
        progress.total += 1;
    }
    Ok(progress)
}
