//! The offline law library (法律库): finding what a law demands, by word, article or initials, with no network.
//! Apart because officers look things up on site, on phone and console alike; everything here is pure.

use crate::domain::reference::{Law, LawArticle};
use crate::rules::procedure::{Citation, Procedure};

pub mod import;
pub mod notation;
mod search;

pub use search::{Hit, Rank, search};

/// The law of this name: short as citations write it, or in full.
#[must_use]
pub fn law<'a>(laws: &'a [Law], name: &str) -> Option<&'a Law> {
    laws.iter()
        .find(|law| law.id == name)
        .or_else(|| laws.iter().find(|law| law.name.zh == name))
}

/// What the library has for this article: itself, else the article that it is a paragraph of, else its first paragraph.
#[must_use]
pub fn article<'a>(law: &'a Law, cited: &str) -> Option<&'a LawArticle> {
    let around = law
        .articles
        .iter()
        .filter(|entry| notation::within(cited, &entry.article))
        .max_by_key(|entry| entry.article.len());
    around.or_else(|| {
        law.articles
            .iter()
            .find(|entry| notation::within(&entry.article, cited))
    })
}

/// Citations of a procedure, steps and rules alike, that lead to no article of a law that is still in force.
#[must_use]
pub fn unfounded(laws: &[Law], procedure: &Procedure) -> Vec<Citation> {
    let steps = procedure.steps.iter().flat_map(|step| &step.basis);
    let rules = procedure.rules.iter().flat_map(|rule| &rule.basis);
    steps
        .chain(rules)
        .filter(|citation| {
            law(laws, &citation.law)
                .is_none_or(|law| law.to.is_some() || article(law, &citation.article).is_none())
        })
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    #[test]
    fn a_citation_finds_what_is_nearest() {
        let laws = data::laws().unwrap();
        let find = |name: &str, cited: &str| {
            article(law(&laws, name)?, cited).map(|found| found.article.clone())
        };
        for (name, cited, found) in [
            ("行政处罚法", "55", Some("55")),
            ("中华人民共和国行政处罚法", "42(1)", Some("42")),
            ("消防法", "60(1)(3)", Some("60")),
            ("生态环境法典", "1131(3)", Some("1131(3)")),
            ("生态环境法典", "1131", Some("1131(1)")),
            ("生态环境法典", "1131(2)", None),
            ("行政处罚法", "5", Some("5")),
            ("行政处罚法", "", None),
            ("行政处罚法", "999", None),
            ("国办发〔2024〕54号", "", Some("")),
            ("国办发〔2024〕54号", "1", None),
            ("无此法", "1", None),
        ] {
            assert_eq!(find(name, cited).as_deref(), found, "{name} {cited}");
        }
    }
}
