//! The client's only state, handed to every handler.

use crate::blobs;
use crate::host::{Database, Host, HostError};
use crate::outbox::{self, Mailbox};
use crate::store::{self, Store};
use crate::vault::Vault;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// The raw key of the database.
pub(crate) type RawKey = Zeroizing<[u8; 32]>;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    host: Box<dyn Host>,
    store: Store,
    /// The drill that is being played: a file of its own, open whenever the other is.
    drill: Store,
    /// Kept while unlocked, so that the database can be reopened after another tab had it.
    key: Mutex<Option<RawKey>>,
    elsewhere: AtomicBool,
    /// Enrolling and unlocking happen one at a time.
    door: tokio::sync::Mutex<()>,
    mailbox: Mailbox,
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
            store: Store::default(),
            drill: Store::default(),
            key: Mutex::new(None),
            elsewhere: AtomicBool::new(false),
            door: tokio::sync::Mutex::new(()),
            mailbox: Mailbox::default(),
        }))
    }

    /// The machine.
    #[must_use]
    pub fn host(&self) -> &dyn Host {
        &*self.0.host
    }

    /// Closes the database (another tab takes over). Requests are answered 503 until [`App::reopen`].
    pub fn close(&self) {
        self.0.elsewhere.store(true, Ordering::SeqCst);
        // Best effort: what is not sealed stays in the journal, which is durable too.
        let _ = self.seal_all();
        self.close_files();
    }

    /// Opens the database again with the key still in memory; stays locked if there was none.
    pub fn reopen(&self) {
        self.0.elsewhere.store(false, Ordering::SeqCst);
        let key = self.key().clone();
        // A file that does not open leaves the client locked: the next request says so.
        if let Some(key) = key
            && self.open(&key).is_err()
        {
            self.lock();
        }
        self.0.mailbox.put(outbox::Tap::Changed);
    }

    /// Tells the client of a change around it.
    pub fn signal(&self, signal: Signal) {
        if signal == Signal::Hidden {
            // Best effort, as in `close`.
            let _ = self.seal_all();
        }
        self.0.mailbox.put(outbox::Tap::Signal(signal));
    }

    /// Keeps the log in step with the server, and sends photos beside it, for as long as the client lives. The host spawns it once.
    pub async fn run_sync(self) {
        tokio::join!(outbox::run(self.clone()), blobs::run(self));
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Where the drill is played. Nothing is ever sent from it, and it holds no key to sign with.
    pub(crate) fn drill(&self) -> &Store {
        &self.0.drill
    }

    /// Closes both databases.
    pub(crate) fn close_files(&self) {
        self.0.store.close();
        self.0.drill.close();
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0.mailbox
    }

    /// Whether another tab has the database.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.0.elsewhere.load(Ordering::SeqCst)
    }

    /// Waits for one's turn at enrolling or unlocking.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.door.lock().await
    }

    /// The wrapped key, if this installation has one.
    pub(crate) async fn vault(&self) -> Result<Option<Vault>, HostError> {
        match self.host().load_vault().await? {
            None => Ok(None),
            Some(bytes) => match Vault::from_bytes(&bytes) {
                Some(vault) => Ok(Some(vault)),
                // Never treated as absent: enrolling over it would lose the key for good.
                None => Err(HostError::Storage("the key vault does not read".to_owned())),
            },
        }
    }

    /// Opens both databases under this key.
    pub(crate) fn open(&self, key: &RawKey) -> Result<(), store::Error> {
        self.open_file(&self.0.store, Database::Field, key)?;
        // A drill that does not open must not keep anybody from work: only drills say so.
        let _ = self.open_file(&self.0.drill, Database::Drill, key);
        Ok(())
    }

    fn open_file(
        &self,
        store: &Store,
        database: Database,
        key: &RawKey,
    ) -> Result<(), store::Error> {
        let opened = self.host().open_database(database, key);
        store.open(opened.map_err(|_| store::Error::Corrupt("database does not open"))?)
    }

    /// Keeps the key of a database that is open and lets sync begin.
    pub(crate) fn unlocked(&self, key: RawKey) {
        *self.key() = Some(key);
        self.0.mailbox.put(outbox::Tap::Changed);
    }

    /// Seals, forgets the key and closes the database.
    pub(crate) fn lock(&self) {
        // Best effort, as in `close`.
        let _ = self.seal_all();
        *self.key() = None;
        self.close_files();
        self.0.mailbox.put(outbox::Tap::Changed);
    }

    /// Seals everything in the journal.
    pub(crate) fn seal_all(&self) -> Result<usize, store::Error> {
        self.store()
            .write(|tx| store::log::seal_all(tx, self.host()))
    }

    fn key(&self) -> MutexGuard<'_, Option<RawKey>> {
        self.0.key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.host().random(&mut out);
        out
    }
}
