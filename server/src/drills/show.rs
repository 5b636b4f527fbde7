//! One drill, looked at together afterwards (复盘): what was expected, what the rules found, what happened in order, what a
//! judge thought, and what to practise next.

use super::{newest, sees, state, title};
use crate::access::Role;
use crate::app::App;
use crate::assess::{self, Case, Judged};
use crate::explain;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::drills::{self, Line, Score};
use crate::store::gaps::grade;
use crate::store::{self, ReadTx, sessions};
use crate::training::competency_of;
use axum::extract::{Path, State};
use axum::response::Response;
use shared::domain::scenario::{MetBy, Scenario};
use shared::drill::STEP;
use shared::fold::Entry;
use shared::id::RecordId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::explain::{Names, citation};
use shared::rules::gap::Gap;
use shared::rules::procedure::Actor;
use shared::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

/// What a step of a drill can be worth.
pub(super) const SCORES: [u8; 6] = [0, 1, 2, 3, 4, 5];

/// Something that a good run shows, ready to print.
struct Expected {
    met: bool,
    words: String,
    basis: String,
}

/// What the rules found, ready to print.
struct Found {
    grade: u8,
    severity: String,
    title: String,
    rule: String,
    step: String,
    state: String,
    text: String,
    because: Vec<String>,
    basis: String,
    caution: Option<String>,
}

/// An event, ready to print.
struct Happened {
    what: String,
    detail: String,
    at: String,
    who: String,
    withdrawn: bool,
}

/// A step that a judge scores, ready to print.
struct Scored {
    step: String,
    name: String,
    /// Value, chosen.
    choices: Vec<(String, bool)>,
    stored: Option<u8>,
    remark: String,
    /// What is stored, so that only what was changed here is written.
    original: String,
    /// Who scored it and when.
    by: Option<String>,
    error: Option<String>,
}

/// A competency to practise, with the rules that led to it.
struct Practise {
    name: String,
    rules: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "drill.html")]
struct ShowPage {
    p: Page,
    id: String,
    scenario: String,
    class: &'static str,
    state: String,
    facts: Vec<(&'static str, String)>,
    /// The session's address and title.
    session: Option<(String, String)>,
    /// Its scenario is not known, so that nothing is judged.
    unknown: bool,
    brief: String,
    expected: Vec<Expected>,
    met: String,
    found: Vec<Found>,
    happened: Vec<Happened>,
    debrief: String,
    scores: Vec<Scored>,
    /// The visitor may score.
    judges: bool,
    was_scored: bool,
    errors: Vec<(String, String)>,
    practise: Vec<Practise>,
    /// Scenarios that train what was missed.
    again: Vec<String>,
}

/// What the store gives for the page.
pub(super) struct Loaded {
    pub(super) line: Line,
    case: Case,
    pub(super) scores: BTreeMap<String, Score>,
    session: Option<(String, String)>,
    scenarios: BTreeMap<String, Scenario>,
}

impl Loaded {
    fn load(tx: &ReadTx<'_>, id: RecordId, now: Instant) -> Result<Option<Self>, store::Error> {
        let Some(line) = drills::one(tx, id)? else {
            return Ok(None);
        };
        let Some(case) = assess::case(tx, id, now)? else {
            return Ok(None);
        };
        let session = match line.drill.session {
            Some(id) => sessions::get(tx, id)?,
            None => None,
        };
        Ok(Some(Self {
            session: session.map(|s| (format!("/training/sessions/{}", s.id), s.title)),
            scores: drills::scores(tx, id)?,
            scenarios: newest(tx)?,
            line,
            case,
        }))
    }

    /// The steps that are played, by id and in the procedure's order.
    pub(super) fn steps(&self) -> Vec<(String, shared::text::Bilingual)> {
        let procedure = self.case.judged.as_ref().ok();
        let procedure = procedure.and_then(|judged| judged.procedure.as_deref());
        let Some(procedure) = procedure else {
            return Vec::new();
        };
        let played = procedure
            .steps
            .iter()
            .filter(|step| step.actor == Actor::Officers);
        played
            .map(|step| (step.id.to_string(), step.name.clone()))
            .collect()
    }
}

/// What was typed and not stored: score and remark by step, with what is wrong.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) scores: BTreeMap<String, (String, String)>,
    pub(super) errors: BTreeMap<String, &'static str>,
}

/// A drill that the visitor may see.
pub(super) async fn loaded(app: &App, visitor: &Visitor, id: &str) -> Result<Loaded, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let now = app.now();
    let found = app.store.read(move |tx| Loaded::load(tx, id, now)).await?;
    let found = found.filter(|found| sees(visitor, &found.line.drill));
    found.ok_or(Code::NotFound.into())
}

/// `GET /training/drills/{record}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let loaded = loaded(&app, &visitor, &id).await?;
    render(&visitor, &loaded, &Typed::default())
}

pub(super) fn render(
    visitor: &Visitor,
    loaded: &Loaded,
    typed: &Typed,
) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let drill = &loaded.line.drill;
    let (class, state) = state(lang, drill);
    let id = drill.scenario.as_ref().map(|(id, _)| id.as_str());
    let scores = scored(lang, loaded, typed);
    let errors = scores.iter().filter_map(|score| {
        let words = score.error.as_ref()?;
        Some((
            format!("s.{}", score.step),
            format!("{}：{words}", score.name),
        ))
    });
    let mut page = ShowPage {
        id: drill.record.to_string(),
        scenario: title(lang, &loaded.scenarios, id),
        class,
        state,
        facts: facts(lang, loaded),
        session: loaded.session.clone(),
        unknown: true,
        brief: String::new(),
        expected: Vec::new(),
        met: String::new(),
        found: Vec::new(),
        happened: Vec::new(),
        debrief: String::new(),
        judges: visitor.is(Role::TrainingManager),
        was_scored: !loaded.scores.is_empty(),
        errors: errors.collect(),
        practise: Vec::new(),
        again: Vec::new(),
        scores,
        p: Page::new(visitor, "console.drill.title"),
    };
    if let Ok(judged) = &loaded.case.judged {
        fill_in(&mut page, lang, loaded, judged);
    }
    html::render(&page)
}

fn fill_in(page: &mut ShowPage, lang: Lang, loaded: &Loaded, judged: &Judged) {
    let Some(procedure) = judged.procedure.as_deref() else {
        return;
    };
    let names = Names {
        procedure,
        officers: &loaded.case.known.officers,
    };
    let timeline = judged.facts.timeline.iter();
    page.happened = timeline
        .filter_map(|entry| happened(lang, entry, judged, names))
        .collect();
    let Some((scenario, outcome)) = &judged.drill else {
        return;
    };
    page.unknown = false;
    lang.of(&scenario.brief).clone_into(&mut page.brief);
    lang.of(&scenario.debrief).clone_into(&mut page.debrief);
    let expected = scenario.expectations.iter().zip(&outcome.met);
    page.expected = expected
        .map(|(expected, met)| Expected {
            met: *met,
            words: lang.of(&expected.text).to_owned(),
            basis: citation(lang, &expected.basis),
        })
        .collect();
    let with = [
        ("n", &*outcome.count().to_string()),
        ("all", &*outcome.met.len().to_string()),
    ];
    page.met = fill(lang, "console.drill.met-of", &with);
    page.found = outcome
        .gaps
        .iter()
        .map(|gap| found(lang, gap, names))
        .collect();
    let missed = outcome.missed(scenario);
    let missed: BTreeSet<&str> = missed.iter().map(shared::id::RuleId::as_str).collect();
    page.practise = practise(lang, &missed);
    // A drill that went well is not asked for again.
    if outcome.met.iter().any(|met| !met) || !missed.is_empty() {
        page.again = again(lang, &loaded.scenarios, &scenario.id, &missed);
    }
}

fn facts(lang: Lang, loaded: &Loaded) -> Vec<(&'static str, String)> {
    let drill = &loaded.line.drill;
    let officers = &loaded.case.known.officers;
    let name = |id| {
        officers
            .get(&id)
            .map_or_else(String::new, |o| o.name.clone())
    };
    let opened = loaded.case.judged.as_ref().ok();
    let opened = opened.and_then(|judged| judged.facts.opened.as_ref());
    let mut facts = vec![("console.drill.player", name(drill.officer))];
    if let Some(opened) = opened {
        let others = opened.value.officers.iter().copied();
        let others: Vec<String> = others.filter(|id| *id != drill.officer).map(name).collect();
        if !others.is_empty() {
            facts.push(("console.drill.colleague", others.join("、")));
        }
        facts.push(("console.drill.party", opened.value.subject_name.clone()));
    }
    facts.push(("console.drill.started", html::moment(lang, drill.started)));
    if let Some(ended) = drill.ended {
        let took = html::duration(lang, ended.millis_since(drill.started));
        let at = html::moment(lang, ended);
        facts.push(("console.drill.ended-at", format!("{at} · {took}")));
    }
    facts
}

fn found(lang: Lang, gap: &Gap, names: Names<'_>) -> Found {
    let words = explain::gap(lang, gap, names);
    Found {
        grade: grade(gap.severity),
        severity: words.severity,
        title: words.title,
        rule: gap.rule.to_string(),
        step: format!("{} {}", gap.step, words.step),
        state: words.state,
        text: words.text,
        because: words.because,
        basis: words.basis.join(if lang == Lang::Zh { "、" } else { "; " }),
        caution: words.caution,
    }
}

/// An event in words; none for what only says which drill it is.
fn happened(lang: Lang, entry: &Entry, judged: &Judged, names: Names<'_>) -> Option<Happened> {
    use shared::domain::event::Fact;
    let fact = &entry.event.fact;
    if let Fact::FieldAnswered(answer) = fact
        && answer.step == *STEP
    {
        return None;
    }
    Some(Happened {
        what: explain::event(lang, fact),
        detail: explain::detail(lang, fact, names, judged),
        at: html::moment(lang, entry.event.at()),
        who: explain::officer(lang, entry.officer, names).to_owned(),
        withdrawn: judged.facts.withdrawn.contains(&entry.place),
    })
}

/// What a form carries of a stored score.
pub(super) fn carried(score: Option<&Score>) -> String {
    score.map_or_else(String::new, |s| format!("{}|{}", s.score, s.remark))
}

fn scored(lang: Lang, loaded: &Loaded, typed: &Typed) -> Vec<Scored> {
    let officers = &loaded.case.known.officers;
    let one = |(step, name): (String, shared::text::Bilingual)| {
        let stored = loaded.scores.get(&step);
        let (chosen, remark) = match typed.scores.get(&step) {
            Some(typed) => typed.clone(),
            None => stored.map_or_else(Default::default, |s| {
                (s.score.to_string(), s.remark.clone())
            }),
        };
        let choices = SCORES.map(|score| (score.to_string(), score.to_string() == chosen));
        let by = stored.map(|s| {
            let judge = officers.get(&s.judge).map_or("", |judge| &judge.name);
            format!("{judge} · {}", html::moment(lang, s.at))
        });
        let error = typed.errors.get(&step);
        Scored {
            name: lang.of(&name).to_owned(),
            choices: choices.into(),
            stored: stored.map(|s| s.score),
            remark,
            original: carried(stored),
            by,
            error: error.map(|key| text(lang, key).to_owned()),
            step,
        }
    };
    loaded.steps().into_iter().map(one).collect()
}

/// The competencies that the missed rules belong to.
fn practise(lang: Lang, missed: &BTreeSet<&str>) -> Vec<Practise> {
    let mut by_name: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for rule in missed {
        if let Some(competency) = competency_of(lang, rule) {
            let rules = by_name.entry(competency).or_default();
            rules.push(explain::rule(lang, rule));
        }
    }
    let named = by_name.into_iter();
    named
        .map(|((_, name), rules)| Practise {
            name: name.to_owned(),
            rules,
        })
        .collect()
}

/// This scenario first, then others that expect something of a rule that was missed.
fn again(
    lang: Lang,
    scenarios: &BTreeMap<String, Scenario>,
    played: &str,
    missed: &BTreeSet<&str>,
) -> Vec<String> {
    let trains = |scenario: &&Scenario| {
        let mut asked = scenario.expectations.iter().map(|e| &e.met_by);
        let of_missed = |met_by: &MetBy| {
            let rule = met_by.rule();
            rule.is_some_and(|rule| missed.contains(rule.as_str()))
        };
        scenario.id == played || asked.any(of_missed)
    };
    let mut chosen: Vec<&Scenario> = scenarios.values().filter(trains).collect();
    chosen.sort_by_key(|scenario| (scenario.id != played, &scenario.id));
    let title = |scenario: &Scenario| lang.of(&scenario.title).to_owned();
    chosen.into_iter().map(title).collect()
}
