//! The checks of rules: one function each, from facts to a verdict.
//! Apart from `check` so that every law question has a place of its own.

use crate::domain::event::{EventRef, Outcome, Refused, SignerRole};
use crate::domain::reference::Officer;
use crate::fold::{Facts, Noted, StepFacts};
use crate::instant::Instant;
use crate::rules::calendar::Limit;
use crate::rules::check::Context;
use crate::rules::gap::{Because, Deadline, Filler, GapState};
use crate::rules::rule::{Check, Due, Rule, Shows};
use crate::rules::visit::{Act, Seen, Visit};

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
}

/// Everything that a check may look at.
pub(super) struct Scene<'a> {
    pub(super) facts: &'a Facts,
    pub(super) context: &'a Context<'a>,
    pub(super) visit: Visit<'a>,
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
            Check::Certified => self.certified(rule),
            Check::CertifiedCount { at_least } => self.certified_count(rule, *at_least),
            Check::ApprovedBefore { urgent_within } => self.approved_before(rule, *urgent_within),
            Check::Evidenced { by } => self.evidenced(rule, by),
            Check::PartySigned => self.party_signed(rule),
            Check::OfficersSigned => self.officers_signed(rule),
            Check::Recorded => self.recorded(rule),
            Check::NotLater => self.not_later(rule),
        }
    }

    fn step(&self, rule: &Rule) -> Option<&StepFacts> {
        self.facts.steps.get(&rule.step)
    }

    /// A limit is over only when both ends of "now" lie behind the last day it can have: else a person decides.
    fn is_over(&self, deadline: Deadline) -> bool {
        self.context.now.earliest > deadline.latest
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
                let deadline = visit
                    .end
                    .map(|end| self.context.calendar.deadline(*within, end.at));
                DueNow {
                    reached: deadline.is_some_and(|d| self.is_over(d)),
                    deadline,
                    because: visit.end.map(|end| at("visit_ended", end)),
                }
            }
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
            state,
            code,
            because,
            deadline: due.deadline,
        };
        if due.reached {
            Verdict::Gap(finding)
        } else {
            Verdict::Open(finding)
        }
    }

    /// R02. Acting means named on the record or signing it; each on the day of the act (河南省行政执法条例 24).
    fn certified(&self, rule: &Rule) -> Verdict {
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
    fn certified_count(&self, rule: &Rule, at_least: usize) -> Verdict {
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
    fn approved_before(&self, rule: &Rule, urgent_within: Limit) -> Verdict {
        let approvals = self.step(rule).map_or(&[][..], |step| &step.approvals);
        let start = self.visit.start;
        let in_time = approvals
            .iter()
            .rfind(|a| start.is_none_or(|start| a.at <= start.at));
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
        let deadline = urgent.map(|_| self.context.calendar.deadline(urgent_within, start.at));
        let after = approvals
            .iter()
            .find(|a| a.value.granted && a.at > start.at);
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

    /// R09. A bare tap is a claim, whatever the tap says: only evidence shows that it happened (行诉解释 43).
    fn evidenced(&self, rule: &Rule, by: &[Shows]) -> Verdict {
        let step = self.step(rule);
        let evidence = step.map_or(&[][..], |step| &step.evidence);
        let counts = |kind| by.iter().any(|shows| shows.kind() == kind);
        if evidence
            .iter()
            .any(|e| counts(e.value.evidence) && is_said(&e.value.reference))
        {
            return Verdict::Fine;
        }
        let outcome = step.and_then(|step| step.outcome.as_ref());
        if let Some(done) = outcome.filter(|o| o.value.outcome == Outcome::Done) {
            return Verdict::Gap(Finding {
                state: GapState::Claimed,
                code: "evidence",
                because: vec![of_step("claimed", rule, Some(done.place))],
                deadline: None,
            });
        }
        if let Some(weak) = evidence.first() {
            let weak = of_step("weak_evidence", rule, Some(weak.place));
            return self.owed(rule, GapState::Claimed, "evidence", vec![weak]);
        }
        self.owed(
            rule,
            GapState::Missing,
            "evidence",
            vec![not_recorded(rule, step)],
        )
    }

    /// Whether there is a record to sign: without any, its own absence is the gap, not the signatures below it.
    fn has_record(&self, rule: &Rule) -> bool {
        self.step(rule).is_some_and(|step| {
            is_done(step)
                || !(step.fields.is_empty()
                    && step.signatures.is_empty()
                    && step.refusals.is_empty())
        })
    }

    /// R12. A refusal stands in for the signature if it has a reason and somebody or something else shows it (证据规定 15).
    fn party_signed(&self, rule: &Rule) -> Verdict {
        if self.due(rule).reached && !self.has_record(rule) {
            return Verdict::Fine;
        }
        let step = self.step(rule);
        let signatures = step.map_or(&[][..], |step| &step.signatures);
        if signatures.iter().any(|s| s.value.role == SignerRole::Party) {
            return Verdict::Fine;
        }
        let faults = step
            .iter()
            .flat_map(|s| s.refusals.iter().map(|r| refusal_fault(s, r)));
        let mut last = None;
        for fault in faults {
            let Some(fault) = fault else {
                return Verdict::Fine;
            };
            last = Some(fault);
        }
        match last {
            Some(fault) => self.owed(rule, GapState::Invalid, "refusal", vec![fault]),
            None => {
                let lack = because("party_not_signed", None);
                self.owed(rule, GapState::Missing, "party_signature", vec![lack])
            }
        }
    }

    /// R13. Auxiliary staff are not asked to sign as officers: naming them is R02's matter.
    fn officers_signed(&self, rule: &Rule) -> Verdict {
        if self.due(rule).reached && !self.has_record(rule) {
            return Verdict::Fine;
        }
        let signatures = self.step(rule).map_or(&[][..], |step| &step.signatures);
        let mut signers = signatures
            .iter()
            .filter(|s| s.value.role == SignerRole::Officer);
        let named = self.visit.named;
        let lacks: Vec<Because> = if named.is_empty() {
            let nobody = signers.next().is_none();
            nobody
                .then(|| because("no_officer_signed", None))
                .into_iter()
                .collect()
        } else {
            let signed = |id| signers.clone().any(|s| s.value.officer == Some(id));
            let aux = |id| self.context.officers.get(&id).is_some_and(|o| o.auxiliary);
            let missing = named.iter().enumerate().filter(|(i, id)| {
                !signed(**id) && !aux(**id) && !named.iter().take(*i).any(|other| other == *id)
            });
            missing
                .map(|(_, id)| Because {
                    code: "officer_not_signed",
                    with: vec![("officer", Filler::Officer(*id))],
                    event: None,
                })
                .collect()
        };
        if lacks.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Missing, "officers_signature", lacks)
        }
    }

    /// R14, `JC-14.missing`. Saying why it was left out explains the gap and does not close it.
    fn recorded(&self, rule: &Rule) -> Verdict {
        let step = self.step(rule);
        if step.is_some_and(is_done) {
            return Verdict::Fine;
        }
        self.owed(
            rule,
            GapState::Missing,
            "step",
            vec![not_recorded(rule, step)],
        )
    }

    /// `JC-16.late`.
    fn not_later(&self, rule: &Rule) -> Verdict {
        let due = self.due(rule);
        let (Some(step), Some(limit)) = (self.step(rule), due.deadline) else {
            return Verdict::Fine;
        };
        let done = step
            .outcome
            .iter()
            .filter(|o| o.value.outcome == Outcome::Done);
        let told = done
            .map(|o| (o.at, o.place))
            .chain(step.served.iter().map(|s| (s.at, s.place)));
        let Some((when, event)) = told.min().filter(|(when, _)| *when > limit.latest) else {
            return Verdict::Fine;
        };
        if self.was_done_by(rule, limit.latest) {
            return Verdict::Fine;
        }
        let told = at("done_at", Seen { at: when, event });
        Verdict::Gap(Finding {
            state: GapState::Late,
            code: "step",
            because: std::iter::once(told).chain(due.because).collect(),
            deadline: due.deadline,
        })
    }

    /// Whether the step was already done by then: a later correction records it again and does not make it late.
    fn was_done_by(&self, rule: &Rule, by: Instant) -> bool {
        use crate::domain::event::Fact;
        let counted = self
            .facts
            .timeline
            .iter()
            .filter(|e| !self.facts.withdrawn.contains(&e.place));
        counted.into_iter().any(|entry| match &entry.event.fact {
            Fact::StepRecorded(f) => {
                f.step == rule.step && f.outcome == Outcome::Done && entry.event.at() <= by
            }
            _ => false,
        })
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

/// What makes a refusal not count; none if it counts.
fn refusal_fault(step: &StepFacts, refusal: &Noted<Refused>) -> Option<Because> {
    let said = |text: &Option<String>| text.as_deref().is_some_and(is_said);
    let code = if !is_said(&refusal.value.reason) {
        "refused_without_reason"
    } else if said(&refusal.value.witness)
        || said(&refusal.value.recording)
        || step
            .signatures
            .iter()
            .any(|s| s.value.role == SignerRole::Witness)
        || step
            .evidence
            .iter()
            .any(|e| e.value.evidence == Shows::Recording.kind() && is_said(&e.value.reference))
    {
        return None;
    } else {
        "refused_without_witness"
    };
    Some(because(code, Some(refusal.place)))
}

fn is_done(step: &StepFacts) -> bool {
    let done = step
        .outcome
        .as_ref()
        .is_some_and(|o| o.value.outcome == Outcome::Done);
    done || !step.served.is_empty()
}

fn not_recorded(rule: &Rule, step: Option<&StepFacts>) -> Because {
    match step.and_then(|step| step.outcome.as_ref()) {
        Some(outcome) if outcome.value.outcome != Outcome::Done => Because {
            code: match outcome.value.outcome {
                Outcome::NotApplicable => "said_not_applicable",
                Outcome::NotDone | Outcome::Done => "said_not_done",
            },
            with: vec![
                ("step", Filler::Step(rule.step.clone())),
                ("note", Filler::Text(outcome.value.note.clone())),
            ],
            event: Some(outcome.place),
        },
        _ => of_step("not_recorded", rule, None),
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
