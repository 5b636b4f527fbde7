//! The outermost layer: the visitor's language, the request's id, problems rendered and logged once, security headers.

use crate::app::App;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::random;
use crate::sync::blobs;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use shared::text::Lang;

/// Nothing but our own files, no scripts in pages, no framing. The phone client sets its own policy under `/field/`.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// One cookie's value.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Wraps every request.
pub(crate) async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = random::bytes::<8>().map_or_else(|_| "-".to_owned(), |bytes| random::hex(&bytes));
    let lang = cookie(request.headers(), "lang").map_or(Lang::Zh, Lang::from_tag);
    request.extensions_mut().insert(lang);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let code = problem.code.as_str();
        let cause = problem.cause.as_deref().unwrap_or("");
        if problem.code.status() >= 500 {
            tracing::error!(request = %id, %method, path, code, cause, "refused");
        } else {
            tracing::info!(request = %id, %method, path, code, cause, "refused");
        }
        let cookies = response.headers().clone();
        response = if path.starts_with("/sync/") {
            problem.to_json(&id)
        } else {
            problem_page(&problem, lang, &path, &id)
        };
        for value in cookies.get_all(header::SET_COOKIE) {
            response
                .headers_mut()
                .append(header::SET_COOKIE, value.clone());
        }
        set(&mut response, "x-problem", code);
    }
    if path.starts_with(blobs::PATH) {
        set(&mut response, "tus-resumable", blobs::TUS);
        set(&mut response, "tus-version", blobs::TUS);
    }
    set(&mut response, "x-request-id", &id);
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "referrer-policy", "no-referrer");
    set(&mut response, "content-security-policy", POLICY);
    set(&mut response, "cache-control", "no-store");
    if app.config.secure {
        set(
            &mut response,
            "strict-transport-security",
            "max-age=31536000",
        );
    }
    response
}

/// Sets a header unless the handler did.
fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .entry(HeaderName::from_static(name))
            .or_insert(value);
    }
}

#[derive(askama::Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    p: Page,
    what: &'a str,
    todo: &'a str,
    request: &'a str,
    sign_in: bool,
}

fn problem_page(problem: &Problem, lang: Lang, path: &str, request: &str) -> Response {
    use axum::response::IntoResponse;
    let key = format!("problem.{}", problem.code.as_str());
    let todo = format!("{key}.do");
    let page = ProblemPage {
        p: Page::anonymous(lang, shared::text::text(lang, &key), path),
        what: shared::text::text(lang, &key),
        todo: shared::text::text(lang, &todo),
        request,
        sign_in: problem.code.status() == 401,
    };
    let status = axum::http::StatusCode::from_u16(problem.code.status()).unwrap_or_default();
    let body = html::render(&page).unwrap_or_else(|_| status.into_response());
    (status, body).into_response()
}
