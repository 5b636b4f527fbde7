//! 复查意见书: whether what an order demanded was done.

use super::read::Reader;
use super::{Block, Cell, blocks, words};

const ORDER: &str = "GZ-02";

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let own = read.own;
    let place = match read.text(own, "place") {
        place if place.is_empty() => read.place(),
        place => place,
    };
    let cells = vec![
        Cell::wide(
            "复查时间",
            words::span(read.at(own, "start"), read.at(own, "end")),
        ),
        Cell::wide("复查地点", place),
        Cell::wide("检查事项", read.matter()),
        Cell::wide("复查人员", read.team()),
    ];
    let mut out = vec![
        Block::Address(read.party()),
        Block::Paragraph(order(read)),
        blocks::form(cells),
        Block::Heading("一、责令改正的内容".to_owned()),
        demanded(read),
        Block::Heading("二、复查情况".to_owned()),
        Block::Prose(read.text(own, "findings")),
    ];
    let mut number = ["三", "四"].into_iter();
    if let Some(table) = read.evidence(&[own]) {
        let number = number.next().unwrap_or_default();
        out.push(Block::Heading(format!("{number}、复查取得的证据")));
        out.push(table);
    }
    let number = number.next().unwrap_or_default();
    out.extend([
        Block::Heading(format!("{number}、复查意见")),
        Block::Prose(opinion(read)),
        Block::End,
    ]);
    out
}

fn order(read: &Reader<'_>) -> String {
    let number = match read.text(ORDER, "number") {
        number if number.is_empty() => String::new(),
        number => format!("（{number}）"),
    };
    let day = match read.day(ORDER, "issued_on") {
        day if day.is_empty() => String::new(),
        day => format!("于{day}"),
    };
    let until = match (read.code(ORDER, "how"), until(read)) {
        ("at_once", _) => "，要求立即改正".to_owned(),
        (_, day) if day.is_empty() => String::new(),
        (_, day) => format!("，期限至{day}"),
    };
    format!(
        "本机关{day}向{}作出《责令改正通知书》{number}{until}。现对改正情况进行复查，意见如下：",
        read.you()
    )
}

/// The last day for correction: the later one where it was granted.
fn until(read: &Reader<'_>) -> String {
    let later = read.day("GZ-04", "new_deadline");
    if read.yes("GZ-04", "granted") && !later.is_empty() {
        return format!("{later}（经批准延期）");
    }
    read.day(ORDER, "deadline")
}

fn demanded(read: &Reader<'_>) -> Block {
    let mut rows: Vec<Vec<String>> = words::lines(&read.text(ORDER, "items"))
        .into_iter()
        .enumerate()
        .map(|(at, item)| vec![(at + 1).to_string(), item])
        .collect();
    if rows.is_empty() {
        rows.push(vec!["1".to_owned(), String::new()]);
    }
    Block::Table {
        head: ["序号", "改正内容和要求"].map(str::to_owned).into(),
        rows,
    }
}

fn opinion(read: &Reader<'_>) -> String {
    match read.code(read.own, "result") {
        "corrected" => "经复查，责令改正的内容已全部改正。",
        "partly" => "经复查，责令改正的内容部分改正，未改正的部分由本机关依法处理。",
        "not" => "经复查，责令改正的内容未改正，由本机关依法处理。",
        _ => "",
    }
    .to_owned()
}
