//! Tests of the whole crate through its router: sync, pages, access, assessment.

mod access;
mod assess;
mod blobs;
mod harness;
mod import;
mod lists;
mod needs;
mod office;
mod pages;
mod sync;
mod tus;
mod visits;
