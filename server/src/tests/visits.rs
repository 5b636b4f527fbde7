//! What records know of each other: overlapping visits, how often a party was inspected, linked rechecks; and that judging
//! one after the other comes to an end.

use super::harness::{Phone, World};
use crate::assess;
use crate::demo;
use shared::domain::event::{
    Fact, FieldAnswered, Linked, Opened, Outcome, StepRecorded, Submitted, Value,
};
use shared::id::{FieldId, ProcedureId, RecordId, StepId};
use shared::instant::{HOUR_MS, Instant, MINUTE_MS};
use shared::rules::check::Elsewhere;

pub(super) fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

fn answer(step: &str, field: &str, value: Value) -> Fact {
    FieldAnswered {
        step: StepId::new(step).unwrap(),
        field: FieldId::new(field).unwrap(),
        value,
    }
    .into()
}

/// An inspection of the first party by officers 2 and 3 from one moment to another.
pub(super) fn visit(from: Instant, to: Instant, place: &str) -> Vec<Fact> {
    let officers = vec![demo::officer(2), demo::officer(3)];
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").unwrap(),
        version: 2,
        unit: demo::unit(1),
        subject: Some(demo::subject(1)),
        subject_name: "星河便民超市（示例）".to_owned(),
        place: "云溪镇".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: officers.clone(),
    };
    vec![
        opened.into(),
        answer("JC-08", "officers", Value::Officers(officers)),
        answer("JC-14", "place", Value::Text(place.to_owned())),
        answer("JC-14", "start", Value::At(from)),
        answer("JC-14", "end", Value::At(to)),
        StepRecorded {
            step: StepId::new("JC-14").unwrap(),
            outcome: Outcome::Done,
            note: String::new(),
        }
        .into(),
        Submitted {
            note: String::new(),
        }
        .into(),
    ]
}

async fn elsewhere(world: &World, id: RecordId) -> Elsewhere {
    let now = world.now();
    let case = world
        .app
        .store
        .read(move |tx| assess::case(tx, id, now))
        .await
        .unwrap();
    case.unwrap().judged.unwrap().beside.elsewhere
}

pub(super) async fn push(world: &World, phone: &mut Phone, id: RecordId, facts: &[Fact]) {
    let commit = phone.commit(id, world.now(), facts);
    phone.pushed(world, &[commit]).await;
}

#[tokio::test]
async fn overlapping_visits_find_each_other_even_when_judged_at_once() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    world.pass(6 * HOUR_MS);
    let at =
        |minutes: i64| Instant::from_millis(super::harness::START).plus_millis(minutes * MINUTE_MS);
    let first = phone.commit(record(1), world.now(), &visit(at(0), at(60), "甲"));
    let second = phone.commit(record(2), world.now(), &visit(at(30), at(90), "乙"));
    let third = phone.commit(record(3), world.now(), &visit(at(90), at(120), "丙"));
    phone.pushed(&world, &[first, second, third]).await;
    let done = world.app.run_due_jobs().await.unwrap();
    assert!(
        (4..=12).contains(&done),
        "each is judged again, and no more: {done}"
    );
    assert_eq!(world.app.run_due_jobs().await.unwrap(), 0);
    let one = elsewhere(&world, record(1)).await.overlapping;
    // Both officers are in both visits.
    assert_eq!(one.len(), 2);
    assert_eq!((one[0].record, &*one[0].place), (record(2), "乙"));
    let others = |found: &Elsewhere| {
        found
            .overlapping
            .iter()
            .map(|o| o.record)
            .collect::<Vec<_>>()
    };
    assert_eq!(others(&elsewhere(&world, record(2)).await), [record(1); 2]);
    assert!(
        elsewhere(&world, record(3)).await.overlapping.is_empty(),
        "one ends as the next begins"
    );
    // The second is corrected: it began after the first was over.
    push(
        &world,
        &mut phone,
        record(2),
        &[answer("JC-14", "start", Value::At(at(61)))],
    )
    .await;
    world.app.run_due_jobs().await.unwrap();
    assert!(elsewhere(&world, record(1)).await.overlapping.is_empty());
}

#[tokio::test]
async fn inspections_of_a_party_are_counted_up_to_the_visit() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let start = Instant::from_millis(super::harness::START);
    world.pass(5 * 24 * HOUR_MS);
    for (n, day) in [(1, 0), (2, 2), (3, 1)] {
        let from = start.plus_millis(day * 24 * HOUR_MS);
        push(
            &world,
            &mut phone,
            record(n),
            &visit(from, from.plus_millis(HOUR_MS), "甲"),
        )
        .await;
        world.app.run_due_jobs().await.unwrap();
    }
    let count = async |n| elsewhere(&world, record(n)).await.inspections_this_year;
    assert_eq!(
        [count(1).await, count(2).await, count(3).await],
        [Some(1), Some(3), Some(2)]
    );
    // A voided record counts for nothing.
    let voided = shared::domain::event::Voided {
        reason: "误开".to_owned(),
    };
    push(&world, &mut phone, record(1), &[voided.into()]).await;
    world.app.run_due_jobs().await.unwrap();
    assert_eq!([count(2).await, count(3).await], [Some(2), Some(1)]);
    let other = elsewhere(&world, demo::record(1)).await;
    assert_eq!(other.inspections_this_year, Some(3), "the next one planned");
}

#[tokio::test]
async fn a_linked_recheck_is_known_to_what_it_rechecks() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let start = Instant::from_millis(super::harness::START);
    world.pass(5 * HOUR_MS);
    push(
        &world,
        &mut phone,
        record(1),
        &visit(start, start.plus_millis(HOUR_MS), "甲"),
    )
    .await;
    world.app.run_due_jobs().await.unwrap();
    assert_eq!(elsewhere(&world, record(1)).await.rechecked_at, None);
    let later = start.plus_millis(3 * HOUR_MS);
    let mut facts = visit(later, later.plus_millis(HOUR_MS), "甲");
    facts.push(
        Linked {
            other: record(1),
            relation: "from".to_owned(),
        }
        .into(),
    );
    push(&world, &mut phone, record(2), &facts).await;
    world.app.run_due_jobs().await.unwrap();
    assert_eq!(elsewhere(&world, record(1)).await.rechecked_at, Some(later));
    assert_eq!(elsewhere(&world, record(2)).await.rechecked_at, None);
}
