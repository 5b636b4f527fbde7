//! Opening an inspection on site that nobody assigned: allowed in an emergency, with the reason written down first.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::power;
use crate::store::{journal, records, refs};
use askama::Template;
use axum::extract::Query;
use shared::domain::event::{Event, Fact, FieldAnswered, Opened, Value};
use shared::domain::reference::{Officer, PowerItem, Subject};
use shared::id::{OfficerId, ProcedureId, SubjectId};
use shared::rules::procedure::{Field, Procedure};

/// The step that says what kind of inspection it is and where the task comes from.
const ABOUT: &str = "JC-01";
/// Its fields that an officer answers who opens the record himself.
const ABOUT_FIELDS: [&str; 2] = ["kind", "source"];

struct Options {
    procedures: Vec<Procedure>,
    subjects: Vec<Subject>,
    /// What the power list has today.
    power: Vec<PowerItem>,
    officers: Vec<Officer>,
}

struct Pick {
    code: String,
    label: String,
    chosen: bool,
}

/// Matters whose power comes from the same source.
struct Matters {
    source: &'static str,
    picks: Vec<Pick>,
}

/// A question of [`ABOUT`].
struct Question {
    name: String,
    label: String,
    picks: Vec<Pick>,
}

#[derive(Template)]
#[template(path = "new.html")]
struct NewPage {
    ui: Ui,
    errors: FormErrors,
    procedures: Vec<Pick>,
    subjects: Vec<Pick>,
    /// Words to find a matter by.
    q: String,
    matters: Vec<Matters>,
    /// There is a power list.
    listed: bool,
    matter_name: String,
    questions: Vec<Question>,
    officers: Vec<Pick>,
    subject_name: String,
    place: String,
    urgent: String,
}

fn options(desk: &Desk) -> Result<Options, Problem> {
    let unit = desk.me.unit;
    let today = desk.now().date();
    Ok(desk.store().read(|c| {
        let mut power = refs::power(c)?;
        power.retain(|item| item.is_in_force(today));
        let procedures = refs::procedures(c)?;
        // What others lead to is opened from there as a rule.
        let led_to: Vec<ProcedureId> = procedures
            .iter()
            .flat_map(|p| &p.steps)
            .flat_map(|step| step.followed().cloned())
            .collect();
        let led = |procedure: &Procedure| led_to.contains(&procedure.id);
        let (last, mut procedures): (Vec<_>, Vec<_>) = procedures.into_iter().partition(led);
        procedures.extend(last);
        Ok(Options {
            procedures,
            subjects: refs::subjects(c)?,
            power,
            officers: refs::officers(c)?
                .into_values()
                .filter(|o| o.unit == unit)
                .collect(),
        })
    })?)
}

fn pick(code: String, label: String, chosen: bool) -> Pick {
    Pick {
        code,
        label,
        chosen,
    }
}

fn page(desk: &Desk, options: &Options, errors: FormErrors, form: &Posted) -> NewPage {
    let ui = desk.ui;
    let first = form.sent("officers").is_none() && form.sent("urgent").is_none();
    let among = |id: &str| form.all("officers").any(|chosen| chosen == id);
    let procedures = options.procedures.iter().map(|p| {
        let name = ui.lang.of(&p.name).to_owned();
        pick(
            p.id.to_string(),
            name,
            form.get("procedure") == p.id.as_str(),
        )
    });
    let subjects = options.subjects.iter().map(|s| {
        let id = s.id.to_string();
        let chosen = form.get("subject") == id;
        pick(id, s.name.clone(), chosen)
    });
    let officers = options.officers.iter().map(|o| {
        let id = o.id.to_string();
        let chosen = among(&id) || (first && o.id == desk.me.officer);
        pick(id, o.name.clone(), chosen)
    });
    NewPage {
        ui,
        errors,
        procedures: procedures.collect(),
        subjects: subjects.collect(),
        q: form.get("q").to_owned(),
        matters: matters(ui, &options.power, form),
        listed: !options.power.is_empty(),
        matter_name: form.get("matter_name").to_owned(),
        questions: questions(ui, options, form),
        officers: officers.collect(),
        subject_name: form.get("subject_name").to_owned(),
        place: form.get("place").to_owned(),
        urgent: form.get("urgent").to_owned(),
    }
}

/// The matters that the words find, by where the power comes from; the chosen one stays.
fn matters(ui: Ui, power: &[PowerItem], form: &Posted) -> Vec<Matters> {
    let words: Vec<String> = form
        .get("q")
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let found = |item: &PowerItem| {
        let all = [&item.code, &item.name.zh, &item.name.en, &item.duty.zh];
        let all = all.map(|text| text.to_lowercase());
        words
            .iter()
            .all(|word| all.iter().any(|text| text.contains(word.as_str())))
    };
    let chosen = |item: &PowerItem| form.get("matter") == item.code;
    let groups = power::SOURCES.into_iter().map(|source| Matters {
        source: power::key(source),
        picks: power
            .iter()
            .filter(|item| item.source == source && (found(item) || chosen(item)))
            .map(|item| {
                let label = format!("{} {}", item.code, ui.lang.of(&item.name));
                pick(item.code.clone(), label, chosen(item))
            })
            .collect(),
    });
    groups.filter(|group| !group.picks.is_empty()).collect()
}

/// The procedure asked for, else the first.
fn procedure<'a>(options: &'a Options, form: &Posted) -> Option<&'a Procedure> {
    let asked = form.get("procedure");
    let mut all = options.procedures.iter();
    all.clone()
        .find(|p| p.id.as_str() == asked)
        .or_else(|| all.next())
}

fn about(procedure: &Procedure) -> impl Iterator<Item = &Field> {
    let fields = procedure.step(ABOUT).into_iter().flat_map(|s| &s.fields);
    fields.filter(|field| ABOUT_FIELDS.contains(&field.id.as_str()))
}

/// The questions of the procedure asked for; before one is chosen, of the first that has any.
fn questions(ui: Ui, options: &Options, form: &Posted) -> Vec<Question> {
    let asked = procedure(options, form).filter(|_| form.sent("procedure").is_some());
    let mut all = options.procedures.iter();
    let of = asked.or_else(|| all.find(|procedure| about(procedure).next().is_some()));
    let question = |field: &Field| {
        let name = field.id.to_string();
        let picks = field.choices.iter().map(|choice| {
            let chosen = form.get(&name) == choice.code;
            pick(
                choice.code.clone(),
                ui.lang.of(&choice.label).to_owned(),
                chosen,
            )
        });
        Question {
            label: ui.lang.of(&field.label).to_owned(),
            picks: picks.collect(),
            name,
        }
    };
    of.into_iter().flat_map(about).map(question).collect()
}

/// The answers to them, as events of the step.
fn answers(procedure: &Procedure, form: &Posted) -> Vec<FieldAnswered> {
    let given = |field: &Field| {
        let code = form.get(field.id.as_str());
        let choice = field.choices.iter().find(|choice| choice.code == code)?;
        Some(FieldAnswered {
            step: procedure.step(ABOUT)?.id.clone(),
            field: field.id.clone(),
            value: Value::Choice(choice.code.clone()),
        })
    };
    about(procedure).filter_map(given).collect()
}

/// `GET /field/new?q=`: `q` finds matters; the fields of the form come along, so that nothing typed is lost.
pub(crate) async fn new_page(desk: Desk, Query(query): Query<Vec<(String, String)>>) -> Answer {
    let options = options(&desk)?;
    let form = Posted::of_query(query);
    let page = page(&desk, &options, FormErrors::default(), &form);
    Ok(html::ok(&page))
}

/// `POST /field/new`: fields `procedure`, `subject` or `subject_name`, `place`, `matter` or `matter_name`, `kind`, `source`,
/// `officers` (several), `urgent`.
pub(crate) async fn create(desk: Desk, form: Posted) -> Answer {
    let options = options(&desk)?;
    let mut errors = FormErrors::default();
    let opened = read(&desk, &options, &form, &mut errors);
    let Some((opened, procedure)) = opened.zip(procedure(&options, &form)) else {
        return Ok(html::again(&page(&desk, &options, errors, &form)));
    };
    let now = desk.now();
    let record = desk.new_record();
    let event = |fact: Fact| Event {
        recorded_at: now,
        happened_at: None,
        fact,
    };
    desk.store().write(|tx| {
        journal::put(tx, record, "opened", &event(opened.into()))?;
        for answer in answers(procedure, &form) {
            let slot = format!("field:{}:{}", answer.step, answer.field);
            journal::put(tx, record, &slot, &event(answer.into()))?;
        }
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
    let matter = matter(options, form, errors);
    let mut officers: Vec<OfficerId> = form
        .all("officers")
        .filter_map(|id| id.parse().ok())
        .collect();
    if officers.is_empty() {
        officers.push(desk.me.officer);
    }
    let procedure = procedure(options, form).filter(|_| errors.is_empty())?;
    Some(Opened {
        procedure: procedure.id.clone(),
        version: procedure.version,
        unit: desk.me.unit,
        subject: listed.map(|s| s.id),
        subject_name,
        place,
        matter,
        task: None,
        urgent: Some(urgent),
        officers,
    })
}

/// The code of a listed matter, else the words for one that is not on the list: warned about, never refused.
fn matter(options: &Options, form: &Posted, errors: &mut FormErrors) -> String {
    let code = form.get("matter");
    let typed = form.text("matter_name", errors);
    if options.power.iter().any(|item| item.code == code) {
        return code.to_owned();
    }
    if typed.is_empty() && !options.power.is_empty() {
        errors.add("matter", "form.required");
    }
    typed
}
