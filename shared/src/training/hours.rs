//! Hours of training (学时) in a year, in tenths: how many there are, and how many there will be at this pace.

use jiff::civil::Date;

/// Hours expected of everybody in a year where the office sets no other number. Tenths.
pub const DEFAULT_TARGET_X10: i64 = 600;
/// Before so many days of a year have passed its pace says nothing.
pub const EARLY_DAYS: i64 = 60;

/// A year's hours of one person. Tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Attended so far.
    pub done_x10: i64,
    /// Expected in the year.
    pub target_x10: i64,
    /// At the year's end if it goes on as from its first day until today; none in the first [`EARLY_DAYS`] days.
    pub forecast_x10: Option<i64>,
}

impl Hours {
    /// As of this day.
    #[must_use]
    pub fn new(done_x10: i64, target_x10: i64, today: Date) -> Self {
        let (passed, whole) = (
            i64::from(today.day_of_year()),
            i64::from(today.days_in_year()),
        );
        let pace = || (done_x10.saturating_mul(whole) + passed / 2).checked_div(passed);
        Self {
            done_x10,
            target_x10,
            forecast_x10: if passed > EARLY_DAYS { pace() } else { None },
        }
    }

    /// What is still to be attended. Tenths.
    #[must_use]
    pub const fn missing_x10(&self) -> i64 {
        let missing = self.target_x10 - self.done_x10;
        if missing > 0 { missing } else { 0 }
    }

    /// Whether the target will be reached at this pace; where the pace says nothing, nothing is said against it.
    #[must_use]
    pub fn is_on_course(&self) -> bool {
        let ahead = self.forecast_x10.unwrap_or(self.target_x10);
        ahead >= self.target_x10
    }
}

/// `42`, `1.5`: hours as people write them.
#[must_use]
pub fn words(hours_x10: i64) -> String {
    match (hours_x10 / 10, (hours_x10 % 10).abs()) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_pace_of_the_year_so_far_goes_on() {
        // 23 November 2026 is day 327 of 365: 37.6 hours then are 42.0 at the end.
        let hours = Hours::new(376, 600, date(2026, 11, 23));
        assert_eq!(hours.forecast_x10, Some(420));
        assert_eq!((hours.missing_x10(), hours.is_on_course()), (224, false));
        let done = Hours::new(610, 600, date(2026, 11, 23));
        assert_eq!((done.missing_x10(), done.is_on_course()), (0, true));
    }

    #[test]
    fn the_beginning_of_a_year_says_nothing() {
        let hours = Hours::new(0, 600, date(2026, 3, 1));
        assert_eq!((hours.forecast_x10, hours.is_on_course()), (None, true));
        assert_eq!(Hours::new(0, 600, date(2026, 3, 2)).forecast_x10, Some(0));
    }

    #[test]
    fn tenths_are_written_where_there_are_any() {
        assert_eq!([600, 15, 0, 5].map(words), ["60", "1.5", "0", "0.5"]);
    }
}
