//! 行政检查通知书: who inspects what and on which ground, and what the party may ask for.

use super::read::Reader;
use super::{Block, Cell, approval, blocks};

/// What an inspection must never be (国办发〔2024〕54号).
const NEVER: &str = "执法人员严格遵守“五个严禁”：严禁逐利检查，严禁干扰正常生产经营，严禁任性处罚，严禁下达检查指标，严禁变相检查。";
/// What officers do not accept and do not ask for.
const DISCIPLINE: &str = "执法人员不接受礼品、宴请、旅游等利益，不转嫁检查费用，不指定中介机构，不强求法定代表人到场，不随意查封、扣押或者责令停产停业。";

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let you = read.you();
    let unit = read.dossier.unit;
    let cells = vec![
        Cell::wide("检查事项", read.matter()),
        Cell::wide("检查依据", read.legal_ground()),
        Cell::wide("检查内容", approval::items(read).join("\n")),
        Cell::wide("检查地点", read.place()),
        Cell::half("检查类型", read.text("JC-01", "kind")),
        Cell::half("本年度检查次数", approval::frequency(read)),
        Cell::wide("联合检查单位", read.text("JC-06", "together")),
        Cell::wide("执法人员", read.team()),
    ];
    vec![
        Block::Address(read.party()),
        Block::Paragraph(format!("{unit}依法对{you}实施行政检查，现将有关事项通知如下：")),
        blocks::form(cells),
        Block::Heading(format!("{you}的权利和义务")),
        Block::Paragraph(
            "1．执法人员不足两人，或者不主动出示执法证件的，有权拒绝检查。".to_owned(),
        ),
        Block::Paragraph(
            "2．认为执法人员与检查事项有直接利害关系或者有其他关系可能影响公正执法的，有权申请其回避。"
                .to_owned(),
        ),
        Block::Paragraph(
            "3．对检查情况有权陈述、申辩，并要求写入笔录；请如实提供情况和材料，配合检查。"
                .to_owned(),
        ),
        Block::Paragraph(format!("4．{}", read.remedies("本次检查"))),
        Block::Heading("检查纪律".to_owned()),
        Block::Paragraph(NEVER.to_owned()),
        Block::Paragraph(format!(
            "{DISCIPLINE}如有违反，可以向本机关或者县级司法行政部门投诉举报。"
        )),
        Block::End,
    ]
}
