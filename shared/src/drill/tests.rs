//! A drill in its sandbox: what is changed for it, and what counts as met.

use super::*;
use crate::domain::event::EventRef;
use crate::domain::scenario::tests::scenario as sample;
use crate::domain::scenario::{Expectation, Scenario};
use crate::id::FeedId;
use crate::rules::case::Case;
use crate::rules::procedure::XZJC;
use crate::text::Bilingual;

const CREW: &str = "officer A certificate 2022-11-01 .. 2027-10-31\nofficer B certificate 2022-11-01 .. 2022-11-22\nofficer C certificate 2022-11-01 .. 2027-10-31\n";
/// A visit as it should be, up to the party's signature; approval and power come from the sandbox.
const VISIT: &str = "2026-11-23 09:00 opened A B
2026-11-23 09:05 JC-09 field code scanned
2026-11-23 09:06 JC-10 evidence recording V-1
2026-11-23 09:06 JC-10 done
2026-11-23 09:08 JC-11 field rights yes
2026-11-23 09:08 JC-11 signed party 王某
2026-11-23 09:08 JC-11 done
2026-11-23 09:10 JC-14 field start 2026-11-23 09:05
2026-11-23 09:30 JC-14 field end 2026-11-23 09:30
2026-11-23 09:31 JC-14 signed A
2026-11-23 09:31 JC-14 signed B
";

fn expecting(setup: &[Setup], met_by: &[MetBy]) -> Scenario {
    let one = |met_by: &MetBy| Expectation {
        met_by: met_by.clone(),
        text: Bilingual::default(),
        basis: sample().expectations.remove(0).basis,
    };
    Scenario {
        setup: setup.to_vec(),
        urgent: None,
        expectations: met_by.iter().map(one).collect(),
        ..sample()
    }
}

fn absent(rule: &str) -> MetBy {
    MetBy::RuleAbsent {
        rule: rule.parse().unwrap(),
    }
}

fn no_gap(rule: &str) -> MetBy {
    MetBy::NoGap {
        rule: rule.parse().unwrap(),
    }
}

/// Plays these facts with `as_of` as the moment at which somebody looks.
fn play(scenario: &Scenario, facts: &str, ended: Option<&str>, as_of: &str) -> Outcome {
    let procedures = [Procedure::parse(XZJC).unwrap()];
    let text = format!("{CREW}{facts}\nas-of {as_of}\nexpect none");
    let case = Case::parse(&text, &procedures).unwrap_or_else(|bad| panic!("{bad}\n{text}"));
    let mut facts = case.facts();
    let place = EventRef {
        feed: FeedId::from_bytes([9; 16]),
        seq: 1,
        index: 0,
    };
    let opened = facts.opened.as_mut().unwrap();
    // A case knows no author: A, its first officer, plays.
    opened.officer = OfficerId::from_bytes([1; 16]);
    let opened = opened.clone();
    let mut answer = |field: &str, value: Value| {
        let noted = Noted {
            place,
            officer: opened.officer,
            recorded_at: opened.at,
            at: opened.at,
            value,
        };
        let step = facts.steps.entry(STEP.parse().unwrap()).or_default();
        step.fields.insert(field.parse().unwrap(), noted);
    };
    answer(SCENARIO, Value::Text(scenario.key()));
    if let Some(ended) = ended {
        let at: jiff::civil::DateTime = ended.parse().unwrap();
        answer(ENDED, Value::At(Instant::from_civil(at)));
    }
    judge(scenario, &procedures[0], &facts, &case.context())
}

#[track_caller]
fn check_met(setup: &[Setup], facts: &str, met_by: &[MetBy], expected: &[bool]) {
    let scenario = expecting(setup, met_by);
    let outcome = play(&scenario, facts, Some("2026-11-23T09:40"), "2026-11-23");
    assert_eq!(outcome.met, expected, "{:#?}", outcome.gaps);
}

/// 行政诉讼证据规定 15: the reason, and a witness or a recording.
#[test]
fn a_refusal_needs_its_reason_and_somebody_who_saw_it() {
    let refusal = || MetBy::Refusal {
        step: "JC-14".parse().unwrap(),
    };
    let left = format!("{VISIT}2026-11-23 09:32 JC-14 done\n");
    check_met(
        &[Setup::Approved],
        &left,
        &[refusal(), absent("R12")],
        &[false, false],
    );
    let noted = format!(
        "{VISIT}2026-11-23 09:32 JC-14 refused 不愿签名；见证人 赵某\n2026-11-23 09:33 JC-14 done\n"
    );
    check_met(
        &[Setup::Approved],
        &noted,
        &[refusal(), absent("R12")],
        &[true, true],
    );
}

/// Nothing done is nothing shown: what was not due when the drill ended is not met either.
#[test]
fn what_is_still_to_do_is_not_done() {
    let begun = "2026-11-23 09:00 opened A B\n";
    check_met(
        &[Setup::Approved],
        begun,
        &[absent("R12"), no_gap("R12")],
        &[false, true],
    );
    check_met(&[Setup::Approved], begun, &[absent("R06")], &[true]);
    check_met(
        &[Setup::NotApproved],
        begun,
        &[absent("R06"), no_gap("R06")],
        &[false, true],
    );
    check_met(&[Setup::NotApproved], VISIT, &[no_gap("R06")], &[false]);
}

/// The colleague of the opening has no certificate; who replaces him has, and so has everybody else.
#[test]
fn the_colleague_can_be_replaced() {
    let setup = [Setup::Approved, Setup::ColleagueCertificateEnded];
    check_met(
        &setup,
        VISIT,
        &[absent("R02"), absent("R03")],
        &[false, false],
    );
    let replaced = VISIT.replace("JC-14 signed B", "JC-14 signed C");
    let replaced = replaced.replacen('\n', "\n2026-11-23 09:01 JC-08 field officers A C\n", 1);
    check_met(
        &setup,
        &replaced,
        &[absent("R02"), absent("R03")],
        &[true, true],
    );
    check_met(
        &[Setup::Approved],
        VISIT,
        &[absent("R02"), absent("R03")],
        &[true, true],
    );
    let auxiliary = [Setup::Approved, Setup::ColleagueAuxiliary];
    check_met(&auxiliary, VISIT, &[absent("R04")], &[false]);
}

#[test]
fn the_list_is_the_scenarios() {
    let met = [no_gap("R01")];
    check_met(&[Setup::Approved], VISIT, &met, &[true]);
    check_met(
        &[Setup::Approved, Setup::MatterNotListed],
        VISIT,
        &met,
        &[false],
    );
    check_met(
        &[Setup::Approved, Setup::MatterOnlyReported],
        VISIT,
        &met,
        &[false],
    );
    let turned_away = "2026-11-23 09:00 opened A B\n2026-11-23 09:10 JC-17 field exit transfer\n";
    let left = MetBy::StepLeft {
        step: "JC-14".parse().unwrap(),
    };
    let answered = MetBy::Answered {
        step: "JC-17".parse().unwrap(),
        field: "exit".parse().unwrap(),
        is: vec!["transfer".to_owned()],
    };
    let met = [no_gap("R01"), left, answered];
    check_met(
        &[Setup::Approved, Setup::MatterNotListed],
        turned_away,
        &met,
        &[true; 3],
    );
}

/// A year later the same drill has the same outcome; one that has not ended is judged as of now.
#[test]
fn an_outcome_does_not_change_by_time_alone() {
    let scenario = expecting(&[Setup::Approved], &[absent("R12"), no_gap("R14")]);
    let at = |as_of| play(&scenario, VISIT, Some("2026-11-23T09:40"), as_of);
    assert_eq!(at("2026-11-23"), at("2027-11-23"));
    let running = play(
        &scenario,
        &format!("{VISIT}2026-11-23 09:33 JC-14 done\n"),
        None,
        "2027-11-23",
    );
    assert_eq!(running.met, [false, false]);
}

/// Nobody on site is charged with the office's steps, unless the drill is about them.
#[test]
fn the_offices_steps_are_not_played() {
    let rules = |outcome: &Outcome| -> Vec<String> {
        outcome
            .gaps
            .iter()
            .map(|gap| gap.rule.to_string())
            .collect()
    };
    let quiet = expecting(&[Setup::NotApproved], &[absent("R12")]);
    let outcome = play(&quiet, VISIT, Some("2026-11-23T09:40"), "2026-11-23");
    assert_eq!(rules(&outcome), Vec::<String>::new());
    assert_eq!(outcome.count(), 0);
    assert_eq!(
        outcome.missed(&quiet),
        BTreeSet::from(["R12".parse().unwrap()])
    );
    let about = expecting(&[Setup::NotApproved], &[no_gap("R06")]);
    let outcome = play(&about, VISIT, Some("2026-11-23T09:40"), "2026-11-23");
    assert_eq!(rules(&outcome), ["R06"]);
    assert_eq!(
        outcome.missed(&about),
        BTreeSet::from(["R06".parse().unwrap()])
    );
}

#[test]
fn a_record_says_which_drill_it_is() {
    assert_eq!(played(&Facts::default()), None);
    for name in [SCENARIO, SESSION, ENDED] {
        assert!(name.parse::<crate::id::FieldId>().is_ok());
    }
    assert!(STEP.parse::<StepId>().is_ok());
}
