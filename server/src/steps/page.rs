//! The page of one step: what it asks, why, and what the law asks for first.

use super::Desk;
use crate::documents;
use crate::fields::{self, Control, Errors};
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::{Fields, Visitor};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::fold::Facts;
use shared::instant::Instant;
use shared::rules::explain::{citation, outcome};
use shared::rules::procedure::{Proof, Step};
use shared::text::{Lang, fill, text};

#[derive(askama::Template)]
#[template(path = "step.html")]
struct StepPage {
    p: Page,
    record: String,
    subject: String,
    name: String,
    why: String,
    good: Option<String>,
    basis: String,
    /// The documents that the step makes.
    documents: Vec<documents::Link>,
    state: String,
    action: String,
    may: bool,
    /// Whose step it is.
    hands: String,
    /// Why this person may not do it although the role may.
    kept: Option<String>,
    applies: bool,
    approval: bool,
    controls: Vec<Control>,
    note: String,
    errors: Vec<(String, String)>,
    /// What the law asks for first.
    forbids: Vec<String>,
    /// Whether what already happened can be put on record all the same.
    anyway: bool,
}

/// How a step of the office stands.
pub(super) fn state(lang: Lang, step: &Step, facts: &Facts) -> String {
    let known = facts.steps.get(&step.id);
    if step.proof.contains(&Proof::Approval) {
        let last = known.and_then(|known| known.approvals.last());
        let key = match last.map(|approval| approval.value.granted) {
            Some(true) => "console.task.state.approved",
            Some(false) => "console.task.state.denied",
            None => "console.task.state.waiting",
        };
        let at = last.map_or_else(String::new, |approval| html::moment(lang, approval.at));
        return format!("{} {at}", text(lang, key)).trim_end().to_owned();
    }
    match known.and_then(|known| known.outcome.as_ref()) {
        Some(ended) => {
            let words = outcome(lang, ended.value.outcome);
            format!("{words} {}", html::moment(lang, ended.at))
        }
        None => text(lang, "console.office.todo").to_owned(),
    }
}

/// Whose step it is, in words.
pub(super) fn hands(lang: Lang, step: &Step) -> String {
    let names = step.hands().iter().map(|hand| {
        let key = format!("console.role.{}", hand.code());
        text(lang, &key).to_owned()
    });
    let names: Vec<String> = names.collect();
    match names.is_empty() {
        true => text(lang, "console.turn.officers").to_owned(),
        false => names.join(text(lang, "console.turn.or")),
    }
}

/// What was posted and what is wrong with it.
#[derive(Default)]
pub(super) struct Again<'a> {
    pub(super) posted: Option<&'a Fields>,
    pub(super) errors: Errors,
    pub(super) forbids: Vec<String>,
}

fn view(
    visitor: &Visitor,
    desk: &Desk,
    again: &Again<'_>,
    now: Instant,
) -> Result<StepPage, Problem> {
    let (lang, facts, step) = (visitor.lang, desk.facts()?, &desk.step);
    let from = fields::From {
        lang,
        posted: again.posted,
        facts,
        officers: &desk.officers,
        errors: &again.errors,
    };
    let basis: Vec<String> = step.basis.iter().map(|c| citation(lang, c)).collect();
    let words = |(at, key): &(String, &'static str)| (at.clone(), text(lang, key).to_owned());
    let known = facts.steps.get(&step.id);
    let ended = known.and_then(|known| known.outcome.as_ref());
    let note = match again.posted {
        Some(posted) => posted.text("note").to_owned(),
        None => ended.map_or_else(String::new, |ended| ended.value.note.clone()),
    };
    let opened = facts.opened.as_ref();
    let kept = desk.kept_from(visitor).map(|cited| {
        let with = [("basis", &*citation(lang, cited))];
        fill(lang, "console.office.kept", &with)
    });
    Ok(StepPage {
        p: Page::new(visitor, "console.office.title"),
        record: desk.case.id.to_string(),
        subject: opened.map_or_else(String::new, |o| o.value.subject_name.clone()),
        name: format!("{} {}", step.id, lang.of(&step.name)),
        why: lang.of(&step.why).to_owned(),
        good: step.good.as_ref().map(|good| lang.of(good).to_owned()),
        basis: basis.join(if lang == Lang::Zh { "、" } else { "; " }),
        documents: documents::at_step(lang, step, &desk.case, now),
        state: state(lang, step, facts),
        action: format!("/records/{}/steps/{}", desk.case.id, step.id),
        may: desk.may(visitor),
        hands: hands(lang, step),
        kept,
        applies: desk.applies(facts, now),
        approval: desk.is_approval(),
        controls: from.controls(step),
        note,
        errors: again.errors.iter().map(words).collect(),
        anyway: step.decides && !again.forbids.is_empty(),
        forbids: again.forbids.clone(),
    })
}

/// The page; with what is wrong, if anything is.
pub(super) fn page(
    visitor: &Visitor,
    desk: &Desk,
    again: &Again<'_>,
    now: Instant,
) -> Result<Response, Problem> {
    let body = html::render(&view(visitor, desk, again, now)?)?;
    let fine = again.errors.is_empty() && again.forbids.is_empty();
    let status = if fine {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((status, body).into_response())
}
