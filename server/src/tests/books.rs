//! Lists that another program wrote, and long ones. The workbooks were saved by openpyxl 3 from fictional rows: dates as dates, a
//! number for text, empty rows with a format, a second sheet; and the same with merged cells and a formula nobody computed.

use super::import::Desk;
use crate::store::refs;
use axum::http::StatusCode;
use std::fmt::Write;

const PLAIN: &[u8] = include_bytes!("files/officers.xlsx");
const MERGED: &[u8] = include_bytes!("files/officers-merged.xlsx");

#[tokio::test]
async fn a_workbook_of_another_program_is_read_as_it_looks() {
    let desk = Desk::new().await;
    let before = desk.officers().await;
    let preview = desk.look("officers", PLAIN).await;
    assert_eq!(preview.status, StatusCode::OK);
    let preview = preview.text();
    assert!(preview.contains("新增3条，修改0条，不变0条"), "{preview}");
    desk.confirm("officers", &preview).await;
    let after = desk.officers().await;
    assert_eq!(after.len(), before.len() + 3);
    let certificate = |name: &str| {
        let one = &after[name].certificates[0];
        let days = [one.valid_from, one.valid_to].map(|day| day.to_string());
        (one.number.clone(), days)
    };
    let days = |from: &str, to: &str| [from, to].map(str::to_owned);
    let first = ("SL-700001".to_owned(), days("2026-01-01", "2030-12-31"));
    assert_eq!(certificate("示例甲"), first);
    let second = ("700002".to_owned(), days("2026-03-05", "2030-03-04"));
    assert_eq!(certificate("示例乙"), second);
    assert!(after["示例丙"].auxiliary);
}

#[tokio::test]
async fn merged_cells_and_formulas_without_a_value_are_named() {
    let desk = Desk::new().await;
    let before = desk.officers().await;
    let refused = desk.look("officers", MERGED).await.text();
    for cell in [
        "第3行B列（单位）",
        "第4行B列（单位）",
        "第4行C列（辅助人员）",
    ] {
        assert!(refused.contains(cell), "{cell}: {refused}");
    }
    assert!(!refused.contains("name=\"rows\""));
    assert_eq!(desk.officers().await, before);
}

#[tokio::test]
async fn ten_thousand_parties_come_at_once() {
    let desk = Desk::new().await;
    let count = || async {
        let all = desk.world.app.store.read(refs::subjects).await.unwrap();
        all.len()
    };
    let before = count().await;
    let mut csv = "名称,类别,地址,联系人\n".to_owned();
    for n in 0..10_000 {
        writeln!(csv, "示例商店{n},个体工商户,示例路{n}号,示例人").unwrap();
    }
    let preview = desk.look("subjects", csv.as_bytes()).await.text();
    assert!(
        preview.contains("新增10000条"),
        "{}",
        preview.chars().take(4_000).collect::<String>()
    );
    let done = desk.confirm("subjects", &preview).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(count().await, before + 10_000);
}
