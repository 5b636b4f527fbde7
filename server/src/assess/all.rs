//! Every record judged again: after an upgrade with other rules, or when what was known beside the records was wrong.
//! Apart because it is the jobs' own work in large portions, for a folder that nobody serves meanwhile.

use super::{Tally, judge_all, put};
use crate::app::App;
use crate::clock;
use crate::store::{self, jobs, meta, refs};
use shared::instant::Instant;
use tokio::task::JoinSet;

/// Records judged in one view of the store and written at once: many, because a commit waits for the disk; not all, because
/// their facts are held in memory meanwhile.
const PORTION: usize = 200;
/// More threads than this read no faster beside one that writes.
const MOST_READERS: usize = 3;
/// What an unfinished run was judging by, and when it began, in the store.
const UNDER_WAY: &str = "assess-all";
const BEGAN: &str = "assess-all-at";

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records done.
    pub done: usize,
    /// Of so many. It grows where one record's answer changes what another is judged by.
    pub of: usize,
    /// Since the beginning. Milliseconds.
    pub millis: u64,
}

/// What it came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// What the assessments came to; a record that another one touched was judged twice.
    pub tally: Tally,
    /// Whether it went on with what an earlier run had left.
    pub resumed: bool,
    /// How long it took. Milliseconds.
    pub millis: u64,
}

impl App {
    /// Judges every record again, each under the version of its procedure that it was opened under, by the code of the jobs.
    /// What was done when it is interrupted stays done: the next run goes on with the rest, and so do a server's jobs.
    ///
    /// # Errors
    /// The store cannot be used. A record that cannot be judged is counted and its job tried again, as ever.
    pub async fn assess_all(&self, mut tell: impl FnMut(Progress)) -> anyhow::Result<Summary> {
        let started = clock::monotonic();
        let now = self.now();
        let broken = |error: store::Error| anyhow::anyhow!(error);
        let begin = self.store.write(move |tx| begin(tx, now));
        let resumed = begin.await.map_err(broken)?;
        let mut summary = Summary {
            resumed,
            ..Summary::default()
        };
        let (mut done, mut of) = (0, 0);
        loop {
            let due = self.store.read(move |tx| jobs::all_due(tx, now)).await;
            let due = due.map_err(broken)?;
            if due.is_empty() {
                break;
            }
            of += due.len();
            let mut under_way = JoinSet::new();
            let mut waiting = due.chunks(PORTION);
            loop {
                while under_way.len() < readers() + 1
                    && let Some(portion) = waiting.next()
                {
                    let (app, portion) = (self.clone(), portion.to_vec());
                    under_way.spawn(async move { app.portion(portion, now).await });
                }
                let Some(ended) = under_way.join_next().await else {
                    break;
                };
                let tally = ended?.map_err(broken)?;
                summary.tally.add(tally);
                done += tally.judged + tally.failed;
                let millis = clock::monotonic().saturating_sub(started);
                tell(Progress { done, of, millis });
            }
        }
        self.store
            .write(|tx| meta::forget(tx, UNDER_WAY))
            .await
            .map_err(broken)?;
        summary.millis = clock::monotonic().saturating_sub(started);
        Ok(summary)
    }

    async fn portion(&self, due: Vec<jobs::Due>, now: Instant) -> Result<Tally, store::Error> {
        let (outcomes, versions) = self.store.read(move |tx| judge_all(tx, due, now)).await?;
        self.store
            .write(move |tx| put(tx, outcomes, &versions, now))
            .await
    }
}

/// Asks for every record, unless an earlier run did, left some, and everything that it judged by is still the same. Gives
/// whether it did.
fn begin(tx: &store::WriteTx<'_>, now: Instant) -> Result<bool, store::Error> {
    let versions = refs::judging(tx)?;
    let versions = versions
        .iter()
        .map(|one| format!(";{}={}", one.set.number(), one.version));
    let by = std::iter::once(env!("CARGO_PKG_VERSION").to_owned()).chain(versions);
    let by: String = by.collect();
    if meta::words(tx, UNDER_WAY)?.as_deref() == Some(by.as_bytes())
        && let Some(began) = meta::number(tx, BEGAN)?
        && jobs::are_left(tx, Instant::from_millis(began))?
    {
        return Ok(true);
    }
    meta::remember(tx, UNDER_WAY, by.as_bytes())?;
    meta::set_number(tx, BEGAN, now.as_millis())?;
    jobs::enqueue_all(tx, now)?;
    Ok(false)
}

fn readers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_READERS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::harness::World;

    /// Whether a run that begins now goes on with an earlier one.
    async fn resumes(world: &World) -> bool {
        let now = world.now();
        let begun = world.app.store.write(move |tx| begin(tx, now));
        begun.await.unwrap()
    }

    #[tokio::test]
    async fn an_interrupted_run_is_gone_on_with_and_a_finished_one_is_not() {
        let world = World::new().await;
        assert!(!resumes(&world).await);
        // It was interrupted before anything was judged: the same records still wait.
        assert!(resumes(&world).await);
        let summary = world.app.assess_all(|_| {}).await.unwrap();
        assert!(summary.resumed && summary.tally.judged > 0);
        assert!(!world.app.assess_all(|_| {}).await.unwrap().resumed);
        // A server's jobs did the rest.
        assert!(!resumes(&world).await);
        world.app.run_due_jobs().await.unwrap();
        assert!(!resumes(&world).await);
        // By other reference rows everything is judged anew.
        let calendar = shared::rules::calendar::shipped_years().remove(0);
        let changed = world.app.store.write(move |tx| {
            let key = b"1999";
            let scope = refs::Scope::All;
            refs::put(
                tx,
                shared::domain::reference::RefSet::Calendar,
                key,
                scope,
                &calendar,
            )
        });
        changed.await.unwrap();
        assert!(!resumes(&world).await);
    }
}
