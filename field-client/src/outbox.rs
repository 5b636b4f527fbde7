//! Drives the sync engine: hears what happened, does what the engine asks, in its order.
//! Apart because the engine has no clock, no network and no store, and this has nothing else.

use crate::app::{App, Signal};
use crate::blobs;
use crate::host::Outgoing;
use crate::store::meta::{self, Cursor, Key, Profile};
use crate::store::{self, WriteTx, journal, log, receive, refs};
use shared::instant::Instant;
use shared::problem::Code;
use shared::sync::engine::{
    self, Backlog, Engine, Input, NotStored, Output, Reply, Resume, Save, age_ms,
};
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Words that wait at most; the same word twice in a row is left once.
const MAX_TAPS: usize = 64;

/// Unsealed answers of a record are sealed once nothing was added for so long. Milliseconds.
const REST_MS: i64 = 60_000;

/// Something the driver should hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tap {
    /// From the page or the operating system.
    Signal(Signal),
    /// Something was sealed, or the client was unlocked.
    Changed,
    /// "Upload now".
    Kick,
}

/// What the sync line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Status {
    /// A request is on its way.
    pub(crate) busy: bool,
    /// Why it does not go on.
    pub(crate) trouble: Option<Trouble>,
}

/// Why uploading does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No network, or nobody answered.
    Network,
    /// Something answered that is not our server (a captive portal).
    Stranger,
    /// The server refused.
    Refused(Code),
    /// The server is busy or broken.
    Server,
    /// This device could not load or store.
    Storage,
}

impl From<engine::Trouble> for Trouble {
    fn from(trouble: engine::Trouble) -> Self {
        match trouble {
            engine::Trouble::NoAnswer => Self::Network,
            engine::Trouble::NotOurServer => Self::Stranger,
            engine::Trouble::Server(_) => Self::Server,
            engine::Trouble::Refused(code) => Self::Refused(code),
            engine::Trouble::Storage => Self::Storage,
        }
    }
}

/// Where handlers and signals leave word for the driver.
#[derive(Default)]
pub(crate) struct Mailbox {
    taps: Mutex<VecDeque<Tap>>,
    notify: tokio::sync::Notify,
    status: Mutex<Status>,
    /// Word for the photos' own queue.
    pub(crate) photos: blobs::Bell,
}

impl Mailbox {
    /// Leaves word.
    pub(crate) fn put(&self, tap: Tap) {
        self.photos.ring(tap);
        let mut taps = guard(&self.taps);
        if taps.back() != Some(&tap) && taps.len() < MAX_TAPS {
            taps.push_back(tap);
        }
        drop(taps);
        self.notify.notify_one();
    }

    fn take(&self) -> Option<Tap> {
        guard(&self.taps).pop_front()
    }

    /// What the sync line says.
    pub(crate) fn status(&self) -> Status {
        *guard(&self.status)
    }

    fn set_status(&self, status: Status) {
        *guard(&self.status) = status;
    }
}

/// The lock; nothing that holds it can panic half way.
pub(crate) fn guard<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs for ever. While the client is locked, or another tab has the database, it waits to be told otherwise.
pub(crate) async fn run(app: App) {
    loop {
        match resume(&app) {
            Ok((profile, resume)) => drive(&app, profile, resume).await,
            Err(_) => app.mailbox().notify.notified().await,
        }
    }
}

fn resume(app: &App) -> store::Result<(Profile, Resume)> {
    let jitter_seed = u64::from_be_bytes(app.random());
    app.store().read(|c| {
        let profile = meta::profile(c)?;
        let cursor: Option<Cursor> = meta::read(c, Key::Cursor)?;
        let cursor = cursor.unwrap_or(Cursor {
            epoch: profile.epoch,
            position: 0,
        });
        let versions = refs::versions(c)?;
        let resume = Resume {
            build: env!("CARGO_PKG_VERSION").to_owned(),
            feed: profile.feed,
            server_key: profile.verifying_key()?,
            epoch: cursor.epoch,
            position: cursor.position,
            refs: versions
                .iter()
                .map(|known| (known.set, known.version))
                .collect(),
            backlog: backlog(c, &profile, app.host().now())?,
            jitter_seed,
        };
        Ok((profile, resume))
    })
}

fn backlog(c: &rusqlite::Connection, profile: &Profile, now: Instant) -> store::Result<Backlog> {
    let (unsent, oldest) = log::sealed_unsent(c)?;
    Ok(Backlog {
        head: log::head(c, profile.feed)?,
        unsent: u32::try_from(unsent).unwrap_or(u32::MAX),
        oldest_unsent_ms: age_ms(now, oldest),
    })
}

type Answering<'a> = Pin<Box<dyn Future<Output = Input> + Send + 'a>>;

/// One engine, from unlocking to locking.
async fn drive(app: &App, profile: Profile, resume: Resume) {
    let mut driver = Driver {
        app,
        profile,
        engine: Engine::new(resume),
        timer_ms: 0,
        answering: Box::pin(pending()),
    };
    driver.feed(Input::Wake);
    while app.store().is_open() {
        while let Some(tap) = app.mailbox().take() {
            driver.hear(tap);
        }
        let wait = driver.timer_ms.saturating_sub(app.host().monotonic().0);
        // A paused or throttled page may sleep past its timer: the engine's own clock decides what is due.
        tokio::select! {
            input = &mut driver.answering => {
                driver.answering = Box::pin(pending());
                driver.feed(input);
            }
            () = app.mailbox().notify.notified() => {}
            () = app.host().sleep(wait.max(1)) => {
                driver.seal_old();
                driver.feed(Input::Wake);
            }
        }
    }
    app.mailbox().set_status(Status::default());
}

struct Driver<'a> {
    app: &'a App,
    profile: Profile,
    engine: Engine,
    timer_ms: u64,
    /// The one request under way.
    answering: Answering<'a>,
}

impl Driver<'_> {
    fn hear(&mut self, tap: Tap) {
        match tap {
            Tap::Signal(Signal::Online) => self.feed(Input::Online),
            Tap::Signal(Signal::Offline) => self.feed(Input::Offline),
            Tap::Signal(Signal::Visible) => self.feed(Input::Visible),
            // What was sealed when the page hid is on its way at once: the page may not come back soon.
            Tap::Signal(Signal::Hidden) | Tap::Changed => self.local(),
            Tap::Kick => {
                self.local();
                self.feed(Input::Kick);
            }
        }
    }

    /// Seals answers that nobody has touched for a while, so that they travel even if the step is never ended.
    fn seal_old(&mut self) {
        let now = self.app.host().now();
        let sealed = self.app.store().write(|tx| {
            let mut made = 0;
            for waiting in journal::records(tx)? {
                if now.millis_since(waiting.newest) >= REST_MS {
                    made += log::seal(tx, self.app.host(), waiting.record)?;
                }
            }
            Ok(made)
        });
        if sealed.is_ok_and(|made| made > 0) {
            self.local();
        }
    }

    fn local(&mut self) {
        let now = self.app.host().now();
        let store = self.app.store();
        if let Ok(backlog) = store.read(|c| backlog(c, &self.profile, now)) {
            self.feed(Input::Local(backlog));
        }
    }

    /// Steps the engine and does what it asks, until it asks for nothing that is answered at once.
    fn feed(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now_ms = self.app.host().monotonic().0;
            for output in self.engine.step(now_ms, input) {
                inputs.extend(self.perform(output));
            }
        }
    }

    fn perform(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Send {
                id,
                path,
                body,
                deflated,
            } => {
                let token = Some(self.profile.token.as_str());
                let request = Outgoing::message(path, token, body, deflated);
                self.answering = answer(self.app.clone(), id, request);
                None
            }
            Output::Load {
                id,
                from_seq,
                max_commits,
                max_bytes,
            } => Some(Input::Loaded(
                id,
                self.load(from_seq, max_commits, max_bytes).map_err(drop),
            )),
            Output::Store { id, save } => Some(Input::Stored(id, self.save(*save))),
            Output::Timer { at_ms } => {
                self.timer_ms = at_ms;
                None
            }
            Output::Status(status) => {
                self.show(status);
                None
            }
        }
    }

    fn load(&self, from_seq: u64, commits: usize, bytes: usize) -> store::Result<Vec<Vec<u8>>> {
        let feed = self.profile.feed;
        let after = from_seq.saturating_sub(1);
        let store = self.app.store();
        store.read(|c| log::run(c, feed, after, commits, bytes))
    }

    fn save(&self, save: Save) -> Result<Backlog, NotStored> {
        let now = self.app.host().now();
        let stored = self.app.store().write(|tx| {
            let forked = store_one(tx, save, now)?;
            Ok((backlog(tx, &self.profile, now)?, forked))
        });
        // What was just acknowledged may name photos.
        self.app.mailbox().photos.ring(Tap::Changed);
        match stored {
            Ok((_, true)) => Err(NotStored::Fork),
            Ok((backlog, false)) => Ok(backlog),
            Err(_) => Err(NotStored::Failed),
        }
    }

    fn show(&self, status: engine::Status) {
        self.app.mailbox().set_status(Status {
            busy: status.activity == engine::Activity::Working,
            trouble: status.trouble.map(Trouble::from),
        });
        if status.round_done {
            let now = self.app.host().now();
            // Only what the screen says about the past: if it cannot be written, the screen says something older.
            let _ = self.app.store().write(|tx| {
                meta::clear(tx, Key::Frozen)?;
                meta::write(tx, Key::LastSync, &now)
            });
        }
    }
}

fn answer(app: App, id: u64, request: Outgoing) -> Answering<'static> {
    Box::pin(async move {
        let reply = app.host().send(request).await;
        let reply = reply.map(|incoming| Reply {
            status: incoming.status,
            content_type: incoming.content_type().to_owned(),
            body: incoming.body,
        });
        Input::Answer(id, reply.map_err(drop))
    })
}

/// Stores one thing. Gives whether it shows that our feed has forked.
fn store_one(tx: &WriteTx<'_>, save: Save, now: Instant) -> store::Result<bool> {
    match save {
        Save::Welcome(welcome) => {
            meta::write(tx, Key::Beacon, &welcome.beacon)?;
            let cursor: Option<Cursor> = meta::read(tx, Key::Cursor)?;
            let restored = match cursor {
                Some(cursor) => cursor.epoch != welcome.epoch,
                None => meta::profile(tx)?.epoch != welcome.epoch,
            };
            if restored {
                let cursor = Cursor {
                    epoch: welcome.epoch,
                    position: 0,
                };
                meta::write(tx, Key::Cursor, &cursor)?;
                store::blobs::ask_again(tx)?;
                log::unacknowledge(tx, welcome.receipt.map_or(0, |receipt| receipt.seq))?;
            }
            match welcome.receipt {
                Some(receipt) => Ok(!log::acknowledge(tx, &receipt)?),
                None => Ok(false),
            }
        }
        Save::Receipt(receipt, verdicts) => {
            log::put_verdicts(tx, &verdicts)?;
            Ok(!log::acknowledge(tx, &receipt)?)
        }
        Save::Page(page) => receive::page(tx, &page, now).map(|received| received.forked),
        Save::Frozen(code) => {
            meta::set(tx, Key::Frozen, code.as_str().as_bytes())?;
            Ok(false)
        }
    }
}
