//! Home: one line about sync that is always true, then the lists.

use crate::corrections;
use crate::desk::Desk;
use crate::html::{self, Answer, Problem, Ui};
use crate::numbers;
use crate::outbox::Trouble;
use crate::own;
use crate::say;
use crate::store::blobs;
use crate::store::log::{self, Unsent};
use crate::store::meta::{self, Key};
use crate::store::records::{self, Line, List};
use askama::Template;
use axum::extract::{Path, Query};
use rusqlite::Connection;
use serde::Deserialize;
use shared::instant::Instant;
use shared::problem::Code;
use shared::text;

/// Lines of each list on home.
const ON_HOME: u64 = 20;
/// Lines of a list's own page.
const ON_PAGE: u64 = 50;

/// The line on top of home.
#[derive(Debug, Clone)]
pub(crate) struct SyncLine {
    /// What is the case.
    pub(crate) text: String,
    /// Class of the banner.
    pub(crate) class: &'static str,
}

/// A record as a row.
pub(crate) struct Row {
    record: String,
    title: String,
    sub: String,
    note: String,
    urgent: bool,
}

struct Group {
    code: &'static str,
    rows: Vec<Row>,
    total: u64,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    ui: Ui,
    name: String,
    sync: SyncLine,
    corrections: Vec<corrections::Row>,
    groups: Vec<Group>,
    others: Vec<Group>,
    /// What the rules found in the owner's own records, in words; empty where nothing.
    own: String,
    /// Document numbers that run out.
    low: Vec<String>,
    /// Nothing came from the server yet.
    fresh: bool,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    ui: Ui,
    group: Group,
    page: u64,
    more: bool,
}

/// `GET /field/`
pub(crate) async fn home(desk: Desk) -> Answer {
    let now = desk.now();
    let own = own::look(&desk, own::ON_THE_WAY)?;
    let (corrections, groups, others, fresh, low) = desk.store().read(|c| {
        let some = [List::Answer, List::Tasks, List::Open, List::Submitted];
        let groups: Result<Vec<Group>, _> = some
            .into_iter()
            .map(|list| gather(c, desk.ui, list, 0, ON_HOME))
            .collect();
        let others = gather(c, desk.ui, List::Others, 0, ON_HOME)?;
        let fresh = meta::get(c, Key::Cursor)?.is_none();
        let corrections = corrections::rows(c, &desk)?;
        let low = numbers::low(c, desk.ui, desk.me.feed)?;
        Ok((corrections, groups?, vec![others], fresh, low))
    })?;
    Ok(html::ok(&HomePage {
        ui: desk.ui,
        name: desk.me.name.clone(),
        sync: sync_line(&desk, now)?,
        corrections,
        groups,
        others,
        own: own::words(desk.ui, own),
        low,
        fresh,
    }))
}

/// Which page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Pager {
    #[serde(default)]
    p: u64,
}

/// `GET /field/list/{list}?p=N`
pub(crate) async fn list(
    desk: Desk,
    Path(list): Path<String>,
    Query(pager): Query<Pager>,
) -> Answer {
    let found = List::ALL.into_iter().find(|l| l.code() == list);
    let list = found.ok_or(Problem::of(Code::NotFound))?;
    let page = pager.p.min(1_000_000);
    let group = desk
        .store()
        .read(|c| gather(c, desk.ui, list, page * ON_PAGE, ON_PAGE))?;
    Ok(html::ok(&ListPage {
        ui: desk.ui,
        more: (page + 1) * ON_PAGE < group.total,
        group,
        page,
    }))
}

fn gather(
    c: &Connection,
    ui: Ui,
    list: List,
    offset: u64,
    limit: u64,
) -> crate::store::Result<Group> {
    let lines = records::list(c, list, offset, limit)?;
    Ok(Group {
        code: list.code(),
        rows: lines.iter().map(|line| row(ui, list, line)).collect(),
        total: records::how_many(c, list)?,
    })
}

fn row(ui: Ui, list: List, line: &Line) -> Row {
    let name = ui.lang.of(&line.procedure);
    let sub = if line.place.is_empty() {
        name.to_owned()
    } else {
        format!("{name} · {}", line.place)
    };
    let note = match (list, line.planned) {
        (List::Tasks, Some(day)) => ui.f("field.home.planned", "day", say::day(ui.lang, day)),
        _ => {
            let of = format!("{}/{}", line.done, line.total);
            ui.f("field.home.progress", "of", of)
        }
    };
    Row {
        record: line.record.to_string(),
        title: line.subject.clone(),
        sub,
        note,
        urgent: line.urgent,
    }
}

/// What can be said of sync without promising anything: of the records, then of photos that have not arrived.
pub(crate) fn sync_line(desk: &Desk, now: Instant) -> Result<SyncLine, Problem> {
    let photos = desk.store().read(blobs::unsent)?;
    let mut line = records_line(desk, now, photos.count > 0)?;
    if let Some(waiting) = photos_line(desk.ui, photos, now) {
        line.text = format!("{} · {waiting}", line.text);
        if line.class != "banner-bad" {
            line.class = "banner-warn";
        }
    }
    Ok(line)
}

/// Photos that have not arrived, in words; nothing if all have.
pub(crate) fn photos_line(ui: Ui, unsent: blobs::Unsent, now: Instant) -> Option<String> {
    let age_ms = unsent.oldest.map(|oldest| now.millis_since(oldest))?;
    let (n, age) = (unsent.count.to_string(), say::age(ui.lang, age_ms));
    let with = [("n", n.as_str()), ("age", age.as_str())];
    Some(text::fill(ui.lang, "field.blob.unsent", &with))
}

fn records_line(desk: &Desk, now: Instant, photos: bool) -> Result<SyncLine, Problem> {
    let (unsent, last, frozen) = desk.store().read(|c| {
        let last: Option<Instant> = meta::read(c, Key::LastSync)?;
        Ok((log::unsent(c)?, last, meta::get(c, Key::Frozen)?.is_some()))
    })?;
    let ui = desk.ui;
    if frozen {
        return Ok(SyncLine {
            text: ui.t("field.sync.frozen").to_owned(),
            class: "banner-bad",
        });
    }
    Ok(match (unsent.count, last) {
        (0, Some(last)) => SyncLine {
            text: ui.f(
                // "All" would not be true while photos wait.
                if photos {
                    "field.blob.events"
                } else {
                    "field.sync.all"
                },
                "time",
                say::recently(ui.lang, last, now),
            ),
            class: "banner-good",
        },
        (0, None) => SyncLine {
            text: ui.t("field.sync.never").to_owned(),
            class: "",
        },
        _ => waiting(desk, unsent, now),
    })
}

fn waiting(desk: &Desk, unsent: Unsent, now: Instant) -> SyncLine {
    let status = desk.app.mailbox().status();
    let why = match status.trouble {
        _ if status.busy => "field.sync.sending",
        None => "field.sync.soon",
        Some(Trouble::Network) => "field.sync.network",
        Some(Trouble::Stranger) => "field.sync.stranger",
        Some(Trouble::Server | Trouble::Refused(_)) => "field.sync.refused",
        Some(Trouble::Storage) => "field.sync.storage",
    };
    let ui = desk.ui;
    let age_ms = unsent.oldest.map_or(0, |oldest| now.millis_since(oldest));
    let with = [
        ("n", unsent.count.to_string()),
        ("age", say::age(ui.lang, age_ms)),
        ("why", ui.t(why).to_owned()),
    ];
    let with: Vec<(&str, &str)> = with.iter().map(|(k, v)| (*k, v.as_str())).collect();
    SyncLine {
        text: text::fill(ui.lang, "field.sync.unsent", &with),
        class: "banner-warn",
    }
}
