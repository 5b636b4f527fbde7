//! A new task: whom to inspect, why, and who goes. What the procedure asks of the office before the approval is asked here,
//! in two rounds where the first answers decide what else applies.

use super::plan::{plan, plan_steps};
use super::{Assigned, Names, open, opened};
use crate::app::App;
use crate::assess::Ahead;
use crate::fields::{self, Control};
use crate::html::{self, Page};
use crate::office;
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::{ReadTx, refs};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use shared::domain::reference::{Subject, Task};
use shared::fold::Facts;
use shared::id::{OfficerId, ProcedureId, RecordId, TaskId, UnitId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::procedure::{Procedure, Step};
use shared::text::text;

/// The longest note. Characters.
const MAX_NOTE: usize = 500;
/// Officers of one task, at least (河南省行政执法条例 24) and at most.
const MIN_OFFICERS: usize = 2;
const MAX_OFFICERS: usize = 20;
/// The procedure of inspections.
const PROCEDURE: &str = "XZJC";
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
    /// What the procedure asks of the office: heading, why, step, controls.
    plan: Vec<(String, String, String, Vec<Control>)>,
    /// The first answers ask for more.
    more: bool,
    errors: Vec<(String, String)>,
}

impl FormPage {
    fn error(&self, field: &str) -> Option<&String> {
        self.errors
            .iter()
            .find(|(name, _)| name == field)
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

/// What was typed, as it can be acted upon.
struct NewTask {
    subject: Subject,
    matter: String,
    officers: Vec<OfficerId>,
    planned: Date,
    note: String,
}

fn parse(typed: &Typed, names: &Names, unit: UnitId) -> Result<NewTask, fields::Errors> {
    let mut errors = fields::Errors::new();
    let mut fault = |field: &str, key| errors.push((field.to_owned(), key));
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

/// What the form is shown with.
struct Round<'a> {
    typed: &'a Typed,
    plan: Vec<(String, String, String, Vec<Control>)>,
    more: bool,
    errors: fields::Errors,
    today: Date,
}

fn form_page(visitor: &Visitor, names: &Names, round: Round<'_>) -> FormPage {
    let Round {
        typed,
        plan,
        more,
        errors,
        today,
    } = round;
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
    // A matter can stand on the list several times, each time for other days.
    let mut matters: Vec<(String, String, bool)> = Vec::new();
    for matter in names.matters.iter().filter(|m| m.is_in_force(today)) {
        let name = lang.of(&matter.name);
        let label = format!("{} {name}（{:?}）", matter.code, matter.source);
        matters.push((matter.code.clone(), label, matter.code == typed.matter));
    }
    FormPage {
        p: Page::new(visitor, "console.task.new"),
        subjects: subjects.collect(),
        matters,
        officers: choices.collect(),
        planned: typed.planned.clone(),
        note: typed.note.clone(),
        plan,
        more,
        errors: errors
            .into_iter()
            .map(|(field, key)| (field, text(lang, key).to_owned()))
            .collect(),
    }
}

/// The newest inspection procedure, and the names that the form chooses from.
fn load(tx: &ReadTx<'_>) -> Result<(Names, Option<Procedure>), crate::store::Error> {
    let procedure = refs::newest_procedure(tx, PROCEDURE)?;
    Ok((Names::load(tx)?, procedure))
}

/// `GET /tasks/new`.
pub(crate) async fn form(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let (names, procedure) = app.store.read(load).await?;
    let procedure = procedure.ok_or(Code::BadProcedure)?;
    let today = app.now().date();
    let typed = Typed {
        planned: today.to_string(),
        ..Typed::default()
    };
    let first: Vec<&Step> = plan_steps(&procedure).into_iter().take(1).collect();
    let round = Round {
        typed: &typed,
        plan: sections(&visitor, &first, None, &Vec::new()),
        more: false,
        errors: Vec::new(),
        today,
    };
    html::render(&form_page(&visitor, &names, round))
}

fn sections(
    visitor: &Visitor,
    steps: &[&Step],
    posted: Option<&Fields>,
    errors: &fields::Errors,
) -> Vec<(String, String, String, Vec<Control>)> {
    let (lang, facts) = (visitor.lang, Facts::default());
    let from = fields::From {
        lang,
        posted,
        facts: &facts,
        officers: &[],
        errors,
    };
    let section = |step: &&Step| {
        (
            lang.of(&step.name).to_owned(),
            lang.of(&step.why).to_owned(),
            step.id.to_string(),
            from.controls(step),
        )
    };
    steps.iter().map(section).collect()
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
    Posted(posted): Posted,
) -> Result<Response, Problem> {
    let (names, procedure) = app.store.read(load).await?;
    let procedure = procedure.ok_or(Code::BadProcedure)?;
    let (now, by) = (app.now(), visitor.session.officer.clone());
    let typed = Typed::of(&posted);
    let first: Vec<&Step> = plan_steps(&procedure).into_iter().take(1).collect();
    let again = |steps: &[&Step], more, errors: fields::Errors| {
        let round = Round {
            typed: &typed,
            plan: sections(&visitor, steps, Some(&posted), &errors),
            more,
            errors,
            today: now.date(),
        };
        html::render(&form_page(&visitor, &names, round))
    };
    let new = match parse(&typed, &names, by.unit) {
        Ok(new) => new,
        Err(errors) => {
            let body = again(&first, false, errors)?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
        }
    };
    let fresh = Fresh::new(now)?;
    let id = fresh.task;
    let task = task(&fresh, &new, (&procedure, by.unit));
    let opening = opened(&task, &new.subject);
    let like = opening.clone();
    let ahead = app
        .store
        .read(move |tx| Ahead::load(tx, &like, now))
        .await?;
    let opening = office::event(opening, now);
    let plan = plan(&app, (&procedure, &ahead), &posted, &opening, by.id, now);
    if plan.more || !plan.errors.is_empty() {
        let fine = plan.errors.is_empty();
        let body = again(&plan.steps, plan.more, plan.errors)?;
        let status = if fine {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        return Ok((status, body).into_response());
    }
    let assigned = Assigned {
        task,
        subject: new.subject,
        by: by.id,
        salt: fresh.salt,
        answers: plan.facts,
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

fn task(fresh: &Fresh, new: &NewTask, (procedure, unit): (&Procedure, UnitId)) -> Task {
    Task {
        id: fresh.task,
        record: fresh.record,
        procedure: ProcedureId::clone(&procedure.id),
        version: procedure.version,
        unit,
        subject: new.subject.id,
        matter: new.matter.clone(),
        officers: new.officers.clone(),
        planned: new.planned,
        note: new.note.clone(),
        approval: None,
    }
}
