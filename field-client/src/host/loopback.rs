//! The laptop: the client on 127.0.0.1, a SQLite file, reqwest over rustls.
//!
//! Anybody on this machine can connect to the port, and any web page can make a browser do so. Hence: only our own `Host` and
//! `Origin` are answered, and only with a cookie that the one-time key in the start address was exchanged for.
//! The database is plain (the laptop's disk encryption guards it) unless built with the feature `encrypt`.

use crate::App;
use crate::host::{Database, Host, HostError, Incoming, MAX_ANSWER_BYTES, Outgoing, Pending};
use crate::html::{Cause, Problem};
use anyhow::Context;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use rusqlite::Connection;
use shared::instant::Instant;
use shared::problem::Code;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// A request to the server is given up after this.
const TIMEOUT: Duration = Duration::from_secs(30);
const COOKIE: &str = "field";
const VAULT: &str = "vault.bin";

/// How to run on a laptop.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the database and the vault.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The server's origin, such as `https://example.cn`.
    pub server: String,
    /// Trust only the authorities in this PEM file.
    pub ca_cert: Option<PathBuf>,
}

/// The laptop as a host.
pub struct Laptop {
    data: PathBuf,
    server: String,
    client: reqwest::Client,
    started: std::time::Instant,
    session: [u8; 8],
}

impl Laptop {
    /// Over this configuration. Makes the data folder.
    ///
    /// # Errors
    /// The folder cannot be made, the certificate file cannot be read, or the address is no address.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot make {}", config.data.display()))?;
        let server = config.server.trim_end_matches('/').to_owned();
        let secure = server.starts_with("https://");
        anyhow::ensure!(
            secure || server.starts_with("http://"),
            "--server wants http:// or https://"
        );
        // Fails only if a provider is set already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let builder = match &config.ca_cert {
            Some(file) => {
                let pem = std::fs::read(file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem)?)
            }
            // The system's authorities may be absent on a bare machine; without TLS nobody needs them.
            None if !secure => builder.tls_certs_only([]),
            None => builder,
        };
        let mut session = [0; 8];
        fill(&mut session);
        Ok(Self {
            data: config.data.clone(),
            server,
            client: builder.build().context("cannot set up TLS")?,
            started: monotonic_now(),
            session,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is a host")]
fn monotonic_now() -> std::time::Instant {
    std::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is a host")]
fn wall_now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

fn fill(buffer: &mut [u8]) {
    if getrandom::fill(buffer).is_err() {
        // Without randomness there are no keys: better no program than a weak one.
        std::process::abort();
    }
}

impl Host for Laptop {
    fn now(&self) -> Instant {
        let since = wall_now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> (u64, [u8; 8]) {
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        (ms, self.session)
    }

    fn random(&self, buffer: &mut [u8]) {
        fill(buffer);
    }

    fn send(&self, request: Outgoing) -> Pending<'_, Result<Incoming, HostError>> {
        let address = format!("{}{}", self.server, request.path);
        let asked = self
            .client
            .request(request.method, address)
            .headers(request.headers)
            .body(request.body);
        Box::pin(async move {
            let network =
                |error: reqwest::Error| HostError::Network(error.without_url().to_string());
            let mut answer = asked.send().await.map_err(network)?;
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(network)? {
                if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                    return Err(HostError::Network("the answer is too long".to_owned()));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Incoming {
                status: answer.status().as_u16(),
                headers: answer.headers().clone(),
                body,
            })
        })
    }

    fn sleep(&self, millis: u64) -> Pending<'_, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(millis)))
    }

    fn load_vault(&self) -> Pending<'_, Result<Option<Vec<u8>>, HostError>> {
        Box::pin(async move {
            match std::fs::read(self.data.join(VAULT)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(HostError::Storage(error.to_string())),
            }
        })
    }

    fn save_vault(&self, wrapped: Vec<u8>) -> Pending<'_, Result<(), HostError>> {
        Box::pin(async move {
            replace(&self.data, VAULT, &wrapped).map_err(|e| HostError::Storage(e.to_string()))
        })
    }

    fn open_database(&self, database: Database, key: &[u8; 32]) -> Result<Connection, HostError> {
        open(&self.data.join(database.file()), key).map_err(|e| HostError::Storage(e.to_string()))
    }
}

/// Durably replaces a file: written beside it, synced, renamed, and the folder synced.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let part = folder.join(format!("{name}.part"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, folder.join(name))?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(not(feature = "encrypt"))]
fn unlock(_connection: &Connection, _key: &[u8; 32]) -> rusqlite::Result<()> {
    Ok(())
}

/// The raw key, so that SQLCipher derives nothing of its own.
#[cfg(feature = "encrypt")]
fn unlock(connection: &Connection, key: &[u8; 32]) -> rusqlite::Result<()> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    connection.execute_batch(&format!("PRAGMA key = \"x'{hex}'\""))
}

fn open(path: &Path, key: &[u8; 32]) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    unlock(&connection, key)?;
    let ask = |pragma: &str| {
        connection.query_row(pragma, [], |row| row.get::<_, rusqlite::types::Value>(0))
    };
    // Exclusive first: it also keeps a second client off this file.
    ask("PRAGMA locking_mode = exclusive")?;
    let mode = ask("PRAGMA journal_mode = wal")?;
    connection.execute_batch("PRAGMA synchronous = full; PRAGMA foreign_keys = on")?;
    ask("PRAGMA journal_size_limit = 4194304")?;
    let full = ask("PRAGMA synchronous")?;
    let durable = mode == rusqlite::types::Value::Text("wal".to_owned())
        && full == rusqlite::types::Value::Integer(2);
    if durable {
        Ok(connection)
    } else {
        Err(rusqlite::Error::InvalidQuery)
    }
}

/// Who may talk to this port.
struct Door {
    hosts: [String; 2],
    /// The one-time key, until it was used.
    key: Mutex<Option<String>>,
    session: String,
}

/// The client on this port, guarded. The key opens it once.
fn guarded(app: App, port: u16, key: String, session: String) -> Router {
    let door = Arc::new(Door {
        hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
        key: Mutex::new(Some(key)),
        session,
    });
    crate::app(app).layer(middleware::from_fn_with_state(door, guard))
}

async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or("");
    let known = door.hosts.iter().any(|own| own == host);
    let origin = match text(header::ORIGIN) {
        Some(origin) => origin == format!("http://{host}"),
        None => request.method() == Method::GET || request.method() == Method::HEAD,
    };
    if !known || !origin {
        return Problem::of(Code::Forbidden).into_response();
    }
    if let Some(key) = request
        .uri()
        .query()
        .and_then(|query| query.strip_prefix("key="))
    {
        return door.exchange(key, request.uri().path());
    }
    if !same(session_of(headers), &door.session) {
        return Problem::of(Code::NoSession).into_response();
    }
    let response = next.run(request).await;
    if let Some(Cause(cause)) = response.extensions().get::<Cause>() {
        // Nowhere to say so if even the terminal is gone.
        let _ = writeln!(std::io::stderr(), "internal: {cause}");
    }
    response
}

impl Door {
    fn exchange(&self, key: &str, path: &str) -> Response {
        let mut expected = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let right = expected
            .as_deref()
            .is_some_and(|expected| same(key, expected));
        if !right {
            return Problem::of(Code::NoSession).into_response();
        }
        *expected = None;
        let cookie = format!(
            "{COOKIE}={}; Path=/field/; HttpOnly; SameSite=Strict",
            self.session
        );
        let headers = [
            (header::SET_COOKIE, cookie),
            (header::LOCATION, path.to_owned()),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }
}

fn same(given: &str, expected: &str) -> bool {
    bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}

fn session_of(headers: &HeaderMap) -> &str {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map_or("", |(_, value)| value)
}

fn secret() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs until `stop` ends. `opened` is told the start address once the port is bound.
///
/// # Errors
/// The port cannot be bound or the data folder cannot be used.
pub async fn serve(
    config: &Config,
    opened: impl FnOnce(&str),
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.listen.ip().is_loopback(),
        "--listen wants a loopback address"
    );
    let app = App::new(Laptop::new(config)?);
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let port = listener.local_addr()?.port();
    let key = secret();
    let router = guarded(app.clone(), port, key.clone(), secret());
    let sync = tokio::spawn(app.clone().run_sync());
    opened(&format!("http://127.0.0.1:{port}/field/?key={key}"));
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await;
    sync.abort();
    // What is in the journal gets sealed; then the write-ahead log is folded into the file.
    app.close();
    Ok(served?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt;

    async fn ask(router: &Router, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn only_the_browser_that_was_given_the_key_gets_in() {
        let folder = std::env::temp_dir().join(format!("loopback-{}", std::process::id()));
        let config = Config {
            data: folder.clone(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            server: "http://127.0.0.1:9".to_owned(),
            ca_cert: None,
        };
        let app = App::new(Laptop::new(&config).unwrap());
        let router = guarded(app, 80, "key".to_owned(), "session".to_owned());
        let host = ("host", "127.0.0.1:80");
        let cookie = ("cookie", "a=b; field=session");
        assert_eq!(ask(&router, "/field/enrol", &[host]).await.status(), 401);
        assert_eq!(ask(&router, "/field/?key=no", &[host]).await.status(), 401);
        let opened = ask(&router, "/field/?key=key", &[host]).await;
        assert_eq!(opened.status(), 303);
        assert!(
            opened.headers()["set-cookie"]
                .to_str()
                .unwrap()
                .contains("SameSite=Strict")
        );
        assert_eq!(ask(&router, "/field/?key=key", &[host]).await.status(), 401);
        assert_eq!(
            ask(&router, "/field/enrol", &[host, cookie]).await.status(),
            200
        );
        let elsewhere = ("host", "rebound.example:80");
        assert_eq!(
            ask(&router, "/field/enrol", &[elsewhere, cookie])
                .await
                .status(),
            403
        );
        let foreign = ("origin", "http://evil.example");
        assert_eq!(
            ask(&router, "/field/enrol", &[host, cookie, foreign])
                .await
                .status(),
            403
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_file_is_opened_durably_and_the_vault_is_replaced_whole() {
        let folder = std::env::temp_dir().join(format!("laptop-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for database in Database::ALL {
            let database = open(&folder.join(database.file()), &[1; 32]).unwrap();
            let mode: String = database
                .query_row("PRAGMA journal_mode", [], |row| row.get(0))
                .unwrap();
            assert_eq!(mode, "wal");
        }
        replace(&folder, VAULT, b"one").unwrap();
        replace(&folder, VAULT, b"two").unwrap();
        assert_eq!(std::fs::read(folder.join(VAULT)).unwrap(), b"two");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
