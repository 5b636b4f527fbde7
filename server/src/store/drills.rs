//! Drills as they were played, and what judges thought of them.
//! Apart because nothing of a drill may stand where enforcement is counted: no other table knows one.

use super::{Error, ReadTx, WriteTx, cut, rows};
use rusqlite::types::Value as SqlValue;
use rusqlite::{OptionalExtension, Row, named_params, params_from_iter};
use shared::id::{OfficerId, RecordId, SessionId, StepId, UnitId};
use shared::instant::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Drills of one officer that a file shows, at most.
const OF_OFFICER: usize = 200;

/// A drill as it was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drill {
    /// Its record.
    pub(crate) record: RecordId,
    /// The player's office.
    pub(crate) unit: UnitId,
    /// Who played officer A.
    pub(crate) officer: OfficerId,
    /// The scenario and its version; none where it is not known.
    pub(crate) scenario: Option<(String, u32)>,
    /// The drill that the player was invited to.
    pub(crate) session: Option<SessionId>,
    /// When it began.
    pub(crate) started: Instant,
    /// When it ended; none while it is played.
    pub(crate) ended: Option<Instant>,
    /// It was begun by mistake.
    pub(crate) voided: bool,
    /// For each expectation of the scenario, in its order, whether it is met.
    pub(crate) met: Vec<bool>,
    /// Rules with a suspected gap.
    pub(crate) gaps: BTreeSet<String>,
}

impl Drill {
    /// How many expectations are met.
    pub(crate) fn count(&self) -> usize {
        self.met.iter().filter(|met| **met).count()
    }
}

/// A drill in a list.
pub(crate) struct Line {
    pub(crate) drill: Drill,
    /// Steps that a judge scored.
    pub(crate) scored: u32,
}

const COLUMNS: &str =
    "drill.record, drill.unit, drill.officer, drill.scenario, drill.version, drill.session,
    drill.started_at, drill.ended_at, drill.voided, drill.met, drill.gaps,
    (SELECT count(*) FROM drill_score WHERE drill_score.record = drill.record)";

fn read(row: &Row<'_>) -> rusqlite::Result<Line> {
    let scenario: Option<String> = row.get(3)?;
    let version: Option<u32> = row.get(4)?;
    let (met, gaps): (String, String) = (row.get(9)?, row.get(10)?);
    Ok(Line {
        drill: Drill {
            record: RecordId::from_bytes(row.get(0)?),
            unit: UnitId::from_bytes(row.get(1)?),
            officer: OfficerId::from_bytes(row.get(2)?),
            scenario: scenario.zip(version),
            session: row.get::<_, Option<_>>(5)?.map(SessionId::from_bytes),
            started: Instant::from_millis(row.get(6)?),
            ended: row.get::<_, Option<i64>>(7)?.map(Instant::from_millis),
            voided: row.get(8)?,
            met: met.bytes().map(|b| b == b'1').collect(),
            gaps: gaps.split_whitespace().map(str::to_owned).collect(),
        },
        scored: row.get(11)?,
    })
}

/// Puts what came of a drill; judging it again replaces it and leaves the scores.
pub(crate) fn put(tx: &WriteTx<'_>, drill: &Drill) -> Result<(), Error> {
    let met: String = drill
        .met
        .iter()
        .map(|met| if *met { '1' } else { '0' })
        .collect();
    let gaps: Vec<&str> = drill.gaps.iter().map(String::as_str).collect();
    let scenario = drill.scenario.as_ref();
    tx.execute(
        "INSERT INTO drill (record, unit, officer, scenario, version, session, started_at, ended_at, voided, met, gaps)
         VALUES (:record, :unit, :officer, :scenario, :version, :session, :started, :ended, :voided, :met, :gaps)
         ON CONFLICT (record) DO UPDATE SET
         unit = excluded.unit, officer = excluded.officer, scenario = excluded.scenario, version = excluded.version,
         session = excluded.session, started_at = excluded.started_at, ended_at = excluded.ended_at,
         voided = excluded.voided, met = excluded.met, gaps = excluded.gaps",
        named_params! {
            ":record": drill.record.as_bytes(), ":unit": drill.unit.as_bytes(),
            ":officer": drill.officer.as_bytes(), ":scenario": scenario.map(|(id, _)| id),
            ":version": scenario.map(|(_, version)| version),
            ":session": drill.session.map(|id| *id.as_bytes()),
            ":started": drill.started.as_millis(), ":ended": drill.ended.map(Instant::as_millis),
            ":voided": drill.voided, ":met": met, ":gaps": gaps.join(" "),
        },
    )?;
    Ok(())
}

/// One drill; none while its record was not assessed, or is no drill.
pub(crate) fn one(tx: &ReadTx<'_>, record: RecordId) -> Result<Option<Line>, Error> {
    Ok(tx
        .sql(&format!(
            "SELECT {COLUMNS} FROM drill WHERE drill.record = ?1"
        ))?
        .query_row([record.as_bytes()], read)
        .optional()?)
}

/// What the list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Of this office; none = every office.
    pub(crate) unit: Option<UnitId>,
    /// Of this player.
    pub(crate) officer: Option<OfficerId>,
    /// Of this scenario, whatever its version.
    pub(crate) scenario: Option<String>,
}

/// The query for a page, with the values of its conditions; those of LIMIT and OFFSET follow.
fn query(filter: &Filter) -> (String, Vec<SqlValue>) {
    let mut values: Vec<SqlValue> = Vec::new();
    let mut conditions = Vec::new();
    if let Some(officer) = filter.officer {
        conditions.push("drill.officer = ?");
        values.push(officer.as_bytes().to_vec().into());
    }
    if let Some(scenario) = &filter.scenario {
        conditions.push("drill.scenario = ?");
        values.push(scenario.clone().into());
    }
    if let Some(unit) = filter.unit {
        conditions.push("drill.unit = ?");
        values.push(unit.as_bytes().to_vec().into());
    }
    let conditions = if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM drill {conditions}
         ORDER BY drill.started_at DESC, drill.record LIMIT ? OFFSET ?"
    );
    (sql, values)
}

/// A page of drills, last begun first, and whether there is more.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    filter: &Filter,
    page: usize,
    size: usize,
) -> Result<(Vec<Line>, bool), Error> {
    let (sql, mut values) = query(filter);
    let window = [
        rows(size.saturating_add(1)),
        rows(page.saturating_mul(size)),
    ];
    values.extend(window.map(SqlValue::from));
    let mut statement = tx.sql(&sql)?;
    let found = statement.query_map(params_from_iter(values), read)?;
    let lines: Vec<Line> = found.collect::<Result<_, _>>()?;
    Ok(cut(lines, size))
}

/// The drills that an officer played, last begun first: for the officer's file.
pub(crate) fn of_officer(tx: &ReadTx<'_>, officer: OfficerId) -> Result<Vec<Line>, Error> {
    let filter = Filter {
        officer: Some(officer),
        ..Filter::default()
    };
    Ok(page(tx, &filter, 0, OF_OFFICER)?.0)
}

/// Who played, and which scenarios: the choices of the list's filters.
pub(crate) fn choices(
    tx: &ReadTx<'_>,
    unit: Option<UnitId>,
) -> Result<(BTreeSet<OfficerId>, BTreeSet<String>), Error> {
    let mut statement =
        tx.sql("SELECT DISTINCT officer, scenario FROM drill WHERE ?1 IS NULL OR unit = ?1")?;
    let (mut officers, mut scenarios) = (BTreeSet::new(), BTreeSet::new());
    let mut found = statement.query([unit.map(|unit| *unit.as_bytes())])?;
    while let Some(row) = found.next()? {
        officers.insert(OfficerId::from_bytes(row.get(0)?));
        scenarios.extend(row.get::<_, Option<String>>(1)?);
    }
    Ok((officers, scenarios))
}

/// What a judge thought of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Score {
    /// 0 to 5.
    pub(crate) score: u8,
    /// In the judge's words.
    pub(crate) remark: String,
    /// Who.
    pub(crate) judge: OfficerId,
    /// When.
    pub(crate) at: Instant,
}

/// The scores of a drill, by step.
pub(crate) fn scores(tx: &ReadTx<'_>, record: RecordId) -> Result<BTreeMap<String, Score>, Error> {
    let mut statement =
        tx.sql("SELECT step, score, remark, judge, at FROM drill_score WHERE record = ?1")?;
    let found = statement.query_map([record.as_bytes()], |row| {
        let score = Score {
            score: row.get(1)?,
            remark: row.get(2)?,
            judge: OfficerId::from_bytes(row.get(3)?),
            at: Instant::from_millis(row.get(4)?),
        };
        Ok((row.get(0)?, score))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Puts a score in place of an earlier one; none takes it away.
pub(crate) fn score(
    tx: &WriteTx<'_>,
    record: RecordId,
    step: &StepId,
    score: Option<&Score>,
) -> Result<(), Error> {
    let Some(score) = score else {
        tx.execute(
            "DELETE FROM drill_score WHERE record = ?1 AND step = ?2",
            (record.as_bytes(), step.as_str()),
        )?;
        return Ok(());
    };
    tx.execute(
        "INSERT INTO drill_score (record, step, score, remark, judge, at)
         VALUES (:record, :step, :score, :remark, :judge, :at)
         ON CONFLICT (record, step) DO UPDATE SET
         score = excluded.score, remark = excluded.remark, judge = excluded.judge, at = excluded.at",
        named_params! {
            ":record": record.as_bytes(), ":step": step.as_str(), ":score": score.score,
            ":remark": score.remark, ":judge": score.judge.as_bytes(), ":at": score.at.as_millis(),
        },
    )?;
    Ok(())
}

/// How the database would answer a page, in its own words.
#[cfg(test)]
pub(crate) fn plan(tx: &ReadTx<'_>, filter: &Filter) -> Result<String, Error> {
    let (sql, mut values) = query(filter);
    values.extend([1_i64, 0].map(SqlValue::from));
    let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3))?;
    Ok(steps.collect::<Result<Vec<_>, _>>()?.join("; "))
}
