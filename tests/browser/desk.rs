//! Somebody at a desk, with a browser of their own: signs in, clicks and types as on the console.
//! Apart because several people work at once, each with a profile of their own.

use crate::screens::{self, shoot};
use std::time::Duration;
use tests::browser::{Browser, DESK, Setup};
use tests::moved::Moved;

/// A console user.
pub(crate) struct Desk {
    pub(crate) browser: Browser,
    origin: String,
}

impl Desk {
    /// Opens a browser as wide as a desk's and signs in.
    pub(crate) async fn open(moved: &Moved, account: &str) -> Self {
        let browser = Browser::open(Setup {
            trusted: Some(moved.tls.fingerprint().to_owned()),
            size: DESK,
            ..Setup::default()
        })
        .await
        .unwrap();
        let desk = Self {
            browser,
            origin: moved.origin(),
        };
        desk.sign_in(account).await;
        desk
    }

    /// Signs in, again if need be.
    pub(crate) async fn sign_in(&self, account: &str) {
        screens::sign_in(&self.browser, &self.origin, account).await;
    }

    /// Opens an address.
    pub(crate) async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.origin);
        self.browser.goto(&address).await.unwrap();
    }

    /// Clicks the link or button with these words.
    pub(crate) async fn tap(&self, words: &str) {
        self.browser.tap(words).await.unwrap();
    }

    /// Clicks what the selector finds.
    pub(crate) async fn tap_css(&self, selector: &str) {
        self.browser.tap_css(selector).await.unwrap();
    }

    /// Loads the page that is open until it has these words: what came in is judged a moment later.
    pub(crate) async fn awaits(&self, words: &str) {
        for _ in 0..100 {
            if self.browser.text().await.unwrap().contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            let address = self.browser.address().await.unwrap();
            self.browser.goto(&address).await.unwrap();
        }
        self.shows(words).await;
    }

    /// The page has these words.
    pub(crate) async fn shows(&self, words: &str) {
        self.browser.wait_for(words).await.unwrap();
    }

    /// The page does not have these words.
    pub(crate) async fn lacks(&self, words: &str) {
        let text = self.browser.text().await.unwrap();
        assert!(!text.contains(words), "{words}: {text}");
    }

    /// A picture in both sizes, looked at by axe; the window is as wide as before.
    pub(crate) async fn shoot(&self, name: &str) {
        shoot(&self.browser, "zh-CN", name).await;
        self.browser.resize(DESK).await.unwrap();
    }
}
