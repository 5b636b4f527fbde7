//! Tasks: assigning them, and approving them ahead of time (or late, in an emergency).

use crate::access::{self, Role};
use crate::app::App;
use crate::html::{self, Page, Pager, allows};
use crate::office;
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::tasks::{self, TaskRow, TaskState};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::event::{Approved, Event, Opened};
use shared::domain::reference::{Approval, Officer, PowerItem, RefSet, Subject, Task, Unit};
use shared::id::{OfficerId, ProcedureId, RecordId, StepId, SubjectId, TaskId, UnitId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::text::{Lang, text};
use std::collections::BTreeMap;

/// Lines of one page.
const PAGE: usize = 50;
/// The longest note. Characters.
const MAX_NOTE: usize = 500;
/// Officers of one task, at least (河南省行政执法条例 24) and at most.
const MIN_OFFICERS: usize = 2;
const MAX_OFFICERS: usize = 20;
/// The procedure of inspections and its approval step.
const PROCEDURE: &str = "XZJC";
const APPROVAL_STEP: &str = "JC-07";

/// What pages need to write names.
struct Names {
    officers: BTreeMap<OfficerId, Officer>,
    units: BTreeMap<UnitId, Unit>,
    subjects: BTreeMap<SubjectId, Subject>,
    matters: Vec<PowerItem>,
}

impl Names {
    fn load(tx: &ReadTx<'_>) -> Result<Self, store::Error> {
        Ok(Self {
            officers: refs::officers(tx)?,
            units: refs::units(tx)?,
            subjects: refs::subjects(tx)?,
            matters: refs::all(tx, RefSet::Power)?,
        })
    }

    fn officer(&self, id: OfficerId) -> String {
        self.officers
            .get(&id)
            .map_or_else(|| id.to_string(), |o| o.name.clone())
    }

    fn view(&self, lang: Lang, row: &TaskRow) -> View {
        let task = &row.task;
        let names: Vec<String> = task.officers.iter().map(|id| self.officer(*id)).collect();
        let subject = self.subjects.get(&task.subject);
        let matter = self.matters.iter().find(|m| m.code == task.matter);
        let decided = task.approval.as_ref().map(|approval| {
            format!(
                "{} · {}",
                self.officer(approval.by),
                html::moment(lang, approval.at)
            )
        });
        View {
            id: task.id.to_string(),
            record: task.record.to_string(),
            subject: subject.map_or_else(String::new, |s| s.name.clone()),
            place: subject.map_or_else(String::new, |s| s.address.clone()),
            matter: matter.map_or_else(
                || task.matter.clone(),
                |m| format!("{} {}", m.code, m.name.zh),
            ),
            basis: matter.map_or_else(String::new, |m| {
                let name = |basis: &shared::domain::reference::Basis| basis.law.clone();
                m.bases.iter().map(name).collect::<Vec<_>>().join("、")
            }),
            unit: self
                .units
                .get(&task.unit)
                .map_or_else(String::new, |u| u.name.clone()),
            officers: names.join(if lang == Lang::Zh { "、" } else { ", " }),
            planned: html::day(lang, task.planned),
            note: task.note.clone(),
            state: row.state.code(),
            state_words: text(lang, &format!("console.task.state.{}", row.state.code())).to_owned(),
            decided,
            assigned: format!(
                "{} · {}",
                self.officer(row.created_by),
                html::moment(lang, row.created_at)
            ),
        }
    }
}

/// A task, ready to print.
struct View {
    id: String,
    record: String,
    subject: String,
    place: String,
    matter: String,
    basis: String,
    unit: String,
    officers: String,
    planned: String,
    note: String,
    state: &'static str,
    state_words: String,
    decided: Option<String>,
    assigned: String,
}

impl View {
    fn class(&self) -> &'static str {
        match self.state {
            "approved" => "state-done",
            "denied" => "state-blocked",
            _ => "state-todo",
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    pub(crate) page: usize,
}

#[derive(askama::Template)]
#[template(path = "tasks.html")]
struct ListPage {
    p: Page,
    tasks: Vec<View>,
    assigns: bool,
    pager: Pager,
}

/// `GET /tasks`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let (scope, lang, number) = (visitor.scope(), visitor.lang, query.page);
    let (views, more) = app
        .store
        .read(move |tx| {
            let names = Names::load(tx)?;
            let (rows, more) = tasks::page(tx, scope, number, PAGE)?;
            Ok((rows.iter().map(|row| names.view(lang, row)).collect(), more))
        })
        .await?;
    html::render(&ListPage {
        tasks: views,
        assigns: allows(access::ASSIGN, &visitor.session.roles),
        pager: Pager::new("/tasks?", number, more),
        p: Page::new(&visitor, "console.nav.tasks"),
    })
}

struct OfficerChoice {
    id: String,
    name: String,
    hint: String,
    chosen: bool,
}

/// What the form shows: choices, and what was typed.
#[derive(askama::Template)]
#[template(path = "task_new.html")]
struct FormPage {
    p: Page,
    subjects: Vec<(String, String, bool)>,
    matters: Vec<(String, String, bool)>,
    officers: Vec<OfficerChoice>,
    planned: String,
    note: String,
    errors: Vec<(&'static str, String)>,
}

impl FormPage {
    fn error(&self, field: &str) -> Option<&String> {
        self.errors
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, words)| words)
    }
}

/// What was typed, as text, so that it can be shown again.
#[derive(Default, Clone)]
struct Typed {
    subject: String,
    matter: String,
    officers: Vec<String>,
    planned: String,
    note: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            subject: fields.text("subject").to_owned(),
            matter: fields.text("matter").to_owned(),
            officers: fields.all("officer").map(str::to_owned).collect(),
            planned: fields.text("planned").to_owned(),
            note: fields.text("note").to_owned(),
        }
    }
}

type Errors = Vec<(&'static str, &'static str)>;

/// What was typed, as it can be acted upon.
struct NewTask {
    subject: Subject,
    matter: String,
    officers: Vec<OfficerId>,
    planned: Date,
    note: String,
}

fn parse(typed: &Typed, names: &Names, unit: UnitId) -> Result<NewTask, Errors> {
    let mut errors = Errors::new();
    let mut fault = |field, key| errors.push((field, key));
    let subject = typed
        .subject
        .parse()
        .ok()
        .and_then(|id| names.subjects.get(&id));
    if subject.is_none() {
        fault("subject", "console.task.error.subject");
    }
    let matter = names
        .matters
        .iter()
        .find(|matter| matter.code == typed.matter);
    if matter.is_none() {
        fault("matter", "console.task.error.matter");
    }
    let mut officers: Vec<OfficerId> = typed
        .officers
        .iter()
        .filter_map(|id| id.parse().ok())
        .filter(|id| {
            names
                .officers
                .get(id)
                .is_some_and(|officer| officer.unit == unit)
        })
        .collect();
    officers.sort_unstable();
    officers.dedup();
    if !(MIN_OFFICERS..=MAX_OFFICERS).contains(&officers.len()) {
        fault("officer", "console.task.error.officers");
    }
    let planned: Option<Date> = typed.planned.parse().ok();
    if planned.is_none() {
        fault("planned", "console.task.error.planned");
    }
    if typed.note.chars().count() > MAX_NOTE {
        fault("note", "console.task.error.note");
    }
    match (subject, matter, planned, errors.is_empty()) {
        (Some(subject), Some(matter), Some(planned), true) => Ok(NewTask {
            subject: subject.clone(),
            matter: matter.code.clone(),
            officers,
            planned,
            note: typed.note.clone(),
        }),
        _ => Err(errors),
    }
}

fn form_page(
    visitor: &Visitor,
    names: &Names,
    typed: &Typed,
    errors: &Errors,
    today: Date,
) -> FormPage {
    let (lang, unit) = (visitor.lang, visitor.session.officer.unit);
    let choices = names
        .officers
        .values()
        .filter(|o| o.unit == unit)
        .filter_map(|officer| {
            let held = crate::officers::certificate_words(lang, officer, today)?;
            let id = officer.id.to_string();
            let chosen = typed.officers.contains(&id);
            Some(OfficerChoice {
                chosen,
                id,
                name: officer.name.clone(),
                hint: held,
            })
        });
    let subjects = names.subjects.values().map(|subject| {
        let id = subject.id.to_string();
        let chosen = id == typed.subject;
        (
            id,
            format!("{} · {}", subject.name, subject.address),
            chosen,
        )
    });
    let matters = names.matters.iter().map(|matter| {
        let label = format!("{} {}（{:?}）", matter.code, matter.name.zh, matter.source);
        (matter.code.clone(), label, matter.code == typed.matter)
    });
    FormPage {
        p: Page::new(visitor, "console.task.new"),
        subjects: subjects.collect(),
        matters: matters.collect(),
        officers: choices.collect(),
        planned: typed.planned.clone(),
        note: typed.note.clone(),
        errors: errors
            .iter()
            .map(|(f, key)| (*f, text(lang, key).to_owned()))
            .collect(),
    }
}

/// `GET /tasks/new`.
pub(crate) async fn form(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let names = app.store.read(Names::load).await?;
    let today = app.now().date();
    let typed = Typed {
        planned: today.to_string(),
        ..Typed::default()
    };
    html::render(&form_page(&visitor, &names, &typed, &Vec::new(), today))
}

/// Random bytes of a new task.
struct Fresh {
    task: TaskId,
    record: RecordId,
    salt: [u8; 16],
}

impl Fresh {
    fn new(now: Instant) -> Result<Self, Problem> {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        Ok(Self {
            task: TaskId::new_v7(millis, &random::bytes()?),
            record: RecordId::new_v7(millis, &random::bytes()?),
            salt: random::bytes()?,
        })
    }
}

/// `POST /tasks`.
pub(crate) async fn assign(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let names = app.store.read(Names::load).await?;
    let (now, by) = (app.now(), visitor.session.officer.clone());
    let typed = Typed::of(&fields);
    let new = match parse(&typed, &names, by.unit) {
        Ok(new) => new,
        Err(errors) => {
            let page = form_page(&visitor, &names, &typed, &errors, now.date());
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, html::render(&page)?).into_response());
        }
    };
    let fresh = Fresh::new(now)?;
    let id = fresh.task;
    let task = task(&fresh, &new, by.unit)?;
    let assigned = Assigned {
        task,
        subject: new.subject,
        by: by.id,
        salt: fresh.salt,
    };
    let (handle, account) = (app.clone(), visitor.session.account);
    app.store
        .write(move |tx| {
            open(tx, &handle, &assigned, now)?;
            audit::write(tx, now, Some(account), Act::TaskAssigned, &id.to_string())
        })
        .await?;
    app.wake.notify_one();
    Ok(Redirect::to(&format!("/tasks/{id}")).into_response())
}

fn task(fresh: &Fresh, new: &NewTask, unit: UnitId) -> Result<Task, Problem> {
    Ok(Task {
        id: fresh.task,
        record: fresh.record,
        procedure: ProcedureId::new(PROCEDURE).map_err(Problem::internal)?,
        version: 1,
        unit,
        subject: new.subject.id,
        matter: new.matter.clone(),
        officers: new.officers.clone(),
        planned: new.planned,
        note: new.note.clone(),
        approval: None,
    })
}

/// A new task and who assigns it.
pub(crate) struct Assigned {
    pub(crate) task: Task,
    pub(crate) subject: Subject,
    pub(crate) by: OfficerId,
    pub(crate) salt: [u8; 16],
}

/// Opens the record of a new task, by whoever assigns it, and sends the task to the office's devices.
pub(crate) fn open(
    tx: &store::WriteTx<'_>,
    app: &App,
    assigned: &Assigned,
    now: Instant,
) -> Result<(), store::Error> {
    let Assigned {
        task,
        subject,
        by,
        salt,
    } = assigned;
    let opened = Opened {
        procedure: task.procedure.clone(),
        version: task.version,
        unit: task.unit,
        subject: Some(task.subject),
        subject_name: subject.name.clone(),
        place: subject.address.clone(),
        matter: task.matter.clone(),
        task: Some(task.id),
        urgent: None,
        officers: task.officers.clone(),
    };
    let event = Event {
        recorded_at: now,
        happened_at: None,
        fact: opened.into(),
    };
    let act = office::Act {
        record: task.record,
        unit: task.unit,
        officer: *by,
        salt: *salt,
    };
    office::commit(tx, app, act, &[event], now)?;
    tasks::add(tx, task, *by, now)?;
    refs::put_task(tx, task)
}

/// Decides on a waiting task: an event of its record, by the responsible person.
pub(crate) fn decide(
    tx: &store::WriteTx<'_>,
    app: &App,
    mut task: Task,
    decision: Decision,
    now: Instant,
) -> Result<(), store::Error> {
    let step = StepId::new(APPROVAL_STEP).map_err(|_| store::Error::Corrupt("step"))?;
    let Decision {
        by,
        granted,
        note,
        salt,
    } = decision;
    let fact = Approved {
        step,
        approver: by,
        granted,
        note,
    };
    let event = Event {
        recorded_at: now,
        happened_at: None,
        fact: fact.into(),
    };
    let act = office::Act {
        record: task.record,
        unit: task.unit,
        officer: by,
        salt,
    };
    office::commit(tx, app, act, &[event], now)?;
    if granted {
        task.approval = Some(Approval { by, at: now });
        refs::put_task(tx, &task)?;
        tasks::decide(tx, &task, TaskState::Approved)
    } else {
        refs::remove(tx, RefSet::Tasks, task.id.as_bytes(), Some(task.unit))?;
        tasks::decide(tx, &task, TaskState::Denied)
    }
}

/// What the responsible person says.
pub(crate) struct Decision {
    pub(crate) by: OfficerId,
    pub(crate) granted: bool,
    pub(crate) note: String,
    pub(crate) salt: [u8; 16],
}

#[derive(askama::Template)]
#[template(path = "task.html")]
struct TaskPage {
    p: Page,
    task: View,
    decides: bool,
    error: Option<String>,
    note: String,
}

async fn find(app: &App, visitor: &Visitor, id: &str) -> Result<(TaskRow, Names), Problem> {
    let id: TaskId = id.parse().map_err(|_| Code::NotFound)?;
    let found = app
        .store
        .read(move |tx| Ok(tasks::get(tx, id)?.zip(Some(Names::load(tx)?))))
        .await?;
    found
        .filter(|(row, _)| visitor.sees(row.task.unit))
        .ok_or(Code::NotFound.into())
}

fn page(
    visitor: &Visitor,
    row: &TaskRow,
    names: &Names,
    typed: Option<(String, &str)>,
) -> Result<Response, Problem> {
    let own = visitor.session.officer.unit == row.task.unit;
    let waits = row.state == TaskState::Waiting;
    let (note, error) = typed.map_or((String::new(), None), |(note, key)| (note, Some(key)));
    html::render(&TaskPage {
        p: Page::new(visitor, "console.task.one"),
        task: names.view(visitor.lang, row),
        decides: visitor.is(Role::Responsible) && own && waits,
        error: error.map(|key| text(visitor.lang, key).to_owned()),
        note,
    })
}

/// `GET /tasks/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (row, names) = find(&app, &visitor, &id).await?;
    page(&visitor, &row, &names, None)
}

/// `POST /tasks/{id}/approve`.
pub(crate) async fn approve(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    answer(&app, &visitor, &id, &fields, true).await
}

/// `POST /tasks/{id}/deny`.
pub(crate) async fn deny(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    answer(&app, &visitor, &id, &fields, false).await
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    id: &str,
    fields: &Fields,
    granted: bool,
) -> Result<Response, Problem> {
    let (row, names) = find(app, visitor, id).await?;
    if row.task.unit != visitor.session.officer.unit {
        return Err(Code::Forbidden.into());
    }
    let note = fields.text("note").to_owned();
    let fault = match (granted, note.chars().count()) {
        (_, n) if n > MAX_NOTE => Some("console.task.error.note"),
        (false, 0) => Some("console.task.error.reason"),
        _ => None,
    };
    if let Some(key) = fault {
        let body = page(visitor, &row, &names, Some((note, key)))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
    }
    let (by, account, now) = (
        visitor.session.officer.id,
        visitor.session.account,
        app.now(),
    );
    let (handle, task) = (app.clone(), row.task.id);
    let decision = Decision {
        by,
        granted,
        note,
        salt: random::bytes()?,
    };
    app.store
        .write(move |tx| {
            // Pressing twice, or two people at once: the first one counts.
            let row = tasks::get(tx, task)?.ok_or(store::Error::NotFound)?;
            if row.state != TaskState::Waiting {
                return Ok(());
            }
            decide(tx, &handle, row.task, decision, now)?;
            let act = if granted {
                Act::TaskApproved
            } else {
                Act::TaskDenied
            };
            audit::write(tx, now, Some(account), act, &task.to_string())
        })
        .await?;
    app.wake.notify_one();
    Ok(Redirect::to(&format!("/tasks/{task}")).into_response())
}
