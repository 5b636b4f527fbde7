//! Log to gaps: load a record's commits, fold them, check the rules, and put what was found beside what was known.
//! Apart because the same three pure functions of `shared` run on the phone; this is only their host.

use crate::app::App;
use crate::problem::Problem;
use crate::store::{self, ReadTx, drills, due, gaps, jobs, log, numbers, turns, visits};
use shared::drill;
use shared::id::{RecordId, UnitId};
use shared::instant::Instant;

mod all;
mod context;

pub use all::{Progress, Summary};
pub(crate) use context::{Ahead, Case, Context, Fault, Judged, case, judge};

/// Jobs done in one transaction.
const BATCH: usize = 32;

struct Outcome {
    job: jobs::Due,
    result: Result<Assessed, Fault>,
}

/// A record that was judged, and whose turn it is in it.
struct Assessed {
    judged: Judged,
    row: log::RecordRow,
    turn: Option<turns::Turn>,
}

impl App {
    /// Does every job that is due; gives how many. The server calls it whenever something comes in, tests when they like.
    ///
    /// # Errors
    /// The store cannot be used. A job that fails is not an error: it is tried again later and then shown to a person.
    pub async fn run_due_jobs(&self) -> anyhow::Result<usize> {
        let mut done = 0;
        loop {
            let count = self
                .run_batch()
                .await
                .map_err(|p| anyhow::anyhow!("{:?}", p.cause))?;
            done += count;
            if count == 0 {
                return Ok(done);
            }
        }
    }

    async fn run_batch(&self) -> Result<usize, Problem> {
        let now = self.now();
        let (outcomes, versions) = self
            .store
            .read(move |tx| {
                let due = jobs::due(tx, now, BATCH)?;
                if due.is_empty() {
                    return Ok((Vec::new(), String::new()));
                }
                judge_all(tx, due, now)
            })
            .await?;
        let count = outcomes.len();
        if count > 0 {
            self.store
                .write(move |tx| put(tx, outcomes, &versions, now))
                .await?;
        }
        Ok(count)
    }

    /// Does jobs as they come, until the task is dropped.
    pub(crate) async fn work(self) {
        /// A job that time alone makes due is noticed within this. Milliseconds.
        const TICK_MS: u64 = 5_000;
        let mut published = None;
        loop {
            let today = self.now().date();
            if published != Some(today) {
                match self.publish_training().await {
                    Ok(()) => published = Some(today),
                    Err(error) => tracing::error!(%error, "training cannot be published"),
                }
            }
            if let Err(error) = self.run_due_jobs().await {
                tracing::error!(%error, "jobs cannot run");
            }
            let tick = std::time::Duration::from_millis(TICK_MS);
            let _ = tokio::time::timeout(tick, self.wake.notified()).await;
        }
    }
}

fn one(
    tx: &ReadTx<'_>,
    context: &mut Context,
    job: jobs::Due,
    now: Instant,
) -> Result<Assessed, Fault> {
    let row = log::record(tx, job.record)?.ok_or(store::Error::NotFound)?;
    let commits = log::of_record(tx, job.record)?;
    let judged = judge(tx, context, (job.record, row.unit), &commits, now)?;
    let procedure = judged.procedure.as_ref().filter(|_| !row.drill);
    let turn =
        procedure.and_then(|known| turns::of(known, &judged.facts, &judged.context(context, now)));
    Ok(Assessed { judged, row, turn })
}

/// Judges what these jobs ask for, in one view of the store; gives the versions of what was known beside it too.
fn judge_all(
    tx: &ReadTx<'_>,
    due: impl IntoIterator<Item = jobs::Due>,
    now: Instant,
) -> Result<(Vec<Outcome>, String), store::Error> {
    let mut context = Context::load(tx)?;
    let judge = |job: jobs::Due| Outcome {
        job,
        result: one(tx, &mut context, job, now),
    };
    let outcomes: Vec<Outcome> = due.into_iter().map(judge).collect();
    Ok((outcomes, context.versions))
}

/// What assessments came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records that were judged.
    pub judged: usize,
    /// Records of which something is now stored that was not.
    pub changed: usize,
    /// Gaps that were found and had not been.
    pub opened: usize,
    /// Gaps that are no longer found.
    pub cured: usize,
    /// Records that could not be judged; their jobs are tried again and then wait for a person.
    pub failed: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.judged += other.judged;
        self.changed += other.changed;
        self.opened += other.opened;
        self.cured += other.cured;
        self.failed += other.failed;
    }
}

fn put(
    tx: &store::WriteTx<'_>,
    outcomes: Vec<Outcome>,
    versions: &str,
    now: Instant,
) -> Result<Tally, store::Error> {
    let mut tally = Tally::default();
    for Outcome { job, result } in outcomes {
        match result {
            Ok(Assessed { judged, row, turn }) => {
                let versions = format!("{};{versions}", procedure_name(&judged));
                tally.add(put_one(
                    tx,
                    job,
                    (&judged, &row, turn.as_ref()),
                    &versions,
                    now,
                )?);
            }
            Err(fault) => {
                let record: RecordId = job.record;
                tracing::error!(%record, %fault, "a record cannot be assessed");
                jobs::failed(tx, job, &fault.to_string(), now)?;
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

fn put_one(
    tx: &store::WriteTx<'_>,
    job: jobs::Due,
    (judged, row, turn): (&Judged, &log::RecordRow, Option<&turns::Turn>),
    versions: &str,
    now: Instant,
) -> Result<Tally, store::Error> {
    let described = log::describe(tx, job.record, &judged.facts)?;
    // A drill is practice: nothing that it lacks is a gap of enforcement.
    let found = gaps::Found {
        gaps: if row.drill {
            &[]
        } else {
            &judged.assessment.gaps
        },
        facts: &judged.facts,
    };
    let grade = crate::grades::of(judged).filter(|_| !row.drill);
    let score = grade.as_ref().and_then(|(grade, _)| grade.score.as_ref());
    let score = score.map(|score| (score.points, &*score.band.code));
    let scored = log::score(tx, job.record, score)?;
    let change = gaps::replace(tx, job.record, row.unit, &found, versions, now)?;
    if change.any || described {
        gaps::beside(tx, job.record)?;
    }
    // A voided record owes nothing: its assessment is empty.
    let owed = match &judged.procedure {
        Some(procedure) if !row.drill => due::of(&judged.assessment, &judged.facts, procedure),
        _ => Vec::new(),
    };
    let owes = due::replace(tx, job.record, row.unit, &owed)?;
    turns::replace(tx, job.record, row.unit, turn, now)?;
    // A moment that is already past would run in a circle.
    let again = judged
        .assessment
        .next_change
        .filter(|at| *at > now && !row.drill);
    if row.drill && is_unjudged(judged) {
        jobs::failed(tx, job, "the drill's scenario is not here", now)?;
    } else {
        jobs::done(tx, job, again)?;
    }
    // Nor does what happened in a drill touch another record.
    if row.drill {
        if let Some(played) = played(job.record, row.unit, judged) {
            drills::put(tx, &played)?;
        }
    } else {
        let procedure = judged.procedure.as_deref();
        let uses = procedure.map(|procedure| shared::numbers::uses(procedure, &judged.facts));
        numbers::replace(tx, job.record, row.unit, &uses.unwrap_or_default())?;
        let mut touched = visits::put(tx, &judged.kept)?;
        // What came of an order decides about the penalty that follows.
        touched.extend(judged.ask.iter().copied());
        for touched in touched {
            enqueue_known(tx, touched, now)?;
        }
    }
    Ok(Tally {
        judged: 1,
        changed: usize::from(described || scored || change.any || owes),
        opened: change.opened,
        cured: change.cured,
        failed: 0,
    })
}

/// A drill whose scenario nobody here knows is kept without an outcome, and a person has to hear of it.
fn is_unjudged(judged: &Judged) -> bool {
    judged.drill.is_none() && drill::played(&judged.facts).is_some()
}

/// What is kept of a drill; none before anything says how it was opened.
fn played(record: RecordId, unit: UnitId, judged: &Judged) -> Option<drills::Drill> {
    let opened = judged.facts.opened.as_ref()?;
    let played = drill::played(&judged.facts);
    let (scenario, outcome) = judged
        .drill
        .as_ref()
        .map_or((None, None), |(s, o)| (Some(s), Some(o)));
    let gaps = outcome.into_iter().flat_map(|outcome| &outcome.gaps);
    Some(drills::Drill {
        record,
        unit,
        officer: opened.officer,
        scenario: scenario.map(|scenario| (scenario.id.clone(), scenario.version)),
        session: played.as_ref().and_then(|played| played.session),
        started: opened.at,
        ended: played.and_then(|played| played.ended),
        voided: judged.facts.voided.is_some(),
        met: outcome.map_or_else(Vec::new, |outcome| outcome.met.clone()),
        gaps: gaps.map(|gap| gap.rule.to_string()).collect(),
    })
}

/// A link may name a record that has not come yet.
fn enqueue_known(
    tx: &store::WriteTx<'_>,
    record: RecordId,
    now: Instant,
) -> Result<(), store::Error> {
    match log::record(tx, record)? {
        Some(row) if !row.drill => jobs::enqueue(tx, record, now),
        _ => Ok(()),
    }
}

fn procedure_name(judged: &Judged) -> String {
    judged
        .procedure
        .as_ref()
        .map_or_else(String::new, |p| format!("{}@{}", p.id, p.version))
}
