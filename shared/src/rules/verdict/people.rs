//! Checks of who acted and who approved: R02, R03, R06.
//! Apart because they look at people and certificates, the others at the record.

use super::{Finding, Scene, Verdict, at, because, is_said};
use crate::domain::reference::Officer;
use crate::instant::{Instant, MINUTE_MS};
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::rule::{LimitSpec, Rule};
use crate::rules::visit::{Act, Seen};

/// A start that was written down is a whole minute: the visit began within it, and nobody is charged with its seconds.
const fn begun_by(start: Instant) -> Instant {
    if start.as_millis() % MINUTE_MS == 0 {
        start.plus_millis(MINUTE_MS - 1)
    } else {
        start
    }
}

impl Scene<'_> {
    /// R02. Acting means named on the record or signing it; each on the day of the act (河南省行政执法条例 24).
    pub(super) fn certified(&self, rule: &Rule) -> Verdict {
        let without: Vec<Because> = self
            .visit
            .acts
            .iter()
            .filter_map(|a| self.uncertified(a))
            .collect();
        if without.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Invalid, "certificates", without)
        }
    }

    /// Why this officer has no certificate on the day of the act, if so. Who is not in the list of officers has none that
    /// anybody could show.
    fn uncertified(&self, act: &Act) -> Option<Because> {
        let known = self.context.officers.get(&act.officer);
        if known.is_some_and(|officer| officer.certificate_on(act.day).is_some()) {
            return None;
        }
        let mut with = vec![
            ("officer", Filler::Officer(act.officer)),
            ("on", Filler::Day(act.day)),
        ];
        let code = match known {
            None => "officer_unknown",
            Some(officer) if officer.auxiliary => "auxiliary",
            Some(officer) => {
                let (code, day) = nearest_certificate(officer, act);
                with.extend(day.map(|day| ("day", Filler::Day(day))));
                code
            }
        };
        Some(Because {
            code,
            with,
            event: Some(act.event),
        })
    }

    /// R03. One officer counts once, however often named.
    pub(super) fn certified_count(&self, rule: &Rule, at_least: usize) -> Verdict {
        let acts = &self.visit.acts;
        let first = |i: usize, act: &Act| acts.iter().take(i).all(|a| a.officer != act.officer);
        let certified = |act: &Act| {
            let officer = self.context.officers.get(&act.officer);
            officer.is_some_and(|o| o.certificate_on(self.visit.day).is_some())
        };
        let count = acts
            .iter()
            .enumerate()
            .filter(|(i, act)| first(*i, act) && certified(act))
            .count();
        if count >= at_least {
            return Verdict::Fine;
        }
        if acts.is_empty() {
            let none = because("officers_none", self.visit.named_in);
            return self.owed(rule, GapState::Missing, "officers", vec![none]);
        }
        let number = |n: usize| Filler::Number(i64::try_from(n).unwrap_or(i64::MAX));
        let too_few = Because {
            code: "certified_count",
            with: vec![("n", number(count)), ("need", number(at_least))],
            event: self.visit.named_in.or(acts.first().map(|act| act.event)),
        };
        self.owed(rule, GapState::Invalid, "officers", vec![too_few])
    }

    /// R06. What counts is the last word before the visit; a denial is no approval.
    pub(super) fn approved_before(&self, rule: &Rule, urgent_within: LimitSpec) -> Verdict {
        let approvals = self.step(rule).map_or(&[][..], |step| &step.approvals);
        let start = self.visit.start;
        let in_time = approvals
            .iter()
            .rfind(|a| start.is_none_or(|start| a.at <= begun_by(start.at)));
        if in_time.is_some_and(|a| a.value.granted) {
            return Verdict::Fine;
        }
        let lack = match approvals.last() {
            Some(denied) if !denied.value.granted => Because {
                code: "denied",
                with: vec![
                    ("officer", Filler::Officer(denied.value.approver)),
                    ("at", Filler::At(denied.at)),
                ],
                event: Some(denied.place),
            },
            _ => because("not_approved", None),
        };
        let Some(start) = start else {
            return self.owed(rule, GapState::Missing, "approval", vec![lack]);
        };
        let urgent = self
            .facts
            .opened
            .as_ref()
            .filter(|o| o.value.urgent.as_deref().is_some_and(is_said));
        let deadline = urgent.map(|_| self.deadline(urgent_within, start.at));
        let after = approvals
            .iter()
            .find(|a| a.value.granted && a.at > begun_by(start.at));
        let started = at("visit_started", start);
        match (deadline, after) {
            (Some(limit), Some(after)) if after.at <= limit.latest => Verdict::Fine,
            (Some(limit), None) if !self.is_over(limit) => Verdict::Open(Finding {
                state: GapState::Missing,
                code: "approval",
                because: vec![lack, started],
                deadline,
            }),
            (_, after) => {
                let state = match (deadline, after) {
                    (Some(_), Some(_)) => GapState::Late,
                    (None, Some(_)) => GapState::OutOfOrder,
                    (_, None) => GapState::Missing,
                };
                let first = after.map_or(lack, |after| {
                    at(
                        "approved_at",
                        Seen {
                            at: after.at,
                            event: after.place,
                        },
                    )
                });
                let urgency = urgent.map(|opened| because("urgent", Some(opened.place)));
                Verdict::Gap(Finding {
                    state,
                    code: "approval",
                    because: [first, started].into_iter().chain(urgency).collect(),
                    deadline,
                })
            }
        }
    }
}

/// The code for a certificate that does not cover the day, and the day that says so.
fn nearest_certificate(officer: &Officer, act: &Act) -> (&'static str, Option<jiff::civil::Date>) {
    let expired = officer
        .certificates
        .iter()
        .map(|c| c.valid_to)
        .filter(|d| *d < act.day)
        .max();
    let future = officer
        .certificates
        .iter()
        .map(|c| c.valid_from)
        .filter(|d| *d > act.day)
        .min();
    match (expired, future) {
        (Some(day), _) => ("certificate_expired", Some(day)),
        (None, Some(day)) => ("certificate_not_yet", Some(day)),
        (None, None) => ("certificate_none", None),
    }
}
