//! The matter's checklist on a step's page: what must be so, how to look, and one of four answers for each item.
//! Apart because an item is a field of the step that is drawn in a shape of its own.

use crate::controls::{self, Control};
use crate::form::FormErrors;
use crate::form::Posted;
use crate::guide::{self, Article};
use crate::html::Ui;
use crate::sheet::Sheet;
use shared::domain::event::Value;
use shared::domain::reference::{CheckItem, Checklist};
use shared::fold::StepFacts;
use shared::id::FieldId;
use shared::rules::procedure::{Choice, Citation, Field, FieldKind, ITEM_ANSWERS, Step};
use shared::text::{Bilingual, Lang, text};

/// The checklist as the page shows it.
pub(crate) struct Shown {
    pub(crate) name: String,
    /// `12 项：合格 9 · 不合格 2 · 未查 1`.
    pub(crate) counts: String,
    pub(crate) items: Vec<Item>,
    /// Items without an answer: id and number.
    pub(crate) unanswered: Vec<(String, usize)>,
}

/// One thing to look at.
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) text: String,
    pub(crate) how: String,
    pub(crate) article: Article,
    pub(crate) answer: Control,
    /// The code of the answer, or nothing.
    pub(crate) is: String,
    /// Shown where the answer asks for one, or one is there.
    pub(crate) note: Option<Control>,
    /// What to demand; only of an item that failed.
    pub(crate) remedy: String,
}

/// The note's field of an item.
pub(crate) fn note_id(item: &FieldId) -> Option<FieldId> {
    FieldId::new(&format!("{item}.note")).ok()
}

/// The fields that a checklist adds to its step: an answer and a note for each item.
pub(crate) fn fields(list: &Checklist) -> Vec<Field> {
    let both = |key: &str| Bilingual {
        zh: text(Lang::Zh, key).to_owned(),
        en: text(Lang::En, key).to_owned(),
    };
    let choices: Vec<Choice> = ITEM_ANSWERS
        .iter()
        .map(|code| Choice {
            leads_to: None,
            code: (*code).to_owned(),
            label: both(&format!("field.check.{code}")),
        })
        .collect();
    let of_item = |item: &CheckItem| {
        let answer = Field {
            choices: choices.clone(),
            ..Field::plain(item.id.clone(), item.text.clone(), FieldKind::Choice)
        };
        let note = note_id(&item.id).map(|id| Field {
            phrases: vec![item.fault.clone()],
            ..Field::plain(id, both("field.check.note"), FieldKind::Long)
        });
        [Some(answer), note]
    };
    list.items.iter().flat_map(of_item).flatten().collect()
}

/// The code of an item's answer; empty if there is none.
pub(crate) fn answer<'a>(known: &'a StepFacts, item: &FieldId) -> &'a str {
    match known.fields.get(item).map(|noted| &noted.value) {
        Some(Value::Choice(code)) => code,
        _ => "",
    }
}

/// An item's note; empty if there is none.
pub(crate) fn note<'a>(known: &'a StepFacts, item: &FieldId) -> &'a str {
    let noted = note_id(item).and_then(|id| known.fields.get(&id));
    match noted.map(|noted| &noted.value) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// Whether an answer asks for a reason.
pub(crate) fn asks_reason(code: &str) -> bool {
    matches!(code, "na" | "unchecked")
}

/// The checklist of a step, if it has one.
pub(crate) fn of(
    ui: Ui,
    sheet: &Sheet,
    step: &Step,
    known: &StepFacts,
    errors: &FormErrors,
    typed: Option<&Posted>,
) -> Option<Shown> {
    let list = sheet.checklist.as_ref().filter(|_| step.checklist)?;
    let fields = fields(list);
    let find = |id: &FieldId| fields.iter().find(|field| field.id == *id);
    let draw = |field: &Field| controls::control(ui, sheet, known, field, errors, typed);
    let items: Vec<Item> = (1..)
        .zip(&list.items)
        .filter_map(|(number, item)| {
            let is = answer(known, &item.id).to_owned();
            let note = note_id(&item.id).and_then(|id| find(&id).map(draw));
            let wanted =
                asks_reason(&is) || is == "fail" || !self::note(known, &item.id).is_empty();
            Some(Item {
                id: item.id.to_string(),
                number,
                text: ui.lang.of(&item.text).to_owned(),
                how: ui.lang.of(&item.how).to_owned(),
                article: guide::article(ui.lang, &cited(item)),
                answer: draw(find(&item.id)?),
                note: note.filter(|_| wanted).map(|note| without_chips(note, &is)),
                remedy: match is.as_str() {
                    "fail" => ui.lang.of(&item.remedy).to_owned(),
                    _ => String::new(),
                },
                is,
            })
        })
        .collect();
    Some(Shown {
        name: ui.lang.of(&list.name).to_owned(),
        counts: counts(ui, list, known),
        unanswered: items
            .iter()
            .filter(|item| item.is.is_empty())
            .map(|item| (item.id.clone(), item.number))
            .collect(),
        items,
    })
}

/// The fault's sentence is offered only where something is at fault.
fn without_chips(mut note: Control, is: &str) -> Control {
    if is != "fail" {
        note.chips.clear();
    }
    note
}

fn cited(item: &CheckItem) -> Citation {
    Citation {
        law: item.law.clone(),
        article: item.article.clone(),
    }
}

/// `12 项：合格 9 · 不合格 2 · 未查 1`
pub(crate) fn counts(ui: Ui, list: &Checklist, known: &StepFacts) -> String {
    let how_many = |code: &str| {
        let items = list.items.iter();
        items.filter(|item| answer(known, &item.id) == code).count()
    };
    let mut parts = Vec::new();
    for code in ITEM_ANSWERS {
        let n = how_many(code);
        if n > 0 {
            parts.push(format!("{} {n}", ui.t(&format!("field.check.{code}"))));
        }
    }
    let left = how_many("");
    if left > 0 {
        parts.push(ui.f("field.check.left", "n", left));
    }
    let all = ui.f("field.check.count", "n", list.items.len());
    format!("{all}{}", parts.join(" · "))
}
