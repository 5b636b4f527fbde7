//! Legal documents: from a record's facts to one structure, whose bytes are signed and whose HTML is shown and printed.
//! Apart because phone and server must show the very same document: what was shown is what is signed.
//!
//! A document has a *content*, which is hashed, and *marks*, which are not: signatures, refusals, approvals and the receipt
//! come after the content stands. Content is made only of what was recorded up to the document's own step, so that a later
//! step does not change what somebody has signed. The words of the templates are part of the content: whoever rewrites one
//! raises [`Template::version`](kind::Template::version), and the golden test says that old signatures will show as changed.

mod approval;
mod blocks;
mod hash;
mod html;
mod inquiry;
mod kind;
mod marks;
mod notice;
mod order;
mod penalty;
mod read;
mod recheck;
mod record;
mod result;
mod words;

pub use blocks::{Block, Cell, Mark, Signature};
pub use kind::{Layout, Template, documents_of, step_of};
pub use words::cited;

use crate::domain::reference::Task;
use crate::fold::Facts;
use crate::id::RecordId;
use crate::rules::check::Context;
use crate::rules::procedure::{DocumentKind, Procedure, Step};
use read::Reader;

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
    /// The task that asked for it, if there is one.
    pub task: Option<&'a Task>,
}

/// A document, ready to be shown, hashed and printed. Documents are Chinese in either language of the screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which.
    pub kind: DocumentKind,
    /// Of which record.
    pub record: RecordId,
    /// 发文机关.
    pub unit: String,
    /// 文号; empty where none is recorded.
    pub number: String,
    /// The record counts for nothing (作废): said on the document, no part of its hash.
    pub voided: bool,
    /// What is hashed.
    pub blocks: Vec<Block>,
    /// What came after: signatures, refusals, approvals, the receipt.
    pub marks: Vec<Mark>,
}

/// Composes a document from what is recorded so far. Total: a record without a single answer has a document of blanks.
#[must_use]
pub fn compose(kind: DocumentKind, dossier: &Dossier<'_>) -> Document {
    composed(&Reader::new(kind, dossier))
}

/// The document that is signed at a step: the first that the step makes. A procedure that asks for signatures at a step
/// without a document has that step's answers signed as a record of what was seen.
#[must_use]
pub fn of_step(step: &Step, dossier: &Dossier<'_>) -> Document {
    let named = documents_of(step).first().copied();
    let kind = named.unwrap_or(DocumentKind::OnSiteRecord);
    composed(&Reader::by_step(kind, step.id.as_str(), dossier))
}

fn composed(read: &Reader<'_>) -> Document {
    let (kind, dossier) = (read.kind, read.dossier);
    let (number, blocks) = match kind {
        DocumentKind::InspectionApproval => (String::new(), approval::blocks(read)),
        DocumentKind::InspectionNotice => (read.text("JC-11", "notice_no"), notice::blocks(read)),
        DocumentKind::OnSiteRecord => (String::new(), record::blocks(read)),
        DocumentKind::InquiryRecord => (String::new(), inquiry::blocks(read)),
        DocumentKind::InspectionResult => (String::new(), result::blocks(read)),
        DocumentKind::CorrectionOrder => (read.text("GZ-02", "number"), order::blocks(read)),
        DocumentKind::RecheckOpinion => (String::new(), recheck::blocks(read)),
        DocumentKind::OnTheSpotDecision => (read.text("DC-06", "number"), penalty::blocks(read)),
    };
    let mut document = Document {
        kind,
        record: dossier.record,
        unit: dossier.unit.to_owned(),
        number,
        voided: dossier.facts.voided.is_some(),
        blocks,
        marks: Vec::new(),
    };
    document.marks = marks::marks(read, document.hash());
    document
}

impl Document {
    /// 文书名称.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.kind.title()
    }

    /// Whether a signature binds another content than this one.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.marks
            .iter()
            .any(|mark| matches!(mark, Mark::Signature(signature) if signature.changed))
    }
}

#[cfg(test)]
mod tests;
