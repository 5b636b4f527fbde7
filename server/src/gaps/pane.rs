//! The queue beside a record that was opened from it, so that one flag after the other can be worked through.
//! Apart because a record's page knows nothing of filters: it hands back the query that it was opened with.

use super::{GapQuery, Line, PAGE, line};
use crate::app::App;
use crate::problem::Problem;
use crate::session::Visitor;
use crate::store::{gaps, refs};
use axum::extract::Query;
use axum::http::Uri;
use shared::id::RecordId;

/// A part of the queue, as it stood beside the record.
pub(crate) struct Pane {
    pub(crate) lines: Vec<Line>,
    /// The queue itself.
    pub(crate) back: String,
    /// The lines before and after the one that is open.
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    /// The query as a parameter, to be handed on.
    pub(crate) from: String,
}

/// The page of the queue that this query asks for. A query that does not read asks for everything.
pub(crate) async fn pane(
    app: &App,
    visitor: &Visitor,
    from: &str,
    (record, gap): (RecordId, &str),
) -> Result<Pane, Problem> {
    let back = format!("/gaps?{from}");
    let uri = back.parse::<Uri>().unwrap_or_default();
    let query: GapQuery = Query::try_from_uri(&uri)
        .map(|Query(query)| query)
        .unwrap_or_default();
    let (filter, number) = (query.filter(visitor), query.page);
    let (rows, units) = app
        .store
        .read(move |tx| Ok((gaps::page(tx, &filter, number, PAGE)?, refs::units(tx)?)))
        .await?;
    let now = app.now();
    let lines = rows.iter().map(|row| {
        let unit = units.get(&row.unit).map_or("", |unit| unit.name.as_str());
        let here = row.record == record && gap == format!("{}.{}", row.step, row.rule);
        Line {
            href: address(row, from),
            here,
            ..line(visitor.lang, row, unit, now)
        }
    });
    let lines: Vec<Line> = lines.collect();
    let at = lines.iter().position(|line| line.here);
    let beside = |place: Option<usize>| Some(lines.get(place?)?.href.clone());
    Ok(Pane {
        previous: beside(at.and_then(|at| at.checked_sub(1))),
        // What was just dealt with is no longer in the queue: the first of those left is next.
        next: beside(Some(at.map_or(0, |at| at + 1))),
        lines,
        back,
        from: form_urlencoded::Serializer::new(String::new())
            .append_pair("from", from)
            .finish(),
    })
}

/// A record with one gap's facts marked, beside the queue that this query asks for.
pub(super) fn address(row: &gaps::GapRow, from: &str) -> String {
    let path = format!("/records/{}?", row.record);
    let gap = format!("{}.{}", row.step, row.rule);
    let address = form_urlencoded::Serializer::for_suffix(path.clone(), path.len())
        .append_pair("gap", &gap)
        .append_pair("from", from)
        .finish();
    format!("{address}#gap-{}-{}", row.rule, row.step)
}
