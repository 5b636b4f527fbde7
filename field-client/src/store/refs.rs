//! Reference sets: what the office knows and this device carries along. Rows are kept as the server's bytes.

use super::{Error, Result, WriteTx, count, number};
use minicbor::Decode;
use rusqlite::{Connection, OptionalExtension, named_params};
use shared::codec;
use shared::domain::reference::{
    CalendarYear, Checklist, Feed, Law, NumberBlock, Officer, PowerItem, RefSet, Subject, Task,
    Training, Unit,
};
use shared::domain::scenario::Scenario;
use shared::gather;
use shared::id::{FeedId, OfficerId, RecordId, SubjectId, TaskId};
use shared::log::commit::RefVersion;
use shared::rules::calendar::Calendar;
use shared::rules::jurisdiction::Jurisdiction;
use shared::rules::procedure::Procedure;
use shared::sync::wire::RefDelta;
use std::collections::BTreeMap;

const VERSIONS: &str = "SELECT set_no, version FROM ref_versions ORDER BY set_no";
const VERSION: &str = "SELECT version FROM ref_versions WHERE set_no = :set";
const SET_VERSION: &str = "INSERT INTO ref_versions (set_no, version) VALUES (:set, :version)
    ON CONFLICT (set_no) DO UPDATE SET version = excluded.version";
const ALL: &str = "SELECT body FROM refs WHERE set_no = :set ORDER BY key";
const ONE: &str = "SELECT body FROM refs WHERE set_no = :set AND key = :key";
const OF_NAME: &str =
    "SELECT body FROM refs WHERE set_no = :set AND key >= :from AND key < :to ORDER BY key";
const PUT: &str = "INSERT INTO refs (set_no, key, body) VALUES (:set, :key, :body)
    ON CONFLICT (set_no, key) DO UPDATE SET body = excluded.body";
const REMOVE: &str = "DELETE FROM refs WHERE set_no = :set AND key = :key";
const EMPTY: &str = "DELETE FROM refs WHERE set_no = :set";

/// The versions at hand, ascending by set.
pub(crate) fn versions(c: &Connection) -> Result<Vec<RefVersion>> {
    let mut statement = c.prepare_cached(VERSIONS)?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        // A set of a newer build, in a file that it has used.
        let Some(set) = RefSet::from_number(row.get(0)?) else {
            continue;
        };
        let version = count(row.get(1)?);
        out.push(RefVersion { set, version });
    }
    Ok(out)
}

/// The versions that commits name: those of the sets that can change what the rules find.
pub(super) fn judging(c: &Connection) -> Result<Vec<RefVersion>> {
    let mut found = versions(c)?;
    found.retain(|known| known.set.judges());
    Ok(found)
}

/// Applies one set's changes if they start where this device stands (or replace everything). The caller checked the signature.
/// Gives whether they were applied.
pub(super) fn apply(tx: &WriteTx<'_>, delta: &RefDelta) -> Result<bool> {
    let set = delta.set.number();
    let mut statement = tx.prepare_cached(VERSION)?;
    let at = statement.query_row(named_params! { ":set": set }, |row| row.get(0));
    let at = count(at.optional()?.unwrap_or(0));
    if delta.from != 0 && delta.from != at {
        return Ok(false);
    }
    if delta.from == 0 {
        tx.execute(EMPTY, named_params! { ":set": set })?;
    }
    for key in &delta.removes {
        tx.execute(
            REMOVE,
            named_params! { ":set": set, ":key": key.as_slice() },
        )?;
    }
    for row in &delta.upserts {
        tx.prepare_cached(PUT)?.execute(named_params! {
            ":set": set,
            ":key": row.key.as_slice(),
            ":body": row.body.as_slice(),
        })?;
    }
    tx.execute(
        SET_VERSION,
        named_params! { ":set": set, ":version": number(delta.to) },
    )?;
    Ok(true)
}

/// Every readable row of a set. A row of a newer build that does not decode is left out, not fatal.
fn all<T>(c: &Connection, set: RefSet) -> Result<Vec<T>>
where
    T: for<'b> Decode<'b, ()>,
{
    let mut statement = c.prepare_cached(ALL)?;
    let mut rows = statement.query(named_params! { ":set": set.number() })?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(0)?;
        out.extend(codec::read::<T>(&body));
    }
    Ok(out)
}

fn one<T>(c: &Connection, set: RefSet, key: &[u8]) -> Result<Option<T>>
where
    T: for<'b> Decode<'b, ()>,
{
    let mut statement = c.prepare_cached(ONE)?;
    let body = statement
        .query_row(named_params! { ":set": set.number(), ":key": key }, |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .optional()?;
    Ok(body.and_then(|body| codec::read(&body).ok()))
}

/// Every readable row whose key is this name, `@` and anything.
fn of_name<T>(c: &Connection, set: RefSet, name: &str) -> Result<Vec<T>>
where
    T: for<'b> Decode<'b, ()>,
{
    // The character after `@` is `A`.
    let (from, to) = (format!("{name}@"), format!("{name}A"));
    let mut statement = c.prepare_cached(OF_NAME)?;
    let mut rows = statement.query(named_params! {
        ":set": set.number(),
        ":from": from.as_bytes(),
        ":to": to.as_bytes(),
    })?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(0)?;
        out.extend(codec::read::<T>(&body));
    }
    Ok(out)
}

/// Officers by id.
pub(crate) fn officers(c: &Connection) -> Result<BTreeMap<OfficerId, Officer>> {
    let officers: Vec<Officer> = all(c, RefSet::Officers)?;
    Ok(gather::map(officers.into_iter().map(|o| (o.id, o))))
}

/// Offices.
pub(crate) fn units(c: &Connection) -> Result<Vec<Unit>> {
    all(c, RefSet::Units)
}

/// Inspected parties.
pub(crate) fn subjects(c: &Connection) -> Result<Vec<Subject>> {
    all(c, RefSet::Subjects)
}

/// One inspected party.
pub(crate) fn subject(c: &Connection, id: SubjectId) -> Result<Option<Subject>> {
    one(c, RefSet::Subjects, id.as_bytes())
}

/// The power list.
pub(crate) fn power(c: &Connection) -> Result<Vec<PowerItem>> {
    all(c, RefSet::Power)
}

/// Every row that the list has for one matter.
pub(crate) fn power_of(c: &Connection, matter: &str) -> Result<Vec<PowerItem>> {
    of_name(c, RefSet::Power, matter)
}

/// One checklist.
pub(crate) fn checklist(c: &Connection, key: &str) -> Result<Option<Checklist>> {
    one(c, RefSet::Checklists, key.as_bytes())
}

/// The newest checklist of a matter.
pub(crate) fn newest_checklist(c: &Connection, matter: &str) -> Result<Option<Checklist>> {
    let lists: Vec<Checklist> = of_name(c, RefSet::Checklists, matter)?;
    Ok(lists.into_iter().max_by_key(|list| list.version))
}

/// The law library.
pub(crate) fn laws(c: &Connection) -> Result<Vec<Law>> {
    all(c, RefSet::Laws)
}

/// One law by its short name.
pub(crate) fn law(c: &Connection, id: &str) -> Result<Option<Law>> {
    one(c, RefSet::Laws, id.as_bytes())
}

/// Holidays and make-up days.
pub(crate) fn calendar(c: &Connection) -> Result<Calendar> {
    let years: Vec<CalendarYear> = all(c, RefSet::Calendar)?;
    Ok(Calendar::new(years))
}

/// Tasks.
pub(crate) fn tasks(c: &Connection) -> Result<Vec<Task>> {
    all(c, RefSet::Tasks)
}

/// The thresholds of this jurisdiction; cautious defaults until they arrive.
pub(crate) fn jurisdiction(c: &Connection, id: &str) -> Result<Jurisdiction> {
    Ok(one(c, RefSet::Jurisdictions, id.as_bytes())?.unwrap_or_default())
}

/// One task.
pub(crate) fn task(c: &Connection, id: TaskId) -> Result<Option<Task>> {
    one(c, RefSet::Tasks, id.as_bytes())
}

/// The task that a record carries out.
pub(super) fn task_of(c: &Connection, record: RecordId) -> Result<Option<Task>> {
    Ok(tasks(c)?.into_iter().find(|task| task.record == record))
}

/// What an officer learned and is invited to: the server sends a device its own officer's row only.
pub(crate) fn training(c: &Connection, officer: OfficerId) -> Result<Option<Training>> {
    one(c, RefSet::Training, officer.as_bytes())
}

/// Blocks of document numbers that the officer's devices have.
pub(super) fn blocks(c: &Connection) -> Result<Vec<NumberBlock>> {
    all(c, RefSet::Numbers)
}

/// One version of a drill's scenario, and its bytes as they came.
pub(crate) fn scenario(c: &Connection, key: &str) -> Result<(Scenario, Vec<u8>)> {
    let set = RefSet::Scenarios.number();
    let body: Vec<u8> = c.query_row(
        ONE,
        named_params! { ":set": set, ":key": key.as_bytes() },
        |row| row.get(0),
    )?;
    let scenario = codec::read(&body).map_err(|_| Error::NotFound)?;
    Ok((scenario, body))
}

/// The newest version of each drill's scenario.
pub(crate) fn scenarios(c: &Connection) -> Result<Vec<Scenario>> {
    let all: Vec<Scenario> = all(c, RefSet::Scenarios)?;
    let mut newest: BTreeMap<String, Scenario> = BTreeMap::new();
    for scenario in all {
        let had = newest.get(&scenario.id);
        if had.is_none_or(|had| had.version <= scenario.version) {
            newest.insert(scenario.id.clone(), scenario);
        }
    }
    Ok(newest.into_values().collect())
}

/// A feed's public key.
pub(super) fn feed(c: &Connection, feed: FeedId) -> Result<Option<Feed>> {
    one(c, RefSet::Feeds, feed.as_bytes())
}

/// The procedure of this id and version.
pub(crate) fn procedure(c: &Connection, id: &str, version: u32) -> Result<Procedure> {
    let key = format!("{id}@{version}");
    one(c, RefSet::Procedures, key.as_bytes())?.ok_or(Error::Corrupt("procedure"))
}

/// The newest version of each procedure, for opening a record.
pub(crate) fn procedures(c: &Connection) -> Result<Vec<Procedure>> {
    let sent: Vec<Procedure> = all(c, RefSet::Procedures)?;
    let mut newest: BTreeMap<String, Procedure> = BTreeMap::new();
    for procedure in sent {
        let id = procedure.id.as_str().to_owned();
        let newer = newest
            .get(&id)
            .is_none_or(|had| had.version <= procedure.version);
        if newer {
            newest.insert(id, procedure);
        }
    }
    Ok(newest.into_values().collect())
}
