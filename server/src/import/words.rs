//! What a row of a list says, for the preview.
//! Apart because the rest of the import knows no words.

use super::Entry;
use super::rosters::tenths;
use crate::html;
use crate::store::rosters::{Line, PersonDay};
use shared::domain::reference::{
    Basis, Certificate, Officer, PowerItem, Precondition, Subject, SubjectKind,
};
use shared::text::{Lang, fill, text};

/// What a row says beside name and place.
pub(super) fn entry(lang: Lang, entry: &Entry) -> String {
    let parts = match entry {
        Entry::Officer(officer) => officer_words(lang, officer),
        Entry::Subject(subject) => subject_words(lang, subject),
        Entry::Roster(_, day) => roster_words(lang, day),
        Entry::Power(item) => power_words(lang, item),
    };
    parts.join(text(lang, "console.import.separator"))
}

fn yes_no(lang: Lang, yes: bool) -> &'static str {
    text(lang, if yes { "console.yes" } else { "console.no" })
}

fn officer_words(lang: Lang, officer: &Officer) -> Vec<String> {
    let yes = yes_no(lang, officer.auxiliary);
    let certificate = |held: &Certificate| {
        let (from, to) = (
            html::day(lang, held.valid_from),
            html::day(lang, held.valid_to),
        );
        fill(
            lang,
            "console.import.certificate",
            &[("number", &held.number), ("from", &from), ("to", &to)],
        )
    };
    let mut parts = vec![fill(lang, "console.import.auxiliary", &[("yes", yes)])];
    parts.extend(officer.certificates.iter().map(certificate));
    if officer.certificates.is_empty() {
        parts.push(text(lang, "console.import.no-certificate").to_owned());
    }
    parts
}

fn subject_words(lang: Lang, subject: &Subject) -> Vec<String> {
    let kind = match subject.kind {
        SubjectKind::Organisation => "organisation",
        SubjectKind::SoleTrader => "sole-trader",
        SubjectKind::Citizen => "citizen",
    };
    let kind = text(lang, &format!("console.import.subject.{kind}")).to_owned();
    let contact = fill(
        lang,
        "console.import.contact",
        &[("name", &subject.contact)],
    );
    vec![kind, contact]
}

fn roster_words(lang: Lang, day: &PersonDay) -> Vec<String> {
    let line = |line: &Line| {
        let duty = text(lang, &format!("console.roster.duty.{}", line.duty.code())).to_owned();
        let hours = tenths(line.hours_x10);
        let with = [("duty", &*duty), ("n", &*hours), ("to", &line.seconded_to)];
        let key = match line.seconded_to.as_str() {
            "" => "console.roster.line",
            _ => "console.roster.line-lent",
        };
        fill(lang, key, &with)
    };
    day.lines.iter().map(line).collect()
}

fn power_words(lang: Lang, item: &PowerItem) -> Vec<String> {
    let until = |to: Option<jiff::civil::Date>| {
        to.map_or_else(
            || text(lang, "console.power-list.open").to_owned(),
            |day| html::day(lang, day),
        )
    };
    let span = fill(
        lang,
        "console.power-list.span",
        &[
            ("from", &html::day(lang, item.from)),
            ("to", &until(item.to)),
        ],
    );
    let before = match item.precondition {
        Precondition::None => "none",
        Precondition::AfterFailedCorrection => "after-failed-correction",
        Precondition::AfterWarning => "after-warning",
    };
    let before = text(lang, &format!("console.power-list.precondition.{before}")).to_owned();
    let basis = |basis: &Basis| {
        let articles = [&*basis.prohibits, &*basis.penalises];
        let articles: Vec<&str> = articles.into_iter().filter(|a| !a.is_empty()).collect();
        let cited = format!("{} {}", basis.law, articles.join(" → "));
        match (basis.from, basis.to) {
            (None, None) => cited,
            (from, to) => {
                let from = from.map_or_else(String::new, |day| html::day(lang, day));
                let with = [("basis", &*cited), ("from", &from), ("to", &until(to))];
                fill(lang, "console.power-list.conduct", &with)
            }
        }
    };
    let listed = yes_no(lang, item.listed);
    let mut parts = vec![
        text(lang, &format!("console.photo.source.{:?}", item.source)).to_owned(),
        span,
        fill(lang, "console.power-list.listed", &[("yes", listed)]),
        lang.of(&item.duty).to_owned(),
        lang.of(&item.sanction).to_owned(),
        before,
    ];
    parts.extend(item.bases.iter().map(basis));
    parts
}
