//! A record's pages: the checklist, what is missing before one leaves, handing in, and everything that was recorded.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::outbox::Tap;
use crate::say;
use crate::sheet::Sheet;
use crate::store::{journal, log, records};
use crate::timeline;
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{Event, Submitted};
use shared::problem::Code;
use shared::rules::gap::Assessment;
use shared::rules::procedure::Step;

/// One step in the checklist.
struct Item {
    href: String,
    name: String,
    class: &'static str,
    state: String,
    at: String,
    article: String,
    /// The gravest gap of this step, as `G3`, or nothing.
    grade: &'static str,
    office: bool,
}

struct Phase {
    name: String,
    items: Vec<Item>,
}

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
#[template(path = "record.html")]
struct RecordPage {
    ui: Ui,
    head: Heading,
    matter: String,
    officers: String,
    phases: Vec<Phase>,
    gaps: Vec<Shown>,
    missing: usize,
    on_site: usize,
    unknown: usize,
    damaged: usize,
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

/// `GET /field/r/{record}`
pub(crate) async fn record(desk: Desk, Path(record): Path<String>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let assessed = gaps::assess(&sheet, desk.now());
    let ui = desk.ui;
    let phases = sheet
        .procedure
        .phases
        .iter()
        .map(|phase| Phase {
            name: ui.lang.of(&phase.name).to_owned(),
            items: sheet
                .procedure
                .steps
                .iter()
                .filter(|step| step.phase == phase.code)
                .map(|step| item(&desk, &sheet, &assessed, step))
                .collect(),
        })
        .filter(|phase| !phase.items.is_empty())
        .collect();
    let names: Vec<String> = sheet
        .acting()
        .into_iter()
        .map(|id| sheet.officer_name(id))
        .collect();
    let shown: Vec<Shown> = assessed
        .gaps
        .iter()
        .map(|gap| gaps::gap(&sheet, ui.lang, gap))
        .collect();
    Ok(html::ok(&RecordPage {
        ui,
        head: Heading::of(ui, &sheet),
        matter: sheet.matter(ui.lang),
        officers: names.join("、"),
        phases,
        on_site: assessed.open.iter().filter(|open| open.on_site).count(),
        missing: assessed.gaps.len() + assessed.open.len(),
        gaps: shown,
        unknown: sheet.facts.unknown,
        damaged: sheet.facts.damaged.len(),
    }))
}

fn item(desk: &Desk, sheet: &Sheet, assessed: &Assessment, step: &Step) -> Item {
    let ui = desk.ui;
    let (mut class, mut key, at) = sheet.state(step);
    let overdue = assessed
        .open
        .iter()
        .any(|open| open.step == step.id && open.deadline.is_some_and(|d| d.latest < desk.now()));
    if overdue && at.is_none() {
        (class, key) = ("late", "field.state.overdue");
    }
    let gap = assessed.gaps.iter().find(|gap| gap.step == step.id);
    Item {
        href: format!("/field/r/{}/s/{}", sheet.record, step.id),
        name: ui.lang.of(&step.name).to_owned(),
        class,
        state: ui.t(key).to_owned(),
        at: at.map_or_else(String::new, |at| say::recently(ui.lang, at, desk.now())),
        article: gaps::articles(ui.lang, &step.basis),
        grade: gap.map_or("", |gap| gaps::grade(gap.severity)),
        office: step.actor == shared::rules::procedure::Actor::Office,
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
    desk.app.store().write(|tx| {
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
    let (sheet, next) = desk.app.store().read(|c| {
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
