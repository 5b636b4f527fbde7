//! Reading a case line by line; every keyword exists in English and in Chinese.
//! Apart because errors carry line and column, which is most of the work.

mod beside;
mod expect;
mod fact;
mod line;
mod value;

use super::{BadCase, Case, Fault, MAX_CASE_BYTES};
use crate::domain::event::EventRef;
use crate::domain::reference::{Certificate, Officer};
use crate::id::{FeedId, OfficerId, UnitId};
use crate::instant::{Instant, Interval};
use crate::rules::calendar::{Calendar, shipped_years};
use crate::rules::jurisdiction::{Jurisdiction, LocalFlag};
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
    /// Lines with facts so far: each becomes a commit of its own.
    commits: u64,
    matter: Option<String>,
    /// Whether a line says what the power list has.
    power: bool,
    flags: Option<Vec<LocalFlag>>,
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
    let first = procedures.first();
    let first = first.and_then(|p| newest(procedures, p.id.as_str()));
    let first = first.ok_or_else(|| top.fault_at(0, Fault::Procedure, ""))?;
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
    Ok(reader.finish())
}

/// The newest version of a procedure.
fn newest<'p>(procedures: &'p [Procedure], id: &str) -> Option<&'p Procedure> {
    let versions = procedures.iter().filter(|p| p.id.as_str() == id);
    versions.max_by_key(|p| p.version)
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
                marks: None,
            },
            procedures,
            people: BTreeMap::new(),
            labels: BTreeMap::new(),
            commits: 0,
            matter: None,
            power: false,
            flags: None,
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
            "mark" | "标记" => self.mark(line)?,
            "party" | "当事人类型" => self.party(line)?,
            "matter" | "事项" => self.matter = Some(line.word()?.to_owned()),
            "power" | "权力" => self.power(line)?,
            "article" | "条文" => self.article(line)?,
            "jurisdiction" | "地区" => self.jurisdiction(line)?,
            "duties" | "地区要求" => self.duties(line)?,
            "checklist" | "清单" => self.checklist(line)?,
            "elsewhere" | "另案" => self.elsewhere(line)?,
            _ => return Err(line.bad(Fault::Keyword, word)),
        }
        line.end()
    }

    /// `XZJC`, the newest version, or `XZJC@1`.
    fn procedure(&mut self, line: &mut Line<'_>) -> Read<()> {
        let word = line.word()?;
        let found = match word.split_once('@') {
            None => newest(self.procedures, word),
            Some((id, version)) => {
                let is_it =
                    |p: &&Procedure| p.id.as_str() == id && version.parse() == Ok(p.version);
                self.procedures.iter().find(is_it)
            }
        };
        self.case.procedure = found.ok_or_else(|| line.bad(Fault::Procedure, word))?;
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
}
