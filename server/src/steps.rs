//! Steps that the office does: one page for all of them, because what a step asks is data. The events are signed by the
//! server's own feed in the name of the person who acts.

use crate::access::Role;
use crate::app::App;
use crate::assess::{self, Case};
use crate::fields::{Errors, Person};
use crate::office::{self, Decision};
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::accounts;
use crate::store::audit::{self, Act};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use shared::fold::Facts;
use shared::id::{OfficerId, RecordId, UnitId};
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::procedure::{Actor, Citation, Proof, Step};
use shared::rules::step_applies;
use shared::rules::turn::handlers;
use std::collections::BTreeSet;

mod board;
mod events;
mod page;

pub(crate) use board::{Board, board};
use events::events;
use page::{Again, page};

/// The longest remark or opinion. Characters.
const MAX_NOTE: usize = 500;

/// Whether a step of a record of this office is for this person's role.
fn may(visitor: &Visitor, step: &Step, unit: UnitId) -> bool {
    let mut hands = step.hands().iter();
    let theirs = hands.any(|hand| visitor.is(Role::of_hand(*hand)));
    theirs && visitor.session.officer.unit == unit
}

/// A record whose office steps this person may do.
struct Desk {
    case: Case,
    step: Step,
    /// Who may be named.
    officers: Vec<Person>,
    /// Who handles the case.
    handlers: BTreeSet<OfficerId>,
}

impl Desk {
    async fn open(
        app: &App,
        visitor: &Visitor,
        (id, step): (&str, &str),
        now: Instant,
    ) -> Result<Self, Problem> {
        let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
        let (case, roles) = app
            .store
            .read(move |tx| {
                let Some(case) = assess::case(tx, id, now)? else {
                    return Ok(None);
                };
                let roles = accounts::roles_in(tx, case.row.unit)?;
                Ok(Some((case, roles)))
            })
            .await?
            .filter(|(case, _)| visitor.sees(case.row.unit) && !case.row.drill)
            .ok_or(Code::NotFound)?;
        let judged = case.judged.as_ref().map_err(|_| Code::BadProcedure)?;
        let procedure = judged.procedure.as_ref().ok_or(Code::UnknownStep)?;
        let step = procedure
            .step(step)
            .filter(|step| step.actor == Actor::Office)
            .ok_or(Code::UnknownStep)?
            .clone();
        let handlers = handlers(procedure, &judged.facts);
        let unit = case.row.unit;
        let own = case.known.officers.values().filter(|o| o.unit == unit);
        let officers = own.map(|officer| Person {
            id: officer.id,
            name: officer.name.clone(),
            roles: roles.get(&officer.id).cloned().unwrap_or_default(),
            handles: handlers.contains(&officer.id),
        });
        Ok(Self {
            officers: officers.collect(),
            case,
            step,
            handlers,
        })
    }

    fn facts(&self) -> Result<&Facts, Problem> {
        let judged = self.case.judged.as_ref();
        Ok(&judged.map_err(|_| Code::BadProcedure)?.facts)
    }

    fn is_approval(&self) -> bool {
        self.step.proof.contains(&Proof::Approval)
    }

    /// Whether this step is for this person's role, in the record's own office.
    fn may(&self, visitor: &Visitor) -> bool {
        may(visitor, &self.step, self.case.row.unit)
    }

    /// The article that keeps this person from the step: whoever handles a case neither reviews it, nor chairs its hearing, nor
    /// approves. It is about who acts now; that a handler did act can still be put on record by somebody else.
    fn kept_from(&self, visitor: &Visitor) -> Option<&Citation> {
        let independent = self.step.independent.as_ref();
        independent.filter(|_| self.handlers.contains(&visitor.session.officer.id))
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
    if desk.kept_from(&visitor).is_some() {
        return Err(Code::OwnCase.into());
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
    // What was decided on paper before the law allowed it happened all the same: it is recorded with its reason, and the gap stays.
    let anyway = desk.step.decides && posted.text("end") == "anyway";
    let granted = anyway || posted.text("end") == "approve";
    let note = posted.text("note").to_owned();
    let fault = match opinion_fault(granted, &note) {
        None if anyway && note.is_empty() => Some("console.office.error.anyway"),
        fault => fault,
    };
    let errors: Errors = fault
        .map(|key| ("note".to_owned(), key))
        .into_iter()
        .collect();
    let forbids = if granted && (!anyway || fault.is_some()) {
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
            let what = match (granted, anyway) {
                (true, true) => Act::StepApprovedAnyway,
                (true, false) => Act::StepApproved,
                (false, _) => Act::StepDenied,
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
