//! A form that a procedure describes, filled with what is recorded.
//! Apart because one renderer serves every such form: what differs between them is data.

use super::read::Reader;
use super::{Block, Cell, blocks, words};
use crate::rules::form::{APPROVED, Form, FormCell, Part, PartKind, Piece, pieces};
use crate::rules::holds;
use crate::rules::rule::When;

/// A line to write on, where a sentence of the template lacks what is recorded.
const LINE: &str = "＿＿＿＿＿＿";

/// Number and blocks.
pub(super) fn content(read: &Reader<'_>, form: &Form) -> (String, Vec<Block>) {
    let body = form
        .body
        .iter()
        .filter(|part| there(read, part.when.as_ref()));
    let mut out: Vec<Block> = body.filter_map(|part| block(read, form, part)).collect();
    if !form.dated.is_empty() {
        out.push(Block::Date(value(read, form, &form.dated)));
    }
    (value(read, form, &form.number), out)
}

fn there(read: &Reader<'_>, when: Option<&When>) -> bool {
    when.is_none_or(|when| holds(when, read.dossier.facts, read.dossier.context))
}

fn block(read: &Reader<'_>, form: &Form, part: &Part) -> Option<Block> {
    Some(match part.kind {
        PartKind::Address => Block::Address(value(read, form, &part.text)),
        PartKind::Heading => Block::Heading(sentence(read, form, &part.text)),
        PartKind::Paragraph => Block::Paragraph(sentence(read, form, &part.text)),
        PartKind::Prose => Block::Prose(value(read, form, &part.text)),
        PartKind::Cells => {
            let cells = part.cells.iter();
            let cells = cells.filter(|cell| there(read, cell.when.as_ref()));
            blocks::form(cells.map(|known| cell(read, form, known)).collect())
        }
        PartKind::Lines => lines(&part.head, &value(read, form, &part.text)),
        PartKind::Said => said(read, part),
        PartKind::Evidence => {
            let steps: Vec<&str> = part.steps.iter().map(|step| step.as_str()).collect();
            return read.evidence(&steps);
        }
        PartKind::End => Block::End,
    })
}

fn cell(read: &Reader<'_>, form: &Form, known: &FormCell) -> Cell {
    let text = value(read, form, &known.value);
    if known.half {
        Cell::half(&known.label, text)
    } else {
        Cell::wide(&known.label, text)
    }
}

/// A text in which what is not recorded is a line; empty, and so struck, if nothing that it names is.
fn value(read: &Reader<'_>, form: &Form, text: &str) -> String {
    let (filled, named, found) = fill(read, form, text);
    if named > 0 && found == 0 {
        String::new()
    } else {
        filled
    }
}

/// A text in which what is not recorded is a line.
fn sentence(read: &Reader<'_>, form: &Form, text: &str) -> String {
    fill(read, form, text).0
}

/// The text, how many places it names, and how many of them something fills.
fn fill(read: &Reader<'_>, form: &Form, text: &str) -> (String, usize, usize) {
    let (mut out, mut named, mut found) = (String::new(), 0, 0);
    let mut all = pieces(text).unwrap_or_default().into_iter().peekable();
    while let Some(piece) = all.next() {
        let places = match piece {
            Piece::Words(words) => {
                out.push_str(words);
                continue;
            }
            Piece::Place(places) => places,
        };
        named += 1;
        let mut known = places.into_iter().map(|place| named_by(read, form, place));
        match known.find(|words| !words.is_empty()) {
            None => out.push_str(LINE),
            Some(words) => {
                found += 1;
                // The sentence goes on: what somebody ended with a full stop is not ended here.
                let ends = all.peek().is_none();
                out.push_str(if ends {
                    &words
                } else {
                    words.trim_end_matches('。')
                });
            }
        }
    }
    (out, named, found)
}

fn named_by(read: &Reader<'_>, form: &Form, place: &str) -> String {
    if let Some((step, field)) = place.split_once('.') {
        return match field {
            APPROVED => read.approved_at(step),
            _ => read.words(step, field),
        };
    }
    let jurisdiction = read.dossier.context.jurisdiction;
    match place {
        "party" => read.party(),
        "contact" => read.contact(),
        "address" => read.address(),
        "you" => read.you().to_owned(),
        "matter" => read.matter(),
        "cause" => read.cause(),
        "team" => read.team(),
        "unit" => read.dossier.unit.to_owned(),
        "place" => read.place(),
        "violated" => violated(read, form),
        "reconsideration_body" => jurisdiction.reconsideration_body.zh.trim().to_owned(),
        "court" => jurisdiction.court.zh.trim().to_owned(),
        _ => String::new(),
    }
}

/// The articles that governed the conduct on its day: that of the form's field, else the one on which the record was opened.
fn violated(read: &Reader<'_>, form: &Form) -> String {
    let named = form.conduct.as_ref();
    let named = named.and_then(|day| read.at(day.step.as_str(), day.field.as_str()));
    let opened = read.dossier.facts.opened.as_ref().map(|noted| noted.at);
    let day = named.or(opened).map(|at| at.date());
    words::cited(read.bases(day), |basis| &basis.prohibits).join("、")
}

/// A row for each line; of none, one row to strike.
fn lines(head: &[String], text: &str) -> Block {
    let mut rows = words::lines(text);
    if rows.is_empty() {
        rows.push(String::new());
    }
    let rows = rows.into_iter().enumerate();
    Block::Table {
        head: head.to_vec(),
        rows: rows
            .map(|(at, line)| vec![(at + 1).to_string(), line])
            .collect(),
    }
}

/// What the party said, with the answer to it.
fn said(read: &Reader<'_>, part: &Part) -> Block {
    let steps = part
        .steps
        .iter()
        .filter_map(|step| read.step(step.as_str()));
    let all = steps.flat_map(|step| &step.statements);
    let mut rows: Vec<Vec<String>> = all
        .enumerate()
        .map(|(at, said)| {
            let (said_words, answer) = (said.value.words.trim(), said.value.answer.trim());
            let number = (at + 1).to_string();
            let time = words::minute(said.at);
            vec![number, time, said_words.to_owned(), answer.to_owned()]
        })
        .collect();
    if rows.is_empty() {
        rows.push(["1", "", "", ""].map(str::to_owned).into());
    }
    Block::Table {
        head: part.head.clone(),
        rows,
    }
}
