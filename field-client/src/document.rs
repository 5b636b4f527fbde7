//! The step's legal document: shown on its own page, shown to whoever signs, and hashed into the signature.
//! Apart because all three must be the one document that `shared::documents` composes.
//! Documents are Chinese in either language of the screens.

use crate::desk::Desk;
use crate::gaps;
use crate::handover::{Anyway, blocked};
use crate::html::{self, Answer, Problem, Ui};
use crate::records::Heading;
use crate::say;
use crate::sheet::Sheet;
use askama::Template;
use axum::extract::{Path, Query};
use shared::documents::{self, Document, Dossier};
use shared::domain::event::{EvidenceKind, Value};
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::procedure::{DocumentKind, Field, FieldKind, Step};
use shared::text::{self, Lang};

fn with<T>(sheet: &Sheet, then: impl FnOnce(&Dossier<'_>) -> T) -> T {
    // A document says nothing about today: the same record gives the same document whenever it is asked for.
    let context = sheet.context(Instant::from_millis(0));
    let unit = sheet.unit();
    then(&Dossier {
        record: sheet.record,
        facts: &sheet.facts,
        procedure: &sheet.procedure,
        context: &context,
        unit: &unit,
        task: sheet.task.as_ref(),
    })
}

/// The document that is signed at this step.
pub(crate) fn of(sheet: &Sheet, step: &Step) -> Document {
    with(sheet, |dossier| documents::of_step(step, dossier))
}

/// A document's link on the page of its step.
pub(crate) struct Link {
    /// Its name in the address.
    pub(crate) kind: &'static str,
    /// Its title.
    pub(crate) title: String,
}

/// The documents of a step.
pub(crate) fn links(ui: Ui, step: &Step) -> Vec<Link> {
    let link = |kind: DocumentKind| Link {
        kind: kind.code(),
        title: title(ui, kind),
    };
    documents::documents_of(step)
        .into_iter()
        .map(link)
        .collect()
}

fn title(ui: Ui, kind: DocumentKind) -> String {
    ui.t(&format!("document.kind.{}", kind.code())).to_owned()
}

#[derive(Template)]
#[template(path = "doc.html")]
struct DocumentPage {
    ui: Ui,
    head: Heading,
    step: String,
    title: String,
    sheet: String,
}

/// `GET /field/r/{record}/doc/{kind}`: the document for reading and printing. One that the law forbids yet is not produced
/// before somebody signed it; then the reason is shown, with a way on for what has already happened (`?anyway=1`).
pub(crate) async fn page(
    desk: Desk,
    Path((record, kind)): Path<(String, String)>,
    Query(asked): Query<Anyway>,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let kind = DocumentKind::from_code(&kind).ok_or(Problem::of(Code::NotFound))?;
    let step = documents::step_of(kind, &sheet.procedure).ok_or(Problem::of(Code::NotFound))?;
    let signed = sheet
        .known(step)
        .is_some_and(|known| !known.signatures.is_empty() || known.outcome.is_some());
    let assessed = gaps::assess(&sheet, desk.now());
    let here = format!("/field/r/{}/doc/{}", sheet.record, kind.code());
    let (forbids, _) = gaps::forbids(&sheet, &assessed, step);
    if !asked.anyway() && !signed && !forbids.is_empty() {
        return Ok(blocked(&desk, &sheet, step, (&forbids, here)));
    }
    Ok(html::ok(&DocumentPage {
        ui: desk.ui,
        head: Heading::of(desk.ui, &sheet),
        step: step.to_string(),
        title: title(desk.ui, kind),
        sheet: with(&sheet, |dossier| documents::compose(kind, dossier)).html(),
    }))
}

/// The message key of a kind of evidence.
pub(crate) const fn evidence(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Recording => "field.evidence.recording",
        EvidenceKind::PartyConfirmation => "field.evidence.party",
        EvidenceKind::Photo => "field.evidence.photo",
        EvidenceKind::Paper => "field.evidence.paper",
    }
}

/// A field's value in words.
pub(crate) fn value(sheet: &Sheet, lang: Lang, field: &Field, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(true) => text::text(lang, "field.yes").to_owned(),
        Value::Bool(false) => text::text(lang, "field.no").to_owned(),
        Value::At(at) if field.kind == FieldKind::Day => say::day(lang, *at),
        Value::At(at) => say::when(lang, *at),
        Value::Choice(code) => {
            let choice = field.choices.iter().find(|choice| choice.code == *code);
            choice.map_or_else(|| code.clone(), |choice| lang.of(&choice.label).to_owned())
        }
        Value::Officers(officers) => {
            let names: Vec<String> = officers.iter().map(|id| sheet.officer_name(*id)).collect();
            names.join("、")
        }
    }
}
