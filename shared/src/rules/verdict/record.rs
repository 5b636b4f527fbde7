//! Checks of what the record shows: R09, R12, R13, R14 and the states of steps.
//! Apart because they look at evidence and signatures, the others at people.

use super::{Finding, Scene, Verdict, at, because, is_said, of_step};
use crate::domain::event::{Fact, Outcome, Refused, SignerRole};
use crate::fold::{Noted, StepFacts};
use crate::id::FieldId;
use crate::instant::Instant;
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::rule::{Rule, Shows};
use crate::rules::visit::Seen;

impl Scene<'_> {
    /// R09. A bare tap is a claim, whatever the tap says: only evidence shows that it happened (行诉解释 43).
    pub(super) fn evidenced(&self, rule: &Rule, by: &[Shows], line: Option<&FieldId>) -> Verdict {
        let step = self.step(rule);
        let evidence = step.map_or(&[][..], |step| &step.evidence);
        let counts = |kind| by.iter().any(|shows| shows.kind() == kind);
        if evidence
            .iter()
            .any(|e| counts(e.value.evidence) && is_said(&e.value.reference))
        {
            return Verdict::Fine;
        }
        let says_so = |line: &FieldId| self.yes_or_no(&rule.step, line.as_str()) == Some(true);
        if line.is_some_and(says_so) && step.is_some_and(is_confirmed) {
            return Verdict::Fine;
        }
        let outcome = step.and_then(|step| step.outcome.as_ref());
        if let Some(done) = outcome.filter(|o| o.value.outcome == Outcome::Done) {
            let claimed = of_step("claimed", rule, Some(done.place));
            return Verdict::Gap(Finding::new(GapState::Claimed, "evidence", vec![claimed]));
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
    pub(super) fn party_signed(&self, rule: &Rule) -> Verdict {
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

    /// R13. Auxiliary staff are not asked to sign as officers: naming them is R04's matter.
    pub(super) fn officers_signed(&self, rule: &Rule) -> Verdict {
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
    pub(super) fn recorded(&self, rule: &Rule) -> Verdict {
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
    pub(super) fn not_later(&self, rule: &Rule) -> Verdict {
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
        let because = std::iter::once(told).chain(due.because).collect();
        Verdict::Gap(Finding {
            deadline: due.deadline,
            ..Finding::new(GapState::Late, "step", because)
        })
    }

    /// Whether the step was already done by then: a later correction records it again and does not make it late.
    fn was_done_by(&self, rule: &Rule, by: Instant) -> bool {
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

/// Whether the party signed the record, or refused in a way that leaves it standing (证据规定 15).
fn is_confirmed(step: &StepFacts) -> bool {
    let mut signed = step.signatures.iter().map(|s| s.value.role);
    let mut refused = step.refusals.iter();
    signed.any(|role| role == SignerRole::Party)
        || refused.any(|r| refusal_fault(step, r).is_none())
}

/// What makes a refusal not count; none if it counts.
pub(super) fn refusal_fault(step: &StepFacts, refusal: &Noted<Refused>) -> Option<Because> {
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

pub(super) fn is_done(step: &StepFacts) -> bool {
    let done = step
        .outcome
        .as_ref()
        .is_some_and(|o| o.value.outcome == Outcome::Done);
    done || !step.served.is_empty()
}

pub(super) fn not_recorded(rule: &Rule, step: Option<&StepFacts>) -> Because {
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
