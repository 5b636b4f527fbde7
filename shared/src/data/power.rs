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
#[derive(Clone, Copy)]
struct Span {
    from: Option<Date>,
    to: Option<Date>,
}

impl Span {
    /// Whether they have a day in common.
    fn meets(self, other: Self) -> bool {
        let before = |a: Self, b: Self| a.to.zip(b.from).is_some_and(|(to, from)| to < from);
        !before(self, other) && !before(other, self)
    }
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
        for basis in &row.basis {
            founded(source, basis, span, laws)?;
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
            bases: row.basis.into_iter().map(basis).collect(),
            list: row.list.unwrap_or_else(|| file.version.clone()),
        });
    }
    Ok(items)
}

fn basis(row: Spanned<BasisRow>) -> Basis {
    let row = row.into_inner();
    Basis {
        law: row.law,
        prohibits: row.prohibits,
        penalises: row.penalises,
        from: row.from,
        to: row.to,
    }
}

/// The articles are in the library, the law was in force while the list has the matter, and it is not cited for conduct
/// of days on which it was no law (生态环境法典 1242).
fn founded(
    source: &Source<'_>,
    row: &Spanned<BasisRow>,
    listed: Span,
    laws: &[Law],
) -> Result<(), BadData> {
    let basis = row.get_ref();
    let known = library::law(laws, &basis.law).filter(|law| {
        let penal = basis.penalises.is_empty() || library::article(law, &basis.penalises).is_some();
        penal && library::article(law, &basis.prohibits).is_some()
    });
    let Some(law) = known else {
        let articles = format!("{}, {}", basis.prohibits, basis.penalises);
        return Err(source.at(row, unfounded(&basis.law, &articles)));
    };
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
        let what = format!(
            "{} is cited for days on which it is not in force",
            basis.law
        );
        return Err(source.at(row, what));
    }
    Ok(())
}
