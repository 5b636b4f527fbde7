//! The office's steps on a record's page, by phase: how each stands and whose it is; of a case also whose turn it is and which
//! limits run.

use super::{may, page};
use crate::assess::{Case, Judged};
use crate::explain;
use crate::gaps::{end, time_left};
use crate::session::Visitor;
use shared::instant::Instant;
use shared::rules::explain::Names;
use shared::rules::procedure::{Actor, Procedure, Step};
use shared::rules::step_applies;
use shared::rules::turn::{handlers, is_denied, is_done, turn};
use shared::text::Lang;

/// A step of the office.
pub(crate) struct Line {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) class: &'static str,
    /// Whose it is.
    pub(crate) who: String,
}

/// Whose turn it is in a case.
pub(crate) struct Turn {
    pub(crate) name: String,
    pub(crate) who: String,
    /// Where it is done, if this person does it.
    pub(crate) href: Option<String>,
}

/// The office's steps.
#[derive(Default)]
pub(crate) struct Board {
    /// Phases with their steps; those without any are left out.
    pub(crate) phases: Vec<(String, Vec<Line>)>,
    /// Whether the record is a case, which goes to and fro between officers and office.
    pub(crate) case: bool,
    /// None once all is done.
    pub(crate) turn: Option<Turn>,
    /// What has to be done within a limit: words, time left, and whether it is over.
    pub(crate) limits: Vec<(String, String, bool)>,
}

/// The board of a record.
pub(crate) fn board(visitor: &Visitor, case: &Case, now: Instant) -> Board {
    let Ok(judged) = &case.judged else {
        return Board::default();
    };
    let Some(procedure) = judged.procedure.as_deref() else {
        return Board::default();
    };
    let phases = procedure.phases.iter().map(|phase| {
        let steps = procedure.steps.iter().filter(|s| s.phase == phase.code);
        let lines = steps.filter(|step| shown(case, judged, step, now));
        let lines = lines.map(|step| line(visitor.lang, case, judged, step));
        (visitor.lang.of(&phase.name).to_owned(), lines.collect())
    });
    let phases = phases.filter(|(_, lines): &(String, Vec<Line>)| !lines.is_empty());
    let is_case = procedure.is_case();
    Board {
        phases: phases.collect(),
        case: is_case,
        turn: whose(visitor, case, (judged, procedure), now).filter(|_| is_case),
        limits: limits(visitor.lang, case, (judged, procedure), now),
    }
}

fn shown(case: &Case, judged: &Judged, step: &Step, now: Instant) -> bool {
    let facts = &judged.facts;
    let known = facts.steps.contains_key(&step.id);
    step.actor == Actor::Office
        && (known || step_applies(step, facts, &judged.context(&case.known, now)))
}

fn line(lang: Lang, case: &Case, judged: &Judged, step: &Step) -> Line {
    let facts = &judged.facts;
    Line {
        href: format!("/records/{}/steps/{}", case.id, step.id),
        name: format!("{} {}", step.id, lang.of(&step.name)),
        state: page::state(lang, step, facts),
        class: match (is_done(facts, step), is_denied(facts, step)) {
            (true, _) => "state-done",
            (false, true) => "state-blocked",
            (false, false) => "state-todo",
        },
        who: page::hands(lang, step),
    }
}

fn whose(
    visitor: &Visitor,
    case: &Case,
    (judged, procedure): (&Judged, &Procedure),
    now: Instant,
) -> Option<Turn> {
    let context = judged.context(&case.known, now);
    let step = turn(procedure, &judged.facts, &context)?;
    let officer = visitor.session.officer.id;
    let kept = step.independent.is_some() && handlers(procedure, &judged.facts).contains(&officer);
    let mine = may(visitor, step, case.row.unit) && !kept;
    Some(Turn {
        name: format!("{} {}", step.id, visitor.lang.of(&step.name)),
        who: page::hands(visitor.lang, step),
        href: mine.then(|| format!("/records/{}/steps/{}", case.id, step.id)),
    })
}

fn limits(
    lang: Lang,
    case: &Case,
    (judged, procedure): (&Judged, &Procedure),
    now: Instant,
) -> Vec<(String, String, bool)> {
    let names = Names {
        procedure,
        officers: &case.known.officers,
    };
    let mut open: Vec<_> = judged.assessment.open.iter().collect();
    open.retain(|open| open.deadline.is_some());
    open.sort_by_key(|open| open.deadline.map(|limit| limit.earliest));
    let line = |open: &&shared::rules::gap::Open| {
        let (left, over) = time_left(lang, end(open.deadline?, now), now);
        Some((explain::open(lang, open, names), left, over))
    };
    open.iter().filter_map(line).collect()
}
