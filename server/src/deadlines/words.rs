//! Limits in the words of an office: the day that is ending, and the working days that are left until then.
//! Apart because a limit ends at 24:00 of a day, which a clock calls the next one, and because nobody knows next year's holidays yet.

use crate::html::month;
use jiff::civil::Date;
use shared::instant::Instant;
use shared::rules::calendar::Calendar;
use shared::rules::gap::Deadline;
use shared::text::{Lang, fill};
use std::collections::BTreeMap;

/// Working days are not counted beyond this many days.
const MOST_DAYS: i32 = 400;

/// The last day of a limit, and the time of day if it does not end with the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    day: Date,
    /// Hour and minute.
    clock: Option<(i8, i8)>,
}

impl End {
    fn of(at: Instant) -> Self {
        let day = last_day(at);
        let civil = at.civil();
        Self {
            day,
            clock: (Instant::end_of(day) != at).then(|| (civil.hour(), civil.minute())),
        }
    }
}

/// The day that a limit ends with: 24:00 of a day belongs to it.
pub(super) fn last_day(at: Instant) -> Date {
    at.plus_millis(-1).date()
}

/// Says limits as of a moment; remembers what it counted.
pub(super) struct Counter<'a> {
    lang: Lang,
    calendar: &'a Calendar,
    now: Instant,
    left: BTreeMap<Date, Option<i32>>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(lang: Lang, calendar: &'a Calendar, now: Instant) -> Self {
        Self {
            lang,
            calendar,
            now,
            left: BTreeMap::new(),
        }
    }

    /// Working days after today through this day, or after this day through today if it is past; none where they are not known.
    fn working_days(&mut self, day: Date) -> Option<i32> {
        let today = self.now.date();
        let calendar = self.calendar;
        *self.left.entry(day).or_insert_with(|| {
            let (after, until) = if day < today {
                (day, today)
            } else {
                (today, day)
            };
            if after.until(until).ok()?.get_days() > MOST_DAYS {
                return None;
            }
            let mut at = after;
            let mut count = 0;
            while at < until {
                at = at.tomorrow().ok()?;
                count += i32::from(calendar.is_working(at)?);
            }
            Some(count)
        })
    }

    /// `11月25日`, `2027年1月5日`, `11月25日 14:32`.
    fn end(&self, end: End) -> String {
        let (year, number, day) = (end.day.year(), end.day.month(), end.day.day());
        let this_year = year == self.now.date().year();
        let mut words = match (self.lang, this_year) {
            (Lang::Zh, true) => format!("{number}月{day}日"),
            (Lang::Zh, false) => format!("{year}年{number}月{day}日"),
            (Lang::En, true) => format!("{day} {}", month(number)),
            (Lang::En, false) => format!("{day} {} {year}", month(number)),
        };
        if let Some((hour, minute)) = end.clock {
            words.push_str(&format!(" {hour:02}:{minute:02}"));
        }
        words
    }

    /// The limit's last day, or the two between which it lies.
    pub(super) fn day(&self, limit: Deadline) -> String {
        let (first, last) = (End::of(limit.earliest), End::of(limit.latest));
        if first == last {
            self.end(last)
        } else {
            format!("{}–{}", self.end(first), self.end(last))
        }
    }

    /// What is left of a limit, or how long it is over.
    pub(super) fn left(&mut self, limit: Deadline) -> String {
        let over = limit.latest < self.now;
        let days = self.day(limit);
        if limit.earliest != limit.latest {
            let key = match (over, limit.earliest < self.now) {
                (true, _) => "console.due.over-between",
                (false, true) => "console.due.perhaps-over",
                (false, false) => "console.due.between",
            };
            return self.say(key, &days, None);
        }
        let end = End::of(limit.latest);
        if end.day == self.now.date() {
            let key = if over {
                "console.due.over-today"
            } else {
                "console.due.ends-today"
            };
            return self.say(key, &days, None);
        }
        let n = self.working_days(end.day);
        let key = match (over, n) {
            (true, None | Some(0)) => "console.due.over-on",
            (true, Some(_)) => "console.due.over-days",
            (false, None) => "console.due.ends-on",
            (false, Some(_)) => "console.due.left",
        };
        self.say(key, &days, n)
    }

    fn say(&self, key: &str, day: &str, n: Option<i32>) -> String {
        let n = n.map_or_else(String::new, |n| n.to_string());
        fill(self.lang, key, &[("day", day), ("n", &n)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use shared::rules::calendar::{Limit, Unit};

    fn at(day: Date, hour: i8, minute: i8) -> Instant {
        Instant::from_civil(day.at(hour, minute, 0, 0))
    }

    fn until(day: Date) -> Deadline {
        let end = Instant::end_of(day);
        Deadline {
            earliest: end,
            latest: end,
        }
    }

    fn said(now: Instant, limit: Deadline) -> String {
        Counter::new(Lang::Zh, &Calendar::shipped(), now).left(limit)
    }

    #[test]
    fn the_day_is_the_one_that_ends() {
        // Monday.
        let now = at(date(2026, 11, 23), 9, 0);
        assert_eq!(said(now, until(date(2026, 11, 23))), "今天到期（11月23日）");
        assert_eq!(
            said(now, until(date(2026, 11, 25))),
            "还剩 2 个工作日，11月25日到期"
        );
        // Saturday and Sunday are no working days.
        assert_eq!(
            said(now, until(date(2026, 11, 30))),
            "还剩 5 个工作日，11月30日到期"
        );
        assert_eq!(
            said(now, until(date(2026, 11, 20))),
            "已超期 1 个工作日，11月20日到期"
        );
        // At 23:59 it is still the day, at 24:00 it is over.
        let last = at(date(2026, 11, 25), 23, 59);
        assert_eq!(
            said(last, until(date(2026, 11, 25))),
            "今天到期（11月25日）"
        );
        let midnight = Instant::end_of(date(2026, 11, 25)).plus_millis(1);
        assert_eq!(
            said(midnight, until(date(2026, 11, 25))),
            "已超期 1 个工作日，11月25日到期"
        );
        let saturday = at(date(2026, 11, 21), 10, 0);
        assert_eq!(
            said(saturday, until(date(2026, 11, 20))),
            "已超期，11月20日到期"
        );
    }

    #[test]
    fn holidays_and_make_up_days_are_counted_as_the_notice_says() {
        // National Day 2026: off from 1 to 7 October, worked on Sunday 20 September and Saturday 10 October.
        let now = at(date(2026, 9, 30), 9, 0);
        assert_eq!(
            said(now, until(date(2026, 10, 10))),
            "还剩 3 个工作日，10月10日到期"
        );
    }

    #[test]
    fn hours_say_the_time_of_day() {
        let now = at(date(2026, 11, 23), 9, 0);
        let end = at(date(2026, 11, 24), 14, 32);
        let hours = Deadline {
            earliest: end,
            latest: end,
        };
        assert_eq!(said(now, hours), "还剩 1 个工作日，11月24日 14:32到期");
        let later = at(date(2026, 11, 24), 9, 0);
        assert_eq!(said(later, hours), "今天到期（11月24日 14:32）");
        let after = at(date(2026, 11, 24), 15, 0);
        assert_eq!(said(after, hours), "今天已超期（11月24日 14:32）");
    }

    #[test]
    fn where_the_calendar_ends_a_limit_is_a_range_and_no_days_are_counted() {
        let calendar = Calendar::shipped();
        let from = at(date(2026, 12, 25), 9, 0);
        let limit = Limit {
            n: 5,
            unit: Unit::WorkingDay,
        };
        let limit = calendar.deadline(limit, from);
        assert!(limit.earliest < limit.latest, "{limit:?}");
        let words = said(from, limit);
        let range = format!(
            "2027年1月{}日–2027年1月{}日",
            last_day(limit.earliest).day(),
            last_day(limit.latest).day()
        );
        assert_eq!(words, format!("{range}之间到期"));
        let between = limit.earliest.plus_millis(1);
        assert!(said(between, limit).starts_with("可能已到期"));
        assert!(said(limit.latest.plus_millis(1), limit).starts_with("已超期"));
        // A certain day beyond what is known: the day alone.
        let far = until(date(2027, 3, 1));
        assert_eq!(said(from, far), "2027年3月1日到期");
    }
}
