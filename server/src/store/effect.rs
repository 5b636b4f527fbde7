//! Records that officers began between two moments, and the gaps in them: what a session's effect is read from.
//! Apart because every record of the windows is counted: that goes along two indexes, and only what is shown is looked up.

use super::{Error, ReadTx};
use rusqlite::named_params;
use shared::id::{OfficerId, RecordId, RuleId, StepId, UnitId};
use shared::instant::Instant;
use std::collections::BTreeSet;

/// What is shown of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its office.
    pub(crate) unit: UnitId,
    /// Its procedure's id.
    pub(crate) procedure: String,
    /// On whose premises.
    pub(crate) subject_name: String,
    /// Rule and step of each gap in it that counts.
    pub(crate) gaps: BTreeSet<(String, String)>,
}

/// Visits that are over. A voided record and a drill leave no visit behind.
const VISITS: &str = "SELECT record, start_at, procedure FROM visit_officer
     WHERE officer = :officer AND start_at >= :from AND start_at < :to AND end_at IS NOT NULL";

/// A gap counts even if it was cured later: what was missed on the day was missed. One that a supervisor dismissed was none, even
/// if it was found to be gone afterwards.
const LACKING: &str =
    "SELECT record FROM gap WHERE rule = ?1 AND step = ?2 AND stage <> 'dismissed'";

const GAPS: &str = "SELECT rule, step FROM gap WHERE record = ?1 AND stage <> 'dismissed'";

/// Tells of every visit that this officer began from one moment until before the other: record, moment, procedure.
pub(crate) fn begun(
    tx: &ReadTx<'_>,
    officer: OfficerId,
    (from, to): (Instant, Instant),
    mut tell: impl FnMut(RecordId, Instant, &str),
) -> Result<(), Error> {
    let mut statement = tx.sql(VISITS)?;
    let mut rows = statement.query(named_params! {
        ":officer": officer.as_bytes(), ":from": from.as_millis(), ":to": to.as_millis(),
    })?;
    while let Some(row) = rows.next()? {
        let procedure = row.get_ref(2)?.as_str();
        let procedure = procedure.map_err(|_| Error::Corrupt("a visit's procedure"))?;
        let start = Instant::from_millis(row.get(1)?);
        tell(RecordId::from_bytes(row.get(0)?), start, procedure);
    }
    Ok(())
}

/// Tells of every record in which this rule found something at this step; of one that it found twice, twice.
pub(crate) fn lacking(
    tx: &ReadTx<'_>,
    (rule, step): &(RuleId, StepId),
    mut tell: impl FnMut(RecordId),
) -> Result<(), Error> {
    let mut statement = tx.sql(LACKING)?;
    let mut rows = statement.query((rule.as_str(), step.as_str()))?;
    while let Some(row) = rows.next()? {
        tell(RecordId::from_bytes(row.get(0)?));
    }
    Ok(())
}

/// What is shown of a record that has a visit.
pub(crate) fn shown(tx: &ReadTx<'_>, record: RecordId) -> Result<Shown, Error> {
    let mut gaps = tx.sql(GAPS)?;
    let gaps = gaps.query_map([record.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let gaps = gaps.collect::<Result<_, _>>()?;
    let found = tx
        .sql("SELECT unit, procedure, subject_name FROM record WHERE id = ?1")?
        .query_row([record.as_bytes()], |row| {
            Ok(Shown {
                unit: UnitId::from_bytes(row.get(0)?),
                procedure: row.get(1)?,
                subject_name: row.get(2)?,
                gaps,
            })
        })?;
    Ok(found)
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

    /// A visit of the procedure XZJC by these officers.
    struct Made<'a> {
        n: u8,
        start: i64,
        end: Option<i64>,
        officers: &'a [u8],
    }

    fn make(tx: &WriteTx<'_>, made: &Made<'_>) {
        let (record, start) = (id(made.n), made.start);
        tx.execute(
            "INSERT INTO record (id, unit, drill, subject_name, procedure, created_at, changed_at)
             VALUES (?1, ?2, 0, '示例', 'XZJC', 0, 0)",
            (record, id(1)),
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
                "INSERT INTO visit_officer (record, officer, start_at, end_at, procedure) VALUES (?1, ?2, ?3, ?4, 'XZJC')",
                (record, id(*officer), start, made.end),
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

    /// What officers 2 and 3 began from 100 until before 200 is 1, 2 and 9.
    fn fill(tx: &WriteTx<'_>) {
        // The window's first moment counts, its last does not.
        make(tx, &BASE);
        make(tx, &BASE.at(2, 199));
        make(tx, &BASE.at(3, 99));
        make(tx, &BASE.at(4, 200));
        // A visit that is not over, and somebody else's.
        let mut never = BASE.at(7, 150);
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
        // Dismissed, and one that was found to be gone after that.
        gap(tx, 2, "R09", 0, ("dismissed", "dismissed"));
        gap(tx, 2, "R10", 0, ("cured", "dismissed"));
    }

    #[tokio::test]
    async fn what_began_within_and_is_over_is_told_with_what_it_lacks() {
        let (_dir, store) = store();
        let record = |n| RecordId::from_bytes(id(n));
        let (told, lacking, shown) = store
            .write(move |tx| {
                fill(tx);
                let mut told = BTreeSet::new();
                for officer in [2, 3].map(|n| OfficerId::from_bytes(id(n))) {
                    begun(tx, officer, (at(100), at(200)), |id, start, procedure| {
                        assert_eq!(procedure, "XZJC");
                        told.insert((id, start));
                    })?;
                }
                let mut without = Vec::new();
                for rule in ["R09", "R10"] {
                    let key = (RuleId::new(rule).unwrap(), StepId::new("JC-10").unwrap());
                    lacking(tx, &key, |id| without.push((rule, id)))?;
                }
                Ok((
                    told,
                    without,
                    [shown(tx, record(1))?, shown(tx, record(2))?],
                ))
            })
            .await
            .unwrap();
        let expected = [(1, 100), (2, 199), (9, 150)];
        let expected = expected.map(|(n, start)| (record(n), at(start)));
        assert_eq!(told, BTreeSet::from(expected));
        let expected = [("R09", record(1)), ("R09", record(1)), ("R10", record(1))];
        assert_eq!(lacking, expected);
        let expected = ["R09", "R10"].map(|rule| (rule.to_owned(), "JC-10".to_owned()));
        assert_eq!(shown[0].gaps, BTreeSet::from(expected));
        assert!(shown[1].gaps.is_empty());
    }

    #[tokio::test]
    async fn records_and_gaps_are_read_along_indexes() {
        let (_dir, store) = store();
        let plan = store
            .read(|tx| {
                let mut steps = Vec::new();
                for sql in [VISITS, LACKING, GAPS] {
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
        for covering in ["visit_officer_time", "gap_found"] {
            let covering = format!("COVERING INDEX {covering}");
            assert!(plan.contains(&covering), "{plan}");
        }
        assert!(
            !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }
}
