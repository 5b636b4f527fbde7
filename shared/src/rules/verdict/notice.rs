//! What happens between arriving and signing: R08, R10, R11 and the recording.
//! Apart because these can only be put right while the officers are still on site.

use super::record::refusal_fault;
use super::{Finding, Scene, Verdict, because, is_said, of_step};
use crate::domain::event::{EventRef, EvidenceKind, Fact, Outcome, SignerRole, Value};
use crate::fold::StepFacts;
use crate::id::{FieldId, StepId};
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::procedure::CHECKLIST;
use crate::rules::rule::{LimitSpec, Rule};
use crate::rules::visit::Seen;
use crate::text::Bilingual;

const NOTE: &str = ".note";

impl Scene<'_> {
    /// R08. A scan that did not work is made up for by entering it within the limit, with the reason.
    pub(super) fn scanned(&self, rule: &Rule, late_within: LimitSpec) -> Verdict {
        let code = self.choice(&rule.step, "code");
        match code {
            Some("scanned" | "shown") => return Verdict::Fine,
            Some("failed") => {}
            _ => {
                let lack = because("not_scanned", None);
                return self.owed(rule, GapState::Missing, "scan", vec![lack]);
            }
        }
        let failed = because(
            "scan_failed",
            self.noted(&rule.step, "code").map(|n| n.place),
        );
        if self.said(&rule.step, "late_why").is_none() {
            let lack = because("scan_without_reason", None);
            return self.owed(rule, GapState::Missing, "scan", vec![failed, lack]);
        }
        let end = self.visit.end;
        let deadline = end.map(|end| self.deadline(late_within, end.at));
        let finding = |state, because| Finding {
            deadline,
            ..Finding::new(state, "late_scan", because)
        };
        let late_at = self
            .noted(&rule.step, "late_at")
            .map(|n| (&n.value, n.place));
        match (late_at, deadline) {
            (Some((Value::At(at), event)), Some(limit)) if *at > limit.latest => {
                let late = super::at("entered_at", Seen { at: *at, event });
                Verdict::Gap(finding(GapState::Late, vec![failed, late]))
            }
            (Some((Value::At(_), _)), _) => Verdict::Fine,
            (_, Some(limit)) if self.is_over(limit) => {
                let lack = because("scan_not_entered", None);
                Verdict::Gap(finding(GapState::Missing, vec![failed, lack]))
            }
            _ => Verdict::Open(finding(GapState::Missing, vec![failed])),
        }
    }

    /// R10. What counts is that the notice reached the party before the checking began; a bare tap is a claim.
    pub(super) fn noticed(&self, rule: &Rule, before: &StepId, rights: &FieldId) -> Verdict {
        let step = self.step(rule);
        let Some(reached) = step.and_then(reached) else {
            let done = step
                .and_then(|s| s.outcome.as_ref())
                .filter(|o| o.value.outcome == Outcome::Done);
            return match done {
                Some(done) => {
                    let claimed = of_step("notice_claimed", rule, Some(done.place));
                    self.owed(rule, GapState::Claimed, "notice", vec![claimed])
                }
                None => {
                    let lack = super::record::not_recorded(rule, step);
                    self.owed(rule, GapState::Missing, "notice", vec![lack])
                }
            };
        };
        let begun = self.first_activity(before);
        if let Some(begun) = begun.filter(|begun| begun.at < reached.at) {
            let with = vec![
                ("step", Filler::Step(before.clone())),
                ("at", Filler::At(begun.at)),
            ];
            let first = Because {
                code: "step_begun",
                with,
                event: Some(begun.event),
            };
            let after = super::at("notice_at", reached);
            return Verdict::Gap(Finding::new(
                GapState::OutOfOrder,
                "notice",
                vec![after, first],
            ));
        }
        if self.yes_or_no(&rule.step, rights.as_str()) == Some(true) {
            return Verdict::Fine;
        }
        let noted = self.noted(&rule.step, rights.as_str());
        let lack = because("rights_not_told", noted.map(|n| n.place));
        self.owed(rule, GapState::Invalid, "rights", vec![lack])
    }

    /// The first thing that a step's log has: an answer, evidence or its end.
    fn first_activity(&self, step: &StepId) -> Option<Seen> {
        let of_step = self.counted().filter(|entry| match &entry.event.fact {
            Fact::FieldAnswered(f) => f.step == *step,
            Fact::EvidenceAdded(f) => f.step == *step,
            Fact::StepRecorded(f) => f.step == *step && f.outcome == Outcome::Done,
            _ => false,
        });
        let seen = of_step.map(|entry| Seen {
            at: entry.event.at(),
            event: entry.place,
        });
        seen.min_by_key(|seen| (seen.at, seen.event))
    }

    /// R11. Without the checklist itself only the answers that are there can be looked at.
    pub(super) fn items_answered(&self, rule: &Rule) -> Verdict {
        let begun = self.said(&rule.step, CHECKLIST);
        let known = self.context.checklist;
        let checklist = known.filter(|list| begun.is_none_or(|key| key == list.key()));
        let lack: Vec<Because> = match checklist {
            Some(list) => {
                let items = list.items.iter();
                items
                    .filter_map(|item| self.item_fault(rule, &item.id, &item.text))
                    .collect()
            }
            None => {
                let step = self.step(rule).filter(|_| begun.is_some());
                let own = self.procedure.step(rule.step.as_str());
                let fields = step.into_iter().flat_map(|step| step.fields.keys());
                let items = fields.filter(|field| {
                    **field != *CHECKLIST
                        && !field.as_str().ends_with(NOTE)
                        && own.is_none_or(|own| own.field(field.as_str()).is_none())
                });
                items
                    .filter_map(|id| self.item_fault(rule, id, &plain(id)))
                    .collect()
            }
        };
        if lack.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Missing, "items", lack)
        }
    }

    /// Why this item's answer does not do, if so.
    fn item_fault(&self, rule: &Rule, item: &FieldId, words: &Bilingual) -> Option<Because> {
        let answered = self.noted(&rule.step, item.as_str());
        let code = match answered.map(|noted| &noted.value) {
            Some(Value::Choice(code)) if code == "pass" || code == "fail" => return None,
            Some(Value::Choice(_)) => {
                let note = format!("{item}{NOTE}");
                if self.said(&rule.step, &note).is_some() {
                    return None;
                }
                "item_without_reason"
            }
            _ => "item_blank",
        };
        let named = if words.zh.is_empty() {
            plain(item)
        } else {
            words.clone()
        };
        Some(Because {
            code,
            with: vec![("item", Filler::Words(named))],
            event: answered.map(|noted| noted.place),
        })
    }

    /// `JC-15.missing`. The recorder's file number, or the device and when it was started.
    pub(super) fn filmed(&self, rule: &Rule, device: &FieldId, started: &FieldId) -> Verdict {
        let evidence = self.step(rule).map_or(&[][..], |step| &step.evidence);
        let filed = evidence
            .iter()
            .any(|e| e.value.evidence == EvidenceKind::Recording && is_said(&e.value.reference));
        let told = self.said(&rule.step, device.as_str()).is_some()
            && self.moment(&rule.step, started.as_str()).is_some();
        if filed || told {
            return Verdict::Fine;
        }
        let lack = match self.said(&rule.step, "gap_why") {
            Some(why) => Because {
                code: "not_filmed_because",
                with: vec![("why", Filler::Text(why.to_owned()))],
                event: self.noted(&rule.step, "gap_why").map(|n| n.place),
            },
            None => because("not_filmed", None),
        };
        self.owed(rule, GapState::Missing, "film", vec![lack])
    }
}

/// When a document verifiably reached the party: signed, refused in due form, sent, or shown by evidence.
pub(super) fn reached(step: &StepFacts) -> Option<Seen> {
    let party = step.signatures.iter();
    let signed = party
        .filter(|s| s.value.role == SignerRole::Party)
        .map(|s| (s.at, s.place));
    let refused = step
        .refusals
        .iter()
        .filter(|refusal| refusal_fault(step, refusal).is_none())
        .map(|r| (r.at, r.place));
    let shown = step
        .evidence
        .iter()
        .filter(|e| is_said(&e.value.reference))
        .map(|e| (e.at, e.place));
    let served = step.served.iter().map(|s| (s.at, s.place));
    let first: Option<(crate::instant::Instant, EventRef)> =
        signed.chain(refused).chain(shown).chain(served).min();
    first.map(|(at, event)| Seen { at, event })
}

/// An item that only its id is known of.
fn plain(item: &FieldId) -> Bilingual {
    Bilingual {
        zh: item.to_string(),
        en: item.to_string(),
    }
}
