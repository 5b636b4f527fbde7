//! Texts: the same files, keys and placeholders in both languages.
//! Apart because nothing on a screen may be in one language only, and a missing key is seen by an officer first.

use super::{File, Finding};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

const CHINESE: &str = "shared/locales/zh-CN/";
const ENGLISH: &str = "shared/locales/en/";

type Texts = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(files: &[File], findings: &mut Vec<Finding>) -> Result<()> {
    let (chinese, english) = (read(files, CHINESE)?, read(files, ENGLISH)?);
    let names: BTreeSet<&String> = chinese.keys().chain(english.keys()).collect();
    let none = Texts::new();
    for name in names {
        let zh = chinese.get(name).unwrap_or(&none);
        let en = english.get(name).unwrap_or(&none);
        compare(&format!("{CHINESE}{name}"), en, zh, findings);
        compare(&format!("{ENGLISH}{name}"), zh, en, findings);
    }
    Ok(())
}

/// What `there` has and `here` has not; placeholders are compared once, on the English side.
fn compare(path: &str, there: &Texts, here: &Texts, findings: &mut Vec<Finding>) {
    for (key, holes) in there {
        match here.get(key) {
            None => findings.push(Finding::new(path, 0, format!("lacks the key {key}"))),
            Some(ours) if ours != holes && path.starts_with(ENGLISH) => {
                let what = format!("{key}: placeholders differ: {ours:?}, in Chinese {holes:?}");
                findings.push(Finding::new(path, 0, what));
            }
            Some(_) => {}
        }
    }
}

fn read(files: &[File], folder: &str) -> Result<BTreeMap<String, Texts>> {
    let mut found = BTreeMap::new();
    for file in files {
        let Some(name) = file.path.strip_prefix(folder) else {
            continue;
        };
        let table: Table = std::str::from_utf8(&file.bytes)?
            .parse()
            .with_context(|| file.path.clone())?;
        let mut texts = Texts::new();
        flatten("", &table, &mut texts);
        found.insert(name.to_owned(), texts);
    }
    Ok(found)
}

fn flatten(prefix: &str, table: &Table, texts: &mut Texts) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        match value {
            Value::Table(inner) => flatten(&format!("{key}."), inner, texts),
            Value::String(text) => {
                texts.insert(key, placeholders(text));
            }
            _ => {
                texts.insert(key, BTreeSet::new());
            }
        }
    }
}

/// The names between braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    let after = text.split('{').skip(1);
    after
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(zh: &str, en: &str) -> Vec<String> {
        let file = |folder: &str, text: &str| File {
            path: format!("{folder}a.toml"),
            bytes: text.as_bytes().to_vec(),
        };
        let mut findings = Vec::new();
        check(&[file(CHINESE, zh), file(ENGLISH, en)], &mut findings).unwrap();
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn keys_and_placeholders_must_match() {
        assert_eq!(found("a = '还剩 {n} 天'", "a = '{n} days left'"), [""; 0]);
        assert_eq!(found("a = '是'\nb = '否'", "a = 'yes'").len(), 1);
        assert_eq!(found("a = '是'", "a = 'yes'\n[b]\nc = 'no'").len(), 1);
        assert_eq!(
            found("a = '还剩 {n} 天'", "a = '{days} days left'").len(),
            1
        );
    }
}
