//! Whose turn it is, as supervisor and officer speak in turn.

use super::*;
use crate::domain::event::{Event, Fact, Returned, Submitted};
use crate::fold::{Entry, tests::NINE};
use crate::id::{FeedId, OfficerId};

fn step(id: &str) -> StepId {
    id.parse().unwrap()
}

fn rule() -> RuleId {
    "R09".parse().unwrap()
}

fn said(verdict: Verdict) -> Fact {
    Reviewed {
        step: step("JC-10"),
        rule: rule(),
        verdict,
        words: "请说明".to_owned(),
    }
    .into()
}

fn explained() -> Fact {
    Explained {
        step: step("JC-10"),
        rule: rule(),
        words: "已出示，录像可查。".to_owned(),
    }
    .into()
}

fn submitted() -> Fact {
    Submitted {
        note: String::new(),
    }
    .into()
}

fn returned(steps: &[&str]) -> Fact {
    Returned {
        steps: steps.iter().map(|id| step(id)).collect(),
        comment: "请补正".to_owned(),
        notes: None,
    }
    .into()
}

fn facts(events: Vec<Fact>) -> Facts {
    let entries = (0_u8..).zip(events).map(|(index, fact)| Entry {
        place: EventRef {
            feed: FeedId::from_bytes([1; 16]),
            seq: 1,
            index,
        },
        officer: OfficerId::from_bytes([2; 16]),
        behind_ms: 0,
        event: Event {
            recorded_at: NINE,
            happened_at: None,
            fact,
        },
    });
    Facts::of([], entries)
}

#[track_caller]
fn check(events: Vec<Fact>, expected: Stage) {
    assert_eq!(facts(events).stage(&step("JC-10"), &rule()), expected);
}

#[test]
fn what_was_said_last_counts() {
    use Verdict::{Asked, Dismissed, Upheld};
    check(vec![], Stage::New);
    check(vec![submitted()], Stage::New);
    check(vec![submitted(), said(Asked)], Stage::Asked);
    check(
        vec![submitted(), said(Asked), explained()],
        Stage::Explained,
    );
    check(vec![said(Asked), explained(), said(Upheld)], Stage::Upheld);
    check(vec![said(Dismissed)], Stage::Dismissed);
    check(vec![said(Dismissed), said(Upheld)], Stage::Upheld);
    check(vec![said(Upheld), said(Asked)], Stage::Asked);
}

#[test]
fn a_return_concerns_the_steps_that_it_names() {
    check(vec![submitted(), returned(&["JC-10"])], Stage::Returned);
    check(vec![submitted(), returned(&[])], Stage::Returned);
    check(vec![submitted(), returned(&["JC-14"])], Stage::New);
    let again = vec![submitted(), returned(&["JC-10"]), submitted()];
    check(again, Stage::Resubmitted);
    let twice = vec![submitted(), returned(&[]), submitted(), returned(&[])];
    check(twice, Stage::Returned);
}

#[test]
fn a_return_opens_again_what_was_upheld_and_not_what_was_dismissed() {
    let upheld = said(Verdict::Upheld);
    check(vec![submitted(), upheld, returned(&[])], Stage::Returned);
    let dismissed = said(Verdict::Dismissed);
    check(
        vec![submitted(), dismissed, returned(&[])],
        Stage::Dismissed,
    );
}

#[test]
fn a_record_is_with_the_office_from_its_hand_in_to_its_return() {
    assert!(!facts(vec![]).is_submitted());
    assert!(facts(vec![submitted()]).is_submitted());
    assert!(!facts(vec![submitted(), returned(&[])]).is_submitted());
    assert!(facts(vec![submitted(), returned(&[]), submitted()]).is_submitted());
}

#[test]
fn another_rule_or_step_is_another_matter() {
    let facts = facts(vec![said(Verdict::Dismissed)]);
    assert_eq!(facts.stage(&step("JC-11"), &rule()), Stage::New);
    let other = "R10".parse().unwrap();
    assert_eq!(facts.stage(&step("JC-10"), &other), Stage::New);
}
