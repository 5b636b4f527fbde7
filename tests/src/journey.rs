//! The journey of the first slice, walked with whatever hands: enrol, record an inspection without showing the certificates.
//! Apart so that the native host and the browser walk the very same one.

use crate::hands::Hands;
use crate::office::{Assigned, SeenGap};
use crate::world::{COLLEAGUE_PIN, OFFICERS, OWN_PIN, today};
use anyhow::{Context, Result, bail};
use shared::instant::Instant;
use std::time::Duration;

/// What is written into the on-site record.
pub const FOUND: &str = "一层东侧疏散通道堆放纸箱约两立方米";
/// The gap that the journey is about.
pub const GAP: &str = "R09 JC-10 missing G3";
/// Its article.
pub const ARTICLE: &str = "行政处罚法";
/// What else the journey leaves out: no recording, no notice, no checklist.
const BESIDE: [&str; 3] = [
    "JC-15.missing JC-15 missing G1",
    "R10 JC-11 missing G2",
    "R11 JC-13 missing G1",
];

/// Between two questions for what is new.
const ASK_EVERY: Duration = Duration::from_millis(30);

/// Enrols with a typed code.
///
/// # Errors
/// Some page is not as expected.
pub async fn enrol(hands: &mut impl Hands, code: &str) -> Result<()> {
    hands.fill("typed_code", code).await?;
    choose_pin(hands).await
}

/// Chooses the PIN; the code is there already.
///
/// # Errors
/// Some page is not as expected.
pub async fn choose_pin(hands: &mut impl Hands) -> Result<()> {
    hands.fill("pin", OWN_PIN).await?;
    hands.fill("pin_again", OWN_PIN).await?;
    hands.press("登记").await?;
    hands.expect_words(OFFICERS[0]).await
}

/// Types the PIN of a client that was started again.
///
/// # Errors
/// Some page is not as expected.
pub async fn unlock(hands: &mut impl Hands) -> Result<()> {
    hands.expect_words("输入 PIN").await?;
    hands.fill("pin", OWN_PIN).await?;
    hands.press("解锁").await
}

/// Types the PIN if the page asks for it, and goes where one wanted to go.
///
/// # Errors
/// Some page is not as expected.
pub async fn unlock_if_asked(hands: &mut impl Hands, path: &str) -> Result<()> {
    if hands.read().await?.contains("输入 PIN") {
        unlock(hands).await?;
    }
    if hands.path().await? != path {
        hands.open(path).await?;
    }
    Ok(())
}

/// Asks for what is new until this page shows these words.
///
/// # Errors
/// It never does.
pub async fn await_pulled(hands: &mut impl Hands, path: &str, words: &str) -> Result<()> {
    for _ in 0..200 {
        hands.open("/field/sync").await?;
        hands.press("立即上传").await?;
        hands.open(path).await?;
        if hands.read().await?.contains(words) {
            return Ok(());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    bail!("{path} never shows {words}: {}", hands.read().await?)
}

/// Where a record's page is.
#[must_use]
pub fn record_path(task: &Assigned) -> String {
    format!("/field/r/{}", task.record)
}

/// Where a step's page is.
#[must_use]
pub fn step_path(task: &Assigned, step: &str) -> String {
    format!("/field/r/{}/s/{step}", task.record)
}

/// Records the officers, that no certificate was shown, and fills in the on-site record as far as "save".
///
/// # Errors
/// Some page is not as expected.
pub async fn record_until_save(hands: &mut impl Hands, task: &Assigned) -> Result<()> {
    hands.open(&step_path(task, "JC-08")).await?;
    hands.press("完成本步骤").await?;
    hands.open(&step_path(task, "JC-10")).await?;
    hands
        .fill("reason", "到场后直接查看了通道，没有出示证件")
        .await?;
    hands.press("未做，如实记录").await?;
    hands.open(&step_path(task, "JC-14")).await?;
    hands.fill("f.place", "示例路1号一层").await?;
    hands.fill("f.start", &local(today())).await?;
    hands.fill("f.end", &local(today())).await?;
    hands.fill("f.present", "店主 李四").await?;
    hands.fill("f.facts", FOUND).await?;
    hands.press("保存").await?;
    hands.expect_words(FOUND).await
}

/// Both officers confirm by PIN, the party on the screen; the result is told and the record handed in.
///
/// # Errors
/// Some page is not as expected.
pub async fn record_rest(
    hands: &mut impl Hands,
    task: &Assigned,
    officers: &[String; 2],
) -> Result<()> {
    hands.open(&step_path(task, "JC-14")).await?;
    hands.fill(&format!("pin.{}", officers[0]), OWN_PIN).await?;
    hands
        .fill(&format!("pin.{}", officers[1]), COLLEAGUE_PIN)
        .await?;
    hands.press("保存").await?;
    hands.follow("交当事人核对签字").await?;
    hands.expect_words(FOUND).await?;
    hands.fill("name", "李四").await?;
    hands.press("以上记录属实，我确认").await?;
    hands.open(&step_path(task, "JC-14")).await?;
    hands.press("完成本步骤").await?;
    hands.open(&step_path(task, "JC-16")).await?;
    hands.press("未发现问题").await?;
    hands.fill("f.told_to", "李四").await?;
    hands.press("完成本步骤").await?;
    hands.open(&format!("{}/submit", record_path(task))).await?;
    hands.press("提交").await?;
    hands.expect_words("已提交").await
}

/// The two officers of the demo, as the pages name them.
#[must_use]
pub fn officer_ids() -> [String; 2] {
    [2, 3].map(|number| server::demo::officer(number).to_string())
}

/// Checks that a page shows exactly the journey's gaps, the one it is about with its article.
///
/// # Errors
/// It shows another, none, or more.
pub fn only_these_gaps(shown: &[SeenGap]) -> Result<()> {
    let found = shown.iter().find(|gap| gap.key == GAP);
    let mut beside: Vec<&str> = shown.iter().map(|gap| gap.key.as_str()).collect();
    beside.retain(|key| *key != GAP);
    let (Some(gap), true) = (found, beside == BESIDE) else {
        bail!("expected {GAP} and {BESIDE:?}, found {shown:?}");
    };
    let right = gap.key == GAP && gap.articles.contains(ARTICLE) && gap.articles.contains("55");
    right
        .then_some(())
        .with_context(|| format!("expected {GAP} by {ARTICLE} 55, found {gap:?}"))
}

/// A time as a form takes it.
#[must_use]
pub fn local(at: Instant) -> String {
    at.civil().strftime("%Y-%m-%dT%H:%M").to_string()
}
