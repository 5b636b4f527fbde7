//! Forms as they are posted, and that they come from the visitor's own session.

use super::{multipart, same};
use crate::import::MAX_LIST_BYTES;
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

/// The longest form with a list: as a file, or as its rows. Bytes.
const MAX_FILE_FORM_BYTES: usize = MAX_LIST_BYTES + 2 * MAX_FORM_BYTES;
/// The part of a form whose bytes need not be text.
const FILE: &str = "file";

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
        Self::with_file(request, most, None)
            .await
            .map(|(fields, _)| fields)
    }

    /// The same, and the bytes of the part of this name, which need not be text.
    async fn with_file(
        request: Request,
        most: usize,
        file: Option<&str>,
    ) -> Result<(Self, Vec<u8>), Problem> {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, most)
            .await
            .map_err(|_| Problem::from(Code::TooLarge))?;
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok());
        if let Some(boundary) = kind.and_then(multipart::boundary) {
            let read = multipart::fields(&bytes, boundary, file);
            let (fields, file) = read.ok_or(Code::BadRequest)?;
            return Ok((Self(fields), file));
        }
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        let Form(fields) = Form::from_request(request, &())
            .await
            .map_err(|_| Code::BadRequest)?;
        Ok((Self(fields), Vec::new()))
    }
}

/// A form of the visitor's own session.
pub(crate) struct Posted(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        own(request, MAX_FORM_BYTES, None)
            .await
            .map(|(fields, _)| Self(fields))
    }
}

/// The same with room for a long text: an upload of a statute.
pub(crate) struct PostedText(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for PostedText {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        own(request, MAX_TEXT_FORM_BYTES, None)
            .await
            .map(|(fields, _)| Self(fields))
    }
}

/// The same with a file of any bytes under the name `file`: a list to import.
pub(crate) struct PostedFile {
    pub(crate) fields: Fields,
    /// Empty if none was chosen.
    pub(crate) file: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for PostedFile {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (fields, file) = own(request, MAX_FILE_FORM_BYTES, Some(FILE)).await?;
        Ok(Self { fields, file })
    }
}

async fn own(
    request: Request,
    most: usize,
    file: Option<&str>,
) -> Result<(Fields, Vec<u8>), Problem> {
    let session = request.extensions().get::<Arc<SessionRow>>().cloned();
    let session = session.ok_or(Code::NoSession)?;
    let (fields, file) = Fields::with_file(request, most, file).await?;
    if same(fields.text("csrf"), &session.csrf) {
        Ok((fields, file))
    } else {
        Err(Code::BadCsrf.into())
    }
}
