//! A judge's scores: 0 to 5 for a step, with a remark. A person's judgement; the program only keeps it.

use super::LIST;
use super::show::{SCORES, Typed, carried, loaded, render};
use crate::app::App;
use crate::problem::Problem;
use crate::session::{Fields, PostedText, Visitor};
use crate::store::audit::{self, Act};
use crate::store::drills::{self, Score};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::{OfficerId, StepId};
use shared::instant::Instant;

/// The longest remark. Characters.
const MAX_REMARK: usize = 300;

/// What was typed for one step: its score or none, or the key of what is wrong.
fn read(
    score: &str,
    remark: &str,
    (judge, at): (OfficerId, Instant),
) -> Result<Option<Score>, &'static str> {
    if remark.chars().count() > MAX_REMARK {
        return Err("console.drill.error.remark");
    }
    let score = match (score, remark) {
        ("", "") => return Ok(None),
        ("", _) => return Err("console.drill.error.no-score"),
        (score, _) => score.parse().ok().filter(|score| SCORES.contains(score)),
    };
    let score = score.ok_or("console.drill.error.score")?;
    Ok(Some(Score {
        score,
        remark: remark.to_owned(),
        judge,
        at,
    }))
}

/// `POST /training/drills/{record}/scores`. Only what was changed in this form is stored, so that two judges who score
/// different steps lose nothing.
pub(crate) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    PostedText(fields): PostedText,
) -> Result<Response, Problem> {
    let found = loaded(&app, &visitor, &id).await?;
    let by = (visitor.session.officer.id, app.now());
    let (changes, typed) = changes(&fields, &found.steps(), by);
    if !typed.errors.is_empty() {
        let body = render(&visitor, &found, &typed)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
    }
    let (record, account, now) = (found.line.drill.record, visitor.session.account, by.1);
    app.store
        .write(move |tx| {
            let stored = drills::scores(tx, record)?;
            let mut done = Vec::new();
            for (step, score) in &changes {
                if carried(stored.get(step.as_str())) == carried(score.as_ref()) {
                    continue;
                }
                drills::score(tx, record, step, score.as_ref())?;
                let words = score
                    .as_ref()
                    .map_or_else(|| "-".to_owned(), |s| s.score.to_string());
                done.push(format!("{step}={words}"));
            }
            if done.is_empty() {
                return Ok(());
            }
            let target = format!("{record} {}", done.join(" "));
            audit::write(tx, now, Some(account), Act::DrillScored, &target)
        })
        .await?;
    Ok(Redirect::to(&format!("{LIST}/{record}#scores")).into_response())
}

/// The steps whose score was changed in the form, and everything that was typed.
fn changes(
    fields: &Fields,
    steps: &[(String, shared::text::Bilingual)],
    by: (OfficerId, Instant),
) -> (Vec<(StepId, Option<Score>)>, Typed) {
    let (mut changes, mut typed) = (Vec::new(), Typed::default());
    for (step, _) in steps {
        let score = fields.text(&format!("s.{step}")).to_owned();
        let remark = fields.text(&format!("r.{step}")).to_owned();
        match (read(&score, &remark, by), StepId::new(step)) {
            (Ok(read), Ok(id)) => {
                if carried(read.as_ref()) != fields.text(&format!("o.{step}")) {
                    changes.push((id, read));
                }
            }
            (Err(key), _) => {
                typed.errors.insert(step.clone(), key);
            }
            (Ok(_), Err(_)) => {}
        }
        typed.scores.insert(step.clone(), (score, remark));
    }
    (changes, typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_0_to_5_and_a_remark_needs_one() {
        let by = (OfficerId::from_bytes([1; 16]), Instant::from_millis(0));
        let long = "长".repeat(MAX_REMARK + 1);
        let cases = [
            ("", "", Ok(String::new())),
            ("0", "", Ok("0|".to_owned())),
            ("5", "沉着", Ok("5|沉着".to_owned())),
            ("6", "", Err("console.drill.error.score")),
            ("-1", "", Err("console.drill.error.score")),
            ("好", "", Err("console.drill.error.score")),
            ("", "好", Err("console.drill.error.no-score")),
            ("3", &long, Err("console.drill.error.remark")),
        ];
        for (score, remark, expected) in cases {
            let found = read(score, remark, by).map(|score| carried(score.as_ref()));
            assert_eq!(found, expected, "{score} {remark}");
        }
    }
}
