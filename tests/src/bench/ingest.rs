//! How fast the server takes in: the real program over loopback HTTP, signatures checked, every acknowledged commit on disk.

use super::{Figure, quantile};
use crate::agent::{Via, client};
use crate::device::{Device, Wire};
use crate::folder::{Folder, program};
use crate::process::Program;
use crate::records::answered;
use anyhow::{Context, Result, bail};
use shared::domain::event::{Event, Opened, Value};
use shared::id::ProcedureId;
use shared::instant::Instant;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::Instant as Moment;

const RUNS: usize = 5;
const DEVICES: u8 = 4;
const PUSHES: usize = 25;
const COMMITS_PER_PUSH: usize = 4;
const EVENTS_PER_COMMIT: usize = 10;
const NOW: Instant = Instant::from_millis(1_795_400_000_000);

/// A server with the demo in it, over plain HTTP on the loopback address.
pub struct Served {
    /// Its process.
    pub server: Program,
    /// Enrolment codes, one for each officer.
    pub codes: Vec<String>,
    _data: Folder,
}

impl Served {
    /// Starts it.
    ///
    /// # Errors
    /// It was not built, or does not start.
    pub async fn start() -> Result<Self> {
        let (path, data) = (program("server")?, Folder::new("bench")?);
        let mut demo = Command::new(&path);
        let made = demo
            .arg("demo")
            .arg("--data")
            .arg(data.path())
            .output()
            .await?;
        if !made.status.success() {
            bail!("no demo: {}", String::from_utf8_lossy(&made.stderr));
        }
        let said = String::from_utf8_lossy(&made.stdout).into_owned();
        let links = said.split("/field/enrol#").skip(1);
        let codes = links.filter_map(|after| after.split_whitespace().next());
        let codes: Vec<String> = codes.map(str::to_owned).collect();
        let mut server = Program::new(&path)
            .arg("serve")
            .arg("--data")
            .arg(data.path());
        server.start().await?;
        Ok(Self {
            server,
            codes,
            _data: data,
        })
    }

    /// Its origin, by the name that browsers trust.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.server.port())
    }
}

/// Pushes prepared beforehand: only sending is measured.
fn prepare(device: &mut Device) -> Result<Vec<Vec<Vec<u8>>>> {
    let mut pushes = Vec::with_capacity(PUSHES);
    for _ in 0..PUSHES {
        let record = device.fresh_record();
        let mut commits = Vec::with_capacity(COMMITS_PER_PUSH);
        for nth in 0..COMMITS_PER_PUSH {
            let events = events(device, nth)?;
            commits.push(device.seal(record, &events, NOW)?.bytes().to_vec());
        }
        pushes.push(commits);
    }
    Ok(pushes)
}

fn events(device: &Device, nth: usize) -> Result<Vec<Event>> {
    let event = |fact| Event {
        recorded_at: NOW,
        happened_at: None,
        fact,
    };
    let mut list = Vec::with_capacity(EVENTS_PER_COMMIT);
    if nth == 0 {
        let opened = Opened {
            procedure: ProcedureId::new("XZJC").ok().context("a procedure")?,
            version: 1,
            unit: device.unit(),
            subject: None,
            subject_name: "示例商店".to_owned(),
            place: "示例路1号".to_owned(),
            matter: "M12".to_owned(),
            task: None,
            urgent: None,
            officers: vec![device.officer()],
        };
        list.push(event(opened.into()));
    }
    while list.len() < EVENTS_PER_COMMIT {
        let words = format!("第{nth}次第{}项，通道宽0.9米", list.len());
        list.push(event(answered("JC-14", "facts", Value::Text(words))));
    }
    Ok(list)
}

/// One device's pushes, one after another. Milliseconds of each.
async fn run(device: Device, pushes: Vec<Vec<Vec<u8>>>) -> Result<(Device, Vec<f64>)> {
    let mut took = Vec::with_capacity(pushes.len());
    for push in pushes {
        let bytes: Vec<&[u8]> = push.iter().map(Vec::as_slice).collect();
        let start = Moment::now();
        let answer = device.push(&bytes).await?;
        took.push(start.elapsed().as_secs_f64() * 1_000.0);
        answer.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    }
    Ok((device, took))
}

/// `ingest.events_per_s` and `ingest.push_p99_ms`.
///
/// # Errors
/// The server does not start, or refuses.
pub async fn pushes() -> Result<Vec<Figure>> {
    let served = Served::start().await?;
    let mut devices = Vec::new();
    for (seed, code) in (1..=DEVICES).zip(&served.codes) {
        let wire = Wire::new(Via::Net(client(None)?), &served.origin())?;
        devices.push(Device::enrol(wire, code, seed).await?);
    }
    let (mut rates, mut tails) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut prepared = Vec::new();
        for mut device in devices.drain(..) {
            let pushes = prepare(&mut device)?;
            prepared.push((device, pushes));
        }
        let events = prepared.len() * PUSHES * COMMITS_PER_PUSH * EVENTS_PER_COMMIT;
        let mut tasks = JoinSet::new();
        let start = Moment::now();
        for (device, pushes) in prepared {
            tasks.spawn(run(device, pushes));
        }
        let mut took = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (device, own) = done??;
            devices.push(device);
            took.extend(own);
        }
        rates.push(events as f64 / start.elapsed().as_secs_f64());
        tails.push(quantile(&took, 0.99));
    }
    Ok(vec![
        Figure::median("ingest.events_per_s", "1/s", rates),
        Figure::median("ingest.push_p99_ms", "ms", tails),
    ])
}
