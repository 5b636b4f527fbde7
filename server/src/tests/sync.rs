//! `/sync/v1/`: what is kept, what is refused, and that nothing is half kept.

use super::harness::{Phone, World};
use crate::demo;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use shared::codec;
use shared::domain::event::{Fact, Submitted};
use shared::domain::reference::{Officer, RefSet, Task};
use shared::id::{Epoch, OfficerId, RecordId};
use shared::log::commit::Commit;
use shared::sync::wire::{CONTENT_TYPE, FeedHead, Hello, Page, Pull, Welcome, deflate};

fn note(words: &str) -> Fact {
    Submitted {
        note: words.to_owned(),
    }
    .into()
}

fn run(world: &World, phone: &mut Phone, n: usize) -> Vec<Commit> {
    (0..n)
        .map(|i| phone.commit(demo::record(1), world.now(), &[note(&i.to_string())]))
        .collect()
}

fn hashes(page: &Page) -> Vec<String> {
    page.commits
        .iter()
        .map(|b| Commit::parse(b).unwrap().hash().to_string())
        .collect()
}

fn rows<T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>>(
    page: &Page,
    set: RefSet,
) -> Vec<T> {
    let of_set = page.refs.iter().filter(|delta| delta.set == set);
    of_set
        .flat_map(|d| &d.upserts)
        .map(|row| codec::decode(&row.body).unwrap())
        .collect()
}

#[tokio::test]
async fn what_was_pushed_comes_back_once_however_often_it_is_sent() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let commits = run(&world, &mut phone, 3);
    assert_eq!(phone.pushed(&world, &commits[..2]).await.receipt.seq, 2);
    assert_eq!(phone.pushed(&world, &commits).await.receipt.seq, 3);
    let last = phone.pushed(&world, &commits[1..2]).await;
    assert_eq!(
        (last.receipt.seq, last.receipt.hash),
        (3, commits[2].hash())
    );
    assert!(last.quarantined.is_empty());
    let page = phone.pull(&world, world.app.keys.epoch, 0).await;
    let own: Vec<String> = commits.iter().map(|c| c.hash().to_string()).collect();
    assert_eq!(hashes(&page).iter().filter(|h| own.contains(h)).count(), 3);
    let after = phone
        .pull(&world, world.app.keys.epoch, page.position)
        .await;
    assert!(after.commits.is_empty() && !after.more);
    let elsewhere = phone
        .pull(&world, Epoch::from_bytes([9; 16]), page.position)
        .await;
    assert_eq!(hashes(&elsewhere), hashes(&page));
}

#[tokio::test]
async fn a_gap_and_a_fork_are_told_with_the_servers_head() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let mut copy = phone.clone();
    let commits = run(&world, &mut phone, 3);
    let gap = phone.push(&world, &commits[1..]).await;
    assert_eq!(
        (gap.status, gap.problem()),
        (StatusCode::CONFLICT, "sync.gap")
    );
    assert_eq!(gap.json()["head"], serde_json::Value::Null);
    phone.pushed(&world, &commits[..1]).await;
    let gap = phone.push(&world, &commits[2..]).await;
    assert_eq!(gap.json()["head"]["seq"], 1);
    assert_eq!(gap.json()["head"]["hash"], commits[0].hash().to_string());
    let other = run(&world, &mut copy, 2);
    let fork = phone.push(&world, &other).await;
    assert_eq!(
        (fork.status, fork.problem()),
        (StatusCode::CONFLICT, "sync.fork")
    );
    assert_eq!(fork.json()["head"]["hash"], commits[0].hash().to_string());
    let frozen = phone.push(&world, &commits).await;
    assert_eq!(frozen.problem(), "sync.feed-frozen");
    let page = phone.pull(&world, world.app.keys.epoch, 0).await;
    assert!(hashes(&page).contains(&commits[0].hash().to_string()));
    assert!(!hashes(&page).contains(&other[0].hash().to_string()));
}

#[tokio::test]
async fn forged_truncated_and_oversized_pushes_leave_nothing() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let stranger = Phone {
        token: phone.token.clone(),
        feed: phone.feed,
        ..Phone::new(phone.officer)
    };
    let forged = run(&world, &mut stranger.clone(), 1);
    let reply = phone.push(&world, &forged).await;
    assert_eq!(
        (reply.status.as_u16(), reply.problem()),
        (422, "sync.commit-invalid")
    );
    let commits = run(&world, &mut phone, 2);
    let whole = phone.message(&commits);
    let cut = world
        .call("push", &phone.token, whole[..whole.len() - 1].to_vec())
        .await;
    assert_eq!(
        (cut.status.as_u16(), cut.problem()),
        (400, "request.unreadable")
    );
    let long = world
        .call("push", &phone.token, vec![0; (1 << 20) + 1])
        .await;
    assert_eq!(
        (long.status.as_u16(), long.problem()),
        (413, "request.too-large")
    );
    let bomb = Request::post("/sync/v1/push")
        .header(header::CONTENT_TYPE, CONTENT_TYPE)
        .header(header::CONTENT_ENCODING, "deflate")
        .header(header::AUTHORIZATION, format!("Bearer {}", phone.token));
    let body = Body::from(deflate(&vec![0; (1 << 20) + 1]));
    assert_eq!(
        world.send(bomb.body(body).unwrap()).await.problem(),
        "request.too-large"
    );
    let empty = phone.push(&world, &[]).await;
    assert_eq!(empty.problem(), "request.unreadable");
    assert_eq!(phone.pushed(&world, &commits).await.receipt.seq, 2);
}

#[tokio::test]
async fn the_valid_beginning_of_a_push_is_kept() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let mut commits = run(&world, &mut phone, 2);
    let stranger = Phone::new(phone.officer);
    commits.extend(run(&world, &mut stranger.clone(), 1));
    assert_eq!(phone.pushed(&world, &commits).await.receipt.seq, 2);
    assert_eq!(
        phone.push(&world, &commits[2..]).await.problem(),
        "sync.commit-invalid"
    );
}

#[tokio::test]
async fn deflated_bodies_are_read() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let body = deflate(&phone.clone().message(&run(&world, &mut phone, 5)));
    let request = Request::post("/sync/v1/push")
        .header(header::CONTENT_TYPE, CONTENT_TYPE)
        .header(header::CONTENT_ENCODING, "deflate")
        .header(header::AUTHORIZATION, format!("Bearer {}", phone.token));
    let reply = world.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.headers[header::CONTENT_TYPE], CONTENT_TYPE);
}

#[tokio::test]
async fn what_is_out_of_scope_is_kept_and_the_chain_goes_on() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let foreign = phone.commit(
        demo::record(5),
        world.now(),
        &[note("another office's record")],
    );
    phone.officer = demo::officer(3);
    let lent = phone.commit(demo::record(1), world.now(), &[note("another officer")]);
    phone.officer = demo::officer(2);
    let fine = phone.commit(demo::record(1), world.now(), &[note("fine")]);
    let pushed = phone
        .pushed(&world, &[foreign.clone(), lent, fine.clone()])
        .await;
    assert_eq!(pushed.receipt.seq, 3);
    let verdicts: Vec<(u64, &str)> = pushed
        .quarantined
        .iter()
        .map(|v| (v.seq, v.code.as_str()))
        .collect();
    assert_eq!(
        verdicts,
        [(1, "sync.out-of-scope"), (2, "sync.out-of-scope")]
    );
    let page = world
        .phone(3)
        .await
        .pull(&world, world.app.keys.epoch, 0)
        .await;
    assert!(hashes(&page).contains(&fine.hash().to_string()));
    let liuhe = world
        .phone(13)
        .await
        .pull(&world, world.app.keys.epoch, 0)
        .await;
    assert!(!hashes(&liuhe).contains(&foreign.hash().to_string()));
}

#[tokio::test]
async fn a_pull_holds_what_the_office_may_see_and_nothing_else() {
    let world = World::new().await;
    let phone = world.phone(2).await;
    let page = phone.pull(&world, world.app.keys.epoch, 0).await;
    let key = world.app.keys.signing.verifying_key();
    assert!(
        page.refs
            .iter()
            .all(|delta| delta.verifies(&key) && delta.from == 0)
    );
    let officers: Vec<Officer> = rows(&page, RefSet::Officers);
    assert!(officers.iter().all(|officer| officer.unit == demo::unit(1)));
    let own = officers
        .iter()
        .find(|officer| officer.id == demo::officer(2))
        .unwrap();
    assert_eq!(
        own.pin.as_ref().unwrap().hash,
        [2; 32],
        "the PIN set at enrolment"
    );
    let tasks: Vec<Task> = rows(&page, RefSet::Tasks);
    assert_eq!(tasks.len(), 4);
    let approved = tasks.iter().find(|task| task.id == demo::task(1)).unwrap();
    assert_eq!(approved.approval.as_ref().unwrap().by, demo::officer(7));
    let records: Vec<RecordId> = page
        .commits
        .iter()
        .map(|b| Commit::parse(b).unwrap().header().record)
        .collect();
    assert!(records.contains(&demo::record(1)) && !records.contains(&demo::record(5)));
    let known = page.refs.iter().map(|d| shared::log::commit::RefVersion {
        set: d.set,
        version: d.to,
    });
    let again = Pull {
        epoch: page.epoch,
        position: page.position,
        refs: known.collect(),
        max_bytes: 1 << 20,
    };
    let reply = world
        .call("pull", &phone.token, codec::encode(&again))
        .await;
    let nothing: Page = codec::decode(&reply.body).unwrap();
    assert!(nothing.refs.is_empty() && nothing.commits.is_empty() && !nothing.more);
}

#[tokio::test]
async fn reference_sets_come_in_pages_too() {
    let world = World::new().await;
    let phone = world.phone(2).await;
    let mut known = Vec::new();
    let mut position = 0;
    let mut upserts = 0;
    for _ in 0..20 {
        let pull = Pull {
            epoch: world.app.keys.epoch,
            position,
            refs: known.clone(),
            max_bytes: 1,
        };
        let reply = world.call("pull", &phone.token, codec::encode(&pull)).await;
        let page: Page = codec::decode(&reply.body).unwrap();
        for delta in &page.refs {
            assert!(delta.to > delta.from, "an empty delta");
            known.retain(|v: &shared::log::commit::RefVersion| v.set != delta.set);
            known.push(shared::log::commit::RefVersion {
                set: delta.set,
                version: delta.to,
            });
            upserts += delta.upserts.len();
        }
        known.sort_by_key(|v| v.set);
        position = page.position;
        if !page.more {
            break;
        }
    }
    let whole = phone.pull(&world, world.app.keys.epoch, 0).await;
    assert_eq!(
        upserts,
        whole.refs.iter().map(|d| d.upserts.len()).sum::<usize>()
    );
}

#[tokio::test]
async fn a_code_works_once_for_a_day() {
    let world = World::new().await;
    let code = world.app.make_enrol_code(demo::officer(3)).await.unwrap();
    let phone = Phone::new(demo::officer(3));
    let ask = |phone: &Phone, code: &str| codec::encode(&phone.enrolment(code));
    assert_eq!(
        world.call("enrol", "", ask(&phone, &code)).await.status,
        StatusCode::OK
    );
    let again = world
        .call("enrol", "", ask(&phone, &code.to_lowercase()))
        .await;
    assert_eq!(
        again.status,
        StatusCode::OK,
        "a lost answer may be asked for again"
    );
    let other = world
        .call("enrol", "", ask(&Phone::new(demo::officer(3)), &code))
        .await;
    assert_eq!(
        (other.status.as_u16(), other.problem()),
        (409, "enrol.code-used")
    );
    let mut forged = phone.enrolment(&code);
    forged.signature = [0; 64];
    assert_eq!(
        world
            .call("enrol", "", codec::encode(&forged))
            .await
            .problem(),
        "request.unreadable"
    );
    world.pass(shared::instant::DAY_MS);
    let late = world.call("enrol", "", ask(&phone, &code)).await;
    assert_eq!(
        (late.status.as_u16(), late.problem()),
        (410, "enrol.code-expired")
    );
    world.pass(shared::instant::HOUR_MS);
    for _ in 0..10 {
        let unknown = world.call("enrol", "", ask(&phone, "ABCDEFGH")).await;
        assert_eq!(unknown.problem(), "enrol.code-unknown");
    }
    assert_eq!(
        world
            .call("enrol", "", ask(&phone, "ABCDEFGH"))
            .await
            .problem(),
        "too-many-attempts"
    );
}

#[tokio::test]
async fn hello_tells_time_and_receipt_and_notes_the_contact() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let hello = |protocol| Hello {
        protocol,
        build: "test".to_owned(),
        feed: phone.feed,
        head: None::<FeedHead>,
        unsent: 2,
        oldest_unsent_ms: 100_000_000,
    };
    let old = world
        .call("hello", &phone.token, codec::encode(&hello(0)))
        .await;
    assert_eq!(
        (old.status.as_u16(), old.problem()),
        (426, "sync.upgrade-needed")
    );
    let first = codec::encode(&hello(1));
    let reply = world.call("hello", &phone.token, first.clone()).await;
    let welcome: Welcome = codec::decode(&reply.body).unwrap();
    assert!(
        welcome
            .beacon
            .verifies(&world.app.keys.signing.verifying_key())
    );
    assert_eq!((welcome.receipt, welcome.beacon.time), (None, world.now()));
    let commits = run(&world, &mut phone, 1);
    phone.pushed(&world, &commits).await;
    let reply = world.call("hello", &phone.token, first).await;
    let welcome: Welcome = codec::decode(&reply.body).unwrap();
    assert_eq!(welcome.receipt.unwrap().hash, commits[0].hash());
    let (admin, _) = world.login("admin").await;
    let page = world.get("/devices", &admin).await.text();
    assert!(page.contains("有2条未上传，最早一条已等待1天"), "{page}");
}

#[tokio::test]
async fn a_revoked_device_is_told_so() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let (admin, csrf) = world.login("admin").await;
    let path = format!("/devices/{}/revoke", phone.feed);
    let reply = world.post(&path, &admin, &format!("csrf={csrf}")).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let refused = phone
        .push(&world, &run(&world, &mut phone.clone(), 1))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem()),
        (403, "sync.device-revoked")
    );
    phone.token = "nonsense".to_owned();
    let unknown = phone
        .push(&world, &run(&world, &mut phone.clone(), 1))
        .await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.problem()),
        (401, "sync.token-invalid")
    );
    let json = unknown.json();
    assert_eq!(json["title_zh"], "设备未登记或登记已失效");
    assert_eq!(json["status"], 401);
    let officer: OfficerId = demo::officer(2);
    assert!(!String::from_utf8_lossy(&unknown.body).contains(&officer.to_string()));
}

/// A commit whose first body is garbage of the announced length: only a broken or hostile client makes one.
fn poisoned(phone: &mut Phone, world: &World) -> Vec<u8> {
    use ed25519_dalek::Signer;
    use sha2::{Digest, Sha256};
    use shared::log::commit::EventHead;
    let sound = phone.commit(
        demo::record(1),
        world.now(),
        &[note("x"), note("still readable")],
    );
    let second = sound.events().nth(1).unwrap().1.unwrap().encode();
    let garbage = vec![0xff; 5];
    let mut header = sound.header().clone();
    header.events[0] = EventHead {
        kind: 13,
        schema: 1,
        len: 5,
    };
    let header = codec::encode(&header);
    let salt = [9_u8; 16];
    let mut hash = Sha256::new()
        .chain_update(b"chengxu-commit-1")
        .chain_update(&header);
    for (index, body) in (0_u8..).zip([&garbage, &second]) {
        let own = Sha256::digest([&b"chengxu-salt-1"[..], &salt, &[index]].concat());
        hash.update(Sha256::digest(
            [&b"chengxu-body-1"[..], &own[..16], body].concat(),
        ));
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut out = minicbor::Encoder::new(Vec::new());
    out.array(4).unwrap().bytes(&header).unwrap();
    out.bytes(&phone.key.sign(&hash).to_bytes())
        .unwrap()
        .bytes(&salt)
        .unwrap();
    out.array(2).unwrap();
    out.array(2)
        .unwrap()
        .u8(0)
        .unwrap()
        .bytes(&garbage)
        .unwrap();
    out.array(2).unwrap().u8(0).unwrap().bytes(&second).unwrap();
    phone.prev = Some(shared::log::commit::CommitHash(hash));
    phone
        .records
        .insert(demo::record(1), shared::log::commit::CommitHash(hash));
    out.into_writer()
}

#[tokio::test]
async fn a_poison_body_costs_itself_and_nothing_else() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let bytes = poisoned(&mut phone, &world);
    let poison = Commit::parse(&bytes).unwrap();
    let after = phone.commit(demo::record(1), world.now(), &[note("after")]);
    let pushed = phone.pushed(&world, &[poison, after]).await;
    assert_eq!(pushed.receipt.seq, 2);
    assert_eq!(pushed.quarantined.len(), 1);
    assert_eq!(pushed.quarantined[0].code, "sync.body-unreadable");
    let (head, _) = world.login("head").await;
    let page = world
        .get(&format!("/records/{}", demo::record(1)), &head)
        .await
        .text();
    assert!(
        page.contains("有1项内容无法识别") && page.contains("still readable"),
        "{page}"
    );
}
