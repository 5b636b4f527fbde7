//! How an answer becomes a page: language and theme, headers, redirects, and problems in both languages.

use crate::app::App;
use crate::store;
use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use shared::problem::Code;
use shared::text::{self, Lang};

const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What every page needs to know of its reader.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ui {
    /// Language of the screen.
    pub(crate) lang: Lang,
    /// High contrast for bright sunlight.
    pub(crate) sunlight: bool,
    /// Unlocked: the bar shows its links.
    pub(crate) signed: bool,
    /// A drill is being played: every page says so, in words and in colour.
    pub(crate) drill: bool,
}

impl Ui {
    /// The reader's choice if the store is open, else what the browser prefers.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        let preferred = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let fallback = Lang::from_tag(preferred.unwrap_or("zh"));
        let chosen = app
            .store()
            .read(|c| Ok((store::meta::lang(c)?, store::meta::sunlight(c)?)));
        let (lang, sunlight) = chosen.unwrap_or((None, false));
        Self {
            lang: lang.unwrap_or(fallback),
            sunlight,
            signed: false,
            drill: false,
        }
    }

    /// The sentence of a key.
    pub(crate) fn t(self, key: &str) -> &str {
        text::text(self.lang, key)
    }

    /// The sentence of a key with one place filled.
    pub(crate) fn f(self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        text::fill(self.lang, key, &[(name, &value.to_string())])
    }

    /// The page brings its own script: on the phone the shell around it already runs one.
    pub(crate) fn script(self) -> bool {
        cfg!(not(target_arch = "wasm32"))
    }
}

/// A page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    let Ok(body) = template.render() else {
        return Problem::internal("a template did not render").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, body).into_response()
}

/// A page that is fine.
pub(crate) fn ok(template: &impl Template) -> Response {
    page(StatusCode::OK, template)
}

/// A form shown again with what has to be corrected.
pub(crate) fn again(template: &impl Template) -> Response {
    page(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// Go there by GET.
pub(crate) fn see(path: &str) -> Response {
    let Ok(place) = HeaderValue::from_str(path) else {
        return Problem::internal("an address with odd characters").into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// A refusal, shown in both languages because it may come before a language was chosen.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    cause: Option<String>,
}

/// What broke, for the host's log. It holds no personal data: only what this program said to itself.
#[derive(Debug, Clone)]
pub struct Cause(pub String);

impl Problem {
    /// A refusal of this kind.
    pub(crate) fn of(code: Code) -> Self {
        Self { code, cause: None }
    }

    /// Something broke here.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self {
            code: Code::Internal,
            cause: Some(cause.into()),
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Closed => Self::of(Code::OpenElsewhere),
            store::Error::NotFound => Self::of(Code::NotFound),
            store::Error::Full => Self::of(Code::StorageFull),
            store::Error::Newer => Self::of(Code::UpgradeNeeded),
            store::Error::Corrupt("procedure") => Self::of(Code::BadProcedure),
            store::Error::Corrupt(_) | store::Error::Sqlite(_) => Self::internal(error.to_string()),
        }
    }
}

impl From<crate::host::HostError> for Problem {
    fn from(error: crate::host::HostError) -> Self {
        Self::internal(error.to_string())
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    ui: Ui,
    code: Code,
}

impl ProblemPage {
    fn say(&self, lang: Lang, ending: &str) -> String {
        let key = format!("problem.{}{ending}", self.code.as_str());
        text::text(lang, &key).to_owned()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or_default();
        let template = ProblemPage {
            ui: Ui::default(),
            code: self.code,
        };
        let mut response = match template.render() {
            Ok(_) => page(status, &template),
            Err(_) => status.into_response(),
        };
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

/// What handlers give.
pub(crate) type Answer = Result<Response, Problem>;

/// `/field/…` paths only: an address to return to must not lead elsewhere.
pub(crate) fn safe_next(next: &str) -> &str {
    let inside = next.starts_with("/field/") && !next.contains("//") && !next.contains('\\');
    if inside && next.bytes().all(|b| b.is_ascii_graphic()) {
        next
    } else {
        "/field/"
    }
}

/// A path as the value of a query parameter.
pub(crate) fn escape(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_only_returns_to_the_client() {
        assert_eq!(safe_next("/field/r/1"), "/field/r/1");
        for bad in [
            "https://x.cn/",
            "//x.cn",
            "/field//x.cn",
            "/console",
            "/field/\\x",
            "",
        ] {
            assert_eq!(safe_next(bad), "/field/", "{bad}");
        }
        assert_eq!(escape("/field/?p=2&x"), "/field/%3Fp%3D2%26x");
    }
}
