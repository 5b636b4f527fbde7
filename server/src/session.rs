//! Who is calling: sessions of people by cookie, devices by bearer token; login, logout and the choice of language.

use crate::access::{Access, Role};
use crate::app::App;
use crate::edge::cookie;
use crate::html::{self, Page, allows};
use crate::keys;
use crate::limits::Key;
use crate::problem::Problem;
use crate::random;
use crate::store::accounts::{self, SessionRow};
use crate::store::audit::{self, Act};
use crate::store::feeds;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::id::UnitId;
use shared::instant::HOUR_MS;
use shared::problem::Code;
use shared::text::Lang;
use std::net::SocketAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq;

mod form;
mod multipart;
mod password;

pub(crate) use form::{Fields, Posted, PostedFile, PostedText};
pub(crate) use password::{choose_password, password_form};

/// How long a session lasts.
const SESSION_MS: i64 = 12 * HOUR_MS;
/// The longest account name or password. Characters.
const MAX_LOGIN_CHARS: usize = 128;

/// Somebody who is signed in, and what their page needs.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) session: Arc<SessionRow>,
    pub(crate) lang: Lang,
    pub(crate) path: String,
}

impl Visitor {
    /// Whether they have the role.
    pub(crate) fn is(&self, role: Role) -> bool {
        self.session.roles.contains(&role)
    }

    /// The office whose records they see; none = every office.
    pub(crate) fn scope(&self) -> Option<UnitId> {
        let every = self.session.roles.iter().any(|role| role.sees_every_unit());
        (!every).then_some(self.session.officer.unit)
    }

    /// Whether they see this office's records.
    pub(crate) fn sees(&self, unit: UnitId) -> bool {
        self.scope().is_none_or(|own| own == unit)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let session = parts
            .extensions
            .get::<Arc<SessionRow>>()
            .ok_or(Code::NoSession)?;
        Ok(Self {
            session: Arc::clone(session),
            lang: parts.extensions.get().copied().unwrap_or_default(),
            path: parts.uri.path().to_owned(),
        })
    }
}

/// A device that showed its token.
pub(crate) struct Device(pub(crate) feeds::Device);

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<feeds::Device>()
            .copied()
            .map(Self)
            .ok_or(Code::BadToken.into())
    }
}

fn same(a: &str, b: &str) -> bool {
    !b.is_empty() && bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}

/// Lets through whoever the route allows.
pub(crate) async fn guard(
    State((app, access)): State<(App, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    let admitted = match access {
        Access::Public => Ok(()),
        Access::Device => admit_device(&app, &mut request).await,
        Access::Roles(_) => admit_person(&app, access, &mut request).await,
    };
    match admitted {
        Ok(()) if must_choose(&request) => Redirect::to(password::PATH).into_response(),
        Ok(()) => next.run(request).await,
        Err(problem) if problem.code == Code::NoSession && request.method() == Method::GET => {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            Redirect::to(&format!("/login?next={}", escape(path))).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

/// Whether another password has to be chosen before anything else is done.
fn must_choose(request: &Request) -> bool {
    let session = request.extensions().get::<Arc<SessionRow>>();
    let here = [password::PATH, "/logout"].contains(&request.uri().path());
    session.is_some_and(|session| session.once) && !here
}

async fn admit_person(app: &App, access: Access, request: &mut Request) -> Result<(), Problem> {
    let token = cookie(request.headers(), session_cookie(app)).ok_or(Code::NoSession)?;
    let (hash, now) = (keys::hash(token), app.now());
    let session = app
        .store
        .read(move |tx| accounts::session(tx, hash, now))
        .await?;
    let session = session.ok_or(Code::NoSession)?;
    if !allows(access, &session.roles) {
        return Err(Code::Forbidden.into());
    }
    request.extensions_mut().insert(Arc::new(session));
    Ok(())
}

async fn admit_device(app: &App, request: &mut Request) -> Result<(), Problem> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Code::BadToken)?;
    let hash = keys::hash(token);
    let device = app
        .store
        .read(move |tx| feeds::by_token(tx, hash))
        .await?
        .ok_or(Code::BadToken)?;
    if device.revoked {
        return Err(Code::Revoked.into());
    }
    request.extensions_mut().insert(device);
    Ok(())
}

/// `__Host-` binds a cookie to this host and to TLS; browsers refuse it over plain HTTP.
fn session_cookie(app: &App) -> &'static str {
    if app.config.secure {
        "__Host-session"
    } else {
        "session"
    }
}

fn login_cookie(app: &App) -> &'static str {
    if app.config.secure {
        "__Host-login"
    } else {
        "login"
    }
}

fn set_cookie(app: &App, name: &str, value: &str, seconds: i64) -> HeaderValue {
    let secure = if app.config.secure { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static(""))
}

/// What can stand in a query's value.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                char::from(b).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// Where to go after signing in: a path of this site and nothing else.
fn local(path: &str) -> &str {
    let fits = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if fits { path } else { "/" }
}

#[derive(askama::Template)]
#[template(path = "login.html")]
struct LoginPage {
    p: Page,
    next: String,
    name: String,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct LoginQuery {
    #[serde(default)]
    next: String,
}

/// `GET /login`.
pub(crate) async fn login_page(
    State(app): State<App>,
    Query(query): Query<LoginQuery>,
    headers: HeaderMap,
    axum::Extension(lang): axum::Extension<Lang>,
) -> Result<Response, Problem> {
    let form = Login {
        name: String::new(),
        next: local(&query.next).to_owned(),
    };
    show_login(&app, &headers, lang, form, None)
}

struct Login {
    name: String,
    next: String,
}

fn show_login(
    app: &App,
    headers: &HeaderMap,
    lang: Lang,
    form: Login,
    error: Option<Code>,
) -> Result<Response, Problem> {
    let csrf = match cookie(headers, login_cookie(app)) {
        Some(known) if known.len() == 64 => known.to_owned(),
        _ => random::token()?,
    };
    let mut p = Page::anonymous(
        lang,
        shared::text::text(lang, "console.login.title"),
        "/login",
    );
    p.csrf.clone_from(&csrf);
    let error_text = error
        .map(|code| shared::text::text(lang, &format!("problem.{}", code.as_str())).to_owned());
    let page = LoginPage {
        p,
        next: form.next,
        name: form.name,
        error: error_text,
    };
    let mut response = html::render(&page)?;
    *response.status_mut() = error
        .and_then(|code| StatusCode::from_u16(code.status()).ok())
        .unwrap_or(StatusCode::OK);
    let cookie = set_cookie(app, login_cookie(app), &csrf, 3600);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Where a caller comes from, for limits only.
pub(crate) fn origin(request: &Request) -> String {
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or_else(|| "-".to_owned(), |info| info.0.ip().to_string())
}

/// `POST /login`.
pub(crate) async fn login(
    State(app): State<App>,
    axum::Extension(lang): axum::Extension<Lang>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let origin = origin(&request);
    let fields = Fields::read(request, form::MAX_FORM_BYTES).await?;
    let expected = cookie(&headers, login_cookie(&app)).unwrap_or_default();
    if !same(fields.text("csrf"), expected) {
        return Err(Code::BadCsrf.into());
    }
    let form = Login {
        name: fields.text("name").chars().take(MAX_LOGIN_CHARS).collect(),
        next: local(fields.text("next")).to_owned(),
    };
    let password: String = fields
        .text("password")
        .chars()
        .take(MAX_LOGIN_CHARS)
        .collect();
    let now = app.now();
    let limits = [Key::Account(form.name.clone()), Key::From(origin)];
    if !app.limits.allows(&limits, now) {
        return show_login(&app, &headers, lang, form, Some(Code::TooMany));
    }
    let Some(account) = check(&app, &form.name, password).await? else {
        app.limits.failed(&limits, now);
        return show_login(&app, &headers, lang, form, Some(Code::BadLogin));
    };
    let (token, csrf) = (random::token()?, random::token()?);
    let hash = keys::hash(&token);
    app.store
        .write(move |tx| {
            let ends = now.plus_millis(SESSION_MS);
            accounts::start_session(tx, hash, account, &csrf, now, ends)?;
            audit::write(tx, now, Some(account), Act::Login, "")
        })
        .await?;
    let mut response = Redirect::to(&form.next).into_response();
    let cookie = set_cookie(&app, session_cookie(&app), &token, SESSION_MS / 1000);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    let cookie = set_cookie(&app, login_cookie(&app), "", 0);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The account, if name and password are right. An unknown name takes as long as a wrong password.
async fn check(app: &App, name: &str, password: String) -> Result<Option<i64>, Problem> {
    let name = name.to_owned();
    let found = app
        .store
        .read(move |tx| accounts::credentials(tx, &name))
        .await?;
    app.slowly(move || match found {
        Some(found) => Ok(found.password.matches(&password)?.then_some(found.account)),
        None => crate::password::Hashed::new(&password, [0; 16]).map(|_| None),
    })
    .await?
}

/// `POST /logout`.
pub(crate) async fn logout(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    _: Posted,
) -> Result<Response, Problem> {
    let token = cookie(&headers, session_cookie(&app)).unwrap_or_default();
    let (hash, account, now) = (keys::hash(token), visitor.session.account, app.now());
    app.store
        .write(move |tx| {
            accounts::end_session(tx, hash)?;
            audit::write(tx, now, Some(account), Act::Logout, "")
        })
        .await?;
    let mut response = Redirect::to("/login").into_response();
    let cookie = set_cookie(&app, session_cookie(&app), "", 0);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /lang/{tag}`: remembers the language and goes back.
pub(crate) async fn set_language(
    State(app): State<App>,
    Path(tag): Path<String>,
    Query(query): Query<Back>,
) -> Response {
    let mut response = Redirect::to(local(&query.back)).into_response();
    let cookie = set_cookie(&app, "lang", Lang::from_tag(&tag).tag(), 31_536_000);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
