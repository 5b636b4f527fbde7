//! A record's visit from outside: when, where and by whom.
//! Apart because an office keeps these beside its records to find those that touch each other; the rules look closer.

use crate::domain::event::Value;
use crate::fold::Facts;
use crate::id::OfficerId;
use crate::instant::Instant;
use crate::rules::gap::Now;
use crate::rules::procedure::Procedure;
use crate::rules::visit::Visit;

/// The field of the step that ends a visit which says where it was.
const PLACE: &str = "place";

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first thing that happened on site.
    pub start: Instant,
    /// The end, once the visit is over.
    pub end: Option<Instant>,
    /// Who acted, ascending.
    pub officers: Vec<OfficerId>,
    /// Where, as the record says, else where it was opened for.
    pub place: String,
}

/// The visit of a record; none before anything happened on site, nor of a record that counts for nothing.
#[must_use]
pub fn span(procedure: &Procedure, facts: &Facts, now: Now) -> Option<Span> {
    if facts.voided.is_some() {
        return None;
    }
    let visit = Visit::of(procedure, facts, now);
    let start = visit.start?.at;
    let mut officers: Vec<OfficerId> = visit.acts.iter().map(|act| act.officer).collect();
    officers.sort_unstable();
    officers.dedup();
    let written = procedure
        .visit
        .as_ref()
        .and_then(|frame| facts.steps.get(&frame.record)?.fields.get(PLACE))
        .and_then(|noted| match &noted.value {
            Value::Text(place) if !place.trim().is_empty() => Some(place),
            _ => None,
        });
    let opened = facts.opened.as_ref().map(|opened| &opened.value.place);
    Some(Span {
        start,
        end: visit.end.map(|seen| seen.at.max(start)),
        officers,
        place: written.or(opened).cloned().unwrap_or_default(),
    })
}
