//! Message keys and their sentences in both languages.
//! Apart so that the rest of the program says codes and only this says words. The tables are made from `locales/` when the crate
//! is built, and the build fails if a key or a `{place}` is missing in one language.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The same words in both languages.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Bilingual {
    /// 中文.
    #[n(0)]
    pub zh: String,
    /// English.
    #[n(1)]
    pub en: String,
}

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Lang {
    /// 中文, the first.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a tag such as `en` or `zh-CN`; anything else is Chinese.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.starts_with("en") {
            Self::En
        } else {
            Self::Zh
        }
    }

    /// For the `lang` attribute.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The words of a bilingual text.
    #[must_use]
    pub fn of(self, text: &Bilingual) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }
}

/// The sentence of this key; the key itself if there is none (a test walks every key that is used).
#[must_use]
pub fn text(lang: Lang, key: &str) -> &str {
    find(lang, key).unwrap_or(key)
}

/// The sentence of this key, if there is one.
#[must_use]
pub fn find(lang: Lang, key: &str) -> Option<&'static str> {
    let at = TEXTS.binary_search_by(|(k, _, _)| (*k).cmp(key)).ok()?;
    let (_, zh, en) = TEXTS.get(at)?;
    Some(match lang {
        Lang::Zh => zh,
        Lang::En => en,
    })
}

/// The sentence of this key with its `{name}` places filled.
#[must_use]
pub fn fill(lang: Lang, key: &str, with: &[(&str, &str)]) -> String {
    let mut out = text(lang, key).to_owned();
    for (name, value) in with {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_happened_and_what_to_do() {
        for code in crate::problem::Code::ALL {
            for lang in [Lang::Zh, Lang::En] {
                let key = format!("problem.{}", code.as_str());
                assert!(find(lang, &key).is_some(), "{key}");
                assert!(find(lang, &format!("{key}.do")).is_some(), "{key}.do");
            }
        }
    }

    #[test]
    fn places_are_filled() {
        assert_eq!(
            fill(Lang::Zh, "no such key {n}", &[("n", "3")]),
            "no such key 3"
        );
    }
}
