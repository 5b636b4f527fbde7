//! How articles are written: `42(1)` in citations, `第四十二条第一款` in statutes and in what people type.
//! Apart because search and import must read the same numerals.

/// No statute has more articles than this; a larger number is something else, such as a year.
const MAX_ARTICLE: u32 = 1999;

/// A number of a statute: Chinese numerals up to 一千九百九十九, or digits.
#[must_use]
pub fn number(text: &str) -> Option<u32> {
    let value = if text.starts_with(|c: char| c.is_ascii_digit()) {
        text.parse().ok()?
    } else {
        chinese(text)?
    };
    (1..=MAX_ARTICLE).contains(&value).then_some(value)
}

fn chinese(text: &str) -> Option<u32> {
    let mut total = 0;
    let mut digit = None;
    let mut above = u32::MAX;
    for c in text.chars() {
        if let Some(value) = "一二三四五六七八九".chars().position(|d| d == c) {
            if digit.is_some() {
                return None;
            }
            digit = Some(u32::try_from(value).ok()? + 1);
        } else if matches!(c, '零' | '〇') {
            if digit.is_some() || total == 0 {
                return None;
            }
        } else {
            let unit = match c {
                '千' => 1000,
                '百' => 100,
                '十' => 10,
                _ => return None,
            };
            if unit >= above {
                return None;
            }
            // 十二 and 一百十二 leave out the one.
            let leading = if unit == 10 { digit.or(Some(1)) } else { digit };
            total += leading? * unit;
            digit = None;
            above = unit;
        }
    }
    let value = total + digit.unwrap_or(0);
    (value > 0).then_some(value)
}

/// A line's `第…条` and what follows it.
#[must_use]
pub fn heading(line: &str) -> Option<(u32, &str)> {
    let (numeral, rest) = line.strip_prefix('第')?.split_once('条')?;
    Some((number(numeral)?, rest))
}

/// The article that a word names: `55`, `42(1)`, `第四十二条第一款`, `五十五条`.
#[must_use]
pub fn cited(word: &str) -> Option<String> {
    if word.starts_with(|c: char| c.is_ascii_digit()) && !word.contains('条') {
        return parts(word).map(|_| word.to_owned());
    }
    let (first, mut rest) = word.strip_prefix('第').unwrap_or(word).split_once('条')?;
    let mut article = number(first)?.to_string();
    while !rest.is_empty() {
        let (part, after) = rest.strip_prefix('第')?.split_once(['款', '项'])?;
        article.push_str(&format!("({})", number(part)?));
        rest = after;
    }
    Some(article)
}

/// The numbers of `42(1)(3)`, for order and comparison; empty for a document without articles.
#[must_use]
pub fn parts(article: &str) -> Option<Vec<u32>> {
    if article.is_empty() {
        return Some(Vec::new());
    }
    let (first, rest) = article.split_at(article.find('(').unwrap_or(article.len()));
    let mut numbers = vec![digits(first)?];
    let mut rest = rest;
    while !rest.is_empty() {
        let (part, after) = rest.strip_prefix('(')?.split_once(')')?;
        numbers.push(digits(part)?);
        rest = after;
    }
    Some(numbers)
}

fn digits(text: &str) -> Option<u32> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| number(text))?
}

/// Whether `inner` is this very article or a paragraph or item of it: `60(1)(3)` lies within `60`.
#[must_use]
pub fn within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || (rest.starts_with('(') && !outer.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read() {
        for (text, value) in [
            ("一", 1),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("五十五", 55),
            ("一百", 100),
            ("一百零五", 105),
            ("一百一十", 110),
            ("一千零五十七", 1057),
            ("一千二百四十二", 1242),
            ("1242", 1242),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in [
            "", "零", "一二", "十百", "百", "二千", "三人", "0", "5a", "九九",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn what_people_type_is_an_article() {
        for (typed, article) in [
            ("55", "55"),
            ("60(1)(3)", "60(1)(3)"),
            ("第五十五条", "55"),
            ("五十五条", "55"),
            ("第55条", "55"),
            ("第四十二条第一款", "42(1)"),
            ("第六十条第一款第三项", "60(1)(3)"),
        ] {
            assert_eq!(cited(typed).as_deref(), Some(article), "{typed}");
        }
        for typed in ["第三人", "条", "54号", "42(", "42()", "2024", "消防"] {
            assert_eq!(cited(typed), None, "{typed}");
        }
    }

    #[test]
    fn paragraphs_lie_within_their_article() {
        assert!(within("60(1)(3)", "60"));
        assert!(within("60(1)(3)", "60(1)"));
        assert!(within("60", "60"));
        assert!(!within("60", "6"));
        assert!(!within("60", "60(1)"));
        assert!(!within("60", ""));
        assert!(within("", ""));
    }

    #[test]
    fn a_heading_is_told_from_text() {
        assert_eq!(heading("第五条　为了"), Some((5, "　为了")));
        assert_eq!(heading("第一章　总则"), None);
        assert_eq!(heading("第三人提出的条件"), None);
    }
}
