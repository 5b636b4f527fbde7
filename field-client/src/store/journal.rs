//! Unsealed events. One row per slot of a record, so that edits of the same answer before sealing coalesce.

use super::{Error, Result, WriteTx, id};
use rusqlite::{Connection, named_params};
use shared::domain::event::Event;
use shared::id::RecordId;
use shared::instant::Instant;

const PUT: &str = "INSERT INTO journal (record, slot, kind, schema, recorded_at, body)
    VALUES (:record, :slot, :kind, :schema, :at, :body)";
const TAKE_OUT: &str = "DELETE FROM journal WHERE record = :record AND slot = :slot";
const OF_RECORD: &str =
    "SELECT id, kind, schema, body FROM journal WHERE record = :record ORDER BY id";
const FORGET: &str = "DELETE FROM journal WHERE record = :record AND id <= :last";
const ONE: &str = "SELECT kind, schema, body FROM journal WHERE record = :record AND slot = :slot";
const ENDING: &str = "SELECT COUNT(*) FROM journal WHERE substr(slot, -length(:end)) = :end";
const RECORDS: &str = "SELECT record, MIN(recorded_at), MAX(recorded_at) FROM journal GROUP BY record ORDER BY MIN(id)";

/// Writes an event down. What stood in the slot is replaced and the event comes last.
pub(crate) fn put(tx: &WriteTx<'_>, record: RecordId, slot: &str, event: &Event) -> Result<()> {
    take_out(tx, record, slot)?;
    let (kind, schema) = event.fact.kind();
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":record": &record.as_bytes()[..],
        ":slot": slot,
        ":kind": kind,
        ":schema": schema,
        ":at": event.recorded_at.as_millis(),
        ":body": event.encode(),
    })?;
    Ok(())
}

/// Takes back what was not sealed yet; tells whether there was anything.
pub(crate) fn take_out(tx: &WriteTx<'_>, record: RecordId, slot: &str) -> Result<bool> {
    let rows = tx
        .prepare_cached(TAKE_OUT)?
        .execute(named_params! { ":record": &record.as_bytes()[..], ":slot": slot })?;
    Ok(rows > 0)
}

/// The unsealed event in a slot.
pub(crate) fn get(c: &Connection, record: RecordId, slot: &str) -> Result<Option<Event>> {
    let mut statement = c.prepare_cached(ONE)?;
    let mut rows =
        statement.query(named_params! { ":record": &record.as_bytes()[..], ":slot": slot })?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let body: Vec<u8> = row.get(2)?;
    let event = Event::decode(row.get(0)?, row.get(1)?, &body);
    event.map(Some).map_err(|_| Error::Corrupt("journal"))
}

/// How many slots of any record end so.
pub(crate) fn ending(c: &Connection, end: &str) -> Result<u64> {
    let rows: i64 = c.query_row(ENDING, named_params! { ":end": end }, |row| row.get(0))?;
    Ok(super::count(rows))
}

/// The unsealed events of a record in the order of entry, with the id of the last.
pub(super) fn events(c: &Connection, record: RecordId) -> Result<(Vec<Event>, i64)> {
    let mut statement = c.prepare_cached(OF_RECORD)?;
    let mut rows = statement.query(named_params! { ":record": &record.as_bytes()[..] })?;
    let mut events = Vec::new();
    let mut last = 0;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let body: Vec<u8> = row.get(3)?;
        let event = Event::decode(row.get(1)?, row.get(2)?, &body);
        events.push(event.map_err(|_| Error::Corrupt("journal"))?);
    }
    Ok((events, last))
}

/// Removes rows that have just been sealed, in the same transaction.
pub(super) fn forget(tx: &WriteTx<'_>, record: RecordId, last: i64) -> Result<()> {
    tx.execute(
        FORGET,
        named_params! { ":record": &record.as_bytes()[..], ":last": last },
    )?;
    Ok(())
}

/// A record with unsealed events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// Which.
    pub(crate) record: RecordId,
    /// When the first was entered.
    pub(crate) oldest: Instant,
    /// When the last was entered.
    pub(crate) newest: Instant,
}

/// Records with unsealed events.
pub(crate) fn records(c: &Connection) -> Result<Vec<Waiting>> {
    let mut statement = c.prepare_cached(RECORDS)?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let record: Vec<u8> = row.get(0)?;
        out.push(Waiting {
            record: id(&record)?,
            oldest: Instant::from_millis(row.get(1)?),
            newest: Instant::from_millis(row.get(2)?),
        });
    }
    Ok(out)
}
