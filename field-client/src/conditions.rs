//! A condition of the procedure in words: why a step is not to be done here.
//! Apart because only the phone folds steps away and owes the officer the reason.

use crate::power;
use crate::sheet::Sheet;
use shared::id::{FieldId, StepId};
use shared::rules::procedure::Field;
use shared::rules::rule::When;
use shared::text::{self, Lang};

/// When it holds, in words.
pub(crate) fn words(lang: Lang, sheet: &Sheet, when: &When) -> String {
    let t = |key: &str| text::text(lang, key).to_owned();
    let f = |key: &str, with: &[(&str, &str)]| text::fill(lang, key, with);
    let join = |key: &str, of: &[When]| {
        let parts: Vec<String> = of.iter().map(|each| words(lang, sheet, each)).collect();
        parts.join(text::text(lang, key))
    };
    match when {
        When::FieldTrue { step, field } => {
            let label = label(lang, sheet, step, field);
            f("field.guide.when.yes", &[("field", &label)])
        }
        When::FieldFalse { step, field } => {
            let label = label(lang, sheet, step, field);
            f("field.guide.when.no", &[("field", &label)])
        }
        When::MatterUnknown => t("field.guide.when.unknown"),
        When::FieldIs { step, field, is } => {
            let found = find(sheet, step, field);
            let choice = |code: &String| {
                let mut all = found.iter().flat_map(|field| &field.choices);
                let known = all.find(|choice| choice.code == *code);
                known.map_or_else(|| code.clone(), |c| lang.of(&c.label).to_owned())
            };
            let choices: Vec<String> = is.iter().map(choice).collect();
            let label = label(lang, sheet, step, field);
            let is = choices.join(text::text(lang, "field.guide.when.or"));
            f("field.guide.when.is", &[("field", &label), ("is", &is)])
        }
        When::Subject { is } => {
            let key = |kind| format!("field.guide.when.{kind:?}");
            let kinds: Vec<String> = is.iter().map(|kind| t(&key(kind))).collect();
            let kinds = kinds.join(text::text(lang, "field.guide.when.or"));
            f("field.guide.when.subject", &[("is", &kinds)])
        }
        When::Power { is } => {
            let sources: Vec<String> = is.iter().map(|source| t(power::key(*source))).collect();
            let sources = sources.join(text::text(lang, "field.guide.when.or"));
            f("field.guide.when.power", &[("is", &sources)])
        }
        When::Local { flag } => t(&format!("field.guide.when.{flag:?}")),
        When::Urgent => t("field.guide.when.urgent"),
        When::Done { step } => {
            let name = sheet.step_name(lang, step.as_str());
            f("field.guide.when.done", &[("step", &name)])
        }
        When::Refused { step } => {
            let name = sheet.step_name(lang, step.as_str());
            f("field.guide.when.refused", &[("step", &name)])
        }
        When::Answered { step, field } => {
            let label = label(lang, sheet, step, field);
            f("field.guide.when.answered", &[("field", &label)])
        }
        When::ItemFailed => t("field.guide.when.failed"),
        When::Not { of } => {
            let inner = words(lang, sheet, of);
            f("field.guide.when.not", &[("of", &inner)])
        }
        When::All { of } => join("field.guide.when.and", of),
        When::Any { of } => join("field.guide.when.or", of),
    }
}

fn find<'a>(sheet: &'a Sheet, step: &StepId, field: &FieldId) -> Option<&'a Field> {
    let step = sheet.procedure.step(step.as_str())?;
    step.fields.iter().find(|each| each.id == *field)
}

fn label(lang: Lang, sheet: &Sheet, step: &StepId, field: &FieldId) -> String {
    let found = find(sheet, step, field);
    found.map_or_else(
        || field.to_string(),
        |field| lang.of(&field.label).to_owned(),
    )
}
