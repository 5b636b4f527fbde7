//! What the training manager's page counts. Apart because it is native only: a phone needs none of it.

pub mod competency;
pub mod effect;
pub mod hours;
pub mod needs;
pub mod scenario;
