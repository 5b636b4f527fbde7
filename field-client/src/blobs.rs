//! Sends photos: the oldest first, one request at a time, beside the events and never before them.
//! Apart from the outbox because photos are large and a slow line must not keep an event waiting; only photos that an acknowledged
//! commit names are sent. The protocol is tus 1.0 (core and creation); see docs/PROTOCOL.md.
//!
//! The server's word is the only truth about how far a photo is: after any failure, and after every start, it is asked.

use crate::app::{App, Signal};
use crate::host::{Incoming, Outgoing};
use crate::outbox::{Status, Tap, Trouble, guard};
use crate::picture::hex;
use crate::store::blobs::{self, Hash, State, Waiting};
use crate::store::{self, meta};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::{self, HeaderName};
use shared::instant::DAY_MS;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const PATH: &str = "/sync/v1/blobs";
const TUS: HeaderName = HeaderName::from_static("tus-resumable");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const TUS_VERSION: &str = "1.0.0";
/// One request carries so much at most. Bytes.
const MAX_PART: u64 = 256 * 1024;
/// And on a line that keeps breaking no less than this. Bytes.
const MIN_PART: u64 = 16 * 1024;
/// Photos looked at in one go.
const QUEUE: u64 = 64;
/// The first wait after a failure; it doubles.
const FIRST_WAIT_MS: u64 = 1_000;
/// The longest wait.
const LONGEST_WAIT_MS: u64 = 300_000;
/// A server that does not let this device in is asked again after this.
const SHUT_WAIT_MS: u64 = 900_000;
/// The bytes of a photo stay so long after the server confirmed it: a server restored from a backup may ask again.
const KEEP_MS: i64 = 30 * DAY_MS;

/// Where others leave word for this queue, and what it says of itself.
#[derive(Default)]
pub(crate) struct Bell {
    notify: tokio::sync::Notify,
    /// Somebody has a reason to believe that waiting longer is pointless.
    hurry: AtomicBool,
    status: Mutex<Status>,
}

impl Bell {
    /// Something changed.
    pub(crate) fn ring(&self, tap: Tap) {
        if matches!(
            tap,
            Tap::Kick | Tap::Signal(Signal::Online | Signal::Visible)
        ) {
            self.hurry.store(true, Ordering::SeqCst);
        }
        self.notify.notify_one();
    }

    /// Whether a request is on its way, and why photos do not go on.
    pub(crate) fn status(&self) -> Status {
        *guard(&self.status)
    }

    fn say(&self, busy: bool, trouble: Option<Trouble>) {
        *guard(&self.status) = Status { busy, trouble };
    }
}

/// Runs for ever, as the outbox does.
pub(crate) async fn run(app: App) {
    let mut queue = Queue::default();
    loop {
        if app.mailbox().photos.hurry.swap(false, Ordering::SeqCst) {
            queue.hurry();
        }
        match queue.round(&app).await {
            Next::Again => {}
            Next::Idle => app.mailbox().photos.notify.notified().await,
            Next::Wait(ms) => tokio::select! {
                () = app.mailbox().photos.notify.notified() => {}
                () = app.host().sleep(ms.max(1)) => {}
            },
        }
    }
}

/// What to do after a round.
enum Next {
    /// Something moved: go on.
    Again,
    /// Nothing may be sent until somebody says so.
    Idle,
    /// Nothing before so many milliseconds.
    Wait(u64),
}

/// What is remembered between requests, and forgotten with the program: the server knows better.
#[derive(Default)]
struct Queue {
    /// The photo under way and the offset that the server last named.
    open: Option<(Hash, u64)>,
    /// Halved when a part did not arrive, doubled when one did. 0: the largest.
    part: u64,
    /// Failures in a row that concern all photos, and when to try again.
    failures: u32,
    until_ms: u64,
    /// Photos that the server does not take: failures in a row, and when to try each again.
    put_off: BTreeMap<Hash, (u32, u64)>,
}

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// Tell it of the photo.
    Create,
    /// How far is it?
    Ask,
    /// Bytes from this offset on.
    Send(u64),
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// The server has so many bytes.
    At(u64),
    /// It is elsewhere than we thought: ask.
    Moved,
    /// It does not know the photo.
    Gone,
    /// All had arrived and did not have the hash: it threw them away.
    Spoiled,
    /// It does not take this photo (yet).
    Refused,
    /// It does not let this device in.
    Shut,
    /// It is busy or broken.
    Server,
    /// That was not our server.
    Stranger,
}

impl Queue {
    fn hurry(&mut self) {
        self.failures = 0;
        self.until_ms = 0;
        self.put_off.clear();
    }

    /// One request, at most.
    async fn round(&mut self, app: &App) -> Next {
        let now = app.host().monotonic().0;
        if now < self.until_ms {
            return Next::Wait(self.until_ms - now);
        }
        let found = app.store().read(|c| {
            let profile = meta::profile(c)?;
            let waiting = blobs::queue(c, profile.feed, QUEUE)?;
            Ok((profile.token, waiting))
        });
        let (token, waiting) = match found {
            Ok(found) => found,
            // Locked, or another tab has the files; whoever changes that rings.
            Err(store::Error::Closed | store::Error::NotFound) => return self.idle(app),
            Err(_) => {
                self.wait_for_all(app, Trouble::Storage);
                return Next::Again;
            }
        };
        let ready = |each: &&Waiting| {
            self.put_off
                .get(&each.hash)
                .is_none_or(|(_, at)| *at <= now)
        };
        let Some(blob) = waiting.iter().find(ready).copied() else {
            let times = waiting
                .iter()
                .filter_map(|each| self.put_off.get(&each.hash));
            return match times.map(|(_, at)| *at).min() {
                Some(at) => Next::Wait(at.saturating_sub(now)),
                None => self.idle(app),
            };
        };
        app.mailbox()
            .photos
            .say(true, app.mailbox().photos.status().trouble);
        if self.exchange(app, &token, blob).await.is_err() {
            self.open = None;
            self.wait_for_all(app, Trouble::Storage);
        }
        Next::Again
    }

    fn idle(&mut self, app: &App) -> Next {
        self.open = None;
        app.mailbox().photos.say(false, None);
        Next::Idle
    }

    async fn exchange(&mut self, app: &App, token: &str, blob: Waiting) -> store::Result<()> {
        let verb = match (self.open, blob.state) {
            (Some((hash, offset)), _) if hash == blob.hash => Verb::Send(offset),
            (_, State::New) => Verb::Create,
            _ => Verb::Ask,
        };
        self.open = None;
        let request = self.request(app, token, blob, verb)?;
        let answer = app.host().send(request).await;
        let said = match &answer {
            Ok(answer) => meaning(verb, blob.len, answer),
            Err(_) => {
                self.shrink(verb);
                self.wait_for_all(app, Trouble::Network);
                return Ok(());
            }
        };
        self.hear(app, blob, verb, said)
    }

    /// The request. Before the server may learn of the photo that is noted down: after a restart it is asked, not told again.
    fn request(
        &self,
        app: &App,
        token: &str,
        blob: Waiting,
        verb: Verb,
    ) -> store::Result<Outgoing> {
        let name = hex(&blob.hash);
        let path = format!("{PATH}/{name}");
        let token = Some(token);
        let request = match verb {
            Verb::Create => {
                let now = app.host().now();
                let store = app.store();
                store.write(|tx| blobs::mark(tx, &blob.hash, State::Begun, 0, now))?;
                let metadata = format!("sha256 {}", STANDARD.encode(&name));
                Outgoing::new(Method::POST, PATH, token)
                    .with(UPLOAD_LENGTH, &blob.len.to_string())
                    .with(UPLOAD_METADATA, &metadata)
            }
            Verb::Ask => Outgoing::new(Method::HEAD, &path, token),
            Verb::Send(offset) => {
                let part = if self.part == 0 { MAX_PART } else { self.part };
                let read = |c: &rusqlite::Connection| blobs::part(c, &blob.hash, offset, part);
                let body = app.store().read(read)?;
                let request = Outgoing::new(Method::PATCH, &path, token)
                    .with(header::CONTENT_TYPE, "application/offset+octet-stream")
                    .with(UPLOAD_OFFSET, &offset.to_string());
                Outgoing { body, ..request }
            }
        };
        Ok(request.with(TUS, TUS_VERSION))
    }

    fn hear(&mut self, app: &App, blob: Waiting, verb: Verb, said: Said) -> store::Result<()> {
        let now = app.host().now();
        let mark = |state, offset| {
            let store = app.store();
            store.write(|tx| blobs::mark(tx, &blob.hash, state, offset, now))
        };
        match said {
            Said::At(offset) => {
                if offset == blob.len {
                    self.put_off.remove(&blob.hash);
                    mark(State::Whole, offset)?;
                    let before = now.plus_millis(-KEEP_MS);
                    app.store().write(|tx| blobs::drop_sent(tx, before))?;
                } else {
                    mark(State::Begun, offset)?;
                    self.open = Some((blob.hash, offset));
                }
                self.moved(app, verb);
            }
            // Where the answer to our question is no, the next round tells the server anew.
            Said::Gone => {
                mark(State::New, 0)?;
                if verb != Verb::Ask {
                    self.put_off(app, blob.hash);
                }
            }
            Said::Spoiled => {
                let sound = app.store().read(|c| blobs::is_sound(c, &blob.hash))?;
                let state = if sound { State::New } else { State::Damaged };
                mark(state, 0)?;
                self.put_off(app, blob.hash);
            }
            Said::Moved | Said::Refused => {
                self.shrink(verb);
                self.put_off(app, blob.hash);
            }
            Said::Shut => {
                self.until_ms = app.host().monotonic().0 + SHUT_WAIT_MS;
                app.mailbox().photos.say(false, Some(Trouble::Server));
            }
            Said::Server => self.wait_for_all(app, Trouble::Server),
            Said::Stranger => self.wait_for_all(app, Trouble::Stranger),
        }
        Ok(())
    }

    /// Our server answered as it should.
    fn moved(&mut self, app: &App, verb: Verb) {
        self.failures = 0;
        if let Verb::Send(_) = verb {
            self.part = (self.part * 2).min(MAX_PART);
        }
        app.mailbox().photos.say(true, None);
    }

    /// A part did not arrive: the next is smaller.
    fn shrink(&mut self, verb: Verb) {
        if let Verb::Send(_) = verb {
            let part = if self.part == 0 { MAX_PART } else { self.part };
            self.part = (part / 2).max(MIN_PART);
        }
    }

    fn put_off(&mut self, app: &App, hash: Hash) {
        let now = app.host().monotonic().0;
        let entry = self.put_off.entry(hash).or_default();
        entry.0 = entry.0.saturating_add(1);
        entry.1 = now + wait_ms(app, entry.0);
        app.mailbox().photos.say(false, Some(Trouble::Server));
    }

    fn wait_for_all(&mut self, app: &App, trouble: Trouble) {
        self.failures = self.failures.saturating_add(1);
        self.until_ms = app.host().monotonic().0 + wait_ms(app, self.failures);
        app.mailbox().photos.say(false, Some(trouble));
    }
}

/// Longer after each failure, and never the same on all phones.
fn wait_ms(app: &App, failures: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(16);
    let wait = (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS);
    let jitter = u64::from_be_bytes(app.random()) % (wait / 2 + 1);
    wait / 2 + jitter
}

/// What an answer means. One that does not speak tus is not our server's, unless it is an error that anything on the way may give.
fn meaning(verb: Verb, len: u64, answer: &Incoming) -> Said {
    match answer.status {
        401 | 426 => return Said::Shut,
        429 | 500..=599 => return Said::Server,
        _ => {}
    }
    if answer.header(TUS.as_str()) != TUS_VERSION {
        let ours = answer
            .content_type()
            .starts_with("application/problem+json");
        let refused = ours && (400..500).contains(&answer.status);
        return if refused {
            Said::Refused
        } else {
            Said::Stranger
        };
    }
    let number = |name: &HeaderName| answer.header(name.as_str()).parse::<u64>().ok();
    let offset = number(&UPLOAD_OFFSET).filter(|offset| *offset <= len);
    match (verb, answer.status) {
        (Verb::Create, 201) => Said::At(offset.unwrap_or(0)),
        (Verb::Ask, 200 | 204) => match (offset, number(&UPLOAD_LENGTH)) {
            (Some(offset), Some(length)) if length == len => Said::At(offset),
            _ => Said::Stranger,
        },
        // Without progress this would go round for ever.
        (Verb::Send(from), 204) => match offset {
            Some(offset) if offset > from => Said::At(offset),
            _ => Said::Moved,
        },
        (Verb::Ask | Verb::Send(_), 404 | 410) => Said::Gone,
        (Verb::Create | Verb::Send(_), 409) => Said::Moved,
        (Verb::Send(_), 460) => Said::Spoiled,
        (_, 400..=499) => Said::Refused,
        _ => Said::Stranger,
    }
}

#[cfg(test)]
mod tests;
