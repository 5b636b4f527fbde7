//! A camera for the browser's tests: makes pictures as large as a phone's, with EXIF in them, and hands them to the page.
//! Apart because the journey, the canary and the bench all take pictures.

use crate::browser::Browser;
use anyhow::{Context, Result, bail};
use serde_json::json;
use shared::instant::Instant;

/// Stands in the EXIF part of every picture: no file of ours may contain it.
pub const EXIF_CANARY: &str = "EXIF-CANARY-GPS-112.5";

/// Draws a picture of 4000 × 3000 with detail everywhere, puts an EXIF part into it and gives it to the page's file input, as
/// the camera would. Answers with the file's length.
const TAKE: &str = r#"
    const [number, taken, canary, done] = arguments;
    (async () => {
        const input = document.querySelector("input[type=file]");
        if (!input) return done("no file input");
        input.closest("details")?.setAttribute("open", "");
        const canvas = Object.assign(document.createElement("canvas"), { width: 4000, height: 3000 });
        const pen = canvas.getContext("2d");
        for (let i = 0, seed = number + 1; i < 6000; i++) {
            seed = (seed * 1103515245 + 12345) % 2147483648;
            pen.fillStyle = `hsl(${seed % 360} 60% ${20 + (seed >> 8) % 60}%)`;
            pen.fillRect((seed >> 3) % 4000, (seed >> 5) % 3000, 20 + (seed >> 7) % 90, 20 + (seed >> 9) % 90);
        }
        const blob = await new Promise((good) => canvas.toBlob(good, "image/jpeg", 0.92));
        const plain = new Uint8Array(await blob.arrayBuffer());
        const note = new TextEncoder().encode("Exif\0\0" + canary);
        const exif = new Uint8Array([0xff, 0xe1, 0, note.length + 2, ...note]);
        const bytes = [plain.slice(0, 2), exif, plain.slice(2)];
        const file = new File(bytes, `IMG_${number}.jpg`, { type: "image/jpeg", lastModified: taken });
        const hand = new DataTransfer();
        hand.items.add(file);
        input.files = hand.files;
        const { dataset } = document.documentElement;
        dataset.before = dataset.visit ?? "0";
        performance.mark("taken");
        input.dispatchEvent(new Event("change", { bubbles: true }));
        done(file.size);
    })();
"#;

/// Takes a picture on the step's page that is open; the page saves it by itself. Gives the size of the camera's file.
///
/// # Errors
/// The page takes no pictures, or does not answer.
pub async fn take(browser: &Browser, number: u32, at: Instant) -> Result<u64> {
    // The camera's button, its shutter, and that the picture is wanted.
    browser.tapped(3);
    let args = json!([number, at.as_millis(), EXIF_CANARY]);
    let told = browser.script_async(TAKE, args).await?;
    let Some(size) = told.as_u64() else {
        bail!("no picture: {told}");
    };
    browser
        .settled("the page after a picture")
        .await
        .context("a picture")?;
    Ok(size)
}
