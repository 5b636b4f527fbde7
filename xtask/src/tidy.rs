//! The house rules that no compiler checks, each finding as `path:line: what`.
//! Apart because a rule that is not executed is argued about in every review.

mod crates;
mod locales;
mod scripts;

use crate::shell::{output, root};
use anyhow::{Context, Result};
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Lines of a source file: from the first a warning, past the second a failure.
const LINES_WARN: usize = 500;
const LINES_MAX: usize = 800;
/// Bytes of any tracked file.
const FILE_MAX: usize = 1_500_000;
/// Endings of files in which trailing space is a mistake.
const TEXT: [&str; 10] = [
    "rs", "toml", "js", "css", "html", "case", "sql", "yml", "svg", "txt",
];
/// Paths of one machine, which mean nothing on another. Split, so that this file does not find itself.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/mn", "t/"),
];

/// One breach of a rule.
pub(crate) struct Finding {
    path: String,
    /// From 1; 0 where the whole file is meant.
    line: usize,
    what: String,
    /// Whether the change may not land.
    pub(crate) fails: bool,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        let (path, what) = (path.to_owned(), what.into());
        Self {
            path,
            line,
            what,
            fails: true,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warning = if self.fails { "" } else { " (warning)" };
        let Self {
            path, line, what, ..
        } = self;
        write!(f, "{path}:{line}: {what}{warning}")
    }
}

/// A file of the project.
struct File {
    path: String,
    bytes: Vec<u8>,
}

impl File {
    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, end)| end)
    }

    fn vendored(&self) -> bool {
        self.path.contains("/vendor/")
    }
}

/// `cargo xtask tidy`.
///
/// # Errors
/// The project's files could not be read.
pub(crate) fn report() -> Result<ExitCode> {
    let findings = check()?;
    for finding in &findings {
        println!("{finding}");
    }
    let failed = findings.iter().any(|finding| finding.fails);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Every finding in the project.
///
/// # Errors
/// The project's files could not be read.
pub(crate) fn check() -> Result<Vec<Finding>> {
    let root = root();
    let files = files(&root)?;
    let mut findings = Vec::new();
    for file in &files {
        each(file, &mut findings);
    }
    scripts::check(&files, &mut findings);
    locales::check(&files, &mut findings)?;
    crates::check(&root, &mut findings)?;
    Ok(findings)
}

/// What git tracks, or would if it were added.
fn files(root: &Path) -> Result<Vec<File>> {
    let words = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let list = output(Command::new("git").current_dir(root).args(words))?;
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // A file removed but not yet from the index is gone all the same.
        if root.join(path).is_file() {
            let bytes = fs::read(root.join(path)).with_context(|| path.to_owned())?;
            let path = path.to_owned();
            files.push(File { path, bytes });
        }
    }
    Ok(files)
}

fn each(file: &File, findings: &mut Vec<Finding>) {
    let path = file.path.as_str();
    if file.bytes.len() > FILE_MAX {
        findings.push(Finding::new(path, 0, format!("more than {FILE_MAX} bytes")));
    }
    let Ok(text) = std::str::from_utf8(&file.bytes) else {
        return;
    };
    if file.extension() == "rs" {
        source(path, text, findings);
    }
    if file.vendored() || path == "Cargo.lock" {
        return;
    }
    let strict = TEXT.contains(&file.extension());
    for (line, text) in (1..).zip(text.lines()) {
        if strict && text.ends_with([' ', '\t']) {
            findings.push(Finding::new(path, line, "trailing space"));
        }
        if MACHINE_PATHS.iter().any(|prefix| names(text, prefix)) {
            findings.push(Finding::new(path, line, "names a path of one machine"));
        }
    }
}

/// Whether the text names an absolute path that begins so; in the middle of a relative one it is innocent.
fn names(text: &str, prefix: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '.' || c == '_' || c == '-' || c == '}';
    text.match_indices(prefix)
        .any(|(at, _)| !text.get(..at).unwrap_or("").ends_with(inside))
}

fn source(path: &str, text: &str, findings: &mut Vec<Finding>) {
    if !text.starts_with("//!") {
        findings.push(Finding::new(
            path,
            1,
            "does not begin with //! (what it is, why apart)",
        ));
    }
    let lines = text.lines().count();
    if lines > LINES_WARN {
        let fails = lines > LINES_MAX;
        let what = format!("{lines} lines; {LINES_MAX} is the end");
        findings.push(Finding {
            fails,
            ..Finding::new(path, lines, what)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        let (path, bytes) = (path.to_owned(), text.as_bytes().to_vec());
        each(&File { path, bytes }, &mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_source_without_its_heading_is_found() {
        assert_eq!(found("a.rs", "//! What.\n"), [""; 0]);
        assert_eq!(found("a.rs", "use b;\n").len(), 1);
        assert_eq!(found("a.rs", &"//! x\n".repeat(801)).len(), 1);
    }

    #[test]
    fn trailing_space_is_found_with_its_line() {
        assert_eq!(found("a.toml", "a\nb \n"), ["a.toml:2: trailing space"]);
        assert_eq!(found("a.md", "two spaces break a line  \n"), [""; 0]);
    }

    #[test]
    fn only_absolute_paths_name_a_machine() {
        let machine = format!("cd {}me/somebody", "/ho");
        assert_eq!(found("a.md", &machine).len(), 1);
        assert_eq!(found("a.md", "see templates/home/page.html"), [""; 0]);
    }
}
