//! The day on which an order to correct runs out: the day of the re-inspection, by the record's own answers.
//! Apart because the home screen lists these days without folding any record.

use shared::domain::event::Value;
use shared::fold::{Facts, StepFacts};
use shared::instant::Instant;
use shared::rules::procedure::Procedure;

/// The start of the day; none where no such day is recorded, or the re-inspection is over.
pub(super) fn of(procedure: &Procedure, facts: &Facts) -> Option<Instant> {
    if facts.voided.is_some() {
        return None;
    }
    let ended = |step: &str| {
        let known = facts.step(step);
        known.is_some_and(|known| known.outcome.is_some())
    };
    let visit = procedure.visit.as_ref()?;
    if ended(visit.record.as_str()) {
        return None;
    }
    let known = || {
        procedure
            .steps
            .iter()
            .filter_map(|s| facts.steps.get(&s.id))
    };
    let extended = known()
        .filter(|step| value(step, "granted") == Some(&Value::Bool(true)))
        .find_map(|step| day(step, "new_deadline"));
    extended.or_else(|| known().find_map(ordered))
}

/// As the order says: by a day, or at once, and then from the order's own day.
fn ordered(step: &StepFacts) -> Option<Instant> {
    let at_once = matches!(value(step, "how"), Some(Value::Choice(code)) if code == "at_once");
    day(step, if at_once { "issued_on" } else { "deadline" })
}

fn value<'a>(step: &'a StepFacts, field: &str) -> Option<&'a Value> {
    step.fields.get(field).map(|noted| &noted.value)
}

fn day(step: &StepFacts, field: &str) -> Option<Instant> {
    match value(step, field) {
        Some(Value::At(at)) => Some(*at),
        _ => None,
    }
}
