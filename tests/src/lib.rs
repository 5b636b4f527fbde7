//! What the tests stand on: our programs as processes, a person at a desk, a person with a phone, faults.
//!
//! Start reading at [`process`] (servers and clients that are killed and started again), [`agent`] and [`page`] (the console
//! and the native client over HTTP), [`browser`] (Chromium).

pub mod agent;
pub mod bench;
pub mod browser;
pub mod device;
pub mod folder;
pub mod hands;
pub mod here;
pub mod journey;
pub mod machine;
pub mod office;
pub mod page;
pub mod process;
pub mod records;
pub mod tls;
pub mod webdriver;
pub mod world;
