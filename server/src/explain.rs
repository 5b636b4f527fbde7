//! Sentences about gaps and events in a language, from `shared::rules::explain`.
//! Apart so that pages print words and never make any.

use crate::assess::Judged;
use crate::html;
use crate::store::visits;
use shared::domain::event::{Fact, FieldAnswered, Returned, Value};
use shared::domain::reference::PowerItem;
use shared::fold::Stage;
use shared::id::{OfficerId, RuleId, StepId};
use shared::rules::explain::{self, Names};
use shared::rules::gap::{Because, Gap, Open};
use shared::rules::procedure::{CHECKLIST, ITEM_ANSWERS, LATE_REASON};
use shared::text::{Lang, find, text};

/// The title of a rule by its code; the code itself if there is none.
pub(crate) fn rule(lang: Lang, code: &str) -> String {
    find(lang, &format!("rule.{code}.title"))
        .unwrap_or(code)
        .to_owned()
}

/// What is the matter, by its code.
pub(crate) fn state(lang: Lang, code: &str) -> String {
    find(lang, &format!("gap.state.{code}"))
        .unwrap_or(code)
        .to_owned()
}

/// The words of a grade from 0 to 4.
pub(crate) fn severity(lang: Lang, grade: u8) -> String {
    text(lang, &format!("severity.G{grade}")).to_owned()
}

/// A gap in words.
pub(crate) fn gap(lang: Lang, gap: &Gap, names: Names<'_>) -> explain::Explained {
    explain::gap(lang, gap, names)
}

/// Something still to do, in words.
pub(crate) fn open(lang: Lang, open: &Open, names: Names<'_>) -> String {
    explain::open(lang, open, names)
}

/// A reason, in words.
pub(crate) fn because(lang: Lang, because: &Because, names: Names<'_>) -> String {
    explain::because(lang, because, names)
}

/// An officer by name.
pub(crate) fn officer<'a>(lang: Lang, id: OfficerId, names: Names<'a>) -> &'a str {
    names.officer(lang, id)
}

fn step(lang: Lang, id: &StepId, names: Names<'_>) -> String {
    names.step(lang, id).to_owned()
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" · ")
}

/// What kind of event this is.
pub(crate) fn event(lang: Lang, fact: &Fact) -> String {
    let name = fact.name();
    find(lang, &format!("event.{name}"))
        .unwrap_or(name)
        .to_owned()
}

/// What an event says beside its kind.
pub(crate) fn detail(lang: Lang, fact: &Fact, names: Names<'_>, judged: &Judged) -> String {
    match fact {
        Fact::Opened(f) => joined(&[
            &f.subject_name,
            &f.place,
            &matter(lang, &f.matter, judged.beside.power.last()),
            f.urgent.as_deref().unwrap_or(""),
        ]),
        Fact::StepRecorded(f) => joined(&[
            &step(lang, &f.step, names),
            explain::outcome(lang, f.outcome),
            &f.note,
        ]),
        Fact::FieldAnswered(f) => answered(lang, f, names, judged),
        Fact::EvidenceAdded(f) => joined(&[
            &step(lang, &f.step, names),
            explain::evidence(lang, f.evidence),
            &f.reference,
        ]),
        Fact::Signed(f) => joined(&[
            &step(lang, &f.step, names),
            explain::signer(lang, f.role),
            &f.name,
            explain::sign_method(lang, f.method),
        ]),
        Fact::Refused(f) => joined(&[
            &step(lang, &f.step, names),
            &f.reason,
            f.witness.as_deref().unwrap_or(""),
            f.recording.as_deref().unwrap_or(""),
        ]),
        Fact::StatementHeard(f) => joined(&[&step(lang, &f.step, names), &f.words, &f.answer]),
        Fact::Approved(f) => {
            let key = if f.granted {
                "console.record.granted"
            } else {
                "console.record.denied"
            };
            let by = officer(lang, f.approver, names);
            joined(&[&step(lang, &f.step, names), text(lang, key), by, &f.note])
        }
        Fact::Served(f) => joined(&[&step(lang, &f.step, names), &f.document, &f.receiver]),
        Fact::Decided(f) => joined(&[&step(lang, &f.step, names), &f.number, &f.content]),
        Fact::Linked(f) => joined(&[relation(lang, &f.relation), &f.other.to_string()]),
        Fact::Amended(f) => {
            let timeline = &judged.facts.timeline;
            let entry = timeline.iter().find(|entry| entry.place == f.target);
            let target = entry.map_or_else(String::new, |entry| event(lang, &entry.event.fact));
            joined(&[&target, &f.reason])
        }
        Fact::Submitted(f) => f.note.clone(),
        Fact::Returned(f) => returned(lang, f, names),
        Fact::Voided(f) => f.reason.clone(),
        Fact::Reviewed(f) => {
            let said = explain::verdict(lang, f.verdict);
            joined(&[said, &of_gap(lang, (&f.step, &f.rule), names), &f.words])
        }
        Fact::Explained(f) => joined(&[&of_gap(lang, (&f.step, &f.rule), names), &f.words]),
        Fact::Unknown { .. } => text(lang, "console.record.update-needed").to_owned(),
    }
}

fn of_gap(lang: Lang, (at, code): (&StepId, &RuleId), names: Names<'_>) -> String {
    let title = rule(lang, code.as_str());
    format!("{} {code} {title}", step(lang, at, names))
}

/// What another record is to this one.
pub(crate) fn relation(lang: Lang, code: &str) -> &'static str {
    let key = match code {
        visits::FROM => "console.photo.from",
        visits::LEADS_TO => "console.photo.leads-to",
        _ => "console.photo.linked",
    };
    text(lang, key)
}

/// A matter by name; its code where the power list never had it.
pub(crate) fn matter(lang: Lang, code: &str, known: Option<&PowerItem>) -> String {
    known.map_or_else(
        || code.to_owned(),
        |item| format!("{} {code}", lang.of(&item.name)),
    )
}

/// What was answered: a field of the step, an item of its checklist, or why it was entered late.
fn answered(lang: Lang, f: &FieldAnswered, names: Names<'_>, judged: &Judged) -> String {
    let at = step(lang, &f.step, names);
    let known = names.procedure.step(f.step.as_str());
    let beside = known.map_or_else(Vec::new, shared::numbers::fields);
    let own = known.and_then(|step| step.field(f.field.as_str()));
    if let Some(field) = own.or_else(|| beside.iter().find(|field| field.id == f.field)) {
        let said = crate::fields::words(lang, field, &f.value);
        let said = said.unwrap_or_else(|| value(lang, &f.value, names));
        return joined(&[&at, lang.of(&field.label), &said]);
    }
    let id = f.field.as_str();
    let said = match &f.value {
        Value::Choice(code) if ITEM_ANSWERS.contains(&&**code) => {
            text(lang, &format!("console.photo.item.{code}")).to_owned()
        }
        Value::Text(code) | Value::Choice(code) if id == LATE_REASON => {
            let known = find(lang, &format!("late_reason.{code}"));
            known.unwrap_or(code).to_owned()
        }
        other => value(lang, other, names),
    };
    let list = judged.beside.checklist.as_ref();
    if id == CHECKLIST {
        let name = list.map_or(&*said, |list| lang.of(&list.name));
        return joined(&[&at, text(lang, "console.photo.checklist"), name]);
    }
    if id == LATE_REASON {
        return joined(&[&at, text(lang, "console.mark.late"), &said]);
    }
    let of_item = id.strip_suffix(".note").unwrap_or(id);
    let item = list.and_then(|list| list.items.iter().find(|item| item.id == *of_item));
    let label = item.map_or(id, |item| lang.of(&item.text));
    joined(&[&at, label, &said])
}

/// A return's comment, and what it says of single steps.
fn returned(lang: Lang, fact: &Returned, names: Names<'_>) -> String {
    let notes = fact.notes.iter().flatten();
    let notes = notes.map(|note| joined(&[&step(lang, &note.step, names), &note.words]));
    let words: Vec<String> = std::iter::once(fact.comment.clone()).chain(notes).collect();
    words.join(if lang == Lang::Zh { "；" } else { "; " })
}

/// Where a gap stands between supervisor and officer, by its code; none if nothing was said yet.
pub(crate) fn stage(lang: Lang, code: &str) -> Option<String> {
    let said = code != Stage::New.code();
    said.then(|| explain::stage(lang, code).to_owned())
}

fn value(lang: Lang, value: &shared::domain::event::Value, names: Names<'_>) -> String {
    use shared::domain::event::Value;
    match value {
        Value::Text(words) | Value::Choice(words) => words.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(true) => text(lang, "console.yes").to_owned(),
        Value::Bool(false) => text(lang, "console.no").to_owned(),
        Value::At(at) => crate::html::moment(lang, *at),
        Value::Officers(ids) => {
            let list: Vec<&str> = ids.iter().map(|id| officer(lang, *id, names)).collect();
            list.join(html::comma(lang))
        }
    }
}
