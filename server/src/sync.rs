//! `/sync/v1/`: hello, push and pull of enrolled devices. The only surface that speaks CBOR.

pub(crate) mod blobs;
pub(crate) mod enrol;

use crate::app::App;
use crate::problem::Problem;
use crate::session::Device;
use crate::store::audit::{self, Act};
use crate::store::feeds;
use crate::store::log::{self, Appended};
use crate::store::refs::{self, Reader};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ed25519_dalek::VerifyingKey;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use shared::codec;
use shared::domain::reference::RefSet;
use shared::log::commit::{BadCommit, Commit};
use shared::problem::Code;
use shared::sync::wire::{
    CONTENT_TYPE, Hello, MAX_PAGE_COMMITS, MAX_PUSH_BYTES, MAX_PUSH_COMMITS, PROTOCOL, Page, Pull,
    Push, Pushed, Welcome, inflate,
};
use std::error::Error as _;

/// The oldest protocol that is spoken.
const MIN_PROTOCOL: u16 = 1;
/// A page's size whatever the client asks for. Bytes.
const MAX_PAGE_BYTES: usize = 4 << 20;
/// And the least that it may ask for, so that every page brings something.
const MIN_PAGE_BYTES: usize = 16 << 10;

/// Reads a message: strict CBOR, perhaps deflated.
pub(crate) async fn read<T>(headers: &HeaderMap, body: Body) -> Result<T, Problem>
where
    T: Encode<()> + for<'b> Decode<'b, ()>,
{
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if header(header::CONTENT_TYPE) != Some(CONTENT_TYPE) {
        return Err(Code::BadRequest.into());
    }
    let bytes = axum::body::to_bytes(body, MAX_PUSH_BYTES)
        .await
        .map_err(|error| {
            let long = error
                .source()
                .is_some_and(|e| e.is::<http_body_util::LengthLimitError>());
            if long {
                Code::TooLarge
            } else {
                Code::BadRequest
            }
        })?;
    let plain;
    let bytes: &[u8] = match header(header::CONTENT_ENCODING) {
        None | Some("identity") => &bytes,
        Some("deflate") => {
            plain = inflate(&bytes, MAX_PUSH_BYTES).map_err(|bad| match bad {
                codec::BadBytes::TooLong => Code::TooLarge,
                codec::BadBytes::Shape | codec::BadBytes::NotCanonical => Code::BadRequest,
            })?;
            &plain
        }
        Some(_) => return Err(Code::BadRequest.into()),
    };
    codec::decode(bytes).map_err(|_| Code::BadRequest.into())
}

/// Answers with a message.
pub(crate) fn answer<T: Encode<()>>(message: &T) -> Response {
    let kind = HeaderValue::from_static(CONTENT_TYPE);
    ([(header::CONTENT_TYPE, kind)], codec::encode(message)).into_response()
}

/// `POST /sync/v1/hello`.
pub(crate) async fn hello(
    State(app): State<App>,
    Device(device): Device,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let hello: Hello = read(&parts.headers, body).await?;
    if !(MIN_PROTOCOL..=PROTOCOL).contains(&hello.protocol) {
        return Err(Code::UpgradeNeeded.into());
    }
    if hello.feed != device.feed {
        return Err(Code::BadToken.into());
    }
    let now = app.now();
    let kept = app
        .store
        .write(move |tx| feeds::contact(tx, &hello, now))
        .await?;
    let receipt = kept.map(|(head, position)| app.keys.receipt(device.feed, head, position, now));
    Ok(answer(&Welcome {
        epoch: app.keys.epoch,
        beacon: app.keys.beacon(now),
        receipt,
        min_protocol: MIN_PROTOCOL,
    }))
}

/// `POST /sync/v1/push`.
pub(crate) async fn push(
    State(app): State<App>,
    Device(device): Device,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let push: Push = read(&parts.headers, body).await?;
    if push.feed != device.feed {
        return Err(Code::BadToken.into());
    }
    if push.commits.len() > MAX_PUSH_COMMITS {
        return Err(Code::TooLarge.into());
    }
    let commits = app.slowly(move || verified(&push, &device)).await??;
    let now = app.now();
    let appended = app
        .store
        .write(move |tx| {
            feeds::touch(tx, device.feed, now)?;
            let appended = log::append(tx, device.feed, &commits, now)?;
            if matches!(appended, Appended::Refused(Code::Fork, _)) {
                audit::write(tx, now, None, Act::DeviceForked, &device.feed.to_string())?;
            }
            Ok(appended)
        })
        .await?;
    match appended {
        Appended::Kept {
            head,
            position,
            verdicts,
        } => {
            app.wake.notify_one();
            let receipt = app.keys.receipt(device.feed, head, position, app.now());
            Ok(answer(&Pushed {
                receipt,
                quarantined: verdicts,
            }))
        }
        Appended::Refused(code, head) => Err(Problem::with_head(code, head)),
    }
}

/// The longest run of commits from the first that this device's key signed, in order. A first one that cannot be used is the
/// refusal of all; a later one waits for the next push, which then begins with it.
fn verified(push: &Push, device: &feeds::Device) -> Result<Vec<Commit>, Problem> {
    let key = VerifyingKey::from_bytes(&device.key).map_err(Problem::internal)?;
    let mut commits: Vec<Commit> = Vec::with_capacity(push.commits.len());
    for bytes in &push.commits {
        let next = commits.last().map(|last| last.header().seq + 1);
        let refusal = match Commit::verify(bytes, &key) {
            Ok(commit) if commit.header().feed != device.feed => Code::BadCommit,
            Ok(commit) if next.is_some_and(|next| next != commit.header().seq) => Code::BadRequest,
            Ok(commit) => {
                commits.push(commit);
                continue;
            }
            Err(BadCommit::Newer) => Code::UpgradeNeeded,
            Err(BadCommit::Bytes(_) | BadCommit::Events | BadCommit::Signature) => Code::BadCommit,
        };
        if commits.is_empty() {
            return Err(refusal.into());
        }
        break;
    }
    if commits.is_empty() {
        Err(Code::BadRequest.into())
    } else {
        Ok(commits)
    }
}

/// `POST /sync/v1/pull`.
pub(crate) async fn pull(
    State(app): State<App>,
    Device(device): Device,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let pull: Pull = read(&parts.headers, body).await?;
    let epoch = app.keys.epoch;
    let room = usize::try_from(pull.max_bytes).unwrap_or(MAX_PAGE_BYTES);
    let room = room.clamp(MIN_PAGE_BYTES, MAX_PAGE_BYTES);
    let known = pull.epoch == epoch;
    let (page, deltas, more_refs) = app
        .store
        .read(move |tx| {
            let (mut deltas, mut more_refs) = (Vec::new(), false);
            let mut left = room;
            let reader = Reader {
                officer: device.officer,
                unit: device.unit,
            };
            for set in RefSet::ALL {
                let asked = pull
                    .refs
                    .iter()
                    .find(|v| v.set == set)
                    .map_or(0, |v| v.version);
                let from = if known { asked } else { 0 };
                if let Some((delta, more)) = refs::delta(tx, set, from, reader, left)? {
                    more_refs |= more;
                    // Without room nothing is sent: an empty delta from 0 would clear the set.
                    if delta.to > from {
                        left = left.saturating_sub(codec::encode(&delta).len());
                        deltas.push(delta);
                    }
                }
            }
            let after = if known { pull.position } else { 0 };
            let page = log::page(tx, device.unit, after, MAX_PAGE_COMMITS, left)?;
            Ok((page, deltas, more_refs))
        })
        .await?;
    let more = page.more || more_refs;
    Ok(answer(&Page {
        epoch,
        commits: page.commits.into_iter().map(ByteVec::from).collect(),
        position: page.position,
        more,
        refs: deltas
            .into_iter()
            .map(|delta| refs::sign(delta, &app.keys))
            .collect(),
    }))
}
