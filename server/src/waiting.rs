//! The cases that wait for whoever is signed in: by the order of the procedure it is their role's turn.

use crate::access;
use crate::app::App;
use crate::export::{self, Asked, Format};
use crate::gaps::{end, time_left};
use crate::html::{self, Page, Pager, allows};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::turns::{self, Filter};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use shared::domain::reference::RefSet;
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::procedure::Procedure;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

/// Where the list is.
const LIST: &str = "/waiting";
/// Lines of one page.
const PAGE: usize = 50;

/// What waits at one step, ready to print: address, name, how many.
pub(crate) struct Count {
    pub(crate) href: String,
    pub(crate) step: String,
    pub(crate) words: String,
    pub(crate) here: bool,
}

struct LineView {
    record: String,
    href: String,
    subject: String,
    step: String,
    since: String,
    until: Option<(String, bool)>,
}

#[derive(askama::Template)]
#[template(path = "waiting.html")]
struct ListPage {
    p: Page,
    counts: Vec<Count>,
    lines: Vec<LineView>,
    filtered: bool,
    whole: &'static str,
    export: String,
    pager: Pager,
}

#[derive(Deserialize)]
pub(crate) struct WaitingQuery {
    #[serde(default)]
    step: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
}

/// What this person's roles do at their own office; none if they do nothing there.
pub(crate) fn filter(visitor: &Visitor) -> Option<Filter> {
    let mut roles = visitor.session.roles.clone();
    roles.retain(|role| allows(access::OFFICE, &[*role]));
    (!roles.is_empty()).then(|| Filter {
        unit: visitor.session.officer.unit,
        roles,
        step: None,
    })
}

/// Names of steps by their codes.
fn names(tx: &ReadTx<'_>, lang: Lang) -> Result<BTreeMap<String, String>, store::Error> {
    let procedures: Vec<Procedure> = refs::all(tx, RefSet::Procedures)?;
    let steps = procedures.iter().flat_map(|known| &known.steps);
    let named = steps.map(|step| {
        let name = format!("{} {}", step.id, lang.of(&step.name));
        (step.id.to_string(), name)
    });
    Ok(named.collect())
}

/// How many cases wait at each step, of which one may be chosen.
pub(crate) fn counts(
    tx: &ReadTx<'_>,
    lang: Lang,
    filter: &Filter,
    chosen: &str,
) -> Result<Vec<Count>, store::Error> {
    let names = names(tx, lang)?;
    let found = turns::by_step(tx, filter)?.into_iter();
    let count = |(step, n): (String, u64)| Count {
        href: html::bare(&html::address(LIST, &[("step", &step)])),
        here: chosen == step,
        words: fill(lang, "console.turn.count", &[("n", &n.to_string())]),
        step: names.get(&step).cloned().unwrap_or(step),
    };
    Ok(found.map(count).collect())
}

fn line(lang: Lang, names: &BTreeMap<String, String>, row: &turns::Line, now: Instant) -> LineView {
    LineView {
        record: row.record.to_string(),
        href: format!("/records/{}/steps/{}", row.record, row.step),
        subject: row.subject_name.clone(),
        step: names
            .get(&row.step)
            .map_or_else(|| row.step.clone(), Clone::clone),
        since: html::moment(lang, row.since),
        until: row.until.map(|until| time_left(lang, end(until, now), now)),
    }
}

fn file(lang: Lang, lines: Vec<LineView>, now: Instant) -> Result<Response, Problem> {
    let head = [
        "console.gap.record",
        "console.gap.subject",
        "console.turn.step",
        "console.turn.since-label",
        "console.turn.until-label",
    ];
    let cells = lines.into_iter().map(|line| {
        let until = line.until.map_or_else(String::new, |(words, _)| words);
        [line.record, line.subject, line.step, line.since, until]
    });
    let head = head.map(|key| text(lang, key));
    export::csv("waiting", now.date(), head, cells)
}

/// `GET /waiting`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<WaitingQuery>,
) -> Result<Response, Problem> {
    let (lang, now) = (visitor.lang, app.now());
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    let (number, size) = asked.page(PAGE);
    let mine = filter(&visitor).ok_or(Code::Forbidden)?;
    let chosen = query.step.clone();
    let (counts, lines, more) = app
        .store
        .read(move |tx| {
            let counts = counts(tx, lang, &mine, &chosen)?;
            let at_step = Filter {
                step: Some(chosen).filter(|step| !step.is_empty()),
                ..mine
            };
            let names = names(tx, lang)?;
            let (rows, more) = turns::page(tx, &at_step, (number, size))?;
            let lines: Vec<LineView> = rows
                .iter()
                .map(|row| line(lang, &names, row, now))
                .collect();
            Ok((counts, lines, more))
        })
        .await?;
    if asked.is_csv() {
        return file(lang, lines, now);
    }
    let address = html::address(LIST, &[("step", &query.step)]);
    html::render(&ListPage {
        p: Page::new(&visitor, "console.turn.nav"),
        counts,
        lines,
        filtered: !query.step.is_empty(),
        whole: LIST,
        export: format!("{address}format=csv"),
        pager: Pager::new(&address, number, more),
    })
}
