//! How many records lack something at a step, month by month: counts of records and never of people.

use super::{Error, ReadTx};
use jiff::civil::Date;
use rusqlite::params_from_iter;
use rusqlite::types::Value as SqlValue;
use shared::id::UnitId;
use shared::instant::Instant;
use std::collections::BTreeMap;

/// Which records are counted. Drills and voided ones never are.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// Under this procedure.
    pub(crate) procedure: String,
    /// Of this office; none = every office.
    pub(crate) unit: Option<UnitId>,
    /// Gaps that are cured by now count too.
    pub(crate) cured: bool,
}

/// A month's records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Month {
    /// How many there are.
    pub(crate) records: u32,
    /// How many of them have a gap, by step.
    pub(crate) lacking: BTreeMap<String, u32>,
}

/// A month as the map names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Its first day.
    pub(crate) first: Date,
}

impl Span {
    /// From its first moment in Beijing until before the next month's.
    pub(crate) fn moments(self) -> (Instant, Instant) {
        let start = Instant::from_civil(self.first.at(0, 0, 0, 0));
        (start, Instant::end_of(self.first.last_of_month()))
    }
}

type Query = (String, Vec<SqlValue>);

/// The two queries of a month: its records, and those that lack something at each step.
fn queries(filter: &Filter, span: Span) -> [Query; 2] {
    let of_unit = if filter.unit.is_some() {
        " AND unit = ?"
    } else {
        ""
    };
    let unit = filter
        .unit
        .map(|unit| SqlValue::from(unit.as_bytes().to_vec()));
    let open = if filter.cured { "" } else { " AND open = 1" };
    let procedure = SqlValue::from(filter.procedure.clone());
    let (from, until) = span.moments();
    let mut made = vec![
        procedure.clone(),
        from.as_millis().into(),
        until.as_millis().into(),
    ];
    made.extend(unit.clone());
    let month = format!("{:04}-{:02}", span.first.year(), span.first.month());
    let mut lacking = vec![procedure, month.into()];
    lacking.extend(unit);
    [
        (
            format!(
                "SELECT count(*) FROM record WHERE procedure = ? AND drill = 0 AND voided = 0
                 AND created_at >= ? AND created_at < ?{of_unit}"
            ),
            made,
        ),
        (
            format!(
                "SELECT step, count(*) FROM lack WHERE procedure = ? AND month = ?{of_unit}{open} GROUP BY step"
            ),
            lacking,
        ),
    ]
}

/// Counts the records of a month.
pub(crate) fn month(tx: &ReadTx<'_>, filter: &Filter, span: Span) -> Result<Month, Error> {
    let [(records, made), (lacking, values)] = queries(filter, span);
    let records = tx
        .sql(&records)?
        .query_row(params_from_iter(&made), |row| row.get(0))?;
    let mut statement = tx.sql(&lacking)?;
    let found = statement.query_map(params_from_iter(&values), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(Month {
        records,
        lacking: found.collect::<Result<_, _>>()?,
    })
}

/// A step that a record lacks: record, step, procedure, month, office, whether some of it waits for a supervisor.
#[cfg(test)]
pub(crate) type Lack = ([u8; 16], String, String, String, [u8; 16], bool);

/// What is kept for the map, and what a count of all gaps gives.
///
/// # Errors
/// The database fails.
#[cfg(test)]
pub(crate) fn kept_and_counted(tx: &ReadTx<'_>) -> Result<[Vec<Lack>; 2], Error> {
    let mut kept = tx
        .sql("SELECT record, step, procedure, month, unit, open FROM lack ORDER BY record, step")?;
    let kept = kept.query_map([], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
        ))
    })?;
    let kept = kept.collect::<Result<_, _>>()?;
    let mut counted: BTreeMap<([u8; 16], String), Lack> = BTreeMap::new();
    let mut gaps = tx.sql(
        "SELECT record.id, gap.step, record.procedure, record.created_at, record.unit, gap.status
         FROM gap JOIN record ON record.id = gap.record WHERE NOT record.drill AND NOT record.voided",
    )?;
    let mut rows = gaps.query([])?;
    while let Some(row) = rows.next()? {
        let (record, step, status): ([u8; 16], String, String) =
            (row.get(0)?, row.get(1)?, row.get(5)?);
        if status == "dismissed" {
            continue;
        }
        let month = Instant::from_millis(row.get(3)?).date();
        let lack = (
            record,
            step.clone(),
            row.get(2)?,
            format!("{:04}-{:02}", month.year(), month.month()),
            row.get(4)?,
            false,
        );
        counted.entry((record, step)).or_insert(lack).5 |= status == "open";
    }
    Ok([kept, counted.into_values().collect()])
}

/// How the database would answer, in its own words.
///
/// # Errors
/// The database fails.
#[cfg(test)]
pub(crate) fn plans(tx: &ReadTx<'_>, filter: &Filter, span: Span) -> Result<[String; 2], Error> {
    let explain = |(sql, values): Query| {
        let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let steps = statement.query_map(params_from_iter(&values), |row| row.get(3))?;
        Ok::<String, Error>(steps.collect::<Result<Vec<String>, _>>()?.join("; "))
    };
    let [records, lacking] = queries(filter, span);
    Ok([explain(records)?, explain(lacking)?])
}
