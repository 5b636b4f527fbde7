//! A person at a desk: HTTP with cookies, pages read and forms sent, over TLS that trusts the test authority.
//! Apart because the console and the native client are driven the same way.

use crate::page::{Form, Page};
use anyhow::{Context, Result, bail};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, Url};
use std::collections::BTreeMap;
use std::sync::Once;
use std::time::Duration;

/// Redirects followed at most.
const REDIRECTS: usize = 5;
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes the cryptography behind TLS known to the process. Any number of times.
pub fn with_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that somebody else was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// An HTTP client for this machine that trusts one authority.
///
/// # Errors
/// The certificate cannot be read.
pub fn client(authority: Option<&str>) -> Result<Client> {
    with_tls();
    let builder = Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    Ok(match authority {
        Some(pem) => {
            let authority = reqwest::Certificate::from_pem(pem.as_bytes())?;
            builder.tls_certs_only([authority]).build()?
        }
        None => builder.tls_certs_only([]).build()?,
    })
}

/// Somebody with a browser that has no scripts.
#[derive(Debug, Clone)]
pub struct Agent {
    client: Client,
    base: Url,
    cookies: BTreeMap<String, String>,
    language: &'static str,
}

impl Agent {
    /// An agent at this origin.
    ///
    /// # Errors
    /// The address or the certificate cannot be read.
    pub fn new(base: &str, authority: Option<&str>) -> Result<Self> {
        Ok(Self {
            client: client(authority)?,
            base: Url::parse(base)?,
            cookies: BTreeMap::new(),
            language: "zh-CN",
        })
    }

    /// Reads English from now on.
    pub const fn speak_english(&mut self) {
        self.language = "en";
    }

    /// Opens an address, relative or whole; follows redirects.
    ///
    /// # Errors
    /// No answer.
    pub async fn get(&mut self, path: &str) -> Result<Page> {
        let url = self.base.join(path)?;
        self.ask(Method::GET, url, None).await
    }

    /// Sends a form as it stands, from the page it is on.
    ///
    /// # Errors
    /// No answer.
    pub async fn send(&mut self, page: &Page, form: Form) -> Result<Page> {
        let at = self.base.join(&page.path)?;
        let mut url = at.join(&form.action)?;
        if form.method == "get" {
            url.query_pairs_mut().clear().extend_pairs(&form.values);
            return self.ask(Method::GET, url, None).await;
        }
        self.ask(Method::POST, url, Some(encode(&form.values))).await
    }

    /// Presses the button with these words, after `fill` has filled in its form.
    ///
    /// # Errors
    /// There is no such button, or no answer.
    pub async fn press(
        &mut self,
        page: &Page,
        button: &str,
        fill: &[(&str, &str)],
    ) -> Result<Page> {
        let Some(form) = page.form(button) else {
            bail!("no button {button:?} on {}:\n{}", page.path, page.text());
        };
        let form = fill.iter().fold(form, |form, (name, value)| form.set(name, value));
        self.send(page, form.press(button)).await
    }

    /// Follows the first link with these words.
    ///
    /// # Errors
    /// There is no such link, or no answer.
    pub async fn follow(&mut self, page: &Page, words: &str) -> Result<Page> {
        let Some(link) = page.link(words) else {
            bail!("no link {words:?} on {}:\n{}", page.path, page.text());
        };
        let url = self.base.join(&page.path)?.join(&link.href)?;
        self.ask(Method::GET, url, None).await
    }

    /// One request without following anything: status only.
    ///
    /// # Errors
    /// No answer.
    pub async fn status(
        &self,
        method: Method,
        path: &str,
        body: Option<&[(String, String)]>,
    ) -> Result<u16> {
        let url = self.base.join(path)?;
        let answer = self.request(method, url, body.map(encode)).send().await?;
        Ok(answer.status().as_u16())
    }

    fn request(&self, method: Method, url: Url, body: Option<String>) -> reqwest::RequestBuilder {
        let mut request = self
            .client
            .request(method, url)
            .header("accept", "text/html")
            .header("accept-language", self.language);
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        match body {
            Some(body) => request
                .header(ORIGIN, self.base.origin().ascii_serialization())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
            None => request,
        }
    }

    async fn ask(&mut self, mut method: Method, mut url: Url, form: Option<String>) -> Result<Page> {
        let mut body = form;
        for _ in 0..REDIRECTS {
            let answer = self.request(method, url.clone(), body.take()).send().await?;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                self.remember(cookie.to_str().unwrap_or_default());
            }
            let to = answer.headers().get(LOCATION).and_then(|v| v.to_str().ok());
            if let Some(to) = to.filter(|_| answer.status().is_redirection()) {
                url = url.join(to)?;
                method = Method::GET;
                continue;
            }
            let status = answer.status().as_u16();
            let path = url.query().map_or(url.path().to_owned(), |query| {
                format!("{}?{query}", url.path())
            });
            let html = answer.text().await.with_context(|| path.clone())?;
            return Ok(Page { status, path, html });
        }
        bail!("redirected in circles: {url}")
    }

    fn remember(&mut self, cookie: &str) {
        let mut parts = cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let gone = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
        if gone {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// `application/x-www-form-urlencoded`.
fn encode(values: &[(String, String)]) -> String {
    let pairs = values.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
