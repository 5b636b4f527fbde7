//! The form of a session, new or changed: what was typed, what is wrong with it, and how it is shown again.

use super::people::{Group, Reached, chosen, groups};
use super::{
    HOURS_X10, LIST, MAX_INVITES, MAX_LINE, MAX_NOTE, Names, control, hours, known, too_long,
    typed_hours, typed_moment,
};
use crate::html::Page;
use crate::session::{Fields, Visitor};
use crate::store::sessions::{Kind, Session, State as Stage};
use crate::{keys, random};
use shared::id::{FieldId, OfficerId, UnitId};
use shared::instant::{DAY_MS, Instant};
use shared::text::{Lang, fill, text};
use std::collections::BTreeSet;

/// The longest session. Milliseconds.
const LONGEST_MS: i64 = 31 * DAY_MS;

/// What was typed, as text, so that it can be shown again.
#[derive(Default, Clone)]
pub(super) struct Typed {
    /// Made with the form, so that sending it twice makes one session.
    pub(super) id: String,
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
    pub(super) fn of(fields: &Fields) -> Self {
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

    /// A session as its form has it.
    pub(super) fn stored(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            kind: session.kind.code().to_owned(),
            title: session.title.clone(),
            starts: control(session.starts_at),
            ends: control(session.ends_at),
            place: session.place.clone(),
            hours: hours(i64::from(session.hours_x10)),
            unit: session
                .unit
                .map_or_else(String::new, |unit| unit.to_string()),
            competencies: session.competencies.clone(),
            scenario: session.scenario.clone().unwrap_or_default(),
            note: session.note.clone(),
            ..Self::default()
        }
    }

    /// Stands for what a form showed, so that it is seen whether somebody changed it since.
    pub(super) fn seen(&self) -> String {
        let lines = [
            &self.kind,
            &self.title,
            &self.starts,
            &self.ends,
            &self.place,
            &self.hours,
            &self.unit,
            &self.competencies.join(" "),
            &self.scenario,
            &self.note,
        ];
        random::hex(&keys::hash(&lines.map(String::as_str).join("\n")))
    }

    /// As a need leads here: `?competency=K01&officer=…`, each as often as needed.
    pub(super) fn asked(lang: Lang, query: &str) -> Self {
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
        let known = known::codes();
        typed
            .competencies
            .retain(|code| known.contains(code.as_str()));
        if !typed.officers.is_empty() && !typed.competencies.is_empty() {
            let codes = typed.competencies.iter();
            let words: Vec<String> = codes.map(|code| known::words(lang, code)).collect();
            let what = words.join(super::comma(lang));
            let why = fill(lang, "console.session.why-need", &[("what", &what)]);
            typed.why = why.chars().take(MAX_LINE).collect();
        }
        typed
    }
}

pub(super) type Errors = Vec<(&'static str, &'static str)>;

/// What was typed, as it can be acted upon.
pub(super) struct New {
    pub(super) session: Session,
    pub(super) officers: BTreeSet<OfficerId>,
    pub(super) why: Option<String>,
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
        let known = known::codes();
        let chosen: BTreeSet<&str> = self.typed.competencies.iter().map(String::as_str).collect();
        let strange = !chosen.is_subset(&known);
        self.refuse("competency", strange, "console.session.error.competency");
        chosen.into_iter().map(str::to_owned).collect()
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

pub(super) fn parse(
    typed: &Typed,
    names: &Names,
    by: OfficerId,
    now: Instant,
) -> Result<New, Errors> {
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

#[derive(askama::Template)]
#[template(path = "training_new.html")]
pub(super) struct FormPage {
    p: Page,
    typed: Typed,
    /// Where the form goes, and what it changes; nothing of the latter for a new session, which asks whom to invite as well.
    action: String,
    seen: Option<String>,
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

pub(super) fn form_page(
    visitor: &Visitor,
    (names, reached): (&Names, &Reached),
    typed: Typed,
    seen: Option<String>,
    errors: &Errors,
) -> FormPage {
    let lang = visitor.lang;
    let units = names.units.values().map(|unit| {
        let id = unit.id.to_string();
        let chosen = id == typed.unit;
        (id, unit.name.clone(), chosen)
    });
    let competencies = known::codes();
    let competencies = competencies.into_iter().map(|code| {
        let chosen = typed.competencies.iter().any(|known| known == code);
        (code.to_owned(), known::words(lang, code), chosen)
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
        action: match seen {
            Some(_) => format!("{LIST}/{}/edit", typed.id),
            None => LIST.to_owned(),
        },
        p: Page::new(
            visitor,
            match seen {
                Some(_) => "console.session.edit",
                None => "console.session.new",
            },
        ),
        seen,
        typed,
    }
}
