//! A machine for tests: a clock that stands still until told, repeatable randomness, a network that is a function.
//! Apart, and public, because the workspace's own test crate drives clients with it too.

use crate::App;
use crate::host::{Database, Host, HostError, Incoming, Outgoing, Pending};
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use rusqlite::Connection;
use shared::instant::Instant;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tower::ServiceExt;

/// What answers requests to the server; an error is silence.
pub type Network = Box<dyn FnMut(Outgoing) -> Result<Incoming, HostError> + Send>;

/// What a test can turn.
pub struct Knobs {
    /// The wall clock.
    pub now: Instant,
    /// The state of the generator.
    pub random: u64,
    /// Who answers.
    pub network: Network,
    /// The stored vault.
    pub vault: Option<Vec<u8>>,
    /// Every vault that was ever saved, oldest first.
    pub vaults: Vec<Vec<u8>>,
    file: PathBuf,
}

/// A machine for tests. Clones are the same machine: a client that is dropped and made again finds its files.
#[derive(Clone)]
pub struct Machine(Arc<Mutex<Knobs>>);

impl Machine {
    /// A machine without network, its database in this file.
    #[must_use]
    pub fn new(file: PathBuf, now: Instant) -> Self {
        Self(Arc::new(Mutex::new(Knobs {
            now,
            random: 1,
            network: Box::new(|_| Err(HostError::Network("unplugged".to_owned()))),
            vault: None,
            vaults: Vec::new(),
            file,
        })))
    }

    /// What can be turned. Do not hold it across a request.
    pub fn knobs(&self) -> MutexGuard<'_, Knobs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time passes.
    pub fn pass(&self, millis: i64) {
        let mut knobs = self.knobs();
        knobs.now = knobs.now.plus_millis(millis);
    }
}

impl Host for Machine {
    fn now(&self) -> Instant {
        self.knobs().now
    }

    fn monotonic(&self) -> (u64, [u8; 8]) {
        (
            u64::try_from(self.knobs().now.as_millis()).unwrap_or(0),
            [7; 8],
        )
    }

    fn random(&self, buffer: &mut [u8]) {
        let mut knobs = self.knobs();
        for byte in buffer {
            // Splitmix64: repeatable, guards nothing.
            knobs.random = knobs.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = knobs.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (z >> 56) as u8;
        }
    }

    fn send(&self, request: Outgoing) -> Pending<'_, Result<Incoming, HostError>> {
        Box::pin(async move {
            // Another task runs in between, as it would while a real request is under way.
            tokio::task::yield_now().await;
            (self.knobs().network)(request)
        })
    }

    fn sleep(&self, millis: u64) -> Pending<'_, ()> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(millis.min(5))).await;
            self.pass(i64::try_from(millis).unwrap_or(0));
        })
    }

    fn load_vault(&self) -> Pending<'_, Result<Option<Vec<u8>>, HostError>> {
        Box::pin(async move { Ok(self.knobs().vault.clone()) })
    }

    fn save_vault(&self, wrapped: Vec<u8>) -> Pending<'_, Result<(), HostError>> {
        Box::pin(async move {
            let mut knobs = self.knobs();
            knobs.vaults.push(wrapped.clone());
            knobs.vault = Some(wrapped);
            Ok(())
        })
    }

    fn open_database(&self, database: Database, _key: &[u8; 32]) -> Result<Connection, HostError> {
        let file = self.knobs().file.with_file_name(database.file());
        let open = || {
            let connection = Connection::open(file)?;
            connection.execute_batch("PRAGMA foreign_keys = on; PRAGMA synchronous = off")?;
            Ok(connection)
        };
        open().map_err(|error: rusqlite::Error| HostError::Storage(error.to_string()))
    }
}

/// A page as a test sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Status.
    pub status: StatusCode,
    /// Where a redirect leads.
    pub location: String,
    /// The HTML.
    pub html: String,
}

/// A browser without scripts.
#[derive(Clone)]
pub struct Browser(Router);

impl Browser {
    /// In front of this client.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(crate::app(app))
    }

    /// Follows a link.
    pub async fn get(&self, path: &str) -> Shown {
        self.send(Request::get(path).body(Body::empty())).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(pairs.join("&")));
        self.send(request).await
    }

    async fn send(&self, request: http::Result<Request<Body>>) -> Shown {
        let nothing = Shown {
            status: StatusCode::BAD_REQUEST,
            location: String::new(),
            html: String::new(),
        };
        let Ok(request) = request else { return nothing };
        let Ok(response) = self.0.clone().oneshot(request).await;
        let status = response.status();
        let location = response.headers().get(header::LOCATION);
        let location = location
            .and_then(|to| to.to_str().ok())
            .unwrap_or("")
            .to_owned();
        let Ok(body) = response.into_body().collect().await else {
            return nothing;
        };
        Shown {
            status,
            location,
            html: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        }
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().fold(String::new(), |mut out, byte| {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
