//! The office server: `/sync/v1` for devices, the log of signed commits, its assessment, and the console at `/`.
//!
//! A request takes two hops: a handler parses it and calls a function of [`store`]; there is no layer between. All SQL is under
//! `store/`, all words are in `shared/locales`, and [`routes`] is the one table of who may do what.
//!
//! What must hold: nothing is answered as kept before it is on disk; what was appended is never changed; two commits that claim
//! the same place are both kept; a job that fails blocks no other; every privileged act is in the audit log.

mod access;
mod app;
mod assess;
mod assets;
mod audit;
mod blobs;
mod client_files;
mod clock;
pub mod config;
mod deadlines;
pub mod demo;
mod devices;
mod documents;
mod drills;
mod edge;
mod enrol;
mod explain;
mod export;
mod fields;
pub mod first;
mod gaps;
mod grades;
mod heat;
mod home;
mod html;
mod import;
mod keys;
mod laws;
mod limits;
mod numbers;
mod office;
mod officers;
mod password;
mod photos;
mod posts;
mod problem;
mod random;
mod records;
mod review;
mod routes;
mod serve;
mod session;
mod sessions;
mod shipped;
mod sole;
mod steps;
mod store;
mod sync;
mod tasks;
mod training;
mod units;
pub mod verbs;
mod waiting;

pub use access::{Access, Role, Row as AccessRow};
pub use app::App;
pub use assess::{Progress, Summary, Tally};
pub use client_files::phone_client_is_built;
pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use routes::{access_table, app};
pub use serve::serve;
pub use sole::Sole;

#[cfg(test)]
mod tests;
