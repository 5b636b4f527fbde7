//! The office in three browsers at once: the officer's phone, the supervisor's desk and the trainer's desk. A flagged record is
//! returned, corrected without a network and closed; from the same gap come a need, a drill that is played without a network and
//! judged, and hours; and no figure of enforcement knows of the drill.

use crate::day::{DAY_ONE, Day, MATTER, begin};
use crate::desk::Desk;
use crate::screens::shoot;
use crate::visits::Colleague;
use crate::{clean, turn, upload_all};
use serde_json::json;
use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use tests::browser::Browser;
use tests::hands::{Hands, Touch};
use tests::journey::{self, local};
use tests::moved::Moved;
use tests::office::Assigned;
use tests::world::OFFICERS;

const GAP: &str = "没有出示执法证件的证明";
const NEED: &str = "亮证与告知";
const NOT_SHOWN: &str = "没有留下亮证的记录";
const QUESTION: &str = "进门时是否出示了证件？有无录像？";
const COMMENT: &str = "亮证一步没有凭据，请核实后补正。";
const NOTE: &str = "请补填执法记录仪文件编号";
const ANSWER: &str = "进门时两人均已亮证，录像已核对，当时漏填编号。";
const AMENDED: &str = "漏填录像编号";
const RECORDING: &str = "A-0012";
const TITLE: &str = "亮证与拒签演练";
const REMARK: &str = "亮证规范，说明清楚";
/// Everything that the drill's scenario expects.
const EXPECTED: u32 = 7;

/// The phone of this journey.
fn on<'a>(moved: &'a Moved, browser: &'a Browser, record: &str) -> Day<'a> {
    Day {
        moved,
        browser,
        hands: Touch {
            browser,
            origin: moved.origin(),
        },
        record: record.to_owned(),
    }
}

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
    desk.shows("最近4份检查记录中1份有疑似问题").await;
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
    shoot(day.browser, "zh-CN", "office-phone-drill").await;
    day.hands.press("进入演练记录").await.unwrap();
    day.hands.expect_words("不计入执法记录").await.unwrap();
    let path = day.hands.path().await.unwrap();
    path.trim_start_matches("/field/r/").to_owned()
}

/// Plays it as it should be played, and looks at what came of it.
async fn play_drill(day: &mut Day<'_>, start: Instant) {
    day.told().await;
    day.checklist().await;
    day.step("JC-14").await;
    day.hands.expect_words("这个字我不签").await.unwrap();
    shoot(day.browser, "zh-CN", "office-phone-inject").await;
    day.on_site_record(start).await;
    day.hands.open("/field/drills/now").await.unwrap();
    day.hands.press("结束演练").await.unwrap();
    day.hands.expect_words("结束后不能再改").await.unwrap();
    day.hands.press("结束演练").await.unwrap();
    let met = format!("预期做到 {EXPECTED} 项，共 {EXPECTED} 项");
    day.hands.expect_words(&met).await.unwrap();
    shoot(day.browser, "zh-CN", "office-phone-after").await;
}

/// The phone is killed in the middle of the drill and opened again, all without a network.
async fn killed_and_opened(moved: &Moved, browser: &mut Browser, drill: &str) {
    browser.kill().await.unwrap();
    browser.reopen().await.unwrap();
    let address = format!("{}/field/r/{drill}/s/JC-10", moved.origin());
    browser.goto(&address).await.unwrap();
    moved.advance(browser, 0).await.unwrap();
    let mut day = on(moved, browser, drill);
    journey::unlock(&mut day.hands).await.unwrap();
    day.step("JC-10").await;
    for words in [RECORDING, "不计入执法记录"] {
        day.hands.expect_words(words).await.unwrap();
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

/// Goes on to this moment, with the phone's clock.
async fn until(moved: &Moved, phone: &Browser, at: Instant) {
    let by = at.millis_since(moved.here.clock.read());
    moved.advance(phone, by).await.unwrap();
}

#[tokio::test]
async fn from_a_gap_to_its_correction_a_drill_and_hours() {
    let _turn = turn().await;
    let (year, month, day) = DAY_ONE;
    let nine = Instant::from_civil(jiff::civil::date(year, month, day).at(9, 0, 0, 0));
    let monday = nine.plus_millis(-DAY_MS);
    let mut moved = Moved::start(monday).await.unwrap();
    let mut colleague = Colleague::enrol(&moved, MATTER).await;
    for hours in [1, 2, 3] {
        colleague
            .inspected_well(&moved, monday.plus_millis(hours * 2 * HOUR_MS))
            .await;
    }
    moved
        .here
        .clock
        .advance(nine.millis_since(moved.here.clock.read()));
    let (mut phone, task) = begin(&moved).await;
    let supervisor = Desk::open(&moved, "supervisor").await;
    let trainer = Desk::open(&moved, "training").await;
    let file = format!("/training/officers/{}", journey::officer_ids()[0]);
    trainer.go(&file).await;
    trainer
        .shows("最近3份检查记录中没有需要列为培训需求的问题")
        .await;

    record(&mut on(&moved, &phone, &task.record)).await;
    upload_all(&mut on(&moved, &phone, &task.record).hands).await;
    ask_and_return(&supervisor, &task).await;
    let mut hands = on(&moved, &phone, &task.record).hands;
    journey::await_pulled(&mut hands, "/field/", "待回应的监督意见")
        .await
        .unwrap();
    moved.stop().await;
    answer(&mut on(&moved, &phone, &task.record)).await;
    moved.serve().await.unwrap();
    upload_all(&mut on(&moved, &phone, &task.record).hands).await;
    close(&supervisor, &task).await;

    let afternoon = nine.plus_millis(DAY_MS + 5 * HOUR_MS);
    plan(&trainer, &task, afternoon).await;
    let mut hands = on(&moved, &phone, &task.record).hands;
    journey::await_pulled(&mut hands, "/field/me", TITLE)
        .await
        .unwrap();
    hands
        .expect_words("已完成 0 学时，全年目标 60 学时")
        .await
        .unwrap();
    shoot(&phone, "zh-CN", "office-phone-invited").await;
    moved.stop().await;
    let start = afternoon.plus_millis(5 * MINUTE_MS);
    until(&moved, &phone, start).await;
    let before = figures(&moved).await;
    let drill = start_drill(&mut on(&moved, &phone, "")).await;
    let mut playing = on(&moved, &phone, &drill);
    playing.nobody_steps_aside().await;
    playing.step("JC-10").await;
    playing.hands.fill("recording", RECORDING).await.unwrap();
    playing.done().await;
    killed_and_opened(&moved, &mut phone, &drill).await;
    play_drill(&mut on(&moved, &phone, &drill), start).await;
    moved.serve().await.unwrap();
    upload_all(&mut on(&moved, &phone, &drill).hands).await;
    for (before, after) in before.iter().zip(figures(&moved).await) {
        assert_eq!(*before, after, "a drill stands in a list of enforcement");
    }

    trainer.sign_in("training").await;
    judge(&trainer).await;
    trainer.go(&file).await;
    for words in [
        "2/60学时",
        "最近4份检查记录中1份有疑似问题",
        "达到要求7/7项",
    ] {
        trainer.shows(words).await;
    }
    trainer.shoot("office-file").await;
    let mut hands = on(&moved, &phone, &drill).hands;
    journey::await_pulled(&mut hands, "/field/me", "已完成 2 学时，全年目标 60 学时")
        .await
        .unwrap();
    shoot(&phone, "zh-CN", "office-phone-hours").await;

    // What changes a need is how the next inspections go, not that somebody practised.
    for hours in [19, 21, 24, 43, 45] {
        colleague
            .inspected_well(&moved, afternoon.plus_millis(hours * HOUR_MS))
            .await;
    }
    trainer.sign_in("training").await;
    trainer.go(&file).await;
    trainer
        .shows("最近5份检查记录中没有需要列为培训需求的问题")
        .await;
    trainer.shoot("office-no-need").await;
    for browser in [&phone, &supervisor.browser, &trainer.browser] {
        clean(browser).await;
    }
}
