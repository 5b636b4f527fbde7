//! What came of a drill, kept in both languages so that it reads the same whatever the rules say later.

use crate::gaps;
use crate::html::Ui;
use crate::say;
use crate::sheet::Sheet;
use crate::store;
use crate::store::drill::{Past, Running};
use askama::Template;
use minicbor::{Decode, Encode};
use rusqlite::Connection;
use shared::drill;
use shared::instant::Instant;
use shared::rules::explain;
use shared::text::{self, Bilingual, Lang};

/// An expectation, and whether it was met.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Expected {
    #[n(0)]
    text: Bilingual,
    #[n(1)]
    article: Bilingual,
    #[n(2)]
    met: bool,
}

/// Something that the rules found, or that was still to do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Found {
    /// The rule, step, state and grade in codes; empty for what was still to do.
    #[n(0)]
    key: String,
    #[n(1)]
    grade: String,
    #[n(2)]
    title: Bilingual,
    #[n(3)]
    text: Bilingual,
    #[n(4)]
    article: Bilingual,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Outcome {
    #[n(0)]
    pub(crate) title: Bilingual,
    #[n(1)]
    started: Instant,
    #[n(2)]
    expected: Vec<Expected>,
    #[n(3)]
    gaps: Vec<Found>,
    #[n(4)]
    open: Vec<Found>,
    #[n(5)]
    debrief: Bilingual,
}

impl Outcome {
    /// How many expectations were met, in words.
    pub(crate) fn score(&self, ui: Ui) -> String {
        let met = self.expected.iter().filter(|one| one.met).count();
        let (met, all) = (met.to_string(), self.expected.len().to_string());
        let with = [("met", met.as_str()), ("all", all.as_str())];
        text::fill(ui.lang, "field.drill.score", &with)
    }
}

fn both(say: impl Fn(Lang) -> String) -> Bilingual {
    Bilingual {
        zh: say(Lang::Zh),
        en: say(Lang::En),
    }
}

/// Judges the drill of this file as of its end.
pub(crate) fn of(c: &Connection, running: &Running, ended: Instant) -> store::Result<Outcome> {
    let scenario = &running.scenario;
    let plain = Sheet::plain(c, running.record)?;
    let real = plain.context(ended);
    let outcome = drill::judge(scenario, &plain.procedure, &plain.facts, &real);
    // Words are those of the drill's own people.
    let sheet = Sheet::read(c, running.record)?;
    let expected = scenario.expectations.iter().zip(&outcome.met);
    let gap = |lang, gap| gaps::gap(&sheet, lang, gap);
    let gaps = outcome.gaps.iter().map(|found| {
        let shown = gap(Lang::Zh, found);
        Found {
            key: shown.key,
            grade: shown.grade.to_owned(),
            title: both(|lang| gap(lang, found).title),
            text: both(|lang| gap(lang, found).text),
            article: both(|lang| gap(lang, found).article),
        }
    });
    let open = outcome.open.iter().map(|found| Found {
        key: String::new(),
        grade: gaps::grade(found.severity).to_owned(),
        title: both(|lang| gaps::open(&sheet, lang, found).title),
        text: Bilingual::default(),
        article: both(|lang| gaps::articles(lang, &found.basis)),
    });
    Ok(Outcome {
        title: scenario.title.clone(),
        started: running.started,
        expected: expected
            .map(|(expected, met)| Expected {
                text: expected.text.clone(),
                article: both(|lang| explain::citation(lang, &expected.basis)),
                met: *met,
            })
            .collect(),
        gaps: gaps.collect(),
        open: open.collect(),
        debrief: scenario.debrief.clone(),
    })
}

/// The page.
#[derive(Template)]
#[template(path = "drill-past.html")]
pub(crate) struct Page<'a> {
    ui: Ui,
    result: &'a Outcome,
    when: String,
    score: String,
}

/// The page of this drill.
pub(crate) fn page(ui: Ui, past: &Past<Outcome>) -> Page<'_> {
    Page {
        ui,
        when: say::when(ui.lang, past.ended_at),
        score: past.result.score(ui),
        result: &past.result,
    }
}
