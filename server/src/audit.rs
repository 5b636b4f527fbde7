//! The audit log as a page.

use crate::app::App;
use crate::export::{self, Asked};
use crate::html::{self, Page, Pager};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::audit;
use axum::extract::{Query, State};
use axum::response::Response;
use shared::text::text;

/// Lines of one page.
const PAGE: usize = 100;

struct Line {
    at: String,
    who: String,
    act: String,
    target: String,
}

#[derive(askama::Template)]
#[template(path = "audit.html")]
struct AuditPage {
    p: Page,
    lines: Vec<Line>,
    pager: Pager,
}

/// `GET /audit`.
pub(crate) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (number, size) = asked.page(PAGE);
    let (rows, more) = app
        .store
        .read(move |tx| audit::page(tx, number, size))
        .await?;
    let lang = visitor.lang;
    let lines = rows.into_iter().map(|row| Line {
        at: html::moment(lang, row.at),
        who: row
            .account
            .unwrap_or_else(|| text(lang, "console.audit.system").to_owned()),
        act: text(lang, &format!("console.audit.act.{}", row.act)).to_owned(),
        target: row.target,
    });
    if asked.is_csv() {
        let head = [
            "console.audit.at",
            "console.audit.who",
            "console.audit.what",
            "console.audit.target",
        ];
        let cells = lines.map(|line| [line.at, line.who, line.act, line.target]);
        return export::csv(
            "audit",
            app.now().date(),
            head.map(|key| text(lang, key)),
            cells,
        );
    }
    html::render(&AuditPage {
        lines: lines.collect(),
        pager: Pager::new("/audit?", number, more),
        p: Page::new(&visitor, "console.nav.audit"),
    })
}
