//! Gaps, reasons, limits and articles as sentences in a language.
//! Apart because rules say codes; phone, console and documents must all say the same words.

use crate::domain::event::{EvidenceKind, Outcome, SignMethod, SignerRole, Verdict};
use crate::domain::reference::Officer;
use crate::id::{OfficerId, RuleId, StepId};
use crate::instant::{DAY_MS, Instant};
use crate::rules::gap::{Because, Cure, Deadline, Filler, Gap, GapState, MarkKind, Open};
use crate::rules::procedure::{Citation, Confidence, Procedure};
use crate::rules::rule::RuleWords;
use crate::text::{Bilingual, Lang, fill, find, text};
use jiff::civil::Date;
use std::collections::BTreeMap;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Where names come from.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Steps.
    pub procedure: &'a Procedure,
    /// Officers.
    pub officers: &'a BTreeMap<OfficerId, Officer>,
}

impl<'a> Names<'a> {
    /// The officer's name, or that it is nobody of the list.
    #[must_use]
    pub fn officer(&self, lang: Lang, id: OfficerId) -> &'a str {
        let known = self.officers.get(&id).map(|officer| officer.name.as_str());
        known.unwrap_or_else(|| text(lang, "names.officer-unknown"))
    }

    /// The step's name; its code if the procedure has no such step.
    #[must_use]
    pub fn step(&self, lang: Lang, id: &'a StepId) -> &'a str {
        let known = self.procedure.step(id.as_str());
        known.map_or(id.as_str(), |step| lang.of(&step.name))
    }
}

/// A gap in words, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What is the matter, in a few words.
    pub title: String,
    /// What follows from it, in a sentence.
    pub text: String,
    /// The step's name.
    pub step: String,
    /// Missing, late …
    pub state: String,
    /// How grave: the words below `severity.`.
    pub severity: String,
    /// What cures it.
    pub cure: String,
    /// The limit, if there is one.
    pub deadline: Option<String>,
    /// The articles, the leading one first.
    pub basis: Vec<String>,
    /// What a reader must know about the duty's source; none where it was read in the statute.
    pub caution: Option<String>,
    /// The facts that led to it.
    pub because: Vec<String>,
}

/// A gap in words.
#[must_use]
pub fn gap(lang: Lang, gap: &Gap, names: Names<'_>) -> Explained {
    let says = names
        .procedure
        .rule(&gap.rule)
        .and_then(|r| r.words.as_ref());
    let key = format!("rule.{}.text", gap.rule);
    Explained {
        title: rule_title(lang, &gap.rule, Some(names.procedure)).to_owned(),
        text: says
            .map_or_else(
                || find(lang, &key).unwrap_or_default(),
                |says| lang.of(&says.text),
            )
            .to_owned(),
        step: names.step(lang, &gap.step).to_owned(),
        state: state(lang, gap.state).to_owned(),
        severity: text(lang, &format!("severity.{:?}", gap.severity)).to_owned(),
        cure: cure(lang, gap.cure).to_owned(),
        deadline: gap.deadline.as_ref().map(|d| deadline(lang, d)),
        basis: gap.basis.iter().map(|c| citation(lang, c)).collect(),
        caution: caution(lang, gap.confidence),
        because: gap
            .because
            .iter()
            .map(|b| because(lang, b, names))
            .collect(),
    }
}

/// What is still to do, in a sentence.
#[must_use]
pub fn open(lang: Lang, open: &Open, names: Names<'_>) -> String {
    let step = names.step(lang, &open.step);
    fill(lang, &format!("open.{}", open.code), &[("step", step)])
}

/// The rule's title: as the procedure that travelled says it, else as the texts do, else its code.
#[must_use]
pub fn rule_title<'a>(lang: Lang, rule: &'a RuleId, procedure: Option<&'a Procedure>) -> &'a str {
    let row = procedure.and_then(|procedure| procedure.rule(rule));
    match row.and_then(|row| row.words.as_ref()) {
        Some(says) => lang.of(&says.title),
        None => find(lang, &format!("rule.{rule}.title")).unwrap_or(rule.as_str()),
    }
}

/// A procedure whose rules carry their texts, for machines that have none.
#[must_use]
pub fn worded(mut procedure: Procedure) -> Procedure {
    for rule in &mut procedure.rules {
        let both = |what: &str| {
            let key = format!("rule.{}.{what}", rule.id);
            Some(Bilingual {
                zh: find(Lang::Zh, &key)?.to_owned(),
                en: find(Lang::En, &key)?.to_owned(),
            })
        };
        let words = both("title").zip(both("text"));
        rule.words = words.map(|(title, text)| RuleWords { title, text });
    }
    procedure
}

/// A reason in a sentence.
#[must_use]
pub fn because(lang: Lang, because: &Because, names: Names<'_>) -> String {
    let filled: Vec<(&str, String)> = because
        .with
        .iter()
        .map(|(place, filler)| (*place, filler_text(lang, filler, names)))
        .collect();
    let with: Vec<(&str, &str)> = filled
        .iter()
        .map(|(p, words)| (*p, words.as_str()))
        .collect();
    fill(lang, &format!("because.{}", because.code), &with)
}

fn filler_text(lang: Lang, filler: &Filler, names: Names<'_>) -> String {
    match filler {
        Filler::Text(words) => words.clone(),
        Filler::Number(n) => n.to_string(),
        Filler::At(at) => moment(lang, *at),
        Filler::Day(date) => day(lang, *date),
        Filler::Officer(id) => names.officer(lang, *id).to_owned(),
        Filler::Step(id) => names.step(lang, id).to_owned(),
        Filler::Words(words) => lang.of(words).to_owned(),
    }
}

/// `行政处罚法第55条`, `行政处罚法第42条第1款`; a document without articles by its name.
#[must_use]
pub fn citation(lang: Lang, citation: &Citation) -> String {
    let key = format!("law.{}", citation.law);
    let law = find(lang, &key).unwrap_or(&citation.law);
    let (article, paragraph) = match citation.article.split_once('(') {
        Some((article, rest)) => (article, Some(rest.trim_end_matches(')'))),
        None => (citation.article.as_str(), None),
    };
    match (lang, article, paragraph) {
        (_, "", _) => law.to_owned(),
        (Lang::Zh, _, Some(paragraph)) => format!("{law}第{article}条第{paragraph}款"),
        (Lang::Zh, _, None) => format!("{law}第{article}条"),
        (Lang::En, _, _) => format!("{law}, art. {}", citation.article),
    }
}

/// `2026年11月23日`.
#[must_use]
pub fn day(lang: Lang, day: Date) -> String {
    let (year, month, number) = (day.year(), day.month(), day.day());
    match lang {
        Lang::Zh => format!("{year}年{month}月{number}日"),
        Lang::En => format!("{number} {} {year}", self::month(month)),
    }
}

/// A month's English name, by its number from 1; nothing for what is none.
#[must_use]
pub fn month(number: i8) -> &'static str {
    let index = usize::try_from(number).unwrap_or(0).checked_sub(1);
    let name = index.and_then(|index| MONTHS.get(index));
    name.copied().unwrap_or_default()
}

/// `2026年11月23日 14:32`, in Beijing time.
#[must_use]
pub fn moment(lang: Lang, at: Instant) -> String {
    let civil = at.civil();
    format!(
        "{} {:02}:{:02}",
        day(lang, civil.date()),
        civil.hour(),
        civil.minute()
    )
}

/// A limit that may be a range.
#[must_use]
pub fn deadline(lang: Lang, deadline: &Deadline) -> String {
    let (from, to) = (limit(lang, deadline.earliest), limit(lang, deadline.latest));
    if from == to {
        fill(lang, "deadline.until", &[("at", &to)])
    } else {
        fill(lang, "deadline.between", &[("from", &from), ("to", &to)])
    }
}

/// The end of a limit: midnight is 24:00 of the day that ends, as people count.
#[must_use]
pub fn limit(lang: Lang, at: Instant) -> String {
    let before = at.plus_millis(-DAY_MS).date();
    if Instant::end_of(before) == at {
        format!("{} 24:00", day(lang, before))
    } else {
        moment(lang, at)
    }
}

/// A gap's state.
#[must_use]
pub fn state(lang: Lang, state: GapState) -> &'static str {
    find(lang, &format!("gap.state.{}", state.code())).unwrap_or_default()
}

/// A kind of remark.
#[must_use]
pub fn mark(lang: Lang, kind: MarkKind) -> &'static str {
    find(lang, &format!("mark.{kind:?}")).unwrap_or_default()
}

/// What cures a gap.
#[must_use]
pub fn cure(lang: Lang, cure: Cure) -> &'static str {
    let key = match cure {
        Cure::OnSite => "cure.on_site",
        Cure::BeforeDecision => "cure.before_decision",
        Cure::Correction => "cure.correction",
        Cure::None => "cure.none",
    };
    find(lang, key).unwrap_or_default()
}

/// 待司法行政部门确认, where the duty was not read in a statute.
#[must_use]
pub fn caution(lang: Lang, confidence: Confidence) -> Option<String> {
    let told = confidence != Confidence::V;
    told.then(|| text(lang, &format!("confidence.{confidence:?}")).to_owned())
}

/// What kind of event this is, by [`crate::domain::event::Fact::name`].
#[must_use]
pub fn event(lang: Lang, name: &str) -> &'static str {
    find(lang, &format!("event.{name}")).unwrap_or_default()
}

/// A kind of evidence.
#[must_use]
pub fn evidence(lang: Lang, kind: EvidenceKind) -> &'static str {
    find(lang, &format!("evidence.{kind:?}")).unwrap_or_default()
}

/// How a step ended.
#[must_use]
pub fn outcome(lang: Lang, outcome: Outcome) -> &'static str {
    find(lang, &format!("outcome.{outcome:?}")).unwrap_or_default()
}

/// How somebody signed.
#[must_use]
pub fn sign_method(lang: Lang, method: SignMethod) -> &'static str {
    find(lang, &format!("sign.{method:?}")).unwrap_or_default()
}

/// What a supervisor said of a gap.
#[must_use]
pub fn verdict(lang: Lang, verdict: Verdict) -> &'static str {
    find(lang, &format!("verdict.{verdict:?}")).unwrap_or_default()
}

/// Where a gap stands between supervisor and officer, by [`crate::fold::Stage::code`].
#[must_use]
pub fn stage(lang: Lang, code: &str) -> &'static str {
    find(lang, &format!("review.{code}")).unwrap_or_default()
}

/// In which capacity somebody signed.
#[must_use]
pub fn signer(lang: Lang, role: SignerRole) -> &'static str {
    find(lang, &format!("signer.{role:?}")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
