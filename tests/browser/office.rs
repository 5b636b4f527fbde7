//! The office in three browsers at once: the officer's phone, the supervisor's desk and the trainer's desk. A flagged record is
//! returned, corrected without a network and closed; from the same gap come a need, a drill that is played without a network and
//! judged, and hours; and no figure of enforcement knows of the drill.

use crate::canary::a_drill_is_unreadable;
use crate::day::{DAY_ONE, Day, MATTER, begin};
use crate::desk::Desk;
use crate::screens::{LANGUAGES, shoot};
use crate::visits::Colleague;
use crate::{clean, turn, upload_all};
use serde_json::json;
use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use std::time::Duration;
use tests::browser::Browser;
use tests::hands::{Hands, Touch};
use tests::journey::{self, local};
use tests::moved::Moved;
use tests::office::Assigned;
use tests::world::OFFICERS;

const GAP: &str = "没有出示执法证件的证明";
const NEED: &str = "亮证与告知";
const NEEDED: &str = "最近4份检查记录中1份有疑似问题";
const NOT_SHOWN: &str = "没有留下亮证的记录";
const QUESTION: &str = "进门时是否出示了证件？有无录像？";
const COMMENT: &str = "亮证一步没有凭据，请核实后补正。";
const NOTE: &str = "请补填执法记录仪文件编号";
const ANSWER: &str = "进门时两人均已亮证，录像已核对，当时漏填编号。";
const AMENDED: &str = "漏填录像编号";
const RECORDING: &str = "A-0012";
const PLAYED: &str = "演练录像编号D-7731";
const TITLE: &str = "亮证与拒签演练";
const REMARK: &str = "亮证规范，说明清楚";
const PRACTICE: &str = "不计入执法记录";
/// Everything that the drill's scenario expects.
const EXPECTED: u32 = 7;

/// Scrolls to what a picture is about.
async fn show(browser: &Browser, what: &str) {
    let scroll = "document.querySelector(arguments[0]).scrollIntoView()";
    browser.script(scroll, json!([what])).await.unwrap();
}

/// The whole inspection, but nobody notes that a certificate was shown.
async fn record(day: &mut Day<'_>) {
    let start = day.now();
    day.nobody_steps_aside().await;
    day.step("JC-10").await;
    day.hands.fill("reason", NOT_SHOWN).await.unwrap();
    day.act("notdone").await;
    day.told().await;
    day.items("pass").await;
    day.choose("outside", "no").await;
    day.done().await;
    day.written(start).await;
    day.fill("facts", "一层疏散通道畅通，安全出口能够正常开启。")
        .await;
    day.both_pins().await;
    day.party_draws("JC-14").await;
    day.step("JC-14").await;
    day.done().await;
    day.filmed(start).await;
    day.step("JC-16").await;
    day.choose("result", "no_problem").await;
    day.fill("told_to", "李四").await;
    day.done().await;
    day.submit().await;
}

/// From the queue to the record: a question about the gap, then the whole record back.
async fn ask_and_return(desk: &Desk, task: &Assigned) {
    desk.tap("程序缺口").await;
    desk.awaits(GAP).await;
    desk.tap(GAP).await;
    desk.shows(&task.subject).await;
    show(&desk.browser, "#gap-R09-JC-10").await;
    desk.shoot("office-flagged").await;
    desk.tap_css("#gap-R09-JC-10 a[href*='/gaps/JC-10/R09']")
        .await;
    desk.browser.touch("请作出说明").await.unwrap();
    desk.browser.fill("words", QUESTION).await.unwrap();
    desk.tap("提交意见").await;
    desk.shows(QUESTION).await;
    desk.tap("退回补正").await;
    desk.browser.fill("comment", COMMENT).await.unwrap();
    desk.browser.fill("note.JC-10", NOTE).await.unwrap();
    desk.shoot("office-return").await;
    desk.tap("退回执法人员").await;
    desk.shows("已退回补正").await;
    desk.tap("程序缺口").await;
    desk.browser.choose("status", "waiting").await.unwrap();
    desk.tap_css("form.filters button").await;
    desk.awaits("已退回补正").await;
    desk.shows(GAP).await;
}

/// What the supervisor said is read and answered, and the record handed in again. There is no network.
async fn answer(day: &mut Day<'_>) {
    day.hands.open("/field/").await.unwrap();
    shoot(day.browser, "zh-CN", "office-phone-waiting").await;
    day.browser
        .tap_css("section[aria-labelledby=h-answer] a.row")
        .await
        .unwrap();
    for words in [QUESTION, COMMENT, NOTE] {
        day.hands.expect_words(words).await.unwrap();
    }
    shoot(day.browser, "zh-CN", "office-phone-returned").await;
    day.hands.follow("作出说明").await.unwrap();
    day.hands.fill("words", ANSWER).await.unwrap();
    day.hands.press("提交说明").await.unwrap();
    day.hands.expect_words(ANSWER).await.unwrap();
    day.hands.follow(NOTE).await.unwrap();
    day.hands.follow("更正").await.unwrap();
    day.hands.fill("reason", AMENDED).await.unwrap();
    day.hands.press("撤回并重新填写").await.unwrap();
    day.hands.fill("recording", RECORDING).await.unwrap();
    day.done().await;
    day.submit().await;
    day.hands.open("/field/").await.unwrap();
    let home = day.hands.read().await.unwrap();
    assert!(!home.contains("待回应的监督意见"), "{home}");
    day.hands
        .open(&format!("/field/r/{}/log", day.record))
        .await
        .unwrap();
    show(day.browser, ".timeline s").await;
    shoot(day.browser, "zh-CN", "office-phone-log").await;
}

/// The answer is there, what stood before is still to be read, and nothing is left to do.
async fn close(desk: &Desk, task: &Assigned) {
    desk.go(&format!("/records/{}", task.record)).await;
    desk.awaits("已补正").await;
    for words in [
        "已补正",
        GAP,
        ANSWER,
        QUESTION,
        COMMENT,
        NOT_SHOWN,
        AMENDED,
        RECORDING,
    ] {
        desk.shows(words).await;
    }
    let old = "return [...document.querySelectorAll('.timeline .gone')].some((e) => e.innerText.includes(arguments[0]))";
    let struck = desk.browser.script(old, json!([NOT_SHOWN])).await.unwrap();
    assert_eq!(struck, json!(true), "the old entry is struck through");
    show(&desk.browser, ".timeline .gone").await;
    desk.shoot("office-closed").await;
    desk.tap("程序缺口").await;
    desk.lacks(GAP).await;
}

/// From the need to a drill for this officer, this afternoon of tomorrow.
async fn plan(desk: &Desk, task: &Assigned, from: Instant) {
    desk.tap("培训").await;
    desk.shoot("office-needs").await;
    desk.tap(NEED).await;
    desk.tap(OFFICERS[0]).await;
    desk.shows(NEEDED).await;
    desk.shows(GAP).await;
    desk.shoot("office-need").await;
    desk.tap_css(&format!("main a[href='/records/{}']", task.record))
        .await;
    desk.shows(&task.subject).await;
    desk.go(&format!("/training/officers/{}", journey::officer_ids()[0]))
        .await;
    desk.tap("安排培训或演练").await;
    desk.shows(NEED).await;
    desk.browser.touch("按情景模拟办案").await.unwrap();
    for (field, value) in [
        ("title", TITLE),
        ("starts", &local(from)),
        ("ends", &local(from.plus_millis(2 * HOUR_MS))),
        ("place", "二楼会议室"),
        ("hours", "2"),
    ] {
        desk.browser.fill(field, value).await.unwrap();
    }
    desk.browser
        .choose("scenario", "refusal-to-sign")
        .await
        .unwrap();
    desk.shoot("office-plan").await;
    desk.tap("确定安排").await;
    for words in [TITLE, OFFICERS[0], "工作需要：亮证与告知"] {
        desk.shows(words).await;
    }
    desk.shoot("office-session").await;
}

async fn language(day: &mut Day<'_>, lang: &str) {
    day.hands.open("/field/me").await.unwrap();
    let own_name = if lang == "en" { "English" } else { "中文" };
    day.hands.press(own_name).await.unwrap();
}

/// Begins the drill that one is invited to; gives its record.
async fn start_drill(day: &mut Day<'_>) -> String {
    day.hands.open("/field/drills").await.unwrap();
    shoot(day.browser, "zh-CN", "office-phone-drills").await;
    day.hands.follow("受邀").await.unwrap();
    day.browser
        .choose("colleague", &journey::officer_ids()[1])
        .await
        .unwrap();
    day.hands.press("开始演练").await.unwrap();
    for lang in LANGUAGES.into_iter().rev() {
        language(day, lang).await;
        day.hands.open("/field/drills/now").await.unwrap();
        shoot(day.browser, lang, "office-phone-drill").await;
    }
    day.hands.press("进入演练记录").await.unwrap();
    day.hands.expect_words(PRACTICE).await.unwrap();
    let path = day.hands.path().await.unwrap();
    path.trim_start_matches("/field/r/").to_owned()
}

/// Plays it as it should be played, and looks at what came of it.
async fn play_drill(day: &mut Day<'_>, start: Instant) {
    day.told().await;
    day.checklist().await;
    day.step("JC-14").await;
    day.hands.expect_words("这个字我不签").await.unwrap();
    let stays = "scrollTo(0, 600); return document.querySelector('.drill').getBoundingClientRect().top === 0";
    let stays = day.browser.script(stays, json!([])).await.unwrap();
    assert_eq!(stays, json!(true), "the banner stays in view");
    shoot(day.browser, "zh-CN", "office-phone-inject").await;
    day.on_site_record(start).await;
    day.hands.open("/field/drills/now").await.unwrap();
    day.hands.press("结束演练").await.unwrap();
    day.hands.expect_words("结束后不能再改").await.unwrap();
    day.hands.press("结束演练").await.unwrap();
    let met = format!("预期做到 {EXPECTED} 项，共 {EXPECTED} 项");
    day.hands.expect_words(&met).await.unwrap();
    let after = day.hands.path().await.unwrap();
    for lang in LANGUAGES.into_iter().rev() {
        language(day, lang).await;
        day.hands.open(&after).await.unwrap();
        shoot(day.browser, lang, "office-phone-after").await;
    }
}

/// Scores, attendance, hours.
async fn judge(desk: &Desk) {
    desk.tap("培训").await;
    desk.tap("演练记录").await;
    desk.awaits(&format!("达到要求{EXPECTED}项，共{EXPECTED}项"))
        .await;
    desk.tap(OFFICERS[0]).await;
    desk.browser.choose("s.JC-10", "4").await.unwrap();
    desk.browser.fill("r.JC-10", REMARK).await.unwrap();
    desk.tap("保存评分").await;
    desk.shows("何丽").await;
    show(&desk.browser, "#scores").await;
    desk.shoot("office-drill").await;
    desk.tap(TITLE).await;
    let officer = &journey::officer_ids()[0];
    desk.browser
        .choose(&format!("a.{officer}"), "present")
        .await
        .unwrap();
    desk.tap("保存出勤").await;
    desk.shows("到场1人").await;
    desk.tap("登记为已举行").await;
    desk.shows("已举行").await;
    desk.shoot("office-held").await;
}

/// What the lists of enforcement say, and of needs.
async fn figures(moved: &Moved) -> Vec<String> {
    moved.here.app.run_due_jobs().await.unwrap();
    let lists = [
        ("supervisor", "/gaps?format=csv"),
        ("supervisor", "/gaps?status=cured&format=csv"),
        ("supervisor", "/gaps/heat?format=csv"),
        ("supervisor", "/records?format=csv"),
        ("supervisor", "/deadlines?format=csv"),
        ("lead", "/tasks?format=csv"),
        ("leader", "/posts?format=csv"),
        ("training", "/training?list=needs&format=csv"),
        ("training", "/training?format=csv"),
    ];
    let mut told = Vec::new();
    for (account, path) in lists {
        let mut office = moved.office(account).await.unwrap();
        let page = office.agent.get(path).await.unwrap();
        assert_eq!(page.status, 200, "{path}");
        told.push(format!("{path}\n{}", page.html));
    }
    told
}

/// Everybody, and what it is about.
struct Journey {
    moved: Moved,
    phone: Browser,
    supervisor: Desk,
    trainer: Desk,
    colleague: Colleague,
    task: Assigned,
}

impl Journey {
    /// Three inspections went well on the day before. An inspection is approved for today, and the officer's phone knows of it.
    async fn begin(nine: Instant) -> Self {
        let monday = nine.plus_millis(-DAY_MS);
        let moved = Moved::start(monday).await.unwrap();
        let mut colleague = Colleague::enrol(&moved, MATTER).await;
        for hours in [2, 4, 6] {
            let end = monday.plus_millis(hours * HOUR_MS);
            colleague.inspected_well(&moved, end).await;
        }
        let clock = &moved.here.clock;
        clock.advance(nine.millis_since(clock.read()));
        let (phone, task) = begin(&moved).await;
        Self {
            supervisor: Desk::open(&moved, "supervisor").await,
            trainer: Desk::open(&moved, "training").await,
            moved,
            phone,
            colleague,
            task,
        }
    }

    /// The phone with this record open.
    fn on(&self, record: &str) -> Day<'_> {
        Day {
            moved: &self.moved,
            browser: &self.phone,
            hands: Touch {
                browser: &self.phone,
                origin: self.moved.origin(),
            },
            record: record.to_owned(),
        }
    }

    async fn upload(&self) {
        upload_all(&mut self.on("").hands).await;
    }

    async fn pull(&self, path: &str, words: &str) {
        let mut hands = self.on("").hands;
        journey::await_pulled(&mut hands, path, words)
            .await
            .unwrap();
    }

    /// Goes on to this moment, with the phone's clock.
    async fn until(&self, at: Instant) {
        let by = at.millis_since(self.moved.here.clock.read());
        self.moved.advance(&self.phone, by).await.unwrap();
    }

    /// The first part: recorded, flagged, returned, answered without a network, closed.
    async fn flag(&mut self) {
        record(&mut self.on(&self.task.record)).await;
        self.upload().await;
        ask_and_return(&self.supervisor, &self.task).await;
        self.pull("/field/", "待回应的监督意见").await;
        self.moved.stop().await;
        answer(&mut self.on(&self.task.record)).await;
        self.moved.serve().await.unwrap();
        self.upload().await;
        close(&self.supervisor, &self.task).await;
    }

    /// The drill, without a network: killed in the middle and opened again, played to its end, uploaded. No figure changes.
    async fn drill(&mut self, start: Instant) {
        self.moved.stop().await;
        self.until(start).await;
        let before = figures(&self.moved).await;
        let drill = start_drill(&mut self.on("")).await;
        let mut day = self.on(&drill);
        day.nobody_steps_aside().await;
        day.step("JC-10").await;
        day.hands.fill("recording", PLAYED).await.unwrap();
        day.done().await;
        self.kill_and_open(&drill).await;
        play_drill(&mut self.on(&drill), start).await;
        self.moved.serve().await.unwrap();
        self.arrive(&drill).await;
        for (before, after) in before.iter().zip(figures(&self.moved).await) {
            assert_eq!(*before, after, "a drill stands in a list of enforcement");
        }
    }

    /// Waits until the office has the drill and has judged it: what waits to be sent is not told where work is shown.
    async fn arrive(&self, drill: &str) {
        let mut office = self.moved.office("training").await.unwrap();
        let judged = format!("达到要求{EXPECTED}项，共{EXPECTED}项");
        let mut hands = self.on("").hands;
        for _ in 0..100 {
            // After hours without an office the phone would try again by itself, only later.
            hands.open("/field/sync").await.unwrap();
            hands.press("立即上传").await.unwrap();
            let list = office.agent.get("/training/drills").await.unwrap();
            if list.html.contains(drill) && list.text().contains(&judged) {
                let mut day = self.on("");
                day.hands.open("/field/drills").await.unwrap();
                let shown = day.hands.read().await.unwrap();
                assert!(!shown.contains("还没有上传"), "{shown}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the drill never comes");
    }

    async fn kill_and_open(&mut self, drill: &str) {
        self.phone.kill().await.unwrap();
        a_drill_is_unreadable(&self.phone, PLAYED);
        self.phone.reopen().await.unwrap();
        let address = format!("{}/field/r/{drill}/s/JC-10", self.moved.origin());
        self.phone.goto(&address).await.unwrap();
        // A fresh document has the machine's clock.
        self.until(self.moved.here.clock.read()).await;
        let mut day = self.on(drill);
        journey::unlock(&mut day.hands).await.unwrap();
        day.step("JC-10").await;
        for words in [PLAYED, PRACTICE] {
            day.hands.expect_words(words).await.unwrap();
        }
    }

    /// The officer's file at the trainer's desk.
    async fn file(&self) -> &Desk {
        let [officer, _] = journey::officer_ids();
        self.trainer
            .go(&format!("/training/officers/{officer}"))
            .await;
        &self.trainer
    }
}

#[tokio::test]
async fn from_a_gap_to_its_correction_a_drill_and_hours() {
    let _turn = turn().await;
    let (year, month, day) = DAY_ONE;
    let nine = Instant::from_civil(jiff::civil::date(year, month, day).at(9, 0, 0, 0));
    let mut journey = Journey::begin(nine).await;
    let none_of_3 = "最近3份检查记录中没有需要列为培训需求的问题";
    journey.file().await.shows(none_of_3).await;
    journey.flag().await;

    let afternoon = nine.plus_millis(DAY_MS + 5 * HOUR_MS);
    plan(&journey.trainer, &journey.task, afternoon).await;
    journey.pull("/field/me", TITLE).await;
    let hands = journey.on("").hands;
    hands.expect_words("已完成 0 学时").await.unwrap();
    shoot(&journey.phone, "zh-CN", "office-phone-invited").await;
    journey.drill(afternoon.plus_millis(5 * MINUTE_MS)).await;

    // A session at the console ends overnight.
    journey.trainer.sign_in("training").await;
    judge(&journey.trainer).await;
    let file = journey.file().await;
    // What somebody practised adds hours and is no inspection.
    for words in ["2/60学时", "达到要求7/7项", NEEDED] {
        file.shows(words).await;
    }
    file.shoot("office-file").await;
    journey.pull("/field/me", "已完成 2 学时").await;
    shoot(&journey.phone, "zh-CN", "office-phone-hours").await;

    // A need goes with the inspections that follow.
    for hours in [19, 21, 24, 43, 45] {
        let end = afternoon.plus_millis(hours * HOUR_MS);
        journey.colleague.inspected_well(&journey.moved, end).await;
    }
    journey.trainer.sign_in("training").await;
    let file = journey.file().await;
    let none_of_5 = "最近5份检查记录中没有需要列为培训需求的问题";
    file.shows(none_of_5).await;
    file.shoot("office-no-need").await;
    for browser in [
        &journey.phone,
        &journey.supervisor.browser,
        &journey.trainer.browser,
    ] {
        clean(browser).await;
    }
}
