//! What the office of the tests knows beside people: matters, a checklist, laws, and procedures with every kind of step.

use super::office::row;
use shared::domain::reference::{
    Basis, CheckItem, Checklist, Law, LawArticle, PowerItem, PowerSource, Precondition, RefSet,
    Subject, SubjectKind,
};
use shared::id::{FieldId, SubjectId};
use shared::rules::calendar;
use shared::rules::procedure::{Procedure, XZJC, ZGFC};
use shared::sync::wire::RefRow;
use shared::text::Bilingual;

pub(crate) const PARTY: SubjectId = SubjectId::from_bytes([7; 16]);

fn words(zh: &str, en: &str) -> Bilingual {
    Bilingual {
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}

fn matter(code: &str, zh: &str, source: PowerSource) -> PowerItem {
    PowerItem {
        code: code.to_owned(),
        name: words(zh, code),
        source,
        from: jiff::civil::date(2020, 1, 1),
        to: None,
        listed: true,
        duty: Bilingual::default(),
        sanction: Bilingual::default(),
        precondition: Precondition::None,
        bases: Vec::new(),
        list: "示例".to_owned(),
    }
}

fn matters() -> Vec<RefRow> {
    let basis = |law: &str, article: &str, from, to| Basis {
        law: law.to_owned(),
        prohibits: article.to_owned(),
        penalises: String::new(),
        from,
        to,
    };
    let change = jiff::civil::date(2026, 8, 15);
    let mut one = matter("M1", "安全生产检查", PowerSource::S1);
    one.bases = vec![
        basis("旧法", "77", None, change.yesterday().ok()),
        basis("行政处罚法", "28(1)", Some(change), None),
    ];
    let mut gone = matter("M3", "已经取消的事项", PowerSource::S1);
    gone.to = Some(jiff::civil::date(2025, 12, 31));
    let all = [one, matter("M2", "燃气安全检查", PowerSource::S4), gone];
    all.iter()
        .map(|item| row(format!("{}@{}", item.code, item.from).as_bytes(), item))
        .collect()
}

fn checklist() -> Checklist {
    let item = |id: &str, zh: &str| CheckItem {
        id: FieldId::new(id).unwrap(),
        text: words(zh, id),
        how: words("看现场。", "Look."),
        law: "行政处罚法".to_owned(),
        article: "55".to_owned(),
        fault: words(&format!("{zh}：没有做到"), "It was not so"),
        remedy: words(&format!("做到{zh}"), "Make it so"),
    };
    Checklist {
        matter: "M1".to_owned(),
        version: 3,
        name: words("安全检查清单", "Safety checklist"),
        items: vec![
            item("exit", "出口畅通"),
            item("wire", "电线穿管"),
            item("fire", "灭火器有效"),
        ],
    }
}

fn laws() -> Vec<RefRow> {
    let article = |article: &str, zh: &str| LawArticle {
        article: article.to_owned(),
        demand: words(zh, "It demands"),
        confidence: "V".to_owned(),
        official: None,
    };
    let mut shown = article("55", "执法人员应当主动出示执法证件");
    shown.official = Some("第五十五条　执法人员在调查或者进行检查时……".to_owned());
    let penalty = Law {
        id: "行政处罚法".to_owned(),
        name: words(
            "中华人民共和国行政处罚法",
            "Law on Administrative Penalties",
        ),
        number: "主席令第70号".to_owned(),
        initials: "xzcff".to_owned(),
        from: Some(jiff::civil::date(2021, 7, 15)),
        to: None,
        articles: vec![article("42", "执法人员不得少于两人"), shown],
    };
    let old = Law {
        id: "旧法".to_owned(),
        name: words("已废止的旧法", "An old law"),
        number: String::new(),
        initials: "jf".to_owned(),
        from: None,
        to: Some(jiff::civil::date(2026, 8, 14)),
        articles: vec![LawArticle {
            confidence: "K".to_owned(),
            ..article("77", "不得焚烧秸秆")
        }],
    };
    [penalty, old]
        .iter()
        .map(|law| row(law.id.as_bytes(), law))
        .collect()
}

fn procedures() -> Vec<RefRow> {
    let texts = [
        include_str!("procedure.toml"),
        include_str!("whole.toml"),
        include_str!("follow.toml"),
        XZJC,
        ZGFC,
    ];
    texts
        .map(|text| {
            let procedure = Procedure::parse(text).unwrap();
            let key = format!("{}@{}", procedure.id, procedure.version);
            row(key.as_bytes(), &procedure)
        })
        .into()
}

/// The sets.
pub(crate) fn sets() -> Vec<(RefSet, Vec<RefRow>)> {
    let party = Subject {
        id: PARTY,
        name: "示例镇某木器厂".to_owned(),
        kind: SubjectKind::Organisation,
        address: "示例镇示例路9号".to_owned(),
        contact: "赵强".to_owned(),
    };
    let years = calendar::shipped_years();
    let years = years
        .iter()
        .map(|year| row(&year.year.to_be_bytes(), year))
        .collect();
    let list = checklist();
    vec![
        (RefSet::Subjects, vec![row(PARTY.as_bytes(), &party)]),
        (RefSet::Power, matters()),
        (RefSet::Procedures, procedures()),
        (RefSet::Calendar, years),
        (RefSet::Laws, laws()),
        (RefSet::Checklists, vec![row(list.key().as_bytes(), &list)]),
    ]
}
