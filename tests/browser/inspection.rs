//! The whole inspection on the phone, offline, over two days: the party refuses to sign, three photos, an order to correct that is
//! printed, and the re-inspection on the next day. Both sides must find the same, and nothing that was done properly.

use crate::screens::{LANGUAGES, shoot};
use crate::{clean, phone_of, ready_offline, turn, upload_all};
use serde_json::json;
use shared::instant::{DAY_MS, Instant};
use std::time::Duration;
use tests::browser::Browser;
use tests::hands::{Hands, Touch};
use tests::journey::{self, local};
use tests::moved::Moved;
use tests::office::{Assigned, gaps_on};
use tests::world::{COLLEAGUE_PIN, OFFICERS, OWN_PIN};
use tests::{camera, folder};

/// A Tuesday, and no holiday near.
const DAY_ONE: (i16, i8, i8) = (2026, 11, 24);
/// Small-shop fire safety: a delegated power with a checklist.
const MATTER: &str = "M12";

struct Day<'a> {
    moved: &'a Moved,
    browser: &'a Browser,
    hands: Touch<'a>,
    record: String,
}

impl Day<'_> {
    fn now(&self) -> Instant {
        self.moved.here.clock.read()
    }

    async fn step(&mut self, step: &str) {
        let path = format!("/field/r/{}/s/{step}", self.record);
        self.hands.open(&path).await.unwrap();
    }

    async fn fill(&mut self, field: &str, value: &str) {
        self.hands.fill(&format!("f.{field}"), value).await.unwrap();
    }

    async fn choose(&mut self, field: &str, code: &str) {
        let button = format!("button[value='set:{field}:{code}']");
        self.browser.tap_css(&button).await.unwrap();
    }

    async fn act(&mut self, act: &str) {
        let button = format!("button[name=act][value='{act}']:not(.visually-hidden)");
        self.browser.tap_css(&button).await.unwrap();
    }

    /// Ends the step; the list follows.
    async fn done(&mut self) {
        self.act("done").await;
        let at = self.hands.path().await.unwrap();
        assert!(
            !at.contains("/s/"),
            "still at {at}:\n{}",
            self.hands.read().await.unwrap()
        );
    }

    async fn photo(&mut self, number: u32, caption: &str) {
        self.hands.fill("caption", caption).await.unwrap();
        camera::take(self.browser, number, self.now())
            .await
            .unwrap();
        self.hands.expect_words(caption).await.unwrap();
    }

    async fn both_pins(&mut self) {
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

    async fn party_draws(&mut self, step: &str) {
        self.hands
            .open(&format!("/field/r/{}/s/{step}/sign", self.record))
            .await
            .unwrap();
        self.browser
            .script(crate::capture::DRAW, json!([]))
            .await
            .unwrap();
        self.hands.fill("name", "李四").await.unwrap();
        self.hands.press("以上记录属实，我确认").await.unwrap();
    }

    async fn identity(&mut self) {
        self.step("JC-08").await;
        self.choose("recusal", "none").await;
        self.done().await;
        self.step("JC-10").await;
        self.hands.fill("recording", "A-0012").await.unwrap();
        self.done().await;
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

    /// Every item; the first is not as it should be.
    async fn checklist(&mut self) {
        self.step("JC-13").await;
        let items = "return [...document.querySelectorAll('button[value$=\":pass\"]')].map((b) => b.value.split(':')[1])";
        let items = self.browser.script(items, json!([])).await.unwrap();
        let items: Vec<String> = serde_json::from_value(items).unwrap();
        assert!(items.len() >= 7, "{items:?}");
        for (i, item) in items.iter().enumerate() {
            self.choose(item, if i == 0 { "fail" } else { "pass" })
                .await;
        }
        self.act(&format!("add:{}.note:0", items[0])).await;
        for (number, caption) in [(1, "疏散通道"), (2, "通道内纸箱"), (3, "安全出口")]
        {
            self.photo(number, caption).await;
        }
        self.choose("outside", "no").await;
        self.done().await;
    }

    async fn on_site_record(&mut self, start: Instant) {
        self.step("JC-14").await;
        self.fill("place", "示例路1号一层").await;
        self.fill("start", &local(start)).await;
        self.fill("end", &local(self.now())).await;
        self.fill("present", "李四，店主").await;
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
        self.step("JC-15").await;
        self.fill("device", "执法记录仪Z-03").await;
        self.fill("started", &local(start)).await;
        self.fill("stopped", &local(self.now())).await;
        self.hands.fill("recording", "A-0012").await.unwrap();
        self.done().await;
    }

    async fn result(&mut self) {
        self.step("JC-16").await;
        self.choose("result", "correction").await;
        self.fill("told_to", "李四").await;
        self.done().await;
        self.step("JC-17").await;
        self.choose("exit", "correction").await;
        self.done().await;
    }

    /// The order to correct, by tomorrow's visit; gives its record.
    async fn order(&mut self) -> String {
        self.step("JC-17").await;
        self.hands.press("制作责令改正通知书").await.unwrap();
        let path = self.hands.path().await.unwrap();
        let order = path.trim_start_matches("/field/r/").to_owned();
        let inspection = std::mem::replace(&mut self.record, order.clone());
        self.step("GZ-01").await;
        self.fill("before", "一层东侧疏散通道堆放纸箱约两立方米。")
            .await;
        self.photo(4, "改正前").await;
        self.done().await;
        self.step("GZ-02").await;
        self.fill("number", "示例责改〔2026〕3号").await;
        self.act("pull:items").await;
        self.act("pull:basis").await;
        self.choose("how", "by_day").await;
        let today = self.now().date().to_string();
        self.fill("deadline", &today).await;
        self.fill("issued_on", &today).await;
        self.choose("stop_work", "no").await;
        self.both_pins().await;
        self.party_draws("GZ-02").await;
        self.print("correction_order").await;
        self.step("GZ-02").await;
        self.done().await;
        self.step("GZ-03").await;
        self.choose("feasible", "yes").await;
        self.done().await;
        self.step("GZ-05").await;
        self.choose("method", "on_site").await;
        self.fill("served_at", &local(self.now())).await;
        self.fill("receiver", "李四").await;
        self.done().await;
        self.record = inspection;
        order
    }

    /// The document as Chromium prints it.
    async fn print(&mut self, kind: &str) {
        let path = format!("/field/r/{}/doc/{kind}", self.record);
        self.hands.open(&path).await.unwrap();
        for words in [
            "示例责改〔2026〕3号",
            "李四",
            "验证码",
            "试用",
            "示例县人民政府（示例）",
        ] {
            self.hands.expect_words(words).await.unwrap();
        }
        shoot(self.browser, "zh-CN", &format!("phone-doc-{kind}")).await;
        self.paper(kind).await;
    }

    /// The page that is open as a PDF, to be looked at.
    async fn paper(&mut self, name: &str) {
        let printed = self
            .browser
            .devtools("Page.printToPDF", json!({"preferCSSPageSize": true}))
            .await
            .unwrap();
        let bytes = printed["data"].as_str().unwrap().len();
        assert!(bytes > 20_000, "{bytes} characters of PDF");
        self.browser.keep(&format!("{name}.pdf"), &printed).unwrap();
    }

    /// Every page of the order and every document, in both languages, to be looked at.
    async fn pictures(&mut self, inspection: &str) {
        for lang in LANGUAGES {
            self.browser.goto_within("/field/me").await.unwrap();
            let word = if lang == "en" { "English" } else { "中文" };
            self.browser.tap(word).await.unwrap();
            let order = self.record.clone();
            for page in [
                "", "/s/GZ-01", "/s/GZ-02", "/s/GZ-05", "/s/GZ-06", "/s/GZ-07",
            ] {
                let path = format!("/field/r/{order}{page}");
                self.browser.goto_within(&path).await.unwrap();
                let name = page.rsplit('/').next().unwrap_or_default();
                shoot(self.browser, lang, &format!("phone-order-{name}")).await;
            }
        }
        self.browser.goto_within("/field/me").await.unwrap();
        self.browser.tap("中文").await.unwrap();
        let papers = [
            (inspection, "inspection_approval"),
            (inspection, "inspection_notice"),
            (inspection, "on_site_record"),
            (inspection, "inquiry_record"),
            (inspection, "inspection_result"),
            (&self.record.clone(), "recheck_opinion"),
        ];
        let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        self.browser
            .devtools("Emulation.setEmulatedMedia", dark)
            .await
            .unwrap();
        for (name, page) in [("order", ""), ("recheck", "/s/GZ-06"), ("leave", "/leave")] {
            let path = format!("/field/r/{}{page}", self.record);
            self.browser.goto_within(&path).await.unwrap();
            shoot(self.browser, "zh-CN", &format!("phone-dark-{name}")).await;
        }
        let light = json!({"features": []});
        self.browser
            .devtools("Emulation.setEmulatedMedia", light)
            .await
            .unwrap();
        for (record, kind) in papers {
            let path = format!("/field/r/{record}/doc/{kind}");
            self.browser.goto_within(&path).await.unwrap();
            self.paper(kind).await;
        }
    }

    async fn recheck(&mut self) {
        let start = self.now();
        self.step("GZ-06").await;
        self.fill("place", "示例路1号一层").await;
        self.fill("start", &local(start)).await;
        self.fill("end", &local(start)).await;
        self.choose("result", "corrected").await;
        self.fill("findings", "疏散通道已清空，安全出口能够正常开启。")
            .await;
        self.photo(5, "改正后").await;
        self.both_pins().await;
        self.party_draws("GZ-06").await;
        self.step("GZ-06").await;
        self.done().await;
        self.step("GZ-07").await;
        self.choose("exit", "closed").await;
        self.done().await;
    }

    async fn submit(&mut self) {
        let path = format!("/field/r/{}/submit", self.record);
        self.hands.open(&path).await.unwrap();
        self.browser.tap_css("main form button").await.unwrap();
        self.hands.expect_words("已提交").await.unwrap();
    }

    /// The gaps that the phone shows.
    async fn gaps(&mut self) -> Vec<String> {
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

fn keys(html: &str) -> Vec<String> {
    let mut keys: Vec<String> = gaps_on(html).into_iter().map(|gap| gap.key).collect();
    keys.dedup();
    keys
}

async fn begin(moved: &Moved) -> (Browser, Assigned) {
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
    let code = moved.here.code(OFFICERS[0]).unwrap();
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

#[tokio::test]
async fn an_inspection_an_order_and_tomorrows_look_leave_nothing_open() {
    let _turn = turn().await;
    let (year, month, day) = DAY_ONE;
    let nine = Instant::from_civil(jiff::civil::date(year, month, day).at(9, 0, 0, 0));
    let mut moved = Moved::start(nine).await.unwrap();
    let (browser, task) = begin(&moved).await;
    moved.stop().await;
    let mut one = Day {
        moved: &moved,
        browser: &browser,
        hands: Touch {
            browser: &browser,
            origin: moved.origin(),
        },
        record: task.record.clone(),
    };
    let start = one.now();
    one.identity().await;
    one.checklist().await;
    one.on_site_record(start).await;
    one.result().await;
    let order = one.order().await;
    one.submit().await;
    let on_phone = one.gaps().await;
    moved.serve().await.unwrap();
    let mut hands = Touch {
        browser: &browser,
        origin: moved.origin(),
    };
    upload_all(&mut hands).await;
    clean(&browser).await;

    moved.advance(&browser, DAY_MS).await.unwrap();
    let mut two = Day {
        moved: &moved,
        browser: &browser,
        hands,
        record: order.clone(),
    };
    two.recheck().await;
    two.pictures(&task.record).await;
    two.submit().await;
    let order_on_phone = two.gaps().await;
    let mut hands = two.hands;
    upload_all(&mut hands).await;
    for (record, on_phone) in [(&task.record, on_phone), (&order, order_on_phone)] {
        let page = settled(&moved, record).await;
        assert_eq!(keys(&page), on_phone, "phone and office");
        assert_eq!(on_phone, Vec::<String>::new(), "everything was done");
    }
    no_exif(&moved);
    clean(&browser).await;
}

/// The record's page once every picture is there.
async fn settled(moved: &Moved, record: &str) -> String {
    let mut office = moved.office("supervisor").await.unwrap();
    for _ in 0..100 {
        let page = office.record(record).await.unwrap();
        let text = page.text();
        if text.contains("已上传") && !text.contains("待上传") {
            return page.html;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{}", office.record(record).await.unwrap().text());
}

/// No picture of the office holds what the camera wrote beside it.
fn no_exif(moved: &Moved) {
    let files = folder::files(moved.here.data()).unwrap();
    let pictures: Vec<Vec<u8>> = files
        .iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "blobs"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(pictures.len(), 5, "three, one before and one after");
    for picture in pictures {
        assert!(picture.starts_with(&[0xff, 0xd8]) && picture.len() <= 300 * 1024);
        let canary = camera::EXIF_CANARY.as_bytes();
        assert!(!picture.windows(canary.len()).any(|window| window == canary));
    }
}
