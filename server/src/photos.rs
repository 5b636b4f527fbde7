//! A record's pictures. Apart because knowing a hash is no permission: only who may see the record sees what it names.

use crate::app::App;
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::{blobs, log};
use crate::sync::blobs::hash_of;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use shared::id::RecordId;
use shared::problem::Code;

/// A picture is data: opened as a page it can load and run nothing.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// `GET /records/{id}/photos/{hash}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, hash)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let hash = hash_of(&hash).ok_or(Code::NotFound)?;
    let found = app
        .store
        .read(move |tx| Ok(log::record(tx, id)?.zip(Some(blobs::readable(tx, id, hash)?))))
        .await?;
    let (_, there) = found
        .filter(|(row, _)| visitor.sees(row.unit))
        .ok_or(Code::NotFound)?;
    if !there {
        return Err(Code::NotFound.into());
    }
    let folder = app.blobs.clone();
    let bytes = tokio::task::spawn_blocking(move || folder.read(hash))
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
    let headers = [
        ("content-type", "image/jpeg"),
        ("content-disposition", "inline; filename=\"photo.jpg\""),
        ("content-security-policy", POLICY),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    Ok((headers, bytes).into_response())
}
