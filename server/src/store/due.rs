//! What has a limit and can still be done or put right: obligations that are no gap yet, and gaps that can be cured.
//! Made from the log when a record is assessed, so that the board of deadlines is a query over an index and judges nothing.

use super::gaps::grade;
use super::{Error, ReadTx, WriteTx, jobs, rows, unsigned};
use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, named_params, params_from_iter};
use shared::fold::{Facts, Stage};
use shared::id::{RecordId, StepId, UnitId};
use shared::instant::Instant;
use shared::rules::gap::{Assessment, Cure, Deadline};
use shared::rules::procedure::{Actor, Procedure};

/// One thing that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// At which step.
    pub(crate) step: String,
    /// By which rule.
    pub(crate) rule: String,
    /// A gap already, else something still to do.
    pub(crate) is_gap: bool,
    /// A gap's state, or what is missing.
    pub(crate) code: String,
    /// 0 to 4.
    pub(crate) severity: u8,
    /// The office does it, not the officers.
    pub(crate) office: bool,
    /// It can only be done before leaving the site.
    pub(crate) on_site: bool,
    /// Until when.
    pub(crate) limit: Deadline,
}

/// What an assessment leaves to do within a limit, in its order.
pub(crate) fn of(assessment: &Assessment, facts: &Facts, procedure: &Procedure) -> Vec<Due> {
    let step = |id: &StepId| procedure.step(id.as_str());
    let office = |id| step(id).is_some_and(|step| step.actor == Actor::Office);
    let open = assessment.open.iter().filter_map(|open| {
        Some(Due {
            step: open.step.to_string(),
            rule: open.rule.to_string(),
            is_gap: false,
            code: open.code.to_owned(),
            severity: grade(open.severity),
            office: office(&open.step),
            on_site: open.on_site,
            limit: open.deadline?,
        })
    });
    // What a supervisor dismissed is owed by nobody.
    let curable = assessment.gaps.iter().filter(|gap| {
        gap.cure != Cure::None && facts.stage(&gap.step, &gap.rule) != Stage::Dismissed
    });
    let gaps = curable.filter_map(|gap| {
        Some(Due {
            step: gap.step.to_string(),
            rule: gap.rule.to_string(),
            is_gap: true,
            code: gap.state.code().to_owned(),
            severity: grade(gap.severity),
            office: office(&gap.step),
            on_site: gap.cure == Cure::OnSite,
            limit: gap.deadline?,
        })
    });
    gaps.chain(open).collect()
}

const COLUMNS: &str =
    "due.step, due.rule, due.is_gap, due.code, due.severity, due.office, due.on_site,
    due.deadline_from, due.deadline_to";

fn read(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        step: row.get(0)?,
        rule: row.get(1)?,
        is_gap: row.get(2)?,
        code: row.get(3)?,
        severity: row.get(4)?,
        office: row.get(5)?,
        on_site: row.get(6)?,
        limit: Deadline {
            earliest: Instant::from_millis(row.get(7)?),
            latest: Instant::from_millis(row.get(8)?),
        },
    })
}

/// Everything that is due in a record, in the order of its assessment.
pub(crate) fn of_record(tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<Due>, Error> {
    let mut statement = tx.sql(&format!(
        "SELECT {COLUMNS} FROM due WHERE record = ?1 ORDER BY nth"
    ))?;
    let found = statement.query_map([record.as_bytes()], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Puts what is due in a record in place of what was. An assessment that changes nothing writes nothing; gives whether
/// it did.
pub(crate) fn replace(
    tx: &WriteTx<'_>,
    record: RecordId,
    unit: UnitId,
    new: &[Due],
) -> Result<bool, Error> {
    if of_record(tx, record)? == new {
        return Ok(false);
    }
    tx.execute("DELETE FROM due WHERE record = ?1", [record.as_bytes()])?;
    for (nth, due) in (0_i64..).zip(new) {
        tx.execute(
            "INSERT INTO due (record, nth, unit, step, rule, is_gap, code, severity, office, on_site,
                              deadline_from, deadline_to)
             VALUES (:record, :nth, :unit, :step, :rule, :gap, :code, :severity, :office, :site, :from, :to)",
            named_params! {
                ":record": record.as_bytes(), ":nth": nth, ":unit": unit.as_bytes(), ":step": due.step,
                ":rule": due.rule, ":gap": due.is_gap, ":code": due.code, ":severity": due.severity,
                ":office": due.office, ":site": due.on_site,
                ":from": due.limit.earliest.as_millis(), ":to": due.limit.latest.as_millis(),
            },
        )?;
    }
    Ok(true)
}

/// Has every record assessed again whose limits have no certain end: a newer calendar may know it, and a limit that ends earlier
/// than was thought would else be noticed too late.
pub(crate) fn recount(tx: &WriteTx<'_>) -> Result<(), Error> {
    let mut statement =
        tx.sql("SELECT DISTINCT record FROM due WHERE deadline_from <> deadline_to")?;
    let records = statement
        .query_map([], |row| row.get(0).map(RecordId::from_bytes))?
        .collect::<Result<Vec<_>, _>>()?;
    for record in records {
        jobs::enqueue(tx, record, Instant::from_millis(0))?;
    }
    Ok(())
}

/// What the board shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Of this office; none = every office.
    pub(crate) unit: Option<UnitId>,
    /// At this step.
    pub(crate) step: Option<String>,
}

/// A stretch of the board, as of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The limit is over at any rate.
    Over(Instant),
    /// The limit may still run at this moment, and its first possible end lies after the one and not after the other; none = no
    /// bound. The first end counts where the calendar leaves several: whoever keeps it is in time.
    Ends {
        now: Instant,
        after: Option<Instant>,
        until: Option<Instant>,
    },
}

/// The conditions of a window, with their values; only what is asked for, so that an index can answer it.
fn conditions(filter: &Filter, window: Window) -> (String, Vec<SqlValue>) {
    let mut asked: Vec<(&str, SqlValue)> = Vec::new();
    if let Some(unit) = filter.unit {
        asked.push(("unit = ?", unit.as_bytes().to_vec().into()));
    }
    if let Some(step) = &filter.step {
        asked.push(("step = ?", step.clone().into()));
    }
    match window {
        Window::Over(now) => {
            asked.push(("deadline_from < ?", now.as_millis().into()));
            asked.push(("deadline_to < ?", now.as_millis().into()));
        }
        Window::Ends { now, after, until } => {
            asked.push(("deadline_to >= ?", now.as_millis().into()));
            let after = after.map(|at| ("deadline_from > ?", at.as_millis().into()));
            let until = until.map(|at| ("deadline_from <= ?", at.as_millis().into()));
            asked.extend(after.into_iter().chain(until));
        }
    }
    let sql: Vec<&str> = asked.iter().map(|(sql, _)| *sql).collect();
    (
        sql.join(" AND "),
        asked.into_iter().map(|(_, v)| v).collect(),
    )
}

/// A line of the board.
pub(crate) struct Line {
    /// The record.
    pub(crate) record: RecordId,
    /// Whose record it is.
    pub(crate) unit: UnitId,
    /// On whose premises.
    pub(crate) subject_name: String,
    /// What is due.
    pub(crate) due: Due,
}

/// The query for a page; values for LIMIT and OFFSET follow those of the conditions. The keys are found in the index alone: a
/// table without rowids is else looked into for each line that a condition then leaves out.
fn board(filter: &Filter, window: Window) -> (String, Vec<SqlValue>) {
    let (conditions, values) = conditions(filter, window);
    let sql = format!(
        "SELECT {COLUMNS}, due.record, due.unit, record.subject_name
         FROM (SELECT record, nth FROM due WHERE {conditions}
               ORDER BY deadline_from, deadline_to, record, nth LIMIT ? OFFSET ?) AS shown
         JOIN due ON due.record = shown.record AND due.nth = shown.nth
         JOIN record ON record.id = due.record
         ORDER BY due.deadline_from, due.deadline_to, due.record, due.nth"
    );
    (sql, values)
}

/// A page of a window, the first end first.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    filter: &Filter,
    window: Window,
    (page, size): (usize, usize),
) -> Result<Vec<Line>, Error> {
    let (sql, mut values) = board(filter, window);
    values.extend([rows(size), rows(page.saturating_mul(size))].map(SqlValue::from));
    let mut statement = tx.sql(&sql)?;
    let found = statement.query_map(params_from_iter(values), |row| {
        Ok(Line {
            due: read(row)?,
            record: RecordId::from_bytes(row.get(9)?),
            unit: UnitId::from_bytes(row.get(10)?),
            subject_name: row.get(11)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn counting(filter: &Filter, window: Window) -> (String, Vec<SqlValue>) {
    let (conditions, values) = conditions(filter, window);
    (
        format!("SELECT count(*) FROM due WHERE {conditions}"),
        values,
    )
}

/// How many lines a window has.
pub(crate) fn count(tx: &ReadTx<'_>, filter: &Filter, window: Window) -> Result<usize, Error> {
    let (sql, values) = counting(filter, window);
    let count: i64 = tx
        .sql(&sql)?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(usize::try_from(unsigned(count)).unwrap_or(usize::MAX))
}

/// How the database would answer for a page and for its count, in its own words.
///
/// # Errors
/// The database fails.
#[cfg(test)]
pub(crate) fn plans(
    tx: &ReadTx<'_>,
    filter: &Filter,
    window: Window,
) -> Result<[String; 2], Error> {
    let explain = |(sql, values): (String, Vec<SqlValue>)| {
        let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let steps = statement.query_map(params_from_iter(values), |row| row.get(3))?;
        Ok::<String, Error>(steps.collect::<Result<Vec<String>, _>>()?.join("; "))
    };
    let (sql, mut values) = board(filter, window);
    values.extend([1_i64, 0].map(SqlValue::from));
    Ok([explain((sql, values))?, explain(counting(filter, window))?])
}
