//! A rule as data: what is checked, when it is due, how grave each state is and which article says so.
//! Apart because these rows stand in the procedure's file, where a lawyer reviews them. There are no expressions to parse:
//! every check is one of a closed list.

use crate::codec::{decode_array, decode_variants};
use crate::domain::reference::{PowerSource, SubjectKind};
use crate::id::{FieldId, RuleId, StepId};
use crate::rules::calendar::{Limit, Unit};
use crate::rules::gap::{Cure, GapState, Severity};
use crate::rules::jurisdiction::{Jurisdiction, LocalFlag, LocalLimit};
use crate::rules::procedure::{Citation, Confidence};
use crate::text::Bilingual;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

mod checks;
pub use checks::{ActDay, Check, FieldRef, Figure, Pair, Review, Shows};

/// The gravest that a duty which is not read in a statute may be called.
const UNVERIFIED_CAP: Severity = Severity::G2;

/// A length of time as a rule names it: a figure of the law, or one that the jurisdiction sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(try_from = "LimitRow", into = "LimitRow")]
pub enum LimitSpec {
    /// `{ n = 24, unit = "hour" }`
    #[n(0)]
    Fixed(#[n(0)] Limit),
    /// `{ local = "recheck" }`
    #[n(1)]
    Local(#[n(0)] LocalLimit),
}

decode_variants!(LimitSpec {
    0 => Fixed { 0 },
    1 => Local { 0 }
});

impl LimitSpec {
    /// The figure that counts here.
    #[must_use]
    pub const fn resolve(self, jurisdiction: &Jurisdiction) -> Limit {
        match self {
            Self::Fixed(limit) => limit,
            Self::Local(which) => jurisdiction.limit(which),
        }
    }
}

/// A [`LimitSpec`] as files write it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Unit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local: Option<LocalLimit>,
}

impl TryFrom<LimitRow> for LimitSpec {
    type Error = &'static str;

    fn try_from(row: LimitRow) -> Result<Self, Self::Error> {
        match (row.n, row.unit, row.local) {
            (Some(n), Some(unit), None) => Ok(Self::Fixed(Limit { n, unit })),
            (None, None, Some(which)) => Ok(Self::Local(which)),
            _ => Err("a limit is `n` and `unit`, or `local`"),
        }
    }
}

impl From<LimitSpec> for LimitRow {
    fn from(limit: LimitSpec) -> Self {
        match limit {
            LimitSpec::Fixed(Limit { n, unit }) => Self {
                n: Some(n),
                unit: Some(unit),
                local: None,
            },
            LimitSpec::Local(which) => Self {
                n: None,
                unit: None,
                local: Some(which),
            },
        }
    }
}

/// From when on a thing that is not there is a gap; before, it is only open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(tag = "when", rename_all = "snake_case", deny_unknown_fields)]
pub enum Due {
    /// When the visit began, or the record was handed in.
    #[n(0)]
    VisitStarted,
    /// When this step ended in whatever way, or the record was handed in.
    #[n(1)]
    Ended {
        /// The step.
        #[n(0)]
        step: StepId,
    },
    /// When the record was handed in.
    #[n(2)]
    Submitted,
    /// When so much time has passed since the visit's end.
    #[n(3)]
    AfterVisit {
        /// How much.
        #[n(0)]
        within: LimitSpec,
    },
    /// When so much time has passed since the first of these days that counts: that was given, in a field that applies.
    #[n(4)]
    AfterDay {
        /// The days.
        #[n(0)]
        days: Vec<FieldRef>,
        /// How much.
        #[n(1)]
        within: LimitSpec,
    },
    /// When this field, which applies, says something, or the record was handed in: a decision that bears its date is made.
    #[n(5)]
    Given {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
    },
}

decode_variants!(Due {
    0 => VisitStarted {  },
    1 => Ended { step },
    2 => Submitted {  },
    3 => AfterVisit { within },
    4 => AfterDay { days, within },
    5 => Given { step, field }
});

/// How one state of a rule is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct StateRow {
    /// Which state.
    #[n(0)]
    pub state: GapState,
    /// How grave, before the confidence rule.
    #[n(1)]
    pub severity: Severity,
    /// Whether it stops the next approval or document, before the confidence rule.
    #[serde(default)]
    #[n(2)]
    pub block: bool,
    /// What cures it once the visit is over.
    #[n(3)]
    pub cure: Cure,
    /// What makes it graver.
    #[serde(default)]
    #[n(4)]
    pub escalate: Option<Escalation>,
}

decode_array!(StateRow {
    state,
    severity,
    block,
    cure,
    escalate
});

/// A condition that makes a gap graver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Escalation {
    /// How grave then.
    #[n(0)]
    pub to: Severity,
    /// When.
    #[n(1)]
    pub when: When,
}

decode_array!(Escalation { to, when });

/// A condition on the record and what is known beside it: a closed list, no expressions to parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// This field was answered with yes.
    #[n(0)]
    FieldTrue {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
    },
    /// This field was answered with no.
    #[n(1)]
    FieldFalse {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
    },
    /// This field was answered with one of these codes.
    #[n(2)]
    FieldIs {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
        /// The codes.
        #[n(2)]
        is: Vec<String>,
    },
    /// The party is of one of these kinds; one that is not in the list of subjects counts as an organisation.
    #[n(3)]
    Subject {
        /// The kinds.
        #[n(0)]
        is: Vec<SubjectKind>,
    },
    /// The matter's power comes from one of these sources; one that is not on the list at all from none.
    #[n(4)]
    Power {
        /// The sources.
        #[n(0)]
        is: Vec<PowerSource>,
    },
    /// No version of the power list ever had the matter.
    #[n(5)]
    MatterUnknown,
    /// The jurisdiction asks for this.
    #[n(6)]
    Local {
        /// What.
        #[n(0)]
        flag: LocalFlag,
    },
    /// The record was opened as an emergency.
    #[n(7)]
    Urgent,
    /// The step was done.
    #[n(8)]
    Done {
        /// Which.
        #[n(0)]
        step: StepId,
    },
    /// The party refused to sign or to receive.
    #[n(9)]
    Refused {
        /// At which step.
        #[n(0)]
        step: StepId,
    },
    /// A checklist item failed.
    #[n(10)]
    ItemFailed,
    /// The opposite.
    #[n(11)]
    Not {
        /// Of what.
        #[n(0)]
        of: Box<When>,
    },
    /// All of these.
    #[n(12)]
    All {
        /// Which.
        #[n(0)]
        of: Vec<When>,
    },
    /// One of these.
    #[n(13)]
    Any {
        /// Which.
        #[n(0)]
        of: Vec<When>,
    },
    /// This field was answered, with whatever.
    #[n(14)]
    Answered {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
    },
}

decode_variants!(When {
    0 => FieldTrue { step, field },
    1 => FieldFalse { step, field },
    2 => FieldIs { step, field, is },
    3 => Subject { is },
    4 => Power { is },
    5 => MatterUnknown {},
    6 => Local { flag },
    7 => Urgent {},
    8 => Done { step },
    9 => Refused { step },
    10 => ItemFailed {},
    11 => Not { of },
    12 => All { of },
    13 => Any { of },
    14 => Answered { step, field },
});

/// What a rule needs to decide.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Scope {
    /// The record alone: phone and server give the same answer.
    #[n(0)]
    Record,
    /// An officer's other records.
    #[n(1)]
    Officer,
    /// Other records of any officer.
    #[n(2)]
    Registry,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Rule {
    /// Such as `R09`, or `<step>.<state>` where no numbered rule covers it.
    #[n(0)]
    pub id: RuleId,
    /// The step at fault.
    #[n(1)]
    pub step: StepId,
    /// When it applies at all; none: always. A rule of a step that does not apply does not apply either.
    #[serde(default)]
    #[n(2)]
    pub applies: Option<When>,
    /// What is checked.
    #[n(3)]
    pub check: Check,
    /// From when on its absence is a gap.
    #[n(4)]
    pub due: Due,
    /// The states it can find.
    #[n(5)]
    pub states: Vec<StateRow>,
    /// The articles, the leading one first.
    #[n(6)]
    pub basis: Vec<Citation>,
    /// How sure we are of the duty.
    #[n(7)]
    pub confidence: Confidence,
    /// How sure we are of the figure, where the rule has one.
    #[serde(default)]
    #[n(8)]
    pub figure: Option<Confidence>,
    /// What is needed to decide.
    #[n(9)]
    pub scope: Scope,
    /// Its title and text, where they travel with it: a phone has no texts of rules of its own. Files leave this out.
    #[serde(default, skip_serializing)]
    #[n(10)]
    pub words: Option<RuleWords>,
}

decode_array!(Rule {
    id,
    step,
    applies,
    check,
    due,
    states,
    basis,
    confidence,
    figure,
    scope,
    words
});

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct RuleWords {
    /// What is the matter, in a few words.
    #[n(0)]
    pub title: Bilingual,
    /// What follows from it, in a sentence.
    #[n(1)]
    pub text: Bilingual,
}

decode_array!(RuleWords { title, text });

impl Rule {
    /// The row of this state.
    #[must_use]
    pub fn state(&self, state: GapState) -> Option<&StateRow> {
        self.states.iter().find(|row| row.state == state)
    }

    /// Whether the confidence rule caps what this rule finds: the duty, known with this confidence, is not read in a statute,
    /// or the figure is our own default.
    #[must_use]
    pub fn is_capped(&self, confidence: Confidence) -> bool {
        confidence != Confidence::V || self.figure == Some(Confidence::D)
    }

    /// As grave as the confidence rule allows.
    #[must_use]
    pub fn capped(&self, severity: Severity, confidence: Confidence) -> Severity {
        if self.is_capped(confidence) {
            severity.min(UNVERIFIED_CAP)
        } else {
            severity
        }
    }

    /// Whether this state blocks, after the confidence rule.
    #[must_use]
    pub fn blocks(&self, row: &StateRow, confidence: Confidence) -> bool {
        row.block && !self.is_capped(confidence)
    }
}
