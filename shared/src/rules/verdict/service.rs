//! Whether a document reached the party, and what shows it: R29 and R43.
//! Apart because each method of service has a proof of its own (民事诉讼法 87–95).

use super::notice::reached;
use super::{Finding, Scene, Verdict, because, of_step};
use crate::domain::event::{EvidenceKind, SignerRole};
use crate::fold::StepFacts;
use crate::id::FieldId;
use crate::rules::gap::GapState;
use crate::rules::rule::{FieldRef, Rule};

/// The fields that the check of service reads, all of one step.
pub(in crate::rules) mod names {
    /// How it was served: `on_site`, `direct`, `leave`, `post`, `electronic`, `notice`.
    pub(in crate::rules) const METHOD: &str = "method";
    /// The day from which periods run.
    pub(in crate::rules) const SERVED_ON: &str = "served_on";
    /// The receipt (送达回证): `signed`, `refused` or `none`.
    pub(in crate::rules) const RECEIPT: &str = "receipt";
    /// Who witnessed that it was left, and signed.
    pub(in crate::rules) const WITNESS: &str = "witness";
    /// Leaving it was photographed or recorded.
    pub(in crate::rules) const FILMED: &str = "filmed";
    /// The number of the mail item.
    pub(in crate::rules) const POST_NO: &str = "post_no";
    /// Its return receipt or tracking is on file.
    pub(in crate::rules) const POST_BACK: &str = "post_back";
    /// The party confirmed electronic service in writing.
    pub(in crate::rules) const CONFIRMED: &str = "confirmed";
    /// The day of the public notice.
    pub(in crate::rules) const NOTICE_ON: &str = "notice_on";
    /// Where it was published.
    pub(in crate::rules) const NOTICE_WHERE: &str = "notice_where";
}

impl Scene<'_> {
    /// R29. A day without anything that shows the service is a claim; a notice after the decision is none.
    pub(super) fn told(
        &self,
        rule: &Rule,
        (served, rights): (&FieldId, &FieldId),
        decision: &FieldRef,
    ) -> Verdict {
        let own = Self::own(rule, served);
        let step = self.step(rule);
        let Some(served) = self.day_in(&own) else {
            let lack = super::record::not_recorded(rule, step);
            return self.owed(rule, GapState::Missing, "notice_served", vec![lack]);
        };
        if let Some(decided) = self.day_in(decision)
            && decided.at.date() < served.at.date()
        {
            let because = vec![served.because(), decided.because()];
            return Verdict::Gap(Finding::new(GapState::OutOfOrder, "notice_served", because));
        }
        if self.yes_or_no(&rule.step, rights.as_str()) != Some(true) {
            let noted = self.noted(&rule.step, rights.as_str());
            let lack = because("rights_not_told", noted.map(|n| n.place));
            return self.owed(rule, GapState::Invalid, "rights", vec![lack]);
        }
        if step.and_then(reached).is_some() {
            return Verdict::Fine;
        }
        let claimed = of_step("notice_claimed", rule, None);
        self.owed(rule, GapState::Claimed, "notice_served", vec![claimed])
    }

    /// R43.
    pub(super) fn service_proved(&self, rule: &Rule) -> Verdict {
        let method = self.choice(&rule.step, names::METHOD);
        let served = self.moment(&rule.step, names::SERVED_ON);
        let (Some(method), Some(_)) = (method, served) else {
            let lack = because("not_served", None);
            return self.owed(rule, GapState::Missing, "service", vec![lack]);
        };
        let Some(code) = self.unproved(rule, method) else {
            return Verdict::Fine;
        };
        let noted = self.noted(&rule.step, names::METHOD).map(|n| n.place);
        let lack = vec![because(code, noted)];
        self.owed(rule, GapState::Invalid, "service_proof", lack)
    }

    /// What is missing to prove service by this method, if anything.
    fn unproved(&self, rule: &Rule, method: &str) -> Option<&'static str> {
        let said = |field| self.said(&rule.step, field).is_some();
        let yes = |field| self.yes_or_no(&rule.step, field) == Some(true);
        let step = self.step(rule);
        let shown = step.is_some_and(is_witnessed);
        let (proved, code) = match method {
            "leave" => (
                said(names::WITNESS) || yes(names::FILMED) || shown,
                "left_without_witness",
            ),
            "post" => (
                said(names::POST_NO) && yes(names::POST_BACK),
                "post_without_return",
            ),
            "electronic" => (yes(names::CONFIRMED), "electronic_unconfirmed"),
            "notice" => (
                self.moment(&rule.step, names::NOTICE_ON).is_some() && said(names::NOTICE_WHERE),
                "notice_not_posted",
            ),
            _ => {
                let signed = step.is_some_and(|step| {
                    let mut roles = step.signatures.iter().map(|s| s.value.role);
                    roles.any(|role| role == SignerRole::Party)
                });
                match self.choice(&rule.step, names::RECEIPT) {
                    Some("signed") => (true, ""),
                    Some("refused") => (shown, "refused_without_witness"),
                    _ => (signed, "no_receipt"),
                }
            }
        };
        (!proved).then_some(code)
    }
}

/// Whether a witness's signature, a picture or a recording shows what happened at the step.
fn is_witnessed(step: &StepFacts) -> bool {
    let witness = step.signatures.iter().map(|s| s.value.role);
    let pictures = step.evidence.iter().map(|e| e.value.evidence);
    witness.into_iter().any(|role| role == SignerRole::Witness)
        || pictures
            .into_iter()
            .any(|kind| matches!(kind, EvidenceKind::Photo | EvidenceKind::Recording))
}
