//! From an officer's last records to what the officer needs to practise, each figure with the records behind it.
//! Apart because this is the only judgement of a person in the program: it is short, pure and tested, it counts records and
//! never scores or compares persons, and it says nothing where there are too few records.
//!
//! The rule: a competency is a **need** if at least [`REPEATED`] of the last [`RECENT`] records have a suspected gap of it, or
//! if one of these has a gap of grade G3 or G4. Gaps of the office's steps and dismissed ones do not count; a cured one counts,
//! because it was there when the record came in.

use super::competency::Catalogue;
use crate::id::{CompetencyId, RecordId, RuleId, StepId};
use crate::instant::Instant;
use crate::rules::gap::Severity;
use crate::text::{Lang, fill, text};
use std::collections::{BTreeMap, BTreeSet};

/// So many of an officer's last records are looked at.
pub const LOOKED_AT: usize = 10;
/// Of these, the last ones decide whether there is a need.
pub const RECENT: usize = 5;
/// With fewer records nothing is said.
pub const ENOUGH: usize = 3;
/// Repeated in so many of the last records, a gap is no longer a single slip.
pub const REPEATED: usize = 2;
/// From this grade on once is enough.
pub const GRAVE: Severity = Severity::G3;
/// A trend is said only if the two halves of [`LOOKED_AT`] differ by so many records.
const CLEAR: usize = 2;

/// Which gap of which record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GapKey {
    /// The record.
    pub record: RecordId,
    /// The rule.
    pub rule: RuleId,
    /// The step.
    pub step: StepId,
    /// Which of several of this rule at this step.
    pub nth: u32,
}

/// A gap that was found in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub key: GapKey,
    /// How grave.
    pub severity: Severity,
    /// Still open; else it was cured.
    pub open: bool,
}

/// A real record that has ended and in which the officer acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which.
    pub id: RecordId,
    /// When the visit began.
    pub at: Instant,
    /// What was found in it.
    pub gaps: Vec<Found>,
}

/// What can be said of an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Fewer than [`ENOUGH`] records; how many there are.
    TooFew(usize),
    /// What the records show.
    Judged(Judged),
}

impl Standing {
    /// What is needed; nothing where nothing can be said.
    pub fn needs(&self) -> impl Iterator<Item = &Line> {
        let lines = match self {
            Self::TooFew(_) => &[][..],
            Self::Judged(judged) => &judged.lines,
        };
        lines.iter().filter(|line| line.is_need())
    }
}

/// What an officer's records show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How many records were looked at, at most [`LOOKED_AT`].
    pub looked_at: usize,
    /// How many of these are the last ones, at most [`RECENT`].
    pub recent: usize,
    /// Competencies with a gap in one of the records, in the order of the catalogue.
    pub lines: Vec<Line>,
}

/// Whether there are more records with gaps than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// The last [`RECENT`] have clearly more than those before.
    More,
    /// They have clearly fewer.
    Fewer,
    /// No clear difference.
    Same,
    /// Fewer than [`LOOKED_AT`] records: nothing to compare.
    Unknown,
}

impl Trend {
    /// In words.
    #[must_use]
    pub fn words(self, lang: Lang) -> &'static str {
        let key = match self {
            Self::More => "console.needs.trend.more",
            Self::Fewer => "console.needs.trend.fewer",
            Self::Same => "console.needs.trend.same",
            Self::Unknown => "console.needs.trend.unknown",
        };
        crate::text::find(lang, key).unwrap_or_default()
    }
}

/// One competency in an officer's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The competency.
    pub id: CompetencyId,
    /// Records with a gap of it, newest first.
    pub affected: Vec<RecordId>,
    /// How many of these are among the last [`RECENT`].
    pub recent: usize,
    /// How many of these have a gap of [`GRAVE`] or more.
    pub grave: usize,
    /// Compared with the records before.
    pub trend: Trend,
    /// What was found, rule by rule, the most frequent among the last records first.
    pub causes: Vec<Cause>,
}

/// One rule in an officer's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The rule.
    pub rule: RuleId,
    /// How many of the last [`RECENT`] records it was found in.
    pub recent: usize,
    /// Where it was found, newest record first.
    pub seen: Vec<Seen>,
}

/// A rule in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The record.
    pub record: RecordId,
    /// When its visit began.
    pub at: Instant,
    /// The gravest gap of the rule in it.
    pub severity: Severity,
    /// Whether one of them is still open.
    pub open: bool,
}

impl Line {
    /// Whether it is a need.
    #[must_use]
    pub const fn is_need(&self) -> bool {
        self.recent >= REPEATED || self.grave > 0
    }
}

/// What an officer's records show. `records`: newest first; of more than [`LOOKED_AT`] the newest count.
#[must_use]
pub fn judge(catalogue: &Catalogue, records: &[Record], dismissed: &BTreeSet<GapKey>) -> Standing {
    let records = records.get(..LOOKED_AT).unwrap_or(records);
    if records.len() < ENOUGH {
        return Standing::TooFew(records.len());
    }
    let mut by_rule: BTreeMap<&RuleId, Vec<(usize, Seen)>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        for gap in &record.gaps {
            let GapKey { rule, step, .. } = &gap.key;
            if !dismissed.contains(&gap.key) && catalogue.is_officers(rule, step) {
                note(by_rule.entry(rule).or_default(), place, record, gap);
            }
        }
    }
    let lines = catalogue.all().iter().filter_map(|one| {
        let mut found: Vec<(&RuleId, &[(usize, Seen)])> = one
            .rules
            .iter()
            .filter_map(|rule| Some((rule, by_rule.get(rule)?.as_slice())))
            .collect();
        found.sort_by_key(|(_, seen)| std::cmp::Reverse((recent(seen), seen.len())));
        (!found.is_empty()).then(|| line(one.id.clone(), &found, records))
    });
    Standing::Judged(Judged {
        looked_at: records.len(),
        recent: records.len().min(RECENT),
        lines: lines.collect(),
    })
}

/// Several gaps of a rule in one record are one record.
fn note(seen: &mut Vec<(usize, Seen)>, place: usize, record: &Record, gap: &Found) {
    match seen.last_mut() {
        Some((last, one)) if *last == place => {
            one.severity = one.severity.max(gap.severity);
            one.open |= gap.open;
        }
        _ => seen.push((
            place,
            Seen {
                record: record.id,
                at: record.at,
                severity: gap.severity,
                open: gap.open,
            },
        )),
    }
}

fn recent(seen: &[(usize, Seen)]) -> usize {
    seen.iter().filter(|(place, _)| *place < RECENT).count()
}

fn line(id: CompetencyId, found: &[(&RuleId, &[(usize, Seen)])], records: &[Record]) -> Line {
    let mut places: BTreeMap<usize, Severity> = BTreeMap::new();
    for (place, seen) in found.iter().flat_map(|(_, seen)| seen.iter()) {
        let gravest = places.entry(*place).or_insert(seen.severity);
        *gravest = seen.severity.max(*gravest);
    }
    let last = places.range(..RECENT);
    let recent_records = last.clone().count();
    let causes = found.iter().map(|(rule, seen)| Cause {
        rule: (*rule).clone(),
        recent: recent(seen),
        seen: seen.iter().map(|(_, one)| one.clone()).collect(),
    });
    let affected = places.keys().filter_map(|place| records.get(*place));
    Line {
        id,
        affected: affected.map(|record| record.id).collect(),
        recent: recent_records,
        grave: last.filter(|(_, severity)| **severity >= GRAVE).count(),
        trend: trend(records.len(), recent_records, places.len() - recent_records),
        causes: causes.collect(),
    }
}

const fn trend(records: usize, now: usize, before: usize) -> Trend {
    if records < LOOKED_AT {
        Trend::Unknown
    } else if now >= before + CLEAR {
        Trend::More
    } else if before >= now + CLEAR {
        Trend::Fewer
    } else {
        Trend::Same
    }
}

/// What a rule is called on screens.
fn title(lang: Lang, rule: &RuleId) -> &str {
    crate::text::find(lang, &format!("rule.{rule}.title")).unwrap_or(rule.as_str())
}

impl Judged {
    /// The sentence that explains a line by its figures.
    #[must_use]
    pub fn sentence(&self, lang: Lang, line: &Line) -> String {
        let few = line.recent == 0;
        let (of, n) = if few {
            (self.looked_at, line.affected.len())
        } else {
            (self.recent, line.recent)
        };
        let counted = |cause: &Cause| if few { cause.seen.len() } else { cause.recent };
        let causes = line.causes.iter().filter(|cause| counted(cause) > 0);
        let causes: Vec<String> = causes
            .map(|cause| {
                let with = [
                    ("title", title(lang, &cause.rule)),
                    ("rule", cause.rule.as_str()),
                    ("n", &counted(cause).to_string()),
                ];
                fill(lang, "console.needs.cause", &with)
            })
            .collect();
        let with = [
            ("of", &*of.to_string()),
            ("n", &n.to_string()),
            ("causes", &causes.join(text(lang, "console.needs.and"))),
        ];
        let mut words = fill(lang, "console.needs.sentence", &with);
        if line.grave > 0 {
            let grave = [("n", &*line.grave.to_string())];
            words.push_str(&fill(lang, "console.needs.grave", &grave));
        }
        words
    }
}

#[cfg(test)]
mod tests;
