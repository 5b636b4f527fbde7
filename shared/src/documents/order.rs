//! 责令改正通知书: what was found, which article it goes against, what is to be put right until when, and where to turn
//! against it. Articles are those that governed the conduct on its day.

use super::read::Reader;
use super::{Block, words};
use jiff::civil::Date;

/// The step with what was found, and its field.
const FOUND: (&str, &str) = ("GZ-01", "before");

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let own = read.own;
    let you = read.you();
    let mut out = vec![
        Block::Address(read.party()),
        Block::Paragraph(found(read)),
        Block::Prose(read.text(FOUND.0, FOUND.1)),
        Block::Paragraph(ground(read)),
        table(read),
    ];
    if read.yes(own, "stop_work") {
        out.push(Block::Paragraph(format!(
            "隐患排除前或者排除过程中无法保证安全的，{you}应当停止作业、停止使用并撤出人员；经本机关复查同意后方可恢复。"
        )));
    }
    out.extend([
        Block::Paragraph(consequence(read)),
        Block::Paragraph(format!(
            "改正期间，{you}应当采取措施防止发生事故或者危害扩大；确有正当理由不能按期改正的，应当在期限届满前向本机关提出书面延期申请。"
        )),
        Block::Paragraph(format!(
            "{you}对本通知书有权陈述、申辩。{}复议、诉讼期间，本通知书不停止执行，但法律另有规定的除外。",
            read.remedies("本通知书")
        )),
        Block::Paragraph(format!("本通知书于{}签发。", or_line(&read.day(own, "issued_on")))),
        Block::End,
    ]);
    out
}

/// The day of the conduct: when it was found, else when the record was opened.
fn conduct_day(read: &Reader<'_>) -> Option<Date> {
    let opened = read.dossier.facts.opened.as_ref();
    let opened = opened.map(|noted| noted.at.date());
    read.answered_on(FOUND.0, FOUND.1).or(opened)
}

fn found(read: &Reader<'_>) -> String {
    let day = conduct_day(read).map(words::day).unwrap_or_default();
    let place = read.place();
    format!(
        "{}执法人员于{}在{}检查，发现{}存在以下情况：",
        read.dossier.unit,
        or_line(&day),
        or_line(&place),
        read.you()
    )
}

fn or_line(text: &str) -> &str {
    match text {
        "" => "＿＿＿＿＿＿",
        text => text,
    }
}

/// The articles violated and the basis of the order; what the officer typed as basis goes before what the list has.
fn ground(read: &Reader<'_>) -> String {
    let bases = read.bases(conduct_day(read));
    let cited = |of| words::cited(bases.iter().copied(), of).join("、");
    let against = cited(|basis| &basis.prohibits);
    let typed = words::lines(&read.text(read.own, "basis")).join("、");
    let by = match typed.as_str() {
        "" => cited(|basis| &basis.penalises),
        typed => typed.trim_end_matches('。').to_owned(),
    };
    let general = words::citation("行政处罚法", "28(1)");
    let by = match by.as_str() {
        "" => general,
        by if by.contains("行政处罚法") => by.to_owned(),
        by => format!("{by}和{general}"),
    };
    let how = match read.code(read.own, "how") {
        "at_once" => "立即改正",
        "by_day" => "限期改正",
        _ => "改正",
    };
    format!(
        "上述情况不符合{}的规定。依据{by}的规定，现责令{}{how}，内容和期限如下：",
        or_line(&against),
        read.you()
    )
}

fn table(read: &Reader<'_>) -> Block {
    let own = read.own;
    let until = match read.code(own, "how") {
        "at_once" => "立即".to_owned(),
        _ => match read.day(own, "deadline") {
            day if day.is_empty() => String::new(),
            day => format!("{day}前"),
        },
    };
    let mut items = words::lines(&read.text(own, "items"));
    if items.is_empty() {
        items.push(String::new());
    }
    let rows = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| vec![(at + 1).to_string(), item, until.clone()]);
    Block::Table {
        head: ["序号", "改正内容和要求", "期限"].map(str::to_owned).into(),
        rows: rows.collect(),
    }
}

fn consequence(read: &Reader<'_>) -> String {
    let sanction = read.power().map_or("", |row| row.sanction.zh.trim());
    let may = match sanction {
        "" => String::new(),
        words => format!("（该事项的法律责任：{words}）"),
    };
    format!("期限届满后，本机关将组织复查。逾期不改正或者改正达不到要求的，将依法处理{may}。")
}
