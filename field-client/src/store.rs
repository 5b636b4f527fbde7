//! The device's one SQLite file: a single connection behind a lock, and the only place that says SQL.
//! Apart because every answer must be durable before its page is drawn, and that is decided here: `write` commits
//! (synchronous=FULL, set by the host) before it returns.
//!
//! The connection can be absent: the client is locked, or another tab has taken the file over. Never hold the lock across `await`.

pub(crate) mod blobs;
pub(crate) mod drill;
pub(crate) mod journal;
pub(crate) mod log;
pub(crate) mod meta;
mod migrations;
pub(crate) mod numbers;
pub(crate) mod own;
pub(crate) mod progress;
pub(crate) mod receive;
pub(crate) mod records;
pub(crate) mod refs;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// The store cannot answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No database is open: locked, or taken over by another tab.
    #[error("the database is closed")]
    Closed,
    /// What is asked for is not there.
    #[error("not found")]
    NotFound,
    /// What is stored does not read back.
    #[error("stored data is damaged: {0}")]
    Corrupt(&'static str),
    /// The disk or the quota is full.
    #[error("storage is full")]
    Full,
    /// A newer build wrote this file.
    #[error("written by a newer build")]
    Newer,
    /// Anything else.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(failure, _) if failure.code == ErrorCode::DiskFull => {
                Self::Full
            }
            other => Self::Sqlite(other),
        }
    }
}

/// What store functions give.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A transaction that may write. Functions that only read take a `&Connection`, which this derefs to.
pub(crate) struct WriteTx<'a>(Transaction<'a>);

impl Deref for WriteTx<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

/// The store. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Store(Arc<Mutex<Option<Connection>>>);

impl Store {
    /// Takes a freshly opened connection into use, migrating it first.
    pub(crate) fn open(&self, mut connection: Connection) -> Result<()> {
        migrations::run(&mut connection)?;
        *self.lock() = Some(connection);
        Ok(())
    }

    /// Closes the file, waiting for a running transaction.
    pub(crate) fn close(&self) {
        let taken = self.lock().take();
        drop(taken);
    }

    /// Whether a database is open.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().is_some()
    }

    /// Reads one consistent state.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut guard = self.lock();
        let tx = begin(guard.as_mut(), TransactionBehavior::Deferred)?;
        let out = work(&tx)?;
        tx.0.finish()?;
        Ok(out)
    }

    /// Writes; durable when this returns `Ok`, nothing written otherwise.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&WriteTx<'_>) -> Result<T>) -> Result<T> {
        let mut guard = self.lock();
        let tx = begin(guard.as_mut(), TransactionBehavior::Immediate)?;
        let out = work(&tx)?;
        tx.0.commit()?;
        Ok(out)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Connection>> {
        // A panic while the lock was held rolled its transaction back; the connection itself is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Apart from its callers, which are compiled anew for each use.
#[inline(never)]
fn begin(connection: Option<&mut Connection>, how: TransactionBehavior) -> Result<WriteTx<'_>> {
    let connection = connection.ok_or(Error::Closed)?;
    Ok(WriteTx(connection.transaction_with_behavior(how)?))
}

/// Sixteen bytes of a column as a typed identifier.
fn id<T: for<'b> TryFrom<&'b [u8]>>(bytes: &[u8]) -> Result<T> {
    T::try_from(bytes).map_err(|_| Error::Corrupt("identifier"))
}

/// A database number that counts something.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A counter as a database number.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
