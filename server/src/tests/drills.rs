//! Drills at the office: their own list, the page after the action, scores; and that nothing of them stands anywhere else.

use super::assess::inspection;
use super::harness::{Phone, World, shows_a_key};
use crate::demo;
use crate::store::drills::{self, Filter};
use axum::http::StatusCode;
use proptest::prelude::*;
use shared::domain::event::{Fact, FieldAnswered, Opened, Submitted, Value};
use shared::drill::{ENDED, SCENARIO, STEP};
use shared::id::RecordId;
use shared::instant::MINUTE_MS;
use shared::log::commit::Mode;

fn opened(subject: &str) -> Fact {
    Opened {
        procedure: "XZJC".parse().unwrap(),
        version: 2,
        unit: demo::unit(1),
        subject: None,
        subject_name: subject.to_owned(),
        place: "示例镇".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2)],
    }
    .into()
}

fn answered(field: &str, value: Value) -> Fact {
    FieldAnswered {
        step: STEP.parse().unwrap(),
        field: field.parse().unwrap(),
        value,
    }
    .into()
}

/// A drill in which nobody showed a certificate, played to its end.
fn played(world: &World) -> Vec<Fact> {
    let mut facts = vec![
        opened("示例便民超市"),
        answered(SCENARIO, Value::Text("refusal-to-sign@1".to_owned())),
    ];
    facts.extend(inspection());
    facts.push(answered(ENDED, Value::At(world.now())));
    facts
}

fn submitted() -> Fact {
    Submitted {
        note: String::new(),
    }
    .into()
}

async fn push(world: &World, phone: &mut Phone, record: RecordId, facts: &[Fact]) {
    world.pass(MINUTE_MS);
    let commit = phone.commit(record, world.now(), facts);
    let pushed = phone.pushed(world, &[commit]).await;
    assert!(pushed.quarantined.is_empty());
}

async fn get(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await.text()
}

async fn with_a_drill() -> (World, String) {
    let world = World::new().await;
    let mut phone = Phone {
        mode: Mode::Drill,
        ..world.phone(2).await
    };
    let record = RecordId::from_bytes([7; 16]);
    let facts = played(&world);
    push(&world, &mut phone, record, &facts).await;
    world.app.run_due_jobs().await.unwrap();
    (world, format!("/training/drills/{record}"))
}

#[tokio::test]
async fn a_played_drill_is_listed_and_looked_at_afterwards() {
    let (world, path) = with_a_drill().await;
    let list = get(&world, "training", "/training/drills").await;
    assert!(
        list.contains(&path) && list.contains("当事人拒绝签字"),
        "{list}"
    );
    let page = get(&world, "training", &path).await;
    for words in [
        "当事人拒绝签字",
        "没有出示执法证件的证明",
        "行政处罚法第55条",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The player sees the own drill; another officer's account and other offices do not.
    assert!(
        get(&world, "officer", &path)
            .await
            .contains("当事人拒绝签字")
    );
    let (lead, _) = world.login("lead").await;
    assert_eq!(world.get(&path, &lead).await.status, StatusCode::NOT_FOUND);
    let (cookie, _) = world.login("training").await;
    let english = world.get(&path, &format!("{cookie}; lang=en")).await.text();
    assert!(!shows_a_key(&english), "{english}");
    let file = get(
        &world,
        "training",
        &format!("/training/officers/{}", demo::officer(2)),
    )
    .await;
    assert!(file.contains(&path), "{file}");
}

#[tokio::test]
async fn a_judges_scores_are_kept_and_audited() {
    let (world, path) = with_a_drill().await;
    let (cookie, csrf) = world.login("training").await;
    let form = format!("csrf={csrf}&s.JC-10=2&r.JC-10=没有主动亮证");
    let sent = world.post(&format!("{path}/scores"), &cookie, &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    assert!(
        get(&world, "training", &path)
            .await
            .contains("没有主动亮证")
    );
    assert!(get(&world, "officer", &path).await.contains("没有主动亮证"));
    let beyond = format!("csrf={csrf}&s.JC-11=9");
    let refused = world
        .post(&format!("{path}/scores"), &cookie, &beyond)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (admin, _) = world.login("admin").await;
    let acts = world.get("/audit?format=csv", &admin).await.text();
    assert!(
        acts.contains(path.trim_start_matches("/training/drills/")),
        "{acts}"
    );
}

/// Pictures of a drill never leave the phone: nobody waits for them, and none counts as missing.
#[tokio::test]
async fn a_picture_of_a_drill_is_not_waited_for() {
    let world = World::new().await;
    for (mode, waits) in [(Mode::Drill, 0), (Mode::Real, 1)] {
        let mut phone = Phone {
            mode,
            ..world.phone(2).await
        };
        let record = RecordId::from_bytes([8 + u8::from(waits == 1); 16]);
        let facts = [
            opened("示例便民超市"),
            super::blobs::shows("JC-10", &[1, 2, 3]),
        ];
        push(&world, &mut phone, record, &facts).await;
        let read = world
            .app
            .store
            .read(move |tx| crate::store::blobs::of_record(tx, record));
        assert_eq!(read.await.unwrap().len(), waits, "{mode:?}");
    }
}

/// How somebody practised is nobody's but the player's and the trainer's.
#[tokio::test]
async fn a_drill_of_an_unknown_scenario_waits_for_a_person() {
    let world = World::new().await;
    let mut phone = Phone {
        mode: Mode::Drill,
        ..world.phone(2).await
    };
    let record = RecordId::from_bytes([7; 16]);
    let mut facts = played(&world);
    facts[1] = answered(SCENARIO, Value::Text("nobody-knows-it@1".to_owned()));
    push(&world, &mut phone, record, &facts).await;
    assert!(
        !get(&world, "admin", "/")
            .await
            .contains(&record.to_string())
    );
    for _ in 0..5 {
        world.app.run_due_jobs().await.unwrap();
        world.pass(MINUTE_MS);
    }
    let home = get(&world, "admin", "/").await;
    assert!(home.contains(&record.to_string()), "{home}");
    // Whoever may not open records is not led to one.
    assert!(!home.contains("href=\"/records/"), "{home}");
    let list = get(&world, "training", "/training/drills").await;
    assert!(list.contains(&record.to_string()), "{list}");
}

#[tokio::test]
async fn a_colleagues_phone_gets_nothing_of_a_drill() {
    let (world, path) = with_a_drill().await;
    let colleague = world.phone(3).await;
    let page = colleague.pull(&world, world.app.keys.epoch, 0).await;
    assert!(!page.commits.is_empty(), "real records come");
    for bytes in &page.commits {
        let commit = shared::log::commit::Commit::parse(bytes).unwrap();
        assert_eq!(commit.header().mode, Mode::Real);
        assert!(!path.ends_with(&commit.header().record.to_string()));
    }
}

#[tokio::test]
async fn the_list_is_read_along_an_index() {
    let (world, _) = with_a_drill().await;
    for filter in [
        Filter::default(),
        Filter {
            officer: Some(demo::officer(2)),
            ..Filter::default()
        },
    ] {
        let plan = world.app.store.read(move |tx| drills::plan(tx, &filter));
        let plan = plan.await.unwrap();
        assert!(
            plan.contains("USING") && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }
}

/// Everything that speaks of enforcement, as a file or a page.
const ENFORCEMENT: [&str; 14] = [
    "/",
    "/gaps?format=csv",
    "/gaps?status=cured&format=csv",
    "/gaps?order=left&format=csv",
    "/gaps/heat?format=csv",
    "/gaps/heat?gaps=all&format=csv",
    "/deadlines?format=csv",
    "/records?format=csv",
    "/tasks?format=csv",
    "/posts?format=csv",
    "/officers?format=csv",
    "/training?format=csv",
    "/training/sessions?format=csv",
    "/units?format=csv",
];

/// Real inspections and drills in this order, with or without the drills, as every page of enforcement tells it.
async fn told(mix: &[(bool, bool)], with_drills: bool) -> Vec<String> {
    let world = World::new().await;
    let mut real = world.phone(2).await;
    let mut practice = Phone {
        mode: Mode::Drill,
        ..world.phone(3).await
    };
    for (number, (drill, ended)) in (10_u8..).zip(mix) {
        let record = RecordId::from_bytes([number; 16]);
        let mut facts = vec![opened("示例店")];
        facts.extend(inspection());
        if *ended {
            facts.push(submitted());
        }
        match (*drill, with_drills) {
            (false, _) => push(&world, &mut real, record, &facts).await,
            (true, true) => push(&world, &mut practice, record, &facts).await,
            // The clock goes on as if it had been played.
            (true, false) => world.pass(MINUTE_MS),
        }
    }
    world.app.run_due_jobs().await.unwrap();
    let mut out = Vec::new();
    for account in ["supervisor", "training", "leader", "admin", "lead"] {
        let (cookie, csrf) = world.login(account).await;
        for path in ENFORCEMENT {
            let reply = world.get(path, &cookie).await;
            // A refusal bears a number of its own.
            if reply.status == StatusCode::OK {
                out.push(format!(
                    "{account} {path} {}",
                    reply.text().replace(&csrf, "")
                ));
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn no_drill_stands_in_any_figure_of_enforcement(mix in prop::collection::vec(any::<(bool, bool)>(), 1..7)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (with, without) = runtime.block_on(async { (told(&mix, true).await, told(&mix, false).await) });
        for (with, without) in with.iter().zip(&without) {
            prop_assert_eq!(with, without);
        }
    }
}
