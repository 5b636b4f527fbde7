//! Every page of the console that somebody opens, and every list as a file: asked for as a browser does.

use super::say;
use crate::agent::Agent;
use crate::bench::{Figure, quantile};
use crate::office::Office;
use crate::page::Page;
use anyhow::{Context, Result, ensure};
use tokio::time::Instant as Moment;

/// Each page is asked for so many times.
const VISITS: usize = 20;
/// Lines of a page of the queue.
const LINES: usize = 50;

/// Name of the figure, who asks, and what for. What stands in braces is found first: see [`Found`].
const PAGES: [(&str, &str, &str); 71] = [
    ("office.home_p95_ms", "supervisor", "/"),
    ("office.home_unit_p95_ms", "head", "/"),
    ("office.home_officer_p95_ms", "officer", "/"),
    ("office.home_admin_p95_ms", "admin", "/"),
    ("office.password_p95_ms", "officer", "/password"),
    ("office.queue_p95_ms", "supervisor", "/gaps"),
    ("office.queue_left_p95_ms", "supervisor", "/gaps?order=left"),
    (
        "office.queue_rule_p95_ms",
        "supervisor",
        "/gaps?rule=R09&severity=3",
    ),
    (
        "office.queue_rule_left_p95_ms",
        "supervisor",
        "/gaps?rule=R09&order=left",
    ),
    ("office.queue_step_p95_ms", "supervisor", "/gaps?step=JC-14"),
    (
        "office.queue_matter_p95_ms",
        "supervisor",
        "/gaps?matter=M01",
    ),
    (
        "office.queue_matter_left_p95_ms",
        "supervisor",
        "/gaps?matter=M01&order=left",
    ),
    (
        "office.queue_state_p95_ms",
        "supervisor",
        "/gaps?state=missing",
    ),
    (
        "office.queue_state_left_p95_ms",
        "supervisor",
        "/gaps?state=missing&order=left",
    ),
    (
        "office.queue_month_p95_ms",
        "supervisor",
        "/gaps?month={month}",
    ),
    (
        "office.queue_month_left_p95_ms",
        "supervisor",
        "/gaps?month={month}&order=left",
    ),
    (
        "office.queue_cured_p95_ms",
        "supervisor",
        "/gaps?status=cured",
    ),
    (
        "office.queue_dismissed_p95_ms",
        "supervisor",
        "/gaps?status=dismissed&state=missing",
    ),
    ("office.queue_unit_p95_ms", "head", "/gaps"),
    ("office.queue_unit_left_p95_ms", "head", "/gaps?order=left"),
    (
        "office.queue_unit_step_p95_ms",
        "head",
        "/gaps?step=JC-14&month={month}&order=left",
    ),
    (
        "office.queue_of_unit_p95_ms",
        "supervisor",
        "/gaps?unit={unit}&rule=R09",
    ),
    (
        "office.queue_all_filters_p95_ms",
        "supervisor",
        "/gaps?unit={unit}&severity=3&step=JC-14&rule=R13&matter=M01&state=missing&month={month}&order=left",
    ),
    (
        "office.queue_nothing_p95_ms",
        "supervisor",
        "/gaps?severity=0&state=late&matter=M14&order=left",
    ),
    ("office.queue_deep_p95_ms", "supervisor", "/gaps?page=900"),
    (
        "office.queue_last_p95_ms",
        "supervisor",
        "/gaps?page={last}",
    ),
    (
        "office.queue_last_left_p95_ms",
        "supervisor",
        "/gaps?order=left&page={last}",
    ),
    ("office.heat_p95_ms", "supervisor", "/gaps/heat"),
    (
        "office.heat_all_p95_ms",
        "supervisor",
        "/gaps/heat?gaps=all",
    ),
    ("office.heat_unit_p95_ms", "head", "/gaps/heat"),
    ("office.heat_cell_p95_ms", "supervisor", "{cell}"),
    ("office.deadlines_p95_ms", "supervisor", "/deadlines"),
    ("office.deadlines_unit_p95_ms", "head", "/deadlines"),
    (
        "office.deadlines_over_p95_ms",
        "supervisor",
        "/deadlines?when=over",
    ),
    (
        "office.deadlines_deep_p95_ms",
        "supervisor",
        "/deadlines?when=over&page=900",
    ),
    (
        "office.deadlines_step_p95_ms",
        "supervisor",
        "/deadlines?when=over&step=JC-16",
    ),
    ("office.records_p95_ms", "supervisor", "/records"),
    ("office.records_unit_p95_ms", "head", "/records"),
    (
        "office.records_deep_p95_ms",
        "supervisor",
        "/records?page=1990",
    ),
    ("office.record_p95_ms", "supervisor", "{pane}"),
    (
        "office.record_deep_p95_ms",
        "supervisor",
        "/records/{record}?gap={gap}&from=page%3D{last}",
    ),
    (
        "office.record_alone_p95_ms",
        "supervisor",
        "/records/{record}",
    ),
    (
        "office.document_p95_ms",
        "supervisor",
        "/records/{record}/doc/on_site_record",
    ),
    (
        "office.review_p95_ms",
        "supervisor",
        "/records/{record}/gaps/{step}/{rule}",
    ),
    (
        "office.return_p95_ms",
        "supervisor",
        "/records/{record}/return",
    ),
    (
        "office.step_p95_ms",
        "lead",
        "/records/{planned}/steps/JC-03",
    ),
    ("office.tasks_p95_ms", "lead", "/tasks"),
    ("office.task_p95_ms", "lead", "/tasks/{task}"),
    ("office.task_new_p95_ms", "lead", "/tasks/new"),
    ("office.officers_p95_ms", "supervisor", "/officers"),
    ("office.officer_p95_ms", "admin", "/officers/{officer}"),
    ("office.training_p95_ms", "training", "/training"),
    ("office.training_unit_p95_ms", "lead", "/training"),
    (
        "office.file_p95_ms",
        "training",
        "/training/officers/{officer}",
    ),
    ("office.sessions_p95_ms", "training", "/training/sessions"),
    (
        "office.session_new_p95_ms",
        "training",
        "/training/sessions/new",
    ),
    ("office.session_p95_ms", "training", "{session}"),
    (
        "office.session_edit_p95_ms",
        "training",
        "/training/sessions/{coming}/edit",
    ),
    ("office.sheet_p95_ms", "training", "{session}/sheet"),
    ("office.effect_p95_ms", "training", "{session}/effect"),
    (
        "office.effect_long_p95_ms",
        "training",
        "{session}/effect?days=180",
    ),
    ("office.drills_p95_ms", "training", "/training/drills"),
    ("office.drill_p95_ms", "training", "{drill}"),
    ("office.posts_p95_ms", "leader", "/posts"),
    (
        "office.posts_all_p95_ms",
        "supervisor",
        "/posts?period=2026-Q3",
    ),
    ("office.devices_p95_ms", "supervisor", "/devices"),
    ("office.enrol_p95_ms", "admin", "/enrol"),
    ("office.units_p95_ms", "admin", "/units"),
    ("office.import_p95_ms", "admin", "/import"),
    ("office.laws_p95_ms", "admin", "/laws"),
    ("office.audit_p95_ms", "supervisor", "/audit"),
];

/// The lists as files: what most of the memory goes to.
const FILES: [(&str, &str, &str); 6] = [
    ("office.gaps_file_ms", "supervisor", "/gaps?format=csv"),
    (
        "office.records_file_ms",
        "supervisor",
        "/records?format=csv",
    ),
    (
        "office.deadlines_file_ms",
        "supervisor",
        "/deadlines?format=csv",
    ),
    ("office.audit_file_ms", "supervisor", "/audit?format=csv"),
    (
        "office.training_file_ms",
        "training",
        "/training?format=csv",
    ),
    (
        "office.effect_file_ms",
        "training",
        "{session}/effect?days=180&format=csv",
    ),
];

/// What stands for the names in braces.
struct Found(Vec<(&'static str, String)>);

impl Found {
    async fn look(origin: &str) -> Result<Self> {
        let mut supervisor = sign_in(origin, "supervisor").await?;
        let queue = supervisor.get("/gaps").await?;
        let pane = first(&queue, "/records/")?;
        let (record, rest) = pane.split_once("?gap=").context("a gap")?;
        let gap = rest.split('&').next().unwrap_or_default();
        let (step, rule) = gap.split_once('.').context("step and rule")?;
        let heat = supervisor.get("/gaps/heat").await?;
        let mut manager = sign_in(origin, "training").await?;
        let sessions = manager.get("/training/sessions?state=held").await?;
        let drills = manager.get("/training/drills").await?;
        let month = crate::world::today().date().first_of_month().yesterday()?;
        Ok(Self(vec![
            (
                "{record}",
                record.trim_start_matches("/records/").to_owned(),
            ),
            ("{gap}", gap.to_owned()),
            ("{step}", step.to_owned()),
            ("{rule}", rule.to_owned()),
            ("{last}", (total(&queue)? / LINES).to_string()),
            ("{cell}", first(&heat, "/gaps?")?),
            ("{session}", first(&sessions, "/training/sessions/0")?),
            ("{drill}", first(&drills, "/training/drills/")?),
            (
                "{month}",
                format!("{:04}-{:02}", month.year(), month.month()),
            ),
            ("{unit}", server::demo::unit(1).to_string()),
            ("{officer}", server::demo::officer(2).to_string()),
            ("{task}", server::demo::task(2).to_string()),
            ("{planned}", server::demo::record(1).to_string()),
            ("{coming}", server::demo::session(2).to_string()),
            ("{pane}", pane),
        ]))
    }

    fn path(&self, pattern: &str) -> String {
        let put = |path: String, (name, value): &(&str, String)| path.replace(name, value);
        self.0.iter().fold(pattern.to_owned(), put)
    }
}

/// How many lines the queue says that it has.
fn total(queue: &Page) -> Result<usize> {
    let (_, words) = queue
        .html
        .split_once("role=\"status\">")
        .context("a total")?;
    let digits = words.chars().skip_while(|c| !c.is_ascii_digit());
    let digits: String = digits.take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

/// The first link that begins so.
fn first(page: &Page, begin: &str) -> Result<String> {
    let mut links = page.links().into_iter().map(|link| link.href);
    let found = links.find(|href| href.starts_with(begin));
    found.with_context(|| format!("no {begin}… on {}", page.path))
}

async fn sign_in(origin: &str, account: &str) -> Result<Agent> {
    let agent = Agent::new(origin, None)?;
    Ok(Office::sign_in(agent, account, server::demo::PASSWORD)
        .await?
        .agent)
}

async fn visit(agent: &mut Agent, path: &str) -> Result<f64> {
    let start = Moment::now();
    let page = agent.get(path).await?;
    let took = start.elapsed().as_secs_f64() * 1_000.0;
    ensure!(page.status == 200, "{path}: {}", page.status);
    let asked = path.split('#').next().unwrap_or(path);
    ensure!(page.path == asked, "{path} led to {}", page.path);
    Ok(took)
}

/// Asks for every page.
pub(super) async fn pages(origin: &str) -> Result<Vec<Figure>> {
    let found = Found::look(origin).await?;
    let mut figures = Vec::new();
    for (name, account, pattern) in PAGES {
        let mut agent = sign_in(origin, account).await?;
        let path = found.path(pattern);
        let mut took = Vec::with_capacity(VISITS);
        for _ in 0..VISITS {
            took.push(visit(&mut agent, &path).await?);
        }
        let (median, p95) = (quantile(&took, 0.5), quantile(&took, 0.95));
        say(&format!("{path}: median {median:.1} ms, p95 {p95:.1} ms"));
        figures.push(Figure::p95(name, "ms", took));
    }
    Ok(figures)
}

/// Asks for every list as a file, once.
pub(super) async fn files(origin: &str) -> Result<Vec<Figure>> {
    let found = Found::look(origin).await?;
    let mut figures = Vec::new();
    for (name, account, pattern) in FILES {
        let mut agent = sign_in(origin, account).await?;
        let took = visit(&mut agent, &found.path(pattern)).await?;
        figures.push(Figure::median(name, "ms", vec![took]));
    }
    Ok(figures)
}
