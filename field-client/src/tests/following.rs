//! From the power list to the order to correct and its re-inspection; the law library on the way.

use super::Phone;
use shared::domain::event::Value;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// An inspection with something to correct, at the step that leads on.
async fn with_fault(phone: &Phone, matter: &str) -> (String, String) {
    let path = phone.open_whole(matter).await;
    let fields = [("act", "set:exit:fail"), ("f.other", "")];
    phone.browser.post(&format!("{path}/s/W-3"), &fields).await;
    let step = format!("{path}/s/W-6");
    (path, step)
}

#[tokio::test]
async fn matters_are_found_by_words_and_listed_by_the_source_of_power() {
    let phone = Phone::enrolled().await;
    let html = phone.get("/field/new").await;
    assert!(html.contains("optgroup label=\"配合（S4）\""), "{html}");
    assert!(
        html.contains("日常检查") && html.contains("投诉举报"),
        "{html}"
    );
    // The list has it no more.
    assert!(!html.contains("已经取消的事项"), "{html}");
    let html = phone.get("/field/new?q=燃气&place=东街&urgent=").await;
    assert!(
        html.contains("燃气安全检查") && !html.contains("安全生产检查"),
        "{html}"
    );
    assert!(html.contains("value=\"东街\""), "{html}");
    assert!(phone.get("/field/new?q=没有").await.contains("没有找到"));
}

#[tokio::test]
async fn a_matter_off_the_list_is_warned_about_and_never_refused() {
    let phone = Phone::enrolled().await;
    let mut fields = vec![
        ("procedure", "WHOL"),
        ("urgent", "举报"),
        ("subject_name", "某店"),
        ("place", "东街"),
    ];
    assert_eq!(phone.browser.post("/field/new", &fields).await.status, 422);
    fields.push(("matter_name", "占道经营"));
    let path = phone.browser.post("/field/new", &fields).await.location;
    let html = phone.get(&path).await;
    assert!(
        html.contains("占道经营") && html.contains("不在当日有效的权责清单上"),
        "{html}"
    );
    let html = phone.get(&phone.open_whole("M2").await).await;
    assert!(
        html.contains("配合（S4）") && html.contains("可以巡查、劝阻、报告"),
        "{html}"
    );
    let html = phone.get(&phone.open_whole("M1").await).await;
    assert!(
        html.contains("自有职权（S1）") && !html.contains("权责清单上"),
        "{html}"
    );
}

#[tokio::test]
async fn an_inspection_leads_to_an_order_and_both_say_so() {
    let phone = Phone::enrolled().await;
    let (path, step) = with_fault(&phone, "M1").await;
    assert!(!phone.get(&step).await.contains("value=\"follow\""));
    assert_eq!(
        phone.browser.get(&format!("{step}/follow")).await.status,
        404
    );
    phone
        .browser
        .post(&step, &[("act", "set:exit:correction")])
        .await;
    assert!(phone.get(&step).await.contains("办理：责令改正试验"));
    let shown = phone.browser.post(&step, &[("act", "follow")]).await;
    let order = shown.location;
    assert!(order.starts_with("/field/r/") && order != path, "{order}");
    // A second tap, or the ended step, leads to the same record.
    let again = phone.browser.post(&format!("{step}/follow"), &[]).await;
    assert_eq!(again.location, order);
    let (mine, theirs) = (phone.facts(&path), phone.facts(&order));
    let link = |facts: &shared::fold::Facts| {
        let noted = &facts.links[0].value;
        (noted.relation.clone(), format!("/field/r/{}", noted.other))
    };
    assert_eq!(link(&mine), ("leads_to".to_owned(), order.clone()));
    assert_eq!(link(&theirs), ("from".to_owned(), path.clone()));
    let (one, two) = (mine.opened.unwrap().value, theirs.opened.unwrap().value);
    assert_eq!(
        (one.subject, one.matter, one.place),
        (two.subject, two.matter, two.place)
    );
    assert!(phone.get(&path).await.contains("已转：责令改正试验"));
    assert!(phone.get(&order).await.contains("来自：全过程试验"));
    assert!(!phone.get(&step).await.contains("value=\"follow\""));
}

#[tokio::test]
async fn what_to_correct_and_the_article_of_that_day_are_taken_over() {
    let phone = Phone::enrolled().await;
    let (path, step) = with_fault(&phone, "M1").await;
    let begun = [("act", "save"), ("f.start", "2026-08-01T10:00")];
    phone.browser.post(&format!("{path}/s/W-4"), &begun).await;
    phone
        .browser
        .post(&step, &[("act", "set:exit:correction")])
        .await;
    let order = phone
        .browser
        .post(&format!("{step}/follow"), &[("anyway", "1")])
        .await
        .location;
    let first = format!("{order}/s/F-1");
    assert!(phone.get(&first).await.contains("带入不合格项的改正要求"));
    phone.browser.post(&first, &[("act", "pull:items")]).await;
    phone.browser.post(&first, &[("act", "pull:basis")]).await;
    let facts = phone.facts(&order);
    let known = facts.step("F-1").unwrap();
    assert_eq!(known.fields["items"].value, text("做到出口畅通。"));
    // The law of the day of the visit, not today's.
    assert_eq!(
        known.fields["basis"].value,
        text("《中华人民共和国旧法》第七十七条")
    );
}

#[tokio::test]
async fn home_says_when_an_order_runs_out() {
    let phone = Phone::enrolled().await;
    for (day, receiver) in [("2026-12-01", "甲"), ("2026-11-26", "乙")] {
        let (_, step) = with_fault(&phone, "M1").await;
        phone
            .browser
            .post(&step, &[("act", "set:exit:correction")])
            .await;
        let order = phone
            .browser
            .post(&step, &[("act", "follow")])
            .await
            .location;
        let fields = [("act", "save"), ("f.deadline", day), ("f.number", receiver)];
        phone.browser.post(&format!("{order}/s/F-1"), &fields).await;
    }
    let html = phone.get("/field/").await;
    assert!(html.contains("12月1日到期，还剩 6 个工作日"), "{html}");
    assert!(
        html.find("11月26日到期，还剩 3 个工作日") < html.find("12月1日到期"),
        "{html}"
    );
    phone.machine.pass(4 * shared::instant::DAY_MS);
    let html = phone.get("/field/").await;
    assert!(html.contains("11月26日已到期，请复查"), "{html}");
}

#[tokio::test]
async fn a_looked_at_order_is_no_longer_listed() {
    let phone = Phone::enrolled().await;
    let (_, step) = with_fault(&phone, "M1").await;
    phone
        .browser
        .post(&step, &[("act", "set:exit:correction")])
        .await;
    let order = phone
        .browser
        .post(&step, &[("act", "follow")])
        .await
        .location;
    let fields = [("act", "save"), ("f.deadline", "2026-11-24")];
    phone.browser.post(&format!("{order}/s/F-1"), &fields).await;
    assert!(phone.get("/field/").await.contains("责令改正待复查"));
    let me = phone.office.officer.to_string();
    let fields = [("act", "done"), ("has.officers", "1"), ("f.officers", &*me)];
    phone.browser.post(&format!("{order}/s/F-3"), &fields).await;
    assert!(!phone.get("/field/").await.contains("责令改正待复查"));
}

#[tokio::test]
async fn a_served_document_and_a_statement_are_facts_of_their_own() {
    let phone = Phone::enrolled().await;
    let (path, step) = with_fault(&phone, "M1").await;
    let fields = [("act", "save"), ("statement.answer", "予以采纳")];
    let heard = format!("{path}/s/W-5");
    assert_eq!(phone.browser.post(&heard, &fields).await.status, 422);
    let fields = [
        ("act", "done"),
        ("statement.words", "刚搬来"),
        ("statement.answer", "予以采纳"),
    ];
    phone.browser.post(&heard, &fields).await;
    let facts = phone.facts(&path);
    assert_eq!(
        facts.step("W-5").unwrap().statements[0].value.words,
        "刚搬来"
    );
    phone
        .browser
        .post(&step, &[("act", "set:exit:correction")])
        .await;
    let order = phone
        .browser
        .post(&step, &[("act", "follow")])
        .await
        .location;
    phone
        .browser
        .post(
            &format!("{order}/s/F-1"),
            &[("act", "save"), ("f.number", "示责改字1号")],
        )
        .await;
    let fields = [("act", "done"), ("f.receiver", "赵强")];
    let service = format!("{order}/s/F-2");
    phone
        .browser
        .post(&service, &[("act", "set:method:on_site")])
        .await;
    phone.browser.post(&service, &fields).await;
    let again = format!("{order}/s/F-4");
    let fields = [
        ("act", "save"),
        ("served.method", "post"),
        ("served.receiver", "门卫"),
    ];
    phone.browser.post(&again, &fields).await;
    assert!(phone.get(&again).await.contains("value=\"门卫\""));
    let facts = phone.facts(&order);
    let served = |step: &str| {
        let known = facts.step(step).unwrap();
        let all: Vec<_> = known.served.iter().map(|noted| &noted.value).collect();
        assert_eq!(all.len(), 1);
        let served = all[0];
        format!("{} {} {}", served.document, served.method, served.receiver)
    };
    assert_eq!(served("F-2"), "责令改正通知书 示责改字1号 on_site 赵强");
    assert_eq!(served("F-4"), "责令改正通知书 示责改字1号 post 门卫");
}

#[tokio::test]
async fn the_law_library_answers_offline() {
    let phone = Phone::enrolled().await;
    assert!(phone.get("/field/").await.contains("href=\"/field/law\""));
    let html = phone.get("/field/law").await;
    assert!(
        html.contains("中华人民共和国行政处罚法") && html.contains("已失效"),
        "{html}"
    );
    let html = phone.get("/field/law?q=出示").await;
    assert!(
        html.contains("执法人员应当主动出示执法证件") && !html.contains("焚烧"),
        "{html}"
    );
    let html = phone.get("/field/law/行政处罚法/55").await;
    for words in [
        "主席令第70号",
        "自2021年7月15日起施行",
        "已核对条文",
        "第五十五条",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let html = phone.get("/field/law/旧法/77").await;
    assert!(
        html.contains("已失效（有效至2026年8月14日）") && html.contains("待司法行政部门确认"),
        "{html}"
    );
    assert!(phone.get("/field/law/旧法").await.contains("旧法第77条"));
    assert!(
        phone
            .get("/field/law/无此法/1")
            .await
            .contains("没有收录这部法律")
    );
    assert!(
        phone
            .get("/field/law/旧法/99")
            .await
            .contains("没有收录这一条")
    );
}

#[tokio::test]
async fn what_the_law_forbids_opens_its_reason_and_can_be_recorded_as_it_was() {
    let phone = Phone::enrolled().await;
    let me = phone.office.officer.to_string();
    let fields = [
        ("procedure", "WHOL"),
        ("urgent", "举报"),
        ("subject_name", "某店"),
        ("place", "东街"),
        ("matter", "M1"),
        ("officers", &*me),
    ];
    let path = phone.browser.post("/field/new", &fields).await.location;
    let fields = [("act", "set:exit:fail")];
    phone.browser.post(&format!("{path}/s/W-3"), &fields).await;
    let html = phone.get(&path).await;
    assert!(
        html.contains("依法暂不能办理：持证执法人员不足两人"),
        "{html}"
    );
    let step = format!("{path}/s/W-6");
    phone
        .browser
        .post(&step, &[("act", "set:exit:correction")])
        .await;
    // The button stays; it opens the reason with its article.
    let shown = phone.browser.post(&step, &[("act", "follow")]).await;
    assert_eq!(shown.location, format!("{step}/follow"));
    let html = phone.get(&shown.location).await;
    assert!(
        html.contains("依法暂不能办理") && html.contains("已经发生，如实记录"),
        "{html}"
    );
    assert!(html.contains("/42\">行政处罚法第42条</a>"), "{html}");
    assert!(phone.facts(&path).links.is_empty());
    let shown = phone
        .browser
        .post(&format!("{step}/follow"), &[("anyway", "1")])
        .await;
    assert!(shown.location.starts_with("/field/r/"));
    assert_eq!(phone.facts(&path).links.len(), 1);
}

#[tokio::test]
async fn a_matter_of_cooperation_leads_to_no_order_unless_it_was_made() {
    let phone = Phone::enrolled().await;
    let party = super::reference::PARTY.to_string();
    let (me, other) = (&phone.office.officer, &phone.office.colleague);
    let (me, other) = (me.to_string(), other.to_string());
    let fields = [
        ("procedure", "XZJC"),
        ("urgent", "举报"),
        ("subject", &*party),
        ("matter", "M2"),
        ("officers", &*me),
        ("officers", &*other),
    ];
    let path = phone.browser.post("/field/new", &fields).await.location;
    let step = format!("{path}/s/JC-17");
    let fields = [("act", "set:exit:correction")];
    phone.browser.post(&step, &fields).await;
    assert!(phone.get(&step).await.contains("制作责令改正通知书"));
    let shown = phone.browser.post(&step, &[("act", "follow")]).await;
    assert_eq!(shown.location, format!("{step}/follow"));
    let html = phone.get(&shown.location).await;
    assert!(html.contains("行政处罚法第24条"), "{html}");
    let fields = [("anyway", "1")];
    let order = phone.browser.post(&shown.location, &fields).await.location;
    assert!(phone.get(&order).await.contains("责令改正与复查"));
}

#[tokio::test]
async fn a_document_that_the_procedure_describes_is_shown_unless_the_law_forbids_it_yet() {
    let phone = Phone::enrolled().await;
    let me = phone.office.officer.to_string();
    let fields = [
        ("procedure", "WHOL"),
        ("urgent", "举报"),
        ("subject_name", "某店"),
        ("place", "东街"),
        ("matter", "M1"),
        ("officers", &*me),
    ];
    let path = phone.browser.post("/field/new", &fields).await.location;
    let (early, letter) = (
        format!("{path}/doc/early_form"),
        format!("{path}/doc/heard_letter"),
    );
    for step in ["W-5", "W-6"] {
        let html = phone.get(&format!("{path}/s/{step}")).await;
        assert!(
            html.contains(&format!("href=\"{letter}\"")),
            "{step}: {html}"
        );
        assert!(!html.contains(&early), "{step}: {html}");
    }
    let html = phone.get(&letter).await;
    for words in [
        "听取意见函",
        "某店",
        "听取人（签名）",
        "（印章）",
        "验证码",
        "试用",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // One officer alone is a gap at the step that names the team: it forbids what comes after it, and nothing before.
    let begun = [("act", "save"), ("f.start", "2026-11-23T09:00")];
    phone.browser.post(&format!("{path}/s/W-4"), &begun).await;
    let html = phone.get(&letter).await;
    assert!(
        html.contains("依法暂不能办理") && html.contains("行政处罚法第42条"),
        "{html}"
    );
    assert!(!html.contains("听取人（签名）"), "{html}");
    assert!(phone.get(&early).await.contains("事前表"));
    let html = phone.get(&format!("{letter}?anyway=1")).await;
    assert!(html.contains("听取人（签名）"), "{html}");
    let unknown = phone.browser.get(&format!("{path}/doc/nothing")).await;
    assert_eq!(unknown.status, 404);
}
