//! The queue's filters and the lists as files: the same lines whichever way they are asked for, and no other office's.

use super::assess::inspection;
use super::harness::World;
use crate::demo;
use crate::store::gaps::{self, Filter, Order};
use csv::StringRecord;
use shared::domain::event::Opened;
use shared::id::{ProcedureId, RecordId};
use shared::instant::Instant;

/// A record of office 1 that lacks something, assessed.
async fn world() -> World {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let commit = phone.commit(demo::record(1), world.now(), &inspection());
    phone.pushed(&world, &[commit]).await;
    world.app.run_due_jobs().await.unwrap();
    world
}

async fn get(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await.text()
}

/// Rules and steps of the queue's lines.
fn found(page: &str) -> Vec<String> {
    let lines = page.split("<span class=\"sub\">").skip(1);
    let words = lines.filter_map(|after| after.split_once("</span>"));
    let rules = words.map(|(words, _)| words.to_owned());
    rules.filter(|words| words.contains(" · JC-")).collect()
}

fn parse(text: &str) -> Vec<StringRecord> {
    let bare = text.strip_prefix('\u{feff}').unwrap();
    let mut lines = csv::ReaderBuilder::new().from_reader(bare.as_bytes());
    lines.records().map(Result::unwrap).collect()
}

#[tokio::test]
async fn every_filter_narrows_the_queue_to_what_it_names() {
    let world = world().await;
    let all = found(&get(&world, "head", "/gaps").await);
    assert!(all.len() > 2, "{all:?}");
    let ask = async |query: &str| found(&get(&world, "head", &format!("/gaps?{query}")).await);
    let only = |part: &str| -> Vec<String> {
        all.iter()
            .filter(|line| line.contains(part))
            .cloned()
            .collect()
    };
    assert_eq!(ask("rule=R09").await, only("R09"));
    assert_eq!(ask("step=JC-10").await, only("JC-10"));
    assert!(!only("R09").is_empty() && only("R09").len() < all.len());
    let missing = ask("state=missing").await;
    let late = ask("state=late").await;
    assert!(!missing.is_empty() && missing.len() + late.len() <= all.len());
    for none in [
        "rule=R99",
        "matter=none",
        "month=2025-01",
        "step=JC-10&rule=R01",
    ] {
        assert_eq!(ask(none).await, Vec::<String>::new(), "{none}");
    }
    assert_eq!(ask("month=2026-11").await, all);
    // What is no month, and what asks for nothing, narrows nothing.
    for any in ["month=2026-13", "month=soon", "severity=", "order=left"] {
        assert_eq!(ask(any).await.len(), all.len(), "{any}");
    }
    let page = get(&world, "head", "/gaps?rule=R09&severity=3").await;
    assert!(
        page.contains("href=\"/gaps?severity=3&#38;rule=R09&#38;format=csv\""),
        "{page}"
    );
    assert!(page.contains("value=\"R09\" selected"));
}

#[tokio::test]
async fn what_has_the_least_time_left_comes_first() {
    let world = world().await;
    let limits = |order: Order| {
        let filter = Filter {
            order,
            ..Filter::default()
        };
        world
            .app
            .store
            .read(move |tx| gaps::page(tx, &filter, 0, 1000))
    };
    let by_time: Vec<_> = limits(Order::TimeLeft).await.unwrap();
    let ends: Vec<_> = by_time
        .iter()
        .map(|row| (row.deadline.is_none(), row.deadline))
        .collect();
    assert!(ends.is_sorted(), "{ends:?}");
    assert_eq!(by_time.len(), limits(Order::Gravest).await.unwrap().len());
}

#[tokio::test]
async fn the_queue_is_read_along_an_index() {
    let world = world().await;
    let plan = |order: Order, unit: bool| {
        world.app.store.read(move |tx| {
            let unit = unit.then(|| demo::unit(1));
            let filter = Filter {
                order,
                unit,
                ..Filter::default()
            };
            gaps::plan(tx, &filter)
        })
    };
    for (order, unit) in [
        (Order::Gravest, false),
        (Order::Gravest, true),
        (Order::TimeLeft, false),
        (Order::TimeLeft, true),
    ] {
        // The keys in their order from the index alone; only the lines of the page are looked up.
        let steps = plan(order, unit).await.unwrap();
        let (keys, lines) = steps.split_once("SCAN shown").unwrap();
        assert!(
            keys.contains("SEARCH gap USING COVERING INDEX") && !keys.contains("TEMP B-TREE"),
            "{order:?} {unit}: {steps}"
        );
        assert!(lines.contains("SEARCH gap USING PRIMARY KEY"), "{steps}");
    }
}

#[tokio::test]
async fn a_month_of_the_queue_is_found_in_each_grade() {
    let world = world().await;
    let steps = world.app.store.read(|tx| {
        let filter = Filter {
            seen: Some((Instant::from_millis(0), Instant::from_millis(1))),
            ..Filter::default()
        };
        gaps::plan(tx, &filter)
    });
    let steps = steps.await.unwrap();
    let along = "gap_queue (status=? AND severity=? AND first_seen>?";
    assert!(steps.contains(along), "{steps}");
}

#[tokio::test]
async fn a_list_as_a_file_has_the_lines_of_the_list() {
    let world = world().await;
    let gaps = parse(&get(&world, "head", "/gaps?format=csv").await);
    assert_eq!(gaps.len(), found(&get(&world, "head", "/gaps").await).len());
    assert_eq!(gaps[0].len(), 12);
    let one = parse(&get(&world, "head", "/gaps?rule=R09&format=csv").await);
    assert!(!one.is_empty() && one.iter().all(|line| &line[2] == "R09"));
    let elsewhere = parse(&get(&world, "lead-liuhe", "/gaps?format=csv").await);
    assert!(elsewhere.is_empty(), "another office's gaps");
    for (account, list) in [
        ("head", "records"),
        ("head", "tasks"),
        ("admin", "officers"),
        ("admin", "devices"),
        ("supervisor", "audit"),
    ] {
        let file = get(&world, account, &format!("/{list}?format=csv")).await;
        let page = get(&world, account, &format!("/{list}")).await;
        assert!(
            page.contains(&format!("href=\"/{list}?format=csv\"")),
            "{list}"
        );
        let lines = parse(&file);
        assert!(!lines.is_empty(), "{list}");
        for line in &lines {
            let known = line.iter().filter(|cell| !cell.is_empty());
            assert!(
                known.clone().any(|cell| page.contains(cell)),
                "{list}: {line:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_name_that_is_a_formula_comes_out_as_words() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let record = RecordId::from_bytes([9; 16]);
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").unwrap(),
        version: 1,
        unit: demo::unit(1),
        subject: None,
        subject_name: "=HYPERLINK(\"x\"),示例".to_owned(),
        place: String::new(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2)],
    };
    let commit = phone.commit(record, world.now(), &[opened.into()]);
    phone.pushed(&world, &[commit]).await;
    world.app.run_due_jobs().await.unwrap();
    let lines = parse(&get(&world, "head", "/records?format=csv").await);
    let id = record.to_string();
    let line = lines.iter().find(|line| line[0] == *id).unwrap();
    assert_eq!(&line[1], "'=HYPERLINK(\"x\"),示例");
}

#[test]
fn a_limit_ends_at_the_end_of_its_day() {
    let day = jiff::civil::date(2026, 11, 25);
    let noon = shared::instant::Instant::from_civil(day.at(12, 0, 0, 0));
    let end = shared::instant::Instant::end_of(day);
    let (words, past) = crate::gaps::time_left(shared::text::Lang::Zh, end, noon);
    assert!(words.contains("2026年11月25日 24:00") && !past, "{words}");
}
