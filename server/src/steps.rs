//! Steps that the office does: one page for all of them, because what a step asks is data. The events are signed by the
//! server's own feed in the name of the person who acts.

use crate::access::Role;
use crate::app::App;
use crate::assess::{self, Case};
use crate::documents;
use crate::fields::{self, Control, Errors};
use crate::html::{self, Page};
use crate::office::{self, Decision};
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::fold::Facts;
use shared::id::{OfficerId, RecordId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::explain::citation;
use shared::rules::procedure::{Actor, Proof, Step};
use shared::rules::step_applies;
use shared::text::{Lang, text};

mod events;

use events::events;

/// The longest remark or opinion. Characters.
const MAX_NOTE: usize = 500;

/// A record whose office steps this person may do.
struct Desk {
    case: Case,
    step: Step,
    /// Who may be named.
    officers: Vec<(OfficerId, String)>,
}

impl Desk {
    async fn open(
        app: &App,
        visitor: &Visitor,
        (id, step): (&str, &str),
        now: Instant,
    ) -> Result<Self, Problem> {
        let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
        let case = app
            .store
            .read(move |tx| assess::case(tx, id, now))
            .await?
            .filter(|case| visitor.sees(case.row.unit) && !case.row.drill)
            .ok_or(Code::NotFound)?;
        let judged = case.judged.as_ref().map_err(|_| Code::BadProcedure)?;
        let procedure = judged.procedure.as_ref().ok_or(Code::UnknownStep)?;
        let step = procedure
            .step(step)
            .filter(|step| step.actor == Actor::Office)
            .ok_or(Code::UnknownStep)?
            .clone();
        let unit = case.row.unit;
        let own = case.known.officers.values().filter(|o| o.unit == unit);
        let officers = own.map(|o| (o.id, o.name.clone())).collect();
        Ok(Self {
            case,
            step,
            officers,
        })
    }

    fn facts(&self) -> Result<&Facts, Problem> {
        let judged = self.case.judged.as_ref();
        Ok(&judged.map_err(|_| Code::BadProcedure)?.facts)
    }

    fn is_approval(&self) -> bool {
        self.step.proof.contains(&Proof::Approval)
    }

    /// Whether this person does this step: an approval the responsible person, anything else the squad lead, each of the
    /// record's own office.
    fn may(&self, visitor: &Visitor) -> bool {
        let role = if self.is_approval() {
            Role::Responsible
        } else {
            Role::SquadLead
        };
        visitor.is(role) && visitor.session.officer.unit == self.case.row.unit
    }

    /// Whether the step is to be done in this record at all, with these facts.
    fn applies(&self, facts: &Facts, now: Instant) -> bool {
        self.case.judged.as_ref().is_ok_and(|judged| {
            facts.voided.is_none()
                && step_applies(&self.step, facts, &judged.context(&self.case.known, now))
        })
    }

    fn act(&self, visitor: &Visitor) -> Result<office::Act, Problem> {
        Ok(office::Act {
            record: self.case.id,
            unit: self.case.row.unit,
            officer: visitor.session.officer.id,
            salt: random::bytes()?,
        })
    }
}

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
    applies: bool,
    approval: bool,
    controls: Vec<Control>,
    note: String,
    errors: Vec<(String, String)>,
    /// What the law asks for first.
    forbids: Vec<String>,
}

fn state(lang: Lang, step: &Step, facts: &Facts) -> String {
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
            let words = shared::rules::explain::outcome(lang, ended.value.outcome);
            format!("{words} {}", html::moment(lang, ended.at))
        }
        None => text(lang, "console.office.todo").to_owned(),
    }
}

/// A line of a record's page for each step of the office: address, name, state, whether it is done.
pub(crate) fn lines(
    lang: Lang,
    case: &Case,
    now: Instant,
) -> Vec<(String, String, String, &'static str)> {
    let Ok(judged) = &case.judged else {
        return Vec::new();
    };
    let Some(procedure) = &judged.procedure else {
        return Vec::new();
    };
    let context = judged.context(&case.known, now);
    let facts = &judged.facts;
    let own = procedure.steps.iter().filter(|step| {
        step.actor == Actor::Office
            && (facts.steps.contains_key(&step.id) || step_applies(step, facts, &context))
    });
    own.map(|step| {
        let known = facts.steps.get(&step.id);
        let done = known.is_some_and(|s| s.outcome.is_some() || !s.approvals.is_empty());
        (
            format!("/records/{}/steps/{}", case.id, step.id),
            format!("{} {}", step.id, lang.of(&step.name)),
            state(lang, step, facts),
            if done { "state-done" } else { "state-todo" },
        )
    })
    .collect()
}

/// What was posted and what is wrong with it.
struct Again<'a> {
    posted: Option<&'a Fields>,
    errors: Errors,
    forbids: Vec<String>,
}

fn page(
    visitor: &Visitor,
    desk: &Desk,
    again: &Again<'_>,
    now: Instant,
) -> Result<Response, Problem> {
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
    let known = facts
        .steps
        .get(&step.id)
        .and_then(|known| known.outcome.as_ref());
    let note = match again.posted {
        Some(posted) => posted.text("note").to_owned(),
        None => known.map_or_else(String::new, |ended| ended.value.note.clone()),
    };
    let body = html::render(&StepPage {
        p: Page::new(visitor, "console.office.title"),
        record: desk.case.id.to_string(),
        subject: facts
            .opened
            .as_ref()
            .map_or_else(String::new, |o| o.value.subject_name.clone()),
        name: format!("{} {}", step.id, lang.of(&step.name)),
        why: lang.of(&step.why).to_owned(),
        good: step.good.as_ref().map(|good| lang.of(good).to_owned()),
        basis: basis.join(if lang == Lang::Zh { "、" } else { "; " }),
        documents: documents::at_step(lang, step, &desk.case, now),
        state: state(lang, step, facts),
        action: format!("/records/{}/steps/{}", desk.case.id, step.id),
        may: desk.may(visitor),
        applies: desk.applies(facts, now),
        approval: desk.is_approval(),
        controls: from.controls(step),
        note,
        errors: again.errors.iter().map(words).collect(),
        forbids: again.forbids.clone(),
    })?;
    let fine = again.errors.is_empty() && again.forbids.is_empty();
    let status = if fine {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((status, body).into_response())
}

/// `GET /records/{id}/steps/{step}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, step)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let now = app.now();
    let desk = Desk::open(&app, &visitor, (&id, &step), now).await?;
    let again = Again {
        posted: None,
        errors: Errors::new(),
        forbids: Vec::new(),
    };
    page(&visitor, &desk, &again, now)
}

/// `POST /records/{id}/steps/{step}`.
pub(crate) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, step)): Path<(String, String)>,
    Posted(posted): Posted,
) -> Result<Response, Problem> {
    let now = app.now();
    let desk = Desk::open(&app, &visitor, (&id, &step), now).await?;
    if !desk.may(&visitor) {
        return Err(Code::Forbidden.into());
    }
    if !desk.applies(desk.facts()?, now) {
        return Err(Code::UnknownStep.into());
    }
    let refused = if desk.is_approval() {
        decide(&app, &visitor, &desk, &posted, now).await?
    } else {
        record(&app, &visitor, &desk, &posted, now).await?
    };
    match refused {
        Some(again) => page(&visitor, &desk, &again, now),
        None => Ok(Redirect::to(&format!("/records/{}", desk.case.id)).into_response()),
    }
}

/// What is wrong with an opinion.
pub(crate) fn opinion_fault(granted: bool, note: &str) -> Option<&'static str> {
    match (granted, note.chars().count()) {
        (_, n) if n > MAX_NOTE => Some("console.task.error.note"),
        (false, 0) => Some("console.task.error.reason"),
        _ => None,
    }
}

async fn decide<'a>(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    posted: &'a Fields,
    now: Instant,
) -> Result<Option<Again<'a>>, Problem> {
    let granted = posted.text("end") == "approve";
    let note = posted.text("note").to_owned();
    let fault = opinion_fault(granted, &note);
    let errors: Errors = fault
        .map(|key| ("note".to_owned(), key))
        .into_iter()
        .collect();
    let forbids = if granted {
        office::forbids(visitor.lang, &desk.case, &desk.step.id)
    } else {
        Vec::new()
    };
    if !errors.is_empty() || !forbids.is_empty() {
        return Ok(Some(Again {
            posted: Some(posted),
            errors,
            forbids,
        }));
    }
    let known = desk.facts()?.steps.get(&desk.step.id);
    let last = known.and_then(|known| known.approvals.last());
    if last.is_some_and(|last| last.value.granted == granted && last.value.note == note) {
        return Ok(None);
    }
    let (handle, act, account) = (app.clone(), desk.act(visitor)?, visitor.session.account);
    let decision = Decision {
        step: desk.step.id.clone(),
        granted,
        note,
    };
    let target = format!("{} {}", desk.case.id, desk.step.id);
    app.store
        .write(move |tx| {
            office::decide(tx, &handle, act, decision, now)?;
            let what = if granted {
                Act::StepApproved
            } else {
                Act::StepDenied
            };
            audit::write(tx, now, Some(account), what, &target)
        })
        .await?;
    app.wake.notify_one();
    Ok(None)
}

async fn record<'a>(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    posted: &'a Fields,
    now: Instant,
) -> Result<Option<Again<'a>>, Problem> {
    let events = match events(app, visitor, desk, posted, now)? {
        Ok(events) => events,
        Err(errors) => {
            return Ok(Some(Again {
                posted: Some(posted),
                errors,
                forbids: Vec::new(),
            }));
        }
    };
    if events.is_empty() {
        return Ok(None);
    }
    let (handle, act, account) = (app.clone(), desk.act(visitor)?, visitor.session.account);
    let target = format!("{} {}", desk.case.id, desk.step.id);
    app.store
        .write(move |tx| {
            office::commit(tx, &handle, act, &events, now)?;
            audit::write(tx, now, Some(account), Act::StepRecorded, &target)
        })
        .await?;
    app.wake.notify_one();
    Ok(None)
}
