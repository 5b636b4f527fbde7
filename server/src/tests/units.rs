//! Offices: added, renamed and taken away by an administrator, each with a line in the audit log.

use super::harness::{Reply, World};
use crate::demo;
use crate::store::refs;
use axum::http::StatusCode;
use shared::id::UnitId;

struct Desk {
    world: World,
    cookie: String,
    csrf: String,
}

impl Desk {
    async fn new() -> Self {
        let world = World::new().await;
        let (cookie, csrf) = world.login("admin").await;
        Self {
            world,
            cookie,
            csrf,
        }
    }

    async fn page(&self, path: &str) -> String {
        self.world.get(path, &self.cookie).await.text()
    }

    async fn post(&self, path: &str, name: &str) -> Reply {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &self.csrf)
            .append_pair("name", name)
            .finish();
        self.world.post(path, &self.cookie, &form).await
    }

    async fn called(&self, name: &str) -> Option<UnitId> {
        let units = self.world.app.store.read(refs::units).await.unwrap();
        units.values().find(|u| u.name == name).map(|u| u.id)
    }

    /// The words of the acts in the audit log, newest first.
    async fn audit(&self) -> String {
        self.page("/audit?format=csv").await
    }
}

#[tokio::test]
async fn an_office_is_added_once_with_blanks_cut_off() {
    let desk = Desk::new().await;
    let reply = desk.post("/units", "  青石镇人民政府（示例） ").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let id = desk.called("青石镇人民政府（示例）").await.unwrap();
    assert_eq!(
        reply.headers["location"].to_str().unwrap(),
        format!("/units?at={id}")
    );
    let page = desk.page(&format!("/units?at={id}")).await;
    assert!(page.contains("已保存：青石镇人民政府（示例）"), "{page}");
    for (name, words) in [
        ("青石镇人民政府(示例)", "已有同名单位"),
        ("镇", "2至60个字"),
        ("", "2至60个字"),
        (&"镇".repeat(61), "2至60个字"),
    ] {
        let reply = desk.post("/units", name).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let page = reply.text();
        assert!(page.contains(words) && page.contains("href=\"#name\""));
        // What was typed is still there.
        assert!(page.contains(&format!("value=\"{name}\"")), "{page}");
    }
    let audit = desk.audit().await;
    assert_eq!(audit.matches("添加单位").count(), 1, "{audit}");
    assert!(audit.contains(&format!("{id} 青石镇人民政府（示例）")));
}

#[tokio::test]
async fn a_new_name_is_everywhere_and_the_old_one_in_the_log() {
    let desk = Desk::new().await;
    let path = format!("/units/{}", demo::unit(1));
    let new = "云溪街道办事处（示例）";
    assert_eq!(desk.post(&path, new).await.status, StatusCode::SEE_OTHER);
    // Again: nothing changes, nothing is written.
    assert_eq!(desk.post(&path, new).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.called(new).await, Some(demo::unit(1)));
    let (head, _) = desk.world.login("head").await;
    let tasks = desk.world.get("/tasks?format=csv", &head).await.text();
    assert!(tasks.contains(new) && !tasks.contains("云溪镇人民政府（示例）"));
    let audit = desk.audit().await;
    assert_eq!(audit.matches("单位改名").count(), 1, "{audit}");
    assert!(
        audit.contains(&format!("云溪镇人民政府（示例） → {new}")),
        "{audit}"
    );
    let taken = desk.post(&path, "柳河镇人民政府（示例）").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = taken.text();
    let field = format!("id=\"name-{}\"", demo::unit(1));
    assert!(page.contains(&field) && page.contains(&format!("href=\"#name-{}\"", demo::unit(1))));
    let nobody = format!("/units/{}", UnitId::from_bytes([9; 16]));
    for path in [nobody.as_str(), "/units/nonsense"] {
        let reply = desk.post(path, "某镇人民政府").await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn only_an_office_that_nothing_refers_to_is_taken_away() {
    let desk = Desk::new().await;
    let page = desk.page("/units").await;
    assert!(
        page.contains("不能删除") && !page.contains("/remove\""),
        "{page}"
    );
    let used = format!("/units/{}/remove", demo::unit(1));
    let reply = desk.post(&used, "").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("没有删除"), "{}", reply.text());
    assert!(desk.called("云溪镇人民政府（示例）").await.is_some());
    desk.post("/units", "青石镇人民政府").await;
    let id = desk.called("青石镇人民政府").await.unwrap();
    let page = desk.page("/units").await;
    assert!(page.contains(&format!("action=\"/units/{id}/remove\"")));
    let reply = desk.post(&format!("/units/{id}/remove"), "").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.called("青石镇人民政府").await, None);
    let audit = desk.audit().await;
    assert_eq!(audit.matches("删除单位").count(), 1, "{audit}");
}

#[tokio::test]
async fn the_list_counts_people_devices_and_records() {
    let desk = Desk::new().await;
    let file = |text: String| {
        let own = text.lines().find(|line| line.starts_with("云溪镇"));
        let cells = own.unwrap().split(',').skip(1);
        let numbers: Vec<u32> = cells.map(|cell| cell.parse().unwrap()).collect();
        numbers
    };
    let before = file(desk.page("/units?format=csv").await);
    let phone = desk.world.phone(2).await;
    let after = file(desk.page("/units?format=csv").await);
    assert_eq!(after, [before[0], before[1] + 1, before[2]]);
    assert!(before[0] > 3 && before[2] > 0, "{before:?}");
    // One that was revoked is no device of the office any more.
    desk.post(&format!("/devices/{}/revoke", phone.feed), "")
        .await;
    assert_eq!(file(desk.page("/units?format=csv").await), before);
}

#[tokio::test]
async fn a_device_is_listed_with_its_office_to_whoever_looks_after_it() {
    let desk = Desk::new().await;
    let phone = desk.world.phone(2).await;
    let id = phone.feed.to_string();
    let list = async |account: &str, path: &str| {
        let (cookie, _) = desk.world.login(account).await;
        desk.world.get(path, &cookie).await.text()
    };
    for (account, sees) in [
        ("lead", true),
        ("supervisor", true),
        ("admin", true),
        ("lead-liuhe", false),
    ] {
        let file = list(account, "/devices?format=csv").await;
        assert_eq!(file.contains(&id), sees, "{account}");
        assert_eq!(file.contains("李晓燕,云溪镇人民政府（示例）"), sees);
        let page = list(account, "/devices").await;
        assert_eq!(page.contains("测试手机"), sees, "{account}");
        // Only the administrator revokes, and reads first what that means.
        let form = format!("action=\"/devices/{id}/revoke\"");
        assert_eq!(page.contains(&form), account == "admin", "{account}");
    }
    let nothing = list("lead-liuhe", "/devices").await;
    assert!(nothing.contains("登记链接由系统管理员生成"), "{nothing}");
    assert!(list("admin", "/devices").await.contains("停用不能撤销"));
}
