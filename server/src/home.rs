//! The start page by role, and the health check.

use crate::access;
use crate::app::App;
use crate::deadlines;
use crate::explain;
use crate::html::{self, Page, allows};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::{feeds, gaps, jobs, refs, tasks};
use crate::waiting;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use shared::instant::DAY_MS;

/// Unsent data older than this needs a person. Milliseconds.
pub(crate) const OLD_UNSENT_MS: i64 = DAY_MS;
/// A device that has not called for this long needs a person. Milliseconds.
pub(crate) const SILENT_MS: i64 = 3 * DAY_MS;
/// A certificate that ends within this many days is named.
pub(crate) const SOON_DAYS: i32 = 60;

/// `GET /healthz`.
pub(crate) async fn health(State(app): State<App>) -> Result<Json<serde_json::Value>, Problem> {
    let position = app.store.read(crate::store::log::position).await?;
    Ok(Json(serde_json::json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "position": position,
    })))
}

struct Grade {
    grade: u8,
    words: String,
    count: i64,
}

#[derive(askama::Template)]
#[template(path = "home.html")]
struct HomePage {
    p: Page,
    grades: Vec<Grade>,
    open: i64,
    sees_gaps: bool,
    /// Limits that are over, and those that end today.
    over: usize,
    today: usize,
    sees_tasks: bool,
    assigns: bool,
    decides: bool,
    waiting: i64,
    /// Cases that wait for this person, by step; none if cases never do.
    cases: Option<Vec<waiting::Count>>,
    sees_devices: bool,
    quiet: usize,
    sees_people: bool,
    ending: usize,
    /// The own training file.
    own_file: Option<String>,
    stuck: Vec<String>,
    opens_records: bool,
}

/// `GET /`.
pub(crate) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let (scope, now) = (visitor.scope(), app.now());
    let roles = visitor.session.roles.clone();
    let may = move |access| allows(access, &roles);
    let (lang, mine) = (visitor.lang, waiting::filter(&visitor));
    let (by_grade, (over, ends_today), waiting, cases, listed, officers, stuck) = app
        .store
        .read(move |tx| {
            let counts = |filter| waiting::counts(tx, lang, filter, "");
            Ok((
                gaps::by_grade(tx, scope)?,
                deadlines::pressing(tx, scope, now)?,
                tasks::waiting(tx, scope)?,
                mine.as_ref().map(counts).transpose()?,
                feeds::list(tx)?,
                refs::officers(tx)?,
                jobs::stuck(tx)?,
            ))
        })
        .await?;
    let ours = |id| officers.get(&id).is_some_and(|o| visitor.sees(o.unit));
    let quiet = listed
        .iter()
        .filter(|d| ours(d.officer) && d.is_quiet(now))
        .count();
    let today = now.date();
    let ending = officers
        .values()
        .filter(|o| visitor.sees(o.unit) && !o.auxiliary);
    let ending = ending
        .filter(|o| crate::officers::days_left(o, today).is_some_and(|days| days < SOON_DAYS))
        .count();
    let grades = (0..5).zip(by_grade).rev().map(|(grade, count)| Grade {
        grade,
        words: explain::severity(lang, grade),
        count,
    });
    let page = HomePage {
        grades: grades.collect(),
        open: by_grade.iter().sum(),
        sees_gaps: may(access::RECORDS),
        over,
        today: ends_today,
        sees_tasks: may(access::TASKS),
        assigns: may(access::ASSIGN),
        decides: may(access::APPROVE),
        waiting,
        cases,
        sees_devices: may(access::DEVICES),
        quiet,
        sees_people: may(access::PEOPLE),
        ending,
        own_file: visitor
            .is(access::Role::Officer)
            .then(|| format!("/training/officers/{}", visitor.session.officer.id)),
        opens_records: may(access::RECORDS),
        stuck: if may(access::AUDIT) {
            stuck.iter().map(ToString::to_string).collect()
        } else {
            Vec::new()
        },
        p: Page::new(&visitor, "console.nav.home"),
    };
    html::render(&page)
}
