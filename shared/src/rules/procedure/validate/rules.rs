//! What rules must fulfil: fields and choices that exist, a row for each state, and limits where a check counts with one.
//! Apart because a rule's check decides what the rest of its row must say.

use super::{At, Fault, Part, choice_fault, condition_fault, fault, field_ref_fault};
use crate::id::FieldId;
use crate::rules::check::states;
use crate::rules::procedure::{FieldKind, Procedure};
use crate::rules::rule::{Check, Due, FieldRef, Pair, Rule};
use std::collections::BTreeSet;

mod ordinary;

/// Every kind of field.
pub(super) const ANY: [FieldKind; 8] = [
    FieldKind::Text,
    FieldKind::Long,
    FieldKind::At,
    FieldKind::Choice,
    FieldKind::Officers,
    FieldKind::Bool,
    FieldKind::Day,
    FieldKind::Int,
];

/// Finds the first fault in the rules.
pub(super) fn check(procedure: &Procedure) -> Result<(), Fault> {
    let mut rules = BTreeSet::new();
    for (i, rule) in procedure.rules.iter().enumerate() {
        if !rules.insert(&rule.id) {
            return fault(At::Rule(i), format!("rule {} is there twice", rule.id));
        }
        if procedure.step(rule.step.as_str()).is_none() {
            return fault(At::RuleStep(i), format!("unknown step {}", rule.step));
        }
        check_rule(procedure, rule, i)?;
    }
    Ok(())
}

fn check_rule(procedure: &Procedure, rule: &Rule, i: usize) -> Result<(), Fault> {
    let at = |part| At::RulePart(i, part);
    if rule.basis.is_empty() {
        return fault(At::Rule(i), "a rule needs an article".to_owned());
    }
    if let Some(what) = check_fault(procedure, rule) {
        return fault(at(Part::Check), what);
    }
    let applies = rule.applies.as_ref();
    if let Some(what) = applies.and_then(|when| condition_fault(procedure, when)) {
        return fault(at(Part::Applies), what);
    }
    if let Some(what) = due_fault(procedure, rule) {
        return fault(at(Part::Due), what);
    }
    match states_fault(procedure, rule) {
        Some(what) => fault(at(Part::States), what),
        None => Ok(()),
    }
}

fn states_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let mut seen = BTreeSet::new();
    for row in &rule.states {
        let code = row.state.code();
        if !seen.insert(row.state) {
            return Some(format!("state {code} is there twice"));
        }
        if !states(&rule.check).contains(&row.state) {
            return Some(format!("the check never finds {code}"));
        }
        if let Some(escalation) = &row.escalate {
            if escalation.to <= row.severity {
                return Some(format!("state {code} escalates to nothing graver"));
            }
            let what = condition_fault(procedure, &escalation.when);
            if what.is_some() {
                return what;
            }
        }
    }
    let found = states(&rule.check).iter();
    let lacking = found.copied().find(|state| !seen.contains(state))?;
    Some(format!(
        "the check finds {}: it needs a row",
        lacking.code()
    ))
}

/// Whether the check counts with the limit of the rule's due point.
const fn needs_limit(check: &Check) -> bool {
    matches!(
        check,
        Check::NotLater
            | Check::Disposed { .. }
            | Check::ByDay { .. }
            | Check::DeliveredInTime { .. }
            | Check::Rechecked
            | Check::DoneBy { .. }
            | Check::DecidedBy { .. }
    )
}

/// Whether the check has a figure of its own.
const fn has_figure(check: &Check) -> bool {
    matches!(
        check,
        Check::ApprovedBefore { .. }
            | Check::Scanned { .. }
            | Check::WithinLimitation { .. }
            | Check::OnTheSpot { .. }
            | Check::Grounded { .. }
            | Check::WindowOver { .. }
            | Check::HearingTold { .. }
            | Check::LongBefore { .. }
            | Check::Collective { .. }
            | Check::ServedByNotice { .. }
            | Check::Surcharge { .. }
            | Check::AtLeast { .. }
    )
}

fn due_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let limited = match &rule.due {
        Due::VisitStarted | Due::Submitted => false,
        Due::Ended { step } => {
            if procedure.step(step.as_str()).is_none() {
                return Some(format!("unknown step {step}"));
            }
            false
        }
        Due::Given { step, field } => {
            let what = field_ref_fault(procedure, step, field, &ANY);
            if what.is_some() {
                return what;
            }
            false
        }
        Due::AfterVisit { .. } => {
            if procedure.visit.is_none() {
                return Some("the procedure has no visit".to_owned());
            }
            true
        }
        Due::AfterDay { days, .. } => {
            let what = days_fault(procedure, days);
            if what.is_some() {
                return what;
            }
            true
        }
    };
    if needs_limit(&rule.check) && !limited {
        return Some("the check needs a limit".to_owned());
    }
    if (limited || has_figure(&rule.check)) && rule.figure.is_none() {
        return Some("a limit needs to say how sure its figure is".to_owned());
    }
    None
}

fn days_fault(procedure: &Procedure, days: &[FieldRef]) -> Option<String> {
    if days.is_empty() {
        return Some("days are missing".to_owned());
    }
    let kind = [FieldKind::Day];
    days.iter()
        .find_map(|day| field_ref_fault(procedure, &day.step, &day.field, &kind))
}

#[expect(clippy::too_many_lines, reason = "one arm for each check of the list")]
fn check_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let own =
        |field: &FieldId, kinds: &[FieldKind]| field_ref_fault(procedure, &rule.step, field, kinds);
    let step = |id: &crate::id::StepId| {
        let unknown = procedure.step(id.as_str()).is_none();
        unknown.then(|| format!("unknown step {id}"))
    };
    use FieldKind as K;
    match &rule.check {
        Check::WithinPower { on, order, .. } => {
            let on = on.as_slice();
            let day = on.first().and_then(|_| days_fault(procedure, on));
            day.or_else(|| condition_fault(procedure, order))
        }
        Check::CertifiedCount { signing, .. } => signing.iter().find_map(step),
        Check::NotAnswered { field, is, .. } => answers_fault(procedure, rule, field, is),
        Check::Filled { fields, yes } => {
            let empty = fields.iter().find_map(|field| own(field, &ANY));
            empty.or_else(|| yes.iter().find_map(|field| own(field, &[K::Bool])))
        }
        Check::Scanned { .. } => scanned_fault(procedure, rule),
        Check::Noticed { before, rights } => step(before).or_else(|| own(rights, &[K::Bool])),
        Check::ItemsAnswered => {
            let own = procedure.step(rule.step.as_str());
            let none = !own.is_some_and(|step| step.checklist);
            none.then(|| format!("step {} has no checklist", rule.step))
        }
        Check::Filmed { device, started } => {
            own(device, &[K::Text]).or_else(|| own(started, &[K::At]))
        }
        Check::Disposed { finding, exit, not } => condition_fault(procedure, finding)
            .or_else(|| own(exit, &[K::Choice]))
            .or_else(|| choice_fault(procedure, &rule.step, exit, not)),
        Check::WithinLimitation {
            conduct,
            found,
            harm,
            ..
        } => own(conduct, &[K::Day])
            .or_else(|| own(found, &[K::Day]))
            .or_else(|| own(harm, &[K::Bool])),
        Check::ByDay { field } | Check::DoneBy { field } => own(field, &[K::Day]),
        Check::OnTheSpot { .. }
        | Check::NotHeavier { .. }
        | Check::BasisInForce { .. }
        | Check::Grounded { .. } => penalty_fault(procedure, rule),
        Check::Approved { .. }
        | Check::Precedes { .. }
        | Check::OtherDay { .. }
        | Check::Answered { .. }
        | Check::Reviewed { .. }
        | Check::Independent { .. }
        | Check::Told { .. }
        | Check::WindowOver { .. }
        | Check::HearingTold { .. }
        | Check::LongBefore { .. }
        | Check::Collective { .. }
        | Check::NotEarlier { .. }
        | Check::DecidedBy { .. }
        | Check::ServiceProved
        | Check::ServedByNotice { .. }
        | Check::Surcharge { .. }
        | Check::AtLeast { .. }
        | Check::Defended { .. } => ordinary::check_fault(procedure, rule),
        Check::Archived { day, complete } => {
            own(day, &[K::Day]).or_else(|| own(complete, &[K::Bool]))
        }
        Check::EvidenceBefore { on } => days_fault(procedure, std::slice::from_ref(on)),
        Check::Delivered { at } | Check::DeliveredInTime { at } => own(at, &[K::At]),
        Check::NotAfterDay { field, days } => {
            own(field, &[K::Day]).or_else(|| days_fault(procedure, days))
        }
        Check::NotBeforeDay { days } => days_fault(procedure, days),
        Check::Evidenced { line, .. } => line.as_ref().and_then(|line| own(line, &[K::Bool])),
        Check::Certified { .. }
        | Check::NoAuxiliary
        | Check::Capped
        | Check::ApprovedBefore { .. }
        | Check::PartySigned
        | Check::OfficersSigned
        | Check::NowhereElse
        | Check::Recorded
        | Check::NotLater
        | Check::TimesAgree
        | Check::Rechecked
        | Check::Heard => None,
        Check::CorrectionFailed { element } => element
            .as_ref()
            .and_then(|field| field_ref_fault(procedure, &field.step, &field.field, &[K::Bool])),
    }
}

/// The fields of the checks of a penalty.
fn penalty_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let own =
        |field: &FieldId, kinds: &[FieldKind]| field_ref_fault(procedure, &rule.step, field, kinds);
    use FieldKind as K;
    match &rule.check {
        Check::OnTheSpot {
            kind,
            allowed,
            fine,
            ..
        } => own(kind, &[K::Choice])
            .or_else(|| choice_fault(procedure, &rule.step, kind, allowed))
            .or_else(|| own(fine, &[K::Int])),
        Check::NotHeavier { more, same } => {
            pairs_fault(procedure, rule, more, &[K::Int, K::Choice])
                .or_else(|| pairs_fault(procedure, rule, same, &ANY))
        }
        Check::BasisInForce { basis, conduct } => own(basis, &[K::Text, K::Long])
            .or_else(|| days_fault(procedure, std::slice::from_ref(conduct))),
        Check::Grounded { .. } => grounded_fault(procedure, rule),
        _ => None,
    }
}

/// The first pair that is not of fields of these kinds, or of two different ones.
fn pairs_fault(
    procedure: &Procedure,
    rule: &Rule,
    pairs: &[Pair],
    kinds: &[FieldKind],
) -> Option<String> {
    pairs.iter().find_map(|Pair { field, with }| {
        let own = field_ref_fault(procedure, &rule.step, field, kinds);
        let kind = |step: &crate::id::StepId, field: &FieldId| {
            let field = procedure.step(step.as_str())?.field(field.as_str())?;
            Some(field.kind)
        };
        let other = || field_ref_fault(procedure, &with.step, &with.field, kinds);
        own.or_else(other).or_else(|| {
            let same = kind(&rule.step, field) == kind(&with.step, &with.field);
            (!same).then(|| format!("field {field} is compared with one of another kind"))
        })
    })
}

/// Fields and codes of the check of on-site collection.
fn grounded_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let Check::Grounded {
        ground,
        none,
        small,
        fine,
        asked_for,
        asked,
        ..
    } = &rule.check
    else {
        return None;
    };
    let own = |field, kind| field_ref_fault(procedure, &rule.step, field, &[kind]);
    let codes: Vec<String> = none.iter().chain([small, asked_for]).cloned().collect();
    own(ground, FieldKind::Choice)
        .or_else(|| choice_fault(procedure, &rule.step, ground, &codes))
        .or_else(|| field_ref_fault(procedure, &fine.step, &fine.field, &[FieldKind::Int]))
        .or_else(|| own(asked, FieldKind::Bool))
}

/// The first of these answers that the field cannot have.
fn answers_fault(
    procedure: &Procedure,
    rule: &Rule,
    field: &FieldId,
    is: &[String],
) -> Option<String> {
    let kind = |kind| field_ref_fault(procedure, &rule.step, field, &[kind]);
    if kind(FieldKind::Bool).is_some() {
        return kind(FieldKind::Choice).or_else(|| choice_fault(procedure, &rule.step, field, is));
    }
    let known = |code: &&String| ["yes", "no"].contains(&code.as_str());
    let other = is.iter().find(|code| !known(code));
    other.map(|code| format!("neither yes nor no: {code}"))
}

/// The names that the check of the inspection code reads.
fn scanned_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let names = [
        ("code", FieldKind::Choice),
        ("late_at", FieldKind::At),
        ("late_why", FieldKind::Text),
    ];
    let step = procedure.step(rule.step.as_str())?;
    let lacking = names.iter().find(|(name, kind)| {
        let field = step.field(name);
        field.is_none_or(|field| field.kind != *kind)
    })?;
    Some(format!("step {} has no field {}", rule.step, lacking.0))
}
