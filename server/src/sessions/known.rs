//! What a session can be about: competencies with their rules, and scenarios for drills.
//! Apart so that there is one place that knows where these lists come from.

use shared::text::{Bilingual, Lang};
use std::collections::BTreeSet;

/// What an officer is able to do, and the rules whose gaps belong to it.
pub(super) struct Competency {
    pub(super) id: String,
    pub(super) name: Bilingual,
    rules: Vec<String>,
}

/// Stands for the list that is shipped, until there is one.
const LIST: [(&str, &str, &str, &[&str]); 3] = [
    (
        "K01",
        "亮证与告知",
        "Showing certificates and telling rights",
        &["R09", "R10"],
    ),
    (
        "K02",
        "检查笔录",
        "The on-site record",
        &["R12", "R13", "JC-14.missing"],
    ),
    (
        "K03",
        "告知检查结果",
        "Telling the result",
        &["R14", "JC-16.late"],
    ),
];

/// Every competency, by code.
pub(super) fn competencies() -> Vec<Competency> {
    let one = |(id, zh, en, rules): (&str, &str, &str, &[&str])| Competency {
        id: id.to_owned(),
        name: Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        },
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
    };
    LIST.into_iter().map(one).collect()
}

/// The rules of a competency; none if it is not on the list any more.
fn rules_of(competency: &str) -> Vec<String> {
    competencies()
        .into_iter()
        .find(|known| known.id == competency)
        .map_or_else(Vec::new, |known| known.rules)
}

/// The rules of several competencies.
pub(super) fn rules(competencies: &[String]) -> BTreeSet<String> {
    let rules = competencies.iter().map(|code| rules_of(code));
    rules.flatten().collect()
}

/// A competency's code and name; the code alone if it is not on the list any more.
pub(super) fn words(lang: Lang, code: &str) -> String {
    competencies()
        .iter()
        .find(|known| known.id == code)
        .map_or_else(
            || code.to_owned(),
            |known| format!("{code} {}", lang.of(&known.name)),
        )
}

/// Scenarios that a drill can play, by code. While none is shipped, a code is typed.
pub(super) const fn scenarios() -> Vec<(String, Bilingual)> {
    Vec::new()
}

/// A scenario's name; its code if it is not on the list, nothing if there is none.
pub(super) fn scenario_words(lang: Lang, code: Option<&str>) -> String {
    let Some(code) = code else {
        return String::new();
    };
    scenarios()
        .iter()
        .find(|(known, _)| known == code)
        .map_or_else(|| code.to_owned(), |(_, name)| lang.of(name).to_owned())
}
