//! The lines of a case that begin with a date: facts.
//! Apart because they become events of the log, the other lines become the case's frame.

use super::super::Fault;
use super::line::Line;
use super::{FEED, Read, Reader, UNIT};
use crate::domain::event::{
    Amended, Approved, Event, EventRef, EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Opened,
    Outcome, Refused, Returned, Served, SignMethod, Signed, SignerRole, StatementHeard,
    StepRecorded, Submitted, Value, Voided,
};
use crate::fold::Entry;
use crate::id::{OfficerId, StepId};
use crate::rules::procedure::{Field, FieldKind, Step};

impl Reader<'_> {
    /// `2026-11-23 09:05 [entered 2026-11-24 08:00] what … [label]`
    pub(super) fn fact(&mut self, line: &mut Line<'_>) -> Read<()> {
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
            behind_ms: 0,
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
            FieldKind::Day => Value::At(crate::instant::Instant::from_civil(
                line.date()?.at(0, 0, 0, 0),
            )),
            FieldKind::Int => {
                let word = line.word()?;
                Value::Int(word.parse().map_err(|_| line.bad(Fault::Value, word))?)
            }
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
            drawing: None,
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
        photo: None,
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
