//! What an officer's own phone shows of their training, offline: invitations, hours of the year and what shall be reached.
//! Apart because every change goes through here, in the transaction of the change.

use crate::store::{self, WriteTx};
use shared::id::OfficerId;
use shared::instant::Instant;

/// Puts an officer's row as it is now. To be wired to the reference set of training.
#[expect(clippy::unnecessary_wraps, reason = "putting a row can fail")]
pub(super) fn officer(
    _tx: &WriteTx<'_>,
    _officer: OfficerId,
    _now: Instant,
) -> Result<(), store::Error> {
    Ok(())
}
