//! What an officer should practise, from the records of the last inspections.
//! Apart because a need must be explained: it says which of which records it rests on, and says nothing where there are too few.
//! It is about work, never a score of a person: officers are not compared with each other.

use super::competency::Competencies;
use crate::id::RecordId;
use crate::rules::gap::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// Records that count as the last ones.
pub const LAST: usize = 5;
/// Records before these, for what has changed.
pub const BEFORE: usize = 5;
/// With fewer records nothing is said.
pub const FEWEST: usize = 3;
/// So many of the last records with a gap are a need.
pub const OFTEN: usize = 2;
/// One gap of this grade is a need by itself: it puts the decision at risk.
pub const GRAVE: Severity = Severity::G3;

/// A record that the officer acted in, with what was found in it. Dismissed gaps are not among these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Which.
    pub record: RecordId,
    /// What was found, cured or not: that it had to be corrected is what training is about.
    pub found: Vec<Found>,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// The step.
    pub step: String,
    /// How grave.
    pub severity: Severity,
}

/// What can be said of an officer's needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// Too few records to say anything.
    TooFew(usize),
    /// What to practise, what is gravest and most frequent first; perhaps nothing.
    Known(Vec<Need>),
}

/// A competency to practise, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// By code.
    pub competency: String,
    /// Records looked at.
    pub of: usize,
    /// Those of them with a gap, latest first.
    pub affected: Vec<RecordId>,
    /// In how many of them each rule found something, most first.
    pub rules: Vec<(String, usize)>,
    /// Whether a gap was so grave that one is enough.
    pub grave: bool,
    /// The records before these: with a gap, and looked at; none if there were too few.
    pub before: Option<(usize, usize)>,
}

/// The needs that these records show, given latest first. Only the first [`LAST`] and the [`BEFORE`] after them are looked at.
///
/// A competency is a need if [`OFTEN`] of the last records have a gap of its rules, or one of them has a gap of grade
/// [`GRAVE`] or graver. What is missing at a step of the office is nobody's need here.
#[must_use]
pub fn needs(records: &[Looked], competencies: &Competencies) -> Needs {
    if records.len() < FEWEST {
        return Needs::TooFew(records.len());
    }
    let (last, rest) = records.split_at(records.len().min(LAST));
    let before = rest.get(..BEFORE.min(rest.len())).unwrap_or_default();
    let mut needs: Vec<Need> = competencies
        .codes()
        .into_iter()
        .filter_map(|code| need(code, last, before, competencies))
        .collect();
    needs.sort_by(|a, b| {
        let rank = |need: &Need| (!need.grave, usize::MAX - need.affected.len());
        rank(a)
            .cmp(&rank(b))
            .then_with(|| a.competency.cmp(&b.competency))
    });
    Needs::Known(needs)
}

fn of<'a>(
    record: &'a Looked,
    code: &'a str,
    competencies: &'a Competencies,
) -> impl Iterator<Item = &'a Found> {
    record.found.iter().filter(move |found| {
        competencies.of_rule(&found.rule) == Some(code)
            && !competencies.is_of_the_office(&found.step)
    })
}

fn need(
    code: &str,
    last: &[Looked],
    before: &[Looked],
    competencies: &Competencies,
) -> Option<Need> {
    let affected = |record: &&Looked| of(record, code, competencies).next().is_some();
    let here: Vec<&Looked> = last.iter().filter(affected).collect();
    let found = || {
        here.iter()
            .flat_map(|record| of(record, code, competencies))
    };
    let grave = found().any(|found| found.severity >= GRAVE);
    if here.len() < OFTEN && !grave {
        return None;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &here {
        let rules = of(record, code, competencies).map(|found| found.rule.as_str());
        for rule in rules.collect::<BTreeSet<_>>() {
            *counts.entry(rule).or_default() += 1;
        }
    }
    let mut rules: Vec<(String, usize)> = counts
        .into_iter()
        .map(|(rule, count)| (rule.to_owned(), count))
        .collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Some(Need {
        competency: code.to_owned(),
        of: last.len(),
        affected: here.iter().map(|record| record.record).collect(),
        rules,
        grave,
        before: (before.len() >= FEWEST)
            .then(|| (before.iter().filter(affected).count(), before.len())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::procedure::shipped;

    fn found(rule: &str, step: &str, severity: Severity) -> Found {
        Found {
            rule: rule.to_owned(),
            step: step.to_owned(),
            severity,
        }
    }

    fn looked(number: u8, found: Vec<Found>) -> Looked {
        Looked {
            record: RecordId::from_bytes([number; 16]),
            found,
        }
    }

    fn known(records: &[Looked]) -> Vec<Need> {
        match needs(records, &Competencies::of(&shipped()).unwrap()) {
            Needs::Known(needs) => needs,
            Needs::TooFew(count) => panic!("{count} are too few"),
        }
    }

    /// Told late, in the record's own step.
    fn late() -> Found {
        found("JC-16.late", "JC-16", Severity::G1)
    }

    #[test]
    fn three_of_the_last_five_are_explained_record_by_record() {
        let records = [
            looked(9, vec![late(), found("R14", "JC-16", Severity::G1)]),
            looked(8, vec![]),
            looked(7, vec![late(), late()]),
            looked(6, vec![]),
            looked(5, vec![found("R14", "JC-16", Severity::G1)]),
            // Before the last five.
            looked(4, vec![late()]),
            looked(3, vec![]),
            looked(2, vec![]),
        ];
        let expected = Need {
            competency: "feedback".to_owned(),
            of: 5,
            affected: [9, 7, 5].map(|n| RecordId::from_bytes([n; 16])).into(),
            rules: vec![("JC-16.late".to_owned(), 2), ("R14".to_owned(), 2)],
            grave: false,
            before: Some((1, 3)),
        };
        assert_eq!(known(&records), [expected]);
    }

    #[test]
    fn one_is_an_exception_unless_it_is_grave() {
        let quiet = |n| looked(n, vec![]);
        let one = [looked(3, vec![late()]), quiet(2), quiet(1)];
        assert_eq!(known(&one), []);
        let shown = found("R09", "JC-10", Severity::G3);
        let grave = [quiet(3), looked(2, vec![shown]), quiet(1)];
        let needs = known(&grave);
        assert_eq!(needs.len(), 1);
        assert!(needs[0].grave && needs[0].competency == "identity" && needs[0].before.is_none());
    }

    #[test]
    fn what_is_gravest_and_most_frequent_comes_first() {
        let shown = || found("R09", "JC-10", Severity::G3);
        let told = || found("R10", "JC-11", Severity::G2);
        let records = [
            looked(5, vec![late(), told()]),
            looked(4, vec![late(), told()]),
            looked(3, vec![late(), shown()]),
        ];
        let order: Vec<String> = known(&records)
            .into_iter()
            .map(|need| need.competency)
            .collect();
        assert_eq!(order, ["identity", "feedback", "notice"]);
    }

    #[test]
    fn nobody_is_charged_with_what_the_office_leaves_out() {
        let approval = || found("R06", "JC-07", Severity::G3);
        let records = [1, 2, 3].map(|n| looked(n, vec![approval()]));
        assert_eq!(known(&records), []);
    }

    #[test]
    fn of_few_records_nothing_is_said() {
        let competencies = Competencies::of(&shipped()).unwrap();
        let shown = || found("R09", "JC-10", Severity::G3);
        let records = [looked(2, vec![shown()]), looked(1, vec![shown()])];
        assert_eq!(needs(&records, &competencies), Needs::TooFew(2));
        assert_eq!(needs(&[], &competencies), Needs::TooFew(0));
    }

    #[test]
    fn a_rule_that_no_procedure_has_any_more_is_passed_over() {
        let gone = || found("R99", "JC-10", Severity::G4);
        let records = [1, 2, 3].map(|n| looked(n, vec![gone()]));
        assert_eq!(known(&records), []);
    }
}
