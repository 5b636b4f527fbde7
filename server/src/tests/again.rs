//! Every record judged again: the same answers as the jobs gave, nothing changed by a second run, each under its own version.

use super::assess::inspection;
use super::harness::{Phone, World};
use super::penalty::{choice, fined, linked, opened};
use super::visits::{push, record};
use crate::Tally;
use crate::demo;
use rusqlite::Connection;
use shared::domain::event::{Fact, Opened};
use shared::id::RecordId;
use shared::instant::{DAY_MS, MINUTE_MS};

/// What is made from the log, in an order that does not depend on when a row was written.
const MADE: [&str; 7] = [
    "SELECT record, rule, step, nth, state, severity, status, stage, deadline_from, deadline_to, first_seen, last_seen,
            cured_at, versions, unit, matter FROM gap ORDER BY record, rule, step, nth",
    "SELECT record, nth, unit, step, rule, is_gap, code, deadline_from, deadline_to FROM due ORDER BY record, nth",
    "SELECT record, step, procedure, month, unit, open FROM lack ORDER BY record, step",
    "SELECT record, unit, procedure, subject, start_at, end_at, year, place FROM visit ORDER BY record",
    "SELECT record, other, relation FROM link ORDER BY record, other, relation",
    "SELECT id, procedure, subject_name, matter, submitted_at, voided, points, band FROM record ORDER BY id",
    "SELECT record, due_at, failed FROM job ORDER BY record",
];

fn open(world: &World) -> Connection {
    Connection::open(world.folder().join("server.sqlite")).unwrap()
}

/// Every made row, as words.
fn made(world: &World) -> Vec<String> {
    let db = open(world);
    let mut out = Vec::new();
    for sql in MADE {
        let mut statement = db.prepare(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cell = |at| row.get::<_, rusqlite::types::Value>(at).unwrap();
            let cells: Vec<_> = (0..columns).map(cell).collect();
            out.push(format!("{cells:?}"));
        }
    }
    out
}

/// Takes away whatever was made from the log.
fn forget(world: &World) {
    let db = open(world);
    for table in [
        "gap",
        "due",
        "lack",
        "visit_officer",
        "visit",
        "link",
        "job",
    ] {
        db.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    let blank = "UPDATE record SET procedure = '', subject_name = '', matter = '', points = NULL, band = NULL";
    db.execute(blank, []).unwrap();
}

fn inspected(version: u32) -> Fact {
    Opened {
        procedure: "XZJC".parse().unwrap(),
        version,
        unit: demo::unit(1),
        // One that the demo plans no visit to: a visit that has not begun is not judged again by the jobs when another begins.
        subject: Some(demo::subject(12)),
        subject_name: "示例商店".to_owned(),
        place: "示例路".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2), demo::officer(3)],
    }
    .into()
}

/// Numbers that repeat (`xorshift`).
struct Chance(u64);

impl Chance {
    fn one_in(&mut self, sides: u64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.is_multiple_of(sides)
    }

    fn some(&mut self, facts: Vec<Fact>) -> Vec<Fact> {
        facts.into_iter().filter(|_| !self.one_in(4)).collect()
    }
}

/// Records of every kind with this or that left out, some of them linked, judged by the jobs as they come.
async fn office(seed: u64) -> World {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    world.pass(20 * DAY_MS);
    let mut chance = Chance(seed);
    for n in 1..=24_u8 {
        let (opened, rest) = match n % 4 {
            0 => (inspected(1), inspection()),
            1 => (inspected(2), inspection()),
            2 => (
                opened("ZGFC"),
                vec![
                    choice("GZ-06", "result", "not"),
                    choice("GZ-06", "result", "corrected"),
                ],
            ),
            _ => {
                let mut facts = fined();
                let opened = facts.remove(0);
                facts.push(linked(record(n - 1)));
                (opened, facts)
            }
        };
        let mut facts = vec![opened];
        facts.extend(chance.some(rest));
        push(&world, &mut phone, record(n), &facts).await;
        if chance.one_in(3) {
            world.app.run_due_jobs().await.unwrap();
        }
    }
    world.app.run_due_jobs().await.unwrap();
    world
}

async fn again(world: &World) -> Tally {
    let mut last = (0, 0);
    let summary = world
        .app
        .assess_all(|at| last = (at.done, at.of))
        .await
        .unwrap();
    let tally = summary.tally;
    assert_eq!(
        last,
        (tally.judged + tally.failed, tally.judged + tally.failed)
    );
    tally
}

#[tokio::test]
async fn judging_all_again_gives_what_the_jobs_gave_and_a_second_run_changes_nothing() {
    for seed in [7, 11, 13] {
        let world = office(seed).await;
        let jobs = made(&world);
        let unchanged = again(&world).await;
        let found = made(&world);
        let new: Vec<&String> = found.iter().filter(|row| !jobs.contains(row)).collect();
        assert_eq!(new, Vec::<&String>::new(), "seed {seed}");
        assert_eq!((unchanged.changed, unchanged.opened), (0, 0), "seed {seed}");
        assert!(
            unchanged.judged >= 24 && unchanged.failed == 0,
            "{unchanged:?}"
        );
        assert_eq!(made(&world), jobs, "seed {seed}");
        forget(&world);
        assert_ne!(made(&world), jobs);
        let anew = again(&world).await;
        assert!(anew.opened > 24 && anew.changed >= 24, "{anew:?}");
        assert_eq!(made(&world), jobs, "seed {seed}");
        world.pass(MINUTE_MS);
        let second = again(&world).await;
        assert_eq!((second.changed, second.opened, second.cured), (0, 0, 0));
        assert_eq!(made(&world), jobs, "seed {seed}");
    }
}

async fn versions(world: &World, id: RecordId) -> String {
    let db = open(world);
    let sql = "SELECT DISTINCT versions FROM gap WHERE record = ?1";
    let found = db.query_row(sql, [id.as_bytes()], |row| row.get::<_, String>(0));
    found.unwrap()
}

#[tokio::test]
async fn a_record_keeps_the_version_that_it_was_opened_under() {
    let world = World::new().await;
    let mut phone: Phone = world.phone(2).await;
    for (n, version) in [(1, 1), (2, 2)] {
        let facts = [vec![inspected(version)], inspection()].concat();
        push(&world, &mut phone, record(n), &facts).await;
    }
    again(&world).await;
    assert!(versions(&world, record(1)).await.starts_with("XZJC@1;"));
    assert!(versions(&world, record(2)).await.starts_with("XZJC@2;"));
    let gaps = |n: u8| {
        let rows = world
            .app
            .store
            .read(move |tx| crate::store::gaps::of_record(tx, record(n)));
        async move { rows.await.unwrap().len() }
    };
    // The newer version asks for more, and asks it of its own records only.
    assert!(gaps(2).await > gaps(1).await);
}

#[tokio::test]
async fn what_cannot_be_judged_is_counted_and_holds_nothing_up() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let strange = match inspected(9) {
        Fact::Opened(opened) => Fact::from(Opened {
            procedure: "NONE".parse().unwrap(),
            ..opened
        }),
        other => other,
    };
    push(&world, &mut phone, record(1), &[strange]).await;
    let facts = [vec![inspected(1)], inspection()].concat();
    push(&world, &mut phone, record(2), &facts).await;
    let tally = again(&world).await;
    assert_eq!(tally.failed, 1, "{tally:?}");
    assert!(tally.judged >= 1 && tally.opened > 0, "{tally:?}");
}
