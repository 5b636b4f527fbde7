//! The owner's page (certificate, language, sunlight, lock) and the page about uploading.

use crate::desk::Desk;
use crate::form::Posted;
use crate::home::{self, SyncLine};
use crate::html::{self, Answer, Ui, safe_next, see};
use crate::learning::{self, Learning};
use crate::numbers;
use crate::outbox::{Tap, Trouble};
use crate::own;
use crate::say;
use crate::store::log::{self, Unsent};
use crate::store::meta::{self, Key};
use crate::store::{blobs, receive, refs};
use askama::Template;
use jiff::civil::Date;
use shared::domain::reference::Certificate;
use shared::instant::Instant;
use shared::text::{self, Lang};

/// A certificate in words.
struct Certified {
    number: String,
    until: String,
    class: &'static str,
    word: String,
    /// It ends soon and nothing follows it.
    alarm: String,
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    ui: Ui,
    name: String,
    unit: String,
    certificates: Vec<Certified>,
    own: String,
    learning: Option<Learning>,
    device: String,
    /// Document numbers that run out.
    low: Vec<String>,
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
    let now = desk.now();
    let found = own::look(&desk, own::ON_THE_WAY)?;
    let (officers, units, learning, low) = desk.store().read(|c| {
        let learning = learning::read(c, desk.ui, desk.me.officer, now)?;
        let low = numbers::low(c, desk.ui, desk.me.feed)?;
        Ok((refs::officers(c)?, refs::units(c)?, learning, low))
    })?;
    let unit = units.into_iter().find(|u| u.id == desk.me.unit);
    let officer = officers.get(&desk.me.officer);
    let ui = desk.ui;
    let certificates = officer.map_or(&[][..], |o| &o.certificates);
    Ok(html::ok(&MePage {
        ui,
        name: desk.me.name.clone(),
        unit: unit.map_or_else(String::new, |u| u.name),
        certificates: certificates
            .iter()
            .map(|c| certified(ui, c, certificates, now.date()))
            .collect(),
        own: own::words(ui, found),
        learning,
        device: desk.me.feed.to_string().chars().take(8).collect(),
        low,
    }))
}

fn certified(ui: Ui, certificate: &Certificate, all: &[Certificate], today: Date) -> Certified {
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
        alarm: alarm(ui, certificate, all, today).unwrap_or_default(),
    }
}

/// What to do about a certificate that ends within half a year, in three steps; nothing if another is valid after it.
fn alarm(ui: Ui, certificate: &Certificate, all: &[Certificate], today: Date) -> Option<String> {
    let followed = all.iter().any(|other| {
        other.valid_to > certificate.valid_to
            && other.valid_from <= certificate.valid_to.tomorrow().unwrap_or(Date::MAX)
    });
    let left = today
        .until(certificate.valid_to)
        .map_or(0, |span| span.get_days());
    if followed || today < certificate.valid_from {
        return None;
    }
    let key = match left {
        0 => return Some(ui.t("field.me.alarm.today").to_owned()),
        1..=30 => "field.me.alarm.30",
        31..=90 => "field.me.alarm.90",
        91..=180 => "field.me.alarm.180",
        _ => return None,
    };
    Some(ui.f(key, "n", left))
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn certificate(valid_from: Date, valid_to: Date) -> Certificate {
        Certificate {
            number: String::new(),
            valid_from,
            valid_to,
        }
    }

    /// Counted by hand: from 2026-06-04 it is 180 days to 2026-12-01, from 2026-09-02 90, from 2026-11-01 30.
    #[test]
    fn a_certificate_that_ends_is_said_three_times() {
        let ui = Ui::default();
        let own = certificate(date(2024, 12, 2), date(2026, 12, 1));
        let said = |today| alarm(ui, &own, std::slice::from_ref(&own), today);
        assert_eq!(said(date(2026, 6, 3)), None);
        for (today, days, word) in [
            (date(2026, 6, 4), "180", "准备"),
            (date(2026, 9, 1), "91", "准备"),
            (date(2026, 9, 2), "90", "办理"),
            (date(2026, 10, 31), "31", "办理"),
            (date(2026, 11, 1), "30", "立即"),
            (date(2026, 11, 30), "1 ", "立即"),
        ] {
            let said = said(today).unwrap();
            assert!(
                said.contains(days) && said.contains(word),
                "{today}: {said}"
            );
        }
        assert!(said(date(2026, 12, 1)).unwrap().contains("最后一天"));
        assert_eq!(said(date(2026, 12, 2)), None, "expired is said otherwise");
        assert_eq!(said(date(2024, 12, 1)), None, "not valid yet");
        let today = date(2026, 11, 1);
        let next = certificate(date(2026, 12, 2), date(2028, 12, 1));
        assert_eq!(alarm(ui, &own, &[own.clone(), next.clone()], today), None);
        let gap = certificate(date(2026, 12, 3), date(2028, 12, 1));
        assert!(alarm(ui, &own, &[own.clone(), gap], today).is_some());
    }
}
