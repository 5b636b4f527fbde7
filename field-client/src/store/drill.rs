//! Drills: the file that one is played in, and what is kept of it afterwards.
//! Apart because these are the only functions that see both files: reference rows go from the real one to the drill's when it
//! begins, and its events come back, sealed as a drill's, when it ends. Nothing else crosses.
//!
//! The drill's file has no signing key, so nothing can be sealed in it; what elsewhere would seal only fixes the order there.

use super::meta::{self, Key};
use super::{Error, Result, WriteTx, id, journal, log, number, records};
use crate::host::Host;
use minicbor::{Decode, Encode};
use rusqlite::{Connection, named_params};
use shared::codec;
use shared::domain::event::{Event, Fact};
use shared::domain::reference::RefSet;
use shared::domain::scenario::Scenario;
use shared::id::{FeedId, RecordId};
use shared::instant::Instant;
use shared::log::commit::Mode;

/// Every table of the schema: all of them are emptied before and after a drill.
const TABLES: [&str; 12] = [
    "meta",
    "commits",
    "quarantine",
    "verdicts",
    "journal",
    "refs",
    "ref_versions",
    "records",
    "own_gaps",
    "blobs",
    "drills",
    "numbers",
];
const COPIED: &str = "SELECT set_no, key, body FROM refs WHERE set_no = :set";
const PUT_REF: &str = "INSERT INTO refs (set_no, key, body) VALUES (:set, :key, :body)";
const HAS: &str = "SELECT EXISTS (SELECT 1 FROM journal WHERE record = :record)";
const FREEZE: &str = "UPDATE journal SET slot = 'sealed:' || id || ':' || slot
    WHERE record = :record AND slot NOT LIKE 'sealed:%'";
const KEEP: &str = "INSERT INTO drills (record, ended_at, body) VALUES (:record, :at, :body)";
const KEPT: &str = "SELECT EXISTS (SELECT 1 FROM drills WHERE record = :record)";
const PAST: &str = "SELECT record, ended_at, body FROM drills ORDER BY ended_at DESC LIMIT :limit";
const ONE: &str = "SELECT record, ended_at, body FROM drills WHERE record = :record";

/// What a drill's screens need to know beside their record, and its judgement too. No task of the real store is among it, no
/// party, no feed, and no document number: practice uses none up.
const CARRIED: [RefSet; 8] = [
    RefSet::Officers,
    RefSet::Units,
    RefSet::Power,
    RefSet::Procedures,
    RefSet::Calendar,
    RefSet::Jurisdictions,
    RefSet::Laws,
    RefSet::Checklists,
];

/// The drill that a file holds. Its scenario is kept as it was when the drill began.
pub(crate) struct Running {
    /// Its first record.
    pub(crate) record: RecordId,
    /// What is played.
    pub(crate) scenario: Scenario,
    /// The same as it came.
    pub(crate) body: Vec<u8>,
    /// When it began.
    pub(crate) started: Instant,
}

/// The same as it is written down: the scenario's bytes as they came, so that a phone need not know how to write one.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Begun {
    #[n(0)]
    record: RecordId,
    #[cbor(n(1), with = "minicbor::bytes")]
    scenario: Vec<u8>,
    #[n(2)]
    started: Instant,
}

/// A row of reference data as it stands in the file.
struct Row {
    set: RefSet,
    key: Vec<u8>,
    body: Vec<u8>,
}

/// What the real file gives to a drill.
pub(crate) struct Supplies {
    profile: meta::Profile,
    pin: Option<Vec<u8>>,
    rows: Vec<Row>,
}

/// Reads what a drill needs from the real file.
pub(crate) fn supplies(c: &Connection) -> Result<Supplies> {
    let mut rows = Vec::new();
    for set in CARRIED {
        let mut statement = c.prepare_cached(COPIED)?;
        let mut found = statement.query(named_params! { ":set": set.number() })?;
        while let Some(row) = found.next()? {
            rows.push(Row {
                set,
                key: row.get(1)?,
                body: row.get(2)?,
            });
        }
    }
    let mut profile = meta::profile(c)?;
    // Nobody can speak to the server with what stands in the drill's file.
    profile.token = String::new();
    Ok(Supplies {
        profile,
        pin: meta::get(c, Key::Pin)?,
        rows,
    })
}

/// Empties the drill's file and sets it up with the drill that begins and its first events: all of this or nothing.
pub(crate) fn begin(
    tx: &WriteTx<'_>,
    supplies: &Supplies,
    running: &Running,
    events: &[(String, Event)],
) -> Result<()> {
    clear(tx)?;
    for row in &supplies.rows {
        tx.prepare_cached(PUT_REF)?.execute(named_params! {
            ":set": row.set.number(),
            ":key": row.key.as_slice(),
            ":body": row.body.as_slice(),
        })?;
    }
    meta::write(tx, Key::Profile, &supplies.profile)?;
    if let Some(pin) = &supplies.pin {
        meta::set(tx, Key::Pin, pin)?;
    }
    let begun = Begun {
        record: running.record,
        scenario: running.body.clone(),
        started: running.started,
    };
    meta::write(tx, Key::Drill, &begun)?;
    for (slot, event) in events {
        journal::put(tx, running.record, slot, event)?;
    }
    records::refresh(tx, running.record)
}

/// The drill of this file, if one is being played.
pub(crate) fn running(c: &Connection) -> Result<Option<Running>> {
    let Some(begun) = meta::read::<Begun>(c, Key::Drill)? else {
        return Ok(None);
    };
    Ok(Some(Running {
        record: begun.record,
        scenario: codec::read(&begun.scenario).map_err(|_| Error::Corrupt("scenario"))?,
        body: begun.scenario,
        started: begun.started,
    }))
}

/// Empties the drill's file.
pub(crate) fn clear(tx: &WriteTx<'_>) -> Result<()> {
    tx.execute_batch("PRAGMA secure_delete = on")?;
    for table in TABLES {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}

/// Whether this file is a drill's.
pub(super) fn is_drill(c: &Connection) -> Result<bool> {
    Ok(meta::get(c, Key::Drill)?.is_some())
}

/// Whether this record belongs to the drill of this file.
pub(crate) fn has(c: &Connection, record: RecordId) -> Result<bool> {
    Ok(c.prepare_cached(HAS)?
        .query_row(named_params! { ":record": &record.as_bytes()[..] }, |row| {
            row.get(0)
        })?)
}

/// What sealing is in a drill: what stands here keeps its place and is no longer replaced by a later answer.
pub(super) fn freeze(tx: &WriteTx<'_>, record: RecordId) -> Result<()> {
    tx.execute(FREEZE, named_params! { ":record": &record.as_bytes()[..] })?;
    Ok(())
}

/// A record of the drill with all its events.
pub(crate) type Played = (RecordId, Vec<Event>);

/// Everything that was recorded in the drill, the first record first.
pub(crate) fn played(c: &Connection) -> Result<Vec<Played>> {
    let records = journal::records(c)?.into_iter();
    records
        .map(|waiting| Ok((waiting.record, journal::events(c, waiting.record)?.0)))
        .collect()
}

/// A drill that was played to its end.
pub(crate) struct Past<T> {
    /// Its record.
    pub(crate) record: RecordId,
    /// When it ended.
    pub(crate) ended_at: Instant,
    /// What was found.
    pub(crate) result: T,
}

/// Ends a drill in the real file: its events sealed as a drill's, its result kept, the mode over. Once; a second time changes
/// nothing but the mode. Gives whether it was the first.
pub(crate) fn finish<T: Encode<()>>(
    tx: &WriteTx<'_>,
    host: &dyn Host,
    played: Vec<Played>,
    past: &Past<T>,
) -> Result<bool> {
    meta::clear(tx, Key::Playing)?;
    if is_kept(tx, past.record)? {
        return Ok(false);
    }
    for (record, events) in played {
        let events = placed(tx, events)?;
        log::seal_events(tx, host, record, Mode::Drill, &events)?;
    }
    tx.execute(
        KEEP,
        named_params! {
            ":record": &past.record.as_bytes()[..],
            ":at": past.ended_at.as_millis(),
            ":body": codec::encode(&past.result),
        },
    )?;
    Ok(true)
}

/// The events with their amendments pointing at the places that they get in the real feed: in the drill's file every record is
/// counted from the feed's first commit.
fn placed(tx: &WriteTx<'_>, mut events: Vec<Event>) -> Result<Vec<Event>> {
    let (feed, _): (FeedId, _) = meta::feed_key(tx)?;
    let before = log::head(tx, feed)?.map_or(0, |head| head.seq);
    for event in &mut events {
        if let Fact::Amended(amended) = &mut event.fact
            && amended.target.feed == feed
        {
            amended.target.seq += before;
        }
    }
    Ok(events)
}

/// Whether this drill was played to its end already.
pub(crate) fn is_kept(c: &Connection, record: RecordId) -> Result<bool> {
    Ok(c.query_row(
        KEPT,
        named_params! { ":record": &record.as_bytes()[..] },
        |row| row.get(0),
    )?)
}

/// The latest drills of this device. One of a newer build that does not read is left out.
pub(crate) fn past<T>(c: &Connection, limit: u64) -> Result<Vec<Past<T>>>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let mut statement = c.prepare_cached(PAST)?;
    let mut rows = statement.query(named_params! { ":limit": number(limit) })?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.extend(read(row)?);
    }
    Ok(out)
}

/// One of them.
pub(crate) fn one<T>(c: &Connection, record: RecordId) -> Result<Past<T>>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let mut statement = c.prepare_cached(ONE)?;
    let mut rows = statement.query(named_params! { ":record": &record.as_bytes()[..] })?;
    let row = rows.next()?.ok_or(Error::NotFound)?;
    read(row)?.ok_or(Error::Corrupt("drill"))
}

fn read<T>(row: &rusqlite::Row<'_>) -> Result<Option<Past<T>>>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let record: Vec<u8> = row.get(0)?;
    let body: Vec<u8> = row.get(2)?;
    let ended_at = Instant::from_millis(row.get(1)?);
    let record = id(&record)?;
    Ok(codec::decode(&body).ok().map(|result| Past {
        record,
        ended_at,
        result,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_table_is_left_out_when_a_drill_is_cleared() {
        let mut db = Connection::open_in_memory().unwrap();
        super::super::migrations::run(&mut db).unwrap();
        let mut statement = db
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let names: BTreeSet<String> = statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(|name| name.unwrap())
            .collect();
        assert_eq!(names, TABLES.map(str::to_owned).into_iter().collect());
    }
}
