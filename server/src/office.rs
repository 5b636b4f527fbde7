//! What the office does to a record: commits of the server's own feed, by the person who acts, so that phone and office write
//! one history.

use crate::app::App;
use crate::store::{self, WriteTx, feeds, log, refs};
use crate::sync::enrol::JURISDICTION;
use shared::domain::event::Event;
use shared::id::{JurisdictionId, OfficerId, RecordId, UnitId};
use shared::instant::Instant;
use shared::log::commit::{
    Commit, HEADER_VERSION, Header, MAX_SEEN, Mode, SUITE_ED25519_SHA256, TimeEvidence,
};

/// Who acts on which record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    /// The record.
    pub(crate) record: RecordId,
    /// Its office.
    pub(crate) unit: UnitId,
    /// The person.
    pub(crate) officer: OfficerId,
    /// Random bytes that keep short facts from being guessed by their hash.
    pub(crate) salt: [u8; 16],
}

/// Seals events and appends them.
pub(crate) fn commit(
    tx: &WriteTx<'_>,
    app: &App,
    act: Act,
    events: &[Event],
    now: Instant,
) -> Result<(), store::Error> {
    let feed = app.keys.feed;
    let state = feeds::state(tx, feed)?.ok_or(store::Error::Corrupt("own feed"))?;
    let (own, mut seen): (Vec<_>, Vec<_>) = log::record_heads(tx, act.record)?
        .into_iter()
        .partition(|head| head.feed == feed);
    seen.truncate(MAX_SEEN);
    let header = Header {
        version: HEADER_VERSION,
        suite: SUITE_ED25519_SHA256,
        feed,
        seq: state.head.map_or(0, |head| head.seq) + 1,
        prev: state.head.map(|head| head.hash),
        record: act.record,
        record_prev: own.first().map(|head| head.hash),
        seen,
        officer: act.officer,
        mode: Mode::Real,
        jurisdiction: JurisdictionId::new(JURISDICTION)
            .map_err(|_| store::Error::Corrupt("jurisdiction"))?,
        refs: refs::versions(tx)?,
        time: TimeEvidence {
            wall: now,
            monotonic_ms: u64::try_from(now.millis_since(app.started)).unwrap_or(0),
            session: app.run,
            beacon: None,
        },
        events: Vec::new(),
    };
    let commit = Commit::seal(header, events, act.salt, &app.keys.signing)
        .map_err(|_| store::Error::Conflict("events out of bounds"))?;
    log::append_own(tx, &commit, act.unit, now)?;
    Ok(())
}
