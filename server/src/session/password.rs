//! Choosing a password: of one's own will, or because the administrator made the present one.

use super::{MAX_LOGIN_CHARS, Posted, Visitor, session_cookie};
use crate::app::App;
use crate::edge::cookie;
use crate::html::{self, Page};
use crate::keys;
use crate::limits::Key;
use crate::password::Hashed;
use crate::problem::Problem;
use crate::random;
use crate::store::accounts;
use crate::store::audit::{self, Act};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use shared::problem::Code;
use shared::text::text;

/// Where a password is chosen.
pub(super) const PATH: &str = "/password";
/// The shortest password (OWASP ASVS 5, 6.2.1 wants 8 and recommends 15). Characters.
const MIN_CHARS: usize = 10;

#[derive(askama::Template)]
#[template(path = "password.html")]
struct PasswordPage {
    p: Page,
    once: bool,
    /// The field and what is wrong with it.
    error: Option<(&'static str, String)>,
}

impl PasswordPage {
    /// What is wrong with this field.
    fn wrong(&self, field: &str) -> Option<&str> {
        let (at, words) = self.error.as_ref()?;
        (*at == field).then_some(words)
    }
}

fn page(visitor: &Visitor, wrong: Option<(&'static str, &str)>) -> Result<Response, Problem> {
    let error = wrong.map(|(field, why)| {
        let key = format!("console.password.error.{why}");
        (field, text(visitor.lang, &key).to_owned())
    });
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let mut p = Page::new(visitor, "console.password.title");
    if visitor.session.once {
        // Every other page would only lead back here.
        p.links.clear();
    }
    let once = visitor.session.once;
    let body = html::render(&PasswordPage { p, once, error })?;
    Ok((status, body).into_response())
}

/// `GET /password`.
pub(crate) async fn password_form(visitor: Visitor) -> Result<Response, Problem> {
    page(&visitor, None)
}

/// `POST /password`.
pub(crate) async fn choose_password(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let [now_used, new, again] =
        ["current", "new", "again"].map(|name| fields.text(name).to_owned());
    let length = new.chars().count();
    let wrong = if !(MIN_CHARS..=MAX_LOGIN_CHARS).contains(&length) {
        Some(("new", "length"))
    } else if new == now_used {
        Some(("new", "same"))
    } else if new != again {
        Some(("again", "again"))
    } else {
        None
    };
    if wrong.is_some() {
        return page(&visitor, wrong);
    }
    let (account, now) = (visitor.session.account, app.now());
    let limits = [Key::Account(format!("{PATH} {account}"))];
    if !app.limits.allows(&limits, now) {
        return Err(Code::TooMany.into());
    }
    let known = app
        .store
        .read(move |tx| accounts::password(tx, account))
        .await?;
    let salt = random::bytes()?;
    let hashed = app
        .slowly(move || {
            let right = known.matches(&now_used)?;
            right.then(|| Hashed::new(&new, salt)).transpose()
        })
        .await??;
    let Some(hashed) = hashed else {
        app.limits.failed(&limits, now);
        return page(&visitor, Some(("current", "current")));
    };
    let token = keys::hash(cookie(&headers, session_cookie(&app)).unwrap_or_default());
    app.store
        .write(move |tx| {
            accounts::choose_password(tx, account, &hashed, token)?;
            audit::write(tx, now, Some(account), Act::PasswordChosen, "")
        })
        .await?;
    Ok(Redirect::to("/").into_response())
}
