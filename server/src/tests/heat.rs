//! Records that lack something, by step and month: which are counted, which are not, and what stands behind a number.

use super::assess::inspection;
use super::harness::{Phone, World};
use super::visits::visit;
use crate::demo;
use crate::store::gaps;
use crate::store::heat::{self, Filter, Span};
use csv::StringRecord;
use shared::domain::event::{Fact, Voided};
use shared::fold::Facts;
use shared::id::RecordId;
use shared::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use shared::log::commit::Mode;

async fn push(world: &World, phone: &mut Phone, id: RecordId, facts: &[Fact]) {
    let commit = phone.commit(id, world.now(), facts);
    phone.pushed(world, &[commit]).await;
    world.app.run_due_jobs().await.unwrap();
}

async fn get(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await.text()
}

/// Lacking and all records of a step and month.
async fn cell(
    world: &World,
    account: &str,
    (step, month): (&str, &str),
    query: &str,
) -> (u32, u32) {
    let file = get(
        world,
        account,
        &format!("/gaps/heat?procedure=XZJC&format=csv{query}"),
    )
    .await;
    let bare = file.strip_prefix('\u{feff}').unwrap().as_bytes();
    let lines: Vec<StringRecord> = csv::Reader::from_reader(bare)
        .records()
        .map(Result::unwrap)
        .collect();
    let line = lines
        .iter()
        .find(|line| &line[1] == step && &line[3] == month)
        .unwrap();
    (line[4].parse().unwrap(), line[5].parse().unwrap())
}

const NOVEMBER: (&str, &str) = ("JC-10", "2026-11");

#[tokio::test]
async fn a_cell_is_records_that_lack_something_of_the_records_of_the_month() {
    let world = World::new().await;
    let (none, all) = cell(&world, "head", NOVEMBER, "").await;
    assert!(none == 0 && all > 0, "the demo's tasks");
    let mut phone = world.phone(2).await;
    push(&world, &mut phone, demo::record(1), &inspection()).await;
    assert_eq!(cell(&world, "head", NOVEMBER, "").await, (1, all));
    let page = get(&world, "head", "/gaps/heat").await;
    let link = "href=\"/gaps?step=JC-10&#38;month=2026-11\"";
    assert!(page.contains(link), "{page}");
    assert!(page.contains(&format!("1/{all}<span")), "{page}");
    assert!(page.contains("份数少"), "fewer than ten");
    // Behind the number is the record.
    let queue = get(&world, "head", "/gaps?step=JC-10&month=2026-11").await;
    assert!(queue.contains(&demo::record(1).to_string()), "{queue}");
    // A number of nothing leads nowhere.
    assert!(!page.contains("month=2026-10"), "{page}");
}

#[tokio::test]
async fn another_offices_records_are_not_counted_for_one() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    push(&world, &mut phone, demo::record(1), &inspection()).await;
    let (own, other) = (
        format!("&unit={}", demo::unit(1)),
        format!("&unit={}", demo::unit(3)),
    );
    let ours = cell(&world, "head", NOVEMBER, "").await;
    let theirs = cell(&world, "lead-liuhe", NOVEMBER, "").await;
    assert_eq!(theirs.0, 0);
    assert_eq!(cell(&world, "lead-liuhe", NOVEMBER, &own).await, theirs);
    assert_eq!(cell(&world, "supervisor", NOVEMBER, &own).await, ours);
    assert_eq!(cell(&world, "supervisor", NOVEMBER, &other).await, theirs);
    let every = cell(&world, "supervisor", NOVEMBER, "").await;
    assert_eq!(every, (ours.0 + theirs.0, ours.1 + theirs.1));
}

#[tokio::test]
async fn drills_voided_records_and_other_months_do_not_count() {
    let world = World::new().await;
    let before = cell(&world, "head", NOVEMBER, "").await;
    let mut practice = Phone {
        mode: Mode::Drill,
        ..world.phone(3).await
    };
    let (drill, real) = (
        RecordId::from_bytes([0xd1; 16]),
        RecordId::from_bytes([0xd2; 16]),
    );
    let now = world.now();
    let facts = visit(now.plus_millis(-HOUR_MS), now, "云溪镇");
    push(&world, &mut practice, drill, &facts).await;
    assert_eq!(cell(&world, "head", NOVEMBER, "").await, before);
    let mut phone = world.phone(2).await;
    push(&world, &mut phone, real, &facts).await;
    let (lacking, all) = cell(&world, "head", NOVEMBER, "").await;
    assert_eq!((lacking, all), (before.0 + 1, before.1 + 1));
    let voided = Voided {
        reason: "重复建立".to_owned(),
    };
    push(&world, &mut phone, real, &[voided.into()]).await;
    for query in ["", "&gaps=all"] {
        assert_eq!(cell(&world, "head", NOVEMBER, query).await, before);
    }
    // Half past midnight on 1 December in Beijing is still November in Greenwich.
    world.pass(7 * DAY_MS + 15 * HOUR_MS + 30 * MINUTE_MS);
    let now = world.now();
    assert_eq!(now.civil().to_string(), "2026-12-01T00:30:00");
    let facts = visit(now.plus_millis(-HOUR_MS), now, "云溪镇");
    push(&world, &mut phone, RecordId::from_bytes([0xd3; 16]), &facts).await;
    let december = ("JC-10", "2026-12");
    assert_eq!(cell(&world, "head", december, "").await, (1, 1));
    assert_eq!(cell(&world, "head", NOVEMBER, "").await, before);
}

#[tokio::test]
async fn a_cured_gap_counts_only_where_it_is_asked_for() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    push(&world, &mut phone, demo::record(1), &inspection()).await;
    let (open, all) = cell(&world, "head", NOVEMBER, "").await;
    assert_eq!(open, 1);
    assert_eq!(cell(&world, "head", NOVEMBER, "&gaps=all").await, (1, all));
    let now = world.now().plus_millis(MINUTE_MS);
    world
        .app
        .store
        .write(move |tx| {
            let facts = Facts::default();
            let none = gaps::Found {
                gaps: &[],
                facts: &facts,
            };
            gaps::replace(tx, demo::record(1), demo::unit(1), &none, "", now)?;
            gaps::beside(tx, demo::record(1))
        })
        .await
        .unwrap();
    assert_eq!(cell(&world, "head", NOVEMBER, "").await, (0, all));
    assert_eq!(cell(&world, "head", NOVEMBER, "&gaps=all").await, (1, all));
}

#[tokio::test]
async fn a_month_is_read_along_indexes() {
    let world = World::new().await;
    let span = Span {
        first: jiff::civil::date(2026, 11, 1),
    };
    for unit in [None, Some(demo::unit(1))] {
        for cured in [false, true] {
            let filter = Filter {
                procedure: "XZJC".to_owned(),
                unit,
                cured,
            };
            let read = world
                .app
                .store
                .read(move |tx| heat::plans(tx, &filter, span));
            let [records, lacking] = read.await.unwrap();
            let made = "SEARCH record USING COVERING INDEX record_made (procedure=? AND drill=? AND voided=? AND created_at>?";
            assert!(records.contains(made), "{records}");
            assert!(
                lacking.contains("SEARCH lack USING COVERING INDEX") && !lacking.contains("TEMP"),
                "{lacking}"
            );
        }
    }
}
