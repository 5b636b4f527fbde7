//! What a procedure file may not say, and where the reader is told it stands.

use super::*;
use crate::rules::jurisdiction::LocalLimit;
use crate::rules::rule::{Due, LimitSpec};
use std::collections::BTreeSet;

mod forms;
mod penalty;

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
        21,
        7,
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
        22,
        10,
        "it needs a row",
    );
}

#[test]
fn what_stands_in_a_field_beforehand_fits_it() {
    let fields = |of: &str| {
        let step = format!(
            "basis = []\ndocuments = [\"on_the_spot_decision\"]\nproof = [\"approval\"]\n{of}\n\n[[rule]]"
        );
        Procedure::parse(&SMALL.replacen("basis = []\n\n[[rule]]", &step, 1))
    };
    let field = |id: &str, more: &str| {
        format!("[[step.fields]]\nid = \"{id}\"\nlabel = {{ zh = \"甲\", en = \"a\" }}\n{more}\n")
    };
    let bad = |of: String, what: &str| {
        let bad = fields(&of).unwrap_err();
        assert!(bad.what.contains(what), "{bad}");
    };
    let number = r#"numbered = "on_the_spot_decision""#;
    assert!(fields(&field("n", &format!("kind = \"text\"\n{number}"))).is_ok());
    bad(
        field("n", &format!("kind = \"int\"\n{number}")),
        "a number is a text",
    );
    let other = "kind = \"text\"\nnumbered = \"correction_order\"";
    bad(field("n", other), "does not make the document");
    let both = format!("kind = \"text\"\n{number}\nprefill = {{ from = \"place\" }}");
    bad(field("n", &both), "from a block");
    let choice = |id: &str, codes: &[&str], more: &str| {
        let codes: Vec<String> = codes
            .iter()
            .map(|c| format!("{{ code = \"{c}\", label = {{ zh = \"甲\", en = \"a\" }} }}"))
            .collect();
        field(
            id,
            &format!(
                "kind = \"choice\"\nchoices = [{}]\n{more}",
                codes.join(", ")
            ),
        )
    };
    let from = r#"prefill = { from = "field", step = "S-1", field = "a" }"#;
    let told = choice("a", &["x"], "");
    assert!(fields(&(told.clone() + &choice("b", &["x", "y"], from))).is_ok());
    bad(told.clone() + &choice("b", &["y"], from), "no choice x");
    bad(
        told + &field("b", &format!("kind = \"text\"\n{from}")),
        "of another kind",
    );
    bad(choice("b", &["x"], from), "has no field a");
    bad(
        field("b", "kind = \"int\"\nprefill = { from = \"today\" }"),
        "another kind",
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
        (28, 8)
    );
    assert_eq!(
        (again("[[step]]").line, again("[[step]]").what.as_str()),
        (28, "step S-1 is there twice")
    );
    assert_eq!(
        (again("[[rule]]").line, again("[[rule]]").what.as_str()),
        (28, "rule R1 is there twice")
    );
}

#[test]
fn a_limit_is_a_figure_or_a_local_one() {
    let due = |limit: &str| {
        let text = XZJC_1.replacen(
            "within = { n = 5, unit = \"working_day\" }",
            &format!("within = {limit}"),
            1,
        );
        let procedure = Procedure::parse(&text)?;
        let told = procedure.rules.iter().find(|r| r.id.as_str() == "R14");
        Ok::<_, BadFile>(told.unwrap().due.clone())
    };
    let within = Due::AfterVisit {
        within: LimitSpec::Local(LocalLimit::Archive),
    };
    assert_eq!(due("{ local = \"archive\" }"), Ok(within));
    assert!(due("{ n = 3, unit = \"working_day\" }").is_ok());
    let mixed = due("{ n = 3, local = \"archive\" }").unwrap_err();
    assert_eq!(mixed.what, "a limit is `n` and `unit`, or `local`");
    let line = XZJC_1
        .lines()
        .position(|l| l.contains("after_visit"))
        .unwrap()
        + 1;
    assert_eq!(mixed.line, line);
    assert!(due("{ local = \"lunch\" }").is_err());
}

fn steps(text: &str) -> Vec<String> {
    let procedure = Procedure::parse(text).unwrap();
    procedure.steps.iter().map(|s| s.id.to_string()).collect()
}

#[test]
fn the_shipped_procedures_have_their_steps() {
    assert_eq!(steps(XZJC_1), ["JC-07", "JC-08", "JC-10", "JC-14", "JC-16"]);
    let mut nineteen: Vec<_> = (1..=19).map(|n| format!("JC-{n:02}")).collect();
    nineteen.insert(13, "JC-13-1".to_owned());
    assert_eq!(steps(XZJC), nineteen);
    let seven: Vec<_> = (1..=7).map(|n| format!("GZ-{n:02}")).collect();
    assert_eq!(steps(ZGFC), seven);
    let versions = SHIPPED.map(|text| Procedure::parse(text).unwrap());
    let versions = versions.map(|p| format!("{}@{}", p.id, p.version));
    assert_eq!(versions, ["XZJC@2", "ZGFC@1", "JYCF@1", "PTCF@1"]);
}

#[test]
fn a_procedure_is_read_back_from_what_phones_get() {
    for text in SHIPPED.into_iter().chain(EARLIER) {
        let procedure = Procedure::parse(text).unwrap();
        let back = Procedure::from_json(&procedure.to_json()).unwrap();
        assert_eq!(back, procedure);
    }
}

#[test]
fn everything_shipped_is_said_twice() {
    for text in SHIPPED {
        let procedure = Procedure::parse(text).unwrap();
        for step in &procedure.steps {
            check_words(step);
        }
    }
}

#[track_caller]
fn check_words(step: &Step) {
    let fields = step.fields.iter().flat_map(|field| {
        let choices = field.choices.iter().map(|choice| &choice.label);
        let label = std::iter::once(&field.label).chain(&field.hint);
        label.chain(&field.phrases).chain(choices)
    });
    let said = [&step.name, &step.why].into_iter().chain(&step.say);
    for words in said.chain(&step.good).chain(fields) {
        let whole = !words.zh.is_empty() && !words.en.is_empty() && words.zh != words.en;
        assert!(whole, "{}: {words:?}", step.id);
    }
    assert!(step.good.is_some() && !step.basis.is_empty(), "{}", step.id);
    assert!(!step.on_site || step.say.is_some(), "{}", step.id);
}

/// The fault of the shipped inspection after a change, at the first line that has these words.
#[track_caller]
fn check_fault(shipped: &str, from: &str, to: &str, what: &str) {
    assert!(shipped.contains(from), "{from}");
    let changed = shipped.replacen(from, to, 1);
    let bad = Procedure::parse(&changed).unwrap_err();
    assert!(bad.what.contains(what), "{bad}");
    let before = shipped.split(from).next().unwrap();
    let line = before.lines().count().max(1);
    assert!(bad.line.abs_diff(line) <= 8, "{bad}, changed at {line}");
}

#[test]
fn conditions_name_fields_and_choices_that_exist() {
    let is = |step: &str, field: &str, code: &str| {
        format!(
            "applies = {{ type = \"field_is\", step = \"{step}\", field = \"{field}\", is = [\"{code}\"] }}"
        )
    };
    let special = is("JC-01", "kind", "special");
    let to = |step, field, code| is(step, field, code);
    check_fault(
        XZJC,
        &special,
        &to("JC-01", "sort", "special"),
        "JC-01 has no field sort",
    );
    check_fault(
        XZJC,
        &special,
        &to("JC-99", "kind", "special"),
        "unknown step JC-99",
    );
    check_fault(
        XZJC,
        &special,
        &to("JC-01", "kind", "odd"),
        "has no choice odd",
    );
    check_fault(XZJC, &special, &to("JC-02", "plan", "x"), "of another kind");
    let absent = is("JC-12", "role", "absent");
    check_fault(
        XZJC,
        &absent,
        &to("JC-12", "role", "gone"),
        "has no choice gone",
    );
    let filing = is("JC-17", "exit", "filing");
    check_fault(
        XZJC,
        &filing,
        &to("JC-17", "exit", "file"),
        "has no choice file",
    );
}

#[test]
fn steps_agree_with_each_other() {
    check_fault(
        XZJC,
        "required = true\nchoices = [\n  { code = \"closed\", label = { zh = \"没有问题，结束\", en = \"Nothing found, closed\" } }",
        "required = true\nchoices = [\n  { code = \"closed\", leads_to = \"XZJC\", label = { zh = \"没有问题，结束\", en = \"Nothing found, closed\" } }",
        "its own procedure",
    );
    let notice = "documents = [\"inspection_notice\"]";
    check_fault(
        XZJC,
        notice,
        "documents = [\"inspection_approval\"]",
        "an earlier step",
    );
    let opened = "proof = [\"approval\"]\ndocuments";
    check_fault(XZJC, opened, "documents", "nobody signs or approves");
    let second = "id = \"JC-13-1\"\n";
    let listed = format!("{second}checklist = true\n");
    check_fault(XZJC, second, &listed, "second step with a checklist");
    check_fault(
        XZJC,
        "id = \"other\"\nlabel",
        "id = \"checklist\"\nlabel",
        "keeps this name",
    );
    check_fault(
        XZJC,
        "id = \"count\"",
        "id = \"late_reason\"",
        "keeps this name",
    );
    let kind = "kind = \"int\"";
    let phrases = "kind = \"int\"\nphrases = [{ zh = \"一\", en = \"one\" }]";
    check_fault(XZJC, kind, phrases, "phrases are for text");
}

#[test]
fn rules_agree_with_their_checks() {
    check_fault(
        XZJC,
        "fields = [\"why_on_site\"]",
        "fields = [\"why\"]",
        "no field why",
    );
    check_fault(
        XZJC,
        "is = [\"by_hand\"]",
        "is = [\"by_foot\"]",
        "no choice by_foot",
    );
    check_fault(
        XZJC,
        "field = \"insisted\", is = [\"yes\"]",
        "field = \"insisted\", is = [\"oui\"]",
        "neither yes nor no",
    );
    check_fault(
        XZJC,
        "not = [\"closed\"]",
        "not = [\"shut\"]",
        "no choice shut",
    );
    check_fault(
        XZJC,
        "conduct = \"conduct_on\"",
        "conduct = \"harm\"",
        "of another kind",
    );
    check_fault(
        XZJC,
        "signing = [\"JC-13-1\"]",
        "signing = [\"JC-13-9\"]",
        "unknown step JC-13-9",
    );
    let late = "  { state = \"late\", severity = \"G1\", cure = \"none\" },\n";
    check_fault(XZJC, late, "", "finds late: it needs a row");
    let claimed = "state = \"claimed\", severity";
    check_fault(
        XZJC,
        claimed,
        "state = \"beyond_power\", severity",
        "never finds beyond_power",
    );
    check_fault(
        XZJC,
        "escalate = { to = \"G4\"",
        "escalate = { to = \"G2\"",
        "nothing graver",
    );
    let days = "days = [{ step = \"GZ-02\", field = \"issued_on\" }]";
    check_fault(ZGFC, days, "days = []", "days are missing");
    check_fault(
        ZGFC,
        days,
        &days.replace("issued_on", "items"),
        "of another kind",
    );
}

#[test]
fn a_check_that_counts_has_a_limit_and_a_limit_says_how_sure_it_is() {
    let due = "due = { when = \"after_visit\", within = { local = \"publish\" } }";
    check_fault(XZJC, due, "due = { when = \"submitted\" }", "needs a limit");
    let told = XZJC.find("id = \"JC-18.late\"").unwrap();
    let (before, after) = XZJC.split_at(told);
    let unsure = format!("{before}{}", after.replacen("figure = \"W\"\n", "", 1));
    let bad = Procedure::parse(&unsure).unwrap_err();
    assert!(bad.what.contains("how sure"), "{bad}");
}

#[test]
fn what_a_step_leads_to_is_shipped() {
    let all = shipped();
    for step in all.iter().flat_map(|procedure| &procedure.steps) {
        for led in step.followed() {
            assert!(all.iter().any(|p| p.id == *led), "{}: {led}", step.id);
        }
    }
}

#[test]
fn who_does_a_step_is_said_of_the_offices_alone_and_one_approval_decides() {
    let by = "by = [\"legal_reviewer\"]\n";
    let questions = "id = \"PT-05\"\n";
    check_fault(
        PTCF,
        questions,
        &format!("{questions}{by}"),
        "only a step of the office",
    );
    let form = "id = \"PT-22\"\n";
    let deciding = |id: &str| format!("{id}decides = true\n");
    check_fault(PTCF, form, &deciding(form), "what decides is an approval");
    let closing = "id = \"PT-29-1\"\n";
    check_fault(PTCF, closing, &deciding(closing), "a second step decides");
    let number = "id = \"number\"\n";
    check_fault(
        PTCF,
        number,
        &format!("{number}ranked = \"responsible\"\n"),
        "only people are ranked",
    );
}

/// What stops an approval or a document, after the confidence rule: these and no others.
#[test]
fn exactly_these_rules_block() {
    let mut blocking = BTreeSet::new();
    for text in SHIPPED {
        let procedure = Procedure::parse(text).unwrap();
        for rule in &procedure.rules {
            let mut rows = rule.states.iter();
            if rows.any(|row| rule.blocks(row, rule.confidence)) {
                blocking.insert(rule.id.to_string());
            }
        }
    }
    let expected = [
        "R01", "R02", "R03", "R04", "R16", "R17", "R26", "R29", "R30", "R31", "R32", "R33", "R34",
        "R38", "R39", "R45", "R56", "R60",
    ];
    assert_eq!(blocking, BTreeSet::from(expected.map(str::to_owned)));
}

/// Procedures travel as CBOR, whose lists are decoded by hand.
#[test]
fn a_procedure_has_one_spelling_on_its_way_to_phones() {
    for text in SHIPPED.into_iter().chain(EARLIER) {
        let procedure = crate::rules::explain::worded(Procedure::parse(text).unwrap());
        assert!(procedure.rules.iter().all(|rule| rule.words.is_some()));
        let bytes = crate::codec::encode(&procedure);
        assert_eq!(
            crate::codec::decode::<Procedure>(&bytes).unwrap(),
            procedure
        );
        for cut in (0..bytes.len()).step_by(997) {
            assert!(crate::codec::read::<Procedure>(&bytes[..cut]).is_err());
        }
    }
}
