//! Numbers of documents: which of this device's blocks are free, and which records have or had which.
//! Apart because a number is found and taken in one transaction, so that no second tab and no crash takes it twice.

use super::{Result, WriteTx, refs};
use rusqlite::{Connection, named_params};
use shared::domain::reference::NumberBlock;
use shared::fold::Facts;
use shared::id::{FeedId, RecordId};
use shared::numbers::{self, Number};
use shared::rules::procedure::{DocumentKind, Procedure};
use std::collections::BTreeSet;

const FORGET: &str = "DELETE FROM numbers WHERE record = :record";
const NOTE: &str = "INSERT OR IGNORE INTO numbers (stem, n, record) VALUES (:stem, :n, :record)";
const TAKEN: &str = "SELECT n FROM numbers WHERE stem = :stem AND n BETWEEN :first AND :last";
const ELSEWHERE: &str = "SELECT EXISTS (SELECT 1 FROM numbers
    WHERE stem = :stem AND n = :n AND record <> :record)";

/// What is left of this device's blocks for one document.
pub(crate) struct Stock {
    /// The document.
    pub(crate) document: DocumentKind,
    /// The next number, as it is written.
    pub(crate) next: Option<String>,
    /// How many are left.
    pub(crate) left: u64,
}

/// Keeps what a record says of numbers, with its line.
pub(super) fn note(
    tx: &WriteTx<'_>,
    record: RecordId,
    procedure: &Procedure,
    facts: &Facts,
) -> Result<()> {
    // Of a record that left this device nothing is known any more, but its numbers are taken.
    if facts.timeline.is_empty() {
        return Ok(());
    }
    let uses = numbers::uses(procedure, facts);
    tx.prepare_cached(FORGET)?
        .execute(named_params! { ":record": &record.as_bytes()[..] })?;
    for each in uses {
        let number = Number::read(&each.number);
        tx.prepare_cached(NOTE)?.execute(named_params! {
            ":stem": number.stem,
            ":n": number.n,
            ":record": &record.as_bytes()[..],
        })?;
    }
    Ok(())
}

/// This device's blocks, in the order of their numbers.
fn blocks(c: &Connection, feed: FeedId) -> Result<Vec<NumberBlock>> {
    let mut blocks = refs::blocks(c)?;
    blocks.retain(|block| block.feed == feed);
    blocks.sort_by(|a, b| (&a.prefix, a.first).cmp(&(&b.prefix, b.first)));
    Ok(blocks)
}

fn taken(c: &Connection, block: &NumberBlock) -> Result<BTreeSet<u32>> {
    let stem = Number::read(&block.text(block.first)).stem;
    let mut statement = c.prepare_cached(TAKEN)?;
    let mut rows = statement
        .query(named_params! { ":stem": stem, ":first": block.first, ":last": block.last })?;
    let mut out = BTreeSet::new();
    while let Some(row) = rows.next()? {
        out.insert(row.get(0)?);
    }
    Ok(out)
}

/// What is left for each document of which this device has a block.
pub(crate) fn stocks(c: &Connection, feed: FeedId) -> Result<Vec<Stock>> {
    let mut out: Vec<Stock> = Vec::new();
    for block in blocks(c, feed)? {
        let taken = taken(c, &block)?;
        let mut free = block
            .all()
            .filter(|number| !taken.contains(&Number::read(number).n));
        let next = free.next();
        let left = u64::from(next.is_some()) + free.count() as u64;
        match out.iter_mut().find(|had| had.document == block.document) {
            None => out.push(Stock {
                document: block.document,
                next,
                left,
            }),
            Some(had) => {
                had.next = had.next.take().or(next);
                had.left += left;
            }
        }
    }
    Ok(out)
}

/// What is left for one document.
pub(crate) fn stock(c: &Connection, feed: FeedId, document: DocumentKind) -> Result<Stock> {
    let mut all = stocks(c, feed)?.into_iter();
    let found = all.find(|stock| stock.document == document);
    Ok(found.unwrap_or(Stock {
        document,
        next: None,
        left: 0,
    }))
}

/// What a typed number is to this device's blocks.
pub(crate) enum Typed {
    /// Of no block of this device.
    Other,
    /// The next or a later one of a block, as the block writes it.
    Free(String),
    /// Of a block, and some record has or had it.
    Busy,
}

/// What a typed number is to this device's blocks for a document.
pub(crate) fn typed(
    c: &Connection,
    feed: FeedId,
    document: DocumentKind,
    number: &Number,
) -> Result<Typed> {
    let mut blocks = blocks(c, feed)?.into_iter();
    let Some(block) = blocks.find(|block| block.document == document && block.has(number)) else {
        return Ok(Typed::Other);
    };
    Ok(if taken(c, &block)?.contains(&number.n) {
        Typed::Busy
    } else {
        Typed::Free(block.text(number.n))
    })
}

/// Whether another record has or had this number.
pub(crate) fn elsewhere(c: &Connection, record: RecordId, number: &str) -> Result<bool> {
    let number = Number::read(number);
    let mut statement = c.prepare_cached(ELSEWHERE)?;
    Ok(statement.query_row(
        named_params! { ":stem": number.stem, ":n": number.n, ":record": &record.as_bytes()[..] },
        |row| row.get(0),
    )?)
}
