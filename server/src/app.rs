//! The application's state: the only one there is.

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::config::Config;
use crate::keys::Keys;
use crate::limits::Limiter;
use crate::problem::Problem;
use crate::random;
use crate::shipped::Shipped;
use crate::store::{Store, meta};
use shared::instant::Instant;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};

/// Password hashes computed at the same time: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;

/// The application: a handle that is cheap to copy.
#[derive(Clone)]
pub struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Arc<Store>,
    pub(crate) blobs: Arc<Blobs>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) limits: Arc<Limiter>,
    /// Rings when there may be a job.
    pub(crate) wake: Arc<Notify>,
    /// Which run of the server this is, for the time evidence of its own commits.
    pub(crate) run: [u8; 8],
    pub(crate) started: Instant,
    clock: Arc<dyn Clock>,
    hashing: Arc<Semaphore>,
}

impl App {
    /// Opens the data folder, making it if it is not there.
    ///
    /// # Errors
    /// A folder that cannot be written, or a database that a newer build made.
    pub async fn open(config: Config, clock: impl Clock) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data)?;
        let store = Store::open(&config.data.join("server.sqlite"))?;
        let blobs = Blobs::open(config.data.join("blobs"))?;
        let broken = |_| anyhow::anyhow!("the system gives no random numbers");
        let fresh = meta::Fresh {
            seed: random::bytes().map_err(broken)?,
            secret: random::bytes().map_err(broken)?,
            ids: [
                random::bytes().map_err(broken)?,
                random::bytes().map_err(broken)?,
            ],
        };
        let started = clock.now();
        let data = Shipped::read();
        let keys = store
            .write(move |tx| {
                data.put(tx)?;
                meta::keys(tx, &fresh, started)
            })
            .await?;
        Ok(Self {
            config: Arc::new(config),
            store: Arc::new(store),
            blobs: Arc::new(blobs),
            keys: Arc::new(keys),
            limits: Arc::default(),
            wake: Arc::default(),
            run: random::bytes().map_err(broken)?,
            started,
            clock: Arc::new(clock),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
        })
    }

    /// Now.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Runs slow computation (password hashes, signatures) off the async threads, a few at a time.
    pub(crate) async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _permit = self.hashing.acquire().await.map_err(Problem::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Problem::internal)
    }
}
