//! Numbers of documents (编有号码的决定书): when two are the same number, and what a record did with its own.
//! Apart because phone and office must read the same out of the same log: a number that stood in it once is never free again.

use crate::domain::event::{EventRef, Fact, Value};
use crate::fold::{Entry, Facts};
use crate::id::{FeedId, FieldId, StepId};
use crate::instant::Instant;
use crate::rules::procedure::{DocumentKind, Field, FieldKind, Procedure, Step};
use crate::text::{Bilingual, Lang, text};

/// What two numbers are compared by: brackets, spaces and wide digits differ between a keyboard and a form, numbers do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// What stands around the number.
    pub stem: String,
    /// The last run of digits; 0 where there is none.
    pub n: u32,
}

impl Number {
    /// Reads a number as it was typed.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain: Vec<char> = text.chars().filter_map(plain).collect();
        let end = plain.iter().rposition(char::is_ascii_digit);
        let end = end.map_or(0, |at| at + 1);
        let head = plain.get(..end).unwrap_or(&[]);
        let start = head.iter().rposition(|c| !c.is_ascii_digit());
        let start = start.map_or(0, |at| at + 1);
        let digits: String = head.iter().skip(start).collect();
        let whole = |n| Self {
            stem: plain.iter().collect(),
            n,
        };
        match digits.parse() {
            // More digits than a number has, or none: the text as it stands.
            Err(_) => whole(0),
            Ok(n) => {
                let before = plain.iter().take(start);
                let after = plain.iter().skip(end);
                Self {
                    stem: before.chain(['#'].iter()).chain(after).collect(),
                    n,
                }
            }
        }
    }
}

fn plain(c: char) -> Option<char> {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        '[' | '［' | '【' | '（' | '(' => Some('〔'),
        ']' | '］' | '】' | '）' | ')' => Some('〕'),
        c if c.is_whitespace() => None,
        c => Some(c),
    }
}

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is the document's number.
    Used,
    /// Voided (作废) with a reason: the form was spoiled, or the record withdrawn.
    Voided,
    /// Another number stands in its place, and nobody said why.
    Replaced,
}

/// A number that a record has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The document that it numbers.
    pub document: DocumentKind,
    /// The step of its field.
    pub step: StepId,
    /// As it was written.
    pub number: String,
    /// The device that wrote it.
    pub feed: FeedId,
    /// When it was first written.
    pub at: Instant,
    /// Typed by hand: from a form that was printed beforehand, not from the device's block.
    pub typed: bool,
    /// What became of it.
    pub fate: Fate,
    /// Why it was voided.
    pub reason: String,
}

fn beside(field: &FieldId, what: &str) -> Option<FieldId> {
    FieldId::new(&format!("{field}.{what}")).ok()
}

/// The field beside a number that says which number was voided and why: see [`void`].
#[must_use]
pub fn voided_id(field: &FieldId) -> Option<FieldId> {
    beside(field, "voided")
}

/// The field beside a number that says whether it was typed by hand.
#[must_use]
pub fn typed_id(field: &FieldId) -> Option<FieldId> {
    beside(field, "typed")
}

/// What is recorded when a number is voided.
#[must_use]
pub fn void(number: &str, reason: &str) -> Value {
    Value::Text(format!("{number}\n{reason}"))
}

/// The fields beside the numbers of a step, for whoever shows what was recorded.
#[must_use]
pub fn fields(step: &Step) -> Vec<Field> {
    let label = |key: &str| Bilingual {
        zh: text(Lang::Zh, key).to_owned(),
        en: text(Lang::En, key).to_owned(),
    };
    let field = |id, kind, key| Field::plain(id, label(key), kind);
    let mut out = Vec::new();
    for numbered in step.fields.iter().filter(|field| field.numbered.is_some()) {
        let voided = voided_id(&numbered.id);
        out.extend(voided.map(|id| field(id, FieldKind::Long, "field.number.voided")));
        let typed = typed_id(&numbered.id);
        out.extend(typed.map(|id| field(id, FieldKind::Bool, "field.number.typed")));
    }
    out
}

/// Every number that stood in a record, in the order of the log.
#[must_use]
pub fn uses(procedure: &Procedure, facts: &Facts) -> Vec<Use> {
    let mut out = Vec::new();
    for step in &procedure.steps {
        for field in &step.fields {
            if let Some(document) = field.numbered {
                out.extend(of_field(facts, step, &field.id, document));
            }
        }
    }
    out
}

fn of_field(facts: &Facts, step: &Step, field: &FieldId, document: DocumentKind) -> Vec<Use> {
    let mut found: Vec<Use> = Vec::new();
    let (voided, typed) = (voided_id(field), typed_id(field));
    for entry in &facts.timeline {
        let Fact::FieldAnswered(answered) = &entry.event.fact else {
            continue;
        };
        if answered.step != step.id {
            continue;
        }
        let is = |id: &Option<FieldId>| id.as_ref() == Some(&answered.field);
        match &answered.value {
            Value::Text(number) if answered.field == *field && !number.is_empty() => {
                let mut each = take(&mut found, (step, document), entry, number);
                let withdrawn = withdrawn(facts, entry.place);
                each.fate = match withdrawn {
                    Some(_) => Fate::Voided,
                    None => Fate::Replaced,
                };
                each.reason = withdrawn.unwrap_or_default();
                found.push(each);
            }
            Value::Text(said) if is(&voided) => {
                let (number, reason) = said.split_once('\n').unwrap_or((said, ""));
                let mut each = take(&mut found, (step, document), entry, number);
                each.fate = Fate::Voided;
                reason.clone_into(&mut each.reason);
                found.push(each);
            }
            // It is written right after the number that it speaks of.
            Value::Bool(typed_by_hand) if is(&typed) => {
                if let Some(last) = found.last_mut() {
                    last.typed = *typed_by_hand;
                }
            }
            _ => {}
        }
    }
    settle(&mut found, facts, step, field);
    found
}

/// What stands in the record now is used, unless the record as a whole was voided.
fn settle(found: &mut [Use], facts: &Facts, step: &Step, field: &FieldId) {
    let noted = facts
        .step(step.id.as_str())
        .and_then(|known| known.fields.get(field));
    let now = match noted.map(|noted| &noted.value) {
        Some(Value::Text(number)) => Number::read(number),
        _ => Number::read(""),
    };
    for each in found {
        if let Some(record) = &facts.voided {
            if each.fate != Fate::Voided {
                each.reason.clone_from(&record.value.reason);
            }
            each.fate = Fate::Voided;
        } else if Number::read(&each.number) == now {
            each.fate = Fate::Used;
        }
    }
}

/// The number's own entry, taken out to be put last again; the same number again is no second one.
fn take(
    found: &mut Vec<Use>,
    (step, document): (&Step, DocumentKind),
    entry: &Entry,
    number: &str,
) -> Use {
    let read = Number::read(number);
    let known = found
        .iter()
        .position(|each| Number::read(&each.number) == read);
    match known {
        Some(at) => found.remove(at),
        None => Use {
            document,
            step: step.id.clone(),
            number: number.to_owned(),
            feed: entry.place.feed,
            at: entry.event.recorded_at,
            typed: false,
            fate: Fate::Replaced,
            reason: String::new(),
        },
    }
}

/// Why this event was withdrawn, if it was.
fn withdrawn(facts: &Facts, place: EventRef) -> Option<String> {
    facts.withdrawn.contains(&place).then(|| {
        let mut reasons = facts.timeline.iter().filter_map(|e| match &e.event.fact {
            Fact::Amended(amended) if amended.target == place => Some(amended.reason.clone()),
            _ => None,
        });
        reasons.next_back().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests;
