//! Reads the checklists.

use super::{BadData, Source, unfounded};
use crate::domain::reference::{CheckItem, Checklist, Law, PowerItem};
use crate::id::FieldId;
use crate::library;
use crate::text::Bilingual;
use serde::Deserialize;
use toml::Spanned;

/// An item's id leaves room for `.note` and stays short in a log that is kept for ever.
const MAX_ID: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    matter: Spanned<String>,
    version: u32,
    name: Bilingual,
    item: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<FieldId>,
    text: Bilingual,
    how: Bilingual,
    law: Spanned<String>,
    article: String,
    fault: Bilingual,
    remedy: Bilingual,
}

pub(super) fn read(
    files: &[(&str, &str)],
    laws: &[Law],
    power: &[PowerItem],
) -> Result<Vec<Checklist>, BadData> {
    let mut lists: Vec<Checklist> = Vec::with_capacity(files.len());
    for (file, text) in files {
        let source = Source { file, text };
        let file: File = source.parse()?;
        let matter = file.matter.get_ref();
        if !power.iter().any(|item| item.code == *matter) {
            return Err(source.at(&file.matter, format!("{matter} is on no power list")));
        }
        let twice = |list: &Checklist| list.matter == *matter && list.version == file.version;
        if lists.iter().any(twice) {
            return Err(source.at(&file.matter, format!("{matter} has this version twice")));
        }
        let items = items(&source, file.item, laws)?;
        lists.push(Checklist {
            matter: file.matter.into_inner(),
            version: file.version,
            name: file.name,
            items,
        });
    }
    Ok(lists)
}

fn items(source: &Source<'_>, rows: Vec<Row>, laws: &[Law]) -> Result<Vec<CheckItem>, BadData> {
    let mut items: Vec<CheckItem> = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id.get_ref();
        let plain = id
            .as_str()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || id.as_str().len() > MAX_ID {
            return Err(source.at(&row.id, format!("{id} is no id of an item")));
        }
        if items.iter().any(|item| item.id == *id) {
            return Err(source.at(&row.id, format!("{id} is there twice")));
        }
        let cited = library::law(laws, row.law.get_ref()).filter(|law| law.to.is_none());
        if cited.is_none_or(|law| library::article(law, &row.article).is_none()) {
            return Err(source.at(&row.law, unfounded(row.law.get_ref(), &row.article)));
        }
        items.push(CheckItem {
            id: row.id.into_inner(),
            text: row.text,
            how: row.how,
            law: row.law.into_inner(),
            article: row.article,
            fault: row.fault,
            remedy: row.remedy,
        });
    }
    Ok(items)
}
