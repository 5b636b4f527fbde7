//! Reads the competencies, and sees to it that every rule belongs to exactly one.

use super::{BadData, Source, unfounded};
use crate::domain::reference::Law;
use crate::id::RuleId;
use crate::library;
use crate::rules::procedure::{Citation, Procedure};
use crate::text::Bilingual;
use crate::training::competency::{Competency, CompetencyId};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    competency: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<CompetencyId>,
    name: Bilingual,
    able: Bilingual,
    basis: Vec<Spanned<Citation>>,
    rules: Vec<Spanned<RuleId>>,
}

pub(super) fn read(
    file: &str,
    text: &str,
    laws: &[Law],
    procedures: &[Procedure],
) -> Result<Vec<Competency>, BadData> {
    let source = Source { file, text };
    let rows: File = source.parse()?;
    let known: BTreeSet<&RuleId> = procedures
        .iter()
        .flat_map(|procedure| &procedure.rules)
        .map(|rule| &rule.id)
        .collect();
    let mut given: BTreeMap<RuleId, CompetencyId> = BTreeMap::new();
    let mut out: Vec<Competency> = Vec::with_capacity(rows.competency.len());
    for row in rows.competency {
        let id = row.id.get_ref().clone();
        if out.iter().any(|other| other.id == id) {
            return Err(source.at(&row.id, format!("{id} is there twice")));
        }
        for cited in &row.basis {
            founded(&source, cited, laws)?;
        }
        for rule in &row.rules {
            let code = rule.get_ref();
            if !known.contains(code) {
                return Err(source.at(rule, format!("{code} is a rule of no procedure")));
            }
            if let Some(other) = given.insert(code.clone(), id.clone()) {
                return Err(source.at(rule, format!("{code} belongs to {other} already")));
            }
        }
        out.push(Competency {
            id,
            name: row.name,
            able: row.able,
            basis: row.basis.into_iter().map(Spanned::into_inner).collect(),
            rules: row.rules.into_iter().map(Spanned::into_inner).collect(),
        });
    }
    match known.iter().find(|rule| !given.contains_key(**rule)) {
        Some(rule) => Err(source.fault(text.len(), format!("{rule} belongs to no competency"))),
        None => Ok(out),
    }
}

fn founded(source: &Source<'_>, cited: &Spanned<Citation>, laws: &[Law]) -> Result<(), BadData> {
    let Citation { law, article } = cited.get_ref();
    let there = library::law(laws, law).filter(|found| found.to.is_none());
    match there.and_then(|found| library::article(found, article)) {
        Some(_) => Ok(()),
        None => Err(source.at(cited, unfounded(law, article))),
    }
}
