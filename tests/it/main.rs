//! Everything that is tested through the real crates and processes, without a browser: one program, quick to link.

mod access;
mod agreement;
mod enrolment;
mod journeys;
mod kills;
mod pages;
mod refusals;
mod sync_faults;
