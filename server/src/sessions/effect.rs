//! Whether records have fewer gaps after a session than before, and fewer than can be put down to a general trend.
//! Apart because it counts: which records, in which window, of which group.

use super::{LIST, Names, find, known, span};
use crate::app::App;
use crate::explain;
use crate::export::{self, Format};
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::shipped;
use crate::store::effect as records;
use crate::store::sessions::{self, Attendance, Session, State as Stage};
use crate::store::{self, ReadTx, refs};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use shared::domain::reference::{Officer, RefSet};
use shared::id::{OfficerId, RecordId, RuleId, StepId, UnitId};
use shared::instant::{DAY_MS, Instant};
use shared::rules::procedure::Procedure;
use shared::text::{Lang, fill, text};
use shared::training::effect::{Change, Count, Estimate, Verdict};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The windows that can be chosen, in days on each side; the middle one unless another is asked for.
const WINDOWS: [i64; 3] = [30, 90, 180];
const WINDOW: i64 = 90;
/// Records that the page names; the file has all.
const LINES: usize = 200;

#[derive(Deserialize)]
pub(crate) struct EffectQuery {
    #[serde(default)]
    days: String,
    #[serde(default)]
    format: Format,
}

impl EffectQuery {
    fn days(&self) -> i64 {
        let asked = self.days.parse().ok();
        asked
            .filter(|days| WINDOWS.contains(days))
            .unwrap_or(WINDOW)
    }
}

/// How somebody stands to the session; of a record's officers the last of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// Of the same office as somebody who was there, and not invited.
    Other,
    /// Invited, and did not come: their records are in neither group.
    Absent,
    /// Was there.
    Present,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    After,
}

/// A record that began in one of the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    who: Who,
    side: Side,
    start: Instant,
    /// Whether it has a gap that the session is about.
    lacks: bool,
}

/// Records by id.
type Records = BTreeMap<RecordId, Seen>;

/// Everything that is counted.
#[derive(Default)]
struct Found {
    records: Records,
    /// Whether the session has rules that can be looked at.
    has_rules: bool,
    /// Officers who were present, and those of the same offices who were not invited.
    people: (usize, usize),
    /// The first of the records, as they are shown, or all for a file.
    lines: Vec<(RecordId, Seen, records::Shown)>,
}

/// The windows before and after: what begins while the session lasts belongs to neither.
fn windows(session: &Session, days: i64) -> [(Instant, Instant); 2] {
    let long = days * DAY_MS;
    [
        (session.starts_at.plus_millis(-long), session.starts_at),
        (session.ends_at, session.ends_at.plus_millis(long)),
    ]
}

fn groups(
    invites: &[sessions::Invite],
    officers: &BTreeMap<OfficerId, Officer>,
) -> BTreeMap<OfficerId, Who> {
    let stands = |invite: &sessions::Invite| match invite.mark.attendance {
        Some(Attendance::Present) => Who::Present,
        _ => Who::Absent,
    };
    let invited = invites.iter();
    let mut out: BTreeMap<OfficerId, Who> = invited.map(|one| (one.officer, stands(one))).collect();
    let present = out.iter().filter(|(_, who)| **who == Who::Present);
    let units: BTreeSet<UnitId> = present
        .filter_map(|(id, _)| officers.get(id))
        .map(|officer| officer.unit)
        .collect();
    let others = officers.values().filter(|one| units.contains(&one.unit));
    for officer in others {
        out.entry(officer.id).or_insert(Who::Other);
    }
    out
}

/// What is counted: records under these procedures, and in them gaps of these rules. What is missing at a step of the office is
/// charged to no officer, here as among the needs.
struct Counts<'a> {
    procedures: &'a BTreeSet<String>,
    rules: &'a BTreeSet<String>,
}

impl Counts<'_> {
    fn counts(&self, rule: &RuleId, step: &StepId) -> bool {
        self.rules.contains(rule.as_str()) && shipped::competencies().is_officers(rule, step)
    }

    /// The record's gaps that count, as rule and step.
    fn keep(&self, shown: &mut records::Shown) {
        shown.gaps.retain(|(rule, step)| {
            let parsed = RuleId::new(rule).ok().zip(StepId::new(step).ok());
            parsed.is_some_and(|(rule, step)| self.counts(&rule, &step))
        });
    }

    /// What was recorded in the windows by those who were there and, without anybody who was invited, by the others. A record
    /// counts once, whoever else took part.
    fn records(
        &self,
        tx: &ReadTx<'_>,
        groups: &BTreeMap<OfficerId, Who>,
        [before, after]: [(Instant, Instant); 2],
    ) -> Result<Records, store::Error> {
        let mut out = Records::new();
        for (officer, who) in groups {
            for (side, window) in [(Side::Before, before), (Side::After, after)] {
                records::begun(tx, *officer, window, |id, start, procedure| {
                    if self.procedures.contains(procedure) {
                        let seen = Seen {
                            who: *who,
                            side,
                            start,
                            lacks: false,
                        };
                        let seen = out.entry(id).or_insert(seen);
                        seen.who = seen.who.max(*who);
                    }
                })?;
            }
        }
        out.retain(|_, seen| seen.who != Who::Absent);
        for key in shipped::competencies().officers() {
            if self.rules.contains(key.0.as_str()) {
                records::lacking(tx, key, |id| {
                    if let Some(seen) = out.get_mut(&id) {
                        seen.lacks = true;
                    }
                })?;
            }
        }
        Ok(out)
    }
}

/// Everything that a session's effect is read from, with so many of the records as they are shown.
fn look(
    tx: &ReadTx<'_>,
    session: &Session,
    days: i64,
    lines: usize,
) -> Result<Found, store::Error> {
    let all: Vec<Procedure> = refs::all(tx, RefSet::Procedures)?;
    let rules = known::rules(&session.competencies);
    let asks = |procedure: &&Procedure| {
        let mut own = procedure.rules.iter();
        own.any(|rule| rules.contains(rule.id.as_str()))
    };
    let procedures = all.iter().filter(asks);
    let procedures: BTreeSet<String> = procedures.map(|p| p.id.to_string()).collect();
    let counts = Counts {
        procedures: &procedures,
        rules: &rules,
    };
    let groups = groups(&sessions::invites(tx, session.id)?, &refs::officers(tx)?);
    let records = counts.records(tx, &groups, windows(session, days))?;
    let mut first: Vec<(RecordId, Seen)> = records.iter().map(|(id, seen)| (*id, *seen)).collect();
    first.sort_by_key(|(id, seen)| (Reverse(seen.who), seen.side, seen.start, *id));
    first.truncate(lines);
    let shown = |(id, seen)| {
        let mut shown = records::shown(tx, id)?;
        counts.keep(&mut shown);
        Ok((id, seen, shown))
    };
    let people = |of: Who| groups.values().filter(|who| **who == of).count();
    Ok(Found {
        lines: first
            .into_iter()
            .map(shown)
            .collect::<Result<_, store::Error>>()?,
        has_rules: !rules.is_empty(),
        people: (people(Who::Present), people(Who::Other)),
        records,
    })
}

fn count(records: &Records, who: Who, side: Side) -> Option<Count> {
    let number = |n: usize| u32::try_from(n).ok();
    let counted = || {
        let all = records.values();
        all.filter(|seen| (seen.who, seen.side) == (who, side))
    };
    let with = counted().filter(|seen| seen.lacks).count();
    Count::new(number(with)?, number(counted().count())?)
}

fn change(records: &Records, who: Who) -> Option<Change> {
    Some(Change {
        before: count(records, who, Side::Before)?,
        after: count(records, who, Side::After)?,
    })
}

/// The rules of a record's gaps, each once.
fn rules_of(record: &records::Shown) -> BTreeSet<&str> {
    record.gaps.iter().map(|(rule, _)| rule.as_str()).collect()
}

/// Hundredths with one decimal.
fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

/// The same with its sign, and a true minus.
fn signed(share: f64) -> String {
    format!("{:+.1}", share * 100.0).replace('-', "−")
}

/// Counts, with the share and its interval where there are enough of them.
fn rate(lang: Lang, count: Count, enough: bool) -> String {
    let counts = format!("{}/{}", count.with_gap(), count.records());
    match count.rate().filter(|_| enough) {
        None => counts,
        Some(rate) => fill(
            lang,
            "console.session.effect.rate",
            &[
                ("counts", &counts),
                ("share", &percent(rate.point)),
                ("low", &percent(rate.low)),
                ("high", &percent(rate.high)),
            ],
        ),
    }
}

fn change_words(lang: Lang, change: Option<Estimate>) -> String {
    let Some(change) = change else {
        return text(lang, "console.session.effect.few").to_owned();
    };
    fill(
        lang,
        "console.session.effect.change",
        &[
            ("n", &signed(change.point)),
            ("low", &signed(change.low)),
            ("high", &signed(change.high)),
        ],
    )
}

const fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Improved => "improved",
        Verdict::Worse => "worse",
        Verdict::NoClearChange => "no-clear-change",
        Verdict::TooFew => "too-few",
    }
}

/// One group's row: name, before, after, difference.
struct GroupRow {
    name: String,
    before: String,
    after: String,
    change: String,
}

fn group_row(lang: Lang, name: String, change: Change) -> GroupRow {
    let enough = change.is_enough();
    GroupRow {
        name,
        before: rate(lang, change.before, enough),
        after: rate(lang, change.after, enough),
        change: change_words(lang, change.difference().filter(|_| enough)),
    }
}

/// A record behind the numbers.
struct Line {
    group: String,
    window: String,
    record: String,
    subject: String,
    unit: String,
    start: String,
    procedure: String,
    /// The gaps that count, by rule.
    rules: Vec<String>,
}

fn line(lang: Lang, names: &Names, of: (RecordId, Seen, records::Shown)) -> Line {
    let (id, seen, record) = of;
    let word = |code: &str| text(lang, &format!("console.session.effect.{code}")).to_owned();
    let rules = rules_of(&record).into_iter();
    Line {
        group: word(if seen.who == Who::Present {
            "trained"
        } else {
            "others"
        }),
        window: word(if seen.side == Side::Before {
            "before"
        } else {
            "after"
        }),
        record: id.to_string(),
        subject: record.subject_name.clone(),
        unit: names.unit(lang, Some(record.unit)),
        start: html::moment(lang, seen.start),
        procedure: shipped::procedure_name(lang, &record.procedure).to_owned(),
        rules: rules
            .map(|rule| format!("{rule} {}", explain::rule(lang, rule)))
            .collect(),
    }
}

#[derive(askama::Template)]
#[template(path = "training_effect.html")]
struct EffectPage {
    p: Page,
    id: String,
    session: String,
    /// Why there is nothing to compare; else the rest counts.
    nothing: Option<String>,
    windows: Vec<(i64, bool)>,
    compared: String,
    /// The window afterwards is not over.
    running: Option<String>,
    /// A class and words.
    verdict: (&'static str, String),
    /// The same beside the others; nothing where the verdict is that there are too few.
    beyond: Option<(&'static str, String)>,
    rows: Vec<GroupRow>,
    difference: String,
    lines: Vec<Line>,
    total: usize,
    export: String,
}

fn verdict_words(lang: Lang, of: &str, verdict: Verdict) -> (&'static str, String) {
    let class = match verdict {
        Verdict::Improved => "banner-good",
        Verdict::Worse => "banner-bad",
        Verdict::NoClearChange => "",
        Verdict::TooFew => "banner-warn",
    };
    let key = format!("console.session.effect.{of}.{}", code(verdict));
    (class, text(lang, &key).to_owned())
}

/// Why a session cannot be looked at; none if it can.
fn nothing(session: &Session, found: &Found) -> Option<&'static str> {
    if session.state != Stage::Held {
        Some("console.session.effect.not-held")
    } else if !found.has_rules {
        Some("console.session.effect.no-rules")
    } else if found.people.0 == 0 {
        Some("console.session.effect.nobody")
    } else {
        None
    }
}

fn file(lang: Lang, today: Date, lines: impl Iterator<Item = Line>) -> Result<Response, Problem> {
    let head = [
        "console.session.effect.group",
        "console.session.effect.window",
        "console.gap.record",
        "console.gap.subject",
        "console.task.unit",
        "console.session.effect.start",
        "console.record.procedure",
        "console.session.effect.gaps",
    ];
    let cells = lines.map(|line| {
        [
            line.group,
            line.window,
            line.record,
            line.subject,
            line.unit,
            line.start,
            line.procedure,
            line.rules.join("; "),
        ]
    });
    export::csv(
        "training-effect",
        today,
        head.map(|key| text(lang, key)),
        cells,
    )
}

/// What the windows are, in words, and how far the later one is if it is not over.
fn window_words(
    lang: Lang,
    session: &Session,
    days: i64,
    now: Instant,
) -> (String, Option<String>) {
    let [before, after] = windows(session, days);
    let day = |at: Instant| html::day(lang, at.date());
    let compared = fill(
        lang,
        "console.session.effect.compared",
        &[
            ("n", &days.to_string()),
            ("from", &day(before.0)),
            ("starts", &day(session.starts_at)),
            ("ends", &day(session.ends_at)),
            ("to", &day(after.1)),
        ],
    );
    let passed = now.millis_since(session.ends_at).max(0) / DAY_MS;
    let running = (now < after.1).then(|| {
        let with = [("n", &*passed.to_string()), ("all", &days.to_string())];
        fill(lang, "console.session.effect.running", &with)
    });
    (compared, running)
}

/// `GET /training/sessions/{id}/effect`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<EffectQuery>,
) -> Result<Response, Problem> {
    let (session, names) = find(&app, &id).await?;
    let (lang, days, now) = (visitor.lang, query.days(), app.now());
    let (of, is_file) = (session.clone(), matches!(query.format, Format::Csv));
    let most = if is_file { export::LINES } else { LINES };
    let mut found = app.store.read(move |tx| look(tx, &of, days, most)).await?;
    let shown = std::mem::take(&mut found.lines);
    let lines = shown.into_iter().map(|one| line(lang, &names, one));
    if is_file {
        return file(lang, now.date(), lines);
    }
    let counted = change(&found.records, Who::Present).zip(change(&found.records, Who::Other));
    let (trained, others) = counted.ok_or_else(|| Problem::internal("too many records"))?;
    let name = |key: &str, n: usize| fill(lang, key, &[("n", &n.to_string())]);
    let (compared, running) = window_words(lang, &session, days, now);
    let enough = trained.is_enough() && others.is_enough();
    let said = shared::training::effect::verdict(trained.before, trained.after);
    html::render(&EffectPage {
        nothing: nothing(&session, &found).map(|key| text(lang, key).to_owned()),
        session: format!("{} · {}", session.title, span(lang, &session)),
        windows: WINDOWS.map(|n| (n, n == days)).into(),
        compared,
        running,
        verdict: verdict_words(lang, "verdict", said),
        beyond: trained
            .is_enough()
            .then(|| verdict_words(lang, "beyond", trained.verdict_beyond(others))),
        rows: vec![
            group_row(
                lang,
                name("console.session.effect.trained-n", found.people.0),
                trained,
            ),
            group_row(
                lang,
                name("console.session.effect.others-n", found.people.1),
                others,
            ),
        ],
        difference: change_words(lang, trained.beyond(others).filter(|_| enough)),
        lines: lines.collect(),
        total: found.records.len(),
        export: format!("{LIST}/{}/effect?days={days}&format=csv", session.id),
        id: session.id.to_string(),
        p: Page::new(&visitor, "console.session.effect.title"),
    })
}

#[cfg(test)]
mod tests;
