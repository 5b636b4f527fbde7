//! Who may do what: roles, and the kinds of access that a route can ask for.
//! Apart because the table in [`crate::routes`] is made of these and nothing can be routed without one.

use shared::rules::procedure::Hand;

/// What a person is allowed to be on the console. One person may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 执法人员.
    Officer,
    /// 综合行政执法队队长.
    SquadLead,
    /// 行政机关负责人.
    Responsible,
    /// 法制审核人员.
    LegalReviewer,
    /// 执法监督人员.
    Supervisor,
    /// 培训管理人员.
    TrainingManager,
    /// 党政主要负责人.
    Leader,
    /// 系统管理员.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Officer,
        Self::SquadLead,
        Self::Responsible,
        Self::LegalReviewer,
        Self::Supervisor,
        Self::TrainingManager,
        Self::Leader,
        Self::Admin,
    ];

    /// The code in storage and in the message keys `console.role.<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::SquadLead => "squad-lead",
            Self::Responsible => "responsible",
            Self::LegalReviewer => "legal-reviewer",
            Self::Supervisor => "supervisor",
            Self::TrainingManager => "training-manager",
            Self::Leader => "leader",
            Self::Admin => "admin",
        }
    }

    /// The role that does a step by this hand.
    #[must_use]
    pub const fn of_hand(hand: Hand) -> Self {
        match hand {
            Hand::SquadLead => Self::SquadLead,
            Hand::Responsible => Self::Responsible,
            Hand::LegalReviewer => Self::LegalReviewer,
        }
    }

    /// Whether the role looks after every office and not only its own.
    #[must_use]
    pub const fn sees_every_unit(self) -> bool {
        matches!(self, Self::Supervisor | Self::TrainingManager | Self::Admin)
    }
}

/// What a route asks of whoever calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// A device's bearer token.
    Device,
    /// A session of somebody with one of these roles.
    Roles(&'static [Role]),
}

/// Anybody who is signed in.
pub(crate) const SIGNED_IN: Access = Access::Roles(&Role::ALL);

/// Whoever works with records and gaps.
pub(crate) const RECORDS: Access = Access::Roles(&[
    Role::Officer,
    Role::SquadLead,
    Role::Responsible,
    Role::LegalReviewer,
    Role::Supervisor,
    Role::TrainingManager,
    Role::Leader,
]);

/// Whoever plans the work.
pub(crate) const TASKS: Access = Access::Roles(&[
    Role::Officer,
    Role::SquadLead,
    Role::Responsible,
    Role::Supervisor,
    Role::Leader,
]);

/// Whoever sends officers out.
pub(crate) const ASSIGN: Access = Access::Roles(&[Role::SquadLead]);

/// Whoever answers for the office (行政机关负责人).
pub(crate) const APPROVE: Access = Access::Roles(&[Role::Responsible]);

/// Whoever does the office's steps of a record; which of them is said by the step.
pub(crate) const OFFICE: Access =
    Access::Roles(&[Role::SquadLead, Role::Responsible, Role::LegalReviewer]);

/// Whoever watches over procedure (行政执法监督).
pub(crate) const SUPERVISE: Access = Access::Roles(&[Role::Supervisor]);

/// Whoever looks after people and certificates.
pub(crate) const PEOPLE: Access = Access::Roles(&[
    Role::SquadLead,
    Role::Responsible,
    Role::Supervisor,
    Role::TrainingManager,
    Role::Leader,
    Role::Admin,
]);

/// Whoever plans courses and drills.
pub(crate) const TRAINERS: Access = Access::Roles(&[Role::TrainingManager]);

/// Whoever looks after training: the manager everywhere, a lead in the own office.
pub(crate) const TRAINING: Access = Access::Roles(&[Role::SquadLead, Role::TrainingManager]);

/// Whoever may have a training file to look at; an officer sees only the own one.
pub(crate) const TRAINING_FILE: Access =
    Access::Roles(&[Role::Officer, Role::SquadLead, Role::TrainingManager]);

/// Whoever plays drills, for the own ones, and whoever trains; which of them sees what is said by the drill.
pub(crate) const DRILLS: Access = Access::Roles(&[Role::Officer, Role::TrainingManager]);

/// Whoever must notice a device that does not call.
pub(crate) const DEVICES: Access = Access::Roles(&[Role::SquadLead, Role::Supervisor, Role::Admin]);

/// Whoever issues document numbers to the devices of the office.
pub(crate) const NUMBERS: Access = Access::Roles(&[Role::SquadLead, Role::Admin]);

/// The administrator.
pub(crate) const ADMIN: Access = Access::Roles(&[Role::Admin]);

/// Whoever checks what was done on the console.
pub(crate) const AUDIT: Access = Access::Roles(&[Role::Supervisor, Role::Admin]);

/// One line of the access table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The HTTP method.
    pub method: &'static str,
    /// The path's pattern, as the router knows it.
    pub path: &'static str,
    /// What it asks for.
    pub access: Access,
}
