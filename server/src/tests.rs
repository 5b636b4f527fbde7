//! Tests of the whole crate through its router: sync, pages, access, assessment.

mod access;
mod admin;
mod assess;
mod blobs;
mod board;
mod books;
mod cases;
mod drills;
mod harness;
mod heat;
mod import;
mod lack;
mod lists;
mod needs;
mod office;
mod pages;
mod penalty;
mod people;
mod personal;
mod review;
mod sessions;
mod sync;
mod tus;
mod units;
mod visits;
