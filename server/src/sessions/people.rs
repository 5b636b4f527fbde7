//! Who can be invited, by office, with the hours of the year so far.

use super::{Names, hours};
use crate::store::sessions;
use crate::store::{self, ReadTx};
use shared::domain::reference::Unit;
use shared::id::{OfficerId, UnitId};
use shared::instant::Instant;
use shared::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

/// Officers of a form that are known; auxiliary staff too.
pub(super) fn chosen<'a>(ids: impl Iterator<Item = &'a str>, names: &Names) -> BTreeSet<OfficerId> {
    ids.filter_map(|id| id.parse().ok())
        .filter(|id| names.officers.contains_key(id))
        .collect()
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
    pub(super) fn load(tx: &ReadTx<'_>, now: Instant) -> Result<Self, store::Error> {
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
    let group = |unit: &Unit| {
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
