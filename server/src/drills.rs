//! Drills that were played: the list, and what is looked at together afterwards (复盘).
//! A trainer sees every drill, an officer the own ones; nobody else sees any. No drill stands in a list of enforcement.

mod list;
mod score;
mod show;

pub(crate) use list::list;
pub(crate) use score::save as score;
pub(crate) use show::show;

use crate::access::Role;
use crate::session::Visitor;
use crate::store::drills::Drill;
use crate::store::{self, ReadTx, refs};
use shared::domain::reference::RefSet;
use shared::domain::scenario::Scenario;
use shared::text::{Lang, text};
use std::collections::BTreeMap;

/// Where the list is.
const LIST: &str = "/training/drills";

/// Whether the visitor may see this drill.
fn sees(visitor: &Visitor, drill: &Drill) -> bool {
    let own = drill.officer == visitor.session.officer.id;
    own || (visitor.is(Role::TrainingManager) && visitor.sees(drill.unit))
}

/// The newest version of every scenario, by id.
fn newest(tx: &ReadTx<'_>) -> Result<BTreeMap<String, Scenario>, store::Error> {
    let mut newest: BTreeMap<String, Scenario> = BTreeMap::new();
    for scenario in refs::all::<Scenario>(tx, RefSet::Scenarios)? {
        let known = newest.get(&scenario.id).map_or(0, |known| known.version);
        if scenario.version > known {
            newest.insert(scenario.id.clone(), scenario);
        }
    }
    Ok(newest)
}

/// A scenario's title; its id where it is not there any more, words of its own where there is none.
fn title(lang: Lang, scenarios: &BTreeMap<String, Scenario>, id: Option<&str>) -> String {
    let Some(id) = id else {
        return text(lang, "console.drill.no-scenario").to_owned();
    };
    scenarios
        .get(id)
        .map_or_else(|| id.to_owned(), |known| lang.of(&known.title).to_owned())
}

/// How far a drill is: a class and words.
fn state(lang: Lang, drill: &Drill) -> (&'static str, String) {
    let (class, key) = match (drill.voided, drill.ended) {
        (true, _) => ("state-na", "console.drill.voided"),
        (false, None) => ("state-doing", "console.drill.playing"),
        (false, Some(_)) => ("state-done", "console.drill.ended"),
    };
    (class, text(lang, key).to_owned())
}
