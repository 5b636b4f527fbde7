//! Everything that is tested through the real crates and processes, without a browser: one program, quick to link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program speaks by failing; its helpers are outside `#[test]` functions"
)]

mod access;
mod agreement;
mod clock;
mod enrolment;
mod journeys;
mod kills;
mod ordinary;
mod pages;
mod refusals;
mod review;
mod sync_faults;
mod year;
