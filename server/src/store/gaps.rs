//! Gaps as they were found, with when they were first seen and cured.

use super::{Error, ReadTx, WriteTx, rows, unsigned};
use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, named_params, params_from_iter};
use shared::fold::{Facts, Stage};
use shared::id::{RecordId, RuleId, StepId, UnitId};
use shared::instant::Instant;
use shared::rules::gap::{Gap, Severity};
use std::collections::BTreeMap;

/// The number of a grade in storage; grave ones are higher.
pub(crate) const fn grade(severity: Severity) -> u8 {
    match severity {
        Severity::G0 => 0,
        Severity::G1 => 1,
        Severity::G2 => 2,
        Severity::G3 => 3,
        Severity::G4 => 4,
    }
}

/// Who is to do something about a gap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// A supervisor.
    #[default]
    Open,
    /// The officer.
    Waiting,
    /// Nobody: a supervisor found that it is one.
    Upheld,
    /// Nobody: a supervisor found that it is none.
    Dismissed,
    /// Nobody: it is no longer found.
    Cured,
}

impl Status {
    /// Every status.
    pub(crate) const ALL: [Self; 5] = [
        Self::Open,
        Self::Waiting,
        Self::Upheld,
        Self::Dismissed,
        Self::Cured,
    ];

    /// The code in storage, in addresses and in message keys.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
            Self::Cured => "cured",
        }
    }

    /// The status of this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    const fn of(stage: Stage) -> Self {
        match stage {
            Stage::New | Stage::Explained | Stage::Resubmitted => Self::Open,
            Stage::Asked | Stage::Returned => Self::Waiting,
            Stage::Upheld => Self::Upheld,
            Stage::Dismissed => Self::Dismissed,
        }
    }
}

/// A gap as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GapRow {
    /// The record.
    pub(crate) record: RecordId,
    /// The rule.
    pub(crate) rule: String,
    /// The step.
    pub(crate) step: String,
    /// Which of several of this rule at this step.
    pub(crate) nth: u32,
    /// What is the matter, by code.
    pub(crate) state: String,
    /// 0 to 4.
    pub(crate) severity: u8,
    /// Who is to do something.
    pub(crate) status: Status,
    /// Where it stands between supervisor and officer, by [`Stage::code`].
    pub(crate) stage: String,
    /// The limit's end, the later one of a range.
    pub(crate) deadline: Option<Instant>,
    /// When it was first found.
    pub(crate) first_seen: Instant,
    /// When it was found to be gone.
    pub(crate) cured_at: Option<Instant>,
    /// Whose record it is.
    pub(crate) unit: UnitId,
    /// On whose premises.
    pub(crate) subject_name: String,
}

const COLUMNS: &str = "gap.record, gap.rule, gap.step, gap.nth, gap.state, gap.severity,
    gap.status, gap.deadline_to, gap.first_seen, gap.cured_at, gap.unit, record.subject_name,
    gap.stage";

fn read(row: &Row<'_>) -> rusqlite::Result<GapRow> {
    Ok(GapRow {
        record: RecordId::from_bytes(row.get(0)?),
        rule: row.get(1)?,
        step: row.get(2)?,
        nth: row.get(3)?,
        state: row.get(4)?,
        severity: row.get(5)?,
        status: Status::from_code(&row.get::<_, String>(6)?).unwrap_or_default(),
        deadline: row.get::<_, Option<i64>>(7)?.map(Instant::from_millis),
        first_seen: Instant::from_millis(row.get(8)?),
        cured_at: row.get::<_, Option<i64>>(9)?.map(Instant::from_millis),
        unit: UnitId::from_bytes(row.get(10)?),
        subject_name: row.get(11)?,
        stage: row.get(12)?,
    })
}

/// The number of each gap among those of the same rule and step, so that it keeps its row while its state changes.
pub(crate) fn numbered(gaps: &[Gap]) -> Vec<(u32, &Gap)> {
    let mut seen: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    gaps.iter()
        .map(|gap| {
            let nth = seen
                .entry((gap.rule.as_str(), gap.step.as_str()))
                .or_default();
            *nth += 1;
            (*nth - 1, gap)
        })
        .collect()
}

/// What an assessment found, and what was said of it.
pub(crate) struct Found<'a> {
    pub(crate) gaps: &'a [Gap],
    pub(crate) facts: &'a Facts,
}

/// What an assessment changed in a record's gaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Found now and not before.
    pub(crate) opened: usize,
    /// Found before and not now.
    pub(crate) cured: usize,
    /// Whether any row is another than before.
    pub(crate) any: bool,
}

/// A row as an assessment would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    state: String,
    severity: u8,
    status: &'static str,
    stage: String,
    deadline: Option<(i64, i64)>,
    versions: String,
    unit: UnitId,
}

/// The key of a row within its record.
type Key = (String, String, u32);

/// What this assessment finds, as rows.
fn wanted(unit: UnitId, found: &Found<'_>, versions: &str) -> Vec<(Key, Kept)> {
    let rows = numbered(found.gaps).into_iter().map(|(nth, gap)| {
        let stage = found.facts.stage(&gap.step, &gap.rule);
        let kept = Kept {
            state: gap.state.code().to_owned(),
            severity: grade(gap.severity),
            status: Status::of(stage).code(),
            stage: stage.code().to_owned(),
            deadline: gap
                .deadline
                .map(|d| (d.earliest.as_millis(), d.latest.as_millis())),
            versions: versions.to_owned(),
            unit,
        };
        ((gap.rule.to_string(), gap.step.to_string(), nth), kept)
    });
    rows.collect()
}

/// The rows of a record as they stand.
fn standing(tx: &ReadTx<'_>, record: RecordId) -> Result<BTreeMap<Key, Kept>, Error> {
    let mut statement = tx.sql(
        "SELECT rule, step, nth, state, severity, status, stage, deadline_from, deadline_to, versions, unit
         FROM gap WHERE record = ?1",
    )?;
    let rows = statement.query_map([record.as_bytes()], |row| {
        let from: Option<i64> = row.get(7)?;
        let to: Option<i64> = row.get(8)?;
        let kept = Kept {
            state: row.get(3)?,
            severity: row.get(4)?,
            status: Status::from_code(&row.get::<_, String>(5)?)
                .unwrap_or_default()
                .code(),
            stage: row.get(6)?,
            deadline: from.zip(to),
            versions: row.get(9)?,
            unit: UnitId::from_bytes(row.get(10)?),
        };
        Ok(((row.get(0)?, row.get(1)?, row.get(2)?), kept))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts what an assessment found: new gaps open, found again stay open (a cured one opens again with its first date), and
/// what is no longer found is cured. A row that says it already is not written: judging all records again costs what changed.
pub(crate) fn replace(
    tx: &WriteTx<'_>,
    record: RecordId,
    unit: UnitId,
    found: &Found<'_>,
    versions: &str,
    now: Instant,
) -> Result<Change, Error> {
    let mut known = standing(tx, record)?;
    let mut change = Change::default();
    for (key, new) in wanted(unit, found, versions) {
        let old = known.remove(&key);
        if old.as_ref() == Some(&new) {
            continue;
        }
        change.any = true;
        let stood = old.is_some_and(|old| old.status != Status::Cured.code());
        change.opened += usize::from(!stood);
        put(tx, record, &key, &new, now)?;
    }
    for ((rule, step, nth), old) in known {
        if old.status == Status::Cured.code() {
            continue;
        }
        change.any = true;
        change.cured += 1;
        let stage = match (StepId::new(&step), RuleId::new(&rule)) {
            (Ok(step), Ok(rule)) => found.facts.stage(&step, &rule).code(),
            _ => &old.stage,
        };
        tx.execute(
            "UPDATE gap SET status = 'cured', stage = :stage, cured_at = :now, last_seen = :now,
             versions = :versions
             WHERE record = :record AND rule = :rule AND step = :step AND nth = :nth",
            named_params! {
                ":record": record.as_bytes(), ":rule": rule, ":step": step, ":nth": nth,
                ":now": now.as_millis(), ":versions": versions, ":stage": stage,
            },
        )?;
    }
    Ok(change)
}

fn put(
    tx: &WriteTx<'_>,
    record: RecordId,
    (rule, step, nth): &Key,
    new: &Kept,
    now: Instant,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO gap (record, rule, step, nth, state, severity, status, stage, deadline_from, deadline_to,
                          first_seen, last_seen, versions, unit)
         VALUES (:record, :rule, :step, :nth, :state, :severity, :status, :stage, :from, :to,
                 :now, :now, :versions, :unit)
         ON CONFLICT (record, rule, step, nth) DO UPDATE SET
         state = excluded.state, severity = excluded.severity, status = excluded.status,
         stage = excluded.stage, cured_at = NULL,
         deadline_from = excluded.deadline_from, deadline_to = excluded.deadline_to,
         last_seen = excluded.last_seen, versions = excluded.versions, unit = excluded.unit",
        named_params! {
            ":record": record.as_bytes(), ":rule": rule, ":step": step, ":nth": nth,
            ":state": new.state, ":severity": new.severity,
            ":status": new.status, ":stage": new.stage,
            ":from": new.deadline.map(|(from, _)| from), ":to": new.deadline.map(|(_, to)| to),
            ":now": now.as_millis(), ":versions": new.versions, ":unit": new.unit.as_bytes(),
        },
    )?;
    Ok(())
}

/// Renews what is kept beside a record's gaps so that lists need not look it up: the matter, and the steps that lack something.
pub(crate) fn beside(tx: &WriteTx<'_>, record: RecordId) -> Result<(), Error> {
    for sql in [
        "UPDATE gap SET matter = record.matter FROM record
         WHERE gap.record = ?1 AND record.id = ?1 AND gap.matter IS NOT record.matter",
        "DELETE FROM lack WHERE record = ?1",
        "INSERT INTO lack (record, step, procedure, month, unit, open)
         SELECT record.id, gap.step, record.procedure,
                strftime('%Y-%m', record.created_at / 1000 + 28800, 'unixepoch'),
                record.unit, max(gap.status = 'open')
         FROM gap JOIN record ON record.id = gap.record
         WHERE gap.record = ?1 AND gap.status <> 'dismissed'
         AND record.drill = 0 AND record.voided = 0 AND record.procedure IS NOT NULL
         GROUP BY gap.step",
    ] {
        tx.execute(sql, [record.as_bytes()])?;
    }
    Ok(())
}

/// Every gap of a record, open ones first, gravest first.
pub(crate) fn of_record(tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<GapRow>, Error> {
    let mut statement = tx.sql(&format!(
        "SELECT {COLUMNS} FROM gap JOIN record ON record.id = gap.record WHERE gap.record = ?1
         ORDER BY gap.status = 'cured', gap.severity DESC, gap.step, gap.rule, gap.nth"
    ))?;
    let found = statement.query_map([record.as_bytes()], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// What the queue shows first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// The gravest, and of these the oldest.
    #[default]
    Gravest,
    /// What has the least time left; what has no limit comes last.
    TimeLeft,
}

/// What the queue shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Of this office; none = every office.
    pub(crate) unit: Option<UnitId>,
    /// Of this grade.
    pub(crate) severity: Option<u8>,
    /// Of this status.
    pub(crate) status: Status,
    /// At this step.
    pub(crate) step: Option<String>,
    /// Of this rule.
    pub(crate) rule: Option<String>,
    /// In records of this matter.
    pub(crate) matter: Option<String>,
    /// In this state, by code.
    pub(crate) state: Option<String>,
    /// First seen from the one moment until before the other.
    pub(crate) seen: Option<(Instant, Instant)>,
    /// What comes first.
    pub(crate) order: Order,
}

impl Filter {
    /// The conditions that are asked for, with their values. Only these stand in the query, so that an index can answer it.
    fn conditions(&self) -> (String, Vec<SqlValue>) {
        let mut sql = "gap.status = ?".to_owned();
        if self.seen.is_some() && self.severity.is_none() {
            // Every grade: so the index goes to the moments of each instead of through all of them.
            sql.push_str(" AND gap.severity IN (0, 1, 2, 3, 4)");
        }
        let mut values: Vec<SqlValue> = vec![self.status.code().to_owned().into()];
        let mut and = |condition: &str, value: SqlValue| {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        };
        if let Some(unit) = self.unit {
            and("gap.unit = ?", unit.as_bytes().to_vec().into());
        }
        if let Some(grade) = self.severity {
            and("gap.severity = ?", i64::from(grade).into());
        }
        let codes = [
            ("gap.step = ?", &self.step),
            ("gap.rule = ?", &self.rule),
            ("gap.matter = ?", &self.matter),
            ("gap.state = ?", &self.state),
        ];
        for (condition, code) in codes {
            if let Some(code) = code {
                and(condition, code.clone().into());
            }
        }
        if let Some((from, to)) = self.seen {
            and("gap.first_seen >= ?", from.as_millis().into());
            and("gap.first_seen < ?", to.as_millis().into());
        }
        (sql, values)
    }
}

/// The query for a page of the queue, with the values of its conditions; those of LIMIT and OFFSET follow. The keys are found in
/// the index alone, so that a late page does not look up every line before it.
fn queue(filter: &Filter) -> (String, Vec<SqlValue>) {
    let (conditions, values) = filter.conditions();
    let order = match filter.order {
        Order::Gravest => "",
        Order::TimeLeft => "gap.deadline_to IS NULL, gap.deadline_to,",
    };
    let order = format!(
        "{order} gap.severity DESC, gap.first_seen, gap.record, gap.rule, gap.step, gap.nth"
    );
    let sql = format!(
        "SELECT {COLUMNS}
         FROM (SELECT record, rule, step, nth FROM gap WHERE {conditions} ORDER BY {order} LIMIT ? OFFSET ?) AS shown
         JOIN gap ON gap.record = shown.record AND gap.rule = shown.rule AND gap.step = shown.step AND gap.nth = shown.nth
         JOIN record ON record.id = gap.record
         ORDER BY {order}"
    );
    (sql, values)
}

/// How the database would answer, in its own words.
///
/// # Errors
/// The database fails.
#[cfg(test)]
pub(crate) fn plan(tx: &ReadTx<'_>, filter: &Filter) -> Result<String, Error> {
    let (sql, mut values) = queue(filter);
    values.extend([1_i64, 0].map(SqlValue::from));
    let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3))?;
    Ok(steps.collect::<Result<Vec<_>, _>>()?.join("; "))
}

/// A page of the queue.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    filter: &Filter,
    page: usize,
    size: usize,
) -> Result<Vec<GapRow>, Error> {
    let (sql, mut values) = queue(filter);
    values.extend([rows(size), rows(page.saturating_mul(size))].map(SqlValue::from));
    let mut statement = tx.sql(&sql)?;
    let found = statement.query_map(params_from_iter(values), read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// How many the filter lets through.
pub(crate) fn count(tx: &ReadTx<'_>, filter: &Filter) -> Result<usize, Error> {
    let (conditions, values) = filter.conditions();
    let count: i64 = tx
        .sql(&format!("SELECT count(*) FROM gap WHERE {conditions}"))?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(usize::try_from(unsigned(count)).unwrap_or(usize::MAX))
}

/// Gaps that wait for a supervisor per grade, from G0 to G4.
pub(crate) fn by_grade(tx: &ReadTx<'_>, unit: Option<UnitId>) -> Result<[i64; 5], Error> {
    let mut out = [0; 5];
    let (of_unit, values) = match unit {
        Some(unit) => (
            " AND unit = ?",
            vec![SqlValue::from(unit.as_bytes().to_vec())],
        ),
        None => ("", Vec::new()),
    };
    // Only with conditions that are asked for does an index answer alone.
    let mut statement = tx.sql(&format!(
        "SELECT severity, count(*) FROM gap WHERE status = 'open'{of_unit} GROUP BY severity"
    ))?;
    let mut found = statement.query(params_from_iter(values))?;
    while let Some(row) = found.next()? {
        if let Some(place) = out.get_mut(usize::from(row.get::<_, u8>(0)?)) {
            *place = row.get(1)?;
        }
    }
    Ok(out)
}
