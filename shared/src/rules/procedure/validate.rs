//! What a procedure file must fulfil beyond its shape: references that lead somewhere and names used once.
//! Apart because the places of faults are looked up only when there is one.

use super::{FieldKind, Procedure};
use crate::id::{FieldId, StepId};
use crate::rules::file::BadFile;
use crate::rules::rule::{Due, Rule, When};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// A fault, and in which table of the file.
pub(super) struct Fault {
    at: At,
    what: String,
}

#[derive(Clone, Copy)]
enum At {
    Phase(usize),
    Step(usize),
    StepPhase(usize),
    Rule(usize),
    RuleStep(usize),
    Visit,
}

/// The file read once more, only for places.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Places {
    phase: Vec<Row>,
    step: Vec<Row>,
    rule: Vec<Row>,
    visit: Option<Spanned<toml::Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Option<Spanned<String>>,
    code: Option<Spanned<String>>,
    phase: Option<Spanned<String>>,
    step: Option<Spanned<String>>,
}

impl Fault {
    /// The fault with line and column.
    pub(super) fn located(self, text: &str) -> BadFile {
        let places: Places = toml::from_str(text).unwrap_or_default();
        let start = |spanned: &Option<Spanned<String>>| spanned.as_ref().map(|s| s.span().start);
        let byte = match self.at {
            At::Phase(i) => places.phase.get(i).and_then(|row| start(&row.code)),
            At::Step(i) => places.step.get(i).and_then(|row| start(&row.id)),
            At::StepPhase(i) => places.step.get(i).and_then(|row| start(&row.phase)),
            At::Rule(i) => places.rule.get(i).and_then(|row| start(&row.id)),
            At::RuleStep(i) => places.rule.get(i).and_then(|row| start(&row.step)),
            At::Visit => places.visit.map(|visit| visit.span().start),
        };
        BadFile::at(text, byte.unwrap_or(0), self.what)
    }
}

fn fault<T>(at: At, what: String) -> Result<T, Fault> {
    Err(Fault { at, what })
}

/// Finds the first fault.
pub(super) fn check(procedure: &Procedure) -> Result<(), Fault> {
    let mut phases = BTreeSet::new();
    for (i, phase) in procedure.phases.iter().enumerate() {
        if !phases.insert(phase.code.as_str()) {
            return fault(At::Phase(i), format!("phase {} is there twice", phase.code));
        }
    }
    let mut steps = BTreeSet::new();
    for (i, step) in procedure.steps.iter().enumerate() {
        if !steps.insert(&step.id) {
            return fault(At::Step(i), format!("step {} is there twice", step.id));
        }
        if !phases.contains(step.phase.as_str()) {
            return fault(At::StepPhase(i), format!("unknown phase {}", step.phase));
        }
        check_fields(procedure, i)?;
    }
    check_visit(procedure)?;
    let mut rules = BTreeSet::new();
    for (i, rule) in procedure.rules.iter().enumerate() {
        if !rules.insert(&rule.id) {
            return fault(At::Rule(i), format!("rule {} is there twice", rule.id));
        }
        check_rule(procedure, rule, i)?;
    }
    Ok(())
}

fn check_fields(procedure: &Procedure, i: usize) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for field in procedure.steps.get(i).iter().flat_map(|step| &step.fields) {
        if !seen.insert(&field.id) {
            return fault(At::Step(i), format!("field {} is there twice", field.id));
        }
        let mut codes = BTreeSet::new();
        if !field
            .choices
            .iter()
            .all(|choice| codes.insert(&choice.code))
        {
            return fault(
                At::Step(i),
                format!("field {}: a choice is there twice", field.id),
            );
        }
        if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
            return fault(
                At::Step(i),
                format!("field {}: choices and kind differ", field.id),
            );
        }
    }
    Ok(())
}

fn check_visit(procedure: &Procedure) -> Result<(), Fault> {
    let Some(visit) = &procedure.visit else {
        return Ok(());
    };
    let has = |step: &StepId, field: &FieldId, kind| {
        procedure
            .step(step.as_str())
            .is_some_and(|step| step.fields.iter().any(|f| f.id == *field && f.kind == kind))
    };
    let whole = has(&visit.record, &visit.start, FieldKind::At)
        && has(&visit.record, &visit.end, FieldKind::At)
        && has(&visit.assigned, &visit.officers, FieldKind::Officers);
    if whole {
        Ok(())
    } else {
        fault(
            At::Visit,
            "visit names a step or field that is not there".to_owned(),
        )
    }
}

fn check_rule(procedure: &Procedure, rule: &Rule, i: usize) -> Result<(), Fault> {
    let due = match &rule.due {
        Due::Ended { step } => Some(step),
        Due::VisitStarted | Due::Submitted | Due::AfterVisit { .. } => None,
    };
    let mut conditions = Vec::new();
    for row in &rule.states {
        row.escalate
            .iter()
            .for_each(|e| named(&e.when, &mut conditions));
    }
    rule.applies
        .iter()
        .for_each(|when| named(when, &mut conditions));
    for step in std::iter::once(&rule.step).chain(due).chain(conditions) {
        if procedure.step(step.as_str()).is_none() {
            return fault(At::RuleStep(i), format!("unknown step {step}"));
        }
    }
    let mut states = BTreeSet::new();
    if !rule.states.iter().all(|row| states.insert(row.state)) {
        return fault(At::Rule(i), "a state is there twice".to_owned());
    }
    if rule.states.is_empty() {
        return fault(At::Rule(i), "a rule needs a state".to_owned());
    }
    if rule.basis.is_empty() {
        return fault(At::Rule(i), "a rule needs an article".to_owned());
    }
    Ok(())
}

/// The steps that a condition names.
fn named<'a>(when: &'a When, into: &mut Vec<&'a StepId>) {
    match when {
        When::FieldTrue { step, .. }
        | When::FieldIs { step, .. }
        | When::Done { step }
        | When::Refused { step } => into.push(step),
        When::Not { of } => named(of, into),
        When::All { of } | When::Any { of } => of.iter().for_each(|when| named(when, into)),
        When::Subject { .. }
        | When::Power { .. }
        | When::Local { .. }
        | When::Urgent
        | When::ItemFailed => {}
    }
}
