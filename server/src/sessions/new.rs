//! A new course or drill: what, when, where, how many hours, what about, and who is invited.

use super::form::{Typed, form_page, parse};
use super::people::Reached;
use super::{LIST, Names};
use crate::app::App;
use crate::html;
use crate::problem::Problem;
use crate::random;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::sessions;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::SessionId;

pub(super) async fn load(app: &App) -> Result<(Names, Reached), Problem> {
    let now = app.now();
    let loaded = app
        .store
        .read(move |tx| Ok((Names::load(tx)?, Reached::load(tx, now)?)))
        .await?;
    Ok(loaded)
}

/// `GET /training/sessions/new`.
pub(crate) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (names, reached) = load(&app).await?;
    let mut typed = Typed::asked(visitor.lang, &query.unwrap_or_default());
    let millis = u64::try_from(app.now().as_millis()).unwrap_or(0);
    typed.id = SessionId::new_v7(millis, &random::bytes()?).to_string();
    html::render(&form_page(
        &visitor,
        (&names, &reached),
        typed,
        None,
        &Vec::new(),
    ))
}

/// `POST /training/sessions`.
pub(crate) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (names, reached) = load(&app).await?;
    let (now, by) = (app.now(), visitor.session.officer.id);
    let typed = Typed::of(&fields);
    let new = match parse(&typed, &names, by, now) {
        Ok(new) => new,
        Err(errors) => {
            let body = html::render(&form_page(
                &visitor,
                (&names, &reached),
                typed,
                None,
                &errors,
            ))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
        }
    };
    let (id, account) = (new.session.id, visitor.session.account);
    app.store
        .write(move |tx| {
            // The same form sent twice.
            if sessions::get(tx, id)?.is_some() {
                return Ok(());
            }
            sessions::add(tx, &new.session)?;
            audit::write(tx, now, Some(account), Act::SessionPlanned, &id.to_string())?;
            for officer in new.officers {
                super::act::add(tx, (id, officer), new.why.as_deref(), (now, account))?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to(&format!("{LIST}/{id}")).into_response())
}
