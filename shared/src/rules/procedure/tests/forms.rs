//! What the documents of a procedure file may not say, and where the reader is told it stands.

use super::*;

const FORMS: &str = r#"id = "XX"
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
proof = ["approval"]
fields = [
  { id = "facts", label = { zh = "甲", en = "a" }, kind = "long" },
  { id = "who", label = { zh = "甲", en = "a" }, kind = "officers" },
  { id = "sure", label = { zh = "甲", en = "a" }, kind = "bool" },
]

[[step]]
id = "S-2"
phase = "p"
actor = "officers"
name = { zh = "甲", en = "a" }
why = { zh = "甲", en = "a" }
basis = []
fields = [{ id = "late", label = { zh = "甲", en = "a" }, kind = "bool" }]

[[document]]
code = "paper"
step = "S-1"
title = { zh = "甲", en = "a" }
layout = "letter"
version = 1
number = "{S-1.sure}"
body = [
  { kind = "address", text = "{party|unit}" },
  { kind = "prose", text = "{S-1.facts}" },
  { kind = "cells", cells = [{ label = "甲", value = "{S-1.approved}" }] },
  { kind = "paragraph", text = "乙", when = { type = "field_true", step = "S-1", field = "sure" } },
]
signs = [
  { who = "paper", caption = "签{name}", names = { step = "S-1", field = "who" } },
  { who = "approver", caption = "批", step = "S-1", granted = "可", denied = "否" },
]
"#;

#[track_caller]
fn check_bad(from: &str, to: &str, line: usize, what: &str) {
    assert!(FORMS.contains(from), "{from}");
    let bad = Procedure::parse(&FORMS.replacen(from, to, 1)).unwrap_err();
    assert_eq!(bad.line, line, "{bad}");
    assert!(bad.what.contains(what), "{bad}");
}

#[test]
fn a_document_is_read_and_read_back() {
    let procedure = Procedure::parse(FORMS).unwrap();
    assert_eq!(procedure.forms.len(), 1);
    let bytes = minicbor::to_vec(&procedure).unwrap();
    assert_eq!(minicbor::decode::<Procedure>(&bytes).unwrap(), procedure);
}

/// A server of an earlier version hands out procedures that describe no documents.
#[test]
fn a_procedure_without_documents_is_read() {
    let mut procedure = Procedure::parse(FORMS).unwrap();
    procedure.forms.clear();
    let bytes = minicbor::to_vec(&procedure).unwrap();
    // Nine elements, the last an empty list; before there were eight.
    assert_eq!((bytes[0], bytes.last()), (0x89, Some(&0x80)));
    let mut before = bytes[..bytes.len() - 1].to_vec();
    before[0] = 0x88;
    assert_eq!(minicbor::decode::<Procedure>(&before).unwrap(), procedure);
}

#[test]
fn what_nothing_fills_is_named_with_its_line() {
    check_bad(
        "{party|unit}",
        "{party|mayor}",
        40,
        "nothing is called mayor",
    );
    check_bad(
        "{S-1.facts}",
        "{S-1.fact}",
        41,
        "step S-1 has no field fact",
    );
    check_bad("{S-1.facts}", "{S-9.facts}", 41, "step S-9");
    check_bad("{S-1.facts}", "{S-2.late}", 41, "comes later");
    check_bad("{S-1.approved}", "{S-1.approve}", 42, "no field approve");
    check_bad("\"乙\"", "\"乙{\"", 43, "a bracket stands alone");
    check_bad("\"乙\"", "\"乙}\"", 43, "a bracket stands alone");
    check_bad("\"乙\"", "\"乙{S-1.facts}\"", 43, "a long field");
    check_bad("{S-1.sure}", "{S-1.unsure}", 33, "no field unsure");
}

#[test]
fn a_condition_looks_at_nothing_that_comes_later() {
    let (from, to) = (
        "step = \"S-1\", field = \"sure\" } },",
        "step = \"S-2\", field = \"late\" } },",
    );
    check_bad(from, to, 43, "step S-2 comes later");
    check_bad(
        "field = \"sure\"",
        "field = \"shure\"",
        43,
        "has no field shure",
    );
}

#[test]
fn a_part_has_what_it_takes() {
    check_bad(
        "{ kind = \"address\", text = ",
        "{ kind = \"end\", text = ",
        40,
        "a part has",
    );
    check_bad(
        "{ kind = \"prose\", text = \"{S-1.facts}\"",
        "{ kind = \"prose\"",
        41,
        "a part has",
    );
    check_bad(
        "{ kind = \"prose\",",
        "{ kind = \"lines\", head = [\"甲\"],",
        41,
        "a part has",
    );
    check_bad(
        "{ kind = \"prose\", text = \"{S-1.facts}\" }",
        "{ kind = \"evidence\", steps = [\"S-2\"] }",
        41,
        "comes later",
    );
    check_bad("kind = \"prose\"", "kind = \"poem\"", 41, "unknown variant");
}

#[test]
fn signers_are_somebody() {
    check_bad(
        "field = \"who\"",
        "field = \"sure\"",
        46,
        "names are officers",
    );
    check_bad("签{name}", "签", 46, "names are officers");
    check_bad(
        "caption = \"批\", step = \"S-1\"",
        "caption = \"批\", step = \"S-2\"",
        47,
        "nobody can sign so",
    );
    check_bad(
        "caption = \"批\", step = \"S-1\"",
        "caption = \"批\", step = \"S-9\"",
        47,
        "unknown step S-9",
    );
    check_bad(", denied = \"否\"", "", 47, "nobody can sign so");
    check_bad(
        "who = \"paper\"",
        "who = \"receiver\"",
        46,
        "nobody can sign so",
    );
}

#[test]
fn codes_are_plain_and_used_once() {
    check_bad("\"paper\"\nstep", "\"Paper\"\nstep", 33, "small letters");
    check_bad(
        "\"paper\"\nstep",
        "\"on_site_record\"\nstep",
        33,
        "is there twice",
    );
    check_bad(
        "\"paper\"\nstep = \"S-1\"",
        "\"paper\"\nstep = \"S-9\"",
        33,
        "unknown step S-9",
    );
    let at = FORMS.find("[[document]]").unwrap();
    let twice = format!("{FORMS}\n{}", &FORMS[at..]);
    let bad = Procedure::parse(&twice).unwrap_err();
    assert_eq!(
        (bad.line, bad.what.as_str()),
        (51, "document paper is there twice")
    );
}
