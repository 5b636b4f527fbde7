//! Hours by year and state, overlaps, the list's filters, and that each is read along an index.

use super::*;
use crate::store::Store;
use crate::store::tests::store;
use jiff::civil::date;
use std::sync::Arc;

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

fn officer(n: u8) -> OfficerId {
    OfficerId::from_bytes([n; 16])
}

fn at(month: i8, day: i8, hour: i8) -> Instant {
    Instant::from_civil(date(2026, month, day).at(hour, 0, 0, 0))
}

/// A course of two hours on a day of 2026 from 9 to 11.
fn planned(n: u8, month: i8, day: i8) -> Session {
    Session {
        id: session(n),
        kind: Kind::Course,
        title: format!("培训{n}（示例）"),
        starts_at: at(month, day, 9),
        ends_at: at(month, day, 11),
        place: String::new(),
        hours_x10: 20,
        unit: None,
        competencies: vec!["K02".to_owned(), "K01".to_owned()],
        scenario: None,
        note: String::new(),
        state: State::Planned,
        why: String::new(),
        created_by: officer(99),
        created_at: at(1, 1, 0),
    }
}

fn present(hours_x10: u32) -> Mark {
    Mark {
        attendance: Some(Attendance::Present),
        hours_x10,
        hours_why: String::new(),
    }
}

async fn filled() -> (crate::store::tests::TempDir, Arc<Store>) {
    let (dir, store) = store();
    store
        .write(|tx| {
            for (n, month, day) in [(1, 3, 2), (2, 3, 3), (3, 3, 4)] {
                add(tx, &planned(n, month, day))?;
                for who in [10, 11] {
                    invite(tx, session(n), officer(who), None)?;
                    mark(
                        tx,
                        session(n),
                        officer(who),
                        &present(15),
                        (at(4, 1, 0), officer(99)),
                    )?;
                }
            }
            // Only the first two were held; 11 was absent from the second.
            finish(tx, session(1), State::Held, "")?;
            finish(tx, session(2), State::Held, "")?;
            let absent = Mark {
                attendance: Some(Attendance::Absent),
                ..Mark::default()
            };
            mark(
                tx,
                session(2),
                officer(11),
                &absent,
                (at(4, 1, 0), officer(99)),
            )
        })
        .await
        .unwrap();
    (dir, store)
}

#[tokio::test]
async fn hours_count_for_presence_at_sessions_that_were_held() {
    let (_dir, store) = filled().await;
    let found = store.read(|tx| hours(tx, 2026)).await.unwrap();
    assert_eq!(
        found,
        BTreeMap::from([(officer(10), 30), (officer(11), 15)])
    );
    assert!(store.read(|tx| hours(tx, 2025)).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_year_is_that_of_beijing() {
    let (_dir, store) = store();
    let found = store
        .write(|tx| {
            // 00:30 on New Year's Day in Beijing is still the old year in UTC.
            let starts_at = Instant::from_civil(date(2027, 1, 1).at(0, 30, 0, 0));
            let ends_at = starts_at.plus_millis(3_600_000);
            add(
                tx,
                &Session {
                    starts_at,
                    ends_at,
                    ..planned(1, 1, 1)
                },
            )?;
            invite(tx, session(1), officer(1), None)?;
            mark(
                tx,
                session(1),
                officer(1),
                &present(20),
                (ends_at, officer(9)),
            )?;
            finish(tx, session(1), State::Held, "")?;
            Ok((hours(tx, 2026)?, hours(tx, 2027)?))
        })
        .await
        .unwrap();
    assert_eq!(found, (BTreeMap::new(), BTreeMap::from([(officer(1), 20)])));
}

#[tokio::test]
async fn what_is_stored_is_read_back() {
    let (_dir, store) = filled().await;
    let new = Session {
        kind: Kind::Drill,
        unit: Some(UnitId::from_bytes([5; 16])),
        scenario: Some("refusal-to-sign".to_owned()),
        note: "自带笔记本".to_owned(),
        ..planned(7, 5, 1)
    };
    let expected = Session {
        competencies: vec!["K01".to_owned(), "K02".to_owned()],
        ..new.clone()
    };
    let found = store
        .write(move |tx| {
            add(tx, &new)?;
            get(tx, new.id)
        })
        .await
        .unwrap();
    assert_eq!(found, Some(expected));
    let invites = store.read(|tx| invites(tx, session(1))).await.unwrap();
    assert_eq!(invites.len(), 2);
    assert_eq!(invites[0].mark, present(15));
    assert_eq!(invites[0].marked, Some((at(4, 1, 0), officer(99))));
}

#[tokio::test]
async fn what_is_marked_cannot_be_withdrawn_and_what_is_held_not_cancelled() {
    let (_dir, store) = filled().await;
    store
        .write(|tx| {
            assert!(!withdraw(tx, session(3), officer(10))?);
            assert!(invite(tx, session(3), officer(12), Some("缺口"))?);
            assert!(!invite(tx, session(3), officer(12), None)?);
            assert!(withdraw(tx, session(3), officer(12))?);
            assert!(!withdraw(tx, session(3), officer(12))?);
            assert!(!finish(tx, session(1), State::Cancelled, "改期")?);
            assert!(finish(tx, session(3), State::Cancelled, "改期")?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn overlapping_sessions_of_the_same_officer_clash_and_adjoining_ones_do_not() {
    let (_dir, store) = store();
    let found = store
        .write(|tx| {
            // 9–11; 10–12; 11–13; a month that ends in between; a cancelled one; another officer's.
            add(tx, &planned(1, 3, 2))?;
            let span = |n, from, to| Session {
                starts_at: from,
                ends_at: to,
                ..planned(n, 3, 2)
            };
            add(tx, &span(2, at(3, 2, 10), at(3, 2, 12)))?;
            add(tx, &span(3, at(3, 2, 11), at(3, 2, 13)))?;
            let long = at(3, 2, 10).plus_millis(-31 * 86_400_000);
            add(tx, &span(4, long, at(3, 2, 10)))?;
            add(tx, &span(5, at(3, 2, 9), at(3, 2, 11)))?;
            add(tx, &span(6, at(3, 2, 9), at(3, 2, 11)))?;
            for n in 1..=5 {
                invite(tx, session(n), officer(10), None)?;
            }
            invite(tx, session(6), officer(11), None)?;
            finish(tx, session(5), State::Cancelled, "改期")?;
            clashes(tx, &planned(1, 3, 2))
        })
        .await
        .unwrap();
    let found: Vec<SessionId> = found.iter().map(|clash| clash.session).collect();
    assert_eq!(found, [session(4), session(2)]);
}

#[tokio::test]
async fn a_filter_lets_through_what_it_names_and_the_list_is_in_order() {
    let (_dir, store) = filled().await;
    let ids = async |filter: Filter| {
        let (lines, _) = store
            .read(move |tx| page(tx, &filter, 0, 10))
            .await
            .unwrap();
        lines.iter().map(|line| line.session.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Filter::default()).await, [3, 2, 1].map(session));
    let state = Some(State::Held);
    assert_eq!(
        ids(Filter {
            state,
            ..Filter::default()
        })
        .await,
        [2, 1].map(session)
    );
    let begins = Some((at(3, 3, 9), at(3, 4, 9)));
    assert_eq!(
        ids(Filter {
            begins,
            ..Filter::default()
        })
        .await,
        [session(2)]
    );
    let competency = Some("K03".to_owned());
    assert!(
        ids(Filter {
            competency,
            ..Filter::default()
        })
        .await
        .is_empty()
    );
    let unit = Some(None);
    assert_eq!(
        ids(Filter {
            unit,
            ..Filter::default()
        })
        .await
        .len(),
        3
    );
    let kind = Some(Kind::Drill);
    assert!(
        ids(Filter {
            kind,
            ..Filter::default()
        })
        .await
        .is_empty()
    );
    let (lines, more) = store
        .read(|tx| page(tx, &Filter::default(), 1, 1))
        .await
        .unwrap();
    assert!(more);
    assert_eq!((lines[0].invited, lines[0].present), (2, 1));
}

#[tokio::test]
async fn the_list_the_hours_and_the_overlaps_are_read_along_indexes() {
    let (_dir, store) = filled().await;
    let plan = async |sql: String| {
        store
            .read(move |tx| {
                let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let mut rows = statement.raw_query();
                let mut steps = Vec::new();
                while let Some(row) = rows.next()? {
                    steps.push(row.get::<_, String>(3)?);
                }
                Ok(steps.join("; "))
            })
            .await
            .unwrap()
    };
    let state = Some(State::Planned);
    let (planned, _) = list(&Filter {
        state,
        ..Filter::default()
    });
    for (sql, index) in [
        (list(&Filter::default()).0, "INDEX training_session_time"),
        (planned, "INDEX training_session_state"),
        (HOURS.to_owned(), "INDEX training_session_year"),
        (CLASHES.to_owned(), "INDEX invite_officer"),
    ] {
        let plan = plan(sql).await;
        assert!(plan.contains(index), "{plan}");
        // The list is never sorted; a few overlaps and one year's hours are.
        let sorts = index.contains("session_time") || index.contains("session_state");
        assert!(!(sorts && plan.contains("TEMP B-TREE")), "{plan}");
        assert!(!plan.contains("SCAN invite"), "{plan}");
    }
}
