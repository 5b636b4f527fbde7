//! What stands in a field that nobody has filled in yet: taken from the record, shown, and recorded only with the page.
//! Apart because a page that shows an answer must also ask what follows from it.

use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::{EventRef, Value};
use shared::fold::{Facts, Noted};
use shared::id::{FeedId, OfficerId};
use shared::instant::Instant;
use shared::rules::procedure::{Field, FieldKind, Prefill, Step};

/// The record as it would be if this step's page were saved as it is shown; none where nothing is filled in beforehand.
pub(crate) fn page(sheet: &Sheet, step: &Step, now: Instant) -> Option<Facts> {
    let filled = |field: &&Field| {
        let known = sheet.known(&step.id);
        known.is_some_and(|known| known.fields.contains_key(&field.id))
    };
    let empty = step.fields.iter().filter(|field| !filled(field));
    let values: Vec<_> = empty
        .filter_map(|field| Some((field.id.clone(), value(sheet, field, now)?)))
        .collect();
    if values.is_empty() {
        return None;
    }
    let mut facts = sheet.facts.clone();
    let known = facts.steps.entry(step.id.clone()).or_default();
    for (id, value) in values {
        // Nobody recorded it: the place is none of the log's.
        let noted = Noted {
            place: EventRef {
                feed: FeedId::from_bytes([0; 16]),
                seq: 0,
                index: 0,
            },
            officer: OfficerId::from_bytes([0; 16]),
            recorded_at: now,
            at: now,
            value,
        };
        known.fields.insert(id, noted);
    }
    Some(facts)
}

fn value(sheet: &Sheet, field: &Field, now: Instant) -> Option<Value> {
    let opened = sheet.facts.opened.as_ref();
    match field.prefill.as_ref()? {
        Prefill::Field { step, field: other } => {
            let noted = sheet.known(step)?.fields.get(other)?;
            Some(noted.value.clone())
        }
        Prefill::Today => Some(Value::At(say::day_start(now.date()))),
        Prefill::Opened if field.kind == FieldKind::Day => {
            Some(Value::At(say::day_start(opened?.at.date())))
        }
        Prefill::Opened => Some(Value::At(opened?.at)),
        Prefill::Place => Some(Value::Text(sheet.place().to_owned())),
    }
    .filter(|value| *value != Value::Text(String::new()))
}
