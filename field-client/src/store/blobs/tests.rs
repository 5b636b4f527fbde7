//! What is kept of a picture, and for how long.

use super::*;
use crate::tests::{NINE, Phone};

fn kept(seed: u8) -> Kept {
    let bytes = vec![seed; 10];
    Kept {
        hash: Sha256::digest(&bytes).into(),
        thumb: vec![1],
        bytes,
    }
}

#[tokio::test]
async fn a_picture_that_is_here_already_stays_unless_it_was_damaged() {
    let phone = Phone::enrolled().await;
    let record = RecordId::from_bytes([1; 16]);
    let store = phone.app.store();
    let blob = kept(7);
    let put = || store.write(|tx| put(tx, record, &blob, NINE)).unwrap();
    let state = || store.read(|c| info(c, &blob.hash)).unwrap().unwrap().state;
    put();
    let whole = |tx: &WriteTx<'_>| mark(tx, &blob.hash, State::Whole, 10, NINE);
    store.write(whole).unwrap();
    put();
    assert_eq!(state(), State::Whole);
    let damaged = |tx: &WriteTx<'_>| mark(tx, &blob.hash, State::Damaged, 0, NINE);
    store.write(damaged).unwrap();
    put();
    assert_eq!(state(), State::New);
    assert!(store.read(|c| is_sound(c, &blob.hash)).unwrap());
}

#[tokio::test]
async fn parts_join_to_the_whole_and_only_old_ones_are_dropped() {
    let phone = Phone::enrolled().await;
    let store = phone.app.store();
    let blob = kept(9);
    let record = RecordId::from_bytes([1; 16]);
    store.write(|tx| put(tx, record, &blob, NINE)).unwrap();
    let cut = |from, len| store.read(|c| part(c, &blob.hash, from, len)).unwrap();
    assert_eq!([cut(0, 4), cut(4, 4), cut(8, 4)].concat(), blob.bytes);
    let later = NINE.plus_millis(5);
    store.write(|tx| drop_sent(tx, later)).unwrap();
    assert!(store.read(|c| bytes(c, &blob.hash)).unwrap().is_some());
    let whole = |tx: &WriteTx<'_>| mark(tx, &blob.hash, State::Whole, 10, NINE);
    store.write(whole).unwrap();
    store.write(|tx| drop_sent(tx, NINE)).unwrap();
    assert!(store.read(|c| bytes(c, &blob.hash)).unwrap().is_some());
    store.write(|tx| drop_sent(tx, later)).unwrap();
    assert!(store.read(|c| bytes(c, &blob.hash)).unwrap().is_none());
    store.write(ask_again).unwrap();
    let info = store.read(|c| info(c, &blob.hash)).unwrap().unwrap();
    assert_eq!((info.state, info.thumb), (State::Whole, vec![1]));
    assert_eq!(store.read(unsent).unwrap().count, 0);
}
