//! Turns and handlers in the shipped penalty procedure.

use super::*;
use crate::domain::event::{
    Amended, Approved, Event, EventRef, FieldAnswered, Opened, Outcome, SignMethod, Signed,
    StepRecorded,
};
use crate::fold::Entry;
use crate::fold::tests::NINE;
use crate::id::{FeedId, UnitId};
use crate::instant::Interval;
use crate::rules::calendar::Calendar;
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::procedure::PTCF;
use std::collections::BTreeMap;

const ALICE: u8 = 1;
const BOB: u8 = 2;
const LEAD: u8 = 7;

fn officer(n: u8) -> OfficerId {
    OfficerId::from_bytes([n; 16])
}

fn procedure() -> Procedure {
    Procedure::parse(PTCF).unwrap()
}

/// A record in which these people recorded these facts, a second apart.
fn record(facts: Vec<(u8, Fact)>) -> Facts {
    let entries = (1..).zip(facts).map(|(seq, (who, fact))| Entry {
        place: place(seq),
        officer: officer(who),
        behind_ms: 0,
        event: Event {
            recorded_at: NINE.plus_millis(i64::try_from(seq).unwrap() * 1000),
            happened_at: None,
            fact,
        },
    });
    Facts::of([], entries)
}

fn place(seq: u64) -> EventRef {
    EventRef {
        feed: FeedId::from_bytes([9; 16]),
        seq,
        index: 0,
    }
}

fn opened() -> (u8, Fact) {
    let opened = Opened {
        procedure: "PTCF".parse().unwrap(),
        version: 1,
        unit: UnitId::from_bytes([1; 16]),
        subject: None,
        subject_name: "示例店".to_owned(),
        place: String::new(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![officer(ALICE)],
    };
    (ALICE, opened.into())
}

fn ended(who: u8, step: &str, outcome: Outcome) -> (u8, Fact) {
    let fact = StepRecorded {
        step: step.parse().unwrap(),
        outcome,
        note: String::new(),
    };
    (who, fact.into())
}

fn done(who: u8, step: &str) -> (u8, Fact) {
    ended(who, step, Outcome::Done)
}

fn decided(step: &str, granted: bool) -> (u8, Fact) {
    let fact = Approved {
        step: step.parse().unwrap(),
        approver: officer(LEAD),
        granted,
        note: String::new(),
    };
    (LEAD, fact.into())
}

fn answered(who: u8, step: &str, field: &str, value: Value) -> (u8, Fact) {
    let fact = FieldAnswered {
        step: step.parse().unwrap(),
        field: field.parse().unwrap(),
        value,
    };
    (who, fact.into())
}

#[track_caller]
fn check_turn(facts: Vec<(u8, Fact)>, expected: Option<&str>) {
    let (procedure, facts) = (procedure(), record(facts));
    let (officers, calendar) = (BTreeMap::new(), Calendar::default());
    let local = Jurisdiction::default();
    let context = Context::bare(&officers, &calendar, &local, Interval::exactly(NINE));
    let found = turn(&procedure, &facts, &context);
    assert_eq!(found.map(|step| step.id.as_str()), expected);
}

#[test]
fn the_first_step_that_counts_and_is_not_done_has_the_turn() {
    check_turn(Vec::new(), None);
    check_turn(vec![opened()], Some("PT-01"));
    let mut facts = vec![opened(), done(ALICE, "PT-01"), done(ALICE, "PT-02")];
    check_turn(facts.clone(), Some("PT-03"));
    // What was done ahead does not take the turn.
    facts.push(done(ALICE, "PT-05"));
    check_turn(facts.clone(), Some("PT-03"));
    facts.extend([done(LEAD, "PT-03"), decided("PT-03-1", true)]);
    check_turn(facts.clone(), Some("PT-04"));
    // Optional steps never have it.
    facts.push(done(LEAD, "PT-04"));
    check_turn(facts.clone(), Some("PT-06"));
    facts.push(ended(ALICE, "PT-06", Outcome::NotApplicable));
    check_turn(facts, Some("PT-11"));
}

#[test]
fn what_was_denied_goes_back_to_the_form_until_it_is_written_again() {
    let mut facts = vec![opened(), done(ALICE, "PT-01"), done(ALICE, "PT-02")];
    facts.extend([done(LEAD, "PT-03"), decided("PT-03-1", false)]);
    check_turn(facts.clone(), Some("PT-03"));
    facts.push(done(LEAD, "PT-03"));
    check_turn(facts.clone(), Some("PT-03-1"));
    facts.push(decided("PT-03-1", true));
    check_turn(facts, Some("PT-04"));
}

#[test]
fn a_hearing_asked_for_gives_the_turn_to_its_steps() {
    let mut facts = vec![opened()];
    for step in procedure().steps {
        if step.id.as_str() == "PT-19" {
            break;
        }
        facts.push(match step.proof.contains(&Proof::Approval) {
            true => decided(step.id.as_str(), true),
            false => done(ALICE, step.id.as_str()),
        });
    }
    check_turn(facts.clone(), Some("PT-21"));
    let requested = Value::Choice("requested".to_owned());
    facts.push(answered(ALICE, "PT-18", "asked", requested));
    check_turn(facts, Some("PT-19"));
}

#[track_caller]
fn check_handlers(mut facts: Vec<(u8, Fact)>, expected: &[u8]) {
    facts.insert(0, opened());
    let found = handlers(&procedure(), &record(facts));
    let expected: BTreeSet<OfficerId> = expected.iter().copied().map(officer).collect();
    assert_eq!(found, expected);
}

#[test]
fn handlers_are_named_or_did_a_step_of_the_officers() {
    check_handlers(Vec::new(), &[ALICE]);
    let named = |ids: &[u8]| {
        let ids = ids.iter().copied().map(officer).collect();
        answered(LEAD, "PT-04", "officers", Value::Officers(ids))
    };
    check_handlers(vec![named(&[ALICE, BOB])], &[ALICE, BOB]);
    // Of the names the latest counts: a slip is put right.
    check_handlers(
        vec![named(&[ALICE, 5]), named(&[ALICE, BOB])],
        &[ALICE, BOB],
    );
    check_handlers(vec![done(BOB, "PT-06")], &[ALICE, BOB]);
    let signed = Signed {
        step: "PT-05".parse().unwrap(),
        role: SignerRole::Officer,
        officer: Some(officer(BOB)),
        name: String::new(),
        method: SignMethod::Pin,
        document: None,
        drawing: None,
    };
    check_handlers(vec![(ALICE, signed.into())], &[ALICE, BOB]);
}

#[test]
fn whoever_works_in_the_office_does_not_handle_the_case() {
    let office = vec![
        done(LEAD, "PT-03"),
        decided("PT-03-1", true),
        done(BOB, "PT-14"),
    ];
    check_handlers(office, &[ALICE]);
}

#[test]
fn what_was_withdrawn_makes_nobody_a_handler() {
    let withdrawn = Amended {
        target: place(2),
        reason: "误点".to_owned(),
    };
    check_handlers(vec![done(BOB, "PT-06"), (BOB, withdrawn.into())], &[ALICE]);
}
