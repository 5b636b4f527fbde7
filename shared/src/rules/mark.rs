//! Remarks on how a record was made, against ticking: many steps at once, and entries long after the fact.
//! Apart because these are no gaps: nothing in law is missing, but whoever reads the record should know.

use crate::domain::event::{EventRef, Fact, Value};
use crate::fold::{Entry, Facts};
use crate::gather;
use crate::id::{OfficerId, StepId};
use crate::instant::{Instant, MINUTE_MS};
use crate::rules::gap::{Because, Filler, Mark, MarkKind};
use crate::rules::procedure::{Actor, LATE_REASON, LATE_REASONS, Procedure};
use crate::text::{Bilingual, Lang, find};
use std::collections::{BTreeMap, BTreeSet};

/// So many steps ended together are a burst.
const BURST_STEPS: usize = 4;
/// Ended within so many milliseconds of each other counts as together.
const BURST_MS: i64 = 10_000;
/// Entered more than so many milliseconds after it happened is a late entry (补录).
const LATE_MS: i64 = 30 * MINUTE_MS;

/// The end of a step.
#[derive(Clone, Copy)]
struct End<'a> {
    at: Instant,
    step: &'a StepId,
    place: EventRef,
}

/// Every remark, by step, then kind.
#[must_use]
pub(super) fn marks(procedure: &Procedure, facts: &Facts) -> Vec<Mark> {
    let mut marks = bursts(procedure, facts);
    marks.extend(late_entries(facts));
    marks.sort_by_cached_key(|mark| (mark.step.clone(), mark.kind));
    marks
}

fn counted(facts: &Facts) -> impl Iterator<Item = &Entry> {
    let timeline = facts.timeline.iter();
    timeline.filter(|entry| !facts.withdrawn.contains(&entry.place))
}

/// Steps of the officers that one of them ended within seconds. The office fills in its forms at a desk and is not meant.
fn bursts(procedure: &Procedure, facts: &Facts) -> Vec<Mark> {
    let office = |step: &StepId| {
        let known = procedure.step(step.as_str());
        known.is_some_and(|step| step.actor == Actor::Office)
    };
    let mut by_officer: BTreeMap<OfficerId, Vec<End<'_>>> = BTreeMap::new();
    for entry in counted(facts) {
        if let Fact::StepRecorded(f) = &entry.event.fact
            && !office(&f.step)
        {
            by_officer.entry(entry.officer).or_default().push(End {
                at: entry.event.recorded_at,
                step: &f.step,
                place: entry.place,
            });
        }
    }
    let mut marked: BTreeMap<&StepId, Mark> = BTreeMap::new();
    for ends in by_officer.values_mut() {
        ends.sort_unstable_by_key(|end| (end.at, end.place));
        for (i, first) in ends.iter().enumerate() {
            let together = ends.iter().skip(i);
            let together: Vec<&End<'_>> = together
                .take_while(|end| end.at.millis_since(first.at) <= BURST_MS)
                .collect();
            for (end, mark) in burst(&together) {
                marked.entry(end.step).or_insert(mark);
            }
        }
    }
    marked.into_values().collect()
}

fn burst<'a>(together: &[&'a End<'a>]) -> Vec<(&'a End<'a>, Mark)> {
    let steps: BTreeSet<&StepId> = gather::set(together.iter().map(|end| end.step));
    if steps.len() < BURST_STEPS {
        return Vec::new();
    }
    let count = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let marked = together.iter().map(|end| {
        let because = Because {
            code: "ended_together",
            with: vec![
                ("n", Filler::Number(count)),
                ("seconds", Filler::Number(BURST_MS / 1_000)),
            ],
            event: Some(end.place),
        };
        let mark = Mark {
            step: end.step.clone(),
            kind: MarkKind::Burst,
            because: vec![because],
        };
        (*end, mark)
    });
    marked.collect()
}

/// One remark per step, on the entry that came latest.
fn late_entries(facts: &Facts) -> Vec<Mark> {
    let mut latest: BTreeMap<&StepId, &Entry> = BTreeMap::new();
    for entry in counted(facts) {
        if let Some(step) = entry.event.fact.step()
            && delay(entry) > LATE_MS
        {
            let known = latest.entry(step).or_insert(entry);
            if delay(entry) > delay(known) {
                *known = entry;
            }
        }
    }
    let marks = latest.into_iter().map(|(step, entry)| {
        let mut because = vec![Because {
            code: "entered_late",
            with: vec![
                ("at", Filler::At(entry.event.at())),
                ("entered", Filler::At(entry.event.recorded_at)),
            ],
            event: Some(entry.place),
        }];
        let reason = reason(facts, step);
        let kind = match reason {
            Some(_) => MarkKind::LateEntry,
            None => MarkKind::LateEntryUnexplained,
        };
        because.extend(reason);
        Mark {
            step: step.clone(),
            kind,
            because,
        }
    });
    marks.collect()
}

fn delay(entry: &Entry) -> i64 {
    entry.event.recorded_at.millis_since(entry.event.at())
}

/// Why the step was entered late, if it says so.
fn reason(facts: &Facts, step: &StepId) -> Option<Because> {
    let noted = facts.steps.get(step)?.fields.get(LATE_REASON)?;
    let (Value::Text(words) | Value::Choice(words)) = &noted.value else {
        return None;
    };
    if words.trim().is_empty() {
        return None;
    }
    let why = if LATE_REASONS.contains(&words.as_str()) {
        let key = format!("late_reason.{words}");
        let said = |lang| find(lang, &key).unwrap_or(words.as_str()).to_owned();
        Filler::Words(Bilingual {
            zh: said(Lang::Zh),
            en: said(Lang::En),
        })
    } else {
        Filler::Text(words.clone())
    };
    Some(Because {
        code: "late_because",
        with: vec![("why", why)],
        event: Some(noted.place),
    })
}

#[cfg(test)]
mod tests;
