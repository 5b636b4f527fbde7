//! What the rules last found in the owner's own records: numbers per record, so that home judges none of ten thousand.
//! Apart because a record is only marked when it changes and judged when somebody looks: saving an answer waits for no rule.

use super::{Result, WriteTx, count, id, number};
use crate::store::records::List;
use rusqlite::{Connection, named_params};
use shared::domain::reference::RefSet;
use shared::id::RecordId;
use shared::instant::Instant;

const TOUCH: &str = "INSERT INTO own_gaps (record, found, worst, look_at) VALUES (:record, 0, 0, 0)
    ON CONFLICT (record) DO UPDATE SET look_at = 0";
const DROP: &str = "DELETE FROM own_gaps WHERE record = :record";
const AGAIN: &str = "UPDATE own_gaps SET look_at = 0
    WHERE record IN (SELECT record FROM records WHERE list = :open)";
const DUE: &str = "SELECT record FROM own_gaps WHERE look_at <= :now
    ORDER BY look_at, record DESC LIMIT :limit";
const WAITING: &str = "SELECT COUNT(*) FROM own_gaps WHERE look_at <= :now";
const FOUND: &str = "UPDATE own_gaps SET found = :found, worst = :worst, look_at = :look_at
    WHERE record = :record";
const WORST: &str = "SELECT record FROM own_gaps WHERE found > 0
    ORDER BY worst DESC, record DESC LIMIT :limit";
const SUM: &str = "SELECT COUNT(*), COALESCE(SUM(found), 0) FROM own_gaps WHERE found > 0";
const ANY: &str = "SELECT EXISTS (SELECT 1 FROM own_gaps)";

/// What was found in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// How many gaps.
    pub(crate) gaps: u64,
    /// The gravest one's grade, 0 to 4.
    pub(crate) worst: u8,
    /// When the answer may change by time alone.
    pub(crate) look_at: Instant,
}

/// What was found in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    /// Records with gaps.
    pub(crate) records: u64,
    /// Gaps.
    pub(crate) gaps: u64,
}

/// A record changed and stands on this list now.
pub(super) fn changed(tx: &WriteTx<'_>, record: RecordId, list: List) -> Result<()> {
    let sql = match list {
        List::Open | List::Submitted | List::Answer => TOUCH,
        List::Tasks | List::Others | List::Voided => DROP,
    };
    tx.prepare_cached(sql)?
        .execute(named_params! { ":record": &record.as_bytes()[..] })?;
    Ok(())
}

/// Reference data changed: what is still being worked at may be judged otherwise. What was handed in keeps its answer until
/// it changes or a limit runs out, because a year's records are not judged anew for every new officer.
pub(super) fn set_changed(tx: &WriteTx<'_>, set: RefSet) -> Result<()> {
    if matches!(
        set,
        RefSet::Officers
            | RefSet::Power
            | RefSet::Procedures
            | RefSet::Calendar
            | RefSet::Jurisdictions
            | RefSet::Checklists
    ) {
        tx.execute(AGAIN, named_params! { ":open": List::Open as i64 })?;
    }
    Ok(())
}

fn records(
    c: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<RecordId>> {
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(id(&row.get::<_, Vec<u8>>(0)?)?);
    }
    Ok(out)
}

/// Records to look at, those that changed last first.
pub(crate) fn due(c: &Connection, now: Instant, limit: u64) -> Result<Vec<RecordId>> {
    let params = named_params! { ":now": now.as_millis(), ":limit": number(limit) };
    records(c, DUE, params)
}

/// How many records are to be looked at.
pub(crate) fn waiting(c: &Connection, now: Instant) -> Result<u64> {
    let params = named_params! { ":now": now.as_millis() };
    Ok(count(c.query_row(WAITING, params, |row| row.get(0))?))
}

/// Keeps what was found.
pub(crate) fn keep(tx: &WriteTx<'_>, record: RecordId, found: Found) -> Result<()> {
    tx.prepare_cached(FOUND)?.execute(named_params! {
        ":record": &record.as_bytes()[..],
        ":found": number(found.gaps),
        ":worst": found.worst,
        ":look_at": found.look_at.as_millis(),
    })?;
    Ok(())
}

/// The records with the gravest gaps; of equals the newest first.
pub(crate) fn worst(c: &Connection, limit: u64) -> Result<Vec<RecordId>> {
    records(c, WORST, named_params! { ":limit": number(limit) })
}

/// What was found in all records.
pub(crate) fn sum(c: &Connection) -> Result<Sum> {
    Ok(c.query_row(SUM, [], |row| {
        Ok(Sum {
            records: count(row.get(0)?),
            gaps: count(row.get(1)?),
        })
    })?)
}

/// Whether the owner has any record here.
pub(crate) fn any(c: &Connection) -> Result<bool> {
    Ok(c.query_row(ANY, [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten thousand records, every tenth with a gap, none to be looked at.
    fn many() -> Connection {
        let c = Connection::open_in_memory().unwrap();
        c.execute_batch(
            "CREATE TABLE records (record BLOB PRIMARY KEY, list INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
        )
        .unwrap();
        c.execute_batch(include_str!("migrations/0004_own_gaps.sql"))
            .unwrap();
        c.execute_batch(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
             INSERT INTO own_gaps (record, found, worst, look_at)
             SELECT CAST(printf('%016d', n) AS BLOB), n % 10 = 0, n % 5, 1000000 + n FROM n",
        )
        .unwrap();
        c
    }

    /// Home asks these at every visit.
    #[test]
    fn home_reads_an_index_and_sorts_nothing() {
        let c = many();
        for (sql, index) in [
            (DUE, "own_gaps_look"),
            (WAITING, "own_gaps_look"),
            (WORST, "own_gaps_worst"),
            (SUM, "own_gaps_worst"),
        ] {
            let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let numbers = vec![1_i64; statement.parameter_count()];
            let rows = statement
                .query_map(rusqlite::params_from_iter(numbers), |row| row.get(3))
                .unwrap();
            let plan: Vec<String> = rows.map(|row| row.unwrap()).collect();
            let plan = plan.join("; ");
            assert!(plan.contains(&format!("COVERING INDEX {index}")), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
        assert_eq!(
            sum(&c).unwrap(),
            Sum {
                records: 1000,
                gaps: 1000
            }
        );
        assert_eq!(worst(&c, 2).unwrap().len(), 2);
        assert_eq!(waiting(&c, Instant::from_millis(1_000_007)).unwrap(), 7);
    }
}
