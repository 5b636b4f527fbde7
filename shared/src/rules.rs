//! The procedure rules: one program, run on the phone and on the server, over the same facts.

pub mod calendar;
pub mod check;
pub mod gap;
pub mod procedure;
