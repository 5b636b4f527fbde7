//! Scenarios for tests: a refusal, a certificate that ended, a matter off the list.

use shared::domain::reference::SubjectKind;
use shared::domain::scenario::{Card, Expectation, Inject, MetBy, Role, Scenario, Setup};
use shared::id::{ProcedureId, RuleId, SessionId};
use shared::rules::procedure::Citation;
use shared::text::Bilingual;

pub(crate) const SESSION: SessionId = SessionId::from_bytes([6; 16]);

fn both(zh: &str) -> Bilingual {
    Bilingual {
        zh: zh.to_owned(),
        en: format!("en {zh}"),
    }
}

fn expect(zh: &str, met_by: MetBy) -> Expectation {
    Expectation {
        text: both(zh),
        basis: Citation {
            law: "行政处罚法".to_owned(),
            article: "42".to_owned(),
        },
        met_by,
    }
}

fn scenario(id: &str, procedure: &str, setup: Vec<Setup>, expect: Vec<Expectation>) -> Scenario {
    let card = |role, zh| Card {
        role,
        text: both(zh),
    };
    Scenario {
        id: id.to_owned(),
        version: 1,
        title: both(&format!("剧本{id}")),
        brief: both("到示例镇某旅馆检查。"),
        party: "示例镇演练旅馆".to_owned(),
        party_kind: SubjectKind::SoleTrader,
        place: "示例镇演练路1号".to_owned(),
        matter: "M1".to_owned(),
        matter_name: both("安全生产检查"),
        urgent: Some(both("演练：群众举报")),
        minutes: 30,
        competencies: vec!["qualification".to_owned()],
        procedure: ProcedureId::new(procedure).unwrap(),
        cards: vec![
            card(Role::OfficerA, "您持手机。"),
            card(Role::Party, "您不肯签字。"),
        ],
        injects: vec![Inject {
            step: "T-3".parse().unwrap(),
            role: Role::Party,
            text: both("当事人放下笔走了。"),
        }],
        setup,
        expectations: expect,
        debrief: both("讲评：先看证件。"),
    }
}

pub(crate) fn refusal() -> Scenario {
    let step = || "T-3".parse().unwrap();
    let expected = vec![
        expect("记明拒签", MetBy::Refusal { step: step() }),
        expect("步骤做完", MetBy::StepEnded { step: step() }),
    ];
    scenario("refusal", "PROB", Vec::new(), expected)
}

pub(crate) fn expired() -> Scenario {
    let rule = RuleId::new("R02").unwrap();
    let step = "JC-13".parse().unwrap();
    let expected = vec![
        expect("证件失效的人没有参加", MetBy::NoGap { rule }),
        expect("没有开始检查", MetBy::StepLeft { step }),
    ];
    let setup = vec![Setup::ColleagueCertificateEnded];
    scenario("expired", "XZJC", setup, expected)
}

pub(crate) fn outside() -> Scenario {
    let rule = RuleId::new("R01").unwrap();
    let expected = vec![expect("没有越权", MetBy::NoGap { rule })];
    scenario("outside", "XZJC", vec![Setup::MatterNotListed], expected)
}
