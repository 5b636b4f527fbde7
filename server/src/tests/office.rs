//! What the office does to a record: planning it with its task, its own steps, approvals, and the record's page around it.

use super::blobs::{shows, upload};
use super::harness::{Reply, World};
use crate::demo;
use axum::http::StatusCode;
use shared::domain::event::{Fact, FieldAnswered, Linked, Opened, Value};
use shared::domain::reference::{PowerItem, RefSet};
use shared::id::{FieldId, ProcedureId, RecordId, StepId};

/// The first round of the form for a new task of the second party, an enterprise.
pub(super) fn first_round(csrf: &str, kind: &str, source: &str) -> String {
    format!(
        "csrf={csrf}&subject={}&matter=M25&officer={}&officer={}&planned=2026-11-24&note=%E6%9F%A5\
         &asked=JC-01&f.JC-01.kind={kind}&f.JC-01.source={source}",
        demo::subject(2),
        demo::officer(2),
        demo::officer(3),
    )
}

/// Assigns a task in both rounds; gives its address.
pub(super) async fn assign(world: &World) -> String {
    let (lead, csrf) = world.login("lead").await;
    let form = first_round(&csrf, "case", "complaint")
        + "&asked=JC-06&f.JC-06.why_on_site=%E9%A1%BB%E7%9C%8B%E7%8E%B0%E5%9C%BA";
    let made = world.post("/tasks", &lead, &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    made.headers["location"].to_str().unwrap().to_owned()
}

async fn record_of(world: &World, task: &str) -> String {
    let (head, _) = world.login("head").await;
    let page = world.get(task, &head).await.text();
    let (_, rest) = page.split_once("href=\"/records/").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn page(world: &World, account: &str, path: &str) -> Reply {
    let (cookie, _) = world.login(account).await;
    world.get(path, &cookie).await
}

async fn send(world: &World, account: &str, path: &str, form: &str) -> Reply {
    let (cookie, csrf) = world.login(account).await;
    let reply = world
        .post(path, &cookie, &format!("csrf={csrf}&{form}"))
        .await;
    world.app.run_due_jobs().await.unwrap();
    reply
}

#[tokio::test]
async fn the_first_answers_of_a_task_decide_what_else_is_asked() {
    let world = World::new().await;
    let (lead, csrf) = world.login("lead").await;
    let form = world.get("/tasks/new", &lead).await.text();
    assert!(form.contains("name=\"f.JC-01.kind\"") && !form.contains("JC-02"));
    let none = first_round(&csrf, "", "");
    let refused = world.post("/tasks", &lead, &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("href=\"#f.JC-01.kind\""));
    let routine = first_round(&csrf, "routine", "random");
    let more = world.post("/tasks", &lead, &routine).await;
    assert_eq!(more.status, StatusCode::OK);
    let more = more.text();
    for asked in ["f.JC-02.plan", "f.JC-04.draw", "f.JC-06.why_on_site"] {
        assert!(more.contains(asked), "{asked}");
    }
    assert!(!more.contains("f.JC-05") && !more.contains("f.JC-03"));
    assert!(
        more.contains("value=\"routine\" checked"),
        "what was chosen stays"
    );
    let all = routine
        + "&asked=JC-02&asked=JC-04&asked=JC-06&f.JC-02.plan=A1&f.JC-02.in_plan=yes\
           &f.JC-04.draw=B2&f.JC-04.how=system&f.JC-06.why_on_site=C3";
    let made = world.post("/tasks", &lead, &all).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    world.app.run_due_jobs().await.unwrap();
    let record = record_of(&world, made.headers["location"].to_str().unwrap()).await;
    let shown = world.get(&format!("/records/{record}"), &lead).await.text();
    for words in ["日常检查", "双随机抽查", "A1", "B2", "C3", "JC-07"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // The visits of the year are counted, not asked.
    let count = world
        .get(&format!("/records/{record}/steps/JC-03"), &lead)
        .await
        .text();
    assert!(
        count.contains("name=\"f.JC-03.count\" type=\"number\" value=\"1\""),
        "{count}"
    );
}

#[tokio::test]
async fn an_office_step_is_done_corrected_and_left_out_with_a_reason() {
    let world = World::new().await;
    let record = demo::record(2);
    let step = format!("/records/{record}/steps/JC-19");
    let open = page(&world, "lead", &step).await.text();
    assert!(
        open.contains("name=\"f.JC-19.archived_on\" type=\"date\""),
        "{open}"
    );
    assert!(
        page(&world, "head", &step)
            .await
            .text()
            .contains("由本单位执法队队长办理")
    );
    assert_eq!(
        send(&world, "head", &step, "end=done").await.problem(),
        "forbidden"
    );
    let foreign = send(&world, "lead-liuhe", &step, "end=done").await;
    assert_eq!(foreign.problem(), "not-found");
    let bad = send(&world, "lead", &step, "end=done&f.JC-19.archived_on=soon").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text().contains("请填写日期，例如2026-11-23"));
    let fine =
        "end=done&f.JC-19.index=5%E4%BB%B6&f.JC-19.complete=yes&f.JC-19.archived_on=2026-11-23";
    for _ in 0..2 {
        assert_eq!(
            send(&world, "lead", &step, fine).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let shown = page(&world, "lead", &format!("/records/{record}"))
        .await
        .text();
    assert!(
        shown.contains("2026年11月23日") && shown.contains("5件"),
        "{shown}"
    );
    assert_eq!(
        shown.matches(" · 5件").count(),
        1,
        "sent twice, recorded once"
    );
    let emptied = send(&world, "lead", &step, "end=done&f.JC-19.complete=yes").await;
    assert_eq!(
        emptied.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "what was recorded is not emptied"
    );
    let why = send(&world, "lead", &step, "end=na").await;
    assert!(why.text().contains("请在备注中写明理由"));
    let left = send(&world, "lead", &step, "end=na&note=%E5%90%88%E5%B9%B6").await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert!(page(&world, "lead", &step).await.text().contains("合并"));
    let audit = page(&world, "supervisor", "/audit").await.text();
    assert_eq!(audit.matches("办理办公端步骤").count(), 2);
    let not_office = page(&world, "lead", &format!("/records/{record}/steps/JC-10")).await;
    assert_eq!(not_office.problem(), "step.unknown");
}

#[tokio::test]
async fn the_head_approves_on_the_step_and_the_task_follows() {
    let world = World::new().await;
    let (task, record) = (demo::task(2), demo::record(2));
    let step = format!("/records/{record}/steps/JC-07");
    assert_eq!(
        send(&world, "lead", &step, "end=approve").await.problem(),
        "forbidden"
    );
    let silent = send(&world, "head", &step, "end=deny").await;
    assert!(silent.text().contains("请写明理由"));
    let denied = send(&world, "head", &step, "end=deny&note=%E5%86%8D%E8%AE%AE").await;
    assert_eq!(denied.status, StatusCode::SEE_OTHER);
    assert!(
        page(&world, "head", &format!("/tasks/{task}"))
            .await
            .text()
            .contains("未批准")
    );
    for _ in 0..2 {
        let granted = send(&world, "head", &step, "end=approve&note=%E5%90%8C%E6%84%8F").await;
        assert_eq!(granted.status, StatusCode::SEE_OTHER);
    }
    assert!(
        page(&world, "head", &format!("/tasks/{task}"))
            .await
            .text()
            .contains("已批准")
    );
    let audit = page(&world, "supervisor", "/audit").await.text();
    assert_eq!(
        audit.matches(">批准步骤<").count(),
        1,
        "pressed twice, approved once"
    );
}

#[tokio::test]
async fn a_page_shows_power_pictures_answers_and_linked_records() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let (record, other) = (demo::record(1), RecordId::from_bytes([0x77; 16]));
    let bytes = b"\xff\xd8\xff a picture".to_vec();
    let items = crate::store::refs::checklist;
    let list = world
        .app
        .store
        .read(move |tx| items(tx, "M12", None))
        .await
        .unwrap()
        .unwrap();
    let answer = |field: &str, value: Value| -> Fact {
        FieldAnswered {
            step: StepId::new("JC-13").unwrap(),
            field: FieldId::new(field).unwrap(),
            value,
        }
        .into()
    };
    let first = list.items[0].id.to_string();
    let facts = [
        shows("JC-13", &bytes),
        shows("JC-13", b"never sent"),
        answer("checklist", Value::Text(list.key())),
        answer(&first, Value::Choice("fail".to_owned())),
        answer(&format!("{first}.note"), Value::Text("纸箱三只".to_owned())),
        Linked {
            other,
            relation: "leads_to".to_owned(),
        }
        .into(),
    ];
    let commit = phone.commit(record, world.now(), &facts);
    phone.pushed(&world, &[commit]).await;
    upload(&world, &phone, &bytes).await;
    world.app.run_due_jobs().await.unwrap();
    let shown = page(&world, "head", &format!("/records/{record}"))
        .await
        .text();
    for words in [
        "照片 1/2 已上传",
        "全部上传后，本记录才算完整",
        "北纬34.123456°，东经113.654321°，误差±12米",
        "原图指纹",
        "loading=\"lazy\"",
        "尚未上传",
        "省级赋权（S2）",
        "示例清单（2026年版）",
        "不合格",
        "纸箱三只",
        "引出",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("leads_to"), "{shown}");
    let list = page(&world, "head", "/records").await.text();
    assert!(list.contains("照片 1/2 已上传") && list.contains("星河便民超市"));
    assert!(
        !page(&world, "lead-liuhe", "/records")
            .await
            .text()
            .contains("星河便民超市")
    );
    let english = world.login("head").await.0 + "; lang=en";
    let english = world
        .get(&format!("/records/{record}"), &english)
        .await
        .text();
    assert!(english.contains("Photos 1/2 uploaded") && english.contains("Leads to"));
}

#[tokio::test]
async fn shipped_data_is_there_again_after_a_restart_without_new_versions() {
    let world = World::new().await;
    let versions = |tx: &crate::store::ReadTx<'_>| crate::store::refs::versions(tx);
    let before = world.app.store.read(versions).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(world.app.store.read(versions).await.unwrap(), before);
    let power: Vec<PowerItem> = world
        .app
        .store
        .read(|tx| crate::store::refs::power_of(tx, "M18"))
        .await
        .unwrap();
    assert_eq!(power.len(), 2, "before and after the delegation");
    assert!(before.iter().any(|v| v.set == RefSet::Laws));
    assert!(before.iter().any(|v| v.set == RefSet::Checklists));
}

#[tokio::test]
async fn an_official_text_is_looked_at_imported_kept_and_removed() {
    let world = World::new().await;
    let (admin, csrf) = world.login("admin").await;
    let law = "%E6%B6%88%E9%98%B2%E6%B3%95";
    let post = |act: &str, text: &str| format!("csrf={csrf}&law={law}&act={act}&text={text}");
    let one = "%E7%AC%AC%E4%B8%80%E6%9D%A1%E3%80%80%E7%94%B2%E4%B9%99%E4%B8%99%0A";
    let two = "%E7%AC%AC%E4%BA%8C%E6%9D%A1%E3%80%80%E4%B8%81%E6%88%8A%0A";
    let wrong = world
        .post("/laws", &admin, &post("import", &format!("{two}{one}")))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text().contains("第2行：第1条排在第2条之后"),
        "{}",
        wrong.text()
    );
    let text = format!("{one}{two}");
    let look = world.post("/laws", &admin, &post("preview", &text)).await;
    assert!(look.text().contains("尚未导入") && look.text().contains("甲乙丙"));
    let imported = |page: &str| page.contains("撤下法律原文");
    assert!(
        !imported(&world.get("/laws", &admin).await.text()),
        "nothing changed yet"
    );
    let done = world.post("/laws", &admin, &post("import", &text)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let world = world.restarted().await;
    assert!(imported(&world.get("/laws", &admin).await.text()));
    let phone = world.phone(2).await;
    let pulled = phone.pull(&world, world.app.keys.epoch, 0).await;
    let laws = pulled.refs.iter().filter(|delta| delta.set == RefSet::Laws);
    let mut bodies = laws
        .flat_map(|delta| &delta.upserts)
        .map(|row| row.body.to_vec());
    assert!(bodies.any(|body| String::from_utf8_lossy(&body).contains("甲乙丙")));
    world.post("/laws", &admin, &post("remove", "")).await;
    assert!(!imported(&world.get("/laws", &admin).await.text()));
}

#[tokio::test]
async fn what_is_on_no_power_list_is_not_approved_and_the_page_says_why() {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let record = RecordId::from_bytes([0x66; 16]);
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").unwrap(),
        version: 2,
        unit: demo::unit(1),
        subject: Some(demo::subject(1)),
        subject_name: "星河便民超市（示例）".to_owned(),
        place: "云溪镇".to_owned(),
        matter: "X99".to_owned(),
        task: None,
        urgent: None,
        officers: vec![demo::officer(2), demo::officer(3)],
    };
    let commit = phone.commit(record, world.now(), &[opened.into()]);
    phone.pushed(&world, &[commit]).await;
    let step = format!("/records/{record}/steps/JC-07");
    let refused = send(&world, "head", &step, "end=approve").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = refused.text();
    assert!(
        refused.contains("依法暂不能办理") && refused.contains("行政处罚法第24条"),
        "{refused}"
    );
    let denied = send(&world, "head", &step, "end=deny&note=x").await;
    assert_eq!(denied.status, StatusCode::SEE_OTHER);
}
