//! What the tests stand on: our programs as processes, a person at a desk, a person with a phone, faults.
//!
//! Start reading at [`world`] (real processes over TLS, killed and started again) and [`here`] (the same office and phones in
//! this process, with a [`machine`] whose network fails as told). [`journey`] is the first slice's journey; [`hands`] walk it on
//! the native client ([`agent`], [`page`]) and in Chromium ([`browser`]). [`device`] speaks the protocol itself.

pub mod agent;
pub mod axe;
pub mod bench;
pub mod browser;
pub mod camera;
pub mod device;
pub mod folder;
pub mod fuzz;
pub mod hands;
pub mod here;
pub mod journey;
pub mod machine;
pub mod moved;
pub mod office;
pub mod ordinary;
pub mod page;
pub mod process;
pub mod records;
pub mod tls;
pub mod webdriver;
pub mod world;
pub mod year;
