//! The queue of suspected gaps.

use crate::app::App;
use crate::explain;
use crate::export::{self, Asked, Format};
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::gaps::{self, Filter, GapRow, Order, Status};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::reference::{PowerItem, RefSet, Unit};
use shared::id::UnitId;
use shared::instant::Instant;
use shared::rules::gap::{Deadline, GapState};
use shared::rules::procedure::{Procedure, Step};
use shared::rules::rule::Rule;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

mod pane;

pub(crate) use pane::{Pane, pane};

/// Where the queue is; its filters follow.
const LIST: &str = "/gaps?";
/// Lines of one page.
const PAGE: usize = 50;

#[derive(Default, Deserialize)]
pub(crate) struct GapQuery {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    matter: String,
    #[serde(default)]
    state: String,
    /// `2026-11`: the month in which it was first seen.
    #[serde(default)]
    month: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
}

/// From the first moment of a month, written `2026-11`, until before the first of the next.
pub(crate) fn month(words: &str) -> Option<(Instant, Instant)> {
    let (year, number) = words.split_once('-')?;
    let first = Date::new(year.parse().ok()?, number.parse().ok()?, 1).ok()?;
    let next = first.checked_add(1.month()).ok()?;
    let start = |day: Date| Instant::from_civil(day.at(0, 0, 0, 0));
    Some((start(first), start(next)))
}

impl GapQuery {
    fn filter(&self, visitor: &Visitor) -> Filter {
        let code = |code: &String| Some(code.clone()).filter(|code| !code.is_empty());
        Filter {
            unit: visitor.scope().or(self.unit.parse().ok()),
            severity: self.severity.parse().ok().filter(|grade| *grade <= 4),
            status: Status::from_code(&self.status).unwrap_or_default(),
            step: code(&self.step),
            rule: code(&self.rule),
            matter: code(&self.matter),
            state: code(&self.state),
            seen: month(&self.month),
            order: match self.order.as_str() {
                "left" => Order::TimeLeft,
                _ => Order::Gravest,
            },
        }
    }

    /// The address with every filter that is set, to be continued with another parameter.
    fn address(&self) -> String {
        let set = [
            ("severity", &self.severity),
            ("status", &self.status),
            ("unit", &self.unit),
            ("step", &self.step),
            ("rule", &self.rule),
            ("matter", &self.matter),
            ("state", &self.state),
            ("month", &self.month),
            ("order", &self.order),
        ];
        let mut address = form_urlencoded::Serializer::for_suffix(LIST.to_owned(), LIST.len());
        let set = set.into_iter().filter(|(_, value)| !value.is_empty());
        let address = address.extend_pairs(set).finish();
        let filtered = address.len() > LIST.len();
        format!("{address}{}", if filtered { "&" } else { "" })
    }
}

/// A line of the queue, ready to print.
pub(crate) struct Line {
    pub(crate) href: String,
    /// It is the one beside which it stands.
    pub(crate) here: bool,
    pub(crate) record: String,
    pub(crate) grade: u8,
    pub(crate) severity: String,
    pub(crate) state: String,
    pub(crate) rule: String,
    pub(crate) title: String,
    /// No person has found yet that it is one or none.
    pub(crate) suspected: bool,
    pub(crate) step: String,
    pub(crate) subject: String,
    pub(crate) unit: String,
    pub(crate) first_seen: String,
    /// The limit and what is left of it, and whether it is past.
    pub(crate) deadline: Option<(String, bool)>,
    pub(crate) cured: Option<String>,
    /// What was said of it last; none if nothing was.
    pub(crate) stage: Option<String>,
}

/// The end of a limit that counts for whoever has to keep it: where the calendar leaves several the first, until that is past.
pub(crate) fn end(limit: Deadline, now: Instant) -> Instant {
    if limit.earliest < now {
        limit.latest
    } else {
        limit.earliest
    }
}

/// What is left until a limit.
pub(crate) fn time_left(lang: Lang, deadline: Instant, now: Instant) -> (String, bool) {
    let left = deadline.millis_since(now);
    let key = if left < 0 {
        "console.gap.overdue"
    } else {
        "console.gap.left"
    };
    let at = shared::rules::explain::limit(lang, deadline);
    let how_long = html::duration(lang, left.saturating_abs());
    (
        fill(lang, key, &[("at", &at), ("time", &how_long)]),
        left < 0,
    )
}

fn line(lang: Lang, row: &GapRow, unit: &str, now: Instant) -> Line {
    Line {
        href: String::new(),
        here: false,
        record: row.record.to_string(),
        grade: row.severity,
        severity: explain::severity(lang, row.severity),
        state: explain::state(lang, &row.state),
        rule: row.rule.clone(),
        title: explain::rule(lang, &row.rule),
        suspected: !matches!(row.status, Status::Upheld | Status::Dismissed),
        step: row.step.clone(),
        subject: row.subject_name.clone(),
        unit: unit.to_owned(),
        first_seen: html::moment(lang, row.first_seen),
        deadline: row
            .deadline
            .filter(|_| !matches!(row.status, Status::Cured | Status::Dismissed))
            .map(|at| time_left(lang, at, now)),
        cured: row.cured_at.map(|at| html::moment(lang, at)),
        stage: explain::stage(lang, &row.stage),
    }
}

/// A choice of a filter: its parameter, its label, and the values with their words and whether they are chosen.
struct Choice {
    name: &'static str,
    label: String,
    /// What stands for no choice.
    any: String,
    values: Vec<(String, String, bool)>,
}

fn choice(
    lang: Lang,
    name: &'static str,
    label: &str,
    chosen: &str,
    values: impl IntoIterator<Item = (String, String)>,
) -> Choice {
    let any = match name {
        "status" => "console.review.status.open",
        "order" => "console.gap.by-severity",
        _ => "console.all",
    };
    let values = values.into_iter().map(|(value, words)| {
        let chosen = value == chosen;
        (value, words, chosen)
    });
    Choice {
        name,
        label: text(lang, label).to_owned(),
        any: text(lang, any).to_owned(),
        values: values.collect(),
    }
}

/// What can be chosen, from what the office knows: its offices, matters and procedures.
struct Known {
    units: BTreeMap<UnitId, Unit>,
    matters: BTreeMap<String, String>,
    procedures: Vec<Procedure>,
}

impl Known {
    fn load(tx: &ReadTx<'_>, lang: Lang) -> Result<Self, store::Error> {
        let power: Vec<PowerItem> = refs::all(tx, RefSet::Power)?;
        let named = |item: PowerItem| {
            let words = format!("{} {}", item.code, lang.of(&item.name));
            (item.code, words)
        };
        Ok(Self {
            units: refs::units(tx)?,
            matters: power.into_iter().map(named).collect(),
            procedures: refs::all(tx, RefSet::Procedures)?,
        })
    }

    fn steps(&self, lang: Lang) -> BTreeMap<String, String> {
        let steps = self.procedures.iter().flat_map(|known| &known.steps);
        let named = |step: &Step| {
            (
                step.id.to_string(),
                format!("{} {}", step.id, lang.of(&step.name)),
            )
        };
        steps.map(named).collect()
    }

    fn rules(&self, lang: Lang) -> BTreeMap<String, String> {
        let rules = self.procedures.iter().flat_map(|known| &known.rules);
        let named = |rule: &Rule| {
            let code = rule.id.to_string();
            let words = format!("{code} {}", explain::rule(lang, &code));
            (code, words)
        };
        rules.map(named).collect()
    }

    fn choices(&self, lang: Lang, query: &GapQuery, every: bool) -> Vec<Choice> {
        let grades = (0..=4).rev();
        let grades = grades.map(|grade| (grade.to_string(), explain::severity(lang, grade)));
        let states = GapState::ALL
            .map(|state| (state.code().to_owned(), explain::state(lang, state.code())));
        let units = self.units.values().filter(|_| every);
        let units = units.map(|unit| (unit.id.to_string(), unit.name.clone()));
        let word = |value: &str, key: &str| (value.to_owned(), text(lang, key).to_owned());
        let mut choices = vec![
            choice(
                lang,
                "severity",
                "console.gap.severity",
                &query.severity,
                grades,
            ),
            choice(
                lang,
                "status",
                "console.gap.status",
                &query.status,
                Status::ALL
                    .into_iter()
                    .filter(|status| *status != Status::Open)
                    .map(|status| {
                        let key = format!("console.review.status.{}", status.code());
                        word(status.code(), &key)
                    }),
            ),
            choice(
                lang,
                "order",
                "console.gap.order",
                &query.order,
                [word("left", "console.gap.by-time-left")],
            ),
            choice(lang, "state", "console.gap.state", &query.state, states),
            choice(lang, "unit", "console.task.unit", &query.unit, units),
            choice(
                lang,
                "step",
                "console.gap.step",
                &query.step,
                self.steps(lang),
            ),
            choice(
                lang,
                "rule",
                "console.gap.rule",
                &query.rule,
                self.rules(lang),
            ),
            choice(
                lang,
                "matter",
                "console.gap.matter",
                &query.matter,
                self.matters.clone(),
            ),
        ];
        choices.retain(|choice| !choice.values.is_empty());
        choices
    }
}

#[derive(askama::Template)]
#[template(path = "gaps.html")]
struct GapsPage {
    p: Page,
    lines: Vec<Line>,
    total: usize,
    choices: Vec<Choice>,
    month: String,
    /// Whether anything is chosen: then the filters are unfolded.
    filtered: bool,
    export: String,
    pager: Pager,
}

/// The same lines as a file.
fn file(lang: Lang, today: Date, lines: impl Iterator<Item = Line>) -> Result<Response, Problem> {
    let head = [
        "console.gap.record",
        "console.gap.severity",
        "console.gap.rule",
        "console.gap.title",
        "console.gap.step",
        "console.gap.state",
        "console.gap.subject",
        "console.task.unit",
        "console.gap.seen",
        "console.gap.limit",
        "console.gap.cured",
        "console.review.stage",
    ];
    let cells = lines.map(|line| {
        [
            line.record,
            line.severity,
            line.rule,
            line.title,
            line.step,
            line.state,
            line.subject,
            line.unit,
            line.first_seen,
            line.deadline.map_or_else(String::new, |(words, _)| words),
            line.cured.unwrap_or_default(),
            line.stage.unwrap_or_default(),
        ]
    });
    export::csv("gaps", today, head.map(|key| text(lang, key)), cells)
}

/// `GET /gaps`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<GapQuery>,
) -> Result<Response, Problem> {
    let (lang, now, filter) = (visitor.lang, app.now(), query.filter(&visitor));
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    let (number, size) = asked.page(PAGE);
    let (rows, total, known) = app
        .store
        .read(move |tx| {
            let rows = gaps::page(tx, &filter, number, size)?;
            Ok((rows, gaps::count(tx, &filter)?, Known::load(tx, lang)?))
        })
        .await?;
    let name = |id: &UnitId| known.units.get(id).map_or("", |unit| unit.name.as_str());
    let base = query.address();
    let from = format!("{}page={number}", base.trim_start_matches(LIST));
    let lines = rows.into_iter().map(|row| Line {
        href: pane::address(&row, &from),
        ..line(lang, &row, name(&row.unit), now)
    });
    if asked.is_csv() {
        return file(lang, now.date(), lines);
    }
    html::render(&GapsPage {
        lines: lines.collect(),
        total,
        choices: known.choices(lang, &query, visitor.scope().is_none()),
        month: query.month.clone(),
        filtered: base != LIST,
        export: format!("{base}format=csv"),
        pager: Pager::new(&base, number, (number + 1) * PAGE < total),
        p: Page {
            title: text(lang, "console.gap.title").to_owned(),
            ..Page::new(&visitor, "console.nav.gaps")
        },
    })
}
