//! The officer's client: one axum router over one SQLite file.
//! Two hosts: a dedicated web worker on the phone (`host/worker.rs`) and 127.0.0.1 on a laptop (`host/loopback.rs`).

mod app;
pub mod host;

pub use app::{App, Signal};
use axum::Router;
use axum::routing::get;

/// The whole client.
#[must_use]
pub fn app(app: App) -> Router {
    Router::new()
        .route("/field/", get(|| async { "程序" }))
        .with_state(app)
}
