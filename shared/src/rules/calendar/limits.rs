//! Limits that run backwards from a day, and limits that stand still for a while.
//! Apart because “within N days after” and “at least N days before” are different questions (行政处罚法 64), and because a time
//! for testing or appraisal does not count (行政强制法 25).

use super::{
    Calendar, DayRange, Limit, Unit, WEEKDAYS_OFF, is_always_off, is_weekend, months_after,
    to_deadline,
};
use crate::instant::{HOUR_MS, Instant};
use crate::rules::gap::Deadline;
use jiff::civil::Date;

/// Days that do not count: both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspension {
    /// The first day.
    pub from: Date,
    /// The last day; none while it lasts.
    pub to: Option<Date>,
}

impl Suspension {
    /// Whether this day does not count.
    #[must_use]
    pub fn has(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// From when to when, as moments: the first day's beginning and the last day's 24:00.
    fn span(&self) -> (Instant, Option<Instant>) {
        let start = Instant::from_civil(self.from.at(0, 0, 0, 0));
        (start, self.to.map(Instant::end_of))
    }
}

/// What a day counts for where the calendar is not known.
#[derive(Clone, Copy)]
enum Guess {
    /// As many days as can be are worked.
    Worked,
    /// As many days as can be are off; so many weekdays still.
    Off(u32),
}

impl Guess {
    fn off(n: u16) -> Self {
        Self::Off(WEEKDAYS_OFF * (1 + u32::from(n) / 10))
    }

    fn is_worked(&mut self, calendar: &Calendar, day: Date) -> bool {
        calendar.is_working(day).unwrap_or_else(|| match self {
            Self::Worked => !is_always_off(day),
            Self::Off(left) => {
                let weekday = !is_weekend(day);
                let spent = *left == 0;
                if weekday {
                    *left = left.saturating_sub(1);
                }
                weekday && spent
            }
        })
    }
}

impl Calendar {
    /// The last day on which something that must happen at least so long before this day may happen: it and the time after
    /// it fit before the day, or end on it. Hours count as whole days of 24.
    #[must_use]
    pub fn last_day_before(&self, day: Date, limit: Limit) -> DayRange {
        let plain = match limit.unit {
            Unit::WorkingDay => {
                return DayRange {
                    earliest: self.back(day, limit.n, Guess::off(limit.n)),
                    latest: self.back(day, limit.n, Guess::Worked),
                };
            }
            Unit::CalendarDay => jiff::Span::new().days(i32::from(limit.n)),
            Unit::Hour => jiff::Span::new().days(i32::from(limit.n.div_ceil(24))),
            Unit::Month => jiff::Span::new().months(i32::from(limit.n)),
        };
        let before = day.saturating_sub(plain);
        DayRange {
            earliest: before,
            latest: before,
        }
    }

    /// Whether something that happened on this day happened at least so long before the other; none where the calendar does
    /// not decide it.
    #[must_use]
    pub fn is_long_before(&self, happened: Date, limit: Limit, day: Date) -> Option<bool> {
        let last = self.last_day_before(day, limit);
        if happened <= last.earliest {
            Some(true)
        } else if happened > last.latest {
            Some(false)
        } else {
            None
        }
    }

    /// The day before the n-th worked day, counted back from this day itself.
    fn back(&self, day: Date, n: u16, mut guess: Guess) -> Date {
        let mut day = day;
        let mut left = n;
        while left > 0 {
            if guess.is_worked(self, day) {
                left -= 1;
            }
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        day
    }

    /// The end of a limit that starts at this moment and stands still during these days. None while one of them lasts and the
    /// limit had not run out before.
    #[must_use]
    pub fn deadline_with(
        &self,
        limit: Limit,
        from: Instant,
        suspended: &[Suspension],
    ) -> Option<Deadline> {
        if limit.unit == Unit::Hour {
            let at = hours_after(from, limit.n, suspended)?;
            return Some(Deadline {
                earliest: at,
                latest: at,
            });
        }
        let day = from.date();
        let (earliest, latest) = match limit.unit {
            Unit::WorkingDay => {
                let end = |guess| self.counted(day, limit.n, guess, suspended);
                (end(Guess::Worked)?, end(Guess::off(limit.n))?)
            }
            Unit::CalendarDay | Unit::Hour | Unit::Month => {
                let n = match limit.unit {
                    Unit::Month => days_between(day, months_after(day, limit.n)),
                    _ => limit.n,
                };
                // Only the roll to a worked day can be uncertain.
                let end = |guess| self.rolled(day, n, guess, suspended);
                (end(Guess::Worked)?, end(Guess::off(1))?)
            }
        };
        Some(to_deadline(DayRange { earliest, latest }))
    }

    /// The n-th worked day after this one that is not suspended.
    fn counted(
        &self,
        day: Date,
        n: u16,
        mut guess: Guess,
        suspended: &[Suspension],
    ) -> Option<Date> {
        count(day, n, suspended, |day| guess.is_worked(self, day))
    }

    /// The n-th day after this one that is not suspended; a day off moves it to the next worked day.
    fn rolled(&self, day: Date, n: u16, guess: Guess, suspended: &[Suspension]) -> Option<Date> {
        let end = count(day, n, suspended, |_| true)?;
        let Ok(before) = end.yesterday() else {
            return Some(end);
        };
        self.counted(before, 1, guess, suspended)
    }
}

/// How many days after the first the second is.
fn days_between(first: Date, second: Date) -> u16 {
    let days = first.duration_until(second).as_hours() / 24;
    u16::try_from(days).unwrap_or(u16::MAX)
}

/// The n-th day after this one that is not suspended and counts; the calendar's last day if it ends before.
fn count(
    from: Date,
    n: u16,
    suspended: &[Suspension],
    mut counts: impl FnMut(Date) -> bool,
) -> Option<Date> {
    let mut day = from;
    let mut left = n;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        let mut here = suspended.iter().filter(|s| s.has(day)).peekable();
        if here.peek().is_some() {
            if here.any(|s| s.to.is_none()) {
                return None;
            }
        } else if counts(day) {
            left -= 1;
        }
    }
    Some(day)
}

/// So many hours later by a clock that stops during these days.
fn hours_after(from: Instant, hours: u16, suspended: &[Suspension]) -> Option<Instant> {
    let mut spans: Vec<_> = suspended.iter().map(Suspension::span).collect();
    spans.sort_unstable();
    let mut at = from;
    let mut left = i64::from(hours) * HOUR_MS;
    for (start, end) in spans {
        if end.is_some_and(|end| end <= at) {
            continue;
        }
        let running = start.millis_since(at).max(0);
        if running >= left {
            break;
        }
        left -= running;
        at = end?.max(at);
    }
    Some(at.plus_millis(left))
}
