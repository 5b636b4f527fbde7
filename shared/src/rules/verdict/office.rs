//! What the office owes a case before its decision: legal review, collective discussion, the right to a hearing; R26–R28,
//! R33, R36, R38. Apart because these ask who did it, and whether it was another than who investigated.

use super::field::field_named;
use super::{Finding, Scene, Verdict, because};
use crate::domain::event::{EventRef, Value};
use crate::domain::reference::SubjectKind;
use crate::id::{FieldId, OfficerId};
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::procedure::Confidence;
use crate::rules::rule::{Check, FieldRef, Review, Rule, When};

impl Scene<'_> {
    /// R26, R28. A review that was passed once stands; one that came too early or too late is told as such.
    pub(super) fn reviewed(&self, rule: &Rule) -> Verdict {
        let Check::Reviewed {
            reviews,
            passed,
            decision,
            after,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let decided = self.day_in(decision);
        let after = after.as_ref().and_then(|field| self.day_in(field));
        let mut lack = Vec::new();
        let mut wrong = Vec::new();
        for review in reviews {
            let Some(code) = self.choice(&review.result.step, review.result.field.as_str()) else {
                continue;
            };
            if !passed.iter().any(|one| one == code) {
                lack.push(self.opinion(review, code));
                continue;
            }
            let Some(on) = self.day_in(&review.on) else {
                lack.push(because("review_without_day", None));
                continue;
            };
            let early = after.as_ref().filter(|day| on.at.date() < day.at.date());
            let late = decided.as_ref().filter(|day| on.at.date() > day.at.date());
            match early.or(late) {
                None => return Verdict::Fine,
                Some(other) => wrong.extend([on.because(), other.because()]),
            }
        }
        if !wrong.is_empty() {
            return Verdict::Gap(Finding::new(GapState::OutOfOrder, "review", wrong));
        }
        if lack.is_empty() {
            lack.push(because("not_reviewed", None));
        }
        self.owed(rule, GapState::Missing, "review", lack)
    }

    fn opinion(&self, review: &Review, code: &str) -> Because {
        let at = &review.result;
        let field = self.field(&at.step, &at.field);
        let choice = field.and_then(|f| f.choices.iter().find(|c| c.code == code));
        Because {
            code: "review_not_passed",
            with: vec![(
                "value",
                Filler::Words(choice.map(|c| c.label.clone()).unwrap_or_default()),
            )],
            event: self.noted(&at.step, at.field.as_str()).map(|n| n.place),
        }
    }

    /// The people in a field.
    fn people(&self, field: &FieldRef) -> Option<(&[OfficerId], EventRef)> {
        let noted = self.noted(&field.step, field.field.as_str())?;
        match &noted.value {
            Value::Officers(officers) => Some((officers, noted.place)),
            _ => None,
        }
    }

    /// R27, R36.
    pub(super) fn independent(&self, rule: &Rule, people: &FieldId, or: Option<&When>) -> Verdict {
        let own = Self::own(rule, people);
        let named = self.people(&own);
        let handles = |officer: OfficerId| self.visit.acts.iter().any(|act| act.officer == officer);
        let mut found: Vec<Because> = named
            .into_iter()
            .flat_map(|(list, event)| list.iter().map(move |officer| (*officer, event)))
            .filter(|(officer, _)| handles(*officer))
            .map(|(officer, event)| Because {
                code: "handles_the_case",
                with: vec![("officer", Filler::Officer(officer))],
                event: Some(event),
            })
            .collect();
        if or.is_some_and(|when| self.holds(when)) {
            found.push(super::of_step("said_unfit", rule, None));
        }
        if found.is_empty() {
            return Verdict::Fine;
        }
        Verdict::Gap(Finding::new(GapState::Invalid, "step", found))
    }

    /// R33. For a sole trader the law is silent: between the two amounts the finding is our own default.
    pub(super) fn hearing_told(&self, rule: &Rule) -> Verdict {
        let Check::HearingTold { told, .. } = &rule.check else {
            return Verdict::Fine;
        };
        let Some((why, confidence)) = self.hearing_right(rule) else {
            return Verdict::Fine;
        };
        if self.yes_or_no(&rule.step, told.as_str()) == Some(true) {
            return Verdict::Fine;
        }
        let noted = self.noted(&rule.step, told.as_str()).map(|n| n.place);
        let lack = because("hearing_not_told", noted);
        match self.owed(rule, GapState::Missing, "hearing_right", vec![why, lack]) {
            Verdict::Gap(found) => Verdict::Gap(Finding {
                confidence,
                ..found
            }),
            Verdict::Open(found) => Verdict::Open(Finding {
                confidence,
                ..found
            }),
            Verdict::Fine => Verdict::Fine,
        }
    }

    /// What gives the right to a hearing, and how sure we are where it is not the law's own word.
    fn hearing_right(&self, rule: &Rule) -> Option<(Because, Option<Confidence>)> {
        let Check::HearingTold {
            amounts,
            kinds,
            always,
            ground,
            none,
            ..
        } = &rule.check
        else {
            return None;
        };
        let heavy = kinds.iter().find_map(|kind| {
            let code = self.choice(&kind.step, kind.field.as_str())?;
            let noted = self.noted(&kind.step, kind.field.as_str())?;
            let field = self.field(&kind.step, &kind.field)?;
            let choice = field.choices.iter().find(|choice| choice.code == code)?;
            always.iter().any(|one| one == code).then(|| Because {
                code: "heavy_kind",
                with: vec![("kind", Filler::Words(choice.label.clone()))],
                event: Some(noted.place),
            })
        });
        if let Some(heavy) = heavy {
            return Some((heavy, None));
        }
        let named = self.choice(&rule.step, ground.as_str());
        if let Some(code) = named.filter(|code| code != none) {
            return Some((self.answered(rule, ground, code), None));
        }
        let most = amounts
            .iter()
            .filter_map(|field| self.number(&field.step, &field.field))
            .max_by_key(|(amount, _)| *amount);
        let (amount, event) = most?;
        let (least, confidence) = self.hearing_amount(amount)?;
        let reached = Because {
            code: "hearing_amount",
            with: vec![
                ("amount", Filler::Number(amount)),
                ("least", Filler::Number(least)),
            ],
            event: Some(event),
        };
        Some((reached, confidence))
    }

    /// The amount from which on a party like this one has the right, if this one reaches it.
    fn hearing_amount(&self, amount: i64) -> Option<(i64, Option<Confidence>)> {
        let amounts = self.context.jurisdiction.hearing?;
        let (citizen, organisation) = (i64::from(amounts.citizen), i64::from(amounts.organisation));
        let party = self.context.subject.map(|subject| subject.kind);
        let (least, confidence) = match party.unwrap_or(SubjectKind::Organisation) {
            SubjectKind::Organisation => (organisation, None),
            SubjectKind::Citizen => (citizen, None),
            SubjectKind::SoleTrader if amount >= organisation => (organisation, None),
            SubjectKind::SoleTrader => (citizen, Some(Confidence::D)),
        };
        (amount >= least).then_some((least, confidence))
    }

    /// R38. One responsible person alone is no collective; squad members are none at all.
    pub(super) fn collective(&self, rule: &Rule) -> Verdict {
        let Check::Collective {
            on,
            people,
            heads,
            at_least,
            minutes,
            decision,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let own = Self::own(rule, on);
        let Some(held) = self.day_in(&own) else {
            let lack = super::record::not_recorded(rule, self.step(rule));
            return self.owed(rule, GapState::Missing, "collective", vec![lack]);
        };
        if let Some(decided) = self.day_in(decision)
            && held.at.date() > decided.at.date()
        {
            let because = vec![held.because(), decided.because()];
            return Verdict::Gap(Finding::new(GapState::OutOfOrder, "collective", because));
        }
        let counted = self.number(&rule.step, heads);
        let attending = Self::own(rule, people);
        let listed = self.people(&attending);
        let listed = listed.map(|(list, event)| (i64::try_from(list.len()).unwrap_or(0), event));
        let (n, event) = counted.or(listed).map_or((0, None), |(n, e)| (n, Some(e)));
        if n < i64::from(*at_least) {
            let few = Because {
                code: "heads_attending",
                with: vec![
                    ("n", Filler::Number(n)),
                    ("need", Filler::Number(i64::from(*at_least))),
                ],
                event,
            };
            return self.owed(rule, GapState::Invalid, "collective", vec![few]);
        }
        if self.yes_or_no(&rule.step, minutes.as_str()) == Some(true) {
            return Verdict::Fine;
        }
        let unsigned = Because {
            code: "field_empty",
            with: field_named(rule, self.field(&rule.step, minutes)),
            event: None,
        };
        let said_no = self.yes_or_no(&rule.step, minutes.as_str()) == Some(false);
        let lack = if said_no {
            self.answered(rule, minutes, "no")
        } else {
            unsigned
        };
        self.owed(rule, GapState::Missing, "collective", vec![lack])
    }
}
