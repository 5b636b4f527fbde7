//! Chromium with a fresh profile, as a person uses it: taps, types, reads, has it killed and opens it again.
//! Apart because every journey in the real browser goes through here, and each must clean up after itself.

use crate::folder::{self, Folder};
use crate::process;
use crate::webdriver::Driver;
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Anything that should appear has appeared by then, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// A phone and a desk.
pub const PHONE: (u32, u32) = (360, 740);
/// A desk.
pub const DESK: (u32, u32) = (1280, 800);

const SWITCHES: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
];

/// The element that a person means by a text: of the visible controls with these words the one that says least beside them.
const BY_TEXT: &str = r#"
    const [text] = arguments;
    const controls = "a[href], button, summary, label, input[type=submit], [role=button]";
    const words = (e) => (e.innerText || e.value || "").replace(/\s+/g, " ").trim();
    const wide = (e) => e.checkVisibility?.({ visibilityProperty: true }) && !e.closest(".visually-hidden");
    const found = [...document.querySelectorAll(controls)].filter((e) => wide(e) && words(e).includes(text))
        .sort((a, b) => words(a).length - words(b).length)[0] ?? null;
    found?.scrollIntoView({ block: "center" });
    return found;
"#;
const BY_CSS: &str = r#"
    const all = [...document.querySelectorAll(arguments[0])];
    for (const e of all) e.closest("details:not([open])")?.setAttribute("open", "");
    const found = all.find((e) => e.checkVisibility?.({ visibilityProperty: true })) ?? null;
    found?.scrollIntoView({ block: "center" });
    return found;
"#;
/// Whether the page that a tap asked for is there: another document, or another visit of the same.
const SETTLED: &str = r#"
    const { dataset } = document.documentElement;
    if ("busy" in dataset || document.readyState !== "complete") return false;
    if (dataset.before !== undefined) return (dataset.visit ?? "0") !== dataset.before;
    return !document.querySelector("script[src*='/transport']") || dataset.visit !== undefined;
"#;

/// How the browser is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The fingerprint of the server's key to trust.
    pub trusted: Option<String>,
    /// `zh-CN` or `en`.
    pub language: &'static str,
    /// Another user agent than its own.
    pub user_agent: Option<String>,
    /// Width and height.
    pub size: (u32, u32),
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            trusted: None,
            language: "zh-CN",
            user_agent: None,
            size: PHONE,
        }
    }
}

/// A browser.
#[derive(Debug)]
pub struct Browser {
    driver: Driver,
    profile: Folder,
    setup: Setup,
    taps: AtomicU32,
}

impl Browser {
    /// Opens a browser on a fresh profile.
    ///
    /// # Errors
    /// Chromium or its driver is not installed or does not start.
    pub async fn open(setup: Setup) -> Result<Self> {
        let profile = Folder::new("profile")?;
        let driver = Driver::start(profile.path()).await?;
        let mut browser = Self {
            driver,
            profile,
            setup,
            taps: AtomicU32::new(0),
        };
        browser.reopen().await?;
        Ok(browser)
    }

    /// Opens it again on the same profile.
    ///
    /// # Errors
    /// It does not start.
    pub async fn reopen(&mut self) -> Result<()> {
        let mut args: Vec<String> = SWITCHES.map(str::to_owned).to_vec();
        let (width, height) = self.setup.size;
        args.push(format!("--user-data-dir={}", self.data().display()));
        args.push(format!("--window-size={width},{height}"));
        args.push(format!("--lang={}", self.setup.language));
        args.push(format!("--accept-lang={}", self.setup.language));
        if let Some(trusted) = &self.setup.trusted {
            args.push(format!("--ignore-certificate-errors-spki-list={trusted}"));
        }
        if let Some(agent) = &self.setup.user_agent {
            args.push(format!("--user-agent={agent}"));
        }
        let options = json!({
            "args": args,
            "prefs": {"intl.accept_languages": self.setup.language},
        });
        self.driver.open(options).await?;
        self.resize(self.setup.size).await
    }

    /// SIGKILL to the browser and everything it started: what a phone does to a page it needs the memory of.
    ///
    /// # Errors
    /// It was not running.
    pub async fn kill(&mut self) -> Result<()> {
        let pids = self.processes()?;
        if pids.is_empty() {
            bail!("no browser runs on {}", self.data().display());
        }
        for pid in &pids {
            // Children may have ended with their parent.
            let _ = process::signal(*pid, Signal::KILL);
        }
        self.driver.forget().await;
        let end = Instant::now() + PATIENCE;
        while !self.processes()?.is_empty() {
            if Instant::now() > end {
                bail!("the browser does not end");
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// The profile's folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.profile.join("data")
    }

    /// The browser on this profile and its descendants.
    fn processes(&self) -> Result<Vec<u32>> {
        let flag = format!("--user-data-dir={}", self.data().display());
        let all = running()?;
        let mut ours: BTreeSet<u32> = all
            .iter()
            .filter(|(.., words)| words.contains(&flag))
            .filter(|(.., words)| words.first().is_some_and(|w| !w.contains("chromedriver")))
            .map(|(pid, ..)| *pid)
            .collect();
        loop {
            let before = ours.len();
            let children = all.iter().filter(|(_, parent, _)| ours.contains(parent));
            let children: Vec<u32> = children.map(|(pid, ..)| *pid).collect();
            ours.extend(children);
            if ours.len() == before {
                return Ok(ours.into_iter().collect());
            }
        }
    }

    // -- looking

    /// Runs a script in the page.
    ///
    /// # Errors
    /// It throws.
    pub async fn script(&self, script: &str, args: Value) -> Result<Value> {
        self.driver.script(script, args).await
    }

    /// Runs a script that answers by its last argument.
    ///
    /// # Errors
    /// It throws, or never answers.
    pub async fn script_async(&self, script: &str, args: Value) -> Result<Value> {
        self.driver.script_async(script, args).await
    }

    /// One command of the browser's own protocol.
    ///
    /// # Errors
    /// As the browser says.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<Value> {
        self.driver.devtools(command, params).await
    }

    /// What is to be read on the page.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn text(&self) -> Result<String> {
        let text = self
            .script(
                "return document.documentElement?.innerText ?? ''",
                json!([]),
            )
            .await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The page's address.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn address(&self) -> Result<String> {
        let href = self.script("return location.href", json!([])).await?;
        Ok(href.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a script's answer is true.
    ///
    /// # Errors
    /// It never is; the message shows the page.
    pub async fn wait(&self, what: &str, script: &str, args: Value) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            // While a document is being replaced there is nothing to ask.
            let answer = self.script(script, args.clone()).await.unwrap_or_default();
            if answer.as_bool() == Some(true) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(self.lost(what).await);
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the page shows this text.
    ///
    /// # Errors
    /// It never does.
    pub async fn wait_for(&self, text: &str) -> Result<()> {
        let script = "return (document.documentElement?.innerText ?? '').includes(arguments[0])";
        self.wait(&format!("the words {text:?}"), script, json!([text]))
            .await
    }

    async fn lost(&self, what: &str) -> anyhow::Error {
        let address = self.address().await.unwrap_or_default();
        let text = self.text().await.unwrap_or_default();
        let said = self.console().await.unwrap_or_default().join("\n");
        anyhow::anyhow!("{what}: not at {address}\n--- page\n{text}\n--- console\n{said}")
    }

    /// What the console said since it was last asked, warnings and errors only.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn console(&self) -> Result<Vec<String>> {
        let log = self
            .driver
            .command("/se/log", json!({"type": "browser"}))
            .await?;
        let entries = log.as_array().cloned().unwrap_or_default();
        let field = |entry: &Value, name: &str| {
            entry
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned()
        };
        Ok(entries
            .iter()
            .filter(|entry| matches!(field(entry, "level").as_str(), "SEVERE" | "WARNING"))
            .map(|entry| format!("{}: {}", field(entry, "source"), field(entry, "message")))
            .collect())
    }

    // -- acting

    /// Opens an address and waits until the page stands.
    ///
    /// # Errors
    /// It does not load.
    pub async fn goto(&self, url: &str) -> Result<()> {
        self.driver.command("/url", json!({"url": url})).await?;
        self.wait(&format!("a page at {url}"), SETTLED, json!([]))
            .await
    }

    /// Opens an address without waiting for the page to stand.
    ///
    /// # Errors
    /// The address is none.
    pub async fn navigate(&self, url: &str) -> Result<()> {
        self.driver
            .command("/url", json!({"url": url}))
            .await
            .map(drop)
    }

    /// What a person had to do so far: taps, links followed, fields gone into, choices made.
    #[must_use]
    pub fn taps(&self) -> u32 {
        self.taps.load(Ordering::Relaxed)
    }

    /// Something was done that is not done through this type: a picture taken, a name drawn.
    pub fn tapped(&self, times: u32) {
        self.taps.fetch_add(times, Ordering::Relaxed);
    }

    /// Follows a link to an address of the same origin, as if the page had one: the document stays.
    ///
    /// # Errors
    /// Nothing follows.
    pub async fn goto_within(&self, path: &str) -> Result<()> {
        let follow = "const a = Object.assign(document.createElement('a'), { href: arguments[0] });
            document.body.append(a); a.click(); a.remove();";
        self.tapped(1);
        self.remember().await?;
        self.script(follow, json!([path])).await?;
        self.wait(&format!("the page {path}"), SETTLED, json!([]))
            .await
    }

    /// Loads the page anew. (A reload past the service worker cannot work offline in any browser.)
    ///
    /// # Errors
    /// It does not load.
    pub async fn reload(&self) -> Result<()> {
        self.devtools("Page.reload", json!({})).await?;
        sleep(LOOK_EVERY).await;
        self.wait("the page anew", SETTLED, json!([])).await
    }

    /// Taps the control with these words and waits for the next page.
    ///
    /// # Errors
    /// There is none, or nothing follows.
    pub async fn tap(&self, words: &str) -> Result<()> {
        self.remember().await?;
        self.press(BY_TEXT, words).await?;
        self.wait(&format!("a page after {words:?}"), SETTLED, json!([]))
            .await
    }

    /// Taps what this selector finds and waits for the next page.
    ///
    /// # Errors
    /// There is none, or nothing follows.
    pub async fn tap_css(&self, selector: &str) -> Result<()> {
        self.remember().await?;
        self.press(BY_CSS, selector).await?;
        self.wait(&format!("a page after {selector:?}"), SETTLED, json!([]))
            .await
    }

    /// Taps what changes the page in place: a radio button, a check box, a fold.
    ///
    /// # Errors
    /// There is none.
    pub async fn touch(&self, words: &str) -> Result<()> {
        self.press(BY_TEXT, words).await
    }

    /// The same by selector.
    ///
    /// # Errors
    /// There is none.
    pub async fn touch_css(&self, selector: &str) -> Result<()> {
        self.press(BY_CSS, selector).await
    }

    /// Waits for the page that something else than a tap asked for.
    ///
    /// # Errors
    /// It never stands.
    pub async fn settled(&self, what: &str) -> Result<()> {
        self.wait(what, SETTLED, json!([])).await
    }

    async fn remember(&self) -> Result<()> {
        let mark = "const d = document.documentElement.dataset; d.before = d.visit ?? '0';";
        self.script(mark, json!([])).await.map(drop)
    }

    async fn press(&self, find: &str, what: &str) -> Result<()> {
        self.tapped(1);
        let end = Instant::now() + PATIENCE;
        loop {
            let clicked = match self.driver.element(find, json!([what])).await {
                Ok(Some(element)) => self.driver.click(&element).await,
                Ok(None) => Err(anyhow::anyhow!("not there")),
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => {
                    return Err(self.lost(&format!("{what:?}: {error}")).await);
                }
                Err(_) => sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Types into the field of this name. Dates and times, whose keys depend on the language, are set as a whole.
    ///
    /// # Errors
    /// There is no such field.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        self.tapped(1);
        let selector = format!("[name={name:?}]:not([type=hidden])");
        let end = Instant::now() + PATIENCE;
        loop {
            match self.type_into(&selector, text).await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => {
                    return Err(self.lost(&format!("field {name:?}: {error}")).await);
                }
                Err(_) => sleep(LOOK_EVERY).await,
            }
        }
    }

    async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        let set = r#"
            const [selector, text] = arguments;
            const field = document.querySelector(selector);
            if (!["date", "time", "datetime-local"].includes(field?.type)) return false;
            field.value = text;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.dispatchEvent(new Event("change", { bubbles: true }));
            return true;
        "#;
        if self.script(set, json!([selector, text])).await? == json!(true) {
            return Ok(());
        }
        let element = self.driver.element(BY_CSS, json!([selector])).await?;
        self.driver
            .type_into(&element.context("not there")?, text)
            .await
    }

    /// Chooses an option, a radio button or a check box by the field's name and its value.
    ///
    /// # Errors
    /// There is no such choice.
    pub async fn choose(&self, name: &str, value: &str) -> Result<()> {
        self.tapped(1);
        let script = r#"
            const [name, value] = arguments;
            const fields = [...document.getElementsByName(name)];
            const field = fields.find((f) => f.localName === "select") ?? fields.find((f) => f.value === value);
            if (!field) return false;
            if (field.localName === "select") field.value = value; else field.checked = true;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.dispatchEvent(new Event("change", { bubbles: true }));
            return field.value === value;
        "#;
        self.wait(
            &format!("the choice {name}={value}"),
            script,
            json!([name, value]),
        )
        .await
    }

    // -- the device

    /// Width and height of the screen.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn resize(&self, (width, height): (u32, u32)) -> Result<()> {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await
            .map(drop)
    }

    /// A processor so many times slower.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn slow_down(&self, times: u32) -> Result<()> {
        self.devtools("Emulation.setCPUThrottlingRate", json!({"rate": times}))
            .await
            .map(drop)
    }

    /// Pulls the network's plug, or puts it back.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn network(&self, on: bool) -> Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": !on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await
            .map(drop)
    }

    /// A second tab; it becomes the one that is driven. Gives the handles of both.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn second_tab(&self) -> Result<(String, String)> {
        let handle = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let cdp = self.devtools("Target.getTargets", json!({})).await?;
        let first = cdp
            .pointer("/targetInfos")
            .and_then(Value::as_array)
            .and_then(|targets| {
                let page = targets
                    .iter()
                    .find(|t| t.get("type").and_then(Value::as_str) == Some("page"))?;
                page.get("targetId").map(handle)
            });
        let opened = self
            .driver
            .command("/window/new", json!({"type": "tab"}))
            .await?;
        let second = opened.get("handle").map(handle).context("no tab")?;
        self.switch(&second).await?;
        Ok((first.context("no first tab")?, second))
    }

    /// Drives another tab.
    ///
    /// # Errors
    /// There is no such tab.
    pub async fn switch(&self, tab: &str) -> Result<()> {
        self.driver
            .command("/window", json!({"handle": tab}))
            .await?;
        self.resize(self.setup.size).await
    }

    /// A picture of the whole page to `target/screens/NAME.png`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub async fn picture(&self, name: &str) -> Result<()> {
        let shot = self
            .devtools("Page.captureScreenshot", json!({"format": "png"}))
            .await?;
        self.keep(&format!("{name}.png"), &shot)
    }

    /// Keeps what a command of the browser's protocol answered with, to be looked at: `target/screens/NAME`.
    ///
    /// # Errors
    /// The answer holds no data, or the file cannot be written.
    pub fn keep(&self, name: &str, answer: &Value) -> Result<()> {
        let data = answer.get("data").and_then(Value::as_str);
        let file = folder::target()?.join("screens").join(name);
        std::fs::create_dir_all(file.parent().context("no folder")?)?;
        let bytes = BASE64_STANDARD.decode(data.context("no data")?)?;
        Ok(std::fs::write(file, bytes)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        for pid in self.processes().unwrap_or_default() {
            let _ = process::signal(pid, Signal::KILL);
        }
    }
}

/// Every process that can be seen: id, parent, words.
fn running() -> Result<Vec<(u32, u32, Vec<String>)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let path = entry?.path();
        let pid = path
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok());
        // It may have ended meanwhile.
        if let Some(pid) = pid
            && let Some((parent, words)) = describe(&path)
        {
            found.push((pid, parent, words));
        }
    }
    Ok(found)
}

fn describe(process: &Path) -> Option<(u32, Vec<String>)> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace();
    // A zombie is dead: only its parent has not noticed yet.
    let state = after_name.next().filter(|state| *state != "Z")?;
    let parent = after_name.next()?.parse().ok();
    let words = std::fs::read(process.join("cmdline")).ok()?;
    let words = String::from_utf8_lossy(&words);
    let words = words.split('\0').map(str::to_owned).collect();
    (!state.is_empty()).then_some((parent?, words))
}
