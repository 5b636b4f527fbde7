//! Pages: login, tasks and their approval, forms that say what is wrong, two languages.

use super::harness::{World, shows_a_key};
use crate::demo;
use axum::http::StatusCode;
use shared::text::{Lang, find};

#[tokio::test]
async fn a_wrong_password_says_so_and_ten_close_the_door() {
    let world = World::new().await;
    for _ in 0..10 {
        let reply = world.try_login("lead", "wrong").await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            reply.text().contains("账号或密码不正确") && reply.text().contains("value=\"lead\"")
        );
    }
    let closed = world.try_login("lead", demo::PASSWORD).await;
    assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
    world.pass(11 * shared::instant::MINUTE_MS);
    assert_eq!(
        world.try_login("lead", demo::PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_session_ends_by_logout_and_by_time() {
    let world = World::new().await;
    let (cookie, csrf) = world.login("lead").await;
    let out = world
        .post("/logout", &cookie, &format!("csrf={csrf}"))
        .await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::SEE_OTHER);
    let (cookie, _) = world.login("lead").await;
    world.pass(13 * shared::instant::HOUR_MS);
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_task_is_assigned_then_approved_once() {
    let world = World::new().await;
    let (lead, _) = world.login("lead").await;
    let task = super::office::assign(&world).await;
    assert!(world.get(&task, &lead).await.text().contains("待审批"));
    let (head, csrf) = world.login("head").await;
    let empty = world
        .post(
            &format!("{task}/deny"),
            &head,
            &format!("csrf={csrf}&note="),
        )
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().contains("请写明理由"));
    let yes = format!("csrf={csrf}&note=%E5%90%8C%E6%84%8F");
    for _ in 0..2 {
        let reply = world.post(&format!("{task}/approve"), &head, &yes).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
    }
    let page = world.get(&task, &head).await.text();
    assert!(page.contains("已批准") && page.contains("吴海涛"));
    let record = page
        .split_once("href=\"/records/")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0;
    let page = world.get(&format!("/records/{record}"), &head).await.text();
    assert_eq!(
        page.matches("<strong>审批</strong>").count(),
        1,
        "approved once"
    );
}

#[tokio::test]
async fn a_form_shows_its_errors_and_what_was_typed() {
    let world = World::new().await;
    let (lead, csrf) = world.login("lead").await;
    let form = format!(
        "csrf={csrf}&subject={}&matter=&officer={}&planned=soon&note=keep+this",
        demo::subject(2),
        demo::officer(2),
    );
    let reply = world.post("/tasks", &lead, &form).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text();
    assert!(page.contains("error-summary") && page.contains("href=\"#matter\""));
    assert!(page.contains("请选择本单位至少两名执法人员") && page.contains("请填写计划日期"));
    assert!(page.contains("keep this") && page.contains("value=\"soon\""));
    assert!(page.contains(&format!("value=\"{}\" selected", demo::subject(2))));
    assert!(page.contains(&format!("value=\"{}\" checked", demo::officer(2))));
    let stale = world.post("/tasks", &lead, "csrf=old").await;
    assert_eq!(stale.problem(), "csrf.invalid");
}

#[tokio::test]
async fn an_enrolment_link_is_made_for_an_officer() {
    let world = World::new().await;
    let (admin, csrf) = world.login("admin").await;
    let none = world
        .post("/enrol", &admin, &format!("csrf={csrf}&officer="))
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("csrf={csrf}&officer={}", demo::officer(2));
    let page = world.post("/enrol", &admin, &form).await.text();
    assert!(page.contains("/field/enrol#"), "{page}");
    let audit = world.get("/audit", &admin).await.text();
    assert!(audit.contains("生成设备登记链接") && !audit.contains("下达检查任务"));
}

#[tokio::test]
async fn every_page_speaks_both_languages() {
    let world = World::new().await;
    let (cookie, _) = world.login("supervisor").await;
    for path in [
        "/",
        "/tasks",
        "/records",
        "/gaps",
        "/gaps?severity=3&status=cured",
        "/gaps/heat",
        "/deadlines",
        "/deadlines?when=later",
        "/officers",
        "/posts",
        "/devices",
        "/audit",
        "/password",
    ] {
        let zh = world.get(path, &cookie).await.text();
        let en = world.get(path, &format!("{cookie}; lang=en")).await.text();
        assert!(
            zh.contains("<html lang=\"zh-CN\">") && en.contains("<html lang=\"en\">"),
            "{path}"
        );
        assert!(!shows_a_key(&zh), "{path}: {zh}");
        assert!(!shows_a_key(&en), "{path}: {en}");
        // The visitor's own name, if nothing else.
        assert!(en.contains("<span lang=\"zh-CN\">许国平</span>"), "{path}");
        assert!(!zh.contains("<span lang="), "{path}");
    }
    let switched = world.get("/lang/en?back=//evil.example", "").await;
    assert_eq!(switched.headers["location"], "/");
}

#[tokio::test]
async fn certificates_show_who_may_not_go() {
    let world = World::new().await;
    let (cookie, _) = world.login("lead").await;
    let page = world.get("/officers", &cookie).await.text();
    for words in ["孙志强", "已过期", "即将到期", "辅助人员"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("高云峰"), "an officer of another office");
}

#[tokio::test]
async fn health_and_unknown_pages() {
    let world = World::new().await;
    let health = world.get("/healthz", "").await;
    assert_eq!(health.json()["status"], "ok");
    let nothing = world.get("/nothing", "").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert!(nothing.text().contains("没有这个页面或记录"));
    let wrong = world
        .get(&format!("/tasks/{}/approve", demo::task(1)), "")
        .await;
    assert_eq!(wrong.problem(), "not-found");
    let field = world.get("/field/", "").await;
    assert_ne!(field.status, StatusCode::NOT_FOUND);
}

#[test]
fn acts_and_roles_have_their_words() {
    let acts = crate::store::audit::Act::ALL.iter();
    let acts = acts.map(|act| format!("console.audit.act.{}", act.code()));
    let roles = crate::Role::ALL.map(|role| format!("console.role.{}", role.code()));
    for key in acts.chain(roles) {
        assert!(find(Lang::Zh, &key).is_some(), "{key}");
    }
}

#[tokio::test]
async fn a_records_documents_are_shown_and_those_of_other_procedures_are_not_there() {
    let world = World::new().await;
    let (cookie, _) = world.login("supervisor").await;
    let record = format!("/records/{}", demo::record(1));
    let page = world.get(&record, &cookie).await;
    assert!(
        page.text()
            .contains(&format!("{record}/doc/on_site_record"))
    );
    let page = world
        .get(&format!("{record}/doc/on_site_record"), &cookie)
        .await;
    let text = page.text();
    for part in [
        "现场检查笔录",
        "验证码",
        "data-print",
        "模板待司法行政部门审核",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for kind in ["correction_order", "nonsense"] {
        let reply = world.get(&format!("{record}/doc/{kind}"), &cookie).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{kind}");
    }
}
