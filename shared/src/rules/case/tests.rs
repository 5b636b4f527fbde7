//! The cases of `cases/`, and what the loader refuses.

use super::*;
use crate::rules::procedure::XZJC;
use std::fs;
use std::path::Path;

fn procedures() -> [Procedure; 1] {
    [Procedure::parse(XZJC).expect("the shipped procedure")]
}

#[test]
fn every_case_is_judged_as_its_author_expects() {
    let procedures = procedures();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy();
        let text = fs::read_to_string(file).unwrap();
        let case = match Case::parse(&text, &procedures) {
            Ok(case) => case,
            Err(bad) => {
                faults.push(format!("{name}: {bad}"));
                continue;
            }
        };
        assert!(
            !case.title.is_empty() && !case.law.is_empty(),
            "{name}: title and law"
        );
        let answer = case.assess();
        for line in case.differences(&answer) {
            faults.push(format!("{name}: {line}"));
        }
        for gap in &answer.gaps {
            assert!(
                !gap.because.is_empty() && !gap.basis.is_empty(),
                "{name}: {gap}"
            );
            found.push((gap.rule.clone(), gap.state));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(files.len() >= 35, "{} cases", files.len());
    for rule in &procedures[0].rules {
        for row in &rule.states {
            let seen = found.contains(&(rule.id.clone(), row.state));
            assert!(seen, "no case finds {} {}", rule.id, row.state.code());
        }
    }
}

#[test]
fn the_example_of_the_documentation_is_right() {
    let page = include_str!("../../../../docs/CASES.md");
    let example = page.split("```").nth(1).unwrap().trim_start_matches("text");
    let procedures = procedures();
    let case = Case::parse(example, &procedures).unwrap();
    assert_eq!(case.differences(&case.assess()), Vec::<String>::new());
}

#[track_caller]
fn check_bad(text: &str, line: usize, column: usize, what: Fault) {
    let bad = Case::parse(text, &procedures()).unwrap_err();
    assert_eq!(
        (bad.line, bad.column, bad.what),
        (line, column, what),
        "{bad}"
    );
}

#[test]
fn faults_are_named_with_line_and_column() {
    check_bad("", 1, 1, Fault::AsOf);
    check_bad("截至 2026-11-23", 1, 1, Fault::Expect);
    check_bad("\n  titel x", 2, 3, Fault::Keyword);
    check_bad("title", 1, 6, Fault::Missing);
    check_bad("procedure ABCD", 1, 11, Fault::Procedure);
    check_bad("2026-11-31 09:00 submitted", 1, 1, Fault::Date);
    check_bad("2026-11-23 25:00 submitted", 1, 12, Fault::Time);
    check_bad("2026-11-23 -1:00 submitted", 1, 12, Fault::Time);
    check_bad("2026-11-23 09:00 JC-99 done", 1, 18, Fault::Step);
    check_bad("2026-11-23 09:00 JC-08 field wer x", 1, 30, Fault::Field);
    check_bad(
        "2026-11-23 09:00 JC-16 field result 好",
        1,
        37,
        Fault::Value,
    );
    check_bad("2026-11-23 09:00 JC-14 签名 张伟", 1, 27, Fault::Person);
    check_bad("2026-11-23 09:00 withdrawn x y", 1, 28, Fault::Label);
    check_bad("as-of 2026-11-23 09:00 x", 1, 24, Fault::Extra);
    check_bad("expect R99 missing G3", 1, 8, Fault::Rule);
    check_bad("expect R09 gone G3", 1, 12, Fault::State);
    check_bad("expect R09 missing G5", 1, 20, Fault::Severity);
    check_bad("expect R09 missing", 1, 19, Fault::Missing);
    check_bad(&" ".repeat(MAX_CASE_BYTES + 1), 1, 1, Fault::TooLong);
}

#[test]
fn differences_say_what_is_too_much_and_what_is_lacking() {
    let procedures = procedures();
    let text = "officer Z certificate 2020-01-01 .. 2030-01-01\n2026-11-23 09:00 opened Z\n2026-11-23 10:00 submitted\nas-of 2026-11-23\nexpect R12 missing G2\nexpect R09 missing G3";
    let case = Case::parse(text, &procedures).unwrap();
    let lines = case.differences(&case.assess());
    assert_eq!(
        lines,
        [
            "+ expect R03 invalid G3 block",
            "+ expect JC-14.missing missing G3",
            "+ expect R06 missing G2",
            "- expect R12 missing G2",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Case::parse(&text, &procedures());
    }

    #[test]
    fn any_mixture_of_words_is_read_or_refused(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "2026-11-23", "09:00", "24:00", "JC-14", "JC-08", "opened", "签名", "拒签", ";", "[a]", "撤回", "until", "..",
            "expect", "R09", "missing", "G3", "\n", "officer", "证件", "as-of", "calendar", "field", "officers", "start",
        ]), 0..30)
    ) {
        let _ = Case::parse(&words.join(" "), &procedures());
    }
}
