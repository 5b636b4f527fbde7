//! Office and phones in this process: the real routers and stores, with a clock and a network that tests rule over.
//! Apart from [`crate::world`] because here a thousand faults cost seconds, and there one process start costs as much.

use crate::agent::{Agent, Via};
use crate::device::{Device, Wire};
use crate::folder::Folder;
use crate::hands::{Hands, Plain};
use crate::journey;
use crate::machine::{Clock, Machine};
use crate::office::Office;
use anyhow::{Context, Result};
use axum::Router;
use std::collections::BTreeMap;
use tokio::task::JoinHandle;

/// The office.
pub struct Here {
    /// The server.
    pub app: server::App,
    /// Its router.
    pub router: Router,
    /// Everybody's clock.
    pub clock: Clock,
    codes: BTreeMap<String, String>,
    data: Folder,
}

impl Here {
    /// The demo office as of this clock.
    ///
    /// # Errors
    /// The data folder cannot be written.
    pub async fn open(clock: &Clock) -> Result<Self> {
        let data = Folder::new("here")?;
        let config = server::Config::new(data.path());
        let app = server::App::open(config, clock.clone()).await?;
        let made = server::demo::make(&app).await?;
        Ok(Self {
            router: server::app(app.clone()),
            app,
            clock: clock.clone(),
            codes: made.codes.into_iter().collect(),
            data,
        })
    }

    /// The same office after its program ended and began again.
    ///
    /// # Errors
    /// The data folder does not open.
    pub async fn reopen(&mut self) -> Result<()> {
        let config = server::Config::new(self.data.path());
        self.app = server::App::open(config, self.clock.clone()).await?;
        self.router = server::app(self.app.clone());
        Ok(())
    }

    /// The server's data folder.
    #[must_use]
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// The one-time code of this officer.
    ///
    /// # Errors
    /// The demo made none.
    pub fn code(&self, officer: &str) -> Result<&str> {
        let code = self.codes.get(officer).map(String::as_str);
        code.with_context(|| format!("no code for {officer}"))
    }

    /// The server, for a device that speaks the protocol itself.
    ///
    /// # Errors
    /// None in practice.
    pub fn wire(&self) -> Result<Wire> {
        Wire::new(Via::Router(self.router.clone()), "http://localhost/")
    }

    /// A device that speaks the protocol itself.
    ///
    /// # Errors
    /// It cannot be enrolled.
    pub async fn device(&self, officer: &str, seed: u8) -> Result<Device> {
        Device::enrol(self.wire()?, self.code(officer)?, seed).await
    }

    /// Somebody at the console.
    ///
    /// # Errors
    /// The account is not known.
    pub async fn office(&self, account: &str) -> Result<Office> {
        let agent = Agent::within(self.router.clone())?;
        Office::sign_in(agent, account, server::demo::PASSWORD).await
    }

    /// A phone of this officer, enrolled and online.
    ///
    /// # Errors
    /// It cannot be enrolled.
    pub async fn phone(&self, officer: &str, seed: u64) -> Result<Phone> {
        let machine = Machine::new(self.clock.clone(), seed << 32)?;
        machine.network.connect(Some(self.router.clone()));
        let mut phone = Phone::start(machine).await?;
        let code = self.code(officer)?;
        phone.hands.fill("typed_code", code).await?;
        phone.hands.fill("pin", crate::world::OWN_PIN).await?;
        phone.hands.fill("pin_again", crate::world::OWN_PIN).await?;
        phone.hands.press("登记").await?;
        phone.hands.expect_words(officer).await?;
        ready(&mut phone.hands).await?;
        Ok(phone)
    }
}

/// A field client of this process, on its machine.
pub struct Phone {
    /// The machine.
    pub machine: Machine,
    /// The client.
    pub app: field_client::App,
    /// Whoever uses it.
    pub hands: Plain,
    sync: JoinHandle<()>,
}

impl Phone {
    /// Starts the client on a machine.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn start(machine: Machine) -> Result<Self> {
        let app = field_client::App::new(machine.clone());
        let agent = Agent::within(field_client::app(app.clone()))?;
        let sync = tokio::spawn(app.clone().run_sync());
        let hands = Plain::start(agent, "/field/").await?;
        Ok(Self {
            machine,
            app,
            hands,
            sync,
        })
    }

    /// Ends it without a word, as a killed process does. What it wrote stays on the machine.
    pub async fn end(self) -> Machine {
        self.sync.abort();
        // Aborted or not: only its end matters.
        let _ = self.sync.await;
        self.machine
    }

    /// Starts it again on what it left, and unlocks it.
    ///
    /// # Errors
    /// The PIN does not open it.
    pub async fn restart(self) -> Result<Self> {
        let mut phone = Self::start(self.end().await).await?;
        journey::unlock(&mut phone.hands).await?;
        Ok(phone)
    }

    /// Opens an urgent inspection; the reason names it.
    ///
    /// # Errors
    /// The form is refused.
    pub async fn open_urgent(&mut self, reason: &str) -> Result<String> {
        open_urgent(&mut self.hands, reason).await
    }

    /// Asks for an upload until everything is acknowledged.
    ///
    /// # Errors
    /// It never is.
    pub async fn upload_all(&mut self) -> Result<()> {
        upload_all(&mut self.hands).await
    }
}

/// Waits until procedures and power list have come with the first pull: nothing can be opened before.
///
/// # Errors
/// They never come.
pub async fn ready(hands: &mut Plain) -> Result<()> {
    hands.await_words("/field/new", "M01").await
}

/// Opens an urgent inspection on any native client; the reason names it. Gives its page's path.
///
/// # Errors
/// The form is refused.
pub async fn open_urgent(hands: &mut Plain, reason: &str) -> Result<String> {
    hands.open("/field/new").await?;
    let form = hands.page.form_with("urgent").context("no form")?;
    let matter = form
        .choices_of("matter")
        .into_iter()
        .next()
        .unwrap_or_default();
    hands.fill("urgent", reason).await?;
    hands.fill("subject_name", "示例店").await?;
    hands.fill("place", "示例路2号").await?;
    if !matter.is_empty() {
        hands.fill("matter", &matter).await?;
    }
    hands.press("开始").await?;
    hands.expect_words(reason).await?;
    hands.path().await
}

/// Asks for an upload until everything is acknowledged.
///
/// # Errors
/// It never is.
pub async fn upload_all(hands: &mut Plain) -> Result<()> {
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(90);
    loop {
        hands.open("/field/sync").await?;
        if hands.read().await?.contains("全部已上传") {
            return Ok(());
        }
        if tokio::time::Instant::now() > end {
            anyhow::bail!("never uploaded:\n{}", hands.read().await?);
        }
        hands.press("立即上传").await?;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}
