//! One record with everything its screens need, read in one transaction.

use crate::checklist;
use crate::desk::Desk;
use crate::html::Problem;
use crate::store::{drill, meta, records, refs};
use rusqlite::Connection;
use shared::domain::event::{Outcome, Value};
use shared::domain::reference::{Checklist, Officer, PowerItem, Subject, Task, Unit};
use shared::domain::scenario::Scenario;
use shared::drill::sandbox;
use shared::fold::{Facts, StepFacts};
use shared::id::{OfficerId, RecordId, StepId};
use shared::instant::{Instant, Interval};
use shared::numbers;
use shared::problem::Code;
use shared::rules::calendar::Calendar;
use shared::rules::check::Context;
use shared::rules::jurisdiction::Jurisdiction;
use shared::rules::procedure::{Actor, CHECKLIST, Field, Procedure, Step};
use shared::rules::{self, rule::When};
use shared::text::Lang;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A record and its surroundings.
pub(crate) struct Sheet {
    /// Which.
    pub(crate) record: RecordId,
    /// What is recorded.
    pub(crate) facts: Facts,
    /// What it follows.
    pub(crate) procedure: Procedure,
    /// Officers by id.
    pub(crate) officers: BTreeMap<OfficerId, Officer>,
    /// Holidays.
    pub(crate) calendar: Calendar,
    /// The task that asked for it.
    pub(crate) task: Option<Task>,
    jurisdiction: Jurisdiction,
    /// The party, if it is in the list.
    party: Option<Subject>,
    /// The rows of the record's matter on the power list.
    power: Vec<PowerItem>,
    /// The checklist that the record was begun with, else the matter's newest.
    pub(crate) checklist: Option<Checklist>,
    units: Vec<Unit>,
}

/// The checklist that a record names, else the newest of its matter.
fn checklist_of(c: &Connection, facts: &Facts) -> crate::store::Result<Option<Checklist>> {
    let mut answered = facts
        .steps
        .values()
        .filter_map(|step| step.fields.get(CHECKLIST));
    if let Some(Value::Text(key)) = answered.next().map(|noted| &noted.value) {
        return refs::checklist(c, key);
    }
    match &facts.opened {
        Some(opened) => refs::newest_checklist(c, &opened.value.matter),
        None => Ok(None),
    }
}

impl Sheet {
    /// Reads a record.
    pub(crate) fn read(c: &Connection, record: RecordId) -> crate::store::Result<Self> {
        let mut sheet = Self::plain(c, record)?;
        if let Some(running) = drill::running(c)? {
            sheet.play(&running.scenario);
        }
        Ok(sheet)
    }

    /// What is known in a drill is what its scenario says: by the same function that judges it.
    fn play(&mut self, scenario: &Scenario) {
        let real = self.context(Instant::from_millis(0));
        let sandbox = sandbox(scenario, &self.procedure, &self.facts, &real);
        self.facts = sandbox.facts;
        self.officers = sandbox.officers;
        self.power = sandbox.power;
        self.party = Some(sandbox.subject);
    }

    /// The same without what a scenario says.
    pub(crate) fn plain(c: &Connection, record: RecordId) -> crate::store::Result<Self> {
        let facts = records::facts(c, record)?;
        let task = match facts.opened.as_ref().and_then(|noted| noted.value.task) {
            Some(task) => refs::task(c, task)?,
            None => None,
        };
        let procedure = records::procedure_of(c, &facts, task.as_ref())?;
        let opened = facts.opened.as_ref().map(|noted| &noted.value);
        Ok(Self {
            record,
            procedure,
            officers: refs::officers(c)?,
            calendar: refs::calendar(c)?,
            jurisdiction: refs::jurisdiction(c, &meta::profile(c)?.jurisdiction)?,
            party: match opened.and_then(|opened| opened.subject) {
                Some(subject) => refs::subject(c, subject)?,
                None => None,
            },
            power: refs::power_of(c, opened.map_or("", |opened| &opened.matter))?,
            checklist: checklist_of(c, &facts)?,
            task,
            units: refs::units(c)?,
            facts,
        })
    }

    /// What the rules need to know beside the record.
    pub(crate) fn context(&self, now: Instant) -> Context<'_> {
        Context {
            officers: &self.officers,
            calendar: &self.calendar,
            jurisdiction: &self.jurisdiction,
            subject: self.party.as_ref(),
            power: &self.power,
            checklist: self.checklist.as_ref(),
            elsewhere: None,
            now: Interval::exactly(now),
        }
    }

    /// Every row that the power list has or had for the matter.
    pub(crate) fn power(&self) -> &[PowerItem] {
        &self.power
    }

    /// Reads the record of an address.
    pub(crate) fn load(desk: &Desk, record: &str) -> Result<Self, Problem> {
        let record = record.parse().map_err(|_| Problem::of(Code::NotFound))?;
        Ok(desk.store().read(|c| Self::read(c, record))?)
    }

    /// The step of an address.
    pub(crate) fn step(&self, id: &str) -> Result<&Step, Problem> {
        self.procedure
            .step(id)
            .ok_or(Problem::of(Code::UnknownStep))
    }

    /// Whether a condition holds in this record. Conditions do not look at the clock.
    fn holds(&self, when: &When) -> bool {
        rules::holds(when, &self.facts, &self.context(Instant::from_millis(0)))
    }

    /// Whether this step is to be done in this record; one that was recorded all the same is shown.
    pub(crate) fn applies(&self, step: &Step) -> bool {
        let recorded = self.known(&step.id).is_some_and(|k| k.outcome.is_some());
        recorded || step.applies.as_ref().is_none_or(|when| self.holds(when))
    }

    /// Whether this field is asked in this record.
    pub(crate) fn asks(&self, field: &Field) -> bool {
        field.applies.as_ref().is_none_or(|when| self.holds(when))
    }

    /// Whether this field is asked once the page holds this.
    pub(crate) fn asks_in(&self, facts: &Facts, field: &Field) -> bool {
        let context = self.context(Instant::from_millis(0));
        let holds = |when| rules::holds(when, facts, &context);
        field.applies.as_ref().is_none_or(holds)
    }

    /// The step's fields, with those of the checklist where it has one, and those beside its numbers.
    pub(crate) fn fields<'a>(&self, step: &'a Step) -> Cow<'a, [Field]> {
        let mut more = numbers::fields(step);
        if let Some(list) = self.checklist.as_ref().filter(|_| step.checklist) {
            more.extend(checklist::fields(list));
        }
        if more.is_empty() {
            return Cow::Borrowed(&step.fields);
        }
        let mut fields = step.fields.clone();
        fields.extend(more);
        Cow::Owned(fields)
    }

    /// What is known of a step.
    pub(crate) fn known(&self, step: &StepId) -> Option<&StepFacts> {
        self.facts.step(step.as_str())
    }

    /// A step's name; its id if the procedure does not know it.
    pub(crate) fn step_name(&self, lang: Lang, id: &str) -> String {
        self.procedure
            .step(id)
            .map_or_else(|| id.to_owned(), |step| lang.of(&step.name).to_owned())
    }

    /// A person's name; a part of the id if the set does not know them.
    pub(crate) fn officer_name(&self, id: OfficerId) -> String {
        self.officers.get(&id).map_or_else(
            || id.to_string().chars().take(8).collect(),
            |officer| officer.name.clone(),
        )
    }

    /// Who acts.
    pub(crate) fn acting(&self) -> Vec<OfficerId> {
        records::assigned(Some(&self.procedure), &self.facts, self.task.as_ref())
    }

    /// The inspected party's name.
    pub(crate) fn subject(&self) -> &str {
        let opened = self.facts.opened.as_ref();
        opened.map_or("", |noted| &noted.value.subject_name)
    }

    /// Where.
    pub(crate) fn place(&self) -> &str {
        let opened = self.facts.opened.as_ref();
        opened.map_or("", |noted| &noted.value.place)
    }

    /// The matter's name on the power list.
    pub(crate) fn matter(&self, lang: Lang) -> String {
        let Some(opened) = self.facts.opened.as_ref() else {
            return String::new();
        };
        let code = &opened.value.matter;
        let item = self.power.iter().find(|item| item.code == *code);
        item.map_or_else(
            || code.clone(),
            |item| format!("{} {}", item.code, lang.of(&item.name)),
        )
    }

    /// The office's name.
    pub(crate) fn unit(&self) -> String {
        let unit = self.facts.opened.as_ref().map(|noted| noted.value.unit);
        let unit = self.units.iter().find(|u| Some(u.id) == unit);
        unit.map_or_else(String::new, |unit| unit.name.clone())
    }

    /// Whether it is with the office.
    pub(crate) fn submitted(&self) -> bool {
        self.facts.is_submitted()
    }

    /// Whether this step can be filled in here: an officers' step that has not ended, of a record that counts.
    pub(crate) fn editable(&self, step: &Step) -> bool {
        let ended = self
            .known(&step.id)
            .is_some_and(|known| known.outcome.is_some());
        step.actor == Actor::Officers && !ended && self.facts.voided.is_none()
    }

    /// The state of a step: class, key of its word, and since when.
    pub(crate) fn state(&self, step: &Step) -> (&'static str, &'static str, Option<Instant>) {
        let Some(known) = self.known(&step.id) else {
            return match step.actor {
                Actor::Officers => ("todo", "field.state.todo", None),
                Actor::Office => ("blocked", "field.state.waiting", None),
            };
        };
        if let Some(outcome) = &known.outcome {
            let (class, key) = match outcome.value.outcome {
                Outcome::Done => ("done", "field.state.done"),
                Outcome::NotApplicable => ("na", "field.state.na"),
                Outcome::NotDone => ("late", "field.state.not-done"),
            };
            return (class, key, Some(outcome.at));
        }
        if let Some(approval) = known.approvals.last() {
            let (class, key) = if approval.value.granted {
                ("done", "field.state.approved")
            } else {
                ("late", "field.state.denied")
            };
            return (class, key, Some(approval.at));
        }
        match step.actor {
            Actor::Officers if *known != StepFacts::default() => {
                ("doing", "field.state.doing", None)
            }
            Actor::Officers => ("todo", "field.state.todo", None),
            Actor::Office => ("blocked", "field.state.waiting", None),
        }
    }

    /// Why the record was opened without approval, if it was.
    pub(crate) fn urgent(&self) -> &str {
        let opened = self.facts.opened.as_ref();
        opened
            .and_then(|noted| noted.value.urgent.as_deref())
            .unwrap_or("")
    }
}
