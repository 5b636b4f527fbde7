//! An officer's day on the phone, step by step, in a record or a drill: the same screens and the same taps.
//! Apart because whole inspections and drills are played by several tests.

use crate::{phone_of, ready_offline};
use serde_json::json;
use shared::instant::Instant;
use tests::browser::Browser;
use tests::camera;
use tests::hands::{Hands, Touch};
use tests::journey::{self, local};
use tests::moved::Moved;
use tests::office::{Assigned, gaps_on};
use tests::world::{COLLEAGUE_PIN, OFFICERS, OWN_PIN};

/// A Tuesday, and no holiday near.
pub(crate) const DAY_ONE: (i16, i8, i8) = (2026, 11, 24);
/// Small-shop fire safety: a delegated power with a checklist.
pub(crate) const MATTER: &str = "M12";

/// An officer with a phone whose record is filled in.
pub(crate) struct Day<'a> {
    pub(crate) moved: &'a Moved,
    pub(crate) browser: &'a Browser,
    pub(crate) hands: Touch<'a>,
    pub(crate) record: String,
}

impl Day<'_> {
    pub(crate) fn now(&self) -> Instant {
        self.moved.here.clock.read()
    }

    pub(crate) async fn step(&mut self, step: &str) {
        let path = format!("/field/r/{}/s/{step}", self.record);
        self.hands.open(&path).await.unwrap();
    }

    pub(crate) async fn fill(&mut self, field: &str, value: &str) {
        self.hands.fill(&format!("f.{field}"), value).await.unwrap();
    }

    pub(crate) async fn choose(&mut self, field: &str, code: &str) {
        let button = format!("button[value='set:{field}:{code}']");
        self.browser.tap_css(&button).await.unwrap();
    }

    pub(crate) async fn act(&mut self, act: &str) {
        let button = format!("button[name=act][value='{act}']:not(.visually-hidden)");
        self.browser.tap_css(&button).await.unwrap();
    }

    /// Ends the step; the list follows.
    pub(crate) async fn done(&mut self) {
        self.act("done").await;
        let at = self.hands.path().await.unwrap();
        assert!(
            !at.contains("/s/"),
            "still at {at}:\n{}",
            self.hands.read().await.unwrap()
        );
    }

    pub(crate) async fn photo(&mut self, number: u32, caption: &str) {
        self.hands.fill("caption", caption).await.unwrap();
        camera::take(self.browser, number, self.now())
            .await
            .unwrap();
        self.hands.expect_words(caption).await.unwrap();
    }

    pub(crate) async fn both_pins(&mut self) {
        let [own, other] = journey::officer_ids();
        let pins = [(own, OWN_PIN), (other, COLLEAGUE_PIN)];
        for (officer, pin) in pins {
            self.hands
                .fill(&format!("pin.{officer}"), pin)
                .await
                .unwrap();
        }
        self.act("save").await;
    }

    pub(crate) async fn party_draws(&mut self, step: &str) {
        self.hands
            .open(&format!("/field/r/{}/s/{step}/sign", self.record))
            .await
            .unwrap();
        self.browser
            .script(crate::capture::DRAW, json!([]))
            .await
            .unwrap();
        self.browser.tapped(1);
        self.hands.fill("name", "李四").await.unwrap();
        self.hands.press("以上记录属实，我确认").await.unwrap();
    }

    pub(crate) async fn identity(&mut self) {
        self.nobody_steps_aside().await;
        self.step("JC-10").await;
        self.hands.fill("recording", "A-0012").await.unwrap();
        self.done().await;
        self.told().await;
    }

    pub(crate) async fn nobody_steps_aside(&mut self) {
        self.step("JC-08").await;
        self.choose("recusal", "none").await;
        self.done().await;
    }

    /// The notice, the rights, and who was there.
    pub(crate) async fn told(&mut self) {
        self.step("JC-11").await;
        self.fill("notice_no", "示例检通〔2026〕12号").await;
        self.choose("rights", "yes").await;
        self.party_draws("JC-11").await;
        self.step("JC-11").await;
        self.done().await;
        self.step("JC-12").await;
        self.fill("who", "李四").await;
        self.choose("role", "manager").await;
        self.choose("insisted", "no").await;
        self.done().await;
    }

    /// Every item; the first as said, the others as they should be.
    pub(crate) async fn items(&mut self, first: &str) -> Vec<String> {
        self.step("JC-13").await;
        let items = "return [...document.querySelectorAll('button[value$=\":pass\"]')].map((b) => b.value.split(':')[1])";
        let items = self.browser.script(items, json!([])).await.unwrap();
        let items: Vec<String> = serde_json::from_value(items).unwrap();
        assert!(items.len() >= 7, "{items:?}");
        for (i, item) in items.iter().enumerate() {
            self.choose(item, if i == 0 { first } else { "pass" }).await;
        }
        items
    }

    /// Every item; the first is not as it should be.
    pub(crate) async fn checklist(&mut self) {
        let items = self.items("fail").await;
        self.act(&format!("add:{}.note:0", items[0])).await;
        for (number, caption) in [(1, "疏散通道"), (2, "通道内纸箱"), (3, "安全出口")]
        {
            self.photo(number, caption).await;
        }
        self.choose("outside", "no").await;
        self.done().await;
    }

    /// Where, when and who; the page stays open.
    pub(crate) async fn written(&mut self, start: Instant) {
        self.step("JC-14").await;
        self.fill("place", "示例路1号一层").await;
        self.fill("start", &local(start)).await;
        self.fill("end", &local(self.now())).await;
        self.fill("present", "李四，店主").await;
    }

    /// What was found and said; the party refuses to sign.
    pub(crate) async fn on_site_record(&mut self, start: Instant) {
        self.written(start).await;
        self.act("pull:facts").await;
        self.fill("opinion", "认为纸箱只是临时堆放。").await;
        self.both_pins().await;
        self.hands
            .open(&format!("/field/r/{}/s/JC-14/sign", self.record))
            .await
            .unwrap();
        self.hands
            .fill("reason", "对检查情况有异议，拒绝签字")
            .await
            .unwrap();
        self.hands.fill("witness", "刘某").await.unwrap();
        self.hands.press("记录拒签").await.unwrap();
        self.step("JC-14").await;
        self.done().await;
        self.filmed(start).await;
    }

    pub(crate) async fn filmed(&mut self, start: Instant) {
        self.step("JC-15").await;
        self.fill("device", "执法记录仪Z-03").await;
        self.fill("started", &local(start)).await;
        self.fill("stopped", &local(self.now())).await;
        self.hands.fill("recording", "A-0012").await.unwrap();
        self.done().await;
    }

    pub(crate) async fn submit(&mut self) {
        let path = format!("/field/r/{}/submit", self.record);
        self.hands.open(&path).await.unwrap();
        self.browser.tap_css("main form button").await.unwrap();
        self.hands.expect_words("已提交").await.unwrap();
    }

    /// The gaps that the phone shows.
    pub(crate) async fn gaps(&mut self) -> Vec<String> {
        self.hands
            .open(&format!("/field/r/{}", self.record))
            .await
            .unwrap();
        let html = self
            .browser
            .script("return document.body.outerHTML", json!([]))
            .await
            .unwrap();
        keys(html.as_str().unwrap())
    }
}

pub(crate) fn keys(html: &str) -> Vec<String> {
    let mut keys: Vec<String> = gaps_on(html).into_iter().map(|gap| gap.key).collect();
    keys.dedup();
    keys
}

/// A task that is approved, and the officer's phone with it.
pub(crate) async fn begin(moved: &Moved) -> (Browser, Assigned) {
    let planned = moved.here.clock.read().date().to_string();
    let mut lead = moved.office("lead").await.unwrap();
    let task = lead.assign_for(MATTER, &OFFICERS, &planned).await.unwrap();
    moved
        .office("head")
        .await
        .unwrap()
        .approve(&task)
        .await
        .unwrap();
    let browser = phone_of(moved.tls.fingerprint()).await;
    let mut admin = moved.office("admin").await.unwrap();
    let link = admin.enrolment_link(OFFICERS[0]).await.unwrap();
    let (_, code) = link.rsplit_once('#').unwrap();
    let link = format!("{}/field/enrol#{code}", moved.origin());
    browser.goto(&link).await.unwrap();
    let mut hands = Touch {
        browser: &browser,
        origin: moved.origin(),
    };
    journey::choose_pin(&mut hands).await.unwrap();
    ready_offline(&browser).await;
    hands.await_words("/field/", &task.subject).await.unwrap();
    hands
        .await_words(&journey::record_path(&task), "已批准")
        .await
        .unwrap();
    (browser, task)
}
