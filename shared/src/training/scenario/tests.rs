//! Scenario files: that the shipped ones read, and what is said of bad ones.

use super::*;

fn read_text(text: &str) -> Result<Scenario, BadData> {
    let laws = data::laws().unwrap();
    read("refusal-to-sign.toml", text, &laws, &procedure::shipped())
}

fn good() -> &'static str {
    FILES[0].1
}

/// Each drill can be played by at least three people, and something happens on the way.
#[test]
fn what_is_shipped_reads_and_teaches() {
    let all = shipped().unwrap_or_else(|bad| panic!("{bad}"));
    assert_eq!(all.len(), FILES.len());
    for scenario in &all {
        assert!(scenario.cards.len() >= 3, "{}", scenario.id);
        assert!(scenario.card(Role::Judge).is_some(), "{}", scenario.id);
        assert!(scenario.injects.len() >= 2, "{}", scenario.id);
        assert!(scenario.expectations.len() >= 4, "{}", scenario.id);
        assert!(scenario.party.starts_with("示例"), "{}", scenario.party);
        assert!(scenario.place.starts_with("示例"), "{}", scenario.place);
    }
}

/// Every file of the folder is shipped, and nothing else.
#[test]
fn the_folder_is_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/drills");
    let mut there: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let mut listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(there, listed);
}

/// Changes one place of a good file and expects the fault there.
#[track_caller]
fn check_fault(from: &str, to: &str, expected: &str) {
    assert!(good().contains(from), "{from}");
    let bad = read_text(&good().replacen(from, to, 1)).unwrap_err();
    assert!(bad.what.contains(expected), "{bad}");
    let line = good().split(from).next().unwrap().matches('\n').count() + 1;
    assert!(bad.line.abs_diff(line) < 5, "{bad}: not near {line}");
    assert_eq!(bad.file, "refusal-to-sign.toml");
}

#[test]
fn every_fault_is_named_with_its_place() {
    for (from, to, expected) in [
        ("version = 1", "version = 0", "version begins at 1"),
        ("minutes = 40", "minutes = 0", "minutes begins at 1"),
        ("id = \"refusal-to-sign\"", "id = \"Refusal\"", "an id is"),
        (
            "id = \"refusal-to-sign\"",
            "id = \"refusal\"",
            "not named refusal.toml",
        ),
        (
            "title = { zh = \"当事人拒绝签字\"",
            "title = { zh = \" \"",
            "title has no text in zh",
        ),
        (
            "en = \"The party refuses to sign\"",
            "en = \"\"",
            "title has no text in en",
        ),
        ("party = \"示例便民超市\"", "party = \"\"", "party is empty"),
        ("\"K06\", ", "\"k6\", ", "k6 is no competency"),
        ("[\"K06\", \"K01\", \"K07\"]", "[]", "no competency"),
        (
            "procedure = \"XZJC\"",
            "procedure = \"XXXX\"",
            "no procedure XXXX",
        ),
        (
            "setup = [\"approved\"]",
            "setup = []",
            "approved or not_approved",
        ),
        (
            "setup = [\"approved\"]",
            "setup = [\"approved\", \"not_approved\"]",
            "contradict",
        ),
        ("setup = [\"approved\"]", "setup = [\"sunny\"]", "sunny"),
        (
            "role = \"officer_b\"",
            "role = \"officer_a\"",
            "officer_a has two cards",
        ),
        ("role = \"officer_b\"", "role = \"driver\"", "driver"),
        (
            "step = \"JC-11\"\nrole",
            "step = \"JC-99\"\nrole",
            "no step JC-99",
        ),
        (
            "step = \"JC-11\"\nrole = \"party\"",
            "step = \"JC-11\"\nrole = \"recorder\"",
            "recorder",
        ),
        ("rule = \"R09\"", "rule = \"R99\"", "no rule R99"),
        ("article = \"47\"", "article = \"999\"", "行政处罚法 999"),
        (
            "field = \"device\"",
            "field = \"gadget\"",
            "no field gadget",
        ),
        (
            "field = \"device\"",
            "field = \"device\", is = [\"x\"]",
            "does not take x",
        ),
        ("type = \"refusal\"", "type = \"refused\"", "refused"),
    ] {
        check_fault(from, to, expected);
    }
}
