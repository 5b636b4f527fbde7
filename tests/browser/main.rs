//! Journeys in Chromium, over TLS, against the real server: offline means that its process is gone, a kill is SIGKILL, and
//! each journey has a fresh profile. One journey at a time: two would measure each other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program speaks by failing; its helpers are outside `#[test]` functions"
)]

mod canary;
mod capture;
mod day;
mod desk;
mod inspection;
mod journey;
mod judge;
mod office;
mod ordinary;
mod penalty;
mod screens;
mod tabs;
mod tours;
mod update;
mod visits;

use serde_json::json;
use tests::browser::{Browser, Setup};
use tests::hands::{Hands, Touch};
use tests::world::{OFFICERS, World};
use tokio::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until no other journey is under way.
async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// A phone that trusts the world's certificate.
async fn phone(world: &World) -> Browser {
    phone_in(world, Setup::default().language).await
}

/// A phone that trusts the certificate with this fingerprint.
async fn phone_of(fingerprint: &str) -> Browser {
    Browser::open(Setup {
        trusted: Some(fingerprint.to_owned()),
        ..Setup::default()
    })
    .await
    .unwrap()
}

/// A phone set to this language.
async fn phone_in(world: &World, language: &'static str) -> Browser {
    let trusted = Some(world.tls.fingerprint().to_owned());
    Browser::open(Setup {
        trusted,
        language,
        ..Setup::default()
    })
    .await
    .unwrap()
}

/// Whoever holds it.
fn hold<'a>(world: &World, browser: &'a Browser) -> Touch<'a> {
    Touch {
        browser,
        origin: world.origin(),
    }
}

/// Enrols by the link that the console made, and waits until the client would start without a network.
async fn enrol(world: &World, browser: &Browser) {
    let code = world.code(OFFICERS[0]).await.unwrap();
    let mut hands = hold(world, browser);
    let link = format!("{}/field/enrol#{code}", world.origin());
    browser.goto(&link).await.unwrap();
    let address = browser.address().await.unwrap();
    assert!(
        !address.contains('#'),
        "the code stays in the address: {address}"
    );
    tests::journey::choose_pin(&mut hands).await.unwrap();
    ready_offline(browser).await;
}

async fn ready_offline(browser: &Browser) {
    let ready = "navigator.serviceWorker.ready.then(() => arguments[0](true))";
    browser.script_async(ready, json!([])).await.unwrap();
    let controlled = "return Boolean(navigator.serviceWorker.controller)";
    browser
        .wait("a service worker in charge", controlled, json!([]))
        .await
        .unwrap();
}

/// Asks for an upload until everything is acknowledged.
async fn upload_all(hands: &mut Touch<'_>) {
    for _ in 0..100 {
        hands.open("/field/sync").await.unwrap();
        if hands.read().await.unwrap().contains("全部已上传") {
            return;
        }
        hands.press("立即上传").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("never uploaded: {}", hands.read().await.unwrap());
}

/// No violation of the content security policy, no error of a script.
async fn clean(browser: &Browser) {
    let said = browser.console().await.unwrap();
    let bad: Vec<&String> = said
        .iter()
        .filter(|line| line.starts_with("security") || line.starts_with("javascript"))
        .chain(
            said.iter()
                .filter(|line| line.contains("Content Security Policy")),
        )
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}
