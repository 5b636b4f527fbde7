//! Importing lists (名单导入): an administrator's table of officers, parties, rosters or powers becomes rows.
//! Apart because a file is looked at whole before anything changes: one wrong cell and nothing of it is taken.
//!
//! The preview carries the rows and a digest of what they would change. The second press works the change out again from those
//! rows and applies it only if it is still the same, so that what was looked at is what is done.

mod fault;
mod officers;
mod page;
mod power;
pub(crate) mod rosters;
mod sheet;
mod subjects;
mod table;
mod words;

pub(crate) use page::{form, take, template};
pub(crate) use table::MAX_LIST_BYTES;
#[cfg(test)]
pub(crate) use table::read;

use crate::random;
use crate::store::refs::{self, Scope};
use crate::store::{self, ReadTx, WriteTx, jobs, rosters as days};
use fault::Fault;
use sha2::{Digest, Sha256};
use shared::codec;
use shared::domain::reference::{Officer, PowerItem, RefSet, Subject};
use shared::id::{OfficerId, SubjectId};
use shared::instant::Instant;
use std::collections::{BTreeMap, BTreeSet};
use table::Table;

/// A list that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// [`RefSet::Officers`].
    Officers,
    /// [`RefSet::Subjects`].
    Subjects,
    /// Who was on which duty.
    Roster,
    /// [`RefSet::Power`].
    Power,
}

impl List {
    const ALL: [Self; 4] = [Self::Officers, Self::Subjects, Self::Roster, Self::Power];

    /// The code in addresses, forms and the message keys `console.import.list.<code>`.
    const fn code(self) -> &'static str {
        match self {
            Self::Officers => "officers",
            Self::Subjects => "subjects",
            Self::Roster => "roster",
            Self::Power => "power",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.code() == code)
    }

    /// The names of its columns.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Officers => &officers::COLUMNS,
            Self::Subjects => &subjects::COLUMNS,
            Self::Roster => &rosters::COLUMNS,
            Self::Power => &power::COLUMNS,
        }
    }
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Officer(Officer),
    Subject(Subject),
    /// The person's name, and their day.
    Roster(String, days::PersonDay),
    Power(PowerItem),
}

impl Entry {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Officer(officer) => codec::encode(officer),
            Self::Subject(subject) => codec::encode(subject),
            Self::Roster(_, day) => roster_bytes(day),
            Self::Power(item) => codec::encode(item),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Officer(officer) => officer.name.clone(),
            Self::Subject(subject) => subject.name.clone(),
            Self::Roster(name, _) => name.clone(),
            Self::Power(item) => format!("{} {}", item.code, item.name.zh),
        }
    }
}

/// A day in bytes that no other day has.
fn roster_bytes(day: &days::PersonDay) -> Vec<u8> {
    let mut out = [day.officer.as_bytes().as_slice(), day.unit.as_bytes()].concat();
    out.extend(day.day.to_string().bytes());
    for line in &day.lines {
        out.extend(line.duty.code().bytes());
        out.extend(line.hours_x10.to_be_bytes());
        out.extend(line.seconded_to.len().to_be_bytes());
        out.extend(line.seconded_to.bytes());
    }
    out
}

/// What becomes of one row.
struct Change {
    /// None: it is new, and its id is still to be made.
    old: Option<Entry>,
    new: Entry,
    /// The office or the address: with the name it says who is meant.
    place: String,
}

/// What a file would change.
struct Plan {
    /// In the order of the file.
    changes: Vec<Change>,
    same: usize,
    /// The rows, for posting them again.
    rows: String,
}

impl Plan {
    /// Takes what each row of a table becomes; rows that change nothing are only counted.
    fn new(table: &Table, mut rows: Vec<(usize, Change)>) -> Self {
        let all = rows.len();
        rows.retain(|(_, change)| change.old.as_ref() != Some(&change.new));
        rows.sort_by_key(|(number, _)| *number);
        Self {
            same: all - rows.len(),
            changes: rows.into_iter().map(|(_, change)| change).collect(),
            rows: table.to_csv(),
        }
    }

    /// What would change, from what to what, in 32 bytes of hexadecimal.
    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for change in &self.changes {
            let old = change.old.as_ref().map(Entry::encode).unwrap_or_default();
            for part in [old, change.new.encode()] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        random::hex(&hash.finalize())
    }

    fn counts(&self) -> Counts {
        let new = self.changes.iter().filter(|c| c.old.is_none()).count();
        Counts {
            new,
            changed: self.changes.len() - new,
            same: self.same,
        }
    }
}

/// How many rows are new, changed and as they were.
#[derive(Debug, Clone, Copy)]
struct Counts {
    new: usize,
    changed: usize,
    same: usize,
}

/// What a table would change, or everything that is wrong with it.
fn plan(
    tx: &ReadTx<'_>,
    list: List,
    table: &Table,
) -> Result<Result<Plan, Vec<Fault>>, store::Error> {
    let planned = match list {
        List::Officers => officers::plan(table, &refs::units(tx)?, &refs::officers(tx)?),
        List::Subjects => subjects::plan(table, &refs::subjects(tx)?),
        List::Roster => match rosters::read(table, &refs::units(tx)?, &refs::officers(tx)?) {
            Ok(read) => Ok(roster_plan(tx, table, read)?),
            Err(faults) => Err(faults),
        },
        List::Power => {
            let known = refs::all(tx, RefSet::Power)?;
            power::plan(table, &refs::all(tx, RefSet::Laws)?, &known)
        }
    };
    Ok(planned.map_err(|mut faults| {
        faults.sort();
        faults
    }))
}

/// What the days of a file would change.
fn roster_plan(
    tx: &ReadTx<'_>,
    table: &Table,
    read: Vec<rosters::Read>,
) -> Result<Plan, store::Error> {
    let mut spans = BTreeMap::new();
    for one in &read {
        let (officer, day) = (one.day.officer, one.day.day);
        let span = spans.entry(officer).or_insert((day, day));
        *span = (span.0.min(day), span.1.max(day));
    }
    let mut known = BTreeMap::new();
    for (officer, span) in spans {
        known.insert(officer, days::of_person(tx, officer, span)?);
    }
    let changes = read.into_iter().map(|one| {
        let old = known.get_mut(&one.day.officer);
        let old = old.and_then(|days| days.remove(&one.day.day));
        let change = Change {
            old: old.map(|day| Entry::Roster(one.name.clone(), day)),
            new: Entry::Roster(one.name, one.day),
            place: one.place,
        };
        (one.row, change)
    });
    Ok(Plan::new(table, changes.collect()))
}

/// Does what a plan says; `draws` has ten random bytes for each new row.
fn apply(
    tx: &WriteTx<'_>,
    plan: &Plan,
    draws: &[[u8; 10]],
    now: Instant,
) -> Result<(), store::Error> {
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let mut draws = draws.iter();
    let (mut people, mut matters) = (BTreeSet::new(), BTreeSet::new());
    for change in &plan.changes {
        let draw = match change.old {
            Some(_) => None,
            None => Some(draws.next().ok_or(store::Error::Corrupt("import"))?),
        };
        match change.new.clone() {
            Entry::Officer(mut officer) => {
                officer.id = draw.map_or(officer.id, |draw| OfficerId::new_v7(millis, draw));
                people.insert((officer.unit, officer.id));
                refs::put_officer(tx, &officer)?;
            }
            Entry::Subject(mut subject) => {
                subject.id = draw.map_or(subject.id, |draw| SubjectId::new_v7(millis, draw));
                let key = subject.id;
                refs::put(tx, RefSet::Subjects, key.as_bytes(), Scope::All, &subject)?;
            }
            Entry::Roster(_, day) => days::replace(tx, &day)?,
            Entry::Power(item) => {
                let key = refs::power_key(&item.code, item.from);
                refs::put(tx, RefSet::Power, &key, Scope::All, &item)?;
                matters.insert(item.code);
            }
        }
    }
    jobs::enqueue_people(tx, &people, now)?;
    jobs::enqueue_matters(tx, &matters, now)
}
