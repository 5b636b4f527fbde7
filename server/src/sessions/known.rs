//! What a session can be about: competencies with their rules, and scenarios for drills.
//! Apart so that there is one place that knows where these lists come from.

use crate::store::{self, ReadTx, refs};
use shared::domain::reference::RefSet;
use shared::rules::procedure::Procedure;
use shared::text::{Bilingual, Lang, find};
use shared::training::competency::Competencies;
use std::collections::BTreeSet;

/// The competencies of every procedure that the office has.
pub(super) fn competencies(
    tx: &ReadTx<'_>,
) -> Result<(Competencies, Vec<Procedure>), store::Error> {
    let procedures: Vec<Procedure> = refs::all(tx, RefSet::Procedures)?;
    let all = Competencies::of(&procedures)
        .map_err(|_| store::Error::Corrupt("a rule of two competencies"))?;
    Ok((all, procedures))
}

/// The rules of several competencies.
pub(super) fn rules(all: &Competencies, codes: &[String]) -> BTreeSet<String> {
    let rules = codes.iter().flat_map(|code| all.rules_of(code));
    rules.map(str::to_owned).collect()
}

/// A competency's name; its code if it has none any more.
pub(super) fn words(lang: Lang, code: &str) -> String {
    find(lang, &format!("competency.{code}"))
        .unwrap_or(code)
        .to_owned()
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
