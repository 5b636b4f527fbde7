//! The office server.
//! Placeholder but for the phone client's files.

mod client_files;

/// The phone client's files alone.
pub fn app() -> axum::Router {
    client_files::routes()
}
