//! Opening an inspection on site that nobody assigned: allowed in an emergency, with the reason written down first.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::store::{journal, records, refs};
use askama::Template;
use shared::domain::event::{Event, Opened};
use shared::domain::reference::{Officer, PowerItem, Subject};
use shared::id::{OfficerId, RecordId, SubjectId};
use shared::rules::procedure::Procedure;

struct Options {
    procedures: Vec<Procedure>,
    subjects: Vec<Subject>,
    power: Vec<PowerItem>,
    officers: Vec<Officer>,
}

struct Pick {
    code: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "new.html")]
struct NewPage {
    ui: Ui,
    errors: FormErrors,
    procedures: Vec<Pick>,
    subjects: Vec<Pick>,
    matters: Vec<Pick>,
    officers: Vec<Pick>,
    subject_name: String,
    place: String,
    urgent: String,
}

fn options(desk: &Desk) -> Result<Options, Problem> {
    let unit = desk.me.unit;
    Ok(desk.app.store().read(|c| {
        Ok(Options {
            procedures: refs::procedures(c)?,
            subjects: refs::subjects(c)?,
            power: refs::power(c)?,
            officers: refs::officers(c)?
                .into_values()
                .filter(|o| o.unit == unit)
                .collect(),
        })
    })?)
}

fn page(desk: &Desk, options: &Options, errors: FormErrors, form: &Posted) -> NewPage {
    let ui = desk.ui;
    let pick = |code: String, label: String, chosen: bool| Pick {
        code,
        label,
        chosen,
    };
    let first = form.sent("officers").is_none() && form.sent("urgent").is_none();
    let among = |id: &str| form.all("officers").any(|chosen| chosen == id);
    let (procedure, matter, subject) = (
        form.get("procedure"),
        form.get("matter"),
        form.get("subject"),
    );
    NewPage {
        ui,
        errors,
        procedures: options
            .procedures
            .iter()
            .map(|p| {
                pick(
                    p.id.to_string(),
                    ui.lang.of(&p.name).to_owned(),
                    procedure == p.id.as_str(),
                )
            })
            .collect(),
        subjects: options
            .subjects
            .iter()
            .map(|s| {
                pick(
                    s.id.to_string(),
                    s.name.clone(),
                    subject == s.id.to_string(),
                )
            })
            .collect(),
        matters: options
            .power
            .iter()
            .filter(|p| p.is_in_force(desk.now().date()))
            .map(|p| {
                pick(
                    p.code.clone(),
                    format!("{} {}", p.code, ui.lang.of(&p.name)),
                    matter == p.code,
                )
            })
            .collect(),
        officers: options
            .officers
            .iter()
            .map(|o| {
                let id = o.id.to_string();
                let chosen = among(&id) || (first && o.id == desk.me.officer);
                pick(id, o.name.clone(), chosen)
            })
            .collect(),
        subject_name: form.get("subject_name").to_owned(),
        place: form.get("place").to_owned(),
        urgent: form.get("urgent").to_owned(),
    }
}

/// `GET /field/new`
pub(crate) async fn new_page(desk: Desk) -> Answer {
    let options = options(&desk)?;
    Ok(html::ok(&page(
        &desk,
        &options,
        FormErrors::default(),
        &Posted::default(),
    )))
}

/// `POST /field/new`: fields `procedure`, `subject` or `subject_name`, `place`, `matter`, `officers` (several), `urgent`.
pub(crate) async fn create(desk: Desk, form: Posted) -> Answer {
    let options = options(&desk)?;
    let mut errors = FormErrors::default();
    let Some(opened) = read(&desk, &options, &form, &mut errors) else {
        return Ok(html::again(&page(&desk, &options, errors, &form)));
    };
    let now = desk.now();
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let record = RecordId::new_v7(millis, &desk.app.random::<10>());
    let event = Event {
        recorded_at: now,
        happened_at: None,
        fact: opened.into(),
    };
    desk.app.store().write(|tx| {
        journal::put(tx, record, "opened", &event)?;
        records::refresh(tx, record)
    })?;
    Ok(see(&format!("/field/r/{record}")))
}

fn read(desk: &Desk, options: &Options, form: &Posted, errors: &mut FormErrors) -> Option<Opened> {
    let urgent = form.required("urgent", errors);
    let subject: Option<SubjectId> = form.get("subject").parse().ok();
    let listed = options.subjects.iter().find(|s| Some(s.id) == subject);
    let typed = form.text("subject_name", errors);
    let subject_name = match listed {
        Some(subject) => subject.name.clone(),
        None => typed,
    };
    if subject_name.is_empty() {
        errors.add("subject_name", "form.required");
    }
    let mut place = form.text("place", errors);
    if place.is_empty()
        && let Some(subject) = listed
    {
        place.clone_from(&subject.address);
    }
    if place.is_empty() {
        errors.add("place", "form.required");
    }
    let matter = form.get("matter");
    if !options.power.is_empty() && !options.power.iter().any(|p| p.code == matter) {
        errors.add("matter", "form.required");
    }
    let mut officers: Vec<OfficerId> = form
        .all("officers")
        .filter_map(|id| id.parse().ok())
        .collect();
    if officers.is_empty() {
        officers.push(desk.me.officer);
    }
    let asked = form.get("procedure");
    let mut all = options.procedures.iter();
    let procedure = all
        .clone()
        .find(|p| p.id.as_str() == asked)
        .or_else(|| all.next());
    let procedure = procedure.filter(|_| errors.is_empty())?;
    Some(Opened {
        procedure: procedure.id.clone(),
        version: procedure.version,
        unit: desk.me.unit,
        subject: listed.map(|s| s.id),
        subject_name,
        place,
        matter: matter.to_owned(),
        task: None,
        urgent: Some(urgent),
        officers,
    })
}
