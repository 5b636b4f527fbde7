//! The board of deadlines: what has a limit and can still be done, by the day on which it ends.

use crate::access;
use crate::app::App;
use crate::explain;
use crate::export::{self, Asked, Format, LINES};
use crate::html::{self, Page, Pager, Select, allows};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::due::{self, Filter, Line, Window};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::reference::{RefSet, Unit};
use shared::id::UnitId;
use shared::instant::Instant;
use shared::rules::calendar::Calendar;
use shared::rules::procedure::Procedure;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

mod words;

use words::Counter;

/// Where the board is.
const BOARD: &str = "/deadlines";
/// Lines of one page, where one part of the board is shown alone.
const PAGE: usize = 50;
/// Lines of each part, where all are shown.
const PEEK: usize = 20;

/// A part of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Over,
    Today,
    Tomorrow,
    Three,
    Seven,
    Later,
}

impl When {
    const ALL: [Self; 6] = [
        Self::Over,
        Self::Today,
        Self::Tomorrow,
        Self::Three,
        Self::Seven,
        Self::Later,
    ];

    /// The code in addresses and in the message keys `console.due.when.<code>`.
    const fn code(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Today => "today",
            Self::Tomorrow => "tomorrow",
            Self::Three => "three",
            Self::Seven => "seven",
            Self::Later => "later",
        }
    }

    fn words(self, lang: Lang) -> String {
        text(lang, &format!("console.due.when.{}", self.code())).to_owned()
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|when| when.code() == code)
    }

    /// The stretch of time that it shows as of now. Days are Beijing's and limits end at 24:00; where the calendar is not known,
    /// so many working days are taken to be as long as they can be, so that nothing is shown as less pressing than it may be.
    pub(crate) fn window(self, calendar: &Calendar, now: Instant) -> Window {
        let today = now.date();
        let tomorrow = today.tomorrow().unwrap_or(today);
        // Through the days off behind the last of them: until then no more working days are left.
        let working = |n: u16| {
            let beyond = calendar
                .working_days_after(today, n.saturating_add(1))
                .latest;
            beyond.yesterday().unwrap_or(beyond).max(tomorrow)
        };
        let end = |day: Date| Some(Instant::end_of(day));
        let (after, until) = match self {
            Self::Over => return Window::Over(now),
            Self::Today => (None, end(today)),
            Self::Tomorrow => (end(today), end(tomorrow)),
            Self::Three => (end(tomorrow), end(working(3))),
            Self::Seven => (end(working(3)), end(working(7))),
            Self::Later => (end(working(7)), None),
        };
        Window::Ends { now, after, until }
    }
}

/// How many things are over, and how many end today: for the start page.
pub(crate) fn pressing(
    tx: &ReadTx<'_>,
    unit: Option<UnitId>,
    now: Instant,
) -> Result<(usize, usize), store::Error> {
    let filter = Filter { unit, step: None };
    // Neither needs to know a holiday.
    let calendar = Calendar::default();
    let count = |when: When| due::count(tx, &filter, when.window(&calendar, now));
    Ok((count(When::Over)?, count(When::Today)?))
}

#[derive(Deserialize)]
pub(crate) struct DueQuery {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    when: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    format: Format,
}

impl DueQuery {
    fn filter(&self, visitor: &Visitor) -> Filter {
        Filter {
            unit: visitor.scope().or(self.unit.parse().ok()),
            step: Some(self.step.clone()).filter(|code| !code.is_empty()),
        }
    }

    /// The address of a part, or of all, with the filters that are set; to be continued with another parameter.
    fn address(&self, when: Option<When>) -> String {
        let when = when.map_or("", When::code);
        let set = [("unit", &*self.unit), ("step", &self.step), ("when", when)];
        html::address(BOARD, &set)
    }
}

/// What lines are written from.
struct Known {
    units: BTreeMap<UnitId, Unit>,
    steps: BTreeMap<String, String>,
    calendar: Calendar,
}

impl Known {
    fn load(tx: &ReadTx<'_>, lang: Lang) -> Result<Self, store::Error> {
        let procedures: Vec<Procedure> = refs::all(tx, RefSet::Procedures)?;
        let steps = procedures.iter().flat_map(|known| &known.steps);
        Ok(Self {
            units: refs::units(tx)?,
            steps: steps
                .map(|step| (step.id.to_string(), lang.of(&step.name).to_owned()))
                .collect(),
            calendar: refs::calendar(tx)?,
        })
    }

    fn selects(&self, lang: Lang, query: &DueQuery, every: bool) -> Vec<Select> {
        let units = self.units.values().filter(|_| every);
        let units = units.map(|unit| (unit.id.to_string(), unit.name.clone()));
        let steps = self.steps.iter();
        let steps = steps.map(|(id, name)| (id.clone(), format!("{id} {name}")));
        let label = |key| (text(lang, key), Some(text(lang, "console.all")));
        let mut selects = vec![
            Select::new("unit", label("console.task.unit"), &query.unit, units),
            Select::new("step", label("console.gap.step"), &query.step, steps),
        ];
        selects.retain(|select| !select.values.is_empty());
        selects
    }
}

/// A line, ready to print.
struct LineView {
    record: String,
    /// Number of the grade and its words, for a gap.
    grade: Option<(u8, String)>,
    step: String,
    what: String,
    subject: String,
    unit: String,
    day: String,
    left: String,
    over: bool,
    /// Who has to act.
    who: String,
    /// Where the office acts, for whoever may.
    desk: Option<String>,
}

/// Writes lines.
struct Writer<'a> {
    lang: Lang,
    known: &'a Known,
    counter: Counter<'a>,
    now: Instant,
    /// Whether the visitor does steps of the office.
    acts: bool,
}

impl Writer<'_> {
    fn line(&mut self, line: &Line) -> LineView {
        let (lang, due) = (self.lang, &line.due);
        let name = self.known.steps.get(&due.step);
        let name = name.map_or("", String::as_str);
        let what = if due.is_gap {
            let rule = explain::rule(lang, &due.rule);
            fill(lang, "console.due.gap", &[("rule", &rule)])
        } else {
            fill(lang, &format!("open.{}", due.code), &[("step", name)])
        };
        let who = match (due.office, due.on_site) {
            (true, _) => "console.due.office",
            (false, true) => "console.due.on-site",
            (false, false) => "console.due.officers",
        };
        let unit = self.known.units.get(&line.unit);
        LineView {
            record: line.record.to_string(),
            grade: due
                .is_gap
                .then(|| (due.severity, explain::severity(lang, due.severity))),
            step: format!("{} {name}", due.step).trim_end().to_owned(),
            what,
            subject: line.subject_name.clone(),
            unit: unit.map_or_else(String::new, |unit| unit.name.clone()),
            day: self.counter.day(due.limit),
            left: self.counter.left(due.limit),
            over: due.limit.latest < self.now,
            who: text(lang, who).to_owned(),
            desk: (due.office && self.acts)
                .then(|| format!("/records/{}/steps/{}", line.record, due.step)),
        }
    }
}

/// A part of the board, ready to print.
struct Part {
    code: &'static str,
    title: String,
    count: usize,
    here: bool,
    address: String,
    lines: Vec<LineView>,
    /// Whether there are more lines than are shown.
    more: bool,
}

#[derive(askama::Template)]
#[template(path = "deadlines.html")]
struct BoardPage {
    p: Page,
    parts: Vec<Part>,
    total: usize,
    /// Whether one part is shown alone.
    alone: bool,
    selects: Vec<Select>,
    /// The part that a filter keeps.
    when: String,
    whole: String,
    filtered: bool,
    export: String,
    pager: Pager,
}

/// What the store gives for the board: each part with its lines, and how many it has.
struct Loaded {
    known: Known,
    parts: Vec<(When, usize, Vec<Line>)>,
}

fn load(
    tx: &ReadTx<'_>,
    filter: &Filter,
    (chosen, lang): (Option<When>, Lang),
    (number, size): (usize, usize),
    now: Instant,
) -> Result<Loaded, store::Error> {
    let known = Known::load(tx, lang)?;
    let mut parts = Vec::new();
    // A file is bounded as a whole.
    let mut room = LINES;
    for when in When::ALL {
        let window = when.window(&known.calendar, now);
        let count = due::count(tx, filter, window)?;
        let lines = if chosen.is_some_and(|chosen| chosen != when) || count == 0 {
            Vec::new()
        } else {
            due::page(tx, filter, window, (number, size.min(room)))?
        };
        room = room.saturating_sub(lines.len());
        parts.push((when, count, lines));
    }
    Ok(Loaded { known, parts })
}

fn view(
    visitor: &Visitor,
    query: &DueQuery,
    loaded: &Loaded,
    (number, size): (usize, usize),
    now: Instant,
) -> BoardPage {
    let lang = visitor.lang;
    let chosen = When::from_code(&query.when);
    let mut writer = loaded.writer(visitor, now);
    let mut parts = Vec::new();
    for (when, count, lines) in &loaded.parts {
        parts.push(Part {
            code: when.code(),
            title: when.words(lang),
            count: *count,
            here: chosen == Some(*when),
            address: html::bare(&query.address(Some(*when))),
            lines: lines.iter().map(|line| writer.line(line)).collect(),
            more: chosen.is_none() && *count > lines.len(),
        });
    }
    let shown = parts.iter().find(|part| part.here);
    let more = shown.is_some_and(|part| (number + 1) * size < part.count);
    BoardPage {
        total: parts.iter().map(|part| part.count).sum(),
        alone: chosen.is_some(),
        selects: loaded.known.selects(lang, query, visitor.scope().is_none()),
        when: chosen.map_or("", When::code).to_owned(),
        whole: html::bare(&query.address(None)),
        filtered: !query.unit.is_empty() || !query.step.is_empty(),
        export: format!("{}format=csv", query.address(chosen)),
        pager: Pager::new(&query.address(chosen), number, more),
        parts,
        p: Page::new(visitor, "console.due.title"),
    }
}

impl Loaded {
    fn writer(&self, visitor: &Visitor, now: Instant) -> Writer<'_> {
        Writer {
            lang: visitor.lang,
            counter: Counter::new(visitor.lang, &self.known.calendar, now),
            known: &self.known,
            now,
            acts: allows(access::OFFICE, &visitor.session.roles),
        }
    }

    /// The lines as a file.
    fn file(&self, visitor: &Visitor, now: Instant) -> Result<Response, Problem> {
        let lang = visitor.lang;
        let head = [
            "console.gap.record",
            "console.due.part",
            "console.due.day",
            "console.due.left-label",
            "console.gap.step",
            "console.due.what",
            "console.gap.severity",
            "console.gap.subject",
            "console.task.unit",
            "console.due.who",
        ];
        let mut writer = self.writer(visitor, now);
        let lines = self
            .parts
            .iter()
            .flat_map(|(when, _, lines)| lines.iter().map(move |line| (*when, line)));
        let cells = lines.map(|(when, line)| {
            let line = writer.line(line);
            [
                line.record,
                when.words(lang),
                line.day,
                line.left,
                line.step,
                line.what,
                line.grade.map_or_else(String::new, |(_, words)| words),
                line.subject,
                line.unit,
                line.who,
            ]
        });
        let head = head.map(|key| text(lang, key));
        export::csv("deadlines", now.date(), head, cells)
    }
}

/// `GET /deadlines`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DueQuery>,
) -> Result<Response, Problem> {
    let (lang, now, filter) = (visitor.lang, app.now(), query.filter(&visitor));
    let chosen = When::from_code(&query.when);
    let asked = Asked {
        // Pages are of one part; where all are shown each begins.
        page: chosen.map_or(0, |_| query.page),
        format: query.format,
    };
    let (number, size) = asked.page(if chosen.is_some() { PAGE } else { PEEK });
    let loaded = app
        .store
        .read(move |tx| load(tx, &filter, (chosen, lang), (number, size), now))
        .await?;
    if asked.is_csv() {
        return loaded.file(&visitor, now);
    }
    html::render(&view(&visitor, &query, &loaded, (number, size), now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn ends(when: When, today: Date) -> (Option<Date>, Option<Date>) {
        let now = Instant::from_civil(today.at(9, 0, 0, 0));
        let day = |at: Instant| words::last_day(at);
        match when.window(&Calendar::shipped(), now) {
            Window::Over(_) => (None, None),
            Window::Ends { after, until, .. } => (after.map(day), until.map(day)),
        }
    }

    #[test]
    fn the_parts_follow_each_other_without_a_hole() {
        let tuesday = date(2026, 11, 24);
        assert_eq!(ends(When::Today, tuesday), (None, Some(tuesday)));
        let wednesday = Some(date(2026, 11, 25));
        assert_eq!(ends(When::Tomorrow, tuesday), (Some(tuesday), wednesday));
        // Wednesday to Friday are three working days, and the weekend adds none.
        let sunday = Some(date(2026, 11, 29));
        assert_eq!(ends(When::Three, tuesday), (wednesday, sunday));
        let third = Some(date(2026, 12, 3));
        assert_eq!(ends(When::Seven, tuesday), (sunday, third));
        assert_eq!(ends(When::Later, tuesday), (third, None));
        // On the eve of a holiday tomorrow is not a working day, and the next three lie behind it: 8, 9 and 10 October; the 11th
        // is a Sunday.
        let eve = date(2026, 9, 30);
        let sunday = Some(date(2026, 10, 11));
        assert_eq!(ends(When::Three, eve), (Some(date(2026, 10, 1)), sunday));
        // Where the next year's notice is not out, nothing is called less pressing than it may be.
        let (_, three) = ends(When::Three, date(2026, 12, 25));
        assert!(three >= Some(date(2027, 1, 4)), "{three:?}");
    }
}
