//! What the case files cannot say: order of the answer, reasons, next change, totality.

use super::*;
use crate::domain::event::{Approved, Event, EventRef, Fact, FieldAnswered, Value};
use crate::domain::reference::Certificate;
use crate::fold::Entry;
use crate::fold::tests::{NINE, any_event};
use crate::id::{FeedId, FieldId, StepId, UnitId};
use crate::instant::Interval;
use crate::rules::case::Case;
use crate::rules::gap::Block;
use crate::rules::procedure::{Confidence, EARLIER, SHIPPED, XZJC};
use jiff::civil::date;
use proptest::prelude::*;
use std::sync::OnceLock;

const CREW: &str = "officer A certificate 2022-11-01 .. 2027-10-31\nofficer B certificate 2022-11-01 .. 2026-11-22\n";

fn shipped() -> &'static [Procedure] {
    static READ: OnceLock<Vec<Procedure>> = OnceLock::new();
    READ.get_or_init(|| {
        let all = SHIPPED.iter().chain(&EARLIER);
        all.map(|text| Procedure::parse(text).expect("a shipped procedure"))
            .collect()
    })
}

/// Judges facts as of a moment.
fn assess(facts: &str, as_of: &str) -> Assessment {
    let procedures = shipped();
    let text = format!("{CREW}{facts}\nas-of {as_of}\nexpect none");
    Case::parse(&text, procedures)
        .expect("a readable case")
        .assess()
}

#[track_caller]
fn check_order(facts: &str, gaps: &[&str], open: &[&str]) {
    let found = assess(facts, "2026-11-23");
    let rules = |ids: Vec<&crate::id::RuleId>| {
        ids.iter()
            .map(|id| id.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(found.gaps.iter().map(|g| &g.rule).collect()), gaps);
    assert_eq!(rules(found.open.iter().map(|o| &o.rule).collect()), open);
}

#[test]
fn gaps_come_gravest_first_and_open_things_on_site_first() {
    check_order(
        "2026-11-23 09:00 opened A B\n2026-11-23 10:00 JC-14 field place x\n2026-11-23 10:00 submitted",
        &[
            "R02",
            "R03",
            "R09",
            "JC-14.missing",
            "R06",
            "R10",
            "R12",
            "R13",
            "JC-06.missing",
        ],
        &["R14", "JC-19.missing"],
    );
    check_order(
        "",
        &[],
        &[
            "R09",
            "JC-14.missing",
            "R10",
            "R12",
            "R13",
            "R03",
            "R06",
            "R14",
            "JC-19.missing",
            "JC-06.missing",
        ],
    );
}

#[test]
fn every_reason_names_its_event_where_there_is_one() {
    let found = assess(
        "2026-11-23 09:00 opened A B\n2026-11-23 09:05 JC-10 done",
        "2026-11-23",
    );
    let at = |seq| {
        Some(EventRef {
            feed: FeedId::from_bytes([1; 16]),
            seq,
            index: 0,
        })
    };
    let claimed = found
        .gaps
        .iter()
        .find(|g| g.rule.as_str() == "R09")
        .expect("claimed");
    assert_eq!(claimed.because[0].event, at(2));
    assert_eq!(claimed.cure, Cure::OnSite);
    let expired = found
        .gaps
        .iter()
        .find(|g| g.rule.as_str() == "R02")
        .expect("expired");
    let codes: Vec<_> = expired.because.iter().map(|b| (b.code, b.event)).collect();
    assert_eq!(
        codes,
        [("certificate_expired", at(1)), ("visit_started", at(2))]
    );
}

#[track_caller]
fn check_next(facts: &str, as_of: &str, next: Option<&str>) {
    let found = assess(facts, as_of).next_change;
    let shown = found.map(|at| at.civil().strftime("%Y-%m-%d %H:%M:%S%.3f").to_string());
    assert_eq!(shown.as_deref(), next);
}

#[test]
fn the_next_change_is_the_first_moment_after_a_limit() {
    let ended = "2026-11-23 09:00 opened A\n2026-11-23 10:00 JC-14 done";
    check_next(ended, "2026-11-23", Some("2026-12-01 00:00:00.001"));
    check_next(ended, "2026-11-30", Some("2026-12-01 00:00:00.001"));
    let archive = Some("2026-12-24 00:00:00.001");
    check_next(ended, "2026-12-01", archive);
    check_next(ended, "2026-12-24", None);
    let urgent = "2026-11-23 09:00 opened A urgent 明火\n2026-11-23 10:00 JC-10 done";
    check_next(urgent, "2026-11-23", Some("2026-11-24 10:00:00.001"));
    check_next("2026-11-23 10:00 JC-10 done", "2026-11-23", None);
}

#[test]
fn before_the_visit_a_certificate_that_ends_changes_the_answer() {
    let planned = "2026-11-20 09:00 opened A B";
    check_next(planned, "2026-11-20", Some("2026-11-23 00:00:00.000"));
    check_next(planned, "2026-11-23", Some("2027-11-01 00:00:00.000"));
}

#[test]
fn an_uncertified_crew_blocks_before_and_after_the_visit_began() {
    let before = assess("2026-11-20 09:00 opened A B", "2026-11-23");
    let rules: Vec<_> = before
        .blocks("JC-08")
        .map(|b| matches!(b, Block::Open(_)))
        .collect();
    assert_eq!(rules, [true, true]);
    assert_eq!(before.blocks("JC-07").count(), 0);
    let after = assess(
        "2026-11-20 09:00 opened A B\n2026-11-23 09:00 JC-10 done",
        "2026-11-23",
    );
    assert!(after.blocks("JC-08").all(|b| matches!(b, Block::Gap(_))));
}

#[test]
fn the_next_document_is_held_back_and_no_later_one() {
    let planned = assess("2026-11-20 09:00 opened A B", "2026-11-23");
    let held = |step: &str| planned.holds_back(&shipped()[0], step).len();
    // The crew: both what is missing at JC-08, until the notice; the approval is made before the crew is settled.
    assert_eq!((held("JC-07"), held("JC-11"), held("JC-14")), (0, 2, 0));
    let foreign = "power none\n2026-11-20 09:00 opened A B";
    let planned = assess(foreign, "2026-11-20");
    let held = planned.holds_back(&shipped()[0], "JC-07");
    assert!(matches!(held[..], [Block::Open(open)] if open.rule.as_str() == "R01"));
    assert_eq!(planned.holds_back(&shipped()[0], "JC-99").len(), 0);
}

#[test]
fn what_is_not_read_in_a_statute_neither_blocks_nor_exceeds_g2() {
    let text = XZJC.replace(
        "severity = \"G2\", cure = \"correction\" },\n  { state = \"out_of_order\"",
        "severity = \"G4\", block = true, cure = \"correction\" },\n  { state = \"out_of_order\"",
    );
    assert_ne!(text, XZJC);
    let procedure = [Procedure::parse(&text).expect("a grave procedure is no error")];
    let facts = format!("{CREW}2026-11-23 09:00 JC-10 done\nas-of 2026-11-23\nexpect none");
    let found = Case::parse(&facts, &procedure).unwrap().assess();
    let gap = found
        .gaps
        .iter()
        .find(|g| g.rule.as_str() == "R06")
        .expect("not approved");
    assert_eq!(
        (gap.severity, gap.block, gap.confidence),
        (Severity::G2, false, Confidence::W)
    );
}

#[test]
fn every_state_that_a_check_can_find_has_a_row() {
    for procedure in shipped() {
        for rule in &procedure.rules {
            let rows: Vec<_> = rule.states.iter().map(|row| row.state).collect();
            for state in states(&rule.check) {
                assert!(rows.contains(state), "{} {}", rule.id, state.code());
            }
        }
    }
}

/// Three officers of [`any_event`]: certified, expired, auxiliary; the fourth is unknown.
fn crew() -> BTreeMap<OfficerId, Officer> {
    let officer = |n: u8, valid_to: i16, auxiliary| {
        let id = OfficerId::from_bytes([n; 16]);
        let certificates = vec![Certificate {
            number: n.to_string(),
            valid_from: date(2022, 11, 1),
            valid_to: date(valid_to, 11, 24),
        }];
        let (name, unit) = (format!("示例{n}"), UnitId::from_bytes([1; 16]));
        (
            id,
            Officer {
                id,
                name,
                unit,
                auxiliary,
                certificates,
                pin: None,
            },
        )
    };
    [
        officer(0, 2027, false),
        officer(1, 2026, false),
        officer(2, 2027, true),
    ]
    .into()
}

fn facts_of(events: Vec<Event>) -> Facts {
    let entries = (1u64..).zip(events).map(|(seq, event)| Entry {
        place: EventRef {
            feed: FeedId::from_bytes([1; 16]),
            seq,
            index: 0,
        },
        officer: OfficerId::from_bytes([0; 16]),
        event,
        behind_ms: 0,
    });
    Facts::of([], entries)
}

/// Whether approval, given so many seconds after a written start, is out of order.
fn is_after(seconds: i64) -> bool {
    let start = Instant::from_civil(date(2026, 11, 23).at(9, 2, 0, 0));
    let event = |recorded_at: Instant, fact: Fact| Event {
        recorded_at,
        happened_at: None,
        fact,
    };
    let step = |id| StepId::new(id).expect("a step");
    let approved = Approved {
        step: step("JC-07"),
        approver: OfficerId::from_bytes([9; 16]),
        granted: true,
        note: String::new(),
    };
    let begun = FieldAnswered {
        step: step("JC-14"),
        field: FieldId::new("start").expect("a field"),
        value: Value::At(start),
    };
    let facts = facts_of(vec![
        event(start.plus_millis(seconds * 1_000), approved.into()),
        event(start.plus_millis(300_000), begun.into()),
    ]);
    let (crew, calendar, jurisdiction) = (crew(), Calendar::default(), Jurisdiction::default());
    let now = Interval::exactly(start.plus_millis(DAY_MS));
    let context = Context::bare(&crew, &calendar, &jurisdiction, now);
    let found = check(&shipped()[0], &facts, &context);
    found.gaps.iter().any(|gap| gap.rule.as_str() == "R06")
}

#[test]
fn a_written_start_is_a_minute_and_an_approval_within_it_is_not_late() {
    assert!(!is_after(-1));
    assert!(!is_after(41));
    assert!(is_after(60));
}

/// What a person sees of open things, without the day on which they look.
fn todo(found: &Assessment) -> Vec<(&str, &str, Option<crate::rules::gap::Deadline>)> {
    found
        .open
        .iter()
        .map(|o| (o.rule.as_str(), o.code, o.deadline))
        .collect()
}

/// Other records that say the worst.
fn others() -> Elsewhere {
    Elsewhere {
        inspections_this_year: Some(9),
        ..Elsewhere::default()
    }
}

proptest! {
    #[test]
    fn any_record_is_judged(
        events in prop::collection::vec(any_event(), 0..40),
        now in any::<i64>(),
        width in any::<u32>(),
        seen in any::<bool>(),
    ) {
        let facts = facts_of(events);
        let (calendar, officers, others) = (Calendar::shipped(), crew(), others());
        let earliest = Instant::from_millis(now);
        let now = Interval { earliest, latest: earliest.plus_millis(i64::from(width)) };
        for (now, procedure) in shipped().iter().flat_map(|p| [(now, p), (Interval::exactly(NINE), p)]) {
            let jurisdiction = Jurisdiction::default();
            let mut context = Context::bare(&officers, &calendar, &jurisdiction, now);
            context.elsewhere = seen.then_some(&others);
            let found = check(procedure, &facts, &context);
            prop_assert!(found.gaps.iter().all(|gap| !gap.because.is_empty()));
            prop_assert!(found.marks.iter().all(|mark| !mark.because.is_empty()));
            prop_assert!(found.next_change.is_none_or(|at| at > now.earliest));
        }
    }

    #[test]
    fn time_alone_closes_no_gap_and_changes_nothing_before_the_next_change(
        events in prop::collection::vec(any_event(), 0..30),
        steps in prop::collection::vec(1i64..200_000_000, 1..6),
        which in 0usize..3,
    ) {
        let (procedure, facts) = (&shipped()[which], facts_of(events));
        let (calendar, officers, others) = (Calendar::shipped(), crew(), others());
        let jurisdiction = Jurisdiction::default();
        let at = |now| {
            let mut context = Context::bare(&officers, &calendar, &jurisdiction, Interval::exactly(now));
            context.elsewhere = Some(&others);
            check(procedure, &facts, &context)
        };
        let mut now = NINE;
        let mut before = at(now);
        for step in steps {
            let later = now.plus_millis(step);
            let after = at(later);
            prop_assert!(before.gaps.iter().all(|gap| after.gaps.contains(gap)));
            if before.next_change.is_none_or(|change| later < change) {
                prop_assert_eq!(&before.gaps, &after.gaps);
                prop_assert_eq!(todo(&before), todo(&after));
            }
            (now, before) = (later, after);
        }
    }
}
