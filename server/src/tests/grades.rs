//! Both grades of a file: on its page, on its sheet, in the list; what a supervisor dismisses no longer counts.

use super::harness::World;
use super::penalty::{fined, opened};
use super::review::seen;
use super::visits::{push, record};
use crate::store::gaps;
use axum::http::StatusCode;
use shared::domain::event::{Fact, Voided};
use shared::instant::{DAY_MS, MINUTE_MS};

/// A penalty on the spot of office 1 in which nearly everything is missing.
async fn world() -> World {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    world.pass(20 * DAY_MS);
    push(&world, &mut phone, record(1), &fined()).await;
    push(&world, &mut phone, record(2), &[opened("ZGFC")]).await;
    world.app.run_due_jobs().await.unwrap();
    world
}

async fn get(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await.text()
}

fn page(end: &str) -> String {
    format!("/records/{}{end}", record(1))
}

/// The supervisor dismisses the record's gaps of these grades.
async fn dismiss(world: &World, severities: &[u8]) {
    let rows = world.app.store.read(|tx| gaps::of_record(tx, record(1)));
    for row in rows.await.unwrap() {
        let open = row.status == gaps::Status::Open;
        if !open || !severities.contains(&row.severity) {
            continue;
        }
        let (cookie, csrf) = world.login("supervisor").await;
        let path = page(&format!("/gaps/{}/{}", row.step, row.rule));
        let form = world.get(&path, &cookie).await.text();
        world.pass(MINUTE_MS);
        let form = format!(
            "csrf={csrf}&seen={}&said=dismissed&words=经核实不成立",
            seen(&form)
        );
        let reply = world.post(&path, &cookie, &form).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
        world.app.run_due_jobs().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_with_a_revocable_gap_has_no_points_until_that_is_dismissed() {
    let world = world().await;
    let shown = get(&world, "supervisor", &page("")).await;
    assert!(
        shown.contains("法律等级") && shown.contains("可撤销风险"),
        "{shown}"
    );
    assert!(
        shown.contains(">0</strong> <span class=\"badge band-fail\">不合格"),
        "{shown}"
    );
    assert!(shown.contains(&page("/grade")));
    let sheet = get(&world, "supervisor", &page("/grade")).await;
    assert!(
        sheet.contains("案卷评查表") && sheet.contains("示例办法"),
        "{sheet}"
    );
    assert!(
        sheet.contains("基础标准不合格：") && sheet.contains("疑似，待认定"),
        "{sheet}"
    );
    // Each deduction leads to its gap on the record's page.
    let link = sheet
        .split_once(&format!("href=\"{}#", page("")))
        .unwrap()
        .1;
    let anchor = link.split_once('"').unwrap().0;
    assert!(shown.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    dismiss(&world, &[3, 4]).await;
    let sheet = get(&world, "supervisor", &page("/grade")).await;
    assert!(!sheet.contains("基础标准不合格"), "{sheet}");
    assert!(sheet.contains("经核实不成立，未计入"), "{sheet}");
    assert!(!sheet.contains(">0</strong>"), "{sheet}");
    dismiss(&world, &[0, 1, 2]).await;
    let sheet = get(&world, "supervisor", &page("/grade")).await;
    assert!(
        sheet.contains(">100</strong> <span class=\"badge band-excellent\">优秀"),
        "{sheet}"
    );
    assert!(
        sheet.contains("无问题") && sheet.contains("没有扣分项"),
        "{sheet}"
    );
    let list = get(&world, "head", "/records?files=excellent").await;
    assert!(list.contains(&page("")), "{list}");
}

#[tokio::test]
async fn files_are_listed_by_band_and_only_those_that_are_scored() {
    let world = world().await;
    let id = record(1).to_string();
    let order = record(2).to_string();
    for (account, query, there) in [
        ("head", "", true),
        ("head", "?files=scored", true),
        ("head", "?files=fail", true),
        ("head", "?files=excellent", false),
        ("head", "?files=nonsense", true),
        ("supervisor", "?files=fail", true),
        ("supervisor", "?files=scored", true),
        ("lead-liuhe", "?files=scored", false),
        ("lead-liuhe", "?files=fail", false),
    ] {
        let list = get(&world, account, &format!("/records{query}")).await;
        assert_eq!(list.contains(&id), there, "{account} {query}");
        let all = query.is_empty() || query.contains("nonsense");
        assert_eq!(list.contains(&order), all, "{account} {query}");
    }
    let csv = get(&world, "head", "/records?files=fail&format=csv").await;
    let line = csv.lines().find(|line| line.contains(&id)).unwrap();
    assert!(line.ends_with("评查分0，不合格"), "{line}");
    assert!(!csv.contains(&order));
    // Points are of files: no page about people has any.
    for path in ["/officers", "/posts", "/gaps/heat"] {
        let page = get(&world, "supervisor", path).await;
        assert!(!page.contains("评查分"), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_penalty_has_its_legal_grade_alone_and_what_is_void_has_none() {
    let world = world().await;
    let order = format!("/records/{}/grade", record(2));
    let sheet = get(&world, "head", &order).await;
    assert!(
        sheet.contains("法律等级") && sheet.contains("没有评查分"),
        "{sheet}"
    );
    assert!(!sheet.contains("class=\"points\""));
    let (cookie, _) = world.login("lead-liuhe").await;
    assert_eq!(
        world.get(&order, &cookie).await.status,
        StatusCode::NOT_FOUND
    );
    let mut phone = world.phone(3).await;
    let void = Voided {
        reason: "误建".to_owned(),
    };
    let facts: Vec<Fact> = vec![opened("JYCF"), void.into()];
    push(&world, &mut phone, record(5), &facts).await;
    world.app.run_due_jobs().await.unwrap();
    let sheet = get(&world, "head", &format!("/records/{}/grade", record(5))).await;
    assert!(
        sheet.contains("不作评查") && !sheet.contains("法律等级"),
        "{sheet}"
    );
    let list = get(&world, "head", "/records?files=scored").await;
    assert!(!list.contains(&record(5).to_string()));
}

#[tokio::test]
async fn another_scheme_has_the_files_judged_again_at_the_next_start() {
    let world = world().await;
    let points = "SELECT points FROM record WHERE id = ?1";
    let stored = |world: &World| {
        let db = rusqlite::Connection::open(world.folder().join("server.sqlite")).unwrap();
        let id = *record(1).as_bytes();
        db.query_row(points, [id], |row| row.get::<_, Option<u32>>(0))
            .unwrap()
    };
    assert_eq!(stored(&world), Some(0));
    let db = rusqlite::Connection::open(world.folder().join("server.sqlite")).unwrap();
    db.execute("UPDATE record SET points = NULL, band = NULL", [])
        .unwrap();
    let world = world.restarted().await;
    world.app.run_due_jobs().await.unwrap();
    assert_eq!(stored(&world), None, "the same scheme asks for nothing");
    db.execute("UPDATE meta SET value = x'00' WHERE name = 'scored-by'", [])
        .unwrap();
    drop(db);
    let world = world.restarted().await;
    world.app.run_due_jobs().await.unwrap();
    assert_eq!(stored(&world), Some(0));
}
