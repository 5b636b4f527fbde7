//! Offices (单位): adding one, renaming one, and taking away one that nothing refers to.

use crate::app::App;
use crate::export::{self, Asked, Format};
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::random;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::units::{self, Listed};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::domain::reference::Unit;
use shared::id::UnitId;
use shared::problem::Code;
use shared::text::{Lang, fill, text};
use std::ops::RangeInclusive;

const LIST: &str = "/units?";
/// Lines of one page.
const PAGE: usize = 50;
/// How long a name may be. Characters.
const NAME_CHARS: RangeInclusive<usize> = 2..=60;

#[derive(Deserialize)]
pub(crate) struct UnitsQuery {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
    /// The office that was just changed: its page is shown, and it is marked.
    #[serde(default)]
    at: String,
}

/// Why a change is refused: the end of the message key `console.unit.error.<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Length,
    Letters,
    Taken,
    Used,
}

impl Fault {
    const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Letters => "letters",
            Self::Taken => "taken",
            Self::Used => "used",
        }
    }
}

/// A name as people compare it: without blanks, and full-width letters and brackets like narrow ones.
fn compared(name: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    let letters = name.chars().filter(|c| !c.is_whitespace()).map(narrow);
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether an office may have this name where there is no other.
pub(crate) fn is_name(name: &str) -> bool {
    name_fault(name, None, &[]).is_none()
}

/// What is wrong with a name for this office; none of them for a new one.
fn name_fault(name: &str, id: Option<UnitId>, known: &[Listed]) -> Option<Fault> {
    if !NAME_CHARS.contains(&name.chars().count()) {
        return Some(Fault::Length);
    }
    if name.chars().any(char::is_control) {
        return Some(Fault::Letters);
    }
    let same = |listed: &Listed| {
        Some(listed.unit.id) != id && compared(&listed.unit.name) == compared(name)
    };
    known.iter().any(same).then_some(Fault::Taken)
}

/// A line, ready to print.
struct Line {
    id: String,
    name: String,
    officers: String,
    devices: String,
    records: String,
    /// Why it cannot be taken away.
    stays: Option<String>,
    /// It was just changed.
    here: bool,
    /// What was typed as its name, and what is wrong with that.
    again: Option<(String, String)>,
}

#[derive(askama::Template)]
#[template(path = "units.html")]
struct UnitsPage {
    p: Page,
    lines: Vec<Line>,
    total: usize,
    /// What was typed as a new name, and what is wrong with it.
    typed: String,
    error: Option<String>,
    /// For the summary: where the fault is, and its words.
    summary: Option<(String, String)>,
    /// The name of the office that was just changed.
    done: Option<String>,
    pager: Pager,
}

/// What was asked for and refused.
struct Refused {
    /// None: a new office.
    unit: Option<UnitId>,
    typed: String,
    fault: Fault,
}

impl Refused {
    fn words(&self, lang: Lang) -> String {
        text(lang, &format!("console.unit.error.{}", self.fault.code())).to_owned()
    }
}

/// Why an office stays, in words.
fn stays(lang: Lang, listed: &Listed) -> Option<String> {
    if !listed.is_used() {
        return None;
    }
    let counted = [
        ("console.unit.has-officers", listed.officers),
        ("console.unit.has-devices", listed.devices),
        ("console.unit.has-records", listed.records),
    ];
    let counted = counted.into_iter().filter(|(_, n)| *n > 0);
    let mut what: Vec<String> = counted
        .map(|(key, n)| fill(lang, key, &[("n", &n.to_string())]))
        .collect();
    if what.is_empty() {
        what.push(text(lang, "console.unit.has-other").to_owned());
    }
    let what = what.join(html::comma(lang));
    Some(fill(lang, "console.unit.stays", &[("what", &what)]))
}

fn line(lang: Lang, listed: &Listed, here: bool, refused: Option<&Refused>) -> Line {
    let again = refused.filter(|r| r.unit == Some(listed.unit.id) && r.fault != Fault::Used);
    Line {
        id: listed.unit.id.to_string(),
        name: listed.unit.name.clone(),
        officers: listed.officers.to_string(),
        devices: listed.devices.to_string(),
        records: listed.records.to_string(),
        stays: stays(lang, listed),
        here,
        again: again.map(|r| (r.typed.clone(), r.words(lang))),
    }
}

fn page(
    visitor: &Visitor,
    known: &[Listed],
    (number, at): (usize, Option<UnitId>),
    refused: Option<&Refused>,
) -> UnitsPage {
    let lang = visitor.lang;
    let place = |id| known.iter().position(|listed| Some(listed.unit.id) == id);
    let shown = refused.map_or(at, |refused| refused.unit);
    let number = shown
        .and_then(|id| place(Some(id)))
        .map_or(number, |at| at / PAGE);
    let lines = known.iter().skip(number.saturating_mul(PAGE)).take(PAGE);
    let done = at
        .filter(|_| refused.is_none())
        .and_then(|id| place(Some(id)));
    let done = done.and_then(|at| known.get(at));
    let anew = refused.filter(|refused| refused.unit.is_none());
    UnitsPage {
        lines: lines
            .map(|listed| line(lang, listed, Some(listed.unit.id) == shown, refused))
            .collect(),
        total: known.len(),
        typed: anew.map_or_else(String::new, |refused| refused.typed.clone()),
        error: anew.map(|refused| refused.words(lang)),
        summary: refused.map(|refused| {
            let place = refused
                .unit
                .map_or_else(|| "name".to_owned(), |id| format!("name-{id}"));
            (place, refused.words(lang))
        }),
        done: done.map(|listed| listed.unit.name.clone()),
        pager: Pager::new(
            LIST,
            number,
            number.saturating_add(1).saturating_mul(PAGE) < known.len(),
        ),
        p: Page::new(visitor, "console.nav.units"),
    }
}

/// `GET /units`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<UnitsQuery>,
) -> Result<Response, Problem> {
    let known = app.store.read(units::list).await?;
    let asked = Asked {
        page: query.page,
        format: query.format,
    };
    if asked.is_csv() {
        let head = [
            "console.unit.name",
            "console.unit.officers",
            "console.unit.devices",
            "console.unit.records",
        ];
        let head = head.map(|key| text(visitor.lang, key));
        let cells = known.into_iter().map(|listed| {
            let counts = [listed.officers, listed.devices, listed.records];
            let [officers, devices, records] = counts.map(|n| n.to_string());
            [listed.unit.name, officers, devices, records]
        });
        return export::csv("units", app.now().date(), head, cells);
    }
    let at = query.at.parse().ok();
    html::render(&page(&visitor, &known, (query.page, at), None))
}

/// The list again, with what was refused.
async fn again(app: &App, visitor: &Visitor, refused: Refused) -> Result<Response, Problem> {
    let known = app.store.read(units::list).await?;
    let body = html::render(&page(visitor, &known, (0, None), Some(&refused)))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

fn saved(id: UnitId) -> Response {
    Redirect::to(&format!("{LIST}at={id}")).into_response()
}

/// `POST /units`.
pub(crate) async fn add(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let (account, now) = (visitor.session.account, app.now());
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let id = UnitId::new_v7(millis, &random::bytes()?);
    let name = fields.text("name").to_owned();
    let typed = name.clone();
    let fault = app
        .store
        .write(move |tx| {
            if let Some(fault) = name_fault(&name, None, &units::list(tx)?) {
                return Ok(Some(fault));
            }
            audit::write(
                tx,
                now,
                Some(account),
                Act::UnitAdded,
                &format!("{id} {name}"),
            )?;
            units::put(tx, &Unit { id, name })?;
            Ok(None)
        })
        .await?;
    match fault {
        Some(fault) => {
            let unit = None;
            again(&app, &visitor, Refused { unit, typed, fault }).await
        }
        None => Ok(saved(id)),
    }
}

/// `POST /units/{id}`.
pub(crate) async fn rename(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let id: UnitId = id.parse().map_err(|_| Code::NotFound)?;
    let (account, now) = (visitor.session.account, app.now());
    let name = fields.text("name").to_owned();
    let typed = name.clone();
    let fault = app
        .store
        .write(move |tx| {
            let known = units::list(tx)?;
            let old = known.iter().find(|listed| listed.unit.id == id);
            let old = old.ok_or(crate::store::Error::NotFound)?;
            if old.unit.name == name {
                return Ok(None);
            }
            if let Some(fault) = name_fault(&name, Some(id), &known) {
                return Ok(Some(fault));
            }
            let target = format!("{id} {} → {name}", old.unit.name);
            audit::write(tx, now, Some(account), Act::UnitRenamed, &target)?;
            units::put(tx, &Unit { id, name })?;
            Ok(None)
        })
        .await?;
    match fault {
        Some(fault) => {
            let unit = Some(id);
            again(&app, &visitor, Refused { unit, typed, fault }).await
        }
        None => Ok(saved(id)),
    }
}

/// `POST /units/{id}/remove`.
pub(crate) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Response, Problem> {
    let id: UnitId = id.parse().map_err(|_| Code::NotFound)?;
    let (account, now) = (visitor.session.account, app.now());
    let removed = app
        .store
        .write(move |tx| {
            let known = units::list(tx)?;
            let old = known.iter().find(|listed| listed.unit.id == id);
            let old = old.ok_or(crate::store::Error::NotFound)?;
            if old.is_used() {
                return Ok(false);
            }
            let target = format!("{id} {}", old.unit.name);
            audit::write(tx, now, Some(account), Act::UnitRemoved, &target)?;
            units::remove(tx, id)?;
            Ok(true)
        })
        .await?;
    if removed {
        return Ok(Redirect::to("/units").into_response());
    }
    let refused = Refused {
        unit: Some(id),
        typed: String::new(),
        fault: Fault::Used,
    };
    again(&app, &visitor, refused).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Listed {
        Listed {
            unit: Unit {
                id: UnitId::from_bytes([1; 16]),
                name: name.to_owned(),
            },
            officers: 0,
            devices: 0,
            records: 0,
            other: false,
        }
    }

    #[test]
    fn a_name_is_of_fitting_length_and_nobody_elses() {
        let there = [known("云溪镇人民政府（示例）")];
        let fault = |name: &str| name_fault(name, None, &there);
        assert_eq!(fault(""), Some(Fault::Length));
        assert_eq!(fault("镇"), Some(Fault::Length));
        assert_eq!(fault("乙镇"), None);
        assert_eq!(fault(&"镇".repeat(60)), None);
        assert_eq!(fault(&"镇".repeat(61)), Some(Fault::Length));
        assert_eq!(fault("乙\u{7}镇"), Some(Fault::Letters));
        for same in [
            "云溪镇人民政府（示例）",
            "云溪镇人民政府(示例)",
            "云溪镇 人民政府（示例）",
        ] {
            assert_eq!(fault(same), Some(Fault::Taken), "{same}");
        }
        // Its own name is no other's.
        let own = Some(UnitId::from_bytes([1; 16]));
        assert_eq!(name_fault("云溪镇人民政府(示例)", own, &there), None);
    }
}
