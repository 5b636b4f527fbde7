//! Issuing a block to a device: what is typed, what is wrong with it, and the act.

use super::{PAGE, People, page, reads_back};
use crate::app::App;
use crate::html::{self, Select};
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::Error;
use crate::store::audit::{self, Act};
use crate::store::numbers::{self as kept, Clash};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::domain::reference::NumberBlock;
use shared::id::{FeedId, NumberBlockId, UnitId};
use shared::rules::procedure::{DocumentKind, Procedure, SHIPPED};
use shared::text::{Lang, text};
use std::collections::BTreeSet;

/// What stands before the numbers, at most. Characters.
const PREFIX_CHARS: usize = 40;
/// Digits at least.
const WIDTH: u8 = 4;
const SUFFIX: &str = "号";
/// Numbers of a block unless somebody says otherwise.
const USUAL: u32 = 50;

/// The form as it was typed, or as it is offered.
#[derive(Default)]
pub(crate) struct Form {
    pub(crate) feed: String,
    pub(crate) document: String,
    pub(crate) prefix: String,
    pub(crate) first: String,
    pub(crate) count: String,
}

/// The documents that a field of a shipped procedure numbers.
fn documents() -> BTreeSet<DocumentKind> {
    let procedures = SHIPPED
        .iter()
        .filter_map(|text| Procedure::parse(text).ok());
    let steps = procedures.flat_map(|procedure| procedure.steps);
    steps
        .flat_map(|step| step.fields)
        .filter_map(|field| field.numbered)
        .collect()
}

impl Form {
    /// What follows the last block.
    pub(super) fn next(last: Option<&NumberBlock>) -> Self {
        Self {
            prefix: last.map_or_else(String::new, |block| block.prefix.clone()),
            first: last
                .map_or(1, |block| block.last.saturating_add(1))
                .to_string(),
            count: USUAL.to_string(),
            ..Self::default()
        }
    }

    fn typed(fields: &Fields) -> Self {
        let text = |name| fields.text(name).to_owned();
        Self {
            feed: text("feed"),
            document: text("document"),
            prefix: text("prefix"),
            first: text("first"),
            count: text("count"),
        }
    }

    /// The devices that may be chosen (those in use, of officers that the visitor looks after) and the documents.
    pub(super) fn choices(&self, visitor: &Visitor, people: &People) -> Vec<Select> {
        let lang = visitor.lang;
        let devices = people.devices.iter().filter_map(|device| {
            let (name, unit) = people.officers.get(&device.officer)?;
            let open = !device.revoked && !device.frozen && visitor.sees(*unit);
            let words = format!("{name} · {}", device.device);
            open.then(|| (device.feed.to_string(), words))
        });
        let titles = documents().into_iter().map(|document| {
            let key = format!("document.kind.{}", document.code());
            (document.code().to_owned(), text(lang, &key).to_owned())
        });
        let choose = Some(text(lang, "console.choose"));
        let label = |key| text(lang, key);
        vec![
            Select::new(
                "feed",
                (label("console.number.device"), choose),
                &self.feed,
                devices,
            ),
            Select::new(
                "document",
                (label("console.number.document"), None),
                &self.document,
                titles,
            ),
        ]
    }
}

/// What is wrong, by field: the end of a message key `console.number.error.<code>`.
type Errors = Vec<(&'static str, &'static str)>;

/// The block that is asked for; its device is looked up when it is issued.
struct Wanted {
    feed: FeedId,
    document: DocumentKind,
    prefix: String,
    first: u32,
    last: u32,
}

fn parse(form: &Form) -> Result<Wanted, Errors> {
    let mut errors = Errors::new();
    let feed: Option<FeedId> = form.feed.parse().ok();
    if feed.is_none() {
        errors.push(("feed", "device"));
    }
    let document = documents().into_iter().find(|d| d.code() == form.document);
    if document.is_none() {
        errors.push(("document", "document"));
    }
    let length = form.prefix.chars().count();
    if length == 0 || length > PREFIX_CHARS || form.prefix.chars().any(char::is_control) {
        errors.push(("prefix", "prefix"));
    }
    let first = form
        .first
        .parse()
        .ok()
        .filter(|n| (1..=NumberBlock::HIGHEST).contains(n));
    if first.is_none() {
        errors.push(("first", "first"));
    }
    let count = form
        .count
        .parse()
        .ok()
        .filter(|n| (1..=NumberBlock::MOST).contains(n));
    let last = first
        .zip(count)
        .map(|(first, count): (u32, u32)| first + count - 1);
    if count.is_none() || last.is_some_and(|last| last > NumberBlock::HIGHEST) {
        errors.push(("count", "count"));
    }
    match (feed, document, first, last) {
        (Some(feed), Some(document), Some(first), Some(last)) if errors.is_empty() => Ok(Wanted {
            feed,
            document,
            prefix: form.prefix.clone(),
            first,
            last,
        }),
        _ => Err(errors),
    }
}

/// `POST /numbers`: fields `feed`, `document`, `prefix`, `first` and `count`.
pub(crate) async fn issue(
    State(app): State<App>,
    visitor: Visitor,
    Posted(fields): Posted,
) -> Result<Response, Problem> {
    let form = Form::typed(&fields);
    let fault = match parse(&form) {
        Err(errors) => errors,
        Ok(wanted) => match put(&app, &visitor, wanted).await? {
            None => return Ok(Redirect::to("/numbers").into_response()),
            Some(fault) => vec![fault],
        },
    };
    let errors = words(visitor.lang, &fault);
    let body = page(&app, &visitor, (0, PAGE), Some((form, errors))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html::render(&body)?).into_response())
}

fn words(lang: Lang, errors: &Errors) -> Vec<(String, String)> {
    let line = |(field, code): &(&'static str, &'static str)| {
        let key = format!("console.number.error.{code}");
        ((*field).to_owned(), text(lang, &key).to_owned())
    };
    errors.iter().map(line).collect()
}

/// Issues it, or says what is wrong.
async fn put(
    app: &App,
    visitor: &Visitor,
    wanted: Wanted,
) -> Result<Option<(&'static str, &'static str)>, Problem> {
    let (account, now, lang) = (visitor.session.account, app.now(), visitor.lang);
    let own: Option<UnitId> = visitor.scope();
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let id = NumberBlockId::new_v7(millis, &random::bytes()?);
    let issued = app.store.write(move |tx| {
        let people = People::read(tx)?;
        let device = people.device(wanted.feed);
        let device = device.filter(|device| !device.revoked && !device.frozen);
        let found = device.and_then(|device| Some((device, people.officers.get(&device.officer)?)));
        let found = found.filter(|(_, (_, unit))| own.is_none_or(|own| own == *unit));
        let Some((device, (name, unit))) = found else {
            return Ok::<_, Error>(Some(("feed", "device")));
        };
        let block = NumberBlock {
            id,
            feed: wanted.feed,
            officer: device.officer,
            document: wanted.document,
            prefix: wanted.prefix,
            first: wanted.first,
            last: wanted.last,
            width: WIDTH,
            suffix: SUFFIX.to_owned(),
        };
        if !reads_back(&block) {
            return Ok(Some(("prefix", "digits")));
        }
        match kept::issue(tx, &block, *unit, (account, now))? {
            Some(Clash::Block) => return Ok(Some(("first", "taken"))),
            Some(Clash::Record) => return Ok(Some(("first", "used"))),
            None => {}
        }
        let target = super::named(lang, &super::range(&block), name, &device.device);
        audit::write(tx, now, Some(account), Act::NumbersIssued, &target)?;
        Ok(None)
    });
    Ok(issued.await?)
}
