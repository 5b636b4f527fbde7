//! What a supervisor said of this record, and the officer's answer. What is to be corrected is answered by new events of the
//! steps themselves; a question is answered here, in words.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::outbox::Tap;
use crate::records::Heading;
use crate::sheet::Sheet;
use crate::store::{journal, log, records};
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{Event, Explained};
use shared::fold::{Review, Stage};
use shared::id::{RuleId, StepId};
use shared::problem::Code;
use shared::rules::explain;

/// What a return says of one step.
pub(crate) struct Note {
    pub(crate) href: String,
    pub(crate) step: String,
    pub(crate) words: String,
}

/// What was said of a suspected gap.
pub(crate) struct Said {
    pub(crate) title: String,
    pub(crate) step: String,
    pub(crate) class: &'static str,
    pub(crate) state: String,
    /// The supervisor's words.
    pub(crate) words: String,
    /// The officer's.
    pub(crate) answer: String,
    /// Where to answer; empty if there is nothing to answer.
    pub(crate) href: String,
}

#[derive(Template)]
#[template(path = "explain.html")]
struct ExplainPage {
    ui: Ui,
    errors: FormErrors,
    head: Heading,
    said: Said,
    words: String,
}

/// The notes of a return that has not been answered, by step.
pub(crate) fn notes(ui: Ui, sheet: &Sheet) -> Vec<Note> {
    let returned = sheet.facts.returned.as_ref().filter(|_| !sheet.submitted());
    let Some(returned) = returned.map(|noted| &noted.value) else {
        return Vec::new();
    };
    let notes = returned.notes.as_deref().unwrap_or(&[]);
    let words = |step: &StepId| notes.iter().find(|note| note.step == *step);
    let note = |step: &StepId| Note {
        href: format!("/field/r/{}/s/{step}", sheet.record),
        step: sheet.step_name(ui.lang, step.as_str()),
        words: words(step).map_or_else(String::new, |note| note.words.clone()),
    };
    returned.steps.iter().map(note).collect()
}

/// What was said of the record's gaps.
pub(crate) fn all(ui: Ui, sheet: &Sheet) -> Vec<Said> {
    let reviews = sheet.facts.reviews.iter();
    reviews
        .filter_map(|((step, rule), review)| said(ui, sheet, (step, rule), review))
        .collect()
}

fn said(ui: Ui, sheet: &Sheet, (step, rule): (&StepId, &RuleId), review: &Review) -> Option<Said> {
    let last = review.judged.as_ref().or(review.asked.as_ref())?;
    let stage = sheet.facts.stage(step, rule);
    let class = match stage {
        Stage::Asked | Stage::Returned => "todo",
        Stage::Dismissed => "done",
        _ => "doing",
    };
    let open = review.judged.is_none() && sheet.facts.voided.is_none();
    let explained = review.explained.as_ref();
    Some(Said {
        title: explain::rule_title(ui.lang, rule, Some(&sheet.procedure)).to_owned(),
        step: sheet.step_name(ui.lang, step.as_str()),
        class,
        state: explain::stage(ui.lang, stage.code()).to_owned(),
        words: last.value.words.clone(),
        answer: explained.map_or_else(String::new, |noted| noted.value.words.clone()),
        href: match open {
            true => format!("/field/r/{}/explain/{step}/{rule}", sheet.record),
            false => String::new(),
        },
    })
}

/// The question of an address.
fn find(desk: &Desk, record: &str, step: &str, rule: &str) -> Result<Question, Problem> {
    let sheet = Sheet::load(desk, record)?;
    let unknown = || Problem::of(Code::NotFound);
    let (step, rule): (StepId, RuleId) = match (step.parse(), rule.parse()) {
        (Ok(step), Ok(rule)) => (step, rule),
        _ => return Err(unknown()),
    };
    let review = sheet.facts.review(&step, &rule).ok_or_else(unknown)?;
    let shown = said(desk.ui, &sheet, (&step, &rule), review);
    let shown = shown.filter(|said| !said.href.is_empty());
    Ok(Question {
        said: shown.ok_or_else(unknown)?,
        sheet,
        step,
        rule,
    })
}

struct Question {
    sheet: Sheet,
    step: StepId,
    rule: RuleId,
    said: Said,
}

type Address = Path<(String, String, String)>;

/// `GET /field/r/{record}/explain/{step}/{rule}`
pub(crate) async fn explain_page(desk: Desk, Path((record, step, rule)): Address) -> Answer {
    let question = find(&desk, &record, &step, &rule)?;
    Ok(html::ok(&ExplainPage {
        ui: desk.ui,
        errors: FormErrors::default(),
        head: Heading::of(desk.ui, &question.sheet),
        words: question.said.answer.clone(),
        said: question.said,
    }))
}

/// `POST /field/r/{record}/explain/{step}/{rule}`: field `words`. Sealed at once: it is an answer, not a draft.
pub(crate) async fn answer(
    desk: Desk,
    Path((record, step, rule)): Address,
    form: Posted,
) -> Answer {
    let question = find(&desk, &record, &step, &rule)?;
    let mut errors = FormErrors::default();
    let words = form.required("words", &mut errors);
    if !errors.is_empty() {
        return Ok(html::again(&ExplainPage {
            ui: desk.ui,
            errors,
            head: Heading::of(desk.ui, &question.sheet),
            said: question.said,
            words,
        }));
    }
    let record = question.sheet.record;
    let here = see(&format!("/field/r/{record}"));
    if words == question.said.answer {
        return Ok(here);
    }
    let slot = format!("explained:{}:{}", question.step, question.rule);
    let event = Event {
        recorded_at: desk.now(),
        happened_at: None,
        fact: Explained {
            step: question.step,
            rule: question.rule,
            words,
        }
        .into(),
    };
    desk.store().write(|tx| {
        journal::put(tx, record, &slot, &event)?;
        log::seal(tx, desk.app.host(), record)?;
        records::refresh(tx, record)
    })?;
    desk.app.mailbox().put(Tap::Changed);
    Ok(here)
}
