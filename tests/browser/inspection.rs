//! The whole inspection on the phone, offline, over two days: the party refuses to sign, three photos, an order to correct that is
//! printed, and the re-inspection on the next day. Both sides must find the same, and nothing that was done properly.

use crate::day::{DAY_ONE, Day, begin, keys};
use crate::screens::{LANGUAGES, shoot};
use crate::{clean, turn, upload_all};
use serde_json::json;
use shared::instant::{DAY_MS, Instant};
use std::time::Duration;
use tests::hands::{Hands, Touch};
use tests::journey::local;
use tests::moved::Moved;
use tests::{camera, folder};

impl Day<'_> {
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
    pub(crate) async fn paper(&mut self, name: &str) {
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
