//! One course or drill: what it is, who is invited, who came; and the sheet that is signed at the door.

use super::mark::{TypedMark, carried};
use super::people::{Group, Reached, groups};
use super::{Names, find, hours, kind_words, known, span, state_words};
use crate::app::App;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::sessions::{self, Attendance, Clash, Invite, Session, State as Stage};
use axum::extract::{Path, State};
use axum::response::Response;
use shared::id::{OfficerId, SessionId};
use shared::instant::Instant;
use shared::text::{Lang, text};
use std::collections::{BTreeMap, BTreeSet};

/// Empty lines of the sheet, for people who come without having been invited.
const BLANK: usize = 4;

/// Why nothing was done, and what was typed.
#[derive(Default)]
pub(super) struct Refused {
    /// Where, and in words.
    pub(super) errors: Vec<(String, String)>,
    pub(super) typed: BTreeMap<OfficerId, TypedMark>,
    /// Who was to be invited, and why.
    pub(super) chosen: Vec<String>,
    pub(super) why: String,
    /// Why it was to be cancelled.
    pub(super) reason: String,
}

/// Somebody who is invited, ready to print.
struct Row {
    id: String,
    name: String,
    unit: String,
    auxiliary: bool,
    why: String,
    /// Code, words, chosen.
    attendance: Vec<(&'static str, String, bool)>,
    /// A class and words for what is stored.
    class: &'static str,
    words: String,
    hours: String,
    hours_why: String,
    original: String,
    /// By whom and when it was marked.
    marked: Option<String>,
    /// Other sessions at the same time: id and title.
    clashes: Vec<(String, String)>,
    bad: bool,
    /// An invitation can be taken back while nothing is noted of it.
    open: bool,
}

/// What a session is, ready to print.
struct Head {
    id: String,
    title: String,
    kind: String,
    class: &'static str,
    state: String,
    when: String,
    place: String,
    hours: String,
    unit: String,
    competencies: Vec<String>,
    scenario: String,
    note: String,
    /// Why it was cancelled.
    why: String,
    planned: String,
}

fn head(lang: Lang, session: &Session, names: &Names, now: Instant) -> Head {
    let (class, state) = state_words(lang, session, now);
    let codes = session.competencies.iter();
    let by = names.officer(session.created_by);
    Head {
        id: session.id.to_string(),
        title: session.title.clone(),
        kind: kind_words(lang, session),
        class,
        state,
        when: span(lang, session),
        place: session.place.clone(),
        hours: hours(i64::from(session.hours_x10)),
        unit: names.unit(lang, session.unit),
        competencies: codes.map(|code| known::words(lang, code)).collect(),
        scenario: known::scenario_words(lang, session.scenario.as_deref()),
        note: session.note.clone(),
        why: session.why.clone(),
        planned: format!("{by} · {}", html::moment(lang, session.created_at)),
    }
}

#[derive(askama::Template)]
#[template(path = "training_session.html")]
struct ShowPage {
    p: Page,
    s: Head,
    rows: Vec<Row>,
    present: usize,
    unmarked: usize,
    clashing: usize,
    groups: Vec<Group>,
    planned: bool,
    held: bool,
    cancelled: bool,
    /// Attendance can be noted.
    marks: bool,
    errors: Vec<(String, String)>,
    why: String,
    reason: String,
    bad_reason: bool,
    bad_reopen: bool,
    bad_officer: bool,
}

fn row(lang: Lang, invite: &Invite, names: &Names, clashes: &[Clash], refused: &Refused) -> Row {
    let id = invite.officer.to_string();
    let typed = refused.typed.get(&invite.officer);
    let stored = invite.mark.attendance.map_or("", Attendance::code);
    let chosen = typed.map_or(stored, |typed| typed.attendance.as_str());
    let attendance = Attendance::ALL.map(|one| {
        let key = format!("console.session.attendance.{}", one.code());
        let words = text(lang, &key).to_owned();
        (one.code(), words, one.code() == chosen)
    });
    let present = invite.mark.attendance == Some(Attendance::Present);
    let credited = i64::from(invite.mark.hours_x10);
    let (class, key) = match invite.mark.attendance {
        None => ("state-todo", "console.session.unmarked".to_owned()),
        Some(one) => {
            let class = if present { "state-done" } else { "state-na" };
            (class, format!("console.session.attendance.{}", one.code()))
        }
    };
    let own = clashes
        .iter()
        .filter(|clash| clash.officer == invite.officer);
    let officer = names.officers.get(&invite.officer);
    Row {
        name: names.officer(invite.officer),
        unit: names.unit_of(invite.officer),
        auxiliary: officer.is_some_and(|officer| officer.auxiliary),
        why: invite.why.clone().unwrap_or_default(),
        attendance: attendance.into(),
        class,
        words: text(lang, &key).to_owned(),
        hours: match typed {
            Some(typed) => typed.hours.clone(),
            None if present => hours(credited),
            None => String::new(),
        },
        hours_why: typed.map_or_else(|| invite.mark.hours_why.clone(), |t| t.why.clone()),
        original: typed.map_or_else(|| carried(&invite.mark), |t| t.original.clone()),
        marked: invite
            .marked
            .map(|(at, by)| format!("{} · {}", names.officer(by), html::moment(lang, at))),
        clashes: own
            .map(|clash| (clash.session.to_string(), clash.title.clone()))
            .collect(),
        bad: refused.errors.iter().any(|(at, _)| at.ends_with(&id)),
        open: invite.mark.attendance.is_none(),
        id,
    }
}

/// Who is invited comes by office and name.
fn sorted<'a>(invites: &'a [Invite], names: &Names) -> Vec<&'a Invite> {
    let mut invites: Vec<&Invite> = invites.iter().collect();
    invites.sort_by_key(|invite| {
        let officer = names.officers.get(&invite.officer);
        (officer.map(|officer| officer.unit), invite.officer)
    });
    invites
}

struct Loaded {
    session: Session,
    invites: Vec<Invite>,
    clashes: Vec<Clash>,
    names: Names,
    reached: Reached,
}

async fn load(app: &App, id: SessionId, now: Instant) -> Result<Loaded, Problem> {
    let loaded = app
        .store
        .read(move |tx| {
            let session = sessions::get(tx, id)?.ok_or(crate::store::Error::NotFound)?;
            Ok(Loaded {
                invites: sessions::invites(tx, id)?,
                clashes: sessions::clashes(tx, &session)?,
                names: Names::load(tx)?,
                reached: Reached::load(tx, now)?,
                session,
            })
        })
        .await?;
    Ok(loaded)
}

/// The session's page, with what was refused if something was.
pub(super) async fn page(
    app: &App,
    visitor: &Visitor,
    id: SessionId,
    refused: Refused,
) -> Result<Response, Problem> {
    let (lang, now) = (visitor.lang, app.now());
    let Loaded {
        session,
        invites,
        clashes,
        names,
        reached,
    } = load(app, id, now).await?;
    let invited: BTreeSet<OfficerId> = invites.iter().map(|invite| invite.officer).collect();
    let rows: Vec<Row> = sorted(&invites, &names)
        .into_iter()
        .map(|invite| row(lang, invite, &names, &clashes, &refused))
        .collect();
    let count = |wanted: Option<Attendance>| {
        let marks = invites.iter().map(|invite| invite.mark.attendance);
        marks.filter(|mark| *mark == wanted).count()
    };
    let bad = |field: &str| refused.errors.iter().any(|(at, _)| at == field);
    let cancelled = session.state == Stage::Cancelled;
    html::render(&ShowPage {
        s: head(lang, &session, &names, now),
        present: count(Some(Attendance::Present)),
        unmarked: count(None),
        clashing: rows.iter().filter(|row| !row.clashes.is_empty()).count(),
        groups: groups(lang, &names, &reached, &refused.chosen, &invited),
        planned: session.state == Stage::Planned,
        held: session.state == Stage::Held,
        cancelled,
        marks: !cancelled && now >= session.starts_at,
        bad_reason: bad("reason"),
        bad_reopen: bad("reopen"),
        bad_officer: bad("officer"),
        rows,
        errors: refused.errors,
        why: refused.why,
        reason: refused.reason,
        p: Page {
            title: session.title.clone(),
            ..Page::new(visitor, "console.session.one")
        },
    })
}

/// `GET /training/sessions/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (session, _) = find(&app, &id).await?;
    page(&app, &visitor, session.id, Refused::default()).await
}

#[derive(askama::Template)]
#[template(path = "training_sheet.html")]
struct SheetPage {
    p: Page,
    s: Head,
    /// Name and office; empty ones at the end.
    lines: Vec<(String, String)>,
}

/// `GET /training/sessions/{id}/sheet`: 签到表.
pub(crate) async fn sheet(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (session, names) = find(&app, &id).await?;
    let id = session.id;
    let invites = app.store.read(move |tx| sessions::invites(tx, id)).await?;
    let mut lines: Vec<(String, String)> = sorted(&invites, &names)
        .into_iter()
        .map(|invite| (names.officer(invite.officer), names.unit_of(invite.officer)))
        .collect();
    lines.resize(lines.len() + BLANK, Default::default());
    html::render(&SheetPage {
        s: head(visitor.lang, &session, &names, app.now()),
        lines,
        p: Page::new(&visitor, "console.session.sheet"),
    })
}
