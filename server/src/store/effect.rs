//! Records that officers began between two moments, and the gaps in them: what a session's effect is read from.

use super::{Error, ReadTx};
use rusqlite::named_params;
use shared::id::{OfficerId, RecordId, UnitId};
use shared::instant::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// A record that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    /// When its visit began.
    pub(crate) start: Instant,
    /// Its office.
    pub(crate) unit: UnitId,
    /// Its procedure's id.
    pub(crate) procedure: String,
    /// On whose premises.
    pub(crate) subject_name: String,
    /// Rule and step of each gap in it.
    pub(crate) gaps: BTreeSet<(String, String)>,
}

/// Visits that are over, in records that count: no drills, nothing voided.
const VISITS: &str = "SELECT visit.record, visit.start_at, visit.unit, visit.procedure, record.subject_name
     FROM visit_officer JOIN visit ON visit.record = visit_officer.record
     JOIN record ON record.id = visit.record
     WHERE visit_officer.officer = :officer AND visit_officer.start_at >= :from AND visit_officer.start_at < :to
       AND visit.end_at IS NOT NULL AND record.drill = 0 AND record.voided = 0";

/// A gap counts even if it was cured later: what was missed on the day was missed. One that a supervisor dismissed was none, even
/// if it was found to be gone afterwards.
const GAPS: &str = "SELECT rule, step FROM gap WHERE record = ?1 AND stage <> 'dismissed'";

/// The records that any of these officers began from one moment until before another, each once.
pub(crate) fn records(
    tx: &ReadTx<'_>,
    officers: &BTreeSet<OfficerId>,
    (from, to): (Instant, Instant),
) -> Result<BTreeMap<RecordId, Counted>, Error> {
    let mut visits = tx.sql(VISITS)?;
    let mut out = BTreeMap::new();
    for officer in officers {
        let found = visits.query_map(
            named_params! {
                ":officer": officer.as_bytes(), ":from": from.as_millis(), ":to": to.as_millis(),
            },
            |row| {
                let counted = Counted {
                    start: Instant::from_millis(row.get(1)?),
                    unit: UnitId::from_bytes(row.get(2)?),
                    procedure: row.get(3)?,
                    subject_name: row.get(4)?,
                    gaps: BTreeSet::new(),
                };
                Ok((RecordId::from_bytes(row.get(0)?), counted))
            },
        )?;
        for row in found {
            let (id, counted) = row?;
            out.insert(id, counted);
        }
    }
    let mut gaps = tx.sql(GAPS)?;
    for (id, counted) in &mut out {
        let found = gaps.query_map([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        counted.gaps = found.collect::<Result<_, _>>()?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::WriteTx;
    use crate::store::tests::store;

    fn id(n: u8) -> [u8; 16] {
        [n; 16]
    }

    fn at(millis: i64) -> Instant {
        Instant::from_millis(millis)
    }

    /// A record of the procedure XZJC from a moment, by these officers.
    struct Made<'a> {
        n: u8,
        start: i64,
        end: Option<i64>,
        drill: bool,
        voided: bool,
        officers: &'a [u8],
    }

    fn make(tx: &WriteTx<'_>, made: &Made<'_>) {
        let (record, start) = (id(made.n), made.start);
        tx.execute(
            "INSERT INTO record (id, unit, drill, subject_name, voided, created_at, changed_at)
             VALUES (?1, ?2, ?3, '示例', ?4, 0, 0)",
            (record, id(1), made.drill, made.voided),
        )
        .unwrap();
        tx.execute(
            "INSERT INTO visit (record, unit, procedure, start_at, end_at, year, place)
             VALUES (?1, ?2, 'XZJC', ?3, ?4, 2026, '')",
            (record, id(1), start, made.end),
        )
        .unwrap();
        for officer in made.officers {
            tx.execute(
                "INSERT INTO visit_officer (record, officer, start_at) VALUES (?1, ?2, ?3)",
                (record, id(*officer), start),
            )
            .unwrap();
        }
    }

    fn gap(tx: &WriteTx<'_>, record: u8, rule: &str, nth: i64, (status, stage): (&str, &str)) {
        let cured = status == "cured";
        tx.execute(
            "INSERT INTO gap (record, rule, step, nth, state, severity, status, stage, first_seen, last_seen, cured_at,
                              versions, unit) VALUES (?1, ?2, 'JC-10', ?3, 'missing', 2, ?4, ?5, 0, 0, ?6, '', ?7)",
            (
                id(record),
                rule,
                nth,
                status,
                stage,
                cured.then_some(0),
                id(1),
            ),
        )
        .unwrap();
    }

    const BASE: Made<'_> = Made {
        n: 1,
        start: 100,
        end: Some(110),
        drill: false,
        voided: false,
        officers: &[2],
    };

    impl Made<'_> {
        /// The same as another record, from another moment.
        fn at(&self, n: u8, start: i64) -> Self {
            let end = Some(start + 10);
            Self {
                n,
                start,
                end,
                ..*self
            }
        }
    }

    /// What counts from 100 until before 200 is 1, 2 and 9.
    fn fill(tx: &WriteTx<'_>) {
        // The window's first moment counts, its last does not.
        make(tx, &BASE);
        make(tx, &BASE.at(2, 199));
        make(tx, &BASE.at(3, 99));
        make(tx, &BASE.at(4, 200));
        let mut never = BASE.at(5, 150);
        never.drill = true;
        make(tx, &never);
        never = BASE.at(6, 150);
        never.voided = true;
        make(tx, &never);
        // A visit that is not over, and somebody else's.
        never = BASE.at(7, 150);
        never.end = None;
        make(tx, &never);
        never = BASE.at(8, 150);
        never.officers = &[9];
        make(tx, &never);
        // Two officers of the group, and one of another.
        let mut shared = BASE.at(9, 150);
        shared.officers = &[2, 3, 9];
        make(tx, &shared);
        gap(tx, 1, "R09", 0, ("open", "new"));
        gap(tx, 1, "R09", 1, ("upheld", "upheld"));
        gap(tx, 1, "R10", 0, ("cured", "resubmitted"));
        gap(tx, 5, "R09", 0, ("open", "new"));
        // Dismissed, and one that was found to be gone after that.
        gap(tx, 2, "R09", 0, ("dismissed", "dismissed"));
        gap(tx, 2, "R10", 0, ("cured", "dismissed"));
    }

    #[tokio::test]
    async fn a_record_counts_once_and_only_if_it_is_real_over_and_within() {
        let (_dir, store) = store();
        let found = store
            .write(|tx| {
                fill(tx);
                let group = [2, 3].map(|n| OfficerId::from_bytes(id(n)));
                records(tx, &BTreeSet::from(group), (at(100), at(200)))
            })
            .await
            .unwrap();
        let ids: Vec<RecordId> = found.keys().copied().collect();
        assert_eq!(ids, [1, 2, 9].map(|n| RecordId::from_bytes(id(n))));
        let gaps = |n| &found[&RecordId::from_bytes(id(n))].gaps;
        let expected = ["R09", "R10"].map(|rule| (rule.to_owned(), "JC-10".to_owned()));
        assert_eq!(*gaps(1), BTreeSet::from(expected));
        assert!(gaps(2).is_empty() && gaps(9).is_empty());
    }

    #[tokio::test]
    async fn records_and_gaps_are_read_along_indexes() {
        let (_dir, store) = store();
        let plan = store
            .read(|tx| {
                let mut steps = Vec::new();
                for sql in [VISITS, GAPS] {
                    let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                    let mut rows = statement.raw_query();
                    while let Some(row) = rows.next()? {
                        steps.push(row.get::<_, String>(3)?);
                    }
                }
                Ok(steps.join("; "))
            })
            .await
            .unwrap();
        assert!(plan.contains("visit_officer_time"), "{plan}");
        assert!(
            !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }
}
