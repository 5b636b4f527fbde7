//! Whose turn it is in a case that goes to and fro between officers and office, and who handles it.
//! Apart because phone and console must say the same, and a reviewer must be somebody else.

use crate::domain::event::{Fact, SignerRole, Value};
use crate::fold::{Facts, StepFacts};
use crate::id::{OfficerId, StepId};
use crate::instant::Instant;
use crate::rules::check::Context;
use crate::rules::procedure::{Actor, Procedure, Proof, Step};
use crate::rules::step_applies;
use std::collections::BTreeSet;

/// When a step ended, or was approved: the latest that is known of it.
fn ended(known: Option<&StepFacts>) -> Option<Instant> {
    let known = known?;
    let outcome = known.outcome.as_ref().map(|noted| noted.recorded_at);
    let approved = known.approvals.last().filter(|last| last.value.granted);
    outcome.max(approved.map(|noted| noted.recorded_at))
}

/// When an approval was denied, if that is its latest word.
fn denied(known: Option<&StepFacts>) -> Option<Instant> {
    let last = known?.approvals.last()?;
    (!last.value.granted).then_some(last.recorded_at)
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
            let no = denied(facts.steps.get(&step.id));
            let again = before.filter(|form| {
                form.actor == Actor::Office && no > ended(facts.steps.get(&form.id))
            });
            return again.filter(|_| no.is_some()).or(Some(step));
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
