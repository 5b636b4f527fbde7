//! The list of courses and drills, and what an officer shall reach in a year.

use super::{LIST, Names, hours, kind_words, known, span, state_words, typed_hours};
use crate::app::App;
use crate::export::{self, Asked, Format};
use crate::gaps::month;
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::personal::publish;
use crate::store::refs;
use crate::store::sessions::{self, Filter, Kind, State as Stage};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use shared::instant::Instant;
use shared::text::{Lang, text};

/// Lines of one page.
const PAGE: usize = 50;
/// The value of the filter by office that stands for the whole county.
const COUNTY: &str = "county";
/// What an officer can be asked to reach in a year, at most. Tenths of an hour.
const MAX_TARGET_X10: u32 = 10_000;

#[derive(Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    competency: String,
    /// `2026-11`: the month in which it begins.
    #[serde(default)]
    month: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
}

impl ListQuery {
    fn filter(&self) -> Filter {
        Filter {
            state: Stage::from_code(&self.state),
            kind: Kind::from_code(&self.kind),
            unit: match self.unit.as_str() {
                COUNTY => Some(None),
                unit => unit.parse().ok().map(Some),
            },
            competency: Some(self.competency.clone()).filter(|code| !code.is_empty()),
            begins: month(&self.month),
        }
    }

    /// The address with every filter that is set, to be continued with another parameter.
    fn address(&self) -> String {
        let set = [
            ("state", &self.state),
            ("kind", &self.kind),
            ("unit", &self.unit),
            ("competency", &self.competency),
            ("month", &self.month),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        let set = set.into_iter().filter(|(_, value)| !value.is_empty());
        let query = query.extend_pairs(set).finish();
        let and = if query.is_empty() { "" } else { "&" };
        format!("{LIST}?{query}{and}")
    }
}

/// A line of the list, ready to print.
struct Line {
    id: String,
    kind: String,
    title: String,
    when: String,
    place: String,
    hours: String,
    unit: String,
    competencies: Vec<String>,
    scenario: String,
    class: &'static str,
    state: String,
    invited: u32,
    present: u32,
}

fn line(lang: Lang, row: sessions::Line, names: &Names, now: Instant) -> Line {
    let session = row.session;
    let (class, state) = state_words(lang, &session, now);
    let codes = session.competencies.iter();
    Line {
        id: session.id.to_string(),
        kind: kind_words(lang, &session),
        when: span(lang, &session),
        hours: hours(i64::from(session.hours_x10)),
        unit: names.unit(lang, session.unit),
        competencies: codes.map(|code| known::words(lang, code)).collect(),
        scenario: session.scenario.unwrap_or_default(),
        title: session.title,
        place: session.place,
        class,
        state,
        invited: row.invited,
        present: row.present,
    }
}

/// A choice of a filter: its parameter, its label, and the values with their words and whether they are chosen.
struct Choice {
    name: &'static str,
    label: &'static str,
    values: Vec<(String, String, bool)>,
}

fn choices(lang: Lang, query: &ListQuery, names: &Names) -> Vec<Choice> {
    let word = |key: String, code: &str| (code.to_owned(), text(lang, &key).to_owned());
    let states = Stage::ALL.map(|state| {
        let code = state.code();
        word(format!("console.session.state.{code}"), code)
    });
    let kinds = Kind::ALL.map(|kind| {
        let code = kind.code();
        word(format!("console.session.kind.{code}"), code)
    });
    let mut units = vec![word("console.session.county".to_owned(), COUNTY)];
    let offices = names.units.values();
    units.extend(offices.map(|unit| (unit.id.to_string(), unit.name.clone())));
    let competencies = known::codes();
    let competencies = competencies.into_iter();
    let competencies = competencies.map(|code| (code.to_owned(), known::words(lang, code)));
    let choice = |name, label, chosen: &String, values: Vec<(String, String)>| Choice {
        name,
        label,
        values: values
            .into_iter()
            .map(|(value, words)| {
                let chosen = value == *chosen;
                (value, words, chosen)
            })
            .collect(),
    };
    vec![
        choice(
            "state",
            "console.session.state-label",
            &query.state,
            states.into(),
        ),
        choice(
            "kind",
            "console.session.kind-label",
            &query.kind,
            kinds.into(),
        ),
        choice("unit", "console.task.unit", &query.unit, units),
        choice(
            "competency",
            "console.session.competency",
            &query.competency,
            competencies.collect(),
        ),
    ]
}

#[derive(askama::Template)]
#[template(path = "training_sessions.html")]
struct ListPage {
    p: Page,
    lines: Vec<Line>,
    choices: Vec<Choice>,
    month: String,
    filtered: bool,
    export: String,
    pager: Pager,
    target: String,
    /// What is wrong with a target that was typed.
    error: Option<String>,
}

/// The same lines as a file.
fn file(lang: Lang, today: Date, lines: impl Iterator<Item = Line>) -> Result<Response, Problem> {
    let head = [
        "console.session.number",
        "console.session.kind-label",
        "console.session.title",
        "console.session.when",
        "console.session.place",
        "console.session.hours",
        "console.task.unit",
        "console.session.competency",
        "console.session.scenario",
        "console.session.state-label",
        "console.session.invited",
        "console.session.present",
    ];
    let cells = lines.map(|line| {
        [
            line.id,
            line.kind,
            line.title,
            line.when,
            line.place,
            line.hours,
            line.unit,
            line.competencies.join("; "),
            line.scenario,
            line.state,
            line.invited.to_string(),
            line.present.to_string(),
        ]
    });
    export::csv(
        "training-sessions",
        today,
        head.map(|key| text(lang, key)),
        cells,
    )
}

/// `GET /training/sessions`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    page(&app, &visitor, &query, None).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    query: &ListQuery,
    refused: Option<&str>,
) -> Result<Response, Problem> {
    let (lang, filter) = (visitor.lang, query.filter());
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    let (number, size) = asked.page(PAGE);
    let ((rows, more), names, target) = app
        .store
        .read(move |tx| {
            let page = sessions::page(tx, &filter, number, size)?;
            Ok((page, Names::load(tx)?, sessions::target(tx)?))
        })
        .await?;
    let now = app.now();
    let lines = rows.into_iter().map(|row| line(lang, row, &names, now));
    if asked.is_csv() {
        return file(lang, now.date(), lines);
    }
    let base = query.address();
    html::render(&ListPage {
        lines: lines.collect(),
        choices: choices(lang, query, &names),
        month: query.month.clone(),
        filtered: base.len() > LIST.len() + 1,
        export: format!("{base}format=csv"),
        pager: Pager::new(&base, number, more),
        target: refused.map_or_else(|| hours(target), str::to_owned),
        error: refused.map(|_| text(lang, "console.session.error.target").to_owned()),
        p: Page::new(visitor, "console.session.list"),
    })
}

/// `POST /training/target`: what an officer shall reach in a year.
pub(crate) async fn target(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let words = fields.text("target").to_owned();
    let Some(target) = typed_hours(&words).filter(|hours| *hours <= MAX_TARGET_X10) else {
        let query = ListQuery::default();
        let body = page(&app, &visitor, &query, Some(&words)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
    };
    let (account, now) = (visitor.session.account, app.now());
    app.store
        .write(move |tx| {
            let target = i64::from(target);
            if sessions::target(tx)? == target {
                return Ok(());
            }
            sessions::set_target(tx, target)?;
            for officer in refs::officers(tx)?.into_keys() {
                publish(tx, officer, now)?;
            }
            audit::write(
                tx,
                now,
                Some(account),
                Act::TrainingTargetSet,
                &hours(target),
            )
        })
        .await?;
    Ok(Redirect::to(LIST).into_response())
}
