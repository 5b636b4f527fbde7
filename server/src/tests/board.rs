//! The board of deadlines: what an assessment leaves to do within a limit, by the day on which it ends.

use super::harness::{Phone, World};
use super::visits::visit;
use crate::demo;
use crate::store::due::{self, Due, Filter, Window};
use shared::domain::event::{Fact, Voided};
use shared::id::RecordId;
use shared::instant::{DAY_MS, HOUR_MS, Instant};
use shared::log::commit::Mode;
use shared::rules::gap::Deadline;

fn record(n: u8) -> RecordId {
    RecordId::from_bytes([0xb0 | n; 16])
}

async fn push(world: &World, phone: &mut Phone, id: RecordId, facts: &[Fact]) {
    let commit = phone.commit(id, world.now(), facts);
    phone.pushed(world, &[commit]).await;
    world.app.run_due_jobs().await.unwrap();
}

/// An inspection of office 1 on Monday 2026-11-23 from 8 to 9, handed in at 9.
async fn inspected(world: &World, phone: &mut Phone, id: RecordId) {
    let end = world.now();
    let facts = visit(end.plus_millis(-HOUR_MS), end, "云溪镇");
    push(world, phone, id, &facts).await;
}

async fn kept(world: &World, id: RecordId) -> Vec<Due> {
    world
        .app
        .store
        .read(move |tx| due::of_record(tx, id))
        .await
        .unwrap()
}

async fn get(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await.text()
}

#[tokio::test]
async fn what_is_still_to_do_is_on_the_board_with_the_day_that_ends() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    inspected(&world, &mut phone, record(1)).await;
    let page = get(&world, "head", "/deadlines").await;
    // 告知检查结果: five working days after 23 November, at 24:00 of the 30th and not on the 1st.
    assert!(page.contains("还剩 5 个工作日，11月30日到期"), "{page}");
    assert!(!page.contains("12月1日到期"), "{page}");
    assert!(page.contains("星河便民超市") && page.contains("云溪镇人民政府（示例）"));
    let file = get(&world, "head", "/deadlines?format=csv").await;
    assert_eq!(
        file.lines().count(),
        1 + kept(&world, record(1)).await.len(),
        "{file}"
    );
    assert!(file.contains("7个工作日内,11月30日,"), "{file}");
    // What the office does leads there, for whoever may.
    let desk = format!("href=\"/records/{}/steps/", record(1));
    assert!(page.contains(&desk), "{page}");
    assert!(
        !get(&world, "supervisor", "/deadlines")
            .await
            .contains(&desk)
    );
}

#[tokio::test]
async fn lists_that_keys_move_in_say_so() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    inspected(&world, &mut phone, record(1)).await;
    for path in ["/gaps", "/records", "/deadlines"] {
        let page = get(&world, "head", path).await;
        assert_eq!(page.matches(" data-keys>").count(), 1, "{path}");
        assert!(page.contains("焦点在列表内时，按 j、k"), "{path}");
        assert!(page.contains("src=\"/assets/console.js\""), "{path}");
    }
    let script = world.get("/assets/console.js", "").await;
    assert_eq!(
        script.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    // Nothing to move in, no hint.
    let empty = get(&world, "lead-liuhe", "/gaps").await;
    assert!(!empty.contains("data-keys") && !empty.contains("按 j、k"));
}

#[tokio::test]
async fn a_day_later_a_limit_is_nearer_and_in_the_end_over() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    inspected(&world, &mut phone, record(1)).await;
    let told = async |world: &World| {
        let file = get(world, "head", "/deadlines?step=JC-16&format=csv").await;
        let line = file.lines().nth(1).unwrap_or_default().to_owned();
        let cells: Vec<&str> = line.split(',').collect();
        cells
            .get(1)
            .map_or(String::new(), |part| (*part).to_owned())
    };
    // Monday 23, … Friday 27, Saturday 28, Sunday 29, Monday 30 November.
    for (days, part) in [
        (0, "7个工作日内"),
        (3, "3个工作日内"),
        (3, "明天"),
        (1, "今天"),
        (1, "已超期"),
    ] {
        world.pass(days * DAY_MS);
        world.app.run_due_jobs().await.unwrap();
        assert_eq!(told(&world).await, part, "{}", world.now().civil());
    }
    let home = get(&world, "head", "/").await;
    assert!(home.contains("href=\"/deadlines?when=over\""), "{home}");
}

#[tokio::test]
async fn another_offices_deadlines_are_not_there() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    inspected(&world, &mut phone, record(1)).await;
    let id = record(1).to_string();
    let own = demo::unit(1);
    for (account, query, sees) in [
        ("head", String::new(), true),
        ("lead-liuhe", String::new(), false),
        ("lead-liuhe", format!("&unit={own}"), false),
        ("supervisor", String::new(), true),
        ("supervisor", format!("&unit={own}"), true),
        ("supervisor", format!("&unit={}", demo::unit(3)), false),
    ] {
        for format in ["format=page", "format=csv"] {
            let page = get(&world, account, &format!("/deadlines?{format}{query}")).await;
            assert_eq!(page.contains(&id), sees, "{account} {format} {query}");
        }
    }
}

#[tokio::test]
async fn drills_and_voided_records_owe_nothing() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    inspected(&world, &mut phone, record(1)).await;
    assert!(!kept(&world, record(1)).await.is_empty());
    let voided = Voided {
        reason: "重复建立".to_owned(),
    };
    push(&world, &mut phone, record(1), &[voided.into()]).await;
    assert_eq!(kept(&world, record(1)).await, []);
    let mut practice = Phone {
        mode: Mode::Drill,
        ..world.phone(3).await
    };
    inspected(&world, &mut practice, record(2)).await;
    assert_eq!(kept(&world, record(2)).await, []);
}

#[tokio::test]
async fn records_from_before_the_board_come_onto_it() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    inspected(&world, &mut phone, record(1)).await;
    let before = kept(&world, record(1)).await;
    assert!(
        before
            .iter()
            .all(|due| due.limit.earliest <= due.limit.latest)
    );
    // As a file of the step before: the step runs again.
    let db = rusqlite::Connection::open(world.folder().join("server.sqlite")).unwrap();
    db.execute_batch("DROP TABLE due; DROP INDEX record_made")
        .unwrap();
    db.execute_batch(include_str!("../store/migrations/0008_due.sql"))
        .unwrap();
    drop(db);
    let world = world.restarted().await;
    assert_eq!(kept(&world, record(1)).await, []);
    world.app.run_due_jobs().await.unwrap();
    assert_eq!(kept(&world, record(1)).await, before);
}

/// So many things of a record that end with these days from now on.
async fn fill(world: &World, count: usize, limit: Deadline) {
    let due = Due {
        step: "JC-18".to_owned(),
        rule: "JC-18.late".to_owned(),
        is_gap: false,
        code: "step".to_owned(),
        severity: 1,
        office: true,
        on_site: false,
        limit,
    };
    let list = vec![due; count];
    world
        .app
        .store
        .write(move |tx| due::replace(tx, demo::record(1), demo::unit(1), &list))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_long_part_is_shown_in_pages_and_counted_whole() {
    let world = World::new().await;
    let end = Instant::end_of(world.now().date());
    let today = Deadline {
        earliest: end,
        latest: end,
    };
    fill(&world, 60, today).await;
    let lines = |page: &str| page.matches("<li class=\"row\">").count();
    let all = get(&world, "head", "/deadlines").await;
    assert!(all.contains("查看全部60项") && all.contains("今天到期（11月23日）"));
    assert_eq!(lines(&all), 20);
    let first = get(&world, "head", "/deadlines?when=today").await;
    assert_eq!(lines(&first), 50);
    let next = "href=\"/deadlines?when=today&#38;page=1\"";
    assert!(first.contains(next), "{first}");
    let second = get(&world, "head", "/deadlines?when=today&page=1").await;
    assert_eq!(lines(&second), 10);
    let file = get(&world, "head", "/deadlines?format=csv").await;
    assert_eq!(file.lines().count(), 61);
    let home = get(&world, "head", "/").await;
    assert!(home.contains("今天到期60项"), "{home}");
    let other = get(&world, "head", "/deadlines?when=over").await;
    assert!(other.contains("这段时间内没有到期事项"), "{other}");
}

#[tokio::test]
async fn limits_without_a_certain_end_are_counted_again_at_each_start() {
    let world = World::new().await;
    let end = Instant::end_of(world.now().date());
    let range = Deadline {
        earliest: end.plus_millis(2 * DAY_MS),
        latest: end.plus_millis(9 * DAY_MS),
    };
    fill(&world, 1, range).await;
    assert_eq!(kept(&world, demo::record(1)).await.len(), 1);
    let page = get(&world, "head", "/deadlines").await;
    assert!(page.contains("11月25日–12月2日之间到期"), "{page}");
    let world = world.restarted().await;
    // What the record itself says is put in its place.
    assert!(world.app.run_due_jobs().await.unwrap() > 0);
    assert_eq!(kept(&world, demo::record(1)).await, []);
}

#[tokio::test]
async fn every_part_of_the_board_is_read_along_an_index() {
    let world = World::new().await;
    let now = Instant::from_millis(0);
    let windows = [
        Window::Over(now),
        Window::Ends {
            now,
            after: None,
            until: Some(now),
        },
        Window::Ends {
            now,
            after: Some(now),
            until: Some(now),
        },
        Window::Ends {
            now,
            after: Some(now),
            until: None,
        },
    ];
    let step = || Some("JC-16".to_owned());
    let unit = Some(demo::unit(1));
    for window in windows {
        for (unit, step, index) in [
            (None, None, "due_day"),
            (unit, None, "due_unit"),
            (None, step(), "due_step"),
            (unit, step(), "due_unit_step"),
        ] {
            let filter = Filter { unit, step };
            let plans = world
                .app
                .store
                .read(move |tx| due::plans(tx, &filter, window));
            for plan in plans.await.unwrap() {
                assert!(
                    plan.contains(&format!("SEARCH due USING COVERING INDEX {index} (")),
                    "{window:?}: {plan}"
                );
            }
        }
    }
}
