//! Style and script of the pages, natively: on the phone the service worker has them.

use crate::app::App;
use axum::Router;
use axum::routing::get;
use http::header;

const CSS: &str = include_str!("../../../shared/assets/app.css");
const SHELL_CSS: &str = include_str!("../../../shared/assets/shell.css");
const DOCUMENT_CSS: &str = include_str!("../../../shared/assets/document.css");
const SHELL: &str = include_str!("../../../shared/assets/shell.js");
const CAPTURE: &str = include_str!("../../assets/capture.js");
const IDIOMORPH: &str = include_str!("../../../shared/assets/vendor/idiomorph.js");

/// Adds the assets' addresses.
pub(crate) fn add(router: Router<App>) -> Router<App> {
    let script = "text/javascript; charset=utf-8";
    router
        .route(
            "/field/assets/app.css",
            get(|| async { file("text/css; charset=utf-8", CSS) }),
        )
        .route(
            "/field/assets/shell.css",
            get(|| async { file("text/css; charset=utf-8", SHELL_CSS) }),
        )
        .route(
            "/field/assets/document.css",
            get(|| async { file("text/css; charset=utf-8", DOCUMENT_CSS) }),
        )
        .route(
            "/field/assets/shell.js",
            get(move || async move { file(script, SHELL) }),
        )
        .route(
            "/field/assets/capture.js",
            get(move || async move { file(script, CAPTURE) }),
        )
        .route(
            "/field/assets/vendor/idiomorph.js",
            get(move || async move { file(script, IDIOMORPH) }),
        )
}

type File = ([(header::HeaderName, &'static str); 3], &'static str);

fn file(kind: &'static str, body: &'static str) -> File {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body)
}
