//! `docs/RULES.md` says what the rules' data says: made here, compared, and laid out for copying where it differs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program speaks by failing; its helpers are outside `#[test]` functions"
)]

use shared::rules::case::Case;
use shared::rules::explain;
use shared::rules::gap::Cure;
use shared::rules::procedure::{self, Citation, Confidence, Procedure};
use shared::rules::rule::{Rule, Scope, StateRow};
use shared::text::Lang;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");
const HEAD: &str = "# Rules · 规则一览

Made from `shared/procedures/` and `shared/cases/` by `cargo test -p shared --test rules_doc`: do not edit; where it differs the test names the fresh page to copy here.
Severities are risk grades from G0 to G4, a court decides. `G2→G3` is graver under the condition that the file names.
Confidence: V read in the statute, W read on a page about it, K from knowledge, D our own default; after a slash that of the figure. A *capped* rule never exceeds G2 and never blocks, until a legal reviewer confirms it.
Scope: `record` is judged on the phone too, `officer` and `registry` need other records. Cases: how many find a gap of the rule.
";

/// How many cases find a gap of a rule, by procedure, version and rule.
type Counts = BTreeMap<(String, u32, String), usize>;

fn count(procedures: &[Procedure]) -> Counts {
    let mut counts = Counts::new();
    for file in fs::read_dir(Path::new(CRATE).join("cases")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "case") {
            continue;
        }
        let case = Case::parse(&fs::read_to_string(path).unwrap(), procedures).unwrap();
        let mut rules: Vec<String> = case
            .assess()
            .gaps
            .iter()
            .map(|g| g.rule.to_string())
            .collect();
        rules.sort();
        rules.dedup();
        for rule in rules {
            let key = (case.procedure.id.to_string(), case.procedure.version, rule);
            *counts.entry(key).or_default() += 1;
        }
    }
    counts
}

fn state(rule: &Rule, row: &StateRow) -> String {
    let mut words = format!("{} {:?}", row.state.code(), row.severity);
    if let Some(escalation) = &row.escalate {
        words.push_str(&format!("→{:?}", escalation.to));
    }
    let can_block = row.block && !is_capped(rule);
    let block = if can_block { ", **block**" } else { "" };
    let cure = match row.cure {
        Cure::OnSite => "on site",
        Cure::BeforeDecision => "before the decision",
        Cure::Correction => "by correction",
        Cure::None => "none",
    };
    format!("{words}{block}, cure: {cure}")
}

fn is_capped(rule: &Rule) -> bool {
    rule.confidence != Confidence::V || rule.figure == Some(Confidence::D)
}

fn articles(basis: &[Citation]) -> String {
    let one = |c: &Citation| format!("{} {}", c.law, c.article).trim().to_owned();
    basis.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn row(procedure: &Procedure, rule: &Rule, counts: &Counts) -> String {
    let states: Vec<String> = rule.states.iter().map(|row| state(rule, row)).collect();
    let figure = rule.figure.map_or_else(String::new, |f| format!("/{f:?}"));
    let scope = match rule.scope {
        Scope::Record => "record",
        Scope::Officer => "officer",
        Scope::Registry => "registry",
    };
    let key = (
        procedure.id.to_string(),
        procedure.version,
        rule.id.to_string(),
    );
    let cells = [
        rule.id.to_string(),
        format!(
            "{}<br>{}",
            explain::rule_title(Lang::Zh, &rule.id, None),
            explain::rule_title(Lang::En, &rule.id, None)
        ),
        rule.step.to_string(),
        articles(&rule.basis),
        scope.to_owned(),
        states.join("<br>"),
        format!("{:?}{figure}", rule.confidence),
        if is_capped(rule) { "capped" } else { "" }.to_owned(),
        counts.get(&key).copied().unwrap_or(0).to_string(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn page() -> String {
    let procedures = procedure::shipped();
    let counts = count(&procedures);
    let mut page = HEAD.to_owned();
    for procedure in &procedures {
        page.push_str(&format!(
            "\n## {} version {}: {} · {}\n\n",
            procedure.id, procedure.version, procedure.name.zh, procedure.name.en
        ));
        page.push_str("| Rule | Title | Step | Articles | Scope | States | Confidence | | Cases |\n|---|---|---|---|---|---|---|---|---|\n");
        for rule in &procedure.rules {
            page.push_str(&row(procedure, rule, &counts));
        }
    }
    page
}

#[test]
fn the_page_says_what_the_data_says() {
    let fresh = page();
    let kept = fs::read_to_string(Path::new(CRATE).join("../docs/RULES.md")).unwrap_or_default();
    if kept != fresh {
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("RULES.md");
        fs::write(&made, &fresh).unwrap();
        panic!("docs/RULES.md differs; cp {} docs/RULES.md", made.display());
    }
}
