//! What the server sends: a page of commits and reference data, saved together with the cursor or not at all.

use super::meta::{self, Cursor, Key, Profile};
use super::{Result, WriteTx, log, own, records, refs};
use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, named_params};
use sha2::{Digest, Sha256};
use shared::codec;
use shared::domain::reference::{RefSet, Task};
use shared::id::{FeedId, RecordId};
use shared::instant::Instant;
use shared::log::commit::Commit;
use shared::sync::wire::Page;
use std::collections::BTreeSet;

const QUARANTINE: &str = "INSERT INTO quarantine (hash, why, bytes, seen_at)
    SELECT :hash, :why, :bytes, :at WHERE NOT EXISTS (SELECT 1 FROM quarantine WHERE hash = :hash)";
const QUARANTINED: &str = "SELECT COUNT(*) FROM quarantine";

/// What a page changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Received {
    /// Another commit stands at a place of our own feed: the feed is frozen now.
    pub(crate) forked: bool,
    /// A reference set did not follow from what is here, or was not signed: it was left alone.
    pub(crate) refused: usize,
}

/// Saves a page: sets first, because they carry the keys that its commits are checked with, then commits, then the cursor.
/// A commit that cannot be used costs itself, never the page.
pub(crate) fn page(tx: &WriteTx<'_>, page: &Page, now: Instant) -> Result<Received> {
    let profile = meta::profile(tx)?;
    let server = profile.verifying_key()?;
    let mut received = Received::default();
    let mut touched = BTreeSet::new();
    for delta in &page.refs {
        // A set of a newer build: it stays at version 0, so that the build which knows it gets the whole.
        if matches!(delta.set, RefSet::Other(_)) {
            continue;
        }
        if !delta.verifies(&server) || !refs::apply(tx, delta)? {
            received.refused += 1;
            continue;
        }
        own::set_changed(tx, delta.set)?;
        if delta.set == RefSet::Tasks {
            let tasks = delta.upserts.iter();
            touched.extend(
                tasks.filter_map(|row| codec::read::<Task>(&row.body).ok().map(|task| task.record)),
            );
        }
    }
    for bytes in &page.commits {
        match commit(tx, &profile, bytes, now)? {
            Took::Stored(record) => {
                touched.insert(record);
            }
            Took::Fork => received.forked = true,
            Took::Known | Took::Unusable => {}
        }
    }
    if received.forked {
        meta::set(tx, Key::Frozen, b"fork")?;
    }
    let cursor = Cursor {
        epoch: page.epoch,
        position: page.position,
    };
    meta::write(tx, Key::Cursor, &cursor)?;
    for record in touched {
        records::refresh(tx, record)?;
    }
    Ok(received)
}

enum Took {
    Stored(RecordId),
    Known,
    Unusable,
    Fork,
}

fn commit(tx: &WriteTx<'_>, profile: &Profile, bytes: &[u8], now: Instant) -> Result<Took> {
    let Ok(claimed) = Commit::parse(bytes) else {
        quarantine(tx, bytes, "unreadable", now)?;
        return Ok(Took::Unusable);
    };
    let header = claimed.header();
    let verified =
        key_of(tx, profile, header.feed)?.is_some_and(|key| Commit::verify(bytes, &key).is_ok());
    if !verified {
        quarantine(tx, bytes, "signature", now)?;
        return Ok(Took::Unusable);
    }
    let own = header.feed == profile.feed;
    match log::hash_at(tx, header.feed, header.seq)? {
        Some(hash) if hash == claimed.hash() => Ok(Took::Known),
        Some(_) => {
            quarantine(tx, bytes, "fork", now)?;
            Ok(if own { Took::Fork } else { Took::Unusable })
        }
        None if own => {
            // Our own feed, signed by our key, at a number we never gave: this file is an old copy of itself.
            quarantine(tx, bytes, "fork", now)?;
            Ok(Took::Fork)
        }
        None => {
            log::put(tx, &claimed, false, true, now)?;
            Ok(Took::Stored(header.record))
        }
    }
}

fn key_of(c: &Connection, profile: &Profile, feed: FeedId) -> Result<Option<VerifyingKey>> {
    if feed == profile.server_feed {
        return Ok(Some(profile.verifying_key()?));
    }
    if feed == profile.feed {
        return Ok(Some(meta::feed_key(c)?.1.verifying_key()));
    }
    let known = refs::feed(c, feed)?;
    Ok(known.and_then(|feed| VerifyingKey::from_bytes(&feed.key).ok()))
}

fn quarantine(tx: &WriteTx<'_>, bytes: &[u8], why: &str, now: Instant) -> Result<()> {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    tx.execute(
        QUARANTINE,
        named_params! { ":hash": &hash[..], ":why": why, ":bytes": bytes, ":at": now.as_millis() },
    )?;
    Ok(())
}

/// How many pulled commits could not be used.
pub(crate) fn quarantined(c: &Connection) -> Result<u64> {
    let rows: i64 = c.query_row(QUARANTINED, [], |row| row.get(0))?;
    Ok(super::count(rows))
}
