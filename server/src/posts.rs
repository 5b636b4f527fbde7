//! Posts and people (队伍): first figures of how far enforcement staff do enforcement (专职性).
//! They say what an office lacks, never who is better: people stand in no order of numbers.

mod figures;
mod files;

use crate::access;
use crate::app::App;
use crate::explain;
use crate::export::Format;
use crate::html::{self, Page, allows};
use crate::import::rosters::tenths;
use crate::problem::Problem;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::staff::{self, Staff};
use crate::store::{self, ReadTx, refs, rosters};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use figures::{Figures, Input, Misfit, Period, Why, figures};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::reference::{Officer, Unit};
use shared::id::{OfficerId, UnitId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

pub(crate) use figures::on_post;

/// Quarters and months that can be chosen, back from today.
const QUARTERS: i32 = 8;
const MONTHS: i32 = 12;
/// More posts than this are a slip.
const MAX_POSTS: u32 = 9999;

#[derive(Default, Deserialize)]
pub(crate) struct PostsQuery {
    #[serde(default)]
    period: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    format: Format,
}

/// An office with its figures.
struct Office {
    unit: Unit,
    figures: Figures,
    last_acts: BTreeMap<OfficerId, Instant>,
}

/// What the page is made of.
struct Loaded {
    offices: Vec<Office>,
    officers: BTreeMap<OfficerId, Officer>,
    staff: BTreeMap<OfficerId, Staff>,
}

/// The figures of the offices that a visitor sees.
fn load(
    tx: &ReadTx<'_>,
    scope: Option<UnitId>,
    period: Period,
    today: Date,
) -> Result<Loaded, store::Error> {
    let (officers, staff, posts) = (refs::officers(tx)?, staff::all(tx)?, staff::posts(tx)?);
    let on = period.last.min(today);
    let quarter = Period::quarter(period.first).unwrap_or(period);
    let begin = Instant::from_civil(period.first.at(0, 0, 0, 0));
    let units = refs::units(tx)?.into_values();
    let mut offices = Vec::new();
    for unit in units.filter(|unit| scope.is_none_or(|own| own == unit.id)) {
        let roster = rosters::of_unit(tx, unit.id, (quarter.first, quarter.last))?;
        let visits = staff::on_site(tx, unit.id, (begin, Instant::end_of(period.last)))?;
        let mut last_acts = BTreeMap::new();
        for officer in officers.values().filter(|officer| officer.unit == unit.id) {
            let last = staff::last_act(tx, officer.id, Instant::end_of(on))?;
            last_acts.extend(last.map(|at| (officer.id, at)));
        }
        let figures = figures(&Input {
            unit: unit.id,
            period,
            on,
            officers: &officers,
            staff: &staff,
            posts: posts.get(&unit.id).copied(),
            roster: &roster,
            visits: &visits,
            first_act: staff::first_act(tx, unit.id)?,
            last_acts: &last_acts,
        });
        offices.push(Office {
            unit,
            figures,
            last_acts,
        });
    }
    Ok(Loaded {
        offices,
        officers,
        staff,
    })
}

/// A part of a whole with both numbers, for the bare share says little where they are small.
fn share(lang: Lang, part: &str, whole: &str, of: (i64, i64)) -> String {
    if of.1 <= 0 {
        return fill(
            lang,
            "console.posts.of",
            &[("part", part), ("whole", whole)],
        );
    }
    let permille = (of.0.saturating_mul(2000) + of.1) / of.1.saturating_mul(2);
    let with = [
        ("part", part),
        ("whole", whole),
        ("percent", &tenths(permille)),
    ];
    fill(lang, "console.posts.share", &with)
}

fn counted(lang: Lang, part: usize, whole: Option<u32>) -> String {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    match whole {
        Some(whole) => {
            let of = (number(part), i64::from(whole));
            share(lang, &part.to_string(), &whole.to_string(), of)
        }
        None => fill(lang, "console.posts.no-posts", &[("n", &part.to_string())]),
    }
}

/// An office's line, ready to print.
struct Line {
    id: String,
    unit: String,
    chosen: bool,
    certified: String,
    filled: String,
    enforcement: String,
    on_site: String,
    loan: String,
    idle: String,
    misfits: usize,
}

fn line(lang: Lang, office: &Office, chosen: bool) -> Line {
    let f = &office.figures;
    let n = |key: &str, n: String| fill(lang, key, &[("n", &n)]);
    let mut on_site = n("console.posts.hours", tenths(f.on_site_x10));
    if f.not_over > 0 {
        on_site.push_str(&n("console.posts.not-over", f.not_over.to_string()));
    }
    let enforcement = match f.duty_x10 {
        0 => text(lang, "console.posts.no-roster").to_owned(),
        duty => {
            let (part, whole) = (tenths(f.enforcement_x10), tenths(duty));
            share(lang, &part, &whole, (f.enforcement_x10, duty))
        }
    };
    Line {
        id: office.unit.id.to_string(),
        unit: office.unit.name.clone(),
        chosen,
        certified: counted(lang, f.certified, f.posts),
        filled: counted(lang, f.filled, f.posts),
        enforcement,
        on_site,
        loan: n("console.posts.days", f.loan_days.to_string()),
        idle: match f.idle {
            Some(count) => n("console.posts.people", count.to_string()),
            None => text(lang, "console.posts.too-young").to_owned(),
        },
        misfits: f.misfits.len(),
    }
}

/// A person's line. The order is that of the list of officers.
struct Person {
    id: String,
    name: String,
    employment: String,
    on_post: bool,
    certificate: String,
    enforcement: String,
    on_site: String,
    loan: String,
    last: String,
    idle: bool,
}

fn people(lang: Lang, loaded: &Loaded, office: &Office, on: Date) -> Vec<Person> {
    let known = office.figures.people.iter().filter_map(|(id, one)| {
        let officer = loaded.officers.get(id)?;
        // Leaders and clerks without a post stand here only with hours of their own.
        let told = one.on_post || one.duty_x10 + one.on_site_x10 > 0 || one.loan_days > 0;
        told.then_some((officer, one))
    });
    let person = |(officer, one): (&Officer, &figures::PersonFigures)| {
        let staff = loaded.staff.get(&officer.id);
        let certificate = match officer.certificate_on(on) {
            Some(held) => fill(
                lang,
                "console.posts.valid-to",
                &[("day", &html::day(lang, held.valid_to))],
            ),
            None => text(lang, "console.posts.no-certificate").to_owned(),
        };
        let (part, whole) = (tenths(one.enforcement_x10), tenths(one.duty_x10));
        let of = [("part", &*part), ("whole", &*whole)];
        let last = office.last_acts.get(&officer.id);
        let count = |key: &str, n: String| fill(lang, key, &[("n", &n)]);
        Person {
            id: officer.id.to_string(),
            name: officer.name.clone(),
            employment: employment(lang, officer, staff),
            on_post: one.on_post,
            certificate,
            enforcement: match one.duty_x10 {
                0 => text(lang, "console.posts.no-roster").to_owned(),
                _ => fill(lang, "console.posts.of", &of),
            },
            on_site: count("console.posts.hours", tenths(one.on_site_x10)),
            loan: count("console.posts.days", one.loan_days.to_string()),
            last: last.map_or_else(
                || text(lang, "console.posts.never").to_owned(),
                |at| html::day(lang, at.date()),
            ),
            idle: one.idle,
        }
    };
    known.map(person).collect()
}

/// How somebody is employed, in words.
pub(crate) fn employment(lang: Lang, officer: &Officer, staff: Option<&Staff>) -> String {
    let code = match staff {
        _ if officer.auxiliary => "auxiliary",
        Some(staff) => staff.employment.code(),
        None => "unknown",
    };
    text(lang, &format!("console.staff.employment.{code}")).to_owned()
}

/// Who stood on an enforcement roster and should not: name with reason, and the days.
fn misfits(lang: Lang, loaded: &Loaded, office: &Office) -> Vec<(String, String)> {
    let words = |(id, misfit): (&OfficerId, &Misfit)| {
        let name = loaded.officers.get(id).map_or("?", |o| o.name.as_str());
        let why = match misfit.why {
            Why::Auxiliary => "console.posts.why.auxiliary",
            Why::Employment => "console.posts.why.employment",
            Why::Certificate => "console.posts.why.certificate",
        };
        let with = [
            ("name", name),
            ("why", text(lang, why)),
            ("unit", &*office.unit.name),
        ];
        let days: Vec<String> = misfit
            .days
            .iter()
            .map(|day| html::day(lang, *day))
            .collect();
        (
            fill(lang, "console.posts.misfit", &with),
            days.join(html::comma(lang)),
        )
    };
    office.figures.misfits.iter().map(words).collect()
}

/// A period in words.
fn period_words(lang: Lang, period: Period) -> String {
    let year = period.first.year().to_string();
    let number = i32::from(period.first.month());
    let (key, n) = if period.is_month() {
        ("console.posts.month", number)
    } else {
        ("console.posts.quarter", (number + 2) / 3)
    };
    fill(lang, key, &[("year", &year), ("n", &n.to_string())])
}

/// The latest quarters and months: code, words, whether chosen.
fn periods(lang: Lang, today: Date, chosen: Period) -> Vec<(String, String, bool)> {
    let back = |months: i32| today.checked_sub(months.months()).ok();
    let quarters = (0..QUARTERS).filter_map(|n| Period::quarter(back(n * 3)?));
    let months = (0..MONTHS).filter_map(|n| Period::month(back(n)?));
    let mut all: Vec<Period> = quarters.chain(months).collect();
    if !all.contains(&chosen) {
        all.push(chosen);
    }
    let words = |period: Period| {
        let chosen = period == chosen;
        (period.code(), period_words(lang, period), chosen)
    };
    all.into_iter().map(words).collect()
}

/// The office whose people are shown.
struct Detail {
    id: String,
    unit: String,
    posts: String,
    people: Vec<Person>,
    export: String,
}

#[derive(askama::Template)]
#[template(path = "posts.html")]
struct PostsPage {
    p: Page,
    periods: Vec<(String, String, bool)>,
    period: String,
    lines: Vec<Line>,
    /// Nothing is on any roster of the period.
    empty: bool,
    misfits: Vec<(String, String)>,
    gap: String,
    detail: Option<Detail>,
    edits: bool,
    error: Option<String>,
    export: String,
}

async fn page(
    app: &App,
    visitor: &Visitor,
    query: PostsQuery,
    wrong: Option<String>,
) -> Result<Response, Problem> {
    let (lang, today, scope) = (visitor.lang, app.now().date(), visitor.scope());
    let chosen = Period::parse(&query.period).or_else(|| Period::quarter(today));
    let period = chosen.ok_or(Code::BadRequest)?;
    let loaded = app
        .store
        .read(move |tx| load(tx, scope, period, today))
        .await?;
    let wanted: Option<UnitId> = query.unit.parse().ok();
    let office = match (wanted, loaded.offices.as_slice()) {
        (_, [only]) => Some(only),
        (Some(id), all) => all.iter().find(|office| office.unit.id == id),
        (None, _) => None,
    };
    let on = period.last.min(today);
    let lines = loaded.offices.iter().map(|one| {
        let chosen = office.is_some_and(|office| office.unit.id == one.unit.id);
        line(lang, one, chosen)
    });
    if query.format == Format::Csv {
        return match office.filter(|_| wanted.is_some()) {
            Some(office) => files::people(lang, today, people(lang, &loaded, office, on)),
            None => files::offices(lang, today, lines),
        };
    }
    let detail = office.map(|office| Detail {
        id: office.unit.id.to_string(),
        unit: office.unit.name.clone(),
        posts: office
            .figures
            .posts
            .map_or_else(String::new, |n| n.to_string()),
        people: people(lang, &loaded, office, on),
        export: format!(
            "/posts?period={}&unit={}&format=csv",
            period.code(),
            office.unit.id
        ),
    });
    let shown = loaded.offices.iter();
    let shown = shown.filter(|one| office.is_none_or(|office| office.unit.id == one.unit.id));
    let status = match wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let body = html::render(&PostsPage {
        periods: periods(lang, today, period),
        period: period.code(),
        empty: loaded.offices.iter().all(|one| one.figures.duty_x10 == 0),
        misfits: shown.flat_map(|one| misfits(lang, &loaded, one)).collect(),
        gap: explain::severity(lang, 0),
        detail,
        edits: allows(access::ADMIN, &visitor.session.roles),
        error: wrong,
        export: format!("/posts?period={}&format=csv", period.code()),
        lines: lines.collect(),
        p: Page {
            title: text(lang, "console.posts.title").to_owned(),
            ..Page::new(visitor, "console.nav.posts")
        },
    })?;
    Ok((status, body).into_response())
}

/// `GET /posts`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PostsQuery>,
) -> Result<Response, Problem> {
    page(&app, &visitor, query, None).await
}

/// `POST /posts`: how many posts an office has; nothing takes the number away.
pub(crate) async fn set(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let unit: UnitId = fields.text("unit").parse().map_err(|_| Code::NotFound)?;
    let query = PostsQuery {
        period: fields.text("period").to_owned(),
        unit: unit.to_string(),
        ..PostsQuery::default()
    };
    let typed = fields.text("count");
    let count: Option<u32> = typed.parse().ok().filter(|n| *n <= MAX_POSTS);
    if count.is_none() && !typed.is_empty() {
        let wrong = text(visitor.lang, "console.posts.error").to_owned();
        return page(&app, &visitor, query, Some(wrong)).await;
    }
    let (account, now) = (visitor.session.account, app.now());
    app.store
        .write(move |tx| {
            let name = refs::units(tx)?.remove(&unit);
            let name = name.ok_or(store::Error::NotFound)?.name;
            staff::put_posts(tx, unit, count)?;
            let count = count.map_or_else(|| "-".to_owned(), |n| n.to_string());
            let target = format!("{name} {count}");
            audit::write(tx, now, Some(account), Act::PostsSet, &target)
        })
        .await?;
    let period = Period::parse(&query.period).or_else(|| Period::quarter(now.date()));
    let period = period.map_or_else(String::new, Period::code);
    let back = format!("/posts?period={period}&unit={unit}");
    Ok(Redirect::to(&back).into_response())
}
