//! The audit log: every privileged act, written in the transaction of the act.

use super::{Error, ReadTx, WriteTx, cut};
use rusqlite::named_params;
use shared::instant::Instant;

/// What was done; the code is the end of the message key `console.audit.act.<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Login,
    Logout,
    TaskAssigned,
    TaskApproved,
    TaskDenied,
    StepRecorded,
    StepApproved,
    StepApprovedAnyway,
    StepDenied,
    GapReviewed,
    RecordReturned,
    LawImported,
    LawRemoved,
    ListImported,
    UnitAdded,
    UnitRenamed,
    UnitRemoved,
    CertificateAdded,
    CertificateEnded,
    StaffChanged,
    RoleGranted,
    RoleTaken,
    AccountMade,
    AccountDisabled,
    AccountEnabled,
    PasswordChosen,
    PostsSet,
    EnrolCodeMade,
    DeviceEnrolled,
    DeviceRevoked,
    DeviceForked,
    NumbersIssued,
    NumbersClosed,
    SessionPlanned,
    SessionChanged,
    SessionInvited,
    InviteWithdrawn,
    AttendanceMarked,
    SessionHeld,
    SessionReopened,
    SessionCancelled,
    TrainingTargetSet,
    DrillScored,
    DemoMade,
}

impl Act {
    /// Every act.
    #[cfg(test)]
    pub(crate) const ALL: &[Self] = &[
        Self::Login,
        Self::Logout,
        Self::TaskAssigned,
        Self::TaskApproved,
        Self::TaskDenied,
        Self::StepRecorded,
        Self::StepApproved,
        Self::StepApprovedAnyway,
        Self::StepDenied,
        Self::GapReviewed,
        Self::RecordReturned,
        Self::LawImported,
        Self::LawRemoved,
        Self::ListImported,
        Self::UnitAdded,
        Self::UnitRenamed,
        Self::UnitRemoved,
        Self::CertificateAdded,
        Self::CertificateEnded,
        Self::StaffChanged,
        Self::RoleGranted,
        Self::RoleTaken,
        Self::AccountMade,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::PasswordChosen,
        Self::PostsSet,
        Self::EnrolCodeMade,
        Self::DeviceEnrolled,
        Self::DeviceRevoked,
        Self::DeviceForked,
        Self::NumbersIssued,
        Self::NumbersClosed,
        Self::SessionPlanned,
        Self::SessionChanged,
        Self::SessionInvited,
        Self::InviteWithdrawn,
        Self::AttendanceMarked,
        Self::SessionHeld,
        Self::SessionReopened,
        Self::SessionCancelled,
        Self::TrainingTargetSet,
        Self::DrillScored,
        Self::DemoMade,
    ];

    /// The code in storage.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::TaskAssigned => "task-assigned",
            Self::TaskApproved => "task-approved",
            Self::TaskDenied => "task-denied",
            Self::StepRecorded => "step-recorded",
            Self::StepApproved => "step-approved",
            Self::StepApprovedAnyway => "step-approved-anyway",
            Self::StepDenied => "step-denied",
            Self::GapReviewed => "gap-reviewed",
            Self::RecordReturned => "record-returned",
            Self::LawImported => "law-imported",
            Self::LawRemoved => "law-removed",
            Self::ListImported => "list-imported",
            Self::UnitAdded => "unit-added",
            Self::UnitRenamed => "unit-renamed",
            Self::UnitRemoved => "unit-removed",
            Self::CertificateAdded => "certificate-added",
            Self::CertificateEnded => "certificate-ended",
            Self::StaffChanged => "staff-changed",
            Self::RoleGranted => "role-granted",
            Self::RoleTaken => "role-taken",
            Self::AccountMade => "account-made",
            Self::AccountDisabled => "account-disabled",
            Self::AccountEnabled => "account-enabled",
            Self::PasswordChosen => "password-chosen",
            Self::PostsSet => "posts-set",
            Self::EnrolCodeMade => "enrol-code-made",
            Self::DeviceEnrolled => "device-enrolled",
            Self::DeviceRevoked => "device-revoked",
            Self::DeviceForked => "device-forked",
            Self::NumbersIssued => "numbers-issued",
            Self::NumbersClosed => "numbers-closed",
            Self::SessionPlanned => "session-planned",
            Self::SessionChanged => "session-changed",
            Self::SessionInvited => "session-invited",
            Self::InviteWithdrawn => "invite-withdrawn",
            Self::AttendanceMarked => "attendance-marked",
            Self::SessionHeld => "session-held",
            Self::SessionReopened => "session-reopened",
            Self::SessionCancelled => "session-cancelled",
            Self::TrainingTargetSet => "training-target-set",
            Self::DrillScored => "drill-scored",
            Self::DemoMade => "demo-made",
        }
    }
}

/// Writes an act down; `account` none = a device, or the system itself.
pub(crate) fn write(
    tx: &WriteTx<'_>,
    at: Instant,
    account: Option<i64>,
    act: Act,
    target: &str,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO audit (at, account, act, target) VALUES (:at, :account, :act, :target)",
        named_params! {":at": at.as_millis(), ":account": account, ":act": act.code(), ":target": target},
    )?;
    Ok(())
}

/// One line of the log.
pub(crate) struct Line {
    /// When.
    pub(crate) at: Instant,
    /// Who, by account.
    pub(crate) account: Option<String>,
    /// What.
    pub(crate) act: String,
    /// To what.
    pub(crate) target: String,
}

/// A page of the log, newest first, and whether there is more.
pub(crate) fn page(tx: &ReadTx<'_>, page: usize, size: usize) -> Result<(Vec<Line>, bool), Error> {
    let mut statement = tx.sql(
        "SELECT audit.at, account.name, audit.act, audit.target
         FROM audit LEFT JOIN account ON account.id = audit.account
         ORDER BY audit.id DESC LIMIT ?1 OFFSET ?2",
    )?;
    let rows = statement.query_map(
        (
            super::rows(size + 1),
            super::rows(page.saturating_mul(size)),
        ),
        |row| {
            Ok(Line {
                at: Instant::from_millis(row.get(0)?),
                account: row.get(1)?,
                act: row.get(2)?,
                target: row.get(3)?,
            })
        },
    )?;
    let lines: Vec<Line> = rows.collect::<Result<_, _>>()?;
    Ok(cut(lines, size))
}
