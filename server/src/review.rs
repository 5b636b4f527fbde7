//! What a supervisor says of a suspected gap: asks for an explanation, upholds it, dismisses it with a reason.
//! Apart from the record's page because each is an event of the record, signed by the server's feed, that the officer's phone
//! gets with the next sync.

use crate::app::App;
use crate::assess::{self, Case, Judged};
use crate::explain;
use crate::html::{self, Page};
use crate::office;
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Posted, Visitor};
use crate::store::audit::{self, Act};
use crate::store::log;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::domain::event::{Event, Reviewed, Verdict};
use shared::fold::Facts;
use shared::id::RecordId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::explain::Names;
use shared::rules::gap::Gap;
use shared::rules::procedure::Procedure;
use shared::text::{Lang, text};

pub(crate) mod back;

/// The longest question, reason or remark. Characters.
const MAX_WORDS: usize = 500;
/// What can be said, by the form's value.
const VERDICTS: [(&str, Verdict); 3] = [
    ("asked", Verdict::Asked),
    ("upheld", Verdict::Upheld),
    ("dismissed", Verdict::Dismissed),
];

/// What is wrong with a form: the field, and the key of the sentence.
type Wrong = Vec<(&'static str, &'static str)>;

/// A record that a supervisor may say something of.
struct Desk {
    case: Case,
}

impl Desk {
    async fn open(app: &App, visitor: &Visitor, id: &str) -> Result<Self, Problem> {
        let (id, now): (RecordId, Instant) = (id.parse().map_err(|_| Code::NotFound)?, app.now());
        let case = app
            .store
            .read(move |tx| assess::case(tx, id, now))
            .await?
            .filter(|case| visitor.sees(case.row.unit) && !case.row.drill)
            .ok_or(Code::NotFound)?;
        Ok(Self { case })
    }

    fn judged(&self) -> Result<(&Judged, &Procedure), Problem> {
        let judged = self.case.judged.as_ref();
        let judged = judged.map_err(|_| Problem::from(Code::BadProcedure))?;
        let procedure = judged.procedure.as_deref();
        Ok((judged, procedure.ok_or(Code::NotFound)?))
    }

    fn names<'a>(&'a self, procedure: &'a Procedure) -> Names<'a> {
        Names {
            procedure,
            officers: &self.case.known.officers,
        }
    }

    /// Seals what was said, and writes it down as a privileged act. Not if something came to the record since it was read:
    /// then nothing is written and the answer is false.
    async fn say(
        &self,
        app: &App,
        visitor: &Visitor,
        event: Event,
        (act, about): (Act, String),
    ) -> Result<bool, Problem> {
        let known = self.case.commits.len();
        let (handle, now, account) = (app.clone(), event.recorded_at, visitor.session.account);
        let by = office::Act {
            record: self.case.id,
            unit: self.case.row.unit,
            officer: visitor.session.officer.id,
            salt: random::bytes()?,
        };
        let said = app
            .store
            .write(move |tx| {
                if log::of_record(tx, by.record)?.len() != known {
                    return Ok(false);
                }
                office::commit(tx, &handle, by, &[event], now)?;
                audit::write(tx, now, Some(account), act, &about)?;
                Ok(true)
            })
            .await?;
        app.wake.notify_one();
        Ok(said)
    }
}

/// How many events the record has: what a form was filled in upon. Whoever posts upon less is shown what came since.
fn seen(facts: &Facts) -> String {
    facts.timeline.len().to_string()
}

fn is_stale(facts: &Facts, posted: &Fields) -> bool {
    posted.text("seen") != seen(facts)
}

/// A way of answering, ready to print.
struct Choice {
    value: &'static str,
    label: &'static str,
    hint: &'static str,
    chosen: bool,
}

#[derive(askama::Template)]
#[template(path = "review.html")]
struct ReviewPage {
    p: Page,
    record: String,
    action: String,
    subject: String,
    title: String,
    text: String,
    step: String,
    because: Vec<String>,
    basis: String,
    stage: Option<String>,
    seen: String,
    from: String,
    choices: Vec<Choice>,
    words: String,
    errors: Vec<(String, String)>,
    stale: bool,
}

/// What was posted, and what is wrong with it.
struct Again<'a> {
    posted: Option<&'a Fields>,
    errors: Wrong,
    stale: bool,
    /// The query of the queue that the record was opened from.
    from: &'a str,
}

const FRESH: Again<'static> = Again {
    posted: None,
    errors: Vec::new(),
    stale: false,
    from: "",
};

fn errors(lang: Lang, errors: &Wrong) -> Vec<(String, String)> {
    let words =
        |(at, key): &(&'static str, &'static str)| ((*at).to_owned(), text(lang, key).to_owned());
    errors.iter().map(words).collect()
}

fn answer<T: askama::Template>(page: &T, again: &Again<'_>) -> Result<Response, Problem> {
    let body = html::render(page)?;
    let status = match (again.errors.is_empty(), again.stale) {
        (_, true) => StatusCode::CONFLICT,
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, false) => StatusCode::OK,
    };
    Ok((status, body).into_response())
}

fn find<'a>(judged: &'a Judged, step: &str, rule: &str) -> Result<&'a Gap, Problem> {
    let mut gaps = judged.assessment.gaps.iter();
    let gap = gaps.find(|gap| gap.step.as_str() == step && gap.rule.as_str() == rule);
    gap.ok_or_else(|| Code::NotFound.into())
}

fn page(visitor: &Visitor, desk: &Desk, gap: &Gap, again: &Again<'_>) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let (judged, procedure) = desk.judged()?;
    let words = explain::gap(lang, gap, desk.names(procedure));
    let posted = |name: &str| again.posted.map_or("", |posted| posted.text(name));
    let choices = VERDICTS.map(|(value, verdict)| Choice {
        value,
        label: text(lang, label(verdict)),
        hint: text(lang, hint(verdict)),
        chosen: posted("said") == value,
    });
    let facts = &judged.facts;
    let shown = ReviewPage {
        p: Page::new(visitor, "console.review.title"),
        record: desk.case.id.to_string(),
        action: format!("/records/{}/gaps/{}/{}", desk.case.id, gap.step, gap.rule),
        subject: subject(facts),
        title: format!("{} {}", gap.rule, words.title),
        text: words.text,
        step: format!("{} {}", gap.step, words.step),
        because: words.because,
        basis: words.basis.join(if lang == Lang::Zh { "、" } else { "; " }),
        stage: explain::stage(lang, facts.stage(&gap.step, &gap.rule).code()),
        seen: seen(facts),
        from: again.from.to_owned(),
        choices: choices.into(),
        words: posted("words").to_owned(),
        errors: errors(lang, &again.errors),
        stale: again.stale,
    };
    answer(&shown, again)
}

fn subject(facts: &Facts) -> String {
    let opened = facts.opened.as_ref();
    opened.map_or_else(String::new, |noted| noted.value.subject_name.clone())
}

const fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Asked => "console.review.ask",
        Verdict::Upheld => "console.review.uphold",
        Verdict::Dismissed => "console.review.dismiss",
    }
}

const fn hint(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Asked => "console.review.ask-hint",
        Verdict::Upheld => "console.review.uphold-hint",
        Verdict::Dismissed => "console.review.dismiss-hint",
    }
}

#[derive(Deserialize)]
pub(crate) struct ReviewQuery {
    /// The query of the queue that the record was opened from.
    #[serde(default)]
    from: String,
}

/// `GET /records/{id}/gaps/{step}/{rule}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, step, rule)): Path<(String, String, String)>,
    Query(asked): Query<ReviewQuery>,
) -> Result<Response, Problem> {
    let desk = Desk::open(&app, &visitor, &id).await?;
    let gap = find(desk.judged()?.0, &step, &rule)?;
    let again = Again {
        from: &asked.from,
        ..FRESH
    };
    page(&visitor, &desk, gap, &again)
}

/// What is said and in which words, or what is wrong with it.
fn read(posted: &Fields) -> Result<(Verdict, String), Wrong> {
    let words = posted.text("words").trim();
    let said = posted.text("said");
    let said = VERDICTS.iter().find(|(value, _)| *value == said);
    let mut errors = Vec::new();
    if said.is_none() {
        errors.push(("said", "console.review.error.choose"));
    }
    let reason = said.is_some_and(|(_, verdict)| *verdict != Verdict::Upheld);
    if reason && words.is_empty() {
        errors.push(("words", "console.review.error.words"));
    }
    if words.chars().count() > MAX_WORDS {
        errors.push(("words", "console.review.error.long"));
    }
    match said.filter(|_| errors.is_empty()) {
        Some((_, verdict)) => Ok((*verdict, words.to_owned())),
        None => Err(errors),
    }
}

/// `POST /records/{id}/gaps/{step}/{rule}`: fields `said`, `words` and `seen`.
pub(crate) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, step, rule)): Path<(String, String, String)>,
    Posted(posted): Posted,
) -> Result<Response, Problem> {
    let desk = Desk::open(&app, &visitor, &id).await?;
    let judged = desk.judged()?.0;
    let gap = find(judged, &step, &rule)?;
    let (read, stale) = (read(&posted), is_stale(&judged.facts, &posted));
    let from = posted.text("from");
    let again = |errors| Again {
        posted: Some(&posted),
        errors,
        stale,
        from,
    };
    let (verdict, words) = match read {
        Ok(said) if !stale => said,
        Ok(_) => return page(&visitor, &desk, gap, &again(Vec::new())),
        Err(errors) => return page(&visitor, &desk, gap, &again(errors)),
    };
    let about = format!("{} {step} {rule}", desk.case.id);
    let reviewed = Reviewed {
        step: gap.step.clone(),
        rule: gap.rule.clone(),
        verdict,
        words,
    };
    let event = office::event(reviewed, app.now());
    let act = (Act::GapReviewed, about);
    if !desk.say(&app, &visitor, event, act).await? {
        let desk = Desk::open(&app, &visitor, &id).await?;
        let gap = find(desk.judged()?.0, &step, &rule)?;
        let stale = Again {
            stale: true,
            ..again(Vec::new())
        };
        return page(&visitor, &desk, gap, &stale);
    }
    let record = match from {
        "" => format!("/records/{id}#gap-{rule}-{step}"),
        from => {
            let path = format!("/records/{id}?");
            form_urlencoded::Serializer::for_suffix(path.clone(), path.len())
                .append_pair("gap", &format!("{step}.{rule}"))
                .append_pair("from", from)
                .finish()
        }
    };
    Ok(Redirect::to(&record).into_response())
}
