//! A drill's scenario (演练脚本): the situation, who plays what, what is thrown in, and what a good run looks like.
//! Apart because it is data that a training manager writes and that phones carry. **Frozen**: a phone that is not updated
//! yet reads these bytes; fields are only added at the end.

use crate::codec::{decode_array, decode_variants};
use crate::domain::reference::SubjectKind;
use crate::id::{FieldId, ProcedureId, RuleId, StepId};
use crate::rules::procedure::Citation;
use crate::text::Bilingual;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A scenario.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Scenario {
    /// Such as `refusal-to-sign`: lower-case letters, digits and hyphens, at most [`Scenario::MAX_ID`].
    #[n(0)]
    pub id: String,
    /// From 1; a record keeps the version it was played with.
    #[n(1)]
    pub version: u32,
    /// Its name.
    #[n(2)]
    pub title: Bilingual,
    /// What the players know when they set out, and what they are to do.
    #[n(3)]
    pub brief: Bilingual,
    /// The party's name as written on documents; invented.
    #[n(4)]
    pub party: String,
    /// What kind of party it is.
    #[n(5)]
    pub party_kind: SubjectKind,
    /// Where; invented.
    #[n(6)]
    pub place: String,
    /// The matter's code on the power list.
    #[n(7)]
    pub matter: String,
    /// The matter's name, for an office whose own list does not have it.
    #[n(8)]
    pub matter_name: Bilingual,
    /// Why it could not wait for approval, if so.
    #[n(9)]
    pub urgent: Option<Bilingual>,
    /// How long it takes, in minutes.
    #[n(10)]
    pub minutes: u32,
    /// What it trains: competencies by code, such as `K03`.
    #[n(11)]
    pub competencies: Vec<String>,
    /// The procedure that is followed, in its newest version.
    #[n(12)]
    pub procedure: ProcedureId,
    /// One card for each role.
    #[n(13)]
    pub cards: Vec<Card>,
    /// What happens on the way.
    #[n(14)]
    pub injects: Vec<Inject>,
    /// How the sandbox differs from the office's own reference data.
    #[n(15)]
    pub setup: Vec<Setup>,
    /// What a good run looks like.
    #[n(16)]
    pub expectations: Vec<Expectation>,
    /// What is said afterwards.
    #[n(17)]
    pub debrief: Bilingual,
}

decode_array!(Scenario {
    id,
    version,
    title,
    brief,
    party,
    party_kind,
    place,
    matter,
    matter_name,
    urgent,
    minutes,
    competencies,
    procedure,
    cards,
    injects,
    setup,
    expectations,
    debrief
});

impl Scenario {
    /// The longest id, in characters.
    pub const MAX_ID: usize = 32;

    /// `id@version`, as records and the reference set name it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The card of this role.
    #[must_use]
    pub fn card(&self, role: Role) -> Option<&Card> {
        self.cards.iter().find(|card| card.role == role)
    }

    /// What happens at this step.
    pub fn injects_at<'a>(&'a self, step: &'a str) -> impl Iterator<Item = &'a Inject> {
        self.injects
            .iter()
            .filter(move |inject| inject.step == *step)
    }
}

/// Who plays.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 执法人员甲: has the phone and is judged.
    #[n(0)]
    OfficerA,
    /// 执法人员乙.
    #[n(1)]
    OfficerB,
    /// 当事人.
    #[n(2)]
    Party,
    /// 见证人.
    #[n(3)]
    Witness,
    /// 评委: watches, says what happens, scores.
    #[n(4)]
    Judge,
}

impl Role {
    /// Every role, in the order of the cards.
    pub const ALL: [Self; 5] = [
        Self::OfficerA,
        Self::OfficerB,
        Self::Party,
        Self::Witness,
        Self::Judge,
    ];

    /// The code in files, and in the texts below `drill.role.`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OfficerA => "officer_a",
            Self::OfficerB => "officer_b",
            Self::Party => "party",
            Self::Witness => "witness",
            Self::Judge => "judge",
        }
    }
}

/// A role card (角色卡): what this player knows, and how to play.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Card {
    /// Whose.
    #[n(0)]
    pub role: Role,
    /// What stands on it.
    #[n(1)]
    pub text: Bilingual,
}

decode_array!(Card { role, text });

/// Something that happens on the way (突发情况).
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Inject {
    /// When this step is opened.
    #[n(0)]
    pub step: StepId,
    /// Who brings it about.
    #[n(1)]
    pub role: Role,
    /// What.
    #[n(2)]
    pub text: Bilingual,
}

decode_array!(Inject { step, role, text });

/// How the sandbox differs from the office's own reference data. Whatever no line here names is in order: the officers have
/// certificates, the matter is on the list.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// The colleague's certificate ended the day before.
    #[n(0)]
    ColleagueCertificateEnded,
    /// The colleague is auxiliary staff.
    #[n(1)]
    ColleagueAuxiliary,
    /// The matter is not on the power list.
    #[n(2)]
    MatterNotListed,
    /// The office may only patrol, persuade and report (S4).
    #[n(3)]
    MatterOnlyReported,
    /// The inspection was approved beforehand.
    #[n(4)]
    Approved,
    /// It was not.
    #[n(5)]
    NotApproved,
}

/// Something that a good run shows.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Expectation {
    /// In words.
    #[n(0)]
    pub text: Bilingual,
    /// The article that asks for it.
    #[n(1)]
    pub basis: Citation,
    /// What the record must show.
    #[n(2)]
    pub met_by: MetBy,
}

decode_array!(Expectation {
    text,
    basis,
    met_by
});

/// What a record must show for an expectation to be met.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MetBy {
    /// This rule finds nothing: no gap, and nothing still to do.
    #[n(0)]
    RuleAbsent {
        /// The rule.
        #[n(0)]
        rule: RuleId,
    },
    /// This rule finds no gap; something may still be to do when the drill ends.
    #[n(1)]
    NoGap {
        /// The rule.
        #[n(0)]
        rule: RuleId,
    },
    /// A refusal is on record at this step, with its reason and a witness or a recording (行政诉讼证据规定 15).
    #[n(2)]
    Refusal {
        /// The step.
        #[n(0)]
        step: StepId,
    },
    /// This step was done.
    #[n(3)]
    StepEnded {
        /// The step.
        #[n(0)]
        step: StepId,
    },
    /// This step was not done: the players stopped in time.
    #[n(4)]
    StepLeft {
        /// The step.
        #[n(0)]
        step: StepId,
    },
    /// This field has one of these answers; any answer where none is named. Yes and no are `yes` and `no`.
    #[n(5)]
    Answered {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
        /// The codes.
        #[serde(default)]
        #[n(2)]
        is: Vec<String>,
    },
    /// The party was heard at this step: its words and the answer are on record.
    #[n(6)]
    Heard {
        /// The step.
        #[n(0)]
        step: StepId,
    },
    /// Why it is as it is was written down at this step: with how it ended, as a statement or as a late entry's reason.
    #[n(7)]
    Explained {
        /// The step.
        #[n(0)]
        step: StepId,
    },
    /// This field's text has one of these words. A sign, no proof: the judge reads what was written.
    #[n(8)]
    Mentions {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
        /// The words.
        #[n(2)]
        words: Vec<String>,
    },
}

decode_variants!(MetBy {
    0 => RuleAbsent { rule },
    1 => NoGap { rule },
    2 => Refusal { step },
    3 => StepEnded { step },
    4 => StepLeft { step },
    5 => Answered { step, field, is },
    6 => Heard { step },
    7 => Explained { step },
    8 => Mentions { step, field, words }
});

impl MetBy {
    /// The rule that it asks about, if it does.
    #[must_use]
    pub const fn rule(&self) -> Option<&RuleId> {
        match self {
            Self::RuleAbsent { rule } | Self::NoGap { rule } => Some(rule),
            _ => None,
        }
    }

    /// The step that it asks about, if it does.
    #[must_use]
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::RuleAbsent { .. } | Self::NoGap { .. } => None,
            Self::Refusal { step }
            | Self::StepEnded { step }
            | Self::StepLeft { step }
            | Self::Answered { step, .. }
            | Self::Heard { step }
            | Self::Explained { step }
            | Self::Mentions { step, .. } => Some(step),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
