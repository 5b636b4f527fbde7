//! How documents write times, days, articles and names of laws: as officials do, and to the minute.

use crate::domain::reference::Basis;
use crate::instant::Instant;
use jiff::civil::Date;

/// `2026年11月23日14时32分`
pub(super) fn minute(at: Instant) -> String {
    let civil = at.civil();
    let (hour, minute) = (civil.hour(), civil.minute());
    format!("{}{hour}时{minute:02}分", day(civil.date()))
}

/// `2026年11月23日`
pub(super) fn day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// A span of one visit: the date is written once where it is the same day.
pub(super) fn span(start: Option<Instant>, end: Option<Instant>) -> String {
    match (start, end) {
        (None, None) => String::new(),
        (Some(start), None) => format!("{}至　　时　　分", minute(start)),
        (None, Some(end)) => format!("　　时　　分至{}", minute(end)),
        (Some(start), Some(end)) if start.date() == end.date() => {
            let civil = end.civil();
            let (hour, minutes) = (civil.hour(), civil.minute());
            format!("{}至{hour}时{minutes:02}分", minute(start))
        }
        (Some(start), Some(end)) => format!("{}至{}", minute(start), minute(end)),
    }
}

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A number below 10,000 in Chinese, as articles are counted: `二十八`, `一百零二`, `一千一百三十一`.
fn numeral(number: u32) -> String {
    const UNITS: [(u32, &str); 4] = [(1_000, "千"), (100, "百"), (10, "十"), (1, "")];
    let digit = |n: u32| DIGITS.get(n as usize).copied().unwrap_or_default();
    let mut out = String::new();
    let mut gap = false;
    for (size, unit) in UNITS {
        let here = number / size % 10;
        if here == 0 {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push('零');
        }
        gap = false;
        if !(here == 1 && size == 10 && out.is_empty()) {
            out.push_str(digit(here));
        }
        out.push_str(unit);
    }
    out
}

/// `60(1)(3)` as `第六十条第一款第（三）项`. Empty brackets skip the paragraph: `99()(8)` is `第九十九条第（八）项`.
pub(super) fn article(article: &str) -> String {
    let mut parts = article
        .split(['(', '（', ')', '）'])
        .map(str::trim)
        .enumerate()
        .filter(|(at, part)| at % 2 == 1 || !part.is_empty())
        .map(|(_, part)| part);
    let Some(first) = parts.next() else {
        return String::new();
    };
    let Some(number) = first.parse().ok().filter(|n| (1..10_000).contains(n)) else {
        // What is not a number is a title within a document, and is cited as it stands.
        return article.to_owned();
    };
    let mut out = format!("第{}条", numeral(number));
    for (level, part) in parts.enumerate() {
        let Ok(number) = part.parse::<u32>() else {
            continue;
        };
        match level {
            0 => out.push_str(&format!("第{}款", numeral(number))),
            _ => out.push_str(&format!("第（{}）项", numeral(number))),
        }
    }
    out
}

/// The full titles that do not follow from the short name.
const TITLES: [(&str, &str); 4] = [
    (
        "行诉解释",
        "《最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释》",
    ),
    (
        "行政诉讼证据规定",
        "《最高人民法院关于行政诉讼证据若干问题的规定》",
    ),
    (
        "国办发〔2024〕54号",
        "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）",
    ),
    (
        "河南省实施《渔业法》办法",
        "《河南省实施〈中华人民共和国渔业法〉办法》",
    ),
];

/// The full title of a law in its brackets. Laws of the state are cited by their short name everywhere in this project;
/// their full title begins with the country's name.
pub(super) fn law(short: &str) -> String {
    if let Some((_, title)) = TITLES.iter().find(|(id, _)| *id == short) {
        return (*title).to_owned();
    }
    let bare = short.trim_start_matches('《').trim_end_matches('》');
    let of_the_state = bare.ends_with('法') || bare.ends_with("法典");
    if of_the_state && !bare.starts_with("中华人民共和国") {
        format!("《中华人民共和国{bare}》")
    } else {
        format!("《{bare}》")
    }
}

/// `《中华人民共和国消防法》第二十八条`
pub(super) fn citation(short: &str, cited: &str) -> String {
    format!("{}{}", law(short), article(cited))
}

/// These articles of the bases, each once and in order; where a basis names none, nothing.
#[must_use]
pub fn cited<'a>(
    bases: impl IntoIterator<Item = &'a Basis>,
    of: fn(&Basis) -> &str,
) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for basis in bases {
        let words = citation(&basis.law, of(basis));
        if !of(basis).is_empty() && !out.contains(&words) {
            out.push(words);
        }
    }
    out
}

/// The lines of a text that say something, without the numbers that people put before them.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            let bare = line.trim();
            let rest = bare
                .trim_start_matches(['（', '('])
                .trim_start_matches(|c: char| c.is_ascii_digit());
            let marked = rest.strip_prefix(['.', '、', '．', '）', ')']);
            let numbered = rest.len() < bare.len()
                && bare.starts_with(['（', '(', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
            match marked {
                Some(rest) if numbered => rest.trim().to_owned(),
                _ => bare.to_owned(),
            }
        })
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_article_is_named_once_however_many_sanctions_follow() {
        let basis = |penalises: &str| Basis {
            law: "消防法".to_owned(),
            prohibits: "28".to_owned(),
            penalises: penalises.to_owned(),
            from: None,
            to: None,
        };
        let bases = [basis("60(1)(3)"), basis("60(2)"), basis("")];
        let article = |number: &str| citation("消防法", number);
        assert_eq!(cited(&bases, |basis| &basis.prohibits), [article("28")]);
        assert_eq!(
            cited(&bases, |basis| &basis.penalises),
            [article("60(1)(3)"), article("60(2)")]
        );
    }

    #[test]
    fn articles_are_written_in_full() {
        for (given, expected) in [
            ("28", "第二十八条"),
            ("28(1)", "第二十八条第一款"),
            ("60(1)(3)", "第六十条第一款第（三）项"),
            ("99()(8)", "第九十九条第（八）项"),
            ("10", "第十条"),
            ("102", "第一百零二条"),
            ("110", "第一百一十条"),
            ("1131(1)", "第一千一百三十一条第一款"),
            ("1001", "第一千零一条"),
            ("", ""),
            ("附件二", "附件二"),
        ] {
            assert_eq!(article(given), expected, "{given}");
        }
    }

    #[test]
    fn laws_have_their_full_title() {
        for (given, expected) in [
            ("消防法", "《中华人民共和国消防法》"),
            ("生态环境法典", "《中华人民共和国生态环境法典》"),
            ("河南省消防条例", "《河南省消防条例》"),
            ("城镇燃气管理条例", "《城镇燃气管理条例》"),
        ] {
            assert_eq!(law(given), expected);
        }
    }

    #[test]
    fn times_are_to_the_minute() {
        let at = |hour, minute| Instant::from_civil(date(2026, 11, 23).at(hour, minute, 0, 0));
        assert_eq!(minute(at(9, 5)), "2026年11月23日9时05分");
        assert_eq!(
            span(Some(at(9, 5)), Some(at(10, 30))),
            "2026年11月23日9时05分至10时30分"
        );
    }

    #[test]
    fn numbers_before_lines_are_dropped() {
        assert_eq!(
            lines("1. 清理通道\n（2）补齐标志\n\n3个灭火器更换\n12、培训"),
            ["清理通道", "补齐标志", "3个灭火器更换", "培训"]
        );
    }
}
