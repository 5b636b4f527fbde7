//! An ordinary case from an inspection to the archive over five weeks, with hearing: the officer's phone, the responsible person's
//! and the legal reviewer's desk are browsers of their own; the squad lead works without one.

use crate::day::{DAY_ONE, begin};
use crate::desk::Desk;
use crate::screens::{LANGUAGES, shoot};
use crate::{clean, turn, upload_all};
use serde_json::json;
use shared::instant::{HOUR_MS, Instant};
use tests::browser::Browser;
use tests::hands::{Hands, Touch};
use tests::moved::Moved;
use tests::office::gaps_on;
use tests::ordinary::{Act, Put, Who, acts, at_desk, on_phone, until_officers};

/// Everybody, and the case.
struct Case {
    moved: Moved,
    phone: Browser,
    head: Desk,
    legal: Desk,
    record: String,
    last: Who,
}

impl Case {
    /// An inspection is passed on to be filed.
    async fn begin(nine: Instant) -> Self {
        let moved = Moved::start(nine).await.unwrap();
        let (phone, task) = begin(&moved).await;
        let mut hands = Touch {
            browser: &phone,
            origin: moved.origin(),
        };
        let exit = format!("/field/r/{}/s/JC-17", task.record);
        hands.open(&exit).await.unwrap();
        hands.act("set:exit:filing").await.unwrap();
        hands.press("立案（普通程序）").await.unwrap();
        hands.expect_words("下一步").await.unwrap();
        let at = hands.path().await.unwrap();
        let record = at.trim_start_matches("/field/r/").to_owned();
        assert_ne!(record, task.record);
        Self {
            head: Desk::open(&moved, "head").await,
            legal: Desk::open(&moved, "legal").await,
            phone,
            moved,
            record,
            last: Who::Officers,
        }
    }

    fn hands(&self) -> Touch<'_> {
        Touch {
            browser: &self.phone,
            origin: self.moved.origin(),
        }
    }

    /// Goes on to this moment, with the phone's clock.
    async fn until(&self, at: Instant) {
        let by = at.millis_since(self.moved.here.clock.read()).max(0);
        self.moved.advance(&self.phone, by).await.unwrap();
    }

    async fn hand_over(&mut self, who: Who) {
        let mut hands = self.hands();
        match (self.last, who) {
            (Who::Officers, Who::Desk(_)) => {
                upload_all(&mut hands).await;
                self.moved.here.app.run_due_jobs().await.unwrap();
            }
            (Who::Desk(_), Who::Officers) => {
                until_officers(&mut hands, &self.record).await.unwrap();
            }
            _ => {}
        }
        self.last = who;
    }

    fn desk(&self, account: &str) -> Option<&Desk> {
        match account {
            "head" => Some(&self.head),
            "legal" => Some(&self.legal),
            _ => None,
        }
    }

    /// Opens a step at somebody's desk; a session ends overnight.
    async fn open(&self, account: &str, step: &str) -> &Desk {
        let desk = self.desk(account).unwrap();
        desk.sign_in(account).await;
        desk.go(&format!("/records/{}/steps/{step}", self.record))
            .await;
        desk
    }

    async fn act(&mut self, act: &Act) {
        self.until(act.at).await;
        self.hand_over(act.who).await;
        match act.who {
            Who::Officers => {
                let done = on_phone(&mut self.hands(), &self.record, act).await;
                done.unwrap_or_else(|error| panic!("{}: {error}", act.step));
            }
            Who::Desk(account) if self.desk(account).is_none() => {
                let mut office = self.moved.office(account).await.unwrap();
                let done = at_desk(&mut office, &self.record, act, (act.end, "")).await;
                let page = done.unwrap_or_else(|error| panic!("{}: {error}", act.step));
                let home = format!("/records/{}", self.record);
                assert_eq!(page.path, home, "{}: {}", act.step, page.text());
            }
            Who::Desk(account) => self.by_hand(account, act).await,
        }
        self.moved.here.app.run_due_jobs().await.unwrap();
    }

    /// Clicks and types what an act says.
    async fn by_hand(&self, account: &str, act: &Act) {
        let desk = self.open(account, act.step).await;
        for put in &act.puts {
            let done = match put {
                Put::Fill(field, value) => {
                    let name = format!("f.{}.{field}", act.step);
                    desk.browser.fill(&name, value).await
                }
                Put::Choose(field, value) => {
                    let name = format!("f.{}.{field}", act.step);
                    desk.browser.choose(&name, value).await
                }
            };
            done.unwrap();
        }
        desk.tap_css(&format!("button[name=end][value={}]", act.end))
            .await;
        desk.shows("轮到谁").await;
    }

    /// The same page of a desk in both languages and sizes.
    async fn shoot(&self, desk: &Desk, path: &str, name: &str) {
        for lang in LANGUAGES.into_iter().rev() {
            desk.go(&format!("/lang/{lang}?back={path}")).await;
            shoot(&desk.browser, lang, name).await;
        }
        desk.browser.resize(tests::browser::DESK).await.unwrap();
    }

    /// The case on the phone in both languages and sizes.
    async fn shoot_phone(&self, step: &str, name: &str) {
        let mut hands = self.hands();
        for lang in LANGUAGES.into_iter().rev() {
            hands.open("/field/me").await.unwrap();
            let own_name = if lang == "en" { "English" } else { "中文" };
            hands.press(own_name).await.unwrap();
            let path = format!("/field/r/{}{step}", self.record);
            hands.open(&path).await.unwrap();
            shoot(&self.phone, lang, name).await;
        }
    }

    /// Before the law allows it the decision is not approved: the page says what is missing, and keeps what was typed.
    async fn refused(&self) {
        let desk = self.open("head", "PT-22-1").await;
        let step = format!("/records/{}/steps/PT-22-1", self.record);
        let words = [
            ["依法暂不能办理", "行政处罚法第64条", "已经发生，如实记录"],
            [
                "The law does not allow this yet",
                "Administrative Penalty Law, art. 64",
                "It has happened",
            ],
        ];
        for (lang, words) in LANGUAGES.into_iter().zip(words).rev() {
            desk.go(&format!("/lang/{lang}?back={step}")).await;
            desk.browser.fill("note", "同意处罚").await.unwrap();
            desk.tap_css("button[name=end][value=approve]").await;
            for words in words {
                desk.shows(words).await;
            }
            let kept = "return document.getElementsByName('note')[0].value === '同意处罚'";
            let kept = desk.browser.script(kept, json!([])).await.unwrap();
            assert_eq!(kept, json!(true));
            shoot(&desk.browser, lang, "ordinary-refused").await;
        }
        desk.browser.resize(tests::browser::DESK).await.unwrap();
    }
}

#[tokio::test]
async fn an_ordinary_case_is_filed_heard_decided_and_archived_in_three_browsers() {
    let _turn = turn().await;
    let (year, month, day) = DAY_ONE;
    let found = jiff::civil::date(year, month, day);
    let mut case = Case::begin(Instant::from_civil(found.at(9, 0, 0, 0))).await;
    let home = format!("/records/{}", case.record);
    let mut waited = false;
    for act in acts(found) {
        match act.step {
            "PT-03" if !waited => {
                case.hand_over(act.who).await;
                case.shoot_phone("", "ordinary-phone-waits").await;
                waited = true;
            }
            "PT-14" => {
                case.until(act.at.plus_millis(-HOUR_MS)).await;
                case.hand_over(act.who).await;
                case.legal.sign_in("legal").await;
                case.shoot(&case.legal, "/", "ordinary-home").await;
                case.shoot(&case.legal, "/waiting", "ordinary-waiting")
                    .await;
                let step = format!("{home}/steps/PT-14");
                case.shoot(&case.legal, &step, "ordinary-review").await;
                case.shoot(&case.legal, &home, "ordinary-turn").await;
            }
            "PT-19" => {
                case.hand_over(act.who).await;
                case.shoot_phone("/s/PT-15", "ordinary-phone-notice").await;
                case.refused().await;
            }
            _ => {}
        }
        case.act(&act).await;
    }
    case.head.sign_in("head").await;
    case.head.go(&home).await;
    case.head.shows("各步骤均已办结").await;
    case.shoot(&case.head, &home, "ordinary-record").await;
    let mut office = case.moved.office("supervisor").await.unwrap();
    let page = office.record(&case.record).await.unwrap();
    let gaps = gaps_on(&page.html);
    assert!(gaps.is_empty(), "{gaps:?}");
    for browser in [&case.phone, &case.head.browser, &case.legal.browser] {
        clean(browser).await;
    }
}
