//! Tasks in words.

use crate::explain;
use crate::html;
use crate::store::tasks::TaskRow;
use crate::store::{self, ReadTx, refs};
use shared::domain::reference::{Officer, PowerItem, RefSet, Subject, Unit};
use shared::id::{OfficerId, SubjectId, UnitId};
use shared::text::{Lang, find, text};
use std::collections::BTreeMap;

/// What pages need to write names.
pub(super) struct Names {
    pub(super) officers: BTreeMap<OfficerId, Officer>,
    pub(super) units: BTreeMap<UnitId, Unit>,
    pub(super) subjects: BTreeMap<SubjectId, Subject>,
    pub(super) matters: Vec<PowerItem>,
}

impl Names {
    pub(super) fn load(tx: &ReadTx<'_>) -> Result<Self, store::Error> {
        Ok(Self {
            officers: refs::officers(tx)?,
            units: refs::units(tx)?,
            subjects: refs::subjects(tx)?,
            matters: refs::all(tx, RefSet::Power)?,
        })
    }

    fn officer(&self, id: OfficerId) -> String {
        self.officers
            .get(&id)
            .map_or_else(|| id.to_string(), |o| o.name.clone())
    }

    pub(super) fn view(&self, lang: Lang, row: &TaskRow) -> View {
        let task = &row.task;
        let names: Vec<String> = task.officers.iter().map(|id| self.officer(*id)).collect();
        let subject = self.subjects.get(&task.subject);
        let matter = self.matters.iter().find(|m| m.code == task.matter);
        let decided = task.approval.as_ref().map(|approval| {
            format!(
                "{} · {}",
                self.officer(approval.by),
                html::moment(lang, approval.at)
            )
        });
        View {
            id: task.id.to_string(),
            record: task.record.to_string(),
            subject: subject.map_or_else(String::new, |s| s.name.clone()),
            place: subject.map_or_else(String::new, |s| s.address.clone()),
            matter: explain::matter(lang, &task.matter, matter),
            basis: matter.map_or_else(String::new, |m| laws(lang, m).join(html::comma(lang))),
            unit: self
                .units
                .get(&task.unit)
                .map_or_else(String::new, |u| u.name.clone()),
            officers: names.join(html::comma(lang)),
            planned: html::day(lang, task.planned),
            note: task.note.clone(),
            state: row.state.code(),
            state_words: text(lang, &format!("console.task.state.{}", row.state.code())).to_owned(),
            decided,
            assigned: format!(
                "{} · {}",
                self.officer(row.created_by),
                html::moment(lang, row.created_at)
            ),
        }
    }
}

/// The laws of a matter by their names in a language, each once however many of its articles are cited.
fn laws(lang: Lang, matter: &PowerItem) -> Vec<&str> {
    let mut named: Vec<&str> = Vec::new();
    for basis in &matter.bases {
        let name = find(lang, &format!("law.{}", basis.law)).unwrap_or(&basis.law);
        if !named.contains(&name) {
            named.push(name);
        }
    }
    named
}

/// A task, ready to print.
pub(super) struct View {
    pub(super) id: String,
    pub(super) record: String,
    pub(super) subject: String,
    pub(super) place: String,
    pub(super) matter: String,
    pub(super) basis: String,
    pub(super) unit: String,
    pub(super) officers: String,
    pub(super) planned: String,
    pub(super) note: String,
    pub(super) state: &'static str,
    pub(super) state_words: String,
    pub(super) decided: Option<String>,
    pub(super) assigned: String,
}

impl View {
    pub(super) fn class(&self) -> &'static str {
        match self.state {
            "approved" => "state-done",
            "denied" => "state-blocked",
            _ => "state-todo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_law_of_a_matter_is_named_once_in_either_language() {
        for matter in shared::data::power().unwrap() {
            let cited: BTreeSet<&str> = matter.bases.iter().map(|basis| &*basis.law).collect();
            for lang in [Lang::Zh, Lang::En] {
                let named = laws(lang, &matter);
                assert_eq!(named.len(), cited.len(), "{}: {named:?}", matter.code);
            }
        }
    }
}
