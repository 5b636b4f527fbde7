//! The phone's host: the client inside a dedicated web worker, SQLCipher on the origin's private files.
//! Apart because nothing else knows JavaScript; `assets/worker.js` is its other half.

#![expect(
    unreachable_pub,
    reason = "exported to JavaScript, not to other crates"
)]

mod fetch;
mod vault;

use super::{Database, Host, HostError, Incoming, Outgoing, Pending};
use crate::{App, Signal};
use axum::Router;
use axum::body::Body;
use http::header::{self, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use js_sys::{Array, Function, Promise, Uint8Array};
use rusqlite::Connection;
use send_wrapper::SendWrapper;
use shared::instant::Instant;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};
use std::cell::{OnceCell, RefCell};
use std::fmt::{Display, Write};
use tower::ServiceExt;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

/// Folder of the pool among the origin's private files.
const POOL_FOLDER: &str = ".chengxu";
/// Files the pool keeps ready: two databases, their WALs and temporary files, with room to spare. A pool of an older build grows.
const POOL_FILES: usize = 10;
/// Files that another tab is letting go of are tried again so often, with this pause. Milliseconds.
const TAKE_TRIES: u32 = 100;
const TAKE_PAUSE_MS: f64 = 50.0;
/// More redirects than this in a row lead nowhere.
const MAX_REDIRECTS: usize = 5;

/// What each pragma must answer when it is read back; `None` for those that answer nothing.
/// Exclusive locking comes first, or the journal mode is refused without a word.
const PRAGMAS: [(&str, Option<&str>); 5] = [
    ("locking_mode=exclusive", Some("exclusive")),
    ("journal_mode=wal", Some("wal")),
    ("synchronous=full", None),
    ("foreign_keys=on", None),
    ("journal_size_limit=4194304", Some("4194304")),
];

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since 1970.
    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;
    /// Milliseconds since this worker began.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic() -> f64;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn random(buffer: &mut [u8]);
    /// Tells the developer's console; the trap that follows ends this worker.
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn panicked(message: &str);
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(call: &Function, millis: f64);
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

fn broken(error: impl Display) -> HostError {
    HostError::Storage(error.to_string())
}

fn js(error: impl Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

async fn sleep(millis: f64) {
    let woken = Promise::new(&mut |good, _| set_timeout(&good, millis));
    // It is never refused.
    let _ = JsFuture::from(woken).await;
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
        Box::pin(SendWrapper::new(fetch::exchange(request)))
    }
    fn sleep(&self, millis: u64) -> Pending<'_, ()> {
        Box::pin(SendWrapper::new(sleep(millis as f64)))
    }

    fn load_vault(&self) -> Pending<'_, Result<Option<Vec<u8>>, HostError>> {
        Box::pin(SendWrapper::new(vault::load()))
    }

    fn save_vault(&self, wrapped: Vec<u8>) -> Pending<'_, Result<(), HostError>> {
        Box::pin(SendWrapper::new(async move { vault::save(&wrapped).await }))
    }

    fn open_database(&self, database: Database, key: &[u8; 32]) -> Result<Connection, HostError> {
        let connection = Connection::open(database.file()).map_err(broken)?;
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

/// Takes the files: the first time to start the client, locked; later to take back what [`release`] gave up.
/// The files of a tab that has just ended are free a little later than its lock.
///
/// # Errors
/// The files are held by another tab, or this browser has none.
#[wasm_bindgen]
pub async fn take() -> Result<(), JsValue> {
    for _ in 0..TAKE_TRIES {
        match take_once().await {
            Err(error) if said(&error).contains("NoModificationAllowed") => {
                sleep(TAKE_PAUSE_MS).await;
            }
            other => return other,
        }
    }
    take_once().await
}

async fn take_once() -> Result<(), JsValue> {
    match POOL.with(|cell| cell.get().cloned()) {
        Some(pool) => {
            pool.resume().await.map_err(js)?;
            client()?.1.reopen();
            Ok(())
        }
        None => boot().await,
    }
}

async fn boot() -> Result<(), JsValue> {
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

/// One HTTP exchange with the client, redirects followed. Headers: name, value, name, value.
/// Gives `[body, {status, headers}, where it was sent to]`: what a `Response` is made of, and the address or nothing.
///
/// # Errors
/// Not booted, or no HTTP.
#[wasm_bindgen]
pub async fn handle(
    method: String,
    url: String,
    headers: Vec<String>,
    body: Vec<u8>,
) -> Result<Array, JsValue> {
    let mut request = http::Request::builder().method(method.as_str()).uri(url);
    for pair in headers.chunks_exact(2) {
        if let [name, value] = pair {
            let name: HeaderName = name.parse().map_err(js)?;
            request = request.header(name, HeaderValue::from_str(value).map_err(js)?);
        }
    }
    let request = request.body(Body::from(body)).map_err(js)?;
    let language = request.headers().get(header::ACCEPT_LANGUAGE).cloned();
    let mut answer = once(request).await?;
    let mut to = String::new();
    for _ in 0..MAX_REDIRECTS {
        let place = answer.headers().get(header::LOCATION);
        let place = place.and_then(|place| place.to_str().ok());
        let Some(place) = place.filter(|_| answer.status().is_redirection()) else {
            break;
        };
        place.clone_into(&mut to);
        let mut next = http::Request::get(&to).body(Body::empty()).map_err(js)?;
        if let Some(language) = &language {
            next.headers_mut()
                .insert(header::ACCEPT_LANGUAGE, language.clone());
        }
        answer = once(next).await?;
    }
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(js)?.to_bytes();
    // Some answers must have no body, and an empty one is none.
    let bytes = (!body.is_empty()).then(|| Uint8Array::from(&body[..]));
    let pairs = Array::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        pairs.push(&Array::of2(&name.as_str().into(), &value.as_ref().into()));
    }
    let shape = js_sys::Object::new();
    js_sys::Reflect::set(&shape, &"status".into(), &parts.status.as_u16().into())?;
    js_sys::Reflect::set(&shape, &"headers".into(), &pairs)?;
    let bytes = bytes.map_or(JsValue::NULL, JsValue::from);
    Ok(Array::of3(&bytes, &shape, &to.into()))
}

async fn once(request: http::Request<Body>) -> Result<http::Response<Body>, JsValue> {
    let (router, _) = client()?;
    router.oneshot(request).await.map_err(js)
}
