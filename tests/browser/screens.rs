//! Every main screen as a picture, to be looked at: phone and desk, Chinese and English, in `target/screens/`.
//! What can be checked by a program is: nothing is wider than the screen, nothing breaks the security policy, and axe-core finds
//! nothing wrong.

use crate::{clean, enrol, hold, phone, phone_in, turn};
use serde_json::json;
use tests::axe;
use tests::browser::{Browser, DESK, PHONE};
use tests::hands::{Hands, Touch};
use tests::journey;
use tests::office::Assigned;
use tests::world::{OFFICERS, OWN_PIN, World};

/// In this order, so that a session ends in English.
pub(crate) const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// One screen in both sizes, checked for what a program can see.
pub(crate) async fn shoot(browser: &Browser, lang: &str, name: &str) {
    let shown = browser
        .script("return document.documentElement.lang", json!([]))
        .await
        .unwrap();
    assert_eq!(shown, json!(lang), "{name}");
    for size in [PHONE, DESK] {
        browser.resize(size).await.unwrap();
        browser
            .picture(&format!("{lang}-{}-{name}", size.0))
            .await
            .unwrap();
        let wide = "return document.documentElement.scrollWidth - innerWidth";
        let over = browser.script(wide, json!([])).await.unwrap();
        assert!(
            over.as_i64().unwrap_or(0) <= 0,
            "{name} at {}: {over} px too wide",
            size.0
        );
    }
    browser.resize(PHONE).await.unwrap();
    let wrong = axe::violations(browser).await.unwrap();
    assert!(wrong.is_empty(), "{name} in {lang}: {wrong:#?}");
}

async fn prepare(hands: &mut Touch<'_>, task: &Assigned) {
    hands.await_words("/field/", &task.subject).await.unwrap();
    hands
        .await_words(&journey::record_path(task), "已批准")
        .await
        .unwrap();
    journey::record_until_save(hands, task).await.unwrap();
}

async fn phone_screens(hands: &mut Touch<'_>, task: &Assigned, lang: &str) {
    let record = journey::record_path(task);
    let pages = [
        ("home", "/field/".to_owned()),
        ("new", "/field/new".to_owned()),
        ("sync", "/field/sync".to_owned()),
        ("me", "/field/me".to_owned()),
        ("own", "/field/me/gaps".to_owned()),
        ("drills", "/field/drills".to_owned()),
        ("record", record.clone()),
        ("leave", format!("{record}/leave")),
        ("submit", format!("{record}/submit")),
        ("log", format!("{record}/log")),
        ("step-approval", format!("{record}/s/JC-07")),
        ("step-officers", format!("{record}/s/JC-08")),
        ("step-certificates", format!("{record}/s/JC-10")),
        ("step-notice", format!("{record}/s/JC-11")),
        ("step-checklist", format!("{record}/s/JC-13")),
        ("step-record", format!("{record}/s/JC-14")),
        ("step-result", format!("{record}/s/JC-16")),
        ("party", format!("{record}/s/JC-10/party")),
        ("sign", format!("{record}/s/JC-14/sign")),
        ("step-exit", format!("{record}/s/JC-17")),
        ("doc-record", format!("{record}/doc/on_site_record")),
        ("doc-notice", format!("{record}/doc/inspection_notice")),
        ("law", "/field/law?q=消防 16".to_owned()),
    ];
    for (name, path) in pages {
        // Links of the client's own, so that the key stays in memory.
        hands.browser.goto_within(&path).await.unwrap();
        shoot(hands.browser, lang, &format!("phone-{name}")).await;
    }
}

#[tokio::test]
async fn the_phone_in_pictures() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let task = world.approved_task().await.unwrap();
    let browser = phone(&world).await;
    browser
        .goto(&format!("{}/field/enrol", world.origin()))
        .await
        .unwrap();
    shoot(&browser, "zh-CN", "phone-enrol").await;
    enrol(&world, &browser).await;
    let mut hands = hold(&world, &browser);
    browser
        .goto(&format!("{}/field/", world.origin()))
        .await
        .unwrap();
    shoot(&browser, "zh-CN", "phone-unlock").await;
    journey::unlock_if_asked(&mut hands, "/field/")
        .await
        .unwrap();
    prepare(&mut hands, &task).await;
    for lang in LANGUAGES {
        browser.goto_within("/field/me").await.unwrap();
        browser
            .tap(if lang == "en" { "English" } else { "中文" })
            .await
            .unwrap();
        phone_screens(&mut hands, &task, lang).await;
    }
    clean(&browser).await;
}

#[tokio::test]
async fn before_anything_is_chosen_the_phone_speaks_as_it_is_set() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let browser = phone_in(&world, "en").await;
    let code = world.code(OFFICERS[0]).await.unwrap();
    let link = format!("{}/field/enrol#{code}", world.origin());
    browser.goto(&link).await.unwrap();
    browser.wait_for("Enrol this device").await.unwrap();
    shoot(&browser, "en", "phone-enrol").await;
    for field in ["pin", "pin_again"] {
        browser.fill(field, OWN_PIN).await.unwrap();
    }
    browser.tap("Enrol").await.unwrap();
    browser.wait_for("Hello").await.unwrap();
    browser
        .goto(&format!("{}/field/", world.origin()))
        .await
        .unwrap();
    browser.wait_for("Enter the PIN").await.unwrap();
    shoot(&browser, "en", "phone-unlock").await;
    clean(&browser).await;
}

/// Signs in to the console.
pub(crate) async fn sign_in(browser: &Browser, origin: &str, account: &str) {
    browser
        .devtools("Network.clearBrowserCookies", json!({}))
        .await
        .unwrap();
    browser.goto(&format!("{origin}/login")).await.unwrap();
    browser.fill("name", account).await.unwrap();
    browser
        .fill("password", server::demo::PASSWORD)
        .await
        .unwrap();
    browser.tap_css("main form button").await.unwrap();
    let address = browser.address().await.unwrap();
    assert!(
        !address.contains("/login"),
        "{account}: {}",
        browser.text().await.unwrap()
    );
}
