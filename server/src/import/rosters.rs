//! The roster (排班): one row for what somebody did on one day, several rows for several duties.
//! Apart because a day is taken as a whole: what the file says of a person's day replaces what was known of it.

use super::fault::Fault;
use super::officers::{NAME, NUMBER, UNIT, unit};
use super::sheet::Sheet;
use super::table::{Row, Table};
use crate::store::rosters::{Duty, Line, PersonDay};
use jiff::civil::Date;
use shared::domain::reference::{Officer, Unit};
use shared::id::{OfficerId, UnitId};
use std::collections::BTreeMap;

const DAY: &str = "日期";
const DUTY: &str = "工作类别";
const HOURS: &str = "小时数";
const SECONDED: &str = "借调抽调去向";

/// The columns.
pub(super) const COLUMNS: [&str; 7] = [NAME, UNIT, NUMBER, DAY, DUTY, HOURS, SECONDED];

/// Tenths of an hour in a day.
const WHOLE_DAY: i64 = 240;
/// Words of a file for a duty. What is said first is what the fault proposes.
const WORDS: [(Duty, &[&str]); 4] = [
    (
        Duty::Enforcement,
        &["执法", "行政执法", "执法执勤", "执法巡查"],
    ),
    (Duty::Training, &["培训", "学习培训", "演练"]),
    (Duty::Other, &["其他工作", "其他", "值班"]),
    (Duty::Leave, &["休息", "请假", "休假", "轮休"]),
];
/// What stands where nobody was lent.
const NOWHERE: [&str; 3] = ["", "无", "否"];

/// A person's day as the file has it.
pub(super) struct Read {
    /// Where it is first.
    pub(super) row: usize,
    /// Whose.
    pub(super) name: String,
    /// The office and the day, for showing.
    pub(super) place: String,
    pub(super) day: PersonDay,
}

/// What the file says, by person and day.
pub(super) fn read(
    table: &Table,
    units: &BTreeMap<UnitId, Unit>,
    officers: &BTreeMap<OfficerId, Officer>,
) -> Result<Vec<Read>, Vec<Fault>> {
    let mut sheet = Sheet::new(table, &COLUMNS);
    if !sheet.is_complete(&COLUMNS) {
        return Err(sheet.faults);
    }
    let mut called: BTreeMap<(UnitId, &str), Vec<&Officer>> = BTreeMap::new();
    for officer in officers.values() {
        let key = (officer.unit, officer.name.as_str());
        called.entry(key).or_default().push(officer);
    }
    let mut days: BTreeMap<(OfficerId, Date), Read> = BTreeMap::new();
    let mut rows: BTreeMap<(OfficerId, Date, Duty, String), usize> = BTreeMap::new();
    for row in &table.rows {
        let officer = person(&mut sheet, row, units, &called);
        let (day, line) = (sheet.day(row, DAY), line(&mut sheet, row));
        let (Some(officer), Some(day), Some(line)) = (officer, day, line) else {
            continue;
        };
        let key = (officer.id, day, line.duty, line.seconded_to.clone());
        if let Some(first) = rows.insert(key, row.number) {
            sheet.fault(row, DUTY, "duty-twice", first.to_string());
            continue;
        }
        let place = units.get(&officer.unit).map_or("", |unit| &*unit.name);
        let known = days.entry((officer.id, day)).or_insert_with(|| Read {
            row: row.number,
            name: officer.name.clone(),
            place: format!("{day} {place}"),
            day: PersonDay {
                officer: officer.id,
                unit: officer.unit,
                day,
                lines: Vec::new(),
            },
        });
        known.day.lines.push(line);
        let sum: i64 = known.day.lines.iter().map(|line| line.hours_x10).sum();
        if sum > WHOLE_DAY {
            sheet.fault(row, HOURS, "over-day", tenths(sum));
        }
    }
    if !sheet.faults.is_empty() {
        return Err(sheet.faults);
    }
    let mut read: Vec<Read> = days.into_values().collect();
    for one in &mut read {
        one.day.lines.sort();
    }
    Ok(read)
}

/// Who is meant: name and office say it, and the certificate's number where several are called so.
fn person<'a>(
    sheet: &mut Sheet,
    row: &Row,
    units: &BTreeMap<UnitId, Unit>,
    called: &BTreeMap<(UnitId, &str), Vec<&'a Officer>>,
) -> Option<&'a Officer> {
    let name = sheet.required(row, NAME);
    let unit = unit(sheet, row, units);
    let number = sheet.optional(row, NUMBER);
    let (name, unit, number) = (name?, unit?, number?);
    let all = called
        .get(&(unit, name.as_str()))
        .map_or(&[][..], Vec::as_slice);
    if all.is_empty() {
        sheet.fault(row, NAME, "person", name);
        return None;
    }
    let holds = |officer: &&&Officer| {
        number.is_empty()
            || officer
                .certificates
                .iter()
                .any(|held| held.number == number)
    };
    let mut meant = all.iter().filter(holds);
    match (meant.next(), meant.next()) {
        (Some(one), None) => return Some(one),
        (Some(_), Some(_)) => sheet.fault(row, NAME, "person-twice", name),
        (None, _) => sheet.fault(row, NUMBER, "not-held", number),
    }
    None
}

fn line(sheet: &mut Sheet, row: &Row) -> Option<Line> {
    let duty = duty(sheet, row);
    let leave = duty == Some(Duty::Leave);
    let hours_x10 = hours(sheet, row, leave);
    let seconded_to = sheet.optional(row, SECONDED);
    let mut line = Line {
        duty: duty?,
        seconded_to: seconded_to?,
        hours_x10: hours_x10?,
    };
    if NOWHERE.contains(&line.seconded_to.as_str()) {
        line.seconded_to.clear();
    }
    Some(line)
}

fn duty(sheet: &mut Sheet, row: &Row) -> Option<Duty> {
    let word = sheet.required(row, DUTY)?;
    let known = WORDS.iter().find(|(_, words)| words.contains(&&*word));
    if known.is_none() {
        sheet.fault(row, DUTY, "duty", word);
    }
    known.map(|(duty, _)| *duty)
}

/// Hours in tenths. Who is off may have none.
fn hours(sheet: &mut Sheet, row: &Row, leave: bool) -> Option<i64> {
    let text = if leave {
        sheet.optional(row, HOURS)?
    } else {
        sheet.required(row, HOURS)?
    };
    if leave && text.is_empty() {
        return Some(0);
    }
    let read = parse(&text).filter(|n| (i64::from(!leave)..=WHOLE_DAY).contains(n));
    if read.is_none() {
        sheet.fault(row, HOURS, "hours", text);
    }
    read
}

/// `8`, `7.5` or `7.5小时` in tenths.
fn parse(text: &str) -> Option<i64> {
    let plain = text.strip_suffix("小时").unwrap_or(text).trim_end();
    let (whole, part) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = (1..=2).contains(&whole.len()) && part.len() == 1;
    if !fits || !digits(whole) || !digits(part) {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 10 + part.parse::<i64>().ok()?)
}

/// Tenths of an hour as people write them: `8`, `7.5`.
pub(crate) fn tenths(hours_x10: i64) -> String {
    match hours_x10 % 10 {
        0 => (hours_x10 / 10).to_string(),
        part => format!("{}.{part}", hours_x10 / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_one_decimal_at_most() {
        for (text, hours) in [
            ("8", 80),
            ("7.5", 75),
            ("0", 0),
            ("24.0", 240),
            ("7.5小时", 75),
        ] {
            assert_eq!(parse(text), Some(hours), "{text}");
        }
        for text in ["", "八", "7.55", "-1", "+1", "1e1", ".5", "7.", "240"] {
            assert!(parse(text).is_none_or(|hours| hours > WHOLE_DAY), "{text}");
        }
        assert_eq!([80, 75, 0, 5].map(tenths), ["8", "7.5", "0", "0.5"]);
    }
}
