//! The list of drills, last begun first. It orders by time only: it ranks nobody.

use super::{LIST, newest, state, title};
use crate::access::Role;
use crate::app::App;
use crate::export::{self, Asked, Format};
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::drills::{self, Filter};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::reference::{Officer, Unit};
use shared::domain::scenario::Scenario;
use shared::id::{OfficerId, UnitId};
use shared::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one page.
const PAGE: usize = 50;

#[derive(Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    officer: String,
    #[serde(default)]
    scenario: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
}

impl ListQuery {
    /// The address with every filter that is set, to be continued with another parameter.
    fn address(&self) -> String {
        let set = [("officer", &self.officer), ("scenario", &self.scenario)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        let set = set.into_iter().filter(|(_, value)| !value.is_empty());
        let query = query.extend_pairs(set).finish();
        let and = if query.is_empty() { "" } else { "&" };
        format!("{LIST}?{query}{and}")
    }
}

/// A line of the list, ready to print.
struct LineView {
    id: String,
    scenario: String,
    officer: String,
    unit: String,
    started: String,
    class: &'static str,
    state: String,
    /// How many expectations are met, in words; empty where there are none.
    met: String,
    scored: String,
}

/// A choice of a filter: its value, its words, whether it is chosen.
type Choice = (String, String, bool);

#[derive(askama::Template)]
#[template(path = "drills.html")]
struct ListPage {
    p: Page,
    /// Every officer's drills are seen, not only the own.
    trains: bool,
    officers: Vec<Choice>,
    scenarios: Vec<Choice>,
    filtered: bool,
    lines: Vec<LineView>,
    export: String,
    pager: Pager,
}

/// What the page is made from.
struct Loaded {
    rows: Vec<drills::Line>,
    more: bool,
    players: BTreeSet<OfficerId>,
    played: BTreeSet<String>,
    officers: BTreeMap<OfficerId, Officer>,
    units: BTreeMap<UnitId, Unit>,
    scenarios: BTreeMap<String, Scenario>,
}

impl Loaded {
    fn load(
        tx: &ReadTx<'_>,
        filter: &Filter,
        (number, size): (usize, usize),
    ) -> Result<Self, store::Error> {
        let (rows, more) = drills::page(tx, filter, number, size)?;
        let (players, played) = drills::choices(tx, filter.unit)?;
        Ok(Self {
            rows,
            more,
            players,
            played,
            officers: refs::officers(tx)?,
            units: refs::units(tx)?,
            scenarios: newest(tx)?,
        })
    }

    fn officer(&self, id: OfficerId) -> String {
        self.officers
            .get(&id)
            .map_or_else(|| id.to_string(), |officer| officer.name.clone())
    }

    fn line(&self, lang: Lang, row: &drills::Line) -> LineView {
        let drill = &row.drill;
        let (class, state) = state(lang, drill);
        let id = drill.scenario.as_ref().map(|(id, _)| id.as_str());
        let unit = self.units.get(&drill.unit);
        let n = |key, n: usize, all: usize| {
            fill(
                lang,
                key,
                &[("n", &*n.to_string()), ("all", &*all.to_string())],
            )
        };
        LineView {
            id: drill.record.to_string(),
            scenario: title(lang, &self.scenarios, id),
            officer: self.officer(drill.officer),
            unit: unit.map_or_else(String::new, |unit| unit.name.clone()),
            started: html::moment(lang, drill.started),
            class,
            state,
            met: match drill.met.len() {
                0 => String::new(),
                all => n("console.drill.met-of", drill.count(), all),
            },
            scored: match usize::try_from(row.scored) {
                Ok(steps @ 1..) => n("console.drill.scored-n", steps, 0),
                _ => text(lang, "console.drill.not-scored").to_owned(),
            },
        }
    }
}

/// The same lines as a file.
fn file(
    lang: Lang,
    today: Date,
    lines: impl Iterator<Item = LineView>,
) -> Result<Response, Problem> {
    let head = [
        "console.gap.record",
        "console.drill.scenario",
        "console.drill.player",
        "console.task.unit",
        "console.drill.started",
        "console.gap.status",
        "console.drill.expectations",
        "console.drill.scores",
    ];
    let cells = lines.map(|line| {
        [
            line.id,
            line.scenario,
            line.officer,
            line.unit,
            line.started,
            line.state,
            line.met,
            line.scored,
        ]
    });
    export::csv("drills", today, head.map(|key| text(lang, key)), cells)
}

/// `GET /training/drills`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let trains = visitor.is(Role::TrainingManager);
    let own = visitor.session.officer.id;
    let filter = Filter {
        unit: if trains { visitor.scope() } else { None },
        // Whoever does not train sees the own drills, whatever is asked for.
        officer: if trains {
            query.officer.parse().ok()
        } else {
            Some(own)
        },
        scenario: Some(query.scenario.clone()).filter(|id| !id.is_empty()),
    };
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    let window = asked.page(PAGE);
    let loaded = app
        .store
        .read(move |tx| Loaded::load(tx, &filter, window))
        .await?;
    let lang = visitor.lang;
    let lines = loaded.rows.iter().map(|row| loaded.line(lang, row));
    if asked.is_csv() {
        return file(lang, app.now().date(), lines);
    }
    let players = loaded.players.iter().filter(|_| trains);
    let played = loaded.played.iter().filter(|_| trains);
    let base = query.address();
    html::render(&ListPage {
        trains,
        officers: players
            .map(|id| {
                (
                    id.to_string(),
                    loaded.officer(*id),
                    id.to_string() == query.officer,
                )
            })
            .collect(),
        scenarios: played
            .map(|id| {
                let words = title(lang, &loaded.scenarios, Some(id));
                (id.clone(), words, *id == query.scenario)
            })
            .collect(),
        filtered: base.len() > LIST.len() + 1,
        export: format!("{base}format=csv"),
        pager: Pager::new(&base, window.0, loaded.more),
        lines: lines.collect(),
        p: Page::new(&visitor, "console.drill.list"),
    })
}
