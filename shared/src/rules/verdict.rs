//! The checks of rules: one function each, from facts to a verdict.
//! Apart from `check` so that every law question has a place of its own.

mod after;
pub(super) mod condition;
mod field;
mod notice;
mod office;
pub(super) mod order;
mod penalty;
mod people;
mod power;
mod record;
mod sequence;
pub(super) mod service;
mod times;

use crate::domain::event::EventRef;
use crate::fold::{Facts, StepFacts};
use crate::id::StepId;
use crate::instant::Instant;
use crate::rules::check::Context;
use crate::rules::gap::{Because, Deadline, Filler, GapState};
use crate::rules::procedure::{Confidence, Procedure};
use crate::rules::rule::{Check, Due, LimitSpec, Rule};
use crate::rules::visit::{Seen, Visit};
use field::GivenDay;

/// What a rule says of a record.
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// A gap.
    Gap(Finding),
    /// Something still to do.
    Open(Finding),
}

/// What was found.
pub(super) struct Finding {
    pub(super) state: GapState,
    /// What is missing, for an open item.
    pub(super) code: &'static str,
    pub(super) because: Vec<Because>,
    pub(super) deadline: Option<Deadline>,
    /// The step at fault, where it is not the rule's.
    pub(super) step: Option<StepId>,
    /// How sure we are of the duty, where it is not as sure as the rule's others.
    pub(super) confidence: Option<Confidence>,
}

impl Finding {
    fn new(state: GapState, code: &'static str, because: Vec<Because>) -> Self {
        Self {
            state,
            code,
            because,
            deadline: None,
            step: None,
            confidence: None,
        }
    }
}

/// Everything that a check may look at.
pub(super) struct Scene<'a> {
    pub(super) procedure: &'a Procedure,
    pub(super) facts: &'a Facts,
    pub(super) context: &'a Context<'a>,
    pub(super) visit: Visit<'a>,
}

impl<'a> Scene<'a> {
    pub(super) fn of(procedure: &'a Procedure, facts: &'a Facts, context: &'a Context<'a>) -> Self {
        Self {
            procedure,
            facts,
            context,
            visit: Visit::of(procedure, facts, context.now),
        }
    }
}

/// Whether a rule's due point is reached, and what reached it.
struct DueNow {
    reached: bool,
    deadline: Option<Deadline>,
    because: Option<Because>,
}

impl DueNow {
    fn on(seen: Option<Seen>, code: &'static str) -> Self {
        Self {
            reached: seen.is_some(),
            deadline: None,
            because: seen.map(|seen| at(code, seen)),
        }
    }
}

impl Scene<'_> {
    pub(super) fn judge(&self, rule: &Rule) -> Verdict {
        match &rule.check {
            Check::WithinPower { on, order, listed } => {
                self.within_power(rule, on.as_ref(), order, *listed)
            }
            Check::Certified { but_auxiliary } => self.certified(rule, *but_auxiliary),
            Check::CertifiedCount { at_least, signing } => {
                self.certified_count(rule, *at_least, signing)
            }
            Check::NoAuxiliary => self.no_auxiliary(rule),
            Check::NotAnswered { field, is, state } => self.not_answered(rule, field, is, *state),
            Check::Filled { fields, yes } => self.filled(rule, fields, yes),
            Check::Capped => self.capped(),
            Check::ApprovedBefore { urgent_within } => self.approved_before(rule, *urgent_within),
            Check::Scanned { late_within } => self.scanned(rule, *late_within),
            Check::Evidenced { by, line } => self.evidenced(rule, by, line.as_ref()),
            Check::Noticed { before, rights } => self.noticed(rule, before, rights),
            Check::ItemsAnswered => self.items_answered(rule),
            Check::PartySigned => self.party_signed(rule),
            Check::OfficersSigned => self.officers_signed(rule),
            Check::NowhereElse => self.nowhere_else(rule),
            Check::Filmed { device, started } => self.filmed(rule, device, started),
            Check::Recorded => self.recorded(rule),
            Check::NotLater => self.not_later(rule),
            Check::Disposed { finding, exit, not } => self.disposed(rule, finding, exit, not),
            Check::WithinLimitation { .. } => self.within_limitation(rule),
            Check::ByDay { field } => self.by_day(rule, field),
            Check::Archived { day, complete } => self.archived(rule, day, complete),
            Check::EvidenceBefore { on } => self.evidence_before(rule, on),
            Check::TimesAgree => self.times_agree(),
            Check::Delivered { at } => self.delivered(rule, at),
            Check::DeliveredInTime { at } => self.delivered_in_time(rule, at),
            Check::NotAfterDay { field, days } => self.not_after_day(rule, field, days),
            Check::NotBeforeDay { days } => self.not_before_day(days),
            Check::Rechecked => self.rechecked(rule),
            Check::OnTheSpot { .. } => self.on_the_spot(rule),
            Check::Heard => self.heard(rule),
            Check::NotHeavier { more, same } => self.not_heavier(rule, more, same),
            Check::CorrectionFailed { element } => self.correction_failed(rule, element.as_ref()),
            Check::BasisInForce { basis, conduct } => self.basis_in_force(rule, basis, conduct),
            Check::Grounded { .. } => self.grounded(rule),
            Check::DoneBy { field } => self.done_by(rule, field),
            Check::Approved { act, paper } => self.approved(rule, act, paper.as_ref()),
            Check::Precedes { field, acts } => self.precedes(rule, field, acts),
            Check::OtherDay { field, than } => self.other_day(rule, field, than),
            Check::Answered { field, is, yes } => self.answered_with(rule, field, (is, yes)),
            Check::Reviewed { .. } => self.reviewed(rule),
            Check::Independent { people, or } => self.independent(rule, people, or.as_ref()),
            Check::Told {
                served,
                rights,
                decision,
            } => self.told(rule, (served, rights), decision),
            Check::WindowOver { .. } => self.window_over(rule),
            Check::HearingTold { .. } => self.hearing_told(rule),
            Check::LongBefore { from, to, at_least } => {
                self.long_before(rule, (from, to), *at_least)
            }
            Check::Collective { .. } => self.collective(rule),
            Check::NotEarlier { field, than } => self.not_earlier(rule, field, than),
            Check::DecidedBy { field, law, until } => self.decided_by(rule, field, (law, until)),
            Check::ServiceProved => self.service_proved(rule),
            Check::ServedByNotice { .. } => self.served_by_notice(rule),
            Check::Surcharge {
                amount,
                principal,
                counted,
            } => self.surcharge(rule, (amount, principal), counted),
            Check::AtLeast { figures } => self.at_least(rule, figures),
            Check::Defended { .. } => self.defended(rule),
        }
    }

    fn step(&self, rule: &Rule) -> Option<&StepFacts> {
        self.facts.steps.get(&rule.step)
    }

    /// A limit is over only when both ends of "now" lie behind the last day it can have: else a person decides.
    fn is_over(&self, deadline: Deadline) -> bool {
        self.context.now.earliest > deadline.latest
    }

    /// The end of a limit that starts at this moment.
    fn deadline(&self, limit: LimitSpec, from: Instant) -> Deadline {
        let limit = limit.resolve(self.context.jurisdiction);
        self.context.calendar.deadline(limit, from)
    }

    fn due(&self, rule: &Rule) -> DueNow {
        let visit = &self.visit;
        match &rule.due {
            Due::VisitStarted if visit.start.is_some() => DueNow::on(visit.start, "visit_started"),
            Due::VisitStarted | Due::Submitted => DueNow::on(visit.submitted, "submitted"),
            Due::Ended { step } => {
                let outcome = self.facts.steps.get(step).and_then(|s| s.outcome.as_ref());
                match outcome {
                    Some(ended) => DueNow {
                        reached: true,
                        deadline: None,
                        because: Some(Because {
                            code: "step_ended",
                            with: vec![
                                ("step", Filler::Step(step.clone())),
                                ("at", Filler::At(ended.at)),
                            ],
                            event: Some(ended.place),
                        }),
                    },
                    None => DueNow::on(visit.submitted, "submitted"),
                }
            }
            Due::AfterVisit { within } => {
                let because = visit.end.map(|end| at("visit_ended", end));
                self.due_after(*within, visit.end.map(|end| end.at), because)
            }
            Due::Given { step, field } => {
                let given = self.noted(step, field.as_str()).filter(|_| {
                    let known = self.field(step, field);
                    let applies = known.and_then(|known| known.applies.as_ref());
                    applies.is_none_or(|when| self.holds(when))
                });
                match given {
                    Some(noted) => DueNow {
                        reached: true,
                        deadline: None,
                        because: Some(self.given(step, field, noted)),
                    },
                    None => DueNow::on(visit.submitted, "submitted"),
                }
            }
            Due::AfterDay { days, within } => {
                let day = self.first_day(days);
                let because = day.as_ref().map(GivenDay::because);
                self.due_after(*within, day.map(|day| day.at), because)
            }
        }
    }

    fn due_after(
        &self,
        within: LimitSpec,
        from: Option<Instant>,
        because: Option<Because>,
    ) -> DueNow {
        let deadline = from.map(|from| self.deadline(within, from));
        DueNow {
            reached: deadline.is_some_and(|d| self.is_over(d)),
            deadline,
            because,
        }
    }

    /// A lack: a gap once the rule is due, open until then.
    fn owed(
        &self,
        rule: &Rule,
        state: GapState,
        code: &'static str,
        lack: Vec<Because>,
    ) -> Verdict {
        let due = self.due(rule);
        let mut because = lack;
        if due.reached {
            because.extend(due.because);
        }
        let finding = Finding {
            deadline: due.deadline,
            ..Finding::new(state, code, because)
        };
        if due.reached {
            Verdict::Gap(finding)
        } else {
            Verdict::Open(finding)
        }
    }
}

/// Whether a text says anything.
fn is_said(text: &str) -> bool {
    !text.trim().is_empty()
}

fn because(code: &'static str, event: Option<EventRef>) -> Because {
    Because {
        code,
        with: Vec::new(),
        event,
    }
}

fn of_step(code: &'static str, rule: &Rule, event: Option<EventRef>) -> Because {
    Because {
        code,
        with: vec![("step", Filler::Step(rule.step.clone()))],
        event,
    }
}

fn at(code: &'static str, seen: Seen) -> Because {
    Because {
        code,
        with: vec![("at", Filler::At(seen.at))],
        event: Some(seen.event),
    }
}
