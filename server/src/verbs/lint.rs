//! `procedures lint DIR`: every procedure file of a folder, read and checked.
//! Apart because files are written by people in an editor, who need `FILE:LINE:COLUMN` to jump to.

use super::Report;
use shared::rules::procedure::Procedure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files that end so hold the rules of the file beside them: `XZJC.rules.toml` those of `XZJC.toml`.
const RULES: &str = ".rules.toml";
const STEPS: &str = ".toml";

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
        if let Some(stem) = name.strip_suffix(RULES) {
            let beside = format!("{stem}{STEPS}");
            if !files.contains_key(&beside) {
                faults.push(format!(
                    "{}:1:1: there is no {beside} beside it",
                    shown(name)
                ));
            }
            continue;
        }
        let rules_name = format!("{}{RULES}", name.trim_end_matches(STEPS));
        let rules = files.get(&rules_name).and_then(Option::as_deref);
        match Procedure::parse(&[steps, rules.unwrap_or_default()].concat()) {
            Ok(procedure) => {
                let key = format!("{}@{}", procedure.id, procedure.version);
                if let Some(other) = known.insert(key.clone(), name) {
                    faults.push(format!("{}:1:1: {key} is also in {other}", shown(name)));
                }
            }
            Err(bad) => {
                let steps_lines = steps.matches('\n').count();
                let (file, line) = match bad.line.checked_sub(steps_lines) {
                    Some(line) if line > 0 && rules.is_some() => (&rules_name, line),
                    _ => (name, bad.line),
                };
                faults.push(format!(
                    "{}:{line}:{}: {}",
                    shown(file),
                    bad.column,
                    bad.what
                ));
            }
        }
    }
    Report {
        out: known.keys().map(|key| format!("{key}\n")).collect(),
        code: u8::from(!faults.is_empty()),
        err: faults.iter().map(|fault| format!("{fault}\n")).collect(),
    }
}

/// The folder's procedure files by name; none as content where it is not UTF-8.
pub(super) fn read(folder: &Path) -> std::io::Result<BTreeMap<String, Option<String>>> {
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
