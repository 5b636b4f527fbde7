//! The console of the demo year: people sign in when they have something to do, and press the buttons that are there.
//! Apart because whoever acts in the office does so by forms, and never writes into the database.

use crate::agent::Agent;
use crate::machine::Clock;
use crate::office::{Assigned, Office};
use crate::page::{Form, Page};
use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use shared::instant::{HOUR_MS, Instant};
use std::collections::BTreeMap;

/// Somebody who signed in so long ago signs in again; a session lasts an hour longer.
const SIGNED_IN_MS: i64 = 11 * HOUR_MS;

/// Everybody's browser at the console.
pub(super) struct Desks {
    clock: Clock,
    router: Router,
    agents: BTreeMap<String, (Agent, Instant)>,
}

/// What a task is about.
pub(super) struct Planned<'a> {
    /// The party as the form lists it: name and address.
    pub(super) party: &'a str,
    pub(super) matter: &'a str,
    pub(super) officers: [&'a str; 2],
    pub(super) day: String,
    /// Kind of inspection, and where the task comes from.
    pub(super) kind: (&'a str, &'a str),
}

impl Desks {
    pub(super) const fn new(clock: Clock, router: Router) -> Self {
        Self {
            clock,
            router,
            agents: BTreeMap::new(),
        }
    }

    /// This account's browser.
    pub(super) async fn of(&mut self, account: &str) -> Result<&mut Agent> {
        let now = self.clock.read();
        let fresh = |since: &Instant| now.millis_since(*since) < SIGNED_IN_MS;
        if !self.agents.get(account).is_some_and(|(_, at)| fresh(at)) {
            let agent = Agent::within(self.router.clone())?;
            let office = Office::sign_in(agent, account, server::demo::PASSWORD).await?;
            self.agents.insert(account.to_owned(), (office.agent, now));
        }
        let (agent, _) = self.agents.get_mut(account).context("signed in")?;
        Ok(agent)
    }

    /// A page of the console.
    pub(super) async fn page(&mut self, account: &str, path: &str) -> Result<Page> {
        let page = self.of(account).await?.get(path).await?;
        fine(&page)?;
        Ok(page)
    }

    /// Sends a form of a page.
    pub(super) async fn send(&mut self, account: &str, page: &Page, form: Form) -> Result<Page> {
        let page = self.of(account).await?.send(page, form).await?;
        fine(&page)?;
        Ok(page)
    }

    /// Opens a page, fills in the form with this field, and presses its button.
    pub(super) async fn fill(
        &mut self,
        account: &str,
        path: &str,
        button: &str,
        fill: &[(&str, &str)],
    ) -> Result<Page> {
        let page = self.page(account, path).await?;
        let page = self.of(account).await?.press(&page, button, fill).await?;
        fine(&page)?;
        Ok(page)
    }

    /// Imports a list as a file: looks at what it would change, and confirms.
    pub(super) async fn import(&mut self, list: &str, csv: &str) -> Result<()> {
        crate::office::import(self.of("admin").await?, list, csv).await
    }

    /// Assigns an inspection.
    pub(super) async fn assign(&mut self, lead: &str, planned: &Planned<'_>) -> Result<Assigned> {
        let agent = self.of(lead).await?;
        let page = agent.get("/tasks/new").await?;
        let form = page.form_with("subject").with_context(|| page.text())?;
        let choice = |name: &str, words: &str| {
            let found = form.choice(name, words);
            found.with_context(|| format!("no {name} {words}"))
        };
        let mut filled = form
            .clone()
            .set("subject", &choice("subject", planned.party)?)
            .set("matter", planned.matter)
            .set("planned", &planned.day);
        for officer in planned.officers {
            filled = filled.add("officer", &choice("officer", officer)?);
        }
        let (kind, source) = planned.kind;
        filled = filled
            .set("f.JC-01.kind", kind)
            .set("f.JC-01.source", source);
        let mut made = agent.send(&page, filled).await?;
        // The first answers ask for more; what was chosen is still there.
        if let Some(mut more) = made.form_with("planned") {
            for (name, value) in ANSWERS {
                if more.names.iter().any(|known| known == name) {
                    more = more.set(name, value);
                }
            }
            made = agent.send(&made, more).await?;
        }
        fine(&made)?;
        let mut links = made.links().into_iter();
        let record = links.find_map(|link| Some(link.href.strip_prefix("/records/")?.to_owned()));
        Ok(Assigned {
            record: record.with_context(|| made.text())?,
            path: made.path,
            subject: planned.party.to_owned(),
        })
    }

    /// Approves a task.
    pub(super) async fn approve(&mut self, head: &str, path: &str) -> Result<()> {
        let fill = [("note", "同意。")];
        let page = self.fill(head, path, "批准", &fill).await?;
        ensure!(page.text().contains("已批准"), "{}", page.text());
        Ok(())
    }

    /// A step of the office in a record.
    pub(super) async fn step(
        &mut self,
        account: &str,
        record: &str,
        (step, button): (&str, &str),
        fill: &[(&str, &str)],
    ) -> Result<()> {
        let path = format!("/records/{record}/steps/{step}");
        self.fill(account, &path, button, fill).await.map(drop)
    }

    /// Makes somebody an account with this role and the demo's password.
    pub(super) async fn account(
        &mut self,
        name: &str,
        officer: &str,
        roles: &[&str],
    ) -> Result<()> {
        let page = self.page("admin", officer).await?;
        let (first, more) = roles.split_first().context("a role")?;
        let form = page.form_with("account").with_context(|| page.text())?;
        let form = form
            .set("account", name)
            .set("role", first)
            .set("act", "account-add");
        let made = self.send("admin", &page, form).await?;
        let secret = made.html.split_once("id=\"password\">");
        let secret = secret.and_then(|(_, rest)| rest.split_once('<'));
        let (secret, _) = secret.with_context(|| made.text())?;
        for role in more {
            let page = self.page("admin", officer).await?;
            let mut forms = page.forms().into_iter();
            let grants = |form: &Form| form.buttons.iter().any(|b| b.text.contains("授予"));
            let form = forms.find(grants).with_context(|| page.text())?;
            let form = form.set("role", role).set("act", "role-grant");
            self.send("admin", &page, form).await?;
        }
        let agent = Agent::within(self.router.clone())?;
        let mut own = Office::sign_in(agent, name, secret).await?.agent;
        let page = own.get("/password").await?;
        let wanted = server::demo::PASSWORD;
        let form = page.form_with("current").with_context(|| page.text())?;
        let form = form
            .set("current", secret)
            .set("new", wanted)
            .set("again", wanted);
        let page = own.send(&page, form).await?;
        fine(&page)
    }
}

/// What the office answers before an inspection, where it is asked.
const ANSWERS: [(&str, &str); 9] = [
    ("f.JC-02.plan", "本年度行政检查计划（示例）"),
    ("f.JC-02.in_plan", "yes"),
    ("f.JC-04.draw", "本月第1批次（示例）"),
    ("f.JC-04.how", "system"),
    ("f.JC-05.approval_no", "示例县安委办〔示例〕8号"),
    ("f.JC-05.scope", "全县小场所，本季度"),
    (
        "f.JC-06.why_on_site",
        "需要实地查看设施设备状况，书面材料不能说明。",
    ),
    ("f.JC-06.together", "无"),
    ("note", ""),
];

/// The console did what was asked.
fn fine(page: &Page) -> Result<()> {
    if page.status < 400 && !page.path.starts_with("/login") {
        return Ok(());
    }
    bail!("{}: {}\n{}", page.path, page.status, page.text())
}
