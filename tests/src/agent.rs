//! A person at a desk: HTTP with cookies, pages read and forms sent, over TLS that trusts the test authority.
//! Apart because the console and the native client are driven the same way.

use crate::page::{Form, Page};
use anyhow::{Result, bail};
use axum::Router;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use reqwest::{Client, Url};
use std::collections::BTreeMap;
use std::sync::Once;
use std::time::Duration;
use tower::ServiceExt;

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

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// How requests travel.
#[derive(Debug, Clone)]
pub enum Via {
    /// To a process, over the loopback network.
    Net(Client),
    /// Into a router of this process.
    Router(Router),
}

impl Via {
    /// One exchange.
    ///
    /// # Errors
    /// No answer.
    pub async fn exchange(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer> {
        match self {
            Self::Net(client) => {
                let request = client.request(method, url).headers(headers).body(body);
                let answer = request.send().await?;
                Ok(Answer {
                    status: answer.status().as_u16(),
                    headers: answer.headers().clone(),
                    body: answer.bytes().await?.to_vec(),
                })
            }
            Self::Router(router) => {
                let path = url.query().map_or(url.path().to_owned(), |query| {
                    format!("{}?{query}", url.path())
                });
                let mut request = Request::builder().method(method).uri(path);
                if let Some(all) = request.headers_mut() {
                    *all = headers;
                    all.insert(HOST, url.authority().parse()?);
                }
                let request = request.body(axum::body::Body::from(body))?;
                let answer = router.clone().oneshot(request).await?;
                let (parts, body) = answer.into_parts();
                Ok(Answer {
                    status: parts.status.as_u16(),
                    headers: parts.headers,
                    body: body.collect().await?.to_bytes().to_vec(),
                })
            }
        }
    }
}

/// Somebody with a browser that has no scripts.
#[derive(Debug, Clone)]
pub struct Agent {
    via: Via,
    base: Url,
    cookies: BTreeMap<String, String>,
    language: &'static str,
}

impl Agent {
    /// An agent at a process's origin.
    ///
    /// # Errors
    /// The address or the certificate cannot be read.
    pub fn new(base: &str, authority: Option<&str>) -> Result<Self> {
        Ok(Self {
            via: Via::Net(client(authority)?),
            base: Url::parse(base)?,
            cookies: BTreeMap::new(),
            language: "zh-CN",
        })
    }

    /// An agent in front of a router of this process.
    ///
    /// # Errors
    /// None in practice.
    pub fn within(router: Router) -> Result<Self> {
        Ok(Self {
            via: Via::Router(router),
            base: Url::parse("http://localhost/")?,
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
        let body = Body::form(&form.values);
        self.ask(Method::POST, url, Some(body)).await
    }

    /// The same as `multipart/form-data`; a form that takes a file is sent so, with a file or without.
    ///
    /// # Errors
    /// No answer.
    pub async fn send_with_file(
        &mut self,
        page: &Page,
        form: Form,
        file: Option<&str>,
    ) -> Result<Page> {
        let url = self.base.join(&page.path)?.join(&form.action)?;
        let body = Body::multipart(&form.values, file);
        self.ask(Method::POST, url, Some(body)).await
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
        let form = fill
            .iter()
            .fold(form, |form, (name, value)| form.set(name, value));
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

    /// One request without following anything.
    ///
    /// # Errors
    /// No answer.
    pub async fn once(
        &self,
        method: Method,
        path: &str,
        form: Option<&[(String, String)]>,
    ) -> Result<Answer> {
        let url = self.base.join(path)?;
        self.request(method, url, form.map(Body::form)).await
    }

    async fn request(&self, method: Method, url: Url, form: Option<Body>) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert("accept", "text/html".parse()?);
        headers.insert("accept-language", self.language.parse()?);
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            headers.insert(COOKIE, pairs.join("; ").parse()?);
        }
        let mut body = Vec::new();
        if let Some(form) = form {
            headers.insert(ORIGIN, self.base.origin().ascii_serialization().parse()?);
            headers.insert(CONTENT_TYPE, form.kind.parse()?);
            body = form.bytes;
        }
        self.via.exchange(method, url, headers, body).await
    }

    async fn ask(&mut self, mut method: Method, mut url: Url, form: Option<Body>) -> Result<Page> {
        let mut body = form;
        for _ in 0..REDIRECTS {
            let answer = self.request(method, url.clone(), body.take()).await?;
            for cookie in answer.headers.get_all(SET_COOKIE) {
                self.remember(cookie.to_str().unwrap_or_default());
            }
            let to = answer.headers.get(LOCATION).and_then(|v| v.to_str().ok());
            if let Some(to) = to.filter(|_| (300..400).contains(&answer.status)) {
                url = url.join(to)?;
                method = Method::GET;
                continue;
            }
            let path = url.query().map_or(url.path().to_owned(), |query| {
                format!("{}?{query}", url.path())
            });
            return Ok(Page {
                status: answer.status,
                path,
                html: String::from_utf8_lossy(&answer.body).into_owned(),
            });
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

/// A form on its way.
struct Body {
    kind: String,
    bytes: Vec<u8>,
}

impl Body {
    /// `application/x-www-form-urlencoded`.
    fn form(values: &[(String, String)]) -> Self {
        let pairs = values
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        Self {
            kind: "application/x-www-form-urlencoded".to_owned(),
            bytes: pairs.collect::<Vec<_>>().join("&").into_bytes(),
        }
    }

    /// `multipart/form-data`. No text of ours has the boundary in it.
    fn multipart(values: &[(String, String)], file: Option<&str>) -> Self {
        const MARK: &str = "chengxu-form-boundary";
        let mut out = String::new();
        let values = values.iter().filter(|(name, _)| name != "file");
        for (name, value) in values {
            out.push_str(&format!(
                "--{MARK}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        if let Some(file) = file {
            out.push_str(&format!(
                "--{MARK}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\
                 Content-Type: text/csv\r\n\r\n{file}\r\n"
            ));
        }
        out.push_str(&format!("--{MARK}--\r\n"));
        Self {
            kind: format!("multipart/form-data; boundary={MARK}"),
            bytes: out.into_bytes(),
        }
    }
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
