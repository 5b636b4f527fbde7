//! The verbs that read files and answer at once: they need no data folder and no network.
//! Apart so that a lawyer can judge a case, or check a procedure's file, wherever the program is.

mod assess;
mod lint;
mod scenarios;

pub use assess::assess;
pub use lint::lint;
pub use scenarios::lint_drills;

/// What a verb answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// For the standard output.
    pub out: String,
    /// For the error output.
    pub err: String,
    /// With what the program ends: 0 as it should be, 1 faults or differences, 2 not readable.
    pub code: u8,
}

impl Report {
    /// The file or folder cannot be read.
    fn unreadable(why: &str) -> Self {
        Self {
            err: format!("{why}\n"),
            code: 2,
            ..Self::default()
        }
    }
}
