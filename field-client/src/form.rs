//! What a form sent, and what was wrong with it. Every page posts plain `application/x-www-form-urlencoded`.

use crate::html::Problem;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use shared::domain::event::MAX_TEXT_CHARS;
use shared::problem::Code;

/// A form's body at most. Bytes.
pub(crate) const MAX_FORM_BYTES: usize = 128 * 1024;

/// A posted form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posted(Vec<(String, String)>);

impl Posted {
    /// What a form sent by GET: the address's query.
    pub(crate) fn of_query(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of this name, without white space around it; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// The value of this name if the form had such a field at all.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim())
    }

    /// Every value of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.trim())
    }

    /// A text that may be stored, or why not.
    pub(crate) fn text(&self, name: &'static str, errors: &mut FormErrors) -> String {
        let value = self.get(name).replace("\r\n", "\n");
        if value.chars().count() > MAX_TEXT_CHARS {
            errors.add(name, "form.too-long");
        }
        value
    }

    /// A text that must not be empty.
    pub(crate) fn required(&self, name: &'static str, errors: &mut FormErrors) -> String {
        let value = self.text(name, errors);
        if value.is_empty() {
            errors.add(name, "form.required");
        }
        value
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        type Pairs = axum::Form<Vec<(String, String)>>;
        match Pairs::from_request(request, state).await {
            Ok(axum::Form(pairs)) => Ok(Self(pairs)),
            Err(rejection) if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::of(Code::TooLarge).into_response())
            }
            Err(_) => Err(Problem::of(Code::BadRequest).into_response()),
        }
    }
}

/// What has to be corrected: the field's name in the form, and the key of the sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FormErrors(Vec<(String, String)>);

impl FormErrors {
    /// Adds one, unless the field has one already.
    pub(crate) fn add(&mut self, field: impl Into<String>, key: impl Into<String>) {
        let field = field.into();
        if self.of(&field).is_empty() {
            self.0.push((field, key.into()));
        }
    }

    /// Whether there is nothing to correct.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentence's key for this field; empty if it is fine.
    pub(crate) fn of(&self, field: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == field);
        found.map_or("", |(_, key)| key)
    }

    /// All, in the order found.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}
