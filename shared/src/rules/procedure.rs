//! A procedure as data: steps, their fields and evidence, and the rules over them.
//! Apart because a lawyer reviews these files; the program only reads them.

use crate::id::{FieldId, ProcedureId, StepId};
use crate::rules::file::{self, BadFile};
use crate::rules::rule::{Rule, When};
pub use crate::text::Bilingual;
use serde::{Deserialize, Serialize};

mod validate;

/// An article of a law.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The law's short name, such as `行政处罚法`.
    pub law: String,
    /// The article, such as `55` or `42(1)`; empty where a document as a whole says it.
    pub article: String,
}

/// How sure we are that the duty exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Confidence {
    /// Read in the statute's text.
    V,
    /// Read on a page of others about it.
    W,
    /// From knowledge, not checked.
    K,
    /// Our own default.
    D,
}

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The officers on site.
    Officers,
    /// The office; nobody on site is charged with it.
    Office,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    Long,
    /// A point in time.
    At,
    /// One of the choices.
    Choice,
    /// Officers of the unit.
    Officers,
    /// Yes or no.
    Bool,
    /// A day; kept as the moment at which it begins.
    Day,
    /// A whole number.
    Int,
}

/// A field of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its id within the step.
    pub id: FieldId,
    /// Its label.
    pub label: Bilingual,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether the step cannot be finished without it.
    #[serde(default)]
    pub required: bool,
    /// The choices of a [`FieldKind::Choice`], by code.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// A hint below the label.
    #[serde(default)]
    pub hint: Option<Bilingual>,
    /// Phrases in common use (常用语) that a tap adds to the text.
    #[serde(default)]
    pub phrases: Vec<Bilingual>,
    /// When it is asked at all; none: always.
    #[serde(default)]
    pub applies: Option<When>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub code: String,
    /// What is shown.
    pub label: Bilingual,
}

/// How a step is shown to have happened; decides which controls the step's page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A recording's file number.
    Recording,
    /// The party confirms on the screen.
    PartyConfirmation,
    /// Each acting officer confirms by PIN.
    OfficersPin,
    /// The party confirms the record on the screen, or refuses with reason and witness or recording.
    PartySignature,
    /// An approval by the responsible person, given in the office.
    Approval,
    /// Photos.
    Photo,
    /// A witness signs.
    WitnessSignature,
    /// The document was handed over or sent: by which method and who received it.
    Service,
    /// What the party said and what was answered.
    Statement,
}

/// A legal document that a step produces, from one template on phone and server alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 行政检查审批表.
    InspectionApproval,
    /// 行政检查通知书.
    InspectionNotice,
    /// 现场检查笔录.
    OnSiteRecord,
    /// 询问笔录.
    InquiryRecord,
    /// 检查结果告知书.
    InspectionResult,
    /// 责令改正通知书.
    CorrectionOrder,
    /// 复查意见书.
    RecheckOpinion,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Such as `JC-10`.
    pub id: StepId,
    /// Its phase: the code of one of the procedure's phases.
    pub phase: String,
    /// Who does it.
    pub actor: Actor,
    /// Whether it can only be done before leaving the site.
    #[serde(default)]
    pub on_site: bool,
    /// Its name.
    pub name: Bilingual,
    /// Why it is done: one sentence.
    pub why: Bilingual,
    /// What the officer can read out.
    #[serde(default)]
    pub say: Option<Bilingual>,
    /// The articles.
    pub basis: Vec<Citation>,
    /// Fields.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// How it is shown to have happened.
    #[serde(default)]
    pub proof: Vec<Proof>,
    /// When it is to be done at all; none: always.
    #[serde(default)]
    pub applies: Option<When>,
    /// Done only where the case asks for it: never counted as still to do.
    #[serde(default)]
    pub optional: bool,
    /// What a good record of it looks like.
    #[serde(default)]
    pub good: Option<Bilingual>,
    /// Whether the matter's checklist is part of it: its items are fields of this step.
    #[serde(default)]
    pub checklist: bool,
    /// The documents that it produces.
    #[serde(default)]
    pub documents: Vec<DocumentKind>,
    /// Another procedure that a record of its own follows from here, such as `ZGFC`.
    #[serde(default)]
    pub leads_to: Option<ProcedureId>,
}

impl Step {
    /// Whether it produces an approval or a document.
    #[must_use]
    pub fn produces(&self) -> bool {
        !self.documents.is_empty() || self.proof.contains(&Proof::Approval)
    }

    /// The field of this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == *id)
    }
}

/// A phase: steps are listed under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
}

/// A procedure file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Such as `XZJC`.
    pub id: ProcedureId,
    /// The version: a record keeps the one it was opened under.
    pub version: u32,
    /// Its name.
    pub name: Bilingual,
    /// Phases in order.
    #[serde(rename = "phase")]
    pub phases: Vec<Phase>,
    /// Steps in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// What bounds the visit; none for a procedure without one.
    #[serde(default)]
    pub visit: Option<VisitFrame>,
    /// The rules over the steps.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// The field, on any step, that says why it was entered late (补录): one of [`LATE_REASONS`] or the officer's words.
pub const LATE_REASON: &str = "late_reason";
/// No network, device failure, emergency, other; below `late.` in the texts.
pub const LATE_REASONS: [&str; 4] = ["no_network", "device_failure", "emergency", "other"];
/// The field of a checklist step that names the checklist in use, as `MATTER@version`.
pub const CHECKLIST: &str = "checklist";
/// What a checklist item may be answered with; below `item.` in the texts. `na` and `unchecked` ask for a reason.
pub const ITEM_ANSWERS: [&str; 4] = ["pass", "fail", "na", "unchecked"];

/// Where the record says who was there, and when the visit began and ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitFrame {
    /// The step that ends the visit: the on-site record.
    pub record: StepId,
    /// Its field with the beginning.
    pub start: FieldId,
    /// Its field with the end.
    pub end: FieldId,
    /// The step that names who takes part.
    pub assigned: StepId,
    /// Its field with the officers.
    pub officers: FieldId,
}

/// The inspection procedure (行政检查) that is shipped: steps, then rules.
pub const XZJC: &str = concat!(
    include_str!("../../procedures/XZJC.toml"),
    include_str!("../../procedures/XZJC.rules.toml")
);
/// Its first version, of five steps: records that were opened under it are judged by it.
pub const XZJC_1: &str = include_str!("../../procedures/XZJC-1.toml");
/// The order to correct and the re-inspection (责令改正与复查): steps, then rules.
pub const ZGFC: &str = concat!(
    include_str!("../../procedures/ZGFC.toml"),
    include_str!("../../procedures/ZGFC.rules.toml")
);

/// The procedures that a new record can follow.
pub const SHIPPED: [&str; 2] = [XZJC, ZGFC];
/// Earlier versions, which older records keep.
pub const EARLIER: [&str; 1] = [XZJC_1];

/// Every procedure that comes with the program, those for new records first. One that cannot be read is left out; a test reads
/// them all.
#[must_use]
pub fn shipped() -> Vec<Procedure> {
    let texts = SHIPPED.iter().chain(&EARLIER);
    texts
        .filter_map(|text| Procedure::parse(text).ok())
        .collect()
}

impl Procedure {
    /// Reads and checks a procedure file.
    ///
    /// # Errors
    /// [`BadFile`] with the place of the first fault.
    pub fn parse(text: &str) -> Result<Self, BadFile> {
        let procedure: Self = file::read(text)?;
        validate::check(&procedure).map_err(|fault| fault.located(text))?;
        Ok(procedure)
    }

    /// The procedure as phones read it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A tree of strings, numbers and lists always has a JSON text.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Procedure::to_json`] wrote.
    ///
    /// # Errors
    /// Not such a text.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The step of this id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id.as_str() == id)
    }
}

#[cfg(test)]
mod tests;
