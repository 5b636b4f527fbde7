//! The demo's people, parties and powers. Everything here is invented and marked 示例.

use crate::access::Role;
use shared::domain::event::{Fact, FieldAnswered, Outcome, StepRecorded, Value};
use shared::domain::reference::SubjectKind;
use shared::id::{FieldId, StepId};

/// Offices: what stands on documents.
pub(super) const UNITS: [&str; 3] = [
    "云溪镇人民政府（示例）",
    "示例县司法局（示例）",
    "柳河镇人民政府（示例）",
];

/// An enforcement certificate's state, as of the day the demo is made.
#[derive(Clone, Copy)]
pub(super) enum Held {
    /// No certificate, and none needed.
    None,
    /// Auxiliary staff.
    Auxiliary,
    /// Valid for so many more days (negative: ended so many days ago).
    Days(i64),
}

/// A person of the demo.
#[derive(Clone, Copy)]
pub(super) struct Person {
    pub(super) name: &'static str,
    /// Index into [`UNITS`], from 1.
    pub(super) unit: u8,
    pub(super) held: Held,
    /// Name of the console account, and what it may do.
    pub(super) account: Option<(&'static str, &'static [Role])>,
    /// Whether an enrolment link is printed.
    pub(super) phone: bool,
}

const fn person(name: &'static str, unit: u8, held: Held) -> Person {
    Person {
        name,
        unit,
        held,
        account: None,
        phone: false,
    }
}

const fn with(person: Person, account: &'static str, roles: &'static [Role]) -> Person {
    Person {
        account: Some((account, roles)),
        ..person
    }
}

const fn phone(person: Person) -> Person {
    Person {
        phone: true,
        ..person
    }
}

/// People; the number in ids is the place in this list, from 1.
pub(super) const PEOPLE: [Person; 14] = [
    phone(with(
        person("陈立新", 1, Held::Days(900)),
        "lead",
        &[Role::SquadLead, Role::Officer],
    )),
    phone(with(
        person("李晓燕", 1, Held::Days(700)),
        "officer",
        &[Role::Officer],
    )),
    phone(person("王建国", 1, Held::Days(420))),
    phone(person("赵敏", 1, Held::Days(25))),
    person("孙志强", 1, Held::Days(-30)),
    person("周小梅", 1, Held::Auxiliary),
    with(
        person("吴海涛", 1, Held::None),
        "head",
        &[Role::Responsible],
    ),
    with(
        person("郑文静", 1, Held::Days(300)),
        "legal",
        &[Role::LegalReviewer],
    ),
    with(person("冯德明", 1, Held::None), "leader", &[Role::Leader]),
    with(
        person("何丽", 1, Held::Days(500)),
        "training",
        &[Role::TrainingManager],
    ),
    with(person("马超群", 1, Held::None), "admin", &[Role::Admin]),
    with(
        person("许国平", 2, Held::Days(800)),
        "supervisor",
        &[Role::Supervisor],
    ),
    phone(person("高云峰", 3, Held::Days(600))),
    with(
        person("欧阳海清", 3, Held::Days(450)),
        "lead-liuhe",
        &[Role::SquadLead, Role::Officer],
    ),
];

/// Inspected parties: name, kind, address, person in charge.
pub(super) const SUBJECTS: [(&str, SubjectKind, &str, &str); 12] = {
    use SubjectKind::{Citizen, Organisation, SoleTrader};
    [
        (
            "星河便民超市（示例）",
            SoleTrader,
            "云溪镇示范街1号",
            "林静",
        ),
        (
            "云溪镇第一农贸市场（示例）",
            Organisation,
            "云溪镇示范街18号",
            "郭大成",
        ),
        (
            "春风里饭店（示例）",
            SoleTrader,
            "云溪镇滨河路6号",
            "何春生",
        ),
        (
            "示例县云溪包装材料有限公司（示例）",
            Organisation,
            "云溪镇工业园示例路3号",
            "罗志远",
        ),
        (
            "云溪镇中心幼儿园（示例）",
            Organisation,
            "云溪镇文化路9号",
            "苏婷",
        ),
        (
            "平安烟花爆竹零售点（示例）",
            SoleTrader,
            "云溪镇东岗村村口",
            "贾铁柱",
        ),
        (
            "顺达汽车维修部（示例）",
            SoleTrader,
            "云溪镇省道示例段120米处",
            "鲁顺",
        ),
        (
            "云溪液化气换瓶站（示例）",
            Organisation,
            "云溪镇北环路2号",
            "白建军",
        ),
        (
            "清河小区物业服务中心（示例）",
            Organisation,
            "云溪镇清河小区",
            "方慧",
        ),
        (
            "绿野生态养殖专业合作社（示例）",
            Organisation,
            "云溪镇西坡村",
            "田喜旺",
        ),
        (
            "东岗村村民张某（示例）",
            Citizen,
            "云溪镇东岗村三组",
            "本人",
        ),
        (
            "示例县云溪镇幸福里老年人日间照料与健康服务中心（社会服务机构）（示例）",
            Organisation,
            "云溪镇幸福里社区综合服务大楼一层东侧",
            "司徒明月",
        ),
    ]
};

/// A task of the demo.
pub(super) struct Planned {
    /// Days from today.
    pub(super) days: i64,
    /// Place in [`SUBJECTS`], from 1.
    pub(super) subject: u8,
    pub(super) matter: &'static str,
    /// Places in [`PEOPLE`], from 1.
    pub(super) officers: &'static [u8],
    /// Who assigns, and who approved it, if anybody has.
    pub(super) by: u8,
    pub(super) approved_by: Option<u8>,
    pub(super) note: &'static str,
}

/// Tasks; the number in ids is the place in this list, from 1.
pub(super) const TASKS: [Planned; 5] = [
    Planned {
        days: 0,
        subject: 1,
        matter: "M12",
        officers: &[2, 3],
        by: 1,
        approved_by: Some(7),
        note: "重点查看后门疏散通道和货架间距。",
    },
    Planned {
        days: 1,
        subject: 3,
        matter: "M25",
        officers: &[2, 4],
        by: 1,
        approved_by: None,
        note: "查看用气安全和从业人员培训记录。",
    },
    Planned {
        days: 0,
        subject: 9,
        matter: "M15",
        officers: &[3, 5],
        by: 1,
        approved_by: Some(7),
        note: "群众反映3号楼楼道充电。",
    },
    Planned {
        days: 0,
        subject: 4,
        matter: "M14",
        officers: &[1, 2],
        by: 1,
        approved_by: None,
        note: "",
    },
    Planned {
        days: 0,
        subject: 7,
        matter: "M07",
        officers: &[13, 14],
        by: 14,
        approved_by: None,
        note: "",
    },
];

/// A course or, with a scenario, a drill of the demo: two hours from nine.
pub(super) struct Coming {
    /// Days from today.
    pub(super) days: i64,
    pub(super) title: &'static str,
    pub(super) place: &'static str,
    pub(super) competency: &'static str,
    pub(super) scenario: Option<&'static str>,
    /// Places in [`PEOPLE`], from 1.
    pub(super) officers: &'static [u8],
}

/// Sessions; the number in ids is the place in this list, from 1.
pub(super) const SESSIONS: [Coming; 2] = [
    Coming {
        days: 7,
        title: "亮证与告知规范（示例）",
        place: "云溪镇综合行政执法队二楼会议室",
        competency: "K01",
        scenario: None,
        officers: &[4, 5, 6],
    },
    Coming {
        days: 14,
        title: "当事人拒绝签字情景演练（示例）",
        place: "云溪镇综合行政执法队一楼",
        competency: "K06",
        scenario: Some("refusal-to-sign"),
        officers: &[1, 4],
    },
];

/// A year's plan, as the tasks name it.
const PLAN: &str = "云溪镇2026年度行政检查计划（示例）";

/// What the squad lead answered when planning each task: step, field, value; `Y` is yes.
const ANSWERS: [&[(&str, &str, &str)]; 5] = [
    &[
        ("JC-01", "kind", "routine"),
        ("JC-01", "source", "plan"),
        ("JC-02", "plan", PLAN),
        ("JC-02", "in_plan", "Y"),
        (
            "JC-06",
            "why_on_site",
            "疏散通道是否畅通，书面材料看不出来，须到现场查看。",
        ),
    ],
    &[
        ("JC-01", "kind", "routine"),
        ("JC-01", "source", "random"),
        ("JC-02", "plan", PLAN),
        ("JC-02", "in_plan", "Y"),
        (
            "JC-04",
            "draw",
            "第3批次，抽取检查对象8家、执法人员4名（示例）",
        ),
        ("JC-04", "how", "system"),
        ("JC-06", "why_on_site", "用气设施和人员培训情况须现场核对。"),
    ],
    &[
        ("JC-01", "kind", "case"),
        ("JC-01", "source", "complaint"),
        ("JC-06", "why_on_site", "群众反映楼道充电，须到现场核实。"),
    ],
    &[
        ("JC-01", "kind", "special"),
        ("JC-01", "source", "transfer"),
        ("JC-05", "approval_no", "示例县消安办〔2026〕8号"),
        ("JC-05", "scope", "全县工业企业消防设施，11月1日至12月31日"),
        ("JC-06", "why_on_site", "消防设施须现场测试。"),
    ],
    &[("JC-01", "kind", "case"), ("JC-01", "source", "complaint")],
];

/// The facts of a task's answers; each answered step is done.
pub(super) fn answers(task: u8) -> Vec<Fact> {
    let rows = usize::from(task)
        .checked_sub(1)
        .and_then(|at| ANSWERS.get(at));
    let mut out: Vec<Fact> = Vec::new();
    let mut rows = rows.copied().unwrap_or_default().iter().peekable();
    while let Some((step, field, value)) = rows.next() {
        let (Ok(id), Ok(field)) = (StepId::new(step), FieldId::new(field)) else {
            continue;
        };
        let value = match (field.as_str(), *value) {
            (_, "Y") => Value::Bool(true),
            ("kind" | "source" | "how", code) => Value::Choice(code.to_owned()),
            (_, words) => Value::Text(words.to_owned()),
        };
        let answered = FieldAnswered {
            step: id.clone(),
            field,
            value,
        };
        out.push(answered.into());
        if rows.peek().is_none_or(|(next, ..)| next != step) {
            let done = StepRecorded {
                step: id,
                outcome: Outcome::Done,
                note: String::new(),
            };
            out.push(done.into());
        }
    }
    out
}
