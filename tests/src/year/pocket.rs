//! A phone of the demo year: the real field client on a machine of its own, used page by page. Between two uses it sleeps.
//! Apart from [`crate::here::Phone`] because some dozen clients that all kept asking the server would take most of the time.

use crate::agent::Agent;
use crate::machine::{Clock, Machine};
use crate::page::{Button, Form, Page};
use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use shared::instant::MINUTE_MS;
use std::time::Duration;
use tokio::time::Instant as Moment;

/// Everybody's PIN, so that the demo's people confirm with the one that is printed.
pub(super) const PIN: &str = server::demo::PIN;
/// A round with the server takes no longer than this, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// What stands before the time of the last round with the server.
const LAST_ROUND: &str = "上次与服务器一致";

/// A phone.
pub(super) struct Pocket {
    machine: Machine,
    app: field_client::App,
    agent: Agent,
    page: Page,
}

impl Pocket {
    /// A new phone that is enrolled with this code.
    pub(super) async fn enrol(
        clock: &Clock,
        server: &Router,
        code: &str,
        seed: u64,
    ) -> Result<Self> {
        let machine = Machine::new(clock.clone(), seed << 32)?;
        machine.network.connect(Some(server.clone()));
        let app = field_client::App::new(machine.clone());
        let mut agent = Agent::within(field_client::app(app.clone()))?;
        let page = agent.get("/field/").await?;
        let fill = [("typed_code", code), ("pin", PIN), ("pin_again", PIN)];
        let page = agent.press(&page, "登记", &fill).await?;
        ensure!(page.path == "/field/", "not enrolled:\n{}", page.text());
        let mut pocket = Self {
            machine,
            app,
            agent,
            page,
        };
        pocket.sync().await?;
        Ok(pocket)
    }

    /// What its clock shows.
    pub(super) fn clock(&self) -> &Clock {
        &self.machine.clock
    }

    /// Wakes, sends everything and takes everything, and sleeps again.
    pub(super) async fn sync(&mut self) -> Result<()> {
        // The time of the last round is shown to the minute.
        self.machine.clock.advance(MINUTE_MS);
        self.open("/field/sync").await?;
        let before = self.last_round()?;
        let awake = tokio::spawn(self.app.clone().run_sync());
        let synced = self.until_synced(&before).await;
        awake.abort();
        // Aborted or not: only its end matters.
        let _ = awake.await;
        synced
    }

    async fn until_synced(&mut self, before: &str) -> Result<()> {
        let end = Moment::now() + PATIENCE;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.open("/field/sync").await?;
            let words = self.page.text();
            let sent = words.contains("全部已上传") && words.contains("没有待上传的照片");
            if sent && self.last_round()? != before {
                return Ok(());
            }
            if Moment::now() > end {
                bail!("never uploaded:\n{words}");
            }
        }
    }

    fn last_round(&self) -> Result<String> {
        let words = self.page.text();
        let mut lines = words.lines().skip_while(|line| *line != LAST_ROUND);
        let last = lines.nth(1).context("no time of the last round")?;
        Ok(last.to_owned())
    }

    fn show(&mut self, page: Page) -> Result<()> {
        self.page = page;
        let Page { status, path, .. } = &self.page;
        ensure!(*status < 400, "{path}: {status}\n{}", self.page.text());
        Ok(())
    }

    /// Opens a page.
    pub(super) async fn open(&mut self, path: &str) -> Result<()> {
        let page = self.agent.get(path).await?;
        self.show(page)
    }

    /// The page on the screen.
    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// Presses the button with these words, with these fields filled in.
    pub(super) async fn press(&mut self, words: &str, fill: &[(&str, &str)]) -> Result<()> {
        let page = self.agent.press(&self.page, words, fill).await?;
        self.show(page)
    }

    /// Sends a form of the page as it stands.
    pub(super) async fn send(&mut self, form: Form) -> Result<()> {
        let page = self.agent.send(&self.page, form).await?;
        self.show(page)
    }

    /// Whether there is a button that means this.
    pub(super) fn offers(&self, act: &str) -> bool {
        let forms = self.page.forms();
        let mut buttons = forms.iter().flat_map(|form| &form.buttons);
        buttons.any(|button| means(button, act))
    }

    /// Presses the button that means this, with these fields filled in.
    pub(super) async fn act(&mut self, act: &str, fill: &[(&str, &str)]) -> Result<()> {
        let mut forms = self.page.forms().into_iter();
        let form = forms.find(|form| form.buttons.iter().any(|button| means(button, act)));
        let Some(mut form) = form else {
            let Page { path, .. } = &self.page;
            bail!("no button {act} on {path}:\n{}", self.page.text());
        };
        for (name, value) in fill {
            // A photo comes from the page's script, not from a field.
            let known = *name == "photo" || form.names.iter().any(|known| known == name);
            ensure!(known, "no field {name} on {}", self.page.path);
            form = form.set(name, value);
        }
        let form = form.add("act", act);
        let page = self.agent.send(&self.page, form).await?;
        self.show(page)
    }

    /// Ends the step that is open; its record's page follows.
    pub(super) async fn done(&mut self, fill: &[(&str, &str)]) -> Result<()> {
        self.act("done", fill).await?;
        let still = self.page.path.contains("/s/");
        ensure!(!still, "not done:\n{}", self.page.text());
        Ok(())
    }
}

fn means(button: &Button, act: &str) -> bool {
    let pair = button.pair.as_ref();
    pair.is_some_and(|(name, value)| name == "act" && value == act)
}
