//! The pure core of Chengxu (程序): what can be recorded, what follows from it, and what is to be sent. Phone and server run
//! the same code here, so they agree.
//!
//! - An [event](domain::event) is one recorded fact; the list of kinds is closed and knows no procedure.
//! - A [commit](log::commit) is 1 to 64 events of one record, sealed and signed; commits form one chain per
//!   [feed](id::FeedId), which is one installation.
//! - A record's commits are read in [causal order](log::order) and [folded](fold::Facts) into facts.
//! - A [procedure](rules::procedure) is data; [`rules::check::check`] turns facts and context into
//!   [gaps](rules::gap::Gap) and into what is still open.
//! - The [`library`] says what each cited article demands; `data`, native only, reads it from `data/`.
//! - A [`drill`] is judged by the same rules in a sandbox that its [scenario](domain::scenario) describes.
//! - `scoring`, native only, gives a file its legal grade and its review points.
//! - [`sync::engine`] decides what to send when; [`sync::wire`] says how it looks on the way.
//! - [`numbers`] says what became of the numbers of a record's documents.
//! - [`problem`] lists every refusal, [`text`] has the words for all of it in both languages.
//!
//! Nothing here reads a clock, makes a random number, opens a file or a socket, or knows SQL: time and bytes are arguments.
//! Every function over stored data is total: whatever an old or a newer build wrote, it is kept and shown.
//!
//! Begin with [`fold`], then [`rules::check`]; `procedures/XZJC.toml` is the law they judge by.

#![deny(missing_docs)]

pub mod codec;
#[cfg(not(target_arch = "wasm32"))]
pub mod data;
pub mod documents;
pub mod domain;
pub mod drill;
pub mod fold;
pub mod gather;
pub mod id;
pub mod instant;
pub mod judge;
pub mod library;
pub mod log;
pub mod numbers;
pub mod problem;
pub mod rules;
#[cfg(not(target_arch = "wasm32"))]
pub mod scoring;
pub mod sync;
pub mod text;
#[cfg(not(target_arch = "wasm32"))]
pub mod training;
