//! The record log: sealed, signed commits, and the order in which a record's events are read.

pub mod commit;
pub mod order;
mod time;
