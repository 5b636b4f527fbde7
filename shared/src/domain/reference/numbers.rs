//! A block of document numbers (号段) that the office gave to one device in advance, so that a number can be taken without a
//! network and no other device has it.

use crate::codec::decode_array;
use crate::id::{FeedId, NumberBlockId, OfficerId};
use crate::numbers::Number;
use crate::rules::procedure::DocumentKind;
use minicbor::Encode;

/// Numbers from `first` to `last`, written as `prefix`, the number in at least `width` digits, `suffix`.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct NumberBlock {
    /// Which.
    #[n(0)]
    pub id: NumberBlockId,
    /// The device that may take them: a new installation needs a block of its own.
    #[n(1)]
    pub feed: FeedId,
    /// Whose device it is.
    #[n(2)]
    pub officer: OfficerId,
    /// The document that they are for.
    #[n(3)]
    pub document: DocumentKind,
    /// What stands before, such as `示例当罚〔2026〕`.
    #[n(4)]
    pub prefix: String,
    /// The first.
    #[n(5)]
    pub first: u32,
    /// The last.
    #[n(6)]
    pub last: u32,
    /// Digits at least.
    #[n(7)]
    pub width: u8,
    /// What stands after, such as `号`.
    #[n(8)]
    pub suffix: String,
}

decode_array!(NumberBlock {
    id,
    feed,
    officer,
    document,
    prefix,
    first,
    last,
    width,
    suffix
});

impl NumberBlock {
    /// Numbers of one block at most.
    pub const MOST: u32 = 500;
    /// The highest number that is issued: six digits.
    pub const HIGHEST: u32 = 999_999;

    /// One number as documents write it.
    #[must_use]
    pub fn text(&self, n: u32) -> String {
        let width = usize::from(self.width.min(9));
        format!("{}{n:0width$}{}", self.prefix, self.suffix)
    }

    /// The numbers in order.
    pub fn all(&self) -> impl Iterator<Item = String> {
        // Rows come from outside: a block that claims more than it may does not fill the memory.
        let last = self.last.min(self.first.saturating_add(Self::MOST - 1));
        (self.first..=last).map(|n| self.text(n))
    }

    /// Whether the block has this number, however it is typed.
    #[must_use]
    pub fn has(&self, number: &Number) -> bool {
        (self.first..=self.last).contains(&number.n)
            && number.stem == Number::read(&self.text(self.first)).stem
    }
}
