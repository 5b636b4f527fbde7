//! An officer's training file: needs with the records behind them, certificates, hours, drills and sessions.
//! Seen by whoever trains the officer, by the officer's own lead, and by the officer.

use super::{Alarm, Known, Person, competency_of, office};
use crate::access::Role;
use crate::app::App;
use crate::explain;
use crate::export::{self, Asked};
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::shipped;
use crate::store::{self, ReadTx, gaps, refs};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use shared::domain::reference::{Certificate, Officer, RefSet, Training};
use shared::id::OfficerId;
use shared::problem::Code;
use shared::text::{Lang, fill, text};
use shared::training::competency::{Catalogue, Competency};
use shared::training::hours::hours;
use shared::training::needs::{Cause, Judged, Line, Standing};

/// A drill or session of the officer's, ready to print: a line and, for whoever may go there, where it leads.
pub(crate) struct Listed {
    pub(crate) words: String,
    pub(crate) href: Option<String>,
}

/// The officer's drill results.
// To be filled by the part that keeps them.
fn drills(_tx: &ReadTx<'_>, _officer: OfficerId) -> Result<Vec<Listed>, store::Error> {
    Ok(Vec::new())
}

/// What lies ahead, then what was attended this year: as the officer's own phone shows it.
fn sessions(lang: Lang, training: Option<&Training>, trains: bool) -> Vec<Listed> {
    let Some(training) = training else {
        return Vec::new();
    };
    let invited = training.invitations.iter().map(|one| Listed {
        words: fill(
            lang,
            "console.needs.invited",
            &[
                ("title", &one.title),
                ("at", &html::moment(lang, one.starts_at)),
                ("place", &one.place),
            ],
        ),
        href: trains.then(|| format!("/training/sessions/{}", one.session)),
    });
    let attended = training.attended.iter().map(|one| Listed {
        words: fill(
            lang,
            "console.needs.attended",
            &[
                ("title", &one.title),
                ("day", &html::day(lang, one.day)),
                ("hours", &hours(i64::from(one.hours_x10))),
            ],
        ),
        href: None,
    });
    invited.chain(attended).collect()
}

struct SeenView {
    record: String,
    day: String,
    severity: String,
    grade: u8,
    open: bool,
    /// Among the last ones, which decide.
    recent: bool,
}

struct CauseView {
    rule: String,
    title: String,
    seen: Vec<SeenView>,
}

/// A competency in the officer's records, with every record behind the figures.
struct NeedView {
    id: String,
    name: String,
    able: String,
    basis: Vec<String>,
    sentence: String,
    trend: &'static str,
    causes: Vec<CauseView>,
}

struct CertificateView {
    number: String,
    period: String,
    alarm: Option<(&'static str, String)>,
}

#[derive(askama::Template)]
#[template(path = "training_file.html")]
struct FilePage {
    p: Page,
    unit: String,
    needs: Vec<NeedView>,
    others: Vec<NeedView>,
    /// That nothing was found or too little is known; none where needs are shown.
    nothing: Option<String>,
    looked_at: usize,
    certificates: Vec<CertificateView>,
    hours: String,
    forecast: String,
    drills: Vec<Listed>,
    sessions: Vec<Listed>,
    /// Where a session for a need is planned, but for the competency; for whoever plans them.
    plan: Option<String>,
    /// Whether the visitor comes from the overview.
    back: bool,
    export: String,
}

fn cause(lang: Lang, cause: &Cause) -> CauseView {
    // Newest first: those among the last records stand before the others.
    let seen = cause.seen.iter().enumerate().map(|(at, seen)| {
        let grade = gaps::grade(seen.severity);
        SeenView {
            record: seen.record.to_string(),
            day: html::day(lang, seen.at.date()),
            severity: explain::severity(lang, grade),
            grade,
            open: seen.open,
            recent: at < cause.recent,
        }
    });
    CauseView {
        rule: cause.rule.to_string(),
        title: explain::rule(lang, cause.rule.as_str()),
        seen: seen.collect(),
    }
}

fn basis(lang: Lang, one: &Competency) -> Vec<String> {
    let words = |law: &str, article: &str| {
        let law = shared::text::find(lang, &format!("law.{law}")).unwrap_or(law);
        match (lang, article) {
            (_, "") => law.to_owned(),
            (Lang::Zh, article) => format!("{law} {article}"),
            (Lang::En, article) => format!("{law}, art. {article}"),
        }
    };
    let basis = one.basis.iter();
    basis
        .map(|cited| words(&cited.law, &cited.article))
        .collect()
}

fn need(catalogue: &Catalogue, lang: Lang, judged: &Judged, line: &Line) -> NeedView {
    let one = catalogue.get(line.id.as_str());
    NeedView {
        id: line.id.to_string(),
        name: super::name(catalogue, lang, line.id.as_str()),
        able: one.map_or_else(String::new, |one| lang.of(&one.able).to_owned()),
        basis: one.map(|one| basis(lang, one)).unwrap_or_default(),
        sentence: judged.sentence(lang, line),
        trend: line.trend.words(lang),
        causes: line.causes.iter().map(|one| cause(lang, one)).collect(),
    }
}

fn certificate(lang: Lang, officer: &Officer, one: &Certificate, today: Date) -> CertificateView {
    let alone = Officer {
        certificates: vec![one.clone()],
        ..officer.clone()
    };
    let alarm = Alarm::of(&alone, today);
    CertificateView {
        number: one.number.clone(),
        period: format!(
            "{} – {}",
            html::day(lang, one.valid_from),
            html::day(lang, one.valid_to)
        ),
        alarm: alarm.map(|alarm| (alarm.class(), alarm.words(lang))),
    }
}

/// What stands in place of needs.
fn nothing(lang: Lang, person: &Person) -> Option<String> {
    match &person.standing {
        Standing::TooFew(n) => {
            let with = [("n", &*n.to_string())];
            Some(fill(lang, "console.needs.too-few-n", &with))
        }
        Standing::Judged(judged) if person.standing.needs().next().is_none() => {
            let with = [("of", &*judged.recent.to_string())];
            Some(fill(lang, "console.needs.none-judged", &with))
        }
        Standing::Judged(_) => None,
    }
}

/// Whether the visitor may see this officer's file.
fn may_see(visitor: &Visitor, officer: &Officer) -> bool {
    visitor.is(Role::TrainingManager)
        || visitor.session.officer.id == officer.id
        || (visitor.is(Role::SquadLead) && visitor.session.officer.unit == officer.unit)
}

/// Every record behind every figure, as a file.
fn rows(app: &App, lang: Lang, person: &Person) -> Result<Response, Problem> {
    let head = [
        "console.needs.competency",
        "console.needs.rule-column",
        "console.gap.title",
        "console.needs.record",
        "console.needs.day",
        "console.needs.severity",
        "console.needs.status",
    ];
    let lines = match &person.standing {
        Standing::Judged(judged) => &judged.lines[..],
        Standing::TooFew(_) => &[],
    };
    let cells = lines.iter().flat_map(|line| &line.causes).flat_map(|one| {
        let rule = one.rule.as_str();
        let of = competency_of(lang, rule);
        let competency = of.map_or_else(String::new, |(id, name)| format!("{id} {name}"));
        cause(lang, one).seen.into_iter().map(move |seen| {
            let status = if seen.open {
                "console.needs.open"
            } else {
                "console.needs.cured"
            };
            [
                competency.clone(),
                rule.to_owned(),
                explain::rule(lang, rule),
                seen.record,
                seen.day,
                seen.severity,
                text(lang, status).to_owned(),
            ]
        })
    });
    let today = app.now().date();
    export::csv(
        "training-file",
        today,
        head.map(|key| text(lang, key)),
        cells,
    )
}

/// `GET /training/officers/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<OfficerId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (lang, today, scope) = (visitor.lang, app.now().date(), office(&visitor));
    let (known, drills, training) = app
        .store
        .read(move |tx| {
            let known = Known::load(tx, |officer| officer.id == id, scope, today.year())?;
            let training = refs::get(tx, RefSet::Training, id.as_bytes())?;
            Ok((known, drills(tx, id)?, training))
        })
        .await?;
    let catalogue = shipped::competencies();
    let (officer, records) = known.people.first().ok_or(Code::NotFound)?;
    if !may_see(&visitor, officer) {
        return Err(Code::NotFound.into());
    }
    let person = known.person(catalogue, officer, records, today);
    if asked.is_csv() {
        return rows(&app, lang, &person);
    }
    let (needs, others): (Vec<_>, Vec<_>) = match &person.standing {
        Standing::TooFew(_) => (Vec::new(), Vec::new()),
        Standing::Judged(judged) => {
            let view = |line: &Line| (line.is_need(), need(catalogue, lang, judged, line));
            let views = judged.lines.iter().map(view);
            views.partition(|(is_need, _)| *is_need)
        }
    };
    let trains = visitor.is(Role::TrainingManager);
    let bare = |views: Vec<(bool, NeedView)>| views.into_iter().map(|(_, view)| view).collect();
    let of = officer.certificates.iter().rev();
    html::render(&FilePage {
        needs: bare(needs),
        others: bare(others),
        nothing: nothing(lang, &person),
        looked_at: person.looked_at,
        certificates: of
            .map(|one| certificate(lang, officer, one, today))
            .collect(),
        hours: person.hours.figures(lang),
        forecast: person.hours.forecast(lang),
        drills,
        sessions: sessions(lang, training.as_ref(), trains),
        plan: trains.then(|| format!("/training/sessions/new?officer={id}&competency=")),
        back: html::allows(crate::access::TRAINING, &visitor.session.roles),
        export: format!("/training/officers/{id}?format=csv"),
        unit: person.unit,
        p: Page {
            title: fill(lang, "console.needs.file", &[("name", &officer.name)]),
            ..Page::new(&visitor, "console.nav.training")
        },
    })
}
