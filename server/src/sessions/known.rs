//! What a session can be about: competencies with their rules, and scenarios for drills.
//! Apart so that there is one place that knows where these lists come from.

use crate::shipped;
use shared::text::{Bilingual, Lang};
use std::collections::BTreeSet;

/// The rules of several competencies.
pub(super) fn rules(codes: &[String]) -> BTreeSet<String> {
    let all = shipped::competencies();
    let known = codes.iter().filter_map(|code| all.get(code));
    let rules = known.flat_map(|one| &one.rules);
    rules.map(ToString::to_string).collect()
}

/// A competency's name; its code if it has none any more.
pub(super) fn words(lang: Lang, code: &str) -> String {
    let known = shipped::competencies().get(code);
    known.map_or_else(|| code.to_owned(), |one| lang.of(&one.name).to_owned())
}

/// Every competency, by code.
pub(super) fn codes() -> BTreeSet<&'static str> {
    let all = shipped::competencies().all().iter();
    all.map(|one| one.id.as_str()).collect()
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
