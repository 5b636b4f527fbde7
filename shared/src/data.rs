//! The data of law that is shipped: law library, sample power list and checklists, read from `data/` into reference rows.
//! Apart because lawyers review these files; a server reads them once and hands out rows, a phone never parses TOML.

use crate::domain::reference::{Checklist, Law, PowerItem};
use crate::rules::procedure::{self, Procedure};
use crate::scoring::Scheme;
use crate::training::competency::Competency;
use toml::Spanned;

mod checklists;
mod competencies;
mod initials;
mod laws;
mod power;
mod scoring;

pub use initials::initials;
pub use power::{Span, Unfounded, founded};

/// Files below `data/`, with their text.
macro_rules! shipped {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../data/", $file)))),+]
    };
}

/// The files of the law library.
const LAWS: &[(&str, &str)] = shipped![
    "laws/penalty.toml",
    "laws/compulsion.toml",
    "laws/remedies.toml",
    "laws/local.toml",
    "laws/safety.toml",
    "laws/ecology.toml",
    "laws/planning.toml",
    "laws/mediation-decisions.toml",
    "laws/documents.toml",
];

/// The sample power list.
const POWER: &[(&str, &str); 1] = shipped!["power/henan-sample.toml"];

/// The checklists.
const CHECKLISTS: &[(&str, &str)] = shipped![
    "checklists/M01.toml",
    "checklists/M02.toml",
    "checklists/M07.toml",
    "checklists/M12.toml",
    "checklists/M13.toml",
    "checklists/M14.toml",
    "checklists/M15.toml",
    "checklists/M16.toml",
    "checklists/M25.toml",
    "checklists/M26.toml",
    "checklists/M27.toml",
    "checklists/M28.toml",
    "checklists/M29.toml",
    "checklists/M35.toml",
];

/// The competencies.
const COMPETENCIES: &[(&str, &str); 1] = shipped!["competencies.toml"];

/// How files are scored.
const SCORING: &[(&str, &str)] = shipped!["scoring/penalty-sample.toml"];

/// A file of data cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, column {column}: {what}")]
pub struct BadData {
    /// Which file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

/// The law library, in the order of its files.
///
/// # Errors
/// [`BadData`] with the place of the first fault.
pub fn laws() -> Result<Vec<Law>, BadData> {
    laws::read(LAWS)
}

/// The sample power list (示例).
///
/// # Errors
/// [`BadData`] with the place of the first fault, also where a legal basis leads nowhere.
pub fn power() -> Result<Vec<PowerItem>, BadData> {
    let [(file, text)] = POWER;
    power_list(file, text, &laws()?)
}

/// A power list from an office's own text in the same form.
///
/// # Errors
/// As [`power()`].
pub fn power_list(file: &str, text: &str, laws: &[Law]) -> Result<Vec<PowerItem>, BadData> {
    power::read(&Source { file, text }, laws)
}

/// The checklists that are shipped.
///
/// # Errors
/// [`BadData`] with the place of the first fault, also where an item's law is not in force or its matter on no list.
pub fn checklists() -> Result<Vec<Checklist>, BadData> {
    checklists::read(CHECKLISTS, &laws()?, &power()?)
}

/// The competencies that are shipped.
///
/// # Errors
/// [`BadData`] with the place of the first fault, also where a rule of a shipped procedure belongs to none or to two.
pub fn competencies() -> Result<Vec<Competency>, BadData> {
    let [(file, text)] = COMPETENCIES;
    competencies::read(file, text, &laws()?, &procedure::shipped())
}

/// How files are scored, as it is shipped.
///
/// # Errors
/// [`BadData`] with the place of the first fault, also where a grade of gap is left out or a procedure scored twice.
pub fn scoring() -> Result<Vec<Scheme>, BadData> {
    scoring_of(SCORING)
}

/// Schemes from an office's own texts in the same form.
///
/// # Errors
/// As [`scoring()`].
pub fn scoring_of(files: &[(&str, &str)]) -> Result<Vec<Scheme>, BadData> {
    scoring::read(files, &procedure::shipped())
}

/// Checks that everything a shipped procedure cites can be looked up, in a law that is in force.
///
/// # Errors
/// [`BadData`] that names the first citation; the place is where the law is first named.
pub fn check_procedure(file: &str, text: &str, laws: &[Law]) -> Result<Procedure, BadData> {
    let source = Source { file, text };
    let procedure = Procedure::parse(text).map_err(|bad| BadData {
        file: file.to_owned(),
        line: bad.line,
        column: bad.column,
        what: bad.what,
    })?;
    match crate::library::unfounded(laws, &procedure).first() {
        None => Ok(procedure),
        Some(citation) => {
            let at = text.find(&citation.law).unwrap_or(0);
            Err(source.fault(at, unfounded(&citation.law, &citation.article)))
        }
    }
}

/// What is said of a citation that leads nowhere.
pub(crate) fn unfounded(law: &str, article: &str) -> String {
    format!("{law} {article} is not in the law library, or not in force")
}

/// A file's name and text.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// The file's rows.
    pub(crate) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, BadData> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.fault(at, error.message().to_owned())
        })
    }

    /// A fault at this byte.
    pub(crate) fn fault(&self, byte: usize, what: impl Into<String>) -> BadData {
        let before = self.text.get(..byte).unwrap_or("");
        let last = before.rsplit('\n').next().unwrap_or("");
        BadData {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last.chars().count() + 1,
            what: what.into(),
        }
    }

    /// A fault at this value.
    pub(crate) fn at<T>(&self, value: &Spanned<T>, what: impl Into<String>) -> BadData {
        self.fault(value.span().start, what)
    }
}

/// Reads a TOML date.
mod day {
    use jiff::civil::Date;
    use serde::de::{Deserialize, Deserializer, Error};
    use toml::value::Datetime;

    pub(super) fn option<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        let at = Datetime::deserialize(from)?;
        let (Some(date), None) = (at.date, at.time) else {
            return Err(D::Error::custom("a date without a time is wanted"));
        };
        let year = i16::try_from(date.year).map_err(D::Error::custom)?;
        let month = i8::try_from(date.month).map_err(D::Error::custom)?;
        let day = i8::try_from(date.day).map_err(D::Error::custom)?;
        Date::new(year, month, day)
            .map(Some)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
