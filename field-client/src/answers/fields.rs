//! What a form says of a step's fields: the changes against what is stored.
//! Apart because the checklist's items go the same way as the procedure's own fields.

use super::{Act, Change};
use crate::form::{FormErrors, Posted};
use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::{MAX_TEXT_CHARS, Value};
use shared::id::{FieldId, OfficerId};
use shared::instant::Instant;
use shared::rules::procedure::{CHECKLIST, Field, FieldKind, Step};

/// Every field whose value is another than the stored one. `pulled` are the lines that [`Act::Pull`] asks for.
pub(super) fn changes(
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    (act, now): (&Act, Instant),
    pulled: &[String],
    errors: &mut FormErrors,
) -> Vec<Change> {
    let known = sheet.known(&step.id);
    let stored = |id: &FieldId| known.and_then(|k| k.fields.get(id)).map(|n| &n.value);
    let mut changes = Vec::new();
    // A number is found and taken in the transaction that writes it: see `numbers::put`.
    let beside = shared::numbers::fields(step);
    let fields = sheet.fields(step);
    let typed = fields
        .iter()
        .filter(|field| field.numbered.is_none() && !beside.contains(field));
    for field in typed {
        let stored = stored(&field.id);
        let given = match act {
            Act::Set(id, code) if field.id.as_str() == id => chosen(field, code, now),
            Act::Add(id, number) if field.id.as_str() == id => {
                let phrase = field.phrases.get(*number);
                let lines: Vec<String> = phrase.map(|p| p.zh.clone()).into_iter().collect();
                added(field, stored, form, &lines, errors)
            }
            Act::Pull(id) if field.id.as_str() == id => added(field, stored, form, pulled, errors),
            _ => given(field, form, errors),
        };
        let Some(value) = given else { continue };
        let empty = value == Value::Text(String::new());
        if stored == Some(&value) || (stored.is_none() && empty) {
            continue;
        }
        changes.push(Change::answer(step, &field.id, value));
    }
    changes.extend(checklist_in_use(sheet, step, &changes));
    changes
}

/// The first answer to a checklist also says which checklist it is: the record keeps the version it was begun with.
fn checklist_in_use(sheet: &Sheet, step: &Step, changes: &[Change]) -> Option<Change> {
    let list = sheet.checklist.as_ref().filter(|_| step.checklist)?;
    let id = FieldId::new(CHECKLIST).ok()?;
    let named = sheet
        .known(&step.id)
        .is_some_and(|known| known.fields.contains_key(&id));
    let slot = |item: &FieldId| format!("field:{}:{item}", step.id);
    let answered = list
        .items
        .iter()
        .any(|item| changes.iter().any(|c| c.slot.starts_with(&slot(&item.id))));
    (answered && !named).then(|| Change::answer(step, &id, Value::Text(list.key())))
}

fn chosen(field: &Field, code: &str, now: Instant) -> Option<Value> {
    match (field.kind, code) {
        (FieldKind::Bool, "yes") => Some(Value::Bool(true)),
        (FieldKind::Bool, "no") => Some(Value::Bool(false)),
        (FieldKind::At, "now") => Some(Value::At(now)),
        (FieldKind::Day, "now") => Some(Value::At(say::day_start(now.date()))),
        (FieldKind::Choice, _) => {
            let known = field.choices.iter().any(|choice| choice.code == code);
            known.then(|| Value::Choice(code.to_owned()))
        }
        _ => None,
    }
}

/// The text as typed, or as stored where the form has none, with lines added that it does not contain yet.
fn added(
    field: &Field,
    stored: Option<&Value>,
    form: &Posted,
    lines: &[String],
    errors: &mut FormErrors,
) -> Option<Value> {
    let between = match field.kind {
        FieldKind::Long => "\n",
        FieldKind::Text => "；",
        _ => return given(field, form, errors),
    };
    let before = match (form.sent(&format!("f.{}", field.id)), stored) {
        (Some(typed), _) => typed.replace("\r\n", "\n"),
        (None, Some(Value::Text(text))) => text.clone(),
        (None, _) => String::new(),
    };
    let mut text = before;
    for line in lines {
        if text.contains(line.as_str()) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(between);
        }
        text.push_str(line);
    }
    short(field, text, errors)
}

fn short(field: &Field, text: String, errors: &mut FormErrors) -> Option<Value> {
    if text.chars().count() > MAX_TEXT_CHARS {
        errors.add(format!("f.{}", field.id), "form.too-long");
        return None;
    }
    Some(Value::Text(text))
}

fn given(field: &Field, form: &Posted, errors: &mut FormErrors) -> Option<Value> {
    let name = format!("f.{}", field.id);
    let typed = || form.sent(&name).filter(|typed| !typed.is_empty());
    match field.kind {
        FieldKind::Text | FieldKind::Long => {
            let text = form.sent(&name)?.replace("\r\n", "\n");
            short(field, text, errors)
        }
        FieldKind::At => {
            let at = say::parse_local(typed()?);
            or_error(at, &name, "form.bad-time", errors).map(Value::At)
        }
        FieldKind::Day => {
            let at = say::parse_day(typed()?);
            or_error(at, &name, "form.bad-time", errors).map(Value::At)
        }
        FieldKind::Int => {
            let number = typed()?.parse().ok();
            or_error(number, &name, "form.bad-number", errors).map(Value::Int)
        }
        FieldKind::Officers => {
            form.sent(&format!("has.{}", field.id))?;
            let officers: Vec<OfficerId> =
                form.all(&name).filter_map(|id| id.parse().ok()).collect();
            Some(Value::Officers(officers))
        }
        // Sent along only where the page showed an answer that is not recorded yet.
        FieldKind::Choice | FieldKind::Bool => chosen(field, typed()?, Instant::from_millis(0)),
    }
}

fn or_error<T>(value: Option<T>, name: &str, key: &str, errors: &mut FormErrors) -> Option<T> {
    if value.is_none() {
        errors.add(name, key);
    }
    value
}
