//! The ladder of schema versions: numbered files, forward only, one step per transaction.
//! Apart because an old file must survive an upgrade that fails, and a newer one must not be touched.

use super::Error;
use rusqlite::Connection;
use std::path::Path;

/// The steps in order; `PRAGMA user_version` is the number of steps taken.
pub(super) const STEPS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_blobs.sql"),
    include_str!("migrations/0003_visits.sql"),
    include_str!("migrations/0004_laws.sql"),
    include_str!("migrations/0005_lists.sql"),
    include_str!("migrations/0006_queue.sql"),
    include_str!("migrations/0007_review.sql"),
    include_str!("migrations/0008_due.sql"),
    include_str!("migrations/0009_rosters.sql"),
    include_str!("migrations/0010_sessions.sql"),
    include_str!("migrations/0011_drills.sql"),
    include_str!("migrations/0012_speed.sql"),
    include_str!("migrations/0013_ends.sql"),
    include_str!("migrations/0014_covering.sql"),
    include_str!("migrations/0015_grades.sql"),
    include_str!("migrations/0016_numbers.sql"),
    include_str!("migrations/0017_turn.sql"),
];

/// Brings the file up to the last step.
pub(super) fn run(db: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), Error> {
    let at: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let at = usize::try_from(at).map_err(|_| Error::Corrupt("user_version"))?;
    if at > steps.len() {
        return Err(Error::Newer);
    }
    if at > 0 && at < steps.len() {
        let copy = path.with_extension(format!("before-{}.sqlite", at + 1));
        if !copy.exists() {
            db.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        }
    }
    for (number, step) in steps.iter().enumerate().skip(at) {
        let tx = db.transaction()?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", super::rows(number + 1))?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(db: &Connection) -> i64 {
        db.query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn steps_run_once_and_older_files_are_copied_first() {
        let dir = super::super::tests::temp_dir();
        let path = dir.join("a.sqlite");
        let mut db = Connection::open(&path).unwrap();
        let one = ["CREATE TABLE a (x INTEGER) STRICT"];
        run(&mut db, &path, &one).unwrap();
        run(&mut db, &path, &one).unwrap();
        assert_eq!(version(&db), 1);
        let two = [one[0], "CREATE TABLE b (x INTEGER) STRICT"];
        run(&mut db, &path, &two).unwrap();
        assert_eq!(version(&db), 2);
        let copy = Connection::open(path.with_extension("before-2.sqlite")).unwrap();
        assert_eq!(
            copy.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)),
            Ok(1)
        );
    }

    #[test]
    fn a_failing_step_leaves_the_file_as_it_was_and_a_newer_file_is_refused() {
        let dir = super::super::tests::temp_dir();
        let path = dir.join("a.sqlite");
        let mut db = Connection::open(&path).unwrap();
        let bad = ["CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT"];
        assert!(run(&mut db, &path, &bad).is_err());
        assert_eq!(version(&db), 0);
        assert_eq!(
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)),
            Ok(0)
        );
        db.pragma_update(None, "user_version", 10_000).unwrap();
        assert!(matches!(run(&mut db, &path, STEPS), Err(Error::Newer)));
    }
}
