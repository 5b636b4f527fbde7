//! One person's page: certificates, employment, devices and accounts, for the administrator.
//! Apart because the list is for everybody who looks after people, and what is changed here decides about past records.

use super::accounts::{self as login, Account};
use crate::app::App;
use crate::html::{self, Page};
use crate::posts::on_post;
use crate::problem::Problem;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::staff::{self, Employment, Staff};
use crate::store::{self, WriteTx, accounts, feeds, jobs, refs};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use shared::domain::reference::{Certificate, Officer};
use shared::id::OfficerId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::text::{Lang, text};
use std::collections::BTreeSet;

/// The longest certificate number. Characters.
const MAX_NUMBER: usize = 64;
/// The word for auxiliary staff among the kinds of employment; it is kept in the officer's own row.
const AUXILIARY: &str = "auxiliary";

/// What is wrong with a form: the field, and the end of the key `console.staff.error.<why>`.
pub(super) type Wrong = (&'static str, &'static str);

struct Held {
    number: String,
    from: String,
    to: String,
    last: String,
    state: (&'static str, String),
}

struct Device {
    name: String,
    enrolled: String,
    state: String,
}

#[derive(askama::Template)]
#[template(path = "officer.html")]
struct OfficerPage {
    p: Page,
    id: String,
    unit: String,
    /// Code, words, whether chosen.
    employments: Vec<(&'static str, String, bool)>,
    on_post: bool,
    held: Vec<Held>,
    devices: Vec<Device>,
    accounts: Vec<Account>,
    /// Every role: code and words.
    roles: Vec<(&'static str, String)>,
    error: Option<(&'static str, String)>,
    /// The name of an account that was just made, and its password.
    made: Option<(String, String)>,
    /// What was typed for a new certificate or account.
    typed: [String; 4],
}

impl OfficerPage {
    /// What is wrong with this field.
    fn wrong(&self, field: &str) -> Option<&str> {
        let (at, words) = self.error.as_ref()?;
        (*at == field).then_some(words)
    }
}

/// What the page is shown with.
#[derive(Default)]
struct Shown {
    wrong: Option<Wrong>,
    made: Option<(String, String)>,
    typed: [String; 4],
}

fn held(lang: Lang, certificate: &Certificate, today: Date) -> Held {
    let (class, key) = if today < certificate.valid_from {
        ("state-na", "console.staff.not-yet")
    } else if certificate.valid_to < today {
        ("state-late", "console.officer.state.ended")
    } else {
        ("state-done", "console.officer.state.valid")
    };
    Held {
        number: certificate.number.clone(),
        from: html::day(lang, certificate.valid_from),
        to: html::day(lang, certificate.valid_to),
        last: certificate.valid_to.min(today).to_string(),
        state: (class, text(lang, key).to_owned()),
    }
}

fn device(lang: Lang, listed: &feeds::Listed, now: Instant) -> Device {
    let state = match listed {
        feeds::Listed { revoked: true, .. } => "console.device.revoked",
        feeds::Listed { frozen: true, .. } => "console.device.frozen",
        listed if listed.is_quiet(now) => "console.device.quiet",
        _ => "console.device.fine",
    };
    Device {
        name: listed.device.clone(),
        enrolled: html::moment(lang, listed.enrolled_at),
        state: text(lang, state).to_owned(),
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    id: OfficerId,
    shown: Shown,
) -> Result<Response, Problem> {
    let (officer, units, known, devices, listed) = app
        .store
        .read(move |tx| {
            let officer = refs::officer(tx, id)?.ok_or(store::Error::NotFound)?;
            let devices = feeds::list(tx)?;
            let accounts = accounts::of_officer(tx, id)?;
            Ok((
                officer,
                refs::units(tx)?,
                staff::of(tx, id)?,
                devices,
                accounts,
            ))
        })
        .await?;
    let (lang, now) = (visitor.lang, app.now());
    let kind = known.map_or(Employment::Unknown, |staff| staff.employment);
    let kind = if officer.auxiliary {
        AUXILIARY
    } else {
        kind.code()
    };
    let kinds = Employment::ALL.map(Employment::code).into_iter();
    let employments = kinds.chain([AUXILIARY]).map(|code| {
        let words = text(lang, &format!("console.staff.employment.{code}")).to_owned();
        (code, words, code == kind)
    });
    let error = shown.wrong.map(|(field, why)| {
        let key = format!("console.staff.error.{why}");
        (field, text(lang, &key).to_owned())
    });
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let ours = devices.iter().filter(|device| device.officer == id);
    let body = html::render(&OfficerPage {
        id: id.to_string(),
        unit: units
            .get(&officer.unit)
            .map_or_else(String::new, |unit| unit.name.clone()),
        employments: employments.collect(),
        on_post: on_post(&officer, known.as_ref()),
        held: officer
            .certificates
            .iter()
            .map(|one| held(lang, one, now.date()))
            .collect(),
        devices: ours.map(|listed| device(lang, listed, now)).collect(),
        accounts: login::list(lang, listed),
        roles: login::roles(lang),
        error,
        made: shown.made,
        typed: shown.typed,
        p: Page {
            title: officer.name,
            ..Page::new(visitor, "console.nav.officers")
        },
    })?;
    Ok((status, body).into_response())
}

/// `GET /officers/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: OfficerId = id.parse().map_err(|_| Code::NotFound)?;
    page(&app, &visitor, id, Shown::default()).await
}

/// `POST /officers/{id}`: one change, said by the button.
pub(crate) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let id: OfficerId = id.parse().map_err(|_| Code::NotFound)?;
    let mut shown = Shown {
        typed: ["number", "from", "to", "account"].map(|name| fields.text(name).to_owned()),
        ..Shown::default()
    };
    let done = match fields.text("act") {
        "certificate-add" => add_certificate(&app, &visitor, id, &fields).await?,
        "certificate-end" => end_certificate(&app, &visitor, id, &fields).await?,
        "staff" => set_staff(&app, &visitor, id, &fields).await?,
        "account-add" => match login::add(&app, &visitor, id, &fields).await? {
            Ok(made) => {
                shown.made = Some(made);
                shown.typed = Default::default();
                return page(&app, &visitor, id, shown).await;
            }
            Err(wrong) => Err(wrong),
        },
        act => login::change(&app, &visitor, id, (act, &fields)).await?,
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/officers/{id}")).into_response()),
        Err(wrong) => {
            shown.wrong = Some(wrong);
            page(&app, &visitor, id, shown).await
        }
    }
}

/// Puts a person's row and has their records judged again.
fn put(tx: &WriteTx<'_>, officer: &Officer, now: Instant) -> Result<(), store::Error> {
    refs::put_officer(tx, officer)?;
    let people = BTreeSet::from([(officer.unit, officer.id)]);
    jobs::enqueue_people(tx, &people, now)
}

async fn add_certificate(
    app: &App,
    visitor: &Visitor,
    id: OfficerId,
    fields: &Fields,
) -> Result<Result<(), Wrong>, Problem> {
    let number = fields.text("number").to_owned();
    if number.is_empty() || number.chars().count() > MAX_NUMBER {
        return Ok(Err(("number", "number")));
    }
    let Ok(valid_from) = fields.text("from").parse::<Date>() else {
        return Ok(Err(("from", "day")));
    };
    let Ok(valid_to) = fields.text("to").parse::<Date>() else {
        return Ok(Err(("to", "day")));
    };
    if valid_to < valid_from {
        return Ok(Err(("to", "order")));
    }
    let (account, now) = (visitor.session.account, app.now());
    let done = app
        .store
        .write(move |tx| {
            let mut officers = refs::officers(tx)?;
            let holds = |officer: &Officer| officer.certificates.iter().any(|c| c.number == number);
            if officers.values().any(holds) {
                return Ok(Err(("number", "taken")));
            }
            let mut officer = officers.remove(&id).ok_or(store::Error::NotFound)?;
            let target = format!("{} {number} {valid_from} – {valid_to}", officer.name);
            officer.certificates.push(Certificate {
                number,
                valid_from,
                valid_to,
            });
            officer
                .certificates
                .sort_by(|a, b| (a.valid_from, &a.number).cmp(&(b.valid_from, &b.number)));
            put(tx, &officer, now)?;
            audit::write(tx, now, Some(account), Act::CertificateAdded, &target)?;
            Ok(Ok(()))
        })
        .await?;
    app.wake.notify_one();
    Ok(done)
}

async fn end_certificate(
    app: &App,
    visitor: &Visitor,
    id: OfficerId,
    fields: &Fields,
) -> Result<Result<(), Wrong>, Problem> {
    let number = fields.text("held").to_owned();
    let Ok(last) = fields.text("last").parse::<Date>() else {
        return Ok(Err(("held", "day")));
    };
    let (account, now) = (visitor.session.account, app.now());
    let done = app
        .store
        .write(move |tx| {
            let mut officer = refs::officer(tx, id)?.ok_or(store::Error::NotFound)?;
            let target = format!("{} {number} – {last}", officer.name);
            let known = officer.certificates.iter_mut().find(|c| c.number == number);
            let certificate = known.ok_or(store::Error::NotFound)?;
            // Ending makes shorter: a longer time is a new certificate.
            if last < certificate.valid_from || certificate.valid_to < last {
                return Ok(Err(("held", "last")));
            }
            certificate.valid_to = last;
            put(tx, &officer, now)?;
            audit::write(tx, now, Some(account), Act::CertificateEnded, &target)?;
            Ok(Ok(()))
        })
        .await?;
    app.wake.notify_one();
    Ok(done)
}

async fn set_staff(
    app: &App,
    visitor: &Visitor,
    id: OfficerId,
    fields: &Fields,
) -> Result<Result<(), Wrong>, Problem> {
    let code = fields.text("employment").to_owned();
    let auxiliary = code == AUXILIARY;
    let employment = match Employment::from_code(&code) {
        Some(kind) => kind,
        None if auxiliary => Employment::Unknown,
        None => return Ok(Err(("employment", "employment"))),
    };
    let staff = Staff {
        employment,
        on_post: fields.text("on_post") == "yes" && !auxiliary,
    };
    let (account, now) = (visitor.session.account, app.now());
    app.store
        .write(move |tx| {
            let mut officer = refs::officer(tx, id)?.ok_or(store::Error::NotFound)?;
            staff::put(tx, id, staff)?;
            if officer.auxiliary != auxiliary {
                officer.auxiliary = auxiliary;
                put(tx, &officer, now)?;
            }
            let post = if staff.on_post { "post" } else { "-" };
            let target = format!("{} {code} {post}", officer.name);
            audit::write(tx, now, Some(account), Act::StaffChanged, &target)
        })
        .await?;
    app.wake.notify_one();
    Ok(Ok(()))
}
