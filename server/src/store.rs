//! The store: one SQLite file in WAL mode, one writer thread, several readers.
//! Apart because everything that knows SQL sits below this module.
//!
//! Writes queue up for one thread that commits them in groups: each job runs in a savepoint of its own, so that one that
//! fails spoils no other, and nobody gets an answer before `COMMIT` (with `synchronous=FULL`) returned.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod blobs;
pub(crate) mod drills;
pub(crate) mod due;
pub(crate) mod effect;
pub(crate) mod enrol;
pub(crate) mod feeds;
pub(crate) mod gaps;
pub(crate) mod heat;
pub(crate) mod jobs;
pub(crate) mod laws;
pub(crate) mod log;
pub(crate) mod meta;
mod migrate;
pub(crate) mod needs;
pub(crate) mod numbers;
pub(crate) mod personal;
pub(crate) mod refs;
pub(crate) mod rosters;
pub(crate) mod sessions;
pub(crate) mod staff;
pub(crate) mod tasks;
pub(crate) mod turns;
pub(crate) mod units;
pub(crate) mod visits;

use crate::clock;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Writes that may wait before callers are told to wait themselves.
const QUEUE: usize = 512;
/// Writes in one commit, at most.
const GROUP: usize = 32;
/// No further write joins a group that is older than this. Milliseconds.
const GROUP_MS: u64 = 10;
/// Connections that read.
const READERS: usize = 4;

/// Why the store did not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such row.
    #[error("not found")]
    NotFound,
    /// A constraint says no.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// What is stored cannot be read.
    #[error("stored data is damaged: {0}")]
    Corrupt(&'static str),
    /// The queue is full or the writer is gone.
    #[error("busy")]
    Busy,
    /// A newer build wrote this file.
    #[error("the database was written by a newer build")]
    Newer,
    /// Anything else SQLite says.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
                rusqlite::ErrorCode::ConstraintViolation => Self::Conflict("constraint"),
                rusqlite::ErrorCode::DatabaseBusy => Self::Busy,
                _ => Self::Sqlite(error),
            },
            _ => Self::Sqlite(error),
        }
    }
}

/// A consistent view of the file.
pub(crate) struct ReadTx<'a>(&'a Connection);

/// A view that can be changed: only the writer thread makes one.
pub(crate) struct WriteTx<'a>(ReadTx<'a>);

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &ReadTx<'a> {
        &self.0
    }
}

impl ReadTx<'_> {
    /// A statement that stays compiled.
    fn sql(&self, sql: &str) -> Result<rusqlite::CachedStatement<'_>, Error> {
        Ok(self.0.prepare_cached(sql)?)
    }
}

impl WriteTx<'_> {
    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, Error> {
        Ok(self.0.0.prepare_cached(sql)?.execute(params)?)
    }
}

/// Runs in the writer thread; gives what to call with the group's fate.
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), Error>)>;

/// The store.
pub(crate) struct Store {
    writer: mpsc::Sender<Job>,
    readers: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Store {
    /// Opens or makes the file and starts the writer thread. The thread ends when the store is dropped.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut db = connect(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        migrate::run(&mut db, path, migrate::STEPS)?;
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let reader = connect(path)?;
            reader.pragma_update(None, "query_only", true)?;
            readers.push(reader);
        }
        let (writer, jobs) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_loop(&db, jobs))
            .map_err(|_| Error::Busy)?;
        Ok(Self {
            writer,
            readers: Arc::new(Mutex::new(readers)),
            permits: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Runs a write and answers after it is on disk. An error undoes all of it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            let result = in_savepoint(db, work);
            Box::new(move |fate| {
                // The caller may have gone away; the write stands all the same.
                let _ = tell.send(fate.and(result));
            })
        });
        self.writer.send(job).await.map_err(|_| Error::Busy)?;
        told.await.map_err(|_| Error::Busy)?
    }

    /// Reads from one consistent view.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| Error::Busy)?;
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let db = lock(&readers).pop().ok_or(Error::Busy)?;
            let result = read_once(&db, work);
            lock(&readers).push(db);
            result
        })
        .await
        .map_err(|_| Error::Busy)?
    }
}

/// A page of rows of which one more than `size` was asked for, and whether there is more.
fn cut<T>(mut rows: Vec<T>, size: usize) -> (Vec<T>, bool) {
    let more = rows.len() > size;
    rows.truncate(size);
    (rows, more)
}

fn lock(readers: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    readers.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_once<T>(
    db: &Connection,
    work: impl FnOnce(&ReadTx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    db.execute_batch("BEGIN")?;
    let result = catch_unwind(AssertUnwindSafe(|| work(&ReadTx(db))));
    db.execute_batch("ROLLBACK")?;
    result.unwrap_or(Err(Error::Corrupt("a read panicked")))
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let db = Connection::open(path)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "foreign_keys", true)?;
    // A plan does not depend on the values that are bound: a statement is compiled once and not again for each of them.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

fn write_loop(db: &Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let started = clock::monotonic();
        let mut answers = Vec::new();
        let mut fate = db.execute_batch("BEGIN IMMEDIATE").map_err(Error::from);
        // Without a transaction nothing runs; dropping a job tells its caller that the store is busy.
        let mut next = fate.is_ok().then_some(first);
        while let Some(job) = next {
            answers.push(job(db));
            let room =
                answers.len() < GROUP && clock::monotonic().saturating_sub(started) < GROUP_MS;
            next = if room { jobs.try_recv().ok() } else { None };
        }
        if fate.is_ok() {
            fate = db.execute_batch("COMMIT").map_err(Error::from);
        }
        if let Err(error) = &fate {
            tracing::error!(%error, "a group of writes failed");
            let _ = db.execute_batch("ROLLBACK");
        }
        for answer in answers {
            answer(if fate.is_ok() {
                Ok(())
            } else {
                Err(Error::Busy)
            });
        }
    }
}

fn in_savepoint<T>(
    db: &Connection,
    work: impl FnOnce(&WriteTx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    db.execute_batch("SAVEPOINT job")?;
    let result = catch_unwind(AssertUnwindSafe(|| work(&WriteTx(ReadTx(db)))))
        .unwrap_or(Err(Error::Corrupt("a write panicked")));
    db.execute_batch(match &result {
        Ok(_) => "RELEASE job",
        Err(_) => "ROLLBACK TO job; RELEASE job",
    })?;
    result
}

/// For a column that holds a count or version; SQLite has no unsigned numbers.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// For a limit or an offset.
fn rows(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The reverse of [`signed`].
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
pub(crate) mod tests;
