//! One-time enrolment codes, kept only as hashes.

use super::{Error, ReadTx, WriteTx};
use rusqlite::{OptionalExtension, named_params};
use shared::id::{FeedId, OfficerId};
use shared::instant::Instant;

/// A code as stored.
pub(crate) struct Code {
    /// For whom.
    pub(crate) officer: OfficerId,
    /// Until when.
    pub(crate) expires_at: Instant,
    /// Which feed and key used it.
    pub(crate) used: Option<(FeedId, [u8; 32])>,
}

/// Adds a code.
pub(crate) fn add(
    tx: &WriteTx<'_>,
    hash: [u8; 32],
    officer: OfficerId,
    now: Instant,
    ends: Instant,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO enrol_code (code_hash, officer, created_at, expires_at)
         VALUES (:hash, :officer, :now, :ends)",
        named_params! {
            ":hash": hash, ":officer": officer.as_bytes(), ":now": now.as_millis(), ":ends": ends.as_millis(),
        },
    )?;
    Ok(())
}

/// The code of this hash.
pub(crate) fn find(tx: &ReadTx<'_>, hash: [u8; 32]) -> Result<Option<Code>, Error> {
    Ok(tx
        .sql(
            "SELECT officer, expires_at, used_feed, used_key FROM enrol_code WHERE code_hash = ?1",
        )?
        .query_row([hash], |row| {
            let feed: Option<[u8; 16]> = row.get(2)?;
            let key: Option<[u8; 32]> = row.get(3)?;
            Ok(Code {
                officer: OfficerId::from_bytes(row.get(0)?),
                expires_at: Instant::from_millis(row.get(1)?),
                used: feed.map(FeedId::from_bytes).zip(key),
            })
        })
        .optional()?)
}

/// Notes who used a code.
pub(crate) fn used(
    tx: &WriteTx<'_>,
    hash: [u8; 32],
    feed: FeedId,
    key: [u8; 32],
    now: Instant,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE enrol_code SET used_feed = :feed, used_key = :key, used_at = :now WHERE code_hash = :hash",
        named_params! {":hash": hash, ":feed": feed.as_bytes(), ":key": key, ":now": now.as_millis()},
    )?;
    Ok(())
}
