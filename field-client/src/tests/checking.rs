//! The task list, the step page and the checklist.

use super::Phone;
use crate::marks;
use crate::sheet::Sheet;
use shared::domain::event::{Outcome, Value};
use shared::id::StepId;
use shared::rules::explain;
use shared::rules::gap::{Assessment, Because, Mark, MarkKind};
use shared::text::Lang;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[tokio::test]
async fn the_list_says_what_is_next_and_folds_what_is_not_to_be_done() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let html = phone.get(&path).await;
    assert!(
        html.contains("下一步") && html.contains("已完成 0/4 步"),
        "{html}"
    );
    assert!(
        html.contains("本次不适用。只在下列情况办理：“检查类型”为日常检查。"),
        "{html}"
    );
    assert!(
        html.contains("由办公室办理") && html.contains("检查类型：个案检查"),
        "{html}"
    );
    let next = html.split("class=\"btn btn-primary full\"").nth(1).unwrap();
    assert!(next.contains("/s/W-2\">派员</a>"), "{next}");
    let me = phone.office.officer.to_string();
    let other = phone.office.colleague.to_string();
    let fields = [
        ("act", "done"),
        ("has.officers", "1"),
        ("f.officers", &*me),
        ("f.officers", &*other),
    ];
    phone.browser.post(&format!("{path}/s/W-2"), &fields).await;
    let html = phone.get(&path).await;
    assert!(html.contains("已完成 1/4 步"), "{html}");
    assert!(phone.get("/field/").await.contains("已完成 1/4 步"));
    // An optional step does not count, done or not.
    phone
        .browser
        .post(&format!("{path}/s/W-5"), &[("act", "done")])
        .await;
    assert!(phone.get("/field/").await.contains("已完成 1/4 步"));
    let skipped = phone.get(&format!("{path}/s/W-1")).await;
    assert!(skipped.contains("只在下列情况办理"), "{skipped}");
}

#[tokio::test]
async fn a_step_explains_itself_and_leads_into_the_law() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let html = phone.get(&format!("{path}/s/W-2")).await;
    assert!(
        html.contains("好的记录") && html.contains("写明两人姓名和证号"),
        "{html}"
    );
    // Only the whole article is in the library: the paragraph leads there.
    assert!(html.contains("执法人员不得少于两人"), "{html}");
    assert!(
        html.contains("/field/law/%E8%A1%8C%E6%94%BF%E5%A4%84%E7%BD%9A%E6%B3%95/42%281%29"),
        "{html}"
    );
}

#[tokio::test]
async fn fields_that_do_not_apply_are_neither_shown_nor_required() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let step = format!("{path}/s/W-4");
    assert!(!phone.get(&step).await.contains("危害情况"));
    let fields = [
        ("act", "set:harm:yes"),
        ("f.facts", "甲"),
        ("f.count", "三"),
        ("f.found_on", ""),
    ];
    let shown = phone.browser.post(&step, &fields).await;
    assert_eq!(shown.status, 422);
    assert!(
        shown.html.contains("请填整数") && shown.html.contains("危害情况"),
        "{}",
        shown.html
    );
    assert_eq!(
        phone
            .browser
            .post(&step, &[("act", "done"), ("f.count", "3")])
            .await
            .status,
        422
    );
    let fields = [("act", "set:harm:no"), ("f.found_on", "2026-11-20")];
    assert_eq!(phone.browser.post(&step, &fields).await.status, 303);
    assert!(phone.get(&step).await.contains("value=\"2026-11-20\""));
    assert_eq!(
        phone.browser.post(&step, &[("act", "done")]).await.location,
        path
    );
    let facts = phone.facts(&path);
    let known = facts.step("W-4").unwrap();
    assert_eq!(known.fields["count"].value, Value::Int(3));
    assert!(phone.get(&step).await.contains("2026年11月20日</dd>"));
}

#[tokio::test]
async fn a_phrase_is_added_to_what_was_typed_in_chinese_whatever_the_screen_speaks() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let step = format!("{path}/s/W-4");
    phone.browser.post("/field/me", &[("lang", "en")]).await;
    let html = phone.get(&step).await;
    assert!(
        html.contains("Nobody was there.")
            && html.contains("<span class=\"muted\" lang=\"zh-CN\">现场无人。"),
        "{html}"
    );
    let fields = [("act", "add:facts:0"), ("f.facts", "十点到达。")];
    assert_eq!(phone.browser.post(&step, &fields).await.location, step);
    let typed = [
        ("act", "add:facts:1"),
        ("f.facts", "十点到达。\r\n现场有人员在作业。"),
    ];
    phone.browser.post(&step, &typed).await;
    // A second tap adds nothing twice.
    phone.browser.post(&step, &[("act", "add:facts:1")]).await;
    let facts = phone.facts(&path);
    let written = text("十点到达。\n现场有人员在作业。\n现场无人。");
    assert_eq!(facts.step("W-4").unwrap().fields["facts"].value, written);
}

#[tokio::test]
async fn a_late_entry_says_why() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let step = format!("{path}/s/W-5");
    let when = ("happened_at", "2026-11-23T08:00");
    let shown = phone.browser.post(&step, &[("act", "done"), when]).await;
    assert_eq!(shown.status, 422);
    assert!(shown.html.contains("请写明补录原因"), "{}", shown.html);
    let fields = [
        ("act", "done"),
        when,
        ("late_reason", "other"),
        ("late_words", ""),
    ];
    assert_eq!(phone.browser.post(&step, &fields).await.status, 422);
    let fields = [
        ("act", "done"),
        when,
        ("late_reason", "no_network"),
        ("late_words", "山里没信号"),
    ];
    assert_eq!(phone.browser.post(&step, &fields).await.location, path);
    let facts = phone.facts(&path);
    let known = facts.step("W-5").unwrap();
    assert_eq!(
        known.fields["late_reason"].value,
        text("无网络：山里没信号")
    );
    assert!(phone.get(&step).await.contains("无网络：山里没信号"));
    assert!(
        phone
            .get(&format!("{path}/log"))
            .await
            .contains("补录原因：无网络")
    );
    // Not more than half an hour: no reason is asked for.
    let step = format!("{path}/s/W-6");
    let fields = [
        ("act", "na"),
        ("reason", "没有问题"),
        ("happened_at", "2026-11-23T08:45"),
    ];
    assert_eq!(phone.browser.post(&step, &fields).await.location, path);
}

#[tokio::test]
async fn a_checklist_is_answered_item_by_item_and_nothing_typed_is_lost() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let step = format!("{path}/s/W-3");
    let html = phone.get(&step).await;
    assert!(
        html.contains("3 项：未填 3") && html.contains("href=\"#i-wire\""),
        "{html}"
    );
    assert!(
        html.contains("看现场。") && html.contains("set:exit:unchecked"),
        "{html}"
    );
    phone
        .browser
        .post(&step, &[("act", "set:exit:fail"), ("f.other", "另有杂物")])
        .await;
    let html = phone.get(&step).await;
    assert!(html.contains("3 项：不合格 1 · 未填 2"), "{html}");
    assert!(
        html.contains("应当要求：</strong> 做到出口畅通") && html.contains("add:exit.note:0"),
        "{html}"
    );
    assert!(!html.contains("href=\"#i-exit\""), "{html}");
    // Whichever button is pressed, every note of the page is written down.
    let fields = [
        ("act", "set:wire:unchecked"),
        ("f.exit.note", "东门堆放木料"),
    ];
    phone.browser.post(&step, &fields).await;
    phone
        .browser
        .post(
            &step,
            &[("act", "add:exit.note:0"), ("f.exit.note", "东门堆放木料")],
        )
        .await;
    phone.browser.post(&step, &[("act", "set:fire:pass")]).await;
    let shown = phone.browser.post(&step, &[("act", "done")]).await;
    assert_eq!(shown.status, 422);
    assert!(
        shown.html.contains("href=\"#f.wire.note\""),
        "{}",
        shown.html
    );
    let fields = [("act", "done"), ("f.wire.note", "配电间上锁")];
    assert_eq!(phone.browser.post(&step, &fields).await.location, path);
    let facts = phone.facts(&path);
    let known = facts.step("W-3").unwrap();
    assert_eq!(known.fields["checklist"].value, text("M1@3"));
    assert_eq!(known.fields["exit"].value, Value::Choice("fail".to_owned()));
    assert_eq!(
        known.fields["exit.note"].value,
        text("东门堆放木料\n出口畅通：没有做到")
    );
    assert_eq!(known.fields["other"].value, text("另有杂物"));
    assert_eq!(known.outcome.as_ref().unwrap().value.outcome, Outcome::Done);
    assert!(
        phone
            .get(&step)
            .await
            .contains("<dt>出口畅通</dt><dd>不合格</dd>")
    );
}

#[tokio::test]
async fn a_matter_without_a_checklist_says_so() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M2").await;
    let html = phone.get(&format!("{path}/s/W-3")).await;
    assert!(html.contains("本事项没有检查清单"), "{html}");
}

#[tokio::test]
async fn what_failed_is_taken_over_into_the_record() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let record = format!("{path}/s/W-4");
    assert!(!phone.get(&record).await.contains("pull:facts"));
    let fields = [("act", "set:exit:fail")];
    phone.browser.post(&format!("{path}/s/W-3"), &fields).await;
    let fields = [("act", "set:wire:fail"), ("f.exit.note", "东门堆放木料")];
    phone.browser.post(&format!("{path}/s/W-3"), &fields).await;
    assert!(phone.get(&record).await.contains("带入检查清单的不合格项"));
    phone
        .browser
        .post(&record, &[("act", "pull:facts"), ("f.facts", "十点到达。")])
        .await;
    let facts = phone.facts(&path);
    let written = "十点到达。\n出口畅通：没有做到（东门堆放木料）。\n电线穿管：没有做到。";
    assert_eq!(
        facts.step("W-4").unwrap().fields["facts"].value,
        text(written)
    );
}

#[tokio::test]
async fn a_remark_on_a_step_is_shown_with_what_led_to_it() {
    let phone = Phone::enrolled().await;
    let path = phone.open_whole("M1").await;
    let record = path.rsplit('/').next().unwrap().parse().unwrap();
    let sheet = phone.app.store().read(|c| Sheet::read(c, record)).unwrap();
    let step = sheet.step("W-3").unwrap();
    let mark = |kind, step: &str| Mark {
        step: StepId::new(step).unwrap(),
        kind,
        because: vec![Because {
            code: "urgent",
            with: Vec::new(),
            event: None,
        }],
    };
    let assessed = Assessment {
        marks: vec![
            mark(MarkKind::Burst, "W-2"),
            mark(MarkKind::LateEntryUnexplained, "W-3"),
        ],
        ..Assessment::default()
    };
    let shown = marks::of(&sheet, Lang::Zh, &assessed, step);
    assert_eq!(shown.len(), 1);
    let kind = MarkKind::LateEntryUnexplained;
    assert_eq!(shown[0].text, explain::mark(Lang::Zh, kind));
    assert!(shown[0].because[0].contains("紧急情况"));
}
