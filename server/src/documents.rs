//! A record's legal documents, for reading and printing: the same that the phone shows and has signed.

use crate::app::App;
use crate::assess::{self, Case};
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::{self, ReadTx, refs};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use shared::documents::{self, Dossier, Made};
use shared::domain::reference::{RefSet, Task};
use shared::fold::Facts;
use shared::id::RecordId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::check;
use shared::rules::explain::{self, Names, citation};
use shared::rules::gap::Block;
use shared::rules::procedure::{Citation, Procedure, Step};
use shared::text::Lang;

/// The end of a document's address, and its title.
pub(crate) type Link = (String, String);

#[derive(askama::Template)]
#[template(path = "document.html")]
struct DocumentPage {
    p: Page,
    id: String,
    /// The document as HTML.
    sheet: String,
}

/// In the place of a document that the law forbids yet.
#[derive(askama::Template)]
#[template(path = "document_blocked.html")]
struct BlockedPage {
    p: Page,
    id: String,
    /// What the law asks for first, in words with the articles.
    why: Vec<String>,
    /// The document as it was recorded all the same.
    anyway: String,
}

fn link(lang: Lang, made: Made<'_>) -> Link {
    (made.code().to_owned(), made.name(lang))
}

/// The documents that a record's page lists.
pub(crate) fn links(
    lang: Lang,
    procedure: &Procedure,
    facts: &Facts,
    context: &check::Context<'_>,
) -> Vec<Link> {
    documents::all_of(procedure)
        .into_iter()
        .filter(|made| documents::listed(*made, facts, context))
        .map(|made| link(lang, made))
        .collect()
}

/// The documents that a step's page shows.
pub(crate) fn at_step(lang: Lang, step: &Step, case: &Case, now: Instant) -> Vec<Link> {
    let Ok(judged) = &case.judged else {
        return Vec::new();
    };
    let Some(procedure) = judged.procedure.as_deref() else {
        return Vec::new();
    };
    let context = judged.context(&case.known, now);
    documents::shown_at(step, procedure)
        .into_iter()
        .filter(|made| documents::applies(*made, &judged.facts, &context))
        .map(|made| link(lang, made))
        .collect()
}

/// What an address leads to.
enum Shown {
    /// The document's title and its HTML.
    Sheet(String, String),
    /// Its title, and why the law forbids it yet.
    Blocked(String, Vec<String>),
}

/// Why the law forbids a document that decides, in words with the articles. Other documents only write down what happened.
fn forbidden(lang: Lang, (made, step): (Made<'_>, &Step), case: &Case) -> Vec<String> {
    let Ok(judged) = &case.judged else {
        return Vec::new();
    };
    let procedure = judged.procedure.as_deref();
    let Some(procedure) = procedure.filter(|_| made.template().decides) else {
        return Vec::new();
    };
    let names = Names {
        procedure,
        officers: &case.known.officers,
    };
    let cited = |words: String, basis: &[Citation]| {
        let articles: Vec<String> = basis.iter().map(|c| citation(lang, c)).collect();
        format!("{words}（{}）", articles.join("；"))
    };
    documents::forbidden((step.id.as_str(), true), procedure, &judged.assessment)
        .into_iter()
        .map(|barrier| match barrier {
            Block::Gap(gap) => cited(explain::gap(lang, gap, names).title, &gap.basis),
            Block::Open(open) => cited(explain::open(lang, open, names), &open.basis),
        })
        .collect()
}

/// The document of a record that this person may see; none if there is no such record, or its procedure makes no such document.
fn compose(
    tx: &ReadTx<'_>,
    visitor: &Visitor,
    (record, code, anyway): (RecordId, &str, bool),
    now: Instant,
) -> Result<Option<Shown>, store::Error> {
    // What is played is no act of the office: nothing of it is printed as its document.
    let case = assess::case(tx, record, now)?;
    let Some(case) = case.filter(|case| visitor.sees(case.row.unit) && !case.row.drill) else {
        return Ok(None);
    };
    // The record's own page says what is wrong with the procedure.
    let Ok(judged) = &case.judged else {
        return Ok(None);
    };
    let procedure = judged.procedure.as_deref();
    let Some((procedure, (made, step))) =
        procedure.and_then(|p| Some((p, documents::find(code, p)?)))
    else {
        return Ok(None);
    };
    let title = made.name(visitor.lang);
    let why = forbidden(visitor.lang, (made, step), &case);
    if !anyway && !why.is_empty() {
        return Ok(Some(Shown::Blocked(title, why)));
    }
    let opened = judged.facts.opened.as_ref();
    let task: Option<Task> = opened
        .and_then(|opened| opened.value.task)
        .map(|id| refs::get(tx, RefSet::Tasks, id.as_bytes()))
        .transpose()?
        .flatten();
    let units = refs::units(tx)?;
    let context = judged.context(&case.known, now);
    let dossier = Dossier {
        record,
        facts: &judged.facts,
        procedure,
        context: &context,
        unit: units.get(&case.row.unit).map_or("", |unit| &unit.name),
        task: task.as_ref(),
    };
    let sheet = documents::compose(made, &dossier).html();
    Ok(Some(Shown::Sheet(title, sheet)))
}

/// Whether what already happened is to be shown although the law forbade it.
#[derive(Debug, Deserialize)]
pub(crate) struct Anyway {
    #[serde(default)]
    anyway: u8,
}

/// `GET /records/{id}/doc/{kind}`: the document. A decision that the law forbids yet is not produced; then the reason is shown,
/// with a way on for what has already happened (`?anyway=1`).
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, code)): Path<(String, String)>,
    Query(asked): Query<Anyway>,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let now = app.now();
    let mut page = Page::new(&visitor, "document.list");
    let here = format!("/records/{id}/doc/{code}");
    let asked = move |tx: &ReadTx<'_>| compose(tx, &visitor, (id, &code, asked.anyway != 0), now);
    let found = app.store.read(asked).await?.ok_or(Code::NotFound)?;
    let id = id.to_string();
    match found {
        Shown::Sheet(title, sheet) => {
            page.title = title;
            html::render(&DocumentPage { p: page, id, sheet })
        }
        Shown::Blocked(title, why) => {
            page.title = title;
            html::render(&BlockedPage {
                p: page,
                id,
                why,
                anyway: format!("{here}?anyway=1"),
            })
        }
    }
}
