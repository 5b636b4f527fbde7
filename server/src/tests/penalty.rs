//! A penalty that presupposes a failed correction: what another record says decides, and is looked at again when it changes.

use super::harness::{Phone, World};
use super::visits::{push, record};
use crate::demo;
use crate::store::gaps::{self, Status};
use shared::domain::event::{Fact, FieldAnswered, Linked, Opened, Outcome, StepRecorded, Value};
use shared::id::RecordId;
use shared::instant::{DAY_MS, HOUR_MS, Instant};

pub(super) fn opened(procedure: &str) -> Fact {
    Opened {
        procedure: procedure.parse().unwrap(),
        version: 1,
        unit: demo::unit(1),
        subject: None,
        subject_name: "示例小区".to_owned(),
        place: "示例路".to_owned(),
        // By the sample list a fine follows only upon a refusal to correct.
        matter: "M15".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2), demo::officer(3)],
    }
    .into()
}

pub(super) fn answer(step: &str, field: &str, value: Value) -> Fact {
    FieldAnswered {
        step: step.parse().unwrap(),
        field: field.parse().unwrap(),
        value,
    }
    .into()
}

pub(super) fn choice(step: &str, field: &str, code: &str) -> Fact {
    answer(step, field, Value::Choice(code.to_owned()))
}

/// A fine by the ordinary procedure, as far as the rule looks.
fn decided() -> Vec<Fact> {
    let dated = Instant::from_millis(super::harness::START);
    vec![
        opened("PTCF"),
        choice("PT-22", "outcome", "penalise"),
        answer("PT-22", "fined", Value::Bool(true)),
        answer("PT-22", "document_date", Value::At(dated)),
    ]
}

pub(super) fn fined() -> Vec<Fact> {
    let done = StepRecorded {
        step: "DC-06".parse().unwrap(),
        outcome: Outcome::Done,
        note: String::new(),
    };
    vec![
        opened("JYCF"),
        choice("DC-06", "kind", "fine"),
        answer("DC-06", "fine", Value::Int(200)),
        done.into(),
    ]
}

pub(super) fn linked(other: RecordId) -> Fact {
    let relation = "from".to_owned();
    Linked { other, relation }.into()
}

async fn stands(world: &World, id: RecordId) -> Option<(Status, u8)> {
    let rows = world.app.store.read(move |tx| gaps::of_record(tx, id));
    let rows = rows.await.unwrap();
    let row = rows.into_iter().find(|row| row.rule == "R56")?;
    Some((row.status, row.severity))
}

async fn pushed(world: &World, phone: &mut Phone, id: RecordId, facts: &[Fact]) {
    push(world, phone, id, facts).await;
    world.app.run_due_jobs().await.unwrap();
}

#[tokio::test]
async fn a_fine_without_a_failed_correction_is_found_and_goes_once_the_order_tells() {
    for facts in [fined(), decided()] {
        found_until_the_order_tells(facts).await;
    }
}

async fn found_until_the_order_tells(mut facts: Vec<Fact>) {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let start = Instant::from_millis(super::harness::START);
    world.pass(20 * DAY_MS);
    let (order, penalty) = (record(1), record(2));
    pushed(&world, &mut phone, order, &[opened("ZGFC")]).await;
    facts.push(linked(order));
    pushed(&world, &mut phone, penalty, &facts).await;
    assert_eq!(stands(&world, penalty).await, Some((Status::Open, 3)));
    let served = answer("GZ-05", "served_at", Value::At(start.plus_millis(HOUR_MS)));
    pushed(&world, &mut phone, order, &[served]).await;
    assert_eq!(stands(&world, penalty).await, Some((Status::Open, 3)));
    let found = choice("GZ-06", "result", "corrected");
    pushed(&world, &mut phone, order, &[found]).await;
    assert_eq!(stands(&world, penalty).await, Some((Status::Open, 3)));
    let found = choice("GZ-06", "result", "not");
    pushed(&world, &mut phone, order, &[found]).await;
    assert_eq!(stands(&world, penalty).await, Some((Status::Cured, 3)));
}

#[tokio::test]
async fn an_order_that_nobody_linked_counts_for_nothing() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    world.pass(20 * DAY_MS);
    let found = [
        opened("ZGFC"),
        answer("GZ-05", "served_at", Value::At(world.now())),
        choice("GZ-06", "result", "not"),
    ];
    pushed(&world, &mut phone, record(1), &found).await;
    pushed(&world, &mut phone, record(2), &fined()).await;
    assert_eq!(stands(&world, record(2)).await, Some((Status::Open, 3)));
    pushed(&world, &mut phone, record(2), &[linked(record(1))]).await;
    assert_eq!(stands(&world, record(2)).await, Some((Status::Cured, 3)));
}
