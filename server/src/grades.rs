//! Both grades of a file: what the law makes of it, and its review points (案卷评查) with every deduction, to look at and to print.
//! It is of one file and read only: points are never counted for a person (行政处罚法 74(3), 国办发〔2024〕54号).

use crate::app::App;
use crate::assess::{self, Case, Judged};
use crate::explain;
use crate::html::{self, Page};
use crate::problem::Problem;
use crate::session::Visitor;
use crate::shipped;
use crate::store::gaps::grade;
use crate::store::refs;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use shared::fold::Stage;
use shared::id::RecordId;
use shared::instant::Instant;
use shared::problem::Code;
use shared::rules::explain::{Names, citation, rule_title, state};
use shared::rules::gap::Severity;
use shared::rules::procedure::Confidence;
use shared::scoring::{self, Deduction, Grade, Legal, Scheme, Score, Why};
use shared::text::{Lang, fill, text};

/// Every grade of gap, the gravest first.
const GRAVEST_FIRST: [Severity; 5] = [
    Severity::G4,
    Severity::G3,
    Severity::G2,
    Severity::G1,
    Severity::G0,
];

/// The legal grade, ready to print.
pub(crate) struct LegalView {
    /// For its colour; none where nothing is found.
    pub(crate) grade: Option<u8>,
    pub(crate) words: String,
    /// "瑕疵2项" for each grade that is there.
    pub(crate) counts: Vec<String>,
}

/// The review points, ready to print.
pub(crate) struct PointsView {
    pub(crate) points: u32,
    pub(crate) band: String,
    /// For its colour.
    pub(crate) code: String,
}

/// Both grades of a record, ready to print.
pub(crate) struct GradeView {
    pub(crate) legal: LegalView,
    pub(crate) points: Option<PointsView>,
    /// How many of what they rest on is only suspected.
    pub(crate) suspected: Option<String>,
}

/// Both grades of a record; none of one that is voided or not opened yet.
pub(crate) fn of(judged: &Judged) -> Option<(Grade, Option<&'static Scheme>)> {
    let procedure = judged.procedure.as_ref()?;
    if judged.facts.voided.is_some() {
        return None;
    }
    let scheme = shipped::schemes().of(procedure.id.as_str());
    let grade = scoring::grade(scheme, &judged.assessment.gaps, &judged.facts);
    Some((grade, scheme))
}

/// Both grades in words.
pub(crate) fn view(lang: Lang, judged: &Judged) -> Option<GradeView> {
    of(judged).map(|(grade, _)| GradeView {
        legal: legal(lang, &grade.legal),
        points: grade.score.as_ref().map(|score| points(lang, score)),
        suspected: suspected(lang, &grade.legal),
    })
}

fn legal(lang: Lang, legal: &Legal) -> LegalView {
    let count = |severity: Severity| {
        let number = legal.counts.get(usize::from(grade(severity)))?;
        let words = explain::severity(lang, grade(severity));
        (*number > 0).then(|| {
            let with = [("grade", &*words), ("n", &*number.to_string())];
            fill(lang, "console.grade.count", &with)
        })
    };
    LegalView {
        grade: legal.worst.map(grade),
        words: legal.worst.map_or_else(
            || text(lang, "console.grade.clean").to_owned(),
            |worst| explain::severity(lang, grade(worst)),
        ),
        counts: GRAVEST_FIRST.into_iter().filter_map(count).collect(),
    }
}

fn points(lang: Lang, score: &Score) -> PointsView {
    PointsView {
        points: score.points,
        band: lang.of(&score.band.name).to_owned(),
        code: score.band.code.clone(),
    }
}

fn suspected(lang: Lang, legal: &Legal) -> Option<String> {
    let number = legal.suspected.to_string();
    (legal.suspected > 0).then(|| fill(lang, "console.grade.suspected", &[("n", &number)]))
}

/// A line of the sheet.
struct LineView {
    rule: String,
    title: String,
    /// The step and what is the matter there.
    where_: String,
    basis: String,
    why: String,
    points: u32,
    state: String,
    href: String,
}

#[derive(askama::Template)]
#[template(path = "grade.html")]
struct GradePage {
    p: Page,
    id: String,
    facts: Vec<(String, String)>,
    voided: bool,
    unreadable: bool,
    grade: Option<GradeView>,
    lines: Vec<LineView>,
    /// What the scheme is and where it comes from.
    scheme: Vec<String>,
    /// How many a supervisor dismissed.
    dismissed: Option<String>,
}

/// `GET /records/{id}/grade`.
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Code::NotFound)?;
    let now = app.now();
    let loaded = app
        .store
        .read(move |tx| {
            let Some(case) = assess::case(tx, id, now)? else {
                return Ok(None);
            };
            let units = refs::units(tx)?;
            let unit = units.get(&case.row.unit).map(|unit| unit.name.clone());
            Ok(Some((case, unit.unwrap_or_default())))
        })
        .await?;
    let (case, unit) = loaded
        .filter(|(case, _)| visitor.sees(case.row.unit))
        .ok_or(Code::NotFound)?;
    // Practice is not a file.
    if case.row.drill {
        return Ok(Redirect::to(&format!("/training/drills/{id}")).into_response());
    }
    html::render(&page(&visitor, &case, &unit, now))
}

fn page(visitor: &Visitor, case: &Case, unit: &str, now: Instant) -> GradePage {
    let lang = visitor.lang;
    let mut page = GradePage {
        p: Page::new(visitor, "console.grade.sheet"),
        id: case.id.to_string(),
        facts: Vec::new(),
        voided: false,
        unreadable: false,
        grade: None,
        lines: Vec::new(),
        scheme: Vec::new(),
        dismissed: None,
    };
    let Ok(judged) = &case.judged else {
        page.unreadable = true;
        return page;
    };
    page.voided = judged.facts.voided.is_some();
    page.facts = facts(lang, judged, unit, now);
    let Some((grade, scheme)) = of(judged) else {
        return page;
    };
    page.grade = view(lang, judged);
    if let (Some(score), Some(procedure)) = (&grade.score, judged.procedure.as_deref()) {
        let names = Names {
            procedure,
            officers: &case.known.officers,
        };
        let line = |one: &Deduction| line(lang, case.id, one, names);
        page.lines = score.deductions.iter().map(line).collect();
    }
    page.scheme = scheme.map_or_else(Vec::new, |scheme| about(lang, scheme));
    let gaps = judged.assessment.gaps.iter();
    let dismissed = gaps
        .filter(|gap| judged.facts.stage(&gap.step, &gap.rule) == Stage::Dismissed)
        .count();
    page.dismissed = (dismissed > 0).then(|| {
        let number = dismissed.to_string();
        fill(lang, "console.grade.dismissed", &[("n", &number)])
    });
    page
}

/// What the file is.
fn facts(lang: Lang, judged: &Judged, unit: &str, now: Instant) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |key: &str, words: String| facts.push((text(lang, key).to_owned(), words));
    if let (Some(opened), Some(procedure)) = (&judged.facts.opened, &judged.procedure) {
        let number = procedure.version.to_string();
        let with = [("name", lang.of(&procedure.name)), ("n", &*number)];
        fact("console.grade.party", opened.value.subject_name.clone());
        fact(
            "console.record.procedure",
            fill(lang, "console.record.version", &with),
        );
    }
    fact("console.grade.unit", unit.to_owned());
    let submitted = judged.facts.submitted.as_ref();
    let submitted = submitted.filter(|_| judged.facts.is_submitted());
    fact(
        "console.record.submitted",
        submitted.map_or_else(
            || text(lang, "console.record.not-submitted").to_owned(),
            |noted| html::moment(lang, noted.recorded_at),
        ),
    );
    fact("console.grade.as-of", html::moment(lang, now));
    facts
}

fn line(lang: Lang, id: RecordId, one: &Deduction, names: Names<'_>) -> LineView {
    let articles: Vec<String> = one
        .basis
        .iter()
        .map(|basis| citation(lang, basis))
        .collect();
    let by_grade = explain::severity(lang, grade(one.severity));
    let (key, what) = match &one.why {
        Why::Zero(name) => ("console.grade.zero", lang.of(name)),
        Why::Item(name) => ("console.grade.item", lang.of(name)),
        Why::Grade => ("console.grade.by-grade", &*by_grade),
    };
    let mut why = fill(lang, key, &[("what", what)]);
    if one.capped {
        why.push_str(text(lang, "console.grade.capped"));
    }
    let stage = if one.upheld {
        "console.grade.upheld"
    } else {
        "console.grade.open"
    };
    LineView {
        title: rule_title(lang, &one.rule, None).to_owned(),
        where_: format!(
            "{} · {}",
            names.step(lang, &one.step),
            state(lang, one.state)
        ),
        basis: articles.join(html::comma(lang)),
        why,
        points: one.points,
        state: text(lang, stage).to_owned(),
        href: format!("/records/{id}#gap-{}-{}", one.rule, one.step),
        rule: one.rule.to_string(),
    }
}

fn about(lang: Lang, scheme: &Scheme) -> Vec<String> {
    let number = scheme.version.to_string();
    let with = [("name", lang.of(&scheme.name)), ("n", &*number)];
    let mut about = vec![
        fill(lang, "console.grade.scheme", &with),
        lang.of(&scheme.source).to_owned(),
    ];
    if scheme.confidence == Confidence::D {
        about.push(text(lang, "console.grade.sample").to_owned());
    }
    about
}
