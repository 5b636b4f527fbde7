//! Working days by the State Council's holiday notices (law.md §0.3).

use crate::domain::reference::CalendarYear;
use std::collections::BTreeMap;

/// Holidays and make-up working days of the years that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, CalendarYear>,
}

impl Calendar {
    /// The calendar of these years; a year given twice counts as the later one says.
    #[must_use]
    pub fn new(years: impl IntoIterator<Item = CalendarYear>) -> Self {
        Self {
            years: years.into_iter().map(|year| (year.year, year)).collect(),
        }
    }
}
