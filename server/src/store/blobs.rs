//! Which blobs the records of an office name, and which of them its devices have sent. The bytes are files ([`crate::blobs`]).

use super::{Error, ReadTx, WriteTx, signed, unsigned};
use rusqlite::{OptionalExtension, named_params};
use shared::domain::event::{Fact, MAX_PHOTO_BYTES};
use shared::id::{FeedId, RecordId, UnitId};
use shared::instant::Instant;
use shared::log::commit::{Commit, Mode};

/// SHA-256 of a blob.
pub(crate) type Hash = [u8; 32];

/// Notes the pictures that a commit names. Those of a drill never leave the phone, so nobody waits for them. One that says to be longer than a picture may be is not waited for.
pub(crate) fn want(tx: &WriteTx<'_>, commit: &Commit, unit: UnitId) -> Result<(), Error> {
    if commit.header().mode == Mode::Drill {
        return Ok(());
    }
    let most = u64::try_from(MAX_PHOTO_BYTES).unwrap_or(u64::MAX);
    for (_, event) in commit.events() {
        let Ok(Fact::EvidenceAdded(evidence)) = event.map(|event| event.fact) else {
            continue;
        };
        let Some(photo) = evidence.photo else {
            continue;
        };
        if !(1..=most).contains(&u64::from(photo.len)) {
            continue;
        }
        tx.execute(
            "INSERT INTO blob_want (record, hash, len, unit) VALUES (:record, :hash, :len, :unit)
             ON CONFLICT (record, hash, len) DO NOTHING",
            named_params! {
                ":record": commit.header().record.as_bytes(), ":hash": photo.hash,
                ":len": photo.len, ":unit": unit.as_bytes(),
            },
        )?;
    }
    Ok(())
}

/// The lengths under which an office's records name a blob, ascending: one, unless somebody was wrong.
pub(crate) fn wanted(tx: &ReadTx<'_>, hash: Hash, unit: UnitId) -> Result<Vec<u64>, Error> {
    let mut statement =
        tx.sql("SELECT DISTINCT len FROM blob_want WHERE hash = ?1 AND unit = ?2 ORDER BY len")?;
    let rows = statement.query_map((hash, unit.as_bytes()), |row| row.get(0).map(unsigned))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The length of a blob that an office's devices have sent in full.
pub(crate) fn whole(tx: &ReadTx<'_>, hash: Hash, unit: UnitId) -> Result<Option<u64>, Error> {
    Ok(tx
        .sql("SELECT len FROM blob WHERE hash = ?1 AND unit = ?2")?
        .query_row((hash, unit.as_bytes()), |row| row.get(0).map(unsigned))
        .optional()?)
}

/// A blob that is on disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Its hash.
    pub(crate) hash: Hash,
    /// Its length.
    pub(crate) len: u64,
    /// The office whose device sent it.
    pub(crate) unit: UnitId,
    /// The device.
    pub(crate) feed: FeedId,
}

/// Notes that a blob is on disk.
pub(crate) fn keep(tx: &WriteTx<'_>, kept: Kept, now: Instant) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO blob (hash, unit, len, feed, stored_at) VALUES (:hash, :unit, :len, :feed, :now)
         ON CONFLICT (hash, unit) DO NOTHING",
        named_params! {
            ":hash": kept.hash, ":unit": kept.unit.as_bytes(), ":len": signed(kept.len),
            ":feed": kept.feed.as_bytes(), ":now": now.as_millis(),
        },
    )?;
    Ok(())
}

/// The pictures that a record names, and which of them are there.
pub(crate) fn of_record(tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<(Hash, bool)>, Error> {
    let mut statement = tx.sql(
        "SELECT want.hash, max(blob.hash IS NOT NULL) FROM blob_want AS want
         LEFT JOIN blob ON blob.hash = want.hash AND blob.unit = want.unit AND blob.len = want.len
         WHERE want.record = ?1 GROUP BY want.hash",
    )?;
    let rows = statement.query_map([record.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a record names this picture and it is there.
pub(crate) fn readable(tx: &ReadTx<'_>, record: RecordId, hash: Hash) -> Result<bool, Error> {
    Ok(tx
        .sql(
            "SELECT 1 FROM blob_want AS want
             JOIN blob ON blob.hash = want.hash AND blob.unit = want.unit AND blob.len = want.len
             WHERE want.record = ?1 AND want.hash = ?2",
        )?
        .exists((record.as_bytes(), hash))?)
}
