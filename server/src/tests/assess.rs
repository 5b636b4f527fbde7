//! Log to gaps: opened, still open, cured; drills never count.

use super::harness::{Phone, World};
use crate::demo;
use axum::http::StatusCode;
use shared::domain::event::{
    EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Opened, Outcome, StepRecorded, Value,
};
use shared::id::{FieldId, ProcedureId, RecordId, StepId};
use shared::instant::MINUTE_MS;
use shared::log::commit::Mode;

fn step(id: &str) -> StepId {
    StepId::new(id).unwrap()
}

/// Officers are named, and the record is written without anybody having shown a certificate.
pub(super) fn inspection() -> Vec<Fact> {
    let officers = Value::Officers(vec![demo::officer(2), demo::officer(3)]);
    let field = |id: &str, field: &str, value: Value| -> Fact {
        FieldAnswered {
            step: step(id),
            field: FieldId::new(field).unwrap(),
            value,
        }
        .into()
    };
    let done = |id: &str| -> Fact {
        StepRecorded {
            step: step(id),
            outcome: Outcome::Done,
            note: String::new(),
        }
        .into()
    };
    vec![
        field("JC-08", "officers", officers),
        done("JC-08"),
        done("JC-14"),
        done("JC-16"),
    ]
}

fn shown() -> Fact {
    EvidenceAdded {
        step: step("JC-10"),
        evidence: EvidenceKind::Recording,
        reference: "ZFJL-0001".to_owned(),
        photo: None,
    }
    .into()
}

async fn queue(world: &World, account: &str, query: &str) -> String {
    world.app.run_due_jobs().await.unwrap();
    let (cookie, _) = world.login(account).await;
    world.get(&format!("/gaps{query}"), &cookie).await.text()
}

#[tokio::test]
async fn a_gap_opens_stays_and_is_cured_with_its_first_date() {
    let world = World::new().await;
    assert!(queue(&world, "head", "").await.contains("共0项"));
    let mut phone = world.phone(2).await;
    let record = demo::record(1);
    world.pass(10 * MINUTE_MS);
    let first = phone.commit(record, world.now(), &inspection());
    phone.pushed(&world, &[first]).await;
    let open = queue(&world, "head", "").await;
    assert!(
        open.contains("R09 · JC-10") && open.contains("发现于2026年11月23日 09:10"),
        "{open}"
    );
    assert!(open.contains("sev sev-G3") && open.contains("星河便民超市"));
    assert!(
        !queue(&world, "lead-liuhe", "")
            .await
            .contains("R09 · JC-10"),
        "another office's gap"
    );
    assert!(
        queue(&world, "supervisor", "")
            .await
            .contains("R09 · JC-10")
    );
    let (head, _) = world.login("head").await;
    let page = world.get(&format!("/records/{record}"), &head).await.text();
    assert!(
        page.contains("行政处罚法第55条") && page.contains("id=\"gap-R09-JC-10\""),
        "{page}"
    );
    world.pass(10 * MINUTE_MS);
    let evidence = phone.commit(record, world.now(), &[shown()]);
    phone.pushed(&world, &[evidence]).await;
    let still = queue(&world, "head", "").await;
    let later = queue(&world, "head", "?status=cured").await;
    assert!(
        !still.contains("R09 · JC-10") || still.contains("发现于2026年11月23日 09:10"),
        "{still}"
    );
    assert!(
        still.contains("R09 · JC-10") || later.contains("补正于2026年11月23日 09:20"),
        "{later}"
    );
}

#[tokio::test]
async fn assessing_again_changes_nothing() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let record = demo::record(1);
    let commit = phone.commit(record, world.now(), &inspection());
    phone.pushed(&world, &[commit]).await;
    let once = queue(&world, "head", "").await;
    world.pass(MINUTE_MS);
    let now = world.now();
    world
        .app
        .store
        .write(move |tx| crate::store::jobs::enqueue(tx, record, now))
        .await
        .unwrap();
    assert_eq!(world.app.run_due_jobs().await.unwrap(), 1);
    let lines = |page: &str| page.matches("发现于2026年11月23日 09:00").count();
    let again = queue(&world, "head", "").await;
    assert_eq!(lines(&again), lines(&once));
}

#[tokio::test]
async fn a_drill_is_judged_for_its_page_and_never_counted() {
    let world = World::new().await;
    let mut phone = Phone {
        mode: Mode::Drill,
        ..world.phone(2).await
    };
    let record = RecordId::from_bytes([7; 16]);
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").unwrap(),
        version: 1,
        unit: demo::unit(1),
        subject: None,
        subject_name: "演练对象".to_owned(),
        place: String::new(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2)],
    };
    let mut facts = vec![Fact::from(opened)];
    facts.extend(inspection());
    let commit = phone.commit(record, world.now(), &facts);
    assert!(phone.pushed(&world, &[commit]).await.quarantined.is_empty());
    assert!(queue(&world, "head", "").await.contains("共0项"));
    let (head, _) = world.login("head").await;
    // It is looked at where drills are, by whoever may see it there.
    let reply = world.get(&format!("/records/{record}"), &head).await;
    let place = format!("/training/drills/{record}");
    assert_eq!(reply.headers["location"].to_str().unwrap(), place);
    assert_eq!(world.get(&place, &head).await.status, StatusCode::FORBIDDEN);
    let (trainer, _) = world.login("training").await;
    let page = world.get(&place, &trainer).await.text();
    assert!(page.contains("演练复盘"), "{page}");
}

#[tokio::test]
async fn a_record_that_cannot_be_judged_blocks_no_other() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let record = RecordId::from_bytes([8; 16]);
    let opened = Opened {
        procedure: ProcedureId::new("NONE").unwrap(),
        version: 9,
        unit: demo::unit(1),
        subject: None,
        subject_name: "某".to_owned(),
        place: String::new(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: Vec::new(),
    };
    let strange = phone.commit(record, world.now(), &[opened.into()]);
    let sound = phone.commit(demo::record(1), world.now(), &inspection());
    phone.pushed(&world, &[strange, sound]).await;
    assert!(queue(&world, "head", "").await.contains("R09 · JC-10"));
    for _ in 0..crate::store::jobs::MAX_ATTEMPTS {
        world.pass(60 * MINUTE_MS);
        world.app.run_due_jobs().await.unwrap();
    }
    let (supervisor, _) = world.login("supervisor").await;
    assert!(
        world
            .get("/", &supervisor)
            .await
            .text()
            .contains(&record.to_string())
    );
    let page = world.get(&format!("/records/{record}"), &supervisor).await;
    assert_eq!(page.status.as_u16(), 200);
}
