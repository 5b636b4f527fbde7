//! What a penalty may be, and what must come before it: R31, R32, R45, R48, R56, R60.
//! Apart because these compare what was decided with what the law allows and what the party was told.

use super::field::field_named;
use super::{Finding, Scene, Verdict, because};
use crate::domain::event::{EventRef, Value};
use crate::domain::reference::{Precondition, SubjectKind};
use crate::id::{FieldId, StepId};
use crate::instant::Instant;
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::procedure::{Confidence, FieldKind};
use crate::rules::rule::{Check, FieldRef, Figure, Pair, Rule};

/// A fact with an amount and the most that it may be, both in yuan.
fn amounts(code: &'static str, amount: i64, most: i64, event: Option<EventRef>) -> Because {
    Because {
        code,
        with: vec![
            ("amount", Filler::Number(amount)),
            ("most", Filler::Number(most)),
        ],
        event,
    }
}

fn invalid(code: &'static str, because: Because) -> Verdict {
    Verdict::Gap(Finding::new(GapState::Invalid, code, vec![because]))
}

impl Scene<'_> {
    /// The number in a field that applies.
    pub(super) fn number(&self, step: &StepId, field: &FieldId) -> Option<(i64, EventRef)> {
        let known = self.field(step, field)?;
        if known.applies.as_ref().is_some_and(|when| !self.holds(when)) {
            return None;
        }
        let noted = self.noted(step, field.as_str())?;
        match noted.value {
            Value::Int(number) => Some((number, noted.place)),
            _ => None,
        }
    }

    /// R45. A sole trader's cap stands in no statute: up to the organisation's it is our own default.
    pub(super) fn on_the_spot(&self, rule: &Rule) -> Verdict {
        let Check::OnTheSpot {
            kind,
            allowed,
            fine,
            citizen,
            organisation,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        if let Some(code) = self.choice(&rule.step, kind.as_str())
            && !allowed.iter().any(|one| one == code)
        {
            let kind = self.answered(rule, kind, code);
            return invalid("step", kind);
        }
        let Some((amount, event)) = self.number(&rule.step, fine) else {
            return Verdict::Fine;
        };
        let party = self.context.subject.map(|subject| subject.kind);
        let (most, confidence) = match party.unwrap_or(SubjectKind::Organisation) {
            SubjectKind::Organisation => (*organisation, None),
            SubjectKind::Citizen => (*citizen, None),
            SubjectKind::SoleTrader if amount > *organisation => (*organisation, None),
            SubjectKind::SoleTrader => (*citizen, Some(Confidence::D)),
        };
        if amount <= most {
            return Verdict::Fine;
        }
        let over = amounts("fine_over_cap", amount, most, Some(event));
        Verdict::Gap(Finding {
            confidence,
            ..Finding::new(GapState::Invalid, "step", vec![over])
        })
    }

    /// R31. What the party says is checked and answered, adopted or not (行政处罚法 45).
    pub(super) fn heard(&self, rule: &Rule) -> Verdict {
        let step = self.step(rule);
        let mut statements = step.iter().flat_map(|step| &step.statements);
        let open = statements.find(|said| !super::is_said(&said.value.answer));
        match open {
            None => Verdict::Fine,
            Some(said) => {
                let lack = because("statement_not_answered", Some(said.place));
                self.owed(rule, GapState::Missing, "statement", vec![lack])
            }
        }
    }

    /// R32. What is heavier than the party was told, or rests on something else, must be told anew.
    pub(super) fn not_heavier(&self, rule: &Rule, more: &[Pair], same: &[Pair]) -> Verdict {
        let heavier = more.iter().filter(|pair| self.is_more(rule, pair));
        let differs = same.iter().filter(|pair| self.is_other(rule, pair));
        let told = |code: &'static str, pair: &Pair| Because {
            code,
            with: field_named(rule, self.field(&rule.step, &pair.field)),
            event: self
                .noted(&rule.step, pair.field.as_str())
                .map(|noted| noted.place),
        };
        let found: Vec<Because> = heavier
            .map(|pair| told("heavier_than_told", pair))
            .chain(differs.map(|pair| told("other_than_told", pair)))
            .collect();
        if found.is_empty() {
            return Verdict::Fine;
        }
        Verdict::Gap(Finding::new(GapState::Invalid, "step", found))
    }

    fn is_more(&self, rule: &Rule, pair: &Pair) -> bool {
        let (own, other) = (&rule.step, &pair.with);
        let field = self.field(own, &pair.field);
        if field.is_some_and(|field| field.kind == FieldKind::Int) {
            let told = self.number(&other.step, &other.field);
            let decided = self.number(own, &pair.field);
            // A number that the notice left out was told as none, where the notice said anything at all.
            let was_told = self.facts.steps.get(&other.step);
            let none = || was_told.filter(|step| !step.fields.is_empty()).map(|_| 0);
            let told = told.map(|(told, _)| told).or_else(none);
            return matches!((decided, told), (Some((decided, _)), Some(told)) if decided > told);
        }
        let rank = |step: &StepId, id: &FieldId| {
            let code = self.choice(step, id.as_str())?;
            self.field(step, id)?
                .choices
                .iter()
                .position(|one| one.code == code)
        };
        let told = rank(&other.step, &other.field);
        let decided = rank(own, &pair.field);
        matches!((decided, told), (Some(decided), Some(told)) if decided > told)
    }

    fn is_other(&self, rule: &Rule, pair: &Pair) -> bool {
        let own = self.noted(&rule.step, pair.field.as_str());
        let told = self.noted(&pair.with.step, pair.with.field.as_str());
        match (
            own.map(|noted| &noted.value),
            told.map(|noted| &noted.value),
        ) {
            (Some(Value::Text(own)), Some(Value::Text(told))) => own.trim() != told.trim(),
            (Some(own), Some(told)) => own != told,
            _ => false,
        }
    }

    /// R56. The matter's row on the list says whether a penalty presupposes it; a phone knows no other record.
    pub(super) fn correction_failed(&self, rule: &Rule, element: Option<&FieldRef>) -> Verdict {
        let day = super::condition::power_of(self.facts, self.context);
        let listed = day.is_some_and(|row| row.precondition == Precondition::AfterFailedCorrection);
        let said = |at: &FieldRef| self.yes_or_no(&at.step, at.field.as_str()) == Some(true);
        let presupposed = listed || element.is_some_and(said);
        let Some(elsewhere) = self.context.elsewhere.filter(|_| presupposed) else {
            return Verdict::Fine;
        };
        let code = match elsewhere.correction {
            None => "no_order_linked",
            Some(order) if order.served.is_none() => "order_not_served",
            Some(order) if order.failed.is_none() => "order_not_rechecked",
            Some(_) => return Verdict::Fine,
        };
        let lack = because(code, None);
        self.owed(rule, GapState::Missing, "correction", vec![lack])
    }

    /// R60. A law that is named and governs no conduct of that day; one that the list does not know is left to a person.
    pub(super) fn basis_in_force(
        &self,
        rule: &Rule,
        basis: &FieldId,
        conduct: &FieldRef,
    ) -> Verdict {
        let cited = self.said(&rule.step, basis.as_str());
        let day = self.moment(&conduct.step, conduct.field.as_str());
        let (Some(cited), Some(day)) = (cited, day.map(Instant::date)) else {
            return Verdict::Fine;
        };
        let rows = self.context.power.iter();
        let known: Vec<&str> = rows
            .clone()
            .flat_map(|row| &row.bases)
            .filter(|basis| cited.contains(&*basis.law))
            .map(|basis| &*basis.law)
            .collect();
        let governs = |law: &&str| {
            let mut bases = rows.clone().flat_map(|row| row.bases_on(day));
            bases.any(|basis| basis.law == *law)
        };
        let Some(law) = known.iter().find(|law| !governs(law)) else {
            return Verdict::Fine;
        };
        let not = Because {
            code: "basis_not_in_force",
            with: vec![
                ("law", Filler::Text((*law).to_owned())),
                ("day", Filler::Day(day)),
            ],
            event: self.noted(&rule.step, basis.as_str()).map(|n| n.place),
        };
        invalid("step", not)
    }

    /// R48.
    pub(super) fn grounded(&self, rule: &Rule) -> Verdict {
        let Check::Grounded {
            ground,
            none,
            small,
            fine,
            most,
            asked_for,
            asked,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let noted = self.noted(&rule.step, ground.as_str()).map(|n| n.place);
        let Some(code) = self.choice(&rule.step, ground.as_str()) else {
            return invalid("step", because("no_ground", None));
        };
        if none.iter().any(|one| one == code) {
            return invalid("step", because("no_ground", noted));
        }
        match self.number(&fine.step, &fine.field) {
            Some((amount, event)) if code == small && amount > *most => {
                return invalid(
                    "step",
                    amounts("fine_not_small", amount, *most, Some(event)),
                );
            }
            _ => {}
        }
        if code == asked_for && self.yes_or_no(&rule.step, asked.as_str()) != Some(true) {
            return invalid("step", because("party_did_not_ask", noted));
        }
        Verdict::Fine
    }

    /// R47, R50: missing until there is a day, late if the day is after the limit.
    pub(super) fn done_by(&self, rule: &Rule, field: &FieldId) -> Verdict {
        if self.noted(&rule.step, field.as_str()).is_none() {
            let lack = because("no_day", None);
            return self.owed(rule, GapState::Missing, "step", vec![lack]);
        }
        self.by_day(rule, field)
    }

    /// R31 of the ordinary procedure. What was said needs an answer and a review; refusing to listen is worse.
    pub(super) fn defended(&self, rule: &Rule) -> Verdict {
        let Check::Defended {
            spoke,
            said,
            refused,
            review,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let code = self.choice(&rule.step, spoke.as_str());
        if code == Some(refused) {
            return invalid("step", self.answered(rule, spoke, refused));
        }
        let heard = self.heard(rule);
        if !matches!(heard, Verdict::Fine) || code != Some(said) {
            return heard;
        }
        if self.said(&rule.step, review.as_str()).is_some() {
            return Verdict::Fine;
        }
        let lack = Because {
            code: "field_empty",
            with: field_named(rule, self.field(&rule.step, review)),
            event: self.noted(&rule.step, spoke.as_str()).map(|n| n.place),
        };
        self.owed(rule, GapState::Missing, "statement", vec![lack])
    }

    /// R51.
    pub(super) fn surcharge(
        &self,
        rule: &Rule,
        (amount, principal): (&FieldId, &FieldId),
        counted: &FieldId,
    ) -> Verdict {
        let most = self.number(&rule.step, principal);
        match (self.number(&rule.step, amount), most) {
            (Some((amount, event)), Some((most, _))) if amount > most => {
                return invalid(
                    "step",
                    amounts("surcharge_over_fine", amount, most, Some(event)),
                );
            }
            _ => {}
        }
        if self.yes_or_no(&rule.step, counted.as_str()) == Some(true) {
            return invalid("step", self.answered(rule, counted, "yes"));
        }
        Verdict::Fine
    }

    /// `PT-22.invalid`.
    pub(super) fn at_least(&self, rule: &Rule, figures: &[Figure]) -> Verdict {
        let short: Vec<Because> = figures
            .iter()
            .filter_map(|figure| {
                let (n, event) = self.number(&rule.step, &figure.field)?;
                let mut with = field_named(rule, self.field(&rule.step, &figure.field));
                with.extend([
                    ("n", Filler::Number(n)),
                    ("least", Filler::Number(figure.least)),
                ]);
                (n < figure.least).then_some(Because {
                    code: "less_than_law",
                    with,
                    event: Some(event),
                })
            })
            .collect();
        if short.is_empty() {
            return Verdict::Fine;
        }
        Verdict::Gap(Finding::new(GapState::Invalid, "step", short))
    }
}
