//! The office's steps before an inspection is approved: which apply, and what they are answered with.

use crate::app::App;
use crate::assess::Ahead;
use crate::fields;
use crate::office;
use crate::session::Fields;
use shared::domain::event::{Event, Fact, FieldAnswered, Outcome, StepRecorded, Value};
use shared::id::{FieldId, OfficerId};
use shared::instant::Instant;
use shared::rules::procedure::{Actor, Procedure, Proof, Step};
use shared::rules::step_applies;

/// The step and field that say how often the party was inspected this year: counted, never asked.
const COUNT: (&str, &str) = ("JC-03", "count");

/// The steps that the office answers before the approval.
pub(super) fn plan_steps(procedure: &Procedure) -> Vec<&Step> {
    let before = procedure
        .steps
        .iter()
        .take_while(|step| !step.proof.contains(&Proof::Approval));
    let own = before.filter(|step| step.actor == Actor::Office);
    own.filter(|step| !step.fields.is_empty()).collect()
}

/// What the plan's steps were answered with.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// Steps that apply and are asked.
    pub(super) steps: Vec<&'a Step>,
    pub(super) facts: Vec<Fact>,
    pub(super) errors: fields::Errors,
    /// Some of them were not on the form yet.
    pub(super) more: bool,
}

/// Answers of the plan's steps, each looked at with those before it in mind.
pub(super) fn plan<'a>(
    app: &App,
    (procedure, ahead): (&'a Procedure, &Ahead),
    posted: &Fields,
    opening: &Event,
    by: OfficerId,
    now: Instant,
) -> Plan<'a> {
    let mut plan = Plan::default();
    let mut events = vec![opening.clone()];
    for (nth, step) in plan_steps(procedure).into_iter().enumerate() {
        let facts = office::foreseen(app, &[], by, &events);
        if !step_applies(step, &facts, &ahead.context(now)) {
            continue;
        }
        let mut given = Vec::new();
        if step.id.as_str() == COUNT.0 {
            let count = ahead.inspections().zip(FieldId::new(COUNT.1).ok());
            given.extend(count.map(|(n, field)| (field, Value::Int(i64::from(n)))));
        } else {
            plan.steps.push(step);
            plan.more |= nth > 0 && posted.all("asked").all(|id| id != step.id.as_str());
            let (answers, errors) = fields::read(step, posted, &[]);
            plan.errors.extend(errors);
            // What decides about the rest has to be known.
            for field in step.fields.iter().filter(|f| nth == 0 || f.required) {
                if answers.iter().all(|(id, _)| *id != field.id) {
                    let at = fields::name(step, field);
                    plan.errors.push((at, "console.office.error.missing"));
                }
            }
            given = answers;
        }
        let facts = facts_of(step, given);
        events.extend(facts.iter().map(|fact| office::event(fact.clone(), now)));
        plan.facts.extend(facts);
    }
    plan
}

/// A step's answers, and that it is done; nothing if nothing was answered.
fn facts_of(step: &Step, given: Vec<(FieldId, Value)>) -> Vec<Fact> {
    if given.is_empty() {
        return Vec::new();
    }
    let answer = |(field, value)| {
        let step = step.id.clone();
        Fact::from(FieldAnswered { step, field, value })
    };
    let done = StepRecorded {
        step: step.id.clone(),
        outcome: Outcome::Done,
        note: String::new(),
    };
    given.into_iter().map(answer).chain([done.into()]).collect()
}
