//! Dates and ages as the screens write them, and times as forms carry them.

use shared::domain::event::Outcome;
use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use shared::rules::explain;
use shared::text::{self, Lang};

/// `2026年11月23日 14:32`
pub(crate) fn when(lang: Lang, at: Instant) -> String {
    explain::moment(lang, at)
}

/// `2026年11月23日`
pub(crate) fn day(lang: Lang, at: Instant) -> String {
    explain::day(lang, at.date())
}

/// `12月1日`, with the year if it is another one.
pub(crate) fn short_day(lang: Lang, today: jiff::civil::Date, day: jiff::civil::Date) -> String {
    if day.year() != today.year() {
        return explain::day(lang, day);
    }
    let year = format!("{}年", day.year());
    let full = explain::day(lang, day);
    match lang {
        Lang::Zh => full.trim_start_matches(&year).to_owned(),
        Lang::En => full
            .trim_end_matches(&format!(" {}", day.year()))
            .to_owned(),
    }
}

/// The message key of how a step ended.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "field.state.done",
        Outcome::NotApplicable => "field.state.na",
        Outcome::NotDone => "field.state.not-done",
    }
}

/// `14:32`
pub(crate) fn clock(at: Instant) -> String {
    let time = at.civil();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// The time of day if it is today, else with the date.
pub(crate) fn recently(lang: Lang, at: Instant, now: Instant) -> String {
    if at.date() == now.date() {
        clock(at)
    } else {
        when(lang, at)
    }
}

/// The beginning of a text, so many characters.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    let mut out: String = text.chars().take(chars).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// `3 小时`
pub(crate) fn age(lang: Lang, ms: i64) -> String {
    let (key, n) = match ms.max(0) {
        ms if ms < MINUTE_MS => return text::text(lang, "field.age.now").to_owned(),
        ms if ms < HOUR_MS => ("field.age.minutes", ms / MINUTE_MS),
        ms if ms < DAY_MS => ("field.age.hours", ms / HOUR_MS),
        ms => ("field.age.days", ms / DAY_MS),
    };
    text::fill(lang, key, &[("n", &n.to_string())])
}

/// The value of `<input type="datetime-local">`, Beijing time.
pub(crate) fn local_input(at: Instant) -> String {
    let civil = at.civil();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute()
    )
}

/// The value of `<input type="date">`, Beijing time.
pub(crate) fn day_input(at: Instant) -> String {
    let day = at.date();
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

/// Reads such a day back: the moment at which it begins.
pub(crate) fn parse_day(value: &str) -> Option<Instant> {
    let day = value.parse::<jiff::civil::Date>().ok()?;
    Some(day_start(day))
}

/// The moment at which a day begins.
pub(crate) fn day_start(day: jiff::civil::Date) -> Instant {
    Instant::from_civil(day.at(0, 0, 0, 0))
}

/// Reads a time of a form back.
pub(crate) fn parse_local(value: &str) -> Option<Instant> {
    value
        .parse::<jiff::civil::DateTime>()
        .ok()
        .map(Instant::from_civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_typed_is_the_time_read() {
        let at = Instant::from_millis(1_795_000_000_000);
        let typed = local_input(at);
        assert_eq!(parse_local(&typed).map(local_input), Some(typed));
        assert_eq!(parse_local("昨天"), None);
    }
}
