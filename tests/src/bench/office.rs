//! How fast the console answers, and how much memory the server holds, with a hundred thousand records of a year in it.
//! The records come through the real sync; then the real program serves the folder.

use super::Figure;
use crate::agent::Via;
use crate::device::{Device, Wire};
use crate::folder::{Folder, program};
use crate::machine::Clock;
use crate::process::Program;
use crate::records::{self, Cast, Dice};
use crate::world::today;
use anyhow::{Context, Result};
use axum::Router;
use shared::instant::{DAY_MS, Instant, MINUTE_MS};
use shared::log::commit::Commit;
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
/// Visits begin at any minute of a day.
const DAY_MINUTES: u64 = 24 * 60;
/// Commits in one push.
const PUSHED_AT_ONCE: usize = 40;
/// Officers with phones, in pairs that go out together; the last is of another office and goes with somebody without one.
const PAIRS: [[&str; 2]; 3] = [
    ["李晓燕", "王建国"],
    ["陈立新", "赵敏"],
    ["高云峰", "高云峰"],
];
/// Two officers with their devices; both may share one.
struct Pair {
    devices: Vec<Device>,
    waiting: Vec<Vec<Commit>>,
    cast: Cast,
}

impl Pair {
    async fn enrol(
        router: &Router,
        codes: &BTreeMap<String, String>,
        names: [&str; 2],
        seed: u8,
    ) -> Result<Self> {
        let mut devices = Vec::new();
        for (name, seed) in names.into_iter().zip(seed..) {
            if devices.len() == 1 && names[0] == names[1] {
                break;
            }
            let wire = Wire::new(Via::Router(router.clone()), "http://localhost/")?;
            let code = codes
                .get(name)
                .with_context(|| format!("no code for {name}"))?;
            devices.push(Device::enrol(wire, code, seed).await?);
        }
        let officer = |at: usize| devices.get(at).or(devices.first()).map(Device::officer);
        let cast = Cast {
            unit: devices.first().context("a device")?.unit(),
            authors: [
                officer(0).context("an officer")?,
                officer(1).context("an officer")?,
            ],
            others: [5, 6, 9].map(server::demo::officer).to_vec(),
        };
        Ok(Self {
            waiting: devices.iter().map(|_| Vec::new()).collect(),
            devices,
            cast,
        })
    }

    /// Seals a made-up inspection of this day.
    fn record(&mut self, dice: &mut Dice, day: Instant) -> Result<()> {
        let record = self.devices.first_mut().context("a device")?.fresh_record();
        for part in records::inspection(dice, &self.cast, day) {
            let author = part.author.min(self.devices.len() - 1);
            let at = part.events.first().context("an event")?.recorded_at;
            let device = self.devices.get_mut(author).context("a device")?;
            let commit = device.seal(record, &part.events, at)?;
            for (other, device) in self.devices.iter_mut().enumerate() {
                if other != author && part.informed {
                    device.see(&commit);
                }
            }
            self.waiting
                .get_mut(author)
                .context("a queue")?
                .push(commit);
        }
        Ok(())
    }

    async fn push(&mut self) -> Result<()> {
        for (device, waiting) in self.devices.iter().zip(&mut self.waiting) {
            for run in waiting.chunks(PUSHED_AT_ONCE) {
                let bytes: Vec<&[u8]> = run.iter().map(Commit::bytes).collect();
                let answer = device.push(&bytes).await?;
                answer.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
            }
            waiting.clear();
        }
        Ok(())
    }
}

fn say(words: &str) {
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
            pairs
                .get_mut(pair)
                .context("a pair")?
                .record(&mut dice, begun)?;
            made += 1;
        }
        for pair in &mut pairs {
            pair.push().await?;
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
