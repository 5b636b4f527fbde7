//! What a procedure file must fulfil beyond its shape: references that lead somewhere and names used once.
//! Apart because the places of faults are looked up only when there is one.

mod forms;
mod rules;

use super::{
    Actor, CHECKLIST, Choice, CorrectionFrame, Field, FieldKind, LATE_REASON, Prefill, Procedure,
    Proof, Step,
};
use crate::id::{FieldId, StepId};
use crate::rules::file::BadFile;
use crate::rules::rule::When;
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// A fault, and in which table of the file.
pub(super) struct Fault {
    at: At,
    what: String,
}

/// Where a fault is: numbers count from 0 in the file's order.
#[derive(Clone, Copy)]
enum At {
    Phase(usize),
    Step(usize),
    StepPhase(usize),
    StepPart(usize, Part),
    Field(usize, usize),
    FieldApplies(usize, usize),
    Rule(usize),
    RuleStep(usize),
    RulePart(usize, Part),
    Form(usize),
    FormPart(usize, usize),
    FormSigner(usize, usize),
    Visit,
}

/// A value of a table that a fault can be in.
#[derive(Clone, Copy)]
enum Part {
    Applies,
    Check,
    Documents,
    Due,
    LeadsTo,
    States,
}

/// The file read once more, only for places.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Places {
    phase: Vec<Row>,
    step: Vec<Row>,
    rule: Vec<Row>,
    document: Vec<Row>,
    visit: Option<Spanned<toml::Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Option<Spanned<String>>,
    code: Option<Spanned<String>>,
    phase: Option<Spanned<String>>,
    step: Option<Spanned<String>>,
    fields: Vec<Row>,
    applies: Option<Spanned<toml::Value>>,
    check: Option<Spanned<toml::Value>>,
    documents: Option<Spanned<toml::Value>>,
    due: Option<Spanned<toml::Value>>,
    leads_to: Option<Spanned<toml::Value>>,
    states: Option<Spanned<toml::Value>>,
    body: Vec<Spanned<toml::Value>>,
    signs: Vec<Spanned<toml::Value>>,
}

impl Row {
    fn part(&self, part: Part) -> Option<usize> {
        let value = match part {
            Part::Applies => &self.applies,
            Part::Check => &self.check,
            Part::Documents => &self.documents,
            Part::Due => &self.due,
            Part::LeadsTo => &self.leads_to,
            Part::States => &self.states,
        };
        start(value).or_else(|| start(&self.id))
    }
}

fn start<T>(spanned: &Option<Spanned<T>>) -> Option<usize> {
    spanned.as_ref().map(|s| s.span().start)
}

impl Fault {
    /// The fault with line and column.
    pub(super) fn located(self, text: &str) -> BadFile {
        let places: Places = toml::from_str(text).unwrap_or_default();
        let step = |i| places.step.get(i);
        let rule = |i| places.rule.get(i);
        let form = |i| places.document.get(i);
        let begin = |part: Option<&Spanned<toml::Value>>| part.map(|part| part.span().start);
        let field = |i, j| step(i).and_then(|row: &Row| row.fields.get(j));
        let byte = match self.at {
            At::Phase(i) => places.phase.get(i).and_then(|row| start(&row.code)),
            At::Step(i) => step(i).and_then(|row| start(&row.id)),
            At::StepPhase(i) => step(i).and_then(|row| start(&row.phase)),
            At::StepPart(i, part) => step(i).and_then(|row| row.part(part)),
            At::Field(i, j) => field(i, j).and_then(|row| start(&row.id)),
            At::FieldApplies(i, j) => field(i, j).and_then(|row| row.part(Part::Applies)),
            At::Rule(i) => rule(i).and_then(|row| start(&row.id)),
            At::RuleStep(i) => rule(i).and_then(|row| start(&row.step)),
            At::RulePart(i, part) => rule(i).and_then(|row| row.part(part)),
            At::Form(i) => form(i).and_then(|row| start(&row.code)),
            At::FormPart(i, j) => form(i).and_then(|row| begin(row.body.get(j))),
            At::FormSigner(i, j) => form(i).and_then(|row| begin(row.signs.get(j))),
            At::Visit => start(&places.visit),
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
        check_step(procedure, step, i)?;
    }
    check_visit(procedure)?;
    if let Some(what) = procedure.correction.as_ref().and_then(|frame| {
        let CorrectionFrame {
            served,
            result,
            failed,
        } = frame;
        field_ref_fault(procedure, &served.step, &served.field, &[FieldKind::At])
            .or_else(|| choice_fault(procedure, &result.step, &result.field, failed))
    }) {
        return fault(At::Visit, what);
    }
    rules::check(procedure)?;
    forms::check(procedure)
}

fn check_step(procedure: &Procedure, step: &Step, i: usize) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (j, field) in step.fields.iter().enumerate() {
        if !seen.insert(&field.id) {
            return fault(
                At::Field(i, j),
                format!("field {} is there twice", field.id),
            );
        }
        if let Some(what) = field_fault(step, field) {
            return fault(At::Field(i, j), format!("field {}: {what}", field.id));
        }
        let own = |choice: &Choice| choice.leads_to.as_ref() == Some(&procedure.id);
        if field.choices.iter().any(own) {
            let what = format!("field {} leads to its own procedure", field.id);
            return fault(At::Field(i, j), what);
        }
        if let Some(what) = field
            .prefill
            .as_ref()
            .and_then(|p| prefill_fault(procedure, field, p))
        {
            return fault(At::Field(i, j), format!("field {}: {what}", field.id));
        }
        let applies = field.applies.as_ref();
        if let Some(what) = applies.and_then(|when| condition_fault(procedure, when)) {
            return fault(At::FieldApplies(i, j), what);
        }
    }
    let applies = step.applies.as_ref();
    if let Some(what) = applies.and_then(|when| condition_fault(procedure, when)) {
        return fault(At::StepPart(i, Part::Applies), what);
    }
    if step.leads_to.as_ref() == Some(&procedure.id) {
        let what = format!("step {} leads to its own procedure", step.id);
        return fault(At::StepPart(i, Part::LeadsTo), what);
    }
    if let Some(what) = office_fault(procedure, step, i) {
        return fault(At::Step(i), format!("step {}: {what}", step.id));
    }
    let before = || procedure.steps.iter().take(i);
    if step.checklist && before().any(|other| other.checklist) {
        return fault(At::Step(i), "a second step with a checklist".to_owned());
    }
    let made = |kind| before().any(|other| other.documents.contains(kind));
    if step.documents.iter().any(made) {
        let what = format!("step {}: an earlier step makes this document", step.id);
        return fault(At::StepPart(i, Part::Documents), what);
    }
    let binding = [Proof::Approval, Proof::PartySignature, Proof::OfficersPin];
    if !step.documents.is_empty() && !step.proof.iter().any(|proof| binding.contains(proof)) {
        let what = format!("step {}: nobody signs or approves its document", step.id);
        return fault(At::StepPart(i, Part::Documents), what);
    }
    Ok(())
}

/// What is wrong with who does it.
fn office_fault(procedure: &Procedure, step: &Step, i: usize) -> Option<&'static str> {
    let office = step.actor == Actor::Office;
    let mut before = procedure.steps.iter().take(i);
    if !office && (!step.by.is_empty() || step.independent.is_some()) {
        Some("only a step of the office says who does it")
    } else if step.decides && !(office && step.proof.contains(&Proof::Approval)) {
        Some("what decides is an approval")
    } else if step.decides && before.any(|other| other.decides) {
        Some("a second step decides")
    } else {
        None
    }
}

fn field_fault(step: &Step, field: &Field) -> Option<&'static str> {
    let mut codes = BTreeSet::new();
    let texts = matches!(field.kind, FieldKind::Text | FieldKind::Long);
    let reserved = field.id == *LATE_REASON || (step.checklist && field.id == *CHECKLIST);
    if !field.choices.iter().all(|c| codes.insert(&c.code)) {
        Some("a choice is there twice")
    } else if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
        Some("choices and kind differ")
    } else if !texts && !field.phrases.is_empty() {
        Some("phrases are for text")
    } else if field.ranked.is_some() && field.kind != FieldKind::Officers {
        Some("only people are ranked by what they are")
    } else if reserved {
        Some("the program keeps this name for itself")
    } else if field.numbered.is_some() && field.kind != FieldKind::Text {
        Some("a number is a text")
    } else if field
        .numbered
        .is_some_and(|document| !step.documents.contains(&document))
    {
        Some("its step does not make the document that it numbers")
    } else if field.numbered.is_some() && field.prefill.is_some() {
        Some("a number is taken from a block, not from elsewhere")
    } else {
        None
    }
}

/// Why this cannot stand in the field beforehand, if so.
fn prefill_fault(procedure: &Procedure, field: &Field, prefill: &Prefill) -> Option<String> {
    let kinds: &[FieldKind] = match prefill {
        Prefill::Field { step, field: other } => {
            let codes: Vec<String> = procedure
                .step(step.as_str())
                .and_then(|step| step.field(other.as_str()))
                .map(|from| from.choices.iter().map(|c| c.code.clone()).collect())
                .unwrap_or_default();
            let offers = |code: &&String| !field.choices.iter().any(|c| c.code == **code);
            // A short text may stand in a long one and the other way round.
            let kinds: &[FieldKind] = match &field.kind {
                FieldKind::Text | FieldKind::Long => &[FieldKind::Text, FieldKind::Long],
                kind => std::slice::from_ref(kind),
            };
            let unknown = || {
                let code = codes.iter().find(offers)?;
                Some(format!("it has no choice {code} of {other} of {step}"))
            };
            return field_ref_fault(procedure, step, other, kinds).or_else(unknown);
        }
        Prefill::Today => &[FieldKind::Day],
        Prefill::Opened => &[FieldKind::At, FieldKind::Day],
        Prefill::Place => &[FieldKind::Text, FieldKind::Long],
    };
    (!kinds.contains(&field.kind)).then(|| "what stands in it is of another kind".to_owned())
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

/// What is wrong with the first condition in this one, if anything.
fn condition_fault(procedure: &Procedure, when: &When) -> Option<String> {
    match when {
        When::FieldTrue { step, field } | When::FieldFalse { step, field } => {
            field_ref_fault(procedure, step, field, &[FieldKind::Bool])
        }
        When::FieldIs { step, field, is } => {
            let fault = field_ref_fault(procedure, step, field, &[FieldKind::Choice]);
            fault.or_else(|| choice_fault(procedure, step, field, is))
        }
        When::Answered { step, field } => field_ref_fault(procedure, step, field, &rules::ANY),
        When::Done { step } | When::Refused { step } => {
            let unknown = procedure.step(step.as_str()).is_none();
            unknown.then(|| format!("unknown step {step}"))
        }
        When::ItemFailed => {
            let none = !procedure.steps.iter().any(|step| step.checklist);
            none.then(|| "no step has a checklist".to_owned())
        }
        When::Not { of } => condition_fault(procedure, of),
        When::All { of } | When::Any { of } => {
            of.iter().find_map(|when| condition_fault(procedure, when))
        }
        When::Subject { .. }
        | When::Power { .. }
        | When::MatterUnknown
        | When::Local { .. }
        | When::Urgent => None,
    }
}

/// Why this field cannot be meant, if so.
fn field_ref_fault(
    procedure: &Procedure,
    step: &StepId,
    field: &FieldId,
    kinds: &[FieldKind],
) -> Option<String> {
    let Some(known) = procedure.step(step.as_str()) else {
        return Some(format!("unknown step {step}"));
    };
    match known.field(field.as_str()) {
        None => Some(format!("step {step} has no field {field}")),
        Some(found) if !kinds.contains(&found.kind) => {
            Some(format!("field {field} of {step} is of another kind"))
        }
        Some(_) => None,
    }
}

/// The first of these codes that the field does not offer.
fn choice_fault(
    procedure: &Procedure,
    step: &StepId,
    field: &FieldId,
    codes: &[String],
) -> Option<String> {
    let choices = &procedure
        .step(step.as_str())?
        .field(field.as_str())?
        .choices;
    let unknown = codes
        .iter()
        .find(|code| !choices.iter().any(|choice| choice.code == **code))?;
    Some(format!("field {field} of {step} has no choice {unknown}"))
}
