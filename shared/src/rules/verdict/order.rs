//! The order to correct: service, time for correction and the recheck; R57.
//! Apart because these count from days that the order itself names.

use super::{Finding, Scene, Verdict, because};
use crate::domain::event::{EventRef, Outcome, Value};
use crate::fold::Facts;
use crate::id::FieldId;
use crate::instant::{DAY_MS, Instant};
use crate::rules::check::Context;
use crate::rules::gap::{Because, GapState};
use crate::rules::procedure::Procedure;
use crate::rules::rule::{Check, Due, FieldRef, Rule};
use crate::rules::visit::Seen;

/// The day on which the time for correction runs out, by the days that the rule of the recheck (R57) counts from. None where no
/// such day is recorded, where the recheck step has ended, and in a record that counts for nothing.
#[must_use]
pub fn recheck_day(procedure: &Procedure, facts: &Facts, context: &Context<'_>) -> Option<Instant> {
    let rule = procedure
        .rules
        .iter()
        .find(|rule| rule.check == Check::Rechecked)?;
    let ended = facts
        .steps
        .get(&rule.step)
        .is_some_and(|step| step.outcome.is_some());
    let (Due::AfterDay { days, .. }, false, None) = (&rule.due, ended, &facts.voided) else {
        return None;
    };
    let scene = Scene::of(procedure, facts, context);
    scene.first_day(days).map(|day| day.at)
}

impl Scene<'_> {
    /// When the document reached the party: as served, as written, or when the step was done; the earliest.
    fn delivery(&self, rule: &Rule, at: &FieldId) -> Option<Seen> {
        let step = self.step(rule)?;
        let served = step.served.iter().map(|s| (s.at, s.place));
        let written = step.fields.get(at).and_then(|noted| match noted.value {
            Value::At(at) => Some((at, noted.place)),
            _ => None,
        });
        let known: Option<(Instant, EventRef)> = served.chain(written).min();
        let done = step.outcome.as_ref();
        let done = done.filter(|o| o.value.outcome == Outcome::Done);
        known
            .or(done.map(|o| (o.at, o.place)))
            .map(|(at, event)| Seen { at, event })
    }

    /// `GZ-05.missing`.
    pub(super) fn delivered(&self, rule: &Rule, at: &FieldId) -> Verdict {
        if self.delivery(rule, at).is_some() {
            return Verdict::Fine;
        }
        let lack = super::record::not_recorded(rule, self.step(rule));
        self.owed(rule, GapState::Missing, "service", vec![lack])
    }

    /// `GZ-05.late`.
    pub(super) fn delivered_in_time(&self, rule: &Rule, at: &FieldId) -> Verdict {
        let due = self.due(rule);
        match (self.delivery(rule, at), due.deadline) {
            (Some(seen), Some(limit)) if seen.at > limit.latest => {
                let late = super::at("served_at", seen);
                let because = std::iter::once(late).chain(due.because).collect();
                Verdict::Gap(Finding {
                    deadline: due.deadline,
                    ..Finding::new(GapState::Late, "service", because)
                })
            }
            _ => Verdict::Fine,
        }
    }

    /// `GZ-04.late`. Asking on the last day is in time.
    pub(super) fn not_after_day(&self, rule: &Rule, field: &FieldId, days: &[FieldRef]) -> Verdict {
        let own = [FieldRef {
            step: rule.step.clone(),
            field: field.clone(),
        }];
        match (self.first_day(&own), self.first_day(days)) {
            (Some(asked), Some(last)) if asked.at.date() > last.at.date() => {
                let because = vec![asked.because(), last.because()];
                Verdict::Gap(Finding::new(GapState::Late, "step", because))
            }
            _ => Verdict::Fine,
        }
    }

    /// `GZ-06.out_of_order`. The last day still belongs to the party; the day after is right.
    pub(super) fn not_before_day(&self, days: &[FieldRef]) -> Verdict {
        match (self.visit.start, self.first_day(days)) {
            (Some(start), Some(last)) if start.at.date() <= last.at.date() => {
                let because = vec![super::at("visit_started", start), last.because()];
                Verdict::Gap(Finding::new(GapState::OutOfOrder, "step", because))
            }
            _ => Verdict::Fine,
        }
    }

    /// R57. Another record may hold the recheck, so only who sees every record can miss it.
    pub(super) fn rechecked(&self, rule: &Rule) -> Verdict {
        let looked = self.context.elsewhere.and_then(|e| e.rechecked_at);
        if self.visit.start.is_some() || self.is_done_step(&rule.step) || looked.is_some() {
            return Verdict::Fine;
        }
        let due = self.due(rule);
        let lack = because("not_rechecked", None);
        let finding = |because: Vec<Because>| Finding {
            deadline: due.deadline,
            ..Finding::new(GapState::Missing, "recheck", because)
        };
        if due.reached && self.context.elsewhere.is_some() {
            let because = std::iter::once(lack).chain(due.because).collect();
            return Verdict::Gap(finding(because));
        }
        Verdict::Open(finding(vec![lack]))
    }

    /// R21. What was collected after the order's day cannot have led to it (行政诉讼证据规定 60). A late entry counts by when it
    /// happened: that it was entered late is visible. A picture that says itself that it is younger counts as younger.
    pub(super) fn evidence_before(&self, rule: &Rule, on: &FieldRef) -> Verdict {
        let Some(day) = self.first_day(std::slice::from_ref(on)) else {
            return Verdict::Fine;
        };
        let over = day.at.plus_millis(DAY_MS);
        let evidence = self.step(rule).map_or(&[][..], |step| &step.evidence);
        let collected = evidence.iter().map(|e| {
            let taken = e.value.photo.as_ref().and_then(|photo| photo.taken_at);
            let (at, event) = (taken.map_or(e.at, |taken| taken.max(e.at)), e.place);
            Seen { at, event }
        });
        let after = collected.filter(|seen| seen.at >= over);
        let mut because: Vec<Because> = after.map(|seen| super::at("evidence_at", seen)).collect();
        if because.is_empty() {
            return Verdict::Fine;
        }
        because.push(day.because());
        Verdict::Gap(Finding::new(GapState::OutOfOrder, "evidence", because))
    }
}
