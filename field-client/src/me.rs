//! The owner's page (certificate, language, sunlight, lock) and the page about uploading.

use crate::desk::Desk;
use crate::form::Posted;
use crate::home::{self, SyncLine};
use crate::html::{self, Answer, Ui, safe_next, see};
use crate::outbox::{Tap, Trouble};
use crate::say;
use crate::store::log::{self, Unsent};
use crate::store::meta::{self, Key};
use crate::store::{blobs, receive, refs};
use askama::Template;
use shared::domain::reference::Certificate;
use shared::instant::Instant;
use shared::text::{self, Lang};

/// A certificate in words.
struct Certified {
    number: String,
    until: String,
    class: &'static str,
    word: String,
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    ui: Ui,
    name: String,
    unit: String,
    certificates: Vec<Certified>,
    device: String,
}

#[derive(Template)]
#[template(path = "sync.html")]
struct SyncPage {
    ui: Ui,
    line: SyncLine,
    unsent: u64,
    oldest: String,
    last: String,
    trouble: String,
    trouble_do: String,
    verdicts: Vec<String>,
    quarantined: u64,
    frozen: bool,
    photos: String,
    photos_trouble: String,
}

/// `GET /field/me`
pub(crate) async fn me(desk: Desk) -> Answer {
    let (officers, units) = desk
        .store()
        .read(|c| Ok((refs::officers(c)?, refs::units(c)?)))?;
    let unit = units.into_iter().find(|u| u.id == desk.me.unit);
    let officer = officers.get(&desk.me.officer);
    let ui = desk.ui;
    let now = desk.now();
    let certificates = officer.map_or(&[][..], |o| &o.certificates);
    Ok(html::ok(&MePage {
        ui,
        name: desk.me.name.clone(),
        unit: unit.map_or_else(String::new, |u| u.name),
        certificates: certificates.iter().map(|c| certified(ui, c, now)).collect(),
        device: desk.me.feed.to_string().chars().take(8).collect(),
    }))
}

fn certified(ui: Ui, certificate: &Certificate, now: Instant) -> Certified {
    let today = now.date();
    let (class, key) = if today > certificate.valid_to {
        ("late", "field.me.cert.expired")
    } else if today < certificate.valid_from {
        ("blocked", "field.me.cert.early")
    } else {
        ("done", "field.me.cert.valid")
    };
    Certified {
        number: certificate.number.clone(),
        until: say::day(
            ui.lang,
            Instant::from_civil(certificate.valid_to.at(0, 0, 0, 0)),
        ),
        class,
        word: ui.t(key).to_owned(),
    }
}

/// `POST /field/me`: fields `lang` (`zh-CN`, `en`) or `theme` (`sunlight`, `plain`), and `next`.
pub(crate) async fn settings(desk: Desk, form: Posted) -> Answer {
    let lang = form.sent("lang").map(Lang::from_tag);
    let theme = form.sent("theme");
    desk.store().write(|tx| {
        if let Some(lang) = lang {
            meta::set(tx, Key::Lang, lang.tag().as_bytes())?;
        }
        match theme {
            Some("sunlight") => meta::set(tx, Key::Theme, b"sunlight"),
            Some(_) => meta::clear(tx, Key::Theme),
            None => Ok(()),
        }
    })?;
    let next = form.sent("next").unwrap_or("/field/me");
    Ok(see(safe_next(next)))
}

/// `GET /field/sync`
pub(crate) async fn sync(desk: Desk) -> Answer {
    let now = desk.now();
    let line = home::sync_line(&desk, now)?;
    let photos = desk.store().read(blobs::unsent)?;
    let (unsent, last, verdicts, quarantined, frozen) = desk.store().read(|c| {
        let unsent: Unsent = log::unsent(c)?;
        let last: Option<Instant> = meta::read(c, Key::LastSync)?;
        let frozen = meta::get(c, Key::Frozen)?.is_some();
        Ok((
            unsent,
            last,
            log::verdicts(c)?,
            receive::quarantined(c)?,
            frozen,
        ))
    })?;
    let ui = desk.ui;
    let (trouble, trouble_do) = trouble_of(ui, desk.app.mailbox().status().trouble);
    Ok(html::ok(&SyncPage {
        ui,
        line,
        unsent: unsent.count,
        oldest: unsent
            .oldest
            .map_or_else(String::new, |at| say::when(ui.lang, at)),
        last: last.map_or_else(String::new, |at| say::when(ui.lang, at)),
        trouble,
        trouble_do,
        verdicts: verdicts
            .iter()
            .map(|v| {
                let key = format!("problem.{}", v.code);
                format!("{} · {}", v.seq, text::text(ui.lang, &key))
            })
            .collect(),
        quarantined,
        frozen,
        photos: home::photos_line(ui, photos, now)
            .unwrap_or_else(|| ui.t("field.blob.none").to_owned()),
        photos_trouble: match photos.count {
            0 => String::new(),
            _ => trouble_of(ui, desk.app.mailbox().photos.status().trouble).0,
        },
    }))
}

fn trouble_of(ui: Ui, trouble: Option<Trouble>) -> (String, String) {
    let both = |key: &str| {
        let remedy = format!("{key}.do");
        (ui.t(key).to_owned(), ui.t(&remedy).to_owned())
    };
    match trouble {
        None => (String::new(), String::new()),
        Some(Trouble::Network) => both("field.trouble.network"),
        Some(Trouble::Stranger) => both("field.trouble.stranger"),
        Some(Trouble::Server) => both("field.trouble.server"),
        Some(Trouble::Storage) => both("field.trouble.storage"),
        Some(Trouble::Refused(code)) => both(&format!("problem.{}", code.as_str())),
    }
}

/// `POST /field/sync`: "upload now".
pub(crate) async fn upload(desk: Desk) -> Answer {
    desk.app.seal_all()?;
    desk.app.mailbox().put(Tap::Kick);
    Ok(see("/field/sync"))
}
