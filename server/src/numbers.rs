//! Document numbers (号段): which device was given which, what records did with them, and what a person should look at.
//! Apart because a number is promised to a device before anybody knows the record that will have it.

mod form;
mod one;

pub(crate) use form::issue;
pub(crate) use one::{close, show};

use crate::access;
use crate::app::App;
use crate::export::{self, Asked};
use crate::html::{self, Page, Pager, Select, allows};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::numbers::{self as kept, Issued, Odd, Used};
use crate::store::{Error, ReadTx, feeds, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use form::Form;
use shared::domain::reference::NumberBlock;
use shared::id::{FeedId, OfficerId, UnitId};
use shared::instant::Instant;
use shared::numbers::{Fate, Number};
use shared::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks on one page.
const PAGE: usize = 50;
/// Odd numbers of one kind that are listed.
const ODD: usize = 50;
/// From so few numbers on a block is said to run out.
const LOW: u32 = 5;

/// How far a block is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    used: u32,
    voided: u32,
    left: u32,
}

/// Counts each number once, by what it came to.
fn count(issued: &Issued, uses: &[Used]) -> Count {
    let all = issued.block.last - issued.block.first + 1;
    let of = |voided: bool| -> BTreeSet<u32> {
        let such = uses.iter().filter(|u| (u.fate == Fate::Voided) == voided);
        such.map(|u| u.key.n).collect()
    };
    let (used, voided) = (of(false), of(true));
    let only_voided = voided.difference(&used).count();
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (used, mut voided) = (size(used.len()), size(only_voided));
    let mut left = all.saturating_sub(used).saturating_sub(voided);
    if issued.closed.is_some() {
        voided += left;
        left = 0;
    }
    Count { used, voided, left }
}

/// `0001–0050`, with what stands around.
fn range(block: &NumberBlock) -> String {
    let first = block.text(block.first);
    let first = first.strip_suffix(&block.suffix).unwrap_or(&first);
    let last = block.text(block.last);
    let last = last.strip_prefix(&block.prefix).unwrap_or(&last);
    format!("{first}–{last}")
}

/// The title of what the numbers are for.
fn document(lang: Lang, block: &NumberBlock) -> String {
    text(lang, &format!("document.kind.{}", block.document.code())).to_owned()
}

/// Who has which device.
struct People {
    officers: BTreeMap<OfficerId, (String, UnitId)>,
    units: BTreeMap<UnitId, String>,
    devices: Vec<feeds::Listed>,
}

impl People {
    fn read(tx: &ReadTx<'_>) -> Result<Self, Error> {
        let officers = refs::officers(tx)?.into_values();
        let units = refs::units(tx)?.into_values();
        Ok(Self {
            officers: officers.map(|o| (o.id, (o.name, o.unit))).collect(),
            units: units.map(|unit| (unit.id, unit.name)).collect(),
            devices: feeds::list(tx)?,
        })
    }

    fn officer(&self, id: OfficerId) -> &str {
        self.officers.get(&id).map_or("", |(name, _)| name)
    }

    fn unit(&self, id: UnitId) -> &str {
        self.units.get(&id).map_or("", String::as_str)
    }

    fn device(&self, feed: FeedId) -> Option<&feeds::Listed> {
        self.devices.iter().find(|device| device.feed == feed)
    }
}

/// A block, ready to print.
struct Line {
    id: String,
    range: String,
    document: String,
    officer: String,
    device: String,
    unit: String,
    issued: String,
    count: Count,
    /// The key of the word for its state, and its class.
    state: (&'static str, &'static str),
}

fn state(issued: &Issued, count: Count, revoked: bool) -> (&'static str, &'static str) {
    match (issued.closed.is_some(), revoked, count.left) {
        (true, ..) => ("console.number.closed", "na"),
        (_, true, 1..) => ("console.number.lost", "late"),
        (_, _, 0) => ("console.number.empty", "late"),
        (_, _, left) if left < LOW => ("console.number.low", "late"),
        _ => ("console.number.open", "done"),
    }
}

fn line(lang: Lang, people: &People, issued: &Issued, uses: &[Used]) -> Line {
    let block = &issued.block;
    let device = people.device(block.feed);
    let count = count(issued, uses);
    Line {
        id: block.id.to_string(),
        range: range(block),
        document: document(lang, block),
        officer: people.officer(block.officer).to_owned(),
        device: device.map_or_else(String::new, |device| device.device.clone()),
        unit: people.unit(issued.unit).to_owned(),
        issued: html::moment(lang, issued.at),
        count,
        state: state(issued, count, device.is_none_or(|device| device.revoked)),
    }
}

/// A number that a person should look at.
struct OddLine {
    number: String,
    why: String,
    record: String,
    at: String,
}

fn odd_lines(lang: Lang, why: &str, rows: Vec<Used>) -> Vec<OddLine> {
    let line = |row: Used| OddLine {
        number: row.number,
        why: text(lang, why).to_owned(),
        record: row.record.to_string(),
        at: html::moment(lang, row.at),
    };
    rows.into_iter().map(line).collect()
}

#[derive(askama::Template)]
#[template(path = "numbers.html")]
struct NumbersPage {
    p: Page,
    lines: Vec<Line>,
    odd: Vec<OddLine>,
    typed: Vec<OddLine>,
    /// For whoever issues blocks.
    form: Option<Form>,
    selects: Vec<Select>,
    errors: Vec<(String, String)>,
    /// Whether the visitor looks after several offices.
    every: bool,
    pager: Pager,
}

/// What a page is made of.
struct Read {
    people: People,
    blocks: Vec<(Issued, Vec<Used>)>,
    more: bool,
    odd: Vec<(&'static str, Vec<Used>)>,
    typed: Vec<Used>,
    next: Option<NumberBlock>,
}

fn read(tx: &ReadTx<'_>, unit: Option<UnitId>, part: (usize, usize)) -> Result<Read, Error> {
    let (blocks, more) = kept::list(tx, unit, part)?;
    let with = |issued: Issued| {
        let uses = kept::of_block(tx, &issued.block)?;
        Ok((issued, uses))
    };
    let odd = [
        ("console.number.odd.twice", Odd::Twice),
        ("console.number.odd.stray", Odd::Stray),
        ("console.number.odd.replaced", Odd::Replaced),
    ];
    let odd = odd.map(|(why, odd)| Ok((why, kept::odd(tx, odd, unit, ODD)?)));
    Ok(Read {
        people: People::read(tx)?,
        blocks: blocks.into_iter().map(with).collect::<Result<_, Error>>()?,
        more,
        odd: odd.into_iter().collect::<Result<_, Error>>()?,
        typed: kept::odd(tx, Odd::Typed, unit, ODD)?,
        next: kept::latest(tx, unit)?,
    })
}

async fn page(
    app: &App,
    visitor: &Visitor,
    (number, size): (usize, usize),
    again: Option<(Form, Vec<(String, String)>)>,
) -> Result<NumbersPage, Problem> {
    let (lang, unit) = (visitor.lang, visitor.scope());
    let skip = number.saturating_mul(size);
    let found = app
        .store
        .read(move |tx| read(tx, unit, (skip, size)))
        .await?;
    let issues = allows(access::NUMBERS, &visitor.session.roles);
    let (form, errors) = match again {
        Some((form, errors)) => (Some(form), errors),
        None => (Some(Form::next(found.next.as_ref())), Vec::new()),
    };
    let form = form.filter(|_| issues);
    let blocks = found.blocks.iter();
    Ok(NumbersPage {
        lines: blocks
            .map(|(issued, uses)| line(lang, &found.people, issued, uses))
            .collect(),
        odd: found
            .odd
            .into_iter()
            .flat_map(|(why, rows)| odd_lines(lang, why, rows))
            .collect(),
        typed: odd_lines(lang, "console.number.typed", found.typed),
        selects: form
            .as_ref()
            .map_or_else(Vec::new, |form| form.choices(visitor, &found.people)),
        form,
        errors,
        every: unit.is_none(),
        pager: Pager::new("/numbers?", number, found.more),
        p: Page::new(visitor, "console.nav.numbers"),
    })
}

/// `GET /numbers`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let page = page(&app, &visitor, asked.page(PAGE), None).await?;
    if asked.is_csv() {
        return file(visitor.lang, app.now(), page.lines);
    }
    html::render(&page)
}

/// The same lines as a file.
fn file(lang: Lang, now: Instant, lines: Vec<Line>) -> Result<Response, Problem> {
    let head = [
        "console.number.numbers",
        "console.number.document",
        "console.officer.name",
        "console.export-device",
        "console.task.unit",
        "console.number.issued",
        "console.number.used",
        "console.number.voided",
        "console.number.left",
        "console.gap.status",
    ];
    let cells = lines.into_iter().map(|line| {
        let Count { used, voided, left } = line.count;
        let [used, voided, left] = [used, voided, left].map(|n| n.to_string());
        let state = text(lang, line.state.0).to_owned();
        [
            line.range,
            line.document,
            line.officer,
            line.device,
            line.unit,
            line.issued,
            used,
            voided,
            left,
            state,
        ]
    });
    let head = head.map(|key| text(lang, key));
    export::csv("numbers", now.date(), head, cells)
}

/// What stands where a block is named, for people: its numbers, whose it is, and on which device.
fn named(lang: Lang, range: &str, officer: &str, device: &str) -> String {
    let with = [("range", range), ("officer", officer), ("device", device)];
    fill(lang, "console.number.named", &with)
}

/// Whether a number of the block reads back as itself: what stands around must not look like a part of it.
fn reads_back(block: &NumberBlock) -> bool {
    [block.first, block.last].into_iter().all(|n| {
        let read = Number::read(&block.text(n));
        read.n == n && block.has(&read)
    })
}
