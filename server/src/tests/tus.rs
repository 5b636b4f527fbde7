//! `/sync/v1/blobs` as the tus specification has it: headers, refusals, bounds, one writer at a time.

use super::blobs::{
    TYPE, base64, by_hand, create, head, hex, named, patch, phone_that_shows, picture, shows, tus,
};
use super::harness::World;
use crate::demo;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn the_protocol_is_kept_to_the_letter() {
    let world = World::new().await;
    let bytes = picture(6);
    let hash = hex(&bytes);
    let phone = phone_that_shows(&world, &bytes).await;
    let options = world.ask("OPTIONS", "/sync/v1/blobs", "").await;
    assert_eq!(options.status, StatusCode::NO_CONTENT);
    assert_eq!(named(&options, "tus-version"), "1.0.0");
    assert_eq!(named(&options, "tus-extension"), "creation");
    assert_eq!(named(&options, "tus-max-size"), (64 << 20).to_string());
    let path = format!("/sync/v1/blobs/{hash}");
    for (method, path) in [
        ("POST", "/sync/v1/blobs"),
        ("HEAD", &path),
        ("PATCH", &path),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", phone.token))
            .header("tus-resumable", "0.2.2");
        let reply = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (reply.status.as_u16(), named(&reply, "tus-version")),
            (412, "1.0.0"),
            "{method}"
        );
    }
    let no_length = [("upload-metadata", format!("sha256 {}", base64(&hash)))];
    let bad = tus(
        &world,
        &phone,
        "POST",
        "/sync/v1/blobs",
        &no_length,
        Body::empty(),
    )
    .await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    create(&world, &phone, &hash, bytes.len()).await;
    let headers = [
        ("upload-offset", "0".to_owned()),
        ("content-type", "image/jpeg".to_owned()),
    ];
    let typed = tus(&world, &phone, "PATCH", &path, &headers, Body::from("x")).await;
    assert_eq!(typed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn more_than_was_announced_is_not_taken() {
    let world = World::new().await;
    let bytes = picture(8);
    let hash = hex(&bytes);
    let path = format!("/sync/v1/blobs/{hash}");
    let phone = phone_that_shows(&world, &bytes).await;
    create(&world, &phone, &hash, bytes.len()).await;
    let mut long = bytes.clone();
    long.push(0);
    let announced = [
        ("upload-offset", "0".to_owned()),
        ("content-type", TYPE.to_owned()),
        ("content-length", long.len().to_string()),
    ];
    let much = tus(
        &world,
        &phone,
        "PATCH",
        &path,
        &announced,
        Body::from(long.clone()),
    )
    .await;
    assert_eq!(much.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        named(&head(&world, &phone, &hash).await, "upload-offset"),
        "0"
    );
    let (mut hand, body) = by_hand();
    let (much, ()) = tokio::join!(patch(&world, &phone, &hash, 0, body), async {
        for chunk in long.chunks(1000) {
            let _ = hand.send_data(Bytes::copy_from_slice(chunk)).await;
        }
        drop(hand);
    });
    assert_eq!(much.status, StatusCode::PAYLOAD_TOO_LARGE);
    let at: usize = named(&head(&world, &phone, &hash).await, "upload-offset")
        .parse()
        .unwrap();
    assert!(at < bytes.len());
    let over = [
        ("upload-offset", at.to_string()),
        ("content-type", TYPE.to_owned()),
        ("x-http-method-override", "PATCH".to_owned()),
    ];
    let rest = tus(
        &world,
        &phone,
        "POST",
        &path,
        &over,
        Body::from(bytes[at..].to_vec()),
    )
    .await;
    assert_eq!(
        rest.status,
        StatusCode::NO_CONTENT,
        "a network that lets only POST through"
    );
}

#[tokio::test]
async fn one_writer_at_a_time_and_pushes_do_not_wait_for_it() {
    let world = World::new().await;
    let bytes = picture(7);
    let hash = hex(&bytes);
    let mut phone = phone_that_shows(&world, &bytes).await;
    create(&world, &phone, &hash, bytes.len()).await;
    let (mut hand, body) = by_hand();
    let (first, second) = tokio::join!(patch(&world, &phone, &hash, 0, body), async {
        // The second piece has room only once the first was taken: the writer is at work then.
        hand.send_data(Bytes::copy_from_slice(&bytes[..1]))
            .await
            .unwrap();
        hand.send_data(Bytes::copy_from_slice(&bytes[1..2]))
            .await
            .unwrap();
        let other = patch(&world, &phone, &hash, 0, Body::empty()).await;
        assert_eq!((other.status.as_u16(), other.problem()), (423, "blob.busy"));
        let commit = phone
            .clone()
            .commit(demo::record(1), world.now(), &[shows("JC-13", b"x")]);
        let pushed = phone.pushed(&world, &[commit]).await;
        hand.send_data(Bytes::copy_from_slice(&bytes[2..]))
            .await
            .unwrap();
        drop(hand);
        pushed
    });
    assert_eq!(second.receipt.seq, 2);
    assert_eq!(first.status, StatusCode::NO_CONTENT);
    phone.seq += 1;
}
