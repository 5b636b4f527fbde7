//! What training leaves behind in the year: a course in the middle of it, and a played drill.
//! Apart because an officer's own visits do not bring it.

use crate::agent::Agent;
use crate::device::Device;
use crate::office::Office;
use crate::records::answered;
use anyhow::{Context, Result, ensure};
use axum::Router;
use jiff::civil::Date;
use shared::domain::event::{Event, Opened, Value};
use shared::drill::{ENDED, SCENARIO, STEP};
use shared::id::ProcedureId;
use shared::instant::{HOUR_MS, Instant};
use shared::log::commit::Mode;

/// Plans a course for these officers on the day before, marks that they came, and that it was held.
pub(super) async fn course(router: &Router, today: Date, officers: [&str; 2]) -> Result<()> {
    let agent = Agent::within(router.clone())?;
    let manager = Office::sign_in(agent, "training", server::demo::PASSWORD).await?;
    let mut agent = manager.agent;
    let page = agent.get("/training/sessions/new").await?;
    let form = page.form_with("title").context("the form")?;
    let ids: Vec<String> = officers
        .iter()
        .filter_map(|name| form.choice("officer", name))
        .collect();
    let day = today.yesterday()?;
    let mut form = form
        .set("title", "亮证培训（示例）")
        .set("kind", "course")
        .set("starts", &format!("{day}T09:00"))
        .set("ends", &format!("{day}T11:00"))
        .set("place", "会议室")
        .set("hours", "2")
        .set("competency", "K01")
        .set("why", "工作需要");
    for id in &ids {
        form = form.add("officer", id);
    }
    let page = agent.send(&page, form).await?;
    let mut marks = page.form("保存出勤").with_context(|| page.text())?;
    for id in &ids {
        marks = marks.set(&format!("a.{id}"), "present");
    }
    let page = agent.send(&page, marks).await?;
    let page = agent.press(&page, "登记为已举行", &[]).await?;
    ensure!(page.link("效果").is_some(), "not held: {}", page.text());
    Ok(())
}

/// Plays a drill on this device, of which only beginning and end are worth telling.
pub(super) async fn drill(device: &mut Device, at: Instant) -> Result<()> {
    let record = device.fresh_record();
    let begun = at.plus_millis(-HOUR_MS);
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").map_err(|bad| anyhow::anyhow!("{bad}"))?,
        version: 2,
        unit: device.unit(),
        subject: None,
        subject_name: "示例便民超市".to_owned(),
        place: "示例镇".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![device.officer()],
    };
    let scenario = Value::Text("refusal-to-sign@1".to_owned());
    let facts = [
        opened.into(),
        answered(STEP, SCENARIO, scenario),
        answered(STEP, ENDED, Value::At(at)),
    ];
    let events = facts.map(|fact| Event {
        recorded_at: begun,
        happened_at: None,
        fact,
    });
    device.mode = Mode::Drill;
    let commit = device.seal(record, &events, at)?;
    device.mode = Mode::Real;
    let answer = device.push(&[commit.bytes()]).await?;
    answer.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    Ok(())
}
