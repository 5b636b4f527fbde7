//! One record: facts, timeline, and each gap with its article and the events that led to it.

use crate::app::App;
use crate::assess::{self, Context, Judged};
use crate::documents;
use crate::explain;
use crate::gaps::time_left;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::gaps::{self, GapRow, grade, numbered};
use crate::store::{self, log, refs};
use axum::extract::{Path, State};
use axum::response::Response;
use shared::domain::event::EventRef;
use shared::fold::Entry;
use shared::id::{FeedId, RecordId};
use shared::instant::{Instant, MINUTE_MS};
use shared::problem::Code;
use shared::rules::explain::{Names, citation};
use shared::rules::gap::Gap;
use shared::rules::procedure::{Procedure, XZJC};
use shared::text::{Lang, text};
use std::collections::{BTreeMap, BTreeSet};

/// An entry made this much after what it says is a late entry (补录). Milliseconds.
const LATE_MS: i64 = 5 * MINUTE_MS;

/// A gap, ready to print.
struct GapView {
    grade: u8,
    severity: String,
    rule: String,
    title: String,
    text: String,
    state: String,
    /// Rule, step, state and grade in codes: the same on phone and console.
    key: String,
    step_id: String,
    step: String,
    cure: String,
    deadline: Option<(String, bool)>,
    basis: String,
    caution: Option<String>,
    /// Reasons, with the anchor of the event each was seen in.
    because: Vec<(String, Option<String>)>,
    first_seen: String,
}

/// A gap that is gone, ready to print.
struct CuredView {
    rule: String,
    title: String,
    first_seen: String,
    cured_at: String,
}

/// An event, ready to print.
struct EventView {
    anchor: String,
    what: String,
    detail: String,
    who: String,
    at: String,
    recorded: Option<String>,
    received: String,
    office: bool,
    withdrawn: bool,
    /// Gaps that this event led to.
    rules: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "record.html")]
struct RecordPage {
    p: Page,
    id: String,
    facts: Vec<(String, String)>,
    /// Its documents: the end of their address, and their title.
    documents: Vec<(&'static str, String)>,
    drill: bool,
    voided: Option<String>,
    returned: Option<String>,
    unreadable: Option<String>,
    gaps: Vec<GapView>,
    cured: Vec<CuredView>,
    todo: Vec<(String, String)>,
    events: Vec<EventView>,
    unknown: usize,
    damaged: usize,
    held: usize,
}

fn anchor(place: EventRef) -> String {
    format!("e-{}-{}-{}", place.feed, place.seq, place.index)
}

/// What the store gives for the page.
struct Loaded {
    row: log::RecordRow,
    unit: String,
    context: Context,
    judged: Result<Judged, String>,
    stored: Vec<GapRow>,
    arrivals: BTreeMap<(FeedId, u64), Instant>,
    held: usize,
    matter: String,
}

fn load(
    tx: &store::ReadTx<'_>,
    id: RecordId,
    now: Instant,
) -> Result<Option<Loaded>, store::Error> {
    let Some(row) = log::record(tx, id)? else {
        return Ok(None);
    };
    let mut context = Context::load(tx)?;
    let commits = log::of_record(tx, id)?;
    let judged = match assess::judge(tx, &mut context, (id, row.unit), &commits, now) {
        Ok(judged) => Ok(judged),
        Err(assess::Fault::Store(error)) => return Err(error),
        Err(fault) => Err(fault.to_string()),
    };
    let code = judged.as_ref().ok().and_then(|j| j.facts.opened.as_ref());
    let code = code.map_or_else(String::new, |opened| opened.value.matter.clone());
    let items = refs::power_of(tx, &code)?;
    let matter = items
        .last()
        .map_or(code, |item| format!("{} {}", item.code, item.name.zh));
    Ok(Some(Loaded {
        unit: refs::units(tx)?
            .get(&row.unit)
            .map_or_else(String::new, |u| u.name.clone()),
        stored: gaps::of_record(tx, id)?,
        arrivals: commits
            .iter()
            .map(|s| {
                (
                    (s.commit.header().feed, s.commit.header().seq),
                    s.received_at,
                )
            })
            .collect(),
        held: commits.iter().filter(|s| s.held).count(),
        row,
        context,
        judged,
        matter,
    }))
}

/// `GET /records/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let now = app.now();
    let loaded = app.store.read(move |tx| load(tx, id, now)).await?;
    let loaded = loaded
        .filter(|l| visitor.sees(l.row.unit))
        .ok_or(Code::NotFound)?;
    let own = app.keys.feed;
    html::render(&view(&visitor, id, &loaded, own, now))
}

fn view(visitor: &Visitor, id: RecordId, loaded: &Loaded, own: FeedId, now: Instant) -> RecordPage {
    let lang = visitor.lang;
    let mut page = RecordPage {
        p: Page::new(visitor, "console.record.title"),
        id: id.to_string(),
        facts: Vec::new(),
        documents: Vec::new(),
        drill: loaded.row.drill,
        voided: None,
        returned: None,
        unreadable: None,
        gaps: Vec::new(),
        cured: loaded
            .stored
            .iter()
            .filter_map(|row| cured(lang, row))
            .collect(),
        todo: Vec::new(),
        events: Vec::new(),
        unknown: 0,
        damaged: 0,
        held: loaded.held,
    };
    let judged = match &loaded.judged {
        Ok(judged) => judged,
        Err(fault) => {
            page.unreadable = Some(fault.clone());
            return page;
        }
    };
    let facts = &judged.facts;
    // Before anything says how a record was opened, its events are named by the shipped procedure.
    let shipped;
    let procedure = match judged.procedure.as_deref() {
        Some(procedure) => procedure,
        None => {
            let Ok(parsed) = Procedure::parse(XZJC) else {
                return page;
            };
            shipped = parsed;
            &shipped
        }
    };
    let names = Names {
        procedure,
        officers: &loaded.context.officers,
    };
    let scene = Scene {
        lang,
        loaded,
        judged,
        names,
        own,
        now,
    };
    page.facts = summary(lang, loaded, judged, names);
    page.documents = documents::links(lang, procedure);
    page.voided = facts.voided.as_ref().map(|n| n.value.reason.clone());
    page.returned = facts.returned.as_ref().map(|n| n.value.comment.clone());
    page.unknown = facts.unknown;
    page.damaged = facts.damaged.len();
    page.gaps = scene.gaps();
    page.todo = scene.todo();
    page.events = facts.timeline.iter().map(|e| scene.event(e)).collect();
    page
}

const fn article_comma(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "、",
        Lang::En => "; ",
    }
}

/// What the lines of the page are written from.
struct Scene<'a> {
    lang: Lang,
    loaded: &'a Loaded,
    judged: &'a Judged,
    names: Names<'a>,
    own: FeedId,
    now: Instant,
}

impl Scene<'_> {
    fn gaps(&self) -> Vec<GapView> {
        let timeline = &self.judged.facts.timeline;
        let shown: BTreeSet<EventRef> = timeline.iter().map(|entry| entry.place).collect();
        let stored = |nth: u32, gap: &Gap| {
            self.loaded.stored.iter().find(|row| {
                row.nth == nth && row.rule == gap.rule.as_str() && row.step == gap.step.as_str()
            })
        };
        numbered(&self.judged.assessment.gaps)
            .into_iter()
            .map(|(nth, gap)| {
                let first_seen = stored(nth, gap).map_or(self.now, |row| row.first_seen);
                self.gap(gap, &shown, first_seen)
            })
            .collect()
    }

    fn gap(&self, gap: &Gap, shown: &BTreeSet<EventRef>, first_seen: Instant) -> GapView {
        let words = explain::gap(self.lang, gap, self.names);
        let places = gap.because.iter().map(|because| {
            because
                .event
                .filter(|place| shown.contains(place))
                .map(anchor)
        });
        let (step, state) = (gap.step.as_str(), gap.state.code());
        GapView {
            key: format!("{} {step} {state} G{}", gap.rule, grade(gap.severity)),
            grade: grade(gap.severity),
            severity: words.severity,
            rule: gap.rule.to_string(),
            title: words.title,
            text: words.text,
            state: words.state,
            step_id: gap.step.to_string(),
            step: words.step,
            cure: words.cure,
            deadline: gap
                .deadline
                .map(|d| time_left(self.lang, d.latest, self.now)),
            basis: words.basis.join(article_comma(self.lang)),
            caution: words.caution,
            because: words.because.into_iter().zip(places).collect(),
            first_seen: html::moment(self.lang, first_seen),
        }
    }

    fn todo(&self) -> Vec<(String, String)> {
        let line = |open: &shared::rules::gap::Open| {
            let articles = open.basis.iter().map(|c| citation(self.lang, c));
            let articles: Vec<String> = articles.collect();
            (
                explain::open(self.lang, open, self.names),
                articles.join(article_comma(self.lang)),
            )
        };
        self.judged.assessment.open.iter().map(line).collect()
    }

    fn event(&self, entry: &Entry) -> EventView {
        let (lang, event, judged) = (self.lang, &entry.event, self.judged);
        let late = event.recorded_at.millis_since(event.at()) >= LATE_MS;
        let received = self
            .loaded
            .arrivals
            .get(&(entry.place.feed, entry.place.seq));
        let led_to = judged.assessment.gaps.iter().filter(|gap| {
            gap.because
                .iter()
                .any(|because| because.event == Some(entry.place))
        });
        let mut rules: Vec<String> = led_to.map(|gap| gap.rule.to_string()).collect();
        rules.dedup();
        EventView {
            anchor: anchor(entry.place),
            what: explain::event(lang, &event.fact),
            detail: explain::detail(lang, &event.fact, self.names, &judged.facts),
            who: explain::officer(lang, entry.officer, self.names).to_owned(),
            at: html::moment(lang, event.at()),
            recorded: late.then(|| html::moment(lang, event.recorded_at)),
            received: received.map_or_else(String::new, |at| html::moment(lang, *at)),
            office: entry.place.feed == self.own,
            withdrawn: judged.facts.withdrawn.contains(&entry.place),
            rules,
        }
    }
}

fn cured(lang: Lang, row: &GapRow) -> Option<CuredView> {
    Some(CuredView {
        rule: row.rule.clone(),
        title: explain::rule(lang, &row.rule),
        first_seen: html::moment(lang, row.first_seen),
        cured_at: html::moment(lang, row.cured_at?),
    })
}

fn summary(
    lang: Lang,
    loaded: &Loaded,
    judged: &Judged,
    names: Names<'_>,
) -> Vec<(String, String)> {
    let t = |key: &str| text(lang, key).to_owned();
    let mut out = vec![(t("console.task.unit"), loaded.unit.clone())];
    if let Some(opened) = &judged.facts.opened {
        let value = &opened.value;
        let officers: Vec<&str> = value
            .officers
            .iter()
            .map(|id| explain::officer(lang, *id, names))
            .collect();
        out.push((t("console.task.subject"), value.subject_name.clone()));
        out.push((t("console.record.place"), value.place.clone()));
        out.push((t("console.task.matter"), loaded.matter.clone()));
        let comma = if lang == Lang::Zh { "、" } else { ", " };
        out.push((t("console.task.officers"), officers.join(comma)));
    }
    if let Some(procedure) = &judged.procedure {
        let name = format!(
            "{} {} v{}",
            lang.of(&procedure.name),
            procedure.id,
            procedure.version
        );
        out.push((t("console.record.procedure"), name));
    }
    let submitted = judged.facts.submitted.as_ref();
    let submitted = submitted.map_or_else(
        || t("console.record.not-submitted"),
        |noted| html::moment(lang, noted.recorded_at),
    );
    out.push((t("console.record.submitted"), submitted));
    out
}
