//! Returning a record for correction, with a comment on each step that is to be looked at again.

use super::{Again, Desk, FRESH, MAX_WORDS, Wrong, answer, errors, is_stale, seen, subject};
use crate::app::App;
use crate::explain;
use crate::html::Page;
use crate::office;
use crate::problem::Problem;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::Act;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use shared::domain::event::{Returned, StepNote};
use shared::fold::{Facts, Stage};
use shared::rules::procedure::{Actor, Step};

/// A step that can be named, ready to print.
struct Line {
    id: String,
    name: String,
    /// Titles of what was found at it.
    found: Vec<String>,
    chosen: bool,
    words: String,
}

#[derive(askama::Template)]
#[template(path = "return.html")]
struct ReturnPage {
    p: Page,
    record: String,
    subject: String,
    may: bool,
    lines: Vec<Line>,
    comment: String,
    seen: String,
    errors: Vec<(String, String)>,
    stale: bool,
}

/// Whether the record is with the office and counts.
pub(crate) fn may(facts: &Facts) -> bool {
    facts.is_submitted() && facts.voided.is_none()
}

fn note_name(step: &Step) -> String {
    format!("note.{}", step.id)
}

/// The officers' steps that anything is known or found of.
fn steps(desk: &Desk) -> Result<Vec<&Step>, Problem> {
    let (judged, procedure) = desk.judged()?;
    let found = |step: &Step| {
        let mut gaps = judged.assessment.gaps.iter();
        gaps.any(|gap| gap.step == step.id) || judged.facts.steps.contains_key(&step.id)
    };
    let steps = procedure.steps.iter();
    Ok(steps
        .filter(|step| step.actor == Actor::Officers && found(step))
        .collect())
}

fn page(visitor: &Visitor, desk: &Desk, again: &Again<'_>) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let (judged, procedure) = desk.judged()?;
    let names = desk.names(procedure);
    let facts = &judged.facts;
    let line = |step: &Step| {
        let gaps = judged.assessment.gaps.iter();
        let gaps = gaps.filter(|gap| gap.step == step.id);
        let open = gaps.filter(|gap| facts.stage(&gap.step, &gap.rule) != Stage::Dismissed);
        let found: Vec<String> = open
            .map(|gap| explain::gap(lang, gap, names).title)
            .collect();
        Line {
            chosen: match again.posted {
                Some(posted) => posted.all("step").any(|id| id == step.id.as_str()),
                None => !found.is_empty(),
            },
            words: again.posted.map_or_else(String::new, |posted| {
                posted.text(&note_name(step)).to_owned()
            }),
            id: step.id.to_string(),
            name: format!("{} {}", step.id, lang.of(&step.name)),
            found,
        }
    };
    let shown = ReturnPage {
        p: Page::new(visitor, "console.review.return"),
        record: desk.case.id.to_string(),
        subject: subject(facts),
        may: may(facts),
        lines: steps(desk)?.into_iter().map(line).collect(),
        comment: again
            .posted
            .map_or_else(String::new, |posted| posted.text("comment").to_owned()),
        seen: seen(facts),
        errors: errors(lang, &again.errors),
        stale: again.stale,
    };
    answer(&shown, again)
}

/// `GET /records/{id}/return`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let desk = Desk::open(&app, &visitor, &id).await?;
    page(&visitor, &desk, &FRESH)
}

/// What the form says, and what is wrong with it.
fn read(desk: &Desk, posted: &Fields) -> Result<(Returned, Wrong), Problem> {
    let comment = posted.text("comment").trim().to_owned();
    let mut wrong = Wrong::new();
    if comment.is_empty() {
        wrong.push(("comment", "console.review.error.comment"));
    }
    let long = |words: &str| words.chars().count() > MAX_WORDS;
    if long(&comment) {
        wrong.push(("comment", "console.review.error.long"));
    }
    let chosen: Vec<&Step> = steps(desk)?
        .into_iter()
        .filter(|step| posted.all("step").any(|id| id == step.id.as_str()))
        .collect();
    if chosen.is_empty() {
        wrong.push(("step", "console.review.error.step"));
    }
    let note = |step: &&Step| StepNote {
        step: step.id.clone(),
        words: posted.text(&note_name(step)).trim().to_owned(),
    };
    let notes = chosen.iter().map(note);
    let notes: Vec<StepNote> = notes.filter(|note| !note.words.is_empty()).collect();
    if notes.iter().any(|note| long(&note.words)) {
        wrong.push(("step", "console.review.error.long"));
    }
    let returned = Returned {
        steps: chosen.iter().map(|step| step.id.clone()).collect(),
        comment,
        notes: Some(notes).filter(|notes| !notes.is_empty()),
    };
    Ok((returned, wrong))
}

/// `POST /records/{id}/return`: fields `comment`, `step` once for each step, `note.<step>` and `seen`.
pub(crate) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(posted): Posted,
) -> Result<Response, Problem> {
    let desk = Desk::open(&app, &visitor, &id).await?;
    let facts = &desk.judged()?.0.facts;
    let (returned, wrong) = read(&desk, &posted)?;
    let stale = is_stale(facts, &posted) || !may(facts);
    if stale || !wrong.is_empty() {
        let again = Again {
            posted: Some(&posted),
            errors: wrong,
            stale,
            from: "",
        };
        return page(&visitor, &desk, &again);
    }
    let event = office::event(returned, app.now());
    let about = desk.case.id.to_string();
    let act = (Act::RecordReturned, about);
    if !desk.say(&app, &visitor, event, act).await? {
        let desk = Desk::open(&app, &visitor, &id).await?;
        let again = Again {
            posted: Some(&posted),
            errors: wrong,
            stale: true,
            from: "",
        };
        return page(&visitor, &desk, &again);
    }
    Ok(Redirect::to(&format!("/records/{id}")).into_response())
}
