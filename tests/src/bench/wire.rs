//! What an inspection costs on the wire: the bodies of every request that uploads it, without HTTP headers.

use super::Figure;
use crate::device::Device;
use crate::here::Here;
use crate::machine::Clock;
use crate::records::answered;
use anyhow::{Context, Result};
use sha2::Digest;
use shared::codec;
use shared::domain::event::{
    Event, EvidenceAdded, EvidenceKind, Fact, Opened, Outcome, SignMethod, Signed, SignerRole,
    StepRecorded, Submitted, Value,
};
use shared::domain::reference::RefSet;
use shared::id::{ProcedureId, StepId};
use shared::instant::Instant;
use shared::log::commit::RefVersion;
use shared::sync::wire::{self, FeedHead, Hello, PROTOCOL, Pull};

const RUNS: u8 = 5;
const NOW: Instant = Instant::from_millis(1_795_400_000_000);
/// Five steps with five answers each.
const STEPS: [&str; 5] = ["JC-08", "JC-09", "JC-10", "JC-14", "JC-16"];

fn step(id: &str) -> Result<StepId> {
    StepId::new(id).ok().context("a step")
}

fn event(nth: i64, fact: impl Into<Fact>) -> Event {
    Event {
        recorded_at: NOW.plus_millis(nth * 41_000),
        happened_at: None,
        fact: fact.into(),
    }
}

fn opened(device: &Device) -> Result<Event> {
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").ok().context("a procedure")?,
        version: 1,
        unit: device.unit(),
        subject: None,
        subject_name: "云溪镇示例便民超市".to_owned(),
        place: "云溪镇示范街1号".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: vec![device.officer(), server::demo::officer(3)],
    };
    Ok(event(0, opened))
}

/// What people write: no sentence twice, or compression would flatter.
const WORDS: [[&str; 3]; 5] = [
    [
        "两名执法人员到场",
        "执法证号与名单一致，均在有效期内",
        "无辅助人员单独执法",
    ],
    [
        "检查前已说明来意",
        "对方表示配合，店主本人接待",
        "已告知陪同义务和申请回避的权利",
    ],
    [
        "在收银台前出示证件",
        "店主查看后用手机拍照留存",
        "同时出示检查通知书",
    ],
    [
        "东侧安全出口通道宽0.9米，堆放纸箱六个",
        "灭火器四具，压力指针在绿区，一具无检验标签",
        "电线沿货架敷设，未穿管保护，长约三米",
    ],
    [
        "当场移开纸箱，通道恢复畅通",
        "口头告知检验标签应在十五日内补齐",
        "店主无异议，领取检查结果一份",
    ],
];

/// Five answers as people give them, proof and signature, and the step's end.
fn events(nth: usize, id: &str, device: &Device) -> Result<Vec<Event>> {
    let at = i64::try_from(nth * 10)?;
    let [first, second, third] = WORDS.get(nth).context("a step's words")?;
    let text = |words: &str| Value::Text(words.to_owned());
    let mut list = vec![
        event(at + 1, answered(id, "place", text(first))),
        event(at + 2, answered(id, "facts", text(second))),
        event(at + 3, answered(id, "remark", text(third))),
        event(at + 4, answered(id, "checked", Value::Bool(true))),
        event(
            at + 5,
            answered(id, "at", Value::At(NOW.plus_millis(at * 61_000))),
        ),
    ];
    let evidence = EvidenceAdded {
        step: step(id)?,
        evidence: EvidenceKind::Recording,
        reference: format!("R20261123-{nth:02}"),
        photo: None,
    };
    let signed = Signed {
        step: step(id)?,
        role: SignerRole::Officer,
        officer: Some(device.officer()),
        name: "李晓燕".to_owned(),
        method: SignMethod::Pin,
        document: Some(sha2::Sha256::digest(id).into()),
        drawing: None,
    };
    let ended = StepRecorded {
        step: step(id)?,
        outcome: Outcome::Done,
        note: String::new(),
    };
    list.push(event(at + 6, evidence));
    list.push(event(at + 7, signed));
    list.push(event(at + 8, ended));
    Ok(list)
}

/// Hello, one push and one pull: the round that uploads the inspection.
async fn bytes(here: &Here, officer: &str, seed: u8) -> Result<usize> {
    let mut device = here.device(officer, seed).await?;
    let record = device.fresh_record();
    let mut commits = vec![device.seal(record, &[opened(&device)?], NOW)?];
    for (nth, id) in STEPS.iter().enumerate() {
        let events = events(nth, id, &device)?;
        commits.push(device.seal(record, &events, NOW)?);
    }
    let note = String::new();
    commits.push(device.seal(record, &[event(99, Submitted { note })], NOW)?);
    let run: Vec<&[u8]> = commits.iter().map(|commit| commit.bytes()).collect();
    device
        .push(&run)
        .await?
        .map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    let push = wire::deflate(&codec::encode(&device.push_of(&run)));
    let last = commits.last().context("commits")?;
    let hello = Hello {
        protocol: PROTOCOL,
        build: env!("CARGO_PKG_VERSION").to_owned(),
        feed: device.feed,
        head: Some(FeedHead {
            seq: last.header().seq,
            hash: last.hash(),
        }),
        unsent: u32::try_from(commits.len())?,
        oldest_unsent_ms: 600_000,
    };
    let pull = Pull {
        epoch: device.epoch(),
        position: 100,
        refs: RefSet::ALL
            .map(|set| RefVersion { set, version: 10 })
            .to_vec(),
        max_bytes: 1 << 20,
    };
    Ok(push.len() + codec::encode(&hello).len() + codec::encode(&pull).len())
}

/// `wire.bytes_per_inspection`.
///
/// # Errors
/// The server refuses.
pub async fn inspection() -> Result<Vec<Figure>> {
    let mut samples = Vec::new();
    for run in 0..RUNS {
        let here = Here::open(&Clock::at(NOW)).await?;
        samples.push(bytes(&here, "李晓燕", 20 + run).await? as f64);
    }
    Ok(vec![Figure::median(
        "wire.bytes_per_inspection",
        "B",
        samples,
    )])
}
