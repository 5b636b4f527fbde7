//! The driver against the small server: nothing counts as sent without a receipt of the right key.

use super::office::{delta, row};
use super::{NINE, Phone};
use crate::app::Signal;
use crate::store::{log, meta, receive, refs};
use shared::domain::event::{Event, Submitted};
use shared::domain::reference::RefSet;
use shared::id::{FeedId, JurisdictionId, OfficerId, RecordId};
use shared::log::commit::{
    Commit, HEADER_VERSION, Header, Mode, SUITE_ED25519_SHA256, TimeEvidence,
};
use std::time::Duration;

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

fn unsent(phone: &Phone) -> u64 {
    phone.app.store().read(log::unsent).unwrap().count
}

#[tokio::test]
async fn what_is_sealed_arrives_and_the_line_says_so() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    assert!(phone.get("/field/").await.contains("1 条未上传"));
    let sync = tokio::spawn(phone.app.clone().run_sync());
    phone
        .browser
        .post(&format!("{path}/s/T-2"), &[("act", "done")])
        .await;
    until("all sent", || unsent(&phone) == 0).await;
    assert_eq!(phone.office.state.lock().unwrap().commits.len(), 1);
    until("the line", || {
        phone
            .app
            .store()
            .read(|c| meta::get(c, meta::Key::LastSync))
            .unwrap()
            .is_some()
    })
    .await;
    assert!(phone.get("/field/").await.contains("全部已上传"));
    sync.abort();
}

#[tokio::test]
async fn lost_answers_and_login_pages_lose_nothing() {
    let phone = Phone::enrolled().await;
    phone.office.state.lock().unwrap().portal = true;
    let sync = tokio::spawn(phone.app.clone().run_sync());
    phone.open().await;
    phone.browser.post("/field/sync", &[]).await;
    until("a stranger", || {
        phone.app.mailbox().status().trouble.is_some()
    })
    .await;
    assert_eq!(unsent(&phone), 1);
    {
        let mut state = phone.office.state.lock().unwrap();
        state.portal = false;
        state.lose = 3;
    }
    phone.app.signal(Signal::Online);
    until("all sent", || unsent(&phone) == 0).await;
    assert_eq!(phone.office.state.lock().unwrap().commits.len(), 1);
    sync.abort();
}

#[tokio::test]
async fn a_receipt_of_another_key_is_no_receipt() {
    let phone = Phone::enrolled().await;
    phone.office.state.lock().unwrap().forge = true;
    phone.open().await;
    phone.app.seal_all().unwrap();
    let sync = tokio::spawn(phone.app.clone().run_sync());
    until("trouble", || phone.app.mailbox().status().trouble.is_some()).await;
    assert_eq!(unsent(&phone), 1);
    sync.abort();
}

fn stranger(record: RecordId, feed: FeedId, seed: u8, seq_one: bool) -> Commit {
    let header = Header {
        version: HEADER_VERSION,
        suite: SUITE_ED25519_SHA256,
        feed,
        seq: 1,
        prev: None,
        record,
        record_prev: None,
        seen: Vec::new(),
        officer: OfficerId::from_bytes([1; 16]),
        mode: Mode::Real,
        jurisdiction: JurisdictionId::new("sample").unwrap(),
        refs: Vec::new(),
        time: TimeEvidence {
            wall: NINE,
            monotonic_ms: u64::from(seq_one),
            session: [0; 8],
            beacon: None,
        },
        events: Vec::new(),
    };
    let event = Event {
        recorded_at: NINE,
        happened_at: None,
        fact: Submitted {
            note: "远程".to_owned(),
        }
        .into(),
    };
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    Commit::seal(header, &[event], [0; 16], &key).unwrap()
}

#[tokio::test]
async fn pulled_commits_are_checked_and_then_seen() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let record: RecordId = path.rsplit('/').next().unwrap().parse().unwrap();
    let server = FeedId::from_bytes([8; 16]);
    let good = stranger(record, server, 3, true);
    let bad = stranger(record, FeedId::from_bytes([77; 16]), 77, true);
    let mut page = phone.office.page();
    page.refs.clear();
    page.commits = vec![good.bytes().to_vec().into(), bad.bytes().to_vec().into()];
    let received = phone
        .app
        .store()
        .write(|tx| receive::page(tx, &page, NINE))
        .unwrap();
    assert!(!received.forked);
    assert_eq!(phone.app.store().read(receive::quarantined).unwrap(), 1);
    phone.app.seal_all().unwrap();
    let commits = phone
        .app
        .store()
        .read(|c| log::of_record(c, record))
        .unwrap();
    let own = commits.iter().find(|c| c.header().feed != server).unwrap();
    assert_eq!(own.header().seen, [good.head()]);
    assert_eq!(commits.len(), 2);
}

#[tokio::test]
async fn another_commit_at_our_own_place_freezes_the_feed() {
    let phone = Phone::enrolled().await;
    phone.open().await;
    phone.app.seal_all().unwrap();
    let (feed, key) = phone.app.store().read(meta::feed_key).unwrap();
    let twin = {
        let other = stranger(RecordId::from_bytes([4; 16]), feed, 0, false);
        let header = other.header().clone();
        let event = Event {
            recorded_at: NINE,
            happened_at: None,
            fact: Submitted {
                note: String::new(),
            }
            .into(),
        };
        Commit::seal(header, &[event], [1; 16], &key).unwrap()
    };
    let mut page = phone.office.page();
    page.refs.clear();
    page.commits = vec![twin.bytes().to_vec().into()];
    let received = phone
        .app
        .store()
        .write(|tx| receive::page(tx, &page, NINE))
        .unwrap();
    assert!(received.forked);
    assert_eq!(unsent(&phone), 1);
    assert!(phone.get("/field/").await.contains("上传已暂停"));
}

#[tokio::test]
async fn a_set_of_a_newer_build_is_left_for_that_build() {
    let phone = Phone::enrolled().await;
    let mut page = phone.office.page();
    let newer = delta(
        RefSet::Other(200),
        vec![row(b"key", &"what nobody here can read")],
    );
    page.refs.insert(0, newer);
    page.position = 9;
    let store = phone.app.store();
    let receive = |tx: &crate::store::WriteTx<'_>| receive::page(tx, &page, NINE);
    let received = store.write(receive).unwrap();
    assert_eq!(received, receive::Received::default());
    let versions = store.read(refs::versions).unwrap();
    assert!(versions.iter().all(|known| known.set != RefSet::Other(200)));
    assert!(versions.iter().any(|known| known.set == RefSet::Officers));
    let cursor: Option<meta::Cursor> = store.read(|c| meta::read(c, meta::Key::Cursor)).unwrap();
    assert_eq!(cursor.unwrap().position, 9, "the rest of the page stands");
    // A file that a newer build has used.
    let used = "INSERT INTO ref_versions (set_no, version) VALUES (200, 4)";
    store.write(|tx| Ok(tx.execute(used, [])?)).unwrap();
    assert_eq!(store.read(refs::versions).unwrap(), versions);
    phone.open().await;
    phone.app.seal_all().unwrap();
}

#[tokio::test]
async fn headers_name_only_sets_that_judge() {
    let phone = Phone::enrolled().await;
    let mut page = phone.office.page();
    page.refs.push(delta(RefSet::Scenarios, vec![]));
    let receive = |tx: &crate::store::WriteTx<'_>| receive::page(tx, &page, NINE);
    phone.app.store().write(receive).unwrap();
    let path = phone.open().await;
    phone.app.seal_all().unwrap();
    let record = path.rsplit('/').next().unwrap().parse().unwrap();
    let commits = phone
        .app
        .store()
        .read(|c| log::of_record(c, record))
        .unwrap();
    let named: Vec<RefSet> = commits[0].header().refs.iter().map(|v| v.set).collect();
    assert!(named.contains(&RefSet::Procedures) && !named.contains(&RefSet::Scenarios));
    let known = phone.app.store().read(refs::versions).unwrap();
    assert!(known.iter().any(|v| v.set == RefSet::Scenarios));
}
