//! A table whose columns are known: finds them by name and reads cells, collecting what is wrong.
//! Apart because every kind of list reads its cells alike.

use super::fault::Fault;
use super::table::{Row, Table};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The longest text of a cell. Characters.
const MAX_CHARS: usize = 200;
/// The longest text of a cell that holds sentences. Characters.
const MAX_SENTENCES: usize = 2000;

/// A list being read.
pub(super) struct Sheet {
    /// Where each expected column is.
    columns: Vec<(&'static str, usize)>,
    pub(super) faults: Vec<Fault>,
    /// Cells that something was said of: once is enough.
    spoken: BTreeSet<(usize, usize)>,
}

impl Sheet {
    /// Finds the columns. The order is free; each must be there once, and no other.
    pub(super) fn new(table: &Table, expected: &[&'static str]) -> Self {
        let names = &table.header.cells;
        let line = table.header.number;
        let faults = table.faults.iter().cloned();
        let mut faults: Vec<Fault> = faults.map(|fault| fault.named(names)).collect();
        let mut columns: Vec<(&'static str, usize)> = Vec::new();
        for (at, name) in names.iter().enumerate() {
            match expected.iter().find(|known| *known == name) {
                None if name.is_empty() => {
                    let used = |row: &Row| row.cells.get(at).is_some_and(|c| !c.is_empty());
                    if table.rows.iter().any(used) {
                        faults.push(Fault::cell(line, at, "", "no-column-name", ""));
                    }
                }
                None => faults.push(Fault::cell(line, at, name, "unknown-column", name.as_str())),
                Some(known) if columns.iter().any(|(name, _)| name == known) => {
                    faults.push(Fault::cell(line, at, name, "double-column", name.as_str()));
                }
                Some(known) => columns.push((known, at)),
            }
        }
        for name in expected {
            if !columns.iter().any(|(known, _)| known == name) {
                faults.push(Fault::row(line, "missing-column", *name));
            }
        }
        for row in &table.rows {
            let outside = row.cells.iter().enumerate().skip(names.len());
            let outside = outside.filter(|(_, content)| !content.is_empty());
            faults.extend(outside.map(|(at, c)| Fault::cell(row.number, at, "", "extra", c)));
        }
        let spoken = faults.iter().filter_map(Fault::place).collect();
        Self {
            columns,
            faults,
            spoken,
        }
    }

    /// Whether every column was found, so that rows can be read.
    pub(super) fn is_complete(&self, expected: &[&'static str]) -> bool {
        self.columns.len() == expected.len()
    }

    /// Notes that this row's cell is wrong.
    pub(super) fn fault(
        &mut self,
        row: &Row,
        column: &'static str,
        why: &'static str,
        value: impl Into<String>,
    ) {
        let at = self.place(column).unwrap_or(0);
        if self.spoken.insert((row.number, at)) {
            let fault = Fault::cell(row.number, at, column, why, value);
            self.faults.push(fault);
        }
    }

    fn place(&self, column: &str) -> Option<usize> {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.map(|(_, at)| *at)
    }

    /// The text of a cell, which may be empty; none and a fault if it cannot be kept.
    pub(super) fn optional(&mut self, row: &Row, column: &'static str) -> Option<String> {
        self.bounded(row, column, MAX_CHARS)
    }

    /// The same for whole sentences.
    pub(super) fn sentences(&mut self, row: &Row, column: &'static str) -> Option<String> {
        self.bounded(row, column, MAX_SENTENCES)
    }

    fn bounded(&mut self, row: &Row, column: &'static str, most: usize) -> Option<String> {
        let at = self.place(column)?;
        let text = row.cells.get(at).map_or("", String::as_str);
        if text.chars().count() > most {
            self.fault(row, column, "long", most.to_string());
            return None;
        }
        if text.chars().any(char::is_control) {
            self.fault(row, column, "control", "");
            return None;
        }
        Some(text.to_owned())
    }

    /// The text of a cell that must have one.
    pub(super) fn required(&mut self, row: &Row, column: &'static str) -> Option<String> {
        let text = self.optional(row, column)?;
        if text.is_empty() {
            self.fault(row, column, "empty", "");
            return None;
        }
        Some(text)
    }

    /// 是 or 否.
    pub(super) fn yes_no(&mut self, row: &Row, column: &'static str) -> Option<bool> {
        match self.required(row, column)?.as_str() {
            "是" => Some(true),
            "否" => Some(false),
            other => {
                self.fault(row, column, "yes-no", other);
                None
            }
        }
    }

    /// A day, or nothing: the outer none is a fault.
    pub(super) fn day_or_none(&mut self, row: &Row, column: &'static str) -> Option<Option<Date>> {
        let text = self.optional(row, column)?;
        if text.is_empty() {
            return Some(None);
        }
        self.day(row, column).map(Some)
    }

    /// A day.
    pub(super) fn day(&mut self, row: &Row, column: &'static str) -> Option<Date> {
        let text = self.required(row, column)?;
        let day = day(&text);
        if day.is_none() {
            self.fault(row, column, "date", text);
        }
        day
    }
}

/// `2026-11-23`, `2026/11/23` or `2026年11月23日`, with or without leading zeros.
fn day(text: &str) -> Option<Date> {
    let plain = text.strip_suffix('日').unwrap_or(text);
    let plain = plain.replace(['/', '年', '月'], "-");
    let mut parts = plain.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = parts
        .next()
        .filter(|month| month.len() <= 2)?
        .parse()
        .ok()?;
    let day = parts.next().filter(|day| day.len() <= 2)?.parse().ok()?;
    let date = Date::new(year, month, day).ok()?;
    parts.next().is_none().then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_written_in_three_ways() {
        for text in ["2026-11-03", "2026/11/3", "2026年11月3日", "2026年11月03日"] {
            assert_eq!(day(text), Some(date(2026, 11, 3)), "{text}");
        }
        for text in [
            "",
            "2026-13-01",
            "2026-02-30",
            "26-1-1",
            "2026-1",
            "2026-1-1-1",
            "46349",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
