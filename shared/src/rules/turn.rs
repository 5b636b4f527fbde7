//! Whose turn it is in a case that goes to and fro between officers and office, and who handles it.
//! Apart because phone and console must say the same, and a reviewer must be somebody else.

use crate::domain::event::{EventRef, Fact, SignerRole, Value};
use crate::fold::{Facts, StepFacts};
use crate::id::{OfficerId, StepId};
use crate::rules::check::Context;
use crate::rules::procedure::{Actor, Procedure, Proof, Step};
use crate::rules::step_applies;
use std::collections::BTreeSet;

/// How a step ended or was approved: what is known of it last.
fn ended(known: Option<&StepFacts>) -> Option<EventRef> {
    let known = known?;
    let approved = known.approvals.last().filter(|last| last.value.granted);
    let ended = known.outcome.as_ref().map(|noted| noted.place);
    approved.map(|noted| noted.place).or(ended)
}

/// How an approval was denied, if that is its latest word.
fn denied(known: Option<&StepFacts>) -> Option<EventRef> {
    let last = known?.approvals.last()?;
    (!last.value.granted).then_some(last.place)
}

/// Whether one event stands after another in the record's order, which depends on no clock.
fn is_after(facts: &Facts, one: EventRef, other: EventRef) -> bool {
    let place = |event| facts.timeline.iter().position(|entry| entry.place == event);
    place(one) > place(other)
}

/// Whether a step is done. An approval that was denied is not.
#[must_use]
pub fn is_done(facts: &Facts, step: &Step) -> bool {
    ended(facts.steps.get(&step.id)).is_some()
}

/// The step whose turn it is: the first in the procedure's order that counts here and is not done; none once all are. An
/// approval that was denied goes back to the form before it, until that is written again.
#[must_use]
pub fn turn<'a>(
    procedure: &'a Procedure,
    facts: &Facts,
    context: &Context<'_>,
) -> Option<&'a Step> {
    if facts.opened.is_none() || facts.voided.is_some() {
        return None;
    }
    let counts = |step: &&Step| !step.optional && step_applies(step, facts, context);
    let mut before: Option<&Step> = None;
    for step in procedure.steps.iter().filter(counts) {
        if !is_done(facts, step) {
            let again = before.filter(|form| {
                let no = denied(facts.steps.get(&step.id));
                let written = ended(facts.steps.get(&form.id));
                let later = no
                    .zip(written)
                    .is_some_and(|(no, w)| is_after(facts, no, w));
                form.actor == Actor::Office && later
            });
            return again.or(Some(step));
        }
        before = Some(step);
    }
    None
}

/// Whether an approval's latest word is no.
#[must_use]
pub fn is_denied(facts: &Facts, step: &Step) -> bool {
    step.proof.contains(&Proof::Approval) && denied(facts.steps.get(&step.id)).is_some()
}

/// Who handles the case (承办人): whoever it was opened for or is named for it, and whoever recorded or signed a step of the
/// officers. What was withdrawn does not count, and of the names the latest.
#[must_use]
pub fn handlers(procedure: &Procedure, facts: &Facts) -> BTreeSet<OfficerId> {
    let opened = facts.opened.iter().flat_map(|noted| &noted.value.officers);
    let mut handlers: BTreeSet<OfficerId> = opened.copied().collect();
    let frame = procedure.visit.as_ref();
    let named = frame.and_then(|f| facts.steps.get(&f.assigned)?.fields.get(&f.officers));
    if let Some(Value::Officers(ids)) = named.map(|noted| &noted.value) {
        handlers.extend(ids);
    }
    let theirs = |id: &StepId| {
        let step = procedure.step(id.as_str());
        step.is_some_and(|step| step.actor == Actor::Officers)
    };
    for entry in &facts.timeline {
        let counts = !facts.withdrawn.contains(&entry.place);
        if counts && step_of(&entry.event.fact).is_some_and(theirs) {
            handlers.insert(entry.officer);
            if let Fact::Signed(signed) = &entry.event.fact
                && signed.role == SignerRole::Officer
            {
                handlers.extend(signed.officer);
            }
        }
    }
    handlers
}

/// The step that a fact is of, if somebody does that step by it.
const fn step_of(fact: &Fact) -> Option<&StepId> {
    match fact {
        Fact::StepRecorded(f) => Some(&f.step),
        Fact::FieldAnswered(f) => Some(&f.step),
        Fact::EvidenceAdded(f) => Some(&f.step),
        Fact::Signed(f) => Some(&f.step),
        Fact::Refused(f) => Some(&f.step),
        Fact::StatementHeard(f) => Some(&f.step),
        Fact::Served(f) => Some(&f.step),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
