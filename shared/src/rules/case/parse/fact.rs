//! The lines of a case that begin with a date: facts.
//! Apart because they become events of the log, the other lines become the case's frame.

use super::super::Fault;
use super::line::Line;
use super::value::{answered, evidence, heard, item_answer, linked, refused, served};
use super::{FEED, Read, Reader, UNIT};
use crate::domain::event::{
    Amended, Approved, Decided, Event, EventRef, Fact, FieldAnswered, Opened, Outcome, Returned,
    StepRecorded, Submitted, Value, Voided,
};
use crate::fold::Entry;
use crate::id::{OfficerId, StepId};
use crate::instant::{Instant, MINUTE_MS};
use crate::rules::procedure::{CHECKLIST, LATE_REASON, Step};

/// How a line with a fact begins.
struct Told {
    at: Instant,
    /// When it was entered, if later.
    entered: Option<Instant>,
    /// Why it was entered later.
    reason: Option<String>,
    behind_ms: i64,
}

impl Told {
    /// `2026-11-23 09:05 [entered 2026-11-24 08:00 [because no_network]] [clock-behind 15]`
    fn read(line: &mut Line<'_>) -> Read<Self> {
        let mut told = Self {
            at: line.moment()?,
            entered: None,
            reason: None,
            behind_ms: 0,
        };
        if line.takes("entered", "补录") {
            told.entered = Some(line.moment()?);
            if line.takes("because", "原因") {
                told.reason = Some(late_reason(line.word()?).to_owned());
            }
        }
        if line.takes("clock-behind", "钟慢") {
            let word = line.word()?;
            let minutes: u16 = word.parse().map_err(|_| line.bad(Fault::Number, word))?;
            told.behind_ms = i64::from(minutes) * MINUTE_MS;
        }
        Ok(told)
    }

    fn recorded_at(&self) -> Instant {
        self.entered.unwrap_or(self.at)
    }
}

fn late_reason(word: &str) -> &str {
    match word {
        "无网络" => "no_network",
        "设备故障" => "device_failure",
        "紧急处置" => "emergency",
        "其他" => "other",
        own => own,
    }
}

impl Reader<'_> {
    /// When, what and perhaps a `[label]`.
    pub(super) fn fact(&mut self, line: &mut Line<'_>) -> Read<()> {
        let told = Told::read(line)?;
        self.commits += 1;
        let seq = self.commits;
        let trimmed = line.text.trim_end();
        if let Some((before, label)) = trimmed.strip_suffix(']').and_then(|t| t.rsplit_once('[')) {
            let place = EventRef {
                feed: FEED,
                seq,
                index: 0,
            };
            self.labels.insert(label.trim().to_owned(), place);
            line.text = before;
        }
        let no_step = line.bad_next(Fault::Step);
        let facts = self.what(line)?;
        line.end()?;
        let reason = match &told.reason {
            None => None,
            Some(words) => {
                let step = facts.first().and_then(Fact::step).ok_or(no_step)?;
                answered(step, LATE_REASON, Value::Text(words.clone())).ok()
            }
        };
        let first = facts
            .into_iter()
            .map(|fact| (told.entered.map(|_| told.at), fact));
        let all = first.chain(reason.map(|fact| (None, fact)));
        for (index, (happened_at, fact)) in (0u8..).zip(all) {
            self.case.entries.push(Entry {
                place: EventRef {
                    feed: FEED,
                    seq,
                    index,
                },
                officer: OfficerId::from_bytes([0; 16]),
                event: Event {
                    recorded_at: told.recorded_at(),
                    happened_at,
                    fact,
                },
                behind_ms: told.behind_ms,
            });
        }
        Ok(())
    }

    /// The facts that a line tells: one, or an item of the checklist with its note.
    fn what(&mut self, line: &mut Line<'_>) -> Read<Vec<Fact>> {
        let word = line.word()?;
        if let Some(step) = self.case.procedure.step(word)
            && line.takes("item", "项目")
        {
            return self.item(line, step);
        }
        Ok(vec![match word {
            "opened" | "建立" => self.opened(line)?.into(),
            "submitted" | "提交" => Submitted {
                note: line.remark(),
            }
            .into(),
            "returned" | "退回" => Returned {
                steps: Vec::new(),
                comment: line.words()?,
                notes: None,
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
            "linked" | "关联" => linked(line)?,
            _ => {
                let step = self.case.procedure.step(word);
                let step = step.ok_or_else(|| line.bad(Fault::Step, word))?;
                self.of_step(line, step)?
            }
        }])
    }

    /// `item ID pass|fail|na|unchecked [note]`. Its first answer names the checklist in use.
    fn item(&self, line: &mut Line<'_>, step: &Step) -> Read<Vec<Fact>> {
        let word = line.word()?;
        let checklist = self.case.checklist.as_ref();
        let known = checklist.filter(|c| c.items.iter().any(|item| item.id.as_str() == word));
        let checklist = known.ok_or_else(|| line.bad(Fault::Item, word))?;
        let answer = item_answer(line)?;
        let note = line.remark();
        let code = |_| line.bad(Fault::Code, word);
        let mut facts =
            vec![answered(&step.id, word, Value::Choice(answer.to_owned())).map_err(code)?];
        if !note.is_empty() {
            let id = format!("{word}.note");
            facts.push(answered(&step.id, &id, Value::Text(note)).map_err(code)?);
        }
        let named = Value::Text(checklist.key());
        let first = !self.case.entries.iter().any(
            |entry| matches!(&entry.event.fact, Fact::FieldAnswered(f) if f.field == *CHECKLIST),
        );
        if first {
            facts.push(answered(&step.id, CHECKLIST, named).map_err(code)?);
        }
        Ok(facts)
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
            matter: String::new(),
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
            "served" | "送达" => served(line, id)?,
            "heard" | "陈述" => heard(line, id)?,
            "decided" | "决定" => Decided {
                step: id,
                number: line.words()?,
                content: String::new(),
                amount: None,
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
}
