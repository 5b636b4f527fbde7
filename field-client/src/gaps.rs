//! What the rules say of a record, in words. The only place of the client that turns a gap into sentences.

use crate::say;
use crate::sheet::Sheet;
use shared::instant::{Instant, Interval};
use shared::rules::check::{self, Context};
use shared::rules::gap::{Assessment, Because, Filler, Gap, Open, Severity};
use shared::text::{self, Lang};

/// A gap, or something still to do, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Rule, step, state and grade in codes: the same on phone and console.
    pub(crate) key: String,
    /// `G0` to `G4`.
    pub(crate) grade: &'static str,
    /// What is the matter.
    pub(crate) title: String,
    /// What follows from it.
    pub(crate) text: String,
    /// The articles.
    pub(crate) article: String,
    /// The facts that led to it.
    pub(crate) because: Vec<String>,
    /// The step's id.
    pub(crate) step: String,
    /// The step's name.
    pub(crate) step_name: String,
    /// Until when, if a limit runs.
    pub(crate) until: String,
    /// The law forbids what comes next.
    pub(crate) block: bool,
    /// What to know about the duty's source.
    pub(crate) caution: String,
    /// Can only be put right while on site.
    pub(crate) on_site: bool,
}

/// Judges a record as of now.
pub(crate) fn assess(sheet: &Sheet, now: Instant) -> Assessment {
    let context = Context {
        officers: &sheet.officers,
        calendar: &sheet.calendar,
        now: Interval::exactly(now),
    };
    check::check(&sheet.procedure, &sheet.facts, &context)
}

/// The grade's code.
pub(crate) const fn grade(severity: Severity) -> &'static str {
    match severity {
        Severity::G0 => "G0",
        Severity::G1 => "G1",
        Severity::G2 => "G2",
        Severity::G3 => "G3",
        Severity::G4 => "G4",
    }
}

/// A gap in words.
pub(crate) fn gap(sheet: &Sheet, lang: Lang, gap: &Gap) -> Shown {
    let step_name = sheet.step_name(lang, gap.step.as_str());
    let state = format!("field.gap.{}", gap.state.code());
    let key = format!("rule.{}.title", gap.rule);
    let title = text::find(lang, &key).map_or_else(
        || text::fill(lang, &state, &[("step", &step_name)]),
        str::to_owned,
    );
    let text = text::find(lang, &format!("rule.{}.text", gap.rule));
    let codes = [gap.rule.as_str(), gap.step.as_str(), gap.state.code(), grade(gap.severity)];
    Shown {
        key: codes.join(" "),
        grade: grade(gap.severity),
        title,
        text: text.unwrap_or_default().to_owned(),
        article: say::articles(lang, &gap.basis),
        because: gap
            .because
            .iter()
            .map(|b| because(sheet, lang, b))
            .collect(),
        step: gap.step.as_str().to_owned(),
        step_name,
        until: gap
            .deadline
            .map_or_else(String::new, |deadline| say::when(lang, deadline.earliest)),
        block: gap.block,
        caution: String::new(),
        on_site: false,
    }
}

/// Something still to do, in words.
pub(crate) fn open(sheet: &Sheet, lang: Lang, open: &Open) -> Shown {
    let step_name = sheet.step_name(lang, open.step.as_str());
    let key = format!("open.{}", open.code);
    let said = text::find(lang, &key).map(|said| said.replace("{step}", &step_name));
    Shown {
        key: String::new(),
        grade: grade(open.severity),
        title: match said {
            Some(said) => format!("{step_name}：{said}"),
            None => text::fill(lang, "field.gap.missing", &[("step", &step_name)]),
        },
        text: String::new(),
        article: say::articles(lang, &open.basis),
        because: Vec::new(),
        step: open.step.as_str().to_owned(),
        step_name,
        until: open
            .deadline
            .map_or_else(String::new, |deadline| say::when(lang, deadline.earliest)),
        block: false,
        caution: String::new(),
        on_site: open.on_site,
    }
}

fn because(sheet: &Sheet, lang: Lang, because: &Because) -> String {
    let key = format!("because.{}", because.code);
    let with: Vec<(&str, String)> = because
        .with
        .iter()
        .map(|(name, filler)| (*name, filling(sheet, lang, filler)))
        .collect();
    let with: Vec<(&str, &str)> = with.iter().map(|(n, v)| (*n, v.as_str())).collect();
    text::fill(lang, &key, &with)
}

fn filling(sheet: &Sheet, lang: Lang, filler: &Filler) -> String {
    match filler {
        Filler::Text(text) => text.clone(),
        Filler::Number(number) => number.to_string(),
        Filler::At(at) => say::when(lang, *at),
        Filler::Day(day) => say::day(lang, Instant::from_civil(day.at(0, 0, 0, 0))),
        Filler::Officer(officer) => sheet.officer_name(*officer),
        Filler::Step(step) => sheet.step_name(lang, step.as_str()),
    }
}
