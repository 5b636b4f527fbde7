//! The one way in which the edge refuses: a code from the shared list, rendered as problem+json under `/sync` and as a page
//! for people, and logged once with the request's id and no personal data.

use crate::store;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::problem::{Code, Json, JsonHead};
use shared::sync::wire::FeedHead;
use shared::text::{Lang, text};

/// A refusal on its way to the edge.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// What is answered.
    pub(crate) code: Code,
    /// Where the server stands in the feed, where that helps the client.
    pub(crate) head: Option<Option<FeedHead>>,
    /// What the log says of the cause; never shown.
    pub(crate) cause: Option<String>,
}

impl Problem {
    /// A refusal that tells the client from where to go on.
    pub(crate) fn with_head(code: Code, head: Option<FeedHead>) -> Self {
        Self {
            code,
            head: Some(head),
            cause: None,
        }
    }

    /// For the log: what went wrong inside.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        Self {
            code: Code::Internal,
            head: None,
            cause: Some(cause.to_string()),
        }
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// As a machine reads it.
    pub(crate) fn to_json(&self, request: &str) -> Response {
        let key = format!("problem.{}", self.code.as_str());
        let hidden = self.code.status() >= 500;
        let detail = if hidden {
            format!("request {request}")
        } else {
            text(Lang::En, &format!("{key}.do")).to_owned()
        };
        let head = self.head.flatten();
        let head = head.map(|head| JsonHead {
            seq: head.seq,
            hash: head.hash.to_string(),
        });
        let json = Json::new(self.code, detail, head);
        let body = serde_json::to_string(&json).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status(), [(header::CONTENT_TYPE, kind)], body).into_response()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self {
            code,
            head: None,
            cause: None,
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        let code = match &error {
            store::Error::NotFound => Code::NotFound,
            store::Error::Busy => Code::Busy,
            store::Error::Conflict(_)
            | store::Error::Corrupt(_)
            | store::Error::Newer
            | store::Error::Sqlite(_) => Code::Internal,
        };
        Self {
            code,
            head: None,
            cause: Some(error.to_string()),
        }
    }
}

/// A problem travels in the response's extensions until the edge knows who asked and in which language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
