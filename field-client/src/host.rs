//! What the client asks of the machine it runs on: clock, randomness, network, timers, key vault, files.
//! Apart because the phone (a web worker) and the laptop (tokio) answer differently and tests answer as they please.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod assets;
#[cfg(not(target_arch = "wasm32"))]
pub mod loopback;
#[cfg(target_arch = "wasm32")]
mod worker;

use shared::instant::Instant;
use std::future::Future;
use std::pin::Pin;

/// A future that either host can run. On wasm nothing is `Send`; the worker wraps what it returns in a `SendWrapper`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One POST to the server. The path is absolute (`/sync/v1/push`); the host knows the origin.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Path on the server.
    pub path: String,
    /// Bearer token of this feed; `None` only when enrolling.
    pub token: Option<String>,
    /// `application/cbor`, possibly deflated (then `content-encoding: deflate`, zlib framing, RFC 1950).
    pub body: Vec<u8>,
    /// Whether `body` is deflated.
    pub deflated: bool,
}

/// What came back, whoever answered: a captive portal's page looks like this too.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// HTTP status.
    pub status: u16,
    /// `content-type`, as sent.
    pub content_type: String,
    /// The body, at most [`MAX_ANSWER_BYTES`].
    pub body: Vec<u8>,
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
    /// Opens (or creates) the database under this raw key, with the pragmas of this host set and checked.
    fn open_database(&self, key: &[u8; 32]) -> Result<rusqlite::Connection, HostError>;
}
