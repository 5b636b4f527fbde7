//! 行政检查审批表: what the office asks its responsible person to allow.

use super::read::Reader;
use super::{Block, Cell, blocks, words};
use crate::rules::rule::When;

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let mut cells = vec![
        Cell::half("检查类型", read.text("JC-01", "kind")),
        Cell::half("任务来源", read.text("JC-01", "source")),
    ];
    cells.extend(read.party_cells("被检查人"));
    cells.extend([
        Cell::wide("检查地点", read.place()),
        Cell::wide("检查事项", read.matter()),
        Cell::wide("检查依据", read.legal_ground()),
        Cell::wide("检查内容", look_at(read)),
        Cell::wide("现场检查理由", read.text("JC-06", "why_on_site")),
        Cell::wide("联合检查单位", read.text("JC-06", "together")),
        Cell::half("拟检查日期", planned(read)),
        Cell::half("本年度检查次数", frequency(read)),
    ]);
    cells.extend(by_kind(read));
    cells.extend([
        Cell::wide("执法人员", read.team()),
        Cell::wide("紧急情况说明", urgent(read)),
        Cell::half("承办人", handler(read)),
        Cell::half("申请时间", asked_at(read)),
    ]);
    vec![blocks::form(cells)]
}

/// What will be looked at, one line each.
pub(super) fn items(read: &Reader<'_>) -> Vec<String> {
    read.checked()
        .iter()
        .enumerate()
        .map(|(at, checked)| format!("{}．{}", at + 1, checked.item.text.zh))
        .collect()
}

/// The items, and what the squad lead wants to have looked at: that is for the office only.
fn look_at(read: &Reader<'_>) -> String {
    let note = read.dossier.task.map_or("", |task| task.note.trim());
    let mut lines = items(read);
    if !note.is_empty() {
        lines.push(format!("重点：{note}"));
    }
    lines.join("\n")
}

fn planned(read: &Reader<'_>) -> String {
    let task = read.dossier.task;
    task.map_or_else(String::new, |task| words::day(task.planned))
}

/// How often the party was inspected this year, this time included, and how often it may be.
pub(super) fn frequency(read: &Reader<'_>) -> String {
    let count = read.text("JC-03", "count");
    let most = read.dossier.context.jurisdiction.yearly_inspections;
    match count.as_str() {
        "" => String::new(),
        count => format!("含本次第{count}次（年度上限{most}次）"),
    }
}

/// The lines that only one kind of inspection has.
fn by_kind(read: &Reader<'_>) -> Vec<Cell> {
    match (read.code("JC-01", "kind"), read.code("JC-01", "source")) {
        ("special", _) => vec![
            Cell::half("专项检查批准文号", read.text("JC-05", "approval_no")),
            Cell::half("专项检查范围", read.text("JC-05", "scope")),
        ],
        ("routine", source) => {
            let mut cells = vec![
                Cell::half("年度检查计划", read.text("JC-02", "plan")),
                Cell::half("是否列入计划", read.text("JC-02", "in_plan")),
            ];
            if source == "random" {
                cells.push(Cell::half("随机抽取批次", read.text("JC-04", "draw")));
                cells.push(Cell::half("抽取方式", read.text("JC-04", "how")));
            }
            cells
        }
        _ => Vec::new(),
    }
}

fn urgent(read: &Reader<'_>) -> String {
    if !crate::rules::holds(&When::Urgent, read.dossier.facts, read.dossier.context) {
        return String::new();
    }
    let opened = read.dossier.facts.opened.as_ref();
    let reason = opened.and_then(|noted| noted.value.urgent.as_deref());
    format!("{}（先行检查，补办审批）", reason.unwrap_or("").trim())
}

fn handler(read: &Reader<'_>) -> String {
    let opened = read.dossier.facts.opened.as_ref();
    opened.map_or_else(String::new, |noted| read.name(noted.officer))
}

fn asked_at(read: &Reader<'_>) -> String {
    let opened = read.dossier.facts.opened.as_ref();
    opened.map_or_else(String::new, |noted| words::minute(noted.at))
}
