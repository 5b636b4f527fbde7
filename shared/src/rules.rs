//! The procedure rules: one program, run on the phone and on the server, over the same facts.

pub mod calendar;
pub mod case;
pub mod check;
pub mod explain;
pub mod file;
pub mod form;
pub mod gap;
pub mod jurisdiction;
mod mark;
pub mod procedure;
pub mod rule;
pub mod span;
pub mod turn;
mod verdict;
mod visit;

pub use verdict::condition::{holds, power_of, step_applies};
pub use verdict::order::recheck_day;
