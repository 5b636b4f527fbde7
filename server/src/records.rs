//! One record: facts, timeline, and each gap with its article and the events that led to it.

use crate::access::Role;
use crate::app::App;
use crate::assess::{self, Case, Judged};
use crate::documents;
use crate::explain;
use crate::gaps::{self, time_left};
use crate::grades::{self, GradeView};
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::review;
use crate::session::Visitor;
use crate::steps;
use crate::store::gaps::{GapRow, grade, numbered, of_record};
use crate::store::{self, log, refs};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::domain::event::{EventRef, Reviewed};
use shared::fold::{Entry, Noted};
use shared::id::{FeedId, RecordId};
use shared::instant::{Instant, MINUTE_MS};
use shared::problem::Code;
use shared::rules::explain::{Names, citation};
use shared::rules::gap::Gap;
use shared::rules::procedure::{Procedure, XZJC};
use shared::text::Lang;
use std::collections::{BTreeMap, BTreeSet};

mod around;
mod list;

use around::{Around, Checked, LinkView, MarkView, PhotoView};
pub(crate) use list::list;

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
    /// Where it stands between supervisor and officer, and in whose words.
    stage: Option<String>,
    said: Vec<(String, String)>,
    /// Where a supervisor says something of it.
    review: Option<String>,
    /// Its facts are to be seen in the timeline.
    chosen: bool,
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
    /// It led to the chosen gap; where none is chosen, to any.
    hot: bool,
}

#[derive(askama::Template)]
#[template(path = "record.html")]
struct RecordPage {
    p: Page,
    /// The queue that it was opened from.
    pane: Option<gaps::Pane>,
    id: String,
    facts: Vec<(String, String)>,
    /// Its documents: the end of their address, and their title.
    documents: Vec<documents::Link>,
    voided: Option<String>,
    returned: Option<String>,
    /// Whether a supervisor may return it now.
    returns: bool,
    unreadable: Option<String>,
    gaps: Vec<GapView>,
    cured: Vec<CuredView>,
    todo: Vec<(String, String)>,
    events: Vec<EventView>,
    /// The office's steps.
    office: steps::Board,
    photos: Vec<PhotoView>,
    /// "照片 2/3 已上传", and whether all are there.
    arrived: Option<(String, bool)>,
    marks: Vec<MarkView>,
    links: Vec<LinkView>,
    checked: Option<Checked>,
    grade: Option<GradeView>,
    unknown: usize,
    damaged: usize,
    held: usize,
}

fn anchor(place: EventRef) -> String {
    format!("e-{}-{}-{}", place.feed, place.seq, place.index)
}

/// What the store gives for the page.
struct Loaded {
    case: Case,
    unit: String,
    stored: Vec<GapRow>,
    arrivals: BTreeMap<(FeedId, u64), Instant>,
    held: usize,
    around: Around,
}

fn load(
    tx: &store::ReadTx<'_>,
    id: RecordId,
    now: Instant,
) -> Result<Option<Loaded>, store::Error> {
    let Some(case) = assess::case(tx, id, now)? else {
        return Ok(None);
    };
    let place = |s: &log::Stored| {
        let header = s.commit.header();
        ((header.feed, header.seq), s.received_at)
    };
    Ok(Some(Loaded {
        unit: refs::units(tx)?
            .get(&case.row.unit)
            .map_or_else(String::new, |u| u.name.clone()),
        stored: of_record(tx, id)?,
        arrivals: case.commits.iter().map(place).collect(),
        held: case.commits.iter().filter(|s| s.held).count(),
        around: Around::load(tx, id, &case)?,
        case,
    }))
}

#[derive(Deserialize)]
pub(crate) struct RecordQuery {
    /// `JC-10.R09`: the gap whose facts are marked in the timeline.
    #[serde(default)]
    gap: String,
    /// The query of the queue that it was opened from.
    from: Option<String>,
}

/// `GET /records/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<RecordQuery>,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let now = app.now();
    let loaded = app.store.read(move |tx| load(tx, id, now)).await?;
    let loaded = loaded
        .filter(|l| visitor.sees(l.case.row.unit))
        .ok_or(Code::NotFound)?;
    // A drill is looked at where drills are, by whoever may see it there.
    if loaded.case.row.drill {
        return Ok(Redirect::to(&format!("/training/drills/{id}")).into_response());
    }
    let own = app.keys.feed;
    let pane = match &asked.from {
        Some(from) => Some(gaps::pane(&app, &visitor, from, (id, &asked.gap)).await?),
        None => None,
    };
    html::render(&RecordPage {
        pane,
        ..view(&visitor, &loaded, &asked.gap, (own, now))
    })
}

/// The page of a record that says nothing yet.
fn blank(visitor: &Visitor, id: RecordId, loaded: &Loaded) -> RecordPage {
    let lang = visitor.lang;
    RecordPage {
        p: Page::new(visitor, "console.record.title"),
        pane: None,
        id: id.to_string(),
        facts: Vec::new(),
        documents: Vec::new(),
        voided: None,
        returned: None,
        returns: false,
        unreadable: None,
        gaps: Vec::new(),
        cured: loaded
            .stored
            .iter()
            .filter_map(|row| cured(lang, row))
            .collect(),
        todo: Vec::new(),
        events: Vec::new(),
        office: steps::Board::default(),
        photos: Vec::new(),
        arrived: None,
        marks: Vec::new(),
        links: loaded.around.links(visitor),
        checked: None,
        grade: None,
        unknown: 0,
        damaged: 0,
        held: loaded.held,
    }
}

fn view(
    visitor: &Visitor,
    loaded: &Loaded,
    chosen: &str,
    (own, now): (FeedId, Instant),
) -> RecordPage {
    let (lang, id) = (visitor.lang, loaded.case.id);
    let mut page = blank(visitor, id, loaded);
    let judged = match &loaded.case.judged {
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
        officers: &loaded.case.known.officers,
    };
    let scene = Scene {
        lang,
        loaded,
        judged,
        names,
        own,
        now,
        supervises: visitor.is(Role::Supervisor),
        chosen: chosen.split_once('.'),
    };
    page.facts = around::summary(lang, &loaded.unit, judged, names);
    page.facts
        .extend(around::power(lang, &loaded.case, judged, now));
    page.documents = documents::links(
        lang,
        procedure,
        facts,
        &judged.context(&loaded.case.known, now),
    );
    page.voided = facts.voided.as_ref().map(|n| n.value.reason.clone());
    let returned = facts.returned.as_ref().filter(|_| !facts.is_submitted());
    page.returned = returned.map(|n| n.value.comment.clone());
    page.returns = scene.supervises && review::back::may(facts);
    page.unknown = facts.unknown;
    page.damaged = facts.damaged.len();
    page.gaps = scene.gaps();
    page.todo = scene.todo();
    page.events = facts.timeline.iter().map(|e| scene.event(e)).collect();
    page.office = steps::board(visitor, &loaded.case, now);
    page.photos = loaded.around.photos(lang, id, facts, names);
    page.arrived = around::arrived(lang, &page.photos);
    page.marks = around::marks(lang, judged, names);
    page.checked = around::checked(lang, judged);
    page.grade = grades::view(lang, judged);
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
    supervises: bool,
    /// The gap whose facts are to be seen: step and rule.
    chosen: Option<(&'a str, &'a str)>,
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
            stage: self.stage(gap),
            said: self.said(gap),
            review: self.supervises.then(|| {
                format!(
                    "/records/{}/gaps/{}/{}",
                    self.loaded.case.id, gap.step, gap.rule
                )
            }),
            chosen: self.is_chosen(gap),
        }
    }

    fn is_chosen(&self, gap: &Gap) -> bool {
        self.chosen == Some((gap.step.as_str(), gap.rule.as_str()))
    }

    fn stage(&self, gap: &Gap) -> Option<String> {
        let stage = self.judged.facts.stage(&gap.step, &gap.rule);
        explain::stage(self.lang, stage.code())
    }

    /// What supervisor and officer said of it: who and when, and the words.
    fn said(&self, gap: &Gap) -> Vec<(String, String)> {
        let Some(review) = self.judged.facts.review(&gap.step, &gap.rule) else {
            return Vec::new();
        };
        let head = |what: &str, officer, at| {
            let who = explain::officer(self.lang, officer, self.names);
            format!("{what} · {who} · {}", html::moment(self.lang, at))
        };
        let verdict = |noted: &Noted<Reviewed>| {
            let what = shared::rules::explain::verdict(self.lang, noted.value.verdict);
            (
                head(what, noted.officer, noted.at),
                noted.value.words.clone(),
            )
        };
        let explained = review.explained.as_ref().map(|noted| {
            let what = shared::rules::explain::event(self.lang, "Explained");
            (
                head(what, noted.officer, noted.at),
                noted.value.words.clone(),
            )
        });
        let asked = review.asked.as_ref().map(verdict);
        let judged = review.judged.as_ref().map(verdict);
        [asked, explained, judged].into_iter().flatten().collect()
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
        let led_to: Vec<&Gap> = judged
            .assessment
            .gaps
            .iter()
            .filter(|gap| {
                gap.because
                    .iter()
                    .any(|because| because.event == Some(entry.place))
            })
            .collect();
        let mut rules: Vec<String> = led_to.iter().map(|gap| gap.rule.to_string()).collect();
        rules.dedup();
        EventView {
            anchor: anchor(entry.place),
            what: explain::event(lang, &event.fact),
            detail: explain::detail(lang, &event.fact, self.names, judged),
            who: explain::officer(lang, entry.officer, self.names).to_owned(),
            at: html::moment(lang, event.at()),
            recorded: late.then(|| html::moment(lang, event.recorded_at)),
            received: received.map_or_else(String::new, |at| html::moment(lang, *at)),
            office: entry.place.feed == self.own,
            withdrawn: judged.facts.withdrawn.contains(&entry.place),
            hot: match self.chosen {
                Some(_) => led_to.iter().any(|gap| self.is_chosen(gap)),
                None => !rules.is_empty(),
            },
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
