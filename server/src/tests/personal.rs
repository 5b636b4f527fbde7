//! Rows for one officer: they reach that officer's devices and nobody else's.

use super::harness::{Phone, World};
use crate::demo;
use crate::store::refs::{self, Reader, Scope};
use shared::codec;
use shared::domain::reference::{Attended, Invitation, RefSet, SessionKind, Training, Unit};
use shared::id::{OfficerId, SessionId, UnitId};
use shared::log::commit::RefVersion;
use shared::sync::wire::{Page, Pull};

fn training(officer: OfficerId, done_x10: u32) -> Training {
    let at = shared::instant::Instant::from_millis(super::harness::START);
    Training {
        officer,
        year: 2026,
        done_x10,
        target_x10: 600,
        invitations: vec![Invitation {
            session: SessionId::from_bytes([1; 16]),
            kind: SessionKind::Course,
            title: "当场处罚的程序".to_owned(),
            starts_at: at,
            ends_at: at,
            place: "二楼会议室".to_owned(),
            hours_x10: 20,
            scenario: None,
            why: "近三个月的记录里有相关的疑似问题。".to_owned(),
        }],
        attended: vec![Attended {
            title: "执法证件".to_owned(),
            day: at.date(),
            hours_x10: 20,
        }],
    }
}

async fn put(world: &World, row: Training) {
    let put = move |tx: &crate::store::WriteTx<'_>| refs::put_training(tx, row);
    world.app.store.write(put).await.unwrap();
}

async fn pull(world: &World, phone: &Phone, refs: Vec<RefVersion>) -> Page {
    let pull = Pull {
        epoch: world.app.keys.epoch,
        position: 0,
        refs,
        max_bytes: 1 << 20,
    };
    let reply = world.call("pull", &phone.token, codec::encode(&pull)).await;
    codec::decode(&reply.body).unwrap()
}

fn rows(page: &Page) -> Vec<Training> {
    let of_set = page.refs.iter().filter(|d| d.set == RefSet::Training);
    of_set
        .flat_map(|delta| &delta.upserts)
        .map(|row| codec::decode(&row.body).unwrap())
        .collect()
}

#[tokio::test]
async fn training_reaches_its_officer_and_no_colleague() {
    let world = World::new().await;
    // 2 and 3 work in one office, 13 in another.
    let (own, colleague, elsewhere) = (
        world.phone(2).await,
        world.phone(3).await,
        world.phone(13).await,
    );
    put(&world, training(demo::officer(2), 100)).await;
    let page = pull(&world, &own, vec![]).await;
    assert_eq!(rows(&page), [training(demo::officer(2), 100)]);
    for other in [&colleague, &elsewhere] {
        let page = pull(&world, other, vec![]).await;
        assert!(page.refs.iter().all(|d| d.set != RefSet::Training));
    }
    // The same again is no news; a change is, from where the device stands.
    let known: Vec<RefVersion> = page
        .refs
        .iter()
        .map(|d| RefVersion {
            set: d.set,
            version: d.to,
        })
        .collect();
    put(&world, training(demo::officer(2), 100)).await;
    put(&world, training(demo::officer(3), 50)).await;
    assert!(pull(&world, &own, known.clone()).await.refs.is_empty());
    put(&world, training(demo::officer(2), 120)).await;
    let news = pull(&world, &own, known).await;
    assert_eq!(rows(&news), [training(demo::officer(2), 120)]);
    assert_eq!(
        rows(&pull(&world, &colleague, vec![]).await)[0].done_x10,
        50
    );
}

#[tokio::test]
async fn a_second_phone_of_the_officer_has_it_and_commits_do_not_name_it() {
    let world = World::new().await;
    put(&world, training(demo::officer(2), 100)).await;
    for _ in 0..2 {
        let phone = world.phone(2).await;
        assert_eq!(rows(&pull(&world, &phone, vec![]).await).len(), 1);
    }
    let read = |tx: &crate::store::ReadTx<'_>| Ok((refs::versions(tx)?, refs::judging(tx)?));
    let (all, judging) = world.app.store.read(read).await.unwrap();
    assert!(all.iter().any(|v| v.set == RefSet::Training));
    assert!(judging.iter().all(|v| v.set != RefSet::Training));
}

#[tokio::test]
async fn a_set_has_one_kind_of_scope() {
    let world = World::new().await;
    let write = |tx: &crate::store::WriteTx<'_>| {
        let officer = demo::officer(2);
        let row = training(officer, 1);
        let unit = Unit {
            id: demo::unit(1),
            name: "x".to_owned(),
        };
        let key = officer.as_bytes();
        let wrong = [
            refs::put(tx, RefSet::Training, key, Scope::All, &row).is_err(),
            refs::put(tx, RefSet::Training, key, Scope::Unit(unit.id), &row).is_err(),
            refs::put(tx, RefSet::Units, key, Scope::Officer(officer), &unit).is_err(),
            refs::remove(tx, RefSet::Training, key, Scope::All).is_err(),
        ];
        Ok(wrong)
    };
    assert_eq!(world.app.store.write(write).await.unwrap(), [true; 4]);
}

/// Whatever ids people and offices have, equal ones too: a reader gets the row about themselves, once, and no other.
#[tokio::test]
async fn nobody_gets_a_colleagues_row() {
    let (_dir, store) = crate::store::tests::store();
    let officers: Vec<OfficerId> = (0..6).map(|n| OfficerId::from_bytes([n; 16])).collect();
    let known = officers.clone();
    let fill = move |tx: &crate::store::WriteTx<'_>| {
        let mut rows = known.iter().take(4).map(|officer| training(*officer, 1));
        rows.try_for_each(|row| refs::put_training(tx, row))
    };
    let filled: Result<(), crate::store::Error> = store.write(fill).await;
    filled.unwrap();
    for (number, officer) in officers.into_iter().enumerate() {
        for unit in 0..6 {
            let unit = UnitId::from_bytes([unit; 16]);
            let reader = Reader { officer, unit };
            let delta = move |tx: &crate::store::ReadTx<'_>| {
                refs::delta(tx, RefSet::Training, 0, reader, 1 << 20)
            };
            let delta = store.read(delta).await.unwrap();
            let rows = delta.map_or_else(Vec::new, |(delta, _)| delta.upserts);
            assert_eq!(rows.len(), usize::from(number < 4));
            for row in rows {
                let row: Training = codec::decode(&row.body).unwrap();
                assert_eq!(row.officer, officer);
            }
        }
    }
}
