//! Dates, ages, articles and the words of states, as the screens write them.

use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use shared::rules::procedure::Citation;
use shared::text::{self, Lang};

/// `2026年11月23日 14:32`
pub(crate) fn when(lang: Lang, at: Instant) -> String {
    format!("{} {}", day(lang, at), clock(at))
}

/// `2026年11月23日`
pub(crate) fn day(lang: Lang, at: Instant) -> String {
    let date = at.date();
    match lang {
        Lang::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Lang::En => format!("{}-{:02}-{:02}", date.year(), date.month(), date.day()),
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

/// `行政处罚法第55条、安全生产法第67条`
pub(crate) fn articles(lang: Lang, basis: &[Citation]) -> String {
    let one = |citation: &Citation| match (lang, citation.article.split_once('(')) {
        _ if citation.article.is_empty() => citation.law.clone(),
        (Lang::En, _) => format!("{} art. {}", citation.law, citation.article),
        (Lang::Zh, None) => format!("{}第{}条", citation.law, citation.article),
        (Lang::Zh, Some((article, rest))) => format!("{}第{article}条({rest}", citation.law),
    };
    let parts: Vec<String> = basis.iter().map(one).collect();
    parts.join(match lang {
        Lang::Zh => "、",
        Lang::En => "; ",
    })
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

/// Reads such a value back.
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

    #[test]
    fn articles_read_as_an_officer_writes_them() {
        let cite = |law: &str, article: &str| Citation {
            law: law.to_owned(),
            article: article.to_owned(),
        };
        let basis = [cite("行政处罚法", "55"), cite("行政处罚法", "42(1)")];
        assert_eq!(
            articles(Lang::Zh, &basis),
            "行政处罚法第55条、行政处罚法第42条(1)"
        );
    }
}
