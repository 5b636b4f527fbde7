//! Blocks of document numbers: issued once, counted from the records, voided when a device is lost, and what is odd is shown.

use super::harness::{Phone, World, shows_a_key};
use super::visits::{push, record};
use crate::demo;
use axum::http::StatusCode;
use shared::codec;
use shared::domain::event::{Fact, FieldAnswered, Opened, Value};
use shared::domain::reference::{NumberBlock, RefSet};
use shared::id::{FeedId, RecordId};
use shared::instant::MINUTE_MS;
use shared::numbers;

const PREFIX: &str = "示例当罚〔2026〕";

fn form(csrf: &str, feed: FeedId, first: &str, count: &str) -> String {
    let prefix: String = form_urlencoded::byte_serialize(PREFIX.as_bytes()).collect();
    format!(
        "csrf={csrf}&feed={feed}&document=on_the_spot_decision&prefix={prefix}&first={first}&count={count}"
    )
}

fn opened() -> Fact {
    Opened {
        procedure: "JYCF".parse().unwrap(),
        version: 1,
        unit: demo::unit(1),
        subject: None,
        subject_name: "王某".to_owned(),
        place: "示例路".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2), demo::officer(3)],
    }
    .into()
}

fn answer(field: &str, value: Value) -> Fact {
    FieldAnswered {
        step: "DC-06".parse().unwrap(),
        field: field.parse().unwrap(),
        value,
    }
    .into()
}

fn number(n: u32) -> String {
    format!("{PREFIX}{n:04}号")
}

fn took(n: u32) -> Fact {
    answer("number", Value::Text(number(n)))
}

fn spoiled(n: u32) -> Fact {
    answer("number.voided", numbers::void(&number(n), "墨迹污损"))
}

async fn fined(world: &World, phone: &mut Phone, id: RecordId, facts: &[Fact]) {
    let all: Vec<Fact> = [opened()].iter().chain(facts).cloned().collect();
    push(world, phone, id, &all).await;
    world.app.run_due_jobs().await.unwrap();
}

/// What the phone was sent of number blocks.
async fn carried(world: &World, phone: &Phone) -> Vec<NumberBlock> {
    let page = phone.pull(world, world.app.keys.epoch, 0).await;
    let sets = page.refs.iter().filter(|d| d.set == RefSet::Numbers);
    let rows = sets.flat_map(|delta| &delta.upserts);
    rows.map(|row| codec::decode(&row.body).unwrap()).collect()
}

/// The address of the only block's page.
async fn block_page(world: &World, cookie: &str) -> String {
    let list = world.get("/numbers", cookie).await.text();
    let id = list.split("href=\"/numbers/").nth(1).unwrap();
    format!("/numbers/{}", id.split('"').next().unwrap())
}

#[tokio::test]
async fn a_block_goes_to_its_officers_devices_and_no_number_is_issued_twice() {
    let world = World::new().await;
    let (phone, other) = (world.phone(2).await, world.phone(3).await);
    let (lead, csrf) = world.login("lead").await;
    let made = world
        .post("/numbers", &lead, &form(&csrf, phone.feed, "1", "50"))
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let blocks = carried(&world, &phone).await;
    assert_eq!(blocks.len(), 1);
    assert_eq!(
        (blocks[0].feed, blocks[0].first, blocks[0].last),
        (phone.feed, 1, 50)
    );
    assert_eq!(blocks[0].text(7), number(7));
    assert_eq!(
        carried(&world, &other).await,
        [],
        "nobody else's device has it"
    );
    // The next one is offered after it.
    let list = world.get("/numbers", &lead).await.text();
    assert!(list.contains("示例当罚〔2026〕0001–0050号"), "{list}");
    assert!(list.contains("name=\"first\" type=\"text\" inputmode=\"numeric\" required maxlength=\"6\" autocomplete=\"off\" value=\"51\""), "{list}");
    for (first, count, words) in [
        ("50", "1", "已经在另一个号段里"),
        ("1", "500", "已经在另一个号段里"),
        ("0", "5", "起始号是1到999999"),
        ("x", "5", "起始号是1到999999"),
        ("51", "501", "个数是1到500"),
        ("999999", "2", "末号不超过999999"),
    ] {
        let refused = world
            .post("/numbers", &lead, &form(&csrf, other.feed, first, count))
            .await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{first} {count}"
        );
        assert!(
            refused.text().contains(words),
            "{first} {count}: {}",
            refused.text()
        );
    }
    let digits = form(&csrf, other.feed, "60", "5").replace("&first", "1&first");
    let refused = world.post("/numbers", &lead, &digits).await;
    assert!(
        refused.text().contains("不能以数字结尾"),
        "{}",
        refused.text()
    );
    assert_eq!(carried(&world, &other).await, []);
    let (admin, _) = world.login("admin").await;
    let audit = world.get("/audit", &admin).await.text();
    assert!(
        audit.contains("发放号段") && audit.contains("0001–0050号"),
        "{audit}"
    );
}

#[tokio::test]
async fn records_say_what_became_of_each_number() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let (lead, csrf) = world.login("lead").await;
    let made = form(&csrf, phone.feed, "1", "5");
    world.post("/numbers", &lead, &made).await;
    fined(&world, &mut phone, record(1), &[spoiled(1), took(2)]).await;
    let page = block_page(&world, &lead).await;
    let csv = world.get(&format!("{page}?format=csv"), &lead).await.text();
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    assert!(
        lines[0].starts_with(&format!("{},作废,", number(1))),
        "{csv}"
    );
    assert!(lines[0].ends_with("墨迹污损"), "{csv}");
    assert!(
        lines[1].starts_with(&format!("{},已用,{}", number(2), record(1))),
        "{csv}"
    );
    assert!(
        lines[2].starts_with(&format!("{},未用", number(3))),
        "{csv}"
    );
    let csv = world.get("/numbers?format=csv", &lead).await.text();
    assert!(csv.contains(",1,1,3,快用完，请续发"), "{csv}");
    let html = world.get(&page, &lead).await.text();
    assert!(
        html.contains(&format!("/records/{}", record(1))) && !shows_a_key(&html),
        "{html}"
    );
    let html = world
        .get(&format!("/records/{}", record(1)), &lead)
        .await
        .text();
    assert!(
        html.contains("作废的编号及原因") && html.contains("墨迹污损"),
        "{html}"
    );
    // What a record has is not issued again, under whatever brackets.
    let used = form(&csrf, phone.feed, "6", "5");
    let typed = answer("number", Value::Text("示例当罚[2026]8号".to_owned()));
    fined(
        &world,
        &mut phone,
        record(2),
        &[typed, answer("number.typed", Value::Bool(true))],
    )
    .await;
    let refused = world.post("/numbers", &lead, &used).await;
    assert!(
        refused.text().contains("已经写在案卷里"),
        "{}",
        refused.text()
    );
    let list = world.get("/numbers", &lead).await.text();
    assert!(
        list.contains("照纸质文书手填的编号") && list.contains("示例当罚[2026]8号"),
        "{list}"
    );
    let (liuhe, _) = world.login("lead-liuhe").await;
    assert_eq!(world.get(&page, &liuhe).await.status, StatusCode::NOT_FOUND);
    let list = world.get("/numbers", &liuhe).await.text();
    assert!(
        !list.contains("0001–0005号") && !list.contains("8号</strong>"),
        "{list}"
    );
}

#[tokio::test]
async fn a_number_in_two_records_or_from_a_strange_device_is_shown() {
    let world = World::new().await;
    let (mut phone, mut other) = (world.phone(2).await, world.phone(3).await);
    let (lead, csrf) = world.login("lead").await;
    world
        .post("/numbers", &lead, &form(&csrf, phone.feed, "1", "5"))
        .await;
    fined(&world, &mut phone, record(1), &[took(1)]).await;
    let list = world.get("/numbers", &lead).await.text();
    assert!(!list.contains("需要核对的编号"), "{list}");
    fined(&world, &mut other, record(2), &[took(1)]).await;
    let list = world.get("/numbers", &lead).await.text();
    let twice = list.matches("两件案卷同号").count();
    assert_eq!(
        (twice, list.matches("非本设备使用").count()),
        (2, 1),
        "{list}"
    );
    // One number in place of another, without a word.
    push(&world, &mut other, record(2), &[took(3)]).await;
    world.app.run_due_jobs().await.unwrap();
    let list = world.get("/numbers", &lead).await.text();
    assert!(list.contains("改成别的号，没有说明"), "{list}");
    assert!(!shows_a_key(&list), "{list}");
    world.get("/lang/en?back=/", &lead).await;
}

#[tokio::test]
async fn what_is_left_of_a_lost_device_is_voided_with_a_reason() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let (lead, csrf) = world.login("lead").await;
    world
        .post("/numbers", &lead, &form(&csrf, phone.feed, "1", "5"))
        .await;
    fined(&world, &mut phone, record(1), &[took(1)]).await;
    let page = block_page(&world, &lead).await;
    let close = format!("{page}/close");
    let bare = world
        .post(&close, &lead, &format!("csrf={csrf}&reason="))
        .await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.text().contains("请写明作废原因"), "{}", bare.text());
    let (liuhe, theirs) = world.login("lead-liuhe").await;
    let strange = world
        .post(&close, &liuhe, &format!("csrf={theirs}&reason=x"))
        .await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    assert_eq!(carried(&world, &phone).await.len(), 1);
    world.pass(MINUTE_MS);
    let lost = format!("csrf={csrf}&reason=设备丢失");
    assert_eq!(
        world.post(&close, &lead, &lost).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(carried(&world, &phone).await, [], "the phone is told");
    let html = world.get(&page, &lead).await.text();
    assert!(
        html.contains("设备丢失") && !html.contains("确认作废"),
        "{html}"
    );
    let csv = world.get("/numbers?format=csv", &lead).await.text();
    assert!(csv.contains(",1,4,0,余号已作废"), "{csv}");
    // The numbers stay taken, and one that the lost device used afterwards is shown.
    let again = world
        .post("/numbers", &lead, &form(&csrf, phone.feed, "2", "4"))
        .await;
    assert!(
        again.text().contains("已经在另一个号段里"),
        "{}",
        again.text()
    );
    world.pass(MINUTE_MS);
    fined(&world, &mut phone, record(2), &[took(2)]).await;
    let list = world.get("/numbers", &lead).await.text();
    assert!(list.contains("作废后使用"), "{list}");
    let audit = world.login("admin").await.0;
    let audit = world.get("/audit", &audit).await.text();
    assert!(
        audit.contains("作废余号") && audit.contains("设备丢失"),
        "{audit}"
    );
}
