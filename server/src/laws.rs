//! The law library: what is in it, and putting an official text beside our own words (法律原文导入).
//! Apart because a text is looked at before anything changes, and a wrong one changes nothing.

use crate::app::App;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::{PostedText, Visitor};
use crate::shipped;
use crate::store::audit::{self, Act};
use crate::store::{laws, refs};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::data;
use shared::domain::reference::{Law, RefSet};
use shared::instant::Instant;
use shared::library::import::{BadStatute, import};
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

/// Characters of an article that the preview shows.
const PREVIEW_CHARS: usize = 40;

struct Line {
    id: String,
    name: String,
    dates: String,
    articles: usize,
    official: usize,
    imported: Option<String>,
    chosen: bool,
}

/// What an import would do.
struct Preview {
    filled: usize,
    added: usize,
    /// Article and its first words.
    articles: Vec<(String, String)>,
}

#[derive(askama::Template)]
#[template(path = "laws.html")]
struct LawsPage {
    p: Page,
    lines: Vec<Line>,
    typed: String,
    error: Option<String>,
    preview: Option<Preview>,
}

fn line(lang: Lang, law: &Law, imported: Option<&Instant>, chosen: &str) -> Line {
    let day = |day: Option<jiff::civil::Date>, key: &str| {
        day.map_or_else(|| text(lang, key).to_owned(), |day| html::day(lang, day))
    };
    let from = day(law.from, "console.law.from-unknown");
    let to = day(law.to, "console.law.in-force");
    let official = law.articles.iter().filter(|a| a.official.is_some());
    Line {
        id: law.id.clone(),
        name: lang.of(&law.name).to_owned(),
        dates: format!("{from} – {to}"),
        articles: law.articles.len(),
        official: official.count(),
        imported: imported.map(|at| html::moment(lang, *at)),
        chosen: law.id == chosen,
    }
}

/// What the form is shown with.
#[derive(Default)]
struct Shown {
    law: String,
    typed: String,
    error: Option<String>,
    preview: Option<Preview>,
}

async fn page(app: &App, visitor: &Visitor, shown: Shown) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let (rows, imported): (Vec<Law>, BTreeMap<String, Instant>) = app
        .store
        .read(|tx| Ok((refs::all(tx, RefSet::Laws)?, laws::imported(tx)?)))
        .await?;
    let lines = rows
        .iter()
        .map(|law| line(lang, law, imported.get(&law.id), &shown.law));
    let status = if shown.error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let body = html::render(&LawsPage {
        lines: lines.collect(),
        typed: shown.typed,
        error: shown.error,
        preview: shown.preview,
        p: Page::new(visitor, "console.nav.laws"),
    })?;
    Ok((status, body).into_response())
}

/// `GET /laws`.
pub(crate) async fn list(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    page(&app, &visitor, Shown::default()).await
}

/// What is wrong with a text, with the line.
fn fault(lang: Lang, bad: BadStatute) -> String {
    let say = |key: &str, with: &[(&str, u64)]| {
        let with: Vec<(&str, String)> = with.iter().map(|(k, n)| (*k, n.to_string())).collect();
        let with: Vec<(&str, &str)> = with.iter().map(|(k, n)| (*k, n.as_str())).collect();
        fill(lang, &format!("console.law.error.{key}"), &with)
    };
    let n = |line: usize| u64::try_from(line).unwrap_or(u64::MAX);
    match bad {
        BadStatute::TooLong => say("long", &[]),
        BadStatute::NoArticle => say("none", &[]),
        BadStatute::OutOfOrder {
            line,
            article,
            after,
        } => say(
            "order",
            &[
                ("line", n(line)),
                ("article", article.into()),
                ("after", after.into()),
            ],
        ),
        BadStatute::Empty { line, article } => {
            say("empty", &[("line", n(line)), ("article", article.into())])
        }
        BadStatute::Inserted { line } => say("inserted", &[("line", n(line))]),
    }
}

fn preview(law: &Law, filled: usize, added: usize) -> Preview {
    let words = |text: &String| text.chars().take(PREVIEW_CHARS).collect::<String>();
    let articles = law.articles.iter().filter_map(|article| {
        let official = article.official.as_ref()?;
        Some((article.article.clone(), words(official)))
    });
    Preview {
        filled,
        added,
        articles: articles.collect(),
    }
}

/// `POST /laws`: looks at a text, imports it, or takes an imported one away.
pub(crate) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    PostedText(fields): PostedText,
) -> Result<Response, Problem> {
    let (lang, id) = (visitor.lang, fields.text("law").to_owned());
    let file = fields.text("file");
    let typed = if file.is_empty() {
        fields.text("text")
    } else {
        file
    };
    let shown = Shown {
        law: id.clone(),
        typed: typed.to_owned(),
        ..Shown::default()
    };
    let shipped = data::laws().map_err(Problem::internal)?;
    let Some(law) = shipped.into_iter().find(|law| law.id == id) else {
        let error = Some(text(lang, "console.law.error.law").to_owned());
        return page(&app, &visitor, Shown { error, ..shown }).await;
    };
    let (account, now) = (visitor.session.account, app.now());
    if fields.text("act") == "remove" {
        app.store
            .write(move |tx| {
                if laws::remove(tx, &law.id)? {
                    audit::write(tx, now, Some(account), Act::LawRemoved, &law.id)?;
                }
                shipped::put_law(tx, law)
            })
            .await?;
        return Ok(Redirect::to("/laws").into_response());
    }
    let mut with_text = law.clone();
    let done = match import(&mut with_text, typed) {
        Ok(done) => done,
        Err(bad) => {
            let error = Some(fault(lang, bad));
            return page(&app, &visitor, Shown { error, ..shown }).await;
        }
    };
    if fields.text("act") != "import" {
        let preview = Some(preview(&with_text, done.filled, done.added));
        return page(&app, &visitor, Shown { preview, ..shown }).await;
    }
    let typed = shown.typed;
    app.store
        .write(move |tx| {
            laws::put(tx, &law.id, &typed, account, now)?;
            audit::write(tx, now, Some(account), Act::LawImported, &law.id)?;
            shipped::put_law(tx, law)
        })
        .await?;
    Ok(Redirect::to("/laws").into_response())
}
