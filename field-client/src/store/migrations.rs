//! The ladder of schema changes: one numbered step per transaction, forward only, never edited after release.

use super::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};

const STEPS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_blobs.sql"),
    include_str!("migrations/0003_due.sql"),
    include_str!("migrations/0004_own_gaps.sql"),
    include_str!("migrations/0005_drills.sql"),
    include_str!("migrations/0006_numbers.sql"),
];

/// Brings the file to this build's schema. A newer file is refused, never guessed at.
pub(super) fn run(connection: &mut Connection) -> Result<()> {
    let at: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let at = usize::try_from(at).map_err(|_| Error::Corrupt("schema version"))?;
    if at > STEPS.len() {
        return Err(Error::Newer);
    }
    for (number, step) in (1..).zip(STEPS).skip(at) {
        let number: i32 = number;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_file_is_refused_and_an_old_one_climbs() {
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db).unwrap();
        run(&mut db).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(run(&mut db), Err(Error::Newer)));
    }
    #[test]
    fn a_file_of_the_first_schema_keeps_its_rows() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch(STEPS[0]).unwrap();
        db.pragma_update(None, "user_version", 1).unwrap();
        db.execute("INSERT INTO meta (key, value) VALUES ('lang', x'656e')", [])
            .unwrap();
        run(&mut db).unwrap();
        let count = |table: &str| {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((count("meta"), count("blobs")), (1, 0));
    }

    #[test]
    fn own_records_of_an_older_file_are_to_be_looked_at() {
        let mut db = Connection::open_in_memory().unwrap();
        for step in STEPS.iter().take(3) {
            db.execute_batch(step).unwrap();
        }
        db.pragma_update(None, "user_version", 3).unwrap();
        for list in 0..5 {
            let row = "INSERT INTO records (record, list, sort, procedure, procedure_en, subject, place, urgent, done, total)
                VALUES (CAST(printf('%016d', ?1) AS BLOB), ?1, 0, '', '', '', '', 0, 0, 0)";
            db.execute(row, [list]).unwrap();
        }
        run(&mut db).unwrap();
        let rows = "SELECT COUNT(*) FROM own_gaps WHERE look_at = 0";
        assert_eq!(
            db.query_row(rows, [], |row| row.get::<_, i64>(0)).unwrap(),
            2
        );
    }

    #[test]
    fn bytes_of_a_picture_leave_only_when_the_server_has_them() {
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db).unwrap();
        db.execute(
            "INSERT INTO blobs (hash, record, len, stored_at, thumb, bytes)
             VALUES (zeroblob(32), zeroblob(16), 3, 0, x'', x'010203')",
            [],
        )
        .unwrap();
        let dropped = db.execute("UPDATE blobs SET bytes = NULL", []);
        assert!(dropped.is_err());
        let beyond = db.execute("UPDATE blobs SET offset = 4", []);
        assert!(beyond.is_err());
    }
}
