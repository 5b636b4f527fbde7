//! A step's fields as the page shows them: values, choices, and the phrases that a tap adds.
//! Apart because the checklist's items and their notes are fields too, drawn in another shape.

use crate::form::{FormErrors, Posted};
use crate::html::Ui;
use crate::numbers;
use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::Value;
use shared::fold::StepFacts;
use shared::id::OfficerId;
use shared::rules::procedure::{Field, FieldKind};
use shared::text::Lang;

/// A field as the page shows it.
pub(crate) struct Control {
    /// Name in the form: `f.<field>`.
    pub(crate) name: String,
    pub(crate) field: String,
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) required: bool,
    pub(crate) value: String,
    pub(crate) picks: Vec<Pick>,
    pub(crate) chips: Vec<Chip>,
    /// What the button says that takes over what stands elsewhere, or nothing.
    pub(crate) pull: String,
    /// Key of the sentence, or nothing.
    pub(crate) error: String,
    /// It shows what is recorded elsewhere; the field itself is still empty.
    pub(crate) prefilled: bool,
    /// A document's number, which is taken from a block or typed.
    pub(crate) number: Option<numbers::Panel>,
}

/// One of several answers.
pub(crate) struct Pick {
    pub(crate) code: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// A button that adds words to a text.
pub(crate) struct Chip {
    /// The button's value.
    pub(crate) act: String,
    pub(crate) label: String,
    /// What is written, where the label is in another language.
    pub(crate) zh: String,
}

/// The field with what is stored, or what was typed and must be corrected.
pub(crate) fn control(
    ui: Ui,
    sheet: &Sheet,
    known: &StepFacts,
    field: &Field,
    errors: &FormErrors,
    typed: Option<&Posted>,
) -> Control {
    let name = format!("f.{}", field.id);
    let stored = known.fields.get(&field.id).map(|noted| &noted.value);
    let error = errors.of(&name).to_owned();
    let retyped = typed
        .filter(|_| !error.is_empty())
        .and_then(|form| form.sent(&name));
    Control {
        field: field.id.to_string(),
        kind: kind(field.kind),
        label: ui.lang.of(&field.label).to_owned(),
        hint: field
            .hint
            .as_ref()
            .map_or_else(String::new, |hint| ui.lang.of(hint).to_owned()),
        required: field.required,
        picks: picks(ui, sheet, field, stored),
        chips: chips(ui, field),
        pull: String::new(),
        prefilled: false,
        number: None,
        value: retyped.map_or_else(|| shown(field.kind, stored), str::to_owned),
        name,
        error,
    }
}

const fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Long => "long",
        FieldKind::At => "at",
        FieldKind::Choice | FieldKind::Bool => "choice",
        FieldKind::Officers => "officers",
        FieldKind::Day => "day",
        FieldKind::Int => "int",
    }
}

/// A stored value as its input takes it.
fn shown(kind: FieldKind, stored: Option<&Value>) -> String {
    match stored {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::At(at)) if kind == FieldKind::Day => say::day_input(*at),
        Some(Value::At(at)) => say::local_input(*at),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Bool(_) | Value::Choice(_) | Value::Officers(_)) | None => String::new(),
    }
}

fn picks(ui: Ui, sheet: &Sheet, field: &Field, stored: Option<&Value>) -> Vec<Pick> {
    let pick = |code: &str, label: &str, chosen: bool| Pick {
        code: code.to_owned(),
        label: label.to_owned(),
        chosen,
    };
    match field.kind {
        FieldKind::Choice => field
            .choices
            .iter()
            .map(|choice| {
                let chosen = matches!(stored, Some(Value::Choice(code)) if *code == choice.code);
                pick(&choice.code, ui.lang.of(&choice.label), chosen)
            })
            .collect(),
        FieldKind::Bool => vec![
            pick("yes", ui.t("field.yes"), stored == Some(&Value::Bool(true))),
            pick("no", ui.t("field.no"), stored == Some(&Value::Bool(false))),
        ],
        FieldKind::Officers => {
            let chosen: Vec<OfficerId> = match stored {
                Some(Value::Officers(officers)) => officers.clone(),
                _ => sheet.acting(),
            };
            let unit = sheet.facts.opened.as_ref().map(|noted| noted.value.unit);
            let offered = sheet
                .officers
                .values()
                .filter(|o| Some(o.unit) == unit || chosen.contains(&o.id));
            offered
                .map(|o| pick(&o.id.to_string(), &o.name, chosen.contains(&o.id)))
                .collect()
        }
        FieldKind::Text | FieldKind::Long | FieldKind::At | FieldKind::Day | FieldKind::Int => {
            Vec::new()
        }
    }
}

/// What is written is Chinese in either language of the screen: it goes into documents.
fn chips(ui: Ui, field: &Field) -> Vec<Chip> {
    let chip = |(index, phrase): (usize, &shared::text::Bilingual)| Chip {
        act: format!("add:{}:{index}", field.id),
        label: ui.lang.of(phrase).to_owned(),
        zh: match ui.lang {
            Lang::Zh => String::new(),
            Lang::En => phrase.zh.clone(),
        },
    };
    field.phrases.iter().enumerate().map(chip).collect()
}
