//! A new version of the client: fetched whole beside the old one, and in charge with the next page, never half and half.
//! Two versions are needed, so a small file server hands out what the build made, and then the same with one file changed.

use crate::{ready_offline, turn};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tests::browser::{Browser, Setup};
use tests::folder::{files, target};

type Files = BTreeMap<String, Vec<u8>>;
type Shelf = Arc<Mutex<Files>>;

fn built() -> Files {
    let dist: PathBuf = target().unwrap().parent().unwrap().join("dist");
    let found = files(&dist).unwrap_or_else(|_| panic!("no client in dist/: cargo xtask wasm"));
    found
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end != "gz"))
        .map(|path| {
            let name = path.strip_prefix(&dist).unwrap().display().to_string();
            (format!("/{name}"), std::fs::read(path).unwrap())
        })
        .collect()
}

/// The same client with another style sheet, under the name of another hash.
fn changed(files: &Files) -> Files {
    let is_style = |name: &&String| name.contains("/app.") && name.ends_with(".css");
    let old = files.keys().find(is_style).expect("a style sheet").clone();
    let new = "/field/assets/app.0123456789ab.css".to_owned();
    assert_ne!(old, new);
    let mut out = files.clone();
    let mut style = out.remove(&old).unwrap();
    style.extend_from_slice(b"\n/* the second version */\n");
    out.insert(new.clone(), style);
    for (name, bytes) in &mut out {
        if name.ends_with("sw.js") {
            let text = String::from_utf8(bytes.clone())
                .unwrap()
                .replace(&old, &new);
            let version = text.split("const VERSION = \"").nth(1).unwrap();
            let version = version.split('"').next().unwrap().to_owned();
            *bytes = text.replace(&version, "secondversion").into_bytes();
        }
    }
    out
}

async fn file(
    State(shelf): State<Shelf>,
    Path(path): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], Vec<u8>), StatusCode> {
    let shelf = shelf.lock().unwrap().clone();
    let asked = format!("/field/{path}");
    let plain = |name: &str| -> String {
        let parts: Vec<&str> = name.rsplitn(3, '.').collect();
        match parts[..] {
            [end, hash, stem] if hash.len() == 12 => format!("{stem}.{end}"),
            _ => name.to_owned(),
        }
    };
    let asset = path == "sw.js" || path.starts_with("assets/");
    let wanted = if asset {
        asked
    } else {
        "/field/assets/shell.html".to_owned()
    };
    let found = shelf
        .iter()
        .find(|(name, _)| **name == wanted || plain(name) == wanted);
    let (name, bytes) = found.ok_or(StatusCode::NOT_FOUND)?;
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("html") => "text/html; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    Ok(([(CONTENT_TYPE, kind)], bytes.clone()))
}

async fn serve(shelf: Shelf) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let start = shelf.clone();
    let router = Router::new()
        .route(
            "/field/",
            get(move || file(State(start), Path(String::new()))),
        )
        .route("/field/{*path}", get(file))
        .with_state(shelf);
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

const STYLE: &str = "fetch('/field/assets/app.css').then((r) => r.text()).then(arguments[0])";

async fn style(browser: &Browser) -> String {
    let text = browser.script_async(STYLE, json!([])).await.unwrap();
    text.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_waits_for_the_next_page_and_replaces_everything() {
    let _turn = turn().await;
    let first = built();
    let shelf: Shelf = Arc::new(Mutex::new(first.clone()));
    let origin = serve(shelf.clone()).await;
    let browser = Browser::open(Setup::default()).await.unwrap();
    browser
        .goto(&format!("{origin}/field/enrol"))
        .await
        .unwrap();
    ready_offline(&browser).await;
    *shelf.lock().unwrap() = changed(&first);
    let look = "navigator.serviceWorker.ready.then((r) => r.update()).then(() => arguments[0](1))";
    browser.script_async(look, json!([])).await.unwrap();
    browser.wait_for("新版本已就绪").await.unwrap();
    // Until then the old one is whole.
    assert!(!style(&browser).await.contains("the second version"));
    browser.goto_within("/field/unlock").await.unwrap();
    let taken = "return fetch('/field/assets/app.css').then((r) => r.text()) \
        .then((text) => text.includes('the second version'))";
    browser
        .wait("the new version in charge", taken, json!([]))
        .await
        .unwrap();
    let caches = "return caches.keys().then((keys) => keys.length === 1 && \
        keys[0] === 'field-secondversion')";
    browser
        .wait("the old version's cache to go", caches, json!([]))
        .await
        .unwrap();
}
