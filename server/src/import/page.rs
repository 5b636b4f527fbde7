//! The page of an import: choose, look, confirm.
//! Apart because the rest of the import knows no words and no forms.

use super::power;
use super::table::{self, BadTable, Table};
use super::words::entry;
use super::{Change, Counts, List, Plan, apply, plan};
use crate::app::App;
use crate::export;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::random;
use crate::session::{PostedFile, Visitor};
use crate::store::audit::{self, Act};
use crate::store::refs;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::domain::reference::RefSet;
use shared::problem::Code;
use shared::text::{Lang, fill, text};

/// Changes that the preview shows.
const SHOWN: usize = 50;

struct Choice {
    code: &'static str,
    label: String,
    columns: String,
    /// How its rows are written.
    note: String,
    chosen: bool,
}

struct Line {
    new: bool,
    name: String,
    place: String,
    before: String,
    after: String,
}

/// What an import would do.
struct Preview {
    counts: String,
    lines: Vec<Line>,
    more: bool,
    digest: String,
    rows: String,
}

#[derive(askama::Template)]
#[template(path = "import.html")]
struct ImportPage {
    p: Page,
    lists: Vec<Choice>,
    shown: Shown,
    first: usize,
}

/// What the page is shown with.
#[derive(Default)]
struct Shown {
    list: Option<List>,
    error: Option<String>,
    faults: Vec<String>,
    notice: Option<String>,
    done: Option<String>,
    preview: Option<Preview>,
}

impl Shown {
    /// The code of the chosen list.
    fn code(&self) -> &'static str {
        self.list.map_or("", List::code)
    }
}

fn page(visitor: &Visitor, shown: Shown) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let lists = List::ALL.into_iter().map(|list| Choice {
        code: list.code(),
        label: text(lang, &format!("console.import.list.{}", list.code())).to_owned(),
        columns: list.columns().join("、"),
        note: text(lang, &format!("console.import.note.{}", list.code())).to_owned(),
        chosen: shown.list == Some(list),
    });
    let status = if shown.error.is_some() || !shown.faults.is_empty() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let body = html::render(&ImportPage {
        lists: lists.collect(),
        first: SHOWN,
        p: Page::new(visitor, "console.nav.import"),
        shown,
    })?;
    Ok((status, body).into_response())
}

/// `GET /import`.
pub(crate) async fn form(visitor: Visitor) -> Result<Response, Problem> {
    page(&visitor, Shown::default())
}

#[derive(Deserialize)]
pub(crate) struct TemplateQuery {
    /// Whether it has the present rows.
    #[serde(default)]
    filled: String,
}

/// `GET /import/{list}/template`: a CSV that has the column names and that Excel opens as UTF-8; of the power list also what is
/// in it now.
pub(crate) async fn template(
    State(app): State<App>,
    Path(list): Path<String>,
    Query(query): Query<TemplateQuery>,
) -> Result<Response, Problem> {
    let list = List::from_code(&list).ok_or(Code::NotFound)?;
    if list == List::Power && !query.filled.is_empty() {
        let known = app.store.read(|tx| refs::all(tx, RefSet::Power)).await?;
        let rows = power::rows(&known);
        return export::csv("power", app.now().date(), power::COLUMNS, rows);
    }
    let body = format!("\u{feff}{}\r\n", list.columns().join(","));
    let name = format!("attachment; filename=\"{}.csv\"", list.code());
    let headers = [
        ("content-type", "text/csv; charset=utf-8".to_owned()),
        ("content-disposition", name),
    ];
    Ok((headers, body).into_response())
}

/// `POST /import`: looks at a file, or applies the rows of a preview.
pub(crate) async fn take(
    State(app): State<App>,
    visitor: Visitor,
    PostedFile { fields, file }: PostedFile,
) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let list = List::from_code(fields.text("list"));
    let confirmed = fields.text("act") == "apply";
    let bytes = if confirmed {
        fields.text("rows").as_bytes().to_vec()
    } else {
        file
    };
    let shown = Shown {
        list,
        ..Shown::default()
    };
    let fault = |code: &str| {
        let key = format!("console.import.file-error.{code}");
        Some(text(lang, &key).to_owned())
    };
    let Some(list) = list.filter(|_| !bytes.is_empty()) else {
        let error = fault("none");
        return page(&visitor, Shown { error, ..shown });
    };
    let read: Result<Table, BadTable> = tokio::task::spawn_blocking(move || table::read(&bytes))
        .await
        .map_err(Problem::internal)?;
    match read {
        Err(bad) => {
            let error = fault(bad.code());
            page(&visitor, Shown { error, ..shown })
        }
        Ok(table) if confirmed => {
            let digest = fields.text("digest").to_owned();
            confirm(&app, &visitor, list, (table, digest)).await
        }
        Ok(table) => {
            let planned = app.store.read(move |tx| plan(tx, list, &table)).await?;
            page(&visitor, planned_words(lang, shown, planned))
        }
    }
}

/// The page for a plan or for what is wrong.
fn planned_words(
    lang: Lang,
    shown: Shown,
    planned: Result<Plan, Vec<super::fault::Fault>>,
) -> Shown {
    match planned {
        Err(faults) => Shown {
            faults: faults.iter().map(|fault| fault.words(lang)).collect(),
            ..shown
        },
        Ok(plan) if plan.changes.is_empty() => Shown {
            done: Some(text(lang, "console.import.nothing").to_owned()),
            ..shown
        },
        Ok(plan) => Shown {
            preview: Some(preview(lang, &plan)),
            ..shown
        },
    }
}

/// Applies the rows if they still change what was shown.
async fn confirm(
    app: &App,
    visitor: &Visitor,
    list: List,
    (table, digest): (Table, String),
) -> Result<Response, Problem> {
    let (lang, account, now) = (visitor.lang, visitor.session.account, app.now());
    let draws = table.rows.iter().map(|_| random::bytes::<10>());
    let draws: Vec<[u8; 10]> = draws.collect::<Result<_, _>>()?;
    let (planned, done) = app
        .store
        .write(move |tx| {
            let planned = plan(tx, list, &table)?;
            let Some(plan) = planned.as_ref().ok().filter(|plan| plan.digest() == digest) else {
                return Ok((planned, None));
            };
            let counts = plan.counts();
            apply(tx, plan, &draws, now)?;
            audit::write(
                tx,
                now,
                Some(account),
                Act::ListImported,
                &target(list, counts),
            )?;
            Ok((planned, Some(counts)))
        })
        .await?;
    app.wake.notify_one();
    let shown = Shown {
        list: Some(list),
        ..Shown::default()
    };
    let shown = match done {
        Some(counts) => Shown {
            done: Some(count_words(lang, "console.import.done", counts)),
            ..shown
        },
        None => Shown {
            notice: Some(text(lang, "console.import.stale").to_owned()),
            ..planned_words(lang, shown, planned)
        },
    };
    page(visitor, shown)
}

/// What the audit log says: the list and how much of it.
fn target(list: List, Counts { new, changed, same }: Counts) -> String {
    format!("{} new={new} changed={changed} same={same}", list.code())
}

fn count_words(lang: Lang, key: &str, counts: Counts) -> String {
    let number = |n: usize| n.to_string();
    let (new, changed) = (number(counts.new), number(counts.changed));
    let same = number(counts.same);
    fill(
        lang,
        key,
        &[("new", &new), ("changed", &changed), ("same", &same)],
    )
}

fn preview(lang: Lang, plan: &Plan) -> Preview {
    let line = |change: &Change| Line {
        new: change.old.is_none(),
        name: change.new.name(),
        place: change.place.clone(),
        before: change
            .old
            .as_ref()
            .map_or_else(String::new, |old| entry(lang, old)),
        after: entry(lang, &change.new),
    };
    Preview {
        counts: count_words(lang, "console.import.counts", plan.counts()),
        lines: plan.changes.iter().take(SHOWN).map(line).collect(),
        more: plan.changes.len() > SHOWN,
        digest: plan.digest(),
        rows: plan.rows.clone(),
    }
}
