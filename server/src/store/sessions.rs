//! Courses and drills (培训活动): who is invited, who came, and the hours that count.
//! Apart from `accounts`, whose sessions are sign-ins.

use super::{Error, ReadTx, WriteTx, cut, meta, rows};
use rusqlite::types::Value as SqlValue;
use rusqlite::{OptionalExtension, Row, named_params, params_from_iter};
use shared::id::{OfficerId, SessionId, UnitId};
use shared::instant::Instant;
use shared::training::hours::TARGET_X10;
use std::collections::BTreeMap;

/// Where the yearly target stands that the office set.
const TARGET: &str = "training-target-x10";

/// What kind of session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 培训.
    Course,
    /// 演练.
    Drill,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 2] = [Self::Course, Self::Drill];

    /// The code in storage and in message keys.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Drill => "drill",
        }
    }

    /// The kind of this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Still to be held.
    Planned,
    /// It took place; its hours count.
    Held,
    /// It did not and will not take place.
    Cancelled,
}

impl State {
    /// Every state.
    pub(crate) const ALL: [Self; 3] = [Self::Planned, Self::Held, Self::Cancelled];

    /// The code in storage and in message keys.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Whether somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attendance {
    /// 到场.
    Present,
    /// 缺席.
    Absent,
    /// 请假.
    Excused,
}

impl Attendance {
    /// Every answer.
    pub(crate) const ALL: [Self; 3] = [Self::Present, Self::Absent, Self::Excused];

    /// The code in storage and in message keys.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Excused => "excused",
        }
    }

    /// The answer of this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A course or a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) starts_at: Instant,
    pub(crate) ends_at: Instant,
    pub(crate) place: String,
    /// Tenths of an hour.
    pub(crate) hours_x10: u32,
    /// None = county-wide.
    pub(crate) unit: Option<UnitId>,
    /// By code, in order.
    pub(crate) competencies: Vec<String>,
    /// Of a drill, by code.
    pub(crate) scenario: Option<String>,
    pub(crate) note: String,
    pub(crate) state: State,
    /// Why it was cancelled.
    pub(crate) why: String,
    pub(crate) created_by: OfficerId,
    pub(crate) created_at: Instant,
}

/// What is noted of somebody's attendance: the part that a person changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// None = not noted yet.
    pub(crate) attendance: Option<Attendance>,
    /// What counts, in tenths of an hour; 0 unless present.
    pub(crate) hours_x10: u32,
    /// Why it is another number than the session's.
    pub(crate) hours_why: String,
}

/// Somebody who is invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invite {
    pub(crate) officer: OfficerId,
    /// The need that led to it.
    pub(crate) why: Option<String>,
    pub(crate) mark: Mark,
    /// When and by whom it was marked.
    pub(crate) marked: Option<(Instant, OfficerId)>,
}

/// A line of the list.
pub(crate) struct Line {
    pub(crate) session: Session,
    pub(crate) invited: u32,
    pub(crate) present: u32,
}

const COLUMNS: &str = "id, kind, title, starts_at, ends_at, place, hours_x10, unit, scenario, note, state, why,
    created_by, created_at,
    (SELECT group_concat(competency, ' ') FROM
        (SELECT competency FROM training_session_competency AS c WHERE c.session = training_session.id ORDER BY competency))";

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Session>> {
    let kind: String = row.get(1)?;
    let state: String = row.get(10)?;
    let codes: Option<String> = row.get(14)?;
    let codes = codes.unwrap_or_default();
    let (Some(kind), Some(state)) = (Kind::from_code(&kind), State::from_code(&state)) else {
        return Ok(None);
    };
    Ok(Some(Session {
        id: SessionId::from_bytes(row.get(0)?),
        kind,
        title: row.get(2)?,
        starts_at: Instant::from_millis(row.get(3)?),
        ends_at: Instant::from_millis(row.get(4)?),
        place: row.get(5)?,
        hours_x10: row.get(6)?,
        unit: row.get::<_, Option<[u8; 16]>>(7)?.map(UnitId::from_bytes),
        competencies: codes.split_whitespace().map(str::to_owned).collect(),
        scenario: row.get(8)?,
        note: row.get(9)?,
        state,
        why: row.get(11)?,
        created_by: OfficerId::from_bytes(row.get(12)?),
        created_at: Instant::from_millis(row.get(13)?),
    }))
}

/// Adds a planned session.
pub(crate) fn add(tx: &WriteTx<'_>, new: &Session) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO training_session (id, kind, title, starts_at, ends_at, year, place, hours_x10, unit,
                                       scenario, note, state, created_by, created_at)
         VALUES (:id, :kind, :title, :starts, :ends, :year, :place, :hours, :unit,
                 :scenario, :note, 'planned', :by, :at)",
        named_params! {
            ":id": new.id.as_bytes(), ":kind": new.kind.code(), ":title": new.title,
            ":starts": new.starts_at.as_millis(), ":ends": new.ends_at.as_millis(),
            ":year": new.starts_at.date().year(), ":place": new.place, ":hours": new.hours_x10,
            ":unit": new.unit.map(|unit| *unit.as_bytes()), ":scenario": new.scenario, ":note": new.note,
            ":by": new.created_by.as_bytes(), ":at": new.created_at.as_millis(),
        },
    )?;
    put_competencies(tx, new)
}

fn put_competencies(tx: &WriteTx<'_>, session: &Session) -> Result<(), Error> {
    for code in &session.competencies {
        tx.execute(
            "INSERT INTO training_session_competency (session, competency) VALUES (?1, ?2)
             ON CONFLICT DO NOTHING",
            (session.id.as_bytes(), code),
        )?;
    }
    Ok(())
}

/// Changes what a planned session is; false if it is not planned any more.
pub(crate) fn change(tx: &WriteTx<'_>, new: &Session) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE training_session SET kind = :kind, title = :title, starts_at = :starts, ends_at = :ends,
         year = :year, place = :place, hours_x10 = :hours, unit = :unit, scenario = :scenario, note = :note
         WHERE id = :id AND state = 'planned'",
        named_params! {
            ":id": new.id.as_bytes(), ":kind": new.kind.code(), ":title": new.title,
            ":starts": new.starts_at.as_millis(), ":ends": new.ends_at.as_millis(),
            ":year": new.starts_at.date().year(), ":place": new.place, ":hours": new.hours_x10,
            ":unit": new.unit.map(|unit| *unit.as_bytes()), ":scenario": new.scenario, ":note": new.note,
        },
    )?;
    if changed > 0 {
        tx.execute(
            "DELETE FROM training_session_competency WHERE session = ?1",
            [new.id.as_bytes()],
        )?;
        put_competencies(tx, new)?;
    }
    Ok(changed > 0)
}

/// One session.
pub(crate) fn get(tx: &ReadTx<'_>, id: SessionId) -> Result<Option<Session>, Error> {
    let found = tx
        .sql(&format!(
            "SELECT {COLUMNS} FROM training_session WHERE id = ?1"
        ))?
        .query_row([id.as_bytes()], read)
        .optional()?;
    found
        .map(|session| session.ok_or(Error::Corrupt("training session")))
        .transpose()
}

/// Which sessions a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) state: Option<State>,
    pub(crate) kind: Option<Kind>,
    /// Of this office; the inner none = county-wide.
    pub(crate) unit: Option<Option<UnitId>>,
    pub(crate) competency: Option<String>,
    /// Beginning from the one moment until before the other.
    pub(crate) begins: Option<(Instant, Instant)>,
}

/// The query for a page of the list with the values of its conditions; those of LIMIT and OFFSET follow.
fn list(filter: &Filter) -> (String, Vec<SqlValue>) {
    let mut sql = format!(
        "SELECT {COLUMNS},
            (SELECT count(*) FROM invite WHERE invite.session = training_session.id),
            (SELECT count(*) FROM invite WHERE invite.session = training_session.id AND attendance = 'present')
         FROM training_session WHERE true"
    );
    let mut values: Vec<SqlValue> = Vec::new();
    let mut and = |condition: &str, value: Option<SqlValue>| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.extend(value);
    };
    if let Some(state) = filter.state {
        and("state = ?", Some(state.code().to_owned().into()));
    }
    if let Some((from, to)) = filter.begins {
        and("starts_at >= ?", Some(from.as_millis().into()));
        and("starts_at < ?", Some(to.as_millis().into()));
    }
    if let Some(kind) = filter.kind {
        and("kind = ?", Some(kind.code().to_owned().into()));
    }
    match filter.unit {
        Some(Some(unit)) => and("unit = ?", Some(unit.as_bytes().to_vec().into())),
        Some(None) => and("unit IS NULL", None),
        None => {}
    }
    if let Some(code) = &filter.competency {
        and(
            "EXISTS (SELECT 1 FROM training_session_competency AS c
                     WHERE c.session = training_session.id AND c.competency = ?)",
            Some(code.clone().into()),
        );
    }
    sql.push_str(" ORDER BY starts_at DESC, id DESC LIMIT ? OFFSET ?");
    (sql, values)
}

/// A page of the list, what begins last first, and whether there is more.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    filter: &Filter,
    page: usize,
    size: usize,
) -> Result<(Vec<Line>, bool), Error> {
    let (sql, mut values) = list(filter);
    values.extend([rows(size + 1), rows(page.saturating_mul(size))].map(SqlValue::from));
    let mut statement = tx.sql(&sql)?;
    let found = statement.query_map(params_from_iter(values), |row| {
        Ok((read(row)?, row.get(15)?, row.get(16)?))
    })?;
    let mut lines = Vec::new();
    for row in found {
        let (session, invited, present) = row?;
        lines.push(Line {
            session: session.ok_or(Error::Corrupt("training session"))?,
            invited,
            present,
        });
    }
    Ok(cut(lines, size))
}

/// Changes how far a planned session is; false if it is not planned any more.
pub(crate) fn finish(
    tx: &WriteTx<'_>,
    id: SessionId,
    state: State,
    why: &str,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE training_session SET state = ?2, why = ?3 WHERE id = ?1 AND state = 'planned'",
        (id.as_bytes(), state.code(), why),
    )?;
    Ok(changed > 0)
}

/// Opens a session that was marked as held: its hours count again once it is. False if it is not held.
pub(crate) fn reopen(tx: &WriteTx<'_>, id: SessionId) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE training_session SET state = 'planned' WHERE id = ?1 AND state = 'held'",
        [id.as_bytes()],
    )?;
    Ok(changed > 0)
}

/// Invites an officer; false if they are invited already.
pub(crate) fn invite(
    tx: &WriteTx<'_>,
    id: SessionId,
    officer: OfficerId,
    why: Option<&str>,
) -> Result<bool, Error> {
    let added = tx.execute(
        "INSERT INTO invite (session, officer, why) VALUES (?1, ?2, ?3)
         ON CONFLICT (session, officer) DO NOTHING",
        (id.as_bytes(), officer.as_bytes(), why),
    )?;
    Ok(added > 0)
}

/// Takes an invitation back, unless attendance is noted already; false if there was nothing to take back.
pub(crate) fn withdraw(tx: &WriteTx<'_>, id: SessionId, officer: OfficerId) -> Result<bool, Error> {
    let gone = tx.execute(
        "DELETE FROM invite WHERE session = ?1 AND officer = ?2 AND attendance IS NULL",
        (id.as_bytes(), officer.as_bytes()),
    )?;
    Ok(gone > 0)
}

/// Everybody who is invited, by officer.
pub(crate) fn invites(tx: &ReadTx<'_>, id: SessionId) -> Result<Vec<Invite>, Error> {
    let mut statement = tx.sql(
        "SELECT officer, why, attendance, hours_x10, hours_why, marked_at, marked_by
         FROM invite WHERE session = ?1 ORDER BY officer",
    )?;
    let found = statement.query_map([id.as_bytes()], |row| {
        let attendance: Option<String> = row.get(2)?;
        let at: Option<i64> = row.get(5)?;
        let by: Option<[u8; 16]> = row.get(6)?;
        Ok(Invite {
            officer: OfficerId::from_bytes(row.get(0)?),
            why: row.get(1)?,
            mark: Mark {
                attendance: attendance.as_deref().and_then(Attendance::from_code),
                hours_x10: row.get(3)?,
                hours_why: row.get(4)?,
            },
            marked: at
                .zip(by)
                .map(|(at, by)| (Instant::from_millis(at), OfficerId::from_bytes(by))),
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Notes attendance; who looked at the old mark compares it in the same transaction.
pub(crate) fn mark(
    tx: &WriteTx<'_>,
    id: SessionId,
    officer: OfficerId,
    mark: &Mark,
    (at, by): (Instant, OfficerId),
) -> Result<(), Error> {
    let noted = mark.attendance.is_some();
    let changed = tx.execute(
        "UPDATE invite SET attendance = :attendance, hours_x10 = :hours, hours_why = :why,
         marked_at = :at, marked_by = :by WHERE session = :session AND officer = :officer",
        named_params! {
            ":session": id.as_bytes(), ":officer": officer.as_bytes(),
            ":attendance": mark.attendance.map(Attendance::code), ":hours": mark.hours_x10,
            ":why": mark.hours_why, ":at": noted.then(|| at.as_millis()),
            ":by": noted.then(|| *by.as_bytes()),
        },
    )?;
    if changed == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// A session that an officer is invited to at the same time.
pub(crate) struct Clash {
    pub(crate) officer: OfficerId,
    pub(crate) session: SessionId,
    pub(crate) title: String,
}

/// Looked for among what the same officers are invited to, which is little.
const CLASHES: &str = "SELECT invite.officer, other.id, other.title
     FROM training_session AS other JOIN invite ON invite.session = other.id
     WHERE other.starts_at < :to AND other.ends_at > :from
       AND other.state <> 'cancelled' AND other.id <> :session
       AND invite.officer IN (SELECT officer FROM invite AS own WHERE own.session = :session)
     ORDER BY other.starts_at, other.id";

/// Where those who are invited are expected elsewhere at the same time.
pub(crate) fn clashes(tx: &ReadTx<'_>, session: &Session) -> Result<Vec<Clash>, Error> {
    let mut statement = tx.sql(CLASHES)?;
    let found = statement.query_map(
        named_params! {
            ":from": session.starts_at.as_millis(), ":to": session.ends_at.as_millis(),
            ":session": session.id.as_bytes(),
        },
        |row| {
            Ok(Clash {
                officer: OfficerId::from_bytes(row.get(0)?),
                session: SessionId::from_bytes(row.get(1)?),
                title: row.get(2)?,
            })
        },
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

const HOURS: &str = "SELECT invite.officer, sum(invite.hours_x10)
     FROM training_session JOIN invite ON invite.session = training_session.id
     WHERE training_session.state = 'held' AND training_session.year = ?1 AND invite.attendance = 'present'
     GROUP BY invite.officer";

/// Tenths of hours that count in a year, by officer: for presence at sessions that were held and began in this year in
/// Beijing. Who has none is not in it.
pub(crate) fn hours(tx: &ReadTx<'_>, year: i16) -> Result<BTreeMap<OfficerId, i64>, Error> {
    let mut statement = tx.sql(HOURS)?;
    let found = statement.query_map([year], |row| {
        Ok((OfficerId::from_bytes(row.get(0)?), row.get(1)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// What an officer shall reach in a year. Tenths of an hour.
pub(crate) fn target(tx: &ReadTx<'_>) -> Result<i64, Error> {
    Ok(meta::number(tx, TARGET)?.unwrap_or(TARGET_X10))
}

/// Sets what an officer shall reach in a year.
pub(crate) fn set_target(tx: &WriteTx<'_>, hours_x10: i64) -> Result<(), Error> {
    meta::set_number(tx, TARGET, hours_x10)
}

#[cfg(test)]
mod tests;
