//! A record's state: a pure, total fold of its events.
//! Apart because phone and server must read the same facts out of the same log.

use crate::domain::event::{
    Approved, Decided, Event, EventRef, EvidenceAdded, Fact, Linked, Opened, Refused, Returned,
    Served, Signed, StatementHeard, StepRecorded, Submitted, Value, Voided,
};
use crate::id::{FieldId, OfficerId, RuleId, StepId};
use crate::instant::Instant;
use crate::log::commit::Commit;
use crate::log::order;
use std::collections::{BTreeMap, BTreeSet};

mod review;

pub use review::{Review, Stage};

/// One event in reading order: sealed, or still in the journal under the place it will get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub place: EventRef,
    /// Who acted.
    pub officer: OfficerId,
    /// By how much the device's clock was at least behind when sealing, in milliseconds: it told a time before the last
    /// server beacon that it had seen. 0 where nothing is known against it.
    pub behind_ms: i64,
    /// What.
    pub event: Event,
}

/// A fact with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted<T> {
    /// Where it stands in the log.
    pub place: EventRef,
    /// Who recorded it.
    pub officer: OfficerId,
    /// When it was entered.
    pub recorded_at: Instant,
    /// When it happened: as claimed, else when it was entered.
    pub at: Instant,
    /// The fact.
    pub value: T,
}

/// What is known of one step. Lists are in causal order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepFacts {
    /// The latest way in which it ended.
    pub outcome: Option<Noted<StepRecorded>>,
    /// The latest value of each field.
    pub fields: BTreeMap<FieldId, Noted<Value>>,
    /// Evidence.
    pub evidence: Vec<Noted<EvidenceAdded>>,
    /// Signatures.
    pub signatures: Vec<Noted<Signed>>,
    /// Refusals.
    pub refusals: Vec<Noted<Refused>>,
    /// Statements heard.
    pub statements: Vec<Noted<StatementHeard>>,
    /// Approvals given or denied.
    pub approvals: Vec<Noted<Approved>>,
    /// Documents served.
    pub served: Vec<Noted<Served>>,
    /// Decisions.
    pub decided: Vec<Noted<Decided>>,
}

/// A record's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// How it was opened; the first opening counts.
    pub opened: Option<Noted<Opened>>,
    /// Steps that anything is known of.
    pub steps: BTreeMap<StepId, StepFacts>,
    /// The latest hand-in.
    pub submitted: Option<Noted<Submitted>>,
    /// The latest return for correction.
    pub returned: Option<Noted<Returned>>,
    /// Voided, and why.
    pub voided: Option<Noted<Voided>>,
    /// What was said of suspected gaps, by step and rule.
    pub reviews: BTreeMap<(StepId, RuleId), Review>,
    /// Other records.
    pub links: Vec<Noted<Linked>>,
    /// Everything that counts, in order.
    pub timeline: Vec<Entry>,
    /// Events withdrawn by an amendment; they stay in the timeline.
    pub withdrawn: BTreeSet<EventRef>,
    /// Events of kinds that this build does not know: an update is needed to see all.
    pub unknown: usize,
    /// Bodies that do not decode: shown as damaged, judged as absent.
    pub damaged: Vec<EventRef>,
}

impl Facts {
    /// The state of a record from its commits, in whatever order they are given, and the journal's entries after them.
    #[must_use]
    pub fn of<'a>(
        commits: impl IntoIterator<Item = &'a Commit>,
        journal: impl IntoIterator<Item = Entry>,
    ) -> Self {
        let mut entries = Vec::new();
        let mut damaged = Vec::new();
        for commit in order::causal(commits) {
            let behind_ms = commit.header().time.behind_ms();
            for (place, event) in commit.events() {
                match event {
                    Ok(event) => entries.push(Entry {
                        place,
                        officer: commit.header().officer,
                        behind_ms,
                        event,
                    }),
                    Err(_) => damaged.push(place),
                }
            }
        }
        entries.extend(journal);
        let mut facts = Self {
            damaged,
            ..Self::default()
        };
        facts.withdrawn = withdrawn(&entries);
        for entry in &entries {
            if !facts.withdrawn.contains(&entry.place) {
                facts.apply(entry);
            }
        }
        facts.timeline = entries;
        facts
    }

    /// What is known of this step.
    #[must_use]
    pub fn step(&self, step: &str) -> Option<&StepFacts> {
        self.steps.get(step)
    }

    fn step_mut(&mut self, step: &StepId) -> &mut StepFacts {
        self.steps.entry(step.clone()).or_default()
    }

    fn apply(&mut self, entry: &Entry) {
        match &entry.event.fact {
            Fact::Opened(f) => {
                self.opened.get_or_insert_with(|| note(entry, f));
            }
            Fact::StepRecorded(f) => self.step_mut(&f.step).outcome = Some(note(entry, f)),
            Fact::FieldAnswered(f) => {
                self.step_mut(&f.step)
                    .fields
                    .insert(f.field.clone(), note(entry, &f.value));
            }
            Fact::EvidenceAdded(f) => self.step_mut(&f.step).evidence.push(note(entry, f)),
            Fact::Signed(f) => self.step_mut(&f.step).signatures.push(note(entry, f)),
            Fact::Refused(f) => self.step_mut(&f.step).refusals.push(note(entry, f)),
            Fact::StatementHeard(f) => self.step_mut(&f.step).statements.push(note(entry, f)),
            Fact::Approved(f) => self.step_mut(&f.step).approvals.push(note(entry, f)),
            Fact::Served(f) => self.step_mut(&f.step).served.push(note(entry, f)),
            Fact::Decided(f) => self.step_mut(&f.step).decided.push(note(entry, f)),
            Fact::Linked(f) => self.links.push(note(entry, f)),
            Fact::Submitted(f) => self.submitted = Some(note(entry, f)),
            Fact::Returned(f) => self.returned = Some(note(entry, f)),
            Fact::Voided(f) => self.voided = Some(note(entry, f)),
            Fact::Reviewed(f) => self.review_mut(&f.step, &f.rule).said(note(entry, f)),
            Fact::Explained(f) => {
                self.review_mut(&f.step, &f.rule).explained = Some(note(entry, f));
            }
            Fact::Amended(_) => {}
            Fact::Unknown { .. } => self.unknown += 1,
        }
    }
}

fn note<T: Clone>(entry: &Entry, value: &T) -> Noted<T> {
    Noted {
        place: entry.place,
        officer: entry.officer,
        recorded_at: entry.event.recorded_at,
        at: entry.event.at(),
        value: value.clone(),
    }
}

/// What amendments withdraw. Only what the same person recorded before can be withdrawn: nobody takes back an approval or a
/// return that another gave. An amendment cannot be withdrawn, nor an opening: a record opened by mistake is voided, which
/// leaves it readable.
fn withdrawn(entries: &[Entry]) -> BTreeSet<EventRef> {
    let mut before = BTreeMap::new();
    let mut out = BTreeSet::new();
    for entry in entries {
        match &entry.event.fact {
            Fact::Amended(amended) => {
                if before.get(&amended.target) == Some(&entry.officer) {
                    out.insert(amended.target);
                }
            }
            Fact::Opened(_) => {}
            _ => {
                before.insert(entry.place, entry.officer);
            }
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests;
