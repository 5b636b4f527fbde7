//! JavaScript: how much we write, how wide, and that what others wrote is unchanged.
//! Apart because every byte of it runs on officers' phones and nothing compiles it.

use super::{File, Finding};
use sha2::{Digest, Sha256};

/// Bytes of our own per program, and in all.
const APP_MAX: usize = 24_000;
const ALL_MAX: usize = 48_000;
const COLUMNS: usize = 100;

const SHARED: &str = "shared/assets/";
const APPS: [&str; 2] = ["field-client/assets/", "server/assets/"];
/// `SHA-256  PATH`, a line for each file that others wrote.
const VENDORED: &str = "xtask/vendored.txt";

pub(super) fn check(files: &[File], findings: &mut Vec<Finding>) {
    let scripts: Vec<&File> = files.iter().filter(|f| f.extension() == "js").collect();
    let foreign = |file: &File| file.vendored() || file.path.starts_with("tests/");
    let (theirs, ours): (Vec<&File>, Vec<&File>) = scripts.iter().partition(|f| foreign(f));
    sizes(&ours, findings);
    for file in ours {
        widths(file, findings);
    }
    hashes(files, &theirs, findings);
}

fn sizes(ours: &[&File], findings: &mut Vec<Finding>) {
    let below = |prefix: &str| -> usize {
        let here = ours.iter().filter(|file| file.path.starts_with(prefix));
        here.map(|file| file.bytes.len()).sum()
    };
    for app in APPS {
        let bytes = below(app) + below(SHARED);
        if bytes > APP_MAX {
            let what = format!("{bytes} bytes of JavaScript; {APP_MAX} is the end");
            findings.push(Finding::new(app, 0, what));
        }
    }
    let all = below("");
    if all > ALL_MAX {
        let what = format!("{all} bytes of JavaScript in all; {ALL_MAX} is the end");
        findings.push(Finding::new(SHARED, 0, what));
    }
    for file in ours {
        if !APPS
            .iter()
            .chain([&SHARED])
            .any(|folder| file.path.starts_with(folder))
        {
            let what = "JavaScript belongs into assets/; others' into vendor/ or tests/";
            findings.push(Finding::new(&file.path, 0, what));
        }
    }
}

fn widths(file: &File, findings: &mut Vec<Finding>) {
    let text = String::from_utf8_lossy(&file.bytes);
    for (line, text) in (1..).zip(text.lines()) {
        if text.chars().count() > COLUMNS {
            findings.push(Finding::new(
                &file.path,
                line,
                format!("wider than {COLUMNS}"),
            ));
        }
    }
}

fn hashes(files: &[File], theirs: &[&File], findings: &mut Vec<Finding>) {
    let list = files.iter().find(|file| file.path == VENDORED);
    let list = list
        .map(|file| String::from_utf8_lossy(&file.bytes))
        .unwrap_or_default();
    let entries: Vec<(&str, &str)> = list.lines().filter_map(|l| l.split_once("  ")).collect();
    for file in theirs {
        let hash = Sha256::digest(&file.bytes);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        match entries.iter().find(|(_, path)| *path == file.path) {
            Some((noted, _)) if *noted == hash => {}
            Some(_) => findings.push(Finding::new(&file.path, 0, format!("changed: {hash}"))),
            None => {
                let what = format!("not in {VENDORED}: {hash}");
                findings.push(Finding::new(&file.path, 0, what));
            }
        }
    }
    for (_, path) in entries {
        if !theirs.iter().any(|file| file.path == path) {
            findings.push(Finding::new(VENDORED, 0, format!("{path} is gone")));
        }
    }
}
