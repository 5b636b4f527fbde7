//! Who sits at the desk: the extractor that lets a request in only while the client is unlocked, else shows the way.
//! A deep link survives: after enrolment or PIN the reader comes back to the address that was asked for.

use crate::app::App;
use crate::drill;
use crate::html::{Problem, Ui, escape, see};
use crate::store::meta::{self, Key, Profile};
use crate::store::{self, Store};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::Method;
use http::request::Parts;
use shared::id::RecordId;
use shared::instant::Instant;
use shared::problem::Code;

/// An unlocked client with its owner.
pub(crate) struct Desk {
    /// The client.
    pub(crate) app: App,
    /// The reader's language and theme.
    pub(crate) ui: Ui,
    /// The owner.
    pub(crate) me: Profile,
    /// The address is one of the drill that is being played.
    pub(crate) plays: bool,
}

impl Desk {
    /// What this page reads and writes: the drill's own file where the page belongs to the drill. No screen asks for another.
    pub(crate) fn store(&self) -> &Store {
        if self.plays {
            self.app.drill()
        } else {
            self.app.store()
        }
    }

    /// The host's clock.
    pub(crate) fn now(&self) -> Instant {
        self.app.host().now()
    }

    /// The identifier of a record that begins now.
    pub(crate) fn new_record(&self) -> RecordId {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or(0);
        RecordId::new_v7(millis, &self.app.random::<10>())
    }
}

impl FromRequestParts<App> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        if app.is_elsewhere() {
            return Err(Problem::of(Code::OpenElsewhere).into_response());
        }
        let plays = is_of_drill(app, parts.uri.path());
        let known = app
            .store()
            .read(|c| Ok((meta::profile(c)?, meta::get(c, Key::Playing)?.is_some())));
        match known {
            Ok((_, true)) if !plays && parts.method == Method::GET && is_work(parts.uri.path()) => {
                Err(see(drill::NOW))
            }
            Ok((me, playing)) => Ok(Self {
                app: app.clone(),
                ui: Ui {
                    signed: true,
                    drill: playing || plays,
                    ..Ui::of(app, &parts.headers)
                },
                plays,
                me,
            }),
            Err(store::Error::Closed | store::Error::NotFound) => Err(door(parts, app).await),
            Err(error) => Err(Problem::from(error).into_response()),
        }
    }
}

/// Screens of enforcement. They are not shown while a drill is played, so that neither is taken for the other; one leaves the
/// drill first, with one tap. What an open page still sends is taken all the same.
fn is_work(path: &str) -> bool {
    let under = ["/field/list/", "/field/r/", "/field/new", "/field/me/"];
    path == "/field/" || under.iter().any(|start| path.starts_with(start))
}

/// Whether this is the address of a record of the drill. The address alone decides: a page that was left open writes to where it
/// came from, whatever was begun or left since.
fn is_of_drill(app: &App, path: &str) -> bool {
    let record = path.strip_prefix("/field/r/").map(|rest| {
        let end = rest.find('/').unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().parse::<RecordId>()
    });
    match record {
        Some(Ok(record)) => app
            .drill()
            .read(|c| store::drill::has(c, record))
            .unwrap_or(false),
        _ => false,
    }
}

async fn door(parts: &Parts, app: &App) -> Response {
    let next = match parts.uri.path_and_query() {
        Some(asked) => asked.as_str(),
        None => "/field/",
    };
    // Every form posts to the address of the page it is on, so returning there is right after a POST too.
    let next = if parts.method == Method::GET || parts.method == Method::POST {
        escape(next)
    } else {
        escape("/field/")
    };
    match app.vault().await {
        Ok(Some(vault)) if vault.enrolled => see(&format!("/field/unlock?next={next}")),
        Ok(_) => see(&format!("/field/enrol?next={next}")),
        Err(error) => Problem::from(error).into_response(),
    }
}
