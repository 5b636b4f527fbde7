//! 询问笔录: one person, asked alone, question by question.

use super::read::Reader;
use super::{Block, Cell, blocks, words};

/// The step of an inspection that asks.
const INSPECTION: &str = "JC-13-1";

pub(super) fn blocks(read: &Reader<'_>) -> Vec<Block> {
    let own = read.own;
    let mut team = read.acting().into_iter().map(|id| read.certified(id));
    let (asker, recorder) = (team.next(), team.next());
    let others: Vec<String> = team.collect();
    // An inspection asks about the inspected, a penalty about its party, and there the place has a field of its own.
    let (place, about) = match read.text(own, "place") {
        place if own == INSPECTION => (place, "被检查人"),
        place => (place, "案件当事人"),
    };
    let place = match place {
        place if place.is_empty() => read.place(),
        place => place,
    };
    let mut cells = vec![
        Cell::wide(
            "询问时间",
            words::span(read.at(own, "start"), read.at(own, "end")),
        ),
        Cell::wide("询问地点", place),
        Cell::wide("询问事项", read.matter()),
        Cell::half("被询问人", read.text(own, "asked")),
        Cell::half("身份、职务", read.text(own, "asked_role")),
        Cell::wide("身份证件号码", read.text(own, "asked_id")),
        Cell::wide(about, read.party()),
        Cell::wide("询问人", asker.unwrap_or_default()),
        Cell::wide("记录人", recorder.unwrap_or_default()),
    ];
    if !others.is_empty() {
        cells.push(Cell::wide("其他在场执法人员", others.join("、")));
    }
    let mut out = vec![
        blocks::form(cells),
        Block::Heading("一、表明身份和告知".to_owned()),
        Block::Paragraph(format!(
            "我们是{}的行政执法人员，现向你出示执法证件，就上述事项向你了解情况。请如实回答，作虚假陈述要承担相应的法律责任；认为我们与本事项有利害关系的，有权申请回避；有权作出陈述和申辩；有权核对笔录，并要求更正、补充。",
            read.dossier.unit
        )),
        Block::Heading("二、询问内容".to_owned()),
    ];
    out.push(talk(&read.text(own, "qa")));
    let corrections = read.corrections();
    if !corrections.is_empty() {
        out.push(Block::Heading("三、更正".to_owned()));
        out.extend(corrections.into_iter().map(Block::Paragraph));
    }
    out.push(Block::End);
    out.push(Block::Paragraph(
        "以上笔录请阅读核对（不能阅读的，由执法人员宣读），有差错或者遗漏的可以更正、补充；认为与所述一致的，请逐页签名并注明时间。"
            .to_owned(),
    ));
    out
}

/// Questions and answers, where the text is written so (`问：`, `答：`); else the text as it stands.
fn talk(text: &str) -> Block {
    const ASKS: [&str; 2] = ["问：", "问:"];
    const ANSWERS: [&str; 2] = ["答：", "答:"];
    let after = |line: &str, marks: [&str; 2]| {
        let rest = marks.into_iter().find_map(|mark| line.strip_prefix(mark));
        rest.map(|rest| rest.trim().to_owned())
    };
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut answering = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(question) = after(line, ASKS) {
            pairs.push((question, String::new()));
            answering = false;
            continue;
        }
        let Some((question, answer)) = pairs.last_mut() else {
            return Block::Prose(text.to_owned());
        };
        let (words, into) = match after(line, ANSWERS) {
            Some(words) => {
                answering = true;
                (words, answer)
            }
            None if answering => (line.to_owned(), answer),
            None => (line.to_owned(), question),
        };
        if !into.is_empty() {
            into.push('\n');
        }
        into.push_str(&words);
    }
    if pairs.is_empty() {
        Block::Prose(String::new())
    } else {
        Block::Answers(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_talk_is_talk() {
        let pair = |q: &str, a: &str| (q.to_owned(), a.to_owned());
        assert_eq!(
            talk("问：姓名？\n答：张三。\n住示例村。\n\n问:几个人？\n答: 两个"),
            Block::Answers(vec![
                pair("姓名？", "张三。\n住示例村。"),
                pair("几个人？", "两个")
            ])
        );
        assert_eq!(
            talk("他说不知道。"),
            Block::Prose("他说不知道。".to_owned())
        );
        assert_eq!(talk(""), Block::Prose(String::new()));
    }
}
