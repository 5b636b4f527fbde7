//! The photo queue against a server that loses, cuts, refuses and forgets: whatever happens, the whole photo arrives once, and no
//! byte leaves this device's file before.

use super::*;
use crate::host::HostError;
use crate::picture::tests::{form, jpeg};
use crate::tests::{Phone, office};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex as StdMutex};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It never arrives.
    Lost,
    /// It arrives and the answer does not.
    AnswerLost,
    /// So many bytes of its body arrive, are kept, and there is no answer.
    Cut(usize),
    /// Answered so, by our server.
    Status(u16),
    /// Answered so, by something else.
    Portal,
    /// The server has lost what it had, and then answers.
    Forgotten,
    /// The last byte it had is wrong.
    Garbled,
}

type Log = Arc<StdMutex<Vec<(Method, u64)>>>;

/// A phone with an acknowledged commit that names a photo of about this length.
async fn phone(length: usize) -> (Phone, Hash) {
    let phone = Phone::enrolled().await;
    let hash = take(&phone, length).await;
    acknowledge(&phone);
    (phone, hash)
}

async fn take(phone: &Phone, length: usize) -> Hash {
    let path = phone.open().await;
    let picture = jpeg(false, length);
    let taken = form(&picture, "");
    let fields = [("photo", taken.as_str()), ("act", "done")];
    let shown = phone.browser.post(&format!("{path}/s/T-4"), &fields).await;
    assert_eq!(shown.location, path, "{}", shown.html);
    crate::store::blobs::Hash::from(sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        &picture,
    )))
}

fn acknowledge(phone: &Phone) {
    let store = phone.app.store();
    store
        .write(|tx| Ok(tx.execute("UPDATE commits SET acked = 1", [])?))
        .unwrap();
}

/// Lets these faults happen to the next requests and notes all requests.
fn network(phone: &Phone, faults: &[Fault]) -> Log {
    let log = Log::default();
    let (noted, office) = (Arc::clone(&log), phone.office.clone());
    let mut faults: VecDeque<Fault> = faults.iter().copied().collect();
    phone.machine.knobs().network = Box::new(move |request| {
        let offset = request.headers.get("upload-offset");
        let offset = offset.map_or(0, |value| value.to_str().unwrap().parse().unwrap());
        noted.lock().unwrap().push((request.method.clone(), offset));
        let mut state = office.state.lock().unwrap();
        let lost = || Err(HostError::Network("lost".to_owned()));
        match faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => Ok(office::blob(&mut state, &request)),
            Fault::Lost => lost(),
            Fault::AnswerLost => {
                office::blob(&mut state, &request);
                lost()
            }
            Fault::Cut(bytes) => {
                let mut cut = request;
                cut.body.truncate(bytes);
                office::blob(&mut state, &cut);
                lost()
            }
            Fault::Status(status) => {
                let mut answer = Incoming::of(status, "application/problem+json", Vec::new());
                let version = "1.0.0".parse().unwrap();
                answer.headers.insert("tus-resumable", version);
                Ok(answer)
            }
            Fault::Portal => Ok(Incoming::of(200, "text/html", b"log in".to_vec())),
            Fault::Forgotten => {
                state.blobs.clear();
                Ok(office::blob(&mut state, &request))
            }
            Fault::Garbled => {
                for part in state.blobs.values_mut() {
                    part.pop().map(|byte| part.push(!byte));
                }
                Ok(office::blob(&mut state, &request))
            }
        }
    });
    log
}

/// Works until nothing is left to do, or so many requests were made.
async fn work(phone: &Phone, queue: &mut Queue, mut requests: usize) {
    while requests > 0 {
        match queue.round(&phone.app).await {
            Next::Again => requests -= 1,
            Next::Wait(ms) => phone.machine.pass(i64::try_from(ms).unwrap()),
            Next::Idle => return,
        }
    }
}

fn arrived(phone: &Phone, hash: &Hash) -> Option<Vec<u8>> {
    phone.office.state.lock().unwrap().blobs.get(hash).cloned()
}

fn state(phone: &Phone, hash: &Hash) -> State {
    let info = phone.app.store().read(|c| blobs::info(c, hash)).unwrap();
    info.unwrap().state
}

fn kept(phone: &Phone, hash: &Hash) -> bool {
    let bytes = phone.app.store().read(|c| blobs::bytes(c, hash)).unwrap();
    bytes.is_some()
}

const LARGE: usize = 300_000;
const NAMED: u64 = 256 * 1024;

#[tokio::test]
async fn a_photo_goes_in_parts_and_its_bytes_stay_for_a_month() {
    let (phone, hash) = phone(LARGE).await;
    let log = network(&phone, &[]);
    let mut queue = Queue::default();
    work(&phone, &mut queue, 100).await;
    assert_eq!(arrived(&phone, &hash), Some(jpeg(false, LARGE)));
    let requests = [
        (Method::POST, 0),
        (Method::PATCH, 0),
        (Method::PATCH, NAMED),
    ];
    assert_eq!(*log.lock().unwrap(), requests);
    assert_eq!(state(&phone, &hash), State::Whole);
    assert!(kept(&phone, &hash));
    assert_eq!(phone.app.mailbox().photos.status(), Status::default());
    phone.machine.pass(31 * DAY_MS);
    take(&phone, 1000).await;
    acknowledge(&phone);
    work(&phone, &mut queue, 100).await;
    assert!(!kept(&phone, &hash));
    let info = phone.app.store().read(|c| blobs::info(c, &hash)).unwrap();
    assert!(!info.unwrap().thumb.is_empty());
}

#[tokio::test]
async fn nothing_is_sent_before_its_commit_is_acknowledged() {
    let phone = Phone::enrolled().await;
    let hash = take(&phone, 1000).await;
    let log = network(&phone, &[]);
    work(&phone, &mut Queue::default(), 100).await;
    assert!(log.lock().unwrap().is_empty());
    assert_eq!(state(&phone, &hash), State::New);
    acknowledge(&phone);
    work(&phone, &mut Queue::default(), 100).await;
    assert_eq!(state(&phone, &hash), State::Whole);
}

#[tokio::test]
async fn whatever_happens_to_any_request_all_of_it_arrives() {
    let faults = [
        Fault::Lost,
        Fault::AnswerLost,
        Fault::Cut(0),
        Fault::Cut(1),
        Fault::Cut(16 * 1024),
        Fault::Cut(256 * 1024 - 1),
        Fault::Status(409),
        Fault::Status(404),
        Fault::Status(460),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(413),
        Fault::Status(403),
        Fault::Status(401),
        Fault::Status(204),
        Fault::Status(200),
        Fault::Portal,
        Fault::Forgotten,
        Fault::Garbled,
    ];
    for fault in faults {
        for at in 0..4 {
            let (phone, hash) = phone(LARGE).await;
            let mut plan = vec![Fault::None; at];
            plan.extend([fault, Fault::None, fault]);
            network(&phone, &plan);
            work(&phone, &mut Queue::default(), 60).await;
            let case = format!("{fault:?} at {at}");
            assert_eq!(arrived(&phone, &hash), Some(jpeg(false, LARGE)), "{case}");
            assert_eq!(state(&phone, &hash), State::Whole, "{case}");
        }
    }
}

#[tokio::test]
async fn after_a_failure_the_server_is_asked_and_only_the_rest_is_sent() {
    let (phone, hash) = phone(LARGE).await;
    let log = network(&phone, &[Fault::None, Fault::Cut(100_000)]);
    work(&phone, &mut Queue::default(), 100).await;
    assert_eq!(state(&phone, &hash), State::Whole);
    let log = log.lock().unwrap();
    let (head, next) = (&log[2], &log[3]);
    assert_eq!((&head.0, next), (&Method::HEAD, &(Method::PATCH, 100_000)));
    // The line broke: the next part is half as long.
    assert_eq!(log[4], (Method::PATCH, 100_000 + NAMED / 2));
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_asked_for_after_a_restart() {
    let (phone, hash) = phone(1000).await;
    let log = network(&phone, &[Fault::AnswerLost]);
    work(&phone, &mut Queue::default(), 1).await;
    assert_eq!(state(&phone, &hash), State::Begun);
    work(&phone, &mut Queue::default(), 100).await;
    let methods: Vec<Method> = log.lock().unwrap().iter().map(|r| r.0.clone()).collect();
    assert_eq!(methods, [Method::POST, Method::HEAD, Method::PATCH]);
}

#[tokio::test]
async fn a_part_that_was_stored_though_its_answer_was_lost_is_not_sent_again() {
    let (phone, hash) = phone(LARGE).await;
    let log = network(&phone, &[Fault::None, Fault::None, Fault::AnswerLost]);
    work(&phone, &mut Queue::default(), 100).await;
    assert_eq!(state(&phone, &hash), State::Whole);
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 4);
    assert_eq!(log[3].0, Method::HEAD);
}

#[tokio::test]
async fn a_photo_damaged_here_is_kept_and_shown_but_sent_no_more() {
    let (phone, hash) = phone(1000).await;
    let spoil = "UPDATE blobs SET bytes = CAST(zeroblob(len) AS BLOB)";
    let store = phone.app.store();
    store.write(|tx| Ok(tx.execute(spoil, [])?)).unwrap();
    let log = network(&phone, &[]);
    work(&phone, &mut Queue::default(), 100).await;
    assert_eq!(state(&phone, &hash), State::Damaged);
    assert!(kept(&phone, &hash));
    assert_eq!(log.lock().unwrap().len(), 2);
    assert_eq!(phone.app.store().read(blobs::unsent).unwrap().count, 1);
}

#[tokio::test]
async fn a_photo_that_is_refused_stands_in_nobodys_way() {
    let (phone, first) = phone(1000).await;
    phone.machine.pass(1000);
    let second = take(&phone, 2000).await;
    acknowledge(&phone);
    network(&phone, &[Fault::Status(403)]);
    let mut queue = Queue::default();
    work(&phone, &mut queue, 3).await;
    assert_eq!(state(&phone, &second), State::Whole);
    assert_eq!(state(&phone, &first), State::Begun);
    work(&phone, &mut queue, 100).await;
    assert_eq!(state(&phone, &first), State::Whole);
}

#[tokio::test]
async fn what_an_unreachable_server_costs_grows_and_ends_when_somebody_hurries() {
    let (phone, hash) = phone(1000).await;
    network(&phone, &[Fault::Lost; 12]);
    let mut queue = Queue::default();
    work(&phone, &mut queue, 12).await;
    assert!(phone.app.mailbox().photos.status().trouble == Some(Trouble::Network));
    let Next::Wait(ms) = queue.round(&phone.app).await else {
        panic!("no wait")
    };
    assert!(
        (LONGEST_WAIT_MS / 2..=LONGEST_WAIT_MS).contains(&ms),
        "{ms}"
    );
    queue.hurry();
    work(&phone, &mut queue, 100).await;
    assert_eq!(state(&phone, &hash), State::Whole);
    assert!(phone.app.mailbox().photos.status().trouble.is_none());
}

#[tokio::test]
async fn a_restored_server_is_asked_and_gets_what_it_lost() {
    let (phone, hash) = phone(1000).await;
    network(&phone, &[]);
    work(&phone, &mut Queue::default(), 100).await;
    phone.office.state.lock().unwrap().blobs.clear();
    phone.app.store().write(blobs::ask_again).unwrap();
    let log = network(&phone, &[]);
    work(&phone, &mut Queue::default(), 100).await;
    assert_eq!(arrived(&phone, &hash), Some(jpeg(false, 1000)));
    assert_eq!(log.lock().unwrap()[0].0, Method::HEAD);
}

#[test]
fn an_answer_that_does_not_speak_tus_means_nothing() {
    let answer = |status, headers: &[(&'static str, &'static str)]| {
        let mut answer = Incoming::of(status, "text/plain", Vec::new());
        for (name, value) in headers {
            answer.headers.insert(*name, value.parse().unwrap());
        }
        answer
    };
    let tus = ("tus-resumable", "1.0.0");
    let (whole, length) = (("upload-offset", "10"), ("upload-length", "10"));
    let say = |verb, status, headers: &[_]| meaning(verb, 10, &answer(status, headers));
    assert_eq!(say(Verb::Ask, 200, &[whole, length]), Said::Stranger);
    assert_eq!(say(Verb::Ask, 200, &[whole, length, tus]), Said::At(10));
    let other = ("upload-length", "11");
    assert_eq!(say(Verb::Ask, 200, &[whole, other, tus]), Said::Stranger);
    assert_eq!(say(Verb::Send(0), 204, &[tus]), Said::Moved);
    let beyond = ("upload-offset", "11");
    assert_eq!(say(Verb::Send(0), 204, &[beyond, tus]), Said::Moved);
    assert_eq!(say(Verb::Create, 200, &[tus]), Said::Stranger);
    assert_eq!(say(Verb::Create, 302, &[]), Said::Stranger);
}
