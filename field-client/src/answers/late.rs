//! Why something is entered late (补录): a reason in common use, or the officer's own words.
//! Apart because it is a field of every step and of no procedure.

use super::{Act, Change};
use crate::form::{FormErrors, Posted};
use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::{MAX_TEXT_CHARS, Value};
use shared::id::FieldId;
use shared::instant::{Instant, MINUTE_MS};
use shared::rules::procedure::{LATE_REASON, LATE_REASONS, Step};
use shared::text::{self, Lang};

/// Entered later than this after it happened, it needs a reason.
const REASON_AFTER_MS: i64 = 30 * MINUTE_MS;

/// The reason, if the form gives another than the stored one. Asked for when the step ends.
pub(super) fn change(
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    (act, now): (&Act, Instant),
    errors: &mut FormErrors,
) -> Option<Change> {
    let id = FieldId::new(LATE_REASON).ok()?;
    let known = sheet.known(&step.id);
    let stored = known.and_then(|k| k.fields.get(&id)).map(|n| &n.value);
    let given = given(form, errors);
    let late = say::parse_local(form.get("happened_at"))
        .is_some_and(|at| now.millis_since(at) > REASON_AFTER_MS);
    if late && given.is_none() && stored.is_none() && matches!(act, Act::End(_)) {
        errors.add(LATE_REASON, "form.late");
    }
    let value = given.filter(|value| stored != Some(value))?;
    Some(Change::answer(step, &id, value))
}

/// A code alone is kept as a code; with words of the officer's, both are kept as text.
fn given(form: &Posted, errors: &mut FormErrors) -> Option<Value> {
    let code = LATE_REASONS
        .into_iter()
        .find(|code| *code == form.get(LATE_REASON));
    let words = form.get("late_words").replace("\r\n", "\n");
    if words.chars().count() > MAX_TEXT_CHARS {
        errors.add("late_words", "form.too-long");
        return None;
    }
    match (code, words.is_empty()) {
        (None | Some("other"), true) => None,
        (None | Some("other"), false) => Some(Value::Text(words)),
        (Some(code), true) => Some(Value::Choice(code.to_owned())),
        (Some(code), false) => {
            let key = format!("field.late.{code}");
            let head = format!("{}：", text::text(Lang::Zh, &key));
            let words = words.strip_prefix(&head).unwrap_or(&words);
            Some(Value::Text(format!("{head}{words}")))
        }
    }
}
