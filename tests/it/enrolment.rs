//! Enrolment codes: once, for a while, for one device; every refusal in both languages.

use shared::instant::{HOUR_MS, Instant};
use shared::sync::wire::Enrolled;
use tests::device::{Device, Said, Wire};
use tests::here::Here;
use tests::machine::Clock;

async fn ask(wire: &Wire, code: &str, seed: u8) -> Said<Enrolled> {
    let (_, enrol) = Device::enrolment(code, seed);
    wire.ask("/sync/v1/enrol", None, &enrol).await.unwrap()
}

#[track_caller]
fn refused(answer: Said<Enrolled>, code: &str) {
    assert_eq!(answer.unwrap_err().code, code);
}

async fn here() -> Here {
    Here::open(&Clock::at(Instant::from_millis(1_795_400_000_000)))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_code_buys_one_device_a_place() {
    let here = here().await;
    let (wire, code) = (here.wire().unwrap(), here.code("李晓燕").unwrap());
    let first = ask(&wire, code, 1).await.unwrap();
    assert_eq!(first.name, "李晓燕");
    // The answer was lost: the same device asks again and gets in.
    let again = ask(&wire, code, 1).await.unwrap();
    assert_eq!(again.server_feed, first.server_feed);
    // Another device does not.
    refused(ask(&wire, code, 2).await, "enrol.code-used");
}

#[tokio::test]
async fn an_unknown_code_and_a_mistyped_one_are_refused() {
    let here = here().await;
    let wire = here.wire().unwrap();
    refused(ask(&wire, "0000-NOT-A-CODE", 1).await, "enrol.code-unknown");
    refused(ask(&wire, "", 1).await, "enrol.code-unknown");
}

#[tokio::test]
async fn an_old_code_is_refused() {
    let here = here().await;
    let (wire, code) = (here.wire().unwrap(), here.code("李晓燕").unwrap());
    here.clock.advance(25 * HOUR_MS);
    refused(ask(&wire, code, 1).await, "enrol.code-expired");
}

#[tokio::test]
async fn whoever_does_not_hold_the_key_does_not_get_in() {
    let here = here().await;
    let (wire, code) = (here.wire().unwrap(), here.code("李晓燕").unwrap());
    let (_, mut enrol) = Device::enrolment(code, 1);
    enrol.signature[0] ^= 1;
    let answer: Said<Enrolled> = wire.ask("/sync/v1/enrol", None, &enrol).await.unwrap();
    assert!(answer.is_err(), "{answer:?}");
    // And the code is still good for the one who does.
    assert!(ask(&wire, code, 1).await.is_ok());
}
