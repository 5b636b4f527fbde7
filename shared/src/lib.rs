//! The pure core of Chengxu.
pub mod id;
pub mod instant;
