//! The office's needs by competency, certificates that end, hours, and who is concerned.

use super::{Alarm, Known, Person, needs_words, office};
use crate::access::Role;
use crate::app::App;
use crate::export::{self, Asked, Format};
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::shipped;
use crate::store;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use shared::id::UnitId;
use shared::text::{Lang, fill, text};
use shared::training::competency::Catalogue;
use shared::training::needs::Standing;
use std::collections::BTreeMap;

/// Where the page is; its filters follow.
const LIST: &str = "/training?";
/// Lines of one page.
const PAGE: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Filters {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    competency: String,
    /// How soon a certificate ends, by code.
    #[serde(default)]
    certificate: String,
    /// As a file: `needs` for the competencies, else the officers.
    #[serde(default)]
    list: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
}

impl Filters {
    /// The address with these filters, to be continued with another parameter.
    fn address(&self, competency: &str, certificate: &str) -> String {
        let set = [
            ("unit", self.unit.as_str()),
            ("competency", competency),
            ("certificate", certificate),
        ];
        let set = set.into_iter().filter(|(_, value)| !value.is_empty());
        let address = form_urlencoded::Serializer::for_suffix(LIST.to_owned(), LIST.len());
        let address = { address }.extend_pairs(set).finish();
        let filtered = address.len() > LIST.len();
        format!("{address}{}", if filtered { "&" } else { "" })
    }

    fn lets_through(&self, person: &Person) -> bool {
        let mut needs = person.standing.needs();
        let alarm = person.alarm.map_or("", Alarm::code);
        (self.competency.is_empty() || needs.any(|line| line.id == *self.competency))
            && (self.certificate.is_empty() || self.certificate == alarm)
    }
}

/// A competency and how many need it.
struct Need {
    id: String,
    name: String,
    able: String,
    /// Nobody is charged with it.
    offices: bool,
    people: usize,
    href: String,
}

fn needs(catalogue: &Catalogue, lang: Lang, query: &Filters, people: &[Person]) -> Vec<Need> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in people.iter().flat_map(|person| person.standing.needs()) {
        *counts.entry(line.id.as_str()).or_default() += 1;
    }
    let all = catalogue.all().iter().map(|one| {
        let address = query.address(one.id.as_str(), "");
        Need {
            id: one.id.to_string(),
            name: lang.of(&one.name).to_owned(),
            able: lang.of(&one.able).to_owned(),
            offices: catalogue.is_offices(one),
            people: counts.get(one.id.as_str()).copied().unwrap_or_default(),
            href: format!("{}#people", address.trim_end_matches('&')),
        }
    });
    all.collect()
}

/// An officer, ready to print.
struct Line {
    id: String,
    name: String,
    unit: String,
    certificate: String,
    alarm: Option<(&'static str, String)>,
    hours: String,
    forecast: String,
    needs: String,
}

fn line(catalogue: &Catalogue, lang: Lang, person: &Person, today: Date) -> Line {
    let certificate = crate::officers::certificate_words(lang, &person.officer, today);
    Line {
        id: person.officer.id.to_string(),
        name: person.officer.name.clone(),
        unit: person.unit.clone(),
        certificate: certificate.unwrap_or_else(|| text(lang, "console.officer.none").to_owned()),
        alarm: person.alarm.map(|alarm| (alarm.class(), alarm.words(lang))),
        hours: person.hours.figures(lang),
        forecast: person.hours.forecast(lang),
        needs: needs_words(catalogue, lang, &person.standing),
    }
}

/// How many certificates end how soon, and where the list of them is.
struct Ending {
    class: &'static str,
    words: String,
    people: usize,
    href: String,
}

fn endings(lang: Lang, query: &Filters, people: &[Person]) -> Vec<Ending> {
    let all = Alarm::ALL.into_iter().map(|alarm| {
        let address = query.address("", alarm.code());
        Ending {
            class: alarm.class(),
            words: alarm.words(lang),
            people: people.iter().filter(|one| one.alarm == Some(alarm)).count(),
            href: format!("{}#people", address.trim_end_matches('&')),
        }
    });
    all.filter(|ending| ending.people > 0).collect()
}

/// A choice of a filter: the values with their words and whether they are chosen.
type Choices = Vec<(String, String, bool)>;

#[derive(askama::Template)]
#[template(path = "training.html")]
struct OverviewPage {
    p: Page,
    /// Competencies that only the office's own steps show.
    offices: String,
    /// Whether the visitor plans courses and drills.
    trains: bool,
    needs: Vec<Need>,
    judged: usize,
    endings: Vec<Ending>,
    hours: String,
    lines: Vec<Line>,
    total: usize,
    /// Whether there is nobody at all.
    nobody: bool,
    units: Choices,
    competencies: Choices,
    certificates: Choices,
    filtered: bool,
    export: String,
    export_needs: String,
    pager: Pager,
}

fn units(known: &Known, query: &Filters, every: bool) -> Choices {
    let units = known.units.values().filter(|_| every);
    let choice = |id: String, name: &str| (id.clone(), name.to_owned(), id == query.unit);
    units
        .map(|unit| choice(unit.id.to_string(), &unit.name))
        .collect()
}

fn competencies(catalogue: &Catalogue, lang: Lang, query: &Filters) -> Choices {
    let all = catalogue.all().iter();
    let all = all.filter(|one| !catalogue.is_offices(one));
    all.map(|one| {
        let words = format!("{} {}", one.id, lang.of(&one.name));
        (one.id.to_string(), words, one.id == *query.competency)
    })
    .collect()
}

fn certificates(lang: Lang, query: &Filters) -> Choices {
    let code = |alarm: Alarm| alarm.code().to_owned();
    let all = Alarm::ALL.into_iter();
    all.map(|alarm| {
        (
            code(alarm),
            alarm.words(lang),
            code(alarm) == query.certificate,
        )
    })
    .collect()
}

/// How many have the hours that the year asks for.
fn hours(lang: Lang, people: &[Person]) -> String {
    let n = |count: usize| count.to_string();
    let done = people.iter().filter(|one| one.hours.is_done()).count();
    let short = people.iter().filter(|one| one.hours.short_x10().is_some());
    let with = [
        ("n", &*n(people.len())),
        ("done", &*n(done)),
        ("short", &*n(short.count())),
    ];
    fill(lang, "console.needs.hours-total", &with)
}

/// The officers as a file.
fn officers_file(
    lang: Lang,
    today: Date,
    lines: impl Iterator<Item = Line>,
) -> Result<Response, Problem> {
    let head = [
        "console.officer.name",
        "console.task.unit",
        "console.officer.certificate",
        "console.needs.alarm.label",
        "console.needs.hours",
        "console.needs.forecast",
        "console.needs.needs",
    ];
    let cells = lines.map(|line| {
        let alarm = line.alarm.map_or_else(String::new, |(_, words)| words);
        [
            line.name,
            line.unit,
            line.certificate,
            alarm,
            line.hours,
            line.forecast,
            line.needs,
        ]
    });
    export::csv("training", today, head.map(|key| text(lang, key)), cells)
}

/// The competencies as a file.
fn needs_file(
    lang: Lang,
    today: Date,
    needs: Vec<Need>,
    judged: usize,
) -> Result<Response, Problem> {
    let words = |key, name, n: usize| fill(lang, key, &[(name, &*n.to_string())]);
    let head = [
        "console.export-number",
        "console.needs.competency",
        "console.needs.needs",
        "console.needs.status",
    ];
    let cells = needs.into_iter().map(|need| {
        let (found, of) = if need.offices {
            let office = text(lang, "console.needs.office-only").to_owned();
            (office, String::new())
        } else {
            (
                words("console.needs.has-need", "n", need.people),
                words("console.needs.of-judged", "of", judged),
            )
        };
        [need.id, need.name, found, of]
    });
    export::csv("needs", today, head.map(|key| text(lang, key)), cells)
}

/// `GET /training`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Filters>,
) -> Result<Response, Problem> {
    let (lang, today, scope) = (visitor.lang, app.now().date(), office(&visitor));
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    let unit: Option<UnitId> = scope.or(query.unit.parse().ok());
    let known = app
        .store
        .read(move |tx| -> Result<Known, store::Error> {
            let wanted = |officer: &_| is_of(officer, unit);
            Known::load(tx, wanted, scope, today.year())
        })
        .await?;
    let catalogue = shipped::competencies();
    let people = known.officers(catalogue, today);
    let judged = |person: &&Person| matches!(person.standing, Standing::Judged(_));
    let judged = people.iter().filter(judged).count();
    let needs = needs(catalogue, lang, &query, &people);
    let chosen = people.iter().filter(|person| query.lets_through(person));
    let total = chosen.clone().count();
    let lines = chosen.map(|person| line(catalogue, lang, person, today));
    if asked.is_csv() {
        return match query.list.as_str() {
            "needs" => needs_file(lang, today, needs, judged),
            _ => officers_file(lang, today, lines),
        };
    }
    let (number, size) = asked.page(PAGE);
    let base = query.address(&query.competency, &query.certificate);
    let of_office = needs.iter().filter(|need| need.offices);
    let of_office: Vec<&str> = of_office.map(|need| need.name.as_str()).collect();
    html::render(&OverviewPage {
        offices: of_office.join(html::comma(lang)),
        trains: visitor.is(Role::TrainingManager),
        needs,
        judged,
        endings: endings(lang, &query, &people),
        hours: hours(lang, &people),
        lines: lines.skip(number.saturating_mul(size)).take(size).collect(),
        total,
        nobody: people.is_empty(),
        units: units(&known, &query, scope.is_none()),
        competencies: competencies(catalogue, lang, &query),
        certificates: certificates(lang, &query),
        filtered: base != LIST,
        export: format!("{base}format=csv"),
        export_needs: format!("{}list=needs&format=csv", query.address("", "")),
        pager: Pager::new(&base, number, (number + 1).saturating_mul(size) < total),
        p: Page::new(&visitor, "console.nav.training"),
    })
}

fn is_of(officer: &shared::domain::reference::Officer, unit: Option<UnitId>) -> bool {
    unit.is_none_or(|unit| officer.unit == unit)
}
