//! The figures of staffing as files: what the tables show.

use super::{Line, Person};
use crate::export;
use crate::problem::Problem;
use axum::response::Response;
use jiff::civil::Date;
use shared::text::{Lang, text};

/// The offices' lines.
pub(super) fn offices(
    lang: Lang,
    today: Date,
    lines: impl Iterator<Item = Line>,
) -> Result<Response, Problem> {
    let head = [
        "console.task.unit",
        "console.posts.certified",
        "console.posts.filled",
        "console.posts.enforcement",
        "console.posts.on-site",
        "console.posts.loan",
        "console.posts.idle",
        "console.posts.misfits",
    ];
    let cells = lines.map(|line| {
        [
            line.unit,
            line.certified,
            line.filled,
            line.enforcement,
            line.on_site,
            line.loan,
            line.idle,
            line.misfits.to_string(),
        ]
    });
    export::csv("posts", today, head.map(|key| text(lang, key)), cells)
}

/// The people's lines.
pub(super) fn people(lang: Lang, today: Date, people: Vec<Person>) -> Result<Response, Problem> {
    let head = [
        "console.officer.name",
        "console.staff.employment-label",
        "console.posts.on-post",
        "console.officer.certificate",
        "console.posts.enforcement",
        "console.posts.on-site",
        "console.posts.loan",
        "console.posts.last",
    ];
    let yes = |yes: bool| text(lang, if yes { "console.yes" } else { "console.no" });
    let cells = people.into_iter().map(|one| {
        [
            one.name,
            one.employment,
            yes(one.on_post).to_owned(),
            one.certificate,
            one.enforcement,
            one.on_site,
            one.loan,
            one.last,
        ]
    });
    export::csv(
        "posts-people",
        today,
        head.map(|key| text(lang, key)),
        cells,
    )
}
