//! Courses and drills (培训活动): planned, invited to, marked, and looked at for what changed afterwards.
//! The console's own sign-ins are in `session`; they are another thing.

mod act;
mod edit;
mod effect;
mod form;
pub(crate) mod known;
mod list;
mod mark;
mod new;
mod people;
mod show;

pub(crate) use act::{cancel, held, invite, reopen, withdraw};
pub(crate) use edit::{form as edit, save as change};
pub(crate) use effect::show as effect;
pub(crate) use list::{list, target};
pub(crate) use mark::save as mark;
pub(crate) use new::{create, form};
pub(crate) use show::{sheet, show};

use crate::app::App;
use crate::html;
use crate::problem::Problem;
use crate::store::sessions::{self, Session};
use crate::store::{self, ReadTx, personal, refs};
use jiff::civil::DateTime;
use shared::domain::reference::{Officer, Unit};
use shared::id::{OfficerId, SessionId, UnitId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::text::{Lang, text};
use shared::training::hours::hours;
use std::collections::BTreeMap;

/// Where the list is.
const LIST: &str = "/training/sessions";
/// Officers of one session, at most.
const MAX_INVITES: usize = 300;
/// The longest title, place or reason. Characters.
const MAX_LINE: usize = 100;
/// The longest note. Characters.
const MAX_NOTE: usize = 500;
/// Hours of one session, at least and at most. Tenths.
const HOURS_X10: std::ops::RangeInclusive<u32> = 5..=160;

/// What pages need to write names.
struct Names {
    officers: BTreeMap<OfficerId, Officer>,
    units: BTreeMap<UnitId, Unit>,
}

impl Names {
    fn load(tx: &ReadTx<'_>) -> Result<Self, store::Error> {
        Ok(Self {
            officers: refs::officers(tx)?,
            units: refs::units(tx)?,
        })
    }

    fn officer(&self, id: OfficerId) -> String {
        self.officers
            .get(&id)
            .map_or_else(|| id.to_string(), |officer| officer.name.clone())
    }

    fn unit_of(&self, id: OfficerId) -> String {
        let unit = self.officers.get(&id).map(|officer| officer.unit);
        unit.and_then(|unit| self.units.get(&unit))
            .map_or_else(String::new, |unit| unit.name.clone())
    }

    /// An office's name; none is the whole county.
    fn unit(&self, lang: Lang, unit: Option<UnitId>) -> String {
        match unit {
            None => text(lang, "console.session.county").to_owned(),
            Some(id) => self
                .units
                .get(&id)
                .map_or_else(|| id.to_string(), |unit| unit.name.clone()),
        }
    }
}

/// Hours as they are typed, in tenths: `2`, `2.5`.
fn typed_hours(words: &str) -> Option<u32> {
    let (whole, part) = words.split_once('.').unwrap_or((words, "0"));
    let digits = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(whole, 4) || !digits(part, 1) {
        return None;
    }
    Some(whole.parse::<u32>().ok()? * 10 + part.parse::<u32>().ok()?)
}

/// A moment as a control has it.
fn control(at: Instant) -> String {
    let at = at.civil();
    format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// A moment as it is typed, in Beijing.
fn typed_moment(words: &str) -> Option<Instant> {
    words.parse::<DateTime>().ok().map(Instant::from_civil)
}

/// From when to when; the day is not said twice.
fn span(lang: Lang, session: &Session) -> String {
    let (from, to) = (session.starts_at, session.ends_at);
    let end = to.civil();
    let end = if from.date() == to.date() {
        format!("{:02}:{:02}", end.hour(), end.minute())
    } else {
        html::moment(lang, to)
    };
    format!("{} – {end}", html::moment(lang, from))
}

fn kind_words(lang: Lang, session: &Session) -> String {
    text(
        lang,
        &format!("console.session.kind.{}", session.kind.code()),
    )
    .to_owned()
}

/// A class and words for how far a session is; one that is past and still planned waits for whoever marks it.
fn state_words(lang: Lang, session: &Session, now: Instant) -> (&'static str, String) {
    let (class, code) = match session.state {
        sessions::State::Planned if session.ends_at <= now => ("state-late", "due"),
        sessions::State::Planned => ("state-todo", session.state.code()),
        sessions::State::Held => ("state-done", session.state.code()),
        sessions::State::Cancelled => ("state-na", session.state.code()),
    };
    let key = format!("console.session.state.{code}");
    (class, text(lang, &key).to_owned())
}

const fn comma(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    }
}

fn too_long(words: &str, most: usize) -> bool {
    words.chars().count() > most
}

/// A session by the id of an address, with the names.
async fn find(app: &App, id: &str) -> Result<(Session, Names), Problem> {
    let id: SessionId = id.parse().map_err(|_| Code::NotFound)?;
    let found = app
        .store
        .read(move |tx| Ok(sessions::get(tx, id)?.zip(Some(Names::load(tx)?))))
        .await?;
    found.ok_or(Code::NotFound.into())
}

impl App {
    /// What officers' phones carry of their training, as of today: done at the start and whenever a day begins.
    pub(crate) async fn publish_training(&self) -> Result<(), store::Error> {
        let now = self.now();
        self.store
            .write(move |tx| personal::publish_known(tx, now))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_hours_have_one_decimal_at_most() {
        for (words, tenths) in [("2", 20), ("0.5", 5), ("16.0", 160), ("007", 70)] {
            assert_eq!(typed_hours(words), Some(tenths), "{words}");
        }
        for words in ["", ".5", "2.", "2.55", "-1", "２", "1e1", "2,5", "99999"] {
            assert_eq!(typed_hours(words), None, "{words}");
        }
    }

    #[test]
    fn a_moment_is_typed_to_the_minute_or_the_second() {
        let at = typed_moment("2026-11-30T09:05").unwrap();
        assert_eq!(typed_moment("2026-11-30T09:05:00"), Some(at));
        assert_eq!(control(at), "2026-11-30T09:05");
        assert_eq!(typed_moment("明天"), None);
    }
}
