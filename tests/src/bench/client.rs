//! How long the phone client makes people wait, in Chromium at 360×740, and how large it is.

use super::Figure;
use super::ingest::Served;
use crate::browser::{Browser, Setup};
use crate::camera;
use crate::folder::{files, target};
use crate::hands::{Hands, Touch};
use crate::world::{OFFICERS, today};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

const STARTS: usize = 5;
const SAVES: usize = 20;
const TAPS: usize = 40;
const PHOTOS: u32 = 10;
const SEARCHES: [&str; 8] = [
    "燃气",
    "消防",
    "罚款",
    "XFF",
    "行政处罚法",
    "42",
    "秸秆焚烧",
    "没有这个词",
];
const SLOWER: u32 = 4;

/// When the first page of this document was drawn, since its navigation began.
const FIRST_DRAWN: &str = "return performance.getEntriesByName('rendered')[0]?.startTime ?? null";
/// From the finger's touch to the frame after the answer was drawn.
const WATCH_TAPS: &str = "
    window.taps = [];
    let touched;
    addEventListener('pointerdown', (event) => (touched = event.timeStamp), true);
    new MutationObserver(() => {
        const since = touched;
        touched = undefined;
        if (since === undefined) return;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => taps.push(performance.now() - since);
            port2.postMessage(0);
        });
    }).observe(document.documentElement, { attributeFilter: ['data-visit'] });";
/// From the camera's file in the page's hand to the page that shows the saved picture.
const PHOTO_WAIT: &str = "
    const last = (name) => performance.getEntriesByName(name).at(-1).startTime;
    return last('rendered') - last('taken')";
/// From asking for a page of the law library to its last byte.
const SEARCH: &str = "
    const [words, done] = arguments;
    (async () => {
        const start = performance.now();
        const page = await (await field.fetch(location.origin + '/field/law?q=' + encodeURIComponent(words))).text();
        done([performance.now() - start, page.includes(words)]);
    })()";

/// `wasm.gzip_bytes`.
///
/// # Errors
/// The client was not built.
pub fn size() -> Result<Vec<Figure>> {
    let dist = target()?.with_file_name("dist");
    let found = files(&dist).context("no client in dist/: cargo xtask wasm --release")?;
    let packed = found
        .iter()
        .find(|path| path.to_string_lossy().ends_with(".wasm.gz"));
    let bytes = std::fs::metadata(packed.context("no packed module in dist/")?)?.len();
    Ok(vec![Figure::median(
        "wasm.gzip_bytes",
        "B",
        vec![bytes as f64],
    )])
}

async fn first_drawn(browser: &Browser) -> Result<f64> {
    let at = browser.script(FIRST_DRAWN, json!([])).await?;
    at.as_f64().context("nothing was drawn")
}

async fn starts(origin: &str) -> Result<[Figure; 2]> {
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let browser = Browser::open(Setup::default()).await?;
        browser.goto(&format!("{origin}/field/")).await?;
        cold.push(first_drawn(&browser).await?);
        let ready = "navigator.serviceWorker.ready.then(() => arguments[0](true))";
        browser.script_async(ready, json!([])).await?;
        let ruled = "return Boolean(navigator.serviceWorker.controller)";
        browser
            .wait("a service worker in charge", ruled, json!([]))
            .await?;
        browser.reload().await?;
        warm.push(first_drawn(&browser).await?);
    }
    Ok([
        Figure::median("client.cold_start_ms", "ms", cold),
        Figure::median("client.warm_start_ms", "ms", warm),
    ])
}

/// An urgent inspection on an enrolled phone; its page's path.
async fn begin(hands: &mut Touch<'_>, code: &str) -> Result<String> {
    let link = format!("{}/field/enrol#{code}", hands.origin);
    hands.browser.goto(&link).await?;
    hands.fill("pin", crate::world::OWN_PIN).await?;
    hands.fill("pin_again", crate::world::OWN_PIN).await?;
    hands.press("登记").await?;
    hands.await_words("/field/new", "检查事项").await?;
    hands.fill("urgent", "量测").await?;
    hands.fill("subject_name", "示例店").await?;
    hands.fill("place", "示例路2号").await?;
    let pick = "const m = document.getElementsByName('matter')[0]; if (m) m.selectedIndex = 1;";
    hands.browser.script(pick, json!([])).await?;
    hands.press("开始检查").await?;
    hands.path().await
}

async fn samples(browser: &Browser, count: usize) -> Result<Vec<f64>> {
    let all = format!("return taps.length >= {count}");
    browser
        .wait("every tap to be painted", &all, json!([]))
        .await?;
    let taps = browser.script("return taps.splice(0)", json!([])).await?;
    let taps = taps.as_array().context("no samples")?;
    Ok(taps.iter().filter_map(serde_json::Value::as_f64).collect())
}

async fn saves(hands: &mut Touch<'_>, record: &str) -> Result<Figure> {
    hands.open(&format!("{record}/s/JC-14")).await?;
    hands.browser.script(WATCH_TAPS, json!([])).await?;
    for nth in 0..SAVES {
        hands
            .fill("f.facts", &format!("第{nth}次填写：通道宽0.9米"))
            .await?;
        hands.press("保存").await?;
    }
    let samples = samples(hands.browser, SAVES).await?;
    Ok(Figure::median("client.save_render_ms", "ms", samples))
}

async fn taps(hands: &mut Touch<'_>, record: &str) -> Result<Figure> {
    hands.open(&format!("{record}/s/JC-16")).await?;
    hands.browser.slow_down(SLOWER).await?;
    for nth in 0..TAPS {
        hands
            .press(if nth % 2 == 0 {
                "未发现问题"
            } else {
                "责令改正"
            })
            .await?;
    }
    hands.browser.slow_down(1).await?;
    let samples = samples(hands.browser, TAPS).await?;
    Ok(Figure::p95("client.tap_paint_4x_p95_ms", "ms", samples))
}

/// Pictures of twelve megapixels: shrunk, hashed, encrypted, saved and shown.
async fn photos(hands: &mut Touch<'_>, record: &str, slower: u32) -> Result<Vec<f64>> {
    let mut samples = Vec::new();
    for number in 0..PHOTOS {
        hands.open(&format!("{record}/s/JC-10")).await?;
        hands.browser.slow_down(slower).await?;
        camera::take(hands.browser, number + slower * 100, today()).await?;
        hands.browser.slow_down(1).await?;
        let waited = hands.browser.script(PHOTO_WAIT, json!([])).await?;
        samples.push(waited.as_f64().context("no picture was shown")?);
    }
    Ok(samples)
}

async fn searches(browser: &Browser) -> Result<Figure> {
    let mut samples = Vec::new();
    for words in SEARCHES.iter().cycle().take(SEARCHES.len() * 5) {
        let told = browser.script_async(SEARCH, json!([words])).await?;
        let Some([took, Value::Bool(true)]) = told.as_array().map(Vec::as_slice) else {
            bail!("the library says nothing of {words}: {told}");
        };
        samples.push(took.as_f64().context("no time")?);
    }
    Ok(Figure::p95("client.law_search_p95_ms", "ms", samples))
}

/// `client.cold_start_ms`, `client.warm_start_ms`, `client.save_render_ms`, `client.tap_paint_4x_p95_ms`,
/// `client.photo_save_ms`, `client.photo_save_4x_ms`, `client.law_search_p95_ms`.
///
/// # Errors
/// Chromium is not installed, or some page is not as expected.
pub async fn waits() -> Result<Vec<Figure>> {
    let served = Served::start().await?;
    let [cold, warm] = starts(&served.origin()).await?;
    let browser = Browser::open(Setup::default()).await?;
    let mut hands = Touch {
        browser: &browser,
        origin: served.origin(),
    };
    let code = served
        .codes
        .get(1)
        .with_context(|| format!("no code for {}", OFFICERS[0]))?;
    let record = begin(&mut hands, code).await?;
    let save = saves(&mut hands, &record).await?;
    let tap = taps(&mut hands, &record).await?;
    let plain = photos(&mut hands, &record, 1).await?;
    let plain = Figure::median("client.photo_save_ms", "ms", plain);
    let slow = photos(&mut hands, &record, SLOWER).await?;
    let slow = Figure::median("client.photo_save_4x_ms", "ms", slow);
    let search = searches(hands.browser).await?;
    Ok(vec![cold, warm, save, tap, plain, slow, search])
}
