//! Officers and how long their certificates still count.

use crate::access;
use crate::app::App;
use crate::export::{self, Asked};
use crate::home::SOON_DAYS;
use crate::html::{self, Page, allows};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::refs;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use shared::domain::reference::Officer;
use shared::text::{Lang, fill, text};

mod accounts;
mod one;

pub(crate) use accounts::{is_account_name, once_password};
pub(crate) use one::{change, show};

/// Days until an officer's last certificate ends (0 = today is its last day, negative = it ended); none without any.
pub(crate) fn days_left(officer: &Officer, today: Date) -> Option<i32> {
    let last = officer
        .certificates
        .iter()
        .map(|certificate| certificate.valid_to)
        .max()?;
    today.until(last).ok().map(|span| span.get_days())
}

/// What is said of an officer's certificate; none for people who neither hold one nor assist.
pub(crate) fn certificate_words(lang: Lang, officer: &Officer, today: Date) -> Option<String> {
    if officer.auxiliary {
        return Some(text(lang, "console.officer.auxiliary").to_owned());
    }
    let last = officer
        .certificates
        .iter()
        .max_by_key(|certificate| certificate.valid_to)?;
    let days = days_left(officer, today)?;
    let key = if days < 0 {
        "console.officer.ended"
    } else {
        "console.officer.valid"
    };
    let (day, n) = (html::day(lang, last.valid_to), days.abs().to_string());
    Some(fill(
        lang,
        key,
        &[("number", &last.number), ("day", &day), ("n", &n)],
    ))
}

struct Line {
    id: String,
    name: String,
    unit: String,
    words: String,
    /// A class and a word for the state; none for people who need no certificate.
    state: Option<(&'static str, String)>,
    pin: bool,
}

#[derive(askama::Template)]
#[template(path = "officers.html")]
struct OfficersPage {
    p: Page,
    lines: Vec<Line>,
    /// Whether each person has a page of their own.
    edits: bool,
}

/// `GET /officers`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (officers, units) = app
        .store
        .read(|tx| Ok((refs::officers(tx)?, refs::units(tx)?)))
        .await?;
    let (lang, today) = (visitor.lang, app.now().date());
    let lines = officers
        .values()
        .filter(|officer| visitor.sees(officer.unit))
        .map(|officer| {
            let state = match (officer.auxiliary, days_left(officer, today)) {
                (true, _) => Some(("state-na", "console.officer.state.auxiliary")),
                (false, None) => None,
                (false, Some(days)) if days < 0 => {
                    Some(("state-late", "console.officer.state.ended"))
                }
                (false, Some(days)) if days < SOON_DAYS => {
                    Some(("state-todo", "console.officer.state.soon"))
                }
                (false, Some(_)) => Some(("state-done", "console.officer.state.valid")),
            };
            Line {
                id: officer.id.to_string(),
                name: officer.name.clone(),
                unit: units
                    .get(&officer.unit)
                    .map_or_else(String::new, |u| u.name.clone()),
                words: certificate_words(lang, officer, today)
                    .unwrap_or_else(|| text(lang, "console.officer.none").to_owned()),
                state: state.map(|(class, key)| (class, text(lang, key).to_owned())),
                pin: officer.pin.is_some(),
            }
        });
    if asked.is_csv() {
        let head = [
            "console.officer.name",
            "console.task.unit",
            "console.officer.certificate",
            "console.officer.state-label",
        ];
        let cells = lines.map(|line| {
            let state = line.state.map_or_else(String::new, |(_, words)| words);
            [line.name, line.unit, line.words, state]
        });
        return export::csv("officers", today, head.map(|key| text(lang, key)), cells);
    }
    html::render(&OfficersPage {
        lines: lines.collect(),
        edits: allows(access::ADMIN, &visitor.session.roles),
        p: Page::new(&visitor, "console.nav.officers"),
    })
}
