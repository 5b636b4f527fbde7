//! A new course or drill: what, when, where, how many hours, what about, and who is invited.

use super::{
    HOURS_X10, LIST, MAX_INVITES, MAX_LINE, MAX_NOTE, Names, hours, known, too_long, typed_hours,
    typed_moment,
};
use crate::app::App;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::sessions::{self, Kind, Session, State as Stage};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::{FieldId, OfficerId, SessionId, UnitId};
use shared::instant::{DAY_MS, Instant};
use shared::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

/// The longest session. Milliseconds.
const LONGEST_MS: i64 = 31 * DAY_MS;

/// What was typed, as text, so that it can be shown again.
#[derive(Default, Clone)]
pub(super) struct Typed {
    /// Made with the form, so that sending it twice makes one session.
    id: String,
    kind: String,
    title: String,
    starts: String,
    ends: String,
    place: String,
    hours: String,
    unit: String,
    competencies: Vec<String>,
    scenario: String,
    note: String,
    officers: Vec<String>,
    why: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        let all = |name: &str| fields.all(name).map(str::to_owned).collect();
        Self {
            id: text("id"),
            kind: text("kind"),
            title: text("title"),
            starts: text("starts"),
            ends: text("ends"),
            place: text("place"),
            hours: text("hours"),
            unit: text("unit"),
            competencies: all("competency"),
            scenario: text("scenario"),
            note: text("note"),
            officers: all("officer"),
            why: text("why"),
        }
    }

    /// As a need leads here: `?competency=K03&officer=…`, each as often as needed.
    fn asked(lang: Lang, query: &str) -> Self {
        let mut typed = Self {
            kind: Kind::Course.code().to_owned(),
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "kind" => typed.kind = value,
                "unit" => typed.unit = value,
                "scenario" => typed.scenario = value,
                "competency" => typed.competencies.push(value),
                "officer" => typed.officers.push(value),
                _ => {}
            }
        }
        let known = known::competencies();
        typed
            .competencies
            .retain(|code| known.iter().any(|one| one.id == *code));
        if !typed.officers.is_empty() && !typed.competencies.is_empty() {
            let names = typed.competencies.iter();
            let names: Vec<String> = names.map(|code| known::words(lang, code)).collect();
            let what = names.join(super::comma(lang));
            let why = fill(lang, "console.session.why-need", &[("what", &what)]);
            typed.why = why.chars().take(MAX_LINE).collect();
        }
        typed
    }
}

type Errors = Vec<(&'static str, &'static str)>;

/// What was typed, as it can be acted upon.
struct New {
    session: Session,
    officers: BTreeSet<OfficerId>,
    why: Option<String>,
}

/// Reads fields one after the other and notes what is wrong.
struct Reader<'a> {
    typed: &'a Typed,
    errors: Errors,
}

impl Reader<'_> {
    fn need<T>(&mut self, field: &'static str, value: Option<T>, key: &'static str) -> Option<T> {
        if value.is_none() {
            self.errors.push((field, key));
        }
        value
    }

    fn refuse(&mut self, field: &'static str, wrong: bool, key: &'static str) {
        if wrong {
            self.errors.push((field, key));
        }
    }

    fn span(&mut self) -> Option<(Instant, Instant)> {
        let starts = typed_moment(&self.typed.starts);
        let starts = self.need("starts", starts, "console.session.error.starts");
        let ends = typed_moment(&self.typed.ends);
        let ends = self.need("ends", ends, "console.session.error.ends");
        let (starts, ends) = starts.zip(ends)?;
        let long = ends.millis_since(starts);
        self.refuse("ends", long <= 0, "console.session.error.order");
        self.refuse("ends", long > LONGEST_MS, "console.session.error.long");
        Some((starts, ends))
    }

    /// The office; the inner none is the whole county.
    fn unit(&mut self, names: &Names) -> Option<Option<UnitId>> {
        if self.typed.unit.is_empty() {
            return Some(None);
        }
        let unit = self.typed.unit.parse().ok();
        let unit = unit.filter(|unit| names.units.contains_key(unit));
        self.need("unit", unit, "console.session.error.unit")
            .map(Some)
    }

    fn competencies(&mut self) -> Vec<String> {
        let known: BTreeSet<String> = known::competencies().into_iter().map(|k| k.id).collect();
        let chosen: BTreeSet<String> = self.typed.competencies.iter().cloned().collect();
        let strange = !chosen.is_subset(&known);
        self.refuse("competency", strange, "console.session.error.competency");
        chosen.into_iter().collect()
    }

    /// A course has none.
    fn scenario(&mut self, kind: Option<Kind>) -> Option<String> {
        let code = self.typed.scenario.clone();
        if kind != Some(Kind::Drill) || code.is_empty() {
            return None;
        }
        let shipped = known::scenarios();
        let known = shipped.is_empty() || shipped.iter().any(|(id, _)| *id == code);
        let fits = known && FieldId::new(&code).is_ok();
        self.refuse("scenario", !fits, "console.session.error.scenario");
        Some(code)
    }

    fn officers(&mut self, names: &Names) -> BTreeSet<OfficerId> {
        let officers = chosen(self.typed.officers.iter().map(String::as_str), names);
        let many = officers.len() > MAX_INVITES;
        self.refuse("officer", many, "console.session.error.officers");
        officers
    }

    fn line(&mut self, field: &'static str, words: &str, key: &'static str) {
        self.refuse(field, words.is_empty() || too_long(words, MAX_LINE), key);
    }
}

/// Officers of a form that are known; auxiliary staff too.
pub(super) fn chosen<'a>(ids: impl Iterator<Item = &'a str>, names: &Names) -> BTreeSet<OfficerId> {
    ids.filter_map(|id| id.parse().ok())
        .filter(|id| names.officers.contains_key(id))
        .collect()
}

fn parse(typed: &Typed, names: &Names, by: OfficerId, now: Instant) -> Result<New, Errors> {
    let mut read = Reader {
        typed,
        errors: Errors::new(),
    };
    let kind = Kind::from_code(&typed.kind);
    let kind = read.need("kind", kind, "console.session.error.kind");
    read.line("title", &typed.title, "console.session.error.title");
    let span = read.span();
    read.line("place", &typed.place, "console.session.error.place");
    let hours = typed_hours(&typed.hours).filter(|hours| HOURS_X10.contains(hours));
    let hours = read.need("hours", hours, "console.session.error.hours");
    let unit = read.unit(names);
    let competencies = read.competencies();
    let scenario = read.scenario(kind);
    let officers = read.officers(names);
    let why_long = too_long(&typed.why, MAX_LINE);
    read.refuse("why", why_long, "console.session.error.why");
    let note_long = too_long(&typed.note, MAX_NOTE);
    read.refuse("note", note_long, "console.session.error.note");
    let errors = read.errors;
    let (Some(kind), Some((starts_at, ends_at)), Some(hours_x10), Some(unit), true) =
        (kind, span, hours, unit, errors.is_empty())
    else {
        return Err(errors);
    };
    let id = typed
        .id
        .parse()
        .map_err(|_| vec![("title", "console.session.error.title")])?;
    Ok(New {
        session: Session {
            id,
            kind,
            title: typed.title.clone(),
            starts_at,
            ends_at,
            place: typed.place.clone(),
            hours_x10,
            unit,
            competencies,
            scenario,
            note: typed.note.clone(),
            state: Stage::Planned,
            why: String::new(),
            created_by: by,
            created_at: now,
        },
        officers,
        why: Some(typed.why.clone()).filter(|why| !why.is_empty()),
    })
}

/// An officer who can be invited.
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) chosen: bool,
}

/// An office with its people; unfolded where somebody is chosen.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) open: bool,
    pub(super) people: Vec<Candidate>,
}

/// What stands beside those who can be invited: hours of the year so far, and what shall be reached.
pub(super) struct Reached {
    hours: BTreeMap<OfficerId, i64>,
    target: i64,
}

impl Reached {
    pub(super) fn load(
        tx: &crate::store::ReadTx<'_>,
        now: Instant,
    ) -> Result<Self, crate::store::Error> {
        Ok(Self {
            hours: sessions::hours(tx, now.date().year())?,
            target: sessions::target(tx)?,
        })
    }

    fn words(&self, lang: Lang, officer: OfficerId) -> String {
        let own = self.hours.get(&officer).copied().unwrap_or_default();
        fill(
            lang,
            "console.session.so-far",
            &[("n", &hours(own)), ("all", &hours(self.target))],
        )
    }
}

/// Everybody who may be invited, by office, without those who are invited already.
pub(super) fn groups(
    lang: Lang,
    names: &Names,
    reached: &Reached,
    chosen: &[String],
    without: &BTreeSet<OfficerId>,
) -> Vec<Group> {
    let people = |unit: UnitId| {
        let own = names.officers.values().filter(move |o| o.unit == unit);
        own.filter(|officer| !without.contains(&officer.id))
            .map(|officer| {
                let id = officer.id.to_string();
                let mut hint = reached.words(lang, officer.id);
                if officer.auxiliary {
                    let word = text(lang, "console.officer.state.auxiliary");
                    hint = format!("{word} · {hint}");
                }
                Candidate {
                    chosen: chosen.contains(&id),
                    id,
                    name: officer.name.clone(),
                    hint,
                }
            })
            .collect::<Vec<_>>()
    };
    let group = |unit: &shared::domain::reference::Unit| {
        let people = people(unit.id);
        Group {
            name: unit.name.clone(),
            open: people.iter().any(|one| one.chosen),
            people,
        }
    };
    let mut groups: Vec<Group> = names.units.values().map(group).collect();
    groups.retain(|group| !group.people.is_empty());
    groups
}

#[derive(askama::Template)]
#[template(path = "training_new.html")]
struct FormPage {
    p: Page,
    typed: Typed,
    units: Vec<(String, String, bool)>,
    competencies: Vec<(String, String, bool)>,
    scenarios: Vec<(String, String, bool)>,
    groups: Vec<Group>,
    errors: Vec<(&'static str, String)>,
}

impl FormPage {
    fn error(&self, field: &str) -> Option<&String> {
        self.errors
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, words)| words)
    }

    fn bad(&self, field: &str) -> &'static str {
        if self.error(field).is_some() {
            " bad"
        } else {
            ""
        }
    }
}

fn form_page(
    visitor: &Visitor,
    names: &Names,
    reached: &Reached,
    typed: Typed,
    errors: &Errors,
) -> FormPage {
    let lang = visitor.lang;
    let units = names.units.values().map(|unit| {
        let id = unit.id.to_string();
        let chosen = id == typed.unit;
        (id, unit.name.clone(), chosen)
    });
    let competencies = known::competencies();
    let competencies = competencies.iter().map(|known| {
        let chosen = typed.competencies.contains(&known.id);
        (known.id.clone(), known::words(lang, &known.id), chosen)
    });
    let scenarios = known::scenarios();
    let scenarios = scenarios.into_iter().map(|(code, name)| {
        let chosen = code == typed.scenario;
        (code, lang.of(&name).to_owned(), chosen)
    });
    FormPage {
        units: units.collect(),
        competencies: competencies.collect(),
        scenarios: scenarios.collect(),
        groups: groups(lang, names, reached, &typed.officers, &BTreeSet::new()),
        errors: errors
            .iter()
            .map(|(field, key)| (*field, text(lang, key).to_owned()))
            .collect(),
        p: Page::new(visitor, "console.session.new"),
        typed,
    }
}

async fn load(app: &App) -> Result<(Names, Reached), Problem> {
    let now = app.now();
    let loaded = app
        .store
        .read(move |tx| Ok((Names::load(tx)?, Reached::load(tx, now)?)))
        .await?;
    Ok(loaded)
}

/// `GET /training/sessions/new`.
pub(crate) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (names, reached) = load(&app).await?;
    let mut typed = Typed::asked(visitor.lang, &query.unwrap_or_default());
    let millis = u64::try_from(app.now().as_millis()).unwrap_or(0);
    typed.id = SessionId::new_v7(millis, &random::bytes()?).to_string();
    html::render(&form_page(&visitor, &names, &reached, typed, &Vec::new()))
}

/// `POST /training/sessions`.
pub(crate) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (names, reached) = load(&app).await?;
    let (now, by) = (app.now(), visitor.session.officer.id);
    let typed = Typed::of(&fields);
    let new = match parse(&typed, &names, by, now) {
        Ok(new) => new,
        Err(errors) => {
            let body = html::render(&form_page(&visitor, &names, &reached, typed, &errors))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
        }
    };
    let (id, account) = (new.session.id, visitor.session.account);
    app.store
        .write(move |tx| {
            // The same form sent twice.
            if sessions::get(tx, id)?.is_some() {
                return Ok(());
            }
            sessions::add(tx, &new.session)?;
            audit::write(tx, now, Some(account), Act::SessionPlanned, &id.to_string())?;
            for officer in new.officers {
                super::act::add(tx, (id, officer), new.why.as_deref(), (now, account))?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to(&format!("{LIST}/{id}")).into_response())
}
