//! Reads how files are scored, and sees to it that nothing is left without an answer: every grade costs something or says that it
//! does not, and the bands reach down to 0.

use super::{BadData, Source};
use crate::id::{ProcedureId, RuleId};
use crate::rules::gap::{GapState, Severity};
use crate::rules::procedure::{Confidence, Procedure};
use crate::scoring::{Band, ByGrade, Item, Scheme, Zero};
use crate::text::Bilingual;
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// The most points of a file.
const MAX_POINTS: u32 = 1_000;
/// The highest number of a rule in the catalogue: a scheme may name one before a procedure has it.
const CATALOGUE: u8 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Spanned<String>,
    version: u32,
    name: Bilingual,
    source: Bilingual,
    confidence: Confidence,
    procedures: Vec<Spanned<ProcedureId>>,
    start: Spanned<u32>,
    #[serde(default)]
    zero: Vec<Spanned<Zero>>,
    #[serde(default)]
    grade: Vec<Spanned<ByGrade>>,
    #[serde(default)]
    item: Vec<Spanned<Item>>,
    band: Spanned<Vec<Spanned<Band>>>,
}

pub(super) fn read(
    files: &[(&str, &str)],
    procedures: &[Procedure],
) -> Result<Vec<Scheme>, BadData> {
    let mut out: Vec<Scheme> = Vec::with_capacity(files.len());
    for (file, text) in files {
        let source = Source { file, text };
        let scheme: File = source.parse()?;
        if out.iter().any(|other| other.id == **scheme.id.get_ref()) {
            return Err(source.at(
                &scheme.id,
                format!("{} is there twice", scheme.id.get_ref()),
            ));
        }
        check(&source, &scheme, procedures)?;
        for id in &scheme.procedures {
            let scored = |other: &Scheme| other.procedures.contains(id.get_ref());
            if out.iter().any(scored) {
                let what = format!("{} is scored by another scheme already", id.get_ref());
                return Err(source.at(id, what));
            }
        }
        out.push(scheme.into());
    }
    Ok(out)
}

fn check(source: &Source<'_>, scheme: &File, procedures: &[Procedure]) -> Result<(), BadData> {
    if !(1..=MAX_POINTS).contains(scheme.start.get_ref()) {
        let what = format!("a file has 1 to {MAX_POINTS} points");
        return Err(source.at(&scheme.start, what));
    }
    for id in &scheme.procedures {
        if !procedures.iter().any(|one| one.id == *id.get_ref()) {
            return Err(source.at(id, format!("{} is no procedure", id.get_ref())));
        }
    }
    let scored = |one: &&Procedure| {
        let mut ids = scheme.procedures.iter();
        ids.any(|id| *id.get_ref() == one.id)
    };
    let scored: Vec<&Procedure> = procedures.iter().filter(scored).collect();
    check_rules(source, scheme, &scored)?;
    check_grades(source, scheme)?;
    check_bands(source, scheme)
}

/// Each rule is one that these procedures have or may get, and none costs two things.
fn check_rules(
    source: &Source<'_>,
    scheme: &File,
    procedures: &[&Procedure],
) -> Result<(), BadData> {
    let zero = scheme
        .zero
        .iter()
        .map(|one| (one.span().start, &one.get_ref().rules));
    let items = scheme
        .item
        .iter()
        .map(|one| (one.span().start, &one.get_ref().rules));
    let mut named: BTreeSet<&RuleId> = BTreeSet::new();
    for (at, rules) in zero.chain(items) {
        for rule in rules {
            if !is_rule(rule, procedures) {
                return Err(source.fault(at, format!("{rule} is no rule of these procedures")));
            }
            if !named.insert(rule) {
                return Err(source.fault(at, format!("{rule} is named twice")));
            }
        }
    }
    for one in &scheme.zero {
        let zero = one.get_ref();
        if zero.rules.is_empty() && zero.severities.is_empty() {
            return Err(source.at(one, "a base item names rules or grades"));
        }
    }
    let empty = |one: &&Spanned<Item>| one.get_ref().rules.is_empty();
    match scheme.item.iter().find(empty) {
        Some(one) => Err(source.at(one, "an item names rules")),
        None => Ok(()),
    }
}

/// A rule that a procedure has, one of the catalogue, or a state of a procedure's step.
fn is_rule(rule: &RuleId, procedures: &[&Procedure]) -> bool {
    let known = procedures.iter().flat_map(|one| &one.rules);
    if known.into_iter().any(|one| one.id == *rule) {
        return true;
    }
    let code = rule.as_str();
    if let Some(number) = code.strip_prefix('R') {
        let number: Option<u8> = (number.len() == 2).then(|| number.parse().ok()).flatten();
        return number.is_some_and(|number| (1..=CATALOGUE).contains(&number));
    }
    let Some((step, state)) = code.rsplit_once('.') else {
        return false;
    };
    GapState::ALL.iter().any(|one| one.code() == state)
        && procedures.iter().any(|one| one.step(step).is_some())
}

/// Every grade is said once: by what it costs, or as a base item.
fn check_grades(source: &Source<'_>, scheme: &File) -> Result<(), BadData> {
    let mut said: BTreeSet<Severity> = BTreeSet::new();
    for one in &scheme.zero {
        for severity in &one.get_ref().severities {
            if !said.insert(*severity) {
                return Err(source.at(one, format!("{severity:?} is said twice")));
            }
        }
    }
    for one in &scheme.grade {
        let ByGrade {
            severity,
            points,
            cap,
        } = *one.get_ref();
        if !said.insert(severity) {
            return Err(source.at(one, format!("{severity:?} is said twice")));
        }
        if points > cap || cap > *scheme.start.get_ref() {
            return Err(source.at(
                one,
                "one gap costs no more than the cap, the cap no more than a file has",
            ));
        }
    }
    let all = [
        Severity::G0,
        Severity::G1,
        Severity::G2,
        Severity::G3,
        Severity::G4,
    ];
    match all.iter().find(|one| !said.contains(one)) {
        Some(one) => {
            let what = format!("nothing is said of {one:?}");
            Err(source.fault(source.text.len(), what))
        }
        None => Ok(()),
    }
}

/// From the best down to 0, each once.
fn check_bands(source: &Source<'_>, scheme: &File) -> Result<(), BadData> {
    let bands = scheme.band.get_ref();
    let mut above: Option<u32> = None;
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    for one in bands {
        let band = one.get_ref();
        let fits = above.map_or(band.from <= *scheme.start.get_ref(), |above| {
            band.from < above
        });
        if !fits {
            return Err(source.at(one, "bands go down from what a file has"));
        }
        let plain = (1..=16).contains(&band.code.len())
            && band.code.bytes().all(|byte| byte.is_ascii_lowercase());
        if !plain || !codes.insert(&band.code) {
            return Err(source.at(one, "a band has a code of its own in small letters"));
        }
        above = Some(band.from);
    }
    match above {
        Some(0) => Ok(()),
        _ => Err(source.at(&scheme.band, "the last band begins at 0")),
    }
}

fn inner<T>(list: Vec<Spanned<T>>) -> Vec<T> {
    list.into_iter().map(Spanned::into_inner).collect()
}

impl From<File> for Scheme {
    fn from(file: File) -> Self {
        Self {
            id: file.id.into_inner(),
            version: file.version,
            name: file.name,
            source: file.source,
            confidence: file.confidence,
            procedures: inner(file.procedures),
            start: file.start.into_inner(),
            zero: inner(file.zero),
            grades: inner(file.grade),
            items: inner(file.item),
            bands: inner(file.band.into_inner()),
        }
    }
}
