//! Cases at the office: who does which step, who is kept from it, whom a case waits for.

use super::harness::{Reply, World};
use super::visits::{push, record};
use crate::demo;
use axum::http::StatusCode;
use shared::domain::event::{Fact, FieldAnswered, Opened, Outcome, StepRecorded, Value};
use shared::id::RecordId;

/// Asking for a day of each field, and of no other.
const FILED: &str = "end=done&f.PT-03.facts=%E5%A0%B5%E5%A1%9E&f.PT-03.filed_on=2026-11-23";
const REVIEWED: &str = "end=done&f.PT-14.ground=complex&f.PT-14.result=passed";

fn opened(officers: &[u8]) -> Fact {
    Opened {
        procedure: "PTCF".parse().unwrap(),
        version: 1,
        unit: demo::unit(1),
        subject: Some(demo::subject(1)),
        subject_name: "星河便民超市（示例）".to_owned(),
        place: "云溪镇".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: officers.iter().copied().map(demo::officer).collect(),
    }
    .into()
}

fn done(step: &str) -> Fact {
    StepRecorded {
        step: step.parse().unwrap(),
        outcome: Outcome::Done,
        note: String::new(),
    }
    .into()
}

fn choice(step: &str, field: &str, code: &str) -> Fact {
    FieldAnswered {
        step: step.parse().unwrap(),
        field: field.parse().unwrap(),
        value: Value::Choice(code.to_owned()),
    }
    .into()
}

/// A case of these officers, in which these facts were recorded on the phone.
async fn case(world: &World, officers: &[u8], facts: &[Fact]) -> RecordId {
    let mut phone = world.phone(2).await;
    let id = record(0x51);
    let mut all = vec![opened(officers)];
    all.extend(facts.iter().cloned());
    push(world, &mut phone, id, &all).await;
    world.app.run_due_jobs().await.unwrap();
    id
}

async fn page(world: &World, account: &str, path: &str) -> String {
    let (cookie, _) = world.login(account).await;
    let reply = world.get(path, &cookie).await;
    assert_eq!(reply.status, StatusCode::OK, "{account} {path}");
    reply.text()
}

async fn send(world: &World, account: &str, id: RecordId, step: &str, form: &str) -> Reply {
    let (cookie, csrf) = world.login(account).await;
    let path = format!("/records/{id}/steps/{step}");
    let form = format!("csrf={csrf}&{form}");
    let reply = world.post(&path, &cookie, &form).await;
    world.app.run_due_jobs().await.unwrap();
    reply
}

async fn sent(world: &World, account: &str, id: RecordId, step: &str, form: &str) {
    let reply = send(world, account, id, step, form).await;
    let what = format!("{account} {step}: {}", reply.text());
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{what}");
}

#[tokio::test]
async fn each_step_admits_the_role_that_the_procedure_names() {
    let world = World::new().await;
    let asked = choice("PT-18", "asked", "requested");
    let id = case(&world, &[2, 3], &[asked]).await;
    for (step, allowed) in [
        ("PT-03", &["lead"][..]),
        ("PT-03-1", &["head"]),
        ("PT-14", &["legal"]),
        ("PT-20", &["lead", "legal"]),
        ("PT-21", &["head"]),
        ("PT-22-1", &["head"]),
        ("PT-30", &["lead"]),
    ] {
        for account in ["lead", "head", "legal"] {
            // Nothing is wrong but the words, so that nothing is recorded.
            let form = format!("end=deny&note={}", "x".repeat(501));
            let reply = send(&world, account, id, step, &form).await;
            let expected = if allowed.contains(&account) {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(reply.status, expected, "{account} {step}");
        }
    }
    let step = format!("/records/{id}/steps/PT-20");
    let words = "由本单位法制审核人员或者执法队队长办理";
    assert!(page(&world, "head", &step).await.contains(words));
}

#[tokio::test]
async fn a_handler_neither_reviews_nor_chairs_in_the_own_case() {
    let world = World::new().await;
    // The legal reviewer went along, and the squad lead signed nothing.
    let asked = choice("PT-18", "asked", "requested");
    let id = case(&world, &[2, 8], &[asked]).await;
    for (step, form) in [("PT-14", REVIEWED), ("PT-20", "end=done&f.PT-20.held=held")] {
        let refused = send(&world, "legal", id, step, form).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (StatusCode::FORBIDDEN, "step.own-case"),
            "{step}"
        );
    }
    assert!(
        send(&world, "legal", id, "PT-14", REVIEWED)
            .await
            .text()
            .contains("第58条")
    );
    let shown = page(&world, "legal", &format!("/records/{id}/steps/PT-14")).await;
    for words in ["您是本案承办人", "行政处罚法第58条"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("name=\"f.PT-14.ground\""), "{shown}");
    sent(&world, "lead", id, "PT-20", "end=done&f.PT-20.held=held").await;
}

#[tokio::test]
async fn whoever_recorded_a_step_of_the_officers_is_a_handler_named_or_not() {
    let world = World::new().await;
    let mut phone = world.phone(1).await;
    let id = case(&world, &[2, 3], &[choice("PT-18", "asked", "requested")]).await;
    let lead = "end=done&f.PT-20.held=withdrawn";
    sent(&world, "lead", id, "PT-20", lead).await;
    push(&world, &mut phone, id, &[done("PT-06")]).await;
    world.app.run_due_jobs().await.unwrap();
    let refused = send(&world, "lead", id, "PT-20", "end=done&f.PT-20.held=held").await;
    assert_eq!(refused.problem(), "step.own-case");
    // What the law leaves to the squad lead is done all the same.
    sent(&world, "lead", id, "PT-03", FILED).await;
}

#[tokio::test]
async fn a_handler_can_still_be_named_as_the_reviewer_and_is_marked() {
    let world = World::new().await;
    let id = case(&world, &[2, 3], &[]).await;
    let step = format!("/records/{id}/steps/PT-14");
    let shown = page(&world, "legal", &step).await;
    let (first, _) = shown
        .split_once("李晓燕（本案承办人，未登记为法制审核人员）")
        .unwrap();
    assert!(
        first.contains("<span>郑文静</span>"),
        "reviewers come first"
    );
    let form = format!("{REVIEWED}&f.PT-14.reviewer={}", demo::officer(2));
    sent(&world, "legal", id, "PT-14", &form).await;
    let shown = page(&world, "supervisor", &format!("/records/{id}")).await;
    assert!(
        shown.contains("审核人员") && shown.contains("李晓燕"),
        "{shown}"
    );
}

#[tokio::test]
async fn those_who_discuss_are_offered_as_responsible_persons_first() {
    let world = World::new().await;
    let id = case(&world, &[2, 3], &[]).await;
    let shown = page(&world, "head", &format!("/records/{id}/steps/PT-21")).await;
    let (_, list) = shown.split_once("id=\"f.PT-21.attending\"").unwrap();
    let place = |words: &str| {
        list.find(words)
            .unwrap_or_else(|| panic!("{words}: {list}"))
    };
    let head = place("<span>吴海涛</span>");
    for other in [
        "陈立新（未登记为负责人）",
        "王建国（本案承办人，未登记为负责人）",
    ] {
        assert!(head < place(other), "{other}");
    }
}

/// What waits for an account: the start page and the list.
async fn waits(world: &World, account: &str, words: &str) -> bool {
    let home = page(world, account, "/").await.contains(words);
    let list = page(world, account, "/waiting").await;
    assert_eq!(home, list.contains(words), "{account}: {list}");
    home
}

#[tokio::test]
async fn a_case_waits_for_the_role_whose_turn_it_is() {
    let world = World::new().await;
    let empty = page(&world, "legal", "/waiting").await;
    assert!(empty.contains("没有轮到您办理的案件"), "{empty}");
    let id = case(&world, &[2, 3], &[done("PT-01")]).await;
    assert!(
        !waits(&world, "lead", "PT-03").await,
        "the officers have the turn"
    );
    let mut phone = world.phone(3).await;
    push(&world, &mut phone, id, &[done("PT-02")]).await;
    world.app.run_due_jobs().await.unwrap();
    assert!(waits(&world, "lead", "PT-03 立案").await);
    assert!(!waits(&world, "head", "PT-03").await);
    sent(&world, "lead", id, "PT-03", FILED).await;
    assert!(!waits(&world, "lead", "PT-03").await);
    assert!(waits(&world, "head", "PT-03-1 立案审批").await);
    let denied = "end=deny&note=%E9%87%8D%E5%86%99";
    sent(&world, "head", id, "PT-03-1", denied).await;
    assert!(waits(&world, "lead", "PT-03 立案").await, "it goes back");
    let again = format!("{FILED}&note=%E5%B7%B2%E8%A1%A5%E5%85%85");
    sent(&world, "lead", id, "PT-03", &again).await;
    sent(&world, "head", id, "PT-03-1", "end=approve").await;
    let shown = page(&world, "lead", &format!("/records/{id}")).await;
    for words in ["轮到谁", "PT-04 确定承办人与回避", "去办理"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let other = page(&world, "head", &format!("/records/{id}")).await;
    assert!(other.contains("轮到谁") && !other.contains("去办理"));
    assert!(
        !waits(&world, "lead-liuhe", "PT-04").await,
        "of another office"
    );
}

#[tokio::test]
async fn a_list_of_waiting_cases_is_filtered_taken_away_and_empties() {
    let world = World::new().await;
    let facts = [done("PT-01"), done("PT-02")];
    let id = case(&world, &[2, 3], &facts).await;
    let here = page(&world, "lead", "/waiting?step=PT-03").await;
    assert!(here.contains("星河便民超市"), "{here}");
    let none = page(&world, "lead", "/waiting?step=PT-30").await;
    assert!(none.contains("这一步骤没有待办的案件"), "{none}");
    let file = page(&world, "lead", "/waiting?format=csv").await;
    assert!(
        file.contains(&id.to_string()) && file.contains("PT-03 立案"),
        "{file}"
    );
    let voided = shared::domain::event::Voided {
        reason: "重复".to_owned(),
    };
    let mut phone = world.phone(3).await;
    push(&world, &mut phone, id, &[voided.into()]).await;
    world.app.run_due_jobs().await.unwrap();
    assert!(!waits(&world, "lead", "PT-03").await);
}

/// A case that was told of today and whose decision is written already.
fn told(world: &World) -> Vec<Fact> {
    let at = |step: &str, field: &str| -> Fact {
        FieldAnswered {
            step: step.parse().unwrap(),
            field: field.parse().unwrap(),
            value: Value::At(world.now()),
        }
        .into()
    };
    vec![
        at("PT-05", "start"),
        at("PT-05", "end"),
        done("PT-05"),
        choice("PT-12", "proposal", "penalise"),
        at("PT-15", "notice_on"),
        at("PT-15", "served_on"),
    ]
}

#[tokio::test]
async fn a_decision_is_held_back_after_the_questioning_until_it_is_recorded_as_it_was() {
    let world = World::new().await;
    let id = case(&world, &[2, 3], &told(&world)).await;
    // Only what leads to the questioning is past being held back.
    sent(&world, "head", id, "PT-03-1", "end=approve").await;
    let note = "note=%E5%90%8C%E6%84%8F";
    let refused = send(
        &world,
        "head",
        id,
        "PT-22-1",
        &format!("end=approve&{note}"),
    )
    .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = refused.text();
    for words in ["依法暂不能办理", "已经发生，如实记录", ">同意</textarea>"] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    let silent = send(&world, "head", id, "PT-22-1", "end=anyway").await;
    assert!(silent.text().contains("请在审批意见中写明已经发生的情况"));
    let elsewhere = send(&world, "head", id, "PT-29-1", "end=anyway").await;
    assert!(
        elsewhere.text().contains("请写明理由"),
        "only what decides is recorded so"
    );
    sent(&world, "head", id, "PT-22-1", &format!("end=anyway&{note}")).await;
    let audit = page(&world, "supervisor", "/audit").await;
    assert_eq!(
        audit.matches("如实记录已经作出的批准").count(),
        1,
        "{audit}"
    );
    let record = page(&world, "supervisor", &format!("/records/{id}")).await;
    assert!(record.contains("待办"), "what is missing stays: {record}");
}
