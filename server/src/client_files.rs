//! The phone client's files below `/field/`.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;

const NOT_BUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>程序</title>\
<h1>手机端尚未构建</h1><p>请运行 <code>cargo xtask run</code>。</p>\
<div lang=\"en\"><h2>The phone client is not built</h2><p>Run <code>cargo xtask run</code>.</p></div></html>";

async fn not_built() -> (StatusCode, Html<&'static str>) {
    (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT))
}

/// The routes below `/field/`.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/field/", get(not_built)).route("/field/{*path}", get(not_built))
}
