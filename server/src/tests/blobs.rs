//! `/sync/v1/blobs` and the pictures on a record's page: cut uploads go on, lies are thrown away, a hash is no permission.

use super::harness::{Phone, Reply, World};
use crate::demo;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use sha2::{Digest, Sha256};
use shared::domain::event::{EvidenceAdded, EvidenceKind, Fact, Fix, Photo};
use shared::id::{RecordId, StepId};

const TYPE: &str = "application/offset+octet-stream";

fn picture(n: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, n];
    bytes.extend((0..200_000_u32).map(|i| u8::try_from(i % 251).unwrap() ^ n));
    bytes
}

fn sha(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    crate::random::hex(&sha(bytes))
}

pub(super) fn shows(step: &str, bytes: &[u8]) -> Fact {
    EvidenceAdded {
        step: StepId::new(step).unwrap(),
        evidence: EvidenceKind::Photo,
        reference: "后门堆放纸箱".to_owned(),
        photo: Some(Photo {
            hash: sha(bytes),
            len: u32::try_from(bytes.len()).unwrap(),
            original: [7; 32],
            taken_at: None,
            fix: Some(Fix {
                lat_e6: 34_123_456,
                lon_e6: 113_654_321,
                accuracy_m: 12,
            }),
            place: "后门".to_owned(),
        }),
    }
    .into()
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .map(|c| {
            let bits =
                c.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b)) << (8 * (3 - c.len()));
            let letter = |i: usize| {
                if i <= c.len() {
                    char::from(LETTERS[bits >> (18 - 6 * i) & 63])
                } else {
                    '='
                }
            };
            (0..4).map(letter).collect::<String>()
        })
        .collect()
}

async fn tus(
    world: &World,
    phone: &Phone,
    method: &str,
    path: &str,
    more: &[(&str, String)],
    body: Body,
) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", phone.token))
        .header("tus-resumable", "1.0.0");
    for (name, value) in more {
        request = request.header(*name, value);
    }
    world.send(request.body(body).unwrap()).await
}

async fn create(world: &World, phone: &Phone, hash: &str, len: usize) -> Reply {
    let headers = [
        ("upload-length", len.to_string()),
        (
            "upload-metadata",
            format!("filename YQ==,sha256 {}", base64(hash)),
        ),
    ];
    tus(
        world,
        phone,
        "POST",
        "/sync/v1/blobs",
        &headers,
        Body::empty(),
    )
    .await
}

async fn patch(world: &World, phone: &Phone, hash: &str, at: usize, body: Body) -> Reply {
    let headers = [
        ("upload-offset", at.to_string()),
        ("content-type", TYPE.to_owned()),
    ];
    let path = format!("/sync/v1/blobs/{hash}");
    tus(world, phone, "PATCH", &path, &headers, body).await
}

async fn head(world: &World, phone: &Phone, hash: &str) -> Reply {
    let path = format!("/sync/v1/blobs/{hash}");
    tus(world, phone, "HEAD", &path, &[], Body::empty()).await
}

fn named<'a>(reply: &'a Reply, header: &str) -> &'a str {
    reply
        .headers
        .get(header)
        .map_or("", |value| value.to_str().unwrap())
}

type Hand = http_body_util::channel::Sender<Bytes, std::io::Error>;

/// A body whose bytes come when the test gives them.
fn by_hand() -> (Hand, Body) {
    let (hand, body) = http_body_util::channel::Channel::new(1);
    (hand, Body::new(body))
}

async fn phone_that_shows(world: &World, bytes: &[u8]) -> Phone {
    let mut phone = world.phone(2).await;
    let commit = phone.commit(demo::record(1), world.now(), &[shows("JC-13", bytes)]);
    phone.pushed(world, &[commit]).await;
    phone
}

async fn photo_page(world: &World, account: &str, record: RecordId, hash: &str) -> Reply {
    let (cookie, _) = world.login(account).await;
    world
        .get(&format!("/records/{record}/photos/{hash}"), &cookie)
        .await
}

pub(super) async fn upload(world: &World, phone: &Phone, bytes: &[u8]) {
    let hash = hex(bytes);
    assert_eq!(
        create(world, phone, &hash, bytes.len()).await.status,
        StatusCode::CREATED
    );
    let sent = patch(world, phone, &hash, 0, Body::from(bytes.to_vec())).await;
    assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}", sent.problem());
}

#[tokio::test]
async fn a_cut_upload_goes_on_where_it_stopped_even_after_a_restart() {
    let mut world = World::new().await;
    let bytes = picture(1);
    let hash = hex(&bytes);
    let phone = phone_that_shows(&world, &bytes).await;
    let made = create(&world, &phone, &hash, bytes.len()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.problem());
    assert_eq!(named(&made, "location"), format!("/sync/v1/blobs/{hash}"));
    assert_eq!(named(&made, "tus-resumable"), "1.0.0");
    let (mut hand, body) = by_hand();
    let (broken, ()) = tokio::join!(patch(&world, &phone, &hash, 0, body), async {
        let some = Bytes::copy_from_slice(&bytes[..70_000]);
        hand.send_data(some).await.unwrap();
        hand.abort(std::io::Error::other("the line is gone"));
    });
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    world = world.restarted().await;
    let there = head(&world, &phone, &hash).await;
    assert_eq!(there.status, StatusCode::OK);
    assert_eq!(named(&there, "upload-offset"), "70000");
    assert_eq!(named(&there, "upload-length"), bytes.len().to_string());
    assert_eq!(named(&there, "cache-control"), "no-store");
    let again = create(&world, &phone, &hash, bytes.len()).await;
    assert_eq!(
        named(&again, "upload-offset"),
        "70000",
        "creating again loses nothing"
    );
    let wrong = patch(&world, &phone, &hash, 0, Body::from(bytes.clone())).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.problem()),
        (409, "blob.offset")
    );
    assert_eq!(
        photo_page(&world, "head", demo::record(1), &hash)
            .await
            .status
            .as_u16(),
        404
    );
    let rest = patch(
        &world,
        &phone,
        &hash,
        70_000,
        Body::from(bytes[70_000..].to_vec()),
    )
    .await;
    assert_eq!(rest.status, StatusCode::NO_CONTENT, "{}", rest.problem());
    assert_eq!(named(&rest, "upload-offset"), bytes.len().to_string());
    let file = world
        .folder()
        .join("blobs")
        .join(&hash[..2])
        .join(&hash[2..4])
        .join(&hash);
    assert_eq!(std::fs::read(file).unwrap(), bytes);
    let shown = photo_page(&world, "head", demo::record(1), &hash).await;
    assert_eq!(shown.body, bytes);
    assert_eq!(named(&shown, "content-type"), "image/jpeg");
    assert_eq!(named(&shown, "x-content-type-options"), "nosniff");
    assert!(named(&shown, "content-security-policy").starts_with("default-src 'none'; sandbox"));
    let whole = head(&world, &phone, &hash).await;
    assert_eq!(named(&whole, "upload-offset"), bytes.len().to_string());
    assert_eq!(
        create(&world, &phone, &hash, bytes.len()).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn what_is_not_what_the_record_names_is_thrown_away() {
    let world = World::new().await;
    let bytes = picture(2);
    let hash = hex(&bytes);
    let phone = phone_that_shows(&world, &bytes).await;
    create(&world, &phone, &hash, bytes.len()).await;
    let mut other = bytes.clone();
    other[1000] ^= 1;
    let refused = patch(&world, &phone, &hash, 0, Body::from(other)).await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem()),
        (460, "blob.hash")
    );
    assert_eq!(
        head(&world, &phone, &hash).await.status,
        StatusCode::NOT_FOUND
    );
    let parts = std::fs::read_dir(world.folder().join("blobs/part")).unwrap();
    assert_eq!(parts.count(), 0);
    upload(&world, &phone, &bytes).await;
}

#[tokio::test]
async fn the_last_byte_before_a_crash_is_looked_at_after_it() {
    let world = World::new().await;
    let bytes = picture(3);
    let hash = hex(&bytes);
    let phone = phone_that_shows(&world, &bytes).await;
    create(&world, &phone, &hash, bytes.len()).await;
    let part = std::fs::read_dir(world.folder().join("blobs/part"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    std::fs::write(part.path(), &bytes).unwrap();
    assert_eq!(
        named(&head(&world, &phone, &hash).await, "upload-offset"),
        bytes.len().to_string()
    );
    assert_eq!(
        photo_page(&world, "head", demo::record(1), &hash)
            .await
            .body,
        bytes
    );
}

#[tokio::test]
async fn only_what_a_record_of_the_own_office_names_may_come() {
    let world = World::new().await;
    let bytes = picture(4);
    let hash = hex(&bytes);
    let mut phone = world.phone(2).await;
    let early = create(&world, &phone, &hash, bytes.len()).await;
    assert_eq!(
        (early.status.as_u16(), early.problem()),
        (403, "blob.unwanted")
    );
    let commit = phone.commit(demo::record(1), world.now(), &[shows("JC-13", &bytes)]);
    phone.pushed(&world, &[commit]).await;
    let long = create(&world, &phone, &hash, bytes.len() + 1).await;
    assert_eq!(long.problem(), "blob.unwanted", "another length");
    let mut foreign = world.phone(13).await;
    let stranger = create(&world, &foreign, &hash, bytes.len()).await;
    assert_eq!(stranger.problem(), "blob.unwanted", "another office");
    upload(&world, &phone, &bytes).await;
    assert_eq!(
        head(&world, &foreign, &hash).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        photo_page(&world, "lead-liuhe", demo::record(1), &hash)
            .await
            .status
            .as_u16(),
        404
    );
    assert_eq!(
        photo_page(&world, "supervisor", demo::record(1), &hash)
            .await
            .status
            .as_u16(),
        200
    );
    // Naming another office's picture in an own record shows nothing: its bytes were never sent from here.
    let commit = foreign.commit(demo::record(5), world.now(), &[shows("JC-13", &bytes)]);
    foreign.pushed(&world, &[commit]).await;
    assert_eq!(
        photo_page(&world, "lead-liuhe", demo::record(5), &hash)
            .await
            .status
            .as_u16(),
        404
    );
    assert_eq!(
        head(&world, &foreign, &hash).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        named(
            &create(&world, &foreign, &hash, bytes.len()).await,
            "upload-offset"
        ),
        "0"
    );
    upload(&world, &foreign, &bytes).await;
    assert_eq!(
        photo_page(&world, "lead-liuhe", demo::record(5), &hash)
            .await
            .body,
        bytes
    );
    // Nor is a picture of one record a picture of another.
    assert_eq!(
        photo_page(&world, "head", demo::record(2), &hash)
            .await
            .status
            .as_u16(),
        404
    );
}

#[tokio::test]
async fn a_commit_out_of_scope_and_a_huge_picture_are_not_waited_for() {
    let world = World::new().await;
    let bytes = picture(5);
    let mut foreign = world.phone(13).await;
    let held = foreign.commit(demo::record(1), world.now(), &[shows("JC-13", &bytes)]);
    assert_eq!(foreign.pushed(&world, &[held]).await.quarantined.len(), 1);
    assert_eq!(
        create(&world, &foreign, &hex(&bytes), bytes.len())
            .await
            .problem(),
        "blob.unwanted"
    );
    let huge = vec![1; 300 * 1024 + 1];
    let phone = phone_that_shows(&world, &huge).await;
    assert_eq!(
        create(&world, &phone, &hex(&huge), huge.len())
            .await
            .problem(),
        "blob.unwanted"
    );
    let beyond = create(&world, &phone, &hex(&huge), (64 << 20) + 1).await;
    assert_eq!(
        (beyond.status.as_u16(), beyond.problem()),
        (413, "request.too-large")
    );
}

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
        tokio::task::yield_now().await;
        while patch(&world, &phone, &hash, 0, Body::empty()).await.status != StatusCode::LOCKED {
            tokio::task::yield_now().await;
        }
        let commit = phone
            .clone()
            .commit(demo::record(1), world.now(), &[shows("JC-13", b"x")]);
        let pushed = phone.pushed(&world, &[commit]).await;
        hand.send_data(Bytes::from(bytes.clone())).await.unwrap();
        drop(hand);
        pushed
    });
    assert_eq!(second.receipt.seq, 2);
    assert_eq!(first.status, StatusCode::NO_CONTENT);
    phone.seq += 1;
}
