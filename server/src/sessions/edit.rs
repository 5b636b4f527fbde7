//! A planned session is changed: another time or place, more hours. Who is invited is told by their phone.

use super::form::{Errors, Typed, form_page, parse};
use super::{LIST, find, new};
use crate::app::App;
use crate::html;
use crate::problem::Problem;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::personal::publish;
use crate::store::sessions::{self, Session, State as Stage};
use crate::store::{self, WriteTx};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::instant::Instant;
use shared::problem::Code;

/// `GET /training/sessions/{id}/edit`.
pub(crate) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (session, _) = find(&app, &id).await?;
    if session.state != Stage::Planned {
        return Ok(Redirect::to(&format!("{LIST}/{}", session.id)).into_response());
    }
    let typed = Typed::stored(&session);
    let seen = typed.seen();
    page(&app, &visitor, typed, seen, &Vec::new()).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    typed: Typed,
    seen: String,
    errors: &Errors,
) -> Result<Response, Problem> {
    let (names, reached) = new::load(app).await?;
    let known = (&names, &reached);
    html::render(&form_page(visitor, known, typed, Some(seen), errors))
}

/// Changes a session that is still as the form showed it; else says why not.
fn change(
    tx: &WriteTx<'_>,
    session: &Session,
    seen: &str,
    (now, account): (Instant, i64),
) -> Result<Option<(&'static str, &'static str)>, store::Error> {
    let id = session.id;
    let stored = sessions::get(tx, id)?.ok_or(store::Error::NotFound)?;
    let known = Typed::stored(&stored);
    if known.seen() == Typed::stored(session).seen() {
        return Ok(None);
    }
    if known.seen() != seen {
        return Ok(Some(("title", "console.session.error.changed")));
    }
    let invites = sessions::invites(tx, id)?;
    let marked = invites.iter().any(|invite| invite.marked.is_some());
    if marked && stored.hours_x10 != session.hours_x10 {
        return Ok(Some(("hours", "console.session.error.hours-marked")));
    }
    if !sessions::change(tx, session)? {
        return Ok(Some(("title", "console.session.error.over")));
    }
    audit::write(tx, now, Some(account), Act::SessionChanged, &id.to_string())?;
    for invite in invites {
        publish(tx, invite.officer, now)?;
    }
    Ok(None)
}

/// `POST /training/sessions/{id}/edit`.
pub(crate) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (stored, names) = find(&app, &id).await?;
    let (now, id) = (app.now(), stored.id);
    let seen = fields.text("seen").to_owned();
    let mut typed = Typed::of(&fields);
    typed.id = id.to_string();
    let new = match parse(&typed, &names, stored.created_by, stored.created_at) {
        Ok(new) => new.session,
        Err(errors) => {
            let body = page(&app, &visitor, typed, seen, &errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
        }
    };
    if stored.state != Stage::Planned {
        return Err(Code::NotFound.into());
    }
    let (account, known) = (visitor.session.account, seen.clone());
    let refused = app
        .store
        .write(move |tx| change(tx, &new, &known, (now, account)))
        .await?;
    match refused {
        None => Ok(Redirect::to(&format!("{LIST}/{id}")).into_response()),
        Some(fault) => {
            let body = page(&app, &visitor, typed, seen, &vec![fault]).await?;
            Ok((StatusCode::CONFLICT, body).into_response())
        }
    }
}
