//! Two grades of a file: the legal one, by its gravest standing gap, and the review points (案卷评查), by a scheme that is data.
//! Apart because how a file is scored is a county's to set, and what the law makes of a gap is not.

use crate::data::{self, BadData};
use crate::fold::{Facts, Stage};
use crate::id::{ProcedureId, RuleId, StepId};
use crate::rules::gap::{Gap, GapState, Severity};
use crate::rules::procedure::{Citation, Confidence};
use crate::text::Bilingual;
use serde::Deserialize;

/// A scheme for scoring files. Read by `data`, which sees to it that every grade of gap costs something or says that it does not,
/// and that the bands reach down to 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// Such as `penalty-sample`.
    pub id: String,
    /// Grows with each change.
    pub version: u32,
    /// Its name.
    pub name: Bilingual,
    /// Where it comes from.
    pub source: Bilingual,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// Whose files it scores.
    pub procedures: Vec<ProcedureId>,
    /// Points of a file without fault.
    pub start: u32,
    /// What alone takes all points (基础标准).
    pub zero: Vec<Zero>,
    /// What a gap of each grade costs, where nothing else is said of its rule.
    pub grades: Vec<ByGrade>,
    /// Rules that cost something else.
    pub items: Vec<Item>,
    /// Bands, the best first; the last begins at 0.
    pub bands: Vec<Band>,
}

/// A base item: a file that fails it has no points.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zero {
    /// Its name.
    pub name: Bilingual,
    /// Gaps of these rules fail it.
    #[serde(default)]
    pub rules: Vec<RuleId>,
    /// So do gaps of these grades.
    #[serde(default)]
    pub severities: Vec<Severity>,
}

/// What gaps of a grade cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByGrade {
    /// Which grade.
    pub severity: Severity,
    /// Each so much.
    pub points: u32,
    /// Together at most so much, rules with points of their own included.
    pub cap: u32,
}

/// What gaps of some rules cost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is about.
    pub name: Bilingual,
    /// Who scores it so.
    pub source: Bilingual,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// The rules.
    pub rules: Vec<RuleId>,
    /// Each gap so much.
    pub points: u32,
}

/// A band of points.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// In storage and addresses.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// From so many points.
    pub from: u32,
}

/// Every scheme that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schemes(Vec<Scheme>);

impl Schemes {
    /// What is shipped.
    ///
    /// # Errors
    /// [`BadData`] with the place of the first fault.
    pub fn shipped() -> Result<Self, BadData> {
        Ok(Self(data::scoring()?))
    }

    /// The scheme that scores files of this procedure; none: they have no points.
    #[must_use]
    pub fn of(&self, procedure: &str) -> Option<&Scheme> {
        let scores = |scheme: &&Scheme| scheme.procedures.iter().any(|id| *id == *procedure);
        self.0.iter().find(scores)
    }

    /// Every scheme.
    #[must_use]
    pub fn all(&self) -> &[Scheme] {
        &self.0
    }
}

/// Both grades of a file as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// What the law makes of it.
    pub legal: Legal,
    /// How it would be scored; none where no scheme scores such files.
    pub score: Option<Score>,
}

/// The legal grade (法律等级).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Legal {
    /// The gravest standing gap; none: nothing is found.
    pub worst: Option<Severity>,
    /// How many of each grade, from G0 to G4.
    pub counts: [usize; 5],
    /// How many of them no supervisor has upheld: they are only suspected.
    pub suspected: usize,
}

/// The review points (评查分).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// What is left.
    pub points: u32,
    /// The band that it falls into.
    pub band: Band,
    /// What was taken away, in the order of the gaps.
    pub deductions: Vec<Deduction>,
}

/// What one gap takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduction {
    /// The rule.
    pub rule: RuleId,
    /// The step.
    pub step: StepId,
    /// What is the matter.
    pub state: GapState,
    /// How grave.
    pub severity: Severity,
    /// Which articles say so.
    pub basis: Vec<Citation>,
    /// How many points: fewer than the scheme says where its grade's cap is reached.
    pub points: u32,
    /// Whether the cap took some of it.
    pub capped: bool,
    /// By what.
    pub why: Why,
    /// Whether a supervisor upheld it; else it is only suspected.
    pub upheld: bool,
}

/// By what a gap takes points away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A base item failed.
    Zero(Bilingual),
    /// The rule has points of its own.
    Item(Bilingual),
    /// Its grade.
    Grade,
}

/// Both grades of a file. Total, and the same for the same gaps: what a supervisor dismissed does not count, what is cured is not
/// among the gaps, and what is asked, explained or upheld counts.
#[must_use]
pub fn grade(scheme: Option<&Scheme>, gaps: &[Gap], facts: &Facts) -> Grade {
    let standing: Vec<(&Gap, bool)> = gaps
        .iter()
        .filter_map(|gap| match facts.stage(&gap.step, &gap.rule) {
            Stage::Dismissed => None,
            stage => Some((gap, stage == Stage::Upheld)),
        })
        .collect();
    Grade {
        legal: Legal::of(&standing),
        score: scheme.map(|scheme| scheme.score(&standing)),
    }
}

impl Legal {
    fn of(standing: &[(&Gap, bool)]) -> Self {
        let mut legal = Self::default();
        for (gap, upheld) in standing {
            legal.worst = legal.worst.max(Some(gap.severity));
            legal.suspected += usize::from(!upheld);
            if let Some(count) = legal.counts.get_mut(gap.severity as usize) {
                *count += 1;
            }
        }
        legal
    }
}

impl Scheme {
    fn score(&self, standing: &[(&Gap, bool)]) -> Score {
        let mut taken = [0_u32; 5];
        let mut deductions = Vec::with_capacity(standing.len());
        for (gap, upheld) in standing {
            let (asked, why) = self.costs(gap);
            let (points, capped) = match (&why, taken.get_mut(gap.severity as usize)) {
                (Why::Item(_) | Why::Grade, Some(taken)) => {
                    let points = asked.min(self.cap(gap.severity).saturating_sub(*taken));
                    *taken += points;
                    (points, points < asked)
                }
                // A base item takes everything and knows no cap.
                _ => (asked, false),
            };
            deductions.push(Deduction {
                rule: gap.rule.clone(),
                step: gap.step.clone(),
                state: gap.state,
                severity: gap.severity,
                basis: gap.basis.clone(),
                points,
                capped,
                why,
                upheld: *upheld,
            });
        }
        let lost = deductions
            .iter()
            .fold(0_u32, |sum, one| sum.saturating_add(one.points));
        let points = self.start.saturating_sub(lost);
        Score {
            points,
            band: self.band(points),
            deductions,
        }
    }

    /// What a gap costs before any cap. A base item that names the rule stands before one that names its grade.
    fn costs(&self, gap: &Gap) -> (u32, Why) {
        let by_rule = |zero: &&Zero| zero.rules.contains(&gap.rule);
        let by_grade = |zero: &&Zero| zero.severities.contains(&gap.severity);
        let mut zero = self.zero.iter();
        if let Some(zero) = zero.find(by_rule).or(self.zero.iter().find(by_grade)) {
            return (self.start, Why::Zero(zero.name.clone()));
        }
        let item = self.items.iter().find(|one| one.rules.contains(&gap.rule));
        if let Some(item) = item {
            return (item.points, Why::Item(item.name.clone()));
        }
        let grade = self.grades.iter().find(|one| one.severity == gap.severity);
        (grade.map_or(0, |one| one.points), Why::Grade)
    }

    fn cap(&self, severity: Severity) -> u32 {
        let grade = self.grades.iter().find(|one| one.severity == severity);
        grade.map_or(0, |one| one.cap)
    }

    /// The band of so many points.
    #[must_use]
    pub fn band(&self, points: u32) -> Band {
        let found = self.bands.iter().find(|band| points >= band.from);
        found.or(self.bands.last()).cloned().unwrap_or(Band {
            code: String::new(),
            name: Bilingual::default(),
            from: 0,
        })
    }
}

#[cfg(test)]
mod tests;
