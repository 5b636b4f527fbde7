//! Correcting what was sealed: chosen events of a step are withdrawn with a reason, and the step can be filled in again.
//! Nothing disappears: the withdrawn events stay in the history, struck through.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::{self, Answer, Ui, see};
use crate::outbox::Tap;
use crate::records::Heading;
use crate::sheet::Sheet;
use crate::store::{journal, log, records};
use crate::timeline::{self, Entry};
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{Amended, Event, EventRef, Fact};
use shared::fold;
use shared::id::OfficerId;
use shared::rules::procedure::Step;

#[derive(Template)]
#[template(path = "amend.html")]
struct AmendPage {
    ui: Ui,
    errors: FormErrors,
    head: Heading,
    step: String,
    name: String,
    entries: Vec<Entry>,
    reason: String,
}

/// The events of this step that count and that this officer recorded: nobody withdraws what others did.
fn counting<'a>(
    me: OfficerId,
    sheet: &'a Sheet,
    step: &'a Step,
) -> impl Iterator<Item = &'a fold::Entry> {
    sheet.facts.timeline.iter().filter(move |entry| {
        entry.event.fact.step() == Some(&step.id)
            && !sheet.facts.withdrawn.contains(&entry.place)
            && entry.officer == me
    })
}

fn page(desk: &Desk, sheet: &Sheet, step: &Step, errors: FormErrors, reason: &str) -> AmendPage {
    let ui = desk.ui;
    AmendPage {
        ui,
        errors,
        head: Heading::of(ui, sheet),
        step: step.id.to_string(),
        name: ui.lang.of(&step.name).to_owned(),
        // The outcome is withdrawn in any case, else the step could not be filled in again.
        entries: counting(desk.me.officer, sheet, step)
            .filter(|entry| !matches!(entry.event.fact, Fact::StepRecorded(_)))
            .map(|entry| timeline::line(ui, sheet, entry, desk.me.feed, u64::MAX))
            .collect(),
        reason: reason.to_owned(),
    }
}

/// `GET /field/r/{record}/s/{step}/amend`
pub(crate) async fn amend_page(desk: Desk, Path((record, step)): Path<(String, String)>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let step = sheet.step(&step)?;
    Ok(html::ok(&page(
        &desk,
        &sheet,
        step,
        FormErrors::default(),
        "",
    )))
}

/// `POST /field/r/{record}/s/{step}/amend`: fields `reason`, and `event` once for each event to withdraw.
pub(crate) async fn amend(
    desk: Desk,
    Path((record, step)): Path<(String, String)>,
    form: Posted,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let step = sheet.step(&step)?;
    let here = format!("/field/r/{}/s/{}", sheet.record, step.id);
    let ended = sheet
        .known(&step.id)
        .is_some_and(|known| known.outcome.is_some());
    if !ended || sheet.facts.voided.is_some() {
        return Ok(see(&here));
    }
    let mut errors = FormErrors::default();
    let reason = form.required("reason", &mut errors);
    if !errors.is_empty() {
        return Ok(html::again(&page(&desk, &sheet, step, errors, &reason)));
    }
    let chosen: Vec<&str> = form.all("event").collect();
    let targets: Vec<EventRef> = counting(desk.me.officer, &sheet, step)
        .filter(|entry| {
            matches!(entry.event.fact, Fact::StepRecorded(_))
                || chosen.contains(&timeline::place_text(entry.place).as_str())
        })
        .map(|entry| entry.place)
        .collect();
    let recorded_at = desk.now();
    desk.store().write(|tx| {
        // Sealed first: an event still in the journal has no lasting place that could be named.
        log::seal(tx, desk.app.host(), sheet.record)?;
        for target in targets {
            let amended = Amended {
                target,
                reason: reason.clone(),
            };
            let event = Event {
                recorded_at,
                happened_at: None,
                fact: amended.into(),
            };
            let slot = format!("amended:{}", timeline::place_text(target));
            journal::put(tx, sheet.record, &slot, &event)?;
        }
        log::seal(tx, desk.app.host(), sheet.record)?;
        records::refresh(tx, sheet.record)
    })?;
    desk.app.mailbox().put(Tap::Changed);
    Ok(see(&here))
}
