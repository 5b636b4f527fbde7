//! Accessibility rules that a program can check (WCAG 2.0 to 2.2, A and AA, and good practice), by axe-core in the page itself.
//! Apart because axe is somebody else's program, kept under `vendor/` as it was published.

use crate::browser::Browser;
use anyhow::{Context, Result};
use serde_json::{Value, json};

const AXE: &str = include_str!("../vendor/axe-core/axe.min.js");
/// Runs it once per page; answers a line for each rule that is broken, with the elements.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        (found) => done(found.passes.length === 0 ? ['axe looked at nothing'] : found.violations.map((rule) => rule.id + ' (' + rule.impact + '): ' + rule.help + ' · '
            + rule.nodes.slice(0, 5).map((node) => node.target.join(' ') + ' ' + node.html.slice(0, 160)).join(' | '))),
        (error) => done(['axe: ' + error]));
";

/// What axe finds wrong on the page that is shown.
///
/// # Errors
/// The browser is gone.
pub async fn violations(browser: &Browser) -> Result<Vec<String>> {
    let there = browser
        .script("return typeof window.axe", json!([]))
        .await?;
    if there != json!("object") {
        browser.script(AXE, json!([])).await?;
    }
    let found = browser.script_async(RUN, json!([])).await?;
    let lines = found.as_array().context("axe gave no list")?;
    let line = |line: &Value| line.as_str().unwrap_or_default().to_owned();
    Ok(lines.iter().map(line).collect())
}
