//! Who may need to practise what: the training manager's pages over records, certificates and hours.
//! Apart from the judgement itself, which is `shared::training::needs`; here persons are gathered and words are found.

use crate::access::Role;
use crate::session::Visitor;
use crate::shipped;
use crate::store::{self, ReadTx, needs, refs, sessions};
use jiff::civil::Date;
use shared::data::initials;
use shared::domain::reference::{Officer, Unit};
use shared::id::{OfficerId, RecordId, UnitId};
use shared::text::{Lang, text};
use shared::training::competency::Catalogue;
use shared::training::hours::{HoursLine, hours_line};
use shared::training::needs::{Record, Standing, judge};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) mod file;
pub(crate) mod overview;

/// The competency that a rule belongs to: its id and its name.
pub(crate) fn competency_of(lang: Lang, rule: &str) -> Option<(&'static str, &'static str)> {
    let one = shipped::competencies().of(rule)?;
    Some((one.id.as_str(), lang.of(&one.name)))
}

/// Whose training somebody looks after. Looking after every office for another reason does not count: what a person may need
/// to learn is seen by whoever trains them, by their own lead, and by themselves.
fn office(visitor: &Visitor) -> Option<UnitId> {
    let own = visitor.session.officer.unit;
    (!visitor.is(Role::TrainingManager)).then_some(own)
}

/// How soon a certificate ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    Ended,
    Within30,
    Within90,
    Within180,
}

impl Alarm {
    const ALL: [Self; 4] = [Self::Ended, Self::Within30, Self::Within90, Self::Within180];

    /// Of an officer who has a certificate; none where it lasts longer or none is needed.
    fn of(officer: &Officer, today: Date) -> Option<Self> {
        let days = crate::officers::days_left(officer, today).filter(|_| !officer.auxiliary)?;
        match days {
            ..0 => Some(Self::Ended),
            0..=30 => Some(Self::Within30),
            31..=90 => Some(Self::Within90),
            91..=180 => Some(Self::Within180),
            _ => None,
        }
    }

    /// In addresses.
    const fn code(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Within30 => "30",
            Self::Within90 => "90",
            Self::Within180 => "180",
        }
    }

    fn words(self, lang: Lang) -> String {
        let key = match self {
            Self::Ended => "console.needs.alarm.ended",
            Self::Within30 => "console.needs.alarm.d30",
            Self::Within90 => "console.needs.alarm.d90",
            Self::Within180 => "console.needs.alarm.d180",
        };
        text(lang, key).to_owned()
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Ended => "state-late",
            _ => "state-todo",
        }
    }
}

/// What there is to say of an officer.
struct Person {
    officer: Officer,
    unit: String,
    standing: Standing,
    /// How many records were looked at.
    looked_at: usize,
    hours: HoursLine,
    alarm: Option<Alarm>,
}

/// What every page here reads.
struct Known {
    units: BTreeMap<UnitId, Unit>,
    people: Vec<(Officer, Vec<Record>)>,
    dismissed: BTreeSet<shared::training::needs::GapKey>,
    hours: BTreeMap<OfficerId, i64>,
    target_x10: i64,
}

impl Known {
    /// Of one officer, or of everybody in an office, or of every office. Records of another office than `scope` are not looked
    /// at: whoever asks could not open them.
    fn load(
        tx: &ReadTx<'_>,
        wanted: impl Fn(&Officer) -> bool,
        scope: Option<UnitId>,
        year: i16,
    ) -> Result<Self, store::Error> {
        let (mut read, mut people) = (needs::Read::default(), Vec::new());
        for officer in refs::officers(tx)?.into_values().filter(wanted) {
            let records = read.last(tx, officer.id, scope)?;
            people.push((officer, records));
        }
        let looked_at = people.iter().flat_map(|(_, records)| records);
        let looked_at: BTreeSet<RecordId> = looked_at.map(|record| record.id).collect();
        Ok(Self {
            units: refs::units(tx)?,
            people,
            dismissed: needs::dismissed(tx, &looked_at)?,
            hours: sessions::hours(tx, year)?,
            target_x10: sessions::target(tx)?,
        })
    }

    fn unit(&self, id: UnitId) -> String {
        let unit = self.units.get(&id);
        unit.map_or_else(String::new, |unit| unit.name.clone())
    }

    fn person(
        &self,
        catalogue: &Catalogue,
        officer: &Officer,
        records: &[Record],
        today: Date,
    ) -> Person {
        let done = self.hours.get(&officer.id).copied().unwrap_or_default();
        Person {
            unit: self.unit(officer.unit),
            standing: judge(catalogue, records, &self.dismissed),
            looked_at: records.len(),
            hours: hours_line(done, self.target_x10, today),
            alarm: Alarm::of(officer, today),
            officer: officer.clone(),
        }
    }

    /// Officers, by office and name: whoever holds a certificate and is no auxiliary, and whoever acted in a record.
    fn officers(&self, catalogue: &Catalogue, today: Date) -> Vec<Person> {
        let trained = |officer: &Officer| !officer.auxiliary && !officer.certificates.is_empty();
        let people = self.people.iter();
        let mut people: Vec<Person> = people
            .filter(|(officer, records)| trained(officer) || !records.is_empty())
            .map(|(officer, records)| self.person(catalogue, officer, records, today))
            .collect();
        people.sort_by_cached_key(|one| {
            let name = one.officer.name.clone();
            (one.unit.clone(), initials(&name), name, one.officer.id)
        });
        people
    }
}

/// A competency by name.
fn name(catalogue: &Catalogue, lang: Lang, id: &str) -> String {
    let one = catalogue.get(id);
    one.map_or_else(|| id.to_owned(), |one| lang.of(&one.name).to_owned())
}

/// Names in a row.
const fn comma(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    }
}

/// An officer's needs as words: their names, that there are none, or that there is too little to say.
fn needs_words(catalogue: &Catalogue, lang: Lang, standing: &Standing) -> String {
    let names: Vec<String> = standing
        .needs()
        .map(|line| name(catalogue, lang, line.id.as_str()))
        .collect();
    match (standing, names.is_empty()) {
        (Standing::TooFew(_), _) => text(lang, "console.needs.too-few").to_owned(),
        (Standing::Judged(_), true) => text(lang, "console.needs.none").to_owned(),
        (Standing::Judged(_), false) => names.join(comma(lang)),
    }
}
