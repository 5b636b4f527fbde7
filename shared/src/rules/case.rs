//! A rule case: facts and expected gaps as a text that a lawyer can read and write (docs/CASES.md).
//! Apart because the same loader serves the tests and `server assess`.

mod difference;
mod parse;

use crate::domain::reference::{Checklist, Officer, PowerItem, Subject};
use crate::fold::{Entry, Facts};
use crate::id::{OfficerId, RuleId, StepId};
use crate::instant::Interval;
use crate::rules::calendar::Calendar;
use crate::rules::check::{Context, Elsewhere, check};
use crate::rules::gap::{Assessment, Cure, Deadline, GapState, MarkKind, Severity};
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::procedure::{Citation, Procedure};
use std::collections::BTreeMap;

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
    /// What must be remarked on, nothing else; none where the case does not say.
    pub marks: Option<Vec<ExpectedMark>>,
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
    /// What cures it, where the case says it.
    pub cure: Option<Cure>,
    /// The leading article, where the case says it.
    pub basis: Option<Citation>,
    /// The limit, where the case says it.
    pub deadline: Option<Deadline>,
}

/// A remark that must be made on how a step was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedMark {
    /// The step.
    pub step: StepId,
    /// What.
    pub kind: MarkKind,
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
    /// Not a kind of party.
    #[error("not a kind of party: organisation, sole-trader or citizen")]
    Party,
    /// Not `S1` to `S4`.
    #[error("not a source of power from S1 to S4")]
    Power,
    /// A matter that no `power` line before names.
    #[error("no power line before names this matter")]
    Matter,
    /// A jurisdiction that is not shipped.
    #[error("no such jurisdiction")]
    Jurisdiction,
    /// A checklist item that no `checklist` line before names.
    #[error("no checklist line before names this item")]
    Item,
    /// Not a code of letters, digits, dots, underscores and hyphens.
    #[error("not a code of at most 32 letters, digits, dots, underscores and hyphens")]
    Code,
    /// Not a whole number.
    #[error("not a whole number that fits here")]
    Number,
    /// Not hexadecimal digits.
    #[error("not an even number of hexadecimal digits, at most 64")]
    Hash,
    /// Not a cure.
    #[error("no such cure")]
    Cure,
    /// Not a kind of remark.
    #[error("no such remark")]
    Mark,
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

/// The word at fault after a colon, if there is one.
fn at_word(word: &str) -> String {
    if word.is_empty() {
        String::new()
    } else {
        format!(": {word}")
    }
}

impl<'p> Case<'p> {
    /// Reads a case. Without a `procedure` line it is about the newest version of the first procedure.
    ///
    /// # Errors
    /// [`BadCase`] with the place of the first fault.
    pub fn parse(text: &str, procedures: &'p [Procedure]) -> Result<Self, BadCase> {
        parse::parse(text, procedures)
    }

    /// The facts as the record's log would give them.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::of([], self.entries.iter().cloned())
    }

    /// What is known beside the record.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context {
            officers: &self.officers,
            calendar: &self.calendar,
            jurisdiction: &self.jurisdiction,
            subject: self.subject.as_ref(),
            power: &self.power,
            checklist: self.checklist.as_ref(),
            elsewhere: self.elsewhere.as_ref(),
            now: self.now,
        }
    }

    /// Judges the case.
    #[must_use]
    pub fn assess(&self) -> Assessment {
        check(self.procedure, &self.facts(), &self.context())
    }
}

#[cfg(test)]
mod tests;
