//! Every address of the client, in one table. Every form posts to the address of the page it stands on.

use crate::app::App;
use crate::form::MAX_FORM_BYTES;
use crate::html::Problem;
use crate::photos::{self, MAX_PHOTO_FORM_BYTES};
use crate::{
    amend, document, door, drill, follow, handover, home, laws, me, open, own, records, review,
    steps, tasklist,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use shared::problem::Code;

/// Forms that photos come with may be longer than others.
fn with_photos() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_PHOTO_FORM_BYTES)
}

/// The whole client.
pub fn app(app: App) -> Router {
    let router = Router::new()
        // The way in
        .route("/field/enrol", get(door::enrol_page).post(door::enrol))
        .route("/field/unlock", get(door::unlock_page).post(door::unlock))
        .route("/field/lock", post(door::lock))
        // Home
        .route("/field/", get(home::home))
        .route("/field/list/{list}", get(home::list))
        .route("/field/new", get(open::new_page).post(open::create))
        .route("/field/sync", get(me::sync).post(me::upload))
        .route("/field/me", get(me::me).post(me::settings))
        .route("/field/me/gaps", get(own::page))
        // Drills
        .route(drill::LIST, get(drill::page))
        .route("/field/drills/{*page}", get(drill::page).post(drill::post))
        // The law library
        .route("/field/law", get(laws::laws))
        .route("/field/law/{law}", get(laws::law))
        .route("/field/law/{law}/{article}", get(laws::article))
        // A record
        .route("/field/r/{record}", get(tasklist::record))
        .route("/field/r/{record}/leave", get(records::leave))
        .route(
            "/field/r/{record}/submit",
            get(records::submit_page).post(records::submit),
        )
        .route(
            "/field/r/{record}/explain/{step}/{rule}",
            get(review::explain_page).post(review::answer),
        )
        .route("/field/r/{record}/log", get(records::log_page))
        .route("/field/r/{record}/doc/{kind}", get(document::page))
        // A step
        .route(
            "/field/r/{record}/s/{step}",
            get(steps::step).post(steps::save).layer(with_photos()),
        )
        .route(
            "/field/r/{record}/s/{step}/party",
            get(handover::party).post(handover::party_confirm),
        )
        .route(
            "/field/r/{record}/s/{step}/sign",
            get(handover::sign)
                .post(handover::sign_or_refuse)
                .layer(with_photos()),
        )
        .route(
            "/field/r/{record}/photo/{hash}",
            get(photos::photo).post(photos::remove),
        )
        .route(
            "/field/r/{record}/s/{step}/follow",
            get(follow::page).post(follow::follow),
        )
        .route(
            "/field/r/{record}/s/{step}/amend",
            get(amend::amend_page).post(amend::amend),
        );
    #[cfg(not(target_arch = "wasm32"))]
    let router = crate::host::assets::add(router);
    router
        .fallback(|| async { Problem::of(Code::NotFound) })
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .with_state(app)
}
