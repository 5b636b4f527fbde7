//! What this installation is: its secrets and its epoch.

use super::refs::{self, Scope};
use super::{Error, ReadTx, WriteTx, feeds};
use crate::keys::Keys;
use ed25519_dalek::SigningKey;
use rusqlite::OptionalExtension;
use shared::domain::reference::{Feed, RefSet};
use shared::id::{Epoch, FeedId};
use shared::instant::Instant;

fn get<const N: usize>(tx: &ReadTx<'_>, name: &str) -> Result<Option<[u8; N]>, Error> {
    Ok(tx
        .sql("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

fn put(tx: &WriteTx<'_>, name: &str, value: &[u8]) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2)",
        (name, value),
    )?;
    Ok(())
}

/// A number that the office set, by name; none: as the program has it.
pub(crate) fn number(tx: &ReadTx<'_>, name: &str) -> Result<Option<i64>, Error> {
    Ok(get::<8>(tx, name)?.map(i64::from_be_bytes))
}

/// Sets a number.
pub(crate) fn set_number(tx: &WriteTx<'_>, name: &str, value: i64) -> Result<(), Error> {
    remember(tx, name, &value.to_be_bytes())
}

/// What was noted under a name.
pub(crate) fn words(tx: &ReadTx<'_>, name: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(tx
        .sql("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Notes something under a name in place of what was.
pub(crate) fn remember(tx: &WriteTx<'_>, name: &str, value: &[u8]) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )?;
    Ok(())
}

/// Takes away what was noted.
pub(crate) fn forget(tx: &WriteTx<'_>, name: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM meta WHERE name = ?1", [name])?;
    Ok(())
}

/// Random bytes for the secrets of a new folder.
pub(crate) struct Fresh {
    /// The signing key's seed.
    pub(crate) seed: [u8; 32],
    /// The nonces' secret.
    pub(crate) secret: [u8; 32],
    /// For the feed's and the epoch's ids.
    pub(crate) ids: [[u8; 10]; 2],
}

/// The secrets, made from `fresh` if the folder is new.
pub(crate) fn keys(tx: &WriteTx<'_>, fresh: &Fresh, now: Instant) -> Result<Keys, Error> {
    if get::<32>(tx, "seed")?.is_none() {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let feed = FeedId::new_v7(millis, &fresh.ids[0]);
        put(tx, "seed", &fresh.seed)?;
        put(tx, "secret", &fresh.secret)?;
        put(tx, "feed", feed.as_bytes())?;
        put(tx, "epoch", Epoch::new_v7(millis, &fresh.ids[1]).as_bytes())?;
        let key = SigningKey::from_bytes(&fresh.seed)
            .verifying_key()
            .to_bytes();
        feeds::put(
            tx,
            &feeds::New {
                feed,
                key,
                officer: None,
                device: "",
                token_hash: None,
            },
            now,
        )?;
        let row = Feed {
            id: feed,
            key,
            officer: None,
        };
        refs::put(tx, RefSet::Feeds, feed.as_bytes(), Scope::All, &row)?;
    }
    let missing = || Error::Corrupt("meta");
    Ok(Keys {
        signing: SigningKey::from_bytes(&get(tx, "seed")?.ok_or_else(missing)?),
        secret: get(tx, "secret")?.ok_or_else(missing)?,
        feed: FeedId::from_bytes(get(tx, "feed")?.ok_or_else(missing)?),
        epoch: Epoch::from_bytes(get(tx, "epoch")?.ok_or_else(missing)?),
    })
}
