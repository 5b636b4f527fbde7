//! The officer's client: one axum router over one SQLite file.
//! Two hosts: a dedicated web worker on the phone (`host/worker.rs`) and 127.0.0.1 on a laptop (`host/loopback.rs`).
//!
//! Where to start reading: `routes.rs` (what there is), `steps.rs` and `answers.rs` (an answer, from tap to disk),
//! `store/log.rs` (how it is sealed), `outbox.rs` (how it travels).

mod amend;
mod answers;
mod app;
mod blobs;
mod checklist;
mod conditions;
mod controls;
mod corrections;
mod desk;
mod document;
mod door;
mod drill;
mod follow;
mod form;
mod gaps;
mod guide;
mod handover;
mod home;
pub mod host;
mod html;
mod laws;
mod learning;
mod marks;
mod me;
mod numbers;
mod open;
mod outbox;
mod own;
mod pad;
mod photos;
mod picture;
mod pin;
mod power;
mod prefill;
mod pull;
mod recorded;
mod records;
mod review;
mod routes;
mod say;
mod sheet;
mod steps;
mod store;
mod tasklist;
#[cfg(not(target_arch = "wasm32"))]
#[doc(hidden)]
pub mod testing;
#[cfg(test)]
mod tests;
mod timeline;
mod vault;

pub use app::{App, Signal};
pub use html::Cause;
pub use routes::app;
