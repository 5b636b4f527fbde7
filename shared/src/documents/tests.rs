//! Documents of an empty record and of a full one.

mod ordinary;
mod sample;

use super::*;
use crate::domain::event::{EvidenceKind, SignMethod, SignerRole, Value};
use sample::Sample;

#[test]
fn an_empty_record_has_every_document() {
    let mut sample = Sample::full();
    sample.entries.clear();
    sample.subject = None;
    sample.power.clear();
    sample.checklist = None;
    for kind in DocumentKind::ALL {
        let html = sample.document(kind).html();
        assert!(html.contains(kind.title()), "{}", kind.code());
        assert!(html.contains("／") || html.contains('＿'), "a struck blank");
    }
}

#[test]
fn a_full_record_leaves_no_cell_blank() {
    for kind in DocumentKind::ALL {
        let document = Sample::full().document(kind);
        let html = document.html();
        assert!(html.contains("云溪镇人民政府（示例）"), "{}", kind.code());
        for block in &document.blocks {
            let Block::Form(cells) = block else { continue };
            let blank = cells.iter().filter(|cell| cell.value.is_empty());
            let labels: Vec<&str> = blank.map(|cell| cell.label.as_str()).collect();
            // The sample is neither urgent nor a joint inspection.
            let expected = |label: &&str| ["联合检查单位", "紧急情况说明"].contains(label);
            assert!(labels.iter().all(expected), "{} {labels:?}", kind.code());
        }
    }
}

#[test]
fn what_was_recorded_is_escaped() {
    let mut sample = Sample::full();
    let attack = "<script>alert(1)</script>&\"'";
    sample.answer("JC-14", "facts", Value::Text(attack.to_owned()));
    let html = sample.document(DocumentKind::OnSiteRecord).html();
    assert!(!html.contains("<script>"), "{html}");
    assert!(
        html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"),
        "{html}"
    );
}

#[test]
fn strokes_are_path_data_or_nothing() {
    let mut sample = Sample::full();
    let html = sample.document(DocumentKind::OnSiteRecord).html();
    assert!(html.contains("<path d=\"M120 120"), "{html}");
    sample.entries.retain(|entry| !sample::is_signature(entry));
    let drawing = Some("M1 1\"/><script>".to_owned());
    sample.sign(
        "JC-14",
        SignerRole::Party,
        "刘某",
        SignMethod::Drawn,
        drawing,
    );
    let html = sample.document(DocumentKind::OnSiteRecord).html();
    assert!(
        !html.contains("<script>") && !html.contains("<path"),
        "{html}"
    );
}

/// What is signed on the screen must be found again for as long as records are kept. If this fails, the words of the template
/// or the encoding changed: raise the template's version, and know that older signatures will show as changed.
#[test]
fn the_hash_of_a_document_is_frozen() {
    let document = Sample::full().document(DocumentKind::OnSiteRecord);
    let hex: String = document
        .hash()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "225a84d5f8a191eedd60b2fa30e28069893c0dcc4372efdc49a2ae7b00056747"
    );
    assert_eq!(document.code().len(), 19);
    assert_eq!(document.code().replace(' ', "").to_lowercase(), hex[..16]);
}

#[test]
fn every_field_that_a_document_shows_changes_its_hash() {
    let sample = Sample::full();
    for kind in DocumentKind::ALL {
        let before = sample.document(kind);
        let own = find(kind.code(), &sample.procedure)
            .unwrap()
            .1
            .id
            .to_string();
        let fields: Vec<_> = sample
            .facts()
            .step(&own)
            .unwrap()
            .fields
            .keys()
            .cloned()
            .collect();
        for field in fields {
            let mut other = Sample::full();
            // These stand in other documents or in none.
            if ["key_evidence", "checklist", "outside", "rights"].contains(&field.as_str()) {
                continue;
            }
            let old = &sample.facts().step(&own).unwrap().fields[&field]
                .value
                .clone();
            other.answer(&own, field.as_str(), sample::another(old));
            let after = other.document(kind);
            assert_ne!(before.hash(), after.hash(), "{} {field}", kind.code());
        }
    }
}

#[test]
fn a_signature_does_not_change_the_hash_but_a_later_change_is_seen() {
    let mut sample = Sample::full();
    sample.entries.retain(|entry| !sample::is_signature(entry));
    let unsigned = sample.document(DocumentKind::OnSiteRecord);
    sample.sign_document("JC-14", "刘某", unsigned.hash());
    let signed = sample.document(DocumentKind::OnSiteRecord);
    assert_eq!(unsigned.hash(), signed.hash());
    assert!(!signed.is_changed());
    sample.answer("JC-14", "facts", Value::Text("另一回事".to_owned()));
    let changed = sample.document(DocumentKind::OnSiteRecord);
    assert!(changed.is_changed());
    assert!(changed.html().contains("签名后内容有改动"));
}

#[test]
fn a_later_step_does_not_change_what_was_signed() {
    let kinds = [
        (DocumentKind::InspectionNotice, vec!["JC-14", "JC-16"]),
        (DocumentKind::OnSiteRecord, vec!["JC-16"]),
        (
            DocumentKind::CorrectionOrder,
            vec!["GZ-04", "GZ-05", "GZ-06"],
        ),
    ];
    for (kind, later) in kinds {
        let full = Sample::full();
        let mut part = Sample::full();
        part.entries
            .retain(|entry| !later.iter().any(|step| sample::is_of(entry, step)));
        assert_eq!(
            full.document(kind).hash(),
            part.document(kind).hash(),
            "{}",
            kind.code()
        );
    }
}

#[test]
fn conduct_is_judged_by_the_law_of_its_day() {
    let straw = |day: (i16, i8, i8)| {
        let mut sample = Sample::full();
        sample.straw(day);
        sample.document(DocumentKind::CorrectionOrder).plain()
    };
    let before = straw((2026, 8, 14));
    assert!(
        before.contains("《中华人民共和国大气污染防治法》第七十七条"),
        "{before}"
    );
    let after = straw((2026, 8, 15));
    assert!(
        after.contains("《中华人民共和国生态环境法典》第二百四十六条第一款"),
        "{after}"
    );
}

#[test]
fn the_order_names_body_and_court_in_full() {
    let text = Sample::full()
        .document(DocumentKind::CorrectionOrder)
        .plain();
    assert!(
        text.contains("六十日内向示例县人民政府（示例）申请行政复议"),
        "{text}"
    );
    assert!(
        text.contains("六个月内直接向示例县人民法院（示例）提起行政诉讼"),
        "{text}"
    );
}

#[test]
fn a_correction_after_the_end_is_told() {
    let mut sample = Sample::full();
    sample.end("JC-14");
    sample.amend("JC-14", "数错了");
    sample.answer("JC-14", "facts", Value::Text("灭火器三具".to_owned()));
    let text = sample.document(DocumentKind::OnSiteRecord).plain();
    assert!(text.contains("更正原因：数错了"), "{text}");
}

#[test]
fn a_voided_record_says_so_on_its_documents() {
    let mut sample = Sample::full();
    let before = sample.document(DocumentKind::OnSiteRecord);
    sample.void("录错了对象");
    let after = sample.document(DocumentKind::OnSiteRecord);
    assert!(!before.html().contains("已作废") && after.html().contains("已作废"));
    assert_eq!(before.hash(), after.hash());
}

#[test]
fn the_paper_that_was_signed_does_not_change_what_was_signed() {
    let mut sample = Sample::full();
    let before = sample.document(DocumentKind::OnSiteRecord).hash();
    sample.show("JC-14", EvidenceKind::Paper, "现场检查笔录签名页");
    assert_eq!(sample.document(DocumentKind::OnSiteRecord).hash(), before);
}

#[test]
fn codes_and_kinds_are_one_to_one() {
    for kind in DocumentKind::ALL {
        assert_eq!(DocumentKind::from_code(kind.code()), Some(kind));
        let json = serde_json::to_string(&kind).unwrap();
        assert_eq!(json, format!("\"{}\"", kind.code()));
    }
    assert_eq!(DocumentKind::from_code("nonsense"), None);
}

#[test]
fn four_thousand_characters_are_all_there() {
    let mut sample = Sample::full();
    let long = "检查组逐一查看了各楼层。".repeat(333);
    sample.answer("JC-14", "facts", Value::Text(long.clone()));
    let html = sample.document(DocumentKind::OnSiteRecord).html();
    assert!(html.contains(&long));
}

#[test]
fn the_on_site_record_reads_so() {
    let text = Sample::full().document(DocumentKind::OnSiteRecord).plain();
    // An empty last column leaves a space that no file of ours may end a line with.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let expected = include_str!("tests/on_site_record.txt").trim_end();
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn a_decision_on_the_spot_says_what_was_told_and_where_to_turn() {
    let html = Sample::full()
        .document(DocumentKind::OnTheSpotDecision)
        .html();
    for words in [
        "云政当罚〔2026〕0001号",
        "一时疏忽，马上推走。本机关答复：情况属实，金额已予考虑。",
        "罚款人民币100元",
        "并责令立即改正",
        "十五日内",
        "先向示例县人民政府（示例）申请行政复议",
        "第五十一条",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    for never in ["直接向", "被检查人"] {
        assert!(!html.contains(never), "{never}: {html}");
    }
}
