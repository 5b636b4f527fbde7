//! What stands at the end of a line with a fact: values, evidence, signatures, service.
//! Apart because these say how a thing was recorded; `fact` says what kind of thing.

use super::super::Fault;
use super::line::Line;
use super::{Read, Reader};
use crate::domain::event::{
    EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Linked, Photo, Refused, Served, SignMethod,
    Signed, SignerRole, StatementHeard, Value,
};
use crate::id::{FieldId, RecordId, StepId};
use crate::instant::Instant;
use crate::rules::procedure::{Field, FieldKind};

/// The length that a case's pictures have.
const PHOTO_BYTES: u32 = 40_000;

impl Reader<'_> {
    pub(super) fn value(&self, line: &mut Line<'_>, field: &Field) -> Read<Value> {
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

    pub(super) fn signed(&self, line: &mut Line<'_>, step: StepId) -> Read<Fact> {
        let (role, method) = if line.takes("party", "当事人") {
            (SignerRole::Party, SignMethod::Screen)
        } else if line.takes("witness", "见证人") {
            (SignerRole::Witness, SignMethod::Screen)
        } else {
            (SignerRole::Officer, SignMethod::Pin)
        };
        let name = line.word()?;
        let method = if line.takes("drawn", "手写") {
            SignMethod::Drawn
        } else if line.takes("on-paper", "纸质") {
            SignMethod::Paper
        } else {
            method
        };
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

/// A field's answer; none if the field's id is none.
pub(super) fn answered(step: &StepId, field: &str, value: Value) -> Result<Fact, ()> {
    Ok(FieldAnswered {
        step: step.clone(),
        field: FieldId::new(field).map_err(|_| ())?,
        value,
    }
    .into())
}

/// What a checklist item is answered with.
pub(super) fn item_answer(line: &mut Line<'_>) -> Read<&'static str> {
    let word = line.word()?;
    Ok(match word {
        "pass" | "合格" => "pass",
        "fail" | "不合格" => "fail",
        "na" | "不适用" => "na",
        "unchecked" | "未查" => "unchecked",
        _ => return Err(line.bad(Fault::Value, word)),
    })
}

/// `evidence photo what it shows [taken DAY TIME|unknown] [hash HEX]`. Either of the two makes it a picture in the store.
pub(super) fn evidence(line: &mut Line<'_>, step: StepId) -> Read<Fact> {
    let word = line.word()?;
    let evidence = match word {
        "recording" | "录像" => EvidenceKind::Recording,
        "party" | "当事人" => EvidenceKind::PartyConfirmation,
        "photo" | "照片" => EvidenceKind::Photo,
        "paper" | "纸质" => EvidenceKind::Paper,
        _ => return Err(line.bad(Fault::Keyword, word)),
    };
    let mut reference: Vec<&str> = Vec::new();
    let (mut taken, mut hash) = (None, None);
    while let Some(word) = line.peek() {
        if line.takes("taken", "拍于") {
            let unknown = line.takes("unknown", "不详");
            taken = Some(if unknown { None } else { Some(line.moment()?) });
        } else if line.takes("hash", "摘要") {
            hash = Some(digest(line)?);
        } else {
            line.next();
            reference.push(word);
        }
    }
    let reference = reference.join(" ");
    let has_picture = taken.is_some() || hash.is_some();
    let photo = has_picture.then(|| picture(line.number, taken.flatten(), hash));
    Ok(EvidenceAdded {
        step,
        evidence,
        reference,
        photo,
    }
    .into())
}

/// A picture of its own in every line, unless the case says that it is the same.
fn picture(line: usize, taken_at: Option<Instant>, hash: Option<[u8; 32]>) -> Photo {
    let original = hash.unwrap_or_else(|| {
        let mut own = [0; 32];
        for (byte, from) in own.iter_mut().zip(line.to_be_bytes()) {
            *byte = from;
        }
        own
    });
    Photo {
        hash: original.map(|byte| !byte),
        len: PHOTO_BYTES,
        original,
        taken_at,
        fix: None,
        place: "示例镇示例街1号".to_owned(),
    }
}

/// Hexadecimal digits, filled up with zeros.
fn digest(line: &mut Line<'_>) -> Read<[u8; 32]> {
    let word = line.word()?;
    let bad = || line.bad(Fault::Hash, word);
    let digits: Option<Vec<u8>> = word
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits
        .filter(|d| d.len() <= 64 && d.len().is_multiple_of(2))
        .ok_or_else(bad)?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = pair.iter().fold(0, |sum, digit| sum * 16 + digit);
    }
    Ok(bytes)
}

/// `linked from|leads_to 2`: another record of the case, by a number.
pub(super) fn linked(line: &mut Line<'_>) -> Read<Fact> {
    let word = line.word()?;
    let relation = match word {
        "from" | "来自" => "from",
        "leads_to" | "转至" => "leads_to",
        _ => return Err(line.bad(Fault::Keyword, word)),
    };
    let word = line.word()?;
    let number: u8 = word.parse().map_err(|_| line.bad(Fault::Number, word))?;
    Ok(Linked {
        other: RecordId::from_bytes([number; 16]),
        relation: relation.to_owned(),
    }
    .into())
}

/// The parts of a remark, between semicolons.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim)
}

/// `served DOCUMENT ; method CODE ; receiver NAME`, each part but the first optional.
pub(super) fn served(line: &mut Line<'_>, step: StepId) -> Read<Fact> {
    let mut served = Served {
        step,
        document: String::new(),
        method: "on_site".to_owned(),
        receiver: String::new(),
    };
    for (index, part) in parts(&line.words()?).enumerate() {
        match (index, part.split_once(char::is_whitespace)) {
            (0, _) => part.clone_into(&mut served.document),
            (_, Some(("method" | "方式", code))) => code.trim().clone_into(&mut served.method),
            (_, Some(("receiver" | "收件人", name))) => {
                name.trim().clone_into(&mut served.receiver)
            }
            _ => return Err(line.bad(Fault::Keyword, part)),
        }
    }
    Ok(served.into())
}

/// `heard WORDS ; answer WORDS`, the answer optional.
pub(super) fn heard(line: &mut Line<'_>, step: StepId) -> Read<Fact> {
    let mut heard = StatementHeard {
        step,
        words: String::new(),
        answer: String::new(),
    };
    for (index, part) in parts(&line.words()?).enumerate() {
        match (index, part.split_once(char::is_whitespace)) {
            (0, _) => part.clone_into(&mut heard.words),
            (_, Some(("answer" | "答复", words))) => words.trim().clone_into(&mut heard.answer),
            _ => return Err(line.bad(Fault::Keyword, part)),
        }
    }
    Ok(heard.into())
}

/// `refused REASON ; witness NAME ; recording NUMBER`, each part optional.
pub(super) fn refused(line: &mut Line<'_>, step: StepId) -> Read<Fact> {
    let mut refused = Refused {
        step,
        reason: String::new(),
        witness: None,
        recording: None,
    };
    for (index, part) in parts(&line.remark()).enumerate() {
        match (index, part.split_once(char::is_whitespace)) {
            (0, _) => part.clone_into(&mut refused.reason),
            (_, Some(("witness" | "见证人", name))) => {
                refused.witness = Some(name.trim().to_owned())
            }
            (_, Some(("recording" | "录像", number))) => {
                refused.recording = Some(number.trim().to_owned());
            }
            _ => return Err(line.bad(Fault::Keyword, part)),
        }
    }
    Ok(refused.into())
}
