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
use serde::{Deserialize, Serialize};

/// The gravest that a duty which is not read in a statute may be called.
const UNVERIFIED_CAP: Severity = Severity::G2;

/// A length of time as a rule names it: a figure of the law, or one that the jurisdiction sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LimitRow", into = "LimitRow")]
pub enum LimitSpec {
    /// `{ n = 24, unit = "hour" }`
    Fixed(Limit),
    /// `{ local = "recheck" }`
    Local(LocalLimit),
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// The power list gives the office this power on the day that counts: that of this field, else of the approval.
    WithinPower {
        /// The field with the day, where the procedure has one.
        #[serde(default)]
        on: Option<FieldRef>,
        /// What makes the record an order, which cooperation (S4) does not allow.
        order: When,
        /// How sure we are that cooperation visits only enterprises whose matter is on the published list; none: not asked.
        #[serde(default)]
        listed: Option<Confidence>,
    },
    /// Every acting officer has a certificate on the day of the act.
    Certified {
        /// Auxiliary staff, who never have one, are another rule's matter.
        #[serde(default)]
        but_auxiliary: bool,
    },
    /// So many acting officers have one.
    CertifiedCount {
        /// How many.
        at_least: usize,
        /// Steps whose document, where it was made, so many of them sign.
        #[serde(default)]
        signing: Vec<StepId>,
    },
    /// Nobody of the auxiliary staff acts as an officer.
    NoAuxiliary,
    /// A field is not answered with one of these; what was answered so is what the rule finds.
    NotAnswered {
        /// The field, of the rule's step.
        field: FieldId,
        /// Codes of a choice, or `yes` and `no`.
        is: Vec<String>,
        /// What it is then.
        state: GapState,
    },
    /// These fields of the rule's step say something.
    Filled {
        /// Which.
        fields: Vec<FieldId>,
        /// Fields that are not answered with no.
        #[serde(default)]
        yes: Vec<FieldId>,
    },
    /// The party was not inspected more often this year than the jurisdiction allows.
    Capped,
    /// The approval was granted before the visit; in an emergency within this limit after it began.
    ApprovedBefore {
        /// The limit for emergencies.
        urgent_within: LimitSpec,
    },
    /// The inspection code was scanned or shown, or entered later within this limit and with a reason.
    Scanned {
        /// The limit, from the visit's end.
        late_within: LimitSpec,
    },
    /// Something shows that the step happened; a bare tap is only a claim.
    Evidenced {
        /// The kinds of evidence that count.
        by: Vec<Shows>,
    },
    /// The notice reached the party before this step began, and its rights were told.
    Noticed {
        /// What it must precede.
        before: StepId,
        /// The field that says whether the rights were told.
        rights: FieldId,
    },
    /// Every item of the checklist has an answer, and a reason where it asks for one.
    ItemsAnswered,
    /// The party signed, or refused with a reason and before a witness or a recording.
    PartySigned,
    /// Every acting officer signed.
    OfficersSigned,
    /// No acting officer was elsewhere during the visit.
    NowhereElse,
    /// Sound and picture were recorded.
    Filmed {
        /// The field with the device.
        device: FieldId,
        /// The field with the beginning.
        started: FieldId,
    },
    /// The step was done.
    Recorded,
    /// The step, if done, was done within the rule's limit.
    NotLater,
    /// A finding was given an exit other than these within the rule's limit.
    Disposed {
        /// What makes a finding.
        finding: When,
        /// The field with the exit.
        exit: FieldId,
        /// Exits that are none for a finding.
        not: Vec<String>,
    },
    /// The conduct was found within the limitation period (行政处罚法 36).
    WithinLimitation {
        /// The field with the day of the conduct.
        conduct: FieldId,
        /// The field with the day on which it was found; without an answer the day of the visit.
        found: FieldId,
        /// The field that says whether the longer period counts.
        harm: FieldId,
        /// Years.
        years: u8,
        /// Years with harm.
        harm_years: u8,
    },
    /// The day in this field is within the rule's limit.
    ByDay {
        /// Which field.
        field: FieldId,
    },
    /// The file was closed, and is complete.
    Archived {
        /// The field with the day.
        day: FieldId,
        /// The field that says whether it is complete.
        complete: FieldId,
    },
    /// Evidence of this step came about before the day on which the decision is dated was over.
    EvidenceBefore {
        /// The field with the decision's day.
        on: FieldRef,
    },
    /// Clocks, pictures and signed documents agree with the times at which things were recorded.
    TimesAgree,
    /// The document reached the party.
    Delivered {
        /// The field with the moment.
        at: FieldId,
    },
    /// The document, if it reached the party, did so within the rule's limit.
    DeliveredInTime {
        /// The field with the moment.
        at: FieldId,
    },
    /// The day in this field, if any, is not after the first of these days that counts.
    NotAfterDay {
        /// The field.
        field: FieldId,
        /// The days.
        days: Vec<FieldRef>,
    },
    /// The visit, if any, began after the first of these days that counts was over.
    NotBeforeDay {
        /// The days.
        days: Vec<FieldRef>,
    },
    /// Somebody went to look, here or in a linked record, within the rule's limit.
    Rechecked,
}

/// A field of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRef {
    /// The step.
    pub step: StepId,
    /// The field.
    pub field: FieldId,
}

/// A kind of evidence, as procedure files name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// [`EvidenceKind::Recording`].
    Recording,
    /// [`EvidenceKind::PartyConfirmation`].
    PartyConfirmation,
    /// [`EvidenceKind::Photo`].
    Photo,
    /// [`EvidenceKind::Paper`].
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case", deny_unknown_fields)]
pub enum Due {
    /// When the visit began, or the record was handed in.
    VisitStarted,
    /// When this step ended in whatever way, or the record was handed in.
    Ended {
        /// The step.
        step: StepId,
    },
    /// When the record was handed in.
    Submitted,
    /// When so much time has passed since the visit's end.
    AfterVisit {
        /// How much.
        within: LimitSpec,
    },
    /// When so much time has passed since the first of these days that counts: that was given, in a field that applies.
    AfterDay {
        /// The days.
        days: Vec<FieldRef>,
        /// How much.
        within: LimitSpec,
    },
}

/// How one state of a rule is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRow {
    /// Which state.
    pub state: GapState,
    /// How grave, before the confidence rule.
    pub severity: Severity,
    /// Whether it stops the next approval or document, before the confidence rule.
    #[serde(default)]
    pub block: bool,
    /// What cures it once the visit is over.
    pub cure: Cure,
    /// What makes it graver.
    #[serde(default)]
    pub escalate: Option<Escalation>,
}

/// A condition that makes a gap graver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// How grave then.
    pub to: Severity,
    /// When.
    pub when: When,
}

/// A condition on the record and what is known beside it: a closed list, no expressions to parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// This field was answered with yes.
    FieldTrue {
        /// The step.
        step: StepId,
        /// The field.
        field: FieldId,
    },
    /// This field was answered with no.
    FieldFalse {
        /// The step.
        step: StepId,
        /// The field.
        field: FieldId,
    },
    /// This field was answered with one of these codes.
    FieldIs {
        /// The step.
        step: StepId,
        /// The field.
        field: FieldId,
        /// The codes.
        is: Vec<String>,
    },
    /// The party is of one of these kinds; one that is not in the list of subjects counts as an organisation.
    Subject {
        /// The kinds.
        is: Vec<SubjectKind>,
    },
    /// The matter's power comes from one of these sources; one that is not on the list at all from none.
    Power {
        /// The sources.
        is: Vec<PowerSource>,
    },
    /// No version of the power list ever had the matter.
    MatterUnknown,
    /// The jurisdiction asks for this.
    Local {
        /// What.
        flag: LocalFlag,
    },
    /// The record was opened as an emergency.
    Urgent,
    /// The step was done.
    Done {
        /// Which.
        step: StepId,
    },
    /// The party refused to sign or to receive.
    Refused {
        /// At which step.
        step: StepId,
    },
    /// A checklist item failed.
    ItemFailed,
    /// The opposite.
    Not {
        /// Of what.
        of: Box<When>,
    },
    /// All of these.
    All {
        /// Which.
        of: Vec<When>,
    },
    /// One of these.
    Any {
        /// Which.
        of: Vec<When>,
    },
}

/// What a rule needs to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The record alone: phone and server give the same answer.
    Record,
    /// An officer's other records.
    Officer,
    /// Other records of any officer.
    Registry,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Such as `R09`, or `<step>.<state>` where no numbered rule covers it.
    pub id: RuleId,
    /// The step at fault.
    pub step: StepId,
    /// When it applies at all; none: always. A rule of a step that does not apply does not apply either.
    #[serde(default)]
    pub applies: Option<When>,
    /// What is checked.
    pub check: Check,
    /// From when on its absence is a gap.
    pub due: Due,
    /// The states it can find.
    pub states: Vec<StateRow>,
    /// The articles, the leading one first.
    pub basis: Vec<Citation>,
    /// How sure we are of the duty.
    pub confidence: Confidence,
    /// How sure we are of the figure, where the rule has one.
    #[serde(default)]
    pub figure: Option<Confidence>,
    /// What is needed to decide.
    pub scope: Scope,
    /// The competency that training looks at, below `competency.`.
    pub competency: String,
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
