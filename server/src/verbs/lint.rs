//! `procedures lint DIR`: every procedure file of a folder, read and checked.
//! Apart because files are written by people in an editor, who need `FILE:LINE:COLUMN` to jump to.

use super::Report;
use shared::rules::file::BadFile;
use shared::rules::procedure::Procedure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files that end so hold the rules and the documents of the file beside them: `XZJC.rules.toml` the rules of `XZJC.toml`. In
/// this order they are read behind it.
const PARTS: [&str; 2] = [".rules.toml", ".documents.toml"];
const STEPS: &str = ".toml";

type Files = BTreeMap<String, Option<String>>;

/// Checks every `*.toml` of this folder.
#[must_use]
pub fn lint(folder: &Path) -> Report {
    let files = match read(folder) {
        Ok(files) => files,
        Err(why) => return Report::unreadable(&format!("{}: {why}", folder.display())),
    };
    if files.is_empty() {
        return Report::unreadable(&format!("{}: no *.toml file", folder.display()));
    }
    let mut faults = Vec::new();
    let mut known = BTreeMap::new();
    for (name, content) in &files {
        let shown = |name: &str| folder.join(name).display().to_string();
        let Some(steps) = content else {
            faults.push(format!("{}:1:1: not a text in UTF-8", shown(name)));
            continue;
        };
        if let Some(stem) = PARTS.iter().find_map(|part| name.strip_suffix(part)) {
            let beside = format!("{stem}{STEPS}");
            if !files.contains_key(&beside) {
                let name = shown(name);
                faults.push(format!("{name}:1:1: there is no {beside} beside it"));
            }
            continue;
        }
        match whole(&files, name, steps) {
            Ok(procedure) => {
                let key = format!("{}@{}", procedure.id, procedure.version);
                if let Some(other) = known.insert(key.clone(), name) {
                    faults.push(format!("{}:1:1: {key} is also in {other}", shown(name)));
                }
            }
            Err((file, bad)) => {
                let file = shown(&file);
                faults.push(format!("{file}:{}:{}: {}", bad.line, bad.column, bad.what));
            }
        }
    }
    Report {
        out: known.keys().map(|key| format!("{key}\n")).collect(),
        code: u8::from(!faults.is_empty()),
        err: faults.iter().map(|fault| format!("{fault}\n")).collect(),
    }
}

/// The procedure of this file and of those that belong to it, or which of them has a fault, at which of its own lines.
fn whole(files: &Files, name: &str, steps: &str) -> Result<Procedure, (String, BadFile)> {
    let stem = name.trim_end_matches(STEPS);
    let mut parts = vec![(name.to_owned(), steps)];
    for part in PARTS.map(|part| format!("{stem}{part}")) {
        if let Some(Some(content)) = files.get(&part) {
            parts.push((part, content));
        }
    }
    let text: String = parts.iter().map(|(_, text)| *text).collect();
    Procedure::parse(&text).map_err(|mut bad| {
        let mut file = name.to_owned();
        let mut before = 0;
        for (part, text) in parts {
            if bad.line <= before {
                break;
            }
            bad.line -= before;
            before = text.matches('\n').count();
            file = part;
        }
        (file, bad)
    })
}

/// The folder's procedure files by name; none as content where it is not UTF-8.
pub(super) fn read(folder: &Path) -> std::io::Result<Files> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        if let Some(name) = name.filter(|name| name.ends_with(STEPS)) {
            files.insert(name, String::from_utf8(fs::read(&path)?).ok());
        }
    }
    Ok(files)
}
