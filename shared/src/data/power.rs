//! Reads a power list.

use super::{BadData, Source, day, unfounded};
use crate::domain::reference::{Basis, Law, PowerItem, PowerSource, Precondition};
use crate::library;
use crate::rules::procedure::Confidence;
use crate::text::Bilingual;
use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    matter: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: Spanned<String>,
    name: Bilingual,
    source: PowerSource,
    #[serde(deserialize_with = "day::option")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "day::option")]
    to: Option<Date>,
    /// The list that had it so, where it is not the file's.
    list: Option<String>,
    listed: bool,
    duty: Bilingual,
    sanction: Bilingual,
    precondition: Precondition,
    /// Read so that a reviewer must state it; a power item does not carry it.
    #[serde(rename = "confidence")]
    _confidence: Confidence,
    basis: Vec<Spanned<BasisRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BasisRow {
    law: String,
    prohibits: String,
    penalises: String,
    #[serde(default, deserialize_with = "day::option")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "day::option")]
    to: Option<Date>,
}

/// Days from one to another; none: without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: Option<Date>,
    /// The last.
    pub to: Option<Date>,
}

impl Span {
    /// Whether they have a day in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        let before = |a: Self, b: Self| a.to.zip(b.from).is_some_and(|(to, from)| to < from);
        !before(self, other) && !before(other, self)
    }
}

/// Why a legal basis leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfounded {
    /// The library has no such law.
    Law,
    /// The law has no such article that forbids.
    Prohibits,
    /// The law has no such article that penalises.
    Penalises,
    /// The law is no law on days for which it is cited.
    Force,
}

/// Whether a basis holds: the articles are in the library, the law was in force while the list has the matter, and it is not
/// cited for conduct of days on which it was no law (生态环境法典 1242).
///
/// # Errors
/// [`Unfounded`] with what is not found.
pub fn founded(basis: &Basis, listed: Span, laws: &[Law]) -> Result<(), Unfounded> {
    let law = library::law(laws, &basis.law).ok_or(Unfounded::Law)?;
    if library::article(law, &basis.prohibits).is_none() {
        return Err(Unfounded::Prohibits);
    }
    if !basis.penalises.is_empty() && library::article(law, &basis.penalises).is_none() {
        return Err(Unfounded::Penalises);
    }
    let force = Span {
        from: law.from,
        to: law.to,
    };
    let last = basis.to.or(listed.to);
    let outlives = law.to.is_some_and(|end| last.is_none_or(|last| last > end));
    let precedes = basis
        .from
        .zip(law.from)
        .is_some_and(|(first, begin)| first < begin);
    if outlives || precedes || !force.meets(listed) {
        return Err(Unfounded::Force);
    }
    Ok(())
}

pub(super) fn read(source: &Source<'_>, laws: &[Law]) -> Result<Vec<PowerItem>, BadData> {
    let file: File = source.parse()?;
    let mut items: Vec<PowerItem> = Vec::with_capacity(file.matter.len());
    for row in file.matter {
        let code = row.code.get_ref().clone();
        let span = Span {
            from: row.from,
            to: row.to,
        };
        let (Some(from), false) = (row.from, row.to.is_some_and(|to| Some(to) < row.from)) else {
            return Err(source.at(&row.code, format!("{code} ends before it begins")));
        };
        let overlaps = |item: &PowerItem| {
            item.code == code
                && span.meets(Span {
                    from: Some(item.from),
                    to: item.to,
                })
        };
        if items.iter().any(overlaps) {
            return Err(source.at(
                &row.code,
                format!("{code} is there twice for the same days"),
            ));
        }
        if row.basis.is_empty() {
            return Err(source.at(&row.code, format!("{code} has no legal basis")));
        }
        let mut bases = Vec::with_capacity(row.basis.len());
        for row in row.basis {
            bases.push(basis(source, &row, span, laws)?);
        }
        items.push(PowerItem {
            code,
            name: row.name,
            source: row.source,
            from,
            to: row.to,
            listed: row.listed,
            duty: row.duty,
            sanction: row.sanction,
            precondition: row.precondition,
            bases,
            list: row.list.unwrap_or_else(|| file.version.clone()),
        });
    }
    Ok(items)
}

fn basis(
    source: &Source<'_>,
    row: &Spanned<BasisRow>,
    listed: Span,
    laws: &[Law],
) -> Result<Basis, BadData> {
    let read = row.get_ref();
    let basis = Basis {
        law: read.law.clone(),
        prohibits: read.prohibits.clone(),
        penalises: read.penalises.clone(),
        from: read.from,
        to: read.to,
    };
    match founded(&basis, listed, laws) {
        Ok(()) => Ok(basis),
        Err(Unfounded::Force) => {
            let what = format!(
                "{} is cited for days on which it is not in force",
                basis.law
            );
            Err(source.at(row, what))
        }
        Err(Unfounded::Law | Unfounded::Prohibits | Unfounded::Penalises) => {
            let articles = format!("{}, {}", basis.prohibits, basis.penalises);
            Err(source.at(row, unfounded(&basis.law, &articles)))
        }
    }
}
