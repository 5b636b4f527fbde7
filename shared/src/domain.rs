//! Plain types of the field: what can be recorded and what reference data says.

pub mod event;
pub mod reference;
pub mod scenario;
