//! The table of routes: method, path, who may, handler. The router and the access test are both made from it, so that no route
//! can exist without a line here.

use crate::access::{
    ADMIN, APPROVE, ASSIGN, AUDIT, Access, DEVICES, DRILLS, NUMBERS, OFFICE, PEOPLE, RECORDS, Row,
    SIGNED_IN, SUPERVISE, TASKS, TRAINERS, TRAINING, TRAINING_FILE,
};
use crate::app::App;
use crate::{
    assets, audit, client_files, deadlines, devices, documents, drills, edge, enrol, gaps, grades,
    heat, home, import, laws, numbers, officers, photos, posts, problem::Problem, records, review,
    session, sessions, steps, sync, sync::blobs, tasks, training, units, waiting,
};
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use shared::problem::Code;

struct Entry {
    row: Row,
    handler: MethodRouter<App>,
}

fn route<H: Handler<T, App>, T: 'static>(
    method: &'static str,
    path: &'static str,
    access: Access,
    handler: H,
) -> Entry {
    let filter = match method {
        "GET" => MethodFilter::GET,
        "HEAD" => MethodFilter::HEAD,
        "OPTIONS" => MethodFilter::OPTIONS,
        "PATCH" => MethodFilter::PATCH,
        _ => MethodFilter::POST,
    };
    Entry {
        row: Row {
            method,
            path,
            access,
        },
        handler: on(filter, handler),
    }
}

fn get<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Entry {
    route("GET", path, access, handler)
}

fn post<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Entry {
    route("POST", path, access, handler)
}

fn table() -> Vec<Entry> {
    let mut table = work();
    table.extend(learning());
    table.extend(keeping());
    table
}

/// Sync, the start page, tasks, gaps and records.
fn work() -> Vec<Entry> {
    use Access::{Device, Public};
    vec![
        get("/healthz", Public, home::health),
        get("/assets/{*file}", Public, assets::file),
        get("/lang/{tag}", Public, session::set_language),
        get("/login", Public, session::login_page),
        post("/login", Public, session::login),
        post("/logout", SIGNED_IN, session::logout),
        get("/password", SIGNED_IN, session::password_form),
        post("/password", SIGNED_IN, session::choose_password),
        post("/sync/v1/enrol", Public, sync::enrol::enrol),
        post("/sync/v1/hello", Device, sync::hello),
        post("/sync/v1/push", Device, sync::push),
        post("/sync/v1/pull", Device, sync::pull),
        route("OPTIONS", "/sync/v1/blobs", Public, blobs::options),
        post("/sync/v1/blobs", Device, blobs::create),
        route("OPTIONS", "/sync/v1/blobs/{hash}", Public, blobs::options),
        route("HEAD", "/sync/v1/blobs/{hash}", Device, blobs::offset),
        route("PATCH", "/sync/v1/blobs/{hash}", Device, blobs::append),
        post("/sync/v1/blobs/{hash}", Device, blobs::instead),
        get("/", SIGNED_IN, home::show),
        get("/tasks", TASKS, tasks::list),
        get("/tasks/new", ASSIGN, tasks::form),
        post("/tasks", ASSIGN, tasks::assign),
        get("/tasks/{id}", TASKS, tasks::show),
        post("/tasks/{id}/approve", APPROVE, tasks::approve),
        post("/tasks/{id}/deny", APPROVE, tasks::deny),
        get("/waiting", OFFICE, waiting::list),
        get("/gaps", RECORDS, gaps::list),
        get("/gaps/heat", RECORDS, heat::show),
        get("/deadlines", RECORDS, deadlines::list),
        get("/records", RECORDS, records::list),
        get("/records/{id}", RECORDS, records::show),
        get("/records/{id}/grade", RECORDS, grades::show),
        get("/records/{id}/steps/{step}", OFFICE, steps::show),
        post("/records/{id}/steps/{step}", OFFICE, steps::save),
        get("/records/{id}/gaps/{step}/{rule}", SUPERVISE, review::show),
        post("/records/{id}/gaps/{step}/{rule}", SUPERVISE, review::save),
        get("/records/{id}/return", SUPERVISE, review::back::show),
        post("/records/{id}/return", SUPERVISE, review::back::save),
        get("/records/{id}/doc/{kind}", RECORDS, documents::show),
        get("/records/{id}/photos/{hash}", RECORDS, photos::show),
    ]
}

/// Needs, courses and drills.
fn learning() -> Vec<Entry> {
    vec![
        get("/training", TRAINING, training::overview::list),
        get(
            "/training/officers/{id}",
            TRAINING_FILE,
            training::file::show,
        ),
        get("/training/sessions", TRAINERS, sessions::list),
        post("/training/sessions", TRAINERS, sessions::create),
        get("/training/sessions/new", TRAINERS, sessions::form),
        get("/training/sessions/{id}", TRAINERS, sessions::show),
        get("/training/sessions/{id}/edit", TRAINERS, sessions::edit),
        post("/training/sessions/{id}/edit", TRAINERS, sessions::change),
        get("/training/sessions/{id}/sheet", TRAINERS, sessions::sheet),
        get("/training/sessions/{id}/effect", TRAINERS, sessions::effect),
        post("/training/sessions/{id}/invite", TRAINERS, sessions::invite),
        post(
            "/training/sessions/{id}/withdraw",
            TRAINERS,
            sessions::withdraw,
        ),
        post("/training/sessions/{id}/marks", TRAINERS, sessions::mark),
        post("/training/sessions/{id}/held", TRAINERS, sessions::held),
        post("/training/sessions/{id}/reopen", TRAINERS, sessions::reopen),
        post("/training/sessions/{id}/cancel", TRAINERS, sessions::cancel),
        post("/training/target", TRAINERS, sessions::target),
        get("/training/drills", DRILLS, drills::list),
        get("/training/drills/{record}", DRILLS, drills::show),
        post("/training/drills/{record}/scores", TRAINERS, drills::score),
    ]
}

/// People, devices and what the administrator keeps.
fn keeping() -> Vec<Entry> {
    vec![
        get("/officers", PEOPLE, officers::list),
        get("/officers/{id}", ADMIN, officers::show),
        post("/officers/{id}", ADMIN, officers::change),
        get("/posts", PEOPLE, posts::show),
        post("/posts", ADMIN, posts::set),
        get("/devices", DEVICES, devices::list),
        post("/devices/{id}/revoke", ADMIN, devices::revoke),
        get("/numbers", DEVICES, numbers::list),
        post("/numbers", NUMBERS, numbers::issue),
        get("/numbers/{id}", DEVICES, numbers::show),
        post("/numbers/{id}/close", NUMBERS, numbers::close),
        get("/enrol", ADMIN, enrol::form),
        post("/enrol", ADMIN, enrol::create),
        get("/units", ADMIN, units::list),
        post("/units", ADMIN, units::add),
        post("/units/{id}", ADMIN, units::rename),
        post("/units/{id}/remove", ADMIN, units::remove),
        get("/import", ADMIN, import::form),
        post("/import", ADMIN, import::take),
        get("/import/{list}/template", ADMIN, import::template),
        get("/laws", ADMIN, laws::list),
        post("/laws", ADMIN, laws::change),
        get("/audit", AUDIT, audit::list),
    ]
}

/// Who may call which route. The phone client's files under `/field/` are public and not listed.
#[must_use]
pub fn access_table() -> Vec<Row> {
    table().into_iter().map(|entry| entry.row).collect()
}

/// The whole server as one router.
pub fn app(app: App) -> Router {
    let mut router = Router::new().merge(client_files::routes());
    for Entry { row, handler } in table() {
        let guard = from_fn_with_state((app.clone(), row.access), session::guard);
        router = router.route(row.path, handler.layer(guard));
    }
    router
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(from_fn_with_state(app.clone(), edge::edge))
        .with_state(app)
}

async fn nothing() -> Problem {
    Code::NotFound.into()
}
