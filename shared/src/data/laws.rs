//! Reads the law library.

use super::{BadData, Source, day, initials};
use crate::domain::reference::{Law, LawArticle};
use crate::library::notation;
use crate::rules::procedure::Confidence;
use crate::text::Bilingual;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    law: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<String>,
    name: Bilingual,
    number: String,
    #[serde(deserialize_with = "day::option")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "day::option")]
    to: Option<Date>,
    article: Vec<ArticleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArticleRow {
    article: Spanned<String>,
    demand: Bilingual,
    confidence: Confidence,
}

pub(super) fn read(files: &[(&str, &str)]) -> Result<Vec<Law>, BadData> {
    let mut laws = Vec::new();
    let mut names = BTreeSet::new();
    for (file, text) in files {
        let source = Source { file, text };
        for row in source.parse::<File>()?.law {
            if !names.insert(row.id.get_ref().clone()) {
                return Err(source.at(&row.id, format!("{} is there twice", row.id.get_ref())));
            }
            laws.push(law(&source, row)?);
        }
    }
    Ok(laws)
}

fn law(source: &Source<'_>, row: Row) -> Result<Law, BadData> {
    if row.to < row.from && row.to.is_some() {
        return Err(source.at(&row.id, "it ends before it begins"));
    }
    let mut articles: Vec<LawArticle> = Vec::with_capacity(row.article.len());
    for entry in row.article {
        let number = entry.article.get_ref();
        if notation::parts(number).is_none() {
            return Err(source.at(&entry.article, format!("{number:?} is no article")));
        }
        if articles.iter().any(|known| known.article == *number) {
            return Err(source.at(&entry.article, format!("article {number} is there twice")));
        }
        if entry.demand.zh.is_empty() || entry.demand.en.is_empty() {
            return Err(source.at(&entry.article, format!("article {number} demands nothing")));
        }
        articles.push(LawArticle {
            article: entry.article.into_inner(),
            demand: entry.demand,
            confidence: letter(entry.confidence).to_owned(),
            official: None,
        });
    }
    articles.sort_by_cached_key(|entry| notation::parts(&entry.article));
    Ok(Law {
        initials: initials(row.id.get_ref()),
        id: row.id.into_inner(),
        name: row.name,
        number: row.number,
        from: row.from,
        to: row.to,
        articles,
    })
}

const fn letter(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::V => "V",
        Confidence::W => "W",
        Confidence::K => "K",
        Confidence::D => "D",
    }
}
