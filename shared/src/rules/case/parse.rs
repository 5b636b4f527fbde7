//! Reading a case line by line; every keyword exists in English and in Chinese.
//! Apart because errors carry line and column, which is most of the work.

mod fact;
mod line;

use super::{BadCase, Case, ExpectedGap, ExpectedOpen, Fault, MAX_CASE_BYTES};
use crate::domain::event::EventRef;
use crate::domain::reference::{Certificate, Officer};
use crate::id::{FeedId, OfficerId, RuleId, UnitId};
use crate::instant::{Instant, Interval};
use crate::rules::calendar::{Calendar, shipped_years};
use crate::rules::gap::{GapState, Severity};
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::procedure::Procedure;
use line::Line;
use std::collections::BTreeMap;

const FEED: FeedId = FeedId::from_bytes([1; 16]);
const UNIT: UnitId = UnitId::from_bytes([1; 16]);

type Read<T> = Result<T, BadCase>;

struct Reader<'p> {
    case: Case<'p>,
    procedures: &'p [Procedure],
    people: BTreeMap<String, OfficerId>,
    labels: BTreeMap<String, EventRef>,
    now: Option<Interval>,
    expects: bool,
}

pub(super) fn parse<'p>(text: &str, procedures: &'p [Procedure]) -> Read<Case<'p>> {
    let top = Line {
        text: "",
        number: 1,
        read: 0,
    };
    if text.len() > MAX_CASE_BYTES {
        return Err(top.fault_at(0, Fault::TooLong, ""));
    }
    let first = procedures
        .first()
        .ok_or_else(|| top.fault_at(0, Fault::Procedure, ""))?;
    let mut reader = Reader::new(first, procedures);
    let mut last = 1;
    for (index, text) in text.lines().enumerate() {
        last = index + 1;
        let shown = text.split_once('#').map_or(text, |(before, _)| before);
        let mut line = Line {
            text: shown,
            number: last,
            read: 0,
        };
        if line.peek().is_some() {
            reader.line(&mut line)?;
        }
    }
    let end = Line {
        text: "",
        number: last,
        read: 0,
    };
    reader.case.now = reader.now.ok_or_else(|| end.fault_at(0, Fault::AsOf, ""))?;
    if !reader.expects {
        return Err(end.fault_at(0, Fault::Expect, ""));
    }
    Ok(reader.case)
}

impl<'p> Reader<'p> {
    fn new(procedure: &'p Procedure, procedures: &'p [Procedure]) -> Self {
        Self {
            case: Case {
                title: String::new(),
                law: String::new(),
                procedure,
                officers: BTreeMap::new(),
                calendar: Calendar::shipped(),
                jurisdiction: Jurisdiction::default(),
                subject: None,
                power: Vec::new(),
                checklist: None,
                elsewhere: None,
                entries: Vec::new(),
                now: Interval::exactly(Instant::from_millis(0)),
                gaps: Vec::new(),
                open: None,
            },
            procedures,
            people: BTreeMap::new(),
            labels: BTreeMap::new(),
            now: None,
            expects: false,
        }
    }

    fn line(&mut self, line: &mut Line<'_>) -> Read<()> {
        if line
            .peek()
            .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        {
            return self.fact(line);
        }
        let word = line.word()?;
        match word {
            "title" | "题目" => self.case.title = line.words()?,
            "law" | "依据" => self.case.law = line.words()?,
            "procedure" | "程序" => self.procedure(line)?,
            "calendar" | "日历" => self.calendar(line)?,
            "officer" | "人员" => self.officer(line)?,
            "unlisted" | "册外" => {
                let name = line.word()?;
                self.person(name);
            }
            "as-of" | "截至" => {
                let (earliest, latest) = line.range()?;
                self.now = Some(Interval { earliest, latest });
            }
            "expect" | "应有" => self.expect(line)?,
            "open" | "待办" => self.open(line)?,
            _ => return Err(line.bad(Fault::Keyword, word)),
        }
        line.end()
    }

    fn procedure(&mut self, line: &mut Line<'_>) -> Read<()> {
        let id = line.word()?;
        let found = self.procedures.iter().find(|p| p.id.as_str() == id);
        self.case.procedure = found.ok_or_else(|| line.bad(Fault::Procedure, id))?;
        Ok(())
    }

    fn calendar(&mut self, line: &mut Line<'_>) -> Read<()> {
        let mut years = Vec::new();
        if !line.takes("none", "无") {
            while let Some(word) = line.next() {
                let year: i16 = word.parse().map_err(|_| line.bad(Fault::Date, word))?;
                years.push(year);
            }
        }
        let known = shipped_years()
            .into_iter()
            .filter(|y| years.contains(&y.year));
        self.case.calendar = Calendar::new(known);
        Ok(())
    }

    fn person(&mut self, name: &str) -> OfficerId {
        let next = u8::try_from(self.people.len() + 1).unwrap_or(u8::MAX);
        *self
            .people
            .entry(name.to_owned())
            .or_insert(OfficerId::from_bytes([next; 16]))
    }

    fn known(&self, line: &Line<'_>, name: &str) -> Read<OfficerId> {
        self.people
            .get(name)
            .copied()
            .ok_or_else(|| line.bad(Fault::Person, name))
    }

    fn officer(&mut self, line: &mut Line<'_>) -> Read<()> {
        let name = line.word()?;
        let id = self.person(name);
        let auxiliary = line.takes("auxiliary", "辅助");
        let mut certificates = Vec::new();
        while line.takes("certificate", "证件") {
            let valid_from = line.date()?;
            if !line.takes("..", "至") {
                return Err(line.missing());
            }
            certificates.push(Certificate {
                number: format!("示例-{}", certificates.len() + 1),
                valid_from,
                valid_to: line.date()?,
            });
        }
        let officer = Officer {
            id,
            name: name.to_owned(),
            unit: UNIT,
            auxiliary,
            certificates,
            pin: None,
        };
        self.case.officers.insert(id, officer);
        Ok(())
    }

    fn rule(&self, line: &mut Line<'_>) -> Read<RuleId> {
        let word = line.word()?;
        let mut rules = self.case.procedure.rules.iter();
        let found = rules.find(|rule| rule.id.as_str() == word);
        found
            .map(|rule| rule.id.clone())
            .ok_or_else(|| line.bad(Fault::Rule, word))
    }

    fn expect(&mut self, line: &mut Line<'_>) -> Read<()> {
        self.expects = true;
        if line.takes("none", "无") {
            return Ok(());
        }
        let rule = self.rule(line)?;
        let state = state(line)?;
        let severity = severity(line)?;
        let block = line.takes("block", "阻断");
        let deadline = line.until()?;
        self.case.gaps.push(ExpectedGap {
            rule,
            state,
            severity,
            block,
            deadline,
        });
        Ok(())
    }

    fn open(&mut self, line: &mut Line<'_>) -> Read<()> {
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
}

fn state(line: &mut Line<'_>) -> Read<GapState> {
    let word = line.word()?;
    Ok(match word {
        "missing" | "缺失" => GapState::Missing,
        "claimed" | "无证明" => GapState::Claimed,
        "late" | "逾期" => GapState::Late,
        "out_of_order" | "颠倒" => GapState::OutOfOrder,
        "invalid" | "不符" => GapState::Invalid,
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
