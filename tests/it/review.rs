//! A flag and its way back, with the real phone: asked and explained without a network, returned, corrected, handed in again.

use shared::instant::Instant;
use tests::hands::Hands;
use tests::here::{Here, Phone};
use tests::journey::await_pulled;
use tests::machine::Clock;
use tests::office::Office;
use tests::page::Page;

/// A Monday morning in Beijing.
const NOW: Instant = Instant::from_millis(1_795_400_000_000);
const QUESTION: &str = "现场有几名持证执法人员？";
const ANSWER: &str = "两名，第二人漏填。";
const NOTE: &str = "请补填第二名执法人员";

async fn home(phone: &mut Phone) -> String {
    phone.hands.open("/field/").await.unwrap();
    phone.hands.read().await.unwrap()
}

/// What the office does is on the phone after this, and the other way round.
async fn synced(here: &Here, phone: &mut Phone) {
    phone.upload_all().await.unwrap();
    here.app.run_due_jobs().await.unwrap();
}

/// Opens the form of this address, fills it in and sends it.
async fn say(supervisor: &mut Office, path: &str, values: &[(&str, &str)]) -> Page {
    let page = supervisor.agent.get(path).await.unwrap();
    let mut form = page
        .form_with("seen")
        .unwrap_or_else(|| panic!("{}", page.text()));
    for (name, value) in values {
        form = form.set(name, value);
    }
    supervisor.agent.send(&page, form).await.unwrap()
}

/// A supervisor asks about the first gap, and the officer answers without a network. Gives the gap's address.
async fn asked_and_explained(
    here: &Here,
    phone: &mut Phone,
    path: &str,
    supervisor: &mut Office,
) -> String {
    let record = path.trim_start_matches("/field/r/").to_owned();
    let page = supervisor
        .agent
        .get(&format!("/records/{record}"))
        .await
        .unwrap();
    let gaps: Vec<String> = page
        .links()
        .into_iter()
        .map(|link| link.href)
        .filter(|href| href.contains("/gaps/"))
        .collect();
    let gap = gaps.first().unwrap_or_else(|| panic!("{}", page.text()));
    let asked = say(supervisor, gap, &[("said", "asked"), ("words", QUESTION)]).await;
    assert!(asked.text().contains(QUESTION), "{}", asked.text());

    await_pulled(&mut phone.hands, "/field/", "待回应的监督意见")
        .await
        .unwrap();
    // From here on without a network.
    phone.machine.network.connect(None);
    phone.hands.open(path).await.unwrap();
    phone.hands.expect_words(QUESTION).await.unwrap();
    phone.hands.follow("作出说明").await.unwrap();
    let empty = phone.hands.press("提交说明").await.unwrap_err();
    assert!(empty.to_string().contains("请填写此项"), "{empty}");
    phone.hands.fill("words", ANSWER).await.unwrap();
    phone.hands.press("提交说明").await.unwrap();
    phone.hands.expect_words(ANSWER).await.unwrap();
    assert!(!home(phone).await.contains("待回应的监督意见"));
    phone.machine.network.connect(Some(here.router.clone()));
    synced(here, phone).await;
    let queue = supervisor.agent.get("/gaps").await.unwrap();
    assert!(queue.text().contains("已说明"), "{}", queue.text());

    gap.clone()
}

/// The record goes back, is corrected and handed in again.
async fn returned_and_corrected(
    here: &Here,
    phone: &mut Phone,
    path: &str,
    supervisor: &mut Office,
) {
    let record = path.trim_start_matches("/field/r/").to_owned();
    let back = format!("/records/{record}/return");
    let page = supervisor.agent.get(&back).await.unwrap();
    let form = page.form_with("seen").unwrap();
    let step = form.choices_of("step").into_iter().next().unwrap();
    let note = format!("note.{step}");
    let form = form
        .set("step", &step)
        .set("comment", "请补正")
        .set(&note, NOTE);
    let returned = supervisor.agent.send(&page, form).await.unwrap();
    assert!(
        returned.text().contains("已退回补正"),
        "{}",
        returned.text()
    );
    await_pulled(&mut phone.hands, "/field/", "待回应的监督意见")
        .await
        .unwrap();
    phone.hands.open(path).await.unwrap();
    for words in ["请补正", NOTE] {
        phone.hands.expect_words(words).await.unwrap();
    }
    phone.hands.open(&format!("{path}/submit")).await.unwrap();
    phone.hands.press("提交").await.unwrap();
    synced(here, phone).await;
    let queue = supervisor.agent.get("/gaps").await.unwrap();
    assert!(queue.text().contains("补正后重新提交"), "{}", queue.text());
}

#[tokio::test]
async fn a_flagged_record_is_explained_returned_corrected_and_closed() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut phone = here.phone("李晓燕", 1).await.unwrap();
    let path = phone.open_urgent("群众举报").await.unwrap();
    phone.hands.open(&format!("{path}/submit")).await.unwrap();
    phone.hands.press("提交").await.unwrap();
    synced(&here, &mut phone).await;
    assert!(!home(&mut phone).await.contains("待回应的监督意见"));

    let mut supervisor = here.office("supervisor").await.unwrap();
    let gap = asked_and_explained(&here, &mut phone, &path, &mut supervisor).await;
    returned_and_corrected(&here, &mut phone, &path, &mut supervisor).await;
    let dismissed = [("said", "dismissed"), ("words", "录像可以证明")];
    say(&mut supervisor, &gap, &dismissed).await;
    await_pulled(&mut phone.hands, &path, "录像可以证明")
        .await
        .unwrap();
    phone.hands.open(&format!("{path}/log")).await.unwrap();
    // Everything that was said stays to be read.
    for words in [QUESTION, ANSWER, "请补正", "录像可以证明"] {
        phone.hands.expect_words(words).await.unwrap();
    }
}
