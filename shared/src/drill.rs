//! A drill (演练) judged: the same procedure and the same rules, in a sandbox that the scenario describes.
//! Apart because the phone shows the outcome at once and the server keeps it: both call [`judge`] and agree.
//!
//! A drill is an ordinary record whose commits have the mode [`crate::log::commit::Mode::Drill`]; docs/DRILLS.md says which
//! events it carries.

use crate::domain::event::{Approved, Outcome as Ended, Value};
use crate::domain::reference::{
    Certificate, Officer, PowerItem, PowerSource, Precondition, Subject,
};
use crate::domain::scenario::{MetBy, Scenario, Setup};
use crate::fold::{Facts, Noted};
use crate::id::{OfficerId, RuleId, SessionId, StepId, SubjectId};
use crate::instant::{Instant, Interval};
use crate::rules::check::{Context, check};
use crate::rules::gap::{Gap, Open};
use crate::rules::procedure::{Actor, LATE_REASON, Procedure, Proof};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use std::collections::{BTreeMap, BTreeSet};

/// The step of a drill's own answers; no procedure has it.
pub const STEP: &str = "drill";
/// Its field with the scenario, as `id@version`.
pub const SCENARIO: &str = "scenario";
/// Its field with the session that the player was invited to, if so.
pub const SESSION: &str = "session";
/// Its field with when the drill ended.
pub const ENDED: &str = "ended";

/// The number on a certificate that exists in a sandbox only.
const SAMPLE_CERTIFICATE: &str = "演练专用";
/// The name of a power list that exists in a sandbox only.
const SAMPLE_LIST: &str = "演练专用清单";
/// A sandbox's own rows count from here.
const LONG_AGO: Date = date(2000, 1, 1);

/// What a record says of the drill that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The scenario, as `id@version`.
    pub scenario: String,
    /// The session that the player was invited to.
    pub session: Option<SessionId>,
    /// When it ended; none while it is played.
    pub ended: Option<Instant>,
}

/// What a record says of the drill that it is; none before it names its scenario.
#[must_use]
pub fn played(facts: &Facts) -> Option<Played> {
    let fields = &facts.step(STEP)?.fields;
    let value = |field: &str| fields.get(field).map(|noted| &noted.value);
    let Some(Value::Text(scenario)) = value(SCENARIO) else {
        return None;
    };
    Some(Played {
        scenario: scenario.clone(),
        session: match value(SESSION) {
            Some(Value::Text(id)) => id.parse().ok(),
            _ => None,
        },
        ended: match value(ENDED) {
            Some(Value::At(at)) => Some(*at),
            _ => None,
        },
    })
}

/// The reference rows of a drill: the office's own, changed as the scenario says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// Officers; all of the office's own, those who play with a certificate that counts unless the scenario says otherwise.
    pub officers: BTreeMap<OfficerId, Officer>,
    /// The power list's rows for the scenario's matter.
    pub power: Vec<PowerItem>,
    /// The invented party.
    pub subject: Subject,
    /// The record's facts, with the approval that the scenario takes as given.
    pub facts: Facts,
}

impl Sandbox {
    /// The context in which the drill is judged as of this moment. What other records say is left out: a drill knows none.
    #[must_use]
    pub fn context<'a>(&'a self, real: &Context<'a>, now: Interval) -> Context<'a> {
        Context {
            officers: &self.officers,
            subject: Some(&self.subject),
            power: &self.power,
            elsewhere: None,
            now,
            ..real.clone()
        }
    }
}

/// The sandbox of a drill. The player is who opened the record; the colleague is the first other officer of the opening, so
/// that a replacement named later has a certificate that counts.
#[must_use]
pub fn sandbox(
    scenario: &Scenario,
    procedure: &Procedure,
    facts: &Facts,
    real: &Context<'_>,
) -> Sandbox {
    let opened = facts.opened.as_ref();
    let day = opened.map_or(real.now.earliest, |opened| opened.at).date();
    Sandbox {
        officers: officers(scenario, facts, real.officers, day),
        power: power(scenario, real.power),
        subject: Subject {
            id: SubjectId::from_bytes([0; 16]),
            name: scenario.party.clone(),
            kind: scenario.party_kind,
            address: scenario.place.clone(),
            contact: String::new(),
        },
        facts: approved(scenario, procedure, facts),
    }
}

fn officers(
    scenario: &Scenario,
    facts: &Facts,
    real: &BTreeMap<OfficerId, Officer>,
    day: Date,
) -> BTreeMap<OfficerId, Officer> {
    let mut officers = real.clone();
    let valid_to = day.checked_add(1.year()).unwrap_or(day);
    for officer in officers.values_mut() {
        if officer.certificate_on(day).is_none() {
            officer.certificates = vec![sample(LONG_AGO, valid_to)];
        }
    }
    let opened = facts.opened.as_ref();
    let colleague = opened.and_then(|opened| {
        let others = opened.value.officers.iter();
        others.copied().find(|other| *other != opened.officer)
    });
    let Some(colleague) = colleague.and_then(|id| officers.get_mut(&id)) else {
        return officers;
    };
    for line in &scenario.setup {
        match line {
            Setup::ColleagueCertificateEnded => {
                let before = day.checked_sub(1.day()).unwrap_or(day);
                colleague.certificates = vec![sample(LONG_AGO, before)];
            }
            Setup::ColleagueAuxiliary => {
                colleague.auxiliary = true;
                colleague.certificates = Vec::new();
            }
            _ => {}
        }
    }
    officers
}

fn sample(valid_from: Date, valid_to: Date) -> Certificate {
    Certificate {
        number: SAMPLE_CERTIFICATE.to_owned(),
        valid_from,
        valid_to,
    }
}

/// One row without end: what an office's own list says on the day must not decide a drill.
fn power(scenario: &Scenario, real: &[PowerItem]) -> Vec<PowerItem> {
    if scenario.setup.contains(&Setup::MatterNotListed) {
        return Vec::new();
    }
    let only_reported = scenario.setup.contains(&Setup::MatterOnlyReported);
    let known = real.last().cloned();
    let mut row = known.unwrap_or_else(|| PowerItem {
        code: scenario.matter.clone(),
        name: scenario.matter_name.clone(),
        source: PowerSource::S1,
        from: LONG_AGO,
        to: None,
        listed: true,
        duty: scenario.matter_name.clone(),
        sanction: scenario.matter_name.clone(),
        precondition: Precondition::None,
        bases: Vec::new(),
        list: SAMPLE_LIST.to_owned(),
    });
    (row.from, row.to) = (LONG_AGO, None);
    if only_reported {
        (row.source, row.listed) = (PowerSource::S4, false);
    } else {
        row.listed = true;
        if row.source == PowerSource::S4 {
            row.source = PowerSource::S1;
        }
    }
    vec![row]
}

/// The facts with the approval that the scenario takes as given, dated to the opening.
fn approved(scenario: &Scenario, procedure: &Procedure, facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    let given = scenario.setup.contains(&Setup::Approved);
    let step = procedure
        .steps
        .iter()
        .find(|step| step.proof.contains(&Proof::Approval));
    let (true, Some(step), Some(opened)) = (given, step, &facts.opened) else {
        return facts;
    };
    let nobody = OfficerId::from_bytes([0; 16]);
    let approval = Noted {
        place: opened.place,
        officer: nobody,
        recorded_at: opened.at,
        at: opened.at,
        value: Approved {
            step: step.id.clone(),
            approver: nobody,
            granted: true,
            note: String::new(),
        },
    };
    let known = facts.steps.entry(step.id.clone()).or_default();
    known.approvals.insert(0, approval);
    facts
}

/// What came of a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For each expectation of the scenario, in its order, whether it is met.
    pub met: Vec<bool>,
    /// What the rules found, gravest first. Steps of the office are not played: they count only where the scenario expects
    /// something of their rules.
    pub gaps: Vec<Gap>,
    /// What was still to do, likewise.
    pub open: Vec<Open>,
}

impl Outcome {
    /// How many expectations are met.
    #[must_use]
    pub fn count(&self) -> usize {
        self.met.iter().filter(|met| **met).count()
    }

    /// The rules that the player should practise: those with a gap, and those that an expectation asked for in vain.
    #[must_use]
    pub fn missed(&self, scenario: &Scenario) -> BTreeSet<RuleId> {
        let expected = scenario.expectations.iter().zip(&self.met);
        let in_vain = expected
            .filter(|(_, met)| !**met)
            .filter_map(|(expectation, _)| expectation.met_by.rule());
        let found = self.gaps.iter().map(|gap| &gap.rule);
        found.chain(in_vain).cloned().collect()
    }
}

/// Judges a drill in its sandbox: as of its end once it ended, so that the outcome never changes by time alone; else as of
/// the context's now. The context is the office's own, as for a real record.
#[must_use]
pub fn judge(
    scenario: &Scenario,
    procedure: &Procedure,
    facts: &Facts,
    real: &Context<'_>,
) -> Outcome {
    let sandbox = sandbox(scenario, procedure, facts, real);
    let ended = played(facts).and_then(|played| played.ended);
    let now = ended.map_or(real.now, Interval::exactly);
    let assessment = check(procedure, &sandbox.facts, &sandbox.context(real, now));
    let expects = |rule: &RuleId| {
        let mut rules = scenario.expectations.iter().map(|e| e.met_by.rule());
        rules.any(|expected| expected == Some(rule))
    };
    let played_here = |step: &StepId| {
        let step = procedure.step(step.as_str());
        step.is_none_or(|step| step.actor == Actor::Officers)
    };
    let gaps: Vec<Gap> = assessment
        .gaps
        .into_iter()
        .filter(|gap| played_here(&gap.step) || expects(&gap.rule))
        .collect();
    let open: Vec<Open> = assessment
        .open
        .into_iter()
        .filter(|open| played_here(&open.step) || expects(&open.rule))
        .collect();
    let met = |met_by: &MetBy| match met_by {
        MetBy::RuleAbsent { rule } => {
            !gaps.iter().any(|gap| gap.rule == *rule) && !open.iter().any(|o| o.rule == *rule)
        }
        MetBy::NoGap { rule } => !gaps.iter().any(|gap| gap.rule == *rule),
        shown => is_shown(shown, &sandbox.facts),
    };
    let met = scenario.expectations.iter().map(|e| met(&e.met_by));
    Outcome {
        met: met.collect(),
        gaps,
        open,
    }
}

fn is_shown(met_by: &MetBy, facts: &Facts) -> bool {
    let said = |text: &str| !text.trim().is_empty();
    let known = met_by.step().and_then(|step| facts.steps.get(step));
    let Some(step) = known else {
        return matches!(met_by, MetBy::StepLeft { .. });
    };
    let outcome = step.outcome.as_ref().map(|noted| &noted.value);
    let done = outcome.is_some_and(|outcome| outcome.outcome == Ended::Done);
    match met_by {
        MetBy::RuleAbsent { .. } | MetBy::NoGap { .. } => false,
        MetBy::Refusal { .. } => step.refusals.iter().any(|refusal| {
            let shown = [&refusal.value.witness, &refusal.value.recording];
            let by_somebody = shown.iter().any(|by| by.as_deref().is_some_and(said));
            said(&refusal.value.reason) && by_somebody
        }),
        MetBy::StepEnded { .. } => done,
        MetBy::StepLeft { .. } => !done,
        MetBy::Answered { field, is, .. } => {
            let answer = step.fields.get(field).map(|noted| &noted.value);
            answer.is_some_and(|answer| is_answer(answer, is))
        }
        MetBy::Heard { .. } => {
            let mut statements = step.statements.iter().map(|noted| &noted.value);
            statements.any(|statement| said(&statement.words) && said(&statement.answer))
        }
        MetBy::Mentions { field, words, .. } => {
            let answer = step.fields.get(field).map(|noted| &noted.value);
            matches!(answer, Some(Value::Text(text)) if words.iter().any(|word| text.contains(word)))
        }
        MetBy::Explained { .. } => {
            let late: Option<&Noted<Value>> = step.fields.get(LATE_REASON);
            outcome.is_some_and(|outcome| said(&outcome.note))
                || step.statements.iter().any(|s| said(&s.value.words))
                || late.is_some_and(|noted| is_answer(&noted.value, &[]))
        }
    }
}

/// Whether this is one of the answers; any answer where none is named.
fn is_answer(value: &Value, is: &[String]) -> bool {
    let code = match value {
        Value::Text(text) | Value::Choice(text) => text.trim(),
        Value::Bool(true) => "yes",
        Value::Bool(false) => "no",
        Value::Int(_) | Value::At(_) | Value::Officers(_) => return is.is_empty(),
    };
    !code.is_empty() && (is.is_empty() || is.iter().any(|is| is == code))
}

#[cfg(test)]
mod tests;
