//! What a procedure file may not say, and where the reader is told it stands.

use super::*;

const SMALL: &str = r#"id = "XX"
version = 1
name = { zh = "甲", en = "a" }

[[phase]]
code = "p"
name = { zh = "甲", en = "a" }

[[step]]
id = "S-1"
phase = "p"
actor = "officers"
name = { zh = "甲", en = "a" }
why = { zh = "甲", en = "a" }
basis = []

[[rule]]
id = "R1"
step = "S-1"
check = { type = "recorded" }
due = { when = "submitted" }
states = [{ state = "missing", severity = "G1", cure = "none" }]
basis = [{ law = "甲法", article = "1" }]
confidence = "V"
scope = "record"
competency = "record"
"#;

#[track_caller]
fn check_bad(from: &str, to: &str, line: usize, column: usize, what: &str) {
    assert!(SMALL.contains(from), "{from}");
    let bad = Procedure::parse(&SMALL.replace(from, to)).unwrap_err();
    assert_eq!((bad.line, bad.column), (line, column), "{bad}");
    assert!(bad.what.contains(what), "{bad}");
}

#[test]
fn a_small_procedure_is_read() {
    let procedure = Procedure::parse(SMALL).unwrap();
    assert_eq!(procedure.rules.len(), 1);
    assert!(procedure.step("S-1").is_some() && procedure.step("S-2").is_none());
}

#[test]
fn faults_are_named_with_line_and_column() {
    check_bad("phase = \"p\"", "phase = \"q\"", 11, 9, "unknown phase q");
    check_bad(
        "step = \"S-1\"",
        "step = \"S-2\"",
        19,
        8,
        "unknown step S-2",
    );
    check_bad(
        "\"submitted\"",
        "\"ended\", step = \"S-2\"",
        19,
        8,
        "unknown step S-2",
    );
    check_bad("\"submitted\"", "\"someday\"", 21, 16, "unknown variant");
    check_bad("version = 1", "version = \"x\"", 2, 11, "invalid type");
    check_bad("scope", "skope", 25, 1, "unknown field");
    check_bad(
        "basis = [{ law = \"甲法\", article = \"1\" }]",
        "basis = []",
        18,
        6,
        "article",
    );
    check_bad(
        "states = [{ state = \"missing\", severity = \"G1\", cure = \"none\" }]",
        "states = []",
        18,
        6,
        "state",
    );
}

#[test]
fn what_is_there_twice_is_refused_at_the_second() {
    let again = |part: &str| {
        let block = SMALL
            .split("\n\n")
            .find(|b| b.trim_start().starts_with(part))
            .unwrap();
        Procedure::parse(&format!("{SMALL}\n{}\n", block.trim())).unwrap_err()
    };
    assert_eq!(
        (again("[[phase]]").line, again("[[phase]]").column),
        (29, 8)
    );
    assert_eq!(
        (again("[[step]]").line, again("[[step]]").what.as_str()),
        (29, "step S-1 is there twice")
    );
    assert_eq!(
        (again("[[rule]]").line, again("[[rule]]").what.as_str()),
        (29, "rule R1 is there twice")
    );
}

#[test]
fn the_shipped_inspection_has_its_steps_and_says_everything_twice() {
    let procedure = Procedure::parse(XZJC).unwrap();
    let steps: Vec<_> = procedure.steps.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(steps, ["JC-07", "JC-08", "JC-10", "JC-14", "JC-16"]);
    let office = procedure
        .steps
        .iter()
        .filter(|s| s.actor == Actor::Office)
        .count();
    assert_eq!(office, 1);
    for step in &procedure.steps {
        let hints = step
            .fields
            .iter()
            .flat_map(|f| [Some(&f.label), f.hint.as_ref()])
            .flatten();
        for words in [&step.name, &step.why]
            .into_iter()
            .chain(&step.say)
            .chain(hints)
        {
            assert!(!words.zh.is_empty() && !words.en.is_empty() && words.zh != words.en);
        }
        assert!(!step.basis.is_empty());
    }
}
