//! Gaps as they were found, with when they were first seen and cured.

use super::{Error, ReadTx, WriteTx, rows, unsigned};
use rusqlite::{Row, named_params};
use shared::id::{RecordId, UnitId};
use shared::instant::Instant;
use shared::rules::gap::{Gap, Severity};

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
    /// Still open.
    pub(crate) open: bool,
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
    gap.status = 'open', gap.deadline_to, gap.first_seen, gap.cured_at, gap.unit, record.subject_name";

fn read(row: &Row<'_>) -> rusqlite::Result<GapRow> {
    Ok(GapRow {
        record: RecordId::from_bytes(row.get(0)?),
        rule: row.get(1)?,
        step: row.get(2)?,
        nth: row.get(3)?,
        state: row.get(4)?,
        severity: row.get(5)?,
        open: row.get(6)?,
        deadline: row.get::<_, Option<i64>>(7)?.map(Instant::from_millis),
        first_seen: Instant::from_millis(row.get(8)?),
        cured_at: row.get::<_, Option<i64>>(9)?.map(Instant::from_millis),
        unit: UnitId::from_bytes(row.get(10)?),
        subject_name: row.get(11)?,
    })
}

/// The number of each gap among those of the same rule and step, so that it keeps its row while its state changes.
pub(crate) fn numbered(gaps: &[Gap]) -> Vec<(u32, &Gap)> {
    let mut seen: std::collections::BTreeMap<(&str, &str), u32> = std::collections::BTreeMap::new();
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

/// Puts what an assessment found: new gaps open, found again stay open (a cured one opens again with its first date), and
/// what is no longer found is cured.
pub(crate) fn replace(
    tx: &WriteTx<'_>,
    record: RecordId,
    unit: UnitId,
    gaps: &[Gap],
    versions: &str,
    now: Instant,
) -> Result<(), Error> {
    let numbered = numbered(gaps);
    for (nth, gap) in &numbered {
        tx.execute(
            "INSERT INTO gap (record, rule, step, nth, state, severity, status, deadline_from, deadline_to,
                              first_seen, last_seen, versions, unit)
             VALUES (:record, :rule, :step, :nth, :state, :severity, 'open', :from, :to,
                     :now, :now, :versions, :unit)
             ON CONFLICT (record, rule, step, nth) DO UPDATE SET
             state = excluded.state, severity = excluded.severity, status = 'open', cured_at = NULL,
             deadline_from = excluded.deadline_from, deadline_to = excluded.deadline_to,
             last_seen = excluded.last_seen, versions = excluded.versions, unit = excluded.unit",
            named_params! {
                ":record": record.as_bytes(), ":rule": gap.rule.as_str(), ":step": gap.step.as_str(),
                ":nth": nth, ":state": gap.state.code(), ":severity": grade(gap.severity),
                ":from": gap.deadline.map(|d| d.earliest.as_millis()),
                ":to": gap.deadline.map(|d| d.latest.as_millis()),
                ":now": now.as_millis(), ":versions": versions, ":unit": unit.as_bytes(),
            },
        )?;
    }
    for row in of_record(tx, record)?.iter().filter(|row| row.open) {
        let found = numbered.iter().any(|(nth, gap)| {
            *nth == row.nth && gap.rule.as_str() == row.rule && gap.step.as_str() == row.step
        });
        if !found {
            tx.execute(
                "UPDATE gap SET status = 'cured', cured_at = :now, last_seen = :now, versions = :versions
                 WHERE record = :record AND rule = :rule AND step = :step AND nth = :nth",
                named_params! {
                    ":record": record.as_bytes(), ":rule": row.rule, ":step": row.step, ":nth": row.nth,
                    ":now": now.as_millis(), ":versions": versions,
                },
            )?;
        }
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

/// What the queue shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Of this office; none = every office.
    pub(crate) unit: Option<UnitId>,
    /// Of this grade.
    pub(crate) severity: Option<u8>,
    /// Cured ones instead of open ones.
    pub(crate) cured: bool,
}

const WHERE: &str = "gap.status = :status AND (:unit IS NULL OR gap.unit = :unit)
    AND (:severity IS NULL OR gap.severity = :severity)";

/// A page of the queue: gravest first, then the oldest.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    filter: &Filter,
    page: usize,
    size: usize,
) -> Result<Vec<GapRow>, Error> {
    let mut statement = tx.sql(&format!(
        "SELECT {COLUMNS} FROM gap JOIN record ON record.id = gap.record WHERE {WHERE}
         ORDER BY gap.severity DESC, gap.first_seen, gap.record, gap.rule, gap.nth LIMIT :limit OFFSET :offset"
    ))?;
    let found = statement.query_map(
        named_params! {
            ":status": if filter.cured { "cured" } else { "open" },
            ":unit": filter.unit.map(|unit| *unit.as_bytes()), ":severity": filter.severity,
            ":limit": rows(size), ":offset": rows(page.saturating_mul(size)),
        },
        read,
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// How many the filter lets through.
pub(crate) fn count(tx: &ReadTx<'_>, filter: &Filter) -> Result<usize, Error> {
    let count: i64 = tx
        .sql(&format!("SELECT count(*) FROM gap WHERE {WHERE}"))?
        .query_row(
            named_params! {
                ":status": if filter.cured { "cured" } else { "open" },
                ":unit": filter.unit.map(|unit| *unit.as_bytes()), ":severity": filter.severity,
            },
            |row| row.get(0),
        )?;
    Ok(usize::try_from(unsigned(count)).unwrap_or(usize::MAX))
}

/// Open gaps per grade, from G0 to G4.
pub(crate) fn by_grade(tx: &ReadTx<'_>, unit: Option<UnitId>) -> Result<[i64; 5], Error> {
    let mut out = [0; 5];
    let mut statement = tx.sql(
        "SELECT severity, count(*) FROM gap WHERE status = 'open' AND (?1 IS NULL OR unit = ?1)
         GROUP BY severity",
    )?;
    let mut found = statement.query([unit.map(|unit| *unit.as_bytes())])?;
    while let Some(row) = found.next()? {
        if let Some(place) = out.get_mut(usize::from(row.get::<_, u8>(0)?)) {
            *place = row.get(1)?;
        }
    }
    Ok(out)
}
