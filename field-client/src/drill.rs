//! Drills (演练): which there are, beginning one, its role cards, leaving it and coming back, giving it up, ending it.
//! Apart because it is the only screen that sees both files of the client. All else of a drill is played on the ordinary
//! screens of its record.

mod outcome;

use crate::desk::Desk;
use crate::form::Posted;
use crate::html::{self, Answer, Problem, Ui, see};
use crate::outbox::Tap;
use crate::say;
use crate::store::drill::{self as store, Running};
use crate::store::meta::{self, Key};
use crate::store::{self as files, refs};
use askama::Template;
use axum::response::Response;
use http::Uri;
use outcome::Outcome;
use shared::domain::event::{Event, Fact, FieldAnswered, Opened, Value};
use shared::domain::reference::Officer;
use shared::domain::scenario::{Role, Scenario};
use shared::drill::{ENDED, SCENARIO, SESSION, STEP};
use shared::id::{FieldId, OfficerId, SessionId, StepId};
use shared::problem::Code;
use shared::rules::procedure::Step;
use shared::text;

/// The list.
pub(crate) const LIST: &str = "/field/drills";
/// The drill that is being played.
pub(crate) const NOW: &str = "/field/drills/now";
/// Past drills in the list.
const PAST: u64 = 20;

/// Something that happens at a step.
pub(crate) struct Inject {
    pub(crate) role: String,
    pub(crate) text: String,
}

/// A scenario in the list.
struct Line {
    key: String,
    title: String,
    sub: String,
    invited: bool,
}

/// A drill that is over, in the list.
struct Over {
    record: String,
    title: String,
    when: String,
    score: String,
}

#[derive(Template)]
#[template(path = "drills.html")]
struct ListPage {
    ui: Ui,
    running: String,
    scenarios: Vec<Line>,
    past: Vec<Over>,
    unsent: u64,
}

#[derive(Template)]
#[template(path = "drill-brief.html")]
struct BriefPage {
    ui: Ui,
    title: String,
    sub: String,
    brief: String,
    colleagues: Vec<(String, String)>,
    /// Another one is not over yet.
    busy: String,
}

#[derive(Template)]
#[template(path = "drill-now.html")]
struct NowPage {
    ui: Ui,
    playing: bool,
    title: String,
    sub: String,
    brief: String,
    cards: Vec<(&'static str, String)>,
    /// What is asked once more: `finish`, `abandon` or nothing.
    sure: &'static str,
}

#[derive(Template)]
#[template(path = "drill-card.html")]
struct CardPage {
    ui: Ui,
    role: String,
    hand: String,
    text: String,
}

fn role(ui: Ui, role: Role) -> String {
    ui.t(&format!("field.drill.role.{}", role.code()))
        .to_owned()
}

fn about(ui: Ui, scenario: &Scenario) -> String {
    let minutes = ui.f("field.drill.minutes", "n", scenario.minutes);
    let names = scenario.competencies.iter().map(|code| {
        let name = text::find(ui.lang, &format!("competency.{code}"));
        name.unwrap_or(code).to_owned()
    });
    [minutes]
        .into_iter()
        .chain(names)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The drill in its file. One that was ended before its file could be emptied is over.
fn running(desk: &Desk) -> Result<Option<Running>, Problem> {
    let found = desk.app.drill().read(store::running);
    let running = match found {
        Ok(Some(running)) => running,
        Ok(None) => return Ok(None),
        Err(error) => return Err(drill_error(error)),
    };
    let kept = desk
        .app
        .store()
        .read(|c| store::is_kept(c, running.record))?;
    if kept {
        desk.app.drill().write(store::clear)?;
        return Ok(None);
    }
    Ok(Some(running))
}

/// The drill's file does not open or does not read: said as a fault of ours, not as another tab's.
fn drill_error(error: files::Error) -> Problem {
    match error {
        files::Error::Closed => Problem::internal("the drill's file does not open"),
        other => other.into(),
    }
}

/// The sessions with a drill that the officer is invited to, by scenario.
fn invited(c: &rusqlite::Connection, me: OfficerId) -> files::Result<Vec<(String, SessionId)>> {
    let row = refs::training(c, me)?;
    let invitations = row.into_iter().flat_map(|row| row.invitations);
    Ok(invitations
        .filter_map(|one| Some((one.scenario?, one.session)))
        .collect())
}

/// Every page of drills below [`LIST`]: one function, because each that a route names costs a phone kilobytes.
pub(crate) async fn page(desk: Desk, uri: Uri) -> Answer {
    let path = uri.path();
    match below(path) {
        "" => list(&desk),
        "now" => show(&desk, ""),
        rest => match rest.split_once('/') {
            Some(("s", key)) => brief(&desk, key),
            Some(("past", record)) => past(&desk, record),
            _ => match rest.strip_prefix("now/card/") {
                Some(role) => card(&desk, role),
                None => Err(Problem::of(Code::NotFound)),
            },
        },
    }
}

/// Every form of drills.
pub(crate) async fn post(desk: Desk, uri: Uri, form: Posted) -> Answer {
    let path = uri.path();
    match below(path) {
        "now" => act(&desk, &form),
        rest => match rest.strip_prefix("s/") {
            Some(key) => start(&desk, key, &form),
            None => Err(Problem::of(Code::NotFound)),
        },
    }
}

fn below(path: &str) -> &str {
    path.strip_prefix(LIST).unwrap_or("").trim_matches('/')
}

/// `GET /field/drills`: those that one is invited to come first.
fn list(desk: &Desk) -> Answer {
    let ui = desk.ui;
    let running = running(desk)?;
    let (scenarios, invited, past, unsent) = desk.app.store().read(|c| {
        let past: Vec<store::Past<Outcome>> = store::past(c, PAST)?;
        let unsent = files::log::drills_unsent(c)?;
        Ok((
            refs::scenarios(c)?,
            invited(c, desk.me.officer)?,
            past,
            unsent,
        ))
    })?;
    let is_invited = |scenario: &Scenario| invited.iter().any(|(id, _)| *id == scenario.id);
    let (first, rest): (Vec<Scenario>, Vec<Scenario>) = scenarios.into_iter().partition(is_invited);
    let lines = first.iter().chain(&rest).map(|scenario| Line {
        key: scenario.key(),
        title: ui.lang.of(&scenario.title).to_owned(),
        sub: about(ui, scenario),
        invited: is_invited(scenario),
    });
    let past = past.iter().map(|past| Over {
        record: past.record.to_string(),
        title: ui.lang.of(&past.result.title).to_owned(),
        when: say::when(ui.lang, past.ended_at),
        score: past.result.score(ui),
    });
    Ok(html::ok(&ListPage {
        ui,
        running: running.map_or_else(String::new, |running| {
            ui.lang.of(&running.scenario.title).to_owned()
        }),
        scenarios: lines.collect(),
        past: past.collect(),
        unsent,
    }))
}

/// Who can be the colleague: the officers of one's own office.
fn colleagues(c: &rusqlite::Connection, desk: &Desk) -> files::Result<Vec<Officer>> {
    let all = refs::officers(c)?.into_values();
    Ok(all
        .filter(|officer| officer.unit == desk.me.unit && officer.id != desk.me.officer)
        .collect())
}

/// `GET /field/drills/s/{scenario}`
fn brief(desk: &Desk, key: &str) -> Answer {
    let ui = desk.ui;
    let running = running(desk)?;
    let (scenario, colleagues) = desk
        .app
        .store()
        .read(|c| Ok((refs::scenario(c, key)?.0, colleagues(c, desk)?)))?;
    let busy = running.map(|running| ui.lang.of(&running.scenario.title).to_owned());
    let names = colleagues
        .into_iter()
        .map(|officer| (officer.id.to_string(), officer.name));
    Ok(html::ok(&BriefPage {
        ui,
        title: ui.lang.of(&scenario.title).to_owned(),
        sub: about(ui, &scenario),
        brief: ui.lang.of(&scenario.brief).to_owned(),
        colleagues: names.collect(),
        busy: busy.unwrap_or_default(),
    }))
}

/// `POST /field/drills/s/{scenario}`: field `colleague`. One drill at a time: while one is not over this leads to it.
fn start(desk: &Desk, key: &str, form: &Posted) -> Answer {
    if running(desk)?.is_some() {
        return Ok(see(NOW));
    }
    let ((scenario, body), colleagues, invited, procedures, supplies) =
        desk.app.store().read(|c| {
            Ok((
                refs::scenario(c, key)?,
                colleagues(c, desk)?,
                invited(c, desk.me.officer)?,
                refs::procedures(c)?,
                store::supplies(c)?,
            ))
        })?;
    let chosen = form.get("colleague").parse::<OfficerId>().ok();
    let colleague = colleagues
        .iter()
        .find(|officer| Some(officer.id) == chosen)
        .or(colleagues.first());
    let mut procedures = procedures.into_iter();
    let procedure = procedures.find(|procedure| procedure.id == scenario.procedure);
    let procedure = procedure.ok_or(Problem::of(Code::BadProcedure))?;
    let now = desk.now();
    let event = |fact: Fact| Event {
        recorded_at: now,
        happened_at: None,
        fact,
    };
    let opened = Opened {
        procedure: procedure.id.clone(),
        version: procedure.version,
        unit: desk.me.unit,
        subject: None,
        subject_name: scenario.party.clone(),
        place: scenario.place.clone(),
        matter: scenario.matter.clone(),
        task: None,
        urgent: scenario
            .urgent
            .as_ref()
            .map(|urgent| desk.ui.lang.of(urgent).to_owned()),
        officers: [desk.me.officer]
            .into_iter()
            .chain(colleague.map(|officer| officer.id))
            .collect(),
    };
    let mut events = vec![
        ("opened".to_owned(), event(opened.into())),
        said(SCENARIO, Value::Text(scenario.key()), event)?,
    ];
    let session = invited.iter().find(|(id, _)| *id == scenario.id);
    if let Some((_, session)) = session {
        events.push(said(SESSION, Value::Text(session.to_string()), event)?);
    }
    let running = Running {
        record: desk.new_record(),
        scenario,
        body,
        started: now,
    };
    let begun = desk
        .app
        .drill()
        .write(|tx| store::begin(tx, &supplies, &running, &events));
    begun.map_err(drill_error)?;
    play(desk, true)?;
    Ok(see(NOW))
}

/// What a drill's record says of itself: a field of a step that no procedure has.
fn said(
    field: &str,
    value: Value,
    event: impl Fn(Fact) -> Event,
) -> Result<(String, Event), Problem> {
    let bad = |_| Problem::internal("the drill's own step");
    let answered = FieldAnswered {
        step: StepId::new(STEP).map_err(bad)?,
        field: FieldId::new(field).map_err(bad)?,
        value,
    };
    Ok((format!("field:{STEP}:{field}"), event(answered.into())))
}

/// Turns the screens to the drill, or back to work.
fn play(desk: &Desk, on: bool) -> Result<(), Problem> {
    Ok(desk.app.store().write(|tx| match on {
        true => meta::set(tx, Key::Playing, b"1"),
        false => meta::clear(tx, Key::Playing),
    })?)
}

/// `GET /field/drills/now`: the brief, the cards, the record, and the ways out.
fn show(desk: &Desk, sure: &'static str) -> Answer {
    let Some(running) = running(desk)? else {
        play(desk, false)?;
        return Ok(see(LIST));
    };
    let playing = desk
        .app
        .store()
        .read(|c| Ok(meta::get(c, Key::Playing)?.is_some()))?;
    let (ui, scenario) = (desk.ui, &running.scenario);
    let cards = scenario.cards.iter();
    let cards = cards.map(|card| (card.role.code(), role(ui, card.role)));
    Ok(html::ok(&NowPage {
        ui: Ui { drill: true, ..ui },
        playing,
        title: ui.lang.of(&scenario.title).to_owned(),
        sub: about(ui, scenario),
        brief: ui.lang.of(&scenario.brief).to_owned(),
        cards: cards.collect(),
        sure,
    }))
}

/// `POST /field/drills/now`: `act` is `go`, `leave`, `finish`, `finish.yes`, `abandon` or `abandon.yes`.
fn act(desk: &Desk, form: &Posted) -> Answer {
    match form.get("act") {
        "go" => {
            let Some(running) = running(desk)? else {
                return Ok(see(LIST));
            };
            play(desk, true)?;
            Ok(see(&format!("/field/r/{}", running.record)))
        }
        "leave" => {
            play(desk, false)?;
            Ok(see("/field/"))
        }
        "finish" => show(desk, "finish"),
        "abandon" => show(desk, "abandon"),
        "abandon.yes" => {
            // The file first: a drill whose screens are still on and which is gone leads to the list.
            desk.app.drill().write(store::clear).map_err(drill_error)?;
            play(desk, false)?;
            Ok(see(LIST))
        }
        "finish.yes" => finish(desk),
        _ => Ok(see(NOW)),
    }
}

/// Three steps, each of which can be repeated: the drill says when it ended; the real file takes its commits and its result, at
/// once and one time only; the drill's file is emptied.
fn finish(desk: &Desk) -> Result<Response, Problem> {
    let Some(running) = running(desk)? else {
        play(desk, false)?;
        return Ok(see(LIST));
    };
    let ended_at = desk.now();
    let event = |fact: Fact| Event {
        recorded_at: ended_at,
        happened_at: None,
        fact,
    };
    let (slot, ended) = said(ENDED, Value::At(ended_at), event)?;
    let record = running.record;
    let (played, result) = desk.app.drill().write(|tx| {
        files::journal::put(tx, record, &slot, &ended)?;
        Ok((store::played(tx)?, outcome::of(tx, &running, ended_at)?))
    })?;
    let past = store::Past {
        record,
        ended_at,
        result,
    };
    desk.app
        .store()
        .write(|tx| store::finish(tx, desk.app.host(), played, &past))?;
    // If this fails, the drill's file is found out of date when it is looked at next.
    let _ = desk.app.drill().write(store::clear);
    desk.app.mailbox().put(Tap::Changed);
    Ok(see(&format!("/field/drills/past/{record}")))
}

/// `GET /field/drills/now/card/{role}`: to be handed around, so nothing else stands on it.
fn card(desk: &Desk, code: &str) -> Answer {
    let running = running(desk)?.ok_or(Problem::of(Code::NotFound))?;
    let found = Role::ALL.into_iter().find(|role| role.code() == code);
    let card = found.and_then(|role| running.scenario.card(role));
    let card = card.ok_or(Problem::of(Code::NotFound))?;
    let ui = Ui {
        drill: true,
        ..desk.ui
    };
    let name = role(ui, card.role);
    Ok(html::ok(&CardPage {
        ui,
        hand: ui.f("field.drill.hand", "role", &name),
        role: name,
        text: ui.lang.of(&card.text).to_owned(),
    }))
}

/// `GET /field/drills/past/{record}`: what was found, what was expected, what is said of it.
fn past(desk: &Desk, record: &str) -> Answer {
    let record = record.parse().map_err(|_| Problem::of(Code::NotFound))?;
    let past = desk.app.store().read(|c| store::one(c, record))?;
    Ok(html::ok(&outcome::page(desk.ui, &past)))
}

/// What happens at this step, if it is played.
pub(crate) fn injects(desk: &Desk, step: &Step) -> Result<Vec<Inject>, Problem> {
    if !desk.plays {
        return Ok(Vec::new());
    }
    let running = desk.app.drill().read(store::running)?;
    let ui = desk.ui;
    let said = running.iter().flat_map(|running| {
        running
            .scenario
            .injects_at(step.id.as_str())
            .map(|inject| Inject {
                role: role(ui, inject.role),
                text: ui.lang.of(&inject.text).to_owned(),
            })
    });
    Ok(said.collect())
}
