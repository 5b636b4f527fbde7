//! Numbers of documents on the phone: taken from its own block, typed from a paper form, voided; what stands in the decision
//! beforehand; and what the law forbids to produce.

use super::{PIN, Phone, office};
use crate::sheet::Sheet;
use crate::store::receive;
use crate::tests::NINE;
use shared::domain::event::Value;
use shared::domain::reference::{NumberBlock, RefSet, Subject, SubjectKind};
use shared::id::{FeedId, NumberBlockId, SubjectId};
use shared::instant::Instant;
use shared::numbers::{self, Fate};
use shared::rules::procedure::{DocumentKind, JYCF, Procedure};
use shared::sync::wire::Page;

const CITIZEN: SubjectId = SubjectId::from_bytes([17; 16]);

impl Phone {
    /// A phone that knows the penalty on the spot, with blocks of numbers: device, first and last.
    async fn for_fines(blocks: &[(Option<FeedId>, u32, u32)]) -> Self {
        let phone = Self::enrolled().await;
        phone.issue(blocks);
        phone
    }

    fn issue(&self, blocks: &[(Option<FeedId>, u32, u32)]) {
        let penalty = Procedure::parse(JYCF).unwrap();
        let own = self.own_feed();
        let rows = (1..).zip(blocks).map(|(n, (feed, first, last))| {
            let block = NumberBlock {
                id: NumberBlockId::from_bytes([n; 16]),
                feed: feed.unwrap_or(own),
                officer: self.office.officer,
                document: DocumentKind::OnTheSpotDecision,
                prefix: "示例当罚〔2026〕".to_owned(),
                first: *first,
                last: *last,
                width: 4,
                suffix: "号".to_owned(),
            };
            office::row(block.id.as_bytes(), &block)
        });
        let citizen = Subject {
            id: CITIZEN,
            name: "王某".to_owned(),
            kind: SubjectKind::Citizen,
            address: "示例镇示例街1号".to_owned(),
            contact: String::new(),
        };
        let page = Page {
            refs: vec![
                office::delta(RefSet::Numbers, rows.collect()),
                office::delta(RefSet::Procedures, vec![office::row(b"JYCF@1", &penalty)]),
                office::delta(
                    RefSet::Subjects,
                    vec![office::row(CITIZEN.as_bytes(), &citizen)],
                ),
            ],
            ..self.office.page()
        };
        let receive = |tx: &crate::store::WriteTx<'_>| receive::page(tx, &page, NINE);
        self.app.store().write(receive).unwrap();
    }

    fn own_feed(&self) -> FeedId {
        let read = |c: &rusqlite::Connection| Ok(crate::store::meta::profile(c)?.feed);
        self.app.store().read(read).unwrap()
    }

    async fn fine(&self) -> String {
        let fields = [
            ("procedure", "JYCF"),
            ("urgent", "现场发现"),
            ("subject", &*CITIZEN.to_string()),
            ("place", "示例镇示例街1号"),
            ("matter", "M1"),
            ("officers", &self.office.officer.to_string()),
            ("officers", &self.office.colleague.to_string()),
        ];
        let shown = self.browser.post("/field/new", &fields).await;
        assert_eq!(shown.status, 303, "{}", shown.html);
        shown.location
    }

    async fn say(&self, path: &str, step: &str, fields: &[(&str, &str)]) -> crate::testing::Shown {
        let page = format!("{path}/s/{step}");
        self.browser.post(&page, fields).await
    }

    fn uses(&self, path: &str) -> Vec<(String, Fate, String, bool)> {
        let record = path.rsplit('/').next().unwrap().parse().unwrap();
        let read = |c: &rusqlite::Connection| Sheet::read(c, record);
        let sheet = self.app.store().read(read).unwrap();
        numbers::uses(&sheet.procedure, &sheet.facts)
            .into_iter()
            .map(|each| (each.number, each.fate, each.reason, each.typed))
            .collect()
    }
}

fn number(n: u32) -> String {
    format!("示例当罚〔2026〕{n:04}号")
}

fn used(n: u32) -> (String, Fate, String, bool) {
    (number(n), Fate::Used, String::new(), false)
}

#[tokio::test]
async fn a_number_is_taken_once_whatever_happens_between() {
    let mut phone = Phone::for_fines(&[(None, 1, 50)]).await;
    let (one, two) = (phone.fine().await, phone.fine().await);
    let page = phone.get(&format!("{one}/s/DC-06")).await;
    assert!(
        page.contains("取用下一个号：示例当罚〔2026〕0001号"),
        "{page}"
    );
    // Another tab offers the same number, and whoever is first has it.
    phone.say(&two, "DC-06", &[("act", "take:number")]).await;
    phone.say(&one, "DC-06", &[("act", "take:number")]).await;
    phone.say(&one, "DC-06", &[("act", "take:number")]).await;
    assert_eq!(phone.uses(&two), [used(1)]);
    assert_eq!(phone.uses(&one), [used(2)]);
    phone.restart();
    phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    let three = phone.fine().await;
    let page = phone.get(&format!("{three}/s/DC-06")).await;
    assert!(
        page.contains(&number(3)) && page.contains("还有 48 个号"),
        "{page}"
    );
    // What was taken cannot be typed over, and not be typed elsewhere.
    let over = [("act", "save"), ("f.number", "示例当罚〔2026〕0009号")];
    phone.say(&one, "DC-06", &over).await;
    assert_eq!(phone.uses(&one), [used(2)]);
    let again = [("act", "save"), ("f.number", "示例当罚[2026]1号")];
    let shown = phone.say(&three, "DC-06", &again).await;
    assert_eq!(shown.status, 422);
    assert!(shown.html.contains("已经用过或者作废"), "{}", shown.html);
    assert_eq!(phone.uses(&three), []);
    let own = [("act", "save"), ("f.number", "示例当罚[2026]7号")];
    phone.say(&three, "DC-06", &own).await;
    assert_eq!(phone.uses(&three), [used(7)], "as the block writes it");
}

#[tokio::test]
async fn a_spoiled_number_is_voided_with_a_reason_and_never_offered_again() {
    let phone = Phone::for_fines(&[(None, 1, 2), (None, 9, 9)]).await;
    let path = phone.fine().await;
    phone.say(&path, "DC-06", &[("act", "take:number")]).await;
    let bare = phone.say(&path, "DC-06", &[("act", "void:number")]).await;
    assert_eq!(bare.status, 422);
    let why = ("void.number", "当事人姓名写错");
    phone
        .say(&path, "DC-06", &[("act", "void:number"), why])
        .await;
    let voided = |n, why: &str| (number(n), Fate::Voided, why.to_owned(), false);
    assert_eq!(phone.uses(&path), [voided(1, "当事人姓名写错")]);
    phone.say(&path, "DC-06", &[("act", "take:number")]).await;
    let why = ("void.number", "墨迹污损");
    phone
        .say(&path, "DC-06", &[("act", "void:number"), why])
        .await;
    phone.say(&path, "DC-06", &[("act", "take:number")]).await;
    let all = [voided(1, "当事人姓名写错"), voided(2, "墨迹污损"), used(9)];
    assert_eq!(phone.uses(&path), all);
    let log = phone.get(&format!("{path}/log")).await;
    assert!(
        log.contains("作废的编号及原因") && log.contains("墨迹污损"),
        "{log}"
    );
    let other = phone.fine().await;
    let page = phone.get(&format!("{other}/s/DC-06")).await;
    assert!(
        page.contains("本机没有可用的号") && !page.contains("take:number"),
        "{page}"
    );
    let none = phone.say(&other, "DC-06", &[("act", "take:number")]).await;
    assert!(
        none.html.contains("请单位在办公端给本机发号段"),
        "{}",
        none.html
    );
    // Sealed, it says the same.
    phone.app.seal_all().unwrap();
    assert_eq!(phone.uses(&path), all);
}

#[tokio::test]
async fn a_number_of_a_paper_form_is_typed_and_says_so() {
    let stranger = FeedId::from_bytes([99; 16]);
    let phone = Phone::for_fines(&[(Some(stranger), 1, 50)]).await;
    let path = phone.fine().await;
    let page = phone.get(&format!("{path}/s/DC-06")).await;
    assert!(
        page.contains("本机没有可用的号"),
        "another device's: {page}"
    );
    let paper = [("act", "save"), ("f.number", "示例当罚〔2025〕0311号")];
    phone.say(&path, "DC-06", &paper).await;
    let typed = |text: &str| (text.to_owned(), Fate::Used, String::new(), true);
    assert_eq!(phone.uses(&path), [typed("示例当罚〔2025〕0311号")]);
    let log = phone.get(&format!("{path}/log")).await;
    assert!(log.contains("编号系照纸质文书手填：是"), "{log}");
    // A slip of the fingers is corrected before it is sealed, and leaves nothing behind.
    let right = [("act", "save"), ("f.number", "示例当罚〔2025〕0312号")];
    phone.say(&path, "DC-06", &right).await;
    assert_eq!(phone.uses(&path), [typed("示例当罚〔2025〕0312号")]);
    let other = phone.fine().await;
    phone.say(&other, "DC-06", &right).await;
    let page = phone.get(&format!("{other}/s/DC-06")).await;
    assert!(page.contains("此编号也用在另一案卷"), "{page}");
}

#[tokio::test]
async fn numbers_that_run_out_are_said_on_the_first_page_and_the_own_one() {
    let phone = Phone::for_fines(&[(None, 1, 5)]).await;
    let path = phone.fine().await;
    assert!(!phone.get("/field/").await.contains("编号只剩"));
    phone.say(&path, "DC-06", &[("act", "take:number")]).await;
    for page in ["/field/", "/field/me"] {
        let html = phone.get(page).await;
        assert!(html.contains("当场行政处罚决定书编号只剩 4 个"), "{html}");
    }
    phone.issue(&[(None, 1, 5), (None, 6, 10)]);
    assert!(!phone.get("/field/").await.contains("编号只剩"));
}

#[tokio::test]
async fn what_was_told_stands_in_the_decision_and_is_recorded_with_its_page() {
    let phone = Phone::for_fines(&[(None, 1, 50)]).await;
    let path = phone.fine().await;
    let facts = [("act", "done"), ("f.facts", "堵塞安全出口。")];
    phone.say(&path, "DC-04", &facts).await;
    phone.say(&path, "DC-05", &[("act", "set:kind:fine")]).await;
    let told = [
        ("act", "set:rights:yes"),
        ("f.fine", "100"),
        ("f.basis", "消防法第六十条第二款"),
    ];
    phone.say(&path, "DC-05", &told).await;
    let page = phone.get(&format!("{path}/s/DC-06")).await;
    let shown = [
        "value=\"2026-11-23\"",
        "堵塞安全出口。</textarea>",
        "type=\"hidden\" name=\"f.kind\" value=\"fine\"",
        "name=\"f.fine\" value=\"100\"",
        "value=\"消防法第六十条第二款\"",
        "value=\"示例镇示例街1号\"",
        "保存后才记入",
    ];
    for part in shown {
        assert!(page.contains(part), "{part}: {page}");
    }
    let known = |step: &str| phone.facts(&path).step(step).cloned();
    assert_eq!(known("DC-06"), None, "looking records nothing");
    // The officer decides less than was told, and takes the rest as it stands.
    let fields = [
        ("act", "set:kind:warning"),
        ("f.kind", "fine"),
        ("f.date", "2026-11-23"),
        ("f.act", "堵塞安全出口。"),
    ];
    phone.say(&path, "DC-06", &fields).await;
    let answers = known("DC-06").unwrap().fields;
    let value = |field: &str| answers.get(field).map(|noted| noted.value.clone());
    assert_eq!(value("kind"), Some(Value::Choice("warning".to_owned())));
    let day = Instant::from_civil(jiff::civil::date(2026, 11, 23).at(0, 0, 0, 0));
    assert_eq!(value("date"), Some(Value::At(day)));
    assert_eq!(value("place"), None, "it was not sent");
    let other = phone.fine().await;
    let page = phone.get(&format!("{other}/s/DC-06")).await;
    assert!(
        !page.contains("name=\"f.fine\""),
        "nothing was told: {page}"
    );
    let arrived = phone.get(&format!("{other}/s/DC-08")).await;
    assert!(arrived.contains("value=\"2026-11-23T09:00\""), "{arrived}");
}

/// Up to 200 yuan for a citizen (行政处罚法 51).
#[tokio::test]
async fn a_decision_over_the_cap_is_not_produced_but_can_be_recorded() {
    let phone = Phone::for_fines(&[(None, 1, 50)]).await;
    let path = phone.fine().await;
    phone.say(&path, "DC-06", &[("act", "set:kind:fine")]).await;
    let pages = [
        format!("{path}/doc/on_the_spot_decision"),
        format!("{path}/s/DC-06/sign"),
    ];
    let over = [("act", "save"), ("f.fine", "300")];
    phone.say(&path, "DC-06", &over).await;
    for page in &pages {
        let html = phone.get(page).await;
        assert!(html.contains("依法暂不能"), "{html}");
        assert!(html.contains("行政处罚法第51条"), "{html}");
        assert!(html.contains("已经发生，如实记录"), "{html}");
        assert!(!html.contains("现对你作出"), "{html}");
        let anyway = phone.get(&format!("{page}?anyway=1")).await;
        assert!(anyway.contains("罚款人民币300元"), "{anyway}");
    }
    let most = [("act", "save"), ("f.fine", "200")];
    phone.say(&path, "DC-06", &most).await;
    for page in &pages {
        // What is left is that nobody told the party yet.
        let html = phone.get(page).await;
        assert!(!html.contains("第51条"), "{html}");
        assert!(html.contains("行政处罚法第44条"), "{html}");
        let anyway = phone.get(&format!("{page}?anyway=1")).await;
        assert!(anyway.contains("罚款人民币200元"), "{anyway}");
    }
}

/// Telling comes before deciding; what was told afterwards does not heal it (行政处罚法 44, 62).
#[tokio::test]
async fn a_decision_begun_before_telling_is_not_produced_but_can_be_recorded() {
    let phone = Phone::for_fines(&[(None, 1, 50)]).await;
    let path = phone.fine().await;
    phone
        .say(&path, "DC-06", &[("act", "set:kind:warning")])
        .await;
    phone.machine.pass(5 * 60_000);
    phone
        .say(&path, "DC-05", &[("act", "set:kind:warning")])
        .await;
    let told = [("act", "save"), ("recording", "A-0001")];
    phone.say(&path, "DC-05", &told).await;
    let document = format!("{path}/doc/on_the_spot_decision");
    let html = phone.get(&document).await;
    assert!(html.contains("行政处罚法第44条"), "{html}");
    assert!(html.contains("已经发生，如实记录"), "{html}");
    let anyway = phone.get(&format!("{document}?anyway=1")).await;
    assert!(anyway.contains("现对你作出警告"), "{anyway}");
}
