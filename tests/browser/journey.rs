//! The journey of the first slice on the phone, from the enrolment link to the gap on the console.

use crate::screens::{LANGUAGES, shoot, sign_in};
use crate::{clean, enrol, hold, phone, turn, upload_all};
use serde_json::json;
use std::time::Duration;
use tests::browser::Browser;
use tests::hands::Hands;
use tests::journey;
use tests::office::{Assigned, Office, SeenGap, gaps_on};
use tests::world::World;

#[tokio::test]
async fn an_inspection_recorded_offline_shows_its_gap_on_both_sides() {
    let _turn = turn().await;
    let mut world = World::start().await.unwrap();
    let task = world.approved_task().await.unwrap();
    let mut browser = phone(&world).await;
    enrol(&world, &browser).await;
    let mut hands = hold(&world, &browser);
    journey::unlock_if_asked(&mut hands, "/field/")
        .await
        .unwrap();
    hands
        .await_words("/field/", &task.subject)
        .await
        .unwrap_or_else(|e| panic!("{e}"));
    clean(&browser).await;

    // Offline: the server's process is gone. Reload, then a deep link in a fresh document.
    world.server.stop().await.unwrap();
    browser.reload().await.unwrap();
    let deep = format!("{}{}", world.origin(), journey::record_path(&task));
    browser.goto(&deep).await.unwrap();
    let mut hands = hold(&world, &browser);
    journey::unlock_if_asked(&mut hands, &journey::record_path(&task))
        .await
        .unwrap();
    hands.expect_words("已批准").await.unwrap();
    journey::record_until_save(&mut hands, &task).await.unwrap();
    browser.kill().await.unwrap();
    browser.reopen().await.unwrap();
    let mut hands = hold(&world, &browser);
    let step = journey::step_path(&task, "JC-14");
    browser
        .goto(&format!("{}{step}", world.origin()))
        .await
        .unwrap();
    journey::unlock(&mut hands).await.unwrap();
    hands.expect_words(journey::FOUND).await.unwrap();
    journey::record_rest(&mut hands, &task, &journey::officer_ids())
        .await
        .unwrap();
    hands.open("/field/").await.unwrap();
    hands.expect_words("未上传").await.unwrap();

    world.server.start().await.unwrap();
    upload_all(&mut hands).await;
    let mut office = world.office("supervisor").await.unwrap();
    let in_office = judged(&mut office, &task.record).await;
    journey::only_these_gaps(&in_office).unwrap();
    hands.open(&journey::record_path(&task)).await.unwrap();
    journey::only_these_gaps(&gaps_on(&html(&browser).await)).unwrap();
    clean(&browser).await;
    pictures(&world, &browser, &task).await;
}

/// The gap as officer and supervisor see it.
async fn pictures(world: &World, browser: &Browser, task: &Assigned) {
    for (lang, words) in LANGUAGES.into_iter().zip(["中文", "English"]) {
        browser.goto_within("/field/me").await.unwrap();
        browser.tap(words).await.unwrap();
        browser
            .goto_within(&journey::record_path(task))
            .await
            .unwrap();
        let show = "document.querySelector('[data-gap]').scrollIntoView()";
        browser.script(show, json!([])).await.unwrap();
        shoot(browser, lang, "phone-gap").await;
    }
    sign_in(browser, &world.origin(), "supervisor").await;
    for lang in LANGUAGES {
        for (name, path) in [
            ("gap", format!("/records/{}", task.record)),
            ("queue", "/gaps".into()),
        ] {
            let back = format!("{}/lang/{lang}?back={path}", world.origin());
            browser.goto(&back).await.unwrap();
            shoot(browser, lang, &format!("console-{name}")).await;
        }
    }
}

/// The gaps of a record on the console, as soon as there are any.
async fn judged(office: &mut Office, record: &str) -> Vec<SeenGap> {
    for _ in 0..100 {
        let gaps = gaps_on(&office.record(record).await.unwrap().html);
        if !gaps.is_empty() {
            return gaps;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Vec::new()
}

async fn html(browser: &Browser) -> String {
    let html = browser
        .script("return document.body.outerHTML", json!([]))
        .await
        .unwrap();
    html.as_str().unwrap_or_default().to_owned()
}
