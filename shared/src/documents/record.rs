//! 现场检查笔录: what was seen on site, written there, read by those present and signed page by page.

use super::read::Reader;
use super::{Block, Cell, blocks, words};

/// The fields that have their place; whether it is to be main evidence is the office's concern and not the party's.
const KNOWN: [&str; 7] = [
    "place",
    "start",
    "end",
    "present",
    "facts",
    "opinion",
    "key_evidence",
];

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let own = read.own;
    let mut out = vec![
        blocks::form(head(read)),
        Block::Heading("一、表明身份和告知".to_owned()),
        Block::Paragraph(identity(read)),
        Block::Paragraph(rights(read)),
    ];
    let mut number = ["二", "三", "四", "五", "六"].into_iter();
    let mut heading = |title: &str| {
        let number = number.next().unwrap_or_default();
        Block::Heading(format!("{number}、{title}"))
    };
    if let Some(table) = checklist(read) {
        out.push(heading("逐项检查结果"));
        out.push(table);
        out.extend(beyond(read));
    }
    out.push(heading("检查情况"));
    out.push(Block::Prose(read.text(own, "facts")));
    out.push(heading("被检查人意见"));
    out.push(Block::Prose(read.text(own, "opinion")));
    if let Some(table) = read.evidence(&["JC-10", "JC-13", own]) {
        out.push(heading("现场取得的证据"));
        out.push(table);
    }
    let corrections = read.corrections();
    if !corrections.is_empty() {
        out.push(heading("更正"));
        out.extend(corrections.into_iter().map(Block::Paragraph));
    }
    out.push(Block::End);
    out.push(Block::Paragraph(
        "以上笔录请阅读核对，有差错或者遗漏的可以当场更正、补充；认为无误的，请逐页签名并注明时间。"
            .to_owned(),
    ));
    out
}

fn head(read: &Reader<'_>) -> Vec<Cell> {
    let own = read.own;
    let place = match read.text(own, "place") {
        place if place.is_empty() => read.place(),
        place => place,
    };
    let mut cells = read.party_cells("被检查人");
    cells.extend([
        Cell::wide(
            "检查时间",
            words::span(read.at(own, "start"), read.at(own, "end")),
        ),
        Cell::wide("检查地点", place),
        Cell::wide("检查事项", read.matter()),
        Cell::wide("执法人员", read.team()),
        Cell::wide("到场人", attending(read)),
        Cell::wide("在场人员及身份", read.text(own, "present")),
    ]);
    cells.extend(read.other_answers(&KNOWN));
    cells
}

/// Who came for the party, and the witness where nobody did.
fn attending(read: &Reader<'_>) -> String {
    let step = "JC-12";
    let (who, role) = (read.text(step, "who"), read.text(step, "role"));
    let witness = read.text(step, "witness");
    let mut out = match (who.is_empty(), role.is_empty()) {
        (true, _) => role,
        (false, true) => who,
        (false, false) => format!("{who}（{role}）"),
    };
    if !witness.is_empty() {
        out.push_str(&format!("；见证人：{witness}"));
    }
    out
}

/// That certificates were shown, as far as it is recorded: a record must not claim what nobody noted.
fn identity(read: &Reader<'_>) -> String {
    let step = "JC-10";
    let (shown, done) = (read.shown(step), read.done_at(step));
    let unit = read.dossier.unit;
    let team = read.team();
    if shown.is_empty() && done.is_none() {
        return "（未记录出示执法证件的情况。）".to_owned();
    }
    let when = done.map_or_else(String::new, |at| format!("于{}", words::minute(at)));
    let proof = match shown.is_empty() {
        true => String::new(),
        false => format!("出示证件的情况有以下记录：{}。", shown.join("；")),
    };
    format!("{unit}行政执法人员{team}{when}向被检查人表明身份、出示执法证件，说明来意。{proof}")
}

/// That rights were told, as far as it is recorded.
fn rights(read: &Reader<'_>) -> String {
    let step = "JC-11";
    if !read.yes(step, "rights") {
        return "（未记录告知权利的情况。）".to_owned();
    }
    let number = match read.text(step, "notice_no") {
        number if number.is_empty() => String::new(),
        number => format!("（{number}）"),
    };
    format!(
        "执法人员出具《行政检查通知书》{number}，告知被检查人依法享有申请回避、陈述申辩、申请行政复议和提起行政诉讼的权利，以及如实提供情况、配合检查的义务。"
    )
}

/// An answer of the checklist in words that conclude nothing.
fn answer(code: &str) -> &str {
    match code {
        "" => "",
        "pass" => "符合",
        "fail" => "不符合",
        "na" => "不适用",
        "unchecked" => "未检查",
        other => other,
    }
}

fn checklist(read: &Reader<'_>) -> Option<Block> {
    let checked = read.checked();
    if checked.iter().all(|checked| checked.answer.is_empty()) {
        return None;
    }
    let rows = checked.iter().enumerate().map(|(at, checked)| {
        let item = checked.item;
        vec![
            (at + 1).to_string(),
            item.text.zh.clone(),
            words::citation(&item.law, &item.article),
            answer(checked.answer).to_owned(),
            checked.note.clone(),
        ]
    });
    Some(Block::Table {
        head: ["序号", "检查内容", "依据", "结果", "情况说明"]
            .map(str::to_owned)
            .into(),
        rows: rows.collect(),
    })
}

/// What was seen beside the list.
fn beyond(read: &Reader<'_>) -> Option<Block> {
    let other = read.text("JC-13", "other");
    (!other.is_empty()).then(|| Block::Paragraph(format!("清单以外的情况：{other}")))
}
