//! The client's side of sync as a state machine: `step(now, input) -> outputs`.
//! Apart, and without I/O, so that every schedule of losses, repeats and delays can be played in a test.
//!
//! One thing is under way at a time. A round is hello, pushes until the server has everything, pulls until there is no more.
//! A new round starts when something was sealed, the page shows, the network returns, somebody asks, or a minute has passed.
//!
//! **Invariants.** Nothing here ever asks the host to delete a commit. Only a receipt that this server's key signed advances
//! what counts as sent. Whatever happens, a timer is set: there is no state without a way out.

mod answer;
#[cfg(test)]
mod tests;

use crate::codec;
use crate::domain::reference::RefSet;
use crate::id::{Epoch, FeedId};
use crate::instant::Instant;
use crate::log::commit::RefVersion;
use crate::problem::Code;
use crate::sync::wire::{
    self, FeedHead, Hello, MAX_PUSH_COMMITS, PROTOCOL, Page, Pull, Push, Pushed, Receipt, Verdict,
    Welcome,
};
use answer::Refusal;
pub use answer::Reply;
use ed25519_dalek::VerifyingKey;
use std::collections::BTreeMap;

/// Between rounds when nothing happens. Milliseconds.
const IDLE_MS: u64 = 60_000;
/// Between rounds while stopped: revoked, frozen, too old. Milliseconds.
const STOPPED_MS: u64 = 15 * 60_000;
/// The first wait after a failure; doubles up to [`MAX_BACKOFF_MS`]. Milliseconds.
const MIN_BACKOFF_MS: u64 = 1_000;
/// The longest wait after a failure. Milliseconds.
const MAX_BACKOFF_MS: u64 = 5 * 60_000;
/// Whatever is under way for longer has been lost. Milliseconds.
const WATCHDOG_MS: u64 = 60_000;
/// Commit bytes in one push, before deflating. Bytes.
const PUSH_BYTES: usize = 512 * 1024;
/// The page size that is asked for. Bytes.
const PULL_BYTES: u32 = 1 << 20;

/// What is known when the client starts.
#[derive(Debug, Clone)]
pub struct Resume {
    /// The build, for people.
    pub build: String,
    /// This feed.
    pub feed: FeedId,
    /// The server's key, from enrolment.
    pub server_key: VerifyingKey,
    /// The server's epoch as last seen.
    pub epoch: Epoch,
    /// The pull cursor within that epoch.
    pub position: u64,
    /// Versions of the reference sets at hand.
    pub refs: BTreeMap<RefSet, u64>,
    /// What is sealed and what of it was acknowledged.
    pub backlog: Backlog,
    /// Spreads the retries of many phones; any number.
    pub jitter_seed: u64,
}

/// What of this feed is sealed and not yet acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// The last sealed commit.
    pub head: Option<FeedHead>,
    /// How many are not acknowledged.
    pub unsent: u32,
    /// Age of the oldest of them, in milliseconds.
    pub oldest_unsent_ms: u64,
}

/// Something happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A timer fired, or the client has just started.
    Wake,
    /// The network may be back.
    Online,
    /// The network is gone, says the system.
    Offline,
    /// The page is looked at.
    Visible,
    /// A person asked to upload now.
    Kick,
    /// Something was sealed.
    Local(Backlog),
    /// What [`Output::Load`] asked for: commits' bytes, ascending, without holes; `Err` if the store failed.
    Loaded(u64, Result<Vec<Vec<u8>>, ()>),
    /// How [`Output::Store`] went, with the backlog as it is now.
    Stored(u64, Result<Backlog, NotStored>),
    /// What came back for [`Output::Send`]; `Err` if nothing did.
    Answer(u64, Result<Reply, ()>),
}

/// Why something was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotStored {
    /// The store failed, or is closed.
    Failed,
    /// The receipt names another commit than ours at that place.
    Fork,
}

/// Something is to be done. The host does these in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// POST this, answer with [`Input::Answer`] and the same id.
    Send {
        /// The id.
        id: u64,
        /// The path on the server.
        path: &'static str,
        /// The body.
        body: Vec<u8>,
        /// Whether the body is deflated.
        deflated: bool,
    },
    /// Load own commits from this number on, answer with [`Input::Loaded`] and the same id.
    Load {
        /// The id.
        id: u64,
        /// The first commit wanted.
        from_seq: u64,
        /// At most so many.
        max_commits: usize,
        /// Stop before exceeding so many bytes, but give one commit at least.
        max_bytes: usize,
    },
    /// Store this durably in one transaction, answer with [`Input::Stored`] and the same id.
    Store {
        /// The id.
        id: u64,
        /// What.
        save: Box<Save>,
    },
    /// Give [`Input::Wake`] at this monotonic time. A later timer replaces an earlier one.
    Timer {
        /// When, in milliseconds of the clock given to [`Engine::step`].
        at_ms: u64,
    },
    /// What the screen says.
    Status(Status),
}

/// What is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    /// The server's signed time, and a receipt for what it holds. If the epoch is another than before, the server was
    /// restored: the pull cursor restarts at 0 and what the receipt does not cover counts as unsent again.
    Welcome(Welcome),
    /// Everything up to the receipt's commit is on the server's disk; these of it were kept but not acted upon.
    Receipt(Receipt, Vec<Verdict>),
    /// A page with its cursor: all or nothing.
    Page(Page),
    /// The feed forked or the server is ahead of us: show it, keep everything, push no more.
    Frozen(Code),
}

/// What the sync line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What is going on.
    pub activity: Activity,
    /// What went wrong last, if the last round did not end well.
    pub trouble: Option<Trouble>,
    /// Whether a whole round has just ended well.
    pub round_done: bool,
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Nothing to do.
    Idle,
    /// A round is under way.
    Working,
    /// Waiting to try again.
    Waiting,
    /// Only a person can help; retried rarely.
    Stopped(Code),
}

/// Why a round did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing came back.
    NoAnswer,
    /// Something answered that is not our server: a Wi-Fi login page, a proxy.
    NotOurServer,
    /// The server is busy or broken: HTTP status.
    Server(u16),
    /// The server refused.
    Refused(Code),
    /// This device could not load or store.
    Storage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Until this time.
    Rest(u64),
    Hello(u64),
    Loading(u64),
    Pushing(u64),
    Pulling(u64),
    /// Storing, then going on with the round.
    Storing(u64, Then),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Push,
    Pull,
    Finish,
    Stop(Code),
}

/// The state machine.
#[derive(Debug)]
pub struct Engine {
    know: Resume,
    phase: Phase,
    since_ms: u64,
    next_id: u64,
    failures: u32,
    /// What the server holds of this feed, as it last said.
    server_head: Option<FeedHead>,
    /// Pushes shrink when the server finds them too large.
    push_bytes: usize,
    /// The last gap the server named: the same again is no progress.
    last_gap: Option<Option<u64>>,
    /// What is being stored.
    pending: Option<Box<Save>>,
    /// The size of what was pushed, in commits.
    pushed: u64,
    stopped: Option<Code>,
    trouble: Option<Trouble>,
    offline: bool,
    /// Something happened during a round that asks for another.
    again: bool,
}

impl Engine {
    /// An engine at rest; give it [`Input::Wake`] to begin.
    #[must_use]
    pub fn new(resume: Resume) -> Self {
        Self {
            know: resume,
            phase: Phase::Rest(0),
            since_ms: 0,
            next_id: 1,
            failures: 0,
            server_head: None,
            push_bytes: PUSH_BYTES,
            last_gap: None,
            pending: None,
            pushed: 0,
            stopped: None,
            trouble: None,
            offline: false,
            again: false,
        }
    }

    /// Takes in what happened at `now_ms` (any clock that does not run backwards) and says what is to be done.
    pub fn step(&mut self, now_ms: u64, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Wake => {}
            Input::Offline => self.offline = true,
            Input::Online | Input::Visible | Input::Kick => {
                self.offline = false;
                self.hurry(now_ms);
            }
            Input::Local(backlog) => {
                self.know.backlog = backlog;
                if self.failures == 0 && self.stopped.is_none() && !self.offline {
                    self.hurry(now_ms);
                }
            }
            Input::Loaded(id, commits) if self.phase == Phase::Loading(id) => {
                self.loaded(now_ms, commits, &mut out)
            }
            Input::Stored(id, result) => {
                if let Phase::Storing(at, then) = self.phase
                    && at == id
                {
                    self.stored(now_ms, then, result, &mut out);
                }
            }
            Input::Answer(id, reply) => self.answered(now_ms, id, reply, &mut out),
            Input::Loaded(..) => {}
        }
        self.pump(now_ms, &mut out);
        out
    }

    /// Begin at once, or once more after the round under way.
    fn hurry(&mut self, now_ms: u64) {
        match self.phase {
            Phase::Rest(_) => self.phase = Phase::Rest(now_ms),
            _ => self.again = true,
        }
    }

    /// Starts what is due, gives up what is overdue, and always leaves a timer.
    fn pump(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        let overdue = now_ms.saturating_sub(self.since_ms) >= WATCHDOG_MS;
        match self.phase {
            Phase::Rest(until) if now_ms >= until => self.hello(now_ms, out),
            Phase::Rest(_) => {}
            _ if overdue => self.fail(now_ms, Trouble::NoAnswer, out),
            _ => {}
        }
        let at_ms = match self.phase {
            Phase::Rest(until) => until,
            _ => self.since_ms.saturating_add(WATCHDOG_MS),
        };
        out.push(Output::Timer { at_ms });
    }

    fn enter(&mut self, now_ms: u64, phase: Phase) {
        self.phase = phase;
        self.since_ms = now_ms;
    }

    fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn hello(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        self.again = false;
        let backlog = self.know.backlog;
        let hello = Hello {
            protocol: PROTOCOL,
            build: self.know.build.clone(),
            feed: self.know.feed,
            head: backlog.head,
            unsent: backlog.unsent,
            oldest_unsent_ms: backlog.oldest_unsent_ms,
        };
        let id = self.fresh_id();
        self.enter(now_ms, Phase::Hello(id));
        out.push(Output::Status(self.status(Activity::Working, false)));
        out.push(Output::Send {
            id,
            path: "/sync/v1/hello",
            body: codec::encode(&hello),
            deflated: false,
        });
    }

    /// Loads what the server does not hold yet, or goes on to pulling.
    fn push(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        let server_seq = self.server_head.map_or(0, |head| head.seq);
        let own_seq = self.know.backlog.head.map_or(0, |head| head.seq);
        if server_seq >= own_seq {
            return self.pull(now_ms, out);
        }
        let id = self.fresh_id();
        self.enter(now_ms, Phase::Loading(id));
        out.push(Output::Load {
            id,
            from_seq: server_seq + 1,
            max_commits: MAX_PUSH_COMMITS,
            max_bytes: self.push_bytes,
        });
    }

    fn loaded(&mut self, now_ms: u64, commits: Result<Vec<Vec<u8>>, ()>, out: &mut Vec<Output>) {
        match commits {
            Ok(commits) if !commits.is_empty() => {
                self.pushed = u64::try_from(commits.len()).unwrap_or(u64::MAX);
                let commits = commits.into_iter().map(Into::into).collect();
                let body = wire::deflate(&codec::encode(&Push {
                    feed: self.know.feed,
                    commits,
                }));
                let id = self.fresh_id();
                self.enter(now_ms, Phase::Pushing(id));
                out.push(Output::Send {
                    id,
                    path: "/sync/v1/push",
                    body,
                    deflated: true,
                });
            }
            _ => self.fail(now_ms, Trouble::Storage, out),
        }
    }

    fn pull(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        let refs = self
            .know
            .refs
            .iter()
            .map(|(set, version)| RefVersion {
                set: *set,
                version: *version,
            })
            .collect();
        let pull = Pull {
            epoch: self.know.epoch,
            position: self.know.position,
            refs,
            max_bytes: PULL_BYTES,
        };
        let id = self.fresh_id();
        self.enter(now_ms, Phase::Pulling(id));
        out.push(Output::Send {
            id,
            path: "/sync/v1/pull",
            body: codec::encode(&pull),
            deflated: false,
        });
    }

    fn store(&mut self, now_ms: u64, save: Save, then: Then, out: &mut Vec<Output>) {
        let id = self.fresh_id();
        let save = Box::new(save);
        self.pending = Some(save.clone());
        self.enter(now_ms, Phase::Storing(id, then));
        out.push(Output::Store { id, save });
    }

    fn stored(
        &mut self,
        now_ms: u64,
        then: Then,
        result: Result<Backlog, NotStored>,
        out: &mut Vec<Output>,
    ) {
        let backlog = match result {
            Ok(backlog) => backlog,
            Err(NotStored::Failed) => return self.fail(now_ms, Trouble::Storage, out),
            Err(NotStored::Fork) => return self.freeze(now_ms, Code::Fork, out),
        };
        self.know.backlog = backlog;
        match self.pending.take().map(|save| *save) {
            Some(Save::Receipt(receipt, _)) => {
                self.server_head = Some(FeedHead {
                    seq: receipt.seq,
                    hash: receipt.hash,
                });
            }
            Some(Save::Page(page)) => {
                self.know.position = page.position;
                // Sets of a newer build too, although their rows were not kept: until this run ends they are not sent again.
                self.know
                    .refs
                    .extend(page.refs.iter().map(|delta| (delta.set, delta.to)));
            }
            Some(Save::Welcome(welcome)) => {
                if welcome.epoch != self.know.epoch {
                    self.know.epoch = welcome.epoch;
                    self.know.position = 0;
                }
            }
            Some(Save::Frozen(_)) | None => {}
        }
        match then {
            Then::Push => self.push(now_ms, out),
            Then::Pull => self.pull(now_ms, out),
            Then::Finish => self.finish(now_ms, out),
            Then::Stop(code) => self.stop(now_ms, code, out),
        }
    }

    fn answered(&mut self, now_ms: u64, id: u64, reply: Result<Reply, ()>, out: &mut Vec<Output>) {
        let handle = match self.phase {
            Phase::Hello(at) if at == id => Self::welcomed,
            Phase::Pushing(at) if at == id => Self::received,
            Phase::Pulling(at) if at == id => Self::paged,
            // An answer that was given up long ago.
            _ => return,
        };
        match reply {
            Err(()) => self.fail(now_ms, Trouble::NoAnswer, out),
            Ok(reply) => handle(self, now_ms, &reply, out),
        }
    }

    fn welcomed(&mut self, now_ms: u64, reply: &Reply, out: &mut Vec<Output>) {
        let welcome: Welcome = match reply.read() {
            Ok(welcome) => welcome,
            Err(refusal) => return self.refused(now_ms, refusal, out),
        };
        if !welcome.beacon.verifies(&self.know.server_key) {
            return self.fail(now_ms, Trouble::NotOurServer, out);
        }
        if welcome.min_protocol > PROTOCOL {
            return self.stop(now_ms, Code::UpgradeNeeded, out);
        }
        let own = self.know.backlog.head.map_or(0, |head| head.seq);
        let receipt = welcome.receipt;
        let ours = receipt.is_none_or(|receipt| {
            receipt.feed == self.know.feed
                && receipt.epoch == welcome.epoch
                && receipt.verifies(&self.know.server_key)
        });
        if !ours {
            return self.fail(now_ms, Trouble::NotOurServer, out);
        }
        self.server_head = receipt.map(|receipt| FeedHead {
            seq: receipt.seq,
            hash: receipt.hash,
        });
        if receipt.is_some_and(|receipt| receipt.seq > own) {
            return self.freeze(now_ms, Code::Fork, out);
        }
        self.store(now_ms, Save::Welcome(welcome), Then::Push, out);
    }

    fn received(&mut self, now_ms: u64, reply: &Reply, out: &mut Vec<Output>) {
        let pushed: Pushed = match reply.read() {
            Ok(pushed) => pushed,
            Err(refusal) => return self.refused(now_ms, refusal, out),
        };
        let receipt = pushed.receipt;
        let before = self.server_head.map_or(0, |head| head.seq);
        let own = self.know.backlog.head.map_or(0, |head| head.seq);
        let ours = receipt.feed == self.know.feed
            && receipt.epoch == self.know.epoch
            && receipt.seq > before
            && receipt.seq <= own
            && receipt.verifies(&self.know.server_key);
        if !ours {
            return self.fail(now_ms, Trouble::NotOurServer, out);
        }
        self.last_gap = None;
        self.store(
            now_ms,
            Save::Receipt(receipt, pushed.quarantined),
            Then::Push,
            out,
        );
    }

    fn paged(&mut self, now_ms: u64, reply: &Reply, out: &mut Vec<Output>) {
        let page: Page = match reply.read() {
            Ok(page) => page,
            Err(refusal) => return self.refused(now_ms, refusal, out),
        };
        let moves = page.position > self.know.position
            || page
                .refs
                .iter()
                .any(|delta| self.brings(delta.set, delta.to));
        let sound = page
            .refs
            .iter()
            .all(|delta| delta.verifies(&self.know.server_key));
        // A page of another epoch, one that promises more without moving, or one that others signed.
        if page.epoch != self.know.epoch
            || page.position < self.know.position
            || !sound
            || (page.more && !moves)
        {
            return self.fail(now_ms, Trouble::NotOurServer, out);
        }
        let then = if page.more { Then::Pull } else { Then::Finish };
        self.store(now_ms, Save::Page(page), then, out);
    }

    fn brings(&self, set: RefSet, version: u64) -> bool {
        self.know
            .refs
            .get(&set)
            .is_none_or(|known| *known < version)
    }

    fn refused(&mut self, now_ms: u64, refusal: Refusal, out: &mut Vec<Output>) {
        match refusal {
            Refusal::NotOurs => self.fail(now_ms, Trouble::NotOurServer, out),
            Refusal::Status(status) => self.fail(now_ms, Trouble::Server(status), out),
            Refusal::Code(Code::Gap, head) => {
                let seq = head.map(|head| head.seq);
                if self.last_gap == Some(seq) {
                    return self.fail(now_ms, Trouble::Refused(Code::Gap), out);
                }
                self.last_gap = Some(seq);
                self.server_head = head;
                self.push(now_ms, out);
            }
            Refusal::Code(Code::TooLarge, _) if self.pushed > 1 => {
                self.push_bytes = (self.push_bytes / 2).max(1);
                self.push(now_ms, out);
            }
            Refusal::Code(
                code @ (Code::Fork | Code::Frozen | Code::BadCommit | Code::TooLarge),
                _,
            ) => self.freeze(now_ms, code, out),
            Refusal::Code(code @ (Code::BadToken | Code::Revoked | Code::UpgradeNeeded), _) => {
                self.stop(now_ms, code, out);
            }
            Refusal::Code(code, _) => self.fail(now_ms, Trouble::Refused(code), out),
        }
    }

    /// The round ended well.
    fn finish(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        self.failures = 0;
        self.trouble = None;
        self.stopped = None;
        self.push_bytes = PUSH_BYTES;
        let own = self.know.backlog.head.map_or(0, |head| head.seq);
        let behind = self.server_head.map_or(0, |head| head.seq) < own;
        let wait = if self.again || behind { 0 } else { IDLE_MS };
        self.enter(now_ms, Phase::Rest(now_ms.saturating_add(wait)));
        out.push(Output::Status(self.status(Activity::Idle, true)));
    }

    /// The round failed: wait longer each time, spread by chance between half and whole.
    fn fail(&mut self, now_ms: u64, trouble: Trouble, out: &mut Vec<Output>) {
        self.trouble = Some(trouble);
        self.pending = None;
        let full = MIN_BACKOFF_MS
            .saturating_mul(1 << self.failures.min(20))
            .min(MAX_BACKOFF_MS);
        self.failures = self.failures.saturating_add(1);
        let wait = full / 2 + self.chance() % (full / 2 + 1);
        let wait = if std::mem::take(&mut self.again) {
            wait.min(MIN_BACKOFF_MS)
        } else {
            wait
        };
        self.enter(now_ms, Phase::Rest(now_ms.saturating_add(wait)));
        let activity = self.stopped.map_or(Activity::Waiting, Activity::Stopped);
        out.push(Output::Status(self.status(activity, false)));
    }

    /// The feed cannot go on as it is: say so durably, keep everything, push no more.
    fn freeze(&mut self, now_ms: u64, code: Code, out: &mut Vec<Output>) {
        self.store(now_ms, Save::Frozen(code), Then::Stop(code), out);
    }

    /// Only a person can help. Looked at again now and then, and whenever somebody asks.
    fn stop(&mut self, now_ms: u64, code: Code, out: &mut Vec<Output>) {
        self.stopped = Some(code);
        self.trouble = Some(Trouble::Refused(code));
        self.again = false;
        self.enter(now_ms, Phase::Rest(now_ms.saturating_add(STOPPED_MS)));
        out.push(Output::Status(self.status(Activity::Stopped(code), false)));
    }

    fn status(&self, activity: Activity, round_done: bool) -> Status {
        Status {
            activity,
            trouble: self.trouble,
            round_done,
        }
    }

    /// Splitmix64: spreads retries, guards nothing.
    fn chance(&mut self) -> u64 {
        self.know.jitter_seed = self.know.jitter_seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.know.jitter_seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The age of the oldest unsent commit as of now, for [`Backlog`].
#[must_use]
pub fn age_ms(now: Instant, oldest: Option<Instant>) -> u64 {
    oldest.map_or(0, |oldest| {
        u64::try_from(now.millis_since(oldest)).unwrap_or(0)
    })
}
