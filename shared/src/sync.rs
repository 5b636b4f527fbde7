//! Sync: what goes over the wire, and the engine that decides what to send when. No I/O.

pub mod engine;
pub mod wire;
