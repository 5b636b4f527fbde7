//! What the office does to a record: commits of the server's own feed, by the person who acts, so that phone and office write
//! one history.

use crate::app::App;
use crate::assess::Case;
use crate::explain;
use crate::store::refs::{self, Scope};
use crate::store::tasks::{self, TaskState};
use crate::store::{self, WriteTx, feeds, log};
use crate::sync::enrol::JURISDICTION;
use shared::domain::event::{Approved, Event, EventRef, Fact};
use shared::domain::reference::{Approval, RefSet};
use shared::fold::{Entry, Facts};
use shared::id::{JurisdictionId, OfficerId, RecordId, StepId, UnitId};
use shared::instant::Instant;
use shared::log::commit::{
    Commit, HEADER_VERSION, Header, MAX_SEEN, Mode, SUITE_ED25519_SHA256, TimeEvidence,
};
use shared::rules::explain::{Names, citation};
use shared::rules::procedure::Citation;
use shared::text::Lang;

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
        refs: refs::judging(tx)?,
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

/// What the responsible person says to a step that needs approval.
pub(crate) struct Decision {
    pub(crate) step: StepId,
    pub(crate) granted: bool,
    pub(crate) note: String,
}

/// Approves a step, or does not: an event of the record, by the responsible person. The task that asked for the record, if
/// one did, is decided with it.
pub(crate) fn decide(
    tx: &WriteTx<'_>,
    app: &App,
    act: Act,
    decision: Decision,
    now: Instant,
) -> Result<(), store::Error> {
    let fact = Approved {
        step: decision.step,
        approver: act.officer,
        granted: decision.granted,
        note: decision.note,
    };
    commit(tx, app, act, &[event(fact, now)], now)?;
    let Some(mut task) = tasks::of_record(tx, act.record)?.map(|row| row.task) else {
        return Ok(());
    };
    if decision.granted {
        task.approval = Some(Approval {
            by: act.officer,
            at: now,
        });
        refs::put_task(tx, &task)?;
        tasks::decide(tx, &task, TaskState::Approved)
    } else {
        task.approval = None;
        let scope = Scope::Unit(task.unit);
        refs::remove(tx, RefSet::Tasks, task.id.as_bytes(), scope)?;
        tasks::decide(tx, &task, TaskState::Denied)
    }
}

/// An event of now.
pub(crate) fn event(fact: impl Into<Fact>, now: Instant) -> Event {
    Event {
        recorded_at: now,
        happened_at: None,
        fact: fact.into(),
    }
}

/// The facts as they will be with these events, which stand in no commit yet.
pub(crate) fn foreseen(
    app: &App,
    commits: &[log::Stored],
    officer: OfficerId,
    events: &[Event],
) -> Facts {
    let entries = (0_u8..).zip(events).map(|(index, event)| Entry {
        place: EventRef {
            feed: app.keys.feed,
            seq: u64::MAX,
            index,
        },
        officer,
        behind_ms: 0,
        event: event.clone(),
    });
    let acted_upon = commits.iter().filter(|stored| !stored.held);
    Facts::of(acted_upon.map(|stored| &stored.commit), entries)
}

/// What the law asks for before this step may be approved, in words with their articles. Once the visit began nothing that only
/// leads to it is held back: what happened is recorded as it was, and the gap stays. What decides a case still lies ahead then.
pub(crate) fn forbids(lang: Lang, case: &Case, step: &StepId) -> Vec<String> {
    let Ok(judged) = &case.judged else {
        return Vec::new();
    };
    let Some(procedure) = judged.procedure.as_deref() else {
        return Vec::new();
    };
    let decides = procedure.step(step.as_str()).is_some_and(|s| s.decides);
    if judged.kept.span.is_some() && !decides {
        return Vec::new();
    }
    let place = |id: &StepId| procedure.steps.iter().position(|step| step.id == *id);
    // What is found at the step itself is that it was not approved, which does not forbid to approve it.
    let before = |id: &StepId| place(id) < place(step);
    let names = Names {
        procedure,
        officers: &case.known.officers,
    };
    let cited = |words: String, basis: &[Citation]| {
        let articles: Vec<String> = basis.iter().map(|c| citation(lang, c)).collect();
        match lang {
            Lang::Zh => format!("{words}（{}）", articles.join("；")),
            Lang::En => format!("{words} ({})", articles.join("; ")),
        }
    };
    let gaps = judged.assessment.gaps.iter();
    let gaps = gaps.filter(|gap| gap.block && before(&gap.step));
    let open = judged.assessment.open.iter();
    let open = open.filter(|open| open.block && before(&open.step));
    gaps.map(|gap| cited(explain::gap(lang, gap, names).title, &gap.basis))
        .chain(open.map(|open| cited(explain::open(lang, open, names), &open.basis)))
        .collect()
}
