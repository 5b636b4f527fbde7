//! Where an answer differs from what a case expects, in the words of a case.
//! Apart because it is comparing and printing, while the case itself is data.

use super::{Case, ExpectedGap, ExpectedMark, ExpectedOpen};
use crate::id::RuleId;
use crate::instant::Instant;
use crate::rules::gap::{
    Assessment, Cure, Deadline, Gap, GapState, Mark, MarkKind, Open, Severity,
};
use crate::rules::procedure::Citation;
use std::fmt;

impl Case<'_> {
    /// Where the answer differs from what is expected: `+` found but not expected, `-` expected but not found.
    #[must_use]
    pub fn differences(&self, found: &Assessment) -> Vec<String> {
        let mut lines = Vec::new();
        diff(&self.gaps, &found.gaps, &mut lines);
        if let Some(open) = &self.open {
            diff(open, &found.open, &mut lines);
        }
        if let Some(marks) = &self.marks {
            diff(marks, &found.marks, &mut lines);
        }
        lines
    }
}

/// An expectation and what it is compared with.
trait Expectation: fmt::Display {
    type Found;
    fn is_met_by(&self, found: &Self::Found) -> bool;
    /// What was found, in as much detail as the expectations that are left ask for.
    fn shown(found: &Self::Found, left: &[&Self]) -> String;
}

impl Expectation for ExpectedGap {
    type Found = Gap;

    fn is_met_by(&self, found: &Gap) -> bool {
        let cites = |citation| found.basis.first() == Some(citation);
        self.rule == found.rule
            && self.state == found.state
            && self.severity == found.severity
            && self.block == found.block
            && self.cure.is_none_or(|cure| cure == found.cure)
            && self.basis.as_ref().is_none_or(cites)
            && (self.deadline.is_none() || self.deadline == found.deadline)
    }

    fn shown(found: &Gap, left: &[&Self]) -> String {
        let same: Vec<_> = left.iter().filter(|e| e.rule == found.rule).collect();
        let basis = found.basis.first();
        Self {
            rule: found.rule.clone(),
            state: found.state,
            severity: found.severity,
            block: found.block,
            cure: Some(found.cure).filter(|_| same.iter().any(|e| e.cure.is_some())),
            basis: basis
                .filter(|_| same.iter().any(|e| e.basis.is_some()))
                .cloned(),
            deadline: found.deadline,
        }
        .to_string()
    }
}

impl Expectation for ExpectedOpen {
    type Found = Open;

    fn is_met_by(&self, found: &Open) -> bool {
        self.rule == found.rule && (self.deadline.is_none() || self.deadline == found.deadline)
    }

    fn shown(found: &Open, _: &[&Self]) -> String {
        found.to_string()
    }
}

impl Expectation for ExpectedMark {
    type Found = Mark;

    fn is_met_by(&self, found: &Mark) -> bool {
        self.step == found.step && self.kind == found.kind
    }

    fn shown(found: &Mark, _: &[&Self]) -> String {
        let (step, kind) = (found.step.clone(), found.kind);
        Self { step, kind }.to_string()
    }
}

fn diff<E: Expectation>(expected: &[E], found: &[E::Found], into: &mut Vec<String>) {
    let mut left: Vec<&E> = expected.iter().collect();
    let mut over = Vec::new();
    for found in found {
        match left.iter().position(|e| e.is_met_by(found)) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => over.push(found),
        }
    }
    into.extend(
        over.into_iter()
            .map(|f| format!("+ {}", E::shown(f, &left))),
    );
    into.extend(left.iter().map(|e| format!("- {e}")));
}

impl fmt::Display for ExpectedGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_gap(f, (&self.rule, self.state, self.severity, self.block))?;
        if let Some(cure) = self.cure {
            write!(f, " cure {}", cure_word(cure))?;
        }
        if let Some(Citation { law, article }) = &self.basis {
            write!(f, " basis {law} {article}")?;
        }
        write_until(f, self.deadline)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_gap(f, (&self.rule, self.state, self.severity, self.block))?;
        write_until(f, self.deadline)
    }
}

impl fmt::Display for ExpectedOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "open {}", self.rule)?;
        write_until(f, self.deadline)
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "open {}", self.rule)?;
        write_until(f, self.deadline)
    }
}

impl fmt::Display for ExpectedMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            MarkKind::Burst => "burst",
            MarkKind::LateEntry => "late-entry",
            MarkKind::LateEntryUnexplained => "late-entry-unexplained",
        };
        write!(f, "mark {} {kind}", self.step)
    }
}

const fn cure_word(cure: Cure) -> &'static str {
    match cure {
        Cure::OnSite => "on-site",
        Cure::BeforeDecision => "before-decision",
        Cure::Correction => "correction",
        Cure::None => "none",
    }
}

fn write_gap(
    f: &mut fmt::Formatter<'_>,
    (rule, state, severity, block): (&RuleId, GapState, Severity, bool),
) -> fmt::Result {
    let block = if block { " block" } else { "" };
    write!(f, "expect {rule} {} {severity:?}{block}", state.code())
}

fn write_until(f: &mut fmt::Formatter<'_>, deadline: Option<Deadline>) -> fmt::Result {
    let plain = |at: Instant| at.civil().strftime("%Y-%m-%d %H:%M");
    match deadline {
        None => Ok(()),
        Some(d) if d.earliest == d.latest => write!(f, " until {}", plain(d.latest)),
        Some(d) => write!(f, " until {} .. {}", plain(d.earliest), plain(d.latest)),
    }
}
