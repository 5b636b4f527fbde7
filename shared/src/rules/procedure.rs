//! A procedure as data: steps, their fields and evidence, and the rules over them.
//! Apart because a lawyer reviews these files; the program only reads them.

use crate::codec::{decode_array, decode_variants};
use crate::id::{FieldId, ProcedureId, RuleId, StepId};
use crate::rules::file::{self, BadFile};
use crate::rules::form::Form;
use crate::rules::rule::{FieldRef, Rule, When};
pub use crate::text::Bilingual;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

mod validate;

/// An article of a law.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Citation {
    /// The law's short name, such as `行政处罚法`.
    #[n(0)]
    pub law: String,
    /// The article, such as `55` or `42(1)`; empty where a document as a whole says it.
    #[n(1)]
    pub article: String,
}

decode_array!(Citation { law, article });

/// How sure we are that the duty exists.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cbor(index_only)]
pub enum Confidence {
    /// Read in the statute's text.
    #[n(0)]
    V,
    /// Read on a page of others about it.
    #[n(1)]
    W,
    /// From knowledge, not checked.
    #[n(2)]
    K,
    /// Our own default.
    #[n(3)]
    D,
}

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Actor {
    /// The officers on site.
    #[n(0)]
    Officers,
    /// The office; nobody on site is charged with it.
    #[n(1)]
    Office,
}

/// Who of the office does one of its steps.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Hand {
    /// 综合行政执法大队长.
    #[n(0)]
    SquadLead,
    /// 行政机关负责人.
    #[n(1)]
    Responsible,
    /// 法制审核人员.
    #[n(2)]
    LegalReviewer,
}

impl Hand {
    /// The code of the role on the console, also below `hand.` in the texts.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SquadLead => "squad-lead",
            Self::Responsible => "responsible",
            Self::LegalReviewer => "legal-reviewer",
        }
    }
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum FieldKind {
    /// One line.
    #[n(0)]
    Text,
    /// Several lines.
    #[n(1)]
    Long,
    /// A point in time.
    #[n(2)]
    At,
    /// One of the choices.
    #[n(3)]
    Choice,
    /// Officers of the unit.
    #[n(4)]
    Officers,
    /// Yes or no.
    #[n(5)]
    Bool,
    /// A day; kept as the moment at which it begins.
    #[n(6)]
    Day,
    /// A whole number.
    #[n(7)]
    Int,
}

/// A field of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Field {
    /// Its id within the step.
    #[n(0)]
    pub id: FieldId,
    /// Its label.
    #[n(1)]
    pub label: Bilingual,
    /// What it takes.
    #[n(2)]
    pub kind: FieldKind,
    /// Whether the step cannot be finished without it.
    #[serde(default)]
    #[n(3)]
    pub required: bool,
    /// The choices of a [`FieldKind::Choice`], by code.
    #[serde(default)]
    #[n(4)]
    pub choices: Vec<Choice>,
    /// A hint below the label.
    #[serde(default)]
    #[n(5)]
    pub hint: Option<Bilingual>,
    /// Phrases in common use (常用语) that a tap adds to the text.
    #[serde(default)]
    #[n(6)]
    pub phrases: Vec<Bilingual>,
    /// When it is asked at all; none: always.
    #[serde(default)]
    #[n(7)]
    pub applies: Option<When>,
    /// Whom a [`FieldKind::Officers`] asks for by the law: offered first, and others are marked, but can be named.
    #[serde(default)]
    #[n(8)]
    pub ranked: Option<Hand>,
    /// It holds the number of this document, of which devices have blocks (号段).
    #[serde(default)]
    #[n(9)]
    pub numbered: Option<DocumentKind>,
    /// What stands in it until something is recorded: shown, and recorded only with the page that shows it.
    #[serde(default)]
    #[n(10)]
    pub prefill: Option<Prefill>,
}

decode_array!(Field {
    id,
    label,
    kind,
    required,
    choices,
    hint,
    phrases,
    applies,
    ranked,
    numbered,
    prefill
});

impl Field {
    /// A field that asks nothing but its label.
    #[must_use]
    pub const fn plain(id: FieldId, label: Bilingual, kind: FieldKind) -> Self {
        Self {
            id,
            label,
            kind,
            required: false,
            choices: Vec::new(),
            hint: None,
            phrases: Vec::new(),
            applies: None,
            ranked: None,
            numbered: None,
            prefill: None,
        }
    }
}

/// Where the words of a field that nobody has filled in yet come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Prefill {
    /// Another field of the same record and of the same kind.
    #[n(0)]
    Field {
        /// The step.
        #[n(0)]
        step: StepId,
        /// The field.
        #[n(1)]
        field: FieldId,
    },
    /// The day of filling in.
    #[n(1)]
    Today,
    /// The moment at which the record was opened.
    #[n(2)]
    Opened,
    /// The record's place.
    #[n(3)]
    Place,
}

decode_variants!(Prefill {
    0 => Field { step, field },
    1 => Today {  },
    2 => Opened {  },
    3 => Place {  }
});

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Choice {
    /// What is stored.
    #[n(0)]
    pub code: String,
    /// What is shown.
    #[n(1)]
    pub label: Bilingual,
    /// Another procedure that a record of its own follows from this answer, such as `JYCF`.
    #[serde(default)]
    #[n(2)]
    pub leads_to: Option<ProcedureId>,
}

decode_array!(Choice {
    code,
    label,
    leads_to
});

/// How a step is shown to have happened; decides which controls the step's page has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Proof {
    /// A recording's file number.
    #[n(0)]
    Recording,
    /// The party confirms on the screen.
    #[n(1)]
    PartyConfirmation,
    /// Each acting officer confirms by PIN.
    #[n(2)]
    OfficersPin,
    /// The party confirms the record on the screen, or refuses with reason and witness or recording.
    #[n(3)]
    PartySignature,
    /// An approval by the responsible person, given in the office.
    #[n(4)]
    Approval,
    /// Photos.
    #[n(5)]
    Photo,
    /// A witness signs.
    #[n(6)]
    WitnessSignature,
    /// The document was handed over or sent: by which method and who received it.
    #[n(7)]
    Service,
    /// What the party said and what was answered.
    #[n(8)]
    Statement,
}

/// A legal document that a step produces, from one template on phone and server alike.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum DocumentKind {
    /// 行政检查审批表.
    #[n(0)]
    InspectionApproval,
    /// 行政检查通知书.
    #[n(1)]
    InspectionNotice,
    /// 现场检查笔录.
    #[n(2)]
    OnSiteRecord,
    /// 询问笔录.
    #[n(3)]
    InquiryRecord,
    /// 检查结果告知书.
    #[n(4)]
    InspectionResult,
    /// 责令改正通知书.
    #[n(5)]
    CorrectionOrder,
    /// 复查意见书.
    #[n(6)]
    RecheckOpinion,
    /// 当场处罚决定书.
    #[n(7)]
    OnTheSpotDecision,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Step {
    /// Such as `JC-10`.
    #[n(0)]
    pub id: StepId,
    /// Its phase: the code of one of the procedure's phases.
    #[n(1)]
    pub phase: String,
    /// Who does it.
    #[n(2)]
    pub actor: Actor,
    /// Whether it can only be done before leaving the site.
    #[serde(default)]
    #[n(3)]
    pub on_site: bool,
    /// Its name.
    #[n(4)]
    pub name: Bilingual,
    /// Why it is done: one sentence.
    #[n(5)]
    pub why: Bilingual,
    /// What the officer can read out.
    #[serde(default)]
    #[n(6)]
    pub say: Option<Bilingual>,
    /// The articles.
    #[n(7)]
    pub basis: Vec<Citation>,
    /// Fields.
    #[serde(default)]
    #[n(8)]
    pub fields: Vec<Field>,
    /// How it is shown to have happened.
    #[serde(default)]
    #[n(9)]
    pub proof: Vec<Proof>,
    /// When it is to be done at all; none: always.
    #[serde(default)]
    #[n(10)]
    pub applies: Option<When>,
    /// Done only where the case asks for it: never counted as still to do.
    #[serde(default)]
    #[n(11)]
    pub optional: bool,
    /// What a good record of it looks like.
    #[serde(default)]
    #[n(12)]
    pub good: Option<Bilingual>,
    /// Whether the matter's checklist is part of it: its items are fields of this step.
    #[serde(default)]
    #[n(13)]
    pub checklist: bool,
    /// The documents that it produces.
    #[serde(default)]
    #[n(14)]
    pub documents: Vec<DocumentKind>,
    /// Another procedure that a record of its own follows from here, such as `ZGFC`.
    #[serde(default)]
    #[n(15)]
    pub leads_to: Option<ProcedureId>,
    /// Who of the office does it; none: the responsible person an approval, the squad lead anything else.
    #[serde(default)]
    #[n(16)]
    pub by: Vec<Hand>,
    /// Which article keeps whoever handles the case from doing it; none: nobody is kept from it.
    #[serde(default)]
    #[n(17)]
    pub independent: Option<Citation>,
    /// Whether the case is decided by it: what blocks before it holds it back also weeks after the visit.
    #[serde(default)]
    #[n(18)]
    pub decides: bool,
}

decode_array!(Step {
    id,
    phase,
    actor,
    on_site,
    name,
    why,
    say,
    basis,
    fields,
    proof,
    applies,
    optional,
    good,
    checklist,
    documents,
    leads_to,
    by: default,
    independent,
    decides: default
});

impl Step {
    /// Who of the office does it; nobody of a step of the officers.
    #[must_use]
    pub fn hands(&self) -> &[Hand] {
        match self.actor {
            Actor::Officers => &[],
            Actor::Office if !self.by.is_empty() => &self.by,
            Actor::Office if self.proof.contains(&Proof::Approval) => &[Hand::Responsible],
            Actor::Office => &[Hand::SquadLead],
        }
    }

    /// Whether it produces an approval or a document.
    #[must_use]
    pub fn produces(&self) -> bool {
        !self.documents.is_empty() || self.proof.contains(&Proof::Approval)
    }

    /// The procedures that can follow from here: the step's own, and those of its fields' answers.
    pub fn followed(&self) -> impl Iterator<Item = &ProcedureId> {
        let choices = self.fields.iter().flat_map(|field| &field.choices);
        let led_to = choices.filter_map(|choice| choice.leads_to.as_ref());
        self.leads_to.iter().chain(led_to)
    }

    /// The field of this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == *id)
    }
}

/// A phase: steps are listed under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Phase {
    /// Its code.
    #[n(0)]
    pub code: String,
    /// Its name.
    #[n(1)]
    pub name: Bilingual,
}

decode_array!(Phase { code, name });

/// A procedure file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Procedure {
    /// Such as `XZJC`.
    #[n(0)]
    pub id: ProcedureId,
    /// The version: a record keeps the one it was opened under.
    #[n(1)]
    pub version: u32,
    /// Its name.
    #[n(2)]
    pub name: Bilingual,
    /// Phases in order.
    #[serde(rename = "phase")]
    #[n(3)]
    pub phases: Vec<Phase>,
    /// Steps in order.
    #[serde(rename = "step")]
    #[n(4)]
    pub steps: Vec<Step>,
    /// What bounds the visit; none for a procedure without one.
    #[serde(default)]
    #[n(5)]
    pub visit: Option<VisitFrame>,
    /// The rules over the steps.
    #[serde(default, rename = "rule")]
    #[n(6)]
    pub rules: Vec<Rule>,
    /// Where an order to correct says what came of it; none for a procedure that orders nothing.
    #[serde(default)]
    #[n(7)]
    pub correction: Option<CorrectionFrame>,
    /// The documents that it describes itself, beside those of [`DocumentKind`].
    #[serde(default, rename = "document")]
    #[n(8)]
    pub forms: Vec<Form>,
}

decode_array!(Procedure {
    id,
    version,
    name,
    phases,
    steps,
    visit,
    rules,
    correction,
    forms: default
});

/// The field, on any step, that says why it was entered late (补录): one of [`LATE_REASONS`] or the officer's words.
pub const LATE_REASON: &str = "late_reason";
/// No network, device failure, emergency, other; below `late.` in the texts.
pub const LATE_REASONS: [&str; 4] = ["no_network", "device_failure", "emergency", "other"];
/// The field of a checklist step that names the checklist in use, as `MATTER@version`.
pub const CHECKLIST: &str = "checklist";
/// What a checklist item may be answered with; below `item.` in the texts. `na` and `unchecked` ask for a reason.
pub const ITEM_ANSWERS: [&str; 4] = ["pass", "fail", "na", "unchecked"];

/// Where the record says who was there, and when the visit began and ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct VisitFrame {
    /// The step that ends the visit: the on-site record.
    #[n(0)]
    pub record: StepId,
    /// Its field with the beginning.
    #[n(1)]
    pub start: FieldId,
    /// Its field with the end.
    #[n(2)]
    pub end: FieldId,
    /// The step that names who takes part.
    #[n(3)]
    pub assigned: StepId,
    /// Its field with the officers.
    #[n(4)]
    pub officers: FieldId,
}

decode_array!(VisitFrame {
    record,
    start,
    end,
    assigned,
    officers
});

/// Where a record says that its order reached the party and was not obeyed: a penalty that presupposes it reads this (R56).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct CorrectionFrame {
    /// The field with the moment at which the order was served.
    #[n(0)]
    pub served: FieldRef,
    /// The field with what the re-inspection found.
    #[n(1)]
    pub result: FieldRef,
    /// Results that mean that it was not obeyed.
    #[n(2)]
    pub failed: Vec<String>,
}

decode_array!(CorrectionFrame {
    served,
    result,
    failed
});

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

/// The penalty on the spot (当场处罚): steps, then rules.
pub const JYCF: &str = concat!(
    include_str!("../../procedures/JYCF.toml"),
    include_str!("../../procedures/JYCF.rules.toml")
);

/// The penalty by the ordinary procedure (普通程序): steps, then rules, then documents.
pub const PTCF: &str = concat!(
    include_str!("../../procedures/PTCF.toml"),
    include_str!("../../procedures/PTCF.rules.toml"),
    include_str!("../../procedures/PTCF.documents.toml")
);

/// The procedures that a new record can follow.
pub const SHIPPED: [&str; 4] = [XZJC, ZGFC, JYCF, PTCF];
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

    /// As JSON, for programs that look at the data as data.
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

    /// Whether it is a case (案件), which ends in a decision that the office approves.
    #[must_use]
    pub fn is_case(&self) -> bool {
        self.steps.iter().any(|step| step.decides)
    }

    /// The step of this id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id.as_str() == id)
    }

    /// The rule of this id.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }
}

#[cfg(test)]
mod tests;
