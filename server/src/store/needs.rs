//! What an officer's needs are judged by: the last records that an officer acted in, with their gaps.
//! Apart because only these few are read, along an index, however many records an office has.

use super::{Error, ReadTx, rows};
use rusqlite::named_params;
use shared::id::{OfficerId, RecordId, RuleId, StepId, UnitId};
use shared::instant::Instant;
use shared::rules::gap::Severity;
use shared::training::needs::{Found, GapKey, LOOKED_AT, Record};
use std::collections::{BTreeMap, BTreeSet};

/// An officer's last visits that have ended, newest first. A voided record and a drill leave no visit behind; that they do not
/// count is said here once more.
const LAST: &str = "SELECT visit_officer.record, visit_officer.start_at
    FROM visit_officer CROSS JOIN visit ON visit.record = visit_officer.record
    CROSS JOIN record ON record.id = visit_officer.record
    WHERE visit_officer.officer = :officer AND visit.end_at IS NOT NULL
      AND record.drill = 0 AND record.voided = 0 AND (:unit IS NULL OR visit.unit = :unit)
    ORDER BY visit_officer.start_at DESC, visit_officer.record DESC LIMIT :limit";

/// A record's gaps.
const GAPS: &str = "SELECT rule, step, nth, severity, status <> 'cured' FROM gap WHERE record = ?1
    ORDER BY rule, step, nth";

const fn severity(grade: u8) -> Option<Severity> {
    Some(match grade {
        0 => Severity::G0,
        1 => Severity::G1,
        2 => Severity::G2,
        3 => Severity::G3,
        4 => Severity::G4,
        _ => return None,
    })
}

/// Gaps of records, each record read once: officers go out in twos.
#[derive(Default)]
pub(crate) struct Read(BTreeMap<RecordId, Vec<Found>>);

impl Read {
    fn gaps(&mut self, tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<Found>, Error> {
        if let Some(known) = self.0.get(&record) {
            return Ok(known.clone());
        }
        let found = gaps(tx, record)?;
        self.0.insert(record, found.clone());
        Ok(found)
    }

    /// The last records in which the officer acted, newest first, each with its gaps; `unit` none = of every office.
    pub(crate) fn last(
        &mut self,
        tx: &ReadTx<'_>,
        officer: OfficerId,
        unit: Option<UnitId>,
    ) -> Result<Vec<Record>, Error> {
        let mut statement = tx.sql(LAST)?;
        let visits = statement.query_map(
            named_params! {
                ":officer": officer.as_bytes(), ":unit": unit.map(|unit| *unit.as_bytes()),
                ":limit": rows(LOOKED_AT),
            },
            |row| {
                let at = Instant::from_millis(row.get(1)?);
                Ok((RecordId::from_bytes(row.get(0)?), at))
            },
        )?;
        let visits: Vec<(RecordId, Instant)> = visits.collect::<Result<_, _>>()?;
        visits
            .into_iter()
            .map(|(id, at)| {
                let gaps = self.gaps(tx, id)?;
                Ok(Record { id, at, gaps })
            })
            .collect()
    }
}

fn gaps(tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<Found>, Error> {
    let mut statement = tx.sql(GAPS)?;
    let mut found = statement.query([record.as_bytes()])?;
    let mut out = Vec::new();
    while let Some(row) = found.next()? {
        let (rule, step): (String, String) = (row.get(0)?, row.get(1)?);
        let key = GapKey {
            record,
            rule: RuleId::new(&rule).map_err(|_| Error::Corrupt("a gap's rule"))?,
            step: StepId::new(&step).map_err(|_| Error::Corrupt("a gap's step"))?,
            nth: row.get(2)?,
        };
        out.push(Found {
            key,
            severity: severity(row.get(3)?).ok_or(Error::Corrupt("a gap's severity"))?,
            open: row.get(4)?,
        });
    }
    Ok(out)
}

/// A record's gaps that a supervisor found to be none.
const DISMISSED: &str = "SELECT rule, step, nth FROM gap WHERE record = ?1 AND stage = 'dismissed'";

/// Gaps of these records that a supervisor looked at and found to be none.
pub(crate) fn dismissed(
    tx: &ReadTx<'_>,
    records: &BTreeSet<RecordId>,
) -> Result<BTreeSet<GapKey>, Error> {
    let mut statement = tx.sql(DISMISSED)?;
    let mut out = BTreeSet::new();
    for record in records {
        let mut found = statement.query([record.as_bytes()])?;
        while let Some(row) = found.next()? {
            let (rule, step): (String, String) = (row.get(0)?, row.get(1)?);
            out.insert(GapKey {
                record: *record,
                rule: RuleId::new(&rule).map_err(|_| Error::Corrupt("a gap's rule"))?,
                step: StepId::new(&step).map_err(|_| Error::Corrupt("a gap's step"))?,
                nth: row.get(2)?,
            });
        }
    }
    Ok(out)
}

/// How the database would answer, in its own words.
#[cfg(test)]
pub(crate) fn plan(tx: &ReadTx<'_>) -> Result<String, Error> {
    let mut steps = Vec::new();
    for sql in [LAST, GAPS, DISMISSED] {
        let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut found = statement.raw_query();
        while let Some(row) = found.next()? {
            steps.push(row.get::<_, String>(3)?);
        }
    }
    Ok(steps.join("; "))
}
