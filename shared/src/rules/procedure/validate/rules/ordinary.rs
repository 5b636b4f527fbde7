//! The fields of the checks that the ordinary procedure brought: each must be there, and of the kind that the check reads.

use super::{choice_fault, condition_fault, days_fault, field_ref_fault};
use crate::id::FieldId;
use crate::rules::procedure::{FieldKind as K, Procedure};
use crate::rules::rule::{Check, FieldRef, Rule};
use crate::rules::verdict::service::names;

/// The first fault in these, if any.
fn first<const N: usize>(faults: [Option<String>; N]) -> Option<String> {
    faults.into_iter().flatten().next()
}

/// What a rule's own fields and those of other steps are looked up in.
struct Of<'a> {
    procedure: &'a Procedure,
    rule: &'a Rule,
}

impl Of<'_> {
    fn own(&self, field: &FieldId, kind: K) -> Option<String> {
        field_ref_fault(self.procedure, &self.rule.step, field, &[kind])
    }

    fn named(&self, field: &str, kind: K) -> Option<String> {
        let found = self.procedure.step(self.rule.step.as_str())?.field(field);
        let fits = found.is_some_and(|found| found.kind == kind);
        (!fits).then(|| format!("step {} has no field {field}", self.rule.step))
    }

    fn choice(&self, field: &FieldId, codes: &[String]) -> Option<String> {
        let known = self.own(field, K::Choice);
        known.or_else(|| choice_fault(self.procedure, &self.rule.step, field, codes))
    }

    fn other(&self, field: &FieldRef, kind: K) -> Option<String> {
        field_ref_fault(self.procedure, &field.step, &field.field, &[kind])
    }

    fn days(&self, days: &[&FieldRef]) -> Option<String> {
        let mut days = days.iter();
        days.find_map(|day| days_fault(self.procedure, std::slice::from_ref(*day)))
    }
}

/// What is wrong with the check of this rule, if anything.
pub(super) fn check_fault(procedure: &Procedure, rule: &Rule) -> Option<String> {
    let of = Of { procedure, rule };
    match &rule.check {
        Check::Approved { act, paper } => {
            let paper = paper.as_ref();
            of.days(&[act])
                .or_else(|| paper.and_then(|paper| of.days(&[paper])))
        }
        Check::Precedes { field, acts } => of.own(field, K::Day).or_else(|| {
            acts.iter().find_map(|act| {
                let but = act.but.as_ref();
                let but = but.and_then(|when| condition_fault(procedure, when));
                of.days(&[&act.day]).or(but)
            })
        }),
        Check::OtherDay { field, than } | Check::NotEarlier { field, than } => {
            first([of.own(field, K::Day), of.days(&[than])])
        }
        Check::Answered { field, is, yes } => of
            .choice(field, is)
            .or_else(|| yes.iter().find_map(|field| of.own(field, K::Bool))),
        Check::Told {
            served,
            rights,
            decision,
        } => first([
            of.own(served, K::Day),
            of.own(rights, K::Bool),
            of.days(&[decision]),
        ]),
        Check::LongBefore { from, to, .. } => first([of.own(from, K::Day), of.own(to, K::Day)]),
        Check::DecidedBy { field, law, until } => first([
            of.own(field, K::Day),
            of.own(law, K::Text),
            of.own(until, K::Day),
        ]),
        Check::ServiceProved => service_fault(&of),
        Check::ServedByNotice {
            tried,
            posted,
            served,
            ..
        } => first([
            of.own(tried, K::Long),
            of.own(posted, K::Day),
            of.own(served, K::Day),
        ]),
        Check::Surcharge {
            amount,
            principal,
            counted,
        } => first([
            of.own(amount, K::Int),
            of.own(principal, K::Int),
            of.own(counted, K::Bool),
        ]),
        Check::AtLeast { figures } => figures.iter().find_map(|f| of.own(&f.field, K::Int)),
        Check::Defended {
            spoke,
            said,
            refused,
            review,
        } => first([
            of.choice(spoke, &[said.clone(), refused.clone()]),
            field_ref_fault(procedure, &rule.step, review, &[K::Text, K::Long]),
        ]),
        _ => people_fault(&of),
    }
}

/// The checks of who did what in the office.
fn people_fault(of: &Of<'_>) -> Option<String> {
    let (procedure, rule) = (of.procedure, of.rule);
    match &rule.check {
        Check::Reviewed {
            reviews,
            passed,
            decision,
            after,
        } => {
            let review = reviews.iter().find_map(|review| {
                let (step, field) = (&review.result.step, &review.result.field);
                of.other(&review.result, K::Choice)
                    .or_else(|| choice_fault(procedure, step, field, passed))
                    .or_else(|| of.days(&[&review.on]))
            });
            let none = reviews.is_empty().then(|| "reviews are missing".to_owned());
            let after = after.as_ref().and_then(|after| of.days(&[after]));
            first([none, review, of.days(&[decision]), after])
        }
        Check::Independent { people, or } => {
            let or = or
                .as_ref()
                .and_then(|when| condition_fault(procedure, when));
            first([of.own(people, K::Officers), or])
        }
        Check::WindowOver {
            served,
            stated,
            waived,
            act,
            ..
        } => {
            let stated = stated.as_ref().and_then(|field| of.other(field, K::Int));
            let waived = waived.as_ref();
            let waived = waived.and_then(|when| condition_fault(procedure, when));
            first([of.days(&[served, act]), stated, waived])
        }
        Check::HearingTold { .. } => hearing_fault(of),
        Check::Collective {
            on,
            people,
            heads,
            minutes,
            decision,
            ..
        } => first([
            of.own(on, K::Day),
            of.own(people, K::Officers),
            of.own(heads, K::Int),
            of.own(minutes, K::Bool),
            of.days(&[decision]),
        ]),
        _ => None,
    }
}

fn hearing_fault(of: &Of<'_>) -> Option<String> {
    let Check::HearingTold {
        amounts,
        kinds,
        always,
        ground,
        none,
        told,
    } = &of.rule.check
    else {
        return None;
    };
    let amount = amounts.iter().find_map(|field| of.other(field, K::Int));
    let kind = kinds.iter().find_map(|field| {
        of.other(field, K::Choice)
            .or_else(|| choice_fault(of.procedure, &field.step, &field.field, always))
    });
    let ground = of.choice(ground, std::slice::from_ref(none));
    first([amount, kind, ground, of.own(told, K::Bool)])
}

/// The names that the check of service reads.
fn service_fault(of: &Of<'_>) -> Option<String> {
    let fields = [
        (names::METHOD, K::Choice),
        (names::SERVED_ON, K::Day),
        (names::RECEIPT, K::Choice),
        (names::WITNESS, K::Text),
        (names::FILMED, K::Bool),
        (names::POST_NO, K::Text),
        (names::POST_BACK, K::Bool),
        (names::CONFIRMED, K::Bool),
        (names::NOTICE_ON, K::Day),
        (names::NOTICE_WHERE, K::Text),
    ];
    let mut fields = fields.iter();
    fields.find_map(|(field, kind)| of.named(field, *kind))
}
