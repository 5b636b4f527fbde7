//! Records: their facts, and one row each for the lists on the home screen.
//! The row is rebuilt from the log whenever the record changes, so that ten thousand records list without folding any.

use super::{Error, Result, WriteTx, count, id, journal, log, meta, numbers, own, progress, refs};
use rusqlite::{Connection, Row, named_params};
use shared::domain::event::{EventRef, Value};
use shared::domain::reference::Task;
use shared::fold::{Entry, Facts};
use shared::id::{OfficerId, RecordId};
use shared::instant::Instant;
use shared::log::commit::MAX_EVENTS;
use shared::rules::procedure::{Bilingual, Procedure};

const PUT: &str = "INSERT INTO records
        (record, list, sort, procedure, procedure_en, subject, place, urgent, planned, done, total, due)
    VALUES (:record, :list, :sort, :procedure, :procedure_en, :subject, :place, :urgent, :planned, :done, :total, :due)
    ON CONFLICT (record) DO UPDATE SET list = excluded.list, sort = excluded.sort,
        procedure = excluded.procedure, procedure_en = excluded.procedure_en, subject = excluded.subject, place = excluded.place,
        urgent = excluded.urgent, planned = excluded.planned, done = excluded.done, total = excluded.total, due = excluded.due";
const LIST: &str =
    "SELECT record, procedure, procedure_en, subject, place, urgent, planned, done, total, list, due
    FROM records WHERE list = :list ORDER BY sort DESC, record LIMIT :limit OFFSET :offset";
const ONE: &str =
    "SELECT record, procedure, procedure_en, subject, place, urgent, planned, done, total, list, due
    FROM records WHERE record = :record";
const DUE: &str =
    "SELECT record, procedure, procedure_en, subject, place, urgent, planned, done, total, list, due
    FROM records WHERE due IS NOT NULL AND list IN (0, 1, 2, 5) ORDER BY due, record LIMIT :limit";
const COUNT: &str = "SELECT COUNT(*) FROM records WHERE list = :list";

/// Which list of the home screen a record is on. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// Assigned to me and not begun.
    Tasks = 0,
    /// Begun by me and not submitted.
    Open = 1,
    /// Submitted by me.
    Submitted = 2,
    /// The unit's others.
    Others = 3,
    /// Opened by mistake.
    Voided = 4,
    /// Mine, and a supervisor returned it or asks something.
    Answer = 5,
}

impl List {
    /// In the order of the home screen.
    pub(crate) const ALL: [Self; 6] = [
        Self::Answer,
        Self::Tasks,
        Self::Open,
        Self::Submitted,
        Self::Others,
        Self::Voided,
    ];

    /// In addresses and message keys.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Others => "others",
            Self::Voided => "voided",
            Self::Answer => "answer",
        }
    }
}

/// A line of a list.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Which record.
    pub(crate) record: RecordId,
    /// Its procedure's name.
    pub(crate) procedure: Bilingual,
    /// Whom.
    pub(crate) subject: String,
    /// Where.
    pub(crate) place: String,
    /// Opened without prior approval.
    pub(crate) urgent: bool,
    /// The start of the day it is planned for.
    pub(crate) planned: Option<Instant>,
    /// Steps that were to be done and have ended.
    pub(crate) done: u64,
    /// Steps that are to be done.
    pub(crate) total: u64,
    /// Where it stands.
    pub(crate) list: List,
    /// The start of the day on which it is to be looked at again.
    pub(crate) due: Option<Instant>,
}

/// The state of a record: its commits in causal order, then what is not sealed yet.
pub(crate) fn facts(c: &Connection, record: RecordId) -> Result<Facts> {
    let commits = log::of_record(c, record)?;
    let (events, _) = journal::events(c, record)?;
    if commits.is_empty() && events.is_empty() {
        return Err(Error::NotFound);
    }
    let profile = meta::profile(c)?;
    let next = log::head(c, profile.feed)?.map_or(1, |head| head.seq + 1);
    let unsealed = events.into_iter().enumerate().map(|(at, event)| Entry {
        place: EventRef {
            feed: profile.feed,
            seq: next + (at / MAX_EVENTS) as u64,
            index: u8::try_from(at % MAX_EVENTS).unwrap_or(u8::MAX),
        },
        officer: profile.officer,
        event,
        behind_ms: 0,
    });
    Ok(Facts::of(&commits, unsealed))
}

/// Rebuilds a record's line.
pub(crate) fn refresh(tx: &WriteTx<'_>, record: RecordId) -> Result<()> {
    let facts = match facts(tx, record) {
        Err(Error::NotFound) => Facts::default(),
        other => other?,
    };
    let task = match &facts.opened {
        Some(opened) => opened
            .value
            .task
            .map(|task| refs::task(tx, task))
            .transpose()?
            .flatten(),
        // Only a record that has not arrived yet is looked for among all tasks.
        None => refs::task_of(tx, record)?,
    };
    if facts.opened.is_none() && task.is_none() {
        return Ok(());
    }
    let profile = meta::profile(tx)?;
    let me = profile.officer;
    let begun = facts
        .timeline
        .iter()
        .any(|entry| entry.place.feed == profile.feed);
    let opened = facts.opened.as_ref().map(|noted| &noted.value);
    let subject = match (opened, &task) {
        (Some(opened), _) => opened.subject_name.clone(),
        (None, Some(task)) => refs::subject(tx, task.subject)?.map_or_else(String::new, |s| s.name),
        (None, None) => String::new(),
    };
    let procedure = procedure_of(tx, &facts, task.as_ref());
    let progress = match &procedure {
        Ok(procedure) => {
            numbers::note(tx, record, procedure, &facts)?;
            progress::of(tx, procedure, &facts)?
        }
        Err(_) => progress::Progress::default(),
    };
    let mine = begun || assigned(procedure.as_ref().ok(), &facts, task.as_ref()).contains(&me);
    let planned = task
        .as_ref()
        .map(|task| Instant::from_civil(task.planned.at(0, 0, 0, 0)).as_millis());
    let last = facts
        .timeline
        .last()
        .map(|e| e.event.recorded_at.as_millis());
    let list = list_of(&facts, mine, begun);
    // Tasks: the nearest day first; all others: what was touched last first.
    let sort = match list {
        List::Tasks => -planned.unwrap_or(0),
        _ => last.unwrap_or(0),
    };
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":record": &record.as_bytes()[..],
        ":list": list as i64,
        ":sort": sort,
        ":procedure": procedure.as_ref().map_or("", |p| &p.name.zh),
        ":procedure_en": procedure.as_ref().map_or("", |p| &p.name.en),
        ":subject": subject,
        ":place": opened.map_or("", |opened| &opened.place),
        ":urgent": opened.is_some_and(|opened| opened.urgent.is_some()),
        ":planned": planned,
        ":done": progress.done,
        ":total": progress.total,
        ":due": progress.due.map(Instant::as_millis),
    })?;
    own::changed(tx, record, list)
}

fn list_of(facts: &Facts, mine: bool, begun: bool) -> List {
    match (facts.voided.is_some(), mine, facts.is_submitted(), begun) {
        (true, ..) => List::Voided,
        (_, false, ..) => List::Others,
        _ if facts.awaits_officer() => List::Answer,
        (_, true, true, _) => List::Submitted,
        (_, true, false, true) => List::Open,
        (_, true, false, false) => List::Tasks,
    }
}

/// Who acts: as last recorded at the step that assigns them, else as assigned at opening or by the task. A case names others
/// too, who review or discuss it.
pub(crate) fn assigned(
    procedure: Option<&Procedure>,
    facts: &Facts,
    task: Option<&Task>,
) -> Vec<OfficerId> {
    let frame = procedure.and_then(|procedure| procedure.visit.as_ref());
    let named = frame.and_then(|f| facts.steps.get(&f.assigned)?.fields.get(&f.officers));
    let recorded = named.and_then(|noted| match &noted.value {
        Value::Officers(officers) if !officers.is_empty() => Some(officers.clone()),
        _ => None,
    });
    let opened = || {
        facts
            .opened
            .as_ref()
            .map(|noted| noted.value.officers.clone())
    };
    recorded
        .or_else(|| opened().filter(|officers| !officers.is_empty()))
        .or_else(|| task.map(|task| task.officers.clone()))
        .unwrap_or_default()
}

/// The procedure that a record follows.
pub(crate) fn procedure_of(
    c: &Connection,
    facts: &Facts,
    task: Option<&Task>,
) -> Result<Procedure> {
    match (&facts.opened, task) {
        (Some(opened), _) => {
            refs::procedure(c, opened.value.procedure.as_str(), opened.value.version)
        }
        (None, Some(task)) => refs::procedure(c, task.procedure.as_str(), task.version),
        (None, None) => Err(Error::NotFound),
    }
}

/// A page of a list.
pub(crate) fn list(c: &Connection, list: List, offset: u64, limit: u64) -> Result<Vec<Line>> {
    let mut statement = c.prepare_cached(LIST)?;
    let mut rows = statement.query(named_params! {
        ":list": list as i64,
        ":limit": super::number(limit),
        ":offset": super::number(offset),
    })?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

fn line(row: &Row<'_>) -> Result<Line> {
    let record: Vec<u8> = row.get(0)?;
    let number: i64 = row.get(9)?;
    let list = List::ALL.into_iter().find(|list| *list as i64 == number);
    Ok(Line {
        record: id(&record)?,
        procedure: Bilingual {
            zh: row.get(1)?,
            en: row.get(2)?,
        },
        subject: row.get(3)?,
        place: row.get(4)?,
        urgent: row.get(5)?,
        planned: row.get::<_, Option<i64>>(6)?.map(Instant::from_millis),
        done: count(row.get(7)?),
        total: count(row.get(8)?),
        list: list.ok_or(Error::Corrupt("list"))?,
        due: row.get::<_, Option<i64>>(10)?.map(Instant::from_millis),
    })
}

/// The line of one record.
pub(crate) fn one(c: &Connection, record: RecordId) -> Result<Option<Line>> {
    let mut statement = c.prepare_cached(ONE)?;
    let mut rows = statement.query(named_params! { ":record": &record.as_bytes()[..] })?;
    rows.next()?.map(line).transpose()
}

/// My records in which an order to correct runs out, the soonest first.
pub(crate) fn due(c: &Connection, limit: u64) -> Result<Vec<Line>> {
    let mut statement = c.prepare_cached(DUE)?;
    let mut rows = statement.query(named_params! { ":limit": super::number(limit) })?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

/// How many records a list holds.
pub(crate) fn how_many(c: &Connection, list: List) -> Result<u64> {
    let rows: i64 = c.query_row(COUNT, named_params! { ":list": list as i64 }, |row| {
        row.get(0)
    })?;
    Ok(count(rows))
}
