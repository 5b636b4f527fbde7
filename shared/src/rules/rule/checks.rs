//! The checks that a rule can make: a closed list, each a question of the law.
//! Apart from the rest of a rule's row because the list is long and its positions are frozen: procedures travel as CBOR.

use super::{LimitSpec, When};
use crate::codec::{decode_array, decode_variants};
use crate::domain::event::EvidenceKind;
use crate::id::{FieldId, StepId};
use crate::rules::gap::GapState;
use crate::rules::procedure::Confidence;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
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
        /// The field with the line of the record that says so, which counts once the party signed the record or refused in due
        /// form.
        #[serde(default)]
        #[n(1)]
        line: Option<FieldId>,
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
    CorrectionFailed {
        /// A field that says so of this case, whatever the list says of its matter.
        #[serde(default)]
        #[n(0)]
        element: Option<FieldRef>,
    },
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
    /// The responsible person approved the step, and not after the day of what was approved.
    #[n(36)]
    Approved {
        /// The field with the day of the act.
        #[n(0)]
        act: FieldRef,
        /// A field with the day of an approval on paper, which counts as well.
        #[serde(default)]
        #[n(1)]
        paper: Option<FieldRef>,
    },
    /// The day in this field is not after any of these acts.
    #[n(37)]
    Precedes {
        /// The field.
        #[n(0)]
        field: FieldId,
        /// The acts.
        #[n(1)]
        acts: Vec<ActDay>,
    },
    /// The day in this field is another day than that one.
    #[n(38)]
    OtherDay {
        /// The field.
        #[n(0)]
        field: FieldId,
        /// The other day.
        #[n(1)]
        than: FieldRef,
    },
    /// The field is answered with one of these, and these say yes.
    #[n(39)]
    Answered {
        /// The field, of the rule's step.
        #[n(0)]
        field: FieldId,
        /// Codes of a choice.
        #[n(1)]
        is: Vec<String>,
        /// Fields that must say yes.
        #[serde(default)]
        #[n(2)]
        yes: Vec<FieldId>,
    },
    /// A legal review was passed, not after the decision and, where it must follow something, not before that.
    #[n(40)]
    Reviewed {
        /// The reviews, any of which does.
        #[n(0)]
        reviews: Vec<Review>,
        /// Opinions that pass.
        #[n(1)]
        passed: Vec<String>,
        /// The field with the decision's day.
        #[n(2)]
        decision: FieldRef,
        /// The day that it must follow.
        #[serde(default)]
        #[n(3)]
        after: Option<FieldRef>,
    },
    /// Nobody who is named here handles the case: is named for it, or signed in its investigation.
    #[n(41)]
    Independent {
        /// The field, of the rule's step.
        #[n(0)]
        people: FieldId,
        /// What else makes the person unfit.
        #[serde(default)]
        #[n(1)]
        or: Option<When>,
    },
    /// The notice verifiably reached the party before the day of the decision was over, and the rights were told
    /// (行政处罚法 44, 62).
    #[n(42)]
    Told {
        /// The field with the day of service.
        #[n(0)]
        served: FieldId,
        /// The field that says whether the rights were told.
        #[n(1)]
        rights: FieldId,
        /// The field with the decision's day.
        #[n(2)]
        decision: FieldRef,
    },
    /// A period of the party was over before the act: its last day is too early, the day after is right.
    #[n(43)]
    WindowOver {
        /// The day from which it runs.
        #[n(0)]
        served: FieldRef,
        /// How long it is.
        #[n(1)]
        within: LimitSpec,
        /// The field with the working days that the document itself gave.
        #[serde(default)]
        #[n(2)]
        stated: Option<FieldRef>,
        /// How sure we are of the length where the document gave none.
        #[serde(default)]
        #[n(3)]
        unstated: Option<Confidence>,
        /// What makes waiting needless.
        #[serde(default)]
        #[n(4)]
        waived: Option<When>,
        /// The day of the act.
        #[n(5)]
        act: FieldRef,
    },
    /// Where the penalty gives a right to a hearing, it was told (行政处罚法 63). The amounts are the jurisdiction's.
    #[n(44)]
    HearingTold {
        /// Fields with fines and values confiscated, in yuan.
        #[n(0)]
        amounts: Vec<FieldRef>,
        /// Fields with the kind of penalty.
        #[n(1)]
        kinds: Vec<FieldRef>,
        /// Kinds that always give the right.
        #[n(2)]
        always: Vec<String>,
        /// The field with the ground that the office names.
        #[n(3)]
        ground: FieldId,
        /// The answer that there is none.
        #[n(4)]
        none: String,
        /// The field that says whether the right was told.
        #[n(5)]
        told: FieldId,
    },
    /// One day is at least so long before the other (行政处罚法 64).
    #[n(45)]
    LongBefore {
        /// The field with the earlier day.
        #[n(0)]
        from: FieldId,
        /// The field with the later day.
        #[n(1)]
        to: FieldId,
        /// How long.
        #[n(2)]
        at_least: LimitSpec,
    },
    /// So many responsible persons discussed the case, with minutes, not after the decision (行政处罚法 57).
    #[n(46)]
    Collective {
        /// The field with the day.
        #[n(0)]
        on: FieldId,
        /// The field with those attending.
        #[n(1)]
        people: FieldId,
        /// The field with their number by the minutes, which counts where it is given.
        #[n(2)]
        heads: FieldId,
        /// How many.
        #[n(3)]
        at_least: u8,
        /// The field that says whether the minutes are signed.
        #[n(4)]
        minutes: FieldId,
        /// The field with the decision's day.
        #[n(5)]
        decision: FieldRef,
    },
    /// The day in this field is not before that one.
    #[n(47)]
    NotEarlier {
        /// The field.
        #[n(0)]
        field: FieldId,
        /// The other day.
        #[n(1)]
        than: FieldRef,
    },
    /// The day is within the rule's limit, or within an extension that names its article.
    #[n(48)]
    DecidedBy {
        /// The field with the day.
        #[n(0)]
        field: FieldId,
        /// The field with the article that allows the extension.
        #[n(1)]
        law: FieldId,
        /// The field with the extension's end.
        #[n(2)]
        until: FieldId,
    },
    /// The document was served, with the proof that the method asks for (民事诉讼法 87–95).
    #[n(49)]
    ServiceProved,
    /// Before a public notice other methods were tried, and it ran its time (民事诉讼法 95).
    #[n(50)]
    ServedByNotice {
        /// The field with what was tried.
        #[n(0)]
        tried: FieldId,
        /// The field with the day of the notice.
        #[n(1)]
        posted: FieldId,
        /// The field with the day on which it counts as served.
        #[n(2)]
        served: FieldId,
        /// How long it runs.
        #[n(3)]
        after: LimitSpec,
    },
    /// The surcharge is not more than the fine, and no day of a review or suit is in it (行政处罚法 72, 73).
    #[n(51)]
    Surcharge {
        /// The field with the surcharge, in yuan.
        #[n(0)]
        amount: FieldId,
        /// The field with the fine, in yuan.
        #[n(1)]
        principal: FieldId,
        /// The field that says whether such days were counted.
        #[n(2)]
        counted: FieldId,
    },
    /// What is written is not less than the law gives.
    #[n(52)]
    AtLeast {
        /// The figures.
        #[n(0)]
        figures: Vec<Figure>,
    },
    /// The party was not refused a hearing of its defence, and what it said was answered and reviewed (行政处罚法 45, 62).
    #[n(53)]
    Defended {
        /// The field that says whether it spoke.
        #[n(0)]
        spoke: FieldId,
        /// The answer that it did.
        #[n(1)]
        said: String,
        /// The answer that it was not heard.
        #[n(2)]
        refused: String,
        /// The field with the review.
        #[n(3)]
        review: FieldId,
    },
}

/// The day of an act, and when the act does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct ActDay {
    /// The field with the day.
    #[n(0)]
    pub day: FieldRef,
    /// What makes it not count.
    #[serde(default)]
    #[n(1)]
    pub but: Option<When>,
}

decode_array!(ActDay { day, but });

/// A legal review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Review {
    /// The field with the opinion.
    #[n(0)]
    pub result: FieldRef,
    /// The field with its day.
    #[n(1)]
    pub on: FieldRef,
}

decode_array!(Review { result, on });

/// A number that a document states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Figure {
    /// The field, of the rule's step.
    #[n(0)]
    pub field: FieldId,
    /// What the law gives.
    #[n(1)]
    pub least: i64,
}

decode_array!(Figure { field, least });

decode_variants!(Check {
    0 => WithinPower { on, order, listed },
    1 => Certified { but_auxiliary },
    2 => CertifiedCount { at_least, signing },
    3 => NoAuxiliary {},
    4 => NotAnswered { field, is, state },
    5 => Filled { fields, yes },
    6 => Capped {},
    7 => ApprovedBefore { urgent_within },
    8 => Scanned { late_within },
    9 => Evidenced { by, line },
    10 => Noticed { before, rights },
    11 => ItemsAnswered {},
    12 => PartySigned {},
    13 => OfficersSigned {},
    14 => NowhereElse {},
    15 => Filmed { device, started },
    16 => Recorded {},
    17 => NotLater {},
    18 => Disposed { finding, exit, not },
    19 => WithinLimitation { conduct, found, harm, years, harm_years },
    20 => ByDay { field },
    21 => Archived { day, complete },
    22 => EvidenceBefore { on },
    23 => TimesAgree {},
    24 => Delivered { at },
    25 => DeliveredInTime { at },
    26 => NotAfterDay { field, days },
    27 => NotBeforeDay { days },
    28 => Rechecked {},
    29 => OnTheSpot { kind, allowed, fine, citizen, organisation },
    30 => Heard {},
    31 => NotHeavier { more, same },
    32 => CorrectionFailed { element },
    33 => BasisInForce { basis, conduct },
    34 => Grounded { ground, none, small, fine, most, asked_for, asked },
    35 => DoneBy { field },
    36 => Approved { act, paper },
    37 => Precedes { field, acts },
    38 => OtherDay { field, than },
    39 => Answered { field, is, yes },
    40 => Reviewed { reviews, passed, decision, after },
    41 => Independent { people, or },
    42 => Told { served, rights, decision },
    43 => WindowOver { served, within, stated, unstated, waived, act },
    44 => HearingTold { amounts, kinds, always, ground, none, told },
    45 => LongBefore { from, to, at_least },
    46 => Collective { on, people, heads, at_least, minutes, decision },
    47 => NotEarlier { field, than },
    48 => DecidedBy { field, law, until },
    49 => ServiceProved {},
    50 => ServedByNotice { tried, posted, served, after },
    51 => Surcharge { amount, principal, counted },
    52 => AtLeast { figures },
    53 => Defended { spoke, said, refused, review },
});

/// A field of the rule's step and the field that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
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

decode_array!(Pair { field, with });

/// A field of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
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

decode_array!(FieldRef { step, field });

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
