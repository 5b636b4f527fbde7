//! From an inspection to the order to correct: a record of its own, linked in both directions in one transaction.
//! Where the law does not allow the order, the button opens the reason; what has happened can still be recorded.

use crate::corrections;
use crate::desk::Desk;
use crate::form::Posted;
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::outbox::Tap;
use crate::records::Heading;
use crate::sheet::Sheet;
use crate::store::records::{Line, List};
use crate::store::{self, journal, records, refs};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use rusqlite::Connection;
use shared::documents;
use shared::domain::event::{Event, EventRef, Fact, Linked, Opened, Value};
use shared::fold::{Entry, Facts};
use shared::id::{ProcedureId, RecordId};
use shared::problem::Code;
use shared::rules::check;
use shared::rules::procedure::{Field, Procedure, Step};
use shared::text;

/// In the record that was opened from another.
pub(crate) const FROM: &str = "from";
/// In the other.
pub(crate) const LEADS_TO: &str = "leads_to";
/// The button that leads on from a step.
pub(crate) struct Offer {
    /// What it says.
    pub(crate) label: String,
}

/// Another record that belongs to this one.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) words: String,
    pub(crate) state: String,
}

#[derive(Template)]
#[template(path = "follow.html")]
struct FollowPage {
    ui: Ui,
    head: Heading,
    step: String,
    label: String,
    matter: String,
    gaps: Vec<Shown>,
}

/// The procedure that a record of its own follows from here, if this step asks for it.
fn asked<'a>(sheet: &Sheet, step: &'a Step) -> Option<&'a ProcedureId> {
    let known = sheet.known(&step.id);
    let answered = |field: &'a Field| {
        let noted = known?.fields.get(&field.id)?;
        let Value::Choice(code) = &noted.value else {
            return None;
        };
        let choice = field.choices.iter().find(|choice| choice.code == *code);
        choice?.leads_to.as_ref()
    };
    step.leads_to
        .as_ref()
        .or_else(|| step.fields.iter().find_map(answered))
}

/// What the button of this step says; none where nothing follows, or it has been opened already.
pub(crate) fn offer(
    c: &Connection,
    ui: Ui,
    sheet: &Sheet,
    step: &Step,
) -> store::Result<Option<Offer>> {
    let Some(id) = asked(sheet, step).filter(|_| sheet.facts.voided.is_none()) else {
        return Ok(None);
    };
    if opened(c, sheet)?.is_some() {
        return Ok(None);
    }
    let procedure = newest(c, id)?;
    Ok(procedure.map(|procedure| Offer {
        label: label(ui, &procedure),
    }))
}

fn label(ui: Ui, procedure: &Procedure) -> String {
    let own = format!("field.follow.open.{}", procedure.id);
    match text::find(ui.lang, &own) {
        Some(words) => words.to_owned(),
        None => ui.f("field.follow.open", "name", ui.lang.of(&procedure.name)),
    }
}

fn newest(c: &Connection, id: &ProcedureId) -> store::Result<Option<Procedure>> {
    let mut all = refs::procedures(c)?.into_iter();
    Ok(all.find(|procedure| procedure.id == *id))
}

/// The record that was opened from this one, unless it was voided.
fn opened(c: &Connection, sheet: &Sheet) -> store::Result<Option<RecordId>> {
    for noted in &sheet.facts.links {
        if noted.value.relation == LEADS_TO {
            let line = records::one(c, noted.value.other)?;
            if line.is_none_or(|line| line.list != List::Voided) {
                return Ok(Some(noted.value.other));
            }
        }
    }
    Ok(None)
}

/// Records that belong to this one, with how far they are.
pub(crate) fn links(c: &Connection, desk: &Desk, sheet: &Sheet) -> store::Result<Vec<Link>> {
    let mut links = Vec::new();
    for noted in &sheet.facts.links {
        let line = records::one(c, noted.value.other)?;
        links.push(link(desk, sheet, &noted.value, line.as_ref()));
    }
    Ok(links)
}

/// How another record of this name belongs to this one.
pub(crate) fn words(ui: Ui, relation: &str, name: &str) -> String {
    match relation {
        FROM => ui.f("field.follow.from", "name", name),
        LEADS_TO => ui.f("field.follow.to", "name", name),
        _ => name.to_owned(),
    }
}

fn link(desk: &Desk, sheet: &Sheet, linked: &Linked, line: Option<&Line>) -> Link {
    let ui = desk.ui;
    let name = line.map_or("", |line| ui.lang.of(&line.procedure));
    let words = words(ui, &linked.relation, name);
    let mut state = match line.map(|line| (line.list, line)) {
        None => ui.t("field.follow.absent").to_owned(),
        Some((List::Voided, _)) => ui.t("field.list.voided").to_owned(),
        Some((List::Submitted, _)) => ui.t("field.list.submitted").to_owned(),
        Some((_, line)) => {
            let of = format!("{}/{}", line.done, line.total);
            ui.f("field.home.progress", "of", of)
        }
    };
    if let Some(due) = line.and_then(|line| line.due) {
        let due = corrections::words(ui, &sheet.calendar, desk.now().date(), due);
        state = format!("{state} · {due}");
    }
    Link {
        href: format!("/field/r/{}", linked.other),
        words: words.trim_end_matches('：').trim_end().to_owned(),
        state,
    }
}

/// The record as it would be opened.
fn opening(sheet: &Sheet, procedure: &Procedure) -> Option<Opened> {
    let from = &sheet.facts.opened.as_ref()?.value;
    Some(Opened {
        procedure: procedure.id.clone(),
        version: procedure.version,
        unit: from.unit,
        subject: from.subject,
        subject_name: from.subject_name.clone(),
        place: from.place.clone(),
        matter: from.matter.clone(),
        task: None,
        urgent: None,
        officers: sheet.acting(),
    })
}

/// What forbids it for now: gaps and open items of this record that block, and gaps that the new one would have from its first moment.
fn blocked(desk: &Desk, sheet: &Sheet, step: &Step, procedure: &Procedure) -> Vec<Shown> {
    let lang = desk.ui.lang;
    let here = gaps::assess(sheet, desk.now());
    // A case goes on for weeks: what it still owes does not keep an order to correct from being made.
    let act = (step.id.as_str(), !sheet.procedure.is_case());
    let why = documents::forbidden(act, &sheet.procedure, &here);
    let mut shown: Vec<Shown> = why
        .iter()
        .map(|barrier| gaps::barrier(sheet, lang, barrier))
        .collect();
    let Some(opened) = opening(sheet, procedure) else {
        return shown;
    };
    let entry = Entry {
        place: EventRef {
            feed: desk.me.feed,
            seq: 1,
            index: 0,
        },
        officer: desk.me.officer,
        behind_ms: 0,
        event: Event {
            recorded_at: desk.now(),
            happened_at: None,
            fact: opened.into(),
        },
    };
    let facts = Facts::of([], [entry]);
    let there = check::check(procedure, &facts, &sheet.context(desk.now()));
    for gap in there.gaps.iter().filter(|gap| gap.block) {
        let mut gap = gaps::gap_in(gaps::names_in(sheet, procedure), lang, gap);
        if shown.iter().all(|known| known.title != gap.title) {
            step.id.as_str().clone_into(&mut gap.step);
            shown.push(gap);
        }
    }
    shown
}

/// The record, its step, and the procedure that follows from it.
fn find(desk: &Desk, record: &str, step: &str) -> Result<(Sheet, Step, Procedure), Problem> {
    let sheet = Sheet::load(desk, record)?;
    let step = sheet.step(step)?.clone();
    let id = asked(&sheet, &step).filter(|_| sheet.facts.voided.is_none());
    let id = id.ok_or(Problem::of(Code::UnknownStep))?;
    let found = desk.store().read(|c| newest(c, id))?;
    let procedure = found.ok_or(Problem::of(Code::BadProcedure))?;
    Ok((sheet, step, procedure))
}

/// `GET /field/r/{record}/s/{step}/follow`: what will be opened, or why the law does not allow it.
pub(crate) async fn page(desk: Desk, Path((record, step)): Path<(String, String)>) -> Answer {
    let (sheet, step, procedure) = find(&desk, &record, &step)?;
    let ui = desk.ui;
    Ok(html::ok(&FollowPage {
        ui,
        head: Heading::of(ui, &sheet),
        step: step.id.to_string(),
        label: label(ui, &procedure),
        matter: sheet.matter(ui.lang),
        gaps: blocked(&desk, &sheet, &step, &procedure),
    }))
}

/// `POST /field/r/{record}/s/{step}/follow`: field `anyway=1` to put on record what has already happened.
pub(crate) async fn follow(
    desk: Desk,
    Path((record, step)): Path<(String, String)>,
    form: Posted,
) -> Answer {
    go(&desk, &record, &step, form.get("anyway") == "1")
}

/// Opens the linked record and leads there; to the reason, if the law does not allow it.
pub(crate) fn go(desk: &Desk, record: &str, step: &str, anyway: bool) -> Result<Response, Problem> {
    let (sheet, step, procedure) = find(desk, record, step)?;
    if let Some(other) = desk.store().read(|c| opened(c, &sheet))? {
        return Ok(see(&format!("/field/r/{other}")));
    }
    if !anyway && !blocked(desk, &sheet, &step, &procedure).is_empty() {
        return Ok(see(&format!(
            "/field/r/{}/s/{}/follow",
            sheet.record, step.id
        )));
    }
    let opened = opening(&sheet, &procedure).ok_or(Problem::of(Code::NotFound))?;
    let (here, there) = (sheet.record, desk.new_record());
    let now = desk.now();
    let event = |fact: Fact| Event {
        recorded_at: now,
        happened_at: None,
        fact,
    };
    let link = |other, relation: &str| {
        let fact = Linked {
            other,
            relation: relation.to_owned(),
        };
        event(fact.into())
    };
    desk.store().write(|tx| {
        journal::put(tx, there, "opened", &event(opened.into()))?;
        journal::put(tx, there, "linked:from", &link(here, FROM))?;
        journal::put(tx, here, &format!("linked:{there}"), &link(there, LEADS_TO))?;
        records::refresh(tx, there)?;
        records::refresh(tx, here)
    })?;
    desk.app.mailbox().put(Tap::Changed);
    Ok(see(&format!("/field/r/{there}")))
}
