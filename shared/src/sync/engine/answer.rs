//! Telling our server's answers from everything else that may come back over HTTP.
//! Apart because a 200 is not success: a Wi-Fi login page answers 200 too.

use crate::codec;
use crate::log::commit::CommitHash;
use crate::problem::{Code, Json};
use crate::sync::wire::{CONTENT_TYPE, FeedHead};
use minicbor::{Decode, Encode};

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `content-type`, as sent.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why it is not the answer that was hoped for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not from our server.
    NotOurs,
    /// From a server, but without saying why.
    Status(u16),
    /// Our server says why, and where our feed stands if that matters.
    Code(Code, Option<FeedHead>),
}

impl Reply {
    /// The message, if this is one.
    pub(super) fn read<T: for<'b> Decode<'b, ()> + Encode<()>>(&self) -> Result<T, Refusal> {
        if self.status == 200 {
            if !self.content_type.starts_with(CONTENT_TYPE) {
                return Err(Refusal::NotOurs);
            }
            return codec::decode(&self.body).map_err(|_| Refusal::NotOurs);
        }
        if self.content_type.starts_with("application/problem+json")
            && let Ok(problem) = serde_json::from_slice::<Json>(&self.body)
            && let Some(code) = Code::from_text(&problem.code)
        {
            let head = problem.head.and_then(|head| {
                Some(FeedHead {
                    seq: head.seq,
                    hash: hash(&head.hash)?,
                })
            });
            return Err(Refusal::Code(code, head));
        }
        match self.status {
            408 | 429 | 500..=599 => Err(Refusal::Status(self.status)),
            _ => Err(Refusal::NotOurs),
        }
    }
}

fn hash(text: &str) -> Option<CommitHash> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(CommitHash(bytes))
}
