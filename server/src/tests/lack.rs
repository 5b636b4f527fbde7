//! What is kept beside the gaps for the map stays what a count of all gaps gives, whatever happens to records.

use super::harness::{Phone, World};
use super::review::{GAP, explained, handed_in, path, push, seen, shown, submitted};
use super::visits::{self, visit};
use crate::store::heat;
use shared::domain::event::{Fact, Voided};
use shared::instant::MINUTE_MS;

/// What the supervisor can do, on which page.
const SAID: [(&str, &str); 5] = [
    (GAP, "said=asked&words=请说明"),
    (GAP, "said=upheld"),
    (GAP, "said=dismissed&words=录像可以证明"),
    ("gaps/JC-11/R10", "said=dismissed&words=已告知"),
    ("return", "comment=请补正&step=JC-10&step=JC-13"),
];

/// A generator of Marsaglia's (Xorshift RNGs, 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// Does it if the page is there and has a form now.
async fn say(world: &World, (end, form): (&str, &str)) -> bool {
    let (cookie, csrf) = world.login("supervisor").await;
    let page = world.get(&path(end), &cookie).await.text();
    if !page.contains("name=\"seen\"") {
        return false;
    }
    world.pass(MINUTE_MS);
    let form = format!("csrf={csrf}&seen={}&{form}", seen(&page));
    let reply = world.post(&path(end), &cookie, &form).await;
    world.app.run_due_jobs().await.unwrap();
    reply.status.is_redirection()
}

async fn same(world: &World) -> usize {
    let both = world.app.store.read(heat::kept_and_counted).await.unwrap();
    let [kept, counted] = both;
    assert_eq!(kept, counted);
    kept.len()
}

/// Something that the phone can add to the record that is looked at.
fn added(dice: &mut Dice) -> Fact {
    match dice.roll(3) {
        0 => explained(),
        1 => shown(),
        _ => submitted(),
    }
}

/// Another record: begun, and voided now and then.
async fn another(world: &World, phone: &mut Phone, dice: &mut Dice, n: u8) {
    let from = world.now().plus_millis(-MINUTE_MS * 40);
    let until = from.plus_millis(MINUTE_MS * 30);
    visits::push(world, phone, visits::record(n), &visit(from, until, "甲")).await;
    if dice.roll(2) == 0 {
        let reason = "误开".to_owned();
        let voided = Voided { reason }.into();
        visits::push(world, phone, visits::record(n), &[voided]).await;
    }
    world.app.run_due_jobs().await.unwrap();
}

#[tokio::test]
async fn what_is_kept_is_what_a_count_gives_after_any_course_of_things() {
    let (mut said, mut most) = (0, 0);
    for seed in 1..=3 {
        let mut dice = Dice(seed);
        let (world, mut phone) = handed_in().await;
        for n in 1..=12 {
            match dice.roll(6) {
                0..=2 => {
                    let what = SAID[dice.roll(SAID.len())];
                    said += usize::from(say(&world, what).await);
                }
                3 | 4 => push(&world, &mut phone, &[added(&mut dice)]).await,
                _ => another(&world, &mut phone, &mut dice, n).await,
            }
            most = most.max(same(&world).await);
        }
    }
    assert!(
        said > 5 && most > 5,
        "{said} {most}: hardly anything happened"
    );
}
