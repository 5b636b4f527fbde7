//! The ladder of schema changes: one numbered step per transaction, forward only, never edited after release.

use super::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};

const STEPS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0003_due.sql"),
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
}
