//! The pure core of Chengxu.
pub mod codec;
pub mod domain;
pub mod fold;
pub mod id;
pub mod instant;
pub mod log;
pub mod problem;
pub mod rules;
pub mod sync;
pub mod text;
