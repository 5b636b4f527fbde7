//! Tasks: assigning them, and approving them ahead of time (or late, in an emergency).

mod names;
mod new;
mod plan;

use names::{Names, View};
pub(crate) use new::{assign, form};

use crate::access::{self, Role};
use crate::app::App;
use crate::assess;
use crate::export::{self, Asked};
use crate::html::{self, Page, Pager, allows};
use crate::office;
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::steps::opinion_fault;
use crate::store::audit::{self, Act};
use crate::store::tasks::{self, TaskRow, TaskState};
use crate::store::{self, refs};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::domain::event::{Fact, Opened};
use shared::domain::reference::{Subject, Task};
use shared::id::{OfficerId, RecordId, StepId, TaskId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::text::{Lang, text};

/// Lines of one page.
const PAGE: usize = 50;
/// The approval step of inspections.
const APPROVAL_STEP: &str = "JC-07";

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
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (scope, lang) = (visitor.scope(), visitor.lang);
    let (number, size) = asked.page(PAGE);
    let (views, more): (Vec<View>, bool) = app
        .store
        .read(move |tx| {
            let names = Names::load(tx)?;
            let (rows, more) = tasks::page(tx, scope, number, size)?;
            Ok((rows.iter().map(|row| names.view(lang, row)).collect(), more))
        })
        .await?;
    if asked.is_csv() {
        let head = [
            "console.gap.record",
            "console.gap.subject",
            "console.gap.matter",
            "console.task.unit",
            "console.task.planned",
            "console.task.officers",
            "console.gap.status",
        ];
        let cells = views.into_iter().map(|view| {
            [
                view.record,
                view.subject,
                view.matter,
                view.unit,
                view.planned,
                view.officers,
                view.state_words,
            ]
        });
        return export::csv(
            "tasks",
            app.now().date(),
            head.map(|key| text(lang, key)),
            cells,
        );
    }
    html::render(&ListPage {
        tasks: views,
        assigns: allows(access::ASSIGN, &visitor.session.roles),
        pager: Pager::new("/tasks?", number, more),
        p: Page::new(&visitor, "console.nav.tasks"),
    })
}

/// A new task and who assigns it.
pub(crate) struct Assigned {
    pub(crate) task: Task,
    pub(crate) subject: Subject,
    pub(crate) by: OfficerId,
    pub(crate) salt: [u8; 16],
    /// What the office's steps before the approval were answered with.
    pub(crate) answers: Vec<Fact>,
}

/// How the record of a task is opened.
fn opened(task: &Task, subject: &Subject) -> Opened {
    Opened {
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
    }
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
        answers,
    } = assigned;
    let mut events = vec![office::event(opened(task, subject), now)];
    events.extend(answers.iter().map(|fact| office::event(fact.clone(), now)));
    let act = office::Act {
        record: task.record,
        unit: task.unit,
        officer: *by,
        salt: *salt,
    };
    office::commit(tx, app, act, &events, now)?;
    tasks::add(tx, task, *by, now)?;
    refs::put_task(tx, task)
}

/// Decides on a task: its record's approval step, by the responsible person.
pub(crate) fn decide(
    tx: &store::WriteTx<'_>,
    app: &App,
    task: &Task,
    decision: Decision,
    now: Instant,
) -> Result<(), store::Error> {
    let step = StepId::new(APPROVAL_STEP).map_err(|_| store::Error::Corrupt("step"))?;
    let act = office::Act {
        record: task.record,
        unit: task.unit,
        officer: decision.by,
        salt: decision.salt,
    };
    let (granted, note) = (decision.granted, decision.note);
    let decision = office::Decision {
        step,
        granted,
        note,
    };
    office::decide(tx, app, act, decision, now)
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
    /// What the law asks for before an approval.
    forbids: Vec<String>,
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

/// A decision that is not taken as it is.
#[derive(Default)]
struct Refused {
    note: String,
    error: Option<&'static str>,
    forbids: Vec<String>,
}

fn page(
    visitor: &Visitor,
    row: &TaskRow,
    names: &Names,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let own = visitor.session.officer.unit == row.task.unit;
    let waits = row.state == TaskState::Waiting;
    let refused = refused.unwrap_or_default();
    html::render(&TaskPage {
        p: Page::new(visitor, "console.task.one"),
        task: names.view(visitor.lang, row),
        decides: visitor.is(Role::Responsible) && own && waits,
        error: refused.error.map(|key| text(visitor.lang, key).to_owned()),
        note: refused.note,
        forbids: refused.forbids,
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
    let error = opinion_fault(granted, &note);
    let forbids = if granted {
        forbids(app, visitor.lang, row.task.record).await?
    } else {
        Vec::new()
    };
    if error.is_some() || !forbids.is_empty() {
        let refused = Refused {
            note,
            error,
            forbids,
        };
        let body = page(visitor, &row, &names, Some(refused))?;
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
            decide(tx, &handle, &row.task, decision, now)?;
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

/// What the law asks for before the record of a task may be approved.
async fn forbids(app: &App, lang: Lang, record: RecordId) -> Result<Vec<String>, Problem> {
    let now = app.now();
    let step = StepId::new(APPROVAL_STEP).map_err(Problem::internal)?;
    let case = app
        .store
        .read(move |tx| assess::case(tx, record, now))
        .await?;
    Ok(case.map_or_else(Vec::new, |case| office::forbids(lang, &case, &step)))
}
