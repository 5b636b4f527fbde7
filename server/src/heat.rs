//! Where procedure goes wrong, by step and month: the share of records that lack something at a step. A table that is its own
//! figure. It counts records of an office and never people: nobody is ranked by it.

use crate::app::App;
use crate::export::{self, Format};
use crate::html::{self, Page, Select};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::heat::{self, Filter, Month, Span};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::reference::{RefSet, Unit};
use shared::id::UnitId;
use shared::rules::procedure::Procedure;
use shared::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

const PATH: &str = "/gaps/heat";
/// Months that are shown.
const MONTHS: usize = 12;
/// Fewer records in a month are too few to compare it with another.
const FEW: u32 = 10;
/// From which share of records on, in percent, a cell has the next darker shade.
const SHADES: [u32; 4] = [1, 10, 20, 40];

#[derive(Deserialize)]
pub(crate) struct HeatQuery {
    #[serde(default)]
    procedure: String,
    #[serde(default)]
    unit: String,
    /// `all`: cured ones too.
    #[serde(default)]
    gaps: String,
    #[serde(default)]
    format: Format,
}

impl HeatQuery {
    fn address(&self) -> String {
        let set = [
            ("procedure", &*self.procedure),
            ("unit", &self.unit),
            ("gaps", &self.gaps),
        ];
        html::address(PATH, &set)
    }
}

/// The first days of the months that end with the one of `today`, oldest first.
fn months(today: Date) -> Vec<Date> {
    let this = today.first_of_month();
    let back = (0..MONTHS).rev();
    back.filter_map(|n| {
        let n = i32::try_from(n).ok()?;
        this.checked_sub(n.months()).ok()
    })
    .collect()
}

/// How dark a cell is, from 0 to 4; none where there are too few records to compare.
fn shade(lacking: u32, records: u32) -> Option<usize> {
    if records < FEW {
        return None;
    }
    let reached =
        |percent: &&u32| u64::from(lacking) * 100 >= u64::from(**percent) * u64::from(records);
    Some(if lacking == 0 {
        0
    } else {
        // However small the share, something that lacks is not shown as nothing.
        SHADES.iter().filter(reached).count().max(1)
    })
}

/// What the store gives for the table.
struct Loaded {
    procedures: BTreeMap<String, Procedure>,
    units: BTreeMap<UnitId, Unit>,
    chosen: String,
    months: Vec<(Date, Month)>,
}

fn load(
    tx: &ReadTx<'_>,
    asked: &str,
    (unit, cured): (Option<UnitId>, bool),
    today: Date,
) -> Result<Loaded, store::Error> {
    let all: Vec<Procedure> = refs::all(tx, RefSet::Procedures)?;
    let mut procedures: BTreeMap<String, Procedure> = BTreeMap::new();
    for procedure in all {
        let id = procedure.id.to_string();
        if procedures
            .get(&id)
            .is_none_or(|known| known.version < procedure.version)
        {
            procedures.insert(id, procedure);
        }
    }
    let first = procedures.keys().find(|id| *id == asked);
    let chosen = first.or_else(|| procedures.keys().find(|id| *id == INSPECTION));
    let chosen = chosen.or_else(|| procedures.keys().next());
    let filter = Filter {
        procedure: chosen.cloned().unwrap_or_default(),
        unit,
        cured,
    };
    let counted = months(today).into_iter().map(|first| {
        let month = heat::month(tx, &filter, Span { first })?;
        Ok((first, month))
    });
    Ok(Loaded {
        months: counted.collect::<Result<_, store::Error>>()?,
        units: refs::units(tx)?,
        chosen: filter.procedure,
        procedures,
    })
}

/// What is shown first.
const INSPECTION: &str = "XZJC";

impl Loaded {
    /// The procedure's steps in its order, then those that only gaps of older versions name.
    fn steps(&self, lang: Lang) -> Vec<(String, String)> {
        let known = self.procedures.get(&self.chosen);
        let known = known.map_or(&[][..], |procedure| &procedure.steps);
        let mut steps: Vec<(String, String)> = known
            .iter()
            .map(|step| (step.id.to_string(), lang.of(&step.name).to_owned()))
            .collect();
        let named: BTreeSet<&String> = self
            .months
            .iter()
            .flat_map(|(_, m)| m.lacking.keys())
            .collect();
        for id in named {
            if !steps.iter().any(|(known, _)| known == id) {
                steps.push((id.clone(), String::new()));
            }
        }
        steps
    }

    fn records(&self) -> u32 {
        self.months.iter().map(|(_, month)| month.records).sum()
    }
}

/// A cell, ready to print.
struct Cell {
    /// `3/41`; a dash where there are no records.
    words: String,
    /// How dark; none where there are too few records.
    shade: Option<usize>,
    few: bool,
    /// Its month in words, for a narrow screen and for listening.
    month: String,
    /// The gaps behind it.
    link: Option<String>,
}

/// A step's row.
struct Line {
    id: String,
    name: String,
    cells: Vec<Cell>,
}

fn month_words(lang: Lang, first: Date) -> String {
    match lang {
        Lang::Zh => format!("{}年{}月", first.year(), first.month()),
        Lang::En => format!("{} {}", html::month(first.month()), first.year()),
    }
}

/// The queue behind a cell: gaps at the step first seen in the month.
fn queue(step: &str, first: Date, unit: &str) -> String {
    let month = format!("{:04}-{:02}", first.year(), first.month());
    let set = [("step", step), ("month", &month), ("unit", unit)];
    html::bare(&html::address("/gaps", &set))
}

fn line(lang: Lang, loaded: &Loaded, (id, name): (String, String), unit: &str) -> Line {
    let cells = loaded.months.iter().map(|(first, month)| {
        let lacking = month.lacking.get(&id).copied().unwrap_or(0);
        let records = month.records;
        Cell {
            words: if records == 0 {
                "–".to_owned()
            } else {
                format!("{lacking}/{records}")
            },
            shade: shade(lacking, records),
            few: records > 0 && records < FEW,
            month: month_words(lang, *first),
            link: (lacking > 0).then(|| queue(&id, *first, unit)),
        }
    });
    Line {
        cells: cells.collect(),
        id,
        name,
    }
}

#[derive(askama::Template)]
#[template(path = "heat.html")]
struct HeatPage {
    p: Page,
    selects: Vec<Select>,
    /// Year and month of each column.
    months: Vec<(String, String)>,
    lines: Vec<Line>,
    records: u32,
    few: u32,
    /// What each shade stands for.
    legend: Vec<(usize, String)>,
    export: String,
}

fn legend(lang: Lang) -> Vec<(usize, String)> {
    let [_, second, third, fourth] = SHADES;
    let between = |from: u32, to: u32| format!("{from}–{}%", to - 1);
    vec![
        (0, "0".to_owned()),
        (1, format!("<{second}%")),
        (2, between(second, third)),
        (3, between(third, fourth)),
        (
            4,
            fill(lang, "console.heat.from", &[("n", &fourth.to_string())]),
        ),
    ]
}

fn selects(lang: Lang, query: &HeatQuery, loaded: &Loaded, every: bool) -> Vec<Select> {
    let procedures = loaded.procedures.iter();
    let procedures = procedures.map(|(id, known)| (id.clone(), lang.of(&known.name).to_owned()));
    let units = loaded.units.values().filter(|_| every);
    let units = units.map(|unit| (unit.id.to_string(), unit.name.clone()));
    let cured = [(
        "all".to_owned(),
        text(lang, "console.heat.with-cured").to_owned(),
    )];
    let label = |key, any: Option<&'static str>| (text(lang, key), any.map(|key| text(lang, key)));
    let mut selects = vec![
        Select::new(
            "procedure",
            label("console.record.procedure", None),
            &loaded.chosen,
            procedures,
        ),
        Select::new(
            "unit",
            label("console.task.unit", Some("console.all")),
            &query.unit,
            units,
        ),
        Select::new(
            "gaps",
            label("console.heat.which", Some("console.heat.open")),
            &query.gaps,
            cured,
        ),
    ];
    selects.retain(|select| !select.values.is_empty());
    selects
}

/// `GET /gaps/heat`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<HeatQuery>,
) -> Result<Response, Problem> {
    let (lang, today) = (visitor.lang, app.now().date());
    let unit = visitor.scope().or(query.unit.parse().ok());
    let (asked, cured) = (query.procedure.clone(), query.gaps == "all");
    let loaded = app
        .store
        .read(move |tx| load(tx, &asked, (unit, cured), today))
        .await?;
    // A person of one office sees no other, whatever the address says.
    let unit = if visitor.scope().is_none() {
        &*query.unit
    } else {
        ""
    };
    let steps = loaded.steps(lang).into_iter();
    let lines: Vec<Line> = steps.map(|step| line(lang, &loaded, step, unit)).collect();
    if query.format == Format::Csv {
        return file(lang, today, &loaded);
    }
    let every = visitor.scope().is_none();
    html::render(&HeatPage {
        selects: selects(lang, &query, &loaded, every),
        months: loaded
            .months
            .iter()
            .map(|(first, _)| heading(lang, *first))
            .collect(),
        lines,
        records: loaded.records(),
        few: FEW,
        legend: legend(lang),
        export: format!("{}format=csv", query.address()),
        p: Page::new(&visitor, "console.heat.title"),
    })
}

/// A column's year and month, which stand under each other.
fn heading(lang: Lang, first: Date) -> (String, String) {
    match lang {
        Lang::Zh => (
            format!("{}年", first.year()),
            format!("{}月", first.month()),
        ),
        Lang::En => (
            first.year().to_string(),
            html::month(first.month()).to_owned(),
        ),
    }
}

/// One line for each step and month: what a spreadsheet can make a table of.
fn file(lang: Lang, today: Date, loaded: &Loaded) -> Result<Response, Problem> {
    let head = [
        "console.record.procedure",
        "console.gap.step",
        "console.heat.step-name",
        "console.heat.month",
        "console.heat.lacking",
        "console.heat.records",
        "console.heat.remark",
    ];
    let cells = loaded.steps(lang).into_iter().flat_map(|(id, name)| {
        loaded.months.iter().map(move |(first, month)| {
            let few = month.records > 0 && month.records < FEW;
            let remark = if few {
                text(lang, "console.heat.few")
            } else {
                ""
            };
            [
                loaded.chosen.clone(),
                id.clone(),
                name.clone(),
                format!("{:04}-{:02}", first.year(), first.month()),
                month.lacking.get(&id).copied().unwrap_or(0).to_string(),
                month.records.to_string(),
                remark.to_owned(),
            ]
        })
    });
    export::csv(
        "gaps-by-step",
        today,
        head.map(|key| text(lang, key)),
        cells,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn twelve_months_end_with_this_one_and_are_beijings() {
        let found = months(date(2026, 3, 31));
        assert_eq!(found.len(), 12);
        assert_eq!(found.first(), Some(&date(2025, 4, 1)));
        assert_eq!(found.last(), Some(&date(2026, 3, 1)));
        let span = Span {
            first: date(2026, 2, 1),
        };
        let (from, until) = span.moments();
        assert_eq!(from.civil(), date(2026, 2, 1).at(0, 0, 0, 0));
        assert_eq!(until.civil(), date(2026, 3, 1).at(0, 0, 0, 0));
        // 16:00 UTC of the day before.
        assert_eq!(from.as_millis(), 1_769_875_200_000);
    }

    #[test]
    fn a_shade_says_how_many_of_enough() {
        assert_eq!(shade(3, 9), None);
        assert_eq!(shade(0, 0), None);
        assert_eq!(shade(0, 41), Some(0));
        // One of two hundred is less than one in a hundred, and not nothing.
        assert_eq!(shade(1, 200), Some(1));
        assert_eq!(shade(3, 41), Some(1));
        assert_eq!(shade(1, 10), Some(2));
        assert_eq!(shade(2, 10), Some(3));
        assert_eq!(shade(16, 41), Some(3));
        assert_eq!(shade(17, 41), Some(4));
    }
}
