//! What records know of each other: visits by officer and by party, and links. Made from the log when a record is assessed.
//! Apart so that a rule which looks at other records is a query over an index and folds none of them.

use super::{Error, ReadTx, WriteTx};
use rusqlite::{OptionalExtension, named_params};
use shared::id::{OfficerId, RecordId, SubjectId, UnitId};
use shared::instant::Instant;
use shared::rules::check::OtherVisit;
use shared::rules::span::Span;
use std::collections::BTreeSet;

/// Another record follows from this one; it says the opposite with [`FROM`].
pub(crate) const LEADS_TO: &str = "leads_to";
/// This record follows from another.
pub(crate) const FROM: &str = "from";

/// What is kept of a record for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The record.
    pub(crate) record: RecordId,
    /// Its office.
    pub(crate) unit: UnitId,
    /// Its procedure's id.
    pub(crate) procedure: String,
    /// The party, if it is in the list.
    pub(crate) subject: Option<SubjectId>,
    /// Its visit, once it began.
    pub(crate) span: Option<Span>,
    /// Other records that it names, with the relation.
    pub(crate) links: BTreeSet<(RecordId, String)>,
}

impl Kept {
    fn year(&self) -> Option<i16> {
        self.span.as_ref().map(|span| span.start.date().year())
    }
}

fn ids(rows: impl Iterator<Item = rusqlite::Result<[u8; 16]>>) -> Result<Vec<RecordId>, Error> {
    Ok(rows
        .map(|row| row.map(RecordId::from_bytes))
        .collect::<Result<_, _>>()?)
}

/// What is kept of a record now.
fn kept(tx: &ReadTx<'_>, record: RecordId, unit: UnitId) -> Result<Kept, Error> {
    let row = tx
        .sql("SELECT procedure, subject, start_at, end_at, place FROM visit WHERE record = ?1")?
        .query_row([record.as_bytes()], |row| {
            let span = Span {
                start: Instant::from_millis(row.get(2)?),
                end: row.get::<_, Option<i64>>(3)?.map(Instant::from_millis),
                officers: Vec::new(),
                place: row.get(4)?,
            };
            Ok((row.get(0)?, row.get::<_, Option<[u8; 16]>>(1)?, span))
        })
        .optional()?;
    let mut statement =
        tx.sql("SELECT officer FROM visit_officer WHERE record = ?1 ORDER BY officer")?;
    let officers = statement
        .query_map([record.as_bytes()], |row| {
            row.get(0).map(OfficerId::from_bytes)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut statement = tx.sql("SELECT other, relation FROM link WHERE record = ?1")?;
    let links = statement
        .query_map([record.as_bytes()], |row| {
            Ok((RecordId::from_bytes(row.get(0)?), row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    let (procedure, subject, span) = match row {
        Some((procedure, subject, span)) => {
            let subject = subject.map(SubjectId::from_bytes);
            (procedure, subject, Some(Span { officers, ..span }))
        }
        None => (String::new(), None, None),
    };
    Ok(Kept {
        record,
        unit,
        procedure,
        subject,
        span,
        links,
    })
}

/// Puts what others need to know of a record. Gives the records that this may change: none if it was so before, so that
/// assessing in turn comes to an end.
pub(crate) fn put(tx: &WriteTx<'_>, new: &Kept) -> Result<BTreeSet<RecordId>, Error> {
    let old = kept(tx, new.record, new.unit)?;
    let same_visit = new.span == old.span
        && (new.span.is_none() || (&new.procedure, new.subject) == (&old.procedure, old.subject));
    if same_visit && new.links == old.links {
        return Ok(BTreeSet::new());
    }
    let mut touched = BTreeSet::new();
    for one in [&old, new] {
        touched.extend(overlapping(tx, one)?.into_iter().map(|other| other.record));
        touched.extend(of_subject(tx, one)?);
        touched.extend(one.links.iter().map(|(other, _)| *other));
    }
    touched.extend(linked_from(tx, new.record)?.into_iter().map(|(id, _)| id));
    store(tx, new)?;
    // Two that touch each other may have been judged at once, each before the other was known.
    if !touched.is_empty() {
        touched.insert(new.record);
    }
    Ok(touched)
}

fn store(tx: &WriteTx<'_>, new: &Kept) -> Result<(), Error> {
    let record = new.record.as_bytes();
    tx.execute("DELETE FROM visit_officer WHERE record = ?1", [record])?;
    tx.execute("DELETE FROM visit WHERE record = ?1", [record])?;
    tx.execute("DELETE FROM link WHERE record = ?1", [record])?;
    for (other, relation) in &new.links {
        tx.execute(
            "INSERT INTO link (record, other, relation) VALUES (?1, ?2, ?3)",
            (record, other.as_bytes(), relation),
        )?;
    }
    let (Some(span), Some(year)) = (&new.span, new.year()) else {
        return Ok(());
    };
    tx.execute(
        "INSERT INTO visit (record, unit, procedure, subject, start_at, end_at, year, place)
         VALUES (:record, :unit, :procedure, :subject, :start, :end, :year, :place)",
        named_params! {
            ":record": record, ":unit": new.unit.as_bytes(), ":procedure": new.procedure,
            ":subject": new.subject.map(|id| *id.as_bytes()), ":start": span.start.as_millis(),
            ":end": span.end.map(Instant::as_millis), ":year": year, ":place": span.place,
        },
    )?;
    for officer in &span.officers {
        tx.execute(
            "INSERT INTO visit_officer (record, officer, start_at, end_at, procedure) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                record,
                officer.as_bytes(),
                span.start.as_millis(),
                span.end.map(Instant::as_millis),
                &new.procedure,
            ),
        )?;
    }
    Ok(())
}

/// How long the longest visit lasted, in milliseconds.
const LONGEST: &str = "SELECT end_at - start_at FROM visit WHERE end_at IS NOT NULL ORDER BY end_at - start_at DESC LIMIT 1";

/// When an officer's visits end stands beside when they begin: one long visit anywhere makes the span wide, and then too only
/// those that overlap are looked up.
const OVERLAPPING: &str = "SELECT visit.record, visit.start_at, visit.end_at, visit.place
     FROM visit_officer CROSS JOIN visit ON visit.record = visit_officer.record
     WHERE visit_officer.officer = :officer AND visit_officer.start_at < :end
       AND visit_officer.start_at > :since AND visit_officer.end_at > :start AND visit_officer.record <> :record
     ORDER BY visit_officer.start_at, visit_officer.record";

/// Visits of the same officers in other records that overlap this one in time. A visit that is not over overlaps nothing yet:
/// when it ends is not known.
pub(crate) fn overlapping(tx: &ReadTx<'_>, one: &Kept) -> Result<Vec<OtherVisit>, Error> {
    let Some((span, end)) = one.span.as_ref().and_then(|span| Some((span, span.end?))) else {
        return Ok(Vec::new());
    };
    // What began longer ago than the longest visit lasted is over: an officer's years are not read through for one day.
    let longest: i64 = tx
        .sql(LONGEST)?
        .query_row([], |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    let mut statement = tx.sql(OVERLAPPING)?;
    let mut out = Vec::new();
    for officer in &span.officers {
        let rows = statement.query_map(
            named_params! {
                ":officer": officer.as_bytes(), ":start": span.start.as_millis(),
                ":end": end.as_millis(), ":record": one.record.as_bytes(),
                ":since": span.start.as_millis().saturating_sub(longest),
            },
            |row| {
                Ok(OtherVisit {
                    record: RecordId::from_bytes(row.get(0)?),
                    officer: *officer,
                    start: Instant::from_millis(row.get(1)?),
                    end: Instant::from_millis(row.get(2)?),
                    place: row.get(3)?,
                })
            },
        )?;
        for row in rows {
            out.push(row?);
        }
    }
    Ok(out)
}

/// Other visits to the same party by the same office under the same procedure in the same year.
fn of_subject(tx: &ReadTx<'_>, one: &Kept) -> Result<Vec<RecordId>, Error> {
    let (Some(subject), Some(year)) = (one.subject, one.year()) else {
        return Ok(Vec::new());
    };
    let mut statement = tx.sql(
        "SELECT record FROM visit WHERE subject = :subject AND unit = :unit AND procedure = :procedure
         AND year = :year AND record <> :record",
    )?;
    ids(statement.query_map(
        named_params! {
            ":subject": subject.as_bytes(), ":unit": one.unit.as_bytes(), ":procedure": one.procedure,
            ":year": year, ":record": one.record.as_bytes(),
        },
        |row| row.get(0),
    )?)
}

/// How many times the office has been at this party in the year under this procedure, up to this visit and with it; before
/// the visit, up to `now` and one more. A later visit does not make an earlier one too many.
pub(crate) fn inspections(tx: &ReadTx<'_>, one: &Kept, now: Instant) -> Result<Option<u32>, Error> {
    let Some(subject) = one.subject else {
        return Ok(None);
    };
    let at = one.span.as_ref().map_or(now, |span| span.start);
    let before: u32 = tx
        .sql(
            "SELECT count(*) FROM visit WHERE subject = :subject AND unit = :unit AND procedure = :procedure
             AND year = :year AND (start_at, record) < (:at, :record)",
        )?
        .query_row(
            named_params! {
                ":subject": subject.as_bytes(), ":unit": one.unit.as_bytes(), ":procedure": one.procedure,
                ":year": at.date().year(), ":at": at.as_millis(), ":record": one.record.as_bytes(),
            },
            |row| row.get(0),
        )?;
    Ok(Some(before.saturating_add(1)))
}

/// The plus keeps the index of an office's visits out: all of them would be read to find the earliest of a few.
const RECHECKED: &str = "SELECT min(start_at) FROM visit WHERE +unit = :unit AND record IN (
                 SELECT other FROM link WHERE record = :record AND relation = :leads
                 UNION SELECT record FROM link WHERE other = :record AND relation = :from)";

/// When a record that follows from this one was on site: the first such visit.
pub(crate) fn rechecked(tx: &ReadTx<'_>, one: &Kept) -> Result<Option<Instant>, Error> {
    let at: Option<i64> = tx.sql(RECHECKED)?.query_row(
        named_params! {
            ":unit": one.unit.as_bytes(), ":record": one.record.as_bytes(),
            ":leads": LEADS_TO, ":from": FROM,
        },
        |row| row.get(0),
    )?;
    Ok(at.map(Instant::from_millis))
}

/// Records that name this one, with the relation as they say it.
pub(crate) fn linked_from(
    tx: &ReadTx<'_>,
    record: RecordId,
) -> Result<Vec<(RecordId, String)>, Error> {
    let mut statement =
        tx.sql("SELECT record, relation FROM link WHERE other = ?1 ORDER BY record")?;
    let rows = statement.query_map([record.as_bytes()], |row| {
        Ok((RecordId::from_bytes(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Records that this one names and that name it, each once.
pub(crate) fn linked(tx: &ReadTx<'_>, one: &Kept) -> Result<BTreeSet<RecordId>, Error> {
    let named = one.links.iter().map(|(other, _)| *other);
    let from = linked_from(tx, one.record)?;
    Ok(named.chain(from.into_iter().map(|(id, _)| id)).collect())
}

#[cfg(test)]
mod tests {
    use crate::store::tests::store;

    #[tokio::test]
    async fn no_query_reads_all_visits() {
        let (_dir, store) = store();
        for (sql, index) in [
            (super::LONGEST, "USING INDEX visit_length"),
            (
                super::OVERLAPPING,
                "SEARCH visit_officer USING COVERING INDEX visit_officer_time (officer=? AND start_at>? AND start_at<?)",
            ),
            (
                super::RECHECKED,
                "SEARCH visit USING PRIMARY KEY (record=?)",
            ),
        ] {
            let read = store.read(move |tx| {
                let mut plan = tx.sql(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let nothing =
                    rusqlite::params_from_iter(vec![rusqlite::types::Null; plan.parameter_count()]);
                let steps = plan.query_map(nothing, |row| row.get(3))?;
                Ok(steps.collect::<Result<Vec<String>, _>>()?.join("; "))
            });
            let plan = read.await.unwrap();
            assert!(plan.contains(index), "{plan}");
        }
    }
}
