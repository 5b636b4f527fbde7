//! Working days by the State Council's holiday notices, and the ends of time limits.
//! Apart because phone and server must count the same days, also where next year's notice is not out yet.

use crate::domain::reference::{CalendarYear, Day};
use crate::gather;
use crate::instant::{HOUR_MS, Instant};
use crate::rules::gap::Deadline;
use jiff::civil::{Date, Weekday};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod limits;
pub use limits::Suspension;

/// `SHIPPED`: year, days off, make-up days. Made by `build.rs` from `calendar/cn.toml`, the notices of 2024 to 2026,
/// cross-checked against the Python package chinesecalendar.
mod shipped {
    include!(concat!(env!("OUT_DIR"), "/calendar.rs"));
}
use shipped::SHIPPED;

/// From this day of December on, the next year's notice may still change a day: the New Year holiday of 2023 began on
/// 31 December 2022, and 29 December 2018 was a worked Saturday for the sake of New Year 2019.
const LAST_DAYS_OF_DECEMBER: i8 = 28;
/// More weekdays in a row than any holiday so far has taken (six, as at National Day 2025).
const WEEKDAYS_OFF: u32 = 8;
/// Off in every year: New Year, Labour Day and National Day (全国年节及纪念日放假办法 2).
const ALWAYS_OFF: [(i8, i8); 5] = [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)];

/// What a limit counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Unit {
    /// Clock time.
    #[n(0)]
    Hour,
    /// 工作日: 行政处罚法 85, 行政强制法 69.
    #[n(1)]
    WorkingDay,
    /// Every day; an end on a day off moves to the next working day (民事诉讼法 85).
    #[n(2)]
    CalendarDay,
    /// Months to the same day of the month, or its last one; an end on a day off moves as well.
    #[n(3)]
    Month,
}

/// A length of time in law, such as five working days.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Limit {
    /// How many.
    #[n(0)]
    pub n: u16,
    /// Of what.
    #[n(1)]
    pub unit: Unit,
}

/// A day, or the days between which it must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayRange {
    /// Not before this day.
    pub earliest: Date,
    /// Not after this day; equal to `earliest` where the calendar is known.
    pub latest: Date,
}

/// Holidays and make-up working days of the years that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, CalendarYear>,
}

/// The years that are shipped, as rows of the reference set.
#[must_use]
pub fn shipped_years() -> Vec<CalendarYear> {
    let days = |year: i16, list: &[(i8, i8)]| {
        let day = |(month, day): &(i8, i8)| Date::new(year, *month, *day).ok().map(Day);
        list.iter().filter_map(day).collect()
    };
    SHIPPED
        .iter()
        .map(|(year, holidays, workdays)| CalendarYear {
            year: *year,
            holidays: days(*year, holidays),
            workdays: days(*year, workdays),
        })
        .collect()
}

impl Calendar {
    /// The calendar of these years; a year given twice counts as the later one says.
    #[must_use]
    pub fn new(years: impl IntoIterator<Item = CalendarYear>) -> Self {
        let sorted = |mut year: CalendarYear| {
            year.holidays.sort_unstable();
            year.workdays.sort_unstable();
            (year.year, year)
        };
        Self {
            years: gather::map(years.into_iter().map(sorted)),
        }
    }

    /// The calendar of the years that are shipped.
    #[must_use]
    pub fn shipped() -> Self {
        Self::new(shipped_years())
    }

    /// Whether this day is worked; none where the notice that decides it is not known.
    #[must_use]
    pub fn is_working(&self, day: Date) -> Option<bool> {
        let year = self.years.get(&day.year())?;
        if day.month() == 12 && day.day() >= LAST_DAYS_OF_DECEMBER {
            self.years.get(&day.year().checked_add(1)?)?;
        }
        let listed = |days: &[Day]| days.binary_search(&Day(day)).is_ok();
        Some(listed(&year.workdays) || (!is_weekend(day) && !listed(&year.holidays)))
    }

    /// The last day of a limit of so many working days; the day it starts from is not counted.
    #[must_use]
    pub fn working_days_after(&self, day: Date, n: u16) -> DayRange {
        let budget = WEEKDAYS_OFF * (1 + u32::from(n) / 10);
        let mut off = budget;
        DayRange {
            earliest: nth(day, n, |d| {
                self.is_working(d).unwrap_or_else(|| !is_always_off(d))
            }),
            latest: nth(day, n, |d| {
                self.is_working(d).unwrap_or_else(|| {
                    let weekday = !is_weekend(d);
                    let spent = off == 0;
                    if weekday {
                        off = off.saturating_sub(1);
                    }
                    weekday && spent
                })
            }),
        }
    }

    /// The last day of a limit of so many calendar days; an end on a day off moves to the next working day.
    #[must_use]
    pub fn calendar_days_after(&self, day: Date, n: u16) -> DayRange {
        self.worked_from(day.saturating_add(jiff::Span::new().days(i32::from(n))))
    }

    /// The first worked day from this one on.
    fn worked_from(&self, day: Date) -> DayRange {
        self.working_days_after(day.yesterday().unwrap_or(day), 1)
    }

    /// The end of a limit that starts at this moment: 24:00 of its last day, or so many hours later.
    #[must_use]
    pub fn deadline(&self, limit: Limit, from: Instant) -> Deadline {
        let days = match limit.unit {
            Unit::Hour => {
                let at = from.plus_millis(i64::from(limit.n) * HOUR_MS);
                return Deadline {
                    earliest: at,
                    latest: at,
                };
            }
            Unit::WorkingDay => self.working_days_after(from.date(), limit.n),
            Unit::CalendarDay => self.calendar_days_after(from.date(), limit.n),
            Unit::Month => self.worked_from(months_after(from.date(), limit.n)),
        };
        to_deadline(days)
    }
}

/// 24:00 of each day.
fn to_deadline(days: DayRange) -> Deadline {
    Deadline {
        earliest: Instant::end_of(days.earliest),
        latest: Instant::end_of(days.latest),
    }
}

/// The n-th day after this one that counts; the calendar's last day if it ends before.
fn nth(from: Date, n: u16, mut counts: impl FnMut(Date) -> bool) -> Date {
    let mut day = from;
    let mut left = n;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        if counts(day) {
            left -= 1;
        }
    }
    day
}

/// The same day so many months later; the month's last day where it has none such.
fn months_after(day: Date, n: u16) -> Date {
    day.saturating_add(jiff::Span::new().months(i32::from(n)))
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn is_always_off(day: Date) -> bool {
    ALWAYS_OFF.contains(&(day.month(), day.day()))
}

#[cfg(test)]
mod tests;
