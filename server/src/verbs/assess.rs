//! `assess FILE.case`: the gaps that the rules find in a case, and where they differ from what its author expects.
//! Apart because a person reads sentences in both languages, another program reads JSON.

use super::Report;
use serde::Serialize;
use shared::instant::Instant;
use shared::rules::case::{Case, MAX_CASE_BYTES};
use shared::rules::explain::{self, Names};
use shared::rules::gap::{Assessment, Cure, Deadline, Gap, Severity};
use shared::rules::procedure::{self, Citation, Confidence};
use shared::text::{Lang, fill, text};
use std::fs;
use std::path::Path;

/// The answer for other programs.
#[derive(Serialize)]
struct Answer<'a> {
    gaps: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    step: &'a str,
    state: &'static str,
    severity: Severity,
    block: bool,
    cure: Cure,
    deadline: Option<Span>,
    confidence: Confidence,
    basis: &'a [Citation],
}

impl<'a> Row<'a> {
    fn of(gap: &'a Gap) -> Self {
        Self {
            rule: gap.rule.as_str(),
            step: gap.step.as_str(),
            state: gap.state.code(),
            severity: gap.severity,
            block: gap.block,
            cure: gap.cure,
            deadline: gap.deadline.map(Span::of),
            confidence: gap.confidence,
            basis: &gap.basis,
        }
    }
}

/// A limit's end in Beijing time: a range where the holidays are not known yet.
#[derive(Serialize)]
struct Span {
    earliest: String,
    latest: String,
}

impl Span {
    fn of(deadline: Deadline) -> Self {
        let plain = |at: Instant| at.civil().strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string();
        Self {
            earliest: plain(deadline.earliest),
            latest: plain(deadline.latest),
        }
    }
}

/// Judges the case of this file.
#[must_use]
pub fn assess(file: &Path, json: bool) -> Report {
    let shown = file.display();
    let content = match read(file) {
        Ok(content) => content,
        Err(why) => return Report::unreadable(&format!("{shown}: {why}")),
    };
    let procedures = procedure::shipped();
    let case = match Case::parse(&content, &procedures) {
        Ok(case) => case,
        Err(bad) => return Report::unreadable(&format!("{shown}: {bad}")),
    };
    let found = case.assess();
    let differences = case.differences(&found);
    Report {
        out: if json {
            as_json(&found)
        } else {
            as_words(&case, &found)
        },
        err: differences.iter().map(|line| format!("{line}\n")).collect(),
        code: u8::from(!differences.is_empty()),
    }
}

fn read(file: &Path) -> Result<String, String> {
    let length = fs::metadata(file).map_err(|e| e.to_string())?.len();
    if length > u64::try_from(MAX_CASE_BYTES).unwrap_or(u64::MAX) {
        return Err("the text is too long".to_owned());
    }
    fs::read_to_string(file).map_err(|e| e.to_string())
}

fn as_json(found: &Assessment) -> String {
    let gaps = found.gaps.iter().map(Row::of).collect();
    // A tree of strings, booleans and lists always has a JSON text.
    let mut out = serde_json::to_string(&Answer { gaps }).unwrap_or_default();
    out.push('\n');
    out
}

fn as_words(case: &Case<'_>, found: &Assessment) -> String {
    let names = Names {
        procedure: case.procedure,
        officers: &case.officers,
    };
    let mut lines = vec![case.title.clone()];
    for lang in [Lang::Zh, Lang::En] {
        lines.push(String::new());
        if found.gaps.is_empty() {
            lines.push(text(lang, "assess.none").to_owned());
        }
        for gap in &found.gaps {
            lines.extend(gap_lines(lang, gap, names));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// A gap: its heading, then a line for each thing there is to say.
fn gap_lines(lang: Lang, gap: &Gap, names: Names<'_>) -> Vec<String> {
    let told = explain::gap(lang, gap, names);
    let heading = [
        gap.rule.as_str(),
        &told.title,
        &told.step,
        &told.state,
        &told.severity,
    ];
    let list = text(lang, "names.list");
    let basis = fill(lang, "assess.basis", &[("basis", &told.basis.join(list))]);
    let block = gap.block.then(|| text(lang, "assess.block").to_owned());
    let rest = std::iter::once(told.text)
        .chain(told.because)
        .chain(block)
        .chain([told.cure, basis])
        .chain(told.deadline)
        .chain(told.caution);
    std::iter::once(heading.join(" · "))
        .chain(rest.map(|line| format!("    {line}")))
        .collect()
}
