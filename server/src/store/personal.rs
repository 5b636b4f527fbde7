//! What an officer's own devices carry of their training, offline: invitations, the year's hours, and what shall be reached.
//! Apart because every change of these goes through [`publish`], in the transaction of the change.

use super::{Error, ReadTx, WriteTx, refs, sessions};
use rusqlite::{Row, named_params};
use shared::domain::reference::{Attended, Invitation, RefSet, SessionKind, Training};
use shared::id::{OfficerId, SessionId};
use shared::instant::Instant;

/// What lies ahead, and what was attended in a year.
const OWN: &str =
    "SELECT s.id, s.kind, s.title, s.starts_at, s.ends_at, s.place, s.hours_x10, s.scenario,
        s.state = 'planned', invite.why, invite.hours_x10
     FROM invite JOIN training_session AS s ON s.id = invite.session
     WHERE invite.officer = :officer
       AND (s.state = 'planned' AND s.ends_at > :now
            OR s.state = 'held' AND s.year = :year AND invite.attendance = 'present')
     ORDER BY s.starts_at, s.id";

/// One session of an officer: what lies ahead, or what was attended.
enum Own {
    Ahead(Invitation),
    Attended(Attended),
}

fn read(row: &Row<'_>) -> rusqlite::Result<Own> {
    let starts_at = Instant::from_millis(row.get(3)?);
    if !row.get::<_, bool>(8)? {
        return Ok(Own::Attended(Attended {
            title: row.get(2)?,
            day: starts_at.date(),
            hours_x10: row.get(10)?,
        }));
    }
    let kind: String = row.get(1)?;
    let kind = if kind == sessions::Kind::Drill.code() {
        SessionKind::Drill
    } else {
        SessionKind::Course
    };
    Ok(Own::Ahead(Invitation {
        session: SessionId::from_bytes(row.get(0)?),
        kind,
        title: row.get(2)?,
        starts_at,
        ends_at: Instant::from_millis(row.get(4)?),
        place: row.get(5)?,
        hours_x10: row.get(6)?,
        scenario: row.get(7)?,
        why: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
    }))
}

/// An officer's training as of now.
fn training(tx: &ReadTx<'_>, officer: OfficerId, now: Instant) -> Result<Training, Error> {
    let year = now.date().year();
    let mut training = Training {
        officer,
        year,
        done_x10: 0,
        target_x10: u32::try_from(sessions::target(tx)?).unwrap_or(0),
        invitations: Vec::new(),
        attended: Vec::new(),
    };
    let mut statement = tx.sql(OWN)?;
    let own = statement.query_map(
        named_params! {":officer": officer.as_bytes(), ":year": year, ":now": now.as_millis()},
        read,
    )?;
    for row in own {
        match row? {
            Own::Ahead(invitation) => training.invitations.push(invitation),
            Own::Attended(attended) => {
                training.done_x10 = training.done_x10.saturating_add(attended.hours_x10);
                training.attended.push(attended);
            }
        }
    }
    Ok(training)
}

/// Puts an officer's row as it is now; the same again is no news.
pub(crate) fn publish(tx: &WriteTx<'_>, officer: OfficerId, now: Instant) -> Result<(), Error> {
    refs::put_training(tx, training(tx, officer, now)?)
}

/// Puts every row anew that there is: what lay ahead is past by now, and a new year begins with no hours.
pub(crate) fn publish_known(tx: &WriteTx<'_>, now: Instant) -> Result<(), Error> {
    let known: Vec<Training> = refs::all(tx, RefSet::Training)?;
    known
        .into_iter()
        .try_for_each(|row| publish(tx, row.officer, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    #[tokio::test]
    async fn an_officers_row_is_read_along_indexes() {
        let (_dir, store) = store();
        let plan = store
            .read(|tx| {
                let mut statement = tx.sql(&format!("EXPLAIN QUERY PLAN {OWN}"))?;
                let mut rows = statement.raw_query();
                let mut steps = Vec::new();
                while let Some(row) = rows.next()? {
                    steps.push(row.get::<_, String>(3)?);
                }
                Ok(steps.join("; "))
            })
            .await
            .unwrap();
        assert!(
            plan.contains("invite_officer") && !plan.contains("SCAN"),
            "{plan}"
        );
    }
}
