//! The pages about training: needs with the records behind them, seen by those who may, and read along an index.

use super::harness::World;
use crate::demo;
use crate::store::needs::{self, Read};
use crate::training::competency_of;
use rusqlite::Connection;
use shared::id::RecordId;
use shared::instant::DAY_MS;
use shared::text::Lang;

/// A row of an ended visit by these officers, so many days ago, with these gaps: rule, step, grade, open.
struct Visit<'a> {
    number: u32,
    days_ago: i64,
    officers: &'a [u8],
    gaps: &'a [(&'a str, &'a str, u8, bool)],
}

fn id(number: u32) -> RecordId {
    let mut bytes = [7; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    RecordId::from_bytes(bytes)
}

fn open(world: &World) -> Connection {
    Connection::open(world.folder().join("server.sqlite")).unwrap()
}

fn put(db: &Connection, world: &World, visit: &Visit<'_>) {
    let record = id(visit.number);
    let (record, unit) = (record.as_bytes(), demo::unit(1));
    let at = world.now().as_millis() - visit.days_ago * DAY_MS;
    db.execute(
        "INSERT INTO record (id, unit, drill, procedure, subject_name, created_at, changed_at)
         VALUES (?1, ?2, 0, 'XZJC', '示例', ?3, ?3)",
        (record, unit.as_bytes(), at),
    )
    .unwrap();
    db.execute(
        "INSERT INTO visit (record, unit, procedure, start_at, end_at, year, place)
         VALUES (?1, ?2, 'XZJC', ?3, ?3 + 60000, 2026, '')",
        (record, unit.as_bytes(), at),
    )
    .unwrap();
    for officer in visit.officers {
        db.execute(
            "INSERT INTO visit_officer (record, officer, start_at) VALUES (?1, ?2, ?3)",
            (record, demo::officer(*officer).as_bytes(), at),
        )
        .unwrap();
    }
    for (nth, (rule, step, grade, open)) in (0_u32..).zip(visit.gaps) {
        let status = if *open { "open" } else { "cured" };
        db.execute(
            "INSERT INTO gap (record, rule, step, nth, state, severity, status, stage, first_seen, last_seen,
                              cured_at, versions, unit)
             VALUES (?1, ?2, ?3, ?4, 'missing', ?5, ?6, 'new', ?7, ?7, ?8, '', ?9)",
            (
                record, *rule, *step, nth, *grade, status, at, (!open).then_some(at), unit.as_bytes(),
            ),
        )
        .unwrap();
    }
}

/// Six visits of officers 2 and 3: nobody showed a certificate in two of them, and the office approved none.
async fn world() -> World {
    let world = World::new().await;
    let db = open(&world);
    for number in 0..6 {
        let shown = [("R09", "JC-10", 2, number == 0), ("R06", "JC-07", 2, true)];
        let gaps = if number < 2 { &shown[..] } else { &shown[1..] };
        let visit = Visit {
            number,
            days_ago: i64::from(number) + 1,
            officers: &[2, 3],
            gaps,
        };
        put(&db, &world, &visit);
    }
    world
}

/// The records by which officer 2 is judged.
async fn last(world: &World) -> Vec<RecordId> {
    let of = demo::officer(2);
    let read = &world.app.store;
    let found = read.read(move |tx| Read::default().last(tx, of, None));
    found.await.unwrap().iter().map(|one| one.id).collect()
}

async fn get(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await.text()
}

fn file(officer: u8) -> String {
    format!("/training/officers/{}", demo::officer(officer))
}

#[tokio::test]
async fn a_need_names_its_records_and_the_offices_steps_are_not_charged() {
    let world = world().await;
    let page = get(&world, "training", &file(2)).await;
    assert!(
        page.contains("最近5份检查记录中2份有疑似问题：没有出示执法证件的证明（R09）2份"),
        "{page}"
    );
    for number in [0, 1] {
        assert!(page.contains(&format!("href=\"/records/{}\"", id(number))));
    }
    assert!(
        !page.contains(&id(2).to_string()) && !page.contains("R06"),
        "{page}"
    );
    assert!(page.contains("未补正") && page.contains("已补正"));
    let few = get(&world, "training", &file(1)).await;
    assert!(
        few.contains("已结束的记录只有0份，不足3份，暂不判断。"),
        "{few}"
    );
    let lines = get(&world, "training", &format!("{}?format=csv", file(2))).await;
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.contains("K01 亮证与告知,R09,"), "{lines}");
}

#[tokio::test]
async fn the_overview_counts_people_and_leads_to_them() {
    let world = world().await;
    let page = get(&world, "training", "/training").await;
    assert!(
        page.contains("2人有需求") && page.contains("已判断2人"),
        "{page}"
    );
    let chosen = get(&world, "training", "/training?competency=K01").await;
    assert!(chosen.contains(&file(2)) && chosen.contains(&file(3)));
    assert!(!chosen.contains(&file(1)) && chosen.contains("共2人"));
    let none = get(&world, "training", "/training?competency=K09").await;
    assert!(none.contains("没有符合筛选条件的执法人员。"));
    let ended = get(&world, "training", "/training?certificate=ended").await;
    assert!(ended.contains(&file(5)) && !ended.contains(&file(2)));
    let soon = get(&world, "training", "/training?certificate=30").await;
    assert!(soon.contains(&file(4)) && !soon.contains(&file(5)));
    let lines = get(&world, "training", "/training?format=csv&competency=K01").await;
    assert_eq!(lines.lines().count(), 3, "{lines}");
    let needs = get(&world, "training", "/training?format=csv&list=needs").await;
    assert!(
        needs.contains("K01,亮证与告知,2人有需求,已判断2人"),
        "{needs}"
    );
    let english = world.login("training").await.0 + "; lang=en";
    let page = world.get("/training", &english).await.text();
    assert!(!page.contains("console.needs"), "{page}");
}

#[tokio::test]
async fn an_officers_file_is_for_the_officer_the_own_lead_and_the_manager() {
    let world = world().await;
    for (account, officer, expected) in [
        ("training", 13, 200),
        ("training", 2, 200),
        ("lead", 2, 200),
        ("lead", 13, 404),
        ("lead-liuhe", 2, 404),
        ("lead-liuhe", 13, 200),
        ("officer", 2, 200),
        ("officer", 3, 404),
        ("supervisor", 2, 403),
        ("head", 2, 403),
    ] {
        let (cookie, _) = world.login(account).await;
        let reply = world.get(&file(officer), &cookie).await;
        assert_eq!(reply.status.as_u16(), expected, "{account} {officer}");
    }
    let theirs = get(&world, "lead-liuhe", "/training").await;
    assert!(theirs.contains(&file(13)) && !theirs.contains(&file(2)));
    let asked = format!("/training?unit={}", demo::unit(1));
    let asked = get(&world, "lead-liuhe", &asked).await;
    assert!(!asked.contains(&file(2)), "another office by its id");
    assert!(get(&world, "officer", "/").await.contains(&file(2)));
}

#[tokio::test]
async fn drills_voided_and_running_visits_do_not_count() {
    let world = world().await;
    assert_eq!(last(&world).await, (0..6).map(id).collect::<Vec<_>>());
    let db = open(&world);
    for (number, sql) in [
        (0, "UPDATE record SET drill = 1 WHERE id = ?1"),
        (1, "UPDATE record SET voided = 1 WHERE id = ?1"),
        (2, "UPDATE visit SET end_at = NULL WHERE record = ?1"),
        (3, "DELETE FROM visit_officer WHERE record = ?1"),
    ] {
        db.execute(sql, [id(number).as_bytes()]).unwrap();
    }
    assert_eq!(last(&world).await, [id(4), id(5)]);
    let of = demo::officer(2);
    let elsewhere = world
        .app
        .store
        .read(move |tx| Read::default().last(tx, of, Some(demo::unit(3))));
    assert!(
        elsewhere.await.unwrap().is_empty(),
        "another office's records"
    );
}

#[tokio::test]
async fn the_last_records_are_read_along_an_index() {
    let world = World::new().await;
    let steps = world.app.store.read(needs::plan).await.unwrap();
    assert!(
        steps.contains("SEARCH visit_officer USING COVERING INDEX visit_officer_time"),
        "{steps}"
    );
    assert!(
        !steps.contains("SCAN") && !steps.contains("TEMP B-TREE"),
        "{steps}"
    );
}

#[tokio::test]
async fn the_target_is_sixty_hours_unless_the_office_says_otherwise() {
    let world = world().await;
    assert!(get(&world, "training", &file(2)).await.contains("0/60学时"));
    let db = open(&world);
    let set = "INSERT INTO meta (name, value) VALUES ('training-target-x10', ?1)";
    db.execute(set, [&405_i64.to_be_bytes()[..]]).unwrap();
    assert!(
        get(&world, "training", &file(2))
            .await
            .contains("0/40.5学时")
    );
}

#[tokio::test]
async fn a_rule_leads_to_its_competency() {
    assert_eq!(competency_of(Lang::En, "R99"), None);
    let of = competency_of(Lang::Zh, "R09");
    assert_eq!(of, Some(("K01", "亮证与告知")));
}
