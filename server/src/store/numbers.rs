//! Document numbers: the blocks that devices were given, and what records did with each number.
//! Apart because a block is issued in the transaction that finds its numbers free, and goes to its device's officer with it.

use super::refs::{self, Scope};
use super::{Error, ReadTx, WriteTx};
use rusqlite::{OptionalExtension, Row, named_params};
use shared::codec;
use shared::domain::reference::{NumberBlock, RefSet};
use shared::id::{FeedId, NumberBlockId, RecordId, UnitId};
use shared::instant::Instant;
use shared::numbers::{Fate, Number, Use};

/// A block, and what the office did with it.
pub(crate) struct Issued {
    /// Its numbers and whose they are.
    pub(crate) block: NumberBlock,
    /// The officer's office when it was issued.
    pub(crate) unit: UnitId,
    /// When it was issued.
    pub(crate) at: Instant,
    /// When what was left was voided, and why.
    pub(crate) closed: Option<(Instant, String)>,
}

/// What one record did with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    /// The number as it is compared.
    pub(crate) key: Number,
    /// As it was written.
    pub(crate) number: String,
    /// The record.
    pub(crate) record: RecordId,
    /// Its office.
    pub(crate) unit: UnitId,
    /// The device.
    pub(crate) feed: FeedId,
    /// What became of it.
    pub(crate) fate: Fate,
    /// Typed by hand from a paper form.
    pub(crate) typed: bool,
    /// Why it was voided.
    pub(crate) reason: String,
    /// When it was written.
    pub(crate) at: Instant,
}

/// Why a block is not issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clash {
    /// Another block has some of its numbers.
    Block,
    /// A record has one of its numbers.
    Record,
}

const fn code(fate: Fate) -> u8 {
    match fate {
        Fate::Used => 0,
        Fate::Voided => 1,
        Fate::Replaced => 2,
    }
}

fn stem(block: &NumberBlock) -> String {
    Number::read(&block.text(block.first)).stem
}

const PUT_USE: &str = "INSERT OR REPLACE INTO number_use
        (stem, n, record, unit, number, feed, fate, typed, reason, at)
    VALUES (:stem, :n, :record, :unit, :number, :feed, :fate, :typed, :reason, :at)";

/// Replaces what is known of a record's numbers.
pub(crate) fn replace(
    tx: &WriteTx<'_>,
    record: RecordId,
    unit: UnitId,
    uses: &[Use],
) -> Result<(), Error> {
    tx.sql("DELETE FROM number_use WHERE record = ?1")?
        .execute([record.as_bytes()])?;
    for each in uses {
        let key = Number::read(&each.number);
        tx.sql(PUT_USE)?.execute(named_params! {
            ":stem": key.stem, ":n": key.n, ":record": record.as_bytes(), ":unit": unit.as_bytes(),
            ":number": each.number, ":feed": each.feed.as_bytes(), ":fate": code(each.fate),
            ":typed": each.typed, ":reason": each.reason, ":at": each.at.as_millis(),
        })?;
    }
    Ok(())
}

/// Issues a block to its device, unless one of its numbers is another's.
pub(crate) fn issue(
    tx: &WriteTx<'_>,
    block: &NumberBlock,
    unit: UnitId,
    (account, now): (i64, Instant),
) -> Result<Option<Clash>, Error> {
    let stem = stem(block);
    let range = (&stem, block.first, block.last);
    if tx
        .sql("SELECT 1 FROM number_block WHERE stem = ?1 AND first <= ?3 AND last >= ?2")?
        .exists(range)?
    {
        return Ok(Some(Clash::Block));
    }
    if tx
        .sql("SELECT 1 FROM number_use WHERE stem = ?1 AND n BETWEEN ?2 AND ?3")?
        .exists(range)?
    {
        return Ok(Some(Clash::Record));
    }
    tx.execute(
        "INSERT INTO number_block (id, feed, unit, stem, first, last, body, issued_at, issued_by)
         VALUES (:id, :feed, :unit, :stem, :first, :last, :body, :at, :by)",
        named_params! {
            ":id": block.id.as_bytes(), ":feed": block.feed.as_bytes(), ":unit": unit.as_bytes(),
            ":stem": stem, ":first": block.first, ":last": block.last, ":body": codec::encode(block),
            ":at": now.as_millis(), ":by": account,
        },
    )?;
    let scope = Scope::Officer(block.officer);
    refs::put(tx, RefSet::Numbers, block.id.as_bytes(), scope, block)?;
    Ok(None)
}

/// Voids what is left of a block: its device offers it no more once it has heard. Whether it was open.
pub(crate) fn close(
    tx: &WriteTx<'_>,
    issued: &Issued,
    reason: &str,
    now: Instant,
) -> Result<bool, Error> {
    let id = issued.block.id;
    let rows = tx.execute(
        "UPDATE number_block SET closed_at = ?2, reason = ?3 WHERE id = ?1 AND closed_at IS NULL",
        (id.as_bytes(), now.as_millis(), reason),
    )?;
    if rows == 0 {
        return Ok(false);
    }
    let scope = Scope::Officer(issued.block.officer);
    refs::remove(tx, RefSet::Numbers, id.as_bytes(), scope)?;
    Ok(true)
}

type Stored = (Vec<u8>, UnitId, Instant, Option<(Instant, String)>);

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let closed: Option<i64> = row.get(3)?;
    let reason: String = row.get(4)?;
    Ok((
        row.get(0)?,
        UnitId::from_bytes(row.get(1)?),
        Instant::from_millis(row.get(2)?),
        closed.map(|at| (Instant::from_millis(at), reason)),
    ))
}

fn issued((body, unit, at, closed): Stored) -> Result<Issued, Error> {
    Ok(Issued {
        block: codec::decode(&body).map_err(|_| Error::Corrupt("number block"))?,
        unit,
        at,
        closed,
    })
}

/// Blocks of an office, or of all, the latest first: a part of the list, and whether there is more.
pub(crate) fn list(
    tx: &ReadTx<'_>,
    unit: Option<UnitId>,
    (skip, most): (usize, usize),
) -> Result<(Vec<Issued>, bool), Error> {
    let mut statement = tx.sql(
        "SELECT body, unit, issued_at, closed_at, reason FROM number_block
         WHERE :unit IS NULL OR unit = :unit
         ORDER BY issued_at DESC, id LIMIT :most OFFSET :skip",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":unit": unit.map(|unit| *unit.as_bytes()), ":skip": super::rows(skip),
            ":most": super::rows(most.saturating_add(1)),
        },
        stored,
    )?;
    let mut out = rows
        .map(|row| issued(row?))
        .collect::<Result<Vec<_>, Error>>()?;
    let more = out.len() > most;
    out.truncate(most);
    Ok((out, more))
}

/// One block.
pub(crate) fn one(tx: &ReadTx<'_>, id: NumberBlockId) -> Result<Issued, Error> {
    let row = tx
        .sql("SELECT body, unit, issued_at, closed_at, reason FROM number_block WHERE id = ?1")?
        .query_row([id.as_bytes()], stored)
        .optional()?;
    issued(row.ok_or(Error::NotFound)?)
}

/// The block with the highest numbers that an office was given last: what the next one begins after.
pub(crate) fn latest(tx: &ReadTx<'_>, unit: Option<UnitId>) -> Result<Option<NumberBlock>, Error> {
    let (mut found, _) = list(tx, unit, (0, 1))?;
    let Some(last) = found.pop() else {
        return Ok(None);
    };
    let body: Vec<u8> = tx
        .sql("SELECT body FROM number_block WHERE stem = ?1 ORDER BY last DESC LIMIT 1")?
        .query_row([stem(&last.block)], |row| row.get(0))?;
    codec::decode(&body)
        .map(Some)
        .map_err(|_| Error::Corrupt("number block"))
}

const USED: &str =
    "number_use.stem, number_use.n, number_use.number, number_use.record, number_use.unit,
    number_use.feed, number_use.fate, number_use.typed, number_use.reason, number_use.at";

fn used(row: &Row<'_>) -> rusqlite::Result<Used> {
    Ok(Used {
        key: Number {
            stem: row.get(0)?,
            n: row.get(1)?,
        },
        number: row.get(2)?,
        record: RecordId::from_bytes(row.get(3)?),
        unit: UnitId::from_bytes(row.get(4)?),
        feed: FeedId::from_bytes(row.get(5)?),
        fate: match row.get::<_, u8>(6)? {
            0 => Fate::Used,
            1 => Fate::Voided,
            _ => Fate::Replaced,
        },
        typed: row.get(7)?,
        reason: row.get(8)?,
        at: Instant::from_millis(row.get(9)?),
    })
}

/// What records did with a block's numbers, in their order.
pub(crate) fn of_block(tx: &ReadTx<'_>, block: &NumberBlock) -> Result<Vec<Used>, Error> {
    let mut statement = tx.sql(&format!(
        "SELECT {USED} FROM number_use WHERE stem = ?1 AND n BETWEEN ?2 AND ?3 ORDER BY n, at, record"
    ))?;
    let rows = statement.query_map((stem(block), block.first, block.last), used)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Numbers that more than one record has, unless all of them voided it.
const TWICE: &str = "FROM number_use JOIN (
        SELECT stem, n FROM number_use GROUP BY stem, n HAVING count(*) > 1 AND sum(fate = 0) > 0
    ) AS twice ON number_use.stem = twice.stem AND number_use.n = twice.n";
/// Numbers of a block that another device wrote, or its own after the block was closed.
const STRAY: &str = "FROM number_block JOIN number_use ON number_use.stem = number_block.stem
        AND number_use.n BETWEEN number_block.first AND number_block.last
    WHERE (number_use.feed <> number_block.feed OR number_use.at > number_block.closed_at)
        AND number_use.fate <> 1";
/// Numbers that another stands in place of, and nobody said why.
const REPLACED: &str = "FROM number_use WHERE number_use.fate = 2";
/// Numbers of paper forms.
const TYPED: &str = "FROM number_use WHERE number_use.typed = 1";

/// Numbers that a person should look at, or those of paper forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    Twice,
    Stray,
    Replaced,
    Typed,
}

/// Those of an office, or of all; at most so many.
pub(crate) fn odd(
    tx: &ReadTx<'_>,
    odd: Odd,
    unit: Option<UnitId>,
    most: usize,
) -> Result<Vec<Used>, Error> {
    let (from, order) = match odd {
        Odd::Twice => (TWICE, "number_use.stem, number_use.n, number_use.at"),
        Odd::Stray => (STRAY, "number_use.at DESC"),
        Odd::Replaced => (REPLACED, "number_use.at DESC"),
        Odd::Typed => (TYPED, "number_use.at DESC"),
    };
    let and = if from.contains("WHERE (") || from.contains("WHERE number") {
        "AND"
    } else {
        "WHERE"
    };
    let mut statement = tx.sql(&format!(
        "SELECT {USED} {from} {and} (:unit IS NULL OR number_use.unit = :unit) ORDER BY {order} LIMIT :most"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":unit": unit.map(|unit| *unit.as_bytes()), ":most": super::rows(most),
        },
        used,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}
