//! One block, number by number: free, used in which record, voided and why. Voiding what is left of a device that was lost.

use super::{Line, People, Used, count, line, named, range};
use crate::access;
use crate::app::App;
use crate::export::{self, Asked};
use crate::html::{self, Page, allows};
use crate::problem::Problem;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::numbers::{self as kept, Issued};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::NumberBlockId;
use shared::numbers::{Fate, Number};
use shared::problem::Code;
use shared::text::{Lang, text};

/// A reason at most. Characters.
const REASON_CHARS: usize = 200;

/// One number, ready to print: once for each record that has it.
struct Row {
    number: String,
    /// The key of the word for what became of it, and its class.
    fate: (&'static str, &'static str),
    record: Option<String>,
    at: String,
    reason: String,
}

#[derive(askama::Template)]
#[template(path = "number_block.html")]
struct BlockPage {
    p: Page,
    top: Line,
    /// Where the same is a file.
    export: String,
    rows: Vec<Row>,
    /// When what was left was voided, and why.
    closed: Option<(String, String)>,
    /// Whether the visitor may void what is left.
    closes: bool,
    typed: String,
    errors: Vec<(String, String)>,
}

fn fate(issued: &Issued, used: &Used, twice: bool) -> (&'static str, &'static str) {
    let stray = used.feed != issued.block.feed
        || issued.closed.as_ref().is_some_and(|(at, _)| used.at > *at);
    match used.fate {
        Fate::Voided => ("console.number.fate.voided", "na"),
        Fate::Replaced => ("console.number.odd.replaced", "late"),
        Fate::Used if twice => ("console.number.odd.twice", "late"),
        Fate::Used if stray => ("console.number.odd.stray", "late"),
        Fate::Used => ("console.number.fate.used", "done"),
    }
}

fn rows(lang: Lang, issued: &Issued, uses: &[Used]) -> Vec<Row> {
    let mut out = Vec::new();
    for number in issued.block.all() {
        let n = Number::read(&number).n;
        let of: Vec<&Used> = uses.iter().filter(|used| used.key.n == n).collect();
        if of.is_empty() {
            let closed = issued.closed.as_ref();
            out.push(Row {
                number,
                fate: match closed {
                    Some(_) => ("console.number.fate.voided", "na"),
                    None => ("console.number.fate.free", "todo"),
                },
                record: None,
                at: closed.map_or_else(String::new, |(at, _)| html::moment(lang, *at)),
                reason: closed.map_or_else(String::new, |(_, reason)| reason.clone()),
            });
            continue;
        }
        for used in &of {
            out.push(Row {
                number: number.clone(),
                fate: fate(issued, used, of.len() > 1),
                record: Some(used.record.to_string()),
                at: html::moment(lang, used.at),
                reason: used.reason.clone(),
            });
        }
    }
    out
}

async fn page(
    app: &App,
    visitor: &Visitor,
    id: &str,
    (typed, errors): (String, Vec<(String, String)>),
) -> Result<BlockPage, Problem> {
    let id: NumberBlockId = id.parse().map_err(|_| Code::NotFound)?;
    let (issued, uses, people) = app
        .store
        .read(move |tx| {
            let issued = kept::one(tx, id)?;
            let uses = kept::of_block(tx, &issued.block)?;
            Ok((issued, uses, People::read(tx)?))
        })
        .await?;
    if !visitor.sees(issued.unit) {
        return Err(Code::NotFound.into());
    }
    let lang = visitor.lang;
    let may = allows(access::NUMBERS, &visitor.session.roles);
    Ok(BlockPage {
        export: format!("/numbers/{id}?format=csv"),
        top: line(lang, &people, &issued, &uses),
        rows: rows(lang, &issued, &uses),
        closed: issued
            .closed
            .as_ref()
            .map(|(at, reason)| (html::moment(lang, *at), reason.clone())),
        closes: may && issued.closed.is_none() && count(&issued, &uses).left > 0,
        typed,
        errors,
        p: Page::new(visitor, "console.nav.numbers"),
    })
}

/// `GET /numbers/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let page = page(&app, &visitor, &id, Default::default()).await?;
    if !asked.is_csv() {
        return html::render(&page);
    }
    let lang = visitor.lang;
    let head = [
        "console.number.number",
        "console.gap.status",
        "console.number.record",
        "console.number.at",
        "console.number.reason",
    ];
    let cells = page.rows.into_iter().map(|row| {
        let fate = text(lang, row.fate.0).to_owned();
        let record = row.record.unwrap_or_default();
        [row.number, fate, record, row.at, row.reason]
    });
    let head = head.map(|key| text(lang, key));
    export::csv("numbers", app.now().date(), head, cells)
}

/// `POST /numbers/{id}/close`: field `reason`.
pub(crate) async fn close(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let reason = fields.text("reason").to_owned();
    let length = reason.chars().count();
    if length == 0 || length > REASON_CHARS {
        let words = text(visitor.lang, "console.number.error.reason").to_owned();
        let errors = vec![("reason".to_owned(), words)];
        let body = page(&app, &visitor, &id, (reason, errors)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html::render(&body)?).into_response());
    }
    let block: NumberBlockId = id.parse().map_err(|_| Code::NotFound)?;
    let (account, now, lang) = (visitor.session.account, app.now(), visitor.lang);
    let own = visitor.scope();
    app.store
        .write(move |tx| {
            let issued = kept::one(tx, block)?;
            if own.is_some_and(|own| own != issued.unit) {
                return Err(crate::store::Error::NotFound);
            }
            if kept::close(tx, &issued, &reason, now)? {
                let people = People::read(tx)?;
                let officer = people.officer(issued.block.officer);
                let device = people.device(issued.block.feed);
                let device = device.map_or("", |device| &device.device);
                let what = named(lang, &range(&issued.block), officer, device);
                let target = format!("{what} {reason}");
                audit::write(tx, now, Some(account), Act::NumbersClosed, &target)?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to(&format!("/numbers/{id}")).into_response())
}
