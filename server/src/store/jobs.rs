//! Jobs: work that follows from what was stored, queued in the same transaction.

use super::{Error, ReadTx, WriteTx};
use rusqlite::named_params;
use shared::id::RecordId;
use shared::instant::Instant;

/// Attempts before a job waits for a person.
pub(crate) const MAX_ATTEMPTS: i64 = 5;
/// The wait before the second attempt; each further one is twice as long. Milliseconds.
const RETRY_MS: i64 = 2_000;
const ASSESS: &str = "assess";

/// A job that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// The record to assess.
    pub(crate) record: RecordId,
    /// Grows with each request, so that one that comes meanwhile is not lost.
    generation: i64,
    /// Attempts that failed.
    attempts: i64,
}

/// Asks for an assessment of a record.
pub(crate) fn enqueue(tx: &WriteTx<'_>, record: RecordId, due: Instant) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO job (kind, record, generation, due_at) VALUES (:kind, :record, 1, :due)
         ON CONFLICT (kind, record) DO UPDATE SET
         generation = generation + 1, due_at = min(due_at, excluded.due_at), attempts = 0, failed = 0",
        named_params! {":kind": ASSESS, ":record": record.as_bytes(), ":due": due.as_millis()},
    )?;
    Ok(())
}

/// The jobs that have been due longest.
pub(crate) fn due(tx: &ReadTx<'_>, now: Instant, limit: usize) -> Result<Vec<Due>, Error> {
    let mut statement = tx.sql(
        "SELECT record, generation, attempts FROM job
         WHERE failed = 0 AND due_at <= ?1 ORDER BY due_at LIMIT ?2",
    )?;
    let rows = statement.query_map((now.as_millis(), super::rows(limit)), |row| {
        Ok(Due {
            record: RecordId::from_bytes(row.get(0)?),
            generation: row.get(1)?,
            attempts: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A job is done; it comes back at `again` if time alone may change its answer.
pub(crate) fn done(tx: &WriteTx<'_>, job: Due, again: Option<Instant>) -> Result<(), Error> {
    let key = named_params! {
        ":kind": ASSESS, ":record": job.record.as_bytes(), ":generation": job.generation,
        ":again": again.map(Instant::as_millis),
    };
    match again {
        Some(_) => tx.execute(
            "UPDATE job SET due_at = :again, attempts = 0
             WHERE kind = :kind AND record = :record AND generation = :generation",
            key,
        )?,
        None => tx.execute(
            "DELETE FROM job
             WHERE kind = :kind AND record = :record AND generation = :generation AND :again IS NULL",
            key,
        )?,
    };
    Ok(())
}

/// A job failed: it is tried again later, and in the end waits for a person.
pub(crate) fn failed(tx: &WriteTx<'_>, job: Due, error: &str, now: Instant) -> Result<(), Error> {
    let wait = RETRY_MS << job.attempts.clamp(0, 10);
    tx.execute(
        "UPDATE job SET attempts = attempts + 1, failed = attempts + 1 >= :max, due_at = :due, last_error = :error
         WHERE kind = :kind AND record = :record AND generation = :generation",
        named_params! {
            ":kind": ASSESS, ":record": job.record.as_bytes(), ":generation": job.generation,
            ":max": MAX_ATTEMPTS, ":due": now.plus_millis(wait).as_millis(), ":error": error,
        },
    )?;
    Ok(())
}

/// Records whose job waits for a person.
pub(crate) fn stuck(tx: &ReadTx<'_>) -> Result<Vec<RecordId>, Error> {
    let mut statement =
        tx.sql("SELECT record FROM job WHERE failed = 1 ORDER BY due_at LIMIT 50")?;
    let rows = statement.query_map([], |row| row.get(0).map(RecordId::from_bytes))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
