//! Officers with phones who fill a folder: they seal and push as phones do, in this process.
//! Apart because more than one measurement begins with a full folder.

use crate::agent::Via;
use crate::device::{Device, Wire};
use crate::records::{Cast, Part};
use anyhow::{Context, Result};
use axum::Router;
use shared::id::RecordId;
use shared::log::commit::Commit;
use std::collections::BTreeMap;

/// Officers with phones, in pairs that go out together; the last is of another office and goes with somebody without one.
pub(super) const PAIRS: [[&str; 2]; 3] = [
    ["李晓燕", "王建国"],
    ["陈立新", "赵敏"],
    ["高云峰", "高云峰"],
];

/// Two officers with their devices; both may share one.
pub(super) struct Pair {
    pub(super) devices: Vec<Device>,
    waiting: Vec<Vec<Commit>>,
    cast: Cast,
}

impl Pair {
    /// Enrols them.
    pub(super) async fn enrol(
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

    /// Who is there.
    pub(super) const fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Seals what they recorded as a record of its own; gives which.
    pub(super) fn seal(&mut self, parts: &[Part]) -> Result<RecordId> {
        let record = self.devices.first_mut().context("a device")?.fresh_record();
        for part in parts {
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
        Ok(record)
    }

    /// Pushes what waits, so many commits at once.
    pub(super) async fn push(&mut self, at_once: usize) -> Result<()> {
        for (device, waiting) in self.devices.iter().zip(&mut self.waiting) {
            for run in waiting.chunks(at_once) {
                let bytes: Vec<&[u8]> = run.iter().map(Commit::bytes).collect();
                let answer = device.push(&bytes).await?;
                answer.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
            }
            waiting.clear();
        }
        Ok(())
    }
}
