//! Feeds: devices that were enrolled, and the server's own.

use super::{Error, ReadTx, WriteTx, log, signed, unsigned};
use crate::home::{OLD_UNSENT_MS, SILENT_MS};
use rusqlite::{OptionalExtension, Row, named_params};
use shared::id::{FeedId, OfficerId, UnitId};
use shared::instant::Instant;
use shared::log::commit::CommitHash;
use shared::sync::wire::{FeedHead, Hello};

/// Where a feed stands.
pub(crate) struct State {
    /// Whose device; none for the server's own.
    pub(crate) officer: Option<OfficerId>,
    /// The officer's office.
    pub(crate) unit: UnitId,
    /// The last commit.
    pub(crate) head: Option<FeedHead>,
    /// The log's position after it.
    pub(crate) position: u64,
    /// Nothing is taken after a fork.
    pub(crate) frozen: bool,
    /// Nothing is answered any more.
    pub(crate) revoked: bool,
}

fn head(row: &Row<'_>, seq: usize, hash: usize) -> rusqlite::Result<Option<FeedHead>> {
    let seq: i64 = row.get(seq)?;
    let hash: Option<[u8; 32]> = row.get(hash)?;
    Ok(hash.map(|hash| FeedHead {
        seq: unsigned(seq),
        hash: CommitHash(hash),
    }))
}

/// Where a feed stands; none if it is not known.
pub(crate) fn state(tx: &ReadTx<'_>, feed: FeedId) -> Result<Option<State>, Error> {
    let row = tx
        .sql(
            "SELECT officer, head_seq, head_hash, head_position, frozen_at IS NOT NULL, revoked_at IS NOT NULL
             FROM feed WHERE id = ?1",
        )?
        .query_row([feed.as_bytes()], |row| {
            Ok(State {
                officer: row.get::<_, Option<[u8; 16]>>(0)?.map(OfficerId::from_bytes),
                unit: UnitId::from_bytes([0; 16]),
                head: head(row, 1, 2)?,
                position: unsigned(row.get(3)?),
                frozen: row.get(4)?,
                revoked: row.get(5)?,
            })
        })
        .optional()?;
    let Some(mut state) = row else {
        return Ok(None);
    };
    if let Some(officer) = state.officer {
        state.unit = log::unit_of(tx, officer)?;
    }
    Ok(Some(state))
}

/// A feed to add.
pub(crate) struct New<'a> {
    /// Its id.
    pub(crate) feed: FeedId,
    /// Its public key.
    pub(crate) key: [u8; 32],
    /// Whose it is; none for the server's own.
    pub(crate) officer: Option<OfficerId>,
    /// What it calls itself.
    pub(crate) device: &'a str,
    /// Hash of its bearer token.
    pub(crate) token_hash: Option<[u8; 32]>,
}

/// Adds a feed, or gives one that was enrolled with the same code a new token.
pub(crate) fn put(tx: &WriteTx<'_>, new: &New<'_>, now: Instant) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO feed (id, key, officer, device, token_hash, enrolled_at)
         VALUES (:id, :key, :officer, :device, :token, :now)
         ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, device = excluded.device",
        named_params! {
            ":id": new.feed.as_bytes(), ":key": new.key, ":officer": new.officer.map(|id| *id.as_bytes()),
            ":device": new.device, ":token": new.token_hash, ":now": now.as_millis(),
        },
    )?;
    Ok(())
}

/// Whether a feed of this id is there.
pub(crate) fn exists(tx: &ReadTx<'_>, feed: FeedId) -> Result<bool, Error> {
    Ok(tx
        .sql("SELECT 1 FROM feed WHERE id = ?1")?
        .exists([feed.as_bytes()])?)
}

/// A device that shows its token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device {
    /// Its feed.
    pub(crate) feed: FeedId,
    /// Its key.
    pub(crate) key: [u8; 32],
    /// Whose it is.
    pub(crate) officer: OfficerId,
    /// The officer's office.
    pub(crate) unit: UnitId,
    /// It may do nothing any more.
    pub(crate) revoked: bool,
}

/// The device of a token.
pub(crate) fn by_token(tx: &ReadTx<'_>, token_hash: [u8; 32]) -> Result<Option<Device>, Error> {
    let found = tx
        .sql(
            "SELECT id, key, officer, revoked_at IS NOT NULL FROM feed
             WHERE token_hash = ?1 AND officer IS NOT NULL",
        )?
        .query_row([token_hash], |row| {
            let device = Device {
                feed: FeedId::from_bytes(row.get(0)?),
                key: row.get(1)?,
                officer: OfficerId::from_bytes(row.get(2)?),
                unit: UnitId::from_bytes([0; 16]),
                revoked: row.get(3)?,
            };
            Ok(device)
        })
        .optional()?;
    let Some(device) = found else {
        return Ok(None);
    };
    let unit = log::unit_of(tx, device.officer)?;
    Ok(Some(Device { unit, ..device }))
}

/// Notes that a device called, and what it says is waiting there. Gives the head of its feed and the log's position after it.
pub(crate) fn contact(
    tx: &WriteTx<'_>,
    hello: &Hello,
    now: Instant,
) -> Result<Option<(FeedHead, u64)>, Error> {
    let build: String = hello.build.chars().take(64).collect();
    tx.execute(
        "UPDATE feed SET last_contact = :now, unsent = :unsent, oldest_unsent_ms = :oldest, build = :build
         WHERE id = :id",
        named_params! {
            ":id": hello.feed.as_bytes(), ":now": now.as_millis(), ":unsent": hello.unsent,
            ":oldest": signed(hello.oldest_unsent_ms), ":build": build,
        },
    )?;
    Ok(state(tx, hello.feed)?.and_then(|state| Some((state.head?, state.position))))
}

/// Notes that a device reached the server by pushing.
pub(crate) fn touch(tx: &WriteTx<'_>, feed: FeedId, now: Instant) -> Result<(), Error> {
    tx.execute(
        "UPDATE feed SET last_contact = ?2 WHERE id = ?1",
        (feed.as_bytes(), now.as_millis()),
    )?;
    Ok(())
}

/// Takes nothing more from a feed.
pub(crate) fn freeze(tx: &WriteTx<'_>, feed: FeedId, now: Instant) -> Result<(), Error> {
    tx.execute(
        "UPDATE feed SET frozen_at = ?2 WHERE id = ?1",
        (feed.as_bytes(), now.as_millis()),
    )?;
    Ok(())
}

/// Revokes a device as of the log's present position. `false`: it was revoked before, or is not a device.
pub(crate) fn revoke(tx: &WriteTx<'_>, feed: FeedId, now: Instant) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE feed SET revoked_at = ?2, revoked_position = (SELECT coalesce(max(position), 0) FROM commits)
         WHERE id = ?1 AND officer IS NOT NULL AND revoked_at IS NULL",
        (feed.as_bytes(), now.as_millis()),
    )?;
    Ok(changed == 1)
}

/// A device as the console lists it.
pub(crate) struct Listed {
    /// Its feed.
    pub(crate) feed: FeedId,
    /// Whose it is.
    pub(crate) officer: OfficerId,
    /// What it calls itself.
    pub(crate) device: String,
    /// When it was enrolled.
    pub(crate) enrolled_at: Instant,
    /// When it last called.
    pub(crate) last_contact: Option<Instant>,
    /// Commits waiting there, as it said then.
    pub(crate) unsent: i64,
    /// Age of the oldest of them then, in milliseconds.
    pub(crate) oldest_unsent_ms: i64,
    /// Its log forked.
    pub(crate) frozen: bool,
    /// It was revoked.
    pub(crate) revoked: bool,
}

impl Listed {
    /// How long its oldest unsent commit has waited by now, if any waits.
    pub(crate) fn waiting_ms(&self, now: Instant) -> Option<i64> {
        let since = now.millis_since(self.last_contact.unwrap_or(self.enrolled_at));
        (self.unsent > 0).then_some(since.saturating_add(self.oldest_unsent_ms))
    }

    /// Whether a person should ask after it.
    pub(crate) fn is_quiet(&self, now: Instant) -> bool {
        let silent = now.millis_since(self.last_contact.unwrap_or(self.enrolled_at));
        !self.revoked
            && (self.frozen
                || silent > SILENT_MS
                || self.waiting_ms(now).is_some_and(|ms| ms > OLD_UNSENT_MS))
    }
}

/// Every device, those that have waited longest first.
pub(crate) fn list(tx: &ReadTx<'_>) -> Result<Vec<Listed>, Error> {
    let mut statement = tx.sql(
        "SELECT id, officer, device, enrolled_at, last_contact, unsent, oldest_unsent_ms,
                frozen_at IS NOT NULL, revoked_at IS NOT NULL
         FROM feed WHERE officer IS NOT NULL
         ORDER BY revoked_at IS NOT NULL, coalesce(last_contact, 0) - oldest_unsent_ms, id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Listed {
            feed: FeedId::from_bytes(row.get(0)?),
            officer: OfficerId::from_bytes(row.get(1)?),
            device: row.get(2)?,
            enrolled_at: Instant::from_millis(row.get(3)?),
            last_contact: row.get::<_, Option<i64>>(4)?.map(Instant::from_millis),
            unsent: row.get(5)?,
            oldest_unsent_ms: row.get(6)?,
            frozen: row.get(7)?,
            revoked: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
