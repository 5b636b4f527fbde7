//! `/sync/v1/blobs`: tus 1.0.0, core and creation, for what records name by hash.
//! Apart because this is another protocol than the messages beside it: an unchanged tus client can speak it.

use crate::app::App;
use crate::blobs::{MAX_BLOB_BYTES, Upload, Writer};
use crate::problem::Problem;
use crate::random::hex;
use crate::session::Device;
use crate::store::blobs::{self, Hash, Kept};
use crate::store::feeds;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use shared::problem::Code;
use std::io;
use std::time::Duration;

/// Where uploads live; below it each has its hash as name.
pub(crate) const PATH: &str = "/sync/v1/blobs";
/// The protocol's version.
pub(crate) const TUS: &str = "1.0.0";
/// What of the protocol is spoken beside its core.
const EXTENSIONS: &str = "creation";
/// Content type of an upload's bytes.
const OFFSET_TYPE: &str = "application/offset+octet-stream";
/// A client that sends nothing for this long has gone; it may go on later.
const IDLE: Duration = Duration::from_secs(30);
/// Written to disk at once. Bytes.
const WRITE_CHUNK: usize = 64 << 10;

/// The hash of 64 small hexadecimal digits.
pub(crate) fn hash_of(text: &str) -> Option<Hash> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut hash = Hash::default();
    if pairs.len() != hash.len() || !rest.is_empty() {
        return None;
    }
    for (out, [high, low]) in hash.iter_mut().zip(pairs) {
        *out = digit(*high)? << 4 | digit(*low)?;
    }
    Some(hash)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(value(byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The hash that the metadata names: pairs of a key and its value in Base64, between commas.
fn named_hash(metadata: &str) -> Option<Hash> {
    let mut pairs = metadata.split(',').filter_map(|p| p.trim().split_once(' '));
    let (_, value) = pairs.find(|(key, _)| *key == "sha256")?;
    hash_of(std::str::from_utf8(&base64(value.trim())?).ok()?)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let text = text(headers, name)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn speaks_tus(headers: &HeaderMap) -> Result<(), Problem> {
    if text(headers, "tus-resumable") == Some(TUS) {
        Ok(())
    } else {
        Err(Code::TusVersion.into())
    }
}

fn with(status: StatusCode, headers: &[(&'static str, String)]) -> Response {
    let mut response = status.into_response();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(*name, value);
        }
    }
    response
}

/// `OPTIONS /sync/v1/blobs`: what is spoken here.
pub(crate) async fn options() -> Response {
    let headers = [
        ("tus-version", TUS.to_owned()),
        ("tus-extension", EXTENSIONS.to_owned()),
        ("tus-max-size", MAX_BLOB_BYTES.to_string()),
    ];
    with(StatusCode::NO_CONTENT, &headers)
}

/// Runs file work off the async threads.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(Problem::internal)?.map_err(Problem::internal)
}

/// What a device may send to.
enum Target {
    /// Its office has sent it in full.
    Whole(u64),
    /// So much of it is there.
    Part(Upload, u64),
}

/// Finds an upload of the device's own office. What another office sends or has sent is not there.
async fn target(app: &App, device: &feeds::Device, hash: Hash) -> Result<Target, Problem> {
    let unit = device.unit;
    let (whole, lens) = app
        .store
        .read(move |tx| {
            Ok((
                blobs::whole(tx, hash, unit)?,
                blobs::wanted(tx, hash, unit)?,
            ))
        })
        .await?;
    if let Some(len) = whole {
        return Ok(Target::Whole(len));
    }
    let folder = app.blobs.clone();
    let found = on_disk(move || {
        for len in lens {
            let upload = Upload { hash, len, unit };
            if let Some(at) = folder.offset(upload)? {
                return Ok(Some(Target::Part(upload, at)));
            }
        }
        Ok(None)
    });
    match found.await? {
        // The last byte was written, but nobody looked at the whole yet: the server ended in between.
        Some(Target::Part(upload, at)) if at >= upload.len => {
            let claim = app.blobs.claim(upload).ok_or(Code::BlobBusy)?;
            let writer = on_disk(move || claim.open()).await?;
            finish(app, device, upload, writer).await?;
            Ok(Target::Whole(upload.len))
        }
        found => found.ok_or(Code::NotFound.into()),
    }
}

/// Looks at a complete part, and keeps it if it is what the record names.
async fn finish(
    app: &App,
    device: &feeds::Device,
    upload: Upload,
    writer: Writer,
) -> Result<(), Problem> {
    if !on_disk(move || writer.finish()).await? {
        return Err(Code::BlobHash.into());
    }
    let kept = Kept {
        hash: upload.hash,
        len: upload.len,
        unit: upload.unit,
        feed: device.feed,
    };
    let now = app.now();
    app.store
        .write(move |tx| blobs::keep(tx, kept, now))
        .await?;
    Ok(())
}

/// `POST /sync/v1/blobs`: only what a commit of the device's own office names, with this hash and length.
pub(crate) async fn create(
    State(app): State<App>,
    Device(device): Device,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    speaks_tus(&headers)?;
    let len = number(&headers, "upload-length").ok_or(Code::BadRequest)?;
    if len > MAX_BLOB_BYTES {
        return Err(Code::TooLarge.into());
    }
    let hash = text(&headers, "upload-metadata")
        .and_then(named_hash)
        .ok_or(Code::BadRequest)?;
    let unit = device.unit;
    let (wanted, whole) = app
        .store
        .read(move |tx| {
            Ok((
                blobs::wanted(tx, hash, unit)?,
                blobs::whole(tx, hash, unit)?,
            ))
        })
        .await?;
    if !wanted.contains(&len) {
        return Err(Code::BlobUnwanted.into());
    }
    let folder = app.blobs.clone();
    let at = match whole {
        Some(len) => len,
        None => on_disk(move || folder.create(Upload { hash, len, unit })).await?,
    };
    let headers = [
        ("location", format!("{PATH}/{}", hex(&hash))),
        ("upload-offset", at.to_string()),
    ];
    Ok(with(StatusCode::CREATED, &headers))
}

/// `HEAD /sync/v1/blobs/{hash}`: how much is there.
pub(crate) async fn offset(
    State(app): State<App>,
    Device(device): Device,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    speaks_tus(&headers)?;
    let hash = hash_of(&hash).ok_or(Code::NotFound)?;
    let (at, len) = match target(&app, &device, hash).await? {
        Target::Whole(len) => (len, len),
        Target::Part(upload, at) => (at, upload.len),
    };
    let headers = [
        ("upload-offset", at.to_string()),
        ("upload-length", len.to_string()),
        ("cache-control", "no-store".to_owned()),
    ];
    Ok(with(StatusCode::OK, &headers))
}

/// `PATCH /sync/v1/blobs/{hash}`: more bytes.
pub(crate) async fn append(
    State(app): State<App>,
    Device(device): Device,
    Path(hash): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    speaks_tus(&headers)?;
    if text(&headers, header::CONTENT_TYPE.as_str()) != Some(OFFSET_TYPE) {
        return Err(Code::BlobType.into());
    }
    let asked = number(&headers, "upload-offset").ok_or(Code::BadRequest)?;
    let announced = number(&headers, header::CONTENT_LENGTH.as_str()).unwrap_or(0);
    let hash = hash_of(&hash).ok_or(Code::NotFound)?;
    let upload = match target(&app, &device, hash).await? {
        Target::Whole(len) if asked == len && announced == 0 => {
            return Ok(with(
                StatusCode::NO_CONTENT,
                &[("upload-offset", len.to_string())],
            ));
        }
        Target::Whole(_) => return Err(Code::BlobOffset.into()),
        Target::Part(upload, _) => upload,
    };
    let claim = app.blobs.claim(upload).ok_or(Code::BlobBusy)?;
    let writer = on_disk(move || claim.open()).await?;
    if writer.at != asked {
        return Err(Code::BlobOffset.into());
    }
    if announced > writer.left() {
        return Err(Code::TooLarge.into());
    }
    let (writer, end) = receive(writer, body).await?;
    let at = writer.at;
    if writer.left() == 0 {
        finish(&app, &device, upload, writer).await?;
    } else {
        on_disk(move || writer.sync()).await?;
    }
    end?;
    Ok(with(
        StatusCode::NO_CONTENT,
        &[("upload-offset", at.to_string())],
    ))
}

/// Appends what comes until it ends, breaks off or is too much; what came before stays.
async fn receive(
    mut writer: Writer,
    mut body: Body,
) -> Result<(Writer, Result<(), Problem>), Problem> {
    let mut held: Vec<u8> = Vec::with_capacity(WRITE_CHUNK);
    let mut end = Ok(());
    loop {
        let data = match tokio::time::timeout(IDLE, body.frame()).await {
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => {
                end = Err(Code::BadRequest.into());
                break;
            }
        };
        let more = held.len().saturating_add(data.len());
        if u64::try_from(more).is_ok_and(|more| more > writer.left()) {
            end = Err(Code::TooLarge.into());
            break;
        }
        held.extend_from_slice(&data);
        if held.len() >= WRITE_CHUNK {
            (writer, held) = write(writer, held).await?;
        }
    }
    if !held.is_empty() {
        (writer, _) = write(writer, held).await?;
    }
    Ok((writer, end))
}

async fn write(mut writer: Writer, mut bytes: Vec<u8>) -> Result<(Writer, Vec<u8>), Problem> {
    on_disk(move || {
        writer.append(&bytes)?;
        bytes.clear();
        Ok((writer, bytes))
    })
    .await
}

/// `POST /sync/v1/blobs/{hash}` with `X-HTTP-Method-Override`: for networks that let no other method through.
pub(crate) async fn instead(
    app: State<App>,
    device: Device,
    path: Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    match text(request.headers(), "x-http-method-override") {
        Some("PATCH") => append(app, device, path, request).await,
        Some("HEAD") => offset(app, device, path, request.headers().clone()).await,
        _ => Err(Code::NotFound.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_found_among_the_metadata() {
        let hex = "0123456789abcdef".repeat(4);
        // Base64 of the sixteen digits thrice is forty-eight letters and needs no padding.
        let digits = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm";
        let value = format!("{digits}MDEyMzQ1Njc4OWFiY2RlZg==");
        let metadata = format!("filename YS5qcGc=, sha256 {value},empty");
        assert_eq!(named_hash(&metadata), hash_of(&hex));
        assert!(hash_of(&hex).is_some());
        assert_eq!(named_hash("sha256 !!"), None);
        assert_eq!(named_hash("filename YS5qcGc="), None);
        for bad in ["", "0", &hex.to_uppercase(), &hex[2..], &format!("{hex}0")] {
            assert_eq!(hash_of(bad), None, "{bad}");
        }
    }
}
