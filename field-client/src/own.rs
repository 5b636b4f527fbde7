//! The officer's own look at their own records: what the rules find in them now, gravest first. For the officer, never for a list
//! of officers; it works offline like everything else here.

use crate::desk::Desk;
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Problem, Ui};
use crate::say;
use crate::sheet::Sheet;
use crate::store;
use crate::store::own::{self, Found, Sum};
use askama::Template;
use rusqlite::Connection;
use shared::id::RecordId;
use shared::instant::{DAY_MS, Instant};
use shared::rules::gap::{Assessment, Gap};
use shared::rules::procedure::Actor;

/// Records that a page judges on its way at most.
pub(crate) const ON_THE_WAY: u64 = 3;
/// Records that the own page judges at most. One takes a millisecond on a laptop, some on a phone.
const AT_ONCE: u64 = 20;
/// Records that the page shows.
const ON_PAGE: u64 = 10;
/// Nothing changes by time alone before then.
const NEVER: Instant = Instant::from_millis(i64::MAX);

/// A record with what was found in it.
struct Group {
    record: String,
    subject: String,
    procedure: String,
    /// The day on which it was opened: a party may have been inspected twice.
    day: String,
    gaps: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "own.html")]
struct OwnPage {
    ui: Ui,
    groups: Vec<Group>,
    /// Records with gaps that are not shown.
    more: u64,
    /// Records that were not looked at yet.
    waiting: u64,
    /// There is a record to look at at all.
    any: bool,
}

/// The gaps of officers' steps: nobody is charged with another's step.
fn own<'a>(sheet: &Sheet, assessed: &'a Assessment) -> Vec<&'a Gap> {
    let of_officers = |gap: &&Gap| {
        let step = sheet.procedure.step(gap.step.as_str());
        step.is_none_or(|step| step.actor == Actor::Officers)
    };
    assessed.gaps.iter().filter(of_officers).collect()
}

fn judge(c: &Connection, record: RecordId, now: Instant) -> store::Result<Found> {
    match Sheet::read(c, record) {
        Ok(sheet) => {
            let assessed = gaps::assess(&sheet, now);
            let own = own(&sheet, &assessed);
            let worst = own.iter().map(|gap| gap.severity).max();
            Ok(Found {
                gaps: own.len() as u64,
                worst: worst.map_or(0, |severity| severity as u8),
                look_at: assessed.next_change.unwrap_or(NEVER),
            })
        }
        // Its procedure has not arrived, or it cannot be read: tomorrow again.
        Err(store::Error::NotFound | store::Error::Corrupt(_)) => Ok(Found {
            gaps: 0,
            worst: 0,
            look_at: now.plus_millis(DAY_MS),
        }),
        Err(error) => Err(error),
    }
}

/// Judges what changed since somebody last looked, so many records at most, and gives what is known then.
pub(crate) fn look(desk: &Desk, limit: u64) -> Result<Sum, Problem> {
    let (store, now) = (desk.store(), desk.now());
    let (due, sum) = store.read(|c| Ok((own::due(c, now, limit)?, own::sum(c)?)))?;
    if due.is_empty() {
        return Ok(sum);
    }
    Ok(store.write(|tx| {
        for record in due {
            own::keep(tx, record, judge(tx, record, now)?)?;
        }
        own::sum(tx)
    })?)
}

/// How much was found, in words; empty where nothing, because a zero would nag too.
pub(crate) fn words(ui: Ui, sum: Sum) -> String {
    match sum.gaps {
        0 => String::new(),
        n => ui.f("field.own.count", "n", n),
    }
}

fn group(c: &Connection, ui: Ui, record: RecordId, now: Instant) -> store::Result<Group> {
    let sheet = Sheet::read(c, record)?;
    let assessed = gaps::assess(&sheet, now);
    let gaps = own(&sheet, &assessed).into_iter();
    let opened = sheet.facts.opened.as_ref();
    let day = opened.map(|noted| say::short_day(ui.lang, now.date(), noted.at.date()));
    Ok(Group {
        record: record.to_string(),
        subject: sheet.subject().to_owned(),
        procedure: ui.lang.of(&sheet.procedure.name).to_owned(),
        day: day.unwrap_or_default(),
        gaps: gaps.map(|gap| gaps::gap(&sheet, ui.lang, gap)).collect(),
    })
}

/// `GET /field/me/gaps`
pub(crate) async fn page(desk: Desk) -> Answer {
    let now = desk.now();
    let sum = look(&desk, AT_ONCE)?;
    let (groups, waiting, any) = desk.store().read(|c| {
        let worst = own::worst(c, ON_PAGE)?.into_iter();
        let groups: store::Result<Vec<Group>> =
            worst.map(|record| group(c, desk.ui, record, now)).collect();
        Ok((groups?, own::waiting(c, now)?, own::any(c)?))
    })?;
    Ok(html::ok(&OwnPage {
        ui: desk.ui,
        more: sum.records.saturating_sub(ON_PAGE),
        groups,
        waiting,
        any,
    }))
}
