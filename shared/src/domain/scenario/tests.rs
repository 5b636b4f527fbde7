//! The bytes of a scenario, frozen.

use super::*;
use crate::codec;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn both(text: &str) -> Bilingual {
    Bilingual {
        zh: text.to_owned(),
        en: text.to_owned(),
    }
}

fn step() -> StepId {
    "JC-14".parse().unwrap()
}

fn expectations() -> Vec<Expectation> {
    let (step, rule) = (step(), || RuleId::new("R12").unwrap());
    let all = [
        MetBy::RuleAbsent { rule: rule() },
        MetBy::NoGap { rule: rule() },
        MetBy::Refusal { step: step.clone() },
        MetBy::StepEnded { step: step.clone() },
        MetBy::StepLeft { step: step.clone() },
        MetBy::Answered {
            step: step.clone(),
            field: "exit".parse().unwrap(),
            is: vec!["no".to_owned()],
        },
        MetBy::Heard { step: step.clone() },
        MetBy::Explained { step: step.clone() },
        MetBy::Mentions {
            step,
            field: "facts".parse().unwrap(),
            words: vec!["r".to_owned()],
        },
    ];
    let one = |met_by| Expectation {
        text: both("e"),
        basis: Citation {
            law: "l".to_owned(),
            article: "55".to_owned(),
        },
        met_by,
    };
    all.into_iter().map(one).collect()
}

pub(crate) fn scenario() -> Scenario {
    Scenario {
        id: "refusal-to-sign".to_owned(),
        version: 3,
        title: both("t"),
        brief: both("b"),
        party: "p".to_owned(),
        party_kind: SubjectKind::SoleTrader,
        place: "w".to_owned(),
        matter: "M12".to_owned(),
        matter_name: both("m"),
        urgent: Some(both("u")),
        minutes: 40,
        competencies: vec!["K03".to_owned()],
        procedure: ProcedureId::new("XZJC").unwrap(),
        cards: Role::ALL
            .into_iter()
            .map(|role| Card {
                role,
                text: both("c"),
            })
            .collect(),
        injects: vec![Inject {
            step: step(),
            role: Role::Party,
            text: both("i"),
        }],
        setup: vec![
            Setup::ColleagueCertificateEnded,
            Setup::ColleagueAuxiliary,
            Setup::MatterNotListed,
            Setup::MatterOnlyReported,
            Setup::Approved,
            Setup::NotApproved,
        ],
        expectations: expectations(),
        debrief: both("d"),
    }
}

/// The bytes are frozen: phones of other builds read them.
#[test]
fn a_scenario_has_its_bytes() {
    let bytes = codec::encode(&scenario());
    assert_eq!(codec::read(&bytes), Ok(scenario()));
    assert_eq!(scenario().key(), "refusal-to-sign@3");
    let expectation = "83826165616582616c623535";
    let golden = [
        "926f7265667573616c2d746f2d7369676e03",
        "826174617482616261626170016177",
        "634d313282616d616d8261756175",
        "182881634b303364585a4a43",
        "858200826163616382018261636163820282616361638203826163616382048261636163",
        "8183654a432d3134028261696169",
        "86000102030405",
        "89",
        expectation,
        "82008163523132",
        expectation,
        "82018163523132",
        expectation,
        "820281654a432d3134",
        expectation,
        "820381654a432d3134",
        expectation,
        "820481654a432d3134",
        expectation,
        "820583654a432d3134646578697481626e6f",
        expectation,
        "820681654a432d3134",
        expectation,
        "820781654a432d3134",
        expectation,
        "820883654a432d31346566616374738161",
        "72",
        "8261646164",
    ];
    assert_eq!(hex(&bytes), golden.concat());
}

#[test]
fn cards_and_injects_are_found() {
    let one = scenario();
    assert_eq!(
        one.card(Role::Judge).map(|card| card.role),
        Some(Role::Judge)
    );
    assert_eq!(one.injects_at("JC-14").count(), 1);
    assert_eq!(one.injects_at("JC-10").count(), 0);
}
