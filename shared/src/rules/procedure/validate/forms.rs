//! What documents must fulfil: places that something fills, nothing of a later step, and signers whom somebody can be.
//! Apart because a word that nothing fills would be printed as it stands.

use super::{At, Fault, condition_fault, fault};
use crate::id::StepId;
use crate::rules::form::{APPROVED, Form, NAMES, Part, PartKind, Piece, Signer, Who, pieces};
use crate::rules::procedure::{DocumentKind, FieldKind, Procedure, Proof, Step};
use crate::rules::rule::When;
use std::collections::BTreeSet;

/// Finds the first fault in the documents.
pub(super) fn check(procedure: &Procedure) -> Result<(), Fault> {
    let mut codes = BTreeSet::new();
    for (i, form) in procedure.forms.iter().enumerate() {
        let known = DocumentKind::from_code(&form.code).is_some();
        if known || !codes.insert(form.code.as_str()) {
            return fault(
                At::Form(i),
                format!("document {} is there twice", form.code),
            );
        }
        if let Some(what) = form_fault(procedure, form) {
            return fault(At::Form(i), format!("document {}: {what}", form.code));
        }
        for (j, part) in form.body.iter().enumerate() {
            if let Some(what) = part_fault(procedure, form, part) {
                return fault(At::FormPart(i, j), what);
            }
        }
        for (j, signer) in form.signs.iter().enumerate() {
            if let Some(what) = signer_fault(procedure, signer) {
                return fault(At::FormSigner(i, j), what);
            }
        }
    }
    Ok(())
}

fn form_fault(procedure: &Procedure, form: &Form) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if form.code.is_empty() || !form.code.chars().all(plain) {
        return Some("a code is of small letters".to_owned());
    }
    let mut steps = std::iter::once(&form.step).chain(&form.also);
    if let Some(step) = steps.find(|step| procedure.step(step.as_str()).is_none()) {
        return Some(format!("unknown step {step}"));
    }
    if let Some(day) = &form.conduct {
        let place = format!("{}.{}", day.step, day.field);
        if let Some(what) = place_fault(procedure, form, &place) {
            return Some(what);
        }
    }
    let applies = form.applies.as_ref();
    applies
        .and_then(|when| condition_fault(procedure, when))
        .or_else(|| text_fault(procedure, form, &form.number))
        .or_else(|| text_fault(procedure, form, &form.dated))
}

fn part_fault(procedure: &Procedure, form: &Form, part: &Part) -> Option<String> {
    let cells = part.cells.iter().filter_map(|cell| cell.when.as_ref());
    let mut whens = part.when.iter().chain(cells);
    let fault =
        |when| condition_fault(procedure, when).or_else(|| late_fault(procedure, form, when));
    if let Some(what) = whens.find_map(fault) {
        return Some(what);
    }
    let mut texts = part.texts();
    if let Some(what) = texts.find_map(|text| text_fault(procedure, form, text)) {
        return Some(what);
    }
    let late = |step: &&StepId| step_in(procedure, form, step.as_str()).is_none();
    if let Some(step) = part.steps.iter().find(late) {
        return Some(format!("step {step} is not there or comes later"));
    }
    let text = !part.text.is_empty();
    let has = (
        text,
        !part.cells.is_empty(),
        part.head.len(),
        !part.steps.is_empty(),
    );
    let fits = match part.kind {
        PartKind::Address | PartKind::Heading | PartKind::Paragraph | PartKind::Prose => {
            has == (true, false, 0, false)
        }
        PartKind::Cells => has == (false, true, 0, false),
        PartKind::Lines => has == (true, false, 2, false),
        PartKind::Said => has == (false, false, 4, true),
        PartKind::Evidence => has == (false, false, 0, true),
        PartKind::End => has == (false, false, 0, false),
    };
    if !fits {
        return Some("a part has what it does not take, or lacks what it takes".to_owned());
    }
    // What may have many lines would break a sentence.
    let long =
        part.kind == PartKind::Paragraph && places(&part.text).any(|p| is_long(procedure, p));
    long.then(|| "a long field stands in a sentence".to_owned())
}

fn signer_fault(procedure: &Procedure, signer: &Signer) -> Option<String> {
    let step = signer.step.as_ref().map(StepId::as_str);
    let step = step.map(|id| procedure.step(id).ok_or(id));
    if let Some(Err(unknown)) = step {
        return Some(format!("unknown step {unknown}"));
    }
    let proof = |proof: Proof| matches!(step, Some(Ok(step)) if step.proof.contains(&proof));
    let words = !signer.granted.is_empty() && !signer.denied.is_empty();
    let fits = match signer.who {
        Who::Approver => proof(Proof::Approval) && words && !signer.caption.is_empty(),
        Who::Receiver => proof(Proof::Service),
        Who::Officers | Who::Party | Who::Paper => step.is_none() && !signer.caption.is_empty(),
    };
    if !fits {
        return Some("nobody can sign so".to_owned());
    }
    let named = signer.names.as_ref()?;
    let step = procedure.step(named.step.as_str());
    let field = step.and_then(|step| step.field(named.field.as_str()));
    let officers = field.is_some_and(|field| field.kind == FieldKind::Officers);
    let fits = officers && signer.who == Who::Paper && signer.caption.contains("{name}");
    (!fits).then(|| "names are officers, and sign on paper".to_owned())
}

fn text_fault(procedure: &Procedure, form: &Form, text: &str) -> Option<String> {
    if pieces(text).is_none() {
        return Some("a bracket stands alone".to_owned());
    }
    places(text).find_map(|place| place_fault(procedure, form, place))
}

/// Every place that a text names.
fn places(text: &str) -> impl Iterator<Item = &str> {
    let pieces = pieces(text).unwrap_or_default().into_iter();
    pieces.flat_map(|piece| match piece {
        Piece::Words(_) => Vec::new(),
        Piece::Place(places) => places,
    })
}

fn place_fault(procedure: &Procedure, form: &Form, place: &str) -> Option<String> {
    let Some((step, field)) = place.split_once('.') else {
        let unknown = !NAMES.contains(&place);
        return unknown.then(|| format!("nothing is called {place}"));
    };
    let Some(known) = step_in(procedure, form, step) else {
        return Some(format!("step {step} is not there or comes later"));
    };
    let approval = field == APPROVED && known.proof.contains(&Proof::Approval);
    let none = !approval && known.field(field).is_none();
    none.then(|| format!("step {step} has no field {field}"))
}

/// The step of this id, unless it comes after the document's own.
fn step_in<'a>(procedure: &'a Procedure, form: &Form, id: &str) -> Option<&'a Step> {
    let own = procedure
        .steps
        .iter()
        .position(|step| step.id == form.step)?;
    let mut steps = procedure.steps.iter().take(own + 1);
    steps.find(|step| step.id == *id)
}

/// A condition on what a later step records would change what somebody has signed.
fn late_fault(procedure: &Procedure, form: &Form, when: &When) -> Option<String> {
    let step = match when {
        When::FieldTrue { step, .. }
        | When::FieldFalse { step, .. }
        | When::FieldIs { step, .. }
        | When::Answered { step, .. }
        | When::Done { step }
        | When::Refused { step } => step,
        When::Not { of } => return late_fault(procedure, form, of),
        When::All { of } | When::Any { of } => {
            return of.iter().find_map(|when| late_fault(procedure, form, when));
        }
        When::Subject { .. }
        | When::Power { .. }
        | When::MatterUnknown
        | When::Local { .. }
        | When::Urgent
        | When::ItemFailed => return None,
    };
    let late = step_in(procedure, form, step.as_str()).is_none();
    late.then(|| format!("step {step} comes later"))
}

fn is_long(procedure: &Procedure, place: &str) -> bool {
    let field = place
        .split_once('.')
        .and_then(|(step, field)| procedure.step(step)?.field(field));
    field.is_some_and(|field| field.kind == FieldKind::Long)
}
