//! Orders to correct that run out: when, and how many working days are left.

use crate::desk::Desk;
use crate::html::Ui;
use crate::say;
use crate::store::{self, records, refs};
use jiff::civil::{Date, Weekday};
use rusqlite::Connection;
use shared::instant::Instant;
use shared::rules::calendar::Calendar;

/// Orders on the home screen.
const ON_HOME: u64 = 20;
/// No order runs longer than this; further ahead days are not counted.
const MAX_DAYS: usize = 400;

/// An order to correct on the home screen.
pub(crate) struct Row {
    pub(crate) record: String,
    pub(crate) title: String,
    /// `12月1日到期，还剩 3 个工作日`
    pub(crate) due: String,
    /// The day is over.
    pub(crate) over: bool,
}

/// My open orders, the soonest first.
pub(crate) fn rows(c: &Connection, desk: &Desk) -> store::Result<Vec<Row>> {
    let lines = records::due(c, ON_HOME)?;
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let calendar = refs::calendar(c)?;
    let today = desk.now().date();
    let rows = lines.iter().filter_map(|line| {
        let due = line.due?;
        Some(Row {
            record: line.record.to_string(),
            title: line.subject.clone(),
            due: words(desk.ui, &calendar, today, due),
            over: due.date() < today,
        })
    });
    Ok(rows.collect())
}

/// When it runs out. The count is left out where the calendar does not reach that far.
pub(crate) fn words(ui: Ui, calendar: &Calendar, today: Date, due: Instant) -> String {
    let day = due.date();
    let shown = say::short_day(ui.lang, today, day);
    if day < today {
        return ui.f("field.follow.due.over", "day", shown);
    }
    if day == today {
        return ui.t("field.follow.due.today").to_owned();
    }
    match left(calendar, today, day) {
        Some(n) => {
            let rest = ui.f("field.follow.due.left", "n", n);
            format!("{}{rest}", ui.f("field.follow.due", "day", shown))
        }
        None => ui.f("field.follow.due", "day", shown),
    }
}

/// Working days after today, up to and with this day; none where a notice that decides one of them is not known.
fn left(calendar: &Calendar, today: Date, day: Date) -> Option<usize> {
    let mut left = 0;
    let mut at = today;
    for _ in 0..MAX_DAYS {
        if at >= day {
            return Some(left);
        }
        at = at.tomorrow().ok()?;
        let weekend = matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday);
        match calendar.is_working(at) {
            Some(works) => left += usize::from(works),
            // Only a weekend is not decided by a notice that is not there yet; it hardly ever is worked.
            None if weekend => {}
            None => return None,
        }
    }
    None
}
