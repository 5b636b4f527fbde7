//! The log: commits of every feed in the order in which the single writer took them in.
//! Apart because these rows are evidence: they are only ever added.

use super::{Error, ReadTx, WriteTx, blobs, cut, feeds, jobs, refs, signed, unsigned};
use rusqlite::{OptionalExtension, Row, named_params};
use shared::domain::event::Fact;
use shared::id::{FeedId, OfficerId, RecordId, UnitId};
use shared::instant::Instant;
use shared::log::commit::{Commit, CommitHash, Head, MAX_SEEN, Mode};
use shared::problem::Code;
use shared::sync::wire::{FeedHead, Verdict};

/// What became of a push.
#[derive(Debug)]
pub(crate) enum Appended {
    /// Everything up to here is kept.
    Kept {
        /// The feed's head now.
        head: FeedHead,
        /// The log's position after it.
        position: u64,
        /// Commits that are not acted upon.
        verdicts: Vec<Verdict>,
    },
    /// Nothing more is taken; where the server stands.
    Refused(Code, Option<FeedHead>),
}

/// Appends verified commits of one feed, ascending. The longest run that fits is kept, and a refusal keeps what came before it.
pub(crate) fn append(
    tx: &WriteTx<'_>,
    feed: FeedId,
    commits: &[Commit],
    now: Instant,
) -> Result<Appended, Error> {
    let Some(mut state) = feeds::state(tx, feed)? else {
        return Ok(Appended::Refused(Code::BadToken, None));
    };
    if state.revoked {
        return Ok(Appended::Refused(Code::Revoked, None));
    }
    if state.frozen {
        return Ok(Appended::Refused(Code::Frozen, state.head));
    }
    let mut verdicts = Vec::new();
    for (taken, commit) in commits.iter().enumerate() {
        match place(tx, &state, commit)? {
            Place::Known => {}
            Place::Next => {
                let verdict = judge(tx, &state, commit)?;
                state.position = insert(tx, commit, &verdict, now)?;
                state.head = Some(FeedHead {
                    seq: commit.header().seq,
                    hash: commit.hash(),
                });
                verdicts.extend(verdict.code.map(|code| Verdict {
                    seq: commit.header().seq,
                    code: code.as_str().to_owned(),
                }));
            }
            Place::Fork => {
                keep_fork(tx, commit, now)?;
                return Ok(Appended::Refused(Code::Fork, state.head));
            }
            Place::Refused(code) if taken == 0 => {
                return Ok(Appended::Refused(code, state.head));
            }
            Place::Refused(_) => break,
        }
    }
    match state.head {
        Some(head) => Ok(Appended::Kept {
            head,
            position: state.position,
            verdicts,
        }),
        None => Ok(Appended::Refused(Code::BadRequest, None)),
    }
}

enum Place {
    Known,
    Next,
    Fork,
    Refused(Code),
}

fn place(tx: &ReadTx<'_>, state: &feeds::State, commit: &Commit) -> Result<Place, Error> {
    let header = commit.header();
    let head_seq = state.head.map_or(0, |head| head.seq);
    if header.seq <= head_seq {
        let known = hash_at(tx, header.feed, header.seq)?;
        return Ok(if known == Some(commit.hash()) {
            Place::Known
        } else {
            Place::Fork
        });
    }
    if header.seq > head_seq + 1 {
        return Ok(Place::Refused(Code::Gap));
    }
    if header.prev != state.head.map(|head| head.hash) {
        return Ok(Place::Fork);
    }
    let record_prev = record_head(tx, header.record, header.feed)?;
    if header.record_prev != record_prev.map(|head| head.hash) {
        return Ok(Place::Refused(Code::BadCommit));
    }
    Ok(Place::Next)
}

/// Whether a commit is acted upon, and under which office it counts.
pub(crate) struct Judged {
    code: Option<Code>,
    held: bool,
    unit: UnitId,
}

fn judge(tx: &ReadTx<'_>, state: &feeds::State, commit: &Commit) -> Result<Judged, Error> {
    let header = commit.header();
    let mut opened = None;
    let (mut poison, mut not_theirs) = (false, false);
    for (_, event) in commit.events() {
        match event.map(|event| event.fact) {
            Ok(Fact::Opened(fact)) => opened = opened.or(Some(fact.unit)),
            // Only the office returns a record or finds on a gap: a device could clear its own officer.
            Ok(Fact::Returned(_) | Fact::Reviewed(_)) => not_theirs = true,
            Ok(_) => {}
            Err(_) => poison = true,
        }
    }
    let known: Option<([u8; 16], bool)> = record_row(tx, header.record)?;
    let unit = known
        .map(|(unit, _)| UnitId::from_bytes(unit))
        .or(opened)
        .unwrap_or(state.unit);
    let drill = header.mode == Mode::Drill;
    let foreign = not_theirs
        || Some(header.officer) != state.officer
        || unit != state.unit
        || opened.is_some_and(|opened| opened != unit)
        || known.is_some_and(|(_, known)| known != drill);
    let code = match (foreign, poison) {
        (true, _) => Some(Code::OutOfScope),
        (false, true) => Some(Code::PoisonBody),
        (false, false) => None,
    };
    Ok(Judged {
        code,
        held: foreign,
        unit,
    })
}

fn record_row(tx: &ReadTx<'_>, record: RecordId) -> Result<Option<([u8; 16], bool)>, Error> {
    Ok(tx
        .sql("SELECT unit, drill FROM record WHERE id = ?1")?
        .query_row([record.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

fn insert(tx: &WriteTx<'_>, commit: &Commit, judged: &Judged, now: Instant) -> Result<u64, Error> {
    let header = commit.header();
    let drill = header.mode == Mode::Drill;
    tx.execute(
        "INSERT INTO commits (feed, seq, hash, record, unit, drill, received_at, verdict, held, bytes)
         VALUES (:feed, :seq, :hash, :record, :unit, :drill, :now, :verdict, :held, :bytes)",
        named_params! {
            ":feed": header.feed.as_bytes(), ":seq": signed(header.seq), ":hash": commit.hash().0,
            ":record": header.record.as_bytes(), ":unit": judged.unit.as_bytes(), ":drill": drill,
            ":now": now.as_millis(), ":verdict": judged.code.map(Code::as_str),
            ":held": judged.held, ":bytes": commit.bytes(),
        },
    )?;
    let position = tx.0.0.last_insert_rowid();
    tx.execute(
        "UPDATE feed SET head_seq = :seq, head_hash = :hash, head_position = :position WHERE id = :feed",
        named_params! {
            ":feed": header.feed.as_bytes(), ":seq": signed(header.seq),
            ":hash": commit.hash().0, ":position": position,
        },
    )?;
    tx.execute(
        "INSERT INTO feed_record (feed, record, seq, hash) VALUES (:feed, :record, :seq, :hash)
         ON CONFLICT (record, feed) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
        named_params! {
            ":feed": header.feed.as_bytes(), ":record": header.record.as_bytes(),
            ":seq": signed(header.seq), ":hash": commit.hash().0,
        },
    )?;
    if !judged.held {
        tx.execute(
            "INSERT INTO record (id, unit, drill, created_at, changed_at)
             VALUES (:id, :unit, :drill, :now, :now)
             ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at",
            named_params! {
                ":id": header.record.as_bytes(), ":unit": judged.unit.as_bytes(),
                ":drill": drill, ":now": now.as_millis(),
            },
        )?;
        blobs::want(tx, commit, judged.unit)?;
        jobs::enqueue(tx, header.record, now)?;
    }
    Ok(unsigned(position))
}

/// Keeps the other claimant of a place and takes nothing more from this feed.
fn keep_fork(tx: &WriteTx<'_>, commit: &Commit, now: Instant) -> Result<(), Error> {
    let header = commit.header();
    tx.execute(
        "INSERT INTO fork (feed, seq, hash, received_at, bytes) VALUES (:feed, :seq, :hash, :now, :bytes)",
        named_params! {
            ":feed": header.feed.as_bytes(), ":seq": signed(header.seq), ":hash": commit.hash().0,
            ":now": now.as_millis(), ":bytes": commit.bytes(),
        },
    )?;
    feeds::freeze(tx, header.feed, now)
}

/// Appends a commit that the server itself sealed.
pub(crate) fn append_own(
    tx: &WriteTx<'_>,
    commit: &Commit,
    unit: UnitId,
    now: Instant,
) -> Result<u64, Error> {
    insert(
        tx,
        commit,
        &Judged {
            code: None,
            held: false,
            unit,
        },
        now,
    )
}

fn hash_at(tx: &ReadTx<'_>, feed: FeedId, seq: u64) -> Result<Option<CommitHash>, Error> {
    Ok(tx
        .sql("SELECT hash FROM commits WHERE feed = ?1 AND seq = ?2")?
        .query_row((feed.as_bytes(), signed(seq)), |row| {
            row.get(0).map(CommitHash)
        })
        .optional()?)
}

fn record_head(tx: &ReadTx<'_>, record: RecordId, feed: FeedId) -> Result<Option<Head>, Error> {
    Ok(record_heads(tx, record)?
        .into_iter()
        .find(|head| head.feed == feed))
}

/// The last commit of each feed within a record, ascending by feed, at most what `seen` can name beside the feed's own.
pub(crate) fn record_heads(tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<Head>, Error> {
    let mut statement =
        tx.sql("SELECT feed, seq, hash FROM feed_record WHERE record = ?1 ORDER BY feed LIMIT ?2")?;
    let rows = statement.query_map((record.as_bytes(), super::rows(MAX_SEEN + 1)), |row| {
        Ok(Head {
            feed: FeedId::from_bytes(row.get(0)?),
            seq: unsigned(row.get(1)?),
            hash: CommitHash(row.get(2)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One stored commit with what the server knows of its arrival.
pub(crate) struct Stored {
    /// The commit.
    pub(crate) commit: Commit,
    /// When it came in.
    pub(crate) received_at: Instant,
    /// Kept, but not acted upon.
    pub(crate) held: bool,
}

/// Every commit of a record in order of arrival, held ones too.
pub(crate) fn of_record(tx: &ReadTx<'_>, record: RecordId) -> Result<Vec<Stored>, Error> {
    let mut statement =
        tx.sql("SELECT bytes, received_at, held FROM commits WHERE record = ?1 ORDER BY position")?;
    let mut rows = statement.query([record.as_bytes()])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        out.push(Stored {
            commit: Commit::parse(&bytes).map_err(|_| Error::Corrupt("commit"))?,
            received_at: Instant::from_millis(row.get(1)?),
            held: row.get(2)?,
        });
    }
    Ok(out)
}

/// A page of the log for one office.
pub(crate) struct Page {
    /// The commits' bytes.
    pub(crate) commits: Vec<Vec<u8>>,
    /// Where the next page starts.
    pub(crate) position: u64,
    /// Whether there is more.
    pub(crate) more: bool,
}

/// Commits of an office's records after a position, at most `count` and about `room` bytes. Drills are not among them: how
/// somebody practised is for the player, whose phone has it, and for whoever trains.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    unit: UnitId,
    after: u64,
    count: usize,
    room: usize,
) -> Result<Page, Error> {
    let mut statement = tx.sql(
        "SELECT position, bytes FROM commits
         WHERE unit = :unit AND held = 0 AND drill = 0 AND position > :after ORDER BY position",
    )?;
    let mut rows =
        statement.query(named_params! {":unit": unit.as_bytes(), ":after": signed(after)})?;
    let mut page = Page {
        commits: Vec::new(),
        position: after,
        more: false,
    };
    let mut size = 0;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(1)?;
        size += bytes.len();
        if !page.commits.is_empty() && (page.commits.len() >= count || size > room) {
            page.more = true;
            break;
        }
        page.position = unsigned(row.get(0)?);
        page.commits.push(bytes);
    }
    Ok(page)
}

/// The last position of the log.
pub(crate) fn position(tx: &ReadTx<'_>) -> Result<u64, Error> {
    let last: i64 = tx
        .sql("SELECT coalesce(max(position), 0) FROM commits")?
        .query_row([], |row| row.get(0))?;
    Ok(unsigned(last))
}

/// What lists show of a record.
pub(crate) struct RecordRow {
    /// Its office.
    pub(crate) unit: UnitId,
    /// Practice, never counted as enforcement.
    pub(crate) drill: bool,
}

/// A record's row.
pub(crate) fn record(tx: &ReadTx<'_>, id: RecordId) -> Result<Option<RecordRow>, Error> {
    Ok(record_row(tx, id)?.map(|(unit, drill)| RecordRow {
        unit: UnitId::from_bytes(unit),
        drill,
    }))
}

/// A line of a list of records.
pub(crate) struct Line {
    /// The record.
    pub(crate) id: RecordId,
    /// Its office.
    pub(crate) unit: UnitId,
    /// Its procedure's id.
    pub(crate) procedure: String,
    /// On whose premises.
    pub(crate) subject_name: String,
    /// The matter's code.
    pub(crate) matter: String,
    /// When it was handed in.
    pub(crate) submitted_at: Option<Instant>,
    /// It counts for nothing.
    pub(crate) voided: bool,
    /// When something was last added to it.
    pub(crate) changed_at: Instant,
    /// Pictures that it names.
    pub(crate) photos: u32,
    /// Those of them that are there.
    pub(crate) arrived: u32,
    /// The file's points and the code of their band, where a scheme scores it.
    pub(crate) score: Option<(u32, String)>,
}

/// Which records a list shows, and so in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// All, last changed first.
    All,
    /// Those whose files are scored, the fewest points first.
    Scored,
    /// Those of this band, the fewest points first.
    Band(String),
}

const LINE: &str = "SELECT record.id, record.unit, procedure, subject_name, matter, submitted_at, voided, changed_at,
    (SELECT count(DISTINCT hash) FROM blob_want AS want WHERE want.record = record.id),
    (SELECT count(DISTINCT want.hash) FROM blob_want AS want
     JOIN blob ON blob.hash = want.hash AND blob.unit = want.unit AND blob.len = want.len
     WHERE want.record = record.id), points, band
    FROM record";

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        id: RecordId::from_bytes(row.get(0)?),
        unit: UnitId::from_bytes(row.get(1)?),
        procedure: row.get(2)?,
        subject_name: row.get(3)?,
        matter: row.get(4)?,
        submitted_at: row.get::<_, Option<i64>>(5)?.map(Instant::from_millis),
        voided: row.get(6)?,
        changed_at: Instant::from_millis(row.get(7)?),
        photos: row.get(8)?,
        arrived: row.get(9)?,
        score: row
            .get::<_, Option<u32>>(10)?
            .zip(row.get::<_, Option<String>>(11)?),
    })
}

/// The query for a page of records; `shown` holds the keys alone, which an index gives in order.
fn page_of(which: &Which, of_unit: bool) -> String {
    let scored = match which {
        Which::All => "drill = 0 AND :band IS NULL",
        Which::Scored => "points IS NOT NULL AND :band IS NULL",
        Which::Band(_) => "band = :band",
    };
    let unit = if of_unit {
        "unit = :unit"
    } else {
        ":unit IS NULL"
    };
    let order = match which {
        Which::All => "changed_at DESC, id DESC",
        Which::Scored | Which::Band(_) => "points, changed_at DESC, id",
    };
    // The pictures are counted for the lines that are shown, not for all that are sorted.
    format!(
        "{LINE} JOIN (SELECT id FROM record WHERE {unit} AND {scored} ORDER BY {order}
                      LIMIT :limit OFFSET :offset) AS shown ON shown.id = record.id
         ORDER BY {}",
        order
            .replace("points", "record.points")
            .replace("changed_at", "record.changed_at")
            .replace("id", "record.id")
    )
}

/// A page of records; `unit` none = every office. Drills are no records of enforcement: they have a list of their own, and no
/// points.
pub(crate) fn lines(
    tx: &ReadTx<'_>,
    unit: Option<UnitId>,
    which: &Which,
    page: usize,
    size: usize,
) -> Result<(Vec<Line>, bool), Error> {
    let band = match which {
        Which::Band(code) => Some(code),
        Which::All | Which::Scored => None,
    };
    let mut statement = tx.sql(&page_of(which, unit.is_some()))?;
    let rows = statement.query_map(
        named_params! {
            ":unit": unit.map(|unit| *unit.as_bytes()), ":limit": super::rows(size + 1),
            ":offset": super::rows(page.saturating_mul(size)), ":band": band,
        },
        line,
    )?;
    let out: Vec<Line> = rows.collect::<Result<_, _>>()?;
    Ok(cut(out, size))
}

/// One record as lists show it.
pub(crate) fn brief(tx: &ReadTx<'_>, id: RecordId) -> Result<Option<Line>, Error> {
    Ok(tx
        .sql(&format!("{LINE} WHERE record.id = ?1"))?
        .query_row([id.as_bytes()], line)
        .optional()?)
}

/// Refreshes what lists show of a record; gives whether any of it was otherwise.
pub(crate) fn describe(
    tx: &WriteTx<'_>,
    id: RecordId,
    facts: &shared::fold::Facts,
) -> Result<bool, Error> {
    let opened = facts.opened.as_ref().map(|noted| &noted.value);
    let changed = tx.execute(
        "UPDATE record SET procedure = :procedure, subject_name = :subject, matter = :matter,
         submitted_at = :submitted, voided = :voided
         WHERE id = :id AND (procedure, subject_name, matter, submitted_at, voided)
             IS NOT (:procedure, :subject, :matter, :submitted, :voided)",
        named_params! {
            ":id": id.as_bytes(),
            ":procedure": opened.map_or("", |o| o.procedure.as_str()),
            ":subject": opened.map_or("", |o| &o.subject_name),
            ":matter": opened.map_or("", |o| &o.matter),
            ":submitted": facts.submitted.as_ref().map(|s| s.recorded_at.as_millis()),
            ":voided": facts.voided.is_some(),
        },
    )?;
    Ok(changed > 0)
}

/// Puts the points of a record's file with their band; gives whether they were others.
pub(crate) fn score(
    tx: &WriteTx<'_>,
    id: RecordId,
    score: Option<(u32, &str)>,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE record SET points = :points, band = :band
         WHERE id = :id AND (points, band) IS NOT (:points, :band)",
        named_params! {
            ":id": id.as_bytes(), ":points": score.map(|(points, _)| points),
            ":band": score.map(|(_, band)| band),
        },
    )?;
    Ok(changed > 0)
}

/// The office of a device's officer, as of now.
pub(crate) fn unit_of(tx: &ReadTx<'_>, officer: OfficerId) -> Result<UnitId, Error> {
    refs::officer(tx, officer)?
        .map(|officer| officer.unit)
        .ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::{Which, page_of};

    #[tokio::test]
    async fn lists_of_scored_files_go_along_an_index_and_sort_nothing() {
        let (_dir, store) = crate::store::tests::store();
        let band = Which::Band("fail".to_owned());
        for (which, of_unit, index) in [
            (&Which::Scored, false, "record_points"),
            (&Which::Scored, true, "record_unit_points"),
            (&band, false, "record_band"),
            (&band, true, "record_unit_band"),
            (&Which::All, true, "record_unit"),
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", page_of(which, of_unit));
            let read = store.read(move |tx| {
                let mut plan = tx.sql(&sql)?;
                let nothing =
                    rusqlite::params_from_iter(vec![rusqlite::types::Null; plan.parameter_count()]);
                let steps = plan.query_map(nothing, |row| row.get(3))?;
                Ok(steps.collect::<Result<Vec<String>, _>>()?)
            });
            let plan = read.await.unwrap();
            let shown: Vec<&String> = plan
                .iter()
                .filter(|step| step.contains("SEARCH record") || step.contains("SCAN record"))
                .collect();
            assert!(shown[0].contains(&format!("INDEX {index}")), "{plan:?}");
            // What is sorted in the end is the page.
            let sorts = plan.iter().filter(|step| step.contains("ORDER BY")).count();
            assert!(sorts <= 1, "{plan:?}");
        }
    }
}
