//! The officer's own page: training that arrives and stays, and what the rules find in the officer's own records.

use super::office::{delta, row};
use super::{NINE, PIN, Phone, reference};
use crate::gaps;
use crate::host::HostError;
use crate::sheet::Sheet;
use crate::store::{own, receive};
use shared::domain::reference::{Attended, Invitation, RefSet, SessionKind, Training};
use shared::id::{OfficerId, RecordId, SessionId};
use shared::instant::{DAY_MS, HOUR_MS};
use std::time::Duration;

fn training(officer: OfficerId) -> Training {
    let invitation = |n: u8, kind, title: &str, starts_at| Invitation {
        session: SessionId::from_bytes([n; 16]),
        kind,
        title: title.to_owned(),
        starts_at,
        ends_at: starts_at.plus_millis(2 * HOUR_MS),
        place: "二楼会议室".to_owned(),
        hours_x10: 20,
        scenario: (kind == SessionKind::Drill).then(|| "refusal-to-sign".to_owned()),
        why: "近三个月的记录中多次疑似未出示证件。".to_owned(),
    };
    let tomorrow = NINE.plus_millis(DAY_MS);
    let yesterday = NINE.plus_millis(-DAY_MS);
    Training {
        officer,
        year: 2026,
        done_x10: 125,
        target_x10: 600,
        invitations: vec![
            invitation(1, SessionKind::Course, "法律文书", yesterday),
            invitation(2, SessionKind::Drill, "当事人拒绝签字", tomorrow),
        ],
        attended: vec![Attended {
            title: "执法<证件>".to_owned(),
            day: jiff::civil::date(2026, 3, 5),
            hours_x10: 5,
        }],
    }
}

fn shows_it(html: &str) {
    for words in [
        "2026年学时",
        "已完成 12.5 学时，全年目标 60 学时",
        "还差 47.5 学时",
        "当事人拒绝签字",
        "2026年11月24日 09:00–11:00 · 二楼会议室 · 计 2 学时",
        "邀请原因：近三个月的记录中多次疑似未出示证件。",
        "data-scenario=\"refusal-to-sign\"",
        "3月5日 · 计 0.5 学时",
        "执法&#60;证件&#62;",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert_eq!(html.matches("已结束，等待单位登记").count(), 1, "{html}");
}

#[tokio::test]
async fn training_arrives_and_is_there_without_a_network_and_after_the_lock() {
    let mut phone = Phone::enrolled().await;
    assert!(phone.get("/field/me").await.contains("还没有收到培训信息"));
    *phone.office.training.lock().unwrap() = Some(training(phone.office.officer));
    let sync = tokio::spawn(phone.app.clone().run_sync());
    let mut html = String::new();
    for _ in 0..400 {
        html = phone.get("/field/me").await;
        if html.contains("学时") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    shows_it(&html);
    sync.abort();
    phone.machine.knobs().network = Box::new(|_| Err(HostError::Network("none".to_owned())));
    shows_it(&phone.get("/field/me").await);
    phone.browser.post("/field/lock", &[]).await;
    assert_eq!(phone.browser.get("/field/me").await.status, 303, "locked");
    let unlocked = phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    assert_eq!(unlocked.status, 303);
    shows_it(&phone.get("/field/me").await);
    phone.restart();
    phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    shows_it(&phone.get("/field/me").await);
    phone.browser.post("/field/me", &[("lang", "en")]).await;
    let english = phone.get("/field/me").await;
    assert!(
        english.contains("12.5 h of 60 h expected in the year"),
        "{english}"
    );
}

/// The server never sends it; were it to, this page would still be the owner's.
#[tokio::test]
async fn a_colleagues_row_is_not_shown() {
    let phone = Phone::enrolled().await;
    let other = training(phone.office.colleague);
    let mut page = phone.office.page();
    page.refs = vec![delta(
        RefSet::Training,
        vec![row(other.officer.as_bytes(), &other)],
    )];
    let receive = |tx: &crate::store::WriteTx<'_>| receive::page(tx, &page, NINE);
    phone.app.store().write(receive).unwrap();
    assert!(phone.get("/field/me").await.contains("还没有收到培训信息"));
}

async fn submitted(phone: &Phone) -> String {
    let me = phone.office.officer.to_string();
    let fields = [
        ("procedure", "XZJC"),
        ("urgent", "群众举报"),
        ("subject", &*reference::PARTY.to_string()),
        ("matter", "M1"),
        ("kind", "case"),
        ("source", "complaint"),
        ("officers", &*me),
    ];
    let shown = phone.browser.post("/field/new", &fields).await;
    assert_eq!(shown.status, 303, "{}", shown.html);
    let path = shown.location;
    let fields = [("note", "交")];
    let shown = phone.browser.post(&format!("{path}/submit"), &fields).await;
    assert_eq!(shown.status, 303, "{}", shown.html);
    path
}

/// What the record's own pages would say, of the officers' steps.
fn found(phone: &Phone, path: &str) -> Vec<String> {
    let record: RecordId = path.rsplit('/').next().unwrap().parse().unwrap();
    let now = phone.machine.knobs().now;
    let sheet = phone.app.store().read(|c| Sheet::read(c, record)).unwrap();
    let assessed = gaps::assess(&sheet, now);
    let shown = assessed
        .gaps
        .iter()
        .map(|gap| gaps::gap(&sheet, shared::text::Lang::Zh, gap));
    let officers = |step: &str| {
        let step = sheet.procedure.step(step).unwrap();
        step.actor == shared::rules::procedure::Actor::Officers
    };
    shown
        .filter(|gap| officers(&gap.step))
        .map(|gap| gap.key)
        .collect()
}

#[tokio::test]
async fn what_the_rules_find_is_counted_on_home_and_listed_gravest_first() {
    let phone = Phone::enrolled().await;
    let home = phone.get("/field/").await;
    assert!(!home.contains("/field/me/gaps"), "no zero on home: {home}");
    assert!(
        phone
            .get("/field/me/gaps")
            .await
            .contains("本机还没有您参与的记录")
    );
    let path = submitted(&phone).await;
    phone.machine.pass(30 * DAY_MS);
    let keys = found(&phone, &path);
    assert!(keys.len() > 2, "{keys:?}");
    let home = phone.get("/field/").await;
    let count = format!("我的记录有 {} 处疑似问题", keys.len());
    assert!(home.contains(&count), "{home}");
    let html = phone.get("/field/me/gaps").await;
    assert_eq!(html.matches("data-gap=").count(), keys.len());
    let grades: Vec<&str> = html.split("sev-G").skip(1).map(|rest| &rest[..1]).collect();
    assert!(grades.is_sorted_by(|a, b| a >= b), "{grades:?}");
    let first = keys[0].split(' ').nth(1).unwrap();
    assert!(
        html.contains(&format!("href=\"{path}/s/{first}\"")),
        "{html}"
    );
    // Nothing is judged again until something changes.
    let due = |phone: &Phone| {
        let now = phone.machine.knobs().now;
        phone
            .app
            .store()
            .read(|c| own::due(c, now, 9))
            .unwrap()
            .len()
    };
    assert_eq!(due(&phone), 0);
    let step = format!("{path}/s/JC-12");
    phone.browser.post(&step, &[("act", "save")]).await;
    phone.browser.post(&step, &[("act", "done")]).await;
    assert_eq!(due(&phone), 1);
    let html = phone.get("/field/me/gaps").await;
    assert_eq!(
        html.matches("data-gap=").count(),
        found(&phone, &path).len()
    );
    // New reference data: only what is not handed in is judged again.
    phone.open().await;
    phone.get("/field/me/gaps").await;
    let page = phone.office.page();
    let receive = |tx: &crate::store::WriteTx<'_>| receive::page(tx, &page, NINE);
    phone.app.store().write(receive).unwrap();
    assert!(due(&phone) <= 2);
}

/// A view judges few records however many there are.
#[tokio::test]
async fn many_records_do_not_slow_a_page() {
    let phone = Phone::enrolled().await;
    for _ in 0..30 {
        submitted(&phone).await;
    }
    let waiting = |phone: &Phone| {
        let now = phone.machine.knobs().now;
        phone.app.store().read(|c| own::waiting(c, now)).unwrap()
    };
    assert_eq!(waiting(&phone), 30);
    phone.get("/field/").await;
    assert_eq!(waiting(&phone), 27);
    let html = phone.get("/field/me/gaps").await;
    assert_eq!(waiting(&phone), 7);
    assert!(html.contains("还有 7 条记录没有核对"), "{html}");
    phone.get("/field/me/gaps").await;
    let html = phone.get("/field/me/gaps").await;
    assert_eq!(waiting(&phone), 0);
    assert_eq!(html.matches("<section").count(), 10);
    assert!(html.contains("另有 20 条记录"), "{html}");
}
