//! `drills lint DIR`: every scenario of a folder, read and checked against the shipped procedures and law library.

use super::Report;
use super::lint::read;
use shared::rules::procedure;
use shared::training::scenario;
use std::path::Path;

/// Checks every `*.toml` of this folder.
#[must_use]
pub fn lint_drills(folder: &Path) -> Report {
    let files = match read(folder) {
        Ok(files) => files,
        Err(why) => return Report::unreadable(&format!("{}: {why}", folder.display())),
    };
    if files.is_empty() {
        return Report::unreadable(&format!("{}: no *.toml file", folder.display()));
    }
    let laws = match shared::data::laws() {
        Ok(laws) => laws,
        Err(bad) => return Report::unreadable(&bad.to_string()),
    };
    let procedures = procedure::shipped();
    let mut report = Report::default();
    for (name, content) in &files {
        let shown = folder.join(name).display().to_string();
        let said = match content {
            None => Err("1:1: not a text in UTF-8".to_owned()),
            Some(text) => scenario::read(name, text, &laws, &procedures)
                .map_err(|bad| format!("{}:{}: {}", bad.line, bad.column, bad.what)),
        };
        match said {
            Ok(scenario) => report.out.push_str(&format!("{}\n", scenario.key())),
            Err(what) => {
                report.err.push_str(&format!("{shown}:{what}\n"));
                report.code = 1;
            }
        }
    }
    report
}
