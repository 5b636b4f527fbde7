//! A server with the demo in a fresh folder, a clock that is set by hand, and phones that seal real commits.

use crate::store::tests::{TempDir, temp_dir};
use crate::{App, Clock, Config, demo, random};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use ed25519_dalek::{Signer, SigningKey};
use http_body_util::BodyExt;
use minicbor::bytes::ByteVec;
use shared::codec;
use shared::domain::event::{Event, Fact};
use shared::domain::reference::PinVerifier;
use shared::id::{Epoch, FeedId, JurisdictionId, OfficerId, RecordId};
use shared::instant::Instant;
use shared::log::commit::{
    Commit, CommitHash, HEADER_VERSION, Header, Mode, SUITE_ED25519_SHA256, TimeEvidence,
};
use shared::sync::wire::{CONTENT_TYPE, Enrol, Enrolled, Page, Pull, Push, Pushed, enrol_message};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

/// 2026-11-23 09:00 in Beijing.
pub(crate) const START: i64 = 1_795_395_600_000;

#[derive(Clone)]
pub(crate) struct HandClock(Arc<AtomicI64>);

impl Clock for HandClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) clock: HandClock,
    /// Last, so that the store is closed before its folder goes.
    dir: TempDir,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn problem(&self) -> &str {
        self.headers
            .get("x-problem")
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = HandClock(Arc::new(AtomicI64::new(START)));
        let dir = temp_dir();
        let app = App::open(Config::new(&dir.0), clock.clone()).await.unwrap();
        demo::make(&app).await.unwrap();
        let router = crate::app(app.clone());
        Self {
            app,
            router,
            clock,
            dir,
        }
    }

    /// The server ends and is started again on the same folder.
    pub(crate) async fn restarted(self) -> Self {
        let Self {
            app,
            router,
            clock,
            dir,
        } = self;
        drop((app, router));
        let app = App::open(Config::new(&dir.0), clock.clone()).await.unwrap();
        let router = crate::app(app.clone());
        Self {
            app,
            router,
            clock,
            dir,
        }
    }

    /// Where the server keeps its files.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.dir.0
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Reply {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Reply {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// Any method, with a cookie and no body.
    pub(crate) async fn ask(&self, method: &str, path: &str, cookie: &str) -> Reply {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn try_login(&self, name: &str, password: &str) -> Reply {
        let page = self.get("/login", "").await;
        let cookie = first_cookie(&page);
        let csrf = cookie.split_once('=').unwrap().1;
        let form = format!("csrf={csrf}&name={name}&password={password}&next=/");
        self.post("/login", &cookie, &form).await
    }

    /// A session of a demo account: cookie and form token.
    pub(crate) async fn login(&self, name: &str) -> (String, String) {
        let reply = self.try_login(name, demo::PASSWORD).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
        let cookie = first_cookie(&reply);
        let home = self.get("/", &cookie).await.text();
        let csrf = home.split_once("name=\"csrf\" value=\"").unwrap().1;
        (cookie, csrf.split_once('"').unwrap().0.to_owned())
    }

    /// A message to `/sync/v1/`.
    pub(crate) async fn call(&self, verb: &str, token: &str, body: Vec<u8>) -> Reply {
        let request = Request::post(format!("/sync/v1/{verb}"))
            .header(header::CONTENT_TYPE, CONTENT_TYPE)
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A phone of the demo's officer of this number.
    pub(crate) async fn phone(&self, number: u8) -> Phone {
        let code = self
            .app
            .make_enrol_code(demo::officer(number))
            .await
            .unwrap();
        let mut phone = Phone::new(demo::officer(number));
        let reply = self
            .call("enrol", "", codec::encode(&phone.enrolment(&code)))
            .await;
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        let enrolled: Enrolled = codec::decode(&reply.body).unwrap();
        assert_eq!(enrolled.officer, demo::officer(number));
        phone.token = enrolled.token;
        phone
    }
}

/// Whether a page shows a message key where words belong; two assets are named like one.
pub(crate) fn shows_a_key(page: &str) -> bool {
    let assets = ["console.css", "console.js"].map(|name| page.matches(name).count());
    page.matches("console.").count() > assets.iter().sum()
}

fn first_cookie(reply: &Reply) -> String {
    let line = reply
        .headers
        .get(header::SET_COOKIE)
        .unwrap()
        .to_str()
        .unwrap();
    line.split_once(';').unwrap().0.to_owned()
}

#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) feed: FeedId,
    pub(crate) key: SigningKey,
    pub(crate) officer: OfficerId,
    pub(crate) token: String,
    pub(crate) mode: Mode,
    pub(crate) seq: u64,
    pub(crate) prev: Option<CommitHash>,
    pub(crate) records: BTreeMap<RecordId, CommitHash>,
}

impl Phone {
    /// Its feed sorts after the server's: a commit that names nobody else's counts as later than what the office wrote.
    pub(crate) fn new(officer: OfficerId) -> Self {
        let mut feed: [u8; 16] = random::bytes().unwrap();
        feed[0] = 0xff;
        Self {
            feed: FeedId::from_bytes(feed),
            key: SigningKey::from_bytes(&random::bytes().unwrap()),
            officer,
            token: String::new(),
            mode: Mode::Real,
            seq: 0,
            prev: None,
            records: BTreeMap::new(),
        }
    }

    pub(crate) fn enrolment(&self, code: &str) -> Enrol {
        Enrol {
            protocol: 1,
            code: code.to_owned(),
            feed: self.feed,
            key: self.key.verifying_key().to_bytes(),
            signature: self.key.sign(&enrol_message(code, self.feed)).to_bytes(),
            device: "测试手机".to_owned(),
            pin: PinVerifier {
                salt: [1; 16],
                memory_kib: 19_456,
                passes: 2,
                hash: [2; 32],
            },
        }
    }

    pub(crate) fn commit(&mut self, record: RecordId, at: Instant, facts: &[Fact]) -> Commit {
        let event = |fact: &Fact| Event {
            recorded_at: at,
            happened_at: None,
            fact: fact.clone(),
        };
        let events: Vec<Event> = facts.iter().map(event).collect();
        let header = Header {
            version: HEADER_VERSION,
            suite: SUITE_ED25519_SHA256,
            feed: self.feed,
            seq: self.seq + 1,
            prev: self.prev,
            record,
            record_prev: self.records.get(&record).copied(),
            seen: Vec::new(),
            officer: self.officer,
            mode: self.mode,
            jurisdiction: JurisdictionId::new("henan-sample").unwrap(),
            refs: Vec::new(),
            time: TimeEvidence {
                wall: at,
                monotonic_ms: 0,
                session: [0; 8],
                beacon: None,
            },
            events: Vec::new(),
        };
        let commit = Commit::seal(header, &events, random::bytes().unwrap(), &self.key).unwrap();
        self.seq += 1;
        self.prev = Some(commit.hash());
        self.records.insert(record, commit.hash());
        commit
    }

    pub(crate) fn message(&self, commits: &[Commit]) -> Vec<u8> {
        let commits = commits
            .iter()
            .map(|c| ByteVec::from(c.bytes().to_vec()))
            .collect();
        codec::encode(&Push {
            feed: self.feed,
            commits,
        })
    }

    pub(crate) async fn push(&self, world: &World, commits: &[Commit]) -> Reply {
        world.call("push", &self.token, self.message(commits)).await
    }

    pub(crate) async fn pushed(&self, world: &World, commits: &[Commit]) -> Pushed {
        let reply = self.push(world, commits).await;
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        let pushed: Pushed = codec::decode(&reply.body).unwrap();
        assert!(
            pushed
                .receipt
                .verifies(&world.app.keys.signing.verifying_key())
        );
        pushed
    }

    pub(crate) async fn pull(&self, world: &World, epoch: Epoch, position: u64) -> Page {
        let pull = Pull {
            epoch,
            position,
            refs: Vec::new(),
            max_bytes: 1 << 20,
        };
        let reply = world.call("pull", &self.token, codec::encode(&pull)).await;
        assert_eq!(reply.status, StatusCode::OK);
        codec::decode(&reply.body).unwrap()
    }
}
