//! A record's pages beside its task list: what is missing before one leaves, handing in, and everything that was recorded.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::outbox::Tap;
use crate::sheet::Sheet;
use crate::store::{journal, log, records};
use crate::timeline;
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{Event, Submitted};
use shared::problem::Code;

/// What stands on top of every page of a record.
pub(crate) struct Heading {
    pub(crate) record: String,
    pub(crate) subject: String,
    pub(crate) place: String,
    pub(crate) procedure: String,
    pub(crate) urgent: String,
    pub(crate) submitted: bool,
    pub(crate) returned: String,
    pub(crate) voided: String,
}

#[derive(Template)]
#[template(path = "leave.html")]
struct LeavePage {
    ui: Ui,
    head: Heading,
    open: Vec<Shown>,
    gaps: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "submit.html")]
struct SubmitPage {
    ui: Ui,
    errors: FormErrors,
    head: Heading,
    open: Vec<Shown>,
    gaps: Vec<Shown>,
    note: String,
}

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage {
    ui: Ui,
    head: Heading,
    entries: Vec<timeline::Entry>,
}

impl Heading {
    /// Of this record.
    pub(crate) fn of(ui: Ui, sheet: &Sheet) -> Self {
        let returned = sheet.facts.returned.as_ref().filter(|_| !sheet.submitted());
        Self {
            record: sheet.record.to_string(),
            subject: sheet.subject().to_owned(),
            place: sheet.place().to_owned(),
            procedure: ui.lang.of(&sheet.procedure.name).to_owned(),
            urgent: sheet.urgent().to_owned(),
            submitted: sheet.submitted(),
            returned: returned.map_or_else(String::new, |noted| noted.value.comment.clone()),
            voided: sheet
                .facts
                .voided
                .as_ref()
                .map_or_else(String::new, |noted| noted.value.reason.clone()),
        }
    }
}

fn words(desk: &Desk, sheet: &Sheet) -> (Vec<Shown>, Vec<Shown>) {
    let assessed = gaps::assess(sheet, desk.now());
    let lang = desk.ui.lang;
    let gaps = assessed
        .gaps
        .iter()
        .map(|gap| gaps::gap(sheet, lang, gap))
        .collect();
    let open = assessed
        .open
        .iter()
        .map(|open| gaps::open(sheet, lang, open))
        .collect();
    (gaps, open)
}

/// `GET /field/r/{record}/leave`
pub(crate) async fn leave(desk: Desk, Path(record): Path<String>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let (gaps, open) = words(&desk, &sheet);
    Ok(html::ok(&LeavePage {
        ui: desk.ui,
        head: Heading::of(desk.ui, &sheet),
        open,
        gaps,
    }))
}

/// `GET /field/r/{record}/submit`
pub(crate) async fn submit_page(desk: Desk, Path(record): Path<String>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let (gaps, open) = words(&desk, &sheet);
    Ok(html::ok(&SubmitPage {
        ui: desk.ui,
        errors: FormErrors::default(),
        head: Heading::of(desk.ui, &sheet),
        open,
        gaps,
        note: String::new(),
    }))
}

/// `POST /field/r/{record}/submit`: field `note`. Always allowed: gaps are shown before and stay visible afterwards.
pub(crate) async fn submit(desk: Desk, Path(record): Path<String>, form: Posted) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    if sheet.facts.voided.is_some() || sheet.submitted() {
        return Ok(see(&format!("/field/r/{}", sheet.record)));
    }
    let mut errors = FormErrors::default();
    let note = form.text("note", &mut errors);
    if !errors.is_empty() {
        let (gaps, open) = words(&desk, &sheet);
        return Ok(html::again(&SubmitPage {
            ui: desk.ui,
            errors,
            head: Heading::of(desk.ui, &sheet),
            open,
            gaps,
            note,
        }));
    }
    let event = Event {
        recorded_at: desk.now(),
        happened_at: None,
        fact: Submitted { note }.into(),
    };
    desk.store().write(|tx| {
        journal::put(tx, sheet.record, "submitted", &event)?;
        log::seal(tx, desk.app.host(), sheet.record)?;
        records::refresh(tx, sheet.record)
    })?;
    desk.app.mailbox().put(Tap::Changed);
    Ok(see(&format!("/field/r/{}", sheet.record)))
}

/// `GET /field/r/{record}/log`
pub(crate) async fn log_page(desk: Desk, Path(record): Path<String>) -> Answer {
    let record = record.parse().map_err(|_| Problem::of(Code::NotFound))?;
    let (sheet, next) = desk.store().read(|c| {
        let next = log::head(c, desk.me.feed)?.map_or(1, |head| head.seq + 1);
        Ok((Sheet::read(c, record)?, next))
    })?;
    let entries = timeline::of(desk.ui, &sheet, desk.me.feed, next);
    Ok(html::ok(&LogPage {
        ui: desk.ui,
        head: Heading::of(desk.ui, &sheet),
        entries,
    }))
}
