//! What supervisor and officer said of a suspected gap, and whose turn it is.
//! Apart because phone, queue and record page must name the same stage of the same gap.

use super::{Facts, Noted};
use crate::domain::event::{EventRef, Explained, Reviewed, Verdict};
use crate::id::{RuleId, StepId};

/// What was said of what one rule found at one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// The latest question.
    pub asked: Option<Noted<Reviewed>>,
    /// The latest explanation.
    pub explained: Option<Noted<Explained>>,
    /// The latest finding: upheld or dismissed. A question after it opens the matter again.
    pub judged: Option<Noted<Reviewed>>,
}

impl Review {
    pub(super) fn said(&mut self, noted: Noted<Reviewed>) {
        match noted.value.verdict {
            Verdict::Asked => {
                self.asked = Some(noted);
                self.judged = None;
            }
            Verdict::Upheld | Verdict::Dismissed => self.judged = Some(noted),
        }
    }
}

/// Where a suspected gap stands between supervisor and officer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nobody has said anything: it is the supervisor's turn.
    New,
    /// The officer is asked to explain.
    Asked,
    /// The officer explained: it is the supervisor's turn.
    Explained,
    /// The record went back to be corrected.
    Returned,
    /// It was handed in again and the gap is still found: it is the supervisor's turn.
    Resubmitted,
    /// A supervisor found that it is one.
    Upheld,
    /// A supervisor found that it is none, and said why.
    Dismissed,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::Asked,
        Self::Explained,
        Self::Returned,
        Self::Resubmitted,
        Self::Upheld,
        Self::Dismissed,
    ];

    /// The code in storage and in message keys.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Asked => "asked",
            Self::Explained => "explained",
            Self::Returned => "returned",
            Self::Resubmitted => "resubmitted",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }
}

impl Facts {
    pub(super) fn review_mut(&mut self, step: &StepId, rule: &RuleId) -> &mut Review {
        self.reviews
            .entry((step.clone(), rule.clone()))
            .or_default()
    }

    /// What was said of what this rule found at this step.
    #[must_use]
    pub fn review(&self, step: &StepId, rule: &RuleId) -> Option<&Review> {
        self.reviews.get(&(step.clone(), rule.clone()))
    }

    /// Where an event stands in the reading order.
    fn nth(&self, place: EventRef) -> Option<usize> {
        self.timeline.iter().position(|entry| entry.place == place)
    }

    fn nth_of<T>(&self, noted: Option<&Noted<T>>) -> Option<usize> {
        noted.and_then(|noted| self.nth(noted.place))
    }

    /// Whether the record is with the office: handed in, and not returned since.
    #[must_use]
    pub fn is_submitted(&self) -> bool {
        let submitted = self.nth_of(self.submitted.as_ref());
        submitted.is_some() && submitted > self.nth_of(self.returned.as_ref())
    }

    /// Whether the officer is to answer: the record was returned after its hand-in, or something is asked.
    #[must_use]
    pub fn awaits_officer(&self) -> bool {
        let returned = self.returned.is_some() && !self.is_submitted();
        let mut gaps = self.reviews.keys();
        returned || gaps.any(|(step, rule)| self.stage(step, rule) == Stage::Asked)
    }

    /// Where what this rule found at this step stands. What was said last counts; a return of the record concerns the gap
    /// unless it names other steps only, and opens again what was upheld, never what was dismissed.
    #[must_use]
    pub fn stage(&self, step: &StepId, rule: &RuleId) -> Stage {
        let review = self.review(step, rule);
        let judged = review.and_then(|review| review.judged.as_ref());
        if judged.is_some_and(|judged| judged.value.verdict == Verdict::Dismissed) {
            return Stage::Dismissed;
        }
        let returned = self.returned.as_ref().filter(|returned| {
            let steps = &returned.value.steps;
            steps.is_empty() || steps.contains(step)
        });
        let back = self.nth_of(returned);
        let again = self
            .nth_of(self.submitted.as_ref())
            .filter(|_| back.is_some());
        let said = [
            (
                self.nth_of(review.and_then(|r| r.asked.as_ref())),
                Stage::Asked,
            ),
            (
                self.nth_of(review.and_then(|r| r.explained.as_ref())),
                Stage::Explained,
            ),
            (self.nth_of(judged), Stage::Upheld),
            (back, Stage::Returned),
            (again.filter(|nth| Some(*nth) > back), Stage::Resubmitted),
        ];
        let said = said
            .into_iter()
            .filter_map(|(nth, stage)| Some((nth?, stage)));
        said.max_by_key(|(nth, _)| *nth)
            .map_or(Stage::New, |(_, stage)| stage)
    }
}

#[cfg(test)]
mod tests;
