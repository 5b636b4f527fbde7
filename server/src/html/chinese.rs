//! Chinese names on a page in another language: each run of Chinese characters is marked as Chinese, so that it is read aloud
//! and drawn as such (WCAG 2.2, 3.1.2).
//! Apart because it is done to the finished page: names, titles and free words stand on every page and in every place.

/// Elements whose content is text alone.
const PLAIN: [&str; 5] = ["option", "script", "style", "textarea", "title"];

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What may stand between ideographs: the punctuation of Chinese, and full-width forms.
const fn is_between(c: char) -> bool {
    is_ideograph(c) || matches!(c, '\u{2e80}'..='\u{33ff}' | '\u{ff00}'..='\u{ffef}')
}

/// The length of the run of Chinese at the beginning of this text. Bytes.
fn run(text: &str) -> usize {
    let long = text.find(|c| !is_between(c)).unwrap_or(text.len());
    let run = text.get(..long).unwrap_or_default();
    if run.contains(is_ideograph) { long } else { 0 }
}

fn words(out: &mut String, mut text: &str) {
    while let Some(start) = text.find(is_between) {
        let (before, rest) = text.split_at(start);
        out.push_str(before);
        let (chinese, rest) = rest.split_at(run(rest));
        if chinese.is_empty() {
            let other = rest.find(|c| !is_between(c)).unwrap_or(rest.len());
            let (punctuation, rest) = rest.split_at(other);
            out.push_str(punctuation);
            text = rest;
        } else {
            out.push_str("<span lang=\"zh-CN\">");
            out.push_str(chinese);
            out.push_str("</span>");
            text = rest;
        }
    }
    out.push_str(text);
}

/// The name of the element that this tag opens.
fn opened(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
    tag.get(..end.unwrap_or(tag.len())).unwrap_or_default()
}

/// The page with every run of Chinese marked. `page` is well-formed: `<` begins a tag and nothing else.
pub(super) fn mark(page: &str) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 4);
    let mut parts = page.split('<');
    words(&mut out, parts.next().unwrap_or_default());
    for part in parts {
        out.push('<');
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        out.push_str(tag);
        if part.len() > tag.len() {
            out.push('>');
        }
        if PLAIN.contains(&opened(tag)) {
            out.push_str(text);
        } else {
            words(&mut out, text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_marked_and_nothing_else() {
        let page = "<p title=\"张伟\">Done by 张伟（示例）, at 云溪镇、柳河镇.</p><option>张伟</option><b>，</b>李娜";
        let expected = "<p title=\"张伟\">Done by <span lang=\"zh-CN\">张伟（示例）</span>, at \
                        <span lang=\"zh-CN\">云溪镇、柳河镇</span>.</p><option>张伟</option><b>，</b>\
                        <span lang=\"zh-CN\">李娜</span>";
        assert_eq!(mark(page), expected);
        for same in ["", "plain", "<p>a &#60; b</p>", "<title>程序</title>"] {
            assert_eq!(mark(same), same);
        }
    }
}
