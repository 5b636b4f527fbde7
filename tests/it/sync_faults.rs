//! A real client and a real server with everything in between going wrong: nothing is lost and nothing is doubled.
//! The schedules of the sans-I/O engine are played beside it, in `shared`; here its hosts and stores take part.

use rusqlite::Connection;
use shared::domain::event::Fact;
use shared::instant::{Instant, MINUTE_MS};
use std::collections::BTreeMap;
use tests::device::{Device, check_chain};
use tests::hands::Hands;
use tests::here::{Here, Phone};
use tests::machine::{Clock, Fault};
use tests::office::gaps_on;
use tests::records::Dice;

const NOW: Instant = Instant::from_millis(1_795_400_000_000);

/// How often each reason of an urgent inspection stands in the server's log.
pub(crate) async fn reasons(reader: &Device) -> BTreeMap<String, usize> {
    let pulled = reader.pull_all().await.unwrap();
    let feeds: std::collections::BTreeSet<_> = pulled
        .commits
        .iter()
        .map(|commit| commit.header().feed)
        .collect();
    for feed in feeds
        .into_iter()
        .filter(|feed| *feed != reader.enrolled.server_feed)
    {
        check_chain(&pulled.commits, feed).unwrap();
    }
    let mut found = BTreeMap::new();
    for (_, event) in pulled.commits.iter().flat_map(|commit| commit.events()) {
        if let Fact::Opened(opened) = event.unwrap().fact
            && let Some(reason) = opened.urgent
        {
            *found.entry(reason).or_default() += 1;
        }
    }
    found
}

fn once(written: &[String]) -> BTreeMap<String, usize> {
    written.iter().map(|reason| (reason.clone(), 1)).collect()
}

#[tokio::test]
async fn whatever_the_network_does_nothing_is_lost_or_doubled() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let reader = here.device("王建国", 1).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    let mut dice = Dice::new(7);
    let mut written = Vec::new();
    let mut happened = 0;
    for round in 0..24 {
        let faults = 1 + dice.roll(6);
        let plan: Vec<Fault> = (0..faults)
            .map(|_| Fault::ALL[usize::try_from(dice.roll(Fault::ALL.len() as u64)).unwrap()])
            .collect();
        phone.machine.network.plan(plan.clone());
        for nth in 0..=dice.roll(3) {
            let reason = format!("突发情况 {round}-{nth}");
            phone.open_urgent(&reason).await.unwrap();
            written.push(reason);
        }
        // Now and then the client is ended and begun again in the middle of it.
        if dice.once_in(3) {
            phone = phone.restart().await.unwrap();
        }
        here.clock.advance(MINUTE_MS);
        phone
            .upload_all()
            .await
            .unwrap_or_else(|error| panic!("{plan:?}: {error}"));
        happened += plan.len() - phone.machine.network.planned();
        phone.machine.network.plan([]);
    }
    assert!(happened > 48, "only {happened} requests met a fault");
    assert_eq!(reasons(&reader).await, once(&written));
}

#[tokio::test]
async fn a_login_page_of_a_wifi_is_no_success() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let reader = here.device("王建国", 1).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    phone.upload_all().await.unwrap();
    phone.machine.network.plan([Fault::Portal; 1_000]);
    phone.open_urgent("机场网络").await.unwrap();
    phone.hands.open("/field/sync").await.unwrap();
    phone.hands.press("立即上传").await.unwrap();
    phone
        .hands
        .await_words("/field/sync", "应答的不是本系统的服务器")
        .await
        .unwrap();
    phone.hands.expect_words("没有丢失").await.unwrap();
    assert_eq!(reasons(&reader).await, BTreeMap::new());
    phone.machine.network.plan([]);
    phone.upload_all().await.unwrap();
    assert_eq!(reasons(&reader).await, once(&["机场网络".to_owned()]));
}

#[tokio::test]
async fn the_server_may_end_and_begin_again_at_any_time() {
    let mut here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    let mut written = Vec::new();
    for round in 0..6 {
        phone.machine.network.connect(None);
        let reason = format!("断电 {round}");
        phone.open_urgent(&reason).await.unwrap();
        written.push(reason);
        phone.hands.open("/field/sync").await.unwrap();
        phone.hands.press("立即上传").await.unwrap();
        phone.hands.await_words("/field/", "未上传").await.unwrap();
        here.reopen().await.unwrap();
        phone.machine.network.connect(Some(here.router.clone()));
        here.clock.advance(MINUTE_MS);
        phone.upload_all().await.unwrap();
    }
    let reader = here.device("王建国", 1).await.unwrap();
    assert_eq!(reasons(&reader).await, once(&written));
}

#[tokio::test]
async fn a_restored_copy_of_a_phone_is_found_out_and_loses_nothing() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let reader = here.device("王建国", 1).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    phone.open_urgent("备份之前").await.unwrap();
    phone.upload_all().await.unwrap();
    let machine = phone.end().await;
    let copy = machine.copy(99 << 32).unwrap();
    copy.network.connect(Some(here.router.clone()));
    let mut original = Phone::start(machine).await.unwrap();
    tests::journey::unlock(&mut original.hands).await.unwrap();
    original.open_urgent("原机所写").await.unwrap();
    original.upload_all().await.unwrap();
    let mut restored = Phone::start(copy).await.unwrap();
    tests::journey::unlock(&mut restored.hands).await.unwrap();
    let path = restored.open_urgent("副本所写").await.unwrap();
    restored.hands.open("/field/sync").await.unwrap();
    restored.hands.press("立即上传").await.unwrap();
    restored
        .hands
        .await_words("/field/", "上传已暂停")
        .await
        .unwrap();
    // Nothing of either is gone.
    restored.hands.open(&path).await.unwrap();
    restored.hands.expect_words("副本所写").await.unwrap();
    let kept = reasons(&reader).await;
    assert_eq!(kept, once(&["备份之前".to_owned(), "原机所写".to_owned()]));
}

#[tokio::test]
async fn a_gap_opens_and_closes_on_both_sides() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    let path = phone.open_urgent("查看举报").await.unwrap();
    let record = path.trim_start_matches("/field/r/").to_owned();
    let step = format!("{path}/s/JC-10");
    phone.hands.open(&step).await.unwrap();
    phone.hands.press("完成本步骤").await.unwrap();
    phone.hands.open(&format!("{path}/submit")).await.unwrap();
    phone.hands.press("提交").await.unwrap();
    let claimed = shown(&here, &mut phone, &path, &record).await;
    assert!(
        claimed.iter().any(|key| key == "R09 JC-10 claimed G2"),
        "{claimed:?}"
    );
    // The recording turns up: the step is corrected with it.
    phone.hands.open(&format!("{step}/amend")).await.unwrap();
    phone.hands.fill("reason", "补充音像编号").await.unwrap();
    phone.hands.press("撤回并重新填写").await.unwrap();
    phone.hands.open(&step).await.unwrap();
    phone.hands.fill("recording", "R20261123-01").await.unwrap();
    phone.hands.press("完成本步骤").await.unwrap();
    let cured = shown(&here, &mut phone, &path, &record).await;
    assert!(!cured.iter().any(|key| key.starts_with("R09")), "{cured:?}");
    let page = here
        .office("supervisor")
        .await
        .unwrap()
        .record(&record)
        .await
        .unwrap();
    assert!(page.text().contains("已补正的缺口"), "{}", page.text());
}

/// The gaps of a record, after the phone has uploaded and the office has judged: the same on both.
async fn shown(here: &Here, phone: &mut Phone, path: &str, record: &str) -> Vec<String> {
    phone.upload_all().await.unwrap();
    here.app.run_due_jobs().await.unwrap();
    let mut office = here.office("supervisor").await.unwrap();
    let in_office = gaps_on(&office.record(record).await.unwrap().html);
    phone.hands.open(&format!("{path}/leave")).await.unwrap();
    let on_phone = gaps_on(&phone.hands.page.html);
    let keys = |gaps: Vec<tests::office::SeenGap>| -> Vec<String> {
        gaps.into_iter().map(|gap| gap.key).collect()
    };
    let (on_phone, in_office) = (keys(on_phone), keys(in_office));
    assert_eq!(on_phone, in_office);
    on_phone
}

#[tokio::test]
async fn what_was_saved_is_there_after_the_program_ended_without_a_word() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    phone.machine.network.connect(None);
    let path = phone.open_urgent("没有网络").await.unwrap();
    for round in 0..5 {
        let facts = format!("第{round}次保存");
        phone.hands.open(&format!("{path}/s/JC-14")).await.unwrap();
        phone.hands.fill("f.facts", &facts).await.unwrap();
        phone.hands.press("保存").await.unwrap();
        phone = phone.restart().await.unwrap();
        phone.hands.open(&format!("{path}/s/JC-14")).await.unwrap();
        phone.hands.expect_words(&facts).await.unwrap();
    }
    let database = Connection::open(phone.machine.database()).unwrap();
    let sound: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
}
