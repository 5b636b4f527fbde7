//! Offices: what each of them has, which decides whether one can be taken away again.

use super::refs::Scope;
use super::{Error, ReadTx, WriteTx, feeds, refs};
use shared::domain::reference::{RefSet, Unit};
use shared::id::UnitId;
use std::collections::BTreeMap;

/// An office and what refers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The office.
    pub(crate) unit: Unit,
    /// Its people, auxiliary staff too.
    pub(crate) officers: u32,
    /// Their devices that are not revoked.
    pub(crate) devices: u32,
    /// Its records, drills too.
    pub(crate) records: u32,
    /// Something else bears its id: a reference row, a commit that was kept and not acted upon.
    pub(crate) other: bool,
}

impl Listed {
    /// Whether anything refers to it: then it stays, because a record without its office says nothing.
    pub(crate) const fn is_used(&self) -> bool {
        self.officers > 0 || self.devices > 0 || self.records > 0 || self.other
    }
}

fn records(tx: &ReadTx<'_>) -> Result<BTreeMap<UnitId, u32>, Error> {
    let mut statement = tx.sql("SELECT unit, count(*) FROM record GROUP BY unit")?;
    let rows = statement.query_map([], |row| Ok((UnitId::from_bytes(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Tables that name an office beside its people and records.
const NAMED: [&str; 4] = [
    "SELECT 1 FROM commits WHERE unit = ?1",
    "SELECT 1 FROM posts WHERE unit = ?1",
    "SELECT 1 FROM roster WHERE unit = ?1",
    "SELECT 1 FROM training_session WHERE unit = ?1",
];

/// Whether a reference row of the office's own, a commit, a roster or a session bears its id.
fn is_named(tx: &ReadTx<'_>, unit: UnitId) -> Result<bool, Error> {
    let mut rows =
        tx.sql("SELECT 1 FROM ref_row WHERE ref_set = ?1 AND unit = ?2 AND body IS NOT NULL")?;
    for set in RefSet::ALL {
        if rows.exists((set.number(), unit.as_bytes()))? {
            return Ok(true);
        }
    }
    for sql in NAMED {
        if tx.sql(sql)?.exists([unit.as_bytes()])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every office with what refers to it, by name.
pub(crate) fn list(tx: &ReadTx<'_>) -> Result<Vec<Listed>, Error> {
    let people = refs::officers(tx)?;
    let mut officers: BTreeMap<UnitId, u32> = BTreeMap::new();
    for officer in people.values() {
        *officers.entry(officer.unit).or_default() += 1;
    }
    let mut devices: BTreeMap<UnitId, u32> = BTreeMap::new();
    for device in feeds::list(tx)?.iter().filter(|device| !device.revoked) {
        if let Some(officer) = people.get(&device.officer) {
            *devices.entry(officer.unit).or_default() += 1;
        }
    }
    let records = records(tx)?;
    let count =
        |counts: &BTreeMap<UnitId, u32>, unit: UnitId| counts.get(&unit).copied().unwrap_or(0);
    let mut out = Vec::new();
    for unit in refs::units(tx)?.into_values() {
        let (officers, records) = (count(&officers, unit.id), count(&records, unit.id));
        // What people and records refer to need not be looked for.
        let other = officers == 0 && records == 0 && is_named(tx, unit.id)?;
        out.push(Listed {
            officers,
            devices: count(&devices, unit.id),
            records,
            other,
            unit,
        });
    }
    out.sort_by(|a, b| (&a.unit.name, a.unit.id).cmp(&(&b.unit.name, b.unit.id)));
    Ok(out)
}

/// Puts an office for everyone.
pub(crate) fn put(tx: &WriteTx<'_>, unit: &Unit) -> Result<(), Error> {
    refs::put(tx, RefSet::Units, unit.id.as_bytes(), Scope::All, unit)
}

/// Takes an office away; phones that have it are told so.
pub(crate) fn remove(tx: &WriteTx<'_>, unit: UnitId) -> Result<(), Error> {
    refs::remove(tx, RefSet::Units, unit.as_bytes(), Scope::All)
}
