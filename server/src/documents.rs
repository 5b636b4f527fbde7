//! A record's legal documents, for reading and printing: the same that the phone shows and has signed.

use crate::app::App;
use crate::assess::{self, Context};
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::{self, ReadTx, log, refs};
use axum::extract::{Path, State};
use axum::response::Response;
use shared::documents::{self, Dossier};
use shared::domain::reference::{RefSet, Task};
use shared::id::{RecordId, UnitId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::procedure::{DocumentKind, Procedure};
use shared::text::{Lang, text};

#[derive(askama::Template)]
#[template(path = "document.html")]
struct DocumentPage {
    p: Page,
    id: String,
    /// The document as HTML.
    sheet: String,
}

/// The documents of a procedure: the end of their address, and their title.
pub(crate) fn links(lang: Lang, procedure: &Procedure) -> Vec<(&'static str, String)> {
    DocumentKind::ALL
        .into_iter()
        .filter(|kind| documents::step_of(*kind, procedure).is_some())
        .map(|kind| (kind.code(), title(lang, kind)))
        .collect()
}

fn title(lang: Lang, kind: DocumentKind) -> String {
    text(lang, &format!("document.kind.{}", kind.code())).to_owned()
}

/// The record's office and the document; none if there is no such record, or its procedure makes no such document.
fn compose(
    tx: &ReadTx<'_>,
    record: RecordId,
    kind: DocumentKind,
    now: Instant,
) -> Result<Option<(UnitId, String)>, store::Error> {
    let Some(row) = log::record(tx, record)? else {
        return Ok(None);
    };
    // What is played is no act of the office: nothing of it is printed as its document.
    if row.drill {
        return Ok(None);
    }
    let mut known = Context::load(tx)?;
    let commits = log::of_record(tx, record)?;
    let judged = match assess::judge(tx, &mut known, (record, row.unit), &commits, now) {
        Ok(judged) => judged,
        Err(assess::Fault::Store(error)) => return Err(error),
        // The record's own page says what is wrong with the procedure.
        Err(assess::Fault::NoProcedure(_)) => return Ok(None),
    };
    let procedure = judged.procedure.as_deref();
    let Some(procedure) = procedure.filter(|p| documents::step_of(kind, p).is_some()) else {
        return Ok(None);
    };
    let opened = judged.facts.opened.as_ref();
    let task: Option<Task> = opened
        .and_then(|opened| opened.value.task)
        .map(|id| refs::get(tx, RefSet::Tasks, id.as_bytes()))
        .transpose()?
        .flatten();
    let units = refs::units(tx)?;
    let context = judged.context(&known, now);
    let dossier = Dossier {
        record,
        facts: &judged.facts,
        procedure,
        context: &context,
        unit: units.get(&row.unit).map_or("", |unit| &unit.name),
        task: task.as_ref(),
    };
    Ok(Some((row.unit, documents::compose(kind, &dossier).html())))
}

/// `GET /records/{id}/doc/{kind}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, kind)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let kind = DocumentKind::from_code(&kind).ok_or(Code::NotFound)?;
    let now = app.now();
    let found = app.store.read(move |tx| compose(tx, id, kind, now)).await?;
    let (_, sheet) = found
        .filter(|(unit, _)| visitor.sees(*unit))
        .ok_or(Code::NotFound)?;
    let mut page = Page::new(&visitor, "document.list");
    page.title = title(visitor.lang, kind);
    html::render(&DocumentPage {
        p: page,
        id: id.to_string(),
        sheet,
    })
}
