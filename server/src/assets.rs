//! Stylesheets and scripts of the console, inside the binary.

use crate::problem::Problem;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::problem::Code;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
/// A new build shows within ten minutes.
const CACHE: &str = "public, max-age=600";

/// `GET /assets/{file}`.
pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    let (kind, body) = match name.as_str() {
        "app.css" => (CSS, include_str!("../../shared/assets/app.css")),
        "shell.css" => (CSS, include_str!("../../shared/assets/shell.css")),
        "document.css" => (CSS, include_str!("../../shared/assets/document.css")),
        "console.css" => (CSS, include_str!("../assets/console.css")),
        "console.js" => (JS, include_str!("../assets/console.js")),
        "shell.js" => (JS, include_str!("../../shared/assets/shell.js")),
        "vendor/idiomorph.js" => (JS, include_str!("../../shared/assets/vendor/idiomorph.js")),
        _ => return Err(Code::NotFound.into()),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE)),
    ];
    Ok((headers, body).into_response())
}
