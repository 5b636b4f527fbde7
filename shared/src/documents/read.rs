//! Reads what a document needs out of a dossier, in the words that documents use. Nothing here fails: what is not recorded
//! is empty.

use super::{Block, Cell, Dossier, Made, kind, words};
use crate::domain::event::{EvidenceKind, Fact, Outcome, Value};
use crate::domain::reference::{Basis, CheckItem, PowerItem, SubjectKind};
use crate::fold::{Noted, StepFacts};
use crate::id::OfficerId;
use crate::instant::Instant;
use crate::rules::power_of;
use crate::rules::procedure::{CHECKLIST, DocumentKind, FieldKind};
use jiff::civil::Date;

/// A dossier as one kind of document reads it.
pub(super) struct Reader<'a> {
    /// Where it is read.
    pub(super) dossier: &'a Dossier<'a>,
    /// For which document.
    pub(super) made: Made<'a>,
    /// The step that makes the document.
    pub(super) own: &'a str,
}

/// An item of the checklist with what was found.
pub(super) struct Checked<'a> {
    /// The item.
    pub(super) item: &'a CheckItem,
    /// The answer's code; empty where it was not answered.
    pub(super) answer: &'a str,
    /// The officer's words.
    pub(super) note: String,
}

impl<'a> Reader<'a> {
    /// A reader for this kind of document.
    pub(super) fn new(made: Made<'a>, dossier: &'a Dossier<'a>) -> Self {
        Self::by_step(made, kind::own_step(made, dossier.procedure), dossier)
    }

    /// A reader for this kind of document, made by this step.
    pub(super) fn by_step(made: Made<'a>, own: &'a str, dossier: &'a Dossier<'a>) -> Self {
        Self { dossier, made, own }
    }

    /// The answers of the document's own step to fields other than these, with their labels.
    pub(super) fn other_answers(&self, known: &[&str]) -> Vec<Cell> {
        let step = self.dossier.procedure.step(self.own);
        let fields = step.map_or(&[][..], |step| &step.fields);
        fields
            .iter()
            .filter(|field| !known.contains(&field.id.as_str()))
            .map(|field| Cell::wide(&field.label.zh, self.text(self.own, field.id.as_str())))
            .filter(|cell| !cell.value.is_empty())
            .collect()
    }

    /// What is known of a step.
    pub(super) fn step(&self, step: &str) -> Option<&'a StepFacts> {
        self.dossier.facts.step(step)
    }

    fn noted(&self, step: &str, field: &str) -> Option<&'a Noted<Value>> {
        self.step(step)?.fields.get(field)
    }

    /// A field in words.
    pub(super) fn text(&self, step: &str, field: &str) -> String {
        match self.noted(step, field).map(|noted| &noted.value) {
            None => String::new(),
            Some(Value::Text(text)) => text.trim().to_owned(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Bool(true)) => "是".to_owned(),
            Some(Value::Bool(false)) => "否".to_owned(),
            Some(Value::At(at)) => words::minute(*at),
            Some(Value::Choice(code)) => self.label(step, field, code),
            Some(Value::Officers(ids)) => {
                let names: Vec<String> = ids.iter().map(|id| self.name(*id)).collect();
                names.join("、")
            }
        }
    }

    fn label(&self, step: &str, field: &str, code: &str) -> String {
        let step = self.dossier.procedure.step(step);
        let field = step.and_then(|s| s.fields.iter().find(|f| f.id.as_str() == field));
        let choice = field.and_then(|f| f.choices.iter().find(|c| c.code == code));
        choice.map_or(code, |choice| &choice.label.zh).to_owned()
    }

    /// A field in words, a day without its hour.
    pub(super) fn words(&self, step: &str, field: &str) -> String {
        let known = self.dossier.procedure.step(step);
        let known = known.and_then(|step| step.field(field));
        match known.map(|field| field.kind) {
            Some(FieldKind::Day) => self.day(step, field),
            _ => self.text(step, field),
        }
    }

    /// The names of the officers in a field.
    pub(super) fn named(&self, step: &str, field: &str) -> Vec<String> {
        match self.noted(step, field).map(|noted| &noted.value) {
            Some(Value::Officers(ids)) => ids.iter().map(|id| self.name(*id)).collect(),
            _ => Vec::new(),
        }
    }

    /// The code of a choice; empty where none was made.
    pub(super) fn code(&self, step: &str, field: &str) -> &'a str {
        match self.noted(step, field).map(|noted| &noted.value) {
            Some(Value::Choice(code)) => code,
            _ => "",
        }
    }

    /// Whether a yes-or-no field says yes.
    pub(super) fn yes(&self, step: &str, field: &str) -> bool {
        matches!(
            self.noted(step, field).map(|noted| &noted.value),
            Some(Value::Bool(true))
        )
    }

    /// A point in time.
    pub(super) fn at(&self, step: &str, field: &str) -> Option<Instant> {
        match self.noted(step, field)?.value {
            Value::At(at) => Some(at),
            _ => None,
        }
    }

    /// A day in words.
    pub(super) fn day(&self, step: &str, field: &str) -> String {
        let at = self.at(step, field);
        at.map_or_else(String::new, |at| words::day(at.date()))
    }

    /// The day on which a field was answered.
    pub(super) fn answered_on(&self, step: &str, field: &str) -> Option<Date> {
        Some(self.noted(step, field)?.at.date())
    }

    /// An officer's name.
    pub(super) fn name(&self, id: OfficerId) -> String {
        let known = self.dossier.context.officers.get(&id);
        known.map_or_else(|| "名册外人员".to_owned(), |officer| officer.name.clone())
    }

    /// The day that certificates are looked up for: that of the document's own act, as far as it is recorded.
    pub(super) fn as_of(&self) -> Option<Date> {
        let named = ["start", "issued_on"].into_iter();
        let named = named.filter_map(|field| self.at(self.own, field)).next();
        let answers = self
            .step(self.own)
            .into_iter()
            .flat_map(|s| s.fields.values());
        let first = answers.map(|noted| noted.at).min();
        let opened = self.dossier.facts.opened.as_ref().map(|noted| noted.at);
        Some(named.or(first).or(opened)?.date())
    }

    /// Who acts: as the document's own step says, else as the procedure's frame does, unless the document comes before it.
    pub(super) fn acting(&self) -> Vec<OfficerId> {
        let frame = self.dossier.procedure.visit.as_ref();
        let frame = frame.filter(|frame| match self.made {
            Made::Kind(DocumentKind::InspectionApproval | DocumentKind::CorrectionOrder) => false,
            Made::Kind(_) => true,
            Made::Form(_) => self.comes_after(frame.assigned.as_str()),
        });
        let framed = || {
            let frame = frame?;
            self.noted(frame.assigned.as_str(), frame.officers.as_str())
        };
        let named = self.noted(self.own, "officers").or_else(framed);
        let opened = self.dossier.facts.opened.as_ref();
        let task = self.dossier.task.map(|task| &task.officers);
        let lists = [
            named.and_then(|noted| match &noted.value {
                Value::Officers(ids) => Some(ids),
                _ => None,
            }),
            opened.map(|noted| &noted.value.officers),
            task,
        ];
        let mut said = lists.into_iter().flatten().filter(|ids| !ids.is_empty());
        said.next().cloned().unwrap_or_default()
    }

    /// Whether the document's own step comes after this one.
    fn comes_after(&self, step: &str) -> bool {
        let mut steps = self.dossier.procedure.steps.iter();
        steps.any(|s| s.id == *step) && steps.any(|s| s.id == *self.own)
    }

    /// An officer's name with the number of the certificate that counts on the day.
    pub(super) fn certified(&self, id: OfficerId) -> String {
        let officer = self.dossier.context.officers.get(&id);
        let name = self.name(id);
        let certificate = officer
            .zip(self.as_of())
            .and_then(|(officer, day)| officer.certificate_on(day));
        match certificate {
            Some(certificate) => format!("{name}（执法证号：{}）", certificate.number),
            None if officer.is_some_and(|officer| officer.auxiliary) => {
                format!("{name}（辅助人员）")
            }
            None => format!("{name}（当日无有效执法证）"),
        }
    }

    /// Every acting officer with certificate number.
    pub(super) fn team(&self) -> String {
        let all: Vec<String> = self
            .acting()
            .into_iter()
            .map(|id| self.certified(id))
            .collect();
        all.join("、")
    }

    /// The party's name on documents.
    pub(super) fn party(&self) -> String {
        let opened = self.dossier.facts.opened.as_ref();
        opened.map_or_else(String::new, |noted| noted.value.subject_name.clone())
    }

    /// How the party is spoken to.
    pub(super) fn you(&self) -> &'static str {
        match self.dossier.context.subject.map(|subject| subject.kind) {
            Some(SubjectKind::Organisation) => "你单位",
            Some(SubjectKind::Citizen) => "你",
            Some(SubjectKind::SoleTrader) | None => "你（单位）",
        }
    }

    /// Person in charge.
    pub(super) fn contact(&self) -> String {
        let subject = self.dossier.context.subject;
        subject.map_or_else(String::new, |subject| subject.contact.clone())
    }

    /// The party's address.
    pub(super) fn address(&self) -> String {
        let subject = self.dossier.context.subject;
        subject.map_or_else(String::new, |subject| subject.address.clone())
    }

    /// Where the record was opened for.
    pub(super) fn place(&self) -> String {
        let opened = self.dossier.facts.opened.as_ref();
        opened.map_or_else(String::new, |noted| noted.value.place.clone())
    }

    /// The power list's row for the matter.
    pub(super) fn power(&self) -> Option<&'a PowerItem> {
        power_of(self.dossier.facts, self.dossier.context)
    }

    /// The matter with its code on the power list.
    pub(super) fn matter(&self) -> String {
        let opened = self.dossier.facts.opened.as_ref();
        let code = opened.map_or("", |noted| noted.value.matter.as_str());
        let row = self.power().or_else(|| self.dossier.context.power.last());
        match row {
            Some(row) => format!("{}（事项编码：{code}）", row.name.zh),
            None => code.to_owned(),
        }
    }

    /// The matter's name as a sentence has it (案由).
    pub(super) fn cause(&self) -> String {
        let row = self.power().or_else(|| self.dossier.context.power.last());
        row.map_or_else(|| self.matter(), |row| row.name.zh.clone())
    }

    /// When the step's approval was granted.
    pub(super) fn approved_at(&self, step: &str) -> String {
        let known = self.step(step).map_or(&[][..], |known| &known.approvals);
        let granted = known.iter().rfind(|noted| noted.value.granted);
        granted.map_or_else(String::new, |noted| words::minute(noted.at))
    }

    /// The bases of the matter that govern conduct of a day.
    pub(super) fn bases(&self, day: Option<Date>) -> Vec<&'a Basis> {
        match (self.power(), day) {
            (Some(row), Some(day)) => row.bases_on(day).collect(),
            _ => Vec::new(),
        }
    }

    /// The articles that forbid or demand, with the list that gives the power.
    pub(super) fn legal_ground(&self) -> String {
        let cited = words::cited(self.bases(self.as_of()), |basis| &basis.prohibits);
        let list = self.power().map_or("", |row| row.list.trim());
        match (cited.is_empty(), list.is_empty()) {
            (_, true) => cited.join("、"),
            (true, false) => list.to_owned(),
            (false, false) => format!("{}；{list}", cited.join("、")),
        }
    }

    /// The checklist, item by item; empty where the matter has none.
    pub(super) fn checked(&self) -> Vec<Checked<'a>> {
        let Some(checklist) = self.dossier.context.checklist else {
            return Vec::new();
        };
        let mut steps = self.dossier.facts.steps.values();
        let known = steps.find(|step| step.fields.contains_key(CHECKLIST));
        let field = |name: &str| {
            known
                .and_then(|step| step.fields.get(name))
                .map(|n| &n.value)
        };
        let of = |item: &'a CheckItem| Checked {
            item,
            answer: match field(item.id.as_str()) {
                Some(Value::Choice(code)) => code.as_str(),
                _ => "",
            },
            note: match field(&format!("{}.note", item.id)) {
                Some(Value::Text(text)) => text.trim().to_owned(),
                _ => String::new(),
            },
        };
        checklist.items.iter().map(of).collect()
    }

    /// What was done of a step that is shown by evidence, in a sentence part each; empty where nothing is recorded.
    pub(super) fn shown(&self, step: &str) -> Vec<String> {
        let Some(known) = self.step(step) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for noted in &known.evidence {
            let (what, at) = (noted.value.reference.trim(), words::minute(noted.at));
            out.push(match noted.value.evidence {
                EvidenceKind::Recording => format!("录音录像编号{what}"),
                EvidenceKind::PartyConfirmation => format!("{what}于{at}当面确认"),
                EvidenceKind::Photo => format!("{at}拍照留存"),
                EvidenceKind::Paper => format!("纸质材料《{what}》"),
            });
        }
        out
    }

    /// When a step was done, if it was.
    pub(super) fn done_at(&self, step: &str) -> Option<Instant> {
        let outcome = self.step(step)?.outcome.as_ref()?;
        (outcome.value.outcome == Outcome::Done).then_some(outcome.at)
    }

    /// Photos, recordings and papers of these steps as a table. A paper of the document's own step is the signed copy of the
    /// document itself.
    pub(super) fn evidence(&self, steps: &[&str]) -> Option<Block> {
        let mut rows = Vec::new();
        for noted in steps
            .iter()
            .filter_map(|s| self.step(s))
            .flat_map(|s| &s.evidence)
        {
            let kind = match noted.value.evidence {
                EvidenceKind::Recording => "录音录像",
                EvidenceKind::Photo => "照片",
                EvidenceKind::Paper if noted.value.step.as_str() != self.own => "纸质材料",
                EvidenceKind::Paper | EvidenceKind::PartyConfirmation => continue,
            };
            let photo = noted.value.photo.as_ref();
            let taken = photo.and_then(|photo| photo.taken_at).unwrap_or(noted.at);
            let digest = photo.map_or_else(String::new, |photo| {
                let head = photo.hash.iter().take(4);
                head.map(|byte| format!("{byte:02X}")).collect()
            });
            rows.push(vec![
                (rows.len() + 1).to_string(),
                kind.to_owned(),
                noted.value.reference.trim().to_owned(),
                words::minute(taken),
                digest,
            ]);
        }
        let head = ["序号", "种类", "内容或编号", "取得时间", "校验码"];
        (!rows.is_empty()).then(|| Block::Table {
            head: head.map(str::to_owned).into(),
            rows,
        })
    }

    /// What was corrected in the document's own step after it had been sealed with another value.
    pub(super) fn corrections(&self) -> Vec<String> {
        let facts = self.dossier.facts;
        let mut out = Vec::new();
        let mut reason = "";
        let mut ended = false;
        let mut values: Vec<(&str, &Value)> = Vec::new();
        for entry in &facts.timeline {
            match &entry.event.fact {
                Fact::StepRecorded(f) if f.step.as_str() == self.own => ended = true,
                Fact::Amended(f) => reason = f.reason.trim(),
                Fact::FieldAnswered(f) if f.step.as_str() == self.own => {
                    let before = values
                        .iter()
                        .position(|(name, _)| *name == f.field.as_str());
                    let old = before.map(|at| values.remove(at).1);
                    if let Some(Value::Text(old)) = old.filter(|old| ended && **old != f.value) {
                        let label = self.field_label(f.field.as_str());
                        let at = words::minute(entry.event.recorded_at);
                        let who = self.name(entry.officer);
                        out.push(format!(
                            "{at}，{who}更正“{label}”，原记“{old}”，更正原因：{reason}。"
                        ));
                    }
                    values.push((f.field.as_str(), &f.value));
                }
                _ => {}
            }
        }
        out
    }

    fn field_label(&self, field: &str) -> String {
        let step = self.dossier.procedure.step(self.own);
        let known = step.and_then(|s| s.fields.iter().find(|f| f.id.as_str() == field));
        known.map_or(field, |f| &f.label.zh).to_owned()
    }

    /// Against a penalty on the spot reconsideration comes first, and then court (行政复议法 20, 23, 24; 行政诉讼法 45).
    pub(super) fn reconsideration_first(&self) -> String {
        let body = match self
            .dossier
            .context
            .jurisdiction
            .reconsideration_body
            .zh
            .trim()
        {
            "" => "＿＿＿＿＿＿＿＿",
            name => name,
        };
        format!(
            "对本决定不服的，应当自收到本决定书之日起六十日内先向{body}申请行政复议；对复议决定不服的，再依法向人民法院提起行政诉讼。复议期间本决定不停止执行，但法律另有规定的除外。"
        )
    }

    /// Where to turn against the act: full names of the reconsideration body and the court.
    pub(super) fn remedies(&self, act: &str) -> String {
        let place = self.dossier.context.jurisdiction;
        let or_blank = |name: &str| match name.trim() {
            "" => "＿＿＿＿＿＿＿＿".to_owned(),
            name => name.to_owned(),
        };
        let body = or_blank(&place.reconsideration_body.zh);
        let court = or_blank(&place.court.zh);
        format!(
            "对{act}不服的，可以自收到本文书之日起六十日内向{body}申请行政复议，也可以自收到本文书之日起六个月内直接向{court}提起行政诉讼。"
        )
    }

    /// The cells that say whom a document is about.
    pub(super) fn party_cells(&self, party: &str) -> Vec<Cell> {
        vec![
            Cell::wide(party, self.party()),
            Cell::half("负责人", self.contact()),
            Cell::half("住所（地址）", self.address()),
        ]
    }
}
