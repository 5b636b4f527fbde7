//! Who depends on whom, and that there is one version of what must not be there twice.
//! Apart because the borders between the crates are what keeps phone and server in agreement.

use super::Finding;
use crate::shell::{cargo, output};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// A crate, and what it must never see, even through others.
const BORDERS: [(&str, &[&str]); 3] = [
    (
        "shared",
        &["axum", "http", "rusqlite", "tokio", "getrandom", "reqwest"],
    ),
    ("field-client", &["server"]),
    ("server", &["field-client"]),
];

/// Two versions of these would be two routers, two protocols, two databases.
const SINGLE: [&str; 3] = ["axum", "hyper", "rusqlite"];

pub(super) fn check(root: &Path, findings: &mut Vec<Finding>) -> Result<()> {
    for (name, never) in BORDERS {
        let words = [
            "tree", "-q", "--locked", "-p", name, "-e", "normal", "--target", "all", "--prefix",
            "none", "--format", "{p}",
        ];
        let tree = output(&mut cargo(&words))?;
        for banned in never {
            let seen = |line: &str| line.split(' ').next() == Some(banned);
            if tree.lines().any(seen) {
                let what = format!("depends on {banned} (cargo tree -p {name} -i {banned})");
                findings.push(Finding::new(&format!("{name}/Cargo.toml"), 0, what));
            }
        }
    }
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    for name in SINGLE {
        let entry = format!("name = \"{name}\"");
        let versions = lock.lines().filter(|line| **line == entry).count();
        if versions > 1 {
            findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("{versions} versions of {name}"),
            ));
        }
    }
    Ok(())
}
