//! A rule case: facts and expected gaps as a text that a lawyer can read and write (docs/CASES.md).
//! Apart because the same loader serves the tests and `server assess`.

mod parse;

use crate::domain::reference::{Checklist, Officer, PowerItem, Subject};
use crate::fold::{Entry, Facts};
use crate::id::{OfficerId, RuleId};
use crate::instant::{Instant, Interval};
use crate::rules::calendar::Calendar;
use crate::rules::check::{Context, Elsewhere, check};
use crate::rules::gap::{Assessment, Deadline, Gap, GapState, Open, Severity};
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::procedure::Procedure;
use std::collections::BTreeMap;
use std::fmt;

/// The longest case text, in bytes.
pub const MAX_CASE_BYTES: usize = 256 * 1024;

/// A case that was read.
#[derive(Debug, Clone)]
pub struct Case<'p> {
    /// What it is about, in a line.
    pub title: String,
    /// The article that the expectation rests on.
    pub law: String,
    /// The procedure.
    pub procedure: &'p Procedure,
    /// The officers that the office knows.
    pub officers: BTreeMap<OfficerId, Officer>,
    /// Holidays.
    pub calendar: Calendar,
    /// Thresholds.
    pub jurisdiction: Jurisdiction,
    /// The party, where the case names its kind.
    pub subject: Option<Subject>,
    /// The matter's rows on the power list.
    pub power: Vec<PowerItem>,
    /// The matter's checklist.
    pub checklist: Option<Checklist>,
    /// What other records say, where the case does.
    pub elsewhere: Option<Elsewhere>,
    /// The facts, in the order of the text.
    pub entries: Vec<Entry>,
    /// As of when to judge.
    pub now: Interval,
    /// The gaps that must be found, no other.
    pub gaps: Vec<ExpectedGap>,
    /// What must be open, no other; none where the case does not say.
    pub open: Option<Vec<ExpectedOpen>>,
}

/// A gap that must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedGap {
    /// The rule.
    pub rule: RuleId,
    /// The state.
    pub state: GapState,
    /// How grave.
    pub severity: Severity,
    /// Whether it blocks.
    pub block: bool,
    /// The limit, where the case says it.
    pub deadline: Option<Deadline>,
}

/// Something that must still be open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedOpen {
    /// The rule.
    pub rule: RuleId,
    /// The limit, where the case says it.
    pub deadline: Option<Deadline>,
}

/// A case that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}{}", at_word(.word))]
pub struct BadCase {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: Fault,
    /// The word at fault; empty where one is missing.
    pub word: String,
}

/// What can be wrong with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More than [`MAX_CASE_BYTES`].
    #[error("the text is too long")]
    TooLong,
    /// The line begins with no known word and no date.
    #[error("no such keyword")]
    Keyword,
    /// The line ends too early.
    #[error("something is missing here")]
    Missing,
    /// The line goes on too long.
    #[error("nothing more is expected here")]
    Extra,
    /// Not `2026-11-23`.
    #[error("not a date such as 2026-11-23")]
    Date,
    /// Not `09:30`.
    #[error("not a time such as 09:30")]
    Time,
    /// A person that no line before introduces.
    #[error("no such person; introduce them with an officer line first")]
    Person,
    /// A procedure that is not there.
    #[error("no such procedure")]
    Procedure,
    /// A step that the procedure does not have.
    #[error("no such step")]
    Step,
    /// A field that the step does not have.
    #[error("no such field in this step")]
    Field,
    /// A value that the field does not take.
    #[error("the field does not take this")]
    Value,
    /// A rule that the procedure does not have.
    #[error("no such rule")]
    Rule,
    /// Not a state of gaps.
    #[error("no such state")]
    State,
    /// Not `G0` to `G4`.
    #[error("not a severity from G0 to G4")]
    Severity,
    /// A label that no earlier fact has.
    #[error("no earlier fact has this label")]
    Label,
    /// No `as-of` line.
    #[error("an as-of line is missing")]
    AsOf,
    /// No `expect` line.
    #[error("an expect line is missing")]
    Expect,
}

fn at_word(word: &str) -> String {
    if word.is_empty() {
        String::new()
    } else {
        format!(": {word}")
    }
}

impl<'p> Case<'p> {
    /// Reads a case. Without a `procedure` line it is about the first procedure.
    ///
    /// # Errors
    /// [`BadCase`] with the place of the first fault.
    pub fn parse(text: &str, procedures: &'p [Procedure]) -> Result<Self, BadCase> {
        parse::parse(text, procedures)
    }

    /// Judges the case.
    #[must_use]
    pub fn assess(&self) -> Assessment {
        let facts = Facts::of([], self.entries.iter().cloned());
        let context = Context {
            officers: &self.officers,
            calendar: &self.calendar,
            jurisdiction: &self.jurisdiction,
            subject: self.subject.as_ref(),
            power: &self.power,
            checklist: self.checklist.as_ref(),
            elsewhere: self.elsewhere.as_ref(),
            now: self.now,
        };
        check(self.procedure, &facts, &context)
    }

    /// Where the answer differs from what is expected: `+` found but not expected, `-` expected but not found.
    #[must_use]
    pub fn differences(&self, found: &Assessment) -> Vec<String> {
        let mut lines = Vec::new();
        diff(&self.gaps, &found.gaps, &mut lines);
        if let Some(open) = &self.open {
            diff(open, &found.open, &mut lines);
        }
        lines
    }
}

/// An expectation and what it is compared with.
trait Expectation: fmt::Display {
    type Found: fmt::Display;
    fn is_met_by(&self, found: &Self::Found) -> bool;
}

impl Expectation for ExpectedGap {
    type Found = Gap;
    fn is_met_by(&self, found: &Gap) -> bool {
        self.rule == found.rule
            && self.state == found.state
            && self.severity == found.severity
            && self.block == found.block
            && (self.deadline.is_none() || self.deadline == found.deadline)
    }
}

impl Expectation for ExpectedOpen {
    type Found = Open;
    fn is_met_by(&self, found: &Open) -> bool {
        self.rule == found.rule && (self.deadline.is_none() || self.deadline == found.deadline)
    }
}

fn diff<E: Expectation>(expected: &[E], found: &[E::Found], into: &mut Vec<String>) {
    let mut left: Vec<&E> = expected.iter().collect();
    for found in found {
        match left.iter().position(|e| e.is_met_by(found)) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => into.push(format!("+ {found}")),
        }
    }
    into.extend(left.iter().map(|e| format!("- {e}")));
}

impl fmt::Display for ExpectedGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_gap(f, (&self.rule, self.state, self.severity, self.block))?;
        write_until(f, self.deadline)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_gap(f, (&self.rule, self.state, self.severity, self.block))?;
        write_until(f, self.deadline)
    }
}

impl fmt::Display for ExpectedOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "open {}", self.rule)?;
        write_until(f, self.deadline)
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "open {}", self.rule)?;
        write_until(f, self.deadline)
    }
}

fn write_gap(
    f: &mut fmt::Formatter<'_>,
    (rule, state, severity, block): (&RuleId, GapState, Severity, bool),
) -> fmt::Result {
    let block = if block { " block" } else { "" };
    write!(f, "expect {rule} {} {severity:?}{block}", state.code())
}

fn write_until(f: &mut fmt::Formatter<'_>, deadline: Option<Deadline>) -> fmt::Result {
    let plain = |at: Instant| at.civil().strftime("%Y-%m-%d %H:%M");
    match deadline {
        None => Ok(()),
        Some(d) if d.earliest == d.latest => write!(f, " until {}", plain(d.latest)),
        Some(d) => write!(f, " until {} .. {}", plain(d.earliest), plain(d.latest)),
    }
}

#[cfg(test)]
mod tests;
