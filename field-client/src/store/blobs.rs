//! Pictures on this device: their bytes until the server has them, their thumbnails for good, and how far each has travelled.
//! Apart because they travel in a queue of their own and are the only rows whose content is ever dropped.

use super::{Error, Result, WriteTx, count, number};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use sha2::{Digest, Sha256};
use shared::domain::event::{Event, Fact};
use shared::id::{FeedId, RecordId};
use shared::instant::Instant;

const PUT: &str = "INSERT INTO blobs (hash, record, len, stored_at, thumb, bytes)
    VALUES (:hash, :record, :len, :at, :thumb, :bytes)
    ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes, offset = 0, state = 0 WHERE state = 3";
const TAKE_OUT: &str = "DELETE FROM blobs WHERE hash = :hash AND seq IS NULL";
const SEALED: &str = "UPDATE blobs SET seq = :seq WHERE hash = :hash AND seq IS NULL";
const QUEUE: &str = "SELECT hash, len, state FROM blobs
    WHERE state < 2 AND EXISTS
        (SELECT 1 FROM commits WHERE feed = :feed AND commits.seq = blobs.seq AND acked = 1)
    ORDER BY stored_at, hash LIMIT :limit";
const UNSENT: &str = "SELECT COUNT(*), MIN(stored_at) FROM blobs WHERE state <> 2";
const INFO: &str = "SELECT len, state, offset, thumb FROM blobs WHERE hash = :hash";
const BYTES: &str = "SELECT bytes FROM blobs WHERE hash = :hash";
const PART: &str = "SELECT substr(bytes, :from, :len) FROM blobs WHERE hash = :hash";
const MARK: &str =
    "UPDATE blobs SET state = :state, offset = :offset, whole_at = :whole WHERE hash = :hash";
const AGAIN: &str =
    "UPDATE blobs SET state = 1, offset = 0, whole_at = NULL WHERE state = 2 AND bytes IS NOT NULL";
const DROP: &str =
    "UPDATE blobs SET bytes = NULL WHERE state = 2 AND whole_at < :before AND bytes IS NOT NULL";

/// SHA-256 of a picture as kept.
pub(crate) type Hash = [u8; 32];

/// How far a picture has travelled. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The server was not told of it.
    New = 0,
    /// The server was told, or may have been: it is asked how far it is.
    Begun = 1,
    /// All of it is at the server, under this hash.
    Whole = 2,
    /// What is stored here no longer has this hash. Kept, shown, not sent.
    Damaged = 3,
}

impl State {
    fn of(stored: i64) -> Result<Self> {
        match stored {
            0 => Ok(Self::New),
            1 => Ok(Self::Begun),
            2 => Ok(Self::Whole),
            3 => Ok(Self::Damaged),
            _ => Err(Error::Corrupt("blob state")),
        }
    }
}

/// A picture that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Which.
    pub(crate) hash: Hash,
    /// Its length in bytes.
    pub(crate) len: u64,
    /// How far.
    pub(crate) state: State,
}

/// A picture as the screens show it.
#[derive(Debug, Clone)]
pub(crate) struct Info {
    /// Its length in bytes.
    pub(crate) len: u64,
    /// How far.
    pub(crate) state: State,
    /// Bytes that the server has.
    pub(crate) offset: u64,
    /// The thumbnail, JPEG.
    pub(crate) thumb: Vec<u8>,
}

/// What has not arrived whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unsent {
    /// Pictures.
    pub(crate) count: u64,
    /// When the oldest was taken in.
    pub(crate) oldest: Option<Instant>,
}

/// A picture to keep.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// SHA-256 of `bytes`.
    pub(crate) hash: Hash,
    /// The thumbnail, JPEG.
    pub(crate) thumb: Vec<u8>,
    /// The picture, JPEG.
    pub(crate) bytes: Vec<u8>,
}

/// Keeps a picture. One that is here already stays as it is, unless it was damaged: the hash says that they are the same.
pub(crate) fn put(tx: &WriteTx<'_>, record: RecordId, blob: &Kept, now: Instant) -> Result<()> {
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":hash": &blob.hash[..],
        ":record": &record.as_bytes()[..],
        ":len": number(blob.bytes.len() as u64),
        ":at": now.as_millis(),
        ":thumb": blob.thumb,
        ":bytes": blob.bytes,
    })?;
    Ok(())
}

/// Lets go of a picture that no sealed commit names. The caller knows that no other journal row does.
pub(crate) fn take_out(tx: &WriteTx<'_>, hash: &Hash) -> Result<()> {
    tx.execute(TAKE_OUT, named_params! { ":hash": &hash[..] })?;
    Ok(())
}

/// Notes which commit names the pictures of these events: they may travel once it is acknowledged.
pub(super) fn sealed(tx: &WriteTx<'_>, events: &[Event], seq: u64) -> Result<()> {
    for event in events {
        if let Fact::EvidenceAdded(added) = &event.fact
            && let Some(photo) = &added.photo
        {
            tx.prepare_cached(SEALED)?
                .execute(named_params! { ":hash": &photo.hash[..], ":seq": number(seq) })?;
        }
    }
    Ok(())
}

/// What may be sent now, the oldest first.
pub(crate) fn queue(c: &Connection, feed: FeedId, limit: u64) -> Result<Vec<Waiting>> {
    let mut statement = c.prepare_cached(QUEUE)?;
    let mut rows = statement.query(named_params! {
        ":feed": &feed.as_bytes()[..],
        ":limit": number(limit),
    })?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(Waiting {
            hash: hash(row)?,
            len: count(row.get(1)?),
            state: State::of(row.get(2)?)?,
        });
    }
    Ok(out)
}

/// What has not arrived whole, whether it may be sent yet or not.
pub(crate) fn unsent(c: &Connection) -> Result<Unsent> {
    let mut statement = c.prepare_cached(UNSENT)?;
    let found = statement.query_row([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
    })?;
    Ok(Unsent {
        count: count(found.0),
        oldest: found.1.map(Instant::from_millis),
    })
}

/// What is known of a picture, if it is on this device.
pub(crate) fn info(c: &Connection, hash: &Hash) -> Result<Option<Info>> {
    let mut statement = c.prepare_cached(INFO)?;
    let mut rows = statement.query(named_params! { ":hash": &hash[..] })?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Info {
        len: count(row.get(0)?),
        state: State::of(row.get(1)?)?,
        offset: count(row.get(2)?),
        thumb: row.get(3)?,
    }))
}

/// The whole picture, as long as it is on this device.
pub(crate) fn bytes(c: &Connection, hash: &Hash) -> Result<Option<Vec<u8>>> {
    let mut statement = c.prepare_cached(BYTES)?;
    let found = statement.query_row(named_params! { ":hash": &hash[..] }, |row| {
        row.get::<_, Option<Vec<u8>>>(0)
    });
    Ok(found.optional()?.flatten())
}

/// Some bytes from an offset on.
pub(crate) fn part(c: &Connection, hash: &Hash, offset: u64, len: u64) -> Result<Vec<u8>> {
    let mut statement = c.prepare_cached(PART)?;
    let part = statement.query_row(
        named_params! {
            ":hash": &hash[..],
            // SQLite counts from one.
            ":from": number(offset.saturating_add(1)),
            ":len": number(len),
        },
        |row| row.get::<_, Option<Vec<u8>>>(0),
    )?;
    part.ok_or(Error::Corrupt("blob"))
}

/// Whether what is stored still has this hash.
pub(crate) fn is_sound(c: &Connection, hash: &Hash) -> Result<bool> {
    let bytes = bytes(c, hash)?;
    Ok(bytes.is_some_and(|bytes| <Hash>::from(Sha256::digest(&bytes)) == *hash))
}

/// Notes how far a picture is.
pub(crate) fn mark(
    tx: &WriteTx<'_>,
    hash: &Hash,
    state: State,
    offset: u64,
    now: Instant,
) -> Result<()> {
    let whole = (state == State::Whole).then(|| now.as_millis());
    tx.prepare_cached(MARK)?.execute(named_params! {
        ":hash": &hash[..],
        ":state": state as i64,
        ":offset": number(offset),
        ":whole": whole,
    })?;
    Ok(())
}

/// A restored server may have lost pictures that an earlier one confirmed: those still here are asked for again.
pub(crate) fn ask_again(tx: &WriteTx<'_>) -> Result<()> {
    tx.execute(AGAIN, [])?;
    Ok(())
}

/// Drops the bytes of what the server has had whole since before this moment. The thumbnails stay.
pub(crate) fn drop_sent(tx: &WriteTx<'_>, before: Instant) -> Result<()> {
    tx.execute(DROP, named_params! { ":before": before.as_millis() })?;
    Ok(())
}

fn hash(row: &Row<'_>) -> Result<Hash> {
    let bytes: Vec<u8> = row.get(0)?;
    Hash::try_from(bytes).map_err(|_| Error::Corrupt("hash"))
}

#[cfg(test)]
mod tests;
