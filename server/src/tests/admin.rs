//! Rosters and the power list from files: what is wrong is named cell by cell, what is taken has the records judged again.

use super::assess::inspection;
use super::harness::World;
use super::import::{Desk, UNIT};
use super::visits::{push, record, visit};
use crate::demo;
use crate::store::rosters::{self, Duty, PersonDay};
use crate::store::{gaps, refs};
use axum::http::StatusCode;
use jiff::civil::{Date, date};
use shared::domain::reference::{Certificate, Officer, PowerItem, PowerSource, RefSet};
use shared::id::OfficerId;
use shared::instant::HOUR_MS;

const ROSTER: &str = "姓名,单位,证件号,日期,工作类别,小时数,借调抽调去向";

async fn days(world: &World, officer: OfficerId) -> Vec<PersonDay> {
    let span = (date(2026, 1, 1), date(2026, 7, 31));
    let read = world
        .app
        .store
        .read(move |tx| rosters::of_person(tx, officer, span));
    read.await.unwrap().into_values().collect()
}

/// Duty, hours and where to, of each day.
async fn told(world: &World, officer: OfficerId) -> Vec<(Date, Vec<(Duty, i64, String)>)> {
    let line = |line: rosters::Line| (line.duty, line.hours_x10, line.seconded_to);
    let days = days(world, officer).await.into_iter();
    days.map(|one| (one.day, one.lines.into_iter().map(line).collect()))
        .collect()
}

/// A second person of the same name and office.
async fn namesake(world: &World) -> OfficerId {
    let id = OfficerId::from_bytes([9; 16]);
    let officer = Officer {
        id,
        name: "王建国".to_owned(),
        unit: demo::unit(1),
        auxiliary: false,
        certificates: vec![Certificate {
            number: "示例70001".to_owned(),
            valid_from: date(2025, 1, 1),
            valid_to: date(2029, 12, 31),
        }],
        pin: None,
    };
    let write = world
        .app
        .store
        .write(move |tx| refs::put_officer(tx, &officer));
    write.await.unwrap();
    id
}

#[tokio::test]
async fn a_wrong_roster_names_every_cell_and_changes_nothing() {
    let desk = Desk::new().await;
    namesake(&desk.world).await;
    let file = format!(
        "{ROSTER}\n李晓燕,{UNIT},,2026-06-02,执法,8,\n李晓燕,{UNIT},,2026-06-02,开会,8,\n\
         李晓燕,{UNIT},,2026-06-02,执法,2,\n李晓燕,{UNIT},,2026-06-02,培训,17,\n\
         王建国,{UNIT},,2026-06-02,执法,8,\n王建国,{UNIT},示例99999,2026-06-02,执法,8,\n\
         某某,{UNIT},,2026-06-02,执法,8,\n赵敏,{UNIT},,2026-06-31,执法,8.25,\n赵敏,{UNIT},,2026-06-03,执法,0,\n"
    );
    let reply = desk.look("roster", file.as_bytes()).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text();
    for words in [
        "文件有9处错误",
        "第3行E列（工作类别）：不认识工作类别“开会”，应为“执法”“培训”“其他工作”“休息”或“请假”",
        "第4行E列（工作类别）：与第2行是同一人同一天的同一类工作，请合并为一行",
        "第5行F列（小时数）：这一天合计25小时，超过24小时",
        "第6行A列（姓名）：本单位有多名“王建国”，请在“证件号”一列填写其执法证号",
        "第7行C列（证件号）：本单位同名人员中没有人持有证件号“示例99999”",
        "第8行A列（姓名）：本单位没有名为“某某”的人员",
        "第9行D列（日期）：“2026-06-31”不是日期",
        "第9行F列（小时数）：“8.25”不是小时数",
        "第10行F列（小时数）：“0”不是小时数",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("name=\"rows\""));
    assert_eq!(days(&desk.world, demo::officer(2)).await, []);
}

#[tokio::test]
async fn a_roster_is_taken_and_one_more_replaces_only_its_own_days() {
    let desk = Desk::new().await;
    let second = namesake(&desk.world).await;
    let file = format!(
        "{ROSTER}\n李晓燕,{UNIT},,2026-06-02,执法,6,无\n李晓燕,{UNIT},,2026-06-02,学习培训,1.5,\n\
         李晓燕,{UNIT},,2026/6/3,其他,8小时,示例县应急局\n王建国,{UNIT},示例70001,2026-06-02,请假,,\n"
    );
    let preview = desk.look("roster", file.as_bytes()).await.text();
    assert!(preview.contains("新增3条，修改0条，不变0条"), "{preview}");
    assert!(preview.contains("执法6小时；培训1.5小时"), "{preview}");
    assert!(preview.contains("其他工作8小时（借调、抽调至示例县应急局）"));
    assert_eq!(
        days(&desk.world, demo::officer(2)).await,
        [],
        "only looked at"
    );
    let done = desk.confirm("roster", &preview).await.text();
    assert!(done.contains("已导入：新增3条"), "{done}");
    let (d2, d3) = (date(2026, 6, 2), date(2026, 6, 3));
    let enforcement = |hours| (Duty::Enforcement, hours, String::new());
    let lent = (Duty::Other, 80, "示例县应急局".to_owned());
    let first = vec![enforcement(60), (Duty::Training, 15, String::new())];
    let expected = vec![(d2, first), (d3, vec![lent.clone()])];
    assert_eq!(told(&desk.world, demo::officer(2)).await, expected);
    let leave = vec![(d2, vec![(Duty::Leave, 0, String::new())])];
    assert_eq!(told(&desk.world, second).await, leave);
    assert_eq!(
        days(&desk.world, demo::officer(3)).await,
        [],
        "the other one of the name"
    );
    assert!(desk.audit().await.contains("roster new=3 changed=0 same=0"));
    // The training is gone, the other day stays as it was, and the namesake is not spoken of.
    let next = format!(
        "{ROSTER}\n李晓燕,{UNIT},,2026-06-02,执法,8,\n李晓燕,{UNIT},,2026-06-03,其他工作,8,示例县应急局\n"
    );
    let preview = desk.look("roster", next.as_bytes()).await.text();
    assert!(preview.contains("新增0条，修改1条，不变1条"), "{preview}");
    desk.confirm("roster", &preview).await;
    let expected = vec![(d2, vec![enforcement(80)]), (d3, vec![lent])];
    assert_eq!(told(&desk.world, demo::officer(2)).await, expected);
    assert_eq!(told(&desk.world, second).await, leave);
    let again = desk.look("roster", next.as_bytes()).await.text();
    assert!(again.contains("名单没有变化"));
}

const POWER: &str = "事项编码,事项名称,英文名称,权力来源,列入日期,终止日期,涉企检查事项,义务内容,处理措施,处罚前提,\
    法律法规,义务条款,罚则条款,行为起始日,行为截止日,清单名称";

#[tokio::test]
async fn a_wrong_power_list_names_every_cell() {
    let desk = Desk::new().await;
    let before = power(&desk.world).await;
    let rest = "甲义务,乙措施,无";
    let file = format!(
        "{POWER}\nZ01,甲,,S5,2026-01-01,,是,{rest},消防法,999,888,,,示例清单\n\
         Z02,甲,,S1,2026-01-01,2025-01-01,是,{rest},没有的法,28,,,,示例清单\n\
         Z03,甲,,S1,2026-01-01,,是,{rest},消防法,999,六十,,,示例清单\n\
         Z04,甲,,S1,2026-01-01,,也许,{rest},消防法,28,888,,,示例清单\n\
         M12,甲,,S1,2026-06-01,,是,{rest},消防法,28,60(1),,,示例清单\n\
         Z06,,,,,,,,,,消防法,28,,,,\nZ 7,甲,,S1,2026-01-01,,是,{rest},消防法,28,,,,示例清单\n\
         Z08,甲,,S1,2026-01-01,,是,{rest},消防法,28,,,,示例清单\n\
         Z08,乙,,,,,,,,,消防法,28,,,,\n"
    );
    let reply = desk.look("power", file.as_bytes()).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text();
    for words in [
        "第2行D列（权力来源）：不认识权力来源“S5”",
        "第2行L列（义务条款）：法律库中查不到“消防法 999”",
        "第2行M列（罚则条款）：法律库中查不到“消防法 888”",
        "第3行F列（终止日期）：有效期止早于有效期起",
        "第3行K列（法律法规）：法律库中没有“没有的法”",
        "第4行M列（罚则条款）：“六十”不是条款",
        "第5行G列（涉企检查事项）：“也许”应为“是”或“否”",
        "第6行E列（列入日期）：与2026-01-01列入的同一事项有效期重叠",
        "第7行E列（列入日期）：没有填写",
        "第8行A列（事项编码）：编码“Z 7”不能用",
        "第10行B列（事项名称）：与同一事项第9行所填不一致",
        "第10行K列（法律法规）：同一事项重复列出同一依据“消防法”",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(power(&desk.world).await, before);
}

async fn power(world: &World) -> Vec<PowerItem> {
    let read = world.app.store.read(|tx| refs::all(tx, RefSet::Power));
    read.await.unwrap()
}

/// Rules of the record's open gaps.
async fn open(world: &World, id: shared::id::RecordId) -> Vec<String> {
    world.app.run_due_jobs().await.unwrap();
    let read = world.app.store.read(move |tx| gaps::of_record(tx, id));
    let gaps = read
        .await
        .unwrap()
        .into_iter()
        .filter(|gap| gap.status != gaps::Status::Cured);
    gaps.map(|gap| gap.rule).collect()
}

#[tokio::test]
async fn a_matter_is_ended_and_replaced_and_its_records_are_judged_again() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let mut phone = world.phone(2).await;
    let id = demo::record(1);
    push(world, &mut phone, id, &inspection()).await;
    let before = open(world, id).await;
    let old = power(world).await;
    let m12 = old.iter().find(|item| item.code == "M12").unwrap();
    let (name, duty, sanction) = (&m12.name.zh, &m12.duty.zh, &m12.sanction.zh);
    let rows = |source: &str, days: &str, listed: &str, list: &str| {
        let bases = m12.bases.iter();
        let lines = bases.map(|basis| {
            let (law, demand, penal) = (&basis.law, &basis.prohibits, &basis.penalises);
            format!(
                "M12,{name},,{source},{days},{listed},{duty},{sanction},无,{law},{demand},{penal},,,{list}\n"
            )
        });
        lines.collect::<String>()
    };
    let ended = rows("省级赋权", "2026-01-01,2026-11-22", "是", &m12.list);
    let file = format!(
        "{POWER}\n{ended}{}",
        rows("S4", "2026-11-23,", "否", "示例新清单")
    );
    let preview = desk.look("power", file.as_bytes()).await.text();
    assert!(preview.contains("新增1条，修改1条，不变0条"), "{preview}");
    assert!(
        preview.contains("2026年1月1日至2026年11月22日"),
        "{preview}"
    );
    let done = desk.confirm("power", &preview).await.text();
    assert!(done.contains("已导入：新增1条，修改1条"), "{done}");
    let after = power(world).await;
    let mine: Vec<_> = after.iter().filter(|item| item.code == "M12").collect();
    assert_eq!(after.len(), old.len() + 1);
    assert_eq!(
        (mine[0].to, mine[1].source),
        (Some(date(2026, 11, 22)), PowerSource::S4)
    );
    assert_eq!(
        mine[1].name, m12.name,
        "English stays where the Chinese is the same"
    );
    assert_eq!(mine[0].bases, m12.bases);
    assert_eq!(
        world.app.run_due_jobs().await.unwrap(),
        1,
        "no other record is of this matter"
    );
    let now = open(world, id).await;
    assert_ne!(
        now, before,
        "it was approved on a day on which the list says otherwise"
    );
    assert!(desk.audit().await.contains("power new=1 changed=1 same=0"));
}

#[tokio::test]
async fn the_present_list_as_a_file_is_read_in_again_without_a_change() {
    let desk = Desk::new().await;
    let path = "/import/power/template?filled=yes";
    let file = desk.world.get(path, &desk.cookie).await;
    assert!(file.text().lines().count() > power(&desk.world).await.len());
    let page = desk.look("power", &file.body).await.text();
    assert!(page.contains("名单没有变化"), "{page}");
}

#[tokio::test]
async fn imported_certificates_have_the_records_of_their_holders_judged_again() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let mut phone = world.phone(2).await;
    let from = world.now();
    world.pass(2 * HOUR_MS);
    let facts = visit(from, from.plus_millis(HOUR_MS), "云溪镇");
    push(world, &mut phone, record(1), &facts).await;
    assert!(!open(world, record(1)).await.contains(&"R02".to_owned()));
    // Not the officer of the phone but the other one, who is only named.
    let held = desk.officers().await["王建国"].certificates[0].clone();
    let (number, first) = (held.number, held.valid_from);
    let file = format!(
        "姓名,单位,辅助人员,证件号,有效期起,有效期止\n王建国,{UNIT},否,{number},{first},2026-11-22\n"
    );
    let preview = desk.look("officers", file.as_bytes()).await.text();
    desk.confirm("officers", &preview).await;
    assert!(open(world, record(1)).await.contains(&"R02".to_owned()));
}
