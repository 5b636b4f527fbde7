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
use crate::store::effect::{self as records, Counted};
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

/// Records by id.
type Records = BTreeMap<RecordId, Counted>;

/// What one group recorded before and after.
#[derive(Default)]
struct Sides {
    before: Records,
    after: Records,
}

/// Everything that is counted.
#[derive(Default)]
struct Found {
    trained: Sides,
    others: Sides,
    /// Whether the session has rules that can be looked at.
    has_rules: bool,
    /// Officers who were present, and those of the same offices who were not invited.
    people: (usize, usize),
}

/// The windows before and after: what begins while the session lasts belongs to neither.
fn windows(session: &Session, days: i64) -> [(Instant, Instant); 2] {
    let long = days * DAY_MS;
    [
        (session.starts_at.plus_millis(-long), session.starts_at),
        (session.ends_at, session.ends_at.plus_millis(long)),
    ]
}

/// Who was there, everybody who was invited, and those of the same offices who were not.
struct Groups {
    present: BTreeSet<OfficerId>,
    invited: BTreeSet<OfficerId>,
    others: BTreeSet<OfficerId>,
}

fn group(invites: &[sessions::Invite], officers: &BTreeMap<OfficerId, Officer>) -> Groups {
    let invited: BTreeSet<OfficerId> = invites.iter().map(|invite| invite.officer).collect();
    let came = |invite: &&sessions::Invite| invite.mark.attendance == Some(Attendance::Present);
    let present: BTreeSet<OfficerId> = invites.iter().filter(came).map(|i| i.officer).collect();
    let units: BTreeSet<UnitId> = present
        .iter()
        .filter_map(|id| officers.get(id))
        .map(|officer| officer.unit)
        .collect();
    let others = officers
        .values()
        .filter(|officer| units.contains(&officer.unit) && !invited.contains(&officer.id))
        .map(|officer| officer.id)
        .collect();
    Groups {
        present,
        invited,
        others,
    }
}

/// What is counted: records under these procedures, and in them gaps of these rules. What is missing at a step of the office is
/// charged to no officer, here as among the needs.
struct Counts<'a> {
    procedures: &'a BTreeSet<String>,
    rules: &'a BTreeSet<String>,
}

impl Counts<'_> {
    fn counts(&self, rule: &str, step: &str) -> bool {
        let (Ok(rule_id), Ok(step)) = (RuleId::new(rule), StepId::new(step)) else {
            return false;
        };
        self.rules.contains(rule) && shipped::competencies().is_officers(&rule_id, &step)
    }
}

/// What was recorded in one window by those who were there and, without anybody who was invited, by the others. A record counts
/// once, whoever else took part.
fn of_window(
    tx: &ReadTx<'_>,
    groups: &Groups,
    counts: &Counts<'_>,
    window: (Instant, Instant),
) -> Result<(Records, Records), store::Error> {
    let mut trained = records::records(tx, &groups.present, window)?;
    let touched = records::records(tx, &groups.invited, window)?;
    let mut others = records::records(tx, &groups.others, window)?;
    others.retain(|id, _| !touched.contains_key(id));
    for group in [&mut trained, &mut others] {
        group.retain(|_, record| counts.procedures.contains(&record.procedure));
        for record in group.values_mut() {
            record.gaps.retain(|(rule, step)| counts.counts(rule, step));
        }
    }
    Ok((trained, others))
}

/// Everything that a session's effect is read from.
fn look(tx: &ReadTx<'_>, session: &Session, days: i64) -> Result<Found, store::Error> {
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
    let groups = group(&sessions::invites(tx, session.id)?, &refs::officers(tx)?);
    let [before, after] = windows(session, days);
    let (trained_before, others_before) = of_window(tx, &groups, &counts, before)?;
    let (trained_after, others_after) = of_window(tx, &groups, &counts, after)?;
    Ok(Found {
        trained: Sides {
            before: trained_before,
            after: trained_after,
        },
        others: Sides {
            before: others_before,
            after: others_after,
        },
        has_rules: !rules.is_empty(),
        people: (groups.present.len(), groups.others.len()),
    })
}

fn count(records: &Records) -> Option<Count> {
    let number = |n: usize| u32::try_from(n).ok();
    let with = |record: &&Counted| !record.gaps.is_empty();
    Count::new(
        number(records.values().filter(with).count())?,
        number(records.len())?,
    )
}

impl Sides {
    fn change(&self) -> Option<Change> {
        Some(Change {
            before: count(&self.before)?,
            after: count(&self.after)?,
        })
    }
}

/// The rules of a record's gaps, each once.
fn rules_of(record: &Counted) -> BTreeSet<&str> {
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

fn lines(lang: Lang, found: &Found, names: &Names) -> Vec<Line> {
    let mut out = Vec::new();
    for (group, sides) in [("trained", &found.trained), ("others", &found.others)] {
        for (window, records) in [("before", &sides.before), ("after", &sides.after)] {
            let word =
                |code: &str| text(lang, &format!("console.session.effect.{code}")).to_owned();
            let mut records: Vec<(&RecordId, &Counted)> = records.iter().collect();
            records.sort_by_key(|(id, record)| (record.start, **id));
            out.extend(records.into_iter().map(|(id, record)| {
                Line {
                    group: word(group),
                    window: word(window),
                    record: id.to_string(),
                    subject: record.subject_name.clone(),
                    unit: names.unit(lang, Some(record.unit)),
                    start: html::moment(lang, record.start),
                    procedure: record.procedure.clone(),
                    rules: rules_of(record)
                        .into_iter()
                        .map(|rule| format!("{rule} {}", explain::rule(lang, rule)))
                        .collect(),
                }
            }));
        }
    }
    out
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

fn file(lang: Lang, today: Date, lines: Vec<Line>) -> Result<Response, Problem> {
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
    let cells = lines.into_iter().map(|line| {
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
    let of = session.clone();
    let found = app.store.read(move |tx| look(tx, &of, days)).await?;
    let mut lines = lines(lang, &found, &names);
    if matches!(query.format, Format::Csv) {
        return file(lang, now.date(), lines);
    }
    let counted = found.trained.change().zip(found.others.change());
    let (trained, others) = counted.ok_or_else(|| Problem::internal("too many records"))?;
    let total = lines.len();
    lines.truncate(LINES);
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
        lines,
        total,
        export: format!("{LIST}/{}/effect?days={days}&format=csv", session.id),
        id: session.id.to_string(),
        p: Page::new(&visitor, "console.session.effect.title"),
    })
}

#[cfg(test)]
mod tests;
