//! The shipped data holds together, and what does not is refused at its place. Apart for its length.

use super::*;
use crate::domain::reference::{PowerSource, Precondition};
use crate::library;
use crate::text::{Lang, text};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const TODAY: Date = date(2026, 11, 23);

fn folder(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut files: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

/// The fault of this text, read as a power list.
fn list_fault(text: &str) -> BadData {
    power_list("list.toml", text, &laws().unwrap()).unwrap_err()
}

/// A power list of one matter with this source line and this basis.
fn list(row: &str, basis: &str) -> String {
    format!(
        "version = \"x\"\n[[matter]]\ncode = \"M99\"\nname = {{ zh = \"x\", en = \"x\" }}\nsource = \"S2\"\n{row}\n\
         listed = true\nduty = {{ zh = \"x\", en = \"x\" }}\nsanction = {{ zh = \"x\", en = \"x\" }}\n\
         precondition = \"none\"\nconfidence = \"V\"\nbasis = [{basis}]\n"
    )
}

const GOOD: &str = "{ law = \"消防法\", prohibits = \"28\", penalises = \"60(1)(3)\" }";

#[test]
fn every_file_is_shipped() {
    let shipped = |prefix: &str, files: &[(&str, &str)]| -> BTreeSet<String> {
        files
            .iter()
            .filter_map(|(file, _)| file.strip_prefix(prefix))
            .map(str::to_owned)
            .collect()
    };
    let there = |name: &str| folder(name).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(shipped("laws/", LAWS), there("data/laws"));
    assert_eq!(shipped("checklists/", CHECKLISTS), there("data/checklists"));
    assert_eq!(shipped("power/", POWER), there("data/power"));
}

#[test]
fn the_library_is_wide_enough() {
    let laws = laws().unwrap();
    let articles: usize = laws.iter().map(|law| law.articles.len()).sum();
    assert!(laws.len() >= 40, "{}", laws.len());
    assert!(articles >= 150, "{articles}");
}

#[test]
fn every_law_has_a_name_on_screens() {
    for law in laws().unwrap() {
        let key = format!("law.{}", law.id);
        for lang in [Lang::Zh, Lang::En] {
            assert_ne!(text(lang, &key), key, "no text");
        }
        assert!(!law.name.zh.is_empty() && !law.name.en.is_empty(), "{key}");
        assert!(law.initials.len() >= 2, "{key} {}", law.initials);
    }
}

#[test]
fn the_code_took_the_place_of_the_old_laws_in_one_night() {
    let laws = laws().unwrap();
    let last = date(2026, 8, 14);
    let code = library::law(&laws, "生态环境法典").unwrap();
    assert!(!code.is_in_force(last) && code.is_in_force(date(2026, 8, 15)));
    for name in [
        "大气污染防治法",
        "固体废物污染环境防治法",
        "噪声污染防治法",
        "环境保护法",
        "水污染防治法",
    ] {
        assert_eq!(library::law(&laws, name).unwrap().to, Some(last), "{name}");
    }
}

#[test]
fn everything_that_shipped_procedures_cite_is_in_the_library() {
    let laws = laws().unwrap();
    let files = folder("procedures");
    let parts = ["rules.toml", "documents.toml"];
    let steps = files
        .iter()
        .filter(|file| !parts.iter().any(|part| file.ends_with(part)));
    assert!(steps.clone().count() > 0);
    for file in steps {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("procedures")
            .join(file);
        let mut text = fs::read_to_string(&path).unwrap();
        // The rules and the documents of a procedure may stand in files of their own.
        for part in parts {
            text.push_str(&fs::read_to_string(path.with_extension(part)).unwrap_or_default());
        }
        if let Err(bad) = check_procedure(file, &text, &laws) {
            panic!("{bad}");
        }
    }
}

#[test]
fn a_procedure_that_cites_thin_air_is_named() {
    let laws = laws().unwrap();
    let xzjc = crate::rules::procedure::XZJC;
    let wrong = xzjc.replacen(
        "law = \"行政处罚法\", article = \"55\"",
        "law = \"行政处罚法\", article = \"955\"",
        1,
    );
    assert_ne!(xzjc, wrong);
    let bad = check_procedure("XZJC.toml", &wrong, &laws).unwrap_err();
    assert!(bad.what.contains("955") && bad.line > 1, "{bad}");
    let repealed = xzjc.replacen(
        "law = \"行政处罚法\", article = \"55\"",
        "law = \"环境保护法\", article = \"59\"",
        1,
    );
    assert!(check_procedure("XZJC.toml", &repealed, &laws).is_err());
}

#[test]
fn the_list_has_all_matters_today_and_what_changed() {
    let power = power().unwrap();
    let today: BTreeSet<&str> = power
        .iter()
        .filter(|item| item.is_in_force(TODAY))
        .map(|item| item.code.as_str())
        .collect();
    let all: BTreeSet<String> = (1..=36).map(|n| format!("M{n:02}")).collect();
    assert_eq!(today, all.iter().map(String::as_str).collect());
    for code in ["M18", "M21", "M23"] {
        let on = |day| {
            power
                .iter()
                .find(|item| item.code == code && item.is_in_force(day))
                .unwrap()
        };
        assert_eq!(on(date(2024, 6, 1)).source, PowerSource::S2, "{code}");
        assert_eq!(on(TODAY).source, PowerSource::S4, "{code}");
        assert_ne!(on(TODAY).list, on(date(2024, 6, 1)).list, "{code}");
    }
    assert!(power.iter().all(|item| item.list.contains("示例")));
}

#[test]
fn straw_burning_follows_the_law_of_its_day() {
    let power = power().unwrap();
    let straw = power.iter().find(|item| item.code == "M16").unwrap();
    let on = |day| {
        straw
            .bases_on(day)
            .map(|b| b.law.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(on(date(2026, 8, 15)), ["生态环境法典"]);
    assert_eq!(
        on(date(2026, 8, 14)),
        ["大气污染防治法", "河南省大气污染防治条例"]
    );
    let charging = power.iter().find(|item| item.code == "M15").unwrap();
    assert_eq!(charging.precondition, Precondition::AfterFailedCorrection);
}

#[test]
fn what_is_listed_can_be_inspected() {
    let lists = checklists().unwrap();
    for item in power().unwrap() {
        let own = item.source != PowerSource::S4;
        let has = lists.iter().any(|list| list.matter == item.code);
        assert!(own || item.listed == has, "{}", item.code);
        assert!(!own || item.listed, "{}", item.code);
    }
}

#[test]
fn checklists_are_of_a_practical_length() {
    let lists = checklists().unwrap();
    assert!(lists.len() >= 8);
    for list in &lists {
        assert!((7..=14).contains(&list.items.len()), "{}", list.key());
        for item in &list.items {
            for text in [&item.text, &item.how, &item.fault, &item.remedy] {
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{}", item.id);
            }
            for verdict in ["违法", "不合格", "违反"] {
                assert!(
                    !item.fault.zh.contains(verdict),
                    "{}: a conclusion",
                    item.id
                );
            }
        }
    }
}

#[test]
fn a_good_list_is_read() {
    let items = power_list(
        "list.toml",
        &list("from = 2026-01-01", GOOD),
        &laws().unwrap(),
    )
    .unwrap();
    assert_eq!(items.len(), 1);
}

#[test]
fn faults_of_a_list_have_their_place() {
    let bad = list_fault("version = \"x\"\nmatter = 3\n");
    assert_eq!(
        (bad.line, bad.column, bad.file.as_str()),
        (2, 10, "list.toml")
    );
    for (row, basis, what) in [
        ("from = 2026-01-01", "", "no legal basis"),
        ("from = 2026-01-02\nto = 2026-01-01", GOOD, "ends before"),
        ("from = 2026-01-01T10:00:00", GOOD, "without a time"),
        (
            "from = 2026-01-01",
            "{ law = \"无此法\", prohibits = \"1\", penalises = \"\" }",
            "not in the law library",
        ),
        (
            "from = 2026-01-01",
            "{ law = \"消防法\", prohibits = \"999\", penalises = \"\" }",
            "not in the law library",
        ),
        (
            "from = 2026-01-01",
            "{ law = \"消防法\", prohibits = \"28\", penalises = \"999\" }",
            "not in the law library",
        ),
        (
            "from = 2026-01-01",
            "{ law = \"大气污染防治法\", prohibits = \"77\", penalises = \"119(1)\" }",
            "not in force",
        ),
        (
            "from = 2026-01-01",
            "{ law = \"大气污染防治法\", prohibits = \"77\", penalises = \"119(1)\", to = 2026-08-15 }",
            "not in force",
        ),
        (
            "from = 2026-01-01",
            "{ law = \"生态环境法典\", prohibits = \"246(1)\", penalises = \"\", from = 2026-08-14 }",
            "not in force",
        ),
        (
            "from = 2024-01-01\nto = 2024-12-31",
            "{ law = \"生态环境法典\", prohibits = \"246(1)\", penalises = \"\" }",
            "not in force",
        ),
    ] {
        let bad = list_fault(&list(row, basis));
        assert!(bad.what.contains(what), "{row} {basis}: {bad}");
        assert!(bad.line > 1, "{bad}");
    }
}

#[test]
fn a_matter_is_not_there_twice_on_one_day() {
    let one = list("from = 2026-01-01\nto = 2026-06-30", GOOD);
    let rest =
        |from: &str| list(&format!("from = {from}"), GOOD).replacen("version = \"x\"\n", "", 1);
    let laws = laws().unwrap();
    let after = format!("{one}{}", rest("2026-07-01"));
    assert_eq!(power_list("list.toml", &after, &laws).unwrap().len(), 2);
    let bad = list_fault(&format!("{one}{}", rest("2026-06-30")));
    assert!(bad.what.contains("twice"), "{bad}");
}

#[test]
fn faults_of_laws_have_their_place() {
    let row = |id: &str, article: &str| {
        format!(
            "[[law]]\nid = \"{id}\"\nname = {{ zh = \"x\", en = \"x\" }}\nnumber = \"\"\nfrom = 2020-01-01\n{article}"
        )
    };
    let article = |number: &str, zh: &str| {
        format!(
            "[[law.article]]\narticle = \"{number}\"\ndemand = {{ zh = \"{zh}\", en = \"x\" }}\nconfidence = \"V\"\n"
        )
    };
    let good = row("甲法", &article("1", "x"));
    assert!(laws::read(&[("a.toml", &good)]).is_ok());
    for (texts, what) in [
        ([good.clone(), good.clone()], "甲法 is there twice"),
        (
            [good.clone(), row("乙法", &article("第一条", "x"))],
            "is no article",
        ),
        (
            [good.clone(), row("乙法", &article("1", ""))],
            "demands nothing",
        ),
        (
            [
                good.clone(),
                row("乙法", &(article("1", "x") + &article("1", "x"))),
            ],
            "article 1 is there twice",
        ),
        (
            [
                good.clone(),
                row("乙法", "to = 2019-01-01\n") + &article("1", "x"),
            ],
            "ends before",
        ),
        (
            [
                good.clone(),
                row("乙法", &article("1", "x").replace("\"V\"", "\"Q\"")),
            ],
            "unknown variant",
        ),
    ] {
        let bad = laws::read(&[("a.toml", &texts[0]), ("b.toml", &texts[1])]).unwrap_err();
        assert!(bad.what.contains(what), "{bad}");
        assert_eq!(bad.file, "b.toml");
    }
}

#[test]
fn faults_of_checklists_have_their_place() {
    let (laws, power) = (laws().unwrap(), power().unwrap());
    let good = CHECKLISTS[0].1;
    let read = |text: &str| checklists::read(&[("c.toml", text)], &laws, &power);
    assert!(read(good).is_ok());
    let twice = checklists::read(&[("c.toml", good), ("d.toml", good)], &laws, &power);
    assert_eq!(twice.unwrap_err().file, "d.toml");
    for (from, to, what) in [
        ("matter = \"M01\"", "matter = \"M99\"", "on no power list"),
        ("id = \"rb-place\"", "id = \"rb-permit\"", "is there twice"),
        ("id = \"rb-place\"", "id = \"rb.place\"", "no id"),
        (
            "id = \"rb-place\"",
            "id = \"a-very-long-name-of-an-item\"",
            "no id",
        ),
        (
            "law = \"土地管理法\"\narticle = \"37\"",
            "law = \"环境保护法\"\narticle = \"49\"",
            "not in force",
        ),
        (
            "article = \"37\"",
            "article = \"937\"",
            "not in the law library",
        ),
        ("version = 1", "version = 1\ncolour = 1", "unknown field"),
    ] {
        assert!(good.contains(from), "{from}");
        let bad = read(&good.replacen(from, to, 1)).unwrap_err();
        assert!(bad.what.contains(what), "{from} {bad}");
        assert!(bad.line > 1, "{bad}");
    }
}

/// The fault of the shipped competencies after this change to their text.
fn competency_fault(from: &str, to: &str) -> String {
    let [(file, text)] = COMPETENCIES;
    let changed = text.replacen(from, to, 1);
    assert_ne!(*text, changed);
    let procedures = crate::rules::procedure::shipped();
    let bad = competencies::read(file, &changed, &laws().unwrap(), &procedures).unwrap_err();
    bad.what
}

#[test]
fn a_rule_without_a_competency_with_two_or_unknown_is_named() {
    assert!(competencies().is_ok());
    for (from, to, said) in [
        ("\"R09\", ", "", "R09 belongs to no competency"),
        ("\"R12\"", "\"R12\", \"R09\"", "R09 belongs to K01 already"),
        (
            "\"R09\"",
            "\"R09\", \"R99\"",
            "R99 is a rule of no procedure",
        ),
        ("id = \"K02\"", "id = \"K01\"", "K01 is there twice"),
        (
            "article = \"55\"",
            "article = \"955\"",
            "行政处罚法 955 is not in the law library, or not in force",
        ),
    ] {
        assert_eq!(competency_fault(from, to), said);
    }
}
