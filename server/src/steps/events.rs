//! From a step's form to the events of its record.

use super::{Desk, MAX_NOTE};
use crate::app::App;
use crate::fields::{self, Errors};
use crate::office;
use crate::problem::Problem;
use crate::session::{Fields, Visitor};
use shared::domain::event::{Event, FieldAnswered, Outcome, StepRecorded, Value};
use shared::fold::StepFacts;
use shared::id::FieldId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::holds;
use shared::rules::procedure::{Field, Step};

/// What is wrong with the remark.
fn note_faults(note: &str, left_out: bool) -> Errors {
    let mut errors = Errors::new();
    if note.chars().count() > MAX_NOTE {
        errors.push(("note".to_owned(), "console.task.error.note"));
    }
    if left_out && note.is_empty() {
        errors.push(("note".to_owned(), "console.office.error.reason"));
    }
    errors
}

/// Fields that are asked and have no answer. What was recorded is not emptied: another value corrects it.
fn missing(
    step: &Step,
    asked: &[&Field],
    given: &[(FieldId, Value)],
    known: Option<&StepFacts>,
) -> Errors {
    let empty = asked.iter().filter(|field| {
        let recorded = known.is_some_and(|known| known.fields.contains_key(&field.id));
        (field.required || recorded) && given.iter().all(|(id, _)| *id != field.id)
    });
    empty
        .map(|field| (fields::name(step, field), "console.office.error.missing"))
        .collect()
}

/// The events of a step's form: what changed, and how the step ended. None if everything is as it was.
pub(super) fn events(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    posted: &Fields,
    now: Instant,
) -> Result<Result<Vec<Event>, Errors>, Problem> {
    let (facts, step) = (desk.facts()?, &desk.step);
    let (note, left_out) = (posted.text("note"), posted.text("end") == "na");
    let known = facts.steps.get(&step.id);
    let mut errors = note_faults(note, left_out);
    let mut given = Vec::new();
    if !left_out {
        let (answers, wrong) = fields::read(step, posted, &desk.officers);
        given = answers;
        errors.extend(wrong);
    }
    let answer = |(field, value): &(FieldId, Value)| {
        let (step, field, value) = (step.id.clone(), field.clone(), value.clone());
        office::event(FieldAnswered { step, field, value }, now)
    };
    let all: Vec<Event> = given.iter().map(answer).collect();
    let then = office::foreseen(app, &desk.case.commits, visitor.session.officer.id, &all);
    let judged = desk.case.judged.as_ref().map_err(|_| Code::BadProcedure)?;
    let context = judged.context(&desk.case.known, now);
    let applies = |field: &&Field| {
        field
            .applies
            .as_ref()
            .is_none_or(|when| holds(when, &then, &context))
    };
    let asked: Vec<&Field> = step.fields.iter().filter(applies).collect();
    if !left_out {
        for (at, key) in missing(step, &asked, &given, known) {
            if errors.iter().all(|(known, _)| *known != at) {
                errors.push((at, key));
            }
        }
    }
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let changed = given.iter().filter(|(id, value)| {
        let same = known.and_then(|known| known.fields.get(id));
        asked.iter().any(|field| field.id == *id) && same.is_none_or(|noted| noted.value != *value)
    });
    let mut events: Vec<Event> = changed.map(answer).collect();
    let ended = StepRecorded {
        step: step.id.clone(),
        outcome: if left_out {
            Outcome::NotApplicable
        } else {
            Outcome::Done
        },
        note: note.to_owned(),
    };
    let before = known.and_then(|known| known.outcome.as_ref());
    if !events.is_empty() || before.is_none_or(|before| before.value != ended) {
        events.push(office::event(ended, now));
    }
    Ok(Ok(events))
}
