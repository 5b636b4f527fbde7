//! The order of a case's days: approval, filing, investigation, notice, decision; R17–R19, R23, R30, R34, R35, R39, R41.
//! Apart because a court looks first at what came before what (行政处罚法 54–64).

use super::field::{GivenDay, field_named};
use super::{Finding, Scene, Verdict, at, because};
use crate::domain::event::Value;
use crate::id::FieldId;
use crate::instant::Instant;
use crate::rules::calendar::{Limit, Unit};
use crate::rules::gap::{Because, Deadline, Filler, GapState};
use crate::rules::rule::{ActDay, Check, FieldRef, LimitSpec, Rule};
use crate::rules::visit::Seen;

impl Scene<'_> {
    /// A field of the rule's own step.
    pub(super) fn own(rule: &Rule, field: &FieldId) -> FieldRef {
        FieldRef {
            step: rule.step.clone(),
            field: field.clone(),
        }
    }

    /// The day in a field, if the field applies.
    pub(super) fn day_in<'d>(&self, field: &'d FieldRef) -> Option<GivenDay<'d>> {
        self.first_day(std::slice::from_ref(field))
    }

    /// R17, R23. An approval of the same day is in time: an officer's paper does not say the hour.
    pub(super) fn approved(
        &self,
        rule: &Rule,
        act: &FieldRef,
        paper: Option<&FieldRef>,
    ) -> Verdict {
        let on_paper = paper.and_then(|field| self.day_in(field));
        let granted = self
            .step(rule)
            .into_iter()
            .flat_map(|step| &step.approvals)
            .filter(|approval| approval.value.granted)
            .map(|approval| Seen {
                at: approval.at,
                event: approval.place,
            })
            .min_by_key(|seen| (seen.at, seen.event));
        let first = match (&on_paper, granted) {
            (Some(paper), Some(granted)) => Some(paper.at.min(granted.at)),
            (Some(paper), None) => Some(paper.at),
            (None, granted) => granted.map(|seen| seen.at),
        };
        let Some(first) = first else {
            let denied = self.step(rule).and_then(|step| step.approvals.last());
            let lack = denied.map_or_else(
                || because("not_approved", None),
                |denied| Because {
                    code: "denied",
                    with: vec![
                        ("officer", Filler::Officer(denied.value.approver)),
                        ("at", Filler::At(denied.at)),
                    ],
                    event: Some(denied.place),
                },
            );
            return self.owed(rule, GapState::Missing, "approval", vec![lack]);
        };
        match self.day_in(act) {
            Some(act) if first.date() > act.at.date() => {
                let late = granted.map(|seen| at("approved_at", seen));
                let late = late.or_else(|| on_paper.map(|day| day.because()));
                let because = late.into_iter().chain([act.because()]).collect();
                Verdict::Gap(Finding::new(GapState::OutOfOrder, "approval", because))
            }
            _ => Verdict::Fine,
        }
    }

    /// R18. What was a first look, or urgent, may come before.
    pub(super) fn precedes(&self, rule: &Rule, field: &FieldId, acts: &[ActDay]) -> Verdict {
        let own = Self::own(rule, field);
        let Some(own) = self.day_in(&own) else {
            return Verdict::Fine;
        };
        let counts = |act: &&ActDay| act.but.as_ref().is_none_or(|but| !self.holds(but));
        let days = acts.iter().filter(counts);
        let earlier: Vec<Because> = days
            .filter_map(|act| self.day_in(&act.day))
            .filter(|day| day.at.date() < own.at.date())
            .map(|day| day.because())
            .collect();
        if earlier.is_empty() {
            return Verdict::Fine;
        }
        let because = std::iter::once(own.because()).chain(earlier).collect();
        Verdict::Gap(Finding::new(GapState::OutOfOrder, "step", because))
    }

    /// R19.
    pub(super) fn other_day(&self, rule: &Rule, field: &FieldId, than: &FieldRef) -> Verdict {
        let own = Self::own(rule, field);
        match (self.day_in(&own), self.day_in(than)) {
            (Some(own), Some(other)) if own.at.date() == other.at.date() => {
                let because = vec![own.because(), other.because()];
                Verdict::Gap(Finding::new(GapState::Invalid, "step", because))
            }
            _ => Verdict::Fine,
        }
    }

    /// R39.
    pub(super) fn not_earlier(&self, rule: &Rule, field: &FieldId, than: &FieldRef) -> Verdict {
        let own = Self::own(rule, field);
        match (self.day_in(&own), self.day_in(than)) {
            (Some(own), Some(other)) if own.at.date() < other.at.date() => {
                let because = vec![own.because(), other.because()];
                Verdict::Gap(Finding::new(GapState::OutOfOrder, "step", because))
            }
            _ => Verdict::Fine,
        }
    }

    /// R30, R34. While nothing is decided the period that still runs is something to wait for.
    pub(super) fn window_over(&self, rule: &Rule) -> Verdict {
        let Check::WindowOver {
            served,
            within,
            stated,
            unstated,
            waived,
            act,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let Some(served) = self.day_in(served) else {
            return Verdict::Fine;
        };
        if waived.as_ref().is_some_and(|when| self.holds(when)) {
            return Verdict::Fine;
        }
        let given = stated
            .as_ref()
            .and_then(|field| self.number(&field.step, &field.field))
            .and_then(|(days, _)| u16::try_from(days).ok());
        let length = given.map_or(*within, |n| {
            LimitSpec::Fixed(Limit {
                n,
                unit: Unit::WorkingDay,
            })
        });
        let over = self.deadline(length, served.at);
        let finding = |because| Finding {
            deadline: Some(over),
            confidence: unstated.filter(|_| given.is_none()),
            ..Finding::new(GapState::OutOfOrder, "window", because)
        };
        match self.day_in(act) {
            Some(act) if act.at < over.earliest => {
                Verdict::Gap(finding(vec![served.because(), act.because()]))
            }
            None if !self.is_over(over) => Verdict::Open(finding(vec![served.because()])),
            _ => Verdict::Fine,
        }
    }

    /// R35. Where the calendar does not decide it a person does.
    pub(super) fn long_before(
        &self,
        rule: &Rule,
        (from, to): (&FieldId, &FieldId),
        at_least: LimitSpec,
    ) -> Verdict {
        let (from, to) = (Self::own(rule, from), Self::own(rule, to));
        let (Some(from), Some(to)) = (self.day_in(&from), self.day_in(&to)) else {
            return Verdict::Fine;
        };
        let limit = at_least.resolve(self.context.jurisdiction);
        let calendar = self.context.calendar;
        if calendar.is_long_before(from.at.date(), limit, to.at.date()) != Some(false) {
            return Verdict::Fine;
        }
        let because = vec![from.because(), to.because()];
        Verdict::Gap(Finding::new(GapState::Late, "step", because))
    }

    /// R41. The day on the document counts; an extension counts only with the article that allows it.
    pub(super) fn decided_by(
        &self,
        rule: &Rule,
        field: &FieldId,
        (law, until): (&FieldId, &FieldId),
    ) -> Verdict {
        let due = self.due(rule);
        let Some(limit) = due.deadline else {
            return Verdict::Fine;
        };
        let until = Self::own(rule, until);
        let named = self.said(&rule.step, law.as_str()).is_some();
        let extended = self.day_in(&until).filter(|_| named);
        let limit = extended.as_ref().map_or(limit, |day| longer(limit, day.at));
        let own = Self::own(rule, field);
        let counted = due.because.into_iter();
        let counted = counted.chain(extended.map(|day| day.because()));
        let finding = |state, because| Finding {
            deadline: Some(limit),
            ..Finding::new(state, "decision", because)
        };
        match self.day_in(&own) {
            Some(day) if day.at >= limit.latest => {
                let because = std::iter::once(day.because()).chain(counted).collect();
                Verdict::Gap(finding(GapState::Late, because))
            }
            Some(_) => Verdict::Fine,
            None => {
                let lack = because("no_day", None);
                let because = std::iter::once(lack).chain(counted).collect();
                let found = finding(GapState::Missing, because);
                if self.is_over(limit) {
                    Verdict::Gap(found)
                } else {
                    Verdict::Open(found)
                }
            }
        }
    }

    /// R44. What was tried before is written down, and the notice runs its days.
    pub(super) fn served_by_notice(&self, rule: &Rule) -> Verdict {
        let Check::ServedByNotice {
            tried,
            posted,
            served,
            after,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let (posted, served) = (Self::own(rule, posted), Self::own(rule, served));
        if let (Some(posted), Some(served)) = (self.day_in(&posted), self.day_in(&served)) {
            let limit = after.resolve(self.context.jurisdiction);
            let days = (posted.at.date(), served.at.date());
            if self.context.calendar.is_long_before(days.0, limit, days.1) == Some(false) {
                let because = vec![posted.because(), served.because()];
                return Verdict::Gap(Finding::new(GapState::OutOfOrder, "step", because));
            }
        }
        if self.said(&rule.step, tried.as_str()).is_some() {
            return Verdict::Fine;
        }
        let lack = Because {
            code: "field_empty",
            with: field_named(rule, self.field(&rule.step, tried)),
            event: None,
        };
        self.owed(rule, GapState::Missing, "fields", vec![lack])
    }

    /// R37, R48. Only these answers do; without any the rule is open until it is due.
    pub(super) fn answered_with(
        &self,
        rule: &Rule,
        field: &FieldId,
        (is, yes): (&[String], &[FieldId]),
    ) -> Verdict {
        let empty = |field: &FieldId| Because {
            code: "field_empty",
            with: field_named(rule, self.field(&rule.step, field)),
            event: None,
        };
        match self.choice(&rule.step, field.as_str()) {
            None => return self.owed(rule, GapState::Missing, "fields", vec![empty(field)]),
            Some(code) if !is.iter().any(|one| one == code) => {
                let answered = self.answered(rule, field, code);
                return Verdict::Gap(Finding::new(GapState::Invalid, "step", vec![answered]));
            }
            Some(_) => {}
        }
        let lack = yes.iter().find_map(|field| {
            match self.noted(&rule.step, field.as_str()).map(|n| &n.value) {
                Some(Value::Bool(true)) => None,
                Some(_) => Some(self.answered(rule, field, "no")),
                None => Some(empty(field)),
            }
        });
        match lack {
            None => Verdict::Fine,
            Some(lack) => self.owed(rule, GapState::Missing, "fields", vec![lack]),
        }
    }
}

/// The later of a limit and the end of this day.
fn longer(limit: Deadline, day: Instant) -> Deadline {
    let end = Instant::end_of(day.date());
    Deadline {
        earliest: limit.earliest.max(end),
        latest: limit.latest.max(end),
    }
}
