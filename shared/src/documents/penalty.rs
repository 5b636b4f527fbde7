//! 当场处罚决定书: what was done, what the party was told and said, what is decided on which article, how it is paid, and that
//! reconsideration comes before court (行政处罚法 52(2), 行政复议法 23).

use super::read::Reader;
use super::{Block, Cell, blocks::form, words};

/// The steps with the facts, with what was told, and with the conduct.
const FACTS: (&str, &str) = ("DC-04", "facts");
const TOLD: &str = "DC-05";
const CONDUCT: (&str, &str) = ("DC-01", "conduct");

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let own = read.own;
    let mut cells = read.party_cells("当事人");
    cells.push(Cell::wide("违法行为", read.text(own, "act")));
    cells.push(Cell::half(
        "违法行为发生日期",
        read.day(CONDUCT.0, CONDUCT.1),
    ));
    cells.push(Cell::half("作出地点", read.text(own, "place")));
    vec![
        form(cells),
        Block::Heading("违法事实和证据".to_owned()),
        Block::Prose(read.text(FACTS.0, FACTS.1)),
        Block::Paragraph(heard(read)),
        Block::Heading("处罚决定".to_owned()),
        Block::Paragraph(decided(read)),
        Block::Paragraph(paid(read)),
        Block::Paragraph(read.reconsideration_first()),
        Block::Paragraph(format!("本决定于{}作出。", or_line(&read.day(own, "date")))),
        Block::End,
    ]
}

fn or_line(text: &str) -> &str {
    match text.trim() {
        "" => "＿＿＿＿＿＿",
        text => text,
    }
}

/// That the party was told and heard, and what was answered.
fn heard(read: &Reader<'_>) -> String {
    let you = read.you();
    let statements = read
        .step(TOLD)
        .map(|step| &step.statements[..])
        .unwrap_or_default();
    let said: Vec<String> = statements
        .iter()
        .map(|said| {
            let words = said.value.words.trim().trim_end_matches('。');
            let answer = said.value.answer.trim().trim_end_matches('。');
            format!(
                "{you}提出：{}。本机关答复：{}。",
                or_line(words),
                or_line(answer)
            )
        })
        .collect();
    let said = match said.concat() {
        none if none.is_empty() => format!("{you}没有提出意见。"),
        said => said,
    };
    format!(
        "作出决定之前，执法人员已告知拟处罚的内容、事实、理由、依据和{you}享有的陈述、申辩权利。{said}"
    )
}

fn decided(read: &Reader<'_>) -> String {
    let own = read.own;
    let typed = words::lines(&read.text(own, "basis")).join("、");
    let basis = typed.trim_end_matches('。');
    let penalty = match read.code(own, "kind") {
        "warning" => "警告".to_owned(),
        "fine" => format!("罚款人民币{}元", or_line(&read.text(own, "fine"))),
        _ => or_line(&read.text(own, "kind")).to_owned(),
    };
    let ordered = match read.code("DC-09", "how") {
        "at_once" => "，并责令立即改正",
        "order" => "，并另行责令改正",
        _ => "",
    };
    format!(
        "依据{}和{}的规定，现对{}作出{penalty}的处罚{ordered}。",
        or_line(basis),
        words::citation("行政处罚法", "51"),
        read.you()
    )
}

fn paid(read: &Reader<'_>) -> String {
    if read.code(read.own, "kind") != "fine" {
        return "本决定当场交付。".to_owned();
    }
    if read.yes("DC-10", "collected") {
        return "罚款已当场收缴，并出具财政部门统一制发的专用票据。".to_owned();
    }
    format!(
        "{}应当自收到本决定书之日起十五日内，到指定的银行或者通过电子支付系统缴纳罚款。到期不缴纳的，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超过罚款的数额。",
        read.you()
    )
}
