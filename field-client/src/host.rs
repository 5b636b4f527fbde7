//! What the client asks of the machine it runs on: clock, randomness, network, timers, key vault, files.
//! Apart because the phone (a web worker) and the laptop (tokio) answer differently and tests answer as they please.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod assets;
#[cfg(not(target_arch = "wasm32"))]
pub mod loopback;
#[cfg(target_arch = "wasm32")]
mod worker;

use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use shared::instant::Instant;
use shared::sync::wire::CONTENT_TYPE;
use std::future::Future;
use std::pin::Pin;

/// A future that either host can run. On wasm nothing is `Send`; the worker wraps what it returns in a `SendWrapper`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One request to the server. The path is absolute (`/sync/v1/push`); the host knows the origin and sends the headers as given.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Method.
    pub method: Method,
    /// Path on the server.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body; empty where the method has none.
    pub body: Vec<u8>,
}

impl Outgoing {
    /// A request without body. The bearer token is that of this feed; `None` only when enrolling.
    #[must_use]
    pub fn new(method: Method, path: &str, token: Option<&str>) -> Self {
        let mut request = Self {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        if let Some(token) = token {
            request = request.with(header::AUTHORIZATION, &format!("Bearer {token}"));
        }
        request
    }

    /// A message of the sync protocol; `deflated` with zlib framing (RFC 1950) or as it is.
    #[must_use]
    pub fn message(path: &str, token: Option<&str>, body: Vec<u8>, deflated: bool) -> Self {
        let request = Self::new(Method::POST, path, token);
        let mut request = request.with(header::CONTENT_TYPE, CONTENT_TYPE);
        if deflated {
            request = request.with(header::CONTENT_ENCODING, "deflate");
        }
        Self { body, ..request }
    }

    /// With one more header. A value that no header can carry is left out: the server then refuses what it misses.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Whether the body is deflated.
    #[must_use]
    pub fn is_deflated(&self) -> bool {
        self.headers.contains_key(header::CONTENT_ENCODING)
    }
}

/// What came back, whoever answered: a captive portal's page looks like this too.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// HTTP status.
    pub status: u16,
    /// Headers, as far as the browser lets us see them.
    pub headers: HeaderMap,
    /// The body, at most [`MAX_ANSWER_BYTES`].
    pub body: Vec<u8>,
}

impl Incoming {
    /// An answer of this type and no other header.
    #[must_use]
    pub fn of(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        let value = HeaderValue::from_static(content_type);
        Self {
            status,
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, value)]),
            body,
        }
    }

    /// A header as text; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// `content-type`, as sent.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.header("content-type")
    }
}

/// Longer answers are refused as [`HostError::Network`]. Bytes.
pub const MAX_ANSWER_BYTES: usize = 4 << 20;

/// The host could not do it.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// No answer: offline, timeout, TLS refused, answer too long.
    #[error("network: {0}")]
    Network(String),
    /// The key vault or the database file could not be read or written.
    #[error("storage: {0}")]
    Storage(String),
}

/// One of the client's two database files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// What was recorded, and everything else that counts.
    Field,
    /// The drill that is being played: made afresh by the next one, and never sent from.
    Drill,
}

impl Database {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Field, Self::Drill];

    /// Its file. Never renamed: a file that is not found is a file that is lost.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Field => "field.db",
            Self::Drill => "drill.db",
        }
    }
}

/// The machine.
pub trait Host: Send + Sync + 'static {
    /// The wall clock, as wrong as it may be.
    fn now(&self) -> Instant;
    /// Milliseconds since an arbitrary start, never backwards; with the identifier of that start.
    fn monotonic(&self) -> (u64, [u8; 8]);
    /// Fills the buffer with cryptographically secure random bytes.
    fn random(&self, buffer: &mut [u8]);
    /// Sends one request to the server and waits for the answer.
    fn send(&self, request: Outgoing) -> Pending<'_, Result<Incoming, HostError>>;
    /// Waits so many milliseconds.
    fn sleep(&self, millis: u64) -> Pending<'_, ()>;
    /// The wrapped key, if this installation has one.
    fn load_vault(&self) -> Pending<'_, Result<Option<Vec<u8>>, HostError>>;
    /// Durably replaces the wrapped key.
    fn save_vault(&self, wrapped: Vec<u8>) -> Pending<'_, Result<(), HostError>>;
    /// Opens (or creates) a database under this raw key, with the pragmas of this host set and checked.
    fn open_database(
        &self,
        database: Database,
        key: &[u8; 32],
    ) -> Result<rusqlite::Connection, HostError>;
}
