//! The list of officers: several rows of the same name and office are one person with several certificates.
//! Apart because a person who is there keeps id, PIN and the certificates that the file does not speak of: old records are
//! judged by certificates that have ended.

use super::fault::Fault;
use super::sheet::Sheet;
use super::table::{Row, Table};
use super::{Change, Entry, Plan};
use shared::domain::reference::{Certificate, Officer, Unit};
use shared::id::{OfficerId, UnitId};
use std::collections::BTreeMap;

pub(super) const NAME: &str = "姓名";
pub(super) const UNIT: &str = "单位";
const AUXILIARY: &str = "辅助人员";
pub(super) const NUMBER: &str = "证件号";
const FROM: &str = "有效期起";
const TO: &str = "有效期止";

/// The columns.
pub(super) const COLUMNS: [&str; 6] = [NAME, UNIT, AUXILIARY, NUMBER, FROM, TO];

/// A person as the file has them.
struct Person {
    /// Where they are first.
    row: usize,
    auxiliary: bool,
    certificates: Vec<Certificate>,
}

/// Name and office.
type Key = (UnitId, String);

/// What the file would change.
pub(super) fn plan(
    table: &Table,
    units: &BTreeMap<UnitId, Unit>,
    officers: &BTreeMap<OfficerId, Officer>,
) -> Result<Plan, Vec<Fault>> {
    let mut sheet = Sheet::new(table, &COLUMNS);
    if !sheet.is_complete(&COLUMNS) {
        return Err(sheet.faults);
    }
    let mut known: BTreeMap<Key, Vec<&Officer>> = BTreeMap::new();
    for officer in officers.values() {
        let key = (officer.unit, officer.name.clone());
        known.entry(key).or_default().push(officer);
    }
    let mut people: BTreeMap<Key, Person> = BTreeMap::new();
    let mut numbers: BTreeMap<String, (usize, Key)> = BTreeMap::new();
    for row in &table.rows {
        let (name, unit) = (sheet.required(row, NAME), unit(&mut sheet, row, units));
        let auxiliary = sheet.yes_no(row, AUXILIARY);
        let certificate = certificate(&mut sheet, row);
        let (Some(name), Some(unit)) = (name, unit) else {
            continue;
        };
        let key = (unit, name);
        if known.get(&key).is_some_and(|same| same.len() > 1) {
            sheet.fault(row, NAME, "officer-twice", key.1.as_str());
        }
        if let Some(held) = certificate.as_ref().and_then(Option::as_ref) {
            let first = numbers
                .entry(held.number.clone())
                .or_insert_with(|| (row.number, key.clone()));
            if first.1 != key {
                sheet.fault(row, NUMBER, "number-taken", first.0.to_string());
            }
        }
        if let (Some(auxiliary), Some(certificate)) = (auxiliary, certificate) {
            add(&mut sheet, row, &mut people, (key, auxiliary, certificate));
        }
    }
    if !sheet.faults.is_empty() {
        return Err(sheet.faults);
    }
    let changes = people.into_iter().map(|(key, person)| {
        let old = known.get(&key).and_then(|same| same.first()).copied();
        let place = units.get(&key.0).map_or("", |unit| unit.name.as_str());
        (person.row, change(key.clone(), &person, old, place))
    });
    Ok(Plan::new(table, changes.collect()))
}

/// The office that a row names.
pub(super) fn unit(sheet: &mut Sheet, row: &Row, units: &BTreeMap<UnitId, Unit>) -> Option<UnitId> {
    let name = sheet.required(row, UNIT)?;
    let mut called = units.values().filter(|unit| unit.name == name);
    let found = called.next().map(|unit| unit.id);
    match (found, called.next()) {
        (Some(id), None) => return Some(id),
        (None, _) => sheet.fault(row, UNIT, "unit", name),
        (Some(_), Some(_)) => sheet.fault(row, UNIT, "unit-twice", name),
    }
    None
}

/// The row's certificate, if it has one; none if what it has is wrong.
fn certificate(sheet: &mut Sheet, row: &Row) -> Option<Option<Certificate>> {
    let part = |sheet: &mut Sheet, name| sheet.optional(row, name);
    let parts = [NUMBER, FROM, TO].map(|name| (name, part(sheet, name)));
    if parts.iter().all(|(_, text)| text.as_deref() == Some("")) {
        return Some(None);
    }
    let mut whole = true;
    for (name, text) in &parts {
        if text.as_deref() == Some("") {
            sheet.fault(row, name, "part", "");
            whole = false;
        }
    }
    let is_there = |name: &str| {
        let text = parts.iter().find(|(known, _)| *known == name);
        text.is_some_and(|(_, text)| text.as_deref() != Some(""))
    };
    let from = is_there(FROM).then(|| sheet.day(row, FROM)).flatten();
    let to = is_there(TO).then(|| sheet.day(row, TO)).flatten();
    let (valid_from, valid_to) = (from?, to?);
    if valid_to < valid_from {
        sheet.fault(row, TO, "order", format!("{valid_from} – {valid_to}"));
        return None;
    }
    let [(_, number), ..] = parts;
    let certificate = Certificate {
        number: number?,
        valid_from,
        valid_to,
    };
    whole.then_some(Some(certificate))
}

fn add(
    sheet: &mut Sheet,
    row: &Row,
    people: &mut BTreeMap<Key, Person>,
    (key, auxiliary, certificate): (Key, bool, Option<Certificate>),
) {
    let Some(person) = people.get_mut(&key) else {
        let person = Person {
            row: row.number,
            auxiliary,
            certificates: certificate.into_iter().collect(),
        };
        people.insert(key, person);
        return;
    };
    if person.auxiliary != auxiliary {
        sheet.fault(row, AUXILIARY, "auxiliary-differs", person.row.to_string());
    }
    match certificate {
        Some(held) if !person.certificates.contains(&held) => person.certificates.push(held),
        // The same once more, or a second row that adds nothing: a slip, and perhaps another person.
        Some(_) => sheet.fault(row, NUMBER, "row-twice", person.row.to_string()),
        None => sheet.fault(row, NAME, "row-twice", person.row.to_string()),
    }
}

/// The person as they will be. A certificate's rows replace what is known under its number; other certificates stay.
fn change((unit, name): Key, person: &Person, old: Option<&Officer>, place: &str) -> Change {
    let spoken_of =
        |held: &Certificate| person.certificates.iter().any(|c| c.number == held.number);
    let before = old.map_or(&[][..], |officer| &officer.certificates);
    let kept = before.iter().filter(|held| !spoken_of(held)).cloned();
    let mut certificates: Vec<Certificate> =
        kept.chain(person.certificates.iter().cloned()).collect();
    let order = |list: &mut Vec<Certificate>| {
        list.sort_by(|a, b| (a.valid_from, &a.number).cmp(&(b.valid_from, &b.number)));
    };
    order(&mut certificates);
    let mut as_known = before.to_vec();
    order(&mut as_known);
    if certificates == as_known {
        certificates = before.to_vec();
    }
    let new = Officer {
        // A new person gets an id when the import is confirmed.
        id: old.map_or(OfficerId::from_bytes([0; 16]), |officer| officer.id),
        name,
        unit,
        auxiliary: person.auxiliary,
        certificates,
        pin: old.and_then(|officer| officer.pin.clone()),
    };
    Change {
        old: old.cloned().map(Entry::Officer),
        new: Entry::Officer(new),
        place: place.to_owned(),
    }
}
