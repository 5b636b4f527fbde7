//! The number of a document (编有号码的决定书): taken from this device's block with one tap, typed from a paper form, or voided.
//! Apart because it is written in the transaction that finds it free.

use crate::answers::{Act, Change};
use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::Ui;
use crate::sheet::Sheet;
use crate::store::numbers::{self, Typed};
use crate::store::{self, WriteTx, journal};
use rusqlite::Connection;
use shared::domain::event::{Event, Fact, Value};
use shared::fold::StepFacts;
use shared::id::{FeedId, RecordId};
use shared::numbers::{Number, typed_id, void, voided_id};
use shared::rules::procedure::{Field, Step};
use shared::text;

/// A number or a reason at most. Characters.
const MAX_CHARS: usize = 100;
/// From so few numbers on the officer is told.
const LOW: u64 = 5;

/// What the page offers beside a number.
pub(crate) struct Panel {
    /// It was taken from a block: it can only be voided.
    pub(crate) taken: bool,
    /// What the button says that takes the next one; empty where there is none.
    pub(crate) take: String,
    /// How many are left, or what to do.
    pub(crate) stock: String,
    /// Another record has the same.
    pub(crate) elsewhere: bool,
}

/// The number in a field, and whether it was taken from a block.
fn held<'a>(known: Option<&'a StepFacts>, field: &Field) -> (&'a str, bool) {
    let fields = known.map(|known| &known.fields);
    let number = match fields.and_then(|f| f.get(&field.id)).map(|n| &n.value) {
        Some(Value::Text(number)) => number.as_str(),
        _ => "",
    };
    let typed = typed_id(&field.id).and_then(|id| fields?.get(&id));
    let typed = typed.is_some_and(|noted| noted.value == Value::Bool(true));
    (number, !number.is_empty() && !typed)
}

/// What the page offers for this field, if it is a document's number. In a drill it is typed: practice uses none up.
pub(crate) fn panel(
    c: &Connection,
    desk: &Desk,
    (sheet, step): (&Sheet, &Step),
    field: &Field,
) -> store::Result<Option<Panel>> {
    let Some(document) = field.numbered.filter(|_| !desk.plays) else {
        return Ok(None);
    };
    let ui = desk.ui;
    let (number, taken) = held(sheet.known(&step.id), field);
    let stock = numbers::stock(c, desk.me.feed, document)?;
    let next = stock.next.filter(|_| number.is_empty());
    Ok(Some(Panel {
        taken,
        take: next.map_or_else(String::new, |n| ui.f("field.number.take", "number", n)),
        stock: match stock.left {
            0 => ui.t("field.number.none").to_owned(),
            left => ui.f("field.number.left", "n", left),
        },
        elsewhere: !number.is_empty() && numbers::elsewhere(c, sheet.record, number)?,
    }))
}

/// Where numbers run low, a sentence for each document.
pub(crate) fn low(c: &Connection, ui: Ui, feed: FeedId) -> store::Result<Vec<String>> {
    let stocks = numbers::stocks(c, feed)?.into_iter();
    let few = stocks.filter(|stock| stock.left < LOW);
    Ok(few
        .map(|stock| {
            let key = format!("document.kind.{}", stock.document.code());
            let left = stock.left.to_string();
            let with = [("document", ui.t(&key)), ("n", left.as_str())];
            text::fill(ui.lang, "field.number.low", &with)
        })
        .collect())
}

/// Writes what the form says of the step's numbers, as they stand now: another tab may have been quicker.
pub(crate) fn put(
    tx: &WriteTx<'_>,
    (record, step): (RecordId, &Step),
    feed: FeedId,
    (act, form): (&Act, &Posted),
    event: &impl Fn(Fact) -> Event,
    errors: &mut FormErrors,
) -> store::Result<()> {
    let mut numbered = step.fields.iter().filter(|field| field.numbered.is_some());
    let Some(field) = numbered.next() else {
        return Ok(());
    };
    let sheet = Sheet::read(tx, record)?;
    for field in std::iter::once(field).chain(numbered) {
        let (number, taken) = held(sheet.known(&step.id), field);
        let changes = match act {
            Act::Void(id) if taken && field.id.as_str() == id => {
                voided(step, field, number, form, errors)
            }
            _ if taken => Vec::new(),
            Act::Take(id) if number.is_empty() && field.id.as_str() == id => {
                next(tx, step, field, feed, errors)?
            }
            _ => typed(tx, step, field, (feed, number), form, errors)?,
        };
        for change in changes {
            journal::put(tx, record, &change.slot, &event(change.fact))?;
        }
    }
    Ok(())
}

/// The spoiled number with its reason in a slot of its own, so that the next one does not write over it.
fn voided(
    step: &Step,
    field: &Field,
    number: &str,
    form: &Posted,
    errors: &mut FormErrors,
) -> Vec<Change> {
    let name = format!("void.{}", field.id);
    let reason = form.get(&name).replace('\n', " ");
    if reason.is_empty() || reason.chars().count() > MAX_CHARS {
        let long = !reason.is_empty();
        errors.add(name, if long { "form.too-long" } else { "form.reason" });
        return Vec::new();
    }
    let spoiled = voided_id(&field.id).map(|id| {
        let change = Change::answer(step, &id, void(number, &reason));
        Change {
            slot: format!("{}:{number}", change.slot),
            ..change
        }
    });
    let empty = Change::answer(step, &field.id, Value::Text(String::new()));
    spoiled.into_iter().chain([empty]).collect()
}

fn next(
    c: &Connection,
    step: &Step,
    field: &Field,
    feed: FeedId,
    errors: &mut FormErrors,
) -> store::Result<Vec<Change>> {
    let Some(document) = field.numbered else {
        return Ok(Vec::new());
    };
    let Some(number) = numbers::stock(c, feed, document)?.next else {
        errors.add(format!("f.{}", field.id), "field.number.none");
        return Ok(Vec::new());
    };
    Ok(written(step, field, number, false))
}

fn typed(
    c: &Connection,
    step: &Step,
    field: &Field,
    (feed, stored): (FeedId, &str),
    form: &Posted,
    errors: &mut FormErrors,
) -> store::Result<Vec<Change>> {
    let name = format!("f.{}", field.id);
    let (Some(document), Some(text)) = (field.numbered, form.sent(&name)) else {
        return Ok(Vec::new());
    };
    if text == stored {
        return Ok(Vec::new());
    }
    if text.chars().count() > MAX_CHARS {
        errors.add(name, "form.too-long");
        return Ok(Vec::new());
    }
    Ok(
        match numbers::typed(c, feed, document, &Number::read(text))? {
            Typed::Other => written(step, field, text.to_owned(), !text.is_empty()),
            Typed::Free(number) => written(step, field, number, false),
            Typed::Busy => {
                errors.add(name, "field.number.busy");
                Vec::new()
            }
        },
    )
}

/// The number, and right after it where it comes from.
fn written(step: &Step, field: &Field, number: String, by_hand: bool) -> Vec<Change> {
    let number = Change::answer(step, &field.id, Value::Text(number));
    let typed = typed_id(&field.id).map(|id| Change::answer(step, &id, Value::Bool(by_hand)));
    std::iter::once(number).chain(typed).collect()
}
