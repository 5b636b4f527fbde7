//! Which step a fact belongs to.
//! Apart because the list of kinds itself is frozen, and this is only a reading of it.

use super::Fact;
use crate::id::StepId;

impl Fact {
    /// The step that this fact says something of; none where it is about the record as a whole, or about what the rules
    /// found.
    #[must_use]
    pub const fn step(&self) -> Option<&StepId> {
        Some(match self {
            Self::StepRecorded(f) => &f.step,
            Self::FieldAnswered(f) => &f.step,
            Self::EvidenceAdded(f) => &f.step,
            Self::Signed(f) => &f.step,
            Self::Refused(f) => &f.step,
            Self::StatementHeard(f) => &f.step,
            Self::Approved(f) => &f.step,
            Self::Served(f) => &f.step,
            Self::Decided(f) => &f.step,
            Self::Opened(_)
            | Self::Linked(_)
            | Self::Amended(_)
            | Self::Submitted(_)
            | Self::Returned(_)
            | Self::Voided(_)
            | Self::Reviewed(_)
            | Self::Explained(_)
            | Self::Unknown { .. } => return None,
        })
    }
}
