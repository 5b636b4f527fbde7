//! Log to gaps: load a record's commits, fold them, check the rules, and put what was found beside what was known.
//! Apart because the same three pure functions of `shared` run on the phone; this is only their host.

use crate::app::App;
use crate::problem::Problem;
use crate::store::{self, ReadTx, gaps, jobs, log, refs};
use shared::domain::reference::{Officer, ProcedureFile, RefSet};
use shared::fold::Facts;
use shared::id::{OfficerId, RecordId};
use shared::instant::{Instant, Interval};
use shared::rules::calendar::Calendar;
use shared::rules::check::{self, check};
use shared::rules::gap::Assessment;
use shared::rules::jurisdiction::Jurisdiction;
use shared::rules::procedure::Procedure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Jobs done in one transaction.
const BATCH: usize = 32;

/// Why a record cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// No such procedure here, or not in this version.
    #[error("procedure {0} is not there")]
    NoProcedure(String),
    /// Its file does not parse.
    #[error("procedure {0}: {1}")]
    BadProcedure(String, serde_json::Error),
}

/// What is known beside the records, read once for several.
pub(crate) struct Context {
    /// Officers of every office.
    pub(crate) officers: BTreeMap<OfficerId, Officer>,
    calendar: Calendar,
    jurisdiction: Jurisdiction,
    versions: String,
    procedures: BTreeMap<Vec<u8>, Arc<Procedure>>,
}

impl Context {
    /// Reads it.
    pub(crate) fn load(tx: &ReadTx<'_>) -> Result<Self, store::Error> {
        let versions: Vec<String> = refs::versions(tx)?
            .iter()
            .map(|v| format!("{}={}", v.set.number(), v.version))
            .collect();
        Ok(Self {
            officers: refs::officers(tx)?,
            calendar: refs::calendar(tx)?,
            jurisdiction: Jurisdiction::default(),
            versions: versions.join(","),
            procedures: BTreeMap::new(),
        })
    }

    fn procedure(&mut self, tx: &ReadTx<'_>, facts: &Facts) -> Result<Arc<Procedure>, Fault> {
        let opened = facts.opened.as_ref().map(|noted| &noted.value);
        let name = opened.map_or_else(String::new, |o| format!("{}@{}", o.procedure, o.version));
        let key = name.clone().into_bytes();
        if let Some(known) = self.procedures.get(&key) {
            return Ok(Arc::clone(known));
        }
        let file: Option<ProcedureFile> = refs::get(tx, RefSet::Procedures, &key)?;
        let file = file.ok_or_else(|| Fault::NoProcedure(name.clone()))?;
        let parsed =
            Procedure::from_json(&file.json).map_err(|bad| Fault::BadProcedure(name, bad))?;
        let parsed = Arc::new(parsed);
        self.procedures.insert(key, Arc::clone(&parsed));
        Ok(parsed)
    }
}

/// A record, folded and judged.
pub(crate) struct Judged {
    /// Its facts.
    pub(crate) facts: Facts,
    /// Its procedure; none before anything says how it was opened.
    pub(crate) procedure: Option<Arc<Procedure>>,
    /// What the rules say.
    pub(crate) assessment: Assessment,
}

/// Folds and judges a record as of now.
pub(crate) fn judge(
    tx: &ReadTx<'_>,
    context: &mut Context,
    commits: &[log::Stored],
    now: Instant,
) -> Result<Judged, Fault> {
    let acted_upon = commits
        .iter()
        .filter(|stored| !stored.held)
        .map(|stored| &stored.commit);
    let facts = Facts::of(acted_upon, []);
    if facts.opened.is_none() {
        return Ok(Judged {
            facts,
            procedure: None,
            assessment: Assessment::default(),
        });
    }
    let procedure = context.procedure(tx, &facts)?;
    let with = check::Context {
        officers: &context.officers,
        calendar: &context.calendar,
        jurisdiction: &context.jurisdiction,
        subject: None,
        power: &[],
        checklist: None,
        elsewhere: None,
        now: Interval::exactly(now),
    };
    let assessment = check(&procedure, &facts, &with);
    Ok(Judged {
        facts,
        procedure: Some(procedure),
        assessment,
    })
}

struct Outcome {
    job: jobs::Due,
    result: Result<(Judged, log::RecordRow), Fault>,
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
                let mut context = Context::load(tx)?;
                let judge = |job: jobs::Due| Outcome {
                    job,
                    result: one(tx, &mut context, job, now),
                };
                let outcomes: Vec<Outcome> = due.into_iter().map(judge).collect();
                Ok((outcomes, context.versions))
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
        loop {
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
) -> Result<(Judged, log::RecordRow), Fault> {
    let row = log::record(tx, job.record)?.ok_or(store::Error::NotFound)?;
    let commits = log::of_record(tx, job.record)?;
    Ok((judge(tx, context, &commits, now)?, row))
}

fn put(
    tx: &store::WriteTx<'_>,
    outcomes: Vec<Outcome>,
    versions: &str,
    now: Instant,
) -> Result<(), store::Error> {
    for Outcome { job, result } in outcomes {
        match result {
            Ok((judged, row)) => {
                log::describe(tx, job.record, &judged.facts)?;
                let versions = format!("{};{versions}", procedure_name(&judged));
                // A drill is practice: nothing that it lacks is a gap of enforcement.
                let found = if row.drill {
                    &[][..]
                } else {
                    &judged.assessment.gaps
                };
                gaps::replace(tx, job.record, row.unit, found, &versions, now)?;
                // A moment that is already past would run in a circle.
                let again = judged
                    .assessment
                    .next_change
                    .filter(|at| *at > now && !row.drill);
                jobs::done(tx, job, again)?;
            }
            Err(fault) => {
                let record: RecordId = job.record;
                tracing::error!(%record, %fault, "a record cannot be assessed");
                jobs::failed(tx, job, &fault.to_string(), now)?;
            }
        }
    }
    Ok(())
}

fn procedure_name(judged: &Judged) -> String {
    judged
        .procedure
        .as_ref()
        .map_or_else(String::new, |p| format!("{}@{}", p.id, p.version))
}
