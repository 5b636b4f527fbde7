//! The list of inspected parties: the same name at the same address is the same party.
//! Apart because what makes two rows one differs from list to list.

use super::fault::Fault;
use super::sheet::Sheet;
use super::table::{Row, Table};
use super::{Change, Entry, Plan};
use shared::domain::reference::{Subject, SubjectKind};
use shared::id::SubjectId;
use std::collections::BTreeMap;

const NAME: &str = "名称";
const KIND: &str = "类别";
const ADDRESS: &str = "地址";
const CONTACT: &str = "联系人";

/// The columns.
pub(super) const COLUMNS: [&str; 4] = [NAME, KIND, ADDRESS, CONTACT];

/// What the file would change.
pub(super) fn plan(
    table: &Table,
    subjects: &BTreeMap<SubjectId, Subject>,
) -> Result<Plan, Vec<Fault>> {
    let mut sheet = Sheet::new(table, &COLUMNS);
    if !sheet.is_complete(&COLUMNS) {
        return Err(sheet.faults);
    }
    let mut known: BTreeMap<(&str, &str), Vec<&Subject>> = BTreeMap::new();
    for subject in subjects.values() {
        let key = (subject.name.as_str(), subject.address.as_str());
        known.entry(key).or_default().push(subject);
    }
    let mut first: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut changes = Vec::new();
    for row in &table.rows {
        let Some(read) = subject(&mut sheet, row) else {
            continue;
        };
        let key = (read.name.clone(), read.address.clone());
        if let Some(earlier) = first.insert(key, row.number) {
            sheet.fault(row, NAME, "row-twice", earlier.to_string());
        }
        let same = known.get(&(read.name.as_str(), read.address.as_str()));
        if same.is_some_and(|same| same.len() > 1) {
            sheet.fault(row, NAME, "subject-twice", read.name.as_str());
        }
        let old = same.and_then(|same| same.first()).copied();
        changes.push((row.number, change(read, old)));
    }
    if sheet.faults.is_empty() {
        Ok(Plan::new(table, changes))
    } else {
        Err(sheet.faults)
    }
}

fn subject(sheet: &mut Sheet, row: &Row) -> Option<Subject> {
    let name = sheet.required(row, NAME);
    let kind = kind(sheet, row);
    let address = sheet.required(row, ADDRESS);
    let contact = sheet.optional(row, CONTACT);
    Some(Subject {
        id: SubjectId::from_bytes([0; 16]),
        name: name?,
        kind: kind?,
        address: address?,
        contact: contact?,
    })
}

fn kind(sheet: &mut Sheet, row: &Row) -> Option<SubjectKind> {
    match sheet.required(row, KIND)?.as_str() {
        "企业" => Some(SubjectKind::Organisation),
        "个体" | "个体工商户" => Some(SubjectKind::SoleTrader),
        "个人" | "公民" => Some(SubjectKind::Citizen),
        other => {
            sheet.fault(row, KIND, "subject-kind", other);
            None
        }
    }
}

fn change(read: Subject, old: Option<&Subject>) -> Change {
    let place = read.address.clone();
    let new = Subject {
        id: old.map_or(read.id, |subject| subject.id),
        ..read
    };
    Change {
        old: old.cloned().map(Entry::Subject),
        new: Entry::Subject(new),
        place,
    }
}
