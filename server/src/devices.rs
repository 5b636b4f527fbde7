//! Devices: when each last called, what waits on it, and revoking one that was lost.

use crate::access;
use crate::app::App;
use crate::export::{self, Asked};
use crate::html::{self, Page, allows};
use crate::problem::Problem;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::{feeds, refs};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::FeedId;
use shared::problem::Code;
use shared::text::{fill, text};

struct Line {
    id: String,
    officer: String,
    device: String,
    enrolled: String,
    contact: Option<String>,
    /// Commits that wait there, and since when.
    unsent: Option<String>,
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
    revokes: bool,
}

/// `GET /devices`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (listed, officers) = app
        .store
        .read(|tx| Ok((feeds::list(tx)?, refs::officers(tx)?)))
        .await?;
    let (lang, now) = (visitor.lang, app.now());
    let lines = listed.iter().filter_map(|device| {
        let officer = officers
            .get(&device.officer)
            .filter(|o| visitor.sees(o.unit))?;
        let unsent = device.waiting_ms(now).map(|ms| {
            let time = html::duration(lang, ms);
            let n = device.unsent.to_string();
            fill(lang, "console.device.unsent", &[("n", &n), ("time", &time)])
        });
        Some(Line {
            id: device.feed.to_string(),
            officer: officer.name.clone(),
            device: device.device.clone(),
            enrolled: html::moment(lang, device.enrolled_at),
            contact: device.last_contact.map(|at| html::moment(lang, at)),
            unsent,
            quiet: device.is_quiet(now),
            frozen: device.frozen,
            revoked: device.revoked,
        })
    });
    if asked.is_csv() {
        let head = [
            "console.export-number",
            "console.officer.name",
            "console.export-device",
            "console.export-enrolled",
            "console.export-contact",
            "console.export-unsent",
            "console.gap.status",
        ];
        let cells = lines.map(|line| {
            let state = text(lang, line.state()).to_owned();
            [
                line.id,
                line.officer,
                line.device,
                line.enrolled,
                line.contact.unwrap_or_default(),
                line.unsent.unwrap_or_default(),
                state,
            ]
        });
        return export::csv(
            "devices",
            now.date(),
            head.map(|key| text(lang, key)),
            cells,
        );
    }
    html::render(&DevicesPage {
        lines: lines.collect(),
        revokes: allows(access::ADMIN, &visitor.session.roles),
        p: Page::new(&visitor, "console.nav.devices"),
    })
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
