//! The office server.
//! Placeholder but for the phone client's files.

pub mod client_files;
