//! The office: people who sign in to the console, assign, approve, hand out enrolment links and read what the rules found.
//! Apart because every journey begins and ends at a desk.

use crate::agent::Agent;
use crate::page::Page;
use anyhow::{Context, Result, bail, ensure};

/// Somebody signed in to the console.
#[derive(Debug, Clone)]
pub struct Office {
    /// Their browser.
    pub agent: Agent,
}

/// A task that was assigned.
#[derive(Debug, Clone)]
pub struct Assigned {
    /// Its page on the console.
    pub path: String,
    /// The record that carries it out.
    pub record: String,
    /// Whom it is about, as the lists show it.
    pub subject: String,
}

/// A gap as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenGap {
    /// Rule, step, state and grade, such as `R09 JC-10 missing G3`.
    pub key: String,
    /// The articles.
    pub articles: String,
}

impl Office {
    /// Signs in.
    ///
    /// # Errors
    /// The console refuses.
    pub async fn sign_in(mut agent: Agent, name: &str, password: &str) -> Result<Self> {
        let page = agent.get("/login").await?;
        let page = agent
            .press(&page, "登录", &[("name", name), ("password", password)])
            .await?;
        if page.status != 200 || page.path.starts_with("/login") {
            bail!("{name} cannot sign in: {}", page.text());
        }
        Ok(Self { agent })
    }

    /// A one-time enrolment link for this officer.
    ///
    /// # Errors
    /// There is no such officer, or the account may not.
    pub async fn enrolment_link(&mut self, officer: &str) -> Result<String> {
        let page = self.agent.get("/enrol").await?;
        let form = page.form_with("officer").with_context(|| page.text())?;
        let id = form.choice("officer", officer);
        let id = id.with_context(|| format!("no officer {officer} in {:?}", form.choices))?;
        let made = self.agent.send(&page, form.set("officer", &id)).await?;
        let link = made
            .links()
            .into_iter()
            .find(|link| link.href.contains("/field/enrol#"));
        Ok(link.with_context(|| made.text())?.href)
    }

    /// Assigns an inspection of the first listed party to these officers.
    ///
    /// # Errors
    /// The form is refused.
    pub async fn assign(&mut self, officers: &[&str], planned: &str) -> Result<Assigned> {
        self.assign_for("", officers, planned).await
    }

    /// The same for this matter; the first of the list if it is empty.
    ///
    /// # Errors
    /// The form is refused.
    pub async fn assign_for(
        &mut self,
        matter: &str,
        officers: &[&str],
        planned: &str,
    ) -> Result<Assigned> {
        let page = self.agent.get("/tasks/new").await?;
        let form = page.form_with("subject").with_context(|| page.text())?;
        let first = |name: &str| form.choices_of(name).into_iter().next().unwrap_or_default();
        let subject = first("subject");
        let label = form
            .choices
            .iter()
            .find(|c| c.value == subject)
            .map(|c| c.label.clone());
        let matter = if matter.is_empty() {
            first("matter")
        } else {
            matter.to_owned()
        };
        let mut filled = form.clone().set("subject", &subject).set("matter", &matter);
        filled = filled.set("planned", planned);
        for officer in officers {
            let id = form.choice("officer", officer);
            filled = filled.add(
                "officer",
                &id.with_context(|| format!("no officer {officer}"))?,
            );
        }
        filled = filled
            .set("f.JC-01.kind", "case")
            .set("f.JC-01.source", "complaint");
        let mut made = self.agent.send(&page, filled).await?;
        // The first answers may ask for more; what was chosen is still there.
        if let Some(more) = made.form_with("f.JC-06.why_on_site") {
            let more = more.set("f.JC-06.why_on_site", "群众反映，须到现场核实。");
            made = self.agent.send(&made, more).await?;
        }
        let record = made
            .links()
            .into_iter()
            .find(|link| link.href.starts_with("/records/"));
        let record = record.with_context(|| made.text())?.href;
        Ok(Assigned {
            path: made.path,
            record: record.trim_start_matches("/records/").to_owned(),
            subject: label
                .unwrap_or_default()
                .split('（')
                .next()
                .unwrap_or("")
                .to_owned(),
        })
    }

    /// Approves it.
    ///
    /// # Errors
    /// The account may not.
    pub async fn approve(&mut self, task: &Assigned) -> Result<()> {
        let page = self.agent.get(&task.path).await?;
        let page = self.agent.press(&page, "批准", &[]).await?;
        if page.text().contains("已批准") {
            return Ok(());
        }
        bail!("not approved: {}", page.text())
    }

    /// A record's page.
    ///
    /// # Errors
    /// It is not there, or the account may not.
    pub async fn record(&mut self, record: &str) -> Result<Page> {
        let page = self.agent.get(&format!("/records/{record}")).await?;
        if page.status != 200 {
            bail!("record {record}: {} {}", page.status, page.text());
        }
        Ok(page)
    }
}

/// Imports a list as a file: looks at what it would change, and confirms.
///
/// # Errors
/// The account may not, or the list has a fault.
pub async fn import(agent: &mut Agent, list: &str, csv: &str) -> Result<()> {
    let page = agent.get("/import").await?;
    let form = page.form_with("file").context("no form")?.set("list", list);
    let page = agent.send_with_file(&page, form, Some(csv)).await?;
    let form = page.form_with("digest").with_context(|| page.text())?;
    let form = form.set("act", "apply");
    let page = agent.send_with_file(&page, form, None).await?;
    let taken = page.status == 200 && page.form_with("digest").is_none();
    ensure!(taken, "{}", page.text());
    Ok(())
}

/// The words up to the end of a paragraph or of a span without links.
fn words_until_close(html: &str) -> String {
    let end = if html.starts_with("<a ") { "</p>" } else { "<" };
    let inside = html.split(end).next().unwrap_or("");
    let words = inside
        .split('<')
        .map(|part| part.rsplit('>').next().unwrap_or(""));
    words.collect::<String>().trim().to_owned()
}

/// The gaps on a page, of phone or console: whatever carries `data-gap`.
#[must_use]
pub fn gaps_on(html: &str) -> Vec<SeenGap> {
    let mut found = Vec::new();
    for part in html.split("data-gap=\"").skip(1) {
        let (key, rest) = part.split_once('"').unwrap_or((part, ""));
        let card = rest.split("</article>").next().unwrap_or(rest);
        let articles = card.split("class=\"article\">").nth(1).unwrap_or("");
        found.push(SeenGap {
            key: key.to_owned(),
            articles: words_until_close(articles),
        });
    }
    found.sort();
    found
}
