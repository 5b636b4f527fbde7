//! The documents that the ordinary procedure describes, of an empty record and of a full one.

use super::sample::{Sample, another};
use crate::documents::*;
use crate::domain::event::{SignMethod, SignerRole, Value};
use crate::rules::form::{Form, Piece, pieces};
use crate::rules::gap::{Cure, Gap, GapState, Open, Severity};
use crate::rules::holds;
use crate::rules::procedure::Confidence;
use crate::rules::rule::When;

/// Every document, in the order of the steps.
const CODES: [&str; 19] = [
    "case_filing",
    "inquiry_record",
    "preservation_notice",
    "investigation_report",
    "legal_review",
    "penalty_notice",
    "notice_receipt",
    "statement_record",
    "defence_review",
    "hearing_right",
    "hearing_call",
    "hearing_record",
    "legal_review_again",
    "discussion_record",
    "penalty_decision",
    "no_penalty_decision",
    "decision_approval",
    "decision_receipt",
    "case_closing",
];

fn empty() -> Sample {
    let mut sample = Sample::ordinary();
    sample.entries.clear();
    sample.subject = None;
    sample.power.clear();
    sample
}

fn pick(code: &str) -> Value {
    Value::Choice(code.to_owned())
}

#[test]
fn the_procedure_has_these_documents() {
    let procedure = Sample::ordinary().procedure;
    let codes: Vec<&str> = all_of(&procedure).iter().map(|made| made.code()).collect();
    assert_eq!(codes, CODES);
}

#[test]
fn an_empty_record_has_every_document() {
    let sample = empty();
    for code in CODES {
        let document = sample.form(code);
        let html = document.html();
        assert!(html.contains(&document.title), "{code}");
        assert!(html.contains("试用"), "{code}");
        assert!(
            html.contains("／") || html.contains('＿'),
            "{code}: a struck blank"
        );
        assert!(!html.contains('{') && !html.contains('}'), "{code}: {html}");
    }
}

/// What the sample has no occasion for.
const NOT_ASKED: [&str; 6] = [
    "没收的价值或者金额",
    "加处罚款",
    "移送公安机关日期",
    "偏离基准的理由",
    "办案期限延长依据",
    "延长至",
];

#[test]
fn a_full_record_leaves_no_cell_blank() {
    for code in CODES {
        let document = Sample::ordinary().form(code);
        for block in &document.blocks {
            match block {
                Block::Form(cells) => {
                    for cell in cells.iter().filter(|cell| cell.value.is_empty()) {
                        assert!(
                            NOT_ASKED.contains(&cell.label.as_str()),
                            "{code} {}",
                            cell.label
                        );
                    }
                }
                Block::Paragraph(text) | Block::Prose(text) | Block::Heading(text) => {
                    assert!(!text.is_empty() && !text.contains('＿'), "{code}: {text}");
                }
                Block::Table { rows, .. } => {
                    let mut cells = rows.iter().flatten();
                    assert!(cells.all(|cell| !cell.is_empty()), "{code}: {rows:?}");
                }
                Block::Date(text) => assert!(!text.is_empty(), "{code}"),
                _ => {}
            }
        }
    }
}

#[test]
fn the_documents_read_so() {
    let sample = Sample::ordinary();
    let mut fresh = String::new();
    for code in CODES {
        fresh.push_str(&format!("== {code}\n{}\n\n", sample.form(code).plain()));
    }
    let lines: Vec<&str> = fresh.lines().map(str::trim_end).collect();
    let fresh = format!("{}\n", lines.join("\n").trim_end());
    let file = std::env::temp_dir().join("chengxu-ordinary-documents.txt");
    if fresh != include_str!("ordinary_documents.txt") {
        std::fs::write(&file, fresh).unwrap();
        panic!("the documents read differently: see {}", file.display());
    }
}

fn there(sample: &Sample, when: Option<&When>) -> bool {
    sample.with(|d| when.is_none_or(|when| holds(when, d.facts, d.context)))
}

/// The first place of each group that the record fills, where the document shows it.
fn shown(sample: &Sample, form: &Form) -> Vec<(String, String)> {
    let mut texts = vec![form.number.as_str(), form.dated.as_str()];
    for part in form
        .body
        .iter()
        .filter(|part| there(sample, part.when.as_ref()))
    {
        let cells = part.cells.iter();
        let cells = cells.filter(|cell| there(sample, cell.when.as_ref()));
        texts.push(&part.text);
        texts.extend(cells.map(|cell| cell.value.as_str()));
    }
    let facts = sample.facts();
    let known = |place: &&str| {
        let (step, field) = place.split_once('.').unwrap_or_default();
        facts
            .step(step)
            .is_some_and(|step| step.fields.contains_key(field))
    };
    let mut out = Vec::new();
    for piece in texts.iter().flat_map(|text| pieces(text).unwrap()) {
        let Piece::Place(places) = piece else {
            continue;
        };
        if places.iter().any(|place| place.ends_with(".approved")) {
            continue;
        }
        let mut filled = places.into_iter();
        let found = filled.find(|place| !place.contains('.') || known(place));
        let found = found.and_then(|place| place.split_once('.'));
        out.extend(found.map(|(step, field)| (step.to_owned(), field.to_owned())));
    }
    out
}

#[test]
fn every_field_that_a_document_shows_changes_its_hash() {
    let sample = Sample::ordinary();
    let facts = sample.facts();
    let mut count = 0;
    for form in &sample.procedure.forms {
        let before = sample.form(&form.code).hash();
        for (step, field) in shown(&sample, form) {
            let mut other = Sample::ordinary();
            let old = &facts.step(&step).unwrap().fields[field.as_str()].value;
            other.answer(&step, &field, another(old));
            let after = other.form(&form.code).hash();
            assert_ne!(before, after, "{} {step}.{field}", form.code);
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

#[test]
fn a_later_step_does_not_change_what_was_signed() {
    let full = Sample::ordinary();
    for form in &full.procedure.forms {
        let mut steps = full.procedure.steps.iter();
        steps.find(|step| step.id == form.step).unwrap();
        let later: Vec<String> = steps.map(|step| step.id.to_string()).collect();
        let mut part = Sample::ordinary();
        part.entries
            .retain(|entry| !later.iter().any(|step| super::sample::is_of(entry, step)));
        let before = part.form(&form.code).hash();
        assert_eq!(full.form(&form.code).hash(), before, "{}", form.code);
    }
}

#[test]
fn what_was_recorded_is_escaped() {
    let attack = "<script>alert(1)</script>{party}&\"'";
    let mut sample = Sample::ordinary();
    for (step, field) in [("PT-15", "facts"), ("PT-15", "number"), ("PT-12", "facts")] {
        sample.answer(step, field, Value::Text(attack.to_owned()));
    }
    for code in CODES {
        let html = sample.form(code).html();
        assert!(!html.contains("<script>"), "{code}: {html}");
    }
    // What somebody wrote is no place that is filled.
    assert!(sample.form("penalty_notice").html().contains("{party}"));
}

#[test]
fn a_decision_has_everything_of_article_59() {
    let text = Sample::ordinary().form("penalty_decision").plain();
    for words in [
        "云溪镇兴达家具厂（示例）",
        "云溪镇兴业路18号（示例）",
        "疏散门不能开启",
        "现场照片6张",
        "违反了《中华人民共和国消防法》第二十八条的规定",
        "处罚依据：《中华人民共和国消防法》第六十条第一款第（三）项。",
        "人民币50000元",
        "十五日内，到指定的银行或者通过电子支付系统",
        "百分之三",
        "不超出罚款的数额",
        "六十日内向示例县人民政府（示例）申请行政复议",
        "六个月内直接向示例县人民法院（示例）提起行政诉讼",
        "云溪镇人民政府（示例）",
        "2026年12月15日",
        "云政罚决〔2026〕6号",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("先向"), "{text}");
    assert!(
        Sample::ordinary()
            .form("penalty_decision")
            .html()
            .contains("（印章）")
    );
}

#[test]
fn a_decision_claims_nothing_that_is_not_recorded() {
    let mut sample = Sample::ordinary();
    sample.answer("PT-15", "rights", Value::Bool(false));
    sample.answer("PT-16", "spoke", pick("silent"));
    sample.answer("PT-20", "held", pick("withdrawn"));
    sample.answer("PT-22", "fined", Value::Bool(false));
    let text = sample.form("penalty_decision").plain();
    for words in [
        "未记录事先告知",
        "没有提出陈述、申辩",
        "听证情况：当事人撤回申请。",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for never in ["告知拟作出", "复核意见", "举行听证。", "十五日内"] {
        assert!(!text.contains(never), "{never}: {text}");
    }
}

#[test]
fn the_notice_tells_of_a_hearing_only_where_it_is_told() {
    let mut sample = Sample::ordinary();
    let told = sample.form("penalty_notice").plain();
    assert!(
        told.contains("有权要求听证") && told.contains("五个工作日"),
        "{told}"
    );
    assert!(told.contains("有权进行陈述和申辩"), "{told}");
    sample.answer("PT-15", "hearing", Value::Bool(false));
    assert!(!sample.form("penalty_notice").plain().contains("听证"));
}

#[test]
fn a_record_has_the_decision_that_was_made() {
    let has = |sample: &Sample, code: &str| {
        let (made, _) = find(code, &sample.procedure).unwrap();
        sample.with(|d| applies(made, d.facts, d.context))
    };
    let mut sample = Sample::ordinary();
    assert!(has(&sample, "penalty_decision") && !has(&sample, "no_penalty_decision"));
    assert!(has(&sample, "hearing_right") && has(&sample, "statement_record"));
    sample.answer("PT-22", "outcome", pick("no_penalty"));
    sample.answer("PT-17", "form", pick("merged"));
    sample.answer("PT-16", "spoke", pick("waived"));
    assert!(!has(&sample, "penalty_decision") && has(&sample, "no_penalty_decision"));
    assert!(!has(&sample, "hearing_right") && !has(&sample, "statement_record"));
    assert!(
        sample
            .form("no_penalty_decision")
            .plain()
            .contains("不予行政处罚")
    );
    let receipt = sample.form("decision_receipt").plain();
    assert!(
        receipt.contains("送达文书：不予行政处罚决定书"),
        "{receipt}"
    );
}

#[test]
fn who_signs_binds_what_the_step_makes_first() {
    let mut sample = Sample::ordinary();
    let step = |sample: &Sample, id: &str| sample.procedure.step(id).unwrap().clone();
    let first = |sample: &Sample, id: &str| {
        let step = step(sample, id);
        sample.with(|dossier| of_step(&step, dossier))
    };
    assert_eq!(first(&sample, "PT-05").title, "询问笔录");
    assert_eq!(first(&sample, "PT-15").title, "行政处罚事先告知书");
    assert_eq!(first(&sample, "PT-16").title, "陈述申辩笔录");
    assert_eq!(first(&sample, "PT-23").title, "送达回证");
    sample
        .entries
        .retain(|entry| !super::sample::is_signature(entry));
    let unsigned = first(&sample, "PT-15");
    sample.sign_document("PT-15", "刘某", unsigned.hash());
    assert!(!first(&sample, "PT-15").is_changed());
    sample.answer("PT-15", "fine", Value::Int(60_000));
    assert!(first(&sample, "PT-15").is_changed());
}

#[test]
fn opinions_and_names_stand_where_they_sign() {
    let mut sample = Sample::ordinary();
    let html = sample.form("case_filing").html();
    assert!(
        html.contains("同意立案。请依法及时调查。") && html.contains("吴海涛"),
        "{html}"
    );
    let html = sample.form("discussion_record").html();
    assert!(html.contains("参加人王建国（签名）"), "{html}");
    let (role, method) = (SignerRole::Witness, SignMethod::Screen);
    sample.sign("PT-23", role, "赵某", method, None);
    assert!(
        sample
            .form("decision_receipt")
            .html()
            .contains("见证人（签名）")
    );
    assert!(
        empty()
            .form("discussion_record")
            .html()
            .contains("参加人（签名）")
    );
}

#[test]
fn a_penalty_asks_about_its_party_and_says_where() {
    let text = Sample::ordinary().form("inquiry_record").plain();
    assert!(
        text.contains("询问地点：云溪镇综合行政执法队询问室（示例）"),
        "{text}"
    );
    assert!(
        text.contains("案件当事人：云溪镇兴达家具厂（示例）"),
        "{text}"
    );
    assert!(!text.contains("被检查人"), "{text}");
}

#[test]
fn four_thousand_characters_are_all_there() {
    let long = "执法人员逐一查看了各楼层。".repeat(333);
    let mut sample = Sample::ordinary();
    sample.answer("PT-12", "facts", Value::Text(long.clone()));
    assert!(sample.form("penalty_decision").html().contains(&long));
}

fn gap(step: &str) -> Gap {
    Gap {
        rule: "R29".parse().unwrap(),
        step: step.parse().unwrap(),
        state: GapState::Missing,
        severity: Severity::G3,
        block: true,
        cure: Cure::BeforeDecision,
        deadline: None,
        basis: Vec::new(),
        confidence: Confidence::V,
        because: Vec::new(),
    }
}

fn open(step: &str) -> Open {
    Open {
        step: step.parse().unwrap(),
        on_site: false,
        rule: "R29".parse().unwrap(),
        severity: Severity::G3,
        block: true,
        code: "missing",
        deadline: None,
        basis: Vec::new(),
        because: Vec::new(),
    }
}

#[test]
fn what_comes_later_forbids_nothing_and_what_is_open_only_a_decision() {
    let procedure = Sample::ordinary().procedure;
    let why = |code: &str, assessment: &Assessment| {
        let (made, step) = find(code, &procedure).unwrap();
        let act = (step.id.as_str(), made.template().decides);
        forbidden(act, &procedure, assessment).len()
    };
    let gaps = Assessment {
        gaps: vec![
            gap("PT-15"),
            Gap {
                block: false,
                ..gap("PT-04")
            },
        ],
        ..Assessment::default()
    };
    assert_eq!(why("legal_review", &gaps), 0);
    for code in ["penalty_notice", "hearing_right", "penalty_decision"] {
        assert_eq!(why(code, &gaps), 1, "{code}");
    }
    let waits = Assessment {
        open: vec![
            open("PT-14"),
            open("PT-23"),
            Open {
                block: false,
                ..open("PT-16")
            },
        ],
        ..Assessment::default()
    };
    for (code, count) in [
        ("penalty_notice", 0),
        ("decision_approval", 0),
        ("penalty_decision", 1),
        ("no_penalty_decision", 1),
        ("decision_receipt", 2),
        ("case_closing", 0),
    ] {
        assert_eq!(why(code, &waits), count, "{code}");
    }
}

/// A penalty on the spot, as far as these lines go, up to the moment before the party signs.
fn on_the_spot(left_out: &str) -> usize {
    let whole = include_str!("../../../cases/DC-R00-bank.case");
    let before = whole.split("2026-11-23 09:13 DC-06 签名").next().unwrap();
    let lines: Vec<&str> = before
        .lines()
        .filter(|line| !line.contains(left_out))
        .collect();
    let text = format!("{}\n\n截至 2026-11-23\n应有 无\n", lines.join("\n"));
    let procedures = crate::rules::procedure::shipped();
    let case = crate::rules::case::Case::parse(&text, &procedures).unwrap();
    let (made, step) = find("on_the_spot_decision", case.procedure).unwrap();
    let act = (step.id.as_str(), made.template().decides);
    forbidden(act, case.procedure, &case.assess()).len()
}

#[test]
fn a_decision_on_the_spot_waits_for_the_telling() {
    assert_eq!(on_the_spot("无"), 0);
    assert!(on_the_spot("DC-05") > 0);
}
