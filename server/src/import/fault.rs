//! What is wrong with a list, cell by cell.
//! Apart because a row is read to its end whatever is found: whoever mends the file wants to know everything at once.

use shared::text::{Lang, fill};

/// A cell or a row that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    row: usize,
    /// Its place from 0, and its name.
    column: Option<(usize, String)>,
    /// The end of the key `console.import.fault.<why>`.
    why: &'static str,
    /// What fills the sentence.
    value: String,
}

impl Fault {
    pub(super) fn cell(
        row: usize,
        column: usize,
        header: &str,
        why: &'static str,
        value: impl Into<String>,
    ) -> Self {
        Self {
            row,
            column: Some((column, header.to_owned())),
            why,
            value: value.into(),
        }
    }

    pub(super) fn row(row: usize, why: &'static str, value: impl Into<String>) -> Self {
        Self {
            row,
            column: None,
            why,
            value: value.into(),
        }
    }

    /// Row and column, if it is of one cell.
    pub(super) fn place(&self) -> Option<(usize, usize)> {
        self.column.as_ref().map(|(at, _)| (self.row, *at))
    }

    /// The same under the name that its column has in this header.
    pub(super) fn named(self, header: &[String]) -> Self {
        let column = self.column.map(|(at, name)| {
            let known = header.get(at).filter(|_| name.is_empty());
            (at, known.map_or(name, String::clone))
        });
        Self { column, ..self }
    }

    /// In words: `第7行E列（有效期止）：“2026-13-01”不是日期`.
    pub(super) fn words(&self, lang: Lang) -> String {
        let key = format!("console.import.fault.{}", self.why);
        let why = fill(lang, &key, &[("value", &self.value)]);
        let row = self.row.to_string();
        match &self.column {
            Some((at, header)) => fill(
                lang,
                "console.import.at-cell",
                &[
                    ("row", &row),
                    ("column", &letters(*at)),
                    ("header", header),
                    ("why", &why),
                ],
            ),
            None => fill(
                lang,
                "console.import.at-row",
                &[("row", &row), ("why", &why)],
            ),
        }
    }
}

/// A column as the sheet calls it: A, B, … Z, AA.
fn letters(at: usize) -> String {
    let letter = u8::try_from(at % 26).map_or('?', |n| char::from(b'A' + n));
    match at / 26 {
        0 => letter.to_string(),
        more => format!("{}{letter}", letters(more - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_a_sheet() {
        let named = [0, 4, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(named, ["A", "E", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
