//! The demo year (示例): an invented county of three townships works through a year on a clock of its own. Phones are the real
//! client, used page by page; the office acts by the console's forms. What is seeded into it stands in [`rates`], and whether the
//! pages show it is looked at afterwards.
//! Apart from [`server::demo`], which needs a moment and shows what lies ahead; this shows what has been.

mod check;
mod desk;
mod learning;
mod people;
mod plan;
mod pocket;
pub mod rates;
mod roster;
mod supervise;
mod visit;
mod work;

pub use plan::Scale;

use crate::machine::Clock;
use crate::records::Dice;
use anyhow::{Context, Result, ensure};
use desk::Desks;
use jiff::civil::Date;
use people::County;
use plan::{Days, Outing};
use pocket::Pocket;
use shared::id::OfficerId;
use shared::instant::{DAY_MS, Instant, MINUTE_MS};
use std::collections::BTreeMap;
use std::path::Path;
use supervise::Said;
use tokio::time::Instant as Moment;
use work::Todo;

/// The same year each time.
const SEED: u64 = 20_261_124;
/// Minutes after midnight at which the office begins, and at which people go out.
const OFFICE: i64 = 8 * 60 + 30;
const OUT: i64 = 9 * 60 + 30;

/// The year while it is made.
struct Year<'a> {
    app: server::App,
    router: axum::Router,
    clock: Clock,
    desks: Desks,
    county: County,
    days: Days,
    outings: Vec<Outing>,
    dice: Dice,
    /// Everybody who goes out, by name.
    ids: BTreeMap<String, OfficerId>,
    phones: BTreeMap<String, Pocket>,
    /// By day, in the order in which they were listed.
    todo: BTreeMap<(Date, usize), Todo>,
    listed: usize,
    /// The inspections by their records.
    records: BTreeMap<String, usize>,
    /// Gaps that were explained and not judged yet.
    explained: Vec<Said>,
    /// The pages of courses and drills by the day on which they are held.
    sessions: BTreeMap<Date, String>,
    /// The month whose day it is, and the day from which on there is no roster yet.
    month: i8,
    rostered: Option<Date>,
    done: usize,
    began: Moment,
    tell: &'a mut dyn FnMut(&str),
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// What the demo says of accounts and enrolment links.
    pub words: String,
    /// Inspections, and of them those in which a competency was lacking, by its code.
    pub inspections: usize,
    /// See there.
    pub lacking: BTreeMap<&'static str, usize>,
}

/// Makes the year in an empty folder; `tell` hears how far it is, and enrolment links begin with `base`.
///
/// # Errors
/// The folder is in use, or anything is not as expected: nothing is passed over.
pub async fn make(
    folder: &Path,
    base: &str,
    scale: Scale,
    now: Instant,
    tell: &mut dyn FnMut(&str),
) -> Result<Made> {
    let today = now.date();
    let days = Days::new(scale, today)?;
    let mut dice = Dice::new(SEED);
    let county = people::county(SEED, scale);
    let outings = plan::outings(scale, &county, &days, &mut dice)?;
    let clock = Clock::at(at(*days.work.first().context("a day")?, OFFICE).plus_millis(-DAY_MS));
    let app = server::App::open(server::Config::new(folder), clock.clone()).await?;
    let fresh = server::demo::begin(&app, today).await?;
    ensure!(fresh, "{} is in use", folder.display());
    let router = server::app(app.clone());
    let mut year = Year {
        desks: Desks::new(clock.clone(), router.clone()),
        app,
        router,
        clock,
        county,
        days,
        outings,
        dice,
        ids: BTreeMap::new(),
        phones: BTreeMap::new(),
        todo: BTreeMap::new(),
        listed: 0,
        records: BTreeMap::new(),
        explained: Vec::new(),
        sessions: BTreeMap::new(),
        month: 0,
        rostered: None,
        done: 0,
        began: Moment::now(),
        tell,
    };
    year.found(today).await.context("the county")?;
    year.work().await?;
    let words = year.end(now, scale.tells, base).await?;
    let mut lacking = BTreeMap::new();
    for lacks in year.outings.iter().map(|outing| outing.lacks) {
        for competency in lacks.competencies() {
            *lacking.entry(competency).or_default() += 1;
        }
    }
    Ok(Made {
        words,
        inspections: year.done,
        lacking,
    })
}

/// So many minutes into a day.
fn at(day: Date, minutes: i64) -> Instant {
    Instant::from_civil(day.at(0, 0, 0, 0)).plus_millis(minutes * MINUTE_MS)
}

impl Year<'_> {
    fn tell(&mut self, words: &str) {
        let line = format!("{:>6.1} s  {words}", self.began.elapsed().as_secs_f64());
        (self.tell)(&line);
    }

    /// Waits until then; a day that took longer goes on from where it is.
    fn until(&self, then: Instant) {
        let left = then.millis_since(self.clock.read());
        self.clock.advance(left.max(0));
    }

    /// The office is set up: units, people, parties, accounts, phones.
    async fn found(&mut self, today: Date) -> Result<()> {
        let name = [("name", people::THIRD)];
        self.desks
            .fill("admin", "/units", "添加单位", &name)
            .await?;
        let (officers, parties) = (self.county.officers_csv(today), self.county.parties_csv());
        self.desks.import("officers", &officers).await?;
        self.desks.import("subjects", &parties).await?;
        let page = self.desks.page("admin", "/enrol").await?;
        let form = page.form_with("officer").context("no form")?;
        for choice in form
            .choices
            .iter()
            .filter(|choice| !choice.value.is_empty())
        {
            let (name, _) = choice.label.split_once('（').context("a unit")?;
            self.ids.insert(name.to_owned(), choice.value.parse()?);
        }
        for (account, name, roles) in server::demo::LATER {
            let person = format!("/officers/{}", self.id(name)?);
            self.desks.account(account, &person, roles).await?;
        }
        for town in 0..self.county.towns.len() {
            self.posts(town).await.context("the posts")?;
        }
        let towns = self.county.towns.iter();
        let names = towns.flat_map(|town| town.pairs.iter().flatten());
        let names: Vec<String> = names.cloned().collect();
        for (seed, name) in (1..).zip(names) {
            let phone = self.enrol(&name, seed).await;
            let phone = phone.with_context(|| format!("the phone of {name}"))?;
            self.phones.insert(name, phone);
        }
        self.tell(&format!("{} phones enrolled", self.phones.len()));
        Ok(())
    }

    /// How many enforcement posts a township has: some more than people.
    async fn posts(&mut self, town: usize) -> Result<()> {
        let town = self.county.towns.get(town).context("a town")?;
        let count = (2 * town.pairs.len() + 2).to_string();
        let page = self.desks.page("admin", "/posts").await?;
        let link = page.link(town.unit).with_context(|| page.text())?;
        let path = link.href.split('#').next().unwrap_or_default();
        let page = self.desks.page("admin", path).await?;
        let form = page.form_with("count").with_context(|| page.text())?;
        let form = form.set("count", &count);
        self.desks.send("admin", &page, form).await.map(drop)
    }

    fn id(&self, name: &str) -> Result<OfficerId> {
        let id = self.ids.get(name).copied();
        id.with_context(|| format!("nobody is called {name}"))
    }

    async fn enrol(&mut self, name: &str, seed: u64) -> Result<Pocket> {
        let id = self.id(name)?.to_string();
        let page = self.desks.page("admin", "/enrol").await?;
        let form = page.form_with("officer").context("no form")?;
        let made = self
            .desks
            .send("admin", &page, form.set("officer", &id))
            .await?;
        let links = made.links();
        let mut codes = links
            .iter()
            .filter_map(|link| link.href.split_once("/field/enrol#"));
        let (_, code) = codes.next().context("no link")?;
        Pocket::enrol(&self.clock, &self.router, code, seed).await
    }

    /// Day after day.
    async fn work(&mut self) -> Result<()> {
        for (nth, day) in self.days.work.clone().into_iter().enumerate() {
            if day.month() != self.month {
                self.tell(&format!(
                    "{} {} inspections",
                    day.strftime("%Y-%m"),
                    self.done
                ));
            }
            self.until(at(day, OFFICE));
            let first = nth == 0 || day.weekday().to_monday_zero_offset() == 0;
            self.day(day, first)
                .await
                .with_context(|| day.to_string())?;
        }
        Ok(())
    }

    /// What lies ahead, and the codes for whoever looks at the demo.
    async fn end(&mut self, now: Instant, tells: bool, base: &str) -> Result<String> {
        self.roster(now.date()).await.context("the roster")?;
        for phone in self.phones.values_mut() {
            phone.sync().await?;
        }
        self.until(now);
        server::demo::plan_ahead(&self.app).await?;
        let made = server::demo::hand_out(&self.app, true).await?;
        self.app.run_due_jobs().await?;
        self.tell(&format!("{} inspections", self.done));
        if tells {
            self.check()
                .await
                .context("what was seeded does not show")?;
        }
        Ok(made.describe(base))
    }
}
