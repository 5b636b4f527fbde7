//! Lists from files: a wrong cell is named and changes nothing, a good file is looked at and then applied, once.

use super::harness::{Reply, World, shows_a_key};
use crate::demo;
use crate::import::read;
use crate::store::refs;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use shared::domain::reference::{Officer, Subject, SubjectKind};
use std::collections::BTreeMap;

pub(super) const UNIT: &str = "云溪镇人民政府（示例）";

/// An administrator at the page.
pub(super) struct Desk {
    pub(super) world: World,
    pub(super) cookie: String,
    pub(super) csrf: String,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let (cookie, csrf) = world.login("admin").await;
        Self {
            world,
            cookie,
            csrf,
        }
    }

    async fn post(&self, parts: &[(&str, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (name, value) in [("csrf", self.csrf.as_bytes())].iter().chain(parts) {
            let mut head = format!("--x-y-z\r\nContent-Disposition: form-data; name=\"{name}\"");
            // As a browser sends it.
            if *name == "file" {
                head.push_str("; filename=\"名单.xlsx\"\r\nContent-Type: application/octet-stream");
            }
            body.extend([head.as_bytes(), b"\r\n\r\n", value, b"\r\n"].concat());
        }
        body.extend(b"--x-y-z--\r\n");
        let request = Request::post("/import")
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x-y-z");
        self.world
            .send(request.body(Body::from(body)).unwrap())
            .await
    }

    pub(super) async fn look(&self, list: &str, file: &[u8]) -> Reply {
        let parts = [("list", list.as_bytes()), ("file", file)];
        self.post(&parts).await
    }

    /// Presses the preview's button.
    pub(super) async fn confirm(&self, list: &str, preview: &str) -> Reply {
        let (rows, digest) = (hidden(preview, "rows"), hidden(preview, "digest"));
        // As a browser sends the lines of a field.
        let rows = rows.replace('\n', "\r\n");
        let parts = [
            ("list", list.as_bytes()),
            ("act", b"apply"),
            ("rows", rows.as_bytes()),
            ("digest", digest.as_bytes()),
        ];
        self.post(&parts).await
    }

    pub(super) async fn officers(&self) -> BTreeMap<String, Officer> {
        let all = self.world.app.store.read(refs::officers).await.unwrap();
        all.into_values().map(|o| (o.name.clone(), o)).collect()
    }

    async fn subjects(&self) -> BTreeMap<String, Subject> {
        let all = self.world.app.store.read(refs::subjects).await.unwrap();
        all.into_values().map(|s| (s.name.clone(), s)).collect()
    }

    pub(super) async fn audit(&self) -> String {
        self.world.get("/audit", &self.cookie).await.text()
    }
}

/// A hidden field's value as the browser has it.
fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&mark)
        .unwrap_or_else(|| panic!("{name}: {page}"));
    let escaped = rest.split_once('"').unwrap().0;
    let mut text = escaped.to_owned();
    for (entity, sign) in [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
    ] {
        text = text.replace(entity, sign);
    }
    text.replace("&#38;", "&")
}

/// A workbook of texts; the cells in `days` are Excel dates.
fn workbook(rows: &[&[&str]], days: &[(u32, u16)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let shown = Format::new().set_num_format("yyyy-mm-dd");
    for (line, row) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*row) {
            if days.contains(&(line, column)) {
                let day = ExcelDateTime::parse_from_str(text).unwrap();
                sheet
                    .write_datetime_with_format(line, column, &day, &shown)
                    .unwrap();
            } else {
                sheet.write_string(line, column, *text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

const HEAD: [&str; 6] = ["姓名", "单位", "辅助人员", "证件号", "有效期起", "有效期止"];

#[tokio::test]
async fn a_broken_workbook_names_every_wrong_cell_and_changes_nothing() {
    let desk = Desk::new().await;
    let before = desk.officers().await;
    let file = workbook(
        &[
            &HEAD,
            &[
                "新人甲",
                UNIT,
                "否",
                "示例90001",
                "2026-01-01",
                "2030-12-31",
            ],
            &[
                "新人乙",
                "没有的镇",
                "不是",
                "示例90002",
                "2026-01-01",
                "2030-12-31",
            ],
            &[],
            &[
                "新人丙",
                UNIT,
                "否",
                "示例90003",
                "2026-01-01",
                "2026-13-01",
            ],
            &["", UNIT, "否", "示例90004", "2026-05-01", "2026-04-01"],
            &["新人丁", UNIT, "否", "示例90001", "2026-01-01", ""],
            &[
                "新人戊",
                UNIT,
                "否",
                "示例90001",
                "2026-01-01",
                "2030-12-31",
            ],
        ],
        &[],
    );
    let reply = desk.look("officers", &file).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text();
    for words in [
        "文件有7处错误",
        "第3行B列（单位）：没有名称为“没有的镇”的单位",
        "第3行C列（辅助人员）：“不是”应为“是”或“否”",
        "第5行F列（有效期止）：“2026-13-01”不是日期",
        "第6行A列（姓名）：没有填写",
        "第6行F列（有效期止）：有效期止早于有效期起",
        "第7行F列（有效期止）：证件号、有效期起、有效期止须一并填写",
        "第8行D列（证件号）：证件号与第2行另一人员的重复",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("name=\"rows\""));
    assert_eq!(desk.officers().await, before);
    assert!(!desk.audit().await.contains("导入名单</td>"));
}

#[tokio::test]
async fn numbers_that_excel_changed_and_failed_formulas_are_named() {
    let desk = Desk::new().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(HEAD) {
        sheet.write_string(2, column, name).unwrap();
    }
    let row = ["新人甲", UNIT, "否", "", "2026-01-01", "2030-12-31"];
    for line in 3..6 {
        for (column, content) in (0..).zip(row) {
            sheet.write_string(line, column, content).unwrap();
        }
    }
    sheet.write_number(3, 3, 41_010_120_260_001.0).unwrap();
    sheet.write_number(4, 3, 410_101_202_600_012_345.0).unwrap();
    sheet
        .write_formula(
            5,
            0,
            rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!"),
        )
        .unwrap();
    sheet.write_string(5, 3, "示例90009").unwrap();
    let file = book.save_to_buffer().unwrap();
    let page = desk.look("officers", &file).await.text();
    assert!(page.contains("文件有2处错误"), "{page}");
    assert!(page.contains("第5行D列（证件号）：数字超过15位"), "{page}");
    assert!(page.contains("第6行A列（姓名）：公式出错"), "{page}");
}

#[tokio::test]
async fn columns_are_found_by_name_and_those_that_are_not_there_are_named() {
    let desk = Desk::new().await;
    let csv = "姓名,机构,辅助人员,证件号,有效期起,姓名\n甲,x,否,,,乙\n";
    let page = desk.look("officers", csv.as_bytes()).await.text();
    for words in [
        "第1行B列（机构）：不认识列名“机构”",
        "第1行F列（姓名）：列名“姓名”重复",
        "第1行：缺少列“单位”",
        "第1行：缺少列“有效期止”",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test]
async fn a_good_workbook_applies_once_and_keeps_ids_pins_and_old_certificates() {
    let desk = Desk::new().await;
    let before = desk.officers().await;
    let known = &before["李晓燕"];
    let file = workbook(
        &[
            &["有效期止", "有效期起", "姓名", "单位", "辅助人员", "证件号"],
            &["2031-12-31", "2026/11/1", "李晓燕", UNIT, "否", "示例80001"],
            &[
                "2025年12月31日",
                "2020年1月1日",
                "新人甲",
                UNIT,
                "否",
                "示例90001",
            ],
            &[
                "2030-12-31",
                "2026-01-01",
                "新人甲",
                UNIT,
                "否",
                "示例90002",
            ],
            &["", "", "新人乙", UNIT, "是", ""],
        ],
        &[(1, 0), (3, 0)],
    );
    let preview = desk.look("officers", &file).await;
    assert_eq!(preview.status, StatusCode::OK);
    let preview = preview.text();
    assert!(preview.contains("新增2条，修改1条，不变0条"), "{preview}");
    assert_eq!(desk.officers().await, before, "only looked at");
    let done = desk.confirm("officers", &preview).await.text();
    assert!(done.contains("已导入：新增2条，修改1条，不变0条"), "{done}");
    let after = desk.officers().await;
    let changed = &after["李晓燕"];
    assert_eq!((changed.id, &changed.pin), (known.id, &known.pin));
    assert!(known.pin.is_some());
    let held: Vec<&str> = changed.certificates.iter().map(|c| &*c.number).collect();
    assert!(held.contains(&"示例80001") && held.len() == known.certificates.len() + 1);
    let added = &after["新人甲"];
    assert_eq!(added.unit, demo::unit(1));
    assert_eq!(added.certificates[0].valid_to.to_string(), "2025-12-31");
    assert_eq!(added.certificates[1].valid_to.to_string(), "2030-12-31");
    assert_ne!(added.id, after["新人乙"].id);
    assert!(after["新人乙"].auxiliary && after["新人乙"].certificates.is_empty());
    assert_eq!(after.len(), before.len() + 2);
    assert!(
        desk.audit()
            .await
            .contains("officers new=2 changed=1 same=0")
    );
    let again = desk.look("officers", &file).await.text();
    assert!(again.contains("名单没有变化") && !again.contains("name=\"rows\""));
    let pressed_twice = desk.confirm("officers", &preview).await.text();
    assert!(pressed_twice.contains("名单没有变化"), "{pressed_twice}");
    assert_eq!(desk.officers().await, after);
}

#[tokio::test]
async fn a_csv_with_a_mark_and_one_of_old_windows_apply_and_formulas_stay_text() {
    let desk = Desk::new().await;
    let known = desk.subjects().await["星河便民超市（示例）"].clone();
    let csv = format!(
        "\u{feff}名称,类别,地址,联系人\r\n=cmd()|'/c calc'!A1,企业,\"示范街9号,<b>东</b>\",+1\r\n{},个体,{},新联系人\r\n",
        known.name, known.address
    );
    let page = desk.look("subjects", csv.as_bytes()).await.text();
    assert!(page.contains("新增1条，修改1条，不变0条"), "{page}");
    assert!(page.contains("=cmd()|&#39;/c calc&#39;!A1") && !page.contains("<b>东</b>"));
    desk.confirm("subjects", &page).await;
    let after = desk.subjects().await;
    let added = &after["=cmd()|'/c calc'!A1"];
    assert_eq!(
        (added.kind, &*added.contact),
        (SubjectKind::Organisation, "+1")
    );
    assert_eq!(added.address, "示范街9号,<b>东</b>");
    assert_eq!(after[&known.name].id, known.id);
    assert_eq!(after[&known.name].contact, "新联系人");
    let old = "名称,类别,地址,联系人\r\n示例丙,个人,示范街8号,\r\n";
    let (gb, ..) = encoding_rs::GB18030.encode(old);
    let page = desk.look("subjects", &gb).await.text();
    assert!(
        page.contains("示例丙") && page.contains("新增1条"),
        "{page}"
    );
}

#[tokio::test]
async fn a_preview_that_is_out_of_date_is_shown_anew_and_not_applied() {
    let desk = Desk::new().await;
    let row = |contact: &str| format!("名称,类别,地址,联系人\n示例丁,企业,示范街7号,{contact}\n");
    let first = desk.look("subjects", row("甲").as_bytes()).await.text();
    let second = desk.look("subjects", row("乙").as_bytes()).await.text();
    desk.confirm("subjects", &first).await;
    let stale = desk.confirm("subjects", &second).await.text();
    assert!(stale.contains("预览之后名单有了变化") && stale.contains("修改1条"));
    assert_eq!(desk.subjects().await["示例丁"].contact, "甲");
    desk.confirm("subjects", &stale).await;
    assert_eq!(desk.subjects().await["示例丁"].contact, "乙");
    let forged = stale.replace("示例丁", "示例戊");
    let refused = desk.confirm("subjects", &forged).await.text();
    assert!(refused.contains("预览之后名单有了变化"));
    assert!(!desk.subjects().await.contains_key("示例戊"));
}

#[tokio::test]
async fn files_that_are_no_list_say_why() {
    let desk = Desk::new().await;
    let long = "甲\n".repeat(20_002);
    let files: [(&[u8], &str); 7] = [
        (b"", "请选择名单和文件"),
        (b"  \r\n,,\r\n", "文件里没有内容"),
        (b"\xff\xff\xff", "文件既不是XLSX"),
        (b"PK\x03\x04rubbish", "无法读取这个XLSX文件"),
        (b"\xd0\xcf\x11\xe0old", "旧版Excel"),
        (long.as_bytes(), "文件超过20000行"),
        (&vec![b'a'; 4 * 1024 * 1024 + 1], "文件超过4MB"),
    ];
    let whole = workbook(&[&HEAD, &["新人甲", UNIT, "否", "", "", ""]], &[]);
    let cut = (&whole[..whole.len() / 2], "无法读取这个XLSX文件");
    let before = (
        desk.officers().await,
        desk.subjects().await,
        desk.audit().await,
    );
    for list in ["officers", "subjects", "roster", "power"] {
        for (file, words) in files.iter().chain([&cut]) {
            let reply = desk.look(list, file).await;
            assert_eq!(
                reply.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{list} {words}"
            );
            assert!(reply.text().contains(words), "{list} {words}");
        }
    }
    let after = (
        desk.officers().await,
        desk.subjects().await,
        desk.audit().await,
    );
    assert_eq!(after, before);
}

#[tokio::test]
async fn the_page_offers_templates_that_the_import_reads() {
    let desk = Desk::new().await;
    for tag in ["zh-CN", "en"] {
        let cookie = format!("{}; lang={tag}", desk.cookie);
        let page = desk.world.get("/import", &cookie).await.text();
        assert!(!shows_a_key(&page), "{page}");
        assert!(page.contains("href=\"/import/officers/template\""));
    }
    for list in ["officers", "subjects"] {
        let path = format!("/import/{list}/template");
        let template = desk.world.get(&path, &desk.cookie).await;
        assert!(template.body.starts_with("\u{feff}".as_bytes()));
        let page = desk.look(list, &template.body).await;
        assert!(page.status == StatusCode::OK && page.text().contains("名单没有变化"));
    }
    let none = desk.world.get("/import/laws/template", &desk.cookie).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[test]
fn random_bytes_never_panic() {
    let whole = workbook(
        &[&HEAD, &["甲", UNIT, "否", "1", "2026-01-01", "2030-12-31"]],
        &[],
    );
    // A repeatable draw (the multiplier of Knuth's MMIX).
    let mut state: u64 = 20_261_124;
    let mut draw = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    for round in 0..400 {
        let mut bytes = if round % 2 == 0 {
            whole.clone()
        } else {
            (0..draw() % 200).map(|_| draw().to_le_bytes()[0]).collect()
        };
        for _ in 0..draw() % 4 {
            let (at, byte) = (draw() % bytes.len().max(1), draw().to_le_bytes()[0]);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        let _ = read(&bytes);
    }
}
