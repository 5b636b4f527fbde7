//! Hours of the year against the yearly target, and where the pace leads. Hours are 学时 in tenths.
//! Apart because the forecast has a rule that a reader may ask for.
//!
//! The rule: what is done, divided by the days of the year that have passed (today included), times the days of the year, rounded
//! down to a tenth. In the first [`TOO_EARLY`] days nothing is forecast: one course would promise a hundred hours.

use crate::text::{Lang, fill};
use jiff::civil::Date;

/// Hours that the yearly target has unless the office sets another: 60 in tenths.
pub const TARGET_X10: i64 = 600;
/// So many days into the year there is no forecast yet.
pub const TOO_EARLY: i64 = 30;

/// An officer's hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoursLine {
    /// Done this year, tenths.
    pub done_x10: i64,
    /// To be done this year, tenths.
    pub target_x10: i64,
    /// What the year will bring at this pace, tenths; none in the first [`TOO_EARLY`] days.
    pub expected_x10: Option<i64>,
}

/// An officer's hours on this day.
#[must_use]
pub fn hours_line(done_x10: i64, target_x10: i64, today: Date) -> HoursLine {
    let passed = i64::from(today.day_of_year());
    let done_x10 = done_x10.max(0);
    let expected = done_x10
        .saturating_mul(i64::from(today.days_in_year()))
        .checked_div(passed)
        .filter(|_| passed > TOO_EARLY);
    HoursLine {
        done_x10,
        target_x10: target_x10.max(0),
        expected_x10: expected,
    }
}

/// Hours with one decimal, and none where it is nought: `42`, `7.5`.
#[must_use]
pub fn hours(x10: i64) -> String {
    let (whole, tenth) = (x10 / 10, (x10 % 10).abs());
    if tenth == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{tenth}")
    }
}

impl HoursLine {
    /// Whether the target is reached.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.done_x10 >= self.target_x10
    }

    /// What will lack at the end of the year, tenths; none where nothing will or where it is too early to say.
    #[must_use]
    pub fn short_x10(&self) -> Option<i64> {
        self.expected_x10
            .map(|expected| self.target_x10 - expected)
            .filter(|short| *short > 0)
    }

    /// Done and target: `12.5/60 学时`.
    #[must_use]
    pub fn figures(&self, lang: Lang) -> String {
        let (done, target) = (hours(self.done_x10), hours(self.target_x10));
        let with = [("done", &*done), ("target", &*target)];
        fill(lang, "console.needs.pace.figures", &with)
    }

    /// Where it leads.
    #[must_use]
    pub fn forecast(&self, lang: Lang) -> String {
        let expected = self.expected_x10.map(hours).unwrap_or_default();
        let short = self.short_x10().map(hours).unwrap_or_default();
        let key = if self.is_done() {
            "console.needs.pace.reached"
        } else if self.expected_x10.is_none() {
            "console.needs.pace.early"
        } else if short.is_empty() {
            "console.needs.pace.enough"
        } else {
            "console.needs.pace.short"
        };
        fill(lang, key, &[("n", &*expected), ("short", &*short)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_pace_of_the_year_leads_on() {
        // 24 September is day 267 of 365: 31 hours become 42.37…
        let line = hours_line(310, 600, date(2026, 9, 24));
        assert_eq!(line.expected_x10, Some(423));
        assert_eq!(line.short_x10(), Some(177));
        assert_eq!(
            line.forecast(Lang::Zh),
            "按目前进度年底约42.3学时，差17.7学时"
        );
        assert_eq!(line.figures(Lang::Zh), "31/60学时");
        let last = hours_line(420, 600, date(2026, 12, 31));
        assert_eq!(last.forecast(Lang::Zh), "按目前进度年底约42学时，差18学时");
        // Half of a leap year's 366 days.
        assert_eq!(
            hours_line(300, 600, date(2028, 7, 1)).expected_x10,
            Some(600)
        );
    }

    #[test]
    fn nothing_is_forecast_early_and_nothing_lacks_that_is_done() {
        assert_eq!(hours_line(80, 600, date(2026, 1, 30)).expected_x10, None);
        assert_eq!(
            hours_line(80, 600, date(2026, 1, 31)).expected_x10,
            Some(941)
        );
        for early in [date(2026, 1, 1), date(2026, 11, 24)] {
            let done = hours_line(605, 600, early);
            assert!(done.is_done() && done.short_x10().is_none());
            assert_eq!(done.forecast(Lang::Zh), "已达到年度学时要求");
        }
        assert_eq!(
            hours_line(0, 600, date(2026, 11, 24)).short_x10(),
            Some(600)
        );
        assert_eq!(hours_line(-5, 600, date(2026, 11, 24)).done_x10, 0);
    }

    #[test]
    fn hours_have_one_decimal_at_most() {
        assert_eq!([0, 5, 75, 600].map(hours), ["0", "0.5", "7.5", "60"]);
    }
}
