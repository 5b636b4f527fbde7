//! What every page of the console shares: its frame, its words, and how moments and days are written.

mod chinese;

use crate::access::{self, Access, Role};
use crate::problem::Problem;
use crate::session::Visitor;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
pub(crate) use shared::rules::explain::{day, moment, month};
use shared::text::{Lang, fill, text};

/// A link of the top bar.
pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) here: bool,
}

/// The frame of a page.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) title: String,
    pub(crate) links: Vec<Link>,
    /// Name and roles of whoever is signed in.
    pub(crate) who: Option<(String, String)>,
    pub(crate) csrf: String,
    pub(crate) path: String,
}

const LINKS: [(&str, &str, Access); 16] = [
    ("/", "console.nav.home", access::SIGNED_IN),
    ("/tasks", "console.nav.tasks", access::TASKS),
    ("/waiting", "console.turn.nav", access::OFFICE),
    ("/records", "console.nav.records", access::RECORDS),
    ("/gaps", "console.nav.gaps", access::RECORDS),
    ("/deadlines", "console.nav.deadlines", access::RECORDS),
    ("/training", "console.nav.training", access::TRAINING),
    ("/officers", "console.nav.officers", access::PEOPLE),
    ("/posts", "console.nav.posts", access::PEOPLE),
    ("/devices", "console.nav.devices", access::DEVICES),
    ("/numbers", "console.nav.numbers", access::DEVICES),
    ("/enrol", "console.nav.enrol", access::ADMIN),
    ("/units", "console.nav.units", access::ADMIN),
    ("/import", "console.nav.import", access::ADMIN),
    ("/laws", "console.nav.laws", access::ADMIN),
    ("/audit", "console.nav.audit", access::AUDIT),
];

/// Whether somebody with these roles may.
pub(crate) fn allows(access: Access, roles: &[Role]) -> bool {
    match access {
        Access::Public => true,
        Access::Device => false,
        Access::Roles(allowed) => allowed.iter().any(|role| roles.contains(role)),
    }
}

impl Page {
    /// A page for nobody in particular.
    pub(crate) fn anonymous(lang: Lang, title: &str, path: &str) -> Self {
        Self {
            lang,
            title: title.to_owned(),
            links: Vec::new(),
            who: None,
            csrf: String::new(),
            path: path.to_owned(),
        }
    }

    /// A page for whoever is signed in.
    pub(crate) fn new(visitor: &Visitor, title_key: &str) -> Self {
        let lang = visitor.lang;
        let session = &visitor.session;
        let links = LINKS
            .into_iter()
            .filter(|(_, _, access)| allows(*access, &session.roles))
            .map(|(href, label, _)| Link {
                href,
                label,
                here: visitor.path == href || (href != "/" && visitor.path.starts_with(href)),
            })
            .collect();
        let roles: Vec<&str> = session
            .roles
            .iter()
            .filter_map(|role| shared::text::find(lang, &format!("console.role.{}", role.code())))
            .collect();
        Self {
            lang,
            title: text(lang, title_key).to_owned(),
            links,
            who: Some((session.officer.name.clone(), roles.join(comma(lang)))),
            csrf: session.csrf.clone(),
            path: visitor.path.clone(),
        }
    }

    /// Words.
    pub(crate) fn t(&self, key: &str) -> String {
        text(self.lang, key).to_owned()
    }

    /// Words with one place filled.
    pub(crate) fn f(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        fill(self.lang, key, &[(name, &value.to_string())])
    }

    /// The other language, by its tag and its own name.
    pub(crate) fn other_lang(&self) -> (&'static str, &'static str) {
        match self.lang {
            Lang::Zh => ("en", "English"),
            Lang::En => ("zh-CN", "中文"),
        }
    }
}

/// What stands between the parts of a list.
pub(crate) const fn comma(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    }
}

/// A length of time in its largest unit.
pub(crate) fn duration(lang: Lang, millis: i64) -> String {
    let (key, n) = match millis.max(0) {
        n if n >= DAY_MS => ("console.time.days", n / DAY_MS),
        n if n >= HOUR_MS => ("console.time.hours", n / HOUR_MS),
        n => ("console.time.minutes", n / MINUTE_MS),
    };
    fill(lang, key, &[("n", &n.to_string())])
}

/// How a page in English begins.
const ENGLISH: &str = "<!doctype html>\n<html lang=\"en\">";

/// Renders a page.
///
/// # Errors
/// A template that fails, which is ours to mend.
pub(crate) fn render<T: askama::Template>(page: &T) -> Result<Response, Problem> {
    let mut body = page.render().map_err(Problem::internal)?;
    if body.starts_with(ENGLISH) {
        body = chinese::mark(&body);
    }
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// A page of a list: where it is and whether there is one before and after.
pub(crate) struct Pager {
    pub(crate) number: usize,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

impl Pager {
    /// Links around page `number` (from 0) of an address that already has its other parameters (`/gaps?severity=3&`).
    pub(crate) fn new(base: &str, number: usize, more: bool) -> Self {
        let link = |n: usize| format!("{base}page={n}");
        Self {
            number: number + 1,
            previous: number.checked_sub(1).map(link),
            next: more.then(|| link(number + 1)),
        }
    }
}

/// A choice among a filter's values.
pub(crate) struct Select {
    /// The parameter.
    pub(crate) name: &'static str,
    pub(crate) label: String,
    /// What stands for no choice, if one may make none.
    pub(crate) any: Option<String>,
    /// Values with their words, and whether they are chosen.
    pub(crate) values: Vec<(String, String, bool)>,
}

impl Select {
    /// A choice with its label and what stands for none.
    pub(crate) fn new(
        name: &'static str,
        (label, any): (&str, Option<&str>),
        chosen: &str,
        values: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let values = values.into_iter().map(|(value, words)| {
            let chosen = value == chosen;
            (value, words, chosen)
        });
        Self {
            name,
            label: label.to_owned(),
            any: any.map(str::to_owned),
            values: values.collect(),
        }
    }
}

/// A path with the parameters that are not empty, to be continued with another: it ends with `?` or `&`.
pub(crate) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let start = format!("{path}?");
    let length = start.len();
    let set = parameters.iter().filter(|(_, value)| !value.is_empty());
    let address = form_urlencoded::Serializer::for_suffix(start, length)
        .extend_pairs(set)
        .finish();
    let filtered = address.len() > length;
    format!("{address}{}", if filtered { "&" } else { "" })
}

/// The same address, not to be continued.
pub(crate) fn bare(address: &str) -> String {
    address.trim_end_matches(['?', '&']).to_owned()
}
