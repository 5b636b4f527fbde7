//! A list as a table of texts: from CSV or from the first sheet of an XLSX.
//! Apart because these are bytes from outside: whatever they are, they end as a table or as a reason, and within bounds.

use super::fault::Fault;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The largest file, and the largest table as text. Bytes.
pub(crate) const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;
/// Rows below the column names, at most; no row is further down either.
pub(super) const MAX_ROWS: usize = 20_000;
/// Columns that are looked at. A cell further right stands outside every list.
const MAX_COLUMNS: usize = 100;
/// What an XLSX may say that it unpacks to. Bytes.
const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;
/// Whole numbers from here on have lost digits in Excel.
const MAX_EXACT: f64 = 1e15;
/// The first bytes of a ZIP file, which an XLSX is.
const ZIP: &[u8] = b"PK\x03\x04";
/// The first bytes of an XLS, and of an XLSX with a password.
const OLD_EXCEL: &[u8] = b"\xd0\xcf\x11\xe0";
/// The first bytes of a file's line in a ZIP's table of contents.
const ZIP_ENTRY: &[u8] = b"PK\x01\x02";
/// Where such a line has the unpacked size.
const ZIP_SIZE_AT: usize = 24;

/// Why a file is no table. The code is the end of `console.import.file-error.<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadTable {
    /// Larger than [`MAX_LIST_BYTES`], packed or unpacked.
    Large,
    /// More than [`MAX_ROWS`].
    Rows,
    /// Nothing in it.
    Empty,
    /// Bytes of no encoding we read.
    Text,
    /// An XLSX that cannot be read.
    Workbook,
    /// An XLS.
    Old,
}

impl BadTable {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Rows => "rows",
            Self::Empty => "empty",
            Self::Text => "text",
            Self::Workbook => "workbook",
            Self::Old => "old",
        }
    }
}

/// A row that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// As the sheet numbers it, from 1.
    pub(super) number: usize,
    /// Texts without blanks around them; days as `2026-11-23`. Not longer than it must be.
    pub(super) cells: Vec<String>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// The column names.
    pub(super) header: Row,
    pub(super) rows: Vec<Row>,
    /// Cells that have no text to begin with.
    pub(super) faults: Vec<Fault>,
}

impl Table {
    /// The table as CSV, so that what was previewed can be posted again. Rows keep their numbers.
    pub(super) fn to_csv(&self) -> String {
        let (mut out, mut lines) = (String::new(), 0);
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let blank = row.number.saturating_sub(lines + 1);
            lines += blank + 1;
            out.push_str(&"\n".repeat(blank));
            let quoted = row
                .cells
                .iter()
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
            out.push_str(&quoted.collect::<Vec<_>>().join(","));
            out.push('\n');
        }
        out
    }
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8]) -> Result<Table, BadTable> {
    if bytes.len() > MAX_LIST_BYTES {
        return Err(BadTable::Large);
    }
    if bytes.starts_with(OLD_EXCEL) {
        return Err(BadTable::Old);
    }
    let (rows, faults) = if bytes.starts_with(ZIP) {
        // A broken workbook may be more than its reader bears.
        catch_unwind(AssertUnwindSafe(|| workbook(bytes))).unwrap_or(Err(BadTable::Workbook))?
    } else {
        (lines(bytes)?, Vec::new())
    };
    let mut rows = rows.into_iter();
    let header = rows.next().ok_or(BadTable::Empty)?;
    let rows: Vec<Row> = rows.collect();
    let size: usize = rows
        .iter()
        .flat_map(|r| &r.cells)
        .map(|c| c.len() + 3)
        .sum();
    if size > MAX_LIST_BYTES {
        return Err(BadTable::Large);
    }
    Ok(Table {
        header,
        rows,
        faults,
    })
}

/// A row of these cells; none if it is blank.
fn row(number: usize, mut cells: Vec<String>) -> Option<Row> {
    let filled = cells.iter().rposition(|cell| !cell.is_empty())?;
    cells.truncate(filled + 1);
    Some(Row { number, cells })
}

fn lines(bytes: &[u8]) -> Result<Vec<Row>, BadTable> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        // What Chinese editions of Excel save as "CSV".
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or(BadTable::Text)?
            .into_owned(),
    };
    if text.contains('\0') {
        return Err(BadTable::Text);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    // Lines are not rows where a cell has several lines.
    let (mut out, mut inside) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(|_| BadTable::Text)?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = usize::try_from(line)
            .unwrap_or(usize::MAX)
            .saturating_sub(inside);
        inside += record
            .iter()
            .map(|c| c.matches('\n').count())
            .sum::<usize>();
        let cells = record.iter().take(MAX_COLUMNS);
        let cells = cells.map(|cell| cell.trim().to_owned()).collect();
        if let Some(row) = row(number, cells) {
            push(&mut out, row)?;
        }
    }
    Ok(out)
}

fn push(rows: &mut Vec<Row>, row: Row) -> Result<(), BadTable> {
    if rows.len() > MAX_ROWS || row.number > MAX_ROWS + 1 {
        return Err(BadTable::Rows);
    }
    rows.push(row);
    Ok(())
}

/// What the ZIP's table of contents says that its files unpack to.
fn unpacked(bytes: &[u8]) -> u64 {
    let sizes = bytes.windows(ZIP_SIZE_AT + 4).filter_map(|entry| {
        let (head, size) = entry.split_at_checked(ZIP_SIZE_AT)?;
        head.starts_with(ZIP_ENTRY).then_some(())?;
        Some(u64::from(u32::from_le_bytes(size.try_into().ok()?)))
    });
    sizes.sum()
}

fn workbook(bytes: &[u8]) -> Result<(Vec<Row>, Vec<Fault>), BadTable> {
    let broken = |_| BadTable::Workbook;
    if unpacked(bytes) > MAX_UNPACKED_BYTES {
        return Err(BadTable::Large);
    }
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = book.sheet_names().into_iter().next();
    let sheet = sheet.ok_or(BadTable::Empty)?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    let (mut cells, mut faults) = (BTreeMap::new(), Vec::new());
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (line, column) = cell.get_position();
        let place = usize::try_from(line).ok().zip(usize::try_from(column).ok());
        let (line, column) = place.ok_or(BadTable::Workbook)?;
        let content = match words(cell.get_value()) {
            Ok(words) => words.trim().to_owned(),
            Err(why) => {
                faults.push(Fault::cell(line + 1, column, "", why, ""));
                // Not blank, so that nothing else is said of it.
                "#".to_owned()
            }
        };
        if content.is_empty() || column >= MAX_COLUMNS {
            continue;
        }
        if line > MAX_ROWS {
            return Err(BadTable::Rows);
        }
        cells.insert((line, column), content);
    }
    let mut rows: Vec<Row> = Vec::new();
    for ((line, column), content) in cells {
        if rows.last().is_none_or(|row| row.number != line + 1) {
            let fresh = Row {
                number: line + 1,
                cells: Vec::new(),
            };
            push(&mut rows, fresh)?;
        }
        if let Some(row) = rows.last_mut() {
            row.cells.resize(column, String::new());
            row.cells.push(content);
        }
    }
    Ok((rows, faults))
}

/// What a cell says, or why it says nothing. A formula counts by its result and is never worked out here.
fn words(value: &DataRef<'_>) -> Result<String, &'static str> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() >= MAX_EXACT => return Err("long-number"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "是".to_owned(),
        DataRef::Bool(false) => "否".to_owned(),
        DataRef::DateTime(at) => day(at),
        DataRef::DateTimeIso(text) => text.chars().take("2026-11-23".len()).collect(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) => return Err("error-value"),
    })
}

/// A day; a number that Excel merely shows as one stays that number.
fn day(at: &ExcelDateTime) -> String {
    if !at.is_datetime() || !(1.0..2_958_466.0).contains(&at.as_f64()) {
        return at.as_f64().to_string();
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
