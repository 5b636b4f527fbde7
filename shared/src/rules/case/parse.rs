//! Reading a case line by line; every keyword exists in English and in Chinese.
//! Apart because errors carry line and column, which is most of the work.

use super::{BadCase, Case, ExpectedGap, ExpectedOpen, Fault, MAX_CASE_BYTES};
use crate::domain::event::{
    Amended, Approved, Event, EventRef, EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Opened,
    Outcome, Refused, Returned, Served, SignMethod, Signed, SignerRole, StatementHeard,
    StepRecorded, Submitted, Value, Voided,
};
use crate::domain::reference::{Certificate, Officer};
use crate::fold::Entry;
use crate::id::{FeedId, OfficerId, RuleId, StepId, UnitId};
use crate::instant::{Instant, Interval};
use crate::rules::calendar::{Calendar, shipped_years};
use crate::rules::gap::{Deadline, GapState, Severity};
use crate::rules::procedure::{Field, FieldKind, Procedure, Step};
use jiff::civil::Date;
use std::collections::BTreeMap;

const FEED: FeedId = FeedId::from_bytes([1; 16]);
const UNIT: UnitId = UnitId::from_bytes([1; 16]);

type Read<T> = Result<T, BadCase>;

/// A line as words with their columns, read from left to right.
struct Line<'t> {
    text: &'t str,
    number: usize,
    /// Bytes already read.
    read: usize,
}

impl<'t> Line<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.read..).unwrap_or("").trim()
    }

    fn peek(&self) -> Option<&'t str> {
        self.rest().split_whitespace().next()
    }

    fn next(&mut self) -> Option<&'t str> {
        let tail = self.text.get(self.read..).unwrap_or("");
        let lead = tail.len() - tail.trim_start().len();
        let word = tail.split_whitespace().next()?;
        self.read += lead + word.len();
        Some(word)
    }

    /// The next word, which must be there.
    fn word(&mut self) -> Read<&'t str> {
        self.next().ok_or_else(|| self.missing())
    }

    /// Everything up to the line's end, which must say something.
    fn words(&mut self) -> Read<String> {
        let rest = self.rest();
        if rest.is_empty() {
            return Err(self.missing());
        }
        self.read = self.text.len();
        Ok(rest.to_owned())
    }

    /// Everything up to the line's end, which may be empty.
    fn remark(&mut self) -> String {
        let rest = self.rest().to_owned();
        self.read = self.text.len();
        rest
    }

    /// Reads the next word if it is this keyword.
    fn takes(&mut self, english: &str, chinese: &str) -> bool {
        let hit = self
            .peek()
            .is_some_and(|word| word == english || word == chinese);
        if hit {
            self.next();
        }
        hit
    }

    fn end(&mut self) -> Read<()> {
        match self.next() {
            Some(word) => Err(self.bad(Fault::Extra, word)),
            None => Ok(()),
        }
    }

    fn missing(&self) -> BadCase {
        self.fault_at(self.text.trim_end().len(), Fault::Missing, "")
    }

    /// A fault at the word that was read last.
    fn bad(&self, what: Fault, word: &str) -> BadCase {
        self.fault_at(self.read.saturating_sub(word.len()), what, word)
    }

    fn fault_at(&self, byte: usize, what: Fault, word: &str) -> BadCase {
        BadCase {
            line: self.number,
            column: self.text.get(..byte).unwrap_or("").chars().count() + 1,
            what,
            word: word.to_owned(),
        }
    }

    fn date(&mut self) -> Read<Date> {
        let word = self.word()?;
        word.parse().map_err(|_| self.bad(Fault::Date, word))
    }

    fn time(&mut self, day: Date) -> Read<Instant> {
        let word = self.word()?;
        let bad = self.bad(Fault::Time, word);
        if word == "24:00" {
            return Ok(Instant::end_of(day));
        }
        let (hour, minute) = word.split_once(':').ok_or_else(|| bad.clone())?;
        let number = |text: &str| text.parse::<i8>().ok().filter(|n| *n >= 0);
        let time = number(hour).zip(number(minute));
        let time = time
            .and_then(|(h, m)| jiff::civil::Time::new(h, m, 0, 0).ok())
            .ok_or(bad)?;
        Ok(Instant::from_civil(day.to_datetime(time)))
    }

    fn moment(&mut self) -> Read<Instant> {
        let day = self.date()?;
        self.time(day)
    }

    /// A moment; a date alone is 24:00 of it.
    fn end_moment(&mut self) -> Read<Instant> {
        let day = self.date()?;
        let timed = self.peek().is_some_and(|word| word.contains(':'));
        if timed {
            self.time(day)
        } else {
            Ok(Instant::end_of(day))
        }
    }

    /// One moment, or two with `..` between.
    fn range(&mut self) -> Read<(Instant, Instant)> {
        let earliest = self.end_moment()?;
        let latest = if self.takes("..", "至") {
            self.end_moment()?
        } else {
            earliest
        };
        Ok((earliest, latest.max(earliest)))
    }

    fn until(&mut self) -> Read<Option<Deadline>> {
        if !self.takes("until", "期限") {
            return Ok(None);
        }
        let (earliest, latest) = self.range()?;
        Ok(Some(Deadline { earliest, latest }))
    }
}

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

    /// `2026-11-23 09:05 [entered 2026-11-24 08:00] what … [label]`
    fn fact(&mut self, line: &mut Line<'_>) -> Read<()> {
        let at = line.moment()?;
        let entered = if line.takes("entered", "补录") {
            Some(line.moment()?)
        } else {
            None
        };
        let seq = u64::try_from(self.case.entries.len() + 1).unwrap_or(u64::MAX);
        let place = EventRef {
            feed: FEED,
            seq,
            index: 0,
        };
        let trimmed = line.text.trim_end();
        if let Some((before, label)) = trimmed.strip_suffix(']').and_then(|t| t.rsplit_once('[')) {
            self.labels.insert(label.trim().to_owned(), place);
            line.text = before;
        }
        let fact = self.what(line)?;
        line.end()?;
        let event = Event {
            recorded_at: entered.unwrap_or(at),
            happened_at: entered.map(|_| at),
            fact,
        };
        let officer = OfficerId::from_bytes([0; 16]);
        self.case.entries.push(Entry {
            place,
            officer,
            event,
        });
        Ok(())
    }

    fn what(&mut self, line: &mut Line<'_>) -> Read<Fact> {
        let word = line.word()?;
        Ok(match word {
            "opened" | "建立" => self.opened(line)?.into(),
            "submitted" | "提交" => Submitted {
                note: line.remark(),
            }
            .into(),
            "returned" | "退回" => Returned {
                steps: Vec::new(),
                comment: line.words()?,
            }
            .into(),
            "voided" | "作废" => Voided {
                reason: line.words()?,
            }
            .into(),
            "withdrawn" | "撤回" => {
                let label = line.word()?;
                let target = self.labels.get(label).copied();
                let target = target.ok_or_else(|| line.bad(Fault::Label, label))?;
                Amended {
                    target,
                    reason: line.words()?,
                }
                .into()
            }
            _ => {
                let step = self.case.procedure.step(word);
                let step = step.ok_or_else(|| line.bad(Fault::Step, word))?;
                self.of_step(line, step)?
            }
        })
    }

    fn opened(&self, line: &mut Line<'_>) -> Read<Opened> {
        let mut officers = Vec::new();
        let mut urgent = None;
        while line.peek().is_some() {
            if line.takes("urgent", "紧急") {
                urgent = Some(line.words()?);
            } else {
                let name = line.word()?;
                officers.push(self.known(line, name)?);
            }
        }
        Ok(Opened {
            procedure: self.case.procedure.id.clone(),
            version: self.case.procedure.version,
            unit: UNIT,
            subject: None,
            subject_name: "示例商店".to_owned(),
            place: "示例镇示例街1号".to_owned(),
            matter: "M01".to_owned(),
            task: None,
            urgent,
            officers,
        })
    }

    fn of_step(&self, line: &mut Line<'_>, step: &Step) -> Read<Fact> {
        let id = step.id.clone();
        let word = line.word()?;
        let ended = |step, outcome, note| {
            StepRecorded {
                step,
                outcome,
                note,
            }
            .into()
        };
        Ok(match word {
            "done" | "完成" => ended(id, Outcome::Done, line.remark()),
            "not-done" | "未做" => ended(id, Outcome::NotDone, line.words()?),
            "not-applicable" | "不适用" => ended(id, Outcome::NotApplicable, line.words()?),
            "approved" | "批准" => self.approved(line, id, true)?,
            "denied" | "不批准" => self.approved(line, id, false)?,
            "field" | "填写" => self.field(line, step)?,
            "evidence" | "证明" => evidence(line, id)?,
            "signed" | "签名" => self.signed(line, id)?,
            "refused" | "拒签" => refused(line, id)?,
            "served" | "送达" => Served {
                step: id,
                document: line.words()?,
                method: "on_site".to_owned(),
                receiver: String::new(),
            }
            .into(),
            "heard" | "陈述" => StatementHeard {
                step: id,
                words: line.words()?,
                answer: String::new(),
            }
            .into(),
            _ => return Err(line.bad(Fault::Keyword, word)),
        })
    }

    fn approved(&self, line: &mut Line<'_>, step: StepId, granted: bool) -> Read<Fact> {
        let name = line.word()?;
        let approver = self.known(line, name)?;
        Ok(Approved {
            step,
            approver,
            granted,
            note: line.remark(),
        }
        .into())
    }

    fn field(&self, line: &mut Line<'_>, step: &Step) -> Read<Fact> {
        let word = line.word()?;
        let field = step.fields.iter().find(|f| f.id.as_str() == word);
        let field = field.ok_or_else(|| line.bad(Fault::Field, word))?;
        let value = self.value(line, field)?;
        Ok(FieldAnswered {
            step: step.id.clone(),
            field: field.id.clone(),
            value,
        }
        .into())
    }

    fn value(&self, line: &mut Line<'_>, field: &Field) -> Read<Value> {
        Ok(match field.kind {
            FieldKind::Text | FieldKind::Long => Value::Text(line.words()?),
            FieldKind::At => Value::At(line.moment()?),
            FieldKind::Choice => {
                let code = line.word()?;
                if !field.choices.iter().any(|choice| choice.code == code) {
                    return Err(line.bad(Fault::Value, code));
                }
                Value::Choice(code.to_owned())
            }
            FieldKind::Officers => {
                let mut officers = Vec::new();
                while let Some(name) = line.next() {
                    officers.push(self.known(line, name)?);
                }
                Value::Officers(officers)
            }
            FieldKind::Bool => match line.word()? {
                "yes" | "是" => Value::Bool(true),
                "no" | "否" => Value::Bool(false),
                other => return Err(line.bad(Fault::Value, other)),
            },
        })
    }

    fn signed(&self, line: &mut Line<'_>, step: StepId) -> Read<Fact> {
        let (role, method) = if line.takes("party", "当事人") {
            (SignerRole::Party, SignMethod::Screen)
        } else if line.takes("witness", "见证人") {
            (SignerRole::Witness, SignMethod::Screen)
        } else {
            (SignerRole::Officer, SignMethod::Pin)
        };
        let name = line.word()?;
        let officer = match role {
            SignerRole::Officer => Some(self.known(line, name)?),
            SignerRole::Party | SignerRole::Witness => None,
        };
        Ok(Signed {
            step,
            role,
            officer,
            name: name.to_owned(),
            method,
            document: None,
        }
        .into())
    }
}

fn evidence(line: &mut Line<'_>, step: StepId) -> Read<Fact> {
    let word = line.word()?;
    let evidence = match word {
        "recording" | "录像" => EvidenceKind::Recording,
        "party" | "当事人" => EvidenceKind::PartyConfirmation,
        "photo" | "照片" => EvidenceKind::Photo,
        "paper" | "纸质" => EvidenceKind::Paper,
        _ => return Err(line.bad(Fault::Keyword, word)),
    };
    Ok(EvidenceAdded {
        step,
        evidence,
        reference: line.remark(),
    }
    .into())
}

/// `refused REASON ; witness NAME ; recording NUMBER`, each part optional.
fn refused(line: &mut Line<'_>, step: StepId) -> Read<Fact> {
    let rest = line.remark();
    let mut parts = rest.split([';', '；']).map(str::trim);
    let reason = parts.next().unwrap_or("").to_owned();
    let (mut witness, mut recording) = (None, None);
    for part in parts {
        match part.split_once(char::is_whitespace) {
            Some(("witness" | "见证人", name)) => witness = Some(name.trim().to_owned()),
            Some(("recording" | "录像", number)) => recording = Some(number.trim().to_owned()),
            _ => return Err(line.bad(Fault::Keyword, part)),
        }
    }
    Ok(Refused {
        step,
        reason,
        witness,
        recording,
    }
    .into())
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
