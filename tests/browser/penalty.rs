//! A fine on the spot that follows from an inspection, on the phone without a network: told, heard, decided, handed over, filed.

use crate::day::{DAY_ONE, Day, begin};
use crate::screens::{LANGUAGES, shoot, sign_in};
use crate::{clean, turn, upload_all};
use shared::instant::{Instant, MINUTE_MS};
use tests::browser::{Browser, Setup};
use tests::hands::{Hands, Touch};
use tests::moved::Moved;
use tests::office::Assigned;
use tests::world::OFFICERS;

/// A fine on the spot takes fewer.
const MOST_TAPS: u32 = 60;
const FACTS: &str = "电动自行车停放在安全出口内，堵塞疏散通道。";

impl Day<'_> {
    async fn evidence(&mut self) {
        self.step("DC-01").await;
        self.act("set:conduct:now").await;
        self.choose("harm", "no").await;
        self.done().await;
        self.step("DC-02").await;
        self.choose("recusal", "none").await;
        self.done().await;
        self.step("DC-03").await;
        self.hands.fill("recording", "A-0012").await.unwrap();
        self.done().await;
        self.step("DC-04").await;
        self.fill("facts", FACTS).await;
        self.photo(1, "安全出口").await;
        self.step("DC-04").await;
        self.done().await;
    }

    async fn told_and_heard(&mut self) {
        self.step("DC-05").await;
        self.choose("kind", "fine").await;
        self.fill("fine", "100").await;
        self.act("pull:basis").await;
        self.choose("rights", "yes").await;
        self.hands.fill("recording", "A-0012").await.unwrap();
        for (field, words) in [
            ("statement.words", "一时疏忽，马上推走"),
            ("statement.answer", "情况属实，金额已予考虑"),
        ] {
            self.hands.fill(field, words).await.unwrap();
        }
        self.done().await;
    }

    /// What was told stands there already; the number comes from the phone's own block.
    async fn decided(&mut self) {
        self.step("DC-06").await;
        self.hands
            .press("取用下一个号：示例当罚〔2026〕0001号")
            .await
            .unwrap();
        self.choose("remedy", "reconsideration_first").await;
        self.both_pins().await;
        self.party_draws("DC-06").await;
        self.step("DC-06").await;
        self.done().await;
        self.step("DC-07").await;
        self.done().await;
    }

    async fn handed_over(&mut self) {
        self.step("DC-08").await;
        self.act("set:served_at:now").await;
        self.done().await;
        self.step("DC-09").await;
        self.choose("how", "done").await;
        self.done().await;
        self.step("DC-10").await;
        self.choose("collected", "no").await;
        self.done().await;
    }
}

/// The lead gives the phone four numbers, which are so few that its first page says so.
async fn issued(moved: &Moved, browser: &Browser) {
    let mut lead = moved.office("lead").await.unwrap();
    let page = lead.agent.get("/numbers").await.unwrap();
    let form = page.form_with("feed").unwrap();
    let device = form.choice("feed", OFFICERS[0]).unwrap();
    let form = form
        .set("feed", &device)
        .set("prefix", "示例当罚〔2026〕")
        .set("first", "1")
        .set("count", "4");
    let made = lead.agent.send(&page, form).await.unwrap();
    assert!(made.text().contains("0001–0004号"), "{}", made.text());
    let mut hands = Touch {
        browser,
        origin: moved.origin(),
    };
    hands.open("/field/sync").await.unwrap();
    hands.press("立即上传").await.unwrap();
    hands.await_words("/field/", "编号只剩 4 个").await.unwrap();
}

/// The inspection leads to a penalty, which is recorded to its end. Gives its record.
async fn fined(moved: &Moved, browser: &Browser, task: &Assigned) -> String {
    let mut day = Day {
        moved,
        browser,
        hands: Touch {
            browser,
            origin: moved.origin(),
        },
        record: task.record.clone(),
    };
    let before = browser.taps();
    day.step("JC-17").await;
    day.choose("exit", "on_the_spot").await;
    day.hands.press("转为当场处罚").await.unwrap();
    let path = day.hands.path().await.unwrap();
    path.trim_start_matches("/field/r/")
        .clone_into(&mut day.record);
    let page = day.hands.read().await.unwrap();
    assert!(day.record != task.record, "{page}");
    day.evidence().await;
    day.told_and_heard().await;
    day.decided().await;
    moved.advance(browser, 20 * MINUTE_MS).await.unwrap();
    day.handed_over().await;
    let document = format!("/field/r/{}/doc/on_the_spot_decision", day.record);
    day.hands.open(&document).await.unwrap();
    day.hands
        .expect_words("示例当罚〔2026〕0001号")
        .await
        .unwrap();
    // The last one prints it.
    let taps = browser.taps() - before + 1;
    assert!(taps < MOST_TAPS, "{taps} taps");
    let gaps = day.gaps().await;
    assert!(gaps.is_empty(), "{gaps:?}");
    for lang in LANGUAGES.into_iter().rev() {
        let own_name = if lang == "en" { "English" } else { "中文" };
        day.hands.open("/field/me").await.unwrap();
        day.hands.press(own_name).await.unwrap();
        for (name, step) in [
            ("record", ""),
            ("told", "/s/DC-05"),
            ("decision", "/s/DC-06"),
            ("document", "/doc/on_the_spot_decision"),
        ] {
            let path = format!("/field/r/{}{step}", day.record);
            day.hands.open(&path).await.unwrap();
            shoot(browser, lang, &format!("penalty-{name}")).await;
        }
    }
    day.paper("on_the_spot_decision").await;
    day.record
}

#[tokio::test]
async fn a_fine_on_the_spot_is_recorded_offline_without_a_gap() {
    let _turn = turn().await;
    let (year, month, day) = DAY_ONE;
    let date = jiff::civil::date(year, month, day);
    let nine = Instant::from_civil(date.at(9, 0, 0, 0));
    let mut moved = Moved::start(nine).await.unwrap();
    let (browser, task) = begin(&moved).await;
    issued(&moved, &browser).await;
    moved.stop().await;
    let record = fined(&moved, &browser, &task).await;
    moved.serve().await.unwrap();
    let mut hands = Touch {
        browser: &browser,
        origin: moved.origin(),
    };
    upload_all(&mut hands).await;
    moved.here.app.run_due_jobs().await.unwrap();
    let mut office = moved.office("supervisor").await.unwrap();
    let page = office.record(&record).await.unwrap();
    assert!(page.text().contains("当场处罚"), "{}", page.text());
    let gaps = tests::office::gaps_on(&page.html);
    assert!(gaps.is_empty(), "{gaps:?}");
    clean(&browser).await;
    counted(&moved).await;
}

/// The lead sees which number went where.
async fn counted(moved: &Moved) {
    let trusted = Some(moved.tls.fingerprint().to_owned());
    let desk = Browser::open(Setup {
        trusted,
        ..Setup::default()
    });
    let desk = desk.await.unwrap();
    let origin = moved.origin();
    sign_in(&desk, &origin, "lead").await;
    for lang in LANGUAGES {
        let numbers = format!("{origin}/lang/{lang}?back=/numbers");
        desk.goto(&numbers).await.unwrap();
        shoot(&desk, lang, "penalty-numbers").await;
        desk.tap("0001–0004号").await.unwrap();
        shoot(&desk, lang, "penalty-number-block").await;
    }
    let text = desk.text().await.unwrap();
    assert!(text.contains("示例当罚〔2026〕0001号"), "{text}");
    assert_eq!(text.matches("Not used").count(), 3, "{text}");
    clean(&desk).await;
}
