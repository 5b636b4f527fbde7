//! What the rules say of a record, in words. The only place of the client that turns a gap into sentences.

use crate::guide::{self, Article};
use crate::sheet::Sheet;
use shared::instant::Instant;
use shared::rules::check;
use shared::rules::explain::{self, Names};
use shared::rules::gap::{Assessment, Block, Gap, Open, Severity};
use shared::rules::procedure::{Citation, Procedure};
use shared::text::Lang;

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
    /// The same, each with its page in the law library.
    pub(crate) articles: Vec<Article>,
    /// The facts that led to it.
    pub(crate) because: Vec<String>,
    /// The step's id.
    pub(crate) step: String,
    /// The step's name.
    pub(crate) step_name: String,
    /// Until when, if a limit runs.
    pub(crate) until: String,
    /// What cures it.
    pub(crate) cure: String,
    /// The law forbids what comes next.
    pub(crate) block: bool,
    /// What to know about the duty's source.
    pub(crate) caution: String,
    /// Can only be put right while on site.
    pub(crate) on_site: bool,
}

/// Judges a record as of now.
pub(crate) fn assess(sheet: &Sheet, now: Instant) -> Assessment {
    check::check(&sheet.procedure, &sheet.facts, &sheet.context(now))
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

/// Articles in one line.
pub(crate) fn articles(lang: Lang, basis: &[Citation]) -> String {
    let parts: Vec<String> = basis.iter().map(|c| explain::citation(lang, c)).collect();
    parts.join(match lang {
        Lang::Zh => "、",
        Lang::En => "; ",
    })
}

fn links(lang: Lang, basis: &[Citation]) -> Vec<Article> {
    basis
        .iter()
        .map(|citation| guide::article(lang, citation))
        .collect()
}

/// Where sentences take names from.
pub(crate) fn names(sheet: &Sheet) -> Names<'_> {
    names_in(sheet, &sheet.procedure)
}

/// The same, with the steps of another procedure.
pub(crate) fn names_in<'a>(sheet: &'a Sheet, procedure: &'a Procedure) -> Names<'a> {
    Names {
        procedure,
        officers: &sheet.officers,
    }
}

/// What stands in the way of a document, in words.
pub(crate) fn barrier(sheet: &Sheet, lang: Lang, barrier: &Block<'_>) -> Shown {
    match barrier {
        Block::Gap(found) => gap(sheet, lang, found),
        Block::Open(owed) => open(sheet, lang, owed),
    }
}

/// A gap in words.
pub(crate) fn gap(sheet: &Sheet, lang: Lang, gap: &Gap) -> Shown {
    gap_in(names(sheet), lang, gap)
}

/// A gap in words, with names from there.
pub(crate) fn gap_in(names: Names<'_>, lang: Lang, gap: &Gap) -> Shown {
    let said = explain::gap(lang, gap, names);
    let codes = [
        gap.rule.as_str(),
        gap.step.as_str(),
        gap.state.code(),
        grade(gap.severity),
    ];
    Shown {
        key: codes.join(" "),
        grade: grade(gap.severity),
        title: said.title,
        text: said.text,
        article: articles(lang, &gap.basis),
        articles: links(lang, &gap.basis),
        because: said.because,
        step: gap.step.as_str().to_owned(),
        step_name: said.step,
        until: said.deadline.unwrap_or_default(),
        cure: said.cure,
        block: gap.block,
        caution: said.caution.unwrap_or_default(),
        on_site: false,
    }
}

/// Something still to do, in words.
pub(crate) fn open(sheet: &Sheet, lang: Lang, open: &Open) -> Shown {
    let deadline = open.deadline.as_ref();
    Shown {
        key: String::new(),
        grade: grade(open.severity),
        title: explain::open(lang, open, names(sheet)),
        text: String::new(),
        article: articles(lang, &open.basis),
        articles: links(lang, &open.basis),
        because: Vec::new(),
        step: open.step.as_str().to_owned(),
        step_name: sheet.step_name(lang, open.step.as_str()),
        until: deadline.map_or_else(String::new, |d| explain::deadline(lang, d)),
        cure: String::new(),
        block: false,
        caution: String::new(),
        on_site: open.on_site,
    }
}
