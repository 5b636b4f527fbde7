//! Which competency each rule shows to be there or not: every rule of a procedure names one, and the same rule the same one
//! in every procedure.
//! Apart because a need, a course and its effect must all count the same rules.

use crate::rules::procedure::{Actor, Procedure};
use std::collections::{BTreeMap, BTreeSet};

/// The competencies of some procedures. Their names are the texts `competency.<code>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Competencies {
    /// Rule to competency.
    of: BTreeMap<String, String>,
    /// Steps that the office does: what is missing there is charged to no officer.
    office: BTreeSet<String>,
}

/// A rule that would stand for two competencies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule} belongs to {one} and to {other}")]
pub struct Twice {
    /// Which rule.
    pub rule: String,
    /// One of the competencies.
    pub one: String,
    /// The other.
    pub other: String,
}

impl Competencies {
    /// Those of these procedures.
    ///
    /// # Errors
    /// [`Twice`] names the first rule that belongs to two.
    pub fn of<'a>(procedures: impl IntoIterator<Item = &'a Procedure>) -> Result<Self, Twice> {
        let mut all = Self::default();
        for procedure in procedures {
            for rule in &procedure.rules {
                let old = all.of.insert(rule.id.to_string(), rule.competency.clone());
                if let Some(one) = old.filter(|old| *old != rule.competency) {
                    return Err(Twice {
                        rule: rule.id.to_string(),
                        one,
                        other: rule.competency.clone(),
                    });
                }
            }
            let office = procedure.steps.iter();
            let office = office.filter(|step| step.actor == Actor::Office);
            all.office.extend(office.map(|step| step.id.to_string()));
        }
        Ok(all)
    }

    /// The competency that a rule belongs to; none if no procedure has the rule.
    #[must_use]
    pub fn of_rule(&self, rule: &str) -> Option<&str> {
        self.of.get(rule).map(String::as_str)
    }

    /// The rules of a competency, by code.
    pub fn rules_of<'a>(&'a self, competency: &'a str) -> impl Iterator<Item = &'a str> {
        let rules = self.of.iter();
        rules
            .filter(move |(_, of)| *of == competency)
            .map(|(rule, _)| rule.as_str())
    }

    /// Every competency, by code.
    #[must_use]
    pub fn codes(&self) -> BTreeSet<&str> {
        self.of.values().map(String::as_str).collect()
    }

    /// Whether the office does this step, in any procedure.
    #[must_use]
    pub fn is_of_the_office(&self, step: &str) -> bool {
        self.office.contains(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::procedure::shipped;
    use crate::text::{Lang, find};

    #[test]
    fn every_rule_belongs_to_one_competency_that_has_a_name() {
        let all = Competencies::of(&shipped()).unwrap();
        assert!(all.codes().len() >= 10);
        for code in all.codes() {
            let key = format!("competency.{code}");
            assert!(find(Lang::Zh, &key).is_some() && find(Lang::En, &key).is_some());
            for rule in all.rules_of(code) {
                assert_eq!(all.of_rule(rule), Some(code));
            }
        }
        let procedures = shipped();
        let rules = procedures.iter().flat_map(|p| &p.rules);
        for rule in rules {
            assert_eq!(all.of_rule(rule.id.as_str()), Some(&*rule.competency));
        }
        assert!(all.is_of_the_office("JC-07") && !all.is_of_the_office("JC-10"));
        assert_eq!(all.of_rule("R99"), None);
    }

    #[test]
    fn a_rule_that_would_stand_for_two_is_named() {
        let mut procedures = shipped();
        for rule in &mut procedures[0].rules {
            if rule.id.as_str() == "R02" {
                "archive".clone_into(&mut rule.competency);
            }
        }
        let twice = Competencies::of(&procedures).unwrap_err();
        assert_eq!((&*twice.rule, &*twice.one), ("R02", "archive"));
    }
}
