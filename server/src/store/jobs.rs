//! Jobs: work that follows from what was stored, queued in the same transaction.

use super::{Error, ReadTx, WriteTx};
use rusqlite::named_params;
use shared::id::{OfficerId, ProcedureId, RecordId, UnitId};
use shared::instant::Instant;
use std::collections::BTreeSet;

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

/// Asks for an assessment of every record there is.
pub(crate) fn enqueue_all(tx: &WriteTx<'_>, due: Instant) -> Result<(), Error> {
    // The condition only tells the parser that what follows is no join.
    tx.execute(
        "INSERT INTO job (kind, record, generation, due_at)
         SELECT :kind, id, 1, :due FROM record WHERE true
         ON CONFLICT (kind, record) DO UPDATE SET
         generation = generation + 1, due_at = min(due_at, excluded.due_at), attempts = 0, failed = 0",
        named_params! {":kind": ASSESS, ":due": due.as_millis()},
    )?;
    Ok(())
}

/// Every record of a procedure, along no index: it is asked for at the first start of a build only.
const OF_PROCEDURE: &str = "SELECT id FROM record WHERE procedure = ?1 AND drill = 0";
/// Every record that has points.
const SCORED: &str = "SELECT id FROM record WHERE points IS NOT NULL AND points >= ?1";

/// Asks for an assessment of every record of a procedure.
pub(crate) fn enqueue_procedure(
    tx: &WriteTx<'_>,
    procedure: &ProcedureId,
    due: Instant,
) -> Result<(), Error> {
    let records = found(tx, OF_PROCEDURE, procedure.as_str())?;
    records
        .into_iter()
        .try_for_each(|record| enqueue(tx, record, due))
}

/// Asks for an assessment of every record that has points.
pub(crate) fn enqueue_scored(tx: &WriteTx<'_>, due: Instant) -> Result<(), Error> {
    let records = found(tx, SCORED, 0)?;
    records
        .into_iter()
        .try_for_each(|record| enqueue(tx, record, due))
}

/// Every record in which one of these people may have acted: on their device, as one of a visit, or named in a record of
/// their office whose visit has not begun.
const OF_DEVICE: &str =
    "SELECT feed_record.record FROM feed JOIN feed_record ON feed_record.feed = feed.id
    JOIN record ON record.id = feed_record.record WHERE feed.officer = ?1 AND record.drill = 0";
const OF_VISIT: &str = "SELECT record FROM visit_officer WHERE officer = ?1";
const NOT_BEGUN: &str = "SELECT id FROM record WHERE unit = ?1 AND drill = 0
    AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.record = record.id)";
/// Every record of a matter.
const OF_MATTER: &str = "SELECT id FROM record WHERE matter = ?1 AND drill = 0";

/// Asks for an assessment of whatever a change of these people may touch: their certificates decide about their records.
pub(crate) fn enqueue_people(
    tx: &WriteTx<'_>,
    people: &BTreeSet<(UnitId, OfficerId)>,
    due: Instant,
) -> Result<(), Error> {
    let mut records = BTreeSet::new();
    let units: BTreeSet<UnitId> = people.iter().map(|(unit, _)| *unit).collect();
    for unit in units {
        records.extend(found(tx, NOT_BEGUN, unit.as_bytes())?);
    }
    for (_, officer) in people {
        for sql in [OF_DEVICE, OF_VISIT] {
            records.extend(found(tx, sql, officer.as_bytes())?);
        }
    }
    records
        .into_iter()
        .try_for_each(|record| enqueue(tx, record, due))
}

/// Asks for an assessment of every record of these matters: the power list says whether they were anybody's to judge.
pub(crate) fn enqueue_matters(
    tx: &WriteTx<'_>,
    matters: &BTreeSet<String>,
    due: Instant,
) -> Result<(), Error> {
    for matter in matters {
        for record in found(tx, OF_MATTER, matter)? {
            enqueue(tx, record, due)?;
        }
    }
    Ok(())
}

fn found(tx: &ReadTx<'_>, sql: &str, key: impl rusqlite::ToSql) -> Result<Vec<RecordId>, Error> {
    let mut statement = tx.sql(sql)?;
    let rows = statement.query_map([key], |row| row.get(0).map(RecordId::from_bytes))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether jobs that were asked for at this moment have not been tried.
pub(crate) fn are_left(tx: &ReadTx<'_>, asked: Instant) -> Result<bool, Error> {
    Ok(tx
        .sql("SELECT EXISTS (SELECT 1 FROM job WHERE failed = 0 AND due_at = ?1 AND attempts = 0)")?
        .query_row([asked.as_millis()], |row| row.get(0))?)
}

const DUE: &str = "SELECT record, generation, attempts FROM job
         WHERE failed = 0 AND due_at <= ?1 ORDER BY due_at LIMIT ?2";

/// Every job that is due, by record: neighbours were written together, and are read together.
pub(crate) fn all_due(tx: &ReadTx<'_>, now: Instant) -> Result<Vec<Due>, Error> {
    let mut all = self::due(tx, now, usize::MAX)?;
    all.sort_by_key(|job| job.record);
    Ok(all)
}

/// The jobs that have been due longest.
pub(crate) fn due(tx: &ReadTx<'_>, now: Instant, limit: usize) -> Result<Vec<Due>, Error> {
    let mut statement = tx.sql(DUE)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_people_and_matters_are_found_along_an_index() {
        super::super::tests::assert_indexed(&[OF_DEVICE, OF_VISIT, NOT_BEGUN, OF_MATTER]);
    }
}
