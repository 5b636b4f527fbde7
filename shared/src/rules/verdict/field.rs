//! Answers in fields, and the checks that look at nothing else: R05 and the steps that only ask for words.
//! Apart because every check reads answers the same way.

use super::{Finding, Scene, Verdict, because, is_said};
use crate::domain::event::{Fact, Outcome, Value};
use crate::fold::Noted;
use crate::id::{FieldId, StepId};
use crate::instant::Instant;
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::procedure::Field;
use crate::rules::rule::{FieldRef, Rule};
use crate::rules::verdict::condition::holds;
use crate::text::{Bilingual, Lang, text};

/// A day that was given in a field that applies.
pub(super) struct GivenDay<'a> {
    /// The moment at which the day begins.
    pub(super) at: Instant,
    field: &'a FieldRef,
    label: Bilingual,
    event: crate::domain::event::EventRef,
}

impl GivenDay<'_> {
    pub(super) fn because(&self) -> Because {
        Because {
            code: "day_given",
            with: vec![
                ("step", Filler::Step(self.field.step.clone())),
                ("field", Filler::Words(self.label.clone())),
                ("day", Filler::Day(self.at.date())),
            ],
            event: Some(self.event),
        }
    }
}

impl Scene<'_> {
    pub(super) fn noted(&self, step: &StepId, field: &str) -> Option<&Noted<Value>> {
        self.facts.steps.get(step)?.fields.get(field)
    }

    /// The words in a field, if it says any.
    pub(super) fn said(&self, step: &StepId, field: &str) -> Option<&str> {
        match &self.noted(step, field)?.value {
            Value::Text(words) if is_said(words) => Some(words),
            _ => None,
        }
    }

    /// The moment in a field.
    pub(super) fn moment(&self, step: &StepId, field: &str) -> Option<Instant> {
        match self.noted(step, field)?.value {
            Value::At(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn choice(&self, step: &StepId, field: &str) -> Option<&str> {
        match &self.noted(step, field)?.value {
            Value::Choice(code) => Some(code),
            _ => None,
        }
    }

    pub(super) fn yes_or_no(&self, step: &StepId, field: &str) -> Option<bool> {
        match self.noted(step, field)?.value {
            Value::Bool(yes) => Some(yes),
            _ => None,
        }
    }

    pub(super) fn is_done_step(&self, step: &StepId) -> bool {
        let outcome = self.facts.steps.get(step).and_then(|s| s.outcome.as_ref());
        outcome.is_some_and(|o| o.value.outcome == Outcome::Done)
    }

    /// The first of these fields that applies here and holds a day.
    pub(super) fn first_day<'d>(&self, days: &'d [FieldRef]) -> Option<GivenDay<'d>> {
        days.iter().find_map(|field| {
            let known = self.field(&field.step, &field.field)?;
            let when = known.applies.as_ref();
            let noted = self.noted(&field.step, field.field.as_str())?;
            let Value::At(at) = noted.value else {
                return None;
            };
            let counts = when.is_none_or(|when| holds(when, self.facts, self.context));
            counts.then(|| GivenDay {
                at,
                field,
                label: known.label.clone(),
                event: noted.place,
            })
        })
    }

    /// That a field was answered, as the reason why a rule is due: a day is named.
    pub(super) fn given(&self, step: &StepId, field: &FieldId, noted: &Noted<Value>) -> Because {
        let label = self.field(step, field).map(|field| field.label.clone());
        let mut with = vec![
            ("step", Filler::Step(step.clone())),
            ("field", Filler::Words(label.unwrap_or_default())),
        ];
        let code = match noted.value {
            Value::At(at) => {
                with.push(("day", Filler::Day(at.date())));
                "day_given"
            }
            _ => "field_given",
        };
        Because {
            code,
            with,
            event: Some(noted.place),
        }
    }

    pub(super) fn field(&self, step: &StepId, field: &FieldId) -> Option<&Field> {
        self.procedure.step(step.as_str())?.field(field.as_str())
    }

    /// Every answer that a step's fields ever got, in the record's order, without what was withdrawn.
    pub(super) fn answers<'s>(
        &'s self,
        step: &'s StepId,
    ) -> impl Iterator<Item = (&'s FieldId, &'s Value, &'s crate::fold::Entry)> {
        self.counted()
            .filter_map(move |entry| match &entry.event.fact {
                Fact::FieldAnswered(f) if f.step == *step => Some((&f.field, &f.value, entry)),
                _ => None,
            })
    }

    /// The timeline without what was withdrawn.
    pub(super) fn counted(&self) -> impl Iterator<Item = &crate::fold::Entry> {
        let facts = self.facts;
        let timeline = facts.timeline.iter();
        timeline.filter(|entry| !facts.withdrawn.contains(&entry.place))
    }

    /// `NotAnswered`: R05, `JC-04.invalid`, `JC-12.invalid`, `JC-13.beyond_power`, `GZ-03.invalid`.
    pub(super) fn not_answered(
        &self,
        rule: &Rule,
        field: &FieldId,
        is: &[String],
        state: GapState,
    ) -> Verdict {
        let asked = self.is_asked(&rule.step, field);
        let Some(noted) = self.noted(&rule.step, field.as_str()).filter(|_| asked) else {
            return Verdict::Fine;
        };
        let code = match &noted.value {
            Value::Choice(code) => code.as_str(),
            Value::Bool(true) => "yes",
            Value::Bool(false) => "no",
            Value::Text(_) | Value::Int(_) | Value::At(_) | Value::Officers(_) => {
                return Verdict::Fine;
            }
        };
        if !is.iter().any(|listed| listed == code) {
            return Verdict::Fine;
        }
        let answered = self.answered(rule, field, code);
        Verdict::Gap(Finding::new(state, "step", vec![answered]))
    }

    /// What a field was answered with, as people read it.
    pub(super) fn answered(&self, rule: &Rule, field: &FieldId, code: &str) -> Because {
        let known = self.field(&rule.step, field);
        let choice = known.and_then(|f| f.choices.iter().find(|c| c.code == code));
        let plain = || {
            let key = format!("answer.{code}");
            Bilingual {
                zh: text(Lang::Zh, &key).to_owned(),
                en: text(Lang::En, &key).to_owned(),
            }
        };
        let value = choice.map_or_else(plain, |choice| choice.label.clone());
        let mut with = field_named(rule, known);
        with.push(("value", Filler::Words(value)));
        Because {
            code: "answered",
            with,
            event: self.noted(&rule.step, field.as_str()).map(|n| n.place),
        }
    }

    /// `Filled`: `JC-02.missing`, `JC-05.missing`, `JC-06.missing`, `GZ-02.missing`, `GZ-07.missing`.
    pub(super) fn filled(&self, rule: &Rule, fields: &[FieldId], yes: &[FieldId]) -> Verdict {
        let asked = |field: &&FieldId| self.is_asked(&rule.step, field);
        let empty = fields
            .iter()
            .filter(asked)
            .filter(|field| !self.is_filled(rule, field));
        let mut lack: Vec<Because> = empty
            .map(|field| Because {
                code: "field_empty",
                with: field_named(rule, self.field(&rule.step, field)),
                event: None,
            })
            .collect();
        let no = |field: &&FieldId| self.yes_or_no(&rule.step, field.as_str()) == Some(false);
        let denied = yes.iter().filter(asked).filter(no);
        lack.extend(denied.map(|field| self.answered(rule, field, "no")));
        if lack.is_empty() {
            Verdict::Fine
        } else {
            self.owed(rule, GapState::Missing, "fields", lack)
        }
    }

    /// Whether a field is to be answered here: what was left in one that no longer applies counts for nothing.
    fn is_asked(&self, step: &StepId, field: &FieldId) -> bool {
        let known = self.field(step, field);
        let when = known.and_then(|known| known.applies.as_ref());
        when.is_none_or(|when| self.holds(when))
    }

    fn is_filled(&self, rule: &Rule, field: &FieldId) -> bool {
        let noted = self.noted(&rule.step, field.as_str());
        noted.is_some_and(|noted| match &noted.value {
            Value::Text(words) | Value::Choice(words) => is_said(words),
            Value::Officers(officers) => !officers.is_empty(),
            Value::Int(_) | Value::Bool(_) | Value::At(_) => true,
        })
    }

    /// `JC-19.missing`. Ticking the step off is enough to have closed the file, unless it is said to be incomplete.
    pub(super) fn archived(&self, rule: &Rule, day: &FieldId, complete: &FieldId) -> Verdict {
        if self.yes_or_no(&rule.step, complete.as_str()) == Some(false) {
            let lack = self.answered(rule, complete, "no");
            return self.owed(rule, GapState::Invalid, "archive", vec![lack]);
        }
        if self.is_done_step(&rule.step) || self.moment(&rule.step, day.as_str()).is_some() {
            return Verdict::Fine;
        }
        let lack = because("not_archived", None);
        self.owed(rule, GapState::Missing, "archive", vec![lack])
    }
}

pub(super) fn field_named(rule: &Rule, field: Option<&Field>) -> Vec<(&'static str, Filler)> {
    let label = field.map(|field| field.label.clone()).unwrap_or_default();
    vec![
        ("step", Filler::Step(rule.step.clone())),
        ("field", Filler::Words(label)),
    ]
}
