//! Reads drill scenarios (演练脚本): files that a training manager writes, checked against procedures and law library.
//! Apart because a scenario that names a step, rule or article that is not there would mislead everybody who plays it.

use crate::data::{self, BadData, Source, unfounded};
use crate::domain::reference::{Law, SubjectKind};
use crate::domain::scenario::{Card, Expectation, Inject, MetBy, Role, Scenario, Setup};
use crate::id::{FieldId, ProcedureId, StepId};
use crate::library;
use crate::rules::procedure::{self, Citation, FieldKind, Procedure, Step};
use crate::text::Bilingual;
use serde::Deserialize;
use toml::Spanned;

/// The scenarios that are shipped.
const FILES: &[(&str, &str)] = &[
    (
        "refusal-to-sign.toml",
        include_str!("../../drills/refusal-to-sign.toml"),
    ),
    (
        "expired-certificate.toml",
        include_str!("../../drills/expired-certificate.toml"),
    ),
    (
        "beyond-power.toml",
        include_str!("../../drills/beyond-power.toml"),
    ),
    (
        "urgent-check.toml",
        include_str!("../../drills/urgent-check.toml"),
    ),
];

/// The scenarios that are shipped, in the order in which a beginner plays them.
///
/// # Errors
/// [`BadData`] with the place of the first fault.
pub fn shipped() -> Result<Vec<Scenario>, BadData> {
    let (laws, procedures) = (data::laws()?, procedure::shipped());
    let one = |(file, text): &(&str, &str)| read(file, text, &laws, &procedures);
    FILES.iter().map(one).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Spanned<String>,
    version: Spanned<u32>,
    title: Spanned<Bilingual>,
    brief: Spanned<Bilingual>,
    party: Spanned<String>,
    party_kind: SubjectKind,
    place: Spanned<String>,
    matter: Spanned<String>,
    matter_name: Spanned<Bilingual>,
    urgent: Option<Spanned<Bilingual>>,
    minutes: Spanned<u32>,
    competencies: Spanned<Vec<String>>,
    procedure: Spanned<ProcedureId>,
    setup: Spanned<Vec<Setup>>,
    debrief: Spanned<Bilingual>,
    card: Vec<Spanned<CardRow>>,
    #[serde(default)]
    inject: Vec<Spanned<InjectRow>>,
    #[serde(default)]
    expectation: Vec<Spanned<ExpectationRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardRow {
    role: Role,
    text: Spanned<Bilingual>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectRow {
    step: Spanned<StepId>,
    role: Role,
    text: Spanned<Bilingual>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectationRow {
    text: Spanned<Bilingual>,
    basis: Spanned<Citation>,
    met_by: Spanned<MetBy>,
}

/// What a file is checked against.
struct Check<'a> {
    source: Source<'a>,
    laws: &'a [Law],
    procedure: &'a Procedure,
}

/// Reads a scenario file and checks it against the newest version of its procedure.
///
/// # Errors
/// [`BadData`] with the place of the first fault.
pub fn read(
    name: &str,
    text: &str,
    laws: &[Law],
    procedures: &[Procedure],
) -> Result<Scenario, BadData> {
    let source = Source { file: name, text };
    let file: File = source.parse()?;
    let id = file.procedure.get_ref();
    let newest = procedures
        .iter()
        .filter(|procedure| procedure.id == *id)
        .max_by_key(|procedure| procedure.version);
    let Some(procedure) = newest else {
        return Err(source.at(&file.procedure, format!("there is no procedure {id}")));
    };
    let check = Check {
        source,
        laws,
        procedure,
    };
    check.head(&file)?;
    check.setup(&file)?;
    check.rows(&file)?;
    Ok(scenario(file))
}

impl Check<'_> {
    fn fault<T>(&self, at: &Spanned<T>, what: impl Into<String>) -> Result<(), BadData> {
        Err(self.source.at(at, what))
    }

    /// Both languages say something.
    fn said(&self, what: &str, text: &Spanned<Bilingual>) -> Result<(), BadData> {
        let words = text.get_ref();
        for (language, words) in [("zh", &words.zh), ("en", &words.en)] {
            if words.trim().is_empty() {
                return self.fault(text, format!("{what} has no text in {language}"));
            }
        }
        Ok(())
    }

    fn head(&self, file: &File) -> Result<(), BadData> {
        let id = file.id.get_ref();
        let fits = (1..=Scenario::MAX_ID).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return self.fault(
                &file.id,
                "an id is 1 to 32 lower-case letters, digits and hyphens",
            );
        }
        let name = self.source.file.rsplit('/').next().unwrap_or_default();
        if name != format!("{id}.toml") {
            return self.fault(&file.id, format!("the file is not named {id}.toml"));
        }
        for (what, number) in [("version", &file.version), ("minutes", &file.minutes)] {
            if *number.get_ref() == 0 {
                return self.fault(number, format!("{what} begins at 1"));
            }
        }
        for (what, text) in [
            ("party", &file.party),
            ("place", &file.place),
            ("matter", &file.matter),
        ] {
            if text.get_ref().trim().is_empty() {
                return self.fault(text, format!("{what} is empty"));
            }
        }
        let texts = [
            ("title", &file.title),
            ("brief", &file.brief),
            ("matter_name", &file.matter_name),
            ("debrief", &file.debrief),
        ];
        let urgent = file.urgent.as_ref().map(|text| ("urgent", text));
        for (what, text) in texts.into_iter().chain(urgent) {
            self.said(what, text)?;
        }
        let codes = file.competencies.get_ref();
        match codes.iter().find(|code| !is_competency(code)) {
            Some(code) => self.fault(
                &file.competencies,
                format!("{code} is no competency such as K03"),
            ),
            None if codes.is_empty() => self.fault(&file.competencies, "no competency is named"),
            None => Ok(()),
        }
    }

    /// A drill without an approval, or with two lists, would be decided by accident.
    fn setup(&self, file: &File) -> Result<(), BadData> {
        let lines = file.setup.get_ref();
        let both = |a: Setup, b: Setup| lines.contains(&a) && lines.contains(&b);
        if both(Setup::Approved, Setup::NotApproved)
            || both(Setup::MatterNotListed, Setup::MatterOnlyReported)
            || both(Setup::ColleagueCertificateEnded, Setup::ColleagueAuxiliary)
        {
            return self.fault(&file.setup, "two lines of the setup contradict each other");
        }
        if !lines.contains(&Setup::Approved) && !lines.contains(&Setup::NotApproved) {
            return self.fault(&file.setup, "the setup says approved or not_approved");
        }
        Ok(())
    }

    fn rows(&self, file: &File) -> Result<(), BadData> {
        let mut roles = Vec::new();
        for row in &file.card {
            let card = row.get_ref();
            if roles.contains(&card.role) {
                let role = card.role.code();
                return self.fault(row, format!("{role} has two cards"));
            }
            roles.push(card.role);
            self.said("the card", &card.text)?;
        }
        if !roles.contains(&Role::OfficerA) {
            return self.fault(&file.id, "there is no card for officer_a, who plays");
        }
        for row in &file.inject {
            let inject = row.get_ref();
            self.step(&inject.step, inject.step.get_ref())?;
            self.said("the inject", &inject.text)?;
            if !roles.contains(&inject.role) {
                let role = inject.role.code();
                return self.fault(row, format!("{role} has no card"));
            }
        }
        if file.expectation.is_empty() {
            return self.fault(&file.id, "there is no expectation");
        }
        for row in &file.expectation {
            let expectation = row.get_ref();
            self.said("the expectation", &expectation.text)?;
            self.founded(&expectation.basis)?;
            self.met_by(&expectation.met_by)?;
        }
        Ok(())
    }

    fn step<T>(&self, at: &Spanned<T>, id: &StepId) -> Result<&Step, BadData> {
        let step = self.procedure.step(id.as_str());
        step.ok_or_else(|| {
            let procedure = &self.procedure.id;
            self.source.at(at, format!("{procedure} has no step {id}"))
        })
    }

    /// The article is in the library, and its law in force.
    fn founded(&self, basis: &Spanned<Citation>) -> Result<(), BadData> {
        let Citation { law, article } = basis.get_ref();
        let known = library::law(self.laws, law)
            .filter(|law| law.to.is_none() && library::article(law, article).is_some());
        match known {
            Some(_) => Ok(()),
            None => self.fault(basis, unfounded(law, article)),
        }
    }

    fn met_by(&self, at: &Spanned<MetBy>) -> Result<(), BadData> {
        let met_by = at.get_ref();
        if let Some(rule) = met_by.rule()
            && !self.procedure.rules.iter().any(|known| known.id == *rule)
        {
            let procedure = &self.procedure.id;
            return self.fault(at, format!("{procedure} has no rule {rule}"));
        }
        let Some(id) = met_by.step() else {
            return Ok(());
        };
        let step = self.step(at, id)?;
        match met_by {
            MetBy::Answered { field, is, .. } => self.answers(at, step, field, is),
            MetBy::Mentions { field, words, .. } => {
                if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) {
                    return self.fault(at, "no word is named, or an empty one");
                }
                self.answers(at, step, field, &[])
            }
            _ => Ok(()),
        }
    }

    fn answers(
        &self,
        at: &Spanned<MetBy>,
        step: &Step,
        field: &FieldId,
        is: &[String],
    ) -> Result<(), BadData> {
        let Some(field) = step.field(field.as_str()) else {
            return self.fault(at, format!("{} has no field {field}", step.id));
        };
        let takes = |code: &str| match field.kind {
            FieldKind::Choice => field.choices.iter().any(|choice| choice.code == code),
            FieldKind::Bool => matches!(code, "yes" | "no"),
            _ => false,
        };
        match is.iter().find(|code| !takes(code)) {
            Some(code) => self.fault(at, format!("{} does not take {code}", field.id)),
            None => Ok(()),
        }
    }
}

/// Such as `K03`: a capital letter and two digits.
fn is_competency(code: &str) -> bool {
    matches!(code.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'])
}

fn scenario(file: File) -> Scenario {
    let cards = file.card.into_iter().map(Spanned::into_inner);
    let injects = file.inject.into_iter().map(Spanned::into_inner);
    let expectations = file.expectation.into_iter().map(Spanned::into_inner);
    Scenario {
        id: file.id.into_inner(),
        version: file.version.into_inner(),
        title: file.title.into_inner(),
        brief: file.brief.into_inner(),
        party: file.party.into_inner(),
        party_kind: file.party_kind,
        place: file.place.into_inner(),
        matter: file.matter.into_inner(),
        matter_name: file.matter_name.into_inner(),
        urgent: file.urgent.map(Spanned::into_inner),
        minutes: file.minutes.into_inner(),
        competencies: file.competencies.into_inner(),
        procedure: file.procedure.into_inner(),
        cards: cards
            .map(|row| Card {
                role: row.role,
                text: row.text.into_inner(),
            })
            .collect(),
        injects: injects
            .map(|row| Inject {
                step: row.step.into_inner(),
                role: row.role,
                text: row.text.into_inner(),
            })
            .collect(),
        setup: file.setup.into_inner(),
        expectations: expectations
            .map(|row| Expectation {
                text: row.text.into_inner(),
                basis: row.basis.into_inner(),
                met_by: row.met_by.into_inner(),
            })
            .collect(),
        debrief: file.debrief.into_inner(),
    }
}

#[cfg(test)]
mod tests;
