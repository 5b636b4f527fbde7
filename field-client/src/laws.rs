//! The law library, offline: found by words, number or initials; each article with what it demands and how sure that is.

use crate::desk::Desk;
use crate::guide;
use crate::html::{self, Answer, Ui};
use crate::say;
use crate::store::refs;
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use shared::domain::reference::{Law, LawArticle};
use shared::library;
use shared::rules::explain;
use shared::rules::procedure::Citation;
use shared::text;

/// Results on one page.
const RESULTS: usize = 50;

/// A row that leads to a law or an article.
struct Row {
    href: String,
    title: String,
    sub: String,
    /// No longer in force.
    repealed: bool,
}

/// A law as its pages show it.
struct About {
    name: String,
    number: String,
    /// `2021年7月15日起施行`, or since when not.
    force: String,
    repealed: bool,
}

/// An article as its page shows it.
struct Shown {
    demand: String,
    confidence: &'static str,
    official: String,
}

#[derive(Template)]
#[template(path = "laws.html")]
struct LawsPage {
    ui: Ui,
    q: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "law.html")]
struct LawPage {
    ui: Ui,
    title: String,
    law: Option<About>,
    article: Option<Shown>,
    /// The law's page, on an article's.
    up: String,
    rows: Vec<Row>,
}

/// What to look for.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /field/law?q=`: without words, every law.
pub(crate) async fn laws(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let ui = desk.ui;
    let laws = desk.store().read(refs::laws)?;
    let rows = if asked.q.trim().is_empty() {
        laws.iter().map(|law| of_law(ui, law)).collect()
    } else {
        library::search(&laws, &asked.q, RESULTS)
            .into_iter()
            .map(|hit| match hit.article {
                Some(article) => of_article(ui, hit.law, article),
                None => of_law(ui, hit.law),
            })
            .collect()
    };
    Ok(html::ok(&LawsPage {
        ui,
        q: asked.q,
        rows,
    }))
}

/// `GET /field/law/{law}`
pub(crate) async fn law(desk: Desk, Path(law): Path<String>) -> Answer {
    show(&desk, law, String::new())
}

/// `GET /field/law/{law}/{article}`
pub(crate) async fn article(desk: Desk, Path((law, article)): Path<(String, String)>) -> Answer {
    show(&desk, law, article)
}

/// What the library has; what it does not have is said, because the office may not have sent it yet.
fn show(desk: &Desk, law: String, article: String) -> Answer {
    let ui = desk.ui;
    let found = desk.store().read(|c| refs::law(c, &law))?;
    let known = found
        .as_ref()
        .and_then(|law| library::article(law, &article));
    let whole = article.is_empty();
    let up = Citation {
        law: law.clone(),
        article: String::new(),
    };
    let title = explain::citation(ui.lang, &Citation { law, article });
    let rows = found.iter().filter(|_| whole).flat_map(|law| {
        let articles = law.articles.iter().filter(|a| !a.article.is_empty());
        articles.map(|article| of_article(ui, law, article))
    });
    Ok(html::ok(&LawPage {
        ui,
        title,
        law: found.as_ref().map(|law| about(desk, law)),
        article: known.map(|article| shown(ui, article)),
        up: if whole {
            String::new()
        } else {
            guide::href(&up)
        },
        rows: rows.collect(),
    }))
}

fn about(desk: &Desk, law: &Law) -> About {
    let ui = desk.ui;
    let day = |day| explain::day(ui.lang, day);
    let force = match (law.from, law.to) {
        (_, Some(to)) if to < desk.now().date() => ui.f("field.law.repealed", "day", day(to)),
        (_, Some(to)) => ui.f("field.law.until", "day", day(to)),
        (Some(from), None) => ui.f("field.law.since", "day", day(from)),
        (None, None) => String::new(),
    };
    About {
        name: ui.lang.of(&law.name).to_owned(),
        number: law.number.clone(),
        force,
        repealed: !law.is_in_force(desk.now().date()),
    }
}

fn shown(ui: Ui, article: &LawArticle) -> Shown {
    let key = format!("confidence.{}", article.confidence);
    Shown {
        demand: ui.lang.of(&article.demand).to_owned(),
        confidence: text::find(ui.lang, &key).unwrap_or_default(),
        official: article.official.clone().unwrap_or_default(),
    }
}

fn of_law(ui: Ui, law: &Law) -> Row {
    let citation = Citation {
        law: law.id.clone(),
        article: String::new(),
    };
    Row {
        href: guide::href(&citation),
        title: explain::citation(ui.lang, &citation),
        sub: format!("{} {}", ui.lang.of(&law.name), law.number),
        repealed: law.to.is_some(),
    }
}

fn of_article(ui: Ui, law: &Law, article: &LawArticle) -> Row {
    let citation = Citation {
        law: law.id.clone(),
        article: article.article.clone(),
    };
    let demand = ui.lang.of(&article.demand);
    let official = article.official.as_deref().unwrap_or("");
    let words = if demand.is_empty() { official } else { demand };
    Row {
        href: guide::href(&citation),
        title: explain::citation(ui.lang, &citation),
        sub: say::cut(words, 80),
        repealed: law.to.is_some(),
    }
}
