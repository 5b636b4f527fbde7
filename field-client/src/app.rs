//! The client's only state, handed to every handler.

use crate::host::Host;
use std::sync::Arc;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    host: Box<dyn Host>,
}

/// What the page or the operating system tells the running client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The network may be back: try now.
    Online,
    /// The network is gone.
    Offline,
    /// The page became visible.
    Visible,
    /// The page is hiding and may be killed: seal what is unsealed.
    Hidden,
}

impl App {
    /// A locked client over this host. Nothing is read or written yet.
    #[must_use]
    pub fn new(host: impl Host) -> Self {
        Self(Arc::new(Inner {
            host: Box::new(host),
        }))
    }

    /// The machine.
    #[must_use]
    pub fn host(&self) -> &dyn Host {
        &*self.0.host
    }

    /// Closes the database (another tab takes over). Requests are answered 503 until [`App::reopen`].
    pub fn close(&self) {}

    /// Opens the database again with the key still in memory; stays locked if there was none.
    pub fn reopen(&self) {}

    /// Tells the client of a change around it.
    pub fn signal(&self, _signal: Signal) {}

    /// Keeps the log in step with the server for as long as the client lives. The host spawns it once.
    pub async fn run_sync(self) {}
}
