//! What a step that has ended holds, line by line; also what the office has entered in its steps.

use crate::document;
use crate::html::Ui;
use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::Value;
use shared::fold::StepFacts;
use shared::rules::procedure::{LATE_REASON, LATE_REASONS, Step};
use shared::text::{self, Lang};

/// A recorded line.
pub(crate) struct Fixed {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// The answers of a step.
pub(crate) fn answers(ui: Ui, sheet: &Sheet, step: &Step, known: &StepFacts) -> Vec<Fixed> {
    let fields = sheet.fields(step);
    let given = fields.iter().filter_map(|field| {
        let noted = known.fields.get(&field.id)?;
        let value = document::value(sheet, ui.lang, field, &noted.value);
        Some(Fixed {
            label: ui.lang.of(&field.label).to_owned(),
            value,
        })
    });
    given.filter(|line| !line.value.is_empty()).collect()
}

/// Why it was entered late, in words.
pub(crate) fn late_reason(lang: Lang, known: &StepFacts) -> Option<String> {
    let noted = known.fields.get(LATE_REASON)?;
    Some(late_words(lang, &noted.value))
}

/// The reason's own words, or those of its code.
pub(crate) fn late_words(lang: Lang, value: &Value) -> String {
    match value {
        Value::Choice(code) if LATE_REASONS.contains(&code.as_str()) => {
            text::text(lang, &format!("field.late.{code}")).to_owned()
        }
        Value::Choice(text) | Value::Text(text) => text.clone(),
        Value::Int(_) | Value::Bool(_) | Value::At(_) | Value::Officers(_) => String::new(),
    }
}

/// Everything that a step holds.
pub(crate) fn fixed(ui: Ui, sheet: &Sheet, step: &Step, known: &StepFacts) -> Vec<Fixed> {
    let mut out = answers(ui, sheet, step, known);
    if let Some(value) = late_reason(ui.lang, known) {
        out.push(Fixed {
            label: ui.t("field.late.why").to_owned(),
            value,
        });
    }
    for noted in &known.evidence {
        out.push(Fixed {
            label: ui.t(document::evidence(noted.value.evidence)).to_owned(),
            value: format!("{} {}", noted.value.reference, say::when(ui.lang, noted.at)),
        });
    }
    for noted in &known.signatures {
        out.push(Fixed {
            label: ui.t("event.Signed").to_owned(),
            value: format!("{} {}", noted.value.name, say::when(ui.lang, noted.at)),
        });
    }
    for noted in &known.refusals {
        out.push(Fixed {
            label: ui.t("event.Refused").to_owned(),
            value: format!("{} {}", noted.value.reason, say::when(ui.lang, noted.at)),
        });
    }
    for noted in &known.statements {
        out.push(Fixed {
            label: ui.t("event.StatementHeard").to_owned(),
            value: format!("{} {}", noted.value.words, noted.value.answer),
        });
    }
    if let Some(outcome) = &known.outcome {
        let late = outcome.at != outcome.recorded_at;
        let entered = if late {
            ui.f(
                "field.late.entered",
                "time",
                say::when(ui.lang, outcome.recorded_at),
            )
        } else {
            String::new()
        };
        let word = ui.t(say::outcome(outcome.value.outcome));
        out.push(Fixed {
            label: word.to_owned(),
            value: format!(
                "{} {entered} {}",
                say::when(ui.lang, outcome.at),
                outcome.value.note
            ),
        });
    }
    out
}
