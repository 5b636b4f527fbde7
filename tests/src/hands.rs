//! What one can do to the phone client, with or without scripts: open, read, fill in, press.
//! Apart so that the same journey is walked on the native host over HTTP and in the real browser.

use crate::agent::Agent;
use crate::browser::Browser;
use crate::camera;
use crate::page::{Form, Page};
use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::instant::Instant as At;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Whatever syncs by itself has synced by then.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A drawing (示例) that stands for every photo.
const SCENE: &[u8] = include_bytes!("year/scene.jpg");

/// Somebody who uses the phone client.
#[expect(async_fn_in_trait, reason = "never used across threads")]
pub trait Hands {
    /// Opens an address of the client.
    ///
    /// # Errors
    /// It does not answer.
    async fn open(&mut self, path: &str) -> Result<()>;
    /// Fills in a field.
    ///
    /// # Errors
    /// There is none of this name.
    async fn fill(&mut self, name: &str, value: &str) -> Result<()>;
    /// Presses the button with these words and waits for what follows.
    ///
    /// # Errors
    /// There is none, or nothing follows.
    async fn press(&mut self, words: &str) -> Result<()>;
    /// Presses the button of a step's page that means this, such as `done` or `set:FIELD:CODE`.
    ///
    /// # Errors
    /// There is none, or nothing follows.
    async fn act(&mut self, act: &str) -> Result<()>;
    /// Takes a photo at the step that is open.
    ///
    /// # Errors
    /// The step takes none.
    async fn photo(&mut self, caption: &str, at: At) -> Result<()>;
    /// Follows the link with these words, or the button that saves and leads on.
    ///
    /// # Errors
    /// There is none, or nothing follows.
    async fn follow(&mut self, words: &str) -> Result<()>;
    /// What is to be read, values of fields included.
    ///
    /// # Errors
    /// The client is gone.
    async fn read(&self) -> Result<String>;
    /// The path of the page.
    ///
    /// # Errors
    /// The client is gone.
    async fn path(&self) -> Result<String>;

    /// Opens an address again and again until the page shows these words.
    ///
    /// # Errors
    /// It never does.
    async fn await_words(&mut self, path: &str, words: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            self.open(path).await?;
            let text = self.read().await?;
            if text.contains(words) {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("{path} never shows {words:?}:\n{text}");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Checks what is to be read.
    ///
    /// # Errors
    /// The words are not there.
    async fn expect_words(&self, words: &str) -> Result<()> {
        let text = self.read().await?;
        if text.contains(words) {
            return Ok(());
        }
        bail!("{} does not show {words:?}:\n{text}", self.path().await?)
    }
}

/// Somebody in front of the native client, without scripts.
#[derive(Debug, Clone)]
pub struct Plain {
    /// How it is reached.
    pub agent: Agent,
    /// The page on the screen.
    pub page: Page,
    typed: Vec<(String, String)>,
}

impl Plain {
    /// Opens the client at its start address.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn start(mut agent: Agent, address: &str) -> Result<Self> {
        let page = agent.get(address).await?;
        Ok(Self {
            agent,
            page,
            typed: Vec::new(),
        })
    }

    fn show(&mut self, page: Page) -> Result<()> {
        self.typed.clear();
        self.page = page;
        if self.page.status < 400 {
            return Ok(());
        }
        bail!(
            "{} answers {}:\n{}",
            self.page.path,
            self.page.status,
            self.page.text()
        )
    }
}

impl Hands for Plain {
    async fn open(&mut self, path: &str) -> Result<()> {
        let page = self.agent.get(path).await?;
        self.show(page)
    }

    async fn fill(&mut self, name: &str, value: &str) -> Result<()> {
        if self.page.form_with(name).is_none() {
            bail!(
                "no field {name} on {}:\n{}",
                self.page.path,
                self.page.text()
            );
        }
        self.typed.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    async fn press(&mut self, words: &str) -> Result<()> {
        let typed = std::mem::take(&mut self.typed);
        let fill: Vec<(&str, &str)> = typed
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let page = self.agent.press(&self.page, words, &fill).await?;
        self.show(page)
    }

    async fn act(&mut self, act: &str) -> Result<()> {
        let means = |form: &Form| {
            let mut pairs = form
                .buttons
                .iter()
                .filter_map(|button| button.pair.as_ref());
            pairs.any(|(name, value)| name == "act" && value == act)
        };
        let Some(form) = self.page.forms().into_iter().find(means) else {
            bail!("no {act} on {}:\n{}", self.page.path, self.page.text());
        };
        let typed = std::mem::take(&mut self.typed).into_iter();
        let form = typed.fold(form, |form, (name, value)| form.set(&name, &value));
        let page = self.agent.send(&self.page, form.add("act", act)).await?;
        self.show(page)
    }

    /// As the page's script would send it: the same small picture, and where and when it was taken.
    async fn photo(&mut self, caption: &str, at: At) -> Result<()> {
        let picture = URL_SAFE_NO_PAD.encode(SCENE);
        let (original, taken) = ("5a".repeat(32), at.as_millis());
        let photo = format!("v1;{original};{taken};30123456,112654321,12;{picture};{picture}");
        self.typed.push(("caption".to_owned(), caption.to_owned()));
        self.typed.push(("photo".to_owned(), photo));
        self.act("save").await
    }

    async fn follow(&mut self, words: &str) -> Result<()> {
        if self.page.link(words).is_none() {
            return self.press(words).await;
        }
        let page = self.agent.follow(&self.page, words).await?;
        self.show(page)
    }

    async fn read(&self) -> Result<String> {
        let forms = self.page.forms();
        let values = forms.iter().flat_map(|form| &form.values);
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        Ok(format!("{}\n{}", self.page.text(), values.join("\n")))
    }

    async fn path(&self) -> Result<String> {
        Ok(self.page.path.clone())
    }
}

/// Somebody with a phone.
#[derive(Debug)]
pub struct Touch<'a> {
    /// The browser.
    pub browser: &'a Browser,
    /// The server's origin.
    pub origin: String,
}

impl Hands for Touch<'_> {
    /// By a link where the client is open already: another document would ask for the PIN again.
    async fn open(&mut self, path: &str) -> Result<()> {
        if self.path().await?.starts_with("/field/") {
            return self.browser.goto_within(path).await;
        }
        self.browser.goto(&format!("{}{path}", self.origin)).await
    }

    async fn fill(&mut self, name: &str, value: &str) -> Result<()> {
        self.browser.fill(name, value).await
    }

    async fn press(&mut self, words: &str) -> Result<()> {
        self.browser.tap(words).await
    }

    async fn act(&mut self, act: &str) -> Result<()> {
        let button = format!("button[name=act][value='{act}']:not(.visually-hidden)");
        self.browser.tap_css(&button).await
    }

    async fn photo(&mut self, caption: &str, at: At) -> Result<()> {
        self.fill("caption", caption).await?;
        camera::take(self.browser, 1, at).await?;
        self.expect_words(caption).await
    }

    async fn follow(&mut self, words: &str) -> Result<()> {
        self.browser.tap(words).await
    }

    async fn read(&self) -> Result<String> {
        let script = "return [document.body?.innerText ?? '', \
            ...[...document.querySelectorAll('input, textarea')].map((e) => e.value)].join('\\n')";
        let text = self.browser.script(script, serde_json::json!([])).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    async fn path(&self) -> Result<String> {
        let address = self.browser.address().await?;
        Ok(address
            .strip_prefix(&self.origin)
            .unwrap_or(&address)
            .to_owned())
    }
}
