//! What a signature binds: SHA-256 over the content.
//! Apart because these bytes are frozen: phone and server must get them alike for as long as records are kept.

use super::{Block, Document};
use sha2::{Digest, Sha256};

/// Before the first byte of the content: no other hash of this project begins so.
const DOMAIN: &str = "chengxu-document-2";
/// Hexadecimal digits of a verification code, and of each of its groups.
const CODE_DIGITS: usize = 16;
const GROUP_DIGITS: usize = 4;

/// Every text goes in behind its length and every list behind its count, so that no two contents give the same bytes.
struct Bytes(Sha256);

impl Bytes {
    fn number(&mut self, number: usize) {
        self.0.update((number as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.update(text.as_bytes());
    }

    fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a String>) {
        self.number(texts.len());
        for text in texts {
            self.text(text);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Address(text) => self.tagged("address", text),
            Block::Heading(text) => self.tagged("heading", text),
            Block::Paragraph(text) => self.tagged("paragraph", text),
            Block::Prose(text) => self.tagged("prose", text),
            Block::Date(text) => self.tagged("date", text),
            Block::Form(cells) => {
                self.text("form");
                self.number(cells.len());
                for cell in cells {
                    self.text(&cell.label);
                    self.text(&cell.value);
                }
            }
            Block::Table { head, rows } => {
                self.text("table");
                self.texts(head.iter());
                self.number(rows.len());
                for row in rows {
                    self.texts(row.iter());
                }
            }
            Block::Answers(pairs) => {
                self.text("answers");
                self.number(pairs.len());
                for (question, answer) in pairs {
                    self.text(question);
                    self.text(answer);
                }
            }
            Block::End => self.text("end"),
        }
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        self.text(tag);
        self.text(text);
    }
}

impl Document {
    /// SHA-256 of the content: what a signature on this document binds.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut bytes = Bytes(Sha256::new());
        bytes.text(DOMAIN);
        bytes.text(&self.code);
        bytes.number(self.template.version as usize);
        bytes.text(&self.record.to_string());
        bytes.text(&self.title);
        bytes.text(&self.unit);
        bytes.text(&self.number);
        bytes.number(self.blocks.len());
        for block in &self.blocks {
            bytes.block(block);
        }
        bytes.0.finalize().into()
    }

    /// 验证码: the first 16 hexadecimal digits of the hash in groups of four.
    #[must_use]
    pub fn code(&self) -> String {
        let mut code = String::new();
        let digits = self
            .hash()
            .into_iter()
            .flat_map(|byte| [byte >> 4, byte & 15]);
        for (at, digit) in digits.take(CODE_DIGITS).enumerate() {
            if at > 0 && at % GROUP_DIGITS == 0 {
                code.push(' ');
            }
            code.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
        }
        code
    }
}
