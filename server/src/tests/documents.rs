//! A record's documents on the console: which are listed, and that a decision which the law forbids yet is not produced.

use super::harness::World;
use super::penalty::{answer, opened};
use super::visits::{push, record};
use axum::http::StatusCode;
use shared::domain::event::{Fact, Outcome, StepRecorded, Value};

fn pick(code: &str) -> Value {
    Value::Choice(code.to_owned())
}

fn done(step: &str) -> Fact {
    StepRecorded {
        step: step.parse().unwrap(),
        outcome: Outcome::Done,
        note: String::new(),
    }
    .into()
}

#[tokio::test]
async fn a_decision_that_the_law_forbids_yet_says_why_instead() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let (cookie, _) = world.login("supervisor").await;
    let id = record(1);
    let facts = [
        opened("JYCF"),
        answer("DC-06", "kind", pick("fine")),
        answer("DC-06", "fine", Value::Int(200)),
        done("DC-06"),
    ];
    push(&world, &mut phone, id, &facts).await;
    let path = format!("/records/{id}/doc/on_the_spot_decision");
    let refused = world.get(&path, &cookie).await.text();
    assert!(refused.contains("依法暂不能办理"), "{refused}");
    assert!(refused.contains("行政处罚法第"), "{refused}");
    assert!(!refused.contains("<article"), "{refused}");
    // What has already happened is shown as it was.
    let anyway = format!("{path}?anyway=1");
    assert!(refused.contains(&format!("href=\"{anyway}\"")), "{refused}");
    let shown = world.get(&anyway, &cookie).await.text();
    assert!(shown.contains("<article class=\"doc "), "{shown}");
    assert!(!shown.contains("依法暂不能办理"), "{shown}");
}

#[tokio::test]
async fn a_case_lists_the_documents_that_are_begun_and_a_step_its_own() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let (cookie, _) = world.login("supervisor").await;
    let id = record(2);
    let facts = [
        opened("PTCF"),
        answer("PT-03", "number", Value::Text("示例立字1号".to_owned())),
        answer("PT-22", "number", Value::Text("示例罚决1号".to_owned())),
        answer("PT-22", "outcome", pick("no_penalty")),
    ];
    push(&world, &mut phone, id, &facts).await;
    let page = world.get(&format!("/records/{id}"), &cookie).await.text();
    let link = |code: &str| format!("href=\"/records/{id}/doc/{code}\"");
    for code in ["case_filing", "no_penalty_decision", "decision_approval"] {
        assert!(page.contains(&link(code)), "{code}: {page}");
    }
    for code in ["penalty_notice", "penalty_decision", "case_closing"] {
        assert!(!page.contains(&link(code)), "{code}: {page}");
    }
    let step = format!("/records/{id}/steps/PT-03");
    let (lead, _) = world.login("lead").await;
    let page = world.get(&step, &lead).await.text();
    assert!(page.contains(&link("case_filing")), "{page}");
    assert!(!page.contains(&link("decision_approval")), "{page}");
    // One whose step has nothing yet is a sheet of blanks, to be filled in by hand.
    for (code, words) in [
        ("case_filing", "示例立字1号"),
        ("case_closing", "结案审批表"),
    ] {
        let path = format!("/records/{id}/doc/{code}?anyway=1");
        let page = world.get(&path, &cookie).await.text();
        assert!(page.contains(words) && page.contains("试用"), "{page}");
    }
    let path = format!("/records/{id}/doc/on_site_record");
    assert_eq!(
        world.get(&path, &cookie).await.status,
        StatusCode::NOT_FOUND
    );
    let (other, _) = world.login("lead-liuhe").await;
    let path = format!("/records/{id}/doc/case_filing");
    assert_eq!(world.get(&path, &other).await.status, StatusCode::NOT_FOUND);
}
