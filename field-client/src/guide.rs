//! What helps with a step, one tap away: what a good record of it looks like, and what each article demands.
//! Apart because checklist, guidance and gaps all lead into the law library by the same links.

use crate::html::{self, Ui};
use crate::store::{self, refs};
use rusqlite::Connection;
use shared::library;
use shared::rules::explain;
use shared::rules::procedure::{Citation, Step};
use shared::text::Lang;

/// A link to an article.
#[derive(Debug, Clone)]
pub(crate) struct Article {
    /// `行政处罚法第55条`.
    pub(crate) words: String,
    /// Its page in the law library.
    pub(crate) href: String,
    /// What it demands, if the library says.
    pub(crate) demand: String,
}

/// What helps with a step.
pub(crate) struct Guide {
    pub(crate) good: String,
    pub(crate) articles: Vec<Article>,
}

/// The page of an article.
pub(crate) fn href(citation: &Citation) -> String {
    let law = html::escape(&citation.law);
    if citation.article.is_empty() {
        format!("/field/law/{law}")
    } else {
        format!("/field/law/{law}/{}", html::escape(&citation.article))
    }
}

/// A link to an article, without what it demands.
pub(crate) fn article(lang: Lang, citation: &Citation) -> Article {
    Article {
        words: explain::citation(lang, citation),
        href: href(citation),
        demand: String::new(),
    }
}

/// The guidance of a step.
pub(crate) fn of(c: &Connection, ui: Ui, step: &Step) -> store::Result<Guide> {
    let mut articles = Vec::new();
    for citation in &step.basis {
        let law = refs::law(c, &citation.law)?;
        let found = law
            .as_ref()
            .and_then(|law| library::article(law, &citation.article));
        articles.push(Article {
            demand: found.map_or_else(String::new, |a| ui.lang.of(&a.demand).to_owned()),
            ..article(ui.lang, citation)
        });
    }
    let good = step.good.as_ref();
    Ok(Guide {
        good: good.map_or_else(String::new, |good| ui.lang.of(good).to_owned()),
        articles,
    })
}
