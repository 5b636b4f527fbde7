//! The cases of `cases/`, and what the loader refuses.

use super::*;
use crate::rules::procedure::{self, EARLIER, SHIPPED};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Every shipped procedure, read once.
fn procedures() -> &'static [Procedure] {
    static READ: LazyLock<Vec<Procedure>> = LazyLock::new(procedure::shipped);
    assert_eq!(READ.len(), SHIPPED.len() + EARLIER.len());
    &READ
}

#[test]
fn every_case_is_judged_as_its_author_expects() {
    let procedures = procedures();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let files = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "case"))
        .collect();
    files.sort();
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy();
        let text = fs::read_to_string(file).unwrap();
        let case = match Case::parse(&text, procedures) {
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
            found.push((
                case.procedure.id.clone(),
                case.procedure.version,
                gap.rule.clone(),
                gap.state,
            ));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(files.len() >= 35, "{} cases", files.len());
    for procedure in procedures {
        for rule in &procedure.rules {
            for row in &rule.states {
                let state = (
                    procedure.id.clone(),
                    procedure.version,
                    rule.id.clone(),
                    row.state,
                );
                let (id, version) = (&procedure.id, procedure.version);
                assert!(
                    found.contains(&state),
                    "{id}@{version}: no case finds {} {}",
                    rule.id,
                    row.state.code()
                );
            }
        }
    }
}

#[test]
fn the_examples_of_the_documentation_are_right() {
    let page = include_str!("../../../../docs/CASES.md");
    let procedures = procedures();
    let examples: Vec<&str> = page
        .split("```text\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let case = Case::parse(example, procedures).unwrap();
        assert_eq!(case.differences(&case.assess()), Vec::<String>::new());
    }
}

#[track_caller]
fn check_bad(text: &str, line: usize, column: usize, what: Fault) {
    let bad = Case::parse(text, procedures()).unwrap_err();
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
    check_bad("party 公司", 1, 7, Fault::Party);
    check_bad("power M12 S5 2026-01-01", 1, 11, Fault::Power);
    check_bad("power M12 S2", 1, 13, Fault::Missing);
    check_bad("article M12 消防法 28 60", 1, 9, Fault::Matter);
    check_bad("地区 henan", 1, 4, Fault::Jurisdiction);
    check_bad("地区要求 扫码 录像", 1, 9, Fault::Keyword);
    check_bad("清单 M14@x a", 1, 4, Fault::Number);
    check_bad("清单 M14 灭火器", 1, 8, Fault::Code);
    check_bad("清单 M14", 1, 7, Fault::Missing);
    check_bad("2026-11-23 09:00 JC-14 项目 a 合格", 1, 27, Fault::Item);
    check_bad(
        "清单 M14 a\n2026-11-23 09:00 JC-14 项目 a 好",
        2,
        29,
        Fault::Value,
    );
    check_bad("另案 本年检查 三", 1, 9, Fault::Number);
    check_bad("另案 重叠 张伟", 1, 7, Fault::Person);
    check_bad("另案 别的", 1, 4, Fault::Keyword);
    check_bad("2026-11-23 09:00 关联 来自 x", 1, 24, Fault::Number);
    check_bad("2026-11-23 09:00 钟慢 x 提交", 1, 21, Fault::Number);
    check_bad(
        "2026-11-23 09:00 JC-10 证明 照片 摘要 abc",
        1,
        33,
        Fault::Hash,
    );
    check_bad("procedure XZJC@99", 1, 11, Fault::Procedure);
    check_bad("expect R09 missing G3 cure x", 1, 28, Fault::Cure);
    check_bad("mark JC-10 x", 1, 12, Fault::Mark);
    check_bad(
        "2026-11-23 09:00 补录 2026-11-24 09:00 原因 其他 提交",
        1,
        44,
        Fault::Step,
    );
    check_bad(&" ".repeat(MAX_CASE_BYTES + 1), 1, 1, Fault::TooLong);
}

/// The facts of a case's lines, with their places.
fn facts(lines: &str) -> Vec<(u64, u8, crate::domain::event::Event)> {
    let text = format!("{lines}\nas-of 2026-11-23\nexpect none");
    let procedures = procedures();
    let case = Case::parse(&text, procedures).unwrap();
    let entries = case.entries.into_iter();
    entries
        .map(|e| (e.place.seq, e.place.index, e.event))
        .collect()
}

#[test]
fn a_late_entry_says_why_and_an_item_names_its_checklist() {
    use crate::domain::event::{Fact, Value};
    let read = facts(
        "清单 M14@2 a b\n2026-11-23 09:00 补录 2026-11-23 19:00 原因 无网络 JC-14 项目 a 不合格 压力不足\n2026-11-23 09:01 JC-14 项目 b 合格",
    );
    let shown: Vec<_> = read
        .iter()
        .map(|(seq, index, event)| match &event.fact {
            Fact::FieldAnswered(f) => (*seq, *index, f.field.as_str(), f.value.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let text = |words: &str| Value::Text(words.to_owned());
    assert_eq!(
        shown,
        [
            (1, 0, "a", Value::Choice("fail".to_owned())),
            (1, 1, "a.note", text("压力不足")),
            (1, 2, "checklist", text("M14@2")),
            (1, 3, "late_reason", text("no_network")),
            (2, 0, "b", Value::Choice("pass".to_owned())),
        ]
    );
    assert!(read[0].2.happened_at.is_some() && read[3].2.happened_at.is_none());
}

#[test]
fn a_picture_has_its_own_time_and_a_hash_of_its_own() {
    use crate::domain::event::Fact;
    let read = facts(
        "2026-11-23 09:00 JC-10 证明 照片 灭火器 一号 拍于 2026-11-23 08:50\n2026-11-23 09:00 JC-10 证明 照片 拍于 不详\n2026-11-23 09:00 JC-10 证明 照片 摘要 0a\n2026-11-23 09:00 JC-10 证明 照片 无图",
    );
    let pictures: Vec<_> = read
        .iter()
        .map(|(_, _, event)| match &event.fact {
            Fact::EvidenceAdded(f) => (f.reference.as_str(), f.photo.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        pictures.iter().map(|p| p.0).collect::<Vec<_>>(),
        ["灭火器 一号", "", "", "无图"]
    );
    let photos: Vec<_> = pictures.iter().filter_map(|p| p.1.clone()).collect();
    assert_eq!(photos.len(), 3);
    assert_ne!(photos[0].original, photos[1].original);
    assert_eq!(photos[2].original[0], 10);
    assert_eq!(photos[0].taken_at.map(|at| at.civil().minute()), Some(50));
    assert_eq!(photos[1].taken_at, None);
}

#[test]
fn the_list_is_that_of_the_records_matter() {
    let procedures = procedures();
    let read = |lines: &str| {
        let text = format!("{lines}\nas-of 2026-11-23\nexpect none");
        let case = Case::parse(&text, procedures).unwrap();
        case.power
            .iter()
            .map(|p| format!("{}{:?}{}{}", p.code, p.source, p.listed, p.bases.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(read(""), ["M01S1true0"]);
    assert_eq!(read("事项 M12"), ["M12S1true0"]);
    assert_eq!(read("权力 无"), Vec::<String>::new());
    assert_eq!(
        read(
            "事项 M12\n权力 M12 S2 2026-01-01 未列入\n权力 M13 S2 2026-01-01\n条文 M12 消防法 28 60(1)"
        ),
        ["M12S2false1"]
    );
}

#[test]
fn a_wrong_cure_or_article_is_a_difference() {
    let procedures = procedures();
    let text = "2026-11-23 09:00 opened\n2026-11-23 10:00 submitted\nas-of 2026-11-23\nexpect R06 missing G2 cure none\nexpect R09 missing G3 basis 行政处罚法 42\nexpect R03 missing G3 block\nexpect JC-14.missing missing G3 cure 决定前 依据 行政处罚法 55";
    let text = format!("procedure XZJC@1\n{text}");
    let case = Case::parse(&text, procedures).unwrap();
    assert_eq!(
        case.differences(&case.assess()),
        [
            "+ expect R09 missing G3 basis 行政处罚法 55",
            "+ expect R06 missing G2 cure correction",
            "- expect R06 missing G2 cure none",
            "- expect R09 missing G3 basis 行政处罚法 42",
        ]
    );
}

#[test]
fn differences_say_what_is_too_much_and_what_is_lacking() {
    let procedures = procedures();
    let text = "officer Z certificate 2020-01-01 .. 2030-01-01\n2026-11-23 09:00 opened Z\n2026-11-23 10:00 submitted\nas-of 2026-11-23\nexpect R12 missing G2\nexpect R09 missing G3";
    let case = Case::parse(text, procedures).unwrap();
    let lines = case.differences(&case.assess());
    assert_eq!(
        lines,
        [
            "+ expect R03 invalid G3 block",
            "+ expect JC-14.missing missing G3",
            "+ expect R06 missing G2",
            "+ expect R10 missing G2",
            "+ expect JC-06.missing missing G0",
            "- expect R12 missing G2",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Case::parse(&text, procedures());
    }

    #[test]
    fn any_mixture_of_words_is_read_or_refused(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "2026-11-23", "09:00", "24:00", "JC-14", "JC-08", "opened", "签名", "拒签", ";", "[a]", "撤回", "until", "..",
            "expect", "R09", "missing", "G3", "\n", "officer", "证件", "as-of", "calendar", "field", "officers", "start",
        ]), 0..30)
    ) {
        let _ = Case::parse(&words.join(" "), procedures());
    }
}
