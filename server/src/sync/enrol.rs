//! `/sync/v1/enrol`: a one-time code buys a feed its place.

use super::{answer, read};
use crate::app::App;
use crate::keys;
use crate::limits::Key;
use crate::password::{MAX_MEMORY_KIB, MAX_PASSES};
use crate::problem::Problem;
use crate::random;
use crate::session::origin;
use crate::store::audit::{self, Act};
use crate::store::refs::{self, Scope};
use crate::store::{self, WriteTx, enrol as codes, feeds};
use axum::extract::{Request, State};
use axum::response::Response;
use ed25519_dalek::{Signature, VerifyingKey};
use shared::domain::reference::{Feed, Officer, PinVerifier, RefSet};
use shared::instant::Instant;
use shared::problem::Code;
use shared::sync::wire::{Enrol, Enrolled, PROTOCOL, enrol_message};

/// The longest name of a device. Characters.
const MAX_DEVICE_CHARS: usize = 60;
/// What is said of a code in limits: its first characters.
const PREFIX_CHARS: usize = 6;
/// The jurisdiction whose thresholds count here.
pub(crate) const JURISDICTION: &str = "henan-sample";

/// A code as typed or scanned: blanks, hyphens and small letters do not matter.
pub(crate) fn normal(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// `POST /sync/v1/enrol`.
pub(crate) async fn enrol(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let origin = origin(&request);
    let (parts, body) = request.into_parts();
    let ask: Enrol = read(&parts.headers, body).await?;
    if ask.protocol != PROTOCOL {
        return Err(Code::UpgradeNeeded.into());
    }
    let now = app.now();
    let code = normal(&ask.code);
    let prefix: String = code.chars().take(PREFIX_CHARS).collect();
    let limits = [Key::Code(prefix), Key::From(origin)];
    if !app.limits.allows(&limits, now) {
        return Err(Code::TooMany.into());
    }
    if !possesses(&ask) || !bearable(&ask.pin) {
        return Err(Code::BadRequest.into());
    }
    let token = random::token()?;
    let (code_hash, token_hash) = (keys::hash(&code), keys::hash(&token));
    let granted = app
        .store
        .write(move |tx| grant(tx, &ask, code_hash, token_hash, now))
        .await?;
    let officer = granted.map_err(|code| {
        app.limits.failed(&limits, now);
        Problem::from(code)
    })?;
    Ok(answer(&Enrolled {
        token,
        server_key: app.keys.signing.verifying_key().to_bytes(),
        server_feed: app.keys.feed,
        epoch: app.keys.epoch,
        officer: officer.id,
        name: officer.name,
        unit: officer.unit,
        jurisdiction: JURISDICTION.to_owned(),
    }))
}

fn possesses(ask: &Enrol) -> bool {
    let message = enrol_message(&ask.code, ask.feed);
    VerifyingKey::from_bytes(&ask.key)
        .and_then(|key| key.verify_strict(&message, &Signature::from_bytes(&ask.signature)))
        .is_ok()
}

/// Colleagues' phones will have to compute this.
fn bearable(pin: &PinVerifier) -> bool {
    (8..=MAX_MEMORY_KIB).contains(&pin.memory_kib) && (1..=MAX_PASSES).contains(&pin.passes)
}

fn grant(
    tx: &WriteTx<'_>,
    ask: &Enrol,
    code_hash: [u8; 32],
    token_hash: [u8; 32],
    now: Instant,
) -> Result<Result<Officer, Code>, store::Error> {
    let Some(code) = codes::find(tx, code_hash)? else {
        return Ok(Err(Code::CodeUnknown));
    };
    let again = code.used == Some((ask.feed, ask.key));
    if code.used.is_some() && !again {
        return Ok(Err(Code::CodeUsed));
    }
    if now >= code.expires_at {
        return Ok(Err(Code::CodeExpired));
    }
    // A feed id is drawn at random by the device: one that is taken is a copy of another installation.
    if !again && feeds::exists(tx, ask.feed)? {
        return Ok(Err(Code::CodeUsed));
    }
    if again && feeds::state(tx, ask.feed)?.is_some_and(|state| state.revoked) {
        return Ok(Err(Code::Revoked));
    }
    let Some(mut officer) = refs::officer(tx, code.officer)? else {
        return Ok(Err(Code::CodeUnknown));
    };
    let device: String = ask.device.chars().take(MAX_DEVICE_CHARS).collect();
    let new = feeds::New {
        feed: ask.feed,
        key: ask.key,
        officer: Some(officer.id),
        device: &device,
        token_hash: Some(token_hash),
    };
    feeds::put(tx, &new, now)?;
    codes::used(tx, code_hash, ask.feed, ask.key, now)?;
    officer.pin = Some(ask.pin.clone());
    refs::put_officer(tx, &officer)?;
    let row = Feed {
        id: ask.feed,
        key: ask.key,
        officer: Some(officer.id),
    };
    let scope = Scope::Unit(officer.unit);
    refs::put(tx, RefSet::Feeds, ask.feed.as_bytes(), scope, &row)?;
    audit::write(
        tx,
        now,
        None,
        Act::DeviceEnrolled,
        &format!("{} {}", ask.feed, officer.id),
    )?;
    Ok(Ok(officer))
}
