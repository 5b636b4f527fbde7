//! The way in: enrolling this device once, and the PIN every time.
//! Apart because these are the only screens of a locked client, and the only ones that see a PIN of the owner in full.

use crate::app::{App, RawKey};
use crate::form::{FormErrors, Posted};
use crate::host::{Incoming, Outgoing};
use crate::html::{self, Answer, Problem, Ui, safe_next, see};
use crate::pin;
use crate::store::meta::{self, Key, Profile};
use crate::store::{self, WriteTx};
use crate::vault::Vault;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use ed25519_dalek::{Signer, SigningKey};
use http::HeaderMap;
use serde::Deserialize;
use shared::codec;
use shared::domain::reference::PinVerifier;
use shared::id::FeedId;
use shared::problem::Code;
use shared::sync::wire::{CONTENT_TYPE, Enrol, Enrolled, PROTOCOL, enrol_message};
use zeroize::Zeroizing;

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    ui: Ui,
    errors: FormErrors,
    typed_code: String,
    /// An enrolment was begun: the same PIN is asked for, not a new one.
    pending: bool,
}

#[derive(Template)]
#[template(path = "unlock.html")]
struct UnlockPage {
    ui: Ui,
    errors: FormErrors,
    wait_seconds: i64,
    next: String,
}

/// `GET /field/enrol`
pub(crate) async fn enrol_page(State(app): State<App>, headers: HeaderMap) -> Answer {
    let vault = app.vault().await?;
    if vault.as_ref().is_some_and(|vault| vault.enrolled) {
        return Ok(see("/field/"));
    }
    Ok(html::ok(&EnrolPage {
        ui: Ui::of(&app, &headers),
        errors: FormErrors::default(),
        typed_code: String::new(),
        pending: vault.is_some(),
    }))
}

/// `POST /field/enrol`: fields `code` (from the link's fragment) or `typed_code`, `pin`, `pin_again`.
pub(crate) async fn enrol(
    State(app): State<App>,
    Query(next): Query<Next>,
    headers: HeaderMap,
    form: Posted,
) -> Answer {
    let turn = app.turn().await;
    let vault = app.vault().await?;
    if vault.as_ref().is_some_and(|vault| vault.enrolled) {
        return Ok(see("/field/"));
    }
    let code = match form.get("code") {
        "" => form.get("typed_code"),
        code => code,
    };
    let pin = form.get("pin");
    let mut errors = FormErrors::default();
    if code.is_empty() || code.len() > 200 {
        errors.add("typed_code", "form.required");
    }
    if !pin::acceptable(pin) {
        errors.add("pin", "problem.pin.weak.do");
    } else if vault.is_none() && pin != form.get("pin_again") {
        errors.add("pin_again", "enrol.pin-differs");
    }
    let pending = vault.is_some();
    if errors.is_empty() {
        match enrol_with(&app, vault, code, pin).await? {
            Ok(()) => return Ok(see(safe_next(&next.next))),
            Err((field, key)) => errors.add(field, key),
        }
    }
    drop(turn);
    let pending = pending || app.vault().await?.is_some();
    Ok(html::again(&EnrolPage {
        ui: Ui::of(&app, &headers),
        errors,
        typed_code: code.to_owned(),
        pending,
    }))
}

/// Which field, and the key of the sentence.
type Refusal = (&'static str, String);

/// In this order, so that ending the program anywhere loses nothing: the vault (marked unfinished), the database under its key,
/// feed and signing key inside it, the server, its answer inside the database, the vault marked finished.
async fn enrol_with(
    app: &App,
    vault: Option<Vault>,
    code: &str,
    pin: &str,
) -> Result<Result<(), Refusal>, Problem> {
    let (mut vault, key) = match vault {
        Some(vault) => match try_pin(app, vault, pin).await? {
            Ok(opened) => opened,
            Err(_) => return Ok(Err(("pin", "enrol.pin-of-before".to_owned()))),
        },
        None => new_vault(app, pin).await?,
    };
    if !app.store().is_open() {
        app.open(&key)?;
    }
    let begun = app.store().write(|tx| begin(tx, app, code, pin))?;
    let sent = app.host().send(request(code, &begun)).await;
    let answer = match sent {
        Ok(incoming) => read_answer(&incoming),
        Err(_) => Err("enrol.no-network".to_owned()),
    };
    let enrolled = match answer {
        Ok(enrolled) => enrolled,
        Err(key) => {
            app.close_files();
            let field = if key.contains("enrol.code") {
                "typed_code"
            } else {
                "form"
            };
            return Ok(Err((field, key)));
        }
    };
    let profile = Profile::new(begun.feed, enrolled);
    app.store().write(|tx| {
        meta::write(tx, Key::Profile, &profile)?;
        meta::clear(tx, Key::PendingCode)
    })?;
    vault.enrolled = true;
    app.host().save_vault(vault.to_bytes()).await?;
    app.unlocked(key);
    Ok(Ok(()))
}

async fn new_vault(app: &App, pin: &str) -> Result<(Vault, RawKey), Problem> {
    let key = Zeroizing::new(app.random::<32>());
    let vault = Vault::seal(&key, pin, &app.random::<40>())
        .ok_or_else(|| Problem::internal("the vault was not made"))?;
    app.host().save_vault(vault.to_bytes()).await?;
    Ok((vault, key))
}

/// An enrolment on its way.
struct Begun {
    feed: FeedId,
    key: SigningKey,
    pin: PinVerifier,
}

/// The feed, key and verifier of this enrolment. The same code gets the same ones, so that a lost answer can be asked for again;
/// another code gets new ones, because the server may know the old feed by the old code.
fn begin(tx: &WriteTx<'_>, app: &App, code: &str, pin: &str) -> store::Result<Begun> {
    let pending = meta::get(tx, Key::PendingCode)?;
    if let (Some(before), Some(pin)) = (pending, meta::pin(tx)?)
        && before == code.as_bytes()
    {
        let (feed, key) = meta::feed_key(tx)?;
        return Ok(Begun { feed, key, pin });
    }
    let millis = u64::try_from(app.host().now().as_millis()).unwrap_or(0);
    let feed = FeedId::new_v7(millis, &app.random::<10>());
    let secret = Zeroizing::new(app.random::<32>());
    let pin = pin::verifier(pin, app.random::<16>()).ok_or(store::Error::Corrupt("pin"))?;
    meta::set(tx, Key::Feed, feed.as_bytes())?;
    meta::set(tx, Key::Secret, &secret[..])?;
    meta::write(tx, Key::Pin, &pin)?;
    meta::set(tx, Key::PendingCode, code.as_bytes())?;
    let key = SigningKey::from_bytes(&secret);
    Ok(Begun { feed, key, pin })
}

fn request(code: &str, begun: &Begun) -> Outgoing {
    let message = enrol_message(code, begun.feed);
    let enrol = Enrol {
        protocol: PROTOCOL,
        code: code.to_owned(),
        feed: begun.feed,
        key: begun.key.verifying_key().to_bytes(),
        signature: begun.key.sign(&message).to_bytes(),
        device: if cfg!(target_arch = "wasm32") {
            "browser"
        } else {
            "loopback"
        }
        .to_owned(),
        pin: begun.pin.clone(),
    };
    Outgoing::message("/sync/v1/enrol", None, codec::encode(&enrol), false)
}

/// The answer, or the key of what to say. A captive portal's page is no answer.
fn read_answer(incoming: &Incoming) -> Result<Enrolled, String> {
    if incoming.status == 200 && incoming.content_type().starts_with(CONTENT_TYPE) {
        return codec::decode(&incoming.body).map_err(|_| "enrol.no-answer".to_owned());
    }
    Err(match problem_code(incoming) {
        Some(code) => format!("problem.{}", code.as_str()),
        None => "enrol.no-answer".to_owned(),
    })
}

/// The code of a `problem+json` body.
fn problem_code(incoming: &Incoming) -> Option<Code> {
    let text = std::str::from_utf8(&incoming.body).ok()?;
    let json = incoming.content_type().contains("json");
    let named = |code: &&Code| text.contains(&format!("\"{}\"", code.as_str()));
    json.then(|| Code::ALL.iter().find(named).copied())
        .flatten()
}

/// `GET /field/unlock`
pub(crate) async fn unlock_page(
    State(app): State<App>,
    Query(next): Query<Next>,
    headers: HeaderMap,
) -> Answer {
    let next = safe_next(&next.next).to_owned();
    match app.vault().await? {
        Some(vault) if vault.enrolled && app.store().is_open() => Ok(see(&next)),
        Some(vault) if vault.enrolled => Ok(html::ok(&UnlockPage {
            ui: Ui::of(&app, &headers),
            errors: FormErrors::default(),
            wait_seconds: vault.tries.wait_ms(app.host().now()) / 1000,
            next,
        })),
        _ => Ok(see("/field/enrol")),
    }
}

/// `POST /field/unlock`: fields `pin`, `next`.
pub(crate) async fn unlock(State(app): State<App>, headers: HeaderMap, form: Posted) -> Answer {
    let _turn = app.turn().await;
    let next = safe_next(form.get("next")).to_owned();
    if app.is_elsewhere() {
        return Err(Problem::of(Code::OpenElsewhere));
    }
    let Some(vault) = app.vault().await?.filter(|vault| vault.enrolled) else {
        return Ok(see("/field/enrol"));
    };
    let wait_seconds = match try_pin(&app, vault, form.get("pin")).await? {
        Ok((_, key)) => {
            if !app.store().is_open() {
                app.open(&key)?;
            }
            app.unlocked(key);
            return Ok(see(&next));
        }
        Err(wait_ms) => (wait_ms + 999) / 1000,
    };
    let mut errors = FormErrors::default();
    errors.add("pin", "problem.pin.wrong");
    Ok(html::again(&UnlockPage {
        ui: Ui::of(&app, &headers),
        errors,
        wait_seconds,
        next,
    }))
}

/// Tries a PIN on the vault. The try is on disk before the PIN is checked. A wrong one gives the milliseconds to wait.
async fn try_pin(
    app: &App,
    mut vault: Vault,
    pin: &str,
) -> Result<Result<(Vault, RawKey), i64>, Problem> {
    let now = app.host().now();
    let wait = vault.tries.wait_ms(now);
    if wait > 0 {
        return Ok(Err(wait));
    }
    vault.tries = vault.tries.one_more(now);
    app.host().save_vault(vault.to_bytes()).await?;
    let Some(key) = vault.open(pin) else {
        return Ok(Err(vault.tries.wait_ms(now)));
    };
    vault.tries = pin::Tries::default();
    app.host().save_vault(vault.to_bytes()).await?;
    Ok(Ok((vault, key)))
}

/// `POST /field/lock`
pub(crate) async fn lock(State(app): State<App>) -> Response {
    app.lock();
    see("/field/unlock")
}
