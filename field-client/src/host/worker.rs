//! The phone's host: the client inside a dedicated web worker, SQLCipher on the origin's private files.
//! Apart because nothing else knows JavaScript; `assets/worker.js` is its other half.

#![expect(
    unreachable_pub,
    reason = "exported to JavaScript, not to other crates"
)]

use super::{Host, HostError, Incoming, MAX_ANSWER_BYTES, Outgoing, Pending};
use crate::{App, Signal};
use axum::Router;
use axum::body::Body;
use http::header::{HeaderName, HeaderValue};
use http_body_util::BodyExt;
use js_sys::{Array, Uint8Array};
use rusqlite::Connection;
use send_wrapper::SendWrapper;
use shared::instant::Instant;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};
use std::cell::{OnceCell, RefCell};
use std::fmt::{Display, Write};
use tower::ServiceExt;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// Folder of the pool among the origin's private files, and the database in it.
const POOL_FOLDER: &str = ".chengxu";
const DATABASE: &str = "field.db";
/// Files the pool keeps ready: database, WAL and temporary files, with room to spare.
const POOL_FILES: usize = 6;
/// Answers awaited longer than this count as no network.
const SEND_TIMEOUT_MS: u32 = 30_000;

/// What each pragma must answer when it is read back; `None` for those that answer nothing.
/// Exclusive locking comes first, or the journal mode is refused without a word.
const PRAGMAS: [(&str, Option<&str>); 5] = [
    ("locking_mode=exclusive", Some("exclusive")),
    ("journal_mode=wal", Some("wal")),
    ("synchronous=full", None),
    ("foreign_keys=on", None),
    ("journal_size_limit=4194304", Some("4194304")),
];

/// What `worker.js` offers under the global name `host`.
#[wasm_bindgen(js_namespace = host)]
extern "C" {
    /// Milliseconds since 1970.
    fn now() -> f64;
    /// Milliseconds since this worker began.
    fn monotonic() -> f64;
    fn random(buffer: &mut [u8]);
    /// `[status, content type, Uint8Array]`.
    #[wasm_bindgen(catch)]
    async fn post(
        path: &str,
        token: Option<&str>,
        body: Uint8Array,
        deflated: bool,
        limits: Array,
    ) -> Result<Array, JsValue>;
    async fn sleep(millis: f64);
    /// `Uint8Array`, or `undefined` where nothing was saved.
    #[wasm_bindgen(catch)]
    async fn load_vault() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn save_vault(wrapped: Uint8Array) -> Result<(), JsValue>;
    /// Tells the developer's console; the trap that follows ends this worker.
    fn panicked(message: &str);
}

thread_local! {
    static POOL: OnceCell<OpfsSAHPoolUtil> = const { OnceCell::new() };
    static CLIENT: RefCell<Option<(Router, App)>> = const { RefCell::new(None) };
}

/// The machine behind the worker.
struct Worker {
    /// Names this worker's monotonic clock: it begins anew with each worker.
    session: [u8; 8],
}

fn said(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).unwrap_or(JsValue::UNDEFINED);
    message.as_string().unwrap_or_else(|| format!("{error:?}"))
}

fn network(error: &JsValue) -> HostError {
    HostError::Network(said(error))
}

fn storage(error: &JsValue) -> HostError {
    HostError::Storage(said(error))
}

fn broken(error: impl Display) -> HostError {
    HostError::Storage(error.to_string())
}

fn js(error: impl Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

async fn exchange(request: Outgoing) -> Result<Incoming, HostError> {
    let body = Uint8Array::from(request.body.as_slice());
    let cap = u32::try_from(MAX_ANSWER_BYTES).unwrap_or(u32::MAX);
    let limits = Array::of2(&SEND_TIMEOUT_MS.into(), &cap.into());
    let token = request.token.as_deref();
    let answer = post(&request.path, token, body, request.deflated, limits)
        .await
        .map_err(|e| network(&e))?;
    let status = answer.get(0).as_f64().unwrap_or_default();
    Ok(Incoming {
        status: status as u16,
        content_type: answer.get(1).as_string().unwrap_or_default(),
        body: Uint8Array::new(&answer.get(2)).to_vec(),
    })
}

impl Host for Worker {
    fn now(&self) -> Instant {
        // `as` saturates, whatever the clock says.
        Instant::from_millis(now() as i64)
    }
    fn monotonic(&self) -> (u64, [u8; 8]) {
        (monotonic() as u64, self.session)
    }

    fn random(&self, buffer: &mut [u8]) {
        random(buffer);
    }

    fn send(&self, request: Outgoing) -> Pending<'_, Result<Incoming, HostError>> {
        Box::pin(SendWrapper::new(exchange(request)))
    }
    fn sleep(&self, millis: u64) -> Pending<'_, ()> {
        Box::pin(SendWrapper::new(sleep(millis as f64)))
    }

    fn load_vault(&self) -> Pending<'_, Result<Option<Vec<u8>>, HostError>> {
        Box::pin(SendWrapper::new(async {
            let found = load_vault().await.map_err(|e| storage(&e))?;
            Ok((!found.is_undefined()).then(|| Uint8Array::new(&found).to_vec()))
        }))
    }

    fn save_vault(&self, wrapped: Vec<u8>) -> Pending<'_, Result<(), HostError>> {
        Box::pin(SendWrapper::new(async move {
            let wrapped = Uint8Array::from(wrapped.as_slice());
            save_vault(wrapped).await.map_err(|e| storage(&e))
        }))
    }

    fn open_database(&self, key: &[u8; 32]) -> Result<Connection, HostError> {
        let connection = Connection::open(DATABASE).map_err(broken)?;
        unlock(&connection, key)?;
        for (pragma, expected) in PRAGMAS {
            set_pragma(&connection, pragma, expected)?;
        }
        Ok(connection)
    }
}

/// Hands the raw key over. A new file on this pool would get a salt of zeros; reading the salt before the first write
/// makes it random, and a file that has one keeps it.
fn unlock(connection: &Connection, key: &[u8; 32]) -> Result<(), HostError> {
    let mut pragma = Zeroizing::new(String::with_capacity(96));
    pragma.push_str("PRAGMA key = \"x'");
    for byte in key {
        write!(pragma, "{byte:02x}").map_err(broken)?;
    }
    pragma.push_str("'\"");
    connection.execute_batch(&pragma).map_err(broken)?;
    let salt: String = connection
        .query_row("PRAGMA cipher_salt", (), |row| row.get(0))
        .map_err(broken)?;
    if salt.bytes().all(|digit| digit == b'0') {
        return Err(HostError::Storage("cipher salt is all zeros".into()));
    }
    Ok(())
}

/// Sets one pragma and fails where SQLite quietly kept another value.
fn set_pragma(
    connection: &Connection,
    pragma: &str,
    expected: Option<&str>,
) -> Result<(), HostError> {
    let Some(expected) = expected else {
        return connection
            .execute_batch(&format!("PRAGMA {pragma}"))
            .map_err(broken);
    };
    let answer = connection
        .query_row(&format!("PRAGMA {pragma}"), (), |row| {
            let value: rusqlite::types::Value = row.get(0)?;
            Ok(match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            })
        })
        .map_err(broken)?;
    if answer == expected {
        Ok(())
    } else {
        Err(HostError::Storage(format!("PRAGMA {pragma}: {answer}")))
    }
}

fn client() -> Result<(Router, App), JsValue> {
    CLIENT
        .with_borrow(Clone::clone)
        .ok_or_else(|| js("not booted"))
}

/// Takes the files and starts the client, locked. Once per worker.
///
/// # Errors
/// The files are held by another tab, or this browser has none.
#[wasm_bindgen]
pub async fn boot() -> Result<(), JsValue> {
    std::panic::set_hook(Box::new(|info| panicked(&info.to_string())));
    let config = OpfsSAHPoolCfgBuilder::new()
        .directory(POOL_FOLDER)
        .initial_capacity(POOL_FILES)
        .build();
    let pool = install::<sqlite_wasm_rs::WasmOsCallback>(&config, true)
        .await
        .map_err(js)?;
    POOL.with(|cell| cell.set(pool).map_err(|_| js("booted twice")))?;
    let mut session = [0; 8];
    random(&mut session);
    let app = App::new(Worker { session });
    CLIENT.replace(Some((crate::app(app.clone()), app.clone())));
    wasm_bindgen_futures::spawn_local(app.run_sync());
    Ok(())
}

/// Gives the files up, because another tab takes over.
///
/// # Errors
/// A file is still open.
#[wasm_bindgen]
pub fn release() -> Result<(), JsValue> {
    client()?.1.close();
    POOL.with(|cell| cell.get().map_or(Ok(()), OpfsSAHPoolUtil::pause))
        .map_err(js)
}

/// Takes the files back after [`release`].
///
/// # Errors
/// As [`boot`].
#[wasm_bindgen]
pub async fn resume() -> Result<(), JsValue> {
    let pool = POOL.with(|cell| cell.get().cloned());
    pool.ok_or_else(|| js("not booted"))?
        .resume()
        .await
        .map_err(js)?;
    client()?.1.reopen();
    Ok(())
}

/// Passes on what the page noticed: `online`, `offline`, `visible` or `hidden`.
///
/// # Errors
/// Another word, or not booted.
#[wasm_bindgen]
pub fn signal(kind: &str) -> Result<(), JsValue> {
    let signal = match kind {
        "online" => Signal::Online,
        "offline" => Signal::Offline,
        "visible" => Signal::Visible,
        "hidden" => Signal::Hidden,
        other => return Err(js(format!("no such signal: {other}"))),
    };
    client()?.1.signal(signal);
    Ok(())
}

/// An answer on its way to the page.
#[wasm_bindgen(getter_with_clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Name, value, name, value.
    pub headers: Vec<String>,
    /// The body, copied out of the module's memory.
    pub body: Uint8Array,
}

/// One HTTP exchange with the client. Headers: name, value, name, value.
///
/// # Errors
/// Not booted, or no HTTP.
#[wasm_bindgen]
pub async fn handle(
    method: String,
    url: String,
    headers: Vec<String>,
    body: Vec<u8>,
) -> Result<Reply, JsValue> {
    let (router, _) = client()?;
    let mut request = http::Request::builder().method(method.as_str()).uri(url);
    for pair in headers.chunks_exact(2) {
        if let [name, value] = pair {
            let name: HeaderName = name.parse().map_err(js)?;
            request = request.header(name, HeaderValue::from_str(value).map_err(js)?);
        }
    }
    let request = request.body(Body::from(body)).map_err(js)?;
    let answer = router.oneshot(request).await.map_err(js)?;
    let (parts, body) = answer.into_parts();
    let mut headers = Vec::with_capacity(2 * parts.headers.len());
    for (name, value) in &parts.headers {
        headers.push(name.as_str().into());
        headers.push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let body = body.collect().await.map_err(js)?.to_bytes();
    Ok(Reply {
        status: parts.status.as_u16(),
        headers,
        body: Uint8Array::from(&body[..]),
    })
}
