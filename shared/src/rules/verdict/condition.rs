//! Conditions: whether a rule, a step or a field applies to a record.
//! Apart because rules, pages and documents must answer this the same way.

use super::Scene;
use crate::domain::event::{Outcome, Value};
use crate::domain::reference::{PowerItem, SubjectKind};
use crate::fold::Facts;
use crate::id::{FieldId, StepId};
use crate::instant::Instant;
use crate::rules::check::Context;
use crate::rules::procedure::{CHECKLIST, Step};
use crate::rules::rule::{Rule, When};

/// Whether a step is to be done in this record at all.
#[must_use]
pub fn step_applies(step: &Step, facts: &Facts, context: &Context<'_>) -> bool {
    let holds = |when| holds(when, facts, context);
    step.applies.as_ref().is_none_or(holds)
}

/// Whether a condition holds in this record.
#[must_use]
pub fn holds(when: &When, facts: &Facts, context: &Context<'_>) -> bool {
    match when {
        When::FieldTrue { step, field } => answer(facts, step, field) == Some(&Value::Bool(true)),
        When::FieldFalse { step, field } => answer(facts, step, field) == Some(&Value::Bool(false)),
        When::FieldIs { step, field, is } => match answer(facts, step, field) {
            Some(Value::Choice(code)) => is.contains(code),
            _ => false,
        },
        When::Subject { is } => {
            let kind = context.subject.map(|subject| subject.kind);
            is.contains(&kind.unwrap_or(SubjectKind::Organisation))
        }
        When::Power { is } => {
            power_of(facts, context).is_some_and(|item| is.contains(&item.source))
        }
        When::MatterUnknown => context.power.is_empty(),
        When::Local { flag } => context.jurisdiction.flags.contains(flag),
        When::Urgent => is_urgent(facts),
        When::Done { step } => facts
            .steps
            .get(step)
            .and_then(|step| step.outcome.as_ref())
            .is_some_and(|outcome| outcome.value.outcome == Outcome::Done),
        When::Refused { step } => facts
            .steps
            .get(step)
            .is_some_and(|s| !s.refusals.is_empty()),
        When::ItemFailed => item_failed(facts),
        When::Not { of } => !holds(of, facts, context),
        When::All { of } => of.iter().all(|when| holds(when, facts, context)),
        When::Any { of } => of.iter().any(|when| holds(when, facts, context)),
        When::Answered { step, field } => answer(facts, step, field).is_some(),
    }
}

/// Whether the record was opened as an emergency, with a reason.
#[must_use]
pub(super) fn is_urgent(facts: &Facts) -> bool {
    let opened = facts.opened.as_ref();
    opened
        .and_then(|opened| opened.value.urgent.as_deref())
        .is_some_and(super::is_said)
}

/// The power list's row for the record's matter on the day that counts: the approval's, in an emergency the opening's
/// (the start of the visit is not known before it).
#[must_use]
pub fn power_of<'a>(facts: &Facts, context: &Context<'a>) -> Option<&'a PowerItem> {
    let day = power_day(facts)?.date();
    context.power.iter().find(|item| item.is_in_force(day))
}

pub(super) fn power_day(facts: &Facts) -> Option<Instant> {
    let approvals = facts.steps.values().flat_map(|step| &step.approvals);
    let granted = approvals
        .filter(|approval| approval.value.granted)
        .map(|a| a.at)
        .min();
    granted.or_else(|| facts.opened.as_ref().map(|opened| opened.at))
}

fn answer<'a>(facts: &'a Facts, step: &StepId, field: &FieldId) -> Option<&'a Value> {
    let noted = facts.steps.get(step)?.fields.get(field)?;
    Some(&noted.value)
}

/// Whether an item of the checklist was answered with `fail`.
fn item_failed(facts: &Facts) -> bool {
    let with_checklist = facts
        .steps
        .values()
        .filter(|step| step.fields.contains_key(CHECKLIST));
    with_checklist
        .flat_map(|step| step.fields.values())
        .any(|noted| matches!(&noted.value, Value::Choice(code) if code == "fail"))
}

impl Scene<'_> {
    /// Whether a rule applies: its step does, and its own condition holds.
    pub(in crate::rules) fn applies(&self, rule: &Rule) -> bool {
        let step = self.procedure.step(rule.step.as_str());
        step.is_none_or(|step| step_applies(step, self.facts, self.context))
            && rule.applies.as_ref().is_none_or(|when| self.holds(when))
    }

    pub(in crate::rules) fn holds(&self, when: &When) -> bool {
        holds(when, self.facts, self.context)
    }
}
