//! What no honest client sends: each gets a typed refusal in both languages, and the log is as it was.

use shared::codec;
use shared::domain::event::{Event, Opened};
use shared::id::{ProcedureId, RecordId};
use shared::instant::Instant;
use shared::log::commit::{Commit, MAX_COMMIT_BYTES};
use shared::problem::Json;
use shared::sync::wire::{self, MAX_PUSH_BYTES, Pushed};
use tests::agent::Answer;
use tests::device::{Device, said};
use tests::here::Here;
use tests::machine::Clock;

const NOW: Instant = Instant::from_millis(1_795_400_000_000);

struct Stage {
    here: Here,
    device: Device,
    record: RecordId,
}

async fn stage() -> Stage {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut device = here.device("李晓燕", 1).await.unwrap();
    let record = device.fresh_record();
    Stage {
        here,
        device,
        record,
    }
}

impl Stage {
    fn seal(&mut self, words: &str) -> Commit {
        let event = opened(&self.device, words);
        self.device.seal(self.record, &[event], NOW).unwrap()
    }

    async fn push(&self, commits: &[&Commit]) -> Result<Pushed, Json> {
        let bytes: Vec<&[u8]> = commits.iter().map(|commit| commit.bytes()).collect();
        self.device.push(&bytes).await.unwrap()
    }

    /// Own commits on the server.
    async fn kept(&self) -> Vec<Vec<u8>> {
        let pulled = self.device.pull_all().await.unwrap();
        let own = pulled
            .commits
            .iter()
            .filter(|c| c.header().feed == self.device.feed);
        own.map(|commit| commit.bytes().to_vec()).collect()
    }
}

fn opened(device: &Device, words: &str) -> Event {
    Event {
        recorded_at: NOW,
        happened_at: None,
        fact: Opened {
            procedure: ProcedureId::new("XZJC").unwrap(),
            version: 1,
            unit: device.unit(),
            subject: None,
            subject_name: words.to_owned(),
            place: String::new(),
            matter: String::new(),
            task: None,
            urgent: None,
            officers: vec![device.officer()],
        }
        .into(),
    }
}

fn code(answer: &Answer) -> String {
    said::<Pushed>(answer).unwrap().unwrap_err().code
}

#[tokio::test]
async fn a_push_that_comes_twice_is_kept_once() {
    let mut stage = stage().await;
    let (one, two) = (stage.seal("甲"), stage.seal("乙"));
    let first = stage.push(&[&one, &two]).await.unwrap();
    assert_eq!(first.receipt.seq, 2);
    for _ in 0..3 {
        let again = stage.push(&[&one, &two]).await.unwrap();
        assert_eq!((again.receipt.seq, again.receipt.hash), (2, two.hash()));
    }
    let overlapping = stage.push(&[&two]).await.unwrap();
    assert_eq!(overlapping.receipt.seq, 2);
    assert_eq!(stage.kept().await, [one.bytes(), two.bytes()]);
}

#[tokio::test]
async fn a_hole_is_named_with_what_the_server_holds() {
    let mut stage = stage().await;
    let (one, two, three) = (stage.seal("甲"), stage.seal("乙"), stage.seal("丙"));
    let refusal = stage.push(&[&two]).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.head), ("sync.gap", None));
    stage.push(&[&one]).await.unwrap();
    let refusal = stage.push(&[&three]).await.unwrap_err();
    assert_eq!(refusal.code, "sync.gap");
    assert_eq!(refusal.head.unwrap().hash, one.hash().to_string());
    assert_eq!(stage.push(&[&two, &three]).await.unwrap().receipt.seq, 3);
    assert_eq!(stage.kept().await.len(), 3);
}

#[tokio::test]
async fn two_commits_at_one_place_freeze_the_feed_and_are_both_kept() {
    let mut stage = stage().await;
    let one = stage.seal("甲");
    let two = stage.seal("乙");
    stage.push(&[&one, &two]).await.unwrap();
    stage.device.rewind(1, Some(one.hash()));
    let other = stage.seal("另一个乙");
    let refusal = stage.push(&[&other]).await.unwrap_err();
    assert_eq!(refusal.code, "sync.fork");
    // Frozen: not even what follows rightly is taken, and nothing of the first was touched.
    stage.device.rewind(2, Some(two.hash()));
    let three = stage.seal("丙");
    let frozen = stage.push(&[&three]).await.unwrap_err();
    assert_eq!(frozen.code, "sync.feed-frozen");
    assert_eq!(stage.kept().await, [one.bytes(), two.bytes()]);
    let mut admin = stage.here.office("admin").await.unwrap();
    let audit = admin.agent.get("/audit").await.unwrap().text();
    assert!(audit.contains(&stage.device.feed.to_string()), "{audit}");
}

#[tokio::test]
async fn forged_commits_are_refused() {
    let mut stage = stage().await;
    let honest = stage.seal("甲");
    for at in [0, honest.bytes().len() / 2, honest.bytes().len() - 1] {
        let mut forged = honest.bytes().to_vec();
        forged[at] ^= 0x01;
        let refusal = stage.device.push(&[&forged]).await.unwrap().unwrap_err();
        assert_eq!(refusal.code, "sync.commit-invalid", "byte {at}");
    }
    // A whole and well-signed commit, but of another device.
    let mut other = stage.here.device("王建国", 2).await.unwrap();
    let event = opened(&other, "丁");
    let theirs = other.seal(stage.record, &[event], NOW).unwrap();
    let refusal = stage.push(&[&theirs]).await.unwrap_err();
    assert_eq!(refusal.code, "sync.commit-invalid");
    assert_eq!(stage.kept().await, Vec::<Vec<u8>>::new());
    assert_eq!(stage.push(&[&honest]).await.unwrap().receipt.seq, 1);
}

#[tokio::test]
async fn truncated_bodies_are_refused_wherever_they_are_cut() {
    let mut stage = stage().await;
    let honest = stage.seal("甲");
    let whole = codec::encode(&stage.device.push_of(&[honest.bytes()]));
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        let answer = stage
            .device
            .post("/sync/v1/push", whole[..cut].to_vec(), false)
            .await;
        assert_eq!(code(&answer.unwrap()), "request.unreadable", "cut at {cut}");
        let packed = wire::deflate(&whole);
        let cut = cut.min(packed.len() - 1);
        let answer = stage
            .device
            .post("/sync/v1/push", packed[..cut].to_vec(), true)
            .await;
        assert_eq!(
            code(&answer.unwrap()),
            "request.unreadable",
            "deflated, cut at {cut}"
        );
    }
    let mut longer = whole.clone();
    longer.push(0);
    let answer = stage
        .device
        .post("/sync/v1/push", longer, false)
        .await
        .unwrap();
    assert_eq!(code(&answer), "request.unreadable");
    assert_eq!(stage.kept().await, Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn what_is_too_long_is_refused_before_it_is_unpacked() {
    let stage = stage().await;
    let plain = vec![0; MAX_PUSH_BYTES + 1];
    let answer = stage
        .device
        .post("/sync/v1/push", plain, false)
        .await
        .unwrap();
    assert_eq!(code(&answer), "request.too-large");
    // A megabyte of zeros packs into a thousand bytes.
    let bomb = wire::deflate(&vec![0; 8 * MAX_PUSH_BYTES]);
    assert!(bomb.len() < MAX_PUSH_BYTES / 10);
    let answer = stage
        .device
        .post("/sync/v1/push", bomb, true)
        .await
        .unwrap();
    assert_eq!(code(&answer), "request.too-large");
    let long = vec![0; MAX_COMMIT_BYTES + 1];
    let refusal = stage.device.push(&[&long]).await.unwrap().unwrap_err();
    assert_eq!(refusal.code, "sync.commit-invalid");
}

#[tokio::test]
async fn a_poisoned_commit_does_not_take_those_before_it_along() {
    let mut stage = stage().await;
    let (one, two) = (stage.seal("甲"), stage.seal("乙"));
    let mut forged = two.bytes().to_vec();
    let last = forged.len() - 1;
    forged[last] ^= 0x01;
    let pushed = stage
        .device
        .push(&[one.bytes(), &forged])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(pushed.receipt.seq, 1);
    assert_eq!(stage.push(&[&two]).await.unwrap().receipt.seq, 2);
}

#[tokio::test]
async fn a_token_that_nobody_gave_opens_nothing() {
    let stage = stage().await;
    let wire = stage.here.wire().unwrap();
    for token in [None, Some("0000"), Some("")] {
        for path in ["/sync/v1/hello", "/sync/v1/push", "/sync/v1/pull"] {
            let answer = wire.post(path, token, Vec::new(), false).await.unwrap();
            assert_eq!(code(&answer), "sync.token-invalid", "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_signed_in_anothers_name_is_kept_but_not_acted_upon() {
    let mut stage = stage().await;
    let own = stage.device.enrolled.officer;
    stage.device.enrolled.officer = server::demo::officer(9);
    let foreign = stage.seal("冒名");
    stage.device.enrolled.officer = own;
    let pushed = stage.push(&[&foreign]).await.unwrap();
    let verdicts: Vec<(u64, &str)> = pushed
        .quarantined
        .iter()
        .map(|verdict| (verdict.seq, verdict.code.as_str()))
        .collect();
    assert_eq!(verdicts, [(1, "sync.out-of-scope")]);
    // It is evidence and stays; the feed goes on after it.
    assert_eq!(pushed.receipt.hash, foreign.hash());
    let next = stage.seal("本人");
    assert_eq!(stage.push(&[&next]).await.unwrap().quarantined, []);
}
