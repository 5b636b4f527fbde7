//! What is done to a session as a whole: inviting, taking an invitation back, noting that it was held, cancelling it.

use super::{LIST, MAX_INVITES, MAX_LINE, find, show, too_long};
use crate::app::App;
use crate::problem::Problem;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::personal::publish;
use crate::store::sessions::{self, Session, State as Stage};
use crate::store::{self, WriteTx};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::{OfficerId, SessionId};
use shared::instant::Instant;
use shared::text::text;
use show::Refused;

fn back(id: SessionId) -> Response {
    Redirect::to(&format!("{LIST}/{id}")).into_response()
}

/// The page again, saying why nothing was done.
async fn refuse(
    app: &App,
    visitor: &Visitor,
    id: SessionId,
    (field, key): (&str, &str),
    mut refused: Refused,
) -> Result<Response, Problem> {
    let words = text(visitor.lang, key).to_owned();
    refused.errors.push((field.to_owned(), words));
    let body = show::page(app, visitor, id, refused).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// Invites one officer, who may be invited already.
pub(super) fn add(
    tx: &WriteTx<'_>,
    (id, officer): (SessionId, OfficerId),
    why: Option<&str>,
    (now, account): (Instant, i64),
) -> Result<(), store::Error> {
    if sessions::invite(tx, id, officer, why)? {
        let target = format!("{id} {officer}");
        audit::write(tx, now, Some(account), Act::SessionInvited, &target)?;
        publish(tx, officer, now)?;
    }
    Ok(())
}

/// Everybody who is invited is told.
fn publish_all(tx: &WriteTx<'_>, id: SessionId, now: Instant) -> Result<(), store::Error> {
    for invite in sessions::invites(tx, id)? {
        publish(tx, invite.officer, now)?;
    }
    Ok(())
}

/// Whether a session can still be changed in this way.
fn is_open(tx: &WriteTx<'_>, id: SessionId) -> Result<bool, store::Error> {
    let found = sessions::get(tx, id)?;
    Ok(found.is_some_and(|session| session.state == Stage::Planned))
}

/// `POST /training/sessions/{id}/invite`.
pub(crate) async fn invite(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (Session { id, state, .. }, names) = find(&app, &id).await?;
    let officers = super::people::chosen(fields.all("officer"), &names);
    let why = fields.text("why").to_owned();
    let refused = Refused {
        chosen: fields.all("officer").map(str::to_owned).collect(),
        why: why.clone(),
        ..Refused::default()
    };
    let fault = match state {
        Stage::Cancelled => Some("console.session.error.over"),
        _ if officers.is_empty() => Some("console.session.error.nobody"),
        _ if too_long(&why, MAX_LINE) => Some("console.session.error.why"),
        _ => None,
    };
    if let Some(key) = fault {
        return refuse(&app, &visitor, id, ("officer", key), refused).await;
    }
    let (account, now) = (visitor.session.account, app.now());
    let why = Some(why).filter(|why| !why.is_empty());
    let room = app
        .store
        .write(move |tx| {
            if sessions::invites(tx, id)?.len() + officers.len() > MAX_INVITES {
                return Ok(false);
            }
            for officer in officers {
                add(tx, (id, officer), why.as_deref(), (now, account))?;
            }
            Ok(true)
        })
        .await?;
    if !room {
        let fault = ("officer", "console.session.error.officers");
        return refuse(&app, &visitor, id, fault, refused).await;
    }
    Ok(back(id))
}

/// `POST /training/sessions/{id}/withdraw`.
pub(crate) async fn withdraw(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (Session { id, .. }, _) = find(&app, &id).await?;
    let officer: Option<OfficerId> = fields.text("withdraw").parse().ok();
    let (account, now) = (visitor.session.account, app.now());
    let done = app
        .store
        .write(move |tx| {
            let Some(officer) = officer else {
                return Ok(false);
            };
            if !is_open(tx, id)? || !sessions::withdraw(tx, id, officer)? {
                return Ok(false);
            }
            let target = format!("{id} {officer}");
            audit::write(tx, now, Some(account), Act::InviteWithdrawn, &target)?;
            publish(tx, officer, now)?;
            Ok(true)
        })
        .await?;
    if !done {
        let fault = ("invited", "console.session.error.withdraw");
        return refuse(&app, &visitor, id, fault, Refused::default()).await;
    }
    Ok(back(id))
}

/// `POST /training/sessions/{id}/held`.
pub(crate) async fn held(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Response, Problem> {
    let (session, _) = find(&app, &id).await?;
    let (id, now) = (session.id, app.now());
    if now < session.starts_at {
        let fault = ("held", "console.session.error.early");
        return refuse(&app, &visitor, id, fault, Refused::default()).await;
    }
    finish(
        &app,
        &visitor,
        id,
        (Stage::Held, Act::SessionHeld),
        String::new(),
    )
    .await
}

/// The reason in this field; else what the form is shown again with.
fn reason(fields: &Fields, name: &str) -> Result<String, Refused> {
    let reason = fields.text(name).to_owned();
    if reason.is_empty() || too_long(&reason, MAX_LINE) {
        return Err(Refused {
            reason,
            ..Refused::default()
        });
    }
    Ok(reason)
}

/// `POST /training/sessions/{id}/cancel`.
pub(crate) async fn cancel(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (Session { id, .. }, _) = find(&app, &id).await?;
    let reason = match reason(&fields, "reason") {
        Ok(reason) => reason,
        Err(refused) => {
            let fault = ("reason", "console.session.error.reason");
            return refuse(&app, &visitor, id, fault, refused).await;
        }
    };
    finish(
        &app,
        &visitor,
        id,
        (Stage::Cancelled, Act::SessionCancelled),
        reason,
    )
    .await
}

/// `POST /training/sessions/{id}/reopen`: it was marked as held by mistake. Marks stay; the hours count once it is held again.
pub(crate) async fn reopen(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (Session { id, .. }, _) = find(&app, &id).await?;
    let reason = match reason(&fields, "reopen") {
        Ok(reason) => reason,
        Err(refused) => {
            let fault = ("reopen", "console.session.error.reopen");
            return refuse(&app, &visitor, id, fault, refused).await;
        }
    };
    let (account, now) = (visitor.session.account, app.now());
    let done = app
        .store
        .write(move |tx| {
            if !sessions::reopen(tx, id)? {
                // Pressing twice changes nothing.
                return is_open(tx, id);
            }
            let target = format!("{id} {reason}");
            audit::write(tx, now, Some(account), Act::SessionReopened, &target)?;
            publish_all(tx, id, now)?;
            Ok(true)
        })
        .await?;
    if !done {
        let fault = ("invited", "console.session.error.over");
        return refuse(&app, &visitor, id, fault, Refused::default()).await;
    }
    Ok(back(id))
}

async fn finish(
    app: &App,
    visitor: &Visitor,
    id: SessionId,
    (state, act): (Stage, Act),
    reason: String,
) -> Result<Response, Problem> {
    let (account, now) = (visitor.session.account, app.now());
    let done = app
        .store
        .write(move |tx| {
            if !sessions::finish(tx, id, state, &reason)? {
                // Pressing twice changes nothing.
                return Ok(sessions::get(tx, id)?.is_some_and(|known| known.state == state));
            }
            audit::write(tx, now, Some(account), act, &id.to_string())?;
            publish_all(tx, id, now)?;
            Ok(true)
        })
        .await?;
    if !done {
        let fault = ("invited", "console.session.error.over");
        return refuse(app, visitor, id, fault, Refused::default()).await;
    }
    Ok(back(id))
}
