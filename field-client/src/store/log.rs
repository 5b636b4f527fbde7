//! Sealed commits: journal rows go out and a signed commit comes in, in one transaction; receipts let go of them.

use super::{Error, Result, WriteTx, blobs, count, drill, id, journal, meta, number, refs};
use crate::host::Host;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use shared::domain::event::Event;
use shared::id::{FeedId, JurisdictionId, RecordId};
use shared::instant::Instant;
use shared::log::commit::{
    BeaconSeen, Commit, CommitHash, HEADER_VERSION, Head, Header, MAX_EVENTS, MAX_SEEN, Mode,
    SUITE_ED25519_SHA256, TimeEvidence,
};
use shared::sync::wire::{FeedHead, Receipt, Verdict};

const PUT: &str =
    "INSERT INTO commits (feed, seq, hash, record, own, acked, sealed_at, bytes, drill)
    VALUES (:feed, :seq, :hash, :record, :own, :acked, :at, :bytes, :drill)";
const HEAD: &str = "SELECT seq, hash FROM commits WHERE feed = :feed ORDER BY seq DESC LIMIT 1";
const RECORD_HEAD: &str = "SELECT hash FROM commits WHERE record = :record AND feed = :feed
    ORDER BY seq DESC LIMIT 1";
const OTHER_HEADS: &str = "SELECT feed, MAX(seq), hash FROM commits
    WHERE record = :record AND feed <> :feed GROUP BY feed ORDER BY feed LIMIT :limit";
const OF_RECORD: &str =
    "SELECT bytes FROM commits WHERE record = :record AND drill = 0 ORDER BY feed, seq";
const UNSENT: &str = "SELECT COUNT(*), MIN(sealed_at), IFNULL(SUM(drill), 0), MIN(CASE drill WHEN 0 THEN sealed_at END)
    FROM commits WHERE own = 1 AND acked = 0";
const AFTER: &str = "SELECT bytes FROM commits
    WHERE feed = :feed AND seq > :after ORDER BY seq LIMIT :limit";
const HASH_AT: &str = "SELECT hash FROM commits WHERE feed = :feed AND seq = :seq";
const ACK: &str = "UPDATE commits SET acked = 1 WHERE feed = :feed AND seq <= :seq AND acked = 0";
const UNACK: &str = "UPDATE commits SET acked = 0 WHERE own = 1 AND seq > :seq AND acked = 1";
const VERDICT: &str = "INSERT INTO verdicts (seq, code) VALUES (:seq, :code)
    ON CONFLICT (seq) DO UPDATE SET code = excluded.code";
const VERDICTS: &str = "SELECT seq, code FROM verdicts ORDER BY seq";

/// What waits for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unsent {
    /// Sealed commits without a receipt, and records with unsealed answers.
    pub(crate) count: u64,
    /// The age's start.
    pub(crate) oldest: Option<Instant>,
}

/// Seals every unsealed event of a record. Gives the number of commits made.
pub(crate) fn seal(tx: &WriteTx<'_>, host: &dyn Host, record: RecordId) -> Result<usize> {
    if drill::is_drill(tx)? {
        drill::freeze(tx, record)?;
        return Ok(0);
    }
    let (events, last) = journal::events(tx, record)?;
    let made = seal_events(tx, host, record, Mode::Real, &events)?;
    journal::forget(tx, record, last)?;
    Ok(made)
}

/// Seals these events of a record. Gives the number of commits made.
pub(super) fn seal_events(
    tx: &WriteTx<'_>,
    host: &dyn Host,
    record: RecordId,
    mode: Mode,
    events: &[Event],
) -> Result<usize> {
    let chunks = events.chunks(MAX_EVENTS);
    let made = chunks.len();
    for chunk in chunks {
        let commit = seal_chunk(tx, host, record, mode, chunk)?;
        // A drill's photos stay where they were taken.
        if mode == Mode::Real {
            blobs::sealed(tx, chunk, commit.header().seq)?;
        }
        put(tx, &commit, true, false, host.now())?;
    }
    Ok(made)
}

/// Seals every unsealed event there is.
pub(crate) fn seal_all(tx: &WriteTx<'_>, host: &dyn Host) -> Result<usize> {
    let mut made = 0;
    for waiting in journal::records(tx)? {
        made += seal(tx, host, waiting.record)?;
    }
    Ok(made)
}

fn seal_chunk(
    tx: &WriteTx<'_>,
    host: &dyn Host,
    record: RecordId,
    mode: Mode,
    events: &[Event],
) -> Result<Commit> {
    let (feed, key) = meta::feed_key(tx)?;
    let header = Header {
        mode,
        ..header(tx, host, feed, record)?
    };
    let mut salt = [0; 16];
    host.random(&mut salt);
    Commit::seal(header, events, salt, &key).map_err(|_| Error::Corrupt("sealing"))
}

fn header(tx: &WriteTx<'_>, host: &dyn Host, feed: FeedId, record: RecordId) -> Result<Header> {
    let profile = meta::profile(tx)?;
    let head = head(tx, feed)?;
    let (monotonic_ms, session) = host.monotonic();
    let beacon = meta::beacon(tx)?.map(|beacon| BeaconSeen {
        time: beacon.time,
        nonce: beacon.nonce,
    });
    Ok(Header {
        version: HEADER_VERSION,
        suite: SUITE_ED25519_SHA256,
        feed,
        seq: head.map_or(0, |head| head.seq) + 1,
        prev: head.map(|head| head.hash),
        record,
        record_prev: record_head(tx, feed, record)?,
        seen: other_heads(tx, feed, record)?,
        officer: profile.officer,
        mode: Mode::Real,
        jurisdiction: JurisdictionId::new(&profile.jurisdiction)
            .map_err(|_| Error::Corrupt("jurisdiction"))?,
        refs: refs::judging(tx)?,
        time: TimeEvidence {
            wall: host.now(),
            monotonic_ms,
            session,
            beacon,
        },
        events: Vec::new(),
    })
}

/// Stores a commit that is known to be sound and whose place is free.
pub(super) fn put(
    tx: &WriteTx<'_>,
    commit: &Commit,
    own: bool,
    acked: bool,
    at: Instant,
) -> Result<()> {
    let header = commit.header();
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":feed": &header.feed.as_bytes()[..],
        ":seq": number(header.seq),
        ":hash": &commit.hash().0[..],
        ":record": &header.record.as_bytes()[..],
        ":own": own,
        ":acked": acked,
        ":at": at.as_millis(),
        ":bytes": commit.bytes(),
        ":drill": header.mode == Mode::Drill,
    })?;
    Ok(())
}

/// The last commit of a feed.
pub(crate) fn head(c: &Connection, feed: FeedId) -> Result<Option<FeedHead>> {
    let mut statement = c.prepare_cached(HEAD)?;
    let found = statement.query_row(named_params! { ":feed": &feed.as_bytes()[..] }, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    let Some((seq, hash)) = found.optional()? else {
        return Ok(None);
    };
    Ok(Some(FeedHead {
        seq: count(seq),
        hash: commit_hash(&hash)?,
    }))
}

fn record_head(c: &Connection, feed: FeedId, record: RecordId) -> Result<Option<CommitHash>> {
    let mut statement = c.prepare_cached(RECORD_HEAD)?;
    let found = statement.query_row(
        named_params! { ":record": &record.as_bytes()[..], ":feed": &feed.as_bytes()[..] },
        |row| row.get::<_, Vec<u8>>(0),
    );
    found.optional()?.map(|hash| commit_hash(&hash)).transpose()
}

fn other_heads(c: &Connection, feed: FeedId, record: RecordId) -> Result<Vec<Head>> {
    let mut statement = c.prepare_cached(OTHER_HEADS)?;
    let mut rows = statement.query(named_params! {
        ":record": &record.as_bytes()[..],
        ":feed": &feed.as_bytes()[..],
        ":limit": i64::try_from(MAX_SEEN).unwrap_or(0),
    })?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        heads.push(Head {
            feed: id(&row.get::<_, Vec<u8>>(0)?)?,
            seq: count(row.get(1)?),
            hash: commit_hash(&row.get::<_, Vec<u8>>(2)?)?,
        });
    }
    Ok(heads)
}

/// The commits of a record, own and others'. Those of a drill make no record.
pub(crate) fn of_record(c: &Connection, record: RecordId) -> Result<Vec<Commit>> {
    let mut statement = c.prepare_cached(OF_RECORD)?;
    let mut rows = statement.query(named_params! { ":record": &record.as_bytes()[..] })?;
    let mut commits = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        commits.push(Commit::parse(&bytes).map_err(|_| Error::Corrupt("commit"))?);
    }
    Ok(commits)
}

/// What waits for the server, sealed or not. Drills are not counted here: see [`drills_unsent`].
pub(crate) fn unsent(c: &Connection) -> Result<Unsent> {
    let waiting = waiting(c)?;
    let (sealed, oldest) = (waiting.sealed - waiting.drills, waiting.oldest_record);
    let open = journal::records(c)?;
    let oldest = open
        .iter()
        .map(|waiting| waiting.oldest)
        .chain(oldest)
        .min();
    Ok(Unsent {
        count: sealed + open.len() as u64,
        oldest,
    })
}

/// Sealed commits without a receipt, and when the oldest was sealed.
pub(crate) fn sealed_unsent(c: &Connection) -> Result<(u64, Option<Instant>)> {
    let waiting = waiting(c)?;
    Ok((waiting.sealed, waiting.oldest))
}

/// Commits of drills without a receipt.
pub(crate) fn drills_unsent(c: &Connection) -> Result<u64> {
    Ok(waiting(c)?.drills)
}

/// Sealed commits without a receipt.
struct Sealed {
    sealed: u64,
    oldest: Option<Instant>,
    drills: u64,
    /// The oldest that is not a drill's.
    oldest_record: Option<Instant>,
}

fn waiting(c: &Connection) -> Result<Sealed> {
    let mut statement = c.prepare_cached(UNSENT)?;
    let time = |row: &Row<'_>, at: usize| -> rusqlite::Result<Option<Instant>> {
        let millis: Option<i64> = row.get(at)?;
        Ok(millis.map(Instant::from_millis))
    };
    Ok(statement.query_row([], |row: &Row<'_>| {
        Ok(Sealed {
            sealed: count(row.get(0)?),
            oldest: time(row, 1)?,
            drills: count(row.get(2)?),
            oldest_record: time(row, 3)?,
        })
    })?)
}

/// The own commits after this number, in order: at most so many, and so many bytes, but one at least.
pub(crate) fn run(
    c: &Connection,
    feed: FeedId,
    after: u64,
    commits: usize,
    bytes: usize,
) -> Result<Vec<Vec<u8>>> {
    let mut statement = c.prepare_cached(AFTER)?;
    let mut rows = statement.query(named_params! {
        ":feed": &feed.as_bytes()[..],
        ":after": number(after),
        ":limit": i64::try_from(commits).unwrap_or(i64::MAX),
    })?;
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut total = 0;
    while let Some(row) = rows.next()? {
        let commit: Vec<u8> = row.get(0)?;
        total += commit.len();
        if total > bytes && !out.is_empty() {
            break;
        }
        out.push(commit);
    }
    Ok(out)
}

/// A restored server lost what its receipt does not cover: it counts as unsent again.
pub(crate) fn unacknowledge(tx: &WriteTx<'_>, seq: u64) -> Result<()> {
    tx.execute(UNACK, named_params! { ":seq": number(seq) })?;
    Ok(())
}

/// The hash of the commit that stands at this place.
pub(crate) fn hash_at(c: &Connection, feed: FeedId, seq: u64) -> Result<Option<CommitHash>> {
    let mut statement = c.prepare_cached(HASH_AT)?;
    let found = statement.query_row(
        named_params! { ":feed": &feed.as_bytes()[..], ":seq": number(seq) },
        |row| row.get::<_, Vec<u8>>(0),
    );
    found.optional()?.map(|hash| commit_hash(&hash)).transpose()
}

/// Marks what a receipt covers. Believed only if the server signed it, for this feed, over a hash that stands here:
/// anything else leaves every commit unsent. Gives whether it was believed.
pub(crate) fn acknowledge(tx: &WriteTx<'_>, receipt: &Receipt) -> Result<bool> {
    let profile = meta::profile(tx)?;
    let ours = receipt.feed == profile.feed
        && receipt.verifies(&profile.verifying_key()?)
        && hash_at(tx, receipt.feed, receipt.seq)? == Some(receipt.hash);
    if ours {
        tx.prepare_cached(ACK)?.execute(named_params! {
            ":feed": &receipt.feed.as_bytes()[..],
            ":seq": number(receipt.seq),
        })?;
    }
    Ok(ours)
}

/// Remembers what the server does not act upon.
pub(crate) fn put_verdicts(tx: &WriteTx<'_>, verdicts: &[Verdict]) -> Result<()> {
    for verdict in verdicts {
        tx.prepare_cached(VERDICT)?.execute(named_params! {
            ":seq": number(verdict.seq),
            ":code": verdict.code,
        })?;
    }
    Ok(())
}

/// What the server does not act upon.
pub(crate) fn verdicts(c: &Connection) -> Result<Vec<Verdict>> {
    let mut statement = c.prepare_cached(VERDICTS)?;
    let rows = statement.query_map([], |row| {
        Ok(Verdict {
            seq: count(row.get(0)?),
            code: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn commit_hash(bytes: &[u8]) -> Result<CommitHash> {
    bytes
        .try_into()
        .map(CommitHash)
        .map_err(|_| Error::Corrupt("hash"))
}
