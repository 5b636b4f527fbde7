//! Drills: played to their end, left and given up; and nothing of them where enforcement stands.

use super::office::{self, COLLEAGUE_PIN};
use super::scenarios::{SESSION, expired, outside, refusal};
use super::{NINE, PIN, Phone};
use crate::store::{blobs, drill, journal, log, records};
use shared::domain::event::Fact;
use shared::domain::reference::{Invitation, RefSet, SessionKind, Training};
use shared::domain::scenario::Scenario;
use shared::drill::played;
use shared::fold::Facts;
use shared::id::{OfficerId, RecordId};
use shared::log::commit::{Commit, MAX_EVENTS, Mode};
use shared::sync::wire::Page;

/// A phone with scenarios, invited to one of them.
async fn ready() -> Phone {
    let phone = Phone::enrolled().await;
    send(&phone, &[expired(), outside(), refusal()]);
    phone
}

fn send(phone: &Phone, scenarios: &[Scenario]) {
    let rows = scenarios
        .iter()
        .map(|one| office::row(one.key().as_bytes(), one))
        .collect();
    let training = Training {
        officer: phone.office.officer,
        year: 2026,
        done_x10: 0,
        target_x10: 600,
        invitations: vec![Invitation {
            session: SESSION,
            kind: SessionKind::Drill,
            title: "冬季演练".to_owned(),
            starts_at: NINE,
            ends_at: NINE.plus_millis(3_600_000),
            place: String::new(),
            hours_x10: 20,
            scenario: Some("refusal".to_owned()),
            why: String::new(),
        }],
        attended: Vec::new(),
    };
    let mine = vec![office::row(phone.office.officer.as_bytes(), &training)];
    let page = Page {
        refs: vec![
            office::delta(RefSet::Scenarios, rows),
            office::delta(RefSet::Training, mine),
        ],
        ..phone.office.page()
    };
    let store = phone.app.store();
    store
        .write(|tx| crate::store::receive::page(tx, &page, NINE))
        .unwrap();
}

impl Phone {
    async fn start(&self, scenario: &str) -> String {
        let shown = self
            .browser
            .post(&format!("/field/drills/s/{scenario}@1"), &[])
            .await;
        assert_eq!(shown.location, "/field/drills/now", "{}", shown.html);
        let shown = self.act("go").await;
        assert!(shown.location.starts_with("/field/r/"), "{}", shown.html);
        shown.location
    }

    async fn act(&self, act: &str) -> crate::testing::Shown {
        self.browser
            .post("/field/drills/now", &[("act", act)])
            .await
    }

    /// Ends the drill and gives its result's address.
    async fn finish(&self) -> String {
        assert!(self.act("finish").await.html.contains("finish.yes"));
        self.act("finish.yes").await.location
    }

    fn own(&self) -> Vec<Commit> {
        let read = |c: &rusqlite::Connection| {
            let (feed, _) = crate::store::meta::feed_key(c)?;
            log::run(c, feed, 0, 1000, 1 << 24)
        };
        let bytes = self.app.store().read(read).unwrap();
        bytes.iter().map(|b| Commit::parse(b).unwrap()).collect()
    }
}

/// Everything that enforcement shows and keeps.
async fn enforcement(phone: &Phone, record: &str) -> Vec<String> {
    let mut out = Vec::new();
    for path in [
        "/field/",
        "/field/list/tasks",
        "/field/list/open",
        "/field/list/submitted",
        "/field/list/others",
        "/field/new",
        "/field/me/gaps",
        "/field/sync",
        record,
        &format!("{record}/leave"),
        &format!("{record}/log"),
    ] {
        out.push(phone.get(path).await);
    }
    let counts = phone.app.store().read(|c| {
        Ok((
            journal::records(c)?.len(),
            log::unsent(c)?,
            blobs::unsent(c)?,
        ))
    });
    out.push(format!("{:?}", counts.unwrap()));
    out
}

fn record_of(path: &str) -> RecordId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn refuse(phone: &Phone, path: &str) {
    let step = format!("{path}/s/T-3");
    let mine = format!("pin.{}", phone.office.officer);
    let theirs = format!("pin.{}", phone.office.colleague);
    let fields = [
        ("act", "save"),
        ("f.found", "出口堵塞"),
        (&*mine, PIN),
        (&*theirs, COLLEAGUE_PIN),
    ];
    phone.browser.post(&step, &fields).await;
    let fields = [("act", "refuse"), ("reason", "不同意"), ("witness", "王芳")];
    phone.browser.post(&format!("{step}/sign"), &fields).await;
    let shown = phone.browser.post(&step, &[("act", "done")]).await;
    assert_eq!(shown.location, path, "{}", shown.html);
}

#[tokio::test]
async fn a_drill_is_played_to_its_end_and_only_its_commits_are_kept() {
    let phone = ready().await;
    let list = phone.get("/field/drills").await;
    let (invited, other) = (
        list.find("剧本refusal").unwrap(),
        list.find("剧本expired").unwrap(),
    );
    assert!(
        invited < other && list.contains("受邀") && list.contains("30 分钟"),
        "{list}"
    );
    let path = phone.start("refusal").await;
    let now = phone.get("/field/drills/now").await;
    assert!(now.contains("演练 · 不计入执法记录") && now.contains("【演练】"));
    let card = phone.get("/field/drills/now/card/party").await;
    assert!(card.contains("您不肯签字。") && card.contains("交给扮演者看"));
    assert_eq!(
        phone
            .browser
            .get("/field/drills/now/card/judge")
            .await
            .status,
        404
    );
    let step = phone.get(&format!("{path}/s/T-3")).await;
    assert!(step.contains("当事人放下笔走了。") && step.contains("不计入执法记录"));
    refuse(&phone, &path).await;
    // Until the end nothing is sealed and nothing stands in the real file.
    assert!(phone.own().is_empty());
    let before = phone.app.store().read(|c| Ok(journal::records(c)?.len()));
    assert_eq!(before.unwrap(), 0);
    let past = phone.finish().await;
    let html = phone.get(&past).await;
    assert!(html.contains("预期做到 2 项，共 2 项"), "{html}");
    assert!(html.contains("讲评：先看证件。") && !html.contains("没有做到"));
    let own = phone.own();
    assert!(!own.is_empty() && own.iter().all(|c| c.header().mode == Mode::Drill));
    assert!(
        own.iter()
            .all(|c| c.header().record == record_of(&path) && c.header().events.len() <= MAX_EVENTS)
    );
    let facts = Facts::of(&own, []);
    let drill = played(&facts).unwrap();
    assert_eq!(
        (drill.scenario.as_str(), drill.session, drill.ended),
        ("refusal@1", Some(SESSION), Some(NINE))
    );
    // It makes no record: its own address is gone, and the drill's file is empty.
    assert_eq!(phone.browser.get(&path).await.status, 404);
    let left = phone.app.drill().read(|c| Ok(journal::records(c)?.len()));
    assert_eq!(left.unwrap(), 0);
    assert!(phone.get("/field/drills").await.contains("共 2 项"));
    assert_eq!(phone.act("finish.yes").await.location, "/field/drills");
    assert_eq!(phone.own().len(), own.len());
}

#[tokio::test]
async fn what_the_scenario_changes_is_seen_on_the_ordinary_screens() {
    let phone = ready().await;
    let path = phone.start("expired").await;
    let officers = [phone.office.officer, phone.office.colleague].map(|o: OfficerId| o.to_string());
    let fields = [
        ("act", "done"),
        ("f.officers", officers[0].as_str()),
        ("f.officers", officers[1].as_str()),
        ("f.recusal", "none"),
    ];
    phone
        .browser
        .post(&format!("{path}/s/JC-08"), &fields)
        .await;
    phone
        .browser
        .post(&format!("{path}/s/JC-10"), &[("act", "done")])
        .await;
    phone
        .browser
        .post(
            &format!("{path}/s/JC-13"),
            &[("act", "notdone"), ("reason", "停止")],
        )
        .await;
    let past = phone.finish().await;
    let html = phone.get(&past).await;
    assert!(html.contains("data-gap=\"R02 "), "{html}");
    assert!(html.contains("没有做到") && html.contains("预期做到 1 项，共 2 项"));
    // The colleague's real certificate is as good as before.
    let real = phone.open_whole("M1").await;
    let leave = phone.get(&format!("{real}/leave")).await;
    assert!(!leave.contains("data-gap=\"R02 "));

    let path = phone.start("expired").await;
    phone
        .browser
        .post(
            &format!("{path}/s/JC-08"),
            &[
                ("act", "notdone"),
                ("reason", "同事证件到期，停止检查，另派人员"),
            ],
        )
        .await;
    let html = phone.get(&phone.finish().await).await;
    assert!(
        html.contains("预期做到 2 项，共 2 项") && !html.contains("data-gap=\"R02 "),
        "{html}"
    );
}

#[tokio::test]
async fn a_matter_off_the_list_is_off_it_in_the_drill_alone() {
    let phone = ready().await;
    let path = phone.start("outside").await;
    assert!(phone.get(&path).await.contains("不在当日有效的权责清单上"));
    for (step, fields) in [
        ("JC-10", [("act", "done"), ("reason", "")]),
        ("JC-17", [("act", "save"), ("f.exit", "correction")]),
    ] {
        let step = format!("{path}/s/{step}");
        assert_eq!(phone.browser.post(&step, &fields).await.status, 303);
    }
    let html = phone.get(&phone.finish().await).await;
    assert!(html.contains("data-gap=\"R01 "), "{html}");
    let real = phone.open_whole("M1").await;
    assert!(!phone.get(&real).await.contains("不在当日有效的权责清单上"));
}

#[tokio::test]
async fn with_and_without_drills_enforcement_is_the_same_to_the_byte() {
    let mut shown = Vec::new();
    for drills in [0, 1, 3] {
        let phone = ready().await;
        phone.machine.knobs().random = 100;
        let real = phone.open().await;
        phone
            .browser
            .post(
                &format!("{real}/s/T-3"),
                &[("act", "save"), ("f.found", "真")],
            )
            .await;
        for round in 0..drills {
            phone.machine.knobs().random = 1000 + round;
            let path = phone.start("refusal").await;
            // No screen of work is shown meanwhile, and no answer of an open page is lost.
            for work in ["/field/", "/field/new", "/field/list/open", &*real] {
                let shown = phone.browser.get(work).await;
                assert_eq!(shown.location, "/field/drills/now", "{work}");
            }
            refuse(&phone, &path).await;
            match round {
                0 => drop(phone.finish().await),
                1 => assert_eq!(phone.act("abandon.yes").await.location, "/field/drills"),
                _ => assert_eq!(phone.act("leave").await.location, "/field/"),
            }
        }
        shown.push(enforcement(&phone, &real).await);
    }
    for other in &shown[1..] {
        for (one, two) in shown[0].iter().zip(other) {
            assert_eq!(one, two);
        }
    }
}

#[tokio::test]
async fn a_page_left_open_writes_to_where_it_came_from() {
    let phone = ready().await;
    let real = phone.open().await;
    let path = phone.start("refusal").await;
    let answer = |to: &str| format!("{to}/s/T-3");
    let save = |words| [("act", "save"), ("f.found", words)];
    phone.browser.post(&answer(&real), &save("真的")).await;
    phone.act("leave").await;
    phone.browser.post(&answer(&path), &save("演的")).await;
    assert!(phone.get(&answer(&path)).await.contains("不计入执法记录"));
    let html = phone.get(&answer(&real)).await;
    assert!(html.contains("真的") && !html.contains("演的") && !html.contains("不计入执法记录"));
    assert!(phone.get(&answer(&path)).await.contains("演的"));
}

#[tokio::test]
async fn it_goes_on_after_a_crash_a_lock_and_another_tab() {
    let mut phone = ready().await;
    let path = phone.start("refusal").await;
    let step = format!("{path}/s/T-3");
    phone
        .browser
        .post(&step, &[("act", "save"), ("f.found", "写到一半")])
        .await;
    // The program ends without a word.
    phone.app.close_files();
    phone.restart();
    phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    assert_eq!(
        phone.browser.get("/field/").await.location,
        "/field/drills/now"
    );
    assert!(phone.get(&step).await.contains("写到一半"));
    phone.browser.post("/field/lock", &[]).await;
    assert_eq!(phone.browser.get(&step).await.status, 303);
    phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    assert!(phone.get(&step).await.contains("写到一半"));
    phone.app.close();
    assert_eq!(phone.browser.get(&step).await.status, 503);
    phone.app.reopen();
    assert!(phone.get(&step).await.contains("写到一半"));
    assert!(phone.own().is_empty());
    // Left and taken up again.
    phone.act("leave").await;
    assert!(phone.get("/field/drills").await.contains("继续这场演练"));
    let again = phone.browser.post("/field/drills/s/expired@1", &[]).await;
    assert_eq!(again.location, "/field/drills/now");
    assert_eq!(phone.act("go").await.location, path);
}

#[tokio::test]
async fn ending_it_twice_around_a_crash_makes_one_record() {
    let phone = ready().await;
    let path = phone.start("refusal").await;
    refuse(&phone, &path).await;
    // What the drill's file held when the crash came, after the real file had taken everything.
    let held = phone.app.drill().read(drill::played).unwrap();
    let running = phone.app.drill().read(drill::running).unwrap().unwrap();
    phone.finish().await;
    let sealed = phone.own().len();
    phone
        .app
        .drill()
        .write(|tx| {
            let supplies = phone.app.store().read(drill::supplies)?;
            drill::begin(tx, &supplies, &running, &[])?;
            for (record, events) in &held {
                for (at, event) in events.iter().enumerate() {
                    journal::put(tx, *record, &at.to_string(), event)?;
                }
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(phone.act("finish.yes").await.location, "/field/drills");
    assert_eq!(phone.own().len(), sealed);
    let left = phone.app.drill().read(drill::running).unwrap();
    assert!(left.is_none());
}

#[tokio::test]
async fn records_that_wait_keep_their_places_and_amendments_find_theirs() {
    let phone = ready().await;
    let real = phone.open().await;
    phone
        .browser
        .post(
            &format!("{real}/s/T-3"),
            &[("act", "done"), ("f.found", "真")],
        )
        .await;
    assert_eq!(phone.own().len(), 1);
    let path = phone.start("refusal").await;
    let step = format!("{path}/s/T-3");
    phone
        .browser
        .post(&step, &[("act", "done"), ("f.found", "写错了")])
        .await;
    let amend = format!("{step}/amend");
    phone.browser.post(&amend, &[("reason", "笔误")]).await;
    phone
        .browser
        .post(&step, &[("act", "done"), ("f.found", "改正了")])
        .await;
    phone.finish().await;
    let own = phone.own();
    assert_eq!(own[0].header().mode, Mode::Real);
    let feed = own[0].header().feed;
    let drill: Vec<&Commit> = own
        .iter()
        .filter(|c| c.header().mode == Mode::Drill)
        .collect();
    let facts = Facts::of(drill, []);
    assert!(!facts.withdrawn.is_empty());
    for place in &facts.withdrawn {
        let seq = usize::try_from(place.seq).unwrap();
        assert_eq!(place.feed, feed);
        let (_, event) = own[seq - 1].events().nth(usize::from(place.index)).unwrap();
        assert!(matches!(event.unwrap().fact, Fact::StepRecorded(_)));
    }
    let facts = phone.facts(&real);
    assert!(facts.withdrawn.is_empty());
    let lines = phone
        .app
        .store()
        .read(|c| records::list(c, records::List::Open, 0, 50).map(|lines| lines.len()));
    assert_eq!(lines.unwrap(), 1);
}

#[tokio::test]
async fn without_scenarios_the_list_says_how_they_come() {
    let phone = Phone::enrolled().await;
    assert!(
        phone
            .get("/field/drills")
            .await
            .contains("还没有收到演练剧本")
    );
    assert_eq!(
        phone.browser.get("/field/drills/now").await.location,
        "/field/drills"
    );
    assert_eq!(
        phone.browser.get("/field/drills/s/none@1").await.status,
        404
    );
}

#[tokio::test]
async fn a_drill_travels_like_a_record_and_one_that_is_pulled_makes_no_row() {
    let phone = ready().await;
    let path = phone.start("refusal").await;
    refuse(&phone, &path).await;
    let sync = tokio::spawn(phone.app.clone().run_sync());
    phone.finish().await;
    let mut sent = Vec::new();
    for _ in 0..1000 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        sent.clone_from(&phone.office.state.lock().unwrap().commits);
        if phone.app.store().read(log::drills_unsent).unwrap() == 0 && !sent.is_empty() {
            break;
        }
    }
    sync.abort();
    assert_eq!(sent.len(), phone.own().len());
    // Another device of the office hears of it.
    let other = Phone::new();
    other.machine.knobs().random = 77;
    assert_eq!(other.enrol("CODE", PIN).await.status, 303);
    send(&other, &[]);
    let before = other.get("/field/").await;
    let commit = Commit::parse(&sent[0]).unwrap();
    let (feed, key) = phone
        .app
        .store()
        .read(crate::store::meta::feed_key)
        .unwrap();
    let known = shared::domain::reference::Feed {
        id: feed,
        key: key.verifying_key().to_bytes(),
        officer: Some(phone.office.officer),
    };
    let mut page = other.office.page();
    page.refs = vec![office::delta(
        RefSet::Feeds,
        vec![office::row(feed.as_bytes(), &known)],
    )];
    page.commits = vec![sent[0].clone().into()];
    let store = other.app.store();
    store
        .write(|tx| crate::store::receive::page(tx, &page, NINE))
        .unwrap();
    let kept = store.read(|c| log::hash_at(c, feed, commit.header().seq));
    assert_eq!(kept.unwrap(), Some(commit.hash()));
    assert_eq!(other.get("/field/").await, before);
    assert_eq!(other.browser.get(&path).await.status, 404);
}
