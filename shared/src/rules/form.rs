//! A legal document as data (`[[document]]`): what stands on it, in the words that are printed, and who signs it.
//! Apart because a lawyer reviews these words as he reviews the steps; the program only fills in what was recorded.

use crate::codec::decode_array;
use crate::id::StepId;
use crate::rules::procedure::Bilingual;
use crate::rules::rule::{FieldRef, When};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How a document looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Layout {
    /// A bordered form.
    #[n(0)]
    Form,
    /// A letter to the party.
    #[n(1)]
    Letter,
    /// Running text, signed page by page (笔录).
    #[n(2)]
    Running,
}

/// A document that a procedure describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Form {
    /// Its name in addresses.
    #[n(0)]
    pub code: String,
    /// The step that makes it; it says nothing that a later step records.
    #[n(1)]
    pub step: StepId,
    /// 文书名称.
    #[n(2)]
    pub title: Bilingual,
    /// How it looks.
    #[n(3)]
    pub layout: Layout,
    /// Raised whenever a word of it changes; part of the hash.
    #[n(4)]
    pub version: u32,
    /// A reviewer of the judicial administration has signed it off; until then it prints 试用.
    #[serde(default)]
    #[n(5)]
    pub signed_off: bool,
    /// 文号, a text with places.
    #[serde(default)]
    #[n(6)]
    pub number: String,
    /// The date below the seal, a text with places.
    #[serde(default)]
    #[n(7)]
    pub dated: String,
    /// When a record has it at all; none: always.
    #[serde(default)]
    #[n(8)]
    pub applies: Option<When>,
    /// It decides over the party, or hands the decision over: what the law asks for before that and is still open forbids it.
    #[serde(default)]
    #[n(9)]
    pub decides: bool,
    /// Other steps whose pages show it.
    #[serde(default)]
    #[n(10)]
    pub also: Vec<StepId>,
    /// The day of the conduct, which says what law governs it.
    #[serde(default)]
    #[n(11)]
    pub conduct: Option<FieldRef>,
    /// Its parts in order.
    #[n(12)]
    pub body: Vec<Part>,
    /// Who signs, approves and receives, in order.
    #[serde(default)]
    #[n(13)]
    pub signs: Vec<Signer>,
}

decode_array!(Form {
    code,
    step,
    title,
    layout,
    version,
    signed_off,
    number,
    dated,
    applies,
    decides,
    also,
    conduct,
    body,
    signs
});

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum PartKind {
    /// Whom a letter is for.
    #[n(0)]
    Address,
    /// A heading.
    #[n(1)]
    Heading,
    /// Labelled values.
    #[n(2)]
    Cells,
    /// A paragraph of the template; what is not recorded is a line to write on.
    #[n(3)]
    Paragraph,
    /// What somebody wrote at length; if nothing, it is struck.
    #[n(4)]
    Prose,
    /// A table with a row for each line that somebody wrote.
    #[n(5)]
    Lines,
    /// What the party said at these steps, with the answers.
    #[n(6)]
    Said,
    /// Photos, recordings and papers of these steps.
    #[n(7)]
    Evidence,
    /// Nothing may be added below (以下空白).
    #[n(8)]
    End,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Part {
    /// What it is.
    #[n(0)]
    pub kind: PartKind,
    /// Its text with places.
    #[serde(default)]
    #[n(1)]
    pub text: String,
    /// The values of [`PartKind::Cells`].
    #[serde(default)]
    #[n(2)]
    pub cells: Vec<FormCell>,
    /// The column heads of a table.
    #[serde(default)]
    #[n(3)]
    pub head: Vec<String>,
    /// The steps of [`PartKind::Said`] and [`PartKind::Evidence`].
    #[serde(default)]
    #[n(4)]
    pub steps: Vec<StepId>,
    /// When it is there at all; none: always.
    #[serde(default)]
    #[n(5)]
    pub when: Option<When>,
}

decode_array!(Part {
    kind,
    text,
    cells,
    head,
    steps,
    when
});

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct FormCell {
    /// What it is.
    #[n(0)]
    pub label: String,
    /// A text with places; if nothing of it is recorded, it is struck.
    #[n(1)]
    pub value: String,
    /// Takes half a line.
    #[serde(default)]
    #[n(2)]
    pub half: bool,
    /// When it is there at all; none: always.
    #[serde(default)]
    #[n(3)]
    pub when: Option<When>,
}

decode_array!(FormCell {
    label,
    value,
    half,
    when
});

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Who {
    /// Each acting officer, at the document's step.
    #[n(0)]
    Officers,
    /// The party, at the document's step; its refusal and the witness stand here too.
    #[n(1)]
    Party,
    /// Somebody who signs on paper only.
    #[n(2)]
    Paper,
    /// Whoever approves at `step`.
    #[n(3)]
    Approver,
    /// Whoever received it: the services recorded at `step`.
    #[n(4)]
    Receiver,
}

/// A place to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Signer {
    /// Who.
    #[n(0)]
    pub who: Who,
    /// In which capacity; `{name}` is where the name goes of somebody who is known by `names`.
    #[serde(default)]
    #[n(1)]
    pub caption: String,
    /// The step of an approval or a service.
    #[serde(default)]
    #[n(2)]
    pub step: Option<StepId>,
    /// The field that names those who sign on paper, each a line of his own.
    #[serde(default)]
    #[n(3)]
    pub names: Option<FieldRef>,
    /// The words of an approval.
    #[serde(default)]
    #[n(4)]
    pub granted: String,
    /// The words of a refusal to approve.
    #[serde(default)]
    #[n(5)]
    pub denied: String,
}

decode_array!(Signer {
    who,
    caption,
    step,
    names,
    granted,
    denied
});

/// A piece of a text with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Words(&'a str),
    /// The first of these that is recorded: a name of [`NAMES`], or `STEP.field`.
    Place(Vec<&'a str>),
}

/// What a place can name as a field of a step that approves: when it was granted.
pub const APPROVED: &str = "approved";

/// What a place can name beside fields: the party, its person in charge and address, how it is spoken to, the matter with its code
/// and without, the acting officers, the office, the record's place, the articles that the conduct violates, the reconsideration body and the court.
pub const NAMES: [&str; 12] = [
    "party",
    "contact",
    "address",
    "you",
    "matter",
    "cause",
    "team",
    "unit",
    "place",
    "violated",
    "reconsideration_body",
    "court",
];

/// The pieces of a text; none if a bracket stands alone.
#[must_use]
pub fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once('{') {
        let (place, next) = after.split_once('}')?;
        if words.contains('}') || place.contains('{') {
            return None;
        }
        if !words.is_empty() {
            out.push(Piece::Words(words));
        }
        out.push(Piece::Place(place.split('|').map(str::trim).collect()));
        rest = next;
    }
    if rest.contains('}') {
        return None;
    }
    if !rest.is_empty() {
        out.push(Piece::Words(rest));
    }
    Some(out)
}

impl Form {
    /// Every text with places, for checking them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let head = [self.number.as_str(), self.dated.as_str()];
        head.into_iter()
            .chain(self.body.iter().flat_map(Part::texts))
    }
}

impl Part {
    /// Its texts with places.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let cells = self.cells.iter().map(|cell| cell.value.as_str());
        std::iter::once(self.text.as_str()).chain(cells)
    }
}
