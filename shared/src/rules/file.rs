//! What is wrong with a data file, and where.
//! Apart because procedures and jurisdictions are written by people and are told their faults the same way.

use serde::de::DeserializeOwned;

/// A data file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct BadFile {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl BadFile {
    /// The fault at this byte of the text.
    pub(super) fn at(text: &str, byte: usize, what: String) -> Self {
        let before = text.get(..byte).unwrap_or("");
        let last = before.rsplit('\n').next().unwrap_or("");
        Self {
            line: before.matches('\n').count() + 1,
            column: last.chars().count() + 1,
            what,
        }
    }
}

/// Reads a TOML text.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, BadFile> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        BadFile::at(text, at, error.message().to_owned())
    })
}
