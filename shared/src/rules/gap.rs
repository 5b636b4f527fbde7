//! What a rule finds: a gap, how grave, what cures it, which article says so and which facts led to it.

use crate::domain::event::EventRef;
use crate::id::{OfficerId, RuleId, StepId};
use crate::instant::{Instant, Interval};
use crate::rules::procedure::{Citation, Confidence, Procedure};
use crate::text::Bilingual;
use minicbor::{Decode, Encode};

/// Risk grade (风险等级): a court decides, this only says "suspected".
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    Encode,
    Decode,
)]
#[cbor(index_only)]
pub enum Severity {
    /// 管理缺口: no effect on the act.
    #[n(0)]
    G0,
    /// 瑕疵: corrected and scored, no legal effect alone.
    #[n(1)]
    G1,
    /// 程序轻微违法: unlawful but not revoked (行政诉讼法 74).
    #[n(2)]
    G2,
    /// 可撤销风险: violates statutory procedure (行政诉讼法 70(3)).
    #[n(3)]
    G3,
    /// 无效风险: major and obvious (行政诉讼法 75).
    #[n(4)]
    G4,
}

/// What is the matter with the step.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    Encode,
    Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum GapState {
    /// Not recorded.
    #[n(0)]
    Missing,
    /// Recorded, but nothing shows that it happened: a bare tap.
    #[n(1)]
    Claimed,
    /// After its time limit.
    #[n(2)]
    Late,
    /// After what it must precede.
    #[n(3)]
    OutOfOrder,
    /// Done by the wrong person, or without what makes it count.
    #[n(4)]
    Invalid,
    /// Beyond the office's power (超越职权).
    #[n(5)]
    BeyondPower,
}

impl GapState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Missing,
        Self::Claimed,
        Self::Late,
        Self::OutOfOrder,
        Self::Invalid,
        Self::BeyondPower,
    ];

    /// The code in ids and exports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Claimed => "claimed",
            Self::Late => "late",
            Self::OutOfOrder => "out_of_order",
            Self::Invalid => "invalid",
            Self::BeyondPower => "beyond_power",
        }
    }
}

/// Whether it can still be put right.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    Encode,
    Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Cure {
    /// While still on site.
    #[n(0)]
    OnSite,
    /// Until a decision is made.
    #[n(1)]
    BeforeDecision,
    /// By a written correction (补正).
    #[n(2)]
    Correction,
    /// No more.
    #[n(3)]
    None,
}

/// One fact that led to a gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// Message key below `because.`, such as `not_recorded` or `certificate_expired`.
    pub code: &'static str,
    /// What fills the message's `{name}` places.
    pub with: Vec<(&'static str, Filler)>,
    /// The event it was seen in, to highlight; none where something is absent.
    pub event: Option<EventRef>,
}

/// What fills a place in a message; the text module knows how each is written in each language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filler {
    /// As it is.
    Text(String),
    /// A number.
    Number(i64),
    /// A point in time.
    At(Instant),
    /// A day.
    Day(jiff::civil::Date),
    /// An officer, by name if the context knows one.
    Officer(OfficerId),
    /// A step, by its name in the procedure.
    Step(StepId),
    /// Words of the procedure or of a checklist.
    Words(Bilingual),
}

/// A time limit's end. A range where the holiday calendar does not reach far enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// In time at least until here.
    pub earliest: Instant,
    /// Late at any rate after this; equal to `earliest` where the end is certain.
    pub latest: Instant,
}

/// A suspected gap in procedure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The rule, or `<step>.<state>` where none covers it.
    pub rule: RuleId,
    /// The step at fault.
    pub step: StepId,
    /// What is the matter.
    pub state: GapState,
    /// How grave, after the confidence rule.
    pub severity: Severity,
    /// Whether the client refuses to produce the next approval or document.
    pub block: bool,
    /// Whether it can still be cured.
    pub cure: Cure,
    /// The limit that was missed or still runs.
    pub deadline: Option<Deadline>,
    /// Which articles say so.
    pub basis: Vec<Citation>,
    /// How sure we are of the duty.
    pub confidence: Confidence,
    /// Why: never empty.
    pub because: Vec<Because>,
}

/// A step that is not due yet: to be done, not a gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The step.
    pub step: StepId,
    /// Whether it can only be done before leaving the site.
    pub on_site: bool,
    /// The rule that will speak if it stays open, for severity and article.
    pub rule: RuleId,
    /// How grave it would be.
    pub severity: Severity,
    /// Whether the client already refuses to produce the next approval or document.
    pub block: bool,
    /// What is missing: message key below `open.`.
    pub code: &'static str,
    /// Until when, if a limit runs.
    pub deadline: Option<Deadline>,
    /// Which articles say so.
    pub basis: Vec<Citation>,
    /// The facts that lead to it; empty where simply nothing was recorded yet.
    pub because: Vec<Because>,
}

/// A remark on how a step was recorded: against ticking, for whoever reads the record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The step.
    pub step: StepId,
    /// What.
    pub kind: MarkKind,
    /// The facts that led to it: never empty.
    pub because: Vec<Because>,
}

/// Kinds of [`Mark`]; below `mark.` in the texts ([`crate::rules::explain::mark`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// Ended together with several other steps within seconds.
    Burst,
    /// Entered long after it is said to have happened (补录).
    LateEntry,
    /// Entered late without a reason.
    LateEntryUnexplained,
}

/// What the rules say of a record as of a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assessment {
    /// Gaps, gravest first, then by step and rule.
    pub gaps: Vec<Gap>,
    /// What is still to do, on-site things first, then gravest first.
    pub open: Vec<Open>,
    /// What a reader should know of how things were recorded: no gaps. By step, then kind.
    pub marks: Vec<Mark>,
    /// The next moment at which the answer may change by time alone: the first at which a running limit is over.
    pub next_change: Option<Instant>,
}

impl Assessment {
    /// The blocking gaps and open items of this step: the client refuses to produce its approval or document, and says why.
    /// What already happened can always be recorded.
    pub fn blocks<'a>(&'a self, step: &'a str) -> impl Iterator<Item = Block<'a>> {
        let gaps = self.gaps.iter().filter(move |g| g.block && g.step == *step);
        let open = self.open.iter().filter(move |o| o.block && o.step == *step);
        gaps.map(Block::Gap).chain(open.map(Block::Open))
    }

    /// What keeps this step from producing its approval or document: what blocks at the step itself, or at a step before it
    /// that produces nothing and has this one as the next that does.
    pub fn holds_back<'a>(&'a self, procedure: &'a Procedure, step: &'a str) -> Vec<Block<'a>> {
        let mut steps: Vec<&str> = Vec::new();
        for before in &procedure.steps {
            steps.push(before.id.as_str());
            if before.id == *step {
                return steps.iter().flat_map(|id| self.blocks(id)).collect();
            }
            if before.produces() {
                steps.clear();
            }
        }
        Vec::new()
    }
}

/// Why a document or approval is not produced yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block<'a> {
    /// A gap that has already opened.
    Gap(&'a Gap),
    /// A gap that would open if the act went on now.
    Open(&'a Open),
}

/// As of when a record is judged.
pub type Now = Interval;
