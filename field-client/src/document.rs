//! The document that is signed: the record as shown to the signer, in one canonical text.
//! Apart because its SHA-256 goes into the signature: the screen shows exactly these lines and nothing else is hashed.
//! Documents are Chinese in either language of the screens.

use crate::say;
use crate::sheet::Sheet;
use sha2::{Digest, Sha256};
use shared::domain::event::{EvidenceKind, Value};
use shared::fold::StepFacts;
use shared::rules::procedure::{Actor, Field, FieldKind, Step};
use shared::text::{self, Lang};

const LANG: Lang = Lang::Zh;

/// One line: what it is, and what is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it is.
    pub(crate) label: String,
    /// What is recorded.
    pub(crate) value: String,
}

/// The lines up to and with this step: later steps and signatures are no part of what is signed here.
pub(crate) fn lines(sheet: &Sheet, step: &Step) -> Vec<Line> {
    let mut lines = vec![
        line("document.unit", sheet.unit()),
        line("document.subject", sheet.subject().to_owned()),
        line("document.place", sheet.place().to_owned()),
        line("document.matter", sheet.matter(LANG)),
        line("document.officers", officers(sheet)),
    ];
    for each in &sheet.procedure.steps {
        if each.actor == Actor::Officers
            && let Some(known) = sheet.known(&each.id)
        {
            add_step(&mut lines, sheet, each, known, each.id == step.id);
        }
        if each.id == step.id {
            break;
        }
    }
    lines.retain(|line| !line.value.is_empty());
    lines
}

/// SHA-256 of the lines.
pub(crate) fn hash(lines: &[Line]) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(b"chengxu-document-1");
    for line in lines {
        for part in [&line.label, &line.value] {
            // The length first, so that no two documents run together into the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().into()
}

fn line(key: &'static str, value: String) -> Line {
    Line {
        label: text::text(LANG, key).to_owned(),
        value,
    }
}

fn officers(sheet: &Sheet) -> String {
    let opened = sheet.facts.opened.as_ref();
    let day = opened.map(|noted| noted.at.date());
    let names: Vec<String> = sheet
        .acting()
        .into_iter()
        .map(|id| {
            let officer = sheet.officers.get(&id);
            let certificate = officer.zip(day).and_then(|(o, day)| o.certificate_on(day));
            match certificate {
                Some(certificate) => {
                    format!("{}（{}）", sheet.officer_name(id), certificate.number)
                }
                None => sheet.officer_name(id),
            }
        })
        .collect();
    names.join("、")
}

fn add_step(lines: &mut Vec<Line>, sheet: &Sheet, step: &Step, known: &StepFacts, last: bool) {
    let name = LANG.of(&step.name);
    if let Some(outcome) = known.outcome.as_ref().filter(|_| !last) {
        let word = text::text(LANG, say::outcome(outcome.value.outcome));
        lines.push(Line {
            label: name.to_owned(),
            value: format!(
                "{word} {} {}",
                say::when(LANG, outcome.at),
                outcome.value.note
            )
            .trim_end()
            .to_owned(),
        });
    }
    for field in sheet.fields(step).iter() {
        if let Some(noted) = known.fields.get(&field.id) {
            lines.push(Line {
                label: LANG.of(&field.label).to_owned(),
                value: value(sheet, LANG, field, &noted.value),
            });
        }
    }
    for noted in &known.evidence {
        lines.push(Line {
            label: format!(
                "{name} {}",
                text::text(LANG, evidence(noted.value.evidence))
            ),
            value: format!("{} {}", noted.value.reference, say::when(LANG, noted.at)),
        });
    }
}

/// The message key of a kind of evidence.
pub(crate) const fn evidence(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Recording => "field.evidence.recording",
        EvidenceKind::PartyConfirmation => "field.evidence.party",
        EvidenceKind::Photo => "field.evidence.photo",
        EvidenceKind::Paper => "field.evidence.paper",
    }
}

/// A field's value in words.
pub(crate) fn value(sheet: &Sheet, lang: Lang, field: &Field, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(true) => text::text(lang, "field.yes").to_owned(),
        Value::Bool(false) => text::text(lang, "field.no").to_owned(),
        Value::At(at) if field.kind == FieldKind::Day => say::day(lang, *at),
        Value::At(at) => say::when(lang, *at),
        Value::Choice(code) => {
            let choice = field.choices.iter().find(|choice| choice.code == *code);
            choice.map_or_else(|| code.clone(), |choice| lang.of(&choice.label).to_owned())
        }
        Value::Officers(officers) => {
            let names: Vec<String> = officers.iter().map(|id| sheet.officer_name(*id)).collect();
            names.join("、")
        }
    }
}
