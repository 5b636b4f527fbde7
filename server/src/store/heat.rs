//! How many records lack something at a step, month by month: counts of records and never of people.

use super::{Error, ReadTx};
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

/// The records that count, with their values: those made from one moment until before another.
fn made(filter: &Filter, (from, until): (Instant, Instant)) -> (&'static str, Vec<SqlValue>) {
    let mut values: Vec<SqlValue> = vec![
        filter.procedure.clone().into(),
        from.as_millis().into(),
        until.as_millis().into(),
    ];
    values.extend(filter.unit.map(|unit| unit.as_bytes().to_vec().into()));
    let sql = if filter.unit.is_some() {
        "record.procedure = ? AND record.drill = 0 AND record.voided = 0
         AND record.created_at >= ? AND record.created_at < ? AND record.unit = ?"
    } else {
        "record.procedure = ? AND record.drill = 0 AND record.voided = 0
         AND record.created_at >= ? AND record.created_at < ?"
    };
    (sql, values)
}

/// The two queries of a month with their values: its records, and those that lack something at each step.
fn queries(filter: &Filter, span: (Instant, Instant)) -> ([String; 2], Vec<SqlValue>) {
    let (made, values) = made(filter, span);
    // The plus keeps the queue's indexes out: a record's few gaps are found by its key.
    let open = if filter.cured {
        "AND +gap.status <> 'dismissed'"
    } else {
        "AND +gap.status = 'open'"
    };
    let sql = [
        format!("SELECT count(*) FROM record WHERE {made}"),
        format!(
            "SELECT gap.step, count(DISTINCT gap.record) FROM record JOIN gap ON gap.record = record.id
             WHERE {made} {open} GROUP BY gap.step"
        ),
    ];
    (sql, values)
}

/// Counts the records of a month.
pub(crate) fn month(
    tx: &ReadTx<'_>,
    filter: &Filter,
    span: (Instant, Instant),
) -> Result<Month, Error> {
    let ([records, lacking], values) = queries(filter, span);
    let records = tx
        .sql(&records)?
        .query_row(params_from_iter(&values), |row| row.get(0))?;
    let mut statement = tx.sql(&lacking)?;
    let found = statement.query_map(params_from_iter(&values), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(Month {
        records,
        lacking: found.collect::<Result<_, _>>()?,
    })
}

/// How the database would answer, in its own words.
///
/// # Errors
/// The database fails.
#[cfg(test)]
pub(crate) fn plans(
    tx: &ReadTx<'_>,
    filter: &Filter,
    span: (Instant, Instant),
) -> Result<[String; 2], Error> {
    let ([records, lacking], values) = queries(filter, span);
    let explain = |sql: String| {
        let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let steps = statement.query_map(params_from_iter(&values), |row| row.get(3))?;
        Ok::<String, Error>(steps.collect::<Result<Vec<String>, _>>()?.join("; "))
    };
    Ok([explain(records)?, explain(lacking)?])
}
