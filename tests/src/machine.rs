//! A machine that a field client of this process runs on: a folder, a clock that tests set, and a network that fails as told.
//! Apart because it answers every question of the client's `Host` and hides nothing else.

use crate::folder::Folder;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use field_client::host::{Database, Host, HostError, Incoming, Outgoing, Pending};
use http_body_util::BodyExt;
use rusqlite::Connection;
use shared::instant::Instant;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tower::ServiceExt;

/// Waits of the client are shortened so many times.
const HASTE: u64 = 100;
/// Old requests kept for being delivered once more.
const KEPT: usize = 32;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It arrives and is answered.
    None,
    /// It never arrives.
    LostRequest,
    /// It arrives; the answer does not.
    LostAnswer,
    /// It arrives twice; the second answer comes back.
    Duplicate,
    /// An older request arrives once more before it.
    Replay,
    /// It arrives cut short.
    CutRequest,
    /// The answer comes back cut short.
    CutAnswer,
    /// Somebody else answers: a Wi-Fi login page with status 200.
    Portal,
    /// A proxy answers 502.
    BadGateway,
}

impl Fault {
    /// Every fault, and none.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::LostRequest,
        Self::LostAnswer,
        Self::Duplicate,
        Self::Replay,
        Self::CutRequest,
        Self::CutAnswer,
        Self::Portal,
        Self::BadGateway,
    ];
}

/// The way to the server.
#[derive(Debug, Default)]
pub struct Network {
    server: Mutex<Option<Router>>,
    plan: Mutex<VecDeque<Fault>>,
    sent: Mutex<Vec<Outgoing>>,
}

impl Network {
    /// Connects to this server, or to none.
    pub fn connect(&self, server: Option<Router>) {
        *lock(&self.server) = server;
    }

    /// What happens to the next requests; afterwards all goes well.
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        *lock(&self.plan) = faults.into_iter().collect();
    }

    /// Faults still to come.
    #[must_use]
    pub fn planned(&self) -> usize {
        lock(&self.plan).len()
    }

    /// The requests that were sent, newest last, at most some dozens.
    #[must_use]
    pub fn sent(&self) -> Vec<Outgoing> {
        lock(&self.sent).clone()
    }

    async fn send(&self, request: Outgoing) -> Result<Incoming, HostError> {
        let fault = lock(&self.plan).pop_front().unwrap_or(Fault::None);
        let old = {
            let mut sent = lock(&self.sent);
            // Some older request, which one depends on how many there are.
            let old = sent.get(sent.len() / 2).cloned();
            if sent.len() == KEPT {
                sent.remove(0);
            }
            sent.push(request.clone());
            old
        };
        match fault {
            Fault::None => self.deliver(&request).await,
            Fault::LostRequest => Err(lost()),
            Fault::LostAnswer => {
                self.deliver(&request).await?;
                Err(lost())
            }
            Fault::Duplicate => {
                self.deliver(&request).await?;
                self.deliver(&request).await
            }
            Fault::Replay => {
                if let Some(old) = old {
                    self.deliver(&old).await?;
                }
                self.deliver(&request).await
            }
            Fault::CutRequest => {
                let mut cut = request;
                cut.body.truncate(cut.body.len() / 2);
                self.deliver(&cut).await
            }
            Fault::CutAnswer => {
                let mut answer = self.deliver(&request).await?;
                answer.body.truncate(answer.body.len() / 2);
                Ok(answer)
            }
            Fault::Portal => Ok(Incoming::of(
                200,
                "text/html; charset=utf-8",
                "<h1>欢迎使用免费无线网络，请登录</h1>".into(),
            )),
            Fault::BadGateway => {
                let page = b"<h1>502 Bad Gateway</h1>".to_vec();
                Ok(Incoming::of(502, "text/html", page))
            }
        }
    }

    async fn deliver(&self, request: &Outgoing) -> Result<Incoming, HostError> {
        let server = lock(&self.server).clone().ok_or_else(lost)?;
        let mut asked = Request::builder()
            .method(&request.method)
            .uri(&request.path)
            .body(Body::from(request.body.clone()))
            .map_err(broken)?;
        *asked.headers_mut() = request.headers.clone();
        let host = HeaderValue::from_static("localhost");
        asked.headers_mut().insert(header::HOST, host);
        let answer = server.oneshot(asked).await.map_err(broken)?;
        let (parts, body) = answer.into_parts();
        Ok(Incoming {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await.map_err(broken)?.to_bytes().to_vec(),
        })
    }
}

/// A clock that stands until it is moved.
#[derive(Debug, Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// A clock at this moment.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// Moves it on.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// What it shows.
    #[must_use]
    pub fn read(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl server::Clock for Clock {
    fn now(&self) -> Instant {
        self.read()
    }
}

/// The machine. What it writes stays in its folder when the client on it ends.
#[derive(Debug, Clone)]
pub struct Machine {
    folder: Arc<Folder>,
    /// Its network.
    pub network: Arc<Network>,
    /// Its clock.
    pub clock: Clock,
    random: Arc<AtomicU64>,
}

impl Machine {
    /// A machine with an empty folder; `seed` makes its random numbers.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub fn new(clock: Clock, seed: u64) -> anyhow::Result<Self> {
        Ok(Self {
            folder: Arc::new(Folder::new("machine")?),
            network: Arc::default(),
            clock,
            random: Arc::new(AtomicU64::new(seed)),
        })
    }

    /// Another machine with a copy of everything that is on this one: what restoring a backup makes.
    ///
    /// # Errors
    /// A file cannot be copied.
    pub fn copy(&self, seed: u64) -> anyhow::Result<Self> {
        let copy = Self::new(self.clock.clone(), seed)?;
        for file in crate::folder::files(self.folder.path())? {
            let name = file.file_name().unwrap_or_default();
            std::fs::copy(&file, copy.folder.path().join(name))?;
        }
        Ok(copy)
    }

    /// Its database's file.
    #[must_use]
    pub fn database(&self) -> std::path::PathBuf {
        self.folder.join("field.db")
    }
}

impl Host for Machine {
    fn now(&self) -> Instant {
        self.clock.read()
    }

    fn monotonic(&self) -> (u64, [u8; 8]) {
        (self.clock.read().as_millis().unsigned_abs(), [1; 8])
    }

    fn random(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = splitmix(self.random.fetch_add(1, Ordering::SeqCst)).to_be_bytes()[0];
        }
    }

    fn send(&self, request: Outgoing) -> Pending<'_, Result<Incoming, HostError>> {
        Box::pin(self.network.send(request))
    }

    fn sleep(&self, millis: u64) -> Pending<'_, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(millis / HASTE)))
    }

    fn load_vault(&self) -> Pending<'_, Result<Option<Vec<u8>>, HostError>> {
        Box::pin(async { Ok(std::fs::read(self.folder.join("vault")).ok()) })
    }

    fn save_vault(&self, wrapped: Vec<u8>) -> Pending<'_, Result<(), HostError>> {
        Box::pin(async move { std::fs::write(self.folder.join("vault"), wrapped).map_err(storage) })
    }

    fn open_database(&self, database: Database, _: &[u8; 32]) -> Result<Connection, HostError> {
        let file = self.database().with_file_name(database.file());
        let connection = Connection::open(file).map_err(storage)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode=wal; PRAGMA synchronous=normal; PRAGMA foreign_keys=on;",
            )
            .map_err(storage)?;
        Ok(connection)
    }
}

/// A random number of a counter (splitmix64): the same in each run.
#[must_use]
pub const fn splitmix(counter: u64) -> u64 {
    let mut z = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lost() -> HostError {
    HostError::Network("unplugged".to_owned())
}

fn broken(error: impl std::fmt::Display) -> HostError {
    HostError::Network(error.to_string())
}

fn storage(error: impl std::fmt::Display) -> HostError {
    HostError::Storage(error.to_string())
}
