//! Rosters (排班): who was on which duty for how long, by day.

use super::{Error, ReadTx, WriteTx};
use jiff::civil::Date;
use rusqlite::{Row, named_params};
use shared::id::{OfficerId, UnitId};
use std::collections::BTreeMap;

/// What somebody was on duty for. The list is short on purpose: it tells enforcement from everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Duty {
    /// 执法.
    Enforcement,
    /// 培训, drills too.
    Training,
    /// 其他工作.
    Other,
    /// 休息、请假: no duty at all.
    Leave,
}

impl Duty {
    /// Every duty.
    pub(crate) const ALL: [Self; 4] = [Self::Enforcement, Self::Training, Self::Other, Self::Leave];

    /// The code in storage and in the message keys `console.roster.duty.<code>`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Enforcement => "enforcement",
            Self::Training => "training",
            Self::Other => "other",
            Self::Leave => "leave",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }
}

/// A duty of one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    /// What for.
    pub(crate) duty: Duty,
    /// To where the person was lent (借调、抽调); empty: to nowhere.
    pub(crate) seconded_to: String,
    /// Hours, in tenths.
    pub(crate) hours_x10: i64,
}

/// A line with whose it is and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Who.
    pub(crate) officer: OfficerId,
    /// When.
    pub(crate) day: Date,
    /// What.
    pub(crate) line: Line,
}

/// A person's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonDay {
    /// Who.
    pub(crate) officer: OfficerId,
    /// Their office at the time.
    pub(crate) unit: UnitId,
    /// When.
    pub(crate) day: Date,
    /// Ascending.
    pub(crate) lines: Vec<Line>,
}

fn entry(row: &Row<'_>) -> rusqlite::Result<(OfficerId, String, String, String, i64)> {
    let officer = row.get(0).map(OfficerId::from_bytes)?;
    Ok((officer, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

/// Puts a person's day in place of what was known of it.
pub(crate) fn replace(tx: &WriteTx<'_>, new: &PersonDay) -> Result<(), Error> {
    let day = new.day.to_string();
    tx.execute(
        "DELETE FROM roster WHERE officer = ?1 AND day = ?2",
        (new.officer.as_bytes(), &day),
    )?;
    for line in &new.lines {
        tx.execute(
            "INSERT INTO roster (officer, day, duty, seconded_to, hours_x10, unit)
             VALUES (:officer, :day, :duty, :to, :hours, :unit)",
            named_params! {
                ":officer": new.officer.as_bytes(), ":day": day, ":duty": line.duty.code(),
                ":to": line.seconded_to, ":hours": line.hours_x10, ":unit": new.unit.as_bytes(),
            },
        )?;
    }
    Ok(())
}

const OF_UNIT: &str = "SELECT officer, day, duty, seconded_to, hours_x10 FROM roster
    WHERE unit = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day, officer, duty, seconded_to";

/// What an office's roster has from one day to another.
pub(crate) fn of_unit(
    tx: &ReadTx<'_>,
    unit: UnitId,
    (from, to): (Date, Date),
) -> Result<Vec<Entry>, Error> {
    let mut statement = tx.sql(OF_UNIT)?;
    let rows = statement.query_map((unit.as_bytes(), from.to_string(), to.to_string()), entry)?;
    rows.map(|row| {
        let (officer, day, duty, seconded_to, hours_x10) = row?;
        let bad = || Error::Corrupt("roster");
        Ok(Entry {
            officer,
            day: day.parse().map_err(|_| bad())?,
            line: Line {
                duty: Duty::from_code(&duty).ok_or_else(bad)?,
                seconded_to,
                hours_x10,
            },
        })
    })
    .collect()
}

const OF_DAYS: &str = "SELECT unit, day, duty, seconded_to, hours_x10 FROM roster
    WHERE officer = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day, duty, seconded_to";

/// A person's days from one to another.
pub(crate) fn of_person(
    tx: &ReadTx<'_>,
    officer: OfficerId,
    (from, to): (Date, Date),
) -> Result<BTreeMap<Date, PersonDay>, Error> {
    let mut statement = tx.sql(OF_DAYS)?;
    let mut rows = statement.query((officer.as_bytes(), from.to_string(), to.to_string()))?;
    let mut days: BTreeMap<Date, PersonDay> = BTreeMap::new();
    let bad = || Error::Corrupt("roster");
    while let Some(row) = rows.next()? {
        let day: Date = row.get::<_, String>(1)?.parse().map_err(|_| bad())?;
        let unit = UnitId::from_bytes(row.get(0)?);
        let known = days.entry(day).or_insert_with(|| PersonDay {
            officer,
            unit,
            day,
            lines: Vec::new(),
        });
        known.lines.push(Line {
            duty: Duty::from_code(&row.get::<_, String>(2)?).ok_or_else(bad)?,
            seconded_to: row.get(3)?,
            hours_x10: row.get(4)?,
        });
    }
    for day in days.values_mut() {
        day.lines.sort();
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosters_are_read_along_an_index() {
        super::super::tests::assert_indexed(&[OF_UNIT, OF_DAYS]);
    }
}
