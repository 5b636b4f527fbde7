//! Legal documents: from a record's facts to one structure, whose bytes are signed and whose HTML is shown and printed.
//! Apart because phone and server must show the very same document: what was shown is what is signed.

use crate::fold::Facts;
use crate::id::RecordId;
use crate::rules::check::Context;
use crate::rules::procedure::{DocumentKind, Procedure};

/// Everything that a document is made of.
#[derive(Debug, Clone, Copy)]
pub struct Dossier<'a> {
    /// Which record.
    pub record: RecordId,
    /// What is recorded.
    pub facts: &'a Facts,
    /// What it follows.
    pub procedure: &'a Procedure,
    /// What is known beside it.
    pub context: &'a Context<'a>,
    /// The office's name on documents.
    pub unit: &'a str,
}

/// A document, ready to be shown, hashed and printed. Documents are Chinese in either language of the screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which.
    pub kind: DocumentKind,
}

/// Composes a document from what is recorded so far.
#[must_use]
pub fn compose(kind: DocumentKind, dossier: &Dossier<'_>) -> Document {
    let _ = dossier;
    Document { kind }
}
