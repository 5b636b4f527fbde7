//! The lines of a case that say what must be found.
//! Apart because they are compared with the answer; the other lines are its question.

use super::super::{ExpectedGap, ExpectedMark, ExpectedOpen, Fault};
use super::line::Line;
use super::{Read, Reader};
use crate::id::RuleId;
use crate::rules::gap::{Cure, GapState, MarkKind, Severity};
use crate::rules::procedure::Citation;

impl Reader<'_> {
    fn rule(&self, line: &mut Line<'_>) -> Read<RuleId> {
        let word = line.word()?;
        let mut rules = self.case.procedure.rules.iter();
        let found = rules.find(|rule| rule.id.as_str() == word);
        found
            .map(|rule| rule.id.clone())
            .ok_or_else(|| line.bad(Fault::Rule, word))
    }

    pub(super) fn expect(&mut self, line: &mut Line<'_>) -> Read<()> {
        self.expects = true;
        if line.takes("none", "无") {
            return Ok(());
        }
        let rule = self.rule(line)?;
        let state = state(line)?;
        let severity = severity(line)?;
        let mut gap = ExpectedGap {
            rule,
            state,
            severity,
            block: line.takes("block", "阻断"),
            cure: None,
            basis: None,
            deadline: None,
        };
        if line.takes("cure", "补救") {
            gap.cure = Some(cure(line)?);
        }
        if line.takes("basis", "依据") {
            gap.basis = Some(citation(line)?);
        }
        gap.deadline = line.until()?;
        self.case.gaps.push(gap);
        Ok(())
    }

    pub(super) fn open(&mut self, line: &mut Line<'_>) -> Read<()> {
        let none = line.takes("none", "无");
        let expected = if none {
            None
        } else {
            Some(ExpectedOpen {
                rule: self.rule(line)?,
                deadline: line.until()?,
            })
        };
        self.case.open.get_or_insert_default().extend(expected);
        Ok(())
    }

    pub(super) fn mark(&mut self, line: &mut Line<'_>) -> Read<()> {
        let none = line.takes("none", "无");
        let expected = if none {
            None
        } else {
            let word = line.word()?;
            let step = self.case.procedure.step(word);
            let step = step.ok_or_else(|| line.bad(Fault::Step, word))?.id.clone();
            let kind = mark_kind(line)?;
            Some(ExpectedMark { step, kind })
        };
        self.case.marks.get_or_insert_default().extend(expected);
        Ok(())
    }
}

fn state(line: &mut Line<'_>) -> Read<GapState> {
    let word = line.word()?;
    Ok(match word {
        "missing" | "缺失" => GapState::Missing,
        "claimed" | "无证明" => GapState::Claimed,
        "late" | "逾期" => GapState::Late,
        "out_of_order" | "颠倒" => GapState::OutOfOrder,
        "invalid" | "不符" => GapState::Invalid,
        "beyond_power" | "越权" => GapState::BeyondPower,
        _ => return Err(line.bad(Fault::State, word)),
    })
}

fn severity(line: &mut Line<'_>) -> Read<Severity> {
    let word = line.word()?;
    Ok(match word {
        "G0" => Severity::G0,
        "G1" => Severity::G1,
        "G2" => Severity::G2,
        "G3" => Severity::G3,
        "G4" => Severity::G4,
        _ => return Err(line.bad(Fault::Severity, word)),
    })
}

fn cure(line: &mut Line<'_>) -> Read<Cure> {
    let word = line.word()?;
    Ok(match word {
        "on-site" | "现场" => Cure::OnSite,
        "before-decision" | "决定前" => Cure::BeforeDecision,
        "correction" | "补正" => Cure::Correction,
        "none" | "无" => Cure::None,
        _ => return Err(line.bad(Fault::Cure, word)),
    })
}

/// A law's short name and, unless the document has none, the article.
fn citation(line: &mut Line<'_>) -> Read<Citation> {
    let law = line.word()?.to_owned();
    let numbered = line
        .peek()
        .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let article = if numbered { line.word()? } else { "" };
    let article = article.to_owned();
    Ok(Citation { law, article })
}

fn mark_kind(line: &mut Line<'_>) -> Read<MarkKind> {
    let word = line.word()?;
    Ok(match word {
        "burst" | "扎堆" => MarkKind::Burst,
        "late-entry" | "补录" => MarkKind::LateEntry,
        "late-entry-unexplained" | "补录无因" => MarkKind::LateEntryUnexplained,
        _ => return Err(line.bad(Fault::Mark, word)),
    })
}
