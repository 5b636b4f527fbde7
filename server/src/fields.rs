//! Fields of a procedure's steps as controls of a form, and back: what a step asks is data, so no page knows a field by name.

use crate::access::Role;
use crate::html;
use crate::session::Fields;
use jiff::civil::{Date, DateTime};
use shared::domain::event::{MAX_TEXT_CHARS, Value};
use shared::fold::Facts;
use shared::id::{FieldId, OfficerId};
use shared::instant::Instant;
use shared::rules::procedure::{Field, FieldKind, Hand, Step};
use shared::text::{Lang, text};

/// A choice of a control: code, label, chosen.
pub(crate) type Choice = (String, String, bool);

/// Somebody who may be named.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: OfficerId,
    pub(crate) name: String,
    /// What they are at the office.
    pub(crate) roles: Vec<Role>,
    /// Whether they handle the case.
    pub(crate) handles: bool,
}

impl Person {
    fn is(&self, hand: Hand) -> bool {
        self.roles.contains(&Role::of_hand(hand))
    }

    /// The name where the law asks for somebody who is `ranked`: with a mark if this is nobody of them, or handles the case.
    fn marked(&self, lang: Lang, ranked: Hand) -> String {
        let other = (!self.is(ranked)).then(|| format!("console.office.not.{}", ranked.code()));
        let handles = self.handles.then(|| "console.office.handles".to_owned());
        let marks: Vec<&str> = handles
            .iter()
            .chain(&other)
            .map(|key| text(lang, key))
            .collect();
        match (marks.is_empty(), lang) {
            (true, _) => self.name.clone(),
            (false, Lang::Zh) => format!("{}（{}）", self.name, marks.join("，")),
            (false, Lang::En) => format!("{} ({})", self.name, marks.join(", ")),
        }
    }
}

/// A control, ready to print.
pub(crate) struct Control {
    /// Its name and anchor: step and field.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    /// `text`, `long`, `choice`, `many`, or the type of an input.
    pub(crate) kind: &'static str,
    pub(crate) required: bool,
    pub(crate) value: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) error: Option<String>,
}

/// What is wrong, by the control's name.
pub(crate) type Errors = Vec<(String, &'static str)>;

/// The name of a field's control.
pub(crate) fn name(step: &Step, field: &Field) -> String {
    format!("f.{}.{}", step.id, field.id)
}

/// What controls are written from: what was posted, else what is known.
pub(crate) struct From<'a> {
    pub(crate) lang: Lang,
    pub(crate) posted: Option<&'a Fields>,
    pub(crate) facts: &'a Facts,
    /// Who may be named.
    pub(crate) officers: &'a [Person],
    pub(crate) errors: &'a Errors,
}

impl From<'_> {
    /// The controls of a step.
    pub(crate) fn controls(&self, step: &Step) -> Vec<Control> {
        let control = |field: &Field| self.control(step, field);
        step.fields.iter().map(control).collect()
    }

    fn control(&self, step: &Step, field: &Field) -> Control {
        let name = name(step, field);
        let known = self.facts.steps.get(&step.id);
        let known = known.and_then(|step| step.fields.get(&field.id));
        let values: Vec<String> = match self.posted {
            Some(posted) => posted.all(&name).map(str::to_owned).collect(),
            None => known.map_or_else(Vec::new, |noted| typed(field.kind, &noted.value)),
        };
        let words = |(_, key): &(String, &'static str)| text(self.lang, key).to_owned();
        let error = self.errors.iter().find(|(at, _)| *at == name).map(words);
        let only = field.applies.as_ref();
        let only = only.map(|_| text(self.lang, "console.office.only-if").to_owned());
        Control {
            label: self.lang.of(&field.label).to_owned(),
            hint: field
                .hint
                .as_ref()
                .map(|hint| self.lang.of(hint).to_owned())
                .or(only),
            kind: match field.kind {
                FieldKind::Text => "text",
                FieldKind::Long => "long",
                FieldKind::At => "datetime-local",
                FieldKind::Day => "date",
                FieldKind::Int => "number",
                FieldKind::Choice | FieldKind::Bool => "choice",
                FieldKind::Officers => "many",
            },
            required: field.required,
            choices: self.choices(field, &values),
            value: values.into_iter().next().unwrap_or_default(),
            error,
            name,
        }
    }

    fn choices(&self, field: &Field, values: &[String]) -> Vec<Choice> {
        let choice = |code: String, label: String| {
            let chosen = values.contains(&code);
            (code, label, chosen)
        };
        match field.kind {
            FieldKind::Choice => field
                .choices
                .iter()
                .map(|c| choice(c.code.clone(), self.lang.of(&c.label).to_owned()))
                .collect(),
            FieldKind::Bool => ["yes", "no"]
                .map(|code| {
                    let label = text(self.lang, &format!("console.{code}")).to_owned();
                    choice(code.to_owned(), label)
                })
                .into(),
            FieldKind::Officers => self
                .offered(field)
                .map(|(id, label)| choice(id.to_string(), label))
                .collect(),
            FieldKind::Text | FieldKind::Long | FieldKind::At | FieldKind::Day | FieldKind::Int => {
                Vec::new()
            }
        }
    }
}

impl From<'_> {
    /// Who may be named, those first whom the law asks for.
    fn offered(&self, field: &Field) -> impl Iterator<Item = (OfficerId, String)> {
        let mut people: Vec<&Person> = self.officers.iter().collect();
        let (lang, ranked) = (self.lang, field.ranked);
        if let Some(hand) = ranked {
            people.sort_by_key(|person| !person.is(hand));
        }
        people.into_iter().map(move |person| {
            let label =
                ranked.map_or_else(|| person.name.clone(), |hand| person.marked(lang, hand));
            (person.id, label)
        })
    }
}

/// A value as its control has it.
fn typed(kind: FieldKind, value: &Value) -> Vec<String> {
    match value {
        Value::Text(words) | Value::Choice(words) => vec![words.clone()],
        Value::Int(number) => vec![number.to_string()],
        Value::Bool(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
        Value::At(at) if kind == FieldKind::Day => vec![at.date().to_string()],
        Value::At(at) => {
            let at = at.civil();
            vec![format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute())]
        }
        Value::Officers(ids) => ids.iter().map(ToString::to_string).collect(),
    }
}

/// The answers of a step's form, and what is wrong with others. An empty control is no answer.
pub(crate) fn read(
    step: &Step,
    posted: &Fields,
    officers: &[Person],
) -> (Vec<(FieldId, Value)>, Errors) {
    let (mut given, mut errors) = (Vec::new(), Errors::new());
    for field in &step.fields {
        let name = name(step, field);
        let raw: Vec<&str> = posted.all(&name).map(str::trim).collect();
        match value(field, &raw, officers) {
            Ok(Some(value)) => given.push((field.id.clone(), value)),
            Ok(None) => {}
            Err(key) => errors.push((name, key)),
        }
    }
    (given, errors)
}

fn value(field: &Field, raw: &[&str], officers: &[Person]) -> Result<Option<Value>, &'static str> {
    let one = raw.first().copied().unwrap_or_default();
    if one.is_empty() {
        return Ok(None);
    }
    let value = match field.kind {
        FieldKind::Text | FieldKind::Long if one.chars().count() > MAX_TEXT_CHARS => {
            return Err("console.office.error.long");
        }
        FieldKind::Text | FieldKind::Long => Value::Text(one.to_owned()),
        FieldKind::At => {
            let at: DateTime = one.parse().map_err(|_| "console.office.error.at")?;
            Value::At(Instant::from_civil(at))
        }
        FieldKind::Day => {
            let day: Date = one.parse().map_err(|_| "console.office.error.day")?;
            Value::At(Instant::from_civil(
                day.to_datetime(jiff::civil::Time::midnight()),
            ))
        }
        FieldKind::Int => Value::Int(one.parse().map_err(|_| "console.office.error.int")?),
        FieldKind::Bool => Value::Bool(one == "yes"),
        FieldKind::Choice => {
            let known = field.choices.iter().any(|choice| choice.code == one);
            Value::Choice(
                known
                    .then(|| one.to_owned())
                    .ok_or("console.office.error.choice")?,
            )
        }
        FieldKind::Officers => {
            let named = raw.iter().filter_map(|id| id.parse().ok());
            let known = named.filter(|id| officers.iter().any(|person| person.id == *id));
            let ids: Vec<OfficerId> = known.collect();
            if ids.len() != raw.len() {
                return Err("console.office.error.choice");
            }
            Value::Officers(ids)
        }
    };
    Ok(Some(value))
}

/// What a field's value says, in words.
pub(crate) fn words(lang: Lang, field: &Field, value: &Value) -> Option<String> {
    match (field.kind, value) {
        (FieldKind::Choice, Value::Choice(code)) => {
            let choice = field.choices.iter().find(|choice| choice.code == *code)?;
            Some(lang.of(&choice.label).to_owned())
        }
        (FieldKind::Day, Value::At(at)) => Some(html::day(lang, at.date())),
        _ => None,
    }
}
