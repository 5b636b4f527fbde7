//! Records under any procedure: its steps in order, most of them done as they should be, some left out or done late.
//! Apart because these follow the procedure file, so that they stay whole records when it gets other steps.

use super::{Cast, Dice, Part, answered};
use shared::domain::event::{
    Approved, Event, EvidenceAdded, EvidenceKind, Fact, Linked, Opened, Outcome, Served,
    SignMethod, Signed, SignerRole, StatementHeard, StepRecorded, Submitted, Value,
};
use shared::id::{RecordId, SubjectId};
use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use shared::rules::procedure::{Actor, Field, FieldKind, Procedure, Proof, Step};

/// Events that are sealed at once, about: a few steps.
const SEALED: usize = 24;

/// What a record is about.
#[derive(Debug, Clone)]
pub struct About {
    /// The party.
    pub subject: Option<SubjectId>,
    /// The matter's code.
    pub matter: &'static str,
    /// The record that it follows from.
    pub from: Option<RecordId>,
}

/// A record under this procedure, begun on this day.
#[must_use]
pub fn walk(
    dice: &mut Dice,
    cast: &Cast,
    procedure: &Procedure,
    about: &About,
    day: Instant,
) -> Vec<Part> {
    let mut walker = Walker {
        dice,
        cast,
        at: day.plus_millis(9 * HOUR_MS),
        events: Vec::new(),
        parts: Vec::new(),
    };
    walker.open(procedure, about);
    for step in &procedure.steps {
        if walker.dice.once_in(14) {
            continue;
        }
        walker.step(step);
    }
    if !walker.dice.once_in(6) {
        let note = String::new();
        walker.note(Submitted { note });
    }
    walker.seal();
    walker.parts
}

struct Walker<'a> {
    dice: &'a mut Dice,
    cast: &'a Cast,
    at: Instant,
    events: Vec<Event>,
    parts: Vec<Part>,
}

impl Walker<'_> {
    fn note(&mut self, fact: impl Into<Fact>) {
        let minutes = i64::try_from(self.dice.roll(4)).unwrap_or(0);
        self.at = self.at.plus_millis(minutes * MINUTE_MS);
        self.events.push(Event {
            recorded_at: self.at,
            happened_at: None,
            fact: fact.into(),
        });
    }

    fn seal(&mut self) {
        if !self.events.is_empty() {
            self.parts.push(Part {
                author: 0,
                informed: true,
                events: std::mem::take(&mut self.events),
            });
        }
    }

    fn open(&mut self, procedure: &Procedure, about: &About) {
        self.note(Opened {
            procedure: procedure.id.clone(),
            version: procedure.version,
            unit: self.cast.unit,
            subject: about.subject,
            subject_name: "示例商店".to_owned(),
            place: "示例路1号".to_owned(),
            matter: about.matter.to_owned(),
            task: None,
            urgent: None,
            officers: self.cast.authors.to_vec(),
        });
        if let Some(other) = about.from {
            let relation = "from".to_owned();
            self.note(Linked { other, relation });
        }
    }

    fn step(&mut self, step: &Step) {
        if step.actor == Actor::Office && self.dice.once_in(2) {
            self.at = self.at.plus_millis(DAY_MS);
        }
        for field in &step.fields {
            // What is not asked of everybody is answered now and then.
            if (field.required || self.dice.once_in(3)) && !self.dice.once_in(20) {
                let value = self.value(field);
                self.note(answered(step.id.as_str(), field.id.as_str(), value));
            }
        }
        for proof in &step.proof {
            if !self.dice.once_in(12) {
                self.prove(step, *proof);
            }
        }
        let outcome = if step.optional && self.dice.once_in(2) {
            Outcome::NotApplicable
        } else {
            Outcome::Done
        };
        let note = String::new();
        self.note(StepRecorded {
            step: step.id.clone(),
            outcome,
            note,
        });
        if self.events.len() >= SEALED {
            self.seal();
        }
    }

    fn value(&mut self, field: &Field) -> Value {
        match field.kind {
            FieldKind::Text => Value::Text("示例".to_owned()),
            FieldKind::Long => {
                Value::Text("经现场检查，疏散通道内堆放纸箱三箱，宽度不足".to_owned())
            }
            FieldKind::At => Value::At(self.at),
            FieldKind::Day => Value::At(Instant::from_civil(self.at.date().at(0, 0, 0, 0))),
            FieldKind::Choice => {
                let sides = u64::try_from(field.choices.len()).unwrap_or(1).max(1);
                let at = usize::try_from(self.dice.roll(sides)).unwrap_or(0);
                let choice = field.choices.get(at);
                Value::Choice(choice.map_or_else(String::new, |one| one.code.clone()))
            }
            FieldKind::Officers => Value::Officers(self.cast.authors.to_vec()),
            FieldKind::Bool => Value::Bool(self.dice.once_in(2)),
            FieldKind::Int => Value::Int(i64::try_from(self.dice.roll(300)).unwrap_or(0)),
        }
    }

    fn prove(&mut self, step: &Step, proof: Proof) {
        let step = step.id.clone();
        let name = "李四".to_owned();
        match proof {
            Proof::Recording => self.evidence(&step, EvidenceKind::Recording, "REC-0001"),
            Proof::PartyConfirmation => {
                self.evidence(&step, EvidenceKind::PartyConfirmation, "李四");
            }
            Proof::Photo => self.evidence(&step, EvidenceKind::Paper, "照片"),
            Proof::OfficersPin => {
                for officer in self.cast.authors {
                    self.note(Signed {
                        step: step.clone(),
                        role: SignerRole::Officer,
                        officer: Some(officer),
                        name: "执法人员".to_owned(),
                        method: SignMethod::Pin,
                        document: None,
                        drawing: None,
                    });
                }
            }
            Proof::PartySignature | Proof::WitnessSignature => self.note(Signed {
                step,
                role: if proof == Proof::PartySignature {
                    SignerRole::Party
                } else {
                    SignerRole::Witness
                },
                officer: None,
                name,
                method: SignMethod::Screen,
                document: None,
                drawing: None,
            }),
            Proof::Approval => self.note(Approved {
                step,
                approver: server::demo::officer(1),
                granted: true,
                note: "同意".to_owned(),
            }),
            Proof::Service => self.note(Served {
                step,
                document: "示例文书".to_owned(),
                method: "on_site".to_owned(),
                receiver: name,
            }),
            Proof::Statement => self.note(StatementHeard {
                step,
                words: "会尽快清理".to_owned(),
                answer: "已记录".to_owned(),
            }),
        }
    }

    fn evidence(&mut self, step: &shared::id::StepId, kind: EvidenceKind, reference: &str) {
        self.note(EvidenceAdded {
            step: step.clone(),
            evidence: kind,
            reference: reference.to_owned(),
            photo: None,
        });
    }
}
