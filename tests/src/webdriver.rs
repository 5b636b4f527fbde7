//! WebDriver (W3C) as far as these tests need it, over HTTP to ChromeDriver, and the browser's own protocol through it.
//! Apart from [`crate::browser`] because this is the protocol and that is the person.

use crate::agent;
use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Where Debian puts them.
const DRIVER: &str = "/usr/bin/chromedriver";
const CHROMIUM: &str = "/usr/bin/chromium";
const START: Duration = Duration::from_secs(30);
/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running ChromeDriver with at most one session.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    http: reqwest::Client,
    base: String,
    session: Option<String>,
}

/// An element of the page, until the page changes.
#[derive(Debug, Clone)]
pub struct Element(String);

impl Driver {
    /// Starts ChromeDriver on a free port, with this folder as its and the browser's home.
    ///
    /// # Errors
    /// Chromium or its driver is not installed; says what to type.
    pub async fn start(home: &std::path::Path) -> Result<Self> {
        for program in [DRIVER, CHROMIUM] {
            if !std::path::Path::new(program).exists() {
                bail!(
                    "{program} is missing: apt-get install chromium chromium-driver fonts-noto-cjk"
                );
            }
        }
        let mut child = Command::new(DRIVER)
            .arg("--port=0")
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home)
            .env("XDG_CACHE_HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("its output")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = timeout(START, async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, after)) = line.split_once("successfully on port ") {
                    return Ok(after.trim_end_matches('.').to_owned());
                }
            }
            bail!("ChromeDriver ended")
        })
        .await
        .context("ChromeDriver did not start")??;
        // Its pipe must be read on, or it would stop when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            child,
            http: agent::client(None)?,
            base: format!("http://127.0.0.1:{port}"),
            session: None,
        })
    }

    /// Starts a browser with these options.
    ///
    /// # Errors
    /// It does not start.
    pub async fn open(&mut self, options: Value) -> Result<()> {
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "pageLoadStrategy": "normal",
            "timeouts": {"script": 60_000, "pageLoad": 60_000, "implicit": 0},
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": options,
        }}});
        let answer = self.request("/session", &capabilities).await?;
        let id = answer.get("sessionId").and_then(Value::as_str);
        self.session = Some(id.context("no session")?.to_owned());
        Ok(())
    }

    /// Forgets the session of a browser that is gone.
    pub async fn forget(&mut self) {
        if let Some(session) = self.session.take() {
            let url = format!("{}/session/{session}", self.base);
            // The browser was killed: an error is expected.
            let _ = self.http.delete(url).send().await;
        }
    }

    /// One command of the session.
    ///
    /// # Errors
    /// As WebDriver says.
    pub async fn command(&self, path: &str, body: Value) -> Result<Value> {
        let session = self.session.as_ref().context("the browser is not open")?;
        self.request(&format!("/session/{session}{path}"), &body)
            .await
    }

    async fn request(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.base));
        let answer = request
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await?;
        let text = answer.text().await?;
        let mut answer: Value = serde_json::from_str(&text).with_context(|| text.clone())?;
        let value = answer.get_mut("value").map(Value::take).unwrap_or_default();
        if let Some(error) = value.get("error").and_then(Value::as_str) {
            let message = value.get("message").and_then(Value::as_str);
            bail!(
                "{error}: {}",
                message
                    .unwrap_or_default()
                    .lines()
                    .next()
                    .unwrap_or_default()
            );
        }
        Ok(value)
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// The script throws.
    pub async fn script(&self, script: &str, args: Value) -> Result<Value> {
        self.command("/execute/sync", json!({"script": script, "args": args}))
            .await
    }

    /// A script that answers by its last argument.
    ///
    /// # Errors
    /// The script throws or never answers.
    pub async fn script_async(&self, script: &str, args: Value) -> Result<Value> {
        self.command("/execute/async", json!({"script": script, "args": args}))
            .await
    }

    /// The element that a script gives, if it gives one.
    ///
    /// # Errors
    /// The script throws.
    pub async fn element(&self, script: &str, args: Value) -> Result<Option<Element>> {
        let found = self.script(script, args).await?;
        Ok(found
            .get(ELEMENT)
            .and_then(Value::as_str)
            .map(|id| Element(id.to_owned())))
    }

    /// Clicks as a pointer does.
    ///
    /// # Errors
    /// It is gone, hidden or covered.
    pub async fn click(&self, element: &Element) -> Result<()> {
        self.command(&format!("/element/{}/click", element.0), json!({}))
            .await
            .map(drop)
    }

    /// Empties a field and types.
    ///
    /// # Errors
    /// It is gone or takes no text.
    pub async fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        self.command(&format!("/element/{}/clear", element.0), json!({}))
            .await?;
        self.command(
            &format!("/element/{}/value", element.0),
            json!({"text": text}),
        )
        .await
        .map(drop)
    }

    /// One command of the browser's own protocol (CDP).
    ///
    /// # Errors
    /// As the browser says.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<Value> {
        self.command(
            "/goog/cdp/execute",
            json!({"cmd": command, "params": params}),
        )
        .await
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(pid) = self.child.id() {
            let _ = crate::process::signal(pid, Signal::KILL);
        }
    }
}
