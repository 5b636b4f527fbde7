//! Tasks as the console lists them; devices get them as a reference set.

use super::{Error, ReadTx, WriteTx, cut};
use rusqlite::{OptionalExtension, Row, named_params};
use shared::codec;
use shared::domain::reference::Task;
use shared::id::{OfficerId, RecordId, TaskId, UnitId};
use shared::instant::Instant;

/// Whether a task may be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskState {
    /// Nobody has decided yet.
    Waiting,
    /// The responsible person agreed.
    Approved,
    /// The responsible person did not.
    Denied,
}

impl TaskState {
    /// The code in storage and in message keys.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }

    fn from_code(code: &str) -> Self {
        match code {
            "approved" => Self::Approved,
            "denied" => Self::Denied,
            _ => Self::Waiting,
        }
    }
}

/// A task with what only the office needs.
pub(crate) struct TaskRow {
    /// The task.
    pub(crate) task: Task,
    /// Whether it may be carried out.
    pub(crate) state: TaskState,
    /// When it was assigned.
    pub(crate) created_at: Instant,
    /// By whom.
    pub(crate) created_by: OfficerId,
}

/// Adds a task; its record must be there.
pub(crate) fn add(tx: &WriteTx<'_>, task: &Task, by: OfficerId, now: Instant) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO task (id, record, unit, state, planned, created_at, created_by, body)
         VALUES (:id, :record, :unit, 'waiting', :planned, :now, :by, :body)",
        named_params! {
            ":id": task.id.as_bytes(), ":record": task.record.as_bytes(), ":unit": task.unit.as_bytes(),
            ":planned": task.planned.to_string(), ":now": now.as_millis(), ":by": by.as_bytes(),
            ":body": codec::encode(task),
        },
    )?;
    Ok(())
}

/// Notes how a task was decided; a later decision may change an earlier one.
pub(crate) fn decide(tx: &WriteTx<'_>, task: &Task, state: TaskState) -> Result<(), Error> {
    tx.execute(
        "UPDATE task SET state = :state, body = :body WHERE id = :id",
        named_params! {
            ":id": task.id.as_bytes(), ":state": state.code(), ":body": codec::encode(task),
        },
    )?;
    Ok(())
}

/// The task that a record carries out, if one asked for it.
pub(crate) fn of_record(tx: &ReadTx<'_>, record: RecordId) -> Result<Option<TaskRow>, Error> {
    tx.sql("SELECT body, state, created_at, created_by FROM task WHERE record = ?1")?
        .query_row([record.as_bytes()], raw)
        .optional()?
        .as_ref()
        .map(read)
        .transpose()
}

type Raw = (Vec<u8>, String, i64, [u8; 16]);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn read((body, state, created_at, created_by): &Raw) -> Result<TaskRow, Error> {
    Ok(TaskRow {
        task: codec::decode(body).map_err(|_| Error::Corrupt("task"))?,
        state: TaskState::from_code(state),
        created_at: Instant::from_millis(*created_at),
        created_by: OfficerId::from_bytes(*created_by),
    })
}

/// One task.
pub(crate) fn get(tx: &ReadTx<'_>, id: TaskId) -> Result<Option<TaskRow>, Error> {
    tx.sql("SELECT body, state, created_at, created_by FROM task WHERE id = ?1")?
        .query_row([id.as_bytes()], raw)
        .optional()?
        .as_ref()
        .map(read)
        .transpose()
}

/// A page of tasks, waiting ones first, then by planned day, newest first; `unit` none = every office.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    unit: Option<UnitId>,
    page: usize,
    size: usize,
) -> Result<(Vec<TaskRow>, bool), Error> {
    let mut statement = tx.sql(
        "SELECT body, state, created_at, created_by FROM task WHERE (:unit IS NULL OR unit = :unit)
         ORDER BY state <> 'waiting', planned DESC, id LIMIT :limit OFFSET :offset",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":unit": unit.map(|unit| *unit.as_bytes()), ":limit": super::rows(size + 1),
            ":offset": super::rows(page.saturating_mul(size)),
        },
        raw,
    )?;
    let mut out = Vec::new();
    for row in rows {
        out.push(read(&row?)?);
    }
    Ok(cut(out, size))
}

/// How many wait for a decision.
pub(crate) fn waiting(tx: &ReadTx<'_>, unit: Option<UnitId>) -> Result<i64, Error> {
    Ok(tx
        .sql("SELECT count(*) FROM task WHERE state = 'waiting' AND (?1 IS NULL OR unit = ?1)")?
        .query_row([unit.map(|unit| *unit.as_bytes())], |row| row.get(0))?)
}
