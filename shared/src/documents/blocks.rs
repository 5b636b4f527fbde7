//! What a document is built of.

/// A labelled value of a form. An empty value is a blank, which is struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What it is.
    pub label: String,
    /// What is recorded; several lines are kept.
    pub value: String,
    /// Takes the whole line; others stand two by two.
    pub wide: bool,
}

impl Cell {
    /// A cell of half a line.
    pub(super) fn half(label: &str, value: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            value: value.into(),
            wide: false,
        }
    }

    /// A cell of a whole line.
    pub(super) fn wide(label: &str, value: impl Into<String>) -> Self {
        Self {
            wide: true,
            ..Self::half(label, value)
        }
    }
}

/// A part of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Whom a letter is for.
    Address(String),
    /// A heading.
    Heading(String),
    /// Labelled values.
    Form(Vec<Cell>),
    /// Running text of the template with what was recorded in it.
    Paragraph(String),
    /// What somebody wrote at length, line by line; empty is a blank, which is struck.
    Prose(String),
    /// A table.
    Table {
        /// Column heads; the first column is narrow.
        head: Vec<String>,
        /// Rows, each as long as the head; an empty cell is struck.
        rows: Vec<Vec<String>>,
    },
    /// Questions and answers.
    Answers(Vec<(String, String)>),
    /// Nothing may be added below (以下空白).
    End,
    /// The date of a letter, below its seal; empty is a place to write it.
    Date(String),
}

/// A form whose cells fill whole lines: a half cell without a neighbour becomes a whole one.
pub(super) fn form(mut cells: Vec<Cell>) -> Block {
    let mut open: Option<usize> = None;
    let mut alone = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        open = match (cell.wide, open) {
            (false, None) => Some(at),
            (false, Some(_)) => None,
            (true, left) => {
                alone.extend(left);
                None
            }
        };
    }
    alone.extend(open);
    for at in alone {
        if let Some(cell) = cells.get_mut(at) {
            cell.wide = true;
        }
    }
    Block::Form(cells)
}

/// A place to sign, signed or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// In which capacity.
    pub caption: String,
    /// Who signed; empty where nobody has.
    pub name: String,
    /// How.
    pub method: String,
    /// When, to the minute.
    pub at: String,
    /// The strokes as SVG path data, checked to be nothing else.
    pub ink: String,
    /// It binds another content than the one shown.
    pub changed: bool,
}

/// What came after the content: no part of the hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A place to sign.
    Signature(Signature),
    /// A refusal, a receipt, an extension: a heading and labelled values.
    Note {
        /// What it is.
        title: String,
        /// What is recorded.
        cells: Vec<Cell>,
    },
    /// An opinion of whoever approves.
    Opinion {
        /// Whose.
        caption: String,
        /// The words.
        words: String,
        /// Who.
        name: String,
        /// When, to the minute.
        at: String,
    },
}
