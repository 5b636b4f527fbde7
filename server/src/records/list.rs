//! The records of the offices that a person sees, last changed first.

use crate::app::App;
use crate::explain;
use crate::export::{self, Asked};
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::shipped;
use crate::store::{log, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use shared::domain::reference::{PowerItem, RefSet, Unit};
use shared::id::UnitId;
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
}

#[derive(askama::Template)]
#[template(path = "records.html")]
struct ListPage {
    p: Page,
    lines: Vec<LineView>,
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

/// `GET /records`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (scope, lang) = (visitor.scope(), visitor.lang);
    let (number, size) = asked.page(PAGE);
    let ((rows, more), known) = app
        .store
        .read(move |tx| {
            let known = Known {
                units: refs::units(tx)?,
                power: refs::all(tx, RefSet::Power)?,
            };
            Ok((log::lines(tx, scope, number, size)?, known))
        })
        .await?;
    let lines = rows.into_iter().map(|row| {
        let (state, class) = state(lang, &row);
        LineView {
            id: row.id.to_string(),
            what: known.what(lang, &row),
            subject: row.subject_name,
            changed: html::moment(lang, row.changed_at),
            state,
            class,
        }
    });
    if asked.is_csv() {
        let head = [
            "console.gap.record",
            "console.gap.subject",
            "console.export-what",
            "console.export-changed",
            "console.gap.status",
        ];
        let cells = lines.map(|line| [line.id, line.subject, line.what, line.changed, line.state]);
        return export::csv(
            "records",
            app.now().date(),
            head.map(|key| text(lang, key)),
            cells,
        );
    }
    html::render(&ListPage {
        lines: lines.collect(),
        pager: Pager::new("/records?", number, more),
        p: Page::new(&visitor, "console.nav.records"),
    })
}
