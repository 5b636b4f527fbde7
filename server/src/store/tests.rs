//! Tests of the store.

/// A fresh folder below the system's, removed when dropped.
pub(crate) struct TempDir(pub(crate) std::path::PathBuf);

impl TempDir {
    pub(crate) fn join(&self, name: &str) -> std::path::PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn temp_dir() -> TempDir {
    let name = crate::random::hex(&crate::random::bytes::<8>().unwrap());
    let dir = std::env::temp_dir().join(format!("chengxu-test-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    TempDir(dir)
}

use super::{Error, Store, audit};
use crate::store::audit::Act;
use shared::instant::Instant;
use std::sync::Arc;

pub(crate) fn store() -> (TempDir, Arc<Store>) {
    let dir = temp_dir();
    let store = Arc::new(Store::open(&dir.join("a.sqlite")).unwrap());
    (dir, store)
}

fn add(
    store: &Arc<Store>,
    target: usize,
    fails: bool,
) -> tokio::task::JoinHandle<Result<(), Error>> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        store
            .write(move |tx| {
                let at = Instant::from_millis(0);
                audit::write(tx, at, None, Act::Login, &target.to_string())?;
                if fails {
                    Err(Error::Conflict("on purpose"))
                } else {
                    Ok(())
                }
            })
            .await
    })
}

async fn targets(store: &Store) -> Vec<usize> {
    let (lines, _) = store.read(|tx| audit::page(tx, 0, 1000)).await.unwrap();
    let mut targets: Vec<usize> = lines
        .iter()
        .map(|line| line.target.parse().unwrap())
        .collect();
    targets.sort_unstable();
    targets
}

#[tokio::test]
async fn writes_of_one_group_stand_and_fall_alone() {
    let (_dir, store) = store();
    let writes: Vec<_> = (0..200).map(|n| add(&store, n, n % 3 == 0)).collect();
    for (n, write) in writes.into_iter().enumerate() {
        assert_eq!(write.await.unwrap().is_err(), n % 3 == 0, "{n}");
    }
    let kept: Vec<usize> = (0..200).filter(|n| n % 3 != 0).collect();
    assert_eq!(targets(&store).await, kept);
}

#[tokio::test]
async fn a_write_that_panics_spoils_no_other() {
    let (_dir, store) = store();
    let bad = store.write::<()>(|_| panic!("on purpose")).await;
    assert!(matches!(bad, Err(Error::Corrupt(_))));
    add(&store, 1, false).await.unwrap().unwrap();
    assert_eq!(targets(&store).await, [1]);
}

#[tokio::test]
async fn what_was_answered_is_in_the_file() {
    let dir = temp_dir();
    let path = dir.join("a.sqlite");
    let store = Arc::new(Store::open(&path).unwrap());
    add(&store, 7, false).await.unwrap().unwrap();
    let other = Store::open(&path).unwrap();
    assert_eq!(targets(&other).await, [7]);
}

#[test]
fn every_table_is_strict() {
    let dir = temp_dir();
    let path = dir.join("a.sqlite");
    drop(Store::open(&path).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    let mut statement = db
        .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let loose: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(loose, [""; 0]);
}

/// Statements that run for each request or push; each must find its rows by an index.
const HOT: [&str; 9] = [
    "SELECT DISTINCT len FROM blob_want WHERE hash = x'00' AND unit = x'00' ORDER BY len",
    "SELECT len FROM blob WHERE hash = x'00' AND unit = x'00'",
    "SELECT hash FROM commits WHERE feed = x'00' AND seq = 1",
    "SELECT feed, seq, hash FROM feed_record WHERE record = x'00' ORDER BY feed LIMIT 65",
    "SELECT bytes, received_at, held FROM commits WHERE record = x'00' ORDER BY position",
    "SELECT position, bytes FROM commits WHERE unit = x'00' AND held = 0 AND drill = 0 AND position > 0 ORDER BY position",
    "SELECT version, key, body FROM ref_row WHERE ref_set = 1 AND unit IN (x'', x'00') AND version > 0 ORDER BY version",
    "SELECT record, generation, attempts FROM job WHERE failed = 0 AND due_at <= 1 ORDER BY due_at LIMIT 32",
    "SELECT id, key, officer FROM feed WHERE token_hash = x'00' AND officer IS NOT NULL",
];

#[test]
fn hot_statements_scan_no_table() {
    assert_indexed(&HOT);
}

/// Fails for a statement that reads a whole table. Its parameters stay unbound.
#[track_caller]
pub(crate) fn assert_indexed(statements: &[&str]) {
    let dir = temp_dir();
    let path = dir.join("a.sqlite");
    drop(Store::open(&path).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    for sql in statements {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = statement.raw_query();
        let mut plan: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push(row.get(3).unwrap());
        }
        assert!(
            plan.iter().all(|line| !line.starts_with("SCAN")),
            "{sql}: {plan:?}"
        );
    }
}
