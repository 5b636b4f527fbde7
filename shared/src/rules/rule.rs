//! A rule as data: what is checked, when it is due, how grave each state is and which article says so.
//! Apart because these rows stand in the procedure's file, where a lawyer reviews them. There are no expressions to parse:
//! every check is one of a closed list.

use crate::domain::event::EvidenceKind;
use crate::domain::reference::{PowerSource, SubjectKind};
use crate::id::{FieldId, RuleId, StepId};
use crate::rules::calendar::{Limit, Unit};
use crate::rules::gap::{Cure, GapState, Severity};
use crate::rules::jurisdiction::{Jurisdiction, LocalFlag, LocalLimit};
use crate::rules::procedure::{Citation, Confidence};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The gravest that a duty which is not read in a statute may be called.
const UNVERIFIED_CAP: Severity = Severity::G2;

/// A length of time as a rule names it: a figure of the law, or one that the jurisdiction sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(try_from = "LimitRow", into = "LimitRow")]
pub enum LimitSpec {
    /// `{ n = 24, unit = "hour" }`
    #[n(0)]
    Fixed(#[n(0)] Limit),
    /// `{ local = "recheck" }`
    #[n(1)]
    Local(#[n(0)] LocalLimit),
}

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

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// The power list gives the office this power on the day that counts: that of this field, else of the approval.
    #[n(0)]
    WithinPower {
        /// The field with the day, where the procedure has one.
        #[serde(default)]
        #[n(0)]
        on: Option<FieldRef>,
        /// What makes the record an order, which cooperation (S4) does not allow.
        #[n(1)]
        order: When,
        /// How sure we are that cooperation visits only enterprises whose matter is on the published list; none: not asked.
        #[serde(default)]
        #[n(2)]
        listed: Option<Confidence>,
    },
    /// Every acting officer has a certificate on the day of the act.
    #[n(1)]
    Certified {
        /// Auxiliary staff, who never have one, are another rule's matter.
        #[serde(default)]
        #[n(0)]
        but_auxiliary: bool,
    },
    /// So many acting officers have one.
    #[n(2)]
    CertifiedCount {
        /// How many.
        #[n(0)]
        at_least: usize,
        /// Steps whose document, where it was made, so many of them sign.
        #[serde(default)]
        #[n(1)]
        signing: Vec<StepId>,
    },
    /// Nobody of the auxiliary staff acts as an officer.
    #[n(3)]
    NoAuxiliary,
    /// A field is not answered with one of these; what was answered so is what the rule finds.
    #[n(4)]
    NotAnswered {
        /// The field, of the rule's step.
        #[n(0)]
        field: FieldId,
        /// Codes of a choice, or `yes` and `no`.
        #[n(1)]
        is: Vec<String>,
        /// What it is then.
        #[n(2)]
        state: GapState,
    },
    /// These fields of the rule's step say something.
    #[n(5)]
    Filled {
        /// Which.
        #[n(0)]
        fields: Vec<FieldId>,
        /// Fields that are not answered with no.
        #[serde(default)]
        #[n(1)]
        yes: Vec<FieldId>,
    },
    /// The party was not inspected more often this year than the jurisdiction allows.
    #[n(6)]
    Capped,
    /// The approval was granted before the visit; in an emergency within this limit after it began.
    #[n(7)]
    ApprovedBefore {
        /// The limit for emergencies.
        #[n(0)]
        urgent_within: LimitSpec,
    },
    /// The inspection code was scanned or shown, or entered later within this limit and with a reason.
    #[n(8)]
    Scanned {
        /// The limit, from the visit's end.
        #[n(0)]
        late_within: LimitSpec,
    },
    /// Something shows that the step happened; a bare tap is only a claim.
    #[n(9)]
    Evidenced {
        /// The kinds of evidence that count.
        #[n(0)]
        by: Vec<Shows>,
    },
    /// The notice reached the party before this step began, and its rights were told.
    #[n(10)]
    Noticed {
        /// What it must precede.
        #[n(0)]
        before: StepId,
        /// The field that says whether the rights were told.
        #[n(1)]
        rights: FieldId,
    },
    /// Every item of the checklist has an answer, and a reason where it asks for one.
    #[n(11)]
    ItemsAnswered,
    /// The party signed, or refused with a reason and before a witness or a recording.
    #[n(12)]
    PartySigned,
    /// Every acting officer signed.
    #[n(13)]
    OfficersSigned,
    /// No acting officer was elsewhere during the visit.
    #[n(14)]
    NowhereElse,
    /// Sound and picture were recorded.
    #[n(15)]
    Filmed {
        /// The field with the device.
        #[n(0)]
        device: FieldId,
        /// The field with the beginning.
        #[n(1)]
        started: FieldId,
    },
    /// The step was done.
    #[n(16)]
    Recorded,
    /// The step, if done, was done within the rule's limit.
    #[n(17)]
    NotLater,
    /// A finding was given an exit other than these within the rule's limit.
    #[n(18)]
    Disposed {
        /// What makes a finding.
        #[n(0)]
        finding: When,
        /// The field with the exit.
        #[n(1)]
        exit: FieldId,
        /// Exits that are none for a finding.
        #[n(2)]
        not: Vec<String>,
    },
    /// The conduct was found within the limitation period (行政处罚法 36).
    #[n(19)]
    WithinLimitation {
        /// The field with the day of the conduct.
        #[n(0)]
        conduct: FieldId,
        /// The field with the day on which it was found; without an answer the day of the visit.
        #[n(1)]
        found: FieldId,
        /// The field that says whether the longer period counts.
        #[n(2)]
        harm: FieldId,
        /// Years.
        #[n(3)]
        years: u8,
        /// Years with harm.
        #[n(4)]
        harm_years: u8,
    },
    /// The day in this field is within the rule's limit.
    #[n(20)]
    ByDay {
        /// Which field.
        #[n(0)]
        field: FieldId,
    },
    /// The file was closed, and is complete.
    #[n(21)]
    Archived {
        /// The field with the day.
        #[n(0)]
        day: FieldId,
        /// The field that says whether it is complete.
        #[n(1)]
        complete: FieldId,
    },
    /// Evidence of this step came about before the day on which the decision is dated was over.
    #[n(22)]
    EvidenceBefore {
        /// The field with the decision's day.
        #[n(0)]
        on: FieldRef,
    },
    /// Clocks, pictures and signed documents agree with the times at which things were recorded.
    #[n(23)]
    TimesAgree,
    /// The document reached the party.
    #[n(24)]
    Delivered {
        /// The field with the moment.
        #[n(0)]
        at: FieldId,
    },
    /// The document, if it reached the party, did so within the rule's limit.
    #[n(25)]
    DeliveredInTime {
        /// The field with the moment.
        #[n(0)]
        at: FieldId,
    },
    /// The day in this field, if any, is not after the first of these days that counts.
    #[n(26)]
    NotAfterDay {
        /// The field.
        #[n(0)]
        field: FieldId,
        /// The days.
        #[n(1)]
        days: Vec<FieldRef>,
    },
    /// The visit, if any, began after the first of these days that counts was over.
    #[n(27)]
    NotBeforeDay {
        /// The days.
        #[n(0)]
        days: Vec<FieldRef>,
    },
    /// Somebody went to look, here or in a linked record, within the rule's limit.
    #[n(28)]
    Rechecked,
    /// The penalty is of a kind that may be given on the spot, and a fine is not over its cap (行政处罚法 51).
    #[n(29)]
    OnTheSpot {
        /// The field with the kind.
        #[n(0)]
        kind: FieldId,
        /// Kinds that may be given.
        #[n(1)]
        allowed: Vec<String>,
        /// The field with the fine, in yuan.
        #[n(2)]
        fine: FieldId,
        /// The cap for a citizen, in yuan. For a sole trader the law is silent: between the caps the finding is our own default.
        #[n(3)]
        citizen: i64,
        /// The cap for an organisation, in yuan.
        #[n(4)]
        organisation: i64,
    },
    /// Everything that the party said at the step was answered.
    #[n(30)]
    Heard,
    /// What was decided is not heavier than what the party was told, and rests on the same (行政处罚法 44, 45, 62).
    #[n(31)]
    NotHeavier {
        /// Fields of the rule's step that must not be more than the other: whole numbers, or choices that stand from light to
        /// heavy.
        #[n(0)]
        more: Vec<Pair>,
        /// Fields of the rule's step that must say the same.
        #[n(1)]
        same: Vec<Pair>,
    },
    /// Where a penalty presupposes it, an order to correct was served and a re-inspection found that it was not obeyed.
    #[n(32)]
    CorrectionFailed,
    /// The article that is named was in force for the conduct.
    #[n(33)]
    BasisInForce {
        /// The field with the articles.
        #[n(0)]
        basis: FieldId,
        /// The field with the day of the conduct.
        #[n(1)]
        conduct: FieldRef,
    },
    /// Money is taken on the spot only on a ground of the law (行政处罚法 68, 69).
    #[n(34)]
    Grounded {
        /// The field with the ground.
        #[n(0)]
        ground: FieldId,
        /// Answers that are none.
        #[n(1)]
        none: Vec<String>,
        /// The ground of a small fine.
        #[n(2)]
        small: String,
        /// The field with the fine, in yuan.
        #[n(3)]
        fine: FieldRef,
        /// What is small, in yuan.
        #[n(4)]
        most: i64,
        /// The ground that counts only if the party asked.
        #[n(5)]
        asked_for: String,
        /// The field that says whether it did.
        #[n(6)]
        asked: FieldId,
    },
    /// A day is in this field, and it is within the rule's limit.
    #[n(35)]
    DoneBy {
        /// Which field.
        #[n(0)]
        field: FieldId,
    },
}

/// A field of the rule's step and the field that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Pair {
    /// The field of the rule's step.
    #[n(0)]
    pub field: FieldId,
    /// The other.
    #[n(1)]
    pub with: FieldRef,
}

/// A field of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct FieldRef {
    /// The step.
    #[n(0)]
    pub step: StepId,
    /// The field.
    #[n(1)]
    pub field: FieldId,
}

/// A kind of evidence, as procedure files name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Shows {
    /// [`EvidenceKind::Recording`].
    #[n(0)]
    Recording,
    /// [`EvidenceKind::PartyConfirmation`].
    #[n(1)]
    PartyConfirmation,
    /// [`EvidenceKind::Photo`].
    #[n(2)]
    Photo,
    /// [`EvidenceKind::Paper`].
    #[n(3)]
    Paper,
}

impl Shows {
    /// The kind in the log.
    #[must_use]
    pub const fn kind(self) -> EvidenceKind {
        match self {
            Self::Recording => EvidenceKind::Recording,
            Self::PartyConfirmation => EvidenceKind::PartyConfirmation,
            Self::Photo => EvidenceKind::Photo,
            Self::Paper => EvidenceKind::Paper,
        }
    }
}

/// From when on a thing that is not there is a gap; before, it is only open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
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
}

/// How one state of a rule is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
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

/// A condition that makes a gap graver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
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

/// A condition on the record and what is known beside it: a closed list, no expressions to parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
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
}

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
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
}

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
