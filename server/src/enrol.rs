//! Enrolment links: made for one officer, shown once, good for one device and one day.

mod code;

use crate::app::App;
use crate::html::{self, Page};
use crate::keys;
use crate::problem::Problem;
use crate::random;
use crate::session::{Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::{enrol as codes, refs};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::domain::reference::Officer;
use shared::id::OfficerId;
use shared::instant::{DAY_MS, Instant};
use shared::text::text;

/// How long a code is good.
const CODE_MS: i64 = DAY_MS;

#[derive(askama::Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    p: Page,
    officers: Vec<(String, String)>,
    /// Who is chosen to begin with.
    chosen: String,
    error: Option<String>,
    /// The officer's name, the link, and until when it is good.
    made: Option<(String, String, String)>,
    /// The link for a camera.
    code: Option<code::Drawing>,
}

/// The address of an enrolment link. The code is in the fragment, which never reaches a server's log.
pub(crate) fn link(base: &str, code: &str) -> String {
    format!("{base}/field/enrol#{code}")
}

/// The address that the console was opened at: a header in HTTP/1, part of the request line in HTTP/2.
fn base(app: &App, uri: &Uri, headers: &HeaderMap) -> String {
    app.config.base_url.clone().unwrap_or_else(|| {
        let header = headers
            .get(header::HOST)
            .and_then(|value| value.to_str().ok());
        let host = header.or_else(|| uri.authority().map(|authority| authority.as_str()));
        let scheme = if app.config.secure { "https" } else { "http" };
        format!("{scheme}://{}", host.unwrap_or("localhost"))
    })
}

async fn page(app: &App, visitor: &Visitor) -> Result<EnrolPage, Problem> {
    let (officers, units) = app
        .store
        .read(|tx| Ok((refs::officers(tx)?, refs::units(tx)?)))
        .await?;
    let label = |officer: &Officer| {
        let unit = units
            .get(&officer.unit)
            .map_or("", |unit| unit.name.as_str());
        format!("{}（{unit}）", officer.name)
    };
    Ok(EnrolPage {
        officers: officers
            .values()
            .map(|o| (o.id.to_string(), label(o)))
            .collect(),
        chosen: String::new(),
        error: None,
        made: None,
        code: None,
        p: Page::new(visitor, "console.nav.enrol"),
    })
}

/// Makes a code for an officer; gives it and until when it is good.
async fn make(
    app: &App,
    officer: OfficerId,
    account: Option<i64>,
) -> Result<(String, Instant), Problem> {
    let (code, now) = (random::code()?, app.now());
    let (hash, ends) = (keys::hash(&code), now.plus_millis(CODE_MS));
    app.store
        .write(move |tx| {
            codes::add(tx, hash, officer, now, ends)?;
            audit::write(tx, now, account, Act::EnrolCodeMade, &officer.to_string())
        })
        .await?;
    Ok((code, ends))
}

impl App {
    /// A new enrolment code for an officer, for whoever owns the data folder (the demo, load drivers, tests).
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn make_enrol_code(&self, officer: OfficerId) -> anyhow::Result<String> {
        let made = make(self, officer, None).await;
        made.map(|(code, _)| code)
            .map_err(|problem| anyhow::anyhow!("{:?}", problem.cause))
    }
}

#[derive(Deserialize)]
pub(crate) struct EnrolQuery {
    #[serde(default)]
    officer: String,
}

/// `GET /enrol`.
pub(crate) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<EnrolQuery>,
) -> Result<Response, Problem> {
    let page = page(&app, &visitor).await?;
    html::render(&EnrolPage {
        chosen: query.officer,
        ..page
    })
}

/// `POST /enrol`.
pub(crate) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    headers: HeaderMap,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let mut page = page(&app, &visitor).await?;
    let chosen: Option<OfficerId> = fields.text("officer").parse().ok();
    let officer = match chosen {
        Some(id) => app.store.read(move |tx| refs::officer(tx, id)).await?,
        None => None,
    };
    let Some(officer) = officer else {
        page.error = Some(text(visitor.lang, "console.enrol.error").to_owned());
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html::render(&page)?).into_response());
    };
    let (code, ends) = make(&app, officer.id, Some(visitor.session.account)).await?;
    let address = link(&base(&app, &uri, &headers), &code);
    page.code = code::draw(&address);
    page.made = Some((officer.name, address, html::moment(visitor.lang, ends)));
    html::render(&page)
}
