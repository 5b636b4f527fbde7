//! Lines that are already recorded elsewhere and are taken over by one tap instead of being typed again:
//! what failed on the checklist into the record, what to demand and the article in force into the order to correct.
//! Apart because the sources stand in other steps and in the linked inspection.

use crate::checklist;
use crate::follow;
use crate::html::Ui;
use crate::sheet::Sheet;
use crate::store;
use rusqlite::Connection;
use shared::documents;
use shared::domain::event::Value;
use shared::domain::reference::CheckItem;
use shared::fold::StepFacts;
use shared::instant::Instant;
use shared::rules::procedure::{Field, FieldKind, Step};

/// The field for what was found.
const FACTS: &str = "facts";
/// The field for what is to be corrected.
const ITEMS: &str = "items";
/// The field for the articles.
const BASIS: &str = "basis";

/// What the button says that takes lines over into this field; none where there are none.
pub(crate) fn offer(
    c: &Connection,
    ui: Ui,
    sheet: &Sheet,
    step: &Step,
    field: &Field,
) -> store::Result<Option<String>> {
    let text = matches!(field.kind, FieldKind::Text | FieldKind::Long);
    if !text || lines(c, sheet, step, field.id.as_str())?.is_empty() {
        return Ok(None);
    }
    let key = format!("field.check.pull.{}", field.id);
    Ok(Some(ui.t(&key).to_owned()))
}

/// The lines for this field, in Chinese: they go into documents.
pub(crate) fn lines(
    c: &Connection,
    sheet: &Sheet,
    step: &Step,
    field: &str,
) -> store::Result<Vec<String>> {
    if step.checklist {
        return Ok(Vec::new());
    }
    Ok(match field {
        FACTS => match failed(sheet, fault) {
            own if own.is_empty() => {
                from(c, sheet)?.map_or_else(Vec::new, |source| failed(&source, fault))
            }
            own => own,
        },
        ITEMS => from(c, sheet)?.map_or_else(Vec::new, |source| failed(&source, remedy)),
        BASIS => from(c, sheet)?.map_or_else(Vec::new, |source| basis(&source)),
        _ => Vec::new(),
    })
}

/// The record that this one was opened from.
fn from(c: &Connection, sheet: &Sheet) -> store::Result<Option<Sheet>> {
    let mut links = sheet.facts.links.iter().map(|noted| &noted.value);
    let Some(link) = links.find(|link| link.relation == follow::FROM) else {
        return Ok(None);
    };
    match Sheet::read(c, link.other) {
        Ok(source) => Ok(Some(source)),
        // It has not arrived on this phone, or not completely.
        Err(store::Error::NotFound | store::Error::Corrupt(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A line for each item that failed.
fn failed(sheet: &Sheet, line: fn(&CheckItem, &StepFacts) -> String) -> Vec<String> {
    let Some(list) = &sheet.checklist else {
        return Vec::new();
    };
    let steps = sheet.procedure.steps.iter().filter(|step| step.checklist);
    steps
        .filter_map(|step| sheet.known(&step.id))
        .flat_map(|known| {
            let items = list.items.iter();
            items
                .filter(|item| checklist::answer(known, &item.id) == "fail")
                .map(|item| line(item, known))
        })
        .collect()
}

/// What the officer wrote; the checklist's own sentence where nothing is written.
fn fault(item: &CheckItem, known: &StepFacts) -> String {
    let note = checklist::note(known, &item.id);
    let fault = item.fault.zh.as_str();
    match note {
        "" => sentence(fault),
        note if note.contains(fault) => sentence(note),
        // A sentence with blanks was filled in by the note.
        note if fault.contains('×') => sentence(note),
        note => format!(
            "{}（{}）。",
            fault.trim_end_matches('。'),
            note.trim_end_matches('。')
        ),
    }
}

fn remedy(item: &CheckItem, _known: &StepFacts) -> String {
    sentence(&item.remedy.zh)
}

fn sentence(text: &str) -> String {
    let end = text.ends_with(['。', '；', '！', '？']);
    format!("{text}{}", if end { "" } else { "。" })
}

/// The articles that allow to order what the matter asks for, in force on the day of the visit; written as in documents.
fn basis(source: &Sheet) -> Vec<String> {
    let Some(day) = visited(source).map(Instant::date) else {
        return Vec::new();
    };
    let rows = source.power().iter().filter(|item| item.is_in_force(day));
    let bases = rows.flat_map(|item| item.bases_on(day));
    documents::cited(bases, |basis| match basis.penalises.as_str() {
        "" => &basis.prohibits,
        penalises => penalises,
    })
}

/// When the visit began, as the record says; else when it was opened.
fn visited(sheet: &Sheet) -> Option<Instant> {
    let frame = sheet.procedure.visit.as_ref();
    let start = frame.and_then(|visit| {
        let known = sheet.facts.step(visit.record.as_str())?;
        match known.fields.get(&visit.start)?.value {
            Value::At(at) => Some(at),
            _ => None,
        }
    });
    start.or_else(|| sheet.facts.opened.as_ref().map(|noted| noted.at))
}
