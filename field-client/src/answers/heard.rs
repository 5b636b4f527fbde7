//! Statements that were heard and documents that were served: facts of their own, beside the step's fields.

use super::Change;
use crate::form::{FormErrors, Posted};
use crate::sheet::Sheet;
use shared::domain::event::{MAX_TEXT_CHARS, Served, StatementHeard, Value};
use shared::rules::procedure::{Proof, Step};

/// Ways of service (民事诉讼法 87 to 95), below `field.follow.method.` in the texts.
pub(crate) const METHODS: [&str; 6] =
    ["on_site", "direct", "leave", "post", "electronic", "notice"];
/// The fields that a procedure may have for it.
const METHOD: &str = "method";
const RECEIVER: &str = "receiver";
/// The field with a document's number.
const NUMBER: &str = "number";

/// Whether the step's own fields say how it was served.
pub(crate) fn has_fields(step: &Step) -> bool {
    step.fields.iter().any(|field| field.id.as_str() == METHOD)
}

/// What the party said and what was answered, if that is new.
pub(super) fn statement(
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    errors: &mut FormErrors,
) -> Option<Change> {
    if !step.proof.contains(&Proof::Statement) {
        return None;
    }
    let mut text = |name: &'static str| {
        let text = form.get(name).replace("\r\n", "\n");
        if text.chars().count() > MAX_TEXT_CHARS {
            errors.add(name, "form.too-long");
        }
        text
    };
    let (words, answer) = (text("statement.words"), text("statement.answer"));
    if words.is_empty() && !answer.is_empty() {
        errors.add("statement.words", "form.required");
    }
    let wrong = ["statement.words", "statement.answer"];
    let fine = wrong.iter().all(|name| errors.of(name).is_empty());
    let heard = StatementHeard {
        step: step.id.clone(),
        words,
        answer,
    };
    let known = sheet.known(&step.id).and_then(|k| k.statements.last());
    let is_new = known.map(|noted| &noted.value) != Some(&heard);
    (fine && is_new && !heard.words.is_empty()).then(|| Change {
        slot: format!("statement:{}", step.id),
        fact: heard.into(),
    })
}

/// How it was served, where the step has no fields for it: as typed below its proofs.
pub(super) fn typed(sheet: &Sheet, step: &Step, form: &Posted) -> Option<Change> {
    if !step.proof.contains(&Proof::Service) || has_fields(step) {
        return None;
    }
    let method = METHODS
        .into_iter()
        .find(|method| *method == form.get("served.method"))?;
    served(sheet, step, method, form.get("served.receiver"))
}

/// How it was served, by the step's fields: said once more as a fact when the step is done.
pub(super) fn by_fields(sheet: &Sheet, step: &Step) -> Option<Change> {
    if !step.proof.contains(&Proof::Service) {
        return None;
    }
    let known = sheet.known(&step.id)?;
    let value = |field: &str| known.fields.get(field).map(|noted| &noted.value);
    let (Some(Value::Choice(method)), Some(Value::Text(receiver))) =
        (value(METHOD), value(RECEIVER))
    else {
        return None;
    };
    served(sheet, step, method, receiver)
}

fn served(sheet: &Sheet, step: &Step, method: &str, receiver: &str) -> Option<Change> {
    if receiver.is_empty() || receiver.chars().count() > MAX_TEXT_CHARS {
        return None;
    }
    let served = Served {
        step: step.id.clone(),
        document: document(sheet, step),
        method: method.to_owned(),
        receiver: receiver.to_owned(),
    };
    let known = sheet.known(&step.id).and_then(|k| k.served.last());
    let is_new = known.map(|noted| &noted.value) != Some(&served);
    is_new.then(|| Change {
        slot: format!("served:{}", step.id),
        fact: served.into(),
    })
}

/// The document that was made last before this step, with its number if it has one.
fn document(sheet: &Sheet, step: &Step) -> String {
    let mut title = step.name.zh.clone();
    for each in &sheet.procedure.steps {
        if let Some(kind) = each.documents.last() {
            let known = sheet.known(&each.id).and_then(|k| k.fields.get(NUMBER));
            title = match known.map(|noted| &noted.value) {
                Some(Value::Text(number)) if !number.is_empty() => {
                    format!("{} {number}", kind.title())
                }
                _ => kind.title().to_owned(),
            };
        }
        if each.id == step.id {
            break;
        }
    }
    title
}
