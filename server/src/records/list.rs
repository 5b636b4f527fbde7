//! The records of the offices that a person sees, last changed first.

use crate::app::App;
use crate::explain;
use crate::export::{self, Asked, Format};
use crate::html::{self, Page, Pager, Select};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::shipped;
use crate::store::log::{self, Which};
use crate::store::refs;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use shared::domain::reference::{PowerItem, RefSet, Unit};
use shared::id::UnitId;
use shared::scoring::Band;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

/// Lines of one page.
const PAGE: usize = 50;

struct LineView {
    id: String,
    subject: String,
    /// Procedure, matter and office.
    what: String,
    changed: String,
    state: String,
    class: &'static str,
    /// Points and band, and the code of it.
    score: Option<(String, String)>,
}

#[derive(askama::Template)]
#[template(path = "records.html")]
struct ListPage {
    p: Page,
    lines: Vec<LineView>,
    selects: Vec<Select>,
    /// Where the file of this list is.
    csv: String,
    narrowed: bool,
    pager: Pager,
}

/// Where a record stands. Handed in, it is complete only with all its pictures.
fn state(lang: Lang, line: &log::Line) -> (String, &'static str) {
    let t = |key| text(lang, key).to_owned();
    let missing = line.arrived < line.photos;
    match line {
        log::Line { voided: true, .. } => (t("console.photo.voided"), "state-na"),
        _ if missing => (
            photos(lang, line.arrived.into(), line.photos.into()),
            "state-late",
        ),
        log::Line {
            submitted_at: Some(_),
            ..
        } => (t("console.photo.complete"), "state-done"),
        _ => (t("console.photo.doing"), "state-doing"),
    }
}

/// How many pictures have come.
pub(super) fn photos(lang: Lang, arrived: u64, all: u64) -> String {
    let with = [("n", &*arrived.to_string()), ("all", &*all.to_string())];
    fill(lang, "console.photo.arrived", &with)
}

/// What names are found in.
struct Known {
    units: BTreeMap<UnitId, Unit>,
    power: Vec<PowerItem>,
}

impl Known {
    /// A record as the list shows it.
    fn line(&self, lang: Lang, row: log::Line) -> LineView {
        let (state, class) = state(lang, &row);
        LineView {
            id: row.id.to_string(),
            what: self.what(lang, &row),
            subject: row.subject_name,
            changed: html::moment(lang, row.changed_at),
            state,
            class,
            score: row.score.map(|(points, code)| {
                let points = points.to_string();
                let with = [("n", &*points), ("band", band_name(lang, &code))];
                (fill(lang, "console.grade.list-points", &with), code)
            }),
        }
    }

    /// Procedure, matter and office by their names; a code where there is no name.
    fn what(&self, lang: Lang, row: &log::Line) -> String {
        let procedure = shipped::procedure_name(lang, &row.procedure);
        let matter = self.power.iter().rfind(|item| item.code == row.matter);
        let matter = explain::matter(lang, &row.matter, matter);
        let unit = self.units.get(&row.unit).map_or("", |unit| &unit.name);
        let parts = [procedure, &matter, unit].into_iter();
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }
}

/// What the list can be asked.
#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
    /// The code of a band, or [`SCORED`].
    #[serde(default)]
    files: String,
}

/// Every file that has points.
const SCORED: &str = "scored";

/// Which records this asks for; what is no band asks for all.
fn which(files: &str) -> Which {
    match files {
        SCORED => Which::Scored,
        code if bands().any(|band| band.code == code) => Which::Band(code.to_owned()),
        _ => Which::All,
    }
}

/// Every band of every scheme.
fn bands() -> impl Iterator<Item = &'static Band> {
    let schemes = shipped::schemes().all().iter();
    schemes.flat_map(|scheme| &scheme.bands)
}

/// The name of a band.
fn band_name(lang: Lang, code: &str) -> &str {
    let mut all = bands();
    all.find(|band| band.code == code)
        .map_or(code, |band| lang.of(&band.name))
}

/// The filter: all, the scored ones, and those of each band, the worst first.
fn select(lang: Lang, files: &str) -> Select {
    let t = |key| text(lang, key);
    let mut values = vec![(SCORED.to_owned(), t("console.grade.list-scored").to_owned())];
    let mut all: Vec<&Band> = bands().collect();
    all.sort_by_key(|band| band.from);
    for band in all {
        if !values.iter().any(|(code, _)| *code == band.code) {
            let words = fill(
                lang,
                "console.grade.list-band",
                &[("band", lang.of(&band.name))],
            );
            values.push((band.code.clone(), words));
        }
    }
    let label = (t("console.grade.list"), Some(t("console.grade.list-all")));
    Select::new("files", label, files, values)
}

/// `GET /records`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let (scope, lang) = (visitor.scope(), visitor.lang);
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    let (number, size) = asked.page(PAGE);
    let which = which(&query.files);
    let narrowed = which != Which::All;
    let ((rows, more), known) = app
        .store
        .read(move |tx| {
            let known = Known {
                units: refs::units(tx)?,
                power: refs::all(tx, RefSet::Power)?,
            };
            Ok((log::lines(tx, scope, &which, number, size)?, known))
        })
        .await?;
    let lines = rows.into_iter().map(|row| known.line(lang, row));
    if asked.is_csv() {
        let head = [
            "console.gap.record",
            "console.gap.subject",
            "console.export-what",
            "console.export-changed",
            "console.gap.status",
            "console.grade.points",
        ];
        let cells = lines.map(|line| {
            let score = line.score.map_or_else(String::new, |(words, _)| words);
            [
                line.id,
                line.subject,
                line.what,
                line.changed,
                line.state,
                score,
            ]
        });
        return export::csv(
            "records",
            app.now().date(),
            head.map(|key| text(lang, key)),
            cells,
        );
    }
    let files = if narrowed { &*query.files } else { "" };
    let address = html::address("/records", &[("files", files)]);
    html::render(&ListPage {
        lines: lines.collect(),
        selects: vec![select(lang, &query.files)],
        csv: format!("{address}format=csv"),
        narrowed,
        pager: Pager::new(&address, number, more),
        p: Page::new(&visitor, "console.nav.records"),
    })
}
