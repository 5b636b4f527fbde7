//! Real programs killed at random moments: whatever was answered as saved is on the server in the end, once.

use crate::sync_faults::reasons;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::agent::Agent;
use tests::folder::Folder;
use tests::hands::{Hands, Plain};
use tests::here::{open_urgent, ready, upload_all};
use tests::journey;
use tests::process::Program;
use tests::records::Dice;
use tests::world::World;

const ROUNDS: u64 = 12;
/// A slow machine gets more of them, until so much was saved.
const MOST_ROUNDS: u64 = 60;
const SAVED: usize = 11;
/// The kill comes within this after the round began. Milliseconds.
const WITHIN_MS: u64 = 400;

struct Story {
    world: World,
    client: Program,
    hands: Plain,
    /// Answered as saved.
    saved: Vec<String>,
    /// Sent; nobody knows whether they were saved.
    unknown: BTreeSet<String>,
    /// Kills of the client, of the server.
    kills: [u32; 2],
}

async fn sit_down(client: &Program) -> Plain {
    let origin = format!("http://127.0.0.1:{}", client.port());
    Plain::start(Agent::new(&origin, None).unwrap(), client.address())
        .await
        .unwrap()
}

impl Story {
    async fn begin(data: &Folder) -> Self {
        let world = World::start().await.unwrap();
        let code = world.code(tests::world::OFFICERS[0]).await.unwrap();
        let mut client = world.native(data).unwrap();
        client.start().await.unwrap();
        let mut hands = sit_down(&client).await;
        journey::enrol(&mut hands, &code).await.unwrap();
        ready(&mut hands).await.unwrap();
        Self {
            world,
            client,
            hands,
            saved: Vec::new(),
            unknown: BTreeSet::new(),
            kills: [0, 0],
        }
    }

    /// Opens inspections and asks for uploads until something fails or time is up.
    async fn write(&mut self, round: u64) {
        for nth in 0..20 {
            let reason = format!("第{round}轮第{nth}件");
            self.unknown.insert(reason.clone());
            if open_urgent(&mut self.hands, &reason).await.is_err() {
                return;
            }
            self.unknown.remove(&reason);
            self.saved.push(reason);
            if self.hands.open("/field/sync").await.is_err()
                || self.hands.press("立即上传").await.is_err()
            {
                return;
            }
        }
    }

    async fn round(&mut self, round: u64, dice: &mut Dice) {
        let moment = Duration::from_millis(dice.roll(WITHIN_MS));
        let client_dies = dice.once_in(2);
        // Cut off wherever it is.
        let _ = tokio::time::timeout(moment, self.write(round)).await;
        self.kills[usize::from(!client_dies)] += 1;
        if client_dies {
            self.client.kill().await.unwrap();
            self.client.start().await.unwrap();
        } else {
            self.world.server.kill().await.unwrap();
            self.world.server.start().await.unwrap();
        }
        self.hands = sit_down(&self.client).await;
        if client_dies {
            journey::unlock(&mut self.hands).await.unwrap();
        }
    }
}

#[tokio::test]
async fn killing_either_side_at_any_moment_loses_and_doubles_nothing() {
    let data = Folder::new("killed").unwrap();
    let mut story = Story::begin(&data).await;
    let mut dice = Dice::new(3);
    for round in 0..MOST_ROUNDS {
        if round >= ROUNDS && story.saved.len() >= SAVED {
            break;
        }
        story.round(round, &mut dice).await;
    }
    upload_all(&mut story.hands).await.unwrap();
    let reader = story
        .world
        .reader(tests::world::OFFICERS[1], 1)
        .await
        .unwrap();
    let found = reasons(&reader).await;
    assert!(
        story.kills[0] > 2 && story.kills[1] > 2,
        "{:?}",
        story.kills
    );
    let count = story.saved.len();
    assert!(count >= SAVED, "only {count} were saved before a kill");
    for reason in &story.saved {
        assert_eq!(found.get(reason), Some(&1), "{reason}");
    }
    for (reason, count) in &found {
        let known = story.saved.contains(reason) || story.unknown.contains(reason);
        assert!(known && *count == 1, "{reason}: {count}");
    }
}
