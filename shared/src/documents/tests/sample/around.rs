//! What stands around the sample record: people, party, power, checklist and the steps whose labels documents print.

use super::*;

pub(super) fn officers() -> BTreeMap<OfficerId, Officer> {
    let person = |n: u8, name: &str, number: &str| Officer {
        id: officer(n),
        name: name.to_owned(),
        unit: unit(),
        auxiliary: false,
        certificates: vec![Certificate {
            number: number.to_owned(),
            valid_from: date(2024, 1, 1),
            valid_to: date(2028, 12, 31),
        }],
        pin: None,
    };
    [
        person(1, "陈立新", "16130100001"),
        person(2, "李晓燕", "16130100002"),
        person(3, "王建国", "16130100003"),
        person(4, "吴海涛", "16130100004"),
    ]
    .into_iter()
    .map(|officer| (officer.id, officer))
    .collect()
}

pub(super) fn subject() -> Subject {
    Subject {
        id: SubjectId::from_bytes([5; 16]),
        name: "云溪镇兴达家具厂（示例）".to_owned(),
        kind: SubjectKind::Organisation,
        address: "云溪镇兴业路18号（示例）".to_owned(),
        contact: "刘某".to_owned(),
    }
}

pub(super) fn task() -> Task {
    Task {
        id: TaskId::from_bytes([6; 16]),
        record: RecordId::from_bytes([0x42; 16]),
        procedure: "XZJC".parse().unwrap(),
        version: 2,
        unit: unit(),
        subject: SubjectId::from_bytes([5; 16]),
        matter: "M12".to_owned(),
        officers: vec![officer(1), officer(2)],
        planned: DAY,
        note: "看二楼仓库疏散门".to_owned(),
        approval: None,
    }
}

pub(super) fn fire() -> PowerItem {
    PowerItem {
        code: "M12".to_owned(),
        name: words("占用、堵塞、封闭疏散通道、安全出口"),
        source: PowerSource::S2,
        from: date(2026, 1, 1),
        to: None,
        listed: true,
        duty: words("保持疏散通道、安全出口畅通"),
        sanction: words(
            "责令改正，对单位处五千元以上五万元以下罚款；对个人处警告或者五百元以下罚款",
        ),
        precondition: Precondition::None,
        bases: vec![Basis {
            law: "消防法".to_owned(),
            prohibits: "28".to_owned(),
            penalises: "60(1)(3)".to_owned(),
            from: None,
            to: None,
        }],
        list: "云溪镇行政执法事项清单（2026年版，示例）".to_owned(),
    }
}

pub(super) fn checklist() -> Checklist {
    let item = |id: &str, what: &str, article: &str| CheckItem {
        id: id.parse().unwrap(),
        text: words(what),
        how: Bilingual::default(),
        law: "消防法".to_owned(),
        article: article.to_owned(),
        fault: words("与要求不一致"),
        remedy: words("恢复到要求的状态"),
    };
    Checklist {
        matter: "M12".to_owned(),
        version: 1,
        name: words("疏散通道和安全出口"),
        items: vec![
            item("exit", "安全出口能从里面打开，没有上锁、堵塞", "28"),
            item("corridor", "疏散通道没有堆放物品，净宽不小于1.1米", "28"),
            item("lights", "疏散指示标志和应急照明完好有效", "16(1)(2)"),
            item("bars", "外窗没有影响逃生和灭火救援的障碍物", "28"),
        ],
    }
}

fn field(id: &str, label: &str, choices: &[(&str, &str)]) -> Field {
    let choice = |(code, label): &(&str, &str)| Choice {
        leads_to: None,
        code: (*code).to_owned(),
        label: words(label),
    };
    Field {
        choices: choices.iter().map(choice).collect(),
        ..Field::plain(id.parse().unwrap(), words(label), FieldKind::Text)
    }
}

fn step(step: &str, documents: &[DocumentKind], fields: Vec<Field>) -> Step {
    Step {
        id: id(step),
        phase: "check".to_owned(),
        actor: Actor::Officers,
        on_site: true,
        name: Bilingual::default(),
        why: Bilingual::default(),
        say: None,
        basis: Vec::new(),
        fields,
        proof: Vec::new(),
        applies: None,
        optional: false,
        good: None,
        checklist: false,
        documents: documents.to_vec(),
        leads_to: None,
        by: Vec::new(),
        independent: None,
        decides: false,
    }
}

/// Both procedures in one, with the labels that documents print.
pub(super) fn procedure() -> Procedure {
    use DocumentKind::{CorrectionOrder, InspectionApproval, OnSiteRecord};
    let kinds = [
        ("routine", "日常检查"),
        ("case", "个案检查"),
        ("special", "专项检查"),
    ];
    let sources = [("plan", "年度计划"), ("random", "双随机抽查")];
    Procedure {
        correction: None,
        forms: Vec::new(),
        id: "XZJC".parse().unwrap(),
        version: 2,
        name: words("行政检查"),
        phases: Vec::new(),
        steps: vec![
            step(
                "JC-01",
                &[],
                vec![
                    field("kind", "检查类型", &kinds),
                    field("source", "任务来源", &sources),
                ],
            ),
            step(
                "JC-04",
                &[],
                vec![field("how", "抽取方式", &[("system", "系统抽取")])],
            ),
            step("JC-07", &[InspectionApproval], vec![]),
            step("JC-11", &[], vec![]),
            step(
                "JC-12",
                &[],
                vec![field("role", "身份", &[("manager", "负责人")])],
            ),
            step("JC-13-1", &[], vec![]),
            step(
                "JC-14",
                &[OnSiteRecord],
                vec![field("facts", "检查情况", &[])],
            ),
            step("JC-16", &[], vec![]),
            step("GZ-02", &[CorrectionOrder], vec![]),
            step(
                "GZ-05",
                &[],
                vec![field("method", "送达方式", &[("on_site", "现场送达")])],
            ),
            step("GZ-06", &[], vec![]),
            step("DC-06", &[], vec![]),
        ],
        visit: Some(VisitFrame {
            record: id("JC-14"),
            start: "start".parse().unwrap(),
            end: "end".parse().unwrap(),
            assigned: id("JC-08"),
            officers: "officers".parse().unwrap(),
        }),
        rules: Vec::new(),
    }
}
