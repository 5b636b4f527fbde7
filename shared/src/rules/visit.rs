//! What the rules need to know of a visit: when it began and ended, and who acted.
//! Apart because every rule must read these the same way, and they are worked out once per assessment.

use crate::domain::event::{EventRef, Outcome, SignerRole, Value};
use crate::fold::{Facts, Noted, StepFacts};
use crate::id::{FieldId, OfficerId, StepId};
use crate::instant::Instant;
use crate::rules::gap::Now;
use crate::rules::procedure::{Actor, Procedure};
use jiff::civil::Date;

/// A moment, and the event that tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) at: Instant,
    pub(super) event: EventRef,
}

impl Seen {
    fn of<T>(noted: &Noted<T>) -> Self {
        Self {
            at: noted.at,
            event: noted.place,
        }
    }
}

/// One officer acting on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) officer: OfficerId,
    pub(super) day: Date,
    pub(super) event: EventRef,
    /// On site, or only in the office.
    pub(super) on_site: bool,
}

/// The visit of a record.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    /// The first thing that happened on site.
    pub(super) start: Option<Seen>,
    /// The end, once the visit is over.
    pub(super) end: Option<Seen>,
    /// When the record was handed in.
    pub(super) submitted: Option<Seen>,
    /// The day on which certificates are looked at: the visit's, or today while it has not begun.
    pub(super) day: Date,
    /// Who is to act: those named on the record, else those assigned.
    pub(super) named: &'a [OfficerId],
    /// Where they are named.
    pub(super) named_in: Option<EventRef>,
    /// Who acted when, signatures of others included.
    pub(super) acts: Vec<Act>,
}

impl<'a> Visit<'a> {
    pub(super) fn of(procedure: &Procedure, facts: &'a Facts, now: Now) -> Self {
        let submitted = facts.submitted.as_ref().map(Seen::of);
        let start = start(procedure, facts);
        let day = start
            .or(submitted)
            .map_or(now.earliest, |seen| seen.at)
            .date();
        let (named, named_in) = named(procedure, facts);
        let mut visit = Self {
            start,
            end: end(procedure, facts, submitted),
            submitted,
            day,
            named,
            named_in,
            acts: Vec::new(),
        };
        visit.acts = visit.acts(procedure, facts);
        visit
    }

    /// Whether the on-site part is over: the record ended, or was handed in.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Who is named, and who signed a step of the officers: an approver's signature in the office is no act on site.
    fn acts(&self, procedure: &Procedure, facts: &Facts) -> Vec<Act> {
        let mut acts = Vec::with_capacity(4);
        if let Some(event) = self.named_in {
            for officer in self.named {
                let (officer, day) = (*officer, self.day);
                add(
                    &mut acts,
                    Act {
                        officer,
                        day,
                        event,
                        on_site: true,
                    },
                );
            }
        }
        let frame = procedure.visit.as_ref();
        let own = procedure
            .steps
            .iter()
            .filter(|step| step.actor == Actor::Officers);
        for step in own {
            let on_site = step.on_site || frame.is_some_and(|frame| frame.assigned == step.id);
            let facts = facts.steps.get(&step.id);
            for signed in facts.iter().flat_map(|step| &step.signatures) {
                if let (SignerRole::Officer, Some(officer)) =
                    (signed.value.role, signed.value.officer)
                {
                    let (day, event) = (signed.at.date(), signed.place);
                    add(
                        &mut acts,
                        Act {
                            officer,
                            day,
                            event,
                            on_site,
                        },
                    );
                }
            }
        }
        acts
    }
}

fn add(acts: &mut Vec<Act>, new: Act) {
    let same = |a: &&mut Act| a.officer == new.officer && a.day == new.day;
    match acts.iter_mut().find(same) {
        Some(known) => known.on_site |= new.on_site,
        None => acts.push(new),
    }
}

/// The moment in a field of a step.
fn moment(facts: &Facts, step: &StepId, field: &FieldId) -> Option<Seen> {
    let noted = facts.steps.get(step)?.fields.get(field)?;
    match noted.value {
        Value::At(at) => Some(Seen {
            at,
            event: noted.place,
        }),
        Value::Text(_) | Value::Int(_) | Value::Bool(_) | Value::Choice(_) | Value::Officers(_) => {
            None
        }
    }
}

/// The first on-site happening. Answering fields is none, because a form may be filled in ahead of the visit, and neither
/// is saying that a step was left out.
fn start(procedure: &Procedure, facts: &Facts) -> Option<Seen> {
    let on_site = procedure.steps.iter().filter(|step| step.on_site);
    let happened = on_site.filter_map(|step| facts.steps.get(&step.id));
    let written = procedure
        .visit
        .as_ref()
        .and_then(|v| moment(facts, &v.record, &v.start));
    happened
        .filter_map(first_happening)
        .chain(written)
        .min_by_key(|seen| (seen.at, seen.event))
}

fn first_happening(step: &StepFacts) -> Option<Seen> {
    let done = step
        .outcome
        .iter()
        .filter(|o| o.value.outcome == Outcome::Done);
    done.map(Seen::of)
        .chain(step.evidence.iter().map(Seen::of))
        .chain(step.signatures.iter().map(Seen::of))
        .chain(step.refusals.iter().map(Seen::of))
        .chain(step.statements.iter().map(Seen::of))
        .chain(step.served.iter().map(Seen::of))
        .min_by_key(|seen| (seen.at, seen.event))
}

/// The end as written on the record; else when the record ended or was handed in.
fn end(procedure: &Procedure, facts: &Facts, submitted: Option<Seen>) -> Option<Seen> {
    let frame = procedure.visit.as_ref()?;
    let record = facts.steps.get(&frame.record);
    let outcome = record.and_then(|step| step.outcome.as_ref());
    let over = outcome.map(Seen::of).or(submitted)?;
    Some(moment(facts, &frame.record, &frame.end).unwrap_or(over))
}

fn named<'a>(procedure: &Procedure, facts: &'a Facts) -> (&'a [OfficerId], Option<EventRef>) {
    let answered = procedure.visit.as_ref().and_then(|frame| {
        let step = facts.steps.get(&frame.assigned)?;
        step.fields.get(&frame.officers)
    });
    if let Some(noted) = answered
        && let Value::Officers(officers) = &noted.value
        && !officers.is_empty()
    {
        return (officers, Some(noted.place));
    }
    match &facts.opened {
        Some(opened) => (&opened.value.officers, Some(opened.place)),
        None => (&[], None),
    }
}
