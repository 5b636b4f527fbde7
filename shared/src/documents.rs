//! Legal documents: from a record's facts to one structure, whose bytes are signed and whose HTML is shown and printed.
//! Apart because phone and server must show the very same document: what was shown is what is signed.
//!
//! A document has a *content*, which is hashed, and *marks*, which are not: signatures, refusals, approvals and the receipt
//! come after the content stands. Content is made only of what was recorded up to the document's own step, so that a later
//! step does not change what somebody has signed. The words of the templates are part of the content: whoever rewrites one
//! raises [`Template::version`](kind::Template::version), and the golden test says that old signatures will show as changed.

mod approval;
mod blocks;
mod form;
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
pub use kind::{Made, Template, all_of, documents_of, find, shown_at};
pub use words::cited;

use crate::domain::reference::Task;
use crate::fold::Facts;
use crate::id::RecordId;
use crate::rules::check::Context;
use crate::rules::gap::{Assessment, Block as Barrier};
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
    /// Which: its name in addresses.
    pub code: String,
    /// 文书名称.
    pub title: String,
    /// How it looks, and which words.
    pub template: Template,
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
pub fn compose(made: Made<'_>, dossier: &Dossier<'_>) -> Document {
    composed(&Reader::new(made, dossier))
}

/// The document that is signed at a step: the first that the step makes. A procedure that asks for signatures at a step
/// without a document has that step's answers signed as a record of what was seen.
#[must_use]
pub fn of_step(step: &Step, dossier: &Dossier<'_>) -> Document {
    let mut named = documents_of(step, dossier.procedure).into_iter();
    let made = named.find(|made| applies(*made, dossier.facts, dossier.context));
    let made = made.unwrap_or(Made::Kind(DocumentKind::OnSiteRecord));
    composed(&Reader::by_step(made, step.id.as_str(), dossier))
}

/// Whether a record has this document: a form may be for one outcome only.
#[must_use]
pub fn applies(made: Made<'_>, facts: &Facts, context: &Context<'_>) -> bool {
    match made {
        Made::Kind(_) => true,
        Made::Form(form) => form
            .applies
            .as_ref()
            .is_none_or(|when| crate::rules::holds(when, facts, context)),
    }
}

/// Whether a record's page lists the document. Those of code are few and are printed as blanks too; of the forms of a case only
/// those are its papers whose step has something recorded.
#[must_use]
pub fn listed(made: Made<'_>, facts: &Facts, context: &Context<'_>) -> bool {
    match made {
        Made::Kind(_) => true,
        Made::Form(form) => {
            facts.step(form.step.as_str()).is_some() && applies(made, facts, context)
        }
    }
}

/// Why the law forbids to produce a document at this step yet: what blocks at it or before it. What is still open there counts
/// only for a document that decides ([`Template::decides`]): until then it can still be done, and may be what the document does.
#[must_use]
pub fn forbidden<'a>(
    (step, decides): (&str, bool),
    procedure: &'a Procedure,
    assessment: &'a Assessment,
) -> Vec<Barrier<'a>> {
    let Some(end) = procedure.steps.iter().position(|other| other.id == *step) else {
        return Vec::new();
    };
    let steps = procedure.steps.iter().take(end + 1);
    steps
        .flat_map(|step| assessment.blocks(step.id.as_str()))
        .filter(|barrier| match barrier {
            Barrier::Gap(_) => true,
            Barrier::Open(_) => decides,
        })
        .collect()
}

/// Whether what is signed at a step decides over the party.
#[must_use]
pub fn decides(step: &Step, procedure: &Procedure) -> bool {
    let made = documents_of(step, procedure);
    made.iter().any(|made| made.template().decides)
}

/// Number and blocks.
fn content(read: &Reader<'_>) -> (String, Vec<Block>) {
    let kind = match read.made {
        Made::Form(form) => return form::content(read, form),
        Made::Kind(kind) => kind,
    };
    match kind {
        DocumentKind::InspectionApproval => (String::new(), approval::blocks(read)),
        DocumentKind::InspectionNotice => (read.text("JC-11", "notice_no"), notice::blocks(read)),
        DocumentKind::OnSiteRecord => (String::new(), record::blocks(read)),
        DocumentKind::InquiryRecord => (String::new(), inquiry::blocks(read)),
        DocumentKind::InspectionResult => (String::new(), result::blocks(read)),
        DocumentKind::CorrectionOrder => (read.text("GZ-02", "number"), order::blocks(read)),
        DocumentKind::RecheckOpinion => (String::new(), recheck::blocks(read)),
        DocumentKind::OnTheSpotDecision => (read.text("DC-06", "number"), penalty::blocks(read)),
    }
}

fn composed(read: &Reader<'_>) -> Document {
    let (made, dossier) = (read.made, read.dossier);
    let (number, blocks) = content(read);
    let mut document = Document {
        code: made.code().to_owned(),
        title: made.title().to_owned(),
        template: made.template(),
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
