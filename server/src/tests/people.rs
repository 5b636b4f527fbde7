//! One person's page, accounts, and the figures of staffing as the page shows them.

use super::harness::{Phone, shows_a_key};
use super::import::{Desk, UNIT};
use super::visits::{push, record, visit};
use crate::demo;
use crate::store::{gaps, log};
use axum::http::StatusCode;
use shared::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use shared::log::commit::Mode;

fn path(number: u8) -> String {
    format!("/officers/{}", demo::officer(number))
}

/// Presses a button on a person's page.
async fn press(desk: &Desk, number: u8, form: &str) -> super::harness::Reply {
    let form = format!("csrf={}&{form}", desk.csrf);
    desk.world.post(&path(number), &desk.cookie, &form).await
}

#[tokio::test]
async fn a_certificate_that_is_ended_or_added_has_the_records_judged_again() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let mut phone = world.phone(2).await;
    let from = world.now();
    world.pass(2 * HOUR_MS);
    let facts = visit(from, from.plus_millis(HOUR_MS), "云溪镇");
    push(world, &mut phone, record(1), &facts).await;
    let found = async |rule: &str| {
        world.app.run_due_jobs().await.unwrap();
        let read = world.app.store.read(|tx| gaps::of_record(tx, record(1)));
        let gaps = read.await.unwrap();
        gaps.iter()
            .any(|gap| gap.status != gaps::Status::Cured && gap.rule == rule)
    };
    assert!(!found("R02").await);
    let held = desk.officers().await["王建国"].certificates[0].clone();
    let end = |last: &str| format!("act=certificate-end&held={}&last={last}", held.number);
    for last in ["2035-01-01", "2001-01-01", "soon"] {
        let reply = press(&desk, 3, &end(last)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{last}");
    }
    assert_eq!(
        press(&desk, 3, &end("2026-11-22")).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(found("R02").await);
    let add = |number: &str, from: &str, to: &str| {
        format!("act=certificate-add&number={number}&from={from}&to={to}")
    };
    for (form, words) in [
        (add("", "2026-11-23", "2031-11-22"), "请填写证号"),
        (add("示例60001", "", "2031-11-22"), "请填写日期"),
        (
            add("示例60001", "2026-11-23", "2026-11-22"),
            "有效期止早于有效期起",
        ),
        (
            add("示例00010002", "2026-11-23", "2031-11-22"),
            "这个证号已经登记",
        ),
    ] {
        let reply = press(&desk, 3, &form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.text().contains(words), "{words}");
    }
    let good = add("示例60001", "2026-11-23", "2031-11-22");
    assert_eq!(press(&desk, 3, &good).await.status, StatusCode::SEE_OTHER);
    assert!(!found("R02").await);
    assert_eq!(desk.officers().await["王建国"].certificates.len(), 2);
    let audit = desk.audit().await;
    assert!(audit.contains("登记执法证") && audit.contains("终止执法证"));
    assert!(
        audit.contains("王建国 示例60001 2026-11-23 – 2031-11-22"),
        "{audit}"
    );
    // Auxiliary staff hold nothing that counts.
    let staff = "act=staff&employment=auxiliary&on_post=yes";
    assert_eq!(press(&desk, 3, staff).await.status, StatusCode::SEE_OTHER);
    assert!(desk.officers().await["王建国"].auxiliary);
    assert!(found("R04").await);
}

#[tokio::test]
async fn a_persons_page_is_the_administrators_and_leads_on() {
    let desk = Desk::new().await;
    desk.world.phone(2).await;
    let list = desk.world.get("/officers", &desk.cookie).await.text();
    assert!(list.contains(&format!("href=\"{}\"", path(2))));
    let page = desk.world.get(&path(2), &desk.cookie).await.text();
    for words in ["李晓燕", "示例00010002", "测试手机", "officer", "执法人员"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let link = format!("/enrol?officer={}", demo::officer(2));
    assert!(page.contains(&link));
    let enrol = desk.world.get(&link, &desk.cookie).await.text();
    assert!(enrol.contains(&format!("value=\"{}\" selected", demo::officer(2))));
    let cookie = format!("{}; lang=en", desk.cookie);
    for path in [path(2), "/import".to_owned(), "/posts".to_owned()] {
        let english = desk.world.get(&path, &cookie).await.text();
        assert!(!shows_a_key(&english), "{path}");
    }
    let (lead, _) = desk.world.login("lead").await;
    let list = desk.world.get("/officers", &lead).await.text();
    assert!(!list.contains("href=\"/officers/"));
    let nobody = format!("/officers/{}", demo::subject(1));
    let reply = desk.world.get(&nobody, &desk.cookie).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
}

/// The number of a person's first account, as their page has it.
async fn account(desk: &Desk, number: u8) -> String {
    let page = desk.world.get(&path(number), &desk.cookie).await.text();
    let (_, after) = page.split_once("name=\"id\" value=\"").unwrap();
    after.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn roles_are_given_and_taken_and_nobody_locks_themselves_out() {
    let desk = Desk::new().await;
    let id = account(&desk, 2).await;
    let (officer, _) = desk.world.login("officer").await;
    let sees = async || desk.world.get("/posts", &officer).await.status == StatusCode::OK;
    assert!(!sees().await);
    let grant = format!("act=role-grant&id={id}&role=training-manager");
    assert_eq!(press(&desk, 2, &grant).await.status, StatusCode::SEE_OTHER);
    assert!(sees().await, "as of the next request");
    let take = format!("act=role-take&id={id}&role=training-manager");
    press(&desk, 2, &take).await;
    assert!(!sees().await);
    // An account is changed on its owner's page only.
    let reply = press(&desk, 3, &grant).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let own = account(&desk, 11).await;
    for act in ["role-take", "account-disable"] {
        let form = format!("act={act}&id={own}&role=admin");
        let reply = press(&desk, 11, &form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        assert!(reply.text().contains("不能停用自己的账号"));
    }
    press(&desk, 2, &format!("act=account-disable&id={id}")).await;
    assert_eq!(
        desk.world.get("/records", &officer).await.status,
        StatusCode::SEE_OTHER,
        "its sessions end"
    );
    let audit = desk.audit().await;
    for words in [
        "授予角色",
        "撤销角色",
        "停用账号",
        "officer training-manager",
    ] {
        assert!(audit.contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_new_accounts_password_is_good_for_choosing_another() {
    let desk = Desk::new().await;
    let world = &desk.world;
    for (form, words) in [
        ("account=x&role=officer", "账号名应为"),
        ("account=a%20b&role=officer", "账号名应为"),
        ("account=lead&role=officer", "已有这个账号名"),
        ("account=wang&role=king", "请选择角色"),
    ] {
        let reply = press(&desk, 3, &format!("act=account-add&{form}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.text().contains(words), "{words}");
    }
    let made = press(&desk, 3, "act=account-add&account=wang&role=squad-lead").await;
    let made = made.text();
    let (_, after) = made.split_once("id=\"password\">").unwrap();
    let first = after.split_once('<').unwrap().0.to_owned();
    let page = world.get(&path(3), &desk.cookie).await.text();
    assert!(
        page.contains("wang") && !page.contains(&first),
        "shown once"
    );
    let reply = world.try_login("wang", &first).await;
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split_once(';').unwrap().0.to_owned();
    for path in ["/", "/records", "/posts"] {
        let reply = world.get(path, &cookie).await;
        assert_eq!(reply.headers["location"], "/password", "{path}");
    }
    let page = world.get("/password", &cookie).await.text();
    let (_, csrf) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = csrf.split_once('"').unwrap().0;
    let choose = async |current: &str, new: &str, again: &str| {
        let form = format!("csrf={csrf}&current={current}&new={new}&again={again}");
        world.post("/password", &cookie, &form).await
    };
    for (current, new, again) in [
        (&*first, "short", "short"),
        (&*first, &*first, &*first),
        (&*first, "a-longer-one", "a-longer-two"),
        ("wrong", "a-longer-one", "a-longer-one"),
    ] {
        let reply = choose(current, new, again).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
    }
    let done = choose(&first, "a-longer-one", "a-longer-one").await;
    assert_eq!(done.headers["location"], "/");
    assert_eq!(world.get("/", &cookie).await.status, StatusCode::OK);
    assert_eq!(
        world.try_login("wang", &first).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert!(desk.audit().await.contains("修改密码"));
}

const ROSTER: &str = "姓名,单位,证件号,日期,工作类别,小时数,借调抽调去向";

/// What a page says without its marks.
fn words(page: &str) -> String {
    let parts = page.split('<').filter_map(|part| part.split_once('>'));
    let texts = parts.map(|(_, text)| text.trim());
    texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("|")
}

#[tokio::test]
async fn the_figures_are_counted_from_roster_and_records_and_a_drill_changes_nothing() {
    let mut desk = Desk::new().await;
    // To 3 March 2027, away from the demo's roster.
    desk.world.pass(100 * DAY_MS);
    (desk.cookie, desk.csrf) = desk.world.login("admin").await;
    let world = &desk.world;
    let show = async || {
        let path = format!("/posts?period=2027-03&unit={}", demo::unit(1));
        world.get(&path, &desk.cookie).await.text()
    };
    let empty = show().await;
    assert!(empty.contains("本期还没有排班") && empty.contains("href=\"/import\""));
    let file = format!(
        "{ROSTER}\n李晓燕,{UNIT},,2027-03-02,执法,6,\n李晓燕,{UNIT},,2027-03-02,其他工作,2,\n\
         李晓燕,{UNIT},,2027-01-09,其他工作,8,示例县应急局\n王建国,{UNIT},,2027-03-03,培训,8,\n\
         孙志强,{UNIT},,2027-03-04,执法,4,\n周小梅,{UNIT},,2027-03-05,执法,4,\n周小梅,{UNIT},,2027-03-06,执法,4,\n"
    );
    let preview = desk.look("roster", file.as_bytes()).await.text();
    desk.confirm("roster", &preview).await;
    let mut phone = world.phone(2).await;
    let from = world.now();
    world.pass(6 * HOUR_MS);
    let facts = visit(from, from.plus_millis(90 * MINUTE_MS), "云溪镇");
    push(world, &mut phone, record(1), &facts).await;
    world.app.run_due_jobs().await.unwrap();
    let form = format!(
        "csrf={}&unit={}&count=8&period=2027-03",
        desk.csrf,
        demo::unit(1)
    );
    let reply = world.post("/posts", &desk.cookie, &form).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let page = show().await;
    let told = words(&page);
    for expected in [
        // Seven people of the office hold or held a certificate, two of which have ended.
        "5÷8（62.5%）",
        "7÷8（87.5%）",
        // 6 + 4 + 4 + 4 of 6 + 2 + 8 + 4 + 8.
        "18÷28（64.3%）",
        // An hour and a half of two people.
        "|3小时|",
        "|1天|",
        "记录不足两年，不作判断",
        "疑似管理缺口：2人不宜排入执法班次",
        "孙志强（当日无有效执法证）· 云溪镇人民政府（示例）",
        "周小梅（辅助人员）· 云溪镇人民政府（示例）",
        "2027年3月5日、2027年3月6日",
        "李晓燕|未登记|是|有效期至2028年10月23日|6÷8|1.5小时|1天|2027年3月3日|",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(page.contains("sev sev-G0"));
    // The same visit as a drill, by a device that practises.
    let mut drill = Phone {
        mode: Mode::Drill,
        ..world.phone(3).await
    };
    let facts = visit(
        from.plus_millis(2 * HOUR_MS),
        from.plus_millis(4 * HOUR_MS),
        "演练场",
    );
    push(world, &mut drill, record(2), &facts).await;
    world.app.run_due_jobs().await.unwrap();
    let read = world.app.store.read(|tx| log::record(tx, record(2)));
    assert!(read.await.unwrap().is_some_and(|row| row.drill), "it came");
    assert_eq!(words(&show().await), told);
    let quarter = world
        .get("/posts?period=2027-Q1", &desk.cookie)
        .await
        .text();
    // The eight hours on loan in January are duty of the quarter.
    assert!(quarter.contains("18÷36（50%）"), "{quarter}");
}

#[tokio::test]
async fn an_office_sees_its_own_figures_and_only_the_administrator_sets_posts() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let (lead, csrf) = world.login("lead").await;
    let page = world
        .get(&format!("/posts?unit={}", demo::unit(3)), &lead)
        .await
        .text();
    assert!(page.contains("云溪镇") && !page.contains("柳河镇") && !page.contains("高云峰"));
    assert!(!page.contains("name=\"count\"") && !page.contains("href=\"/officers/"));
    let form = format!("csrf={csrf}&unit={}&count=3", demo::unit(1));
    let reply = world.post("/posts", &lead, &form).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    for count in ["-1", "many", "10000", "1.5"] {
        let form = format!("csrf={}&unit={}&count={count}", desk.csrf, demo::unit(1));
        let reply = world.post("/posts", &desk.cookie, &form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{count}");
        assert!(reply.text().contains("岗位数应为0至9999的整数"));
    }
    let csv = world.get("/posts?format=csv", &lead).await.text();
    assert!(csv.contains("云溪镇") && !csv.contains("柳河镇"), "{csv}");
    let people = format!("/posts?unit={}&format=csv", demo::unit(1));
    let csv = world.get(&people, &lead).await.text();
    assert!(
        csv.contains("李晓燕") && csv.starts_with('\u{feff}'),
        "{csv}"
    );
    let english = world
        .get("/posts", &format!("{lead}; lang=en"))
        .await
        .text();
    assert!(!shows_a_key(&english), "{english}");
}
