//! Devices: when each last called, what waits on it, and revoking one that was lost.

use crate::access;
use crate::app::App;
use crate::export::{self, Asked};
use crate::html::{self, Page, Pager, allows};
use crate::problem::Problem;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::feeds::{self, Listed};
use crate::store::refs;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::FeedId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::text::{Lang, fill, text};

/// Lines of one page.
const PAGE: usize = 50;

struct Line {
    id: String,
    officer: String,
    unit: String,
    device: String,
    enrolled: String,
    contact: Option<String>,
    /// Commits that wait there, and for how long.
    unsent: Option<String>,
    /// How many, and since when: for a spreadsheet.
    waiting: Option<(String, String)>,
    quiet: bool,
    frozen: bool,
    revoked: bool,
}

impl Line {
    /// The key of the word for its state.
    const fn state(&self) -> &'static str {
        match self {
            Self { revoked: true, .. } => "console.device.revoked",
            Self { frozen: true, .. } => "console.device.frozen",
            Self { quiet: true, .. } => "console.device.quiet",
            _ => "console.device.fine",
        }
    }
}

#[derive(askama::Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    p: Page,
    lines: Vec<Line>,
    /// How many there are, and how many of them a person should ask after.
    total: String,
    /// Whether the visitor looks after several offices.
    every: bool,
    revokes: bool,
    pager: Pager,
}

/// What is known of one device by now.
fn line(lang: Lang, device: &Listed, (officer, unit): (&str, &str), now: Instant) -> Line {
    let waiting = device.waiting_ms(now);
    let unsent = waiting.map(|ms| {
        let time = html::duration(lang, ms);
        let n = device.unsent.to_string();
        fill(lang, "console.device.unsent", &[("n", &n), ("time", &time)])
    });
    let since = |ms: i64| html::moment(lang, now.plus_millis(-ms));
    Line {
        id: device.feed.to_string(),
        officer: officer.to_owned(),
        unit: unit.to_owned(),
        device: device.device.clone(),
        enrolled: html::moment(lang, device.enrolled_at),
        contact: device.last_contact.map(|at| html::moment(lang, at)),
        unsent,
        waiting: waiting.map(|ms| (device.unsent.to_string(), since(ms))),
        quiet: device.is_quiet(now),
        frozen: device.frozen,
        revoked: device.revoked,
    }
}

/// `GET /devices`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (listed, officers, units) = app
        .store
        .read(|tx| Ok((feeds::list(tx)?, refs::officers(tx)?, refs::units(tx)?)))
        .await?;
    let (lang, now) = (visitor.lang, app.now());
    let lines = listed.iter().filter_map(|device| {
        let officer = officers
            .get(&device.officer)
            .filter(|o| visitor.sees(o.unit))?;
        let unit = units.get(&officer.unit).map_or("", |unit| &unit.name);
        Some(line(lang, device, (&officer.name, unit), now))
    });
    let (number, size) = asked.page(PAGE);
    if asked.is_csv() {
        return file(lang, now, lines.take(size));
    }
    let mut lines: Vec<Line> = lines.collect();
    let (total, first) = (lines.len(), number.saturating_mul(size));
    let quiet = lines.iter().filter(|line| line.quiet).count();
    lines = lines.into_iter().skip(first).take(size).collect();
    html::render(&DevicesPage {
        pager: Pager::new("/devices?", number, first.saturating_add(size) < total),
        lines,
        total: fill(
            lang,
            if quiet == 0 {
                "console.device.total"
            } else {
                "console.device.total-quiet"
            },
            &[("n", &total.to_string()), ("quiet", &quiet.to_string())],
        ),
        every: visitor.scope().is_none(),
        revokes: allows(access::ADMIN, &visitor.session.roles),
        p: Page::new(&visitor, "console.nav.devices"),
    })
}

/// The same lines as a file.
fn file(lang: Lang, now: Instant, lines: impl Iterator<Item = Line>) -> Result<Response, Problem> {
    let head = [
        "console.export-number",
        "console.officer.name",
        "console.task.unit",
        "console.export-device",
        "console.export-enrolled",
        "console.export-contact",
        "console.export-unsent",
        "console.device.oldest",
        "console.gap.status",
    ];
    let cells = lines.map(|line| {
        let state = text(lang, line.state()).to_owned();
        let (unsent, oldest) = line.waiting.unwrap_or_default();
        [
            line.id,
            line.officer,
            line.unit,
            line.device,
            line.enrolled,
            line.contact.unwrap_or_default(),
            unsent,
            oldest,
            state,
        ]
    });
    let head = head.map(|key| text(lang, key));
    export::csv("devices", now.date(), head, cells)
}

/// `POST /devices/{id}/revoke`.
pub(crate) async fn revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Response, Problem> {
    let feed: FeedId = id.parse().map_err(|_| Code::NotFound)?;
    let (account, now) = (visitor.session.account, app.now());
    let known = app
        .store
        .write(move |tx| {
            if feeds::revoke(tx, feed, now)? {
                audit::write(
                    tx,
                    now,
                    Some(account),
                    Act::DeviceRevoked,
                    &feed.to_string(),
                )?;
            }
            Ok(feeds::state(tx, feed)?.is_some_and(|state| state.officer.is_some()))
        })
        .await?;
    if known {
        Ok(Redirect::to("/devices").into_response())
    } else {
        Err(Code::NotFound.into())
    }
}
