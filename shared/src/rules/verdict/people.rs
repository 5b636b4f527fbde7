//! Checks of who acted and who approved: R02, R03, R04, R06, R07, R20.
//! Apart because they look at people and certificates, the others at the record.

use super::{Finding, Scene, Verdict, at, because, is_said};
use crate::domain::event::Outcome;
use crate::domain::reference::Officer;
use crate::gather;
use crate::id::{OfficerId, StepId};
use crate::instant::{Instant, MINUTE_MS};
use crate::rules::check::OtherVisit;
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::rule::{LimitSpec, Rule};
use crate::rules::visit::{Act, Seen};
use jiff::civil::Date;
use std::collections::BTreeSet;

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
    pub(super) fn certified(&self, rule: &Rule, but_auxiliary: bool) -> Verdict {
        let without: Vec<Because> = self
            .visit
            .acts
            .iter()
            .filter_map(|act| self.uncertified(act, but_auxiliary))
            .collect();
        if without.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Invalid, "certificates", without)
        }
    }

    /// Why this officer has no certificate on the day of the act, if so. Who is not in the list of officers has none that
    /// anybody could show.
    fn uncertified(&self, act: &Act, but_auxiliary: bool) -> Option<Because> {
        let known = self.context.officers.get(&act.officer);
        if known
            .is_some_and(|o| o.certificate_on(act.day).is_some() || (o.auxiliary && but_auxiliary))
        {
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

    /// R04. Auxiliary staff, grid workers and temporary hands never count as officers (河南省行政执法条例 20).
    pub(super) fn no_auxiliary(&self, rule: &Rule) -> Verdict {
        let mut named: Vec<OfficerId> = Vec::new();
        let mut because = Vec::new();
        for act in &self.visit.acts {
            let officer = self.context.officers.get(&act.officer);
            if officer.is_some_and(|o| o.auxiliary) && !named.contains(&act.officer) {
                named.push(act.officer);
                because.push(Because {
                    code: "auxiliary",
                    with: vec![
                        ("officer", Filler::Officer(act.officer)),
                        ("on", Filler::Day(act.day)),
                    ],
                    event: Some(act.event),
                });
            }
        }
        if because.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Invalid, "auxiliary", because)
        }
    }

    /// R03. One officer counts once, however often named; who only signed in the office was not there.
    pub(super) fn certified_count(
        &self,
        rule: &Rule,
        at_least: usize,
        signing: &[StepId],
    ) -> Verdict {
        let there = self.visit.acts.iter().filter(|act| act.on_site);
        let acting: BTreeSet<OfficerId> = gather::set(there.map(|act| act.officer));
        let count = self.certified_of(&acting, self.visit.day);
        if count < at_least && acting.is_empty() {
            let none = because("officers_none", self.visit.named_in);
            return self.owed(rule, GapState::Missing, "officers", vec![none]);
        }
        let need = ("need", number(at_least));
        if count < at_least {
            let seen = self.visit.acts.iter().find(|act| act.on_site);
            let too_few = Because {
                code: "certified_count",
                with: vec![("n", number(count)), need],
                event: self.visit.named_in.or(seen.map(|act| act.event)),
            };
            return self.owed(rule, GapState::Invalid, "officers", vec![too_few]);
        }
        let alone: Vec<Because> = signing
            .iter()
            .filter_map(|step| self.signed_by_too_few(step, at_least))
            .collect();
        if alone.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Invalid, "officers_signature", alone)
        }
    }

    fn certified_of(&self, officers: &BTreeSet<OfficerId>, day: Date) -> usize {
        let known = officers
            .iter()
            .filter_map(|id| self.context.officers.get(id));
        known.filter(|o| o.certificate_on(day).is_some()).count()
    }

    /// A document of this step that fewer certified officers signed, once the step is done.
    fn signed_by_too_few(&self, step: &StepId, at_least: usize) -> Option<Because> {
        let facts = self.facts.steps.get(step)?;
        let done = facts.outcome.as_ref()?;
        if done.value.outcome != Outcome::Done {
            return None;
        }
        let officers = facts.signatures.iter().filter_map(|s| s.value.officer);
        let count = self.certified_of(&officers.collect(), done.at.date());
        (count < at_least).then(|| Because {
            code: "signed_by",
            with: vec![
                ("step", Filler::Step(step.clone())),
                ("n", number(count)),
                ("need", number(at_least)),
            ],
            event: Some(done.place),
        })
    }

    /// R20. Two records at two places at one time: one of them is not what happened.
    pub(super) fn nowhere_else(&self, rule: &Rule) -> Verdict {
        let (Some(elsewhere), Some(start)) = (self.context.elsewhere, self.visit.start) else {
            return Verdict::Fine;
        };
        let written = self.said(&rule.step, "place");
        let opened = self.facts.opened.as_ref();
        let here = written.or(opened.map(|o| o.value.place.as_str()));
        let same = |place: &str| here.is_some_and(|here| here.trim() == place.trim());
        let end = self
            .visit
            .end
            .map_or(self.context.now.earliest, |end| end.at);
        let during = |other: &&OtherVisit| other.start < end && start.at < other.end;
        let overlaps = elsewhere
            .overlapping
            .iter()
            .filter(|other| during(other) && !same(&other.place));
        let because: Vec<Because> = overlaps
            .map(|other| Because {
                code: "elsewhere",
                with: vec![
                    ("officer", Filler::Officer(other.officer)),
                    ("start", Filler::At(other.start)),
                    ("end", Filler::At(other.end)),
                    ("place", Filler::Text(other.place.clone())),
                ],
                event: Some(start.event),
            })
            .collect();
        if because.is_empty() {
            Verdict::Fine
        } else {
            Verdict::Gap(Finding::new(GapState::Invalid, "officers", because))
        }
    }

    /// R07. The cap is the jurisdiction's; only a look at every record tells how often the party was inspected.
    pub(super) fn capped(&self) -> Verdict {
        let Some(count) = self.context.elsewhere.and_then(|e| e.inspections_this_year) else {
            return Verdict::Fine;
        };
        let most = self.context.jurisdiction.yearly_inspections;
        if count <= most {
            return Verdict::Fine;
        }
        let often = Because {
            code: "inspected_often",
            with: vec![
                ("n", Filler::Number(i64::from(count))),
                ("most", Filler::Number(i64::from(most))),
            ],
            event: None,
        };
        Verdict::Gap(Finding::new(GapState::Invalid, "step", vec![often]))
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
                deadline,
                ..Finding::new(GapState::Missing, "approval", vec![lack, started])
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
                let because = [first, started].into_iter().chain(urgency).collect();
                Verdict::Gap(Finding {
                    deadline,
                    ..Finding::new(state, "approval", because)
                })
            }
        }
    }
}

fn number(n: usize) -> Filler {
    Filler::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The code for a certificate that does not cover the day, and the day that says so.
fn nearest_certificate(officer: &Officer, act: &Act) -> (&'static str, Option<Date>) {
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
