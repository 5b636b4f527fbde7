//! The demo office served over TLS by this process, and phones in the real browser, on a clock that tests move: an order is
//! given today and looked at again tomorrow. Apart from [`crate::world`], whose programs know no clock but the machine's.
//!
//! The server takes its clock as an argument. The phone's module is the shipped one; only the script around it is served with
//! a few lines before it, in which `Date.now` is moved: what a phone with a wrong clock would do by itself.

use crate::here::Here;
use crate::machine::Clock;
use crate::office::Office;
use crate::tls::Tls;
use crate::world::today;
use crate::{browser::Browser, folder};
use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, ETAG, IF_NONE_MATCH};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use serde_json::json;
use shared::instant::Instant;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often the clock is set on, and jobs are done.
const TICK: Duration = Duration::from_millis(20);
/// The longest script.
const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// The served office.
pub struct Moved {
    /// The office.
    pub here: Here,
    /// Its certificate.
    pub tls: Tls,
    port: u16,
    served: Option<Served>,
    ticking: JoinHandle<()>,
}

struct Served {
    handle: Handle<SocketAddr>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Moved {
    fn drop(&mut self) {
        self.ticking.abort();
        for task in self.served.iter().flat_map(|served| &served.tasks) {
            task.abort();
        }
    }
}

impl Moved {
    /// Opens the demo office at this moment and serves it.
    ///
    /// # Errors
    /// No port, no certificate, no data folder.
    pub async fn start(at: Instant) -> Result<Self> {
        folder::program("server").context("the programs are built")?;
        let clock = Clock::at(at);
        let here = Here::open(&clock).await?;
        let ticking = tokio::spawn(tick(clock));
        let mut moved = Self {
            here,
            tls: Tls::new()?,
            port: 0,
            served: None,
            ticking,
        };
        moved.serve().await?;
        Ok(moved)
    }

    /// Listens (again, on the same port).
    ///
    /// # Errors
    /// The port is taken.
    pub async fn serve(&mut self) -> Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", self.port))?;
        self.port = listener.local_addr()?.port();
        listener.set_nonblocking(true)?;
        // Twice is fine: another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = RustlsConfig::from_pem_file(self.tls.cert(), self.tls.key()).await?;
        let handle = Handle::new();
        let router = self.router();
        let server = axum_server::from_tcp_rustls(listener, config)?.handle(handle.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move {
            // It ends when it is told to.
            let _ = server.serve(service).await;
        });
        let app = self.here.app.clone();
        let jobs = tokio::spawn(async move {
            while app.run_due_jobs().await.is_ok() {
                sleep(TICK).await;
            }
        });
        self.served = Some(Served {
            handle,
            tasks: [serving, jobs],
        });
        Ok(())
    }

    /// Is gone from the network.
    pub async fn stop(&mut self) {
        if let Some(served) = self.served.take() {
            served.handle.shutdown();
            for task in served.tasks {
                task.abort();
                let _ = task.await;
            }
        }
    }

    /// The office's origin, by the name in its certificate.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Somebody at the console.
    ///
    /// # Errors
    /// The account is not known.
    pub async fn office(&self, account: &str) -> Result<Office> {
        self.here.office(account).await
    }

    /// Moves everybody's clock on, the office's and the phone's.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn advance(&self, browser: &Browser, millis: i64) -> Result<()> {
        self.here.clock.advance(millis);
        let by = json!([ahead(&self.here.clock)]);
        let tell = "new BroadcastChannel('clock').postMessage(arguments[0])";
        browser.script(tell, by).await?;
        // The worker hears it as its next task.
        sleep(TICK).await;
        Ok(())
    }

    fn router(&self) -> Router {
        let clock = self.here.clock.clone();
        self.here
            .router
            .clone()
            .layer(from_fn(move |request, next| {
                let clock = clock.clone();
                async move { with_clock(request, next, &clock).await }
            }))
    }
}

/// By how much the clock is ahead of the machine's, in milliseconds.
fn ahead(clock: &Clock) -> i64 {
    clock.read().millis_since(today())
}

async fn tick(clock: Clock) {
    let mut last = today();
    loop {
        sleep(TICK).await;
        let now = today();
        clock.advance(now.millis_since(last));
        last = now;
    }
}

/// Puts the clock before the worker's script.
async fn with_clock(mut request: Request, next: Next, clock: &Clock) -> Response {
    let path = request.uri().path();
    if !(path.starts_with("/field/assets/worker.") && path.ends_with(".js")) {
        return next.run(request).await;
    }
    for name in [ACCEPT_ENCODING, IF_NONE_MATCH] {
        request.headers_mut().remove(name);
    }
    let (mut head, body) = next.run(request).await.into_parts();
    let script = to_bytes(body, MAX_SCRIPT_BYTES).await.unwrap_or_default();
    let by = ahead(clock);
    let before = format!(
        "{{ let by = {by}; const told = Date.now; Date.now = () => told() + by;\n\
         new BroadcastChannel('clock').onmessage = (event) => (by = event.data); }}\n"
    );
    for name in [CONTENT_LENGTH, ETAG] {
        head.headers.remove(name);
    }
    Response::from_parts(head, Body::from([before.as_bytes(), &script].concat()))
}
