//! The phone client's files under `/field/`, carried inside this program.
//! Apart because they are the only pages here that are not the office's, with a content security policy of their own.

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

/// Address and content; compressed siblings end in `.gz`. Empty if the client was not built.
type Files = [(&'static str, &'static [u8])];
static FILES: &Files = include!(concat!(env!("OUT_DIR"), "/client_files.rs"));

/// Digits of the hash in an immutable file's name, as the build writes them.
const HASH_DIGITS: usize = 12;

/// No inline script or style anywhere; the module needs `wasm-unsafe-eval`, photos are blobs.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; \
    base-uri 'none'; form-action 'self'";

const SECURITY: [(&str, &str); 4] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
    ),
];

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>程序 · Chengxu</title>
<main><h1>手机端尚未构建</h1>
<p>请运行 <code>cargo xtask wasm</code>，再重新构建服务器。</p>
<p lang=\"en\">The phone client is not built. Run <code>cargo xtask wasm</code>, then build the server again.</p>
</main></html>
";

/// Whether the phone client is inside this program.
#[must_use]
pub fn phone_client_is_built() -> bool {
    !FILES.is_empty()
}

/// `/field/` and everything below: files by their names, and for every other address the shell, which finds its own way.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/field", get(|| async { Redirect::permanent("/field/") }))
        .route("/field/", get(file))
        .route("/field/{*path}", get(file))
}

async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let mut response = answer(FILES, uri.path(), &headers);
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    for (name, value) in SECURITY {
        let value = HeaderValue::from_static(value);
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    response
}

fn answer(files: &'static Files, path: &str, headers: &HeaderMap) -> Response {
    let asset = path == "/field/sw.js" || path.starts_with("/field/assets/");
    let found = if asset {
        named(files, path)
    } else {
        named(files, "/field/assets/shell.html")
    };
    let Some((name, bytes)) = found else {
        return if asset {
            StatusCode::NOT_FOUND.into_response()
        } else {
            let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::SERVICE_UNAVAILABLE, html, NOT_BUILT).into_response()
        };
    };
    // Immutable only where it was asked for by the name that carries its hash.
    let immutable = name == path && plain(name) != name;
    let tag = format!("\"{}\"", fingerprint(name, bytes));
    let cache = if immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = if matches(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content(files, name, bytes, headers)
    };
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    response
}

/// A file by its name, with or without the hash.
fn named(files: &'static Files, path: &str) -> Option<(&'static str, &'static [u8])> {
    let fits = |name: &str| !name.ends_with(".gz") && (name == path || plain(name) == path);
    files.iter().copied().find(|(name, _)| fits(name))
}

/// The name without the hash: `/a/b.0123456789ab.js` is `/a/b.js`.
fn plain(name: &str) -> String {
    let parts = name.rsplit_once('.').and_then(|(stem, extension)| {
        let (stem, hash) = stem.rsplit_once('.')?;
        let hashed = hash.len() == HASH_DIGITS && hash.bytes().all(|b| b.is_ascii_hexdigit());
        hashed.then(|| format!("{stem}.{extension}"))
    });
    parts.unwrap_or_else(|| name.to_owned())
}

/// Changes with the content: the hash in the name, or for the service worker its length and check sum.
fn fingerprint(name: &str, bytes: &[u8]) -> String {
    let hash = name.rsplit('.').nth(1).unwrap_or_default();
    if plain(name) == name {
        // FNV-1a: nobody attacks the cache of our own file.
        let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{sum:016x}")
    } else {
        hash.to_owned()
    }
}

fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag))
}

fn content(
    files: &'static Files,
    name: &str,
    bytes: &'static [u8],
    headers: &HeaderMap,
) -> Response {
    let kind = [(CONTENT_TYPE, kind(name))];
    let packed = accepts_gzip(headers)
        .then(|| {
            files
                .iter()
                .find(|(n, _)| n.strip_suffix(".gz") == Some(name))
        })
        .flatten();
    match packed {
        Some((_, packed)) => (kind, [(CONTENT_ENCODING, "gzip")], *packed).into_response(),
        None => (kind, bytes).into_response(),
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
    let gzip = |word: &str| matches!(word.split(';').next().map(str::trim), Some("gzip"));
    accepted.is_some_and(|words| words.split(',').any(|w| gzip(w) && !w.contains("q=0")))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOME: &Files = &[
        ("/field/assets/a.0123456789ab.js", b"plain"),
        ("/field/assets/a.0123456789ab.js.gz", b"packed"),
        ("/field/assets/shell.0123456789ab.html", b"shell"),
        ("/field/sw.js", b"worker"),
    ];

    fn ask(files: &'static Files, path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        answer(files, path, &headers.collect())
    }

    #[test]
    fn names_with_a_hash_are_kept_for_ever_and_others_asked_for_again() {
        let cached = |path| {
            let response = ask(SOME, path, &[]);
            response.headers()[CACHE_CONTROL].to_str().unwrap().len() > "no-cache".len()
        };
        assert!(cached("/field/assets/a.0123456789ab.js"));
        assert!(!cached("/field/assets/a.js"));
        assert!(!cached("/field/sw.js"));
        assert!(!cached("/field/visits/7"));
    }

    #[test]
    fn deep_links_get_the_shell_and_lost_assets_do_not() {
        let shell = ask(SOME, "/field/visits/7", &[]);
        assert_eq!(shell.status(), StatusCode::OK);
        assert_eq!(shell.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        let lost = ask(SOME, "/field/assets/b.js", &[]);
        assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn gzip_is_given_to_those_who_take_it() {
        let encoded = |accept| {
            let response = ask(SOME, "/field/assets/a.js", &[(ACCEPT_ENCODING, accept)]);
            response.headers().contains_key(CONTENT_ENCODING)
        };
        assert!(encoded("br, gzip"));
        assert!(!encoded("br"));
        assert!(!encoded("gzip;q=0"));
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let tag = [(IF_NONE_MATCH, "\"0123456789ab\"")];
        let response = ask(SOME, "/field/assets/a.js", &tag);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn without_the_client_the_page_says_so() {
        let response = ask(&[], "/field/", &[]);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
