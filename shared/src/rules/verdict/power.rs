//! Whether the office may act at all: R01.
//! Apart because the power source decides before any step of procedure does (行政处罚法 17, 24).

use super::condition::power_day;
use super::{Finding, Scene, Verdict, because};
use crate::domain::reference::{PowerSource, SubjectKind};
use crate::id::StepId;
use crate::instant::Instant;
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::procedure::Confidence;
use crate::rules::rule::{FieldRef, Rule, When};

impl Scene<'_> {
    /// R01. A list's later version does not heal an earlier act, nor does an earlier version carry a later one.
    pub(super) fn within_power(
        &self,
        rule: &Rule,
        on: Option<&FieldRef>,
        order: &When,
        listed: Option<Confidence>,
    ) -> Verdict {
        let Some(opened) = &self.facts.opened else {
            return Verdict::Fine;
        };
        let Some(day) = self.power_day(on).map(Instant::date) else {
            return Verdict::Fine;
        };
        let matter = || ("matter", Filler::Text(opened.value.matter.clone()));
        let row = self.context.power.iter().find(|row| row.is_in_force(day));
        let Some(row) = row else {
            let unknown = self.context.power.is_empty();
            let lack = Because {
                code: if unknown {
                    "matter_unknown"
                } else {
                    "matter_not_listed"
                },
                with: vec![matter(), ("on", Filler::Day(day))],
                event: Some(opened.place),
            };
            return self.owed(rule, GapState::BeyondPower, "power", vec![lack]);
        };
        if row.source != PowerSource::S4 {
            return Verdict::Fine;
        }
        let cooperation = Because {
            code: "cooperation_only",
            with: vec![matter(), ("on", Filler::Day(day))],
            event: Some(opened.place),
        };
        if self.holds(order) {
            let ordered = because("ordered", None);
            return Verdict::Gap(Finding {
                step: self.step_of_order(order),
                ..Finding::new(GapState::BeyondPower, "power", vec![cooperation, ordered])
            });
        }
        match listed {
            Some(confidence) if !row.listed && self.is_enterprise() => {
                let not = because("visit_not_published", None);
                let owed = self.owed(rule, GapState::BeyondPower, "power", vec![cooperation, not]);
                owed.with_confidence(confidence)
            }
            _ => Verdict::Fine,
        }
    }

    /// The day on which the list counts: the decision's; else the approval's; in an emergency the visit's beginning.
    fn power_day(&self, on: Option<&FieldRef>) -> Option<Instant> {
        let decided = on.and_then(|field| self.moment(&field.step, field.field.as_str()));
        let urgent = super::condition::is_urgent(self.facts);
        let begun = self.visit.start.filter(|_| urgent).map(|start| start.at);
        decided.or(begun).or_else(|| power_day(self.facts))
    }

    /// One that is not in the list of subjects counts as an organisation, a sole trader is handled likewise.
    fn is_enterprise(&self) -> bool {
        let kind = self.context.subject.map(|subject| subject.kind);
        kind != Some(SubjectKind::Citizen)
    }

    /// The last step whose answer makes the record an order: its document is the one that is not produced.
    fn step_of_order(&self, order: &When) -> Option<StepId> {
        match order {
            When::FieldIs { step, .. } | When::FieldTrue { step, .. } => {
                self.holds(order).then(|| step.clone())
            }
            When::Any { of } => of.iter().rev().find_map(|when| self.step_of_order(when)),
            _ => None,
        }
    }
}

impl Verdict {
    fn with_confidence(self, confidence: Confidence) -> Self {
        let sure = |finding| Finding {
            confidence: Some(confidence),
            ..finding
        };
        match self {
            Self::Fine => Self::Fine,
            Self::Gap(finding) => Self::Gap(sure(finding)),
            Self::Open(finding) => Self::Open(sure(finding)),
        }
    }
}
