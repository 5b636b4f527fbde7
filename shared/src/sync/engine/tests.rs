//! Schedules of losses, repeats and delays against a small server: nothing is lost, doubled or left waiting.

use super::*;
use crate::domain::event::{Event, Submitted};
use crate::id::{OfficerId, RecordId};
use crate::log::commit::{Commit, CommitHash, Header, Mode, TimeEvidence};
use crate::problem::{Json, JsonHead};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

const FEED: FeedId = FeedId::from_bytes([1; 16]);

fn server_key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// The next commit after `prev`; `salt` makes another of the same place.
fn commit(prev: Option<&Commit>, salt: u8) -> Commit {
    let header = Header {
        version: 1,
        suite: 1,
        feed: FEED,
        seq: prev.map_or(0, |c| c.header().seq) + 1,
        prev: prev.map(Commit::hash),
        record: RecordId::from_bytes([2; 16]),
        record_prev: prev.map(Commit::hash),
        seen: vec![],
        officer: OfficerId::from_bytes([3; 16]),
        mode: Mode::Real,
        jurisdiction: "henan-sample".parse().unwrap(),
        refs: vec![],
        time: TimeEvidence {
            wall: Instant::from_millis(0),
            monotonic_ms: 0,
            session: [0; 8],
            beacon: None,
        },
        events: vec![],
    };
    let event = Event {
        recorded_at: Instant::from_millis(0),
        happened_at: None,
        fact: Submitted {
            note: String::new(),
        }
        .into(),
    };
    Commit::seal(
        header,
        &[event],
        [salt; 16],
        &SigningKey::from_bytes(&[7; 32]),
    )
    .unwrap()
}

/// What happens to one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Good,
    RequestLost,
    AnswerLost,
    Twice,
    Late,
    Portal,
    Cut,
    Broken,
}

/// A server that keeps one feed.
struct Server {
    epoch: Epoch,
    log: Vec<Commit>,
    forged_receipts: bool,
    max_commits: usize,
    /// It has a reference set that this build does not know.
    newer: bool,
}

impl Server {
    fn new() -> Self {
        Self {
            epoch: Epoch::from_bytes([1; 16]),
            log: vec![],
            forged_receipts: false,
            max_commits: 256,
            newer: false,
        }
    }

    fn head(&self) -> Option<FeedHead> {
        self.log.last().map(|c| FeedHead {
            seq: c.header().seq,
            hash: c.hash(),
        })
    }

    fn refuse(&self, code: Code) -> Reply {
        let head = self.head().map(|h| JsonHead {
            seq: h.seq,
            hash: h.hash.to_string(),
        });
        let body = serde_json::to_vec(&Json::new(code, "", head)).unwrap();
        Reply {
            status: code.status(),
            content_type: "application/problem+json".into(),
            body,
        }
    }

    fn answer(&mut self, path: &str, body: &[u8]) -> Reply {
        let ok = |body| Reply {
            status: 200,
            content_type: wire::CONTENT_TYPE.into(),
            body,
        };
        match path {
            "/sync/v1/hello" => {
                let beacon = wire::Beacon::sign(Instant::from_millis(5), [0; 8], &server_key());
                ok(codec::encode(&Welcome {
                    epoch: self.epoch,
                    beacon,
                    receipt: self.receipt(),
                    min_protocol: 1,
                }))
            }
            "/sync/v1/push" => self.push(&wire::inflate(body, 1 << 20).unwrap()),
            _ => {
                let pull: Pull = codec::decode(body).unwrap();
                let position = self.log.len() as u64;
                let from = usize::try_from(pull.position).unwrap().min(self.log.len());
                let commits = self.log[from..]
                    .iter()
                    .map(|c| c.bytes().to_vec().into())
                    .collect();
                let refs = self.sets(&pull);
                ok(codec::encode(&Page {
                    epoch: self.epoch,
                    commits,
                    position,
                    more: !refs.is_empty(),
                    refs,
                }))
            }
        }
    }

    fn sets(&self, pull: &Pull) -> Vec<wire::RefDelta> {
        let set = RefSet::Other(77);
        let known = pull.refs.iter().find(|known| known.set == set);
        let from = known.map_or(0, |known| known.version);
        let delta = wire::RefDelta {
            set,
            from,
            to: from + 1,
            upserts: vec![],
            removes: vec![],
            signature: [0; 64],
        };
        let more = self.newer && from < 3;
        more.then(|| delta.signed(&server_key()))
            .into_iter()
            .collect()
    }

    fn receipt(&self) -> Option<Receipt> {
        let head = self.head()?;
        let receipt = Receipt {
            epoch: self.epoch,
            feed: FEED,
            seq: head.seq,
            hash: head.hash,
            position: self.log.len() as u64,
            time: Instant::from_millis(9),
            signature: [0; 64],
        };
        let key = if self.forged_receipts {
            SigningKey::from_bytes(&[66; 32])
        } else {
            server_key()
        };
        Some(receipt.signed(&key))
    }

    fn push(&mut self, body: &[u8]) -> Reply {
        let push: Push = codec::decode(body).unwrap();
        if push.commits.len() > self.max_commits {
            return self.refuse(Code::TooLarge);
        }
        for bytes in &push.commits {
            let commit =
                Commit::verify(bytes, &SigningKey::from_bytes(&[7; 32]).verifying_key()).unwrap();
            let at = usize::try_from(commit.header().seq).unwrap() - 1;
            match self.log.get(at) {
                Some(known) if known.hash() == commit.hash() => {}
                Some(_) => return self.refuse(Code::Fork),
                None if at == self.log.len() => self.log.push(commit),
                None => return self.refuse(Code::Gap),
            }
        }
        let body = codec::encode(&Pushed {
            receipt: self.receipt().unwrap(),
            quarantined: vec![],
        });
        Reply {
            status: 200,
            content_type: wire::CONTENT_TYPE.into(),
            body,
        }
    }
}

/// A phone with its store, and the network between.
struct Phone {
    engine: Engine,
    now: u64,
    timer: u64,
    log: Vec<Commit>,
    acked: u64,
    frozen: Option<Code>,
    status: Option<Status>,
    requests: usize,
    /// An answer that comes after it was given up.
    late: Option<(u64, Reply)>,
}

impl Phone {
    fn new(server: &Server) -> Self {
        let engine = Engine::new(Resume {
            build: "test".into(),
            feed: FEED,
            server_key: server_key().verifying_key(),
            epoch: server.epoch,
            position: 0,
            refs: BTreeMap::new(),
            backlog: Backlog::default(),
            jitter_seed: 1,
        });
        let (log, late, status, frozen) = (vec![], None, None, None);
        Self {
            engine,
            now: 0,
            timer: 0,
            log,
            acked: 0,
            frozen,
            status,
            requests: 0,
            late,
        }
    }

    fn backlog(&self) -> Backlog {
        let head = self.log.last().map(|c| FeedHead {
            seq: c.header().seq,
            hash: c.hash(),
        });
        let unsent =
            u32::try_from(self.log.len() as u64 - self.acked.min(self.log.len() as u64)).unwrap();
        Backlog {
            head,
            unsent,
            oldest_unsent_ms: 0,
        }
    }

    fn seal(&mut self, server: &mut Server, fates: &mut Vec<Fate>) {
        self.log.push(commit(self.log.last(), 0));
        let backlog = self.backlog();
        self.run(Input::Local(backlog), server, fates);
    }

    /// Feeds an input and does all that follows at once, each exchange with the next fate.
    fn run(&mut self, input: Input, server: &mut Server, fates: &mut Vec<Fate>) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in self.engine.step(self.now, input) {
                if let Some(next) = self.act(output, server, fates) {
                    inputs.push(next);
                }
            }
        }
    }

    fn act(&mut self, output: Output, server: &mut Server, fates: &mut Vec<Fate>) -> Option<Input> {
        match output {
            Output::Timer { at_ms } => self.timer = at_ms,
            Output::Status(status) => self.status = Some(status),
            Output::Send { id, path, body, .. } => {
                return self.exchange(id, path, &body, server, fates);
            }
            Output::Load {
                id,
                from_seq,
                max_commits,
                ..
            } => {
                let from = usize::try_from(from_seq).unwrap() - 1;
                let max = if self.engine.push_bytes < PUSH_BYTES {
                    1
                } else {
                    max_commits
                };
                let commits = self.log[from..]
                    .iter()
                    .take(max)
                    .map(|c| c.bytes().to_vec())
                    .collect();
                return Some(Input::Loaded(id, Ok(commits)));
            }
            Output::Store { id, save } => {
                let receipt = match *save {
                    Save::Receipt(receipt, _) => Some(receipt),
                    Save::Welcome(welcome) => {
                        self.acked = self.acked.min(welcome.receipt.map_or(0, |r| r.seq));
                        welcome.receipt
                    }
                    Save::Frozen(code) => {
                        self.frozen = Some(code);
                        None
                    }
                    Save::Page(_) => None,
                };
                if let Some(receipt) = receipt {
                    let at = usize::try_from(receipt.seq).unwrap() - 1;
                    if self.log[at].hash() != receipt.hash {
                        return Some(Input::Stored(id, Err(NotStored::Fork)));
                    }
                    self.acked = receipt.seq;
                }
                return Some(Input::Stored(id, Ok(self.backlog())));
            }
        }
        None
    }

    fn exchange(
        &mut self,
        id: u64,
        path: &str,
        body: &[u8],
        server: &mut Server,
        fates: &mut Vec<Fate>,
    ) -> Option<Input> {
        self.requests += 1;
        let fate = fates.pop().unwrap_or(Fate::Good);
        let html = || Reply {
            status: 200,
            content_type: "text/html".into(),
            body: b"<html>".to_vec(),
        };
        let reply = match fate {
            Fate::RequestLost => return Some(Input::Answer(id, Err(()))),
            Fate::Portal => html(),
            Fate::Broken => Reply {
                status: 502,
                ..html()
            },
            _ => server.answer(path, body),
        };
        match fate {
            Fate::AnswerLost => Some(Input::Answer(id, Err(()))),
            Fate::Late => {
                self.late = Some((id, reply));
                None
            }
            Fate::Cut => {
                let half = reply.body.len() / 2;
                Some(Input::Answer(
                    id,
                    Ok(Reply {
                        body: reply.body[..half].to_vec(),
                        ..reply
                    }),
                ))
            }
            Fate::Twice => {
                let again = server.answer(path, body);
                Some(Input::Answer(id, Ok(again)))
            }
            _ => Some(Input::Answer(id, Ok(reply))),
        }
    }

    /// Lets virtual time pass, timer by timer.
    fn wait(&mut self, millis: u64, server: &mut Server, fates: &mut Vec<Fate>) {
        let end = self.now + millis;
        while self.timer <= end {
            self.now = self.now.max(self.timer);
            self.run(Input::Wake, server, fates);
            if let Some((id, reply)) = self.late.take_if(|_| self.timer > self.now) {
                self.run(Input::Answer(id, Ok(reply)), server, fates);
            }
        }
        self.now = end;
    }
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    use Fate::{AnswerLost, Broken, Cut, Good, Late, Portal, RequestLost, Twice};
    prop::collection::vec(
        prop::sample::select(vec![
            Good,
            Good,
            Good,
            RequestLost,
            AnswerLost,
            Twice,
            Late,
            Portal,
            Cut,
            Broken,
        ]),
        0..60,
    )
}

fn hashes(log: &[Commit]) -> Vec<CommitHash> {
    log.iter().map(Commit::hash).collect()
}

proptest! {
    #[test]
    fn nothing_is_lost_doubled_or_left_waiting(mut fates in fates(), pauses in prop::collection::vec(0_u64..90_000, 1..12)) {
        let mut server = Server::new();
        let mut phone = Phone::new(&server);
        for pause in pauses {
            phone.seal(&mut server, &mut fates);
            phone.wait(pause, &mut server, &mut fates);
            prop_assert!(phone.acked <= server.log.len() as u64, "acknowledged what the server does not hold");
        }
        fates.clear();
        phone.wait(2 * MAX_BACKOFF_MS + WATCHDOG_MS, &mut server, &mut fates);
        prop_assert_eq!(hashes(&server.log), hashes(&phone.log));
        prop_assert_eq!(phone.acked, phone.log.len() as u64);
        let idle = Status { activity: Activity::Idle, trouble: None, round_done: true };
        prop_assert_eq!(phone.status, Some(idle));
        prop_assert!(phone.requests < 400, "a storm of {} requests", phone.requests);
    }

    #[test]
    fn a_restored_server_gets_back_what_it_lost(sealed in 1_usize..9, kept in 0_usize..9, more in 0_usize..3) {
        let (mut server, mut none) = (Server::new(), vec![]);
        let mut phone = Phone::new(&server);
        (0..sealed).for_each(|_| phone.seal(&mut server, &mut none));
        phone.wait(IDLE_MS, &mut server, &mut none);
        server.log.truncate(kept);
        server.epoch = Epoch::from_bytes([2; 16]);
        (0..more).for_each(|_| phone.seal(&mut server, &mut none));
        phone.wait(4 * IDLE_MS, &mut server, &mut none);
        prop_assert_eq!(hashes(&server.log), hashes(&phone.log));
        prop_assert_eq!(phone.acked, phone.log.len() as u64);
        prop_assert_eq!(phone.frozen, None);
    }
}

#[test]
fn another_history_on_the_server_freezes_the_feed_and_keeps_both() {
    let (mut server, mut none) = (Server::new(), vec![]);
    let mut phone = Phone::new(&server);
    server.log.push(commit(None, 99));
    phone.seal(&mut server, &mut none);
    phone.wait(IDLE_MS, &mut server, &mut none);
    assert_eq!(phone.frozen, Some(Code::Fork));
    assert_eq!((phone.log.len(), server.log.len(), phone.acked), (1, 1, 0));
    assert_eq!(
        phone.status.unwrap().activity,
        Activity::Stopped(Code::Fork)
    );
}

#[test]
fn a_restored_phone_does_not_write_over_its_own_history() {
    let (mut server, mut none) = (Server::new(), vec![]);
    let first = commit(None, 0);
    server.log = vec![first.clone(), commit(Some(&first), 0)];
    let mut phone = Phone::new(&server);
    phone.seal(&mut server, &mut none);
    phone.wait(IDLE_MS, &mut server, &mut none);
    assert_eq!(phone.frozen, Some(Code::Fork));
    assert_eq!(server.log.len(), 2);
}

#[test]
fn a_receipt_that_others_signed_is_no_receipt() {
    let (mut server, mut none) = (Server::new(), vec![]);
    server.forged_receipts = true;
    let mut phone = Phone::new(&server);
    phone.seal(&mut server, &mut none);
    phone.wait(10 * IDLE_MS, &mut server, &mut none);
    assert_eq!(phone.acked, 0);
    assert_eq!(phone.status.unwrap().trouble, Some(Trouble::NotOurServer));
    server.forged_receipts = false;
    phone.wait(2 * MAX_BACKOFF_MS, &mut server, &mut none);
    assert_eq!(phone.acked, 1);
}

#[test]
fn too_large_a_push_is_halved_until_it_fits() {
    let (mut server, mut none) = (Server::new(), vec![]);
    server.max_commits = 1;
    let mut phone = Phone::new(&server);
    phone.log = vec![commit(None, 0)];
    for _ in 0..4 {
        phone.log.push(commit(phone.log.last(), 0));
    }
    let backlog = phone.backlog();
    phone.run(Input::Local(backlog), &mut server, &mut none);
    phone.wait(IDLE_MS, &mut server, &mut none);
    assert_eq!((server.log.len(), phone.acked), (5, 5));
}

#[test]
fn waits_grow_and_a_person_can_cut_them_short() {
    let mut server = Server::new();
    let mut phone = Phone::new(&server);
    let mut fates = vec![Fate::RequestLost; 12];
    phone.seal(&mut server, &mut fates);
    let mut waits = vec![];
    while !fates.is_empty() {
        waits.push(phone.timer - phone.now);
        phone.now = phone.timer;
        phone.run(Input::Wake, &mut server, &mut fates);
    }
    assert!(
        waits[0] <= MIN_BACKOFF_MS && waits.iter().all(|wait| *wait <= MAX_BACKOFF_MS),
        "{waits:?}"
    );
    assert!(*waits.last().unwrap() >= MAX_BACKOFF_MS / 2, "{waits:?}");
    assert_eq!(phone.acked, 0);
    phone.run(Input::Kick, &mut server, &mut fates);
    assert_eq!(phone.acked, 1);
}

/// Pages of a set that a newer build will know pass by, once each, and nothing waits for them.
#[test]
fn a_set_of_a_newer_build_holds_nothing_up() {
    let (mut server, mut none) = (Server::new(), vec![]);
    server.newer = true;
    let mut phone = Phone::new(&server);
    phone.seal(&mut server, &mut none);
    phone.wait(2 * MAX_BACKOFF_MS, &mut server, &mut none);
    assert_eq!((phone.acked, phone.status.unwrap().trouble), (1, None));
    assert_eq!(phone.engine.know.refs.get(&RefSet::Other(77)), Some(&3));
    let requests = phone.requests;
    phone.run(Input::Wake, &mut server, &mut none);
    assert!(phone.requests <= requests + 2, "it is not asked for again");
}
