//! 检查结果告知书: an inspection does not end in silence.

use super::read::Reader;
use super::{Block, Cell, blocks, words};

/// The step with the visit's times.
const VISIT: &str = "JC-14";

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let own = read.own;
    let you = read.you();
    let time = words::span(read.at(VISIT, "start"), read.at(VISIT, "end"));
    let mut out = vec![
        Block::Address(read.party()),
        Block::Paragraph(format!(
            "{}依法对{you}实施了行政检查，现将检查结果告知如下：",
            read.dossier.unit
        )),
        blocks::form(vec![
            Cell::wide("检查时间", time),
            Cell::wide("检查地点", read.place()),
            Cell::wide("检查事项", read.matter()),
            Cell::wide("执法人员", read.team()),
            Cell::wide("告知对象", read.text(own, "told_to")),
        ]),
        Block::Heading("一、检查结果".to_owned()),
        Block::Prose(result(read)),
    ];
    let rows = faults(read);
    let found = !rows.is_empty();
    if found {
        out.push(Block::Heading("二、发现的情况".to_owned()));
        out.push(Block::Table {
            head: ["序号", "检查内容", "依据", "情况说明"]
                .map(str::to_owned)
                .into(),
            rows,
        });
    }
    let number = if found { "三" } else { "二" };
    out.extend([
        Block::Heading(format!("{number}、权利告知")),
        Block::Paragraph(format!(
            "{you}对检查结果有异议的，可以向本机关陈述意见、提交材料。{}",
            read.remedies("本次检查")
        )),
        Block::End,
    ]);
    out
}

fn result(read: &Reader<'_>) -> String {
    match read.code(read.own, "result") {
        "no_problem" => "本次检查的内容中，未发现问题。",
        "correction" => {
            "本次检查发现需要改正的问题，责令改正的内容和期限见另行送达的《责令改正通知书》。"
        }
        "filing" => "本次检查发现的情况涉嫌违法，本机关将依法办理立案手续，处理情况另行告知。",
        "transfer" => "本次检查发现的情况不属于本机关处理权限，将依法移送有管辖权的部门处理。",
        _ => "",
    }
    .to_owned()
}

fn faults(read: &Reader<'_>) -> Vec<Vec<String>> {
    let checked = read.checked();
    let failed = checked.iter().filter(|checked| checked.answer == "fail");
    failed
        .enumerate()
        .map(|(at, checked)| {
            let item = checked.item;
            let note = match checked.note.as_str() {
                "" => item.fault.zh.clone(),
                note => note.to_owned(),
            };
            vec![
                (at + 1).to_string(),
                item.text.zh.clone(),
                words::citation(&item.law, &item.article),
                note,
            ]
        })
        .collect()
}
