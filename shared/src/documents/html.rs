//! A document as HTML: one template for phone, console and paper. `assets/document.css` says how it looks.

use super::{Block, Document, Mark, Signature};
use crate::rules::form::Layout;
use askama::Template;

#[derive(Template)]
#[template(path = "document.html")]
struct Sheet<'a> {
    document: &'a Document,
    layout: &'static str,
    trial: bool,
    code: String,
    /// Running text is signed page by page: this line stands at the foot of each.
    page_signers: Vec<&'a Signature>,
    /// The date below the seal; none: the letter says it in its text.
    dated: Option<&'a str>,
}

impl Sheet<'_> {
    /// The class of a column by its head: most columns share what is left.
    fn width(head: &str) -> &'static str {
        match head {
            "种类" | "结果" => "doc-narrow",
            "期限" | "取得时间" | "记录时间" => "doc-broad",
            _ => "",
        }
    }
}

impl Document {
    /// The document as one `article`. Everything that was recorded is escaped.
    #[must_use]
    pub fn html(&self) -> String {
        let template = self.template;
        let signers = self.marks.iter().filter_map(|mark| match mark {
            Mark::Signature(signature) => Some(signature),
            Mark::Note { .. } | Mark::Opinion { .. } => None,
        });
        let dated = self.blocks.iter().find_map(|block| match block {
            Block::Date(text) => Some(text.as_str()),
            _ => None,
        });
        let running = template.layout == Layout::Running;
        let sheet = Sheet {
            document: self,
            layout: match template.layout {
                Layout::Form => "form",
                Layout::Letter => "letter",
                Layout::Running => "running",
            },
            trial: !template.signed_off,
            code: self.code(),
            page_signers: signers.filter(|_| running).collect(),
            dated,
        };
        // A template over strings fails only if the writer does, and this writer is a string.
        sheet.render().unwrap_or_default()
    }

    /// The document's words line by line, without its marks: for comparing and for searching.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut lines = vec![self.unit.clone(), self.title.clone(), self.number.clone()];
        for block in &self.blocks {
            match block {
                Block::Address(text) => lines.push(format!("{text}：")),
                Block::Heading(text)
                | Block::Paragraph(text)
                | Block::Prose(text)
                | Block::Date(text) => lines.push(text.clone()),
                Block::Form(cells) => {
                    let cell = |c: &super::Cell| format!("{}：{}", c.label, c.value);
                    lines.extend(cells.iter().map(cell));
                }
                Block::Table { head, rows } => {
                    lines.push(head.join(" | "));
                    lines.extend(rows.iter().map(|row| row.join(" | ")));
                }
                Block::Answers(pairs) => {
                    let pair = |(q, a): &(String, String)| format!("问：{q}\n答：{a}");
                    lines.extend(pairs.iter().map(pair));
                }
                Block::End => lines.push("（以下空白）".to_owned()),
            }
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}
