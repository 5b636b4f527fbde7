//! The queue of suspected gaps.

use crate::app::App;
use crate::explain;
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::gaps::{self, Filter, GapRow};
use crate::store::refs;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use shared::id::UnitId;
use shared::instant::Instant;
use shared::text::{Lang, fill, text};
use std::fmt::Write as _;

/// Lines of one page.
const PAGE: usize = 50;

#[derive(Deserialize)]
pub(crate) struct GapQuery {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    page: usize,
}

/// A line of the queue, ready to print.
pub(crate) struct Line {
    pub(crate) record: String,
    pub(crate) grade: u8,
    pub(crate) severity: String,
    pub(crate) state: String,
    pub(crate) rule: String,
    pub(crate) title: String,
    pub(crate) step: String,
    pub(crate) subject: String,
    pub(crate) unit: String,
    pub(crate) first_seen: String,
    /// The limit and what is left of it, and whether it is past.
    pub(crate) deadline: Option<(String, bool)>,
    pub(crate) cured: Option<String>,
}

/// What is left until a limit.
pub(crate) fn time_left(lang: Lang, deadline: Instant, now: Instant) -> (String, bool) {
    let left = deadline.millis_since(now);
    let key = if left < 0 {
        "console.gap.overdue"
    } else {
        "console.gap.left"
    };
    let at = html::moment(lang, deadline);
    let how_long = html::duration(lang, left.saturating_abs());
    (
        fill(lang, key, &[("at", &at), ("time", &how_long)]),
        left < 0,
    )
}

fn line(lang: Lang, row: &GapRow, unit: &str, now: Instant) -> Line {
    Line {
        record: row.record.to_string(),
        grade: row.severity,
        severity: explain::severity(lang, row.severity),
        state: explain::state(lang, &row.state),
        rule: row.rule.clone(),
        title: explain::rule(lang, &row.rule),
        step: row.step.clone(),
        subject: row.subject_name.clone(),
        unit: unit.to_owned(),
        first_seen: html::moment(lang, row.first_seen),
        deadline: row
            .deadline
            .filter(|_| row.open)
            .map(|at| time_left(lang, at, now)),
        cured: row.cured_at.map(|at| html::moment(lang, at)),
    }
}

#[derive(askama::Template)]
#[template(path = "gaps.html")]
struct GapsPage {
    p: Page,
    lines: Vec<Line>,
    total: usize,
    cured: bool,
    severities: Vec<(u8, String, bool)>,
    units: Vec<(String, String, bool)>,
    pager: Pager,
}

/// `GET /gaps`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<GapQuery>,
) -> Result<Response, Problem> {
    let asked: Option<UnitId> = query.unit.parse().ok();
    let filter = Filter {
        unit: visitor.scope().or(asked),
        severity: query.severity.parse().ok().filter(|grade| *grade <= 4),
        cured: query.status == "cured",
    };
    let (number, now, lang, with) = (query.page, app.now(), visitor.lang, filter.clone());
    let (rows, total, units) = app
        .store
        .read(move |tx| {
            let rows = gaps::page(tx, &with, number, PAGE)?;
            Ok((rows, gaps::count(tx, &with)?, refs::units(tx)?))
        })
        .await?;
    let name = |id: &UnitId| units.get(id).map_or("", |unit| unit.name.as_str());
    let lines = rows
        .iter()
        .map(|row| line(lang, row, name(&row.unit), now))
        .collect();
    let mut base = "/gaps?".to_owned();
    if let Some(grade) = filter.severity {
        let _ = write!(base, "severity={grade}&");
    }
    if filter.cured {
        base.push_str("status=cured&");
    }
    if let (Some(unit), None) = (filter.unit, visitor.scope()) {
        let _ = write!(base, "unit={unit}&");
    }
    let every = visitor.scope().is_none();
    let choices = units.values().filter(|_| every).map(|unit| {
        (
            unit.id.to_string(),
            unit.name.clone(),
            filter.unit == Some(unit.id),
        )
    });
    let grades = (0..=4).rev().map(|grade| {
        (
            grade,
            explain::severity(lang, grade),
            filter.severity == Some(grade),
        )
    });
    html::render(&GapsPage {
        lines,
        total,
        cured: filter.cured,
        severities: grades.collect(),
        units: choices.collect(),
        pager: Pager::new(&base, number, (number + 1) * PAGE < total),
        p: Page {
            title: text(lang, "console.gap.title").to_owned(),
            ..Page::new(&visitor, "console.nav.gaps")
        },
    })
}
