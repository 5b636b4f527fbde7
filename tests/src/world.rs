//! The world of a journey: the demo office served over TLS by the real program, and people who work there.
//! Apart because every journey starts from the same morning.

use crate::agent::{Agent, Via, client};
use crate::device::{Device, Wire};
use crate::folder::{Folder, program};
use crate::office::{Assigned, Office};
use crate::process::Program;
use crate::tls::Tls;
use crate::year::{self, Scale};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::Duration;
use tokio::process::Command;

/// The officers whose certificates are valid; the first is the one with the phone.
pub const OFFICERS: [&str; 2] = ["李晓燕", "王建国"];
/// The phone's owner chooses this PIN.
pub const OWN_PIN: &str = "580316";
/// The colleague's.
pub const COLLEAGUE_PIN: &str = server::demo::PIN;
/// The demo is made within this, also on a busy machine.
const SEEDING: Duration = Duration::from_secs(120);

/// A served demo.
#[derive(Debug)]
pub struct World {
    /// The certificate authority and its certificate.
    pub tls: Tls,
    /// The server's process.
    pub server: Program,
    data: Folder,
}

impl World {
    /// Makes the demo and serves it over TLS.
    ///
    /// # Errors
    /// The server was not built, or does not start.
    pub async fn start() -> Result<Self> {
        let data = Folder::new("server")?;
        let mut demo = Command::new(program("server")?);
        demo.arg("demo")
            .arg("--data")
            .arg(data.path())
            .kill_on_drop(true);
        let made = tokio::time::timeout(SEEDING, demo.output()).await??;
        if !made.status.success() {
            bail!("no demo: {}", String::from_utf8_lossy(&made.stderr));
        }
        Self::serve(data).await
    }

    /// Makes a demo year up to today and serves it over TLS.
    ///
    /// # Errors
    /// The year cannot be made; the server was not built, or does not start.
    pub async fn of_year(scale: Scale) -> Result<Self> {
        let data = Folder::new("server")?;
        let mut quiet = |_: &str| {};
        year::make(data.path(), "http://localhost", scale, today(), &mut quiet).await?;
        Self::serve(data).await
    }

    async fn serve(data: Folder) -> Result<Self> {
        let tls = Tls::new()?;
        let mut server = Program::new(&program("server")?)
            .arg("serve")
            .arg("--data")
            .arg(data.path())
            .arg("--tls-cert")
            .arg(tls.cert())
            .arg("--tls-key")
            .arg(tls.key());
        server.start().await?;
        Ok(Self { tls, server, data })
    }

    /// The server's origin, by the name in its certificate.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://localhost:{}", self.server.port())
    }

    /// The server's data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.data.path().to_path_buf()
    }

    /// Somebody at the console.
    ///
    /// # Errors
    /// The account is not known.
    pub async fn office(&self, account: &str) -> Result<Office> {
        let agent = Agent::new(&self.origin(), Some(self.tls.authority()))?;
        Office::sign_in(agent, account, server::demo::PASSWORD).await
    }

    /// The server, for a device that speaks the protocol itself.
    ///
    /// # Errors
    /// None in practice.
    pub fn wire(&self) -> Result<Wire> {
        Wire::new(
            Via::Net(client(Some(self.tls.authority()))?),
            &self.origin(),
        )
    }

    /// A one-time enrolment code.
    ///
    /// # Errors
    /// There is no such officer.
    pub async fn code(&self, officer: &str) -> Result<String> {
        let link = self.office("admin").await?.enrolment_link(officer).await?;
        let code = link.rsplit_once('#').context("a link without a code")?.1;
        Ok(code.to_owned())
    }

    /// A device that reads along.
    ///
    /// # Errors
    /// It cannot be enrolled.
    pub async fn reader(&self, officer: &str, seed: u8) -> Result<Device> {
        let code = self.code(officer).await?;
        Device::enrol(self.wire()?, &code, seed).await
    }

    /// An approved inspection by both officers, today.
    ///
    /// # Errors
    /// The console refuses.
    pub async fn approved_task(&self) -> Result<Assigned> {
        let planned = today().date().to_string();
        let task = self
            .office("lead")
            .await?
            .assign(&OFFICERS, &planned)
            .await?;
        self.office("head").await?.approve(&task).await?;
        Ok(task)
    }

    /// A native client of this server, not yet started, on this data folder.
    ///
    /// # Errors
    /// It was not built.
    pub fn native(&self, data: &Folder) -> Result<Program> {
        Ok(Program::new(&program("field-client")?)
            .arg("--data")
            .arg(data.path())
            .arg("--server")
            .arg(self.origin())
            .arg("--ca-cert")
            .arg(self.tls.authority_file()))
    }
}

/// The wall clock.
#[must_use]
pub fn today() -> shared::instant::Instant {
    server::Clock::now(&server::SystemClock)
}
