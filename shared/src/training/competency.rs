//! Competencies: what an officer must be able to do, and which rules show that it is lacking.
//! Apart because this table joins what the rules find to what training can offer; lawyers and trainers review it as data.

use crate::data::{self, BadData};
use crate::id::{RuleId, StepId};
use crate::rules::procedure::{self, Actor, Citation, Procedure};
use crate::text::Bilingual;
use std::collections::BTreeMap;

pub use crate::id::CompetencyId;

/// Something that an officer must be able to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Competency {
    /// `K01`.
    pub id: CompetencyId,
    /// Its name.
    pub name: Bilingual,
    /// What somebody who has it can do.
    pub able: Bilingual,
    /// What it rests on.
    pub basis: Vec<Citation>,
    /// Rules whose gaps show that it is lacking.
    pub rules: Vec<RuleId>,
}

/// Every competency, and whose each step is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    all: Vec<Competency>,
    /// By rule: its place in `all`.
    places: BTreeMap<RuleId, usize>,
    /// Who does the step at which a rule looks, as the newest procedure that has both says.
    actors: BTreeMap<(RuleId, StepId), Actor>,
}

impl Catalogue {
    /// What is shipped.
    ///
    /// # Errors
    /// [`BadData`] with the place of the first fault, also where a rule belongs to none or to two.
    pub fn shipped() -> Result<Self, BadData> {
        let procedures = procedure::shipped();
        Ok(Self::new(data::competencies()?, &procedures))
    }

    /// Of these competencies, with the steps of these procedures, newer ones first.
    #[must_use]
    pub fn new(all: Vec<Competency>, procedures: &[Procedure]) -> Self {
        let places = all.iter().enumerate();
        let places = places
            .flat_map(|(at, one)| one.rules.iter().map(move |rule| (rule.clone(), at)))
            .collect();
        let mut actors = BTreeMap::new();
        for procedure in procedures {
            for rule in &procedure.rules {
                if let Some(step) = procedure.step(rule.step.as_str()) {
                    let key = (rule.id.clone(), step.id.clone());
                    actors.entry(key).or_insert(step.actor);
                }
            }
        }
        Self {
            all,
            places,
            actors,
        }
    }

    /// Every competency, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Competency] {
        &self.all
    }

    /// The competency with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Competency> {
        self.all.iter().find(|one| one.id == *id)
    }

    /// The competency that a rule belongs to.
    #[must_use]
    pub fn of(&self, rule: &str) -> Option<&Competency> {
        self.places.get(rule).and_then(|at| self.all.get(*at))
    }

    /// Whether a gap of this rule at this step is an officer's to learn from. The office's steps are nobody's on site, and of
    /// a step that is not known nobody is charged.
    #[must_use]
    pub fn is_officers(&self, rule: &RuleId, step: &StepId) -> bool {
        let actor = self.actors.get(&(rule.clone(), step.clone()));
        actor.is_some_and(|actor| *actor != Actor::Office)
    }

    /// Each rule with each step of an officer at which it looks: see [`Self::is_officers`].
    pub fn officers(&self) -> impl Iterator<Item = &(RuleId, StepId)> {
        let own = self
            .actors
            .iter()
            .filter(|(_, actor)| **actor != Actor::Office);
        own.map(|(key, _)| key)
    }

    /// Whether every step at which this competency's rules look is the office's own.
    #[must_use]
    pub fn is_offices(&self, one: &Competency) -> bool {
        let mut actors = self.actors.iter();
        actors.all(|((rule, _), actor)| !one.rules.contains(rule) || *actor == Actor::Office)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(rule: &str, step: &str) -> (RuleId, StepId) {
        (RuleId::new(rule).unwrap(), StepId::new(step).unwrap())
    }

    #[test]
    fn every_rule_belongs_to_one_competency() {
        let catalogue = Catalogue::shipped().unwrap_or_else(|bad| panic!("{bad}"));
        assert!((8..=20).contains(&catalogue.all().len()));
        for rule in procedure::shipped().iter().flat_map(|one| &one.rules) {
            let holders = catalogue.all().iter();
            let holders = holders.filter(|one| one.rules.contains(&rule.id)).count();
            assert_eq!(holders, 1, "{}", rule.id);
            assert!(catalogue.of(rule.id.as_str()).is_some());
            assert!(
                catalogue
                    .actors
                    .contains_key(&(rule.id.clone(), rule.step.clone()))
            );
        }
    }

    #[test]
    fn the_offices_steps_are_no_officers() {
        let catalogue = Catalogue::shipped().unwrap();
        let officers = |rule, step| {
            let (rule, step) = code(rule, step);
            catalogue.is_officers(&rule, &step)
        };
        assert!(officers("R09", "JC-10"));
        assert!(!officers("R06", "JC-07") && !officers("JC-18.late", "JC-18"));
        // The same rule is the office's before an inspection and the officers' when they order something.
        assert!(!officers("R01", "JC-01") && officers("R01", "GZ-02"));
        assert!(!officers("R09", "JC-99"));
        let offices = |id| catalogue.is_offices(catalogue.get(id).unwrap());
        assert!(offices("K04") && offices("K12") && !offices("K01") && !offices("K02"));
    }

    /// A phone has the texts and not the file.
    #[test]
    fn a_phone_names_them_as_the_file_does() {
        use crate::text::{Lang, find};
        for one in Catalogue::shipped().unwrap().all() {
            let key = format!("competency.{}", one.id);
            for lang in [Lang::Zh, Lang::En] {
                assert_eq!(find(lang, &key), Some(lang.of(&one.name)), "{key}");
            }
        }
    }
}
