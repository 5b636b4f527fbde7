//! Reference sets: rows with versions from one counter, so that a device asks for what changed since it last asked.
//! Apart because scope is decided here, when a row is read: a row of another office never leaves.

use super::{Error, ReadTx, WriteTx, signed, unsigned};
use crate::keys::Keys;
use jiff::civil::Date;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use rusqlite::{OptionalExtension, named_params};
use shared::codec;
use shared::domain::reference::{
    CalendarYear, Checklist, Officer, PowerItem, RefSet, Subject, Task, Training, Unit,
};
use shared::id::{OfficerId, ProcedureId, SubjectId, UnitId};
use shared::log::commit::RefVersion;
use shared::rules::calendar::Calendar;
use shared::rules::procedure::Procedure;
use shared::sync::wire::{RefDelta, RefRow};
use std::collections::BTreeMap;

/// Whom a row is for. Stored as nothing or sixteen bytes; which id they are is the set's to say
/// ([`RefSet::is_personal`]), so that an officer's id never stands where an office's is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every device.
    All,
    /// Devices of this office's officers.
    Unit(UnitId),
    /// This officer's own devices.
    Officer(OfficerId),
}

impl Scope {
    /// As it is stored, if rows of the set may have it.
    fn of(self, set: RefSet) -> Result<Vec<u8>, Error> {
        match (self, set.is_personal()) {
            (Self::All, false) => Ok(Vec::new()),
            (Self::Unit(unit), false) => Ok(unit.as_bytes().to_vec()),
            (Self::Officer(officer), true) => Ok(officer.as_bytes().to_vec()),
            (Self::All | Self::Unit(_), true) | (Self::Officer(_), false) => {
                Err(Error::Conflict("scope of a reference row"))
            }
        }
    }
}

/// Whose device asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reader {
    /// The device's officer.
    pub(crate) officer: OfficerId,
    /// The officer's office now.
    pub(crate) unit: UnitId,
}

impl Reader {
    /// The one scope, besides everyone's, of which this reader gets rows in the set.
    fn scope(&self, set: RefSet) -> &[u8; 16] {
        if set.is_personal() {
            self.officer.as_bytes()
        } else {
            self.unit.as_bytes()
        }
    }
}

/// The key of a procedure's version.
pub(crate) fn procedure_key(id: &ProcedureId, version: u32) -> Vec<u8> {
    format!("{id}@{version}").into_bytes()
}

/// The key of a matter as the power list has it from a day on.
pub(crate) fn power_key(code: &str, from: Date) -> Vec<u8> {
    format!("{code}@{from}").into_bytes()
}

/// Puts a row. The same bytes again make no new version.
pub(crate) fn put<T: Encode<()>>(
    tx: &WriteTx<'_>,
    set: RefSet,
    key: &[u8],
    scope: Scope,
    row: &T,
) -> Result<(), Error> {
    let body = codec::encode(row);
    let stored = scope.of(set)?;
    let old: Option<Option<Vec<u8>>> = tx
        .sql("SELECT body FROM ref_row WHERE ref_set = ?1 AND key = ?2 AND unit = ?3")?
        .query_row((set.number(), key, stored), |row| row.get(0))
        .optional()?;
    if old.flatten().as_deref() == Some(&body[..]) {
        return Ok(());
    }
    store(tx, set, key, scope, Some(&body))
}

/// Takes a row away; devices that have it are told so.
pub(crate) fn remove(tx: &WriteTx<'_>, set: RefSet, key: &[u8], scope: Scope) -> Result<(), Error> {
    store(tx, set, key, scope, None)
}

fn store(
    tx: &WriteTx<'_>,
    set: RefSet,
    key: &[u8],
    scope: Scope,
    body: Option<&[u8]>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE counter SET value = value + 1 WHERE name = 'ref'",
        [],
    )?;
    tx.execute(
        "INSERT INTO ref_row (ref_set, key, unit, version, body)
         VALUES (:set, :key, :unit, (SELECT value FROM counter WHERE name = 'ref'), :body)
         ON CONFLICT (ref_set, key, unit) DO UPDATE SET version = excluded.version, body = excluded.body",
        named_params! {":set": set.number(), ":key": key, ":unit": scope.of(set)?, ":body": body},
    )?;
    Ok(())
}

/// One row, whatever its scope.
pub(crate) fn get<T: Encode<()> + for<'b> Decode<'b, ()>>(
    tx: &ReadTx<'_>,
    set: RefSet,
    key: &[u8],
) -> Result<Option<T>, Error> {
    let body: Option<Vec<u8>> = tx
        .sql("SELECT body FROM ref_row WHERE ref_set = ?1 AND key = ?2 AND body IS NOT NULL")?
        .query_row((set.number(), key), |row| row.get(0))
        .optional()?;
    body.map(|body| codec::decode(&body).map_err(|_| Error::Corrupt("reference row")))
        .transpose()
}

/// Every row of a set.
pub(crate) fn all<T: Encode<()> + for<'b> Decode<'b, ()>>(
    tx: &ReadTx<'_>,
    set: RefSet,
) -> Result<Vec<T>, Error> {
    let mut statement =
        tx.sql("SELECT body FROM ref_row WHERE ref_set = ?1 AND body IS NOT NULL ORDER BY key")?;
    let bodies = statement.query_map([set.number()], |row| row.get::<_, Vec<u8>>(0))?;
    bodies
        .map(|body| codec::decode(&body?).map_err(|_| Error::Corrupt("reference row")))
        .collect()
}

/// Officers by id, of every office.
pub(crate) fn officers(tx: &ReadTx<'_>) -> Result<BTreeMap<OfficerId, Officer>, Error> {
    let rows: Vec<Officer> = all(tx, RefSet::Officers)?;
    Ok(rows
        .into_iter()
        .map(|officer| (officer.id, officer))
        .collect())
}

/// Offices by id.
pub(crate) fn units(tx: &ReadTx<'_>) -> Result<BTreeMap<UnitId, Unit>, Error> {
    let rows: Vec<Unit> = all(tx, RefSet::Units)?;
    Ok(rows.into_iter().map(|unit| (unit.id, unit)).collect())
}

/// Inspected parties by id.
pub(crate) fn subjects(tx: &ReadTx<'_>) -> Result<BTreeMap<SubjectId, Subject>, Error> {
    let rows: Vec<Subject> = all(tx, RefSet::Subjects)?;
    Ok(rows
        .into_iter()
        .map(|subject| (subject.id, subject))
        .collect())
}

/// Every row that the power list has for a matter, by its first day.
pub(crate) fn power_of(tx: &ReadTx<'_>, matter: &str) -> Result<Vec<PowerItem>, Error> {
    of_key(tx, RefSet::Power, matter)
}

/// Rows whose key is this name, `@` and anything, by key.
fn of_key<T: Encode<()> + for<'b> Decode<'b, ()>>(
    tx: &ReadTx<'_>,
    set: RefSet,
    name: &str,
) -> Result<Vec<T>, Error> {
    let mut statement = tx.sql(
        "SELECT body FROM ref_row WHERE ref_set = ?1 AND key >= ?2 AND key < ?3 AND body IS NOT NULL ORDER BY key",
    )?;
    // The character after `@` is `A`.
    let bounds = (format!("{name}@"), format!("{name}A"));
    let rows = statement.query_map(
        (set.number(), bounds.0.as_bytes(), bounds.1.as_bytes()),
        |row| row.get::<_, Vec<u8>>(0),
    )?;
    rows.map(|body| codec::decode(&body?).map_err(|_| Error::Corrupt("reference row")))
        .collect()
}

/// The checklist that a record names, else the newest of its matter.
pub(crate) fn checklist(
    tx: &ReadTx<'_>,
    matter: &str,
    named: Option<&str>,
) -> Result<Option<Checklist>, Error> {
    if let Some(key) = named
        && let Some(found) = get(tx, RefSet::Checklists, key.as_bytes())?
    {
        return Ok(Some(found));
    }
    let versions: Vec<Checklist> = of_key(tx, RefSet::Checklists, matter)?;
    Ok(versions.into_iter().max_by_key(|list| list.version))
}

/// The newest version of a procedure.
pub(crate) fn newest_procedure(tx: &ReadTx<'_>, id: &str) -> Result<Option<Procedure>, Error> {
    let versions: Vec<Procedure> = of_key(tx, RefSet::Procedures, id)?;
    Ok(versions
        .into_iter()
        .max_by_key(|procedure| procedure.version))
}

/// The holidays that are known.
pub(crate) fn calendar(tx: &ReadTx<'_>) -> Result<Calendar, Error> {
    let years: Vec<CalendarYear> = all(tx, RefSet::Calendar)?;
    Ok(Calendar::new(years))
}

/// One officer.
pub(crate) fn officer(tx: &ReadTx<'_>, id: OfficerId) -> Result<Option<Officer>, Error> {
    get(tx, RefSet::Officers, id.as_bytes())
}

/// Puts an officer into the set of their office.
pub(crate) fn put_officer(tx: &WriteTx<'_>, officer: &Officer) -> Result<(), Error> {
    put(
        tx,
        RefSet::Officers,
        officer.id.as_bytes(),
        Scope::Unit(officer.unit),
        officer,
    )
}

/// Puts a task into the set of its office.
pub(crate) fn put_task(tx: &WriteTx<'_>, task: &Task) -> Result<(), Error> {
    let scope = Scope::Unit(task.unit);
    put(tx, RefSet::Tasks, task.id.as_bytes(), scope, task)
}

/// Puts what an officer learned and is invited to, for that officer's own devices, within the limits of its lists.
pub(crate) fn put_training(tx: &WriteTx<'_>, training: Training) -> Result<(), Error> {
    let scope = Scope::Officer(training.officer);
    let row = training.bounded();
    put(tx, RefSet::Training, row.officer.as_bytes(), scope, &row)
}

/// The newest version of each set that is not empty, ascending by set.
pub(crate) fn versions(tx: &ReadTx<'_>) -> Result<Vec<RefVersion>, Error> {
    let mut statement =
        tx.sql("SELECT ref_set, max(version) FROM ref_row GROUP BY ref_set ORDER BY ref_set")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?)))?;
    let mut out = Vec::new();
    for row in rows {
        let (set, version) = row?;
        // A set of a newer build, in a folder that it has used.
        let Some(set) = RefSet::from_number(set) else {
            continue;
        };
        out.push(RefVersion {
            set,
            version: unsigned(version),
        });
    }
    Ok(out)
}

/// The versions that commits and assessments name: those of the sets that can change what the rules find.
pub(crate) fn judging(tx: &ReadTx<'_>) -> Result<Vec<RefVersion>, Error> {
    let mut found = versions(tx)?;
    found.retain(|known| known.set.judges());
    Ok(found)
}

/// What changed in a set since `from` for a reader, of about `room` bytes; whether there is more. None: nothing changed.
pub(crate) fn delta(
    tx: &ReadTx<'_>,
    set: RefSet,
    from: u64,
    reader: Reader,
    room: usize,
) -> Result<Option<(RefDelta, bool)>, Error> {
    let mut statement = tx.sql(
        "SELECT version, key, body FROM ref_row
         WHERE ref_set = :set AND unit IN (x'', :unit) AND version > :from ORDER BY version",
    )?;
    let mut rows = statement.query(
        named_params! {":set": set.number(), ":unit": reader.scope(set), ":from": signed(from)},
    )?;
    let mut delta = RefDelta {
        set,
        from,
        to: from,
        upserts: Vec::new(),
        removes: Vec::new(),
        signature: [0; 64],
    };
    let mut size = 0;
    while let Some(row) = rows.next()? {
        if size >= room {
            return Ok(Some((delta, true)));
        }
        delta.to = unsigned(row.get(0)?);
        let key: Vec<u8> = row.get(1)?;
        let body: Option<Vec<u8>> = row.get(2)?;
        size += key.len() + body.as_ref().map_or(0, Vec::len) + 8;
        match body {
            Some(body) => delta.upserts.push(RefRow {
                key: ByteVec::from(key),
                body: ByteVec::from(body),
            }),
            None => delta.removes.push(ByteVec::from(key)),
        }
    }
    Ok((delta.to > from).then_some((delta, false)))
}

/// Signs a delta with the server's key.
pub(crate) fn sign(delta: RefDelta, keys: &Keys) -> RefDelta {
    delta.signed(&keys.signing)
}
