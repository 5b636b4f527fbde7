//! From the enrolment link to a submitted record, offline.

use super::office::COLLEAGUE_PIN;
use super::{NINE, PIN, Phone};
use crate::app::Signal;
use crate::sheet::Sheet;
use crate::store::{journal, log, meta};
use shared::domain::event::{Fact, Outcome, Value};
use shared::fold::Facts;
use shared::id::RecordId;
use shared::log::commit::Commit;

fn record_of(path: &str) -> RecordId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

fn commits(phone: &Phone, record: RecordId) -> Vec<Commit> {
    phone
        .app
        .store()
        .read(|c| log::of_record(c, record))
        .unwrap()
}

fn facts(phone: &Phone, record: RecordId) -> Facts {
    phone
        .app
        .store()
        .read(|c| Ok(Sheet::read(c, record)?.facts))
        .unwrap()
}

#[tokio::test]
async fn a_locked_client_leads_to_the_door_and_back() {
    let mut phone = Phone::new();
    let shown = phone.browser.get("/field/r/1?x=2").await;
    assert_eq!(shown.location, "/field/enrol?next=/field/r/1%3Fx%3D2");
    assert_eq!(phone.enrol("CODE", PIN).await.status, 303);
    assert_eq!(phone.browser.get("/field/").await.status, 200);
    phone.restart();
    let shown = phone.browser.get("/field/sync").await;
    assert_eq!(shown.location, "/field/unlock?next=/field/sync");
    let fields = [("pin", PIN), ("next", "/field/sync")];
    let shown = phone.browser.post("/field/unlock", &fields).await;
    assert_eq!(
        (shown.status.as_u16(), shown.location.as_str()),
        (303, "/field/sync")
    );
    assert_eq!(phone.browser.get("/field/sync").await.status, 200);
    phone.browser.post("/field/lock", &[]).await;
    assert_eq!(phone.browser.get("/field/").await.status, 303);
}

#[tokio::test]
async fn a_lost_answer_at_enrolment_is_asked_for_again_with_the_same_feed() {
    let mut phone = Phone::new();
    phone.office.state.lock().unwrap().lose = 1;
    let shown = phone.enrol("CODE", PIN).await;
    assert_eq!(shown.status, 422);
    assert!(shown.html.contains("连不上服务器"), "{}", shown.html);
    phone.restart();
    assert_eq!(phone.enrol("CODE", "918273").await.status, 422);
    assert_eq!(phone.enrol("CODE", PIN).await.status, 303);
    let enrolments = phone.office.state.lock().unwrap().enrolments.clone();
    assert_eq!(enrolments.len(), 2);
    assert_eq!(enrolments[0], enrolments[1]);
}

#[tokio::test]
async fn enrolment_says_what_is_wrong() {
    let phone = Phone::new();
    let weak = phone.enrol("CODE", "123456").await;
    assert!(weak.html.contains("不要用连续或重复的数字"));
    let old = phone.enrol("OLD", PIN).await;
    assert!(old.html.contains("登记码已过期"), "{}", old.html);
    phone.office.state.lock().unwrap().portal = true;
    let portal = phone.enrol("CODE", PIN).await;
    assert!(portal.html.contains("应答的不是本系统的服务器"));
    assert_eq!(portal.status, 422);
}

#[tokio::test]
async fn wrong_pins_cost_more_and_more_time_even_over_restarts() {
    let mut phone = Phone::enrolled().await;
    phone.restart();
    for _ in 0..5 {
        let shown = phone
            .browser
            .post("/field/unlock", &[("pin", "000001")])
            .await;
        assert_eq!(shown.status, 422);
    }
    phone.restart();
    let shown = phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    assert_eq!(shown.status, 422);
    assert!(shown.html.contains("30 秒"), "{}", shown.html);
    phone.machine.pass(31_000);
    let shown = phone.browser.post("/field/unlock", &[("pin", PIN)]).await;
    assert_eq!(shown.status, 303);
}

#[tokio::test]
async fn answers_coalesce_until_the_step_ends_and_then_they_are_sealed() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let record = record_of(&path);
    let step = format!("{path}/s/T-3");
    for words in ["一", "一二", "一二三"] {
        phone.machine.pass(1000);
        let shown = phone
            .browser
            .post(&step, &[("act", "save"), ("f.found", words)])
            .await;
        assert_eq!(shown.location, step, "{}", shown.html);
    }
    phone
        .browser
        .post(&step, &[("act", "set:result:fault"), ("f.found", "一二三")])
        .await;
    assert!(commits(&phone, record).is_empty());
    assert_eq!(phone.app.store().read(journal::records).unwrap().len(), 1);
    let shown = phone.browser.post(&step, &[("act", "done")]).await;
    assert_eq!(shown.location, path);
    let sealed = commits(&phone, record);
    assert_eq!(sealed.len(), 1);
    // Opened, the text once, the choice, the outcome.
    assert_eq!(sealed[0].events().count(), 4);
    assert!(phone.app.store().read(journal::records).unwrap().is_empty());
    let facts = facts(&phone, record);
    let known = facts.step("T-3").unwrap();
    assert_eq!(
        known.fields["found"].value,
        Value::Text("一二三".to_owned())
    );
    assert_eq!(
        known.fields["result"].value,
        Value::Choice("fault".to_owned())
    );
    assert_eq!(known.outcome.as_ref().unwrap().value.outcome, Outcome::Done);
}

#[tokio::test]
async fn headers_chain_and_name_what_was_in_use() {
    let phone = Phone::enrolled().await;
    let first = phone.open().await;
    phone.app.signal(Signal::Hidden);
    let second = phone.open().await;
    phone.app.signal(Signal::Hidden);
    phone
        .browser
        .post(&format!("{first}/s/T-2"), &[("act", "done")])
        .await;
    let (a, b) = (
        commits(&phone, record_of(&first)),
        commits(&phone, record_of(&second)),
    );
    let [one, three] = &a[..] else {
        panic!("{}", a.len())
    };
    let two = &b[0];
    let (_, key) = phone.app.store().read(meta::feed_key).unwrap();
    for (seq, commit) in (1..).zip([one, two, three]) {
        assert_eq!(commit.header().seq, seq);
        Commit::verify(commit.bytes(), &key.verifying_key()).unwrap();
    }
    assert_eq!(one.header().prev, None);
    assert_eq!(two.header().prev, Some(one.hash()));
    assert_eq!(two.header().record_prev, None);
    assert_eq!(three.header().prev, Some(two.hash()));
    assert_eq!(three.header().record_prev, Some(one.hash()));
    assert_eq!(three.header().officer, phone.office.officer);
    assert_eq!(three.header().refs.len(), 8);
    assert_eq!(three.header().time.wall, NINE);
}

#[tokio::test]
async fn a_step_lacks_nothing_required_or_says_why_not() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-3");
    let fields = [
        ("act", "done"),
        ("f.found", ""),
        ("happened_at", "2027-01-01T10:00"),
    ];
    let shown = phone.browser.post(&step, &fields).await;
    assert_eq!(shown.status, 422);
    assert!(shown.html.contains("请填写此项") && shown.html.contains("时间晚于现在"));
    assert_eq!(
        phone.browser.post(&step, &[("act", "na")]).await.status,
        422
    );
    let fields = [
        ("act", "na"),
        ("reason", "当事人不在场"),
        ("happened_at", "2026-11-23T08:30"),
    ];
    assert_eq!(phone.browser.post(&step, &fields).await.location, path);
    assert!(phone.get(&path).await.contains("不适用 08:30"));
    assert!(phone.get(&format!("{path}/log")).await.contains("补录"));
}

#[tokio::test]
async fn officers_confirm_with_their_own_pins_and_the_party_signs_or_refuses() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-3");
    let (me, other) = (phone.office.officer, phone.office.colleague);
    let (mine, theirs) = (format!("pin.{me}"), format!("pin.{other}"));
    let fields = [
        ("act", "save"),
        ("f.found", "现场正常"),
        (&*mine, PIN),
        (&*theirs, "111222"),
    ];
    let shown = phone.browser.post(&step, &fields).await;
    assert_eq!(shown.status, 422);
    assert!(
        shown.html.contains("PIN 不正确") && shown.html.contains("已确认"),
        "{}",
        shown.html
    );
    let shown = phone
        .browser
        .post(&step, &[("act", "save"), (&*theirs, COLLEAGUE_PIN)])
        .await;
    assert_eq!(shown.status, 303);
    let sign = format!("{step}/sign");
    assert!(phone.get(&sign).await.contains("现场正常"));
    assert_eq!(
        phone
            .browser
            .post(&sign, &[("act", "refuse"), ("reason", "不同意")])
            .await
            .status,
        422
    );
    let fields = [("act", "refuse"), ("reason", "不同意"), ("witness", "王芳")];
    assert_eq!(phone.browser.post(&sign, &fields).await.location, step);
    let facts = facts(&phone, record_of(&path));
    let known = facts.step("T-3").unwrap();
    assert_eq!(known.signatures.len(), 2);
    assert_eq!(
        known.signatures[0].value.document,
        known.signatures[1].value.document
    );
    assert_eq!(known.refusals[0].value.witness.as_deref(), Some("王芳"));
    phone
        .browser
        .post(&step, &[("act", "save"), ("f.found", "现场不正常")])
        .await;
    assert!(phone.get(&step).await.contains("签字后内容有变动"));
}

#[tokio::test]
async fn the_party_confirms_on_the_screen() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let party = format!("{path}/s/T-2/party");
    let fields = [("act", "go:party"), ("recording", "R20261123-01")];
    let shown = phone.browser.post(&format!("{path}/s/T-2"), &fields).await;
    assert_eq!(shown.location, party);
    phone
        .browser
        .post(&format!("{path}/s/T-2"), &[("act", "set:at:now")])
        .await;
    let html = phone.get(&format!("{path}/s/T-2")).await;
    assert!(
        html.contains("R20261123-01") && html.contains("2026-11-23T09:00"),
        "{html}"
    );
    assert!(phone.get(&party).await.contains("请您确认"));
    assert_eq!(
        phone.browser.post(&party, &[("name", "")]).await.status,
        422
    );
    let shown = phone.browser.post(&party, &[("name", "赵强")]).await;
    assert_eq!(shown.location, format!("{path}/s/T-2"));
    assert!(phone.get(&shown.location).await.contains("赵强"));
    assert_eq!(
        phone
            .browser
            .get(&format!("{path}/s/T-3/party"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_correction_withdraws_with_a_reason_and_loses_nothing() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-3");
    phone
        .browser
        .post(&step, &[("act", "done"), ("f.found", "写错了")])
        .await;
    let shown = phone
        .browser
        .post(&step, &[("act", "done"), ("f.found", "偷偷改")])
        .await;
    assert_eq!(shown.location, step);
    let amend = format!("{step}/amend");
    let html = phone.get(&amend).await;
    let event = html
        .split("name=\"event\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(
        phone.browser.post(&amend, &[("event", event)]).await.status,
        422
    );
    let shown = phone
        .browser
        .post(&amend, &[("event", event), ("reason", "笔误")])
        .await;
    assert_eq!(shown.location, step);
    phone
        .browser
        .post(&step, &[("act", "done"), ("f.found", "改正了")])
        .await;
    let record = record_of(&path);
    let facts = facts(&phone, record);
    assert_eq!(facts.withdrawn.len(), 2);
    assert_eq!(
        facts.step("T-3").unwrap().fields["found"].value,
        Value::Text("改正了".to_owned())
    );
    assert_eq!(commits(&phone, record).len(), 3);
    let log = phone.get(&format!("{path}/log")).await;
    assert!(log.contains("写错了") && log.contains("已撤回") && log.contains("笔误"));
}

#[tokio::test]
async fn a_record_is_submitted_whatever_is_missing() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    assert!(phone.get(&format!("{path}/submit")).await.contains("提交"));
    let shown = phone
        .browser
        .post(&format!("{path}/submit"), &[("note", "")])
        .await;
    assert_eq!(shown.location, path);
    assert!(phone.get(&path).await.contains("已提交"));
    let sealed = commits(&phone, record_of(&path));
    let (_, last) = sealed.last().unwrap().events().last().unwrap();
    assert!(matches!(last.unwrap().fact, Fact::Submitted(_)));
    assert!(phone.get("/field/").await.contains("示例镇某家具厂"));
}

#[tokio::test]
async fn another_tab_takes_over_and_gives_back() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    phone.app.close();
    assert_eq!(phone.browser.get(&path).await.status, 503);
    phone.app.reopen();
    assert_eq!(phone.browser.get(&path).await.status, 200);
}

#[tokio::test]
async fn every_page_speaks_english_too() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    phone
        .browser
        .post("/field/me", &[("lang", "en"), ("theme", "sunlight")])
        .await;
    for page in [
        "/field/",
        "/field/me",
        "/field/sync",
        "/field/new",
        &path,
        &format!("{path}/leave"),
    ] {
        let html = phone.get(page).await;
        assert!(
            html.contains("<html lang=\"en\" class=\"sunlight\">"),
            "{page}"
        );
        assert!(!html.contains(">field."), "{page}: {html}");
    }
    assert!(
        phone
            .get(&format!("{path}/s/T-2"))
            .await
            .contains("Show certificates")
    );
    assert_eq!(phone.browser.get("/field/nonsense").await.status, 404);
    assert_eq!(phone.browser.get("/field/r/nonsense").await.status, 404);
    assert_eq!(
        phone.browser.get(&format!("{path}/s/T-9")).await.status,
        404
    );
}

#[tokio::test]
async fn what_the_law_forbids_yet_opens_its_reason_and_can_still_be_recorded() {
    let phone = Phone::enrolled().await;
    let me = phone.office.officer.to_string();
    let fields = [
        ("procedure", "XZJC"),
        ("urgent", "燃气泄漏"),
        ("subject_name", "示例镇某饭店"),
        ("place", "示例镇示例路2号"),
        ("matter", "M1"),
        ("officers", me.as_str()),
    ];
    let path = phone.browser.post("/field/new", &fields).await.location;
    assert!(phone.get(&path).await.contains("离开前还缺"));
    let fields = [
        ("act", "done"),
        ("has.officers", "1"),
        ("f.officers", me.as_str()),
    ];
    assert_eq!(
        phone
            .browser
            .post(&format!("{path}/s/JC-08"), &fields)
            .await
            .location,
        path
    );
    assert_eq!(
        phone
            .browser
            .post(&format!("{path}/s/JC-10"), &[("act", "done")])
            .await
            .location,
        path
    );
    let sign = format!("{path}/s/JC-14/sign");
    let blocked = phone.get(&sign).await;
    assert!(
        blocked.contains("依法暂不能办理") && blocked.contains("行政处罚法第42条"),
        "{blocked}"
    );
    assert!(
        phone
            .get(&format!("{sign}?anyway=1"))
            .await
            .contains("请您核对记录")
    );
    phone.browser.post(&format!("{path}/submit"), &[]).await;
    let shown = phone.get(&path).await;
    assert!(
        shown.contains("程序缺口") && shown.contains("没有出示执法证件的证明"),
        "{shown}"
    );
}
