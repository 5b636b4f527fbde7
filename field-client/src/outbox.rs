//! Drives the sync engine: hears what happened, does what the engine asks, in its order.
//! Apart because the engine has no clock, no network and no store, and this has nothing else.

use crate::app::{App, Signal};
use shared::instant::Instant;
use shared::problem::Code;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Something the driver should hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tap {
    /// From the page or the operating system.
    Signal(Signal),
    /// Something was written or sealed, or the client was unlocked.
    Changed,
    /// "Upload now".
    Kick,
}

/// What the sync line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Status {
    /// A request is on its way.
    pub(crate) busy: bool,
    /// When the server last answered as it should, in this run.
    pub(crate) last_ok: Option<Instant>,
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

/// Where handlers and signals leave word for the driver.
#[derive(Default)]
pub(crate) struct Mailbox {
    taps: Mutex<VecDeque<Tap>>,
    notify: tokio::sync::Notify,
    status: Mutex<Status>,
}

impl Mailbox {
    /// Leaves word.
    pub(crate) fn put(&self, tap: Tap) {
        let mut taps = guard(&self.taps);
        // The same word twice in a row says nothing new: this also bounds the queue.
        if taps.back() != Some(&tap) && taps.len() < 64 {
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
}

fn guard<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs for ever.
pub(crate) async fn run(app: App) {
    loop {
        while let Some(_tap) = app.mailbox().take() {}
        app.mailbox().notify.notified().await;
    }
}
