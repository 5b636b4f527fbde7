//! The eight kinds: their codes and titles, which step makes them, and whether a reviewer has signed their template off.

use crate::id::StepId;
use crate::rules::procedure::{DocumentKind, Procedure, Step};

/// How a document looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A bordered form.
    Form,
    /// A letter to the party.
    Letter,
    /// Running text, signed page by page (笔录).
    Running,
}

/// What is known of a kind's template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Raised whenever a word of it changes; part of the hash.
    pub version: u32,
    /// A reviewer of the judicial administration has signed it off; until then it prints 试用.
    pub signed_off: bool,
    /// How it looks.
    pub layout: Layout,
}

impl DocumentKind {
    /// Every kind, in the order of a case.
    pub const ALL: [Self; 8] = [
        Self::InspectionApproval,
        Self::InspectionNotice,
        Self::OnSiteRecord,
        Self::InquiryRecord,
        Self::InspectionResult,
        Self::CorrectionOrder,
        Self::RecheckOpinion,
        Self::OnTheSpotDecision,
    ];

    /// Its name in addresses, in procedure files and below `document.kind.` in the texts.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InspectionApproval => "inspection_approval",
            Self::InspectionNotice => "inspection_notice",
            Self::OnSiteRecord => "on_site_record",
            Self::InquiryRecord => "inquiry_record",
            Self::InspectionResult => "inspection_result",
            Self::CorrectionOrder => "correction_order",
            Self::RecheckOpinion => "recheck_opinion",
            Self::OnTheSpotDecision => "on_the_spot_decision",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// 文书名称.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::InspectionApproval => "行政检查审批表",
            Self::InspectionNotice => "行政检查通知书",
            Self::OnSiteRecord => "现场检查笔录",
            Self::InquiryRecord => "询问笔录",
            Self::InspectionResult => "检查结果告知书",
            Self::CorrectionOrder => "责令改正通知书",
            Self::RecheckOpinion => "复查意见书",
            Self::OnTheSpotDecision => "当场行政处罚决定书",
        }
    }

    /// Its template.
    #[must_use]
    pub const fn template(self) -> Template {
        let layout = match self {
            Self::InspectionApproval | Self::OnTheSpotDecision => Layout::Form,
            Self::OnSiteRecord | Self::InquiryRecord => Layout::Running,
            Self::InspectionNotice
            | Self::InspectionResult
            | Self::CorrectionOrder
            | Self::RecheckOpinion => Layout::Letter,
        };
        Template {
            version: 1,
            signed_off: false,
            layout,
        }
    }

    /// The step that makes it where no step of the procedure says so.
    const fn usual_step(self) -> &'static str {
        match self {
            Self::InspectionApproval => "JC-07",
            Self::InspectionNotice => "JC-11",
            Self::OnSiteRecord => "JC-14",
            Self::InquiryRecord => "JC-13-1",
            Self::InspectionResult => "JC-16",
            Self::CorrectionOrder => "GZ-02",
            Self::RecheckOpinion => "GZ-06",
            Self::OnTheSpotDecision => "DC-06",
        }
    }
}

/// The documents that a step makes: as the procedure says, else the usual one.
#[must_use]
pub fn documents_of(step: &Step) -> Vec<DocumentKind> {
    if !step.documents.is_empty() {
        return step.documents.clone();
    }
    let usual = |kind: &DocumentKind| kind.usual_step() == step.id.as_str();
    DocumentKind::ALL.into_iter().filter(usual).collect()
}

/// The step of this procedure that makes the document; none: the procedure has no such document.
#[must_use]
pub fn step_of(kind: DocumentKind, procedure: &Procedure) -> Option<&StepId> {
    let mut steps = procedure.steps.iter();
    let step = steps.find(|step| documents_of(step).contains(&kind))?;
    Some(&step.id)
}

/// The id of the step that makes the document, even where the procedure has none.
pub(super) fn own_step(kind: DocumentKind, procedure: &Procedure) -> &str {
    step_of(kind, procedure).map_or(kind.usual_step(), StepId::as_str)
}
