//! Which documents there are: the eight kinds that are written in code, and the forms that a procedure describes; their codes and
//! titles, which step makes them, and whether a reviewer has signed their template off.

use crate::rules::form::{Form, Layout};
use crate::rules::procedure::{DocumentKind, Procedure, Step};
use crate::text::{Lang, text};

/// What is known of a kind's template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Raised whenever a word of it changes; part of the hash.
    pub version: u32,
    /// A reviewer of the judicial administration has signed it off; until then it prints 试用.
    pub signed_off: bool,
    /// How it looks.
    pub layout: Layout,
    /// It decides over the party, or hands the decision over: what the law asks for before that and is still open forbids it.
    pub decides: bool,
}

/// What a document is made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made<'a> {
    /// By code.
    Kind(DocumentKind),
    /// By what the procedure says.
    Form(&'a Form),
}

impl<'a> Made<'a> {
    /// Its name in addresses.
    #[must_use]
    pub fn code(self) -> &'a str {
        match self {
            Self::Kind(kind) => kind.code(),
            Self::Form(form) => &form.code,
        }
    }

    /// 文书名称.
    #[must_use]
    pub fn title(self) -> &'a str {
        match self {
            Self::Kind(kind) => kind.title(),
            Self::Form(form) => &form.title.zh,
        }
    }

    /// Its name on screens.
    #[must_use]
    pub fn name(self, lang: Lang) -> String {
        match self {
            Self::Kind(kind) => text(lang, &format!("document.kind.{}", kind.code())).to_owned(),
            Self::Form(form) => lang.of(&form.title).to_owned(),
        }
    }

    /// Its template.
    #[must_use]
    pub fn template(self) -> Template {
        match self {
            Self::Kind(kind) => kind.template(),
            Self::Form(form) => Template {
                version: form.version,
                signed_off: form.signed_off,
                layout: form.layout,
                decides: form.decides,
            },
        }
    }
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
            decides: matches!(self, Self::OnTheSpotDecision),
        }
    }

    /// The steps that make it where no step of the procedure says so, one for each procedure that has it.
    const fn usual_steps(self) -> &'static [&'static str] {
        match self {
            Self::InspectionApproval => &["JC-07"],
            Self::InspectionNotice => &["JC-11"],
            Self::OnSiteRecord => &["JC-14"],
            Self::InquiryRecord => &["JC-13-1", "PT-05"],
            Self::InspectionResult => &["JC-16"],
            Self::CorrectionOrder => &["GZ-02"],
            Self::RecheckOpinion => &["GZ-06"],
            Self::OnTheSpotDecision => &["DC-06"],
        }
    }
}

/// The kinds that a step makes: as the procedure says, else the usual one.
fn kinds_of(step: &Step) -> Vec<DocumentKind> {
    if !step.documents.is_empty() {
        return step.documents.clone();
    }
    let usual = |kind: &DocumentKind| kind.usual_steps().contains(&step.id.as_str());
    DocumentKind::ALL.into_iter().filter(usual).collect()
}

/// The documents that a step makes: the first is the one that is signed there.
#[must_use]
pub fn documents_of<'a>(step: &Step, procedure: &'a Procedure) -> Vec<Made<'a>> {
    let kinds = kinds_of(step).into_iter().map(Made::Kind);
    let forms = procedure.forms.iter().filter(|form| form.step == step.id);
    kinds.chain(forms.map(Made::Form)).collect()
}

/// The documents that a step's page shows: its own, and those that are wanted there too.
#[must_use]
pub fn shown_at<'a>(step: &Step, procedure: &'a Procedure) -> Vec<Made<'a>> {
    let mut out = documents_of(step, procedure);
    let also = procedure.forms.iter();
    out.extend(
        also.filter(|form| form.also.contains(&step.id))
            .map(Made::Form),
    );
    out
}

/// Every document of a procedure, in the order of its steps.
#[must_use]
pub fn all_of(procedure: &Procedure) -> Vec<Made<'_>> {
    let steps = procedure.steps.iter();
    steps
        .flat_map(|step| documents_of(step, procedure))
        .collect()
}

/// The document of this name and the step that makes it; none: the procedure has no such document.
#[must_use]
pub fn find<'a>(code: &str, procedure: &'a Procedure) -> Option<(Made<'a>, &'a Step)> {
    procedure.steps.iter().find_map(|step| {
        let mut made = documents_of(step, procedure).into_iter();
        made.find(|made| made.code() == code)
            .map(|made| (made, step))
    })
}

/// The id of the step that makes the document, even where the procedure has none.
pub(super) fn own_step<'a>(made: Made<'a>, procedure: &'a Procedure) -> &'a str {
    match (find(made.code(), procedure), made) {
        (Some((_, step)), _) => step.id.as_str(),
        (None, Made::Form(form)) => form.step.as_str(),
        (None, Made::Kind(kind)) => kind.usual_steps().first().copied().unwrap_or_default(),
    }
}
