//! Tests of the whole crate through its router: sync, pages, access, assessment.

mod access;
mod admin;
mod assess;
mod blobs;
mod harness;
mod import;
mod lists;
mod office;
mod pages;
mod people;
mod sync;
mod tus;
mod visits;
