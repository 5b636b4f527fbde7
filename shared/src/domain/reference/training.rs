//! What an officer's own page says of training: one row per officer, delivered to that officer's devices only.
//! Apart because these rows judge nobody and are no context of any assessment.

use crate::codec::decode_array;
use crate::id::{OfficerId, SessionId};
use crate::instant::{Instant, date_cbor};
use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What an officer learned this year and is invited to, as the office counts it. Short: see the limits of its lists.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Training {
    /// Whose.
    #[n(0)]
    pub officer: OfficerId,
    /// The year that hours are counted for.
    #[n(1)]
    pub year: i16,
    /// Hours (学时) so far, in tenths.
    #[n(2)]
    pub done_x10: u32,
    /// Hours expected in the year, in tenths.
    #[n(3)]
    pub target_x10: u32,
    /// What lies ahead, soonest first; at most [`Training::INVITATIONS`].
    #[n(4)]
    pub invitations: Vec<Invitation>,
    /// What was attended in this year, latest first; at most [`Training::ATTENDED`].
    #[n(5)]
    pub attended: Vec<Attended>,
}

decode_array!(Training {
    officer,
    year,
    done_x10,
    target_x10,
    invitations,
    attended
});

impl Training {
    /// Invitations in a row at most.
    pub const INVITATIONS: usize = 20;
    /// Attended sessions in a row at most.
    pub const ATTENDED: usize = 100;

    /// In order and within the limits; what was attended in another year is left out.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.invitations
            .sort_by_key(|invitation| (invitation.starts_at, invitation.session));
        self.invitations.truncate(Self::INVITATIONS);
        let year = self.year;
        self.attended.retain(|attended| attended.day.year() == year);
        self.attended
            .sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.title.cmp(&b.title)));
        self.attended.truncate(Self::ATTENDED);
        self
    }
}

/// What a session is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// 课程.
    #[n(0)]
    Course,
    /// 演练.
    #[n(1)]
    Drill,
}

/// A session that an officer is asked to come to.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Invitation {
    /// Which.
    #[n(0)]
    pub session: SessionId,
    /// Course or drill.
    #[n(1)]
    pub kind: SessionKind,
    /// Its title.
    #[n(2)]
    pub title: String,
    /// When it begins.
    #[n(3)]
    pub starts_at: Instant,
    /// When it ends.
    #[n(4)]
    pub ends_at: Instant,
    /// Where; empty where it does not matter.
    #[n(5)]
    pub place: String,
    /// Hours that count when attended, in tenths.
    #[n(6)]
    pub hours_x10: u32,
    /// The drill's scenario, such as `refusal-to-sign`.
    #[n(7)]
    pub scenario: Option<String>,
    /// Why this officer, in plain words.
    #[n(8)]
    pub why: String,
}

decode_array!(Invitation {
    session,
    kind,
    title,
    starts_at,
    ends_at,
    place,
    hours_x10,
    scenario,
    why
});

/// A session that an officer attended.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Attended {
    /// Its title.
    #[n(0)]
    pub title: String,
    /// When.
    #[cbor(n(1), with = "date_cbor")]
    pub day: Date,
    /// Hours that count, in tenths.
    #[n(2)]
    pub hours_x10: u32,
}

decode_array!(Attended {
    title,
    day: with(date_cbor::decode),
    hours_x10
});
