//! What is known beside a record: reference rows in force, and what other records say.
//! Apart because a job, the record's page, its steps and its documents must all judge by the same.

use crate::store::visits::{self, Kept};
use crate::store::{self, ReadTx, log, refs};
use crate::sync::enrol::JURISDICTION;
use shared::domain::event::{Opened, Value};
use shared::domain::reference::{Checklist, Officer, PowerItem, RefSet, Subject};
use shared::domain::scenario::Scenario;
use shared::drill;
use shared::fold::Facts;
use shared::id::{OfficerId, RecordId, UnitId};
use shared::instant::{Instant, Interval};
use shared::log::commit::Mode;
use shared::rules::calendar::Calendar;
use shared::rules::check::{self, Correction, Elsewhere, check};
use shared::rules::gap::Assessment;
use shared::rules::jurisdiction::Jurisdiction;
use shared::rules::procedure::{CHECKLIST, Procedure};
use shared::rules::rule::{Check, Rule};
use shared::rules::span::span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why a record cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// No such procedure here, or not in this version.
    #[error("procedure {0} is not there")]
    NoProcedure(String),
}

/// What is known beside the records, read once for several.
pub(crate) struct Context {
    /// Officers of every office.
    pub(crate) officers: BTreeMap<OfficerId, Officer>,
    pub(crate) versions: String,
    calendar: Calendar,
    procedures: BTreeMap<String, Arc<Procedure>>,
    jurisdictions: BTreeMap<String, Arc<Jurisdiction>>,
    power: BTreeMap<String, Arc<Vec<PowerItem>>>,
}

impl Context {
    /// Reads it.
    pub(crate) fn load(tx: &ReadTx<'_>) -> Result<Self, store::Error> {
        let versions: Vec<String> = refs::judging(tx)?
            .iter()
            .map(|v| format!("{}={}", v.set.number(), v.version))
            .collect();
        Ok(Self {
            officers: refs::officers(tx)?,
            versions: versions.join(","),
            calendar: refs::calendar(tx)?,
            procedures: BTreeMap::new(),
            jurisdictions: BTreeMap::new(),
            power: BTreeMap::new(),
        })
    }

    fn procedure(&mut self, tx: &ReadTx<'_>, facts: &Facts) -> Result<Arc<Procedure>, Fault> {
        let opened = facts.opened.as_ref().map(|noted| &noted.value);
        let name = opened.map_or_else(String::new, |o| format!("{}@{}", o.procedure, o.version));
        if let Some(known) = self.procedures.get(&name) {
            return Ok(Arc::clone(known));
        }
        let found: Option<Procedure> = refs::get(tx, RefSet::Procedures, name.as_bytes())?;
        let found = Arc::new(found.ok_or_else(|| Fault::NoProcedure(name.clone()))?);
        self.procedures.insert(name, Arc::clone(&found));
        Ok(found)
    }

    /// The thresholds that the record's commits name; the server's own where it does not have those.
    fn jurisdiction(
        &mut self,
        tx: &ReadTx<'_>,
        named: &str,
    ) -> Result<Arc<Jurisdiction>, store::Error> {
        if let Some(known) = self.jurisdictions.get(named) {
            return Ok(Arc::clone(known));
        }
        let mut found: Option<Jurisdiction> = None;
        for id in [named, JURISDICTION] {
            found = match found {
                None => refs::get(tx, RefSet::Jurisdictions, id.as_bytes())?,
                some => some,
            };
        }
        let found = Arc::new(found.unwrap_or_default());
        self.jurisdictions
            .insert(named.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    fn power(
        &mut self,
        tx: &ReadTx<'_>,
        matter: &str,
    ) -> Result<Arc<Vec<PowerItem>>, store::Error> {
        if let Some(known) = self.power.get(matter) {
            return Ok(Arc::clone(known));
        }
        let rows = Arc::new(refs::power_of(tx, matter)?);
        self.power.insert(matter.to_owned(), Arc::clone(&rows));
        Ok(rows)
    }
}

/// The checklist that a record was begun with.
fn named_checklist(facts: &Facts) -> Option<&str> {
    facts
        .steps
        .values()
        .find_map(|step| match &step.fields.get(CHECKLIST)?.value {
            Value::Text(key) => Some(key.as_str()),
            _ => None,
        })
}

/// What is known beside one record.
#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) jurisdiction: Arc<Jurisdiction>,
    /// The party, if it is in the list.
    pub(crate) subject: Option<Subject>,
    /// Every row that the power list has or had for the matter.
    pub(crate) power: Arc<Vec<PowerItem>>,
    pub(crate) checklist: Option<Checklist>,
    pub(crate) elsewhere: Elsewhere,
}

/// A record, folded and judged.
pub(crate) struct Judged {
    /// Its facts.
    pub(crate) facts: Facts,
    /// Its procedure; none before anything says how it was opened.
    pub(crate) procedure: Option<Arc<Procedure>>,
    /// What was known beside it.
    pub(crate) beside: Beside,
    /// What others need to know of it.
    pub(crate) kept: Kept,
    /// Linked records whose rules ask what this record's order came to.
    pub(crate) ask: BTreeSet<RecordId>,
    /// What the rules say.
    pub(crate) assessment: Assessment,
    /// The scenario that was played and what came of it; none of a real record, or where the scenario is not known. What
    /// the rules say is then what they say in its sandbox.
    pub(crate) drill: Option<(Scenario, drill::Outcome)>,
}

impl Judged {
    /// The context in which it was judged, for whatever else must decide by the same.
    pub(crate) fn context<'a>(&'a self, known: &'a Context, now: Instant) -> check::Context<'a> {
        with(&self.beside, known, now)
    }
}

fn with<'a>(beside: &'a Beside, known: &'a Context, now: Instant) -> check::Context<'a> {
    check::Context {
        officers: &known.officers,
        calendar: &known.calendar,
        jurisdiction: &beside.jurisdiction,
        subject: beside.subject.as_ref(),
        power: &beside.power,
        checklist: beside.checklist.as_ref(),
        elsewhere: Some(&beside.elsewhere),
        now: Interval::exactly(now),
    }
}

/// Folds and judges a record as of now.
pub(crate) fn judge(
    tx: &ReadTx<'_>,
    context: &mut Context,
    (record, unit): (RecordId, UnitId),
    commits: &[log::Stored],
    now: Instant,
) -> Result<Judged, Fault> {
    let acted_upon = commits.iter().filter(|stored| !stored.held);
    let facts = Facts::of(acted_upon.map(|stored| &stored.commit), []);
    let mut judged = Judged {
        kept: Kept {
            record,
            unit,
            procedure: String::new(),
            subject: None,
            span: None,
            links: links(&facts),
        },
        procedure: None,
        ask: BTreeSet::new(),
        beside: Beside::default(),
        assessment: Assessment::default(),
        drill: None,
        facts,
    };
    let Some(opened) = &judged.facts.opened else {
        return Ok(judged);
    };
    let procedure = context.procedure(tx, &judged.facts)?;
    judged.kept.procedure = procedure.id.to_string();
    judged.kept.subject = opened.value.subject;
    judged.kept.span = span(&procedure, &judged.facts, Interval::exactly(now));
    let first = commits.iter().find(|stored| !stored.held);
    let named = first.map_or("", |s| s.commit.header().jurisdiction.as_str());
    let subject = opened.value.subject;
    let linked = linked(tx, context, &procedure, &judged.kept)?;
    judged.ask = linked.ask;
    judged.beside = Beside {
        jurisdiction: context.jurisdiction(tx, named)?,
        subject: subject
            .map(|id| refs::get(tx, RefSet::Subjects, id.as_bytes()))
            .transpose()?
            .flatten(),
        power: context.power(tx, &opened.value.matter)?,
        checklist: refs::checklist(tx, &opened.value.matter, named_checklist(&judged.facts))?,
        elsewhere: Elsewhere {
            overlapping: visits::overlapping(tx, &judged.kept)?,
            inspections_this_year: visits::inspections(tx, &judged.kept, now)?,
            rechecked_at: visits::rechecked(tx, &judged.kept)?,
            correction: linked.correction,
        },
    };
    judged.assessment = check(&procedure, &judged.facts, &judged.context(context, now));
    let is_drill = first.is_some_and(|s| s.commit.header().mode == Mode::Drill);
    if let Some(scenario) = scenario(tx, &judged.facts)?.filter(|_| is_drill) {
        let known = judged.context(context, now);
        let outcome = drill::judge(&scenario, &procedure, &judged.facts, &known);
        judged.assessment.gaps.clone_from(&outcome.gaps);
        judged.assessment.open.clone_from(&outcome.open);
        judged.drill = Some((scenario, outcome));
    }
    judged.procedure = Some(procedure);
    Ok(judged)
}

/// What the records that this one is linked with have to do with it.
#[derive(Default)]
struct Linked {
    /// What the orders among them came to, where a rule of this record asks.
    correction: Option<Correction>,
    /// Those whose rules ask what this record's order came to.
    ask: BTreeSet<RecordId>,
}

fn asks(procedure: &Procedure) -> bool {
    let asks = |rule: &Rule| matches!(rule.check, Check::CorrectionFailed { .. });
    procedure.rules.iter().any(asks)
}

/// Folds the records that this one is linked with, where that matters.
fn linked(
    tx: &ReadTx<'_>,
    context: &mut Context,
    procedure: &Procedure,
    kept: &Kept,
) -> Result<Linked, Fault> {
    let mut out = Linked::default();
    if !asks(procedure) && procedure.correction.is_none() {
        return Ok(out);
    }
    let mut orders = Vec::new();
    for other in visits::linked(tx, kept)? {
        let own = log::record(tx, other)?.is_some_and(|row| row.unit == kept.unit && !row.drill);
        if !own {
            continue;
        }
        let commits = log::of_record(tx, other)?;
        let acted_upon = commits.iter().filter(|stored| !stored.held);
        let facts = Facts::of(acted_upon.map(|stored| &stored.commit), []);
        if facts.opened.is_none() {
            continue;
        }
        let theirs = context.procedure(tx, &facts)?;
        if procedure.correction.is_some() && asks(&theirs) {
            out.ask.insert(other);
        }
        orders.extend(Correction::of(&theirs, &facts).filter(|_| asks(procedure)));
    }
    out.correction = Correction::furthest(orders);
    Ok(out)
}

/// The scenario that a record says it plays, in the version that it names.
fn scenario(tx: &ReadTx<'_>, facts: &Facts) -> Result<Option<Scenario>, store::Error> {
    match drill::played(facts) {
        Some(played) => refs::get(tx, RefSet::Scenarios, played.scenario.as_bytes()),
        None => Ok(None),
    }
}

fn links(facts: &Facts) -> BTreeSet<(RecordId, String)> {
    let links = facts.links.iter();
    links
        .map(|link| (link.value.other, link.value.relation.clone()))
        .collect()
}

/// A record with everything that a page about it needs.
pub(crate) struct Case {
    pub(crate) id: RecordId,
    pub(crate) row: log::RecordRow,
    pub(crate) known: Context,
    pub(crate) commits: Vec<log::Stored>,
    /// Judged, or why it cannot be.
    pub(crate) judged: Result<Judged, String>,
}

/// Loads and judges a record; none if it is not there.
pub(crate) fn case(
    tx: &ReadTx<'_>,
    id: RecordId,
    now: Instant,
) -> Result<Option<Case>, store::Error> {
    let Some(row) = log::record(tx, id)? else {
        return Ok(None);
    };
    let mut known = Context::load(tx)?;
    let commits = log::of_record(tx, id)?;
    let judged = match judge(tx, &mut known, (id, row.unit), &commits, now) {
        Ok(judged) => Ok(judged),
        Err(Fault::Store(error)) => return Err(error),
        Err(fault) => Err(fault.to_string()),
    };
    Ok(Some(Case {
        id,
        row,
        known,
        commits,
        judged,
    }))
}

/// What is known beside a record that is about to be opened.
pub(crate) struct Ahead {
    known: Context,
    beside: Beside,
}

impl Ahead {
    /// Reads it.
    pub(crate) fn load(
        tx: &ReadTx<'_>,
        opened: &Opened,
        now: Instant,
    ) -> Result<Self, store::Error> {
        let mut known = Context::load(tx)?;
        let none = Kept {
            record: RecordId::from_bytes([0xff; 16]),
            unit: opened.unit,
            procedure: opened.procedure.to_string(),
            subject: opened.subject,
            span: None,
            links: BTreeSet::new(),
        };
        let subject = opened.subject;
        let beside = Beside {
            jurisdiction: known.jurisdiction(tx, JURISDICTION)?,
            subject: subject
                .map(|id| refs::get(tx, RefSet::Subjects, id.as_bytes()))
                .transpose()?
                .flatten(),
            power: known.power(tx, &opened.matter)?,
            checklist: refs::checklist(tx, &opened.matter, None)?,
            elsewhere: Elsewhere {
                inspections_this_year: visits::inspections(tx, &none, now)?,
                ..Elsewhere::default()
            },
        };
        Ok(Self { known, beside })
    }

    /// The context in which it will be judged.
    pub(crate) fn context(&self, now: Instant) -> check::Context<'_> {
        with(&self.beside, &self.known, now)
    }

    /// How often the party will have been inspected this year.
    pub(crate) fn inspections(&self) -> Option<u32> {
        self.beside.elsewhere.inspections_this_year
    }
}
