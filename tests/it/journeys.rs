//! The journey of the first slice on the native host: real programs, TLS, and SIGKILL.

use std::time::Duration;
use tests::agent::Agent;
use tests::folder::Folder;
use tests::hands::{Hands, Plain};
use tests::here::upload_all;
use tests::journey;
use tests::office::gaps_on;
use tests::process::Program;
use tests::world::World;

async fn sit_down(client: &Program) -> Plain {
    let origin = format!("http://127.0.0.1:{}", client.port());
    let agent = Agent::new(&origin, None).unwrap();
    Plain::start(agent, client.address()).await.unwrap()
}

#[tokio::test]
async fn an_inspection_recorded_offline_shows_its_gap_on_both_sides() {
    let mut world = World::start().await.unwrap();
    let task = world.approved_task().await.unwrap();
    let code = world.code(tests::world::OFFICERS[0]).await.unwrap();
    let data = Folder::new("client").unwrap();
    let mut client = world.native(&data).unwrap();
    client.start().await.unwrap();
    let mut hands = sit_down(&client).await;
    journey::enrol(&mut hands, &code).await.unwrap();
    hands.await_words("/field/", &task.subject).await.unwrap();
    hands
        .await_words(&journey::record_path(&task), "已批准")
        .await
        .unwrap();

    // Offline: the server's process is gone.
    world.server.stop().await.unwrap();
    journey::record_until_save(&mut hands, &task).await.unwrap();
    client.kill().await.unwrap();
    client.start().await.unwrap();
    let mut hands = sit_down(&client).await;
    journey::unlock(&mut hands).await.unwrap();
    hands
        .open(&journey::step_path(&task, "JC-14"))
        .await
        .unwrap();
    hands.expect_words(journey::FOUND).await.unwrap();
    journey::record_rest(&mut hands, &task, &journey::officer_ids())
        .await
        .unwrap();
    hands.open("/field/").await.unwrap();
    hands.expect_words("未上传").await.unwrap();

    world.server.start().await.unwrap();
    upload_all(&mut hands).await.unwrap();
    let mut office = world.office("supervisor").await.unwrap();
    let mut in_office = Vec::new();
    for _ in 0..100 {
        in_office = gaps_on(&office.record(&task.record).await.unwrap().html);
        if !in_office.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    journey::only_these_gaps(&in_office).unwrap();
    let list = office.agent.get("/gaps").await.unwrap();
    assert!(list.text().contains("R09 · "), "{}", list.text());
    hands.open(&journey::record_path(&task)).await.unwrap();
    journey::only_these_gaps(&gaps_on(&hands.page.html)).unwrap();
    world.server.stop().await.unwrap();
}
