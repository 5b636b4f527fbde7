//! How fast the console answers, and how much memory the server holds, with a hundred thousand records of a year in it.
//! The records come through the real sync; then the real program serves the folder.

use super::Figure;
use super::crew::{PAIRS, Pair};
use crate::folder::{Folder, program};
use crate::machine::Clock;
use crate::process::Program;
use crate::records::{self, Dice};
use crate::world::today;
use anyhow::{Context, Result};
use shared::instant::{DAY_MS, MINUTE_MS};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use tokio::time::Instant as Moment;

mod ask;
mod learn;

/// How many records.
const RECORDS: usize = 100_000;
/// Over so many days, to today.
const DAYS: i64 = 365;
/// Commits in one push.
const PUSHED_AT_ONCE: usize = 40;
/// Visits begin at any minute of a day.
const DAY_MINUTES: u64 = 24 * 60;

pub(super) fn say(words: &str) {
    // Nobody is left to hear of a closed pipe.
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Fills a folder, a day after the other. Gives the last record's address.
async fn fill(folder: &Path) -> Result<()> {
    let end = today();
    let clock = Clock::at(end.plus_millis(-DAYS * DAY_MS));
    let app = server::App::open(server::Config::new(folder), clock.clone()).await?;
    let codes: BTreeMap<String, String> =
        server::demo::make(&app).await?.codes.into_iter().collect();
    let router = server::app(app.clone());
    let mut pairs = Vec::new();
    for (names, seed) in PAIRS.into_iter().zip([1, 3, 5]) {
        pairs.push(Pair::enrol(&router, &codes, names, seed).await?);
    }
    let mut dice = Dice::new(4);
    let mut made = 0;
    let start = Moment::now();
    for day in 0..DAYS {
        if day == DAYS / 2 {
            let learners = pairs.first_mut().context("a pair")?;
            learn::course(&router, clock.read().date(), PAIRS[0]).await?;
            learn::drill(
                learners.devices.first_mut().context("a device")?,
                clock.read(),
            )
            .await?;
        }
        let until = RECORDS * usize::try_from(day + 1)? / usize::try_from(DAYS)?;
        let morning = clock.read();
        while made < until {
            let pair = made % pairs.len();
            // Spread over the day: five people can be in no more places at once here than sixty in earnest.
            let minutes = i64::try_from(dice.roll(DAY_MINUTES))?;
            let begun = morning.plus_millis(-minutes * MINUTE_MS);
            let pair = pairs.get_mut(pair).context("a pair")?;
            let parts = records::inspection(&mut dice, pair.cast(), begun);
            pair.seal(&parts)?;
            made += 1;
        }
        for pair in &mut pairs {
            pair.push(PUSHED_AT_ONCE).await?;
        }
        app.run_due_jobs().await?;
        clock.advance(DAY_MS);
        if day % 30 == 29 {
            say(&format!(
                "{made} of {RECORDS} records after {:.0?}",
                start.elapsed()
            ));
        }
    }
    app.run_due_jobs().await?;
    say(&format!("{made} records in {:.0?}", start.elapsed()));
    Ok(())
}

/// Resident memory in MB: now, and at most so far.
fn memory(pid: u32) -> Result<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.with_context(|| name.to_owned())?.parse::<f64>()? / 1024.0)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// `office.<page>_p95_ms` for each page, `office.<file>_ms` for each list as a file, and `office.rss_mb`. Filling takes most of the time: a folder named here is filled
/// if it is not there yet, and stays.
///
/// # Errors
/// The server was not built, does not start, or a page is not there.
pub async fn pages(kept: Option<&Path>) -> Result<Vec<Figure>> {
    if let Some(kept) = kept {
        if !kept.exists() {
            std::fs::create_dir_all(kept)?;
            fill(kept).await?;
        }
        return measure(kept).await;
    }
    let folder = Folder::new("office")?;
    fill(folder.path()).await?;
    measure(folder.path()).await
}

async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let mut server = Program::new(&program("server")?)
        .arg("serve")
        .arg("--data")
        .arg(folder);
    server.start().await?;
    let origin = format!("http://localhost:{}", server.port());
    let mut figures = ask::pages(&origin).await?;
    let pid = server.pid().context("the server runs")?;
    let (now, _) = memory(pid)?;
    figures.push(Figure::median("office.rss_mb", "MB", vec![now]));
    figures.extend(ask::files(&origin).await?);
    let (_, most) = memory(pid)?;
    figures.push(Figure::median("office.rss_most_mb", "MB", vec![most]));
    Ok(figures)
}
