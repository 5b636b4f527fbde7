//! Forms as they are posted, and that they come from the visitor's own session.

use super::{multipart, same};
use crate::problem::Problem;
use crate::store::accounts::SessionRow;
use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use shared::library::import::MAX_STATUTE_BYTES;
use shared::problem::Code;
use std::sync::Arc;

/// The longest form. Bytes.
pub(super) const MAX_FORM_BYTES: usize = 64 * 1024;
/// The longest form with a text: pasted and uploaded at once. Bytes.
const MAX_TEXT_FORM_BYTES: usize = 2 * MAX_STATUTE_BYTES + MAX_FORM_BYTES;

/// A form as it was posted.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A field's text without blanks around it; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// Every value of a field that can be chosen several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) async fn read(request: Request, most: usize) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, most)
            .await
            .map_err(|_| Problem::from(Code::TooLarge))?;
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok());
        if let Some(boundary) = kind.and_then(multipart::boundary) {
            let fields = multipart::fields(&bytes, boundary);
            return Ok(Self(fields.ok_or(Code::BadRequest)?));
        }
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        let Form(fields) = Form::from_request(request, &())
            .await
            .map_err(|_| Code::BadRequest)?;
        Ok(Self(fields))
    }
}

/// A form of the visitor's own session.
pub(crate) struct Posted(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        own(request, MAX_FORM_BYTES).await.map(Self)
    }
}

/// The same with room for a long text: an upload of a statute.
pub(crate) struct PostedText(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for PostedText {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        own(request, MAX_TEXT_FORM_BYTES).await.map(Self)
    }
}

async fn own(request: Request, most: usize) -> Result<Fields, Problem> {
    let session = request.extensions().get::<Arc<SessionRow>>().cloned();
    let session = session.ok_or(Code::NoSession)?;
    let fields = Fields::read(request, most).await?;
    if same(fields.text("csrf"), &session.csrf) {
        Ok(fields)
    } else {
        Err(Code::BadCsrf.into())
    }
}
