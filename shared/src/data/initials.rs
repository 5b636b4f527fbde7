//! First letters of pinyin (拼音首字母). Apart because the table behind it is large and only the native side has it.

use pinyin::ToPinyin;

/// Words whose letters are read otherwise than one by one.
const READINGS: [(&str, &str); 3] = [("调解", "tj"), ("畜禽", "xq"), ("重大", "zd")];

/// First letters of a name, such as `xzcff`; Latin letters and figures as they are, marks left out.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut letters = String::new();
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        if let Some((word, read)) = READINGS.iter().find(|(word, _)| rest.starts_with(word)) {
            letters.push_str(read);
            rest = rest.strip_prefix(word).unwrap_or_default();
            continue;
        }
        if c.is_ascii_alphanumeric() {
            letters.push(c.to_ascii_lowercase());
        } else if let Some(first) = c.to_pinyin().and_then(|read| read.plain().chars().next()) {
            letters.push(first);
        }
        rest = rest.strip_prefix(c).unwrap_or_default();
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_that_people_type() {
        for (name, letters) in [
            ("行政处罚法", "xzcff"),
            ("人民调解法", "rmtjf"),
            ("畜禽规模养殖污染防治条例", "xqgmyzwrfztl"),
            ("重大行政决策程序暂行条例", "zdxzjccxzxtl"),
            ("国办发〔2024〕54号", "gbf202454h"),
            ("Ab c", "abc"),
        ] {
            assert_eq!(initials(name), letters);
        }
    }
}
