//! What comes after a document's content: signatures, refusals, opinions, the receipt.

use super::read::Reader;
use super::{Cell, Made, Mark, Signature, words};
use crate::domain::event::{MAX_DRAWING_BYTES, SignMethod, Signed, SignerRole};
use crate::fold::{Noted, StepFacts};
use crate::id::{OfficerId, StepId};
use crate::rules::form::{Signer, Who};
use crate::rules::procedure::DocumentKind;

/// The words of an inspection's approval: caption, granted, denied.
const APPROVAL: [&str; 3] = ["负责人审批意见", "同意实施检查。", "不同意实施检查。"];

/// The marks of a document whose content has this hash.
pub(super) fn marks(read: &Reader<'_>, hash: [u8; 32]) -> Vec<Mark> {
    let nothing = StepFacts::default();
    let known = read.step(read.own).unwrap_or(&nothing);
    match read.made {
        Made::Kind(DocumentKind::InspectionApproval) => opinions(read, (read.own, APPROVAL)),
        Made::Kind(kind) => of_kind(read, kind, known, hash),
        Made::Form(form) => {
            let signers = form.signs.iter();
            signers
                .flat_map(|signer| of_signer(read, signer, known, hash))
                .collect()
        }
    }
}

fn of_kind(read: &Reader<'_>, kind: DocumentKind, known: &StepFacts, hash: [u8; 32]) -> Vec<Mark> {
    let on_site = kind == DocumentKind::OnSiteRecord;
    let absent = on_site && read.code("JC-12", "role") == "absent";
    let witness = absent || (on_site && !known.refusals.is_empty());
    let mut out = party(known, hash, (party_caption(kind), witness));
    for (at, id) in read.acting().into_iter().enumerate() {
        let signed = by_officer(known, id);
        let caption = match (kind, at) {
            (DocumentKind::InquiryRecord, 0) => "询问人（签名）",
            (DocumentKind::InquiryRecord, 1) => "记录人（签名）",
            (DocumentKind::RecheckOpinion, _) => "复查人员（签名）",
            _ => "执法人员（签名）",
        };
        if asks_officers(kind) || signed.is_some() {
            out.push(Mark::Signature(signature(caption, signed, hash)));
        }
    }
    match kind {
        DocumentKind::CorrectionOrder => {
            out.extend(extension(read));
            out.extend(service(read));
        }
        _ => out.extend(served(read.step(read.own))),
    }
    out
}

fn by_officer(known: &StepFacts, id: OfficerId) -> Option<&Noted<Signed>> {
    let mut all = known.signatures.iter().rev();
    all.find(|n| n.value.role == SignerRole::Officer && n.value.officer == Some(id))
}

/// The marks of one who signs a form.
fn of_signer(read: &Reader<'_>, signer: &Signer, known: &StepFacts, hash: [u8; 32]) -> Vec<Mark> {
    let sign = |caption: &str, signed| Mark::Signature(signature(caption, signed, hash));
    match signer.who {
        Who::Officers => {
            let acting = read.acting().into_iter();
            let mut marks: Vec<Mark> = acting
                .map(|id| sign(&signer.caption, by_officer(known, id)))
                .collect();
            if marks.is_empty() {
                marks.push(sign(&signer.caption, None));
            }
            marks
        }
        Who::Party => party(known, hash, (&signer.caption, !known.refusals.is_empty())),
        Who::Paper => {
            let named = signer.names.as_ref();
            let mut names = named.map_or_else(Vec::new, |named| {
                read.named(named.step.as_str(), named.field.as_str())
            });
            if names.is_empty() {
                names.push(String::new());
            }
            let caption = |name: &String| signer.caption.replace("{name}", name);
            names
                .iter()
                .map(|name| sign(&caption(name), None))
                .collect()
        }
        Who::Approver => {
            let step = signer.step.as_ref().map_or("", StepId::as_str);
            opinions(
                read,
                (step, [&signer.caption, &signer.granted, &signer.denied]),
            )
        }
        Who::Receiver => {
            let step = signer
                .step
                .as_ref()
                .and_then(|step| read.step(step.as_str()));
            served(step)
        }
    }
}

const fn asks_officers(kind: DocumentKind) -> bool {
    !matches!(
        kind,
        DocumentKind::InspectionNotice | DocumentKind::InspectionResult
    )
}

const fn party_caption(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::InquiryRecord => "被询问人（签名）",
        DocumentKind::OnSiteRecord => "被检查人或在场人（签名）",
        DocumentKind::RecheckOpinion => "被复查人（签名）",
        DocumentKind::OnTheSpotDecision => "当事人签收（签名）",
        DocumentKind::InspectionApproval
        | DocumentKind::InspectionNotice
        | DocumentKind::InspectionResult
        | DocumentKind::CorrectionOrder => "被检查人签收（签名）",
    }
}

/// The party's signature or refusal, and the witness: where one signed, or is asked for.
fn party(known: &StepFacts, hash: [u8; 32], (caption, witnessed): (&str, bool)) -> Vec<Mark> {
    let last = |role: SignerRole| {
        known
            .signatures
            .iter()
            .rev()
            .find(move |n| n.value.role == role)
    };
    let mut out = Vec::new();
    match (last(SignerRole::Party), known.refusals.last()) {
        (None, Some(refused)) => {
            let value = &refused.value;
            let some = |text: &Option<String>| text.clone().unwrap_or_default();
            out.push(Mark::Note {
                title: "拒绝签名（签收）情况".to_owned(),
                cells: vec![
                    Cell::wide("原因", value.reason.clone()),
                    Cell::wide("见证人", some(&value.witness)),
                    Cell::wide("录音录像编号", some(&value.recording)),
                    Cell::wide("时间", words::minute(refused.at)),
                ],
            });
        }
        (signed, _) => out.push(Mark::Signature(signature(caption, signed, hash))),
    }
    let witness = last(SignerRole::Witness);
    if witness.is_some() || witnessed {
        out.push(Mark::Signature(signature("见证人（签名）", witness, hash)));
    }
    out
}

fn signature(caption: &str, signed: Option<&Noted<Signed>>, hash: [u8; 32]) -> Signature {
    let caption = caption.to_owned();
    let Some(noted) = signed else {
        return Signature {
            caption,
            ..Signature::default()
        };
    };
    let method = match noted.value.method {
        SignMethod::Pin => "本人PIN码确认",
        SignMethod::Screen => "本人在屏幕上确认",
        SignMethod::Drawn => "本人手写",
        SignMethod::Paper => "纸质件签名",
    };
    Signature {
        caption,
        name: noted.value.name.clone(),
        method: method.to_owned(),
        at: words::minute(noted.at),
        ink: noted.value.drawing.as_deref().map_or("", ink).to_owned(),
        changed: noted.value.document.is_some_and(|signed| signed != hash),
    }
}

/// Strokes that are nothing but path data; anything else is not drawn.
fn ink(drawing: &str) -> &str {
    let fine = |c: char| matches!(c, 'M' | 'L' | ' ' | ',' | '-') || c.is_ascii_digit();
    let path = drawing.len() <= MAX_DRAWING_BYTES && drawing.chars().all(fine);
    if path && drawing.starts_with('M') {
        drawing
    } else {
        ""
    }
}

/// Opinions as they were given; a place for one where there is none yet.
fn opinions(read: &Reader<'_>, (step, [caption, granted, denied]): (&str, [&str; 3])) -> Vec<Mark> {
    let known = read.step(step).map_or(&[][..], |known| &known.approvals);
    let caption = caption.to_owned();
    let mut out: Vec<Mark> = known
        .iter()
        .map(|noted| {
            let verdict = if noted.value.granted { granted } else { denied };
            Mark::Opinion {
                caption: caption.clone(),
                words: format!("{verdict}{}", noted.value.note.trim()),
                name: read.name(noted.value.approver),
                at: words::minute(noted.at),
            }
        })
        .collect();
    if out.is_empty() {
        out.push(Mark::Opinion {
            caption,
            words: String::new(),
            name: String::new(),
            at: String::new(),
        });
    }
    out
}

/// A later day for correction, asked for by the party.
fn extension(read: &Reader<'_>) -> Option<Mark> {
    let step = "GZ-04";
    read.step(step).filter(|known| !known.fields.is_empty())?;
    let answer = match (
        read.text(step, "granted").is_empty(),
        read.yes(step, "granted"),
    ) {
        (true, _) => String::new(),
        (false, true) => format!("同意延期至{}", read.day(step, "new_deadline")),
        (false, false) => "不同意延期".to_owned(),
    };
    Some(Mark::Note {
        title: "延期申请办理情况".to_owned(),
        cells: vec![
            Cell::wide("申请日期", read.day(step, "asked_on")),
            Cell::wide("申请理由", read.text(step, "reason")),
            Cell::wide("办理结果", answer),
        ],
    })
}

/// The receipt of the order (送达回证), from the step that serves it.
fn service(read: &Reader<'_>) -> Vec<Mark> {
    let step = "GZ-05";
    let Some(known) = read.step(step) else {
        return Vec::new();
    };
    if known.fields.is_empty() {
        return served(Some(known));
    }
    let at = read.at(step, "served_at");
    let witness = known.refusals.last();
    let mut cells = vec![
        Cell::wide("送达方式", read.text(step, "method")),
        Cell::wide("送达时间", at.map_or_else(String::new, words::minute)),
        Cell::wide("受送达人", read.text(step, "receiver")),
    ];
    cells.extend(
        known
            .served
            .last()
            .map(|noted| Cell::wide("送达文书", noted.value.document.clone())),
    );
    cells.extend(witness.map(|noted| {
        let witness = noted.value.witness.clone().unwrap_or_default();
        Cell::wide(
            "拒收情况",
            format!("{}；见证人：{witness}", noted.value.reason),
        )
    }));
    vec![Mark::Note {
        title: "送达情况".to_owned(),
        cells,
    }]
}

fn served(known: Option<&StepFacts>) -> Vec<Mark> {
    let Some(known) = known else {
        return Vec::new();
    };
    let note = |noted: &Noted<crate::domain::event::Served>| Mark::Note {
        title: "送达情况".to_owned(),
        cells: vec![
            Cell::wide("送达文书", noted.value.document.clone()),
            Cell::wide("送达方式", method(&noted.value.method).to_owned()),
            Cell::wide("送达时间", words::minute(noted.at)),
            Cell::wide("受送达人", noted.value.receiver.clone()),
        ],
    };
    known.served.iter().map(note).collect()
}

/// A method of service in words; the code itself where it is none of ours.
fn method(code: &str) -> &str {
    match code {
        "on_site" => "现场送达",
        "direct" => "直接送达",
        "leave" => "留置送达",
        "post" => "邮寄送达",
        "electronic" => "电子送达",
        "notice" => "公告送达",
        other => other,
    }
}
