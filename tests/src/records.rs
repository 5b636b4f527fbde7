//! Made-up inspections, good and bad, the same in each run: what two officers might have recorded, in which order.
//! Apart because the agreement test and the benchmarks judge the same kind of records.

mod walk;

pub use walk::{About, walk};

use crate::machine::splitmix;
use shared::domain::event::{
    Amended, Event, EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Opened, Outcome, Refused,
    SignMethod, Signed, SignerRole, StepRecorded, Submitted, Value, Voided,
};
use shared::id::{FieldId, OfficerId, ProcedureId, StepId, UnitId};
use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};

/// Random choices that repeat.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed << 20)
    }

    /// A number below `sides`.
    pub const fn roll(&mut self, sides: u64) -> u64 {
        self.0 += 1;
        splitmix(self.0) % sides
    }

    /// True once in so many times.
    pub const fn once_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    /// Puts a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.roll(last as u64 + 1);
            list.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }
}

/// Who is at hand.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The office.
    pub unit: UnitId,
    /// Two officers, each with a device; the records are theirs.
    pub authors: [OfficerId; 2],
    /// Others who may be named: without certificate, auxiliary, unknown.
    pub others: Vec<OfficerId>,
}

/// What one of the two authors seals at once.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which author.
    pub author: usize,
    /// Whether the author had seen what the other had sealed before.
    pub informed: bool,
    /// What.
    pub events: Vec<Event>,
}

/// An inspection whose every choice falls by chance, begun on this day.
#[must_use]
pub fn inspection(dice: &mut Dice, cast: &Cast, day: Instant) -> Vec<Part> {
    let mut scribe = Scribe {
        at: day.plus_millis(9 * HOUR_MS),
        parts: Vec::new(),
        author: 0,
    };
    scribe.open(dice, cast);
    scribe.officers(dice, cast);
    scribe.show_certificates(dice);
    scribe.on_site_record(dice, cast);
    scribe.result(dice);
    scribe.end(dice);
    scribe.parts
}

struct Scribe {
    at: Instant,
    parts: Vec<Part>,
    author: usize,
}

impl Scribe {
    fn open(&mut self, dice: &mut Dice, cast: &Cast) {
        let opened = Opened {
            procedure: code(ProcedureId::new("XZJC")),
            version: 1,
            unit: cast.unit,
            subject: None,
            subject_name: "示例商店".to_owned(),
            place: "示例路1号".to_owned(),
            matter: "M01".to_owned(),
            task: None,
            urgent: dice.once_in(4).then(|| "有人举报正在倾倒".to_owned()),
            officers: cast.authors.to_vec(),
        };
        self.write(dice, vec![opened.into()]);
    }

    fn officers(&mut self, dice: &mut Dice, cast: &Cast) {
        if dice.once_in(6) {
            return;
        }
        let mut there = match dice.roll(4) {
            0 => vec![cast.authors[0]],
            _ => cast.authors.to_vec(),
        };
        if dice.once_in(3)
            && let Some(other) = cast.others.get(usize::try_from(dice.roll(8)).unwrap_or(0))
        {
            there.push(*other);
        }
        let named = answered("JC-08", "officers", Value::Officers(there));
        let facts = vec![named, done("JC-08", dice)];
        self.write(dice, facts);
    }

    fn show_certificates(&mut self, dice: &mut Dice) {
        let shown = match dice.roll(6) {
            0 => return,
            1 => vec![done("JC-10", dice)],
            2 => vec![
                evidence(EvidenceKind::Paper, "纸质回执"),
                done("JC-10", dice),
            ],
            3 => vec![
                evidence(EvidenceKind::PartyConfirmation, "李四"),
                done("JC-10", dice),
            ],
            _ => vec![
                evidence(EvidenceKind::Recording, "REC-0001"),
                done("JC-10", dice),
            ],
        };
        self.write(dice, shown);
    }

    fn on_site_record(&mut self, dice: &mut Dice, cast: &Cast) {
        if dice.once_in(8) {
            return;
        }
        let began = self.at.plus_millis(-30 * MINUTE_MS);
        let mut facts = vec![
            answered("JC-14", "start", Value::At(began)),
            answered("JC-14", "end", Value::At(self.at)),
            answered(
                "JC-14",
                "facts",
                Value::Text("货架前通道宽0.8米".to_owned()),
            ),
            answered("JC-14", "key_evidence", Value::Bool(dice.once_in(3))),
        ];
        for officer in cast.authors {
            if !dice.once_in(4) {
                facts.push(signed(SignerRole::Officer, Some(officer), "执法人员"));
            }
        }
        match dice.roll(4) {
            0 => {}
            1 => facts.push(
                Refused {
                    step: code(StepId::new("JC-14")),
                    reason: if dice.once_in(2) {
                        String::new()
                    } else {
                        "认为无需签字".to_owned()
                    },
                    witness: dice.once_in(2).then(|| "王五".to_owned()),
                    recording: dice.once_in(2).then(|| "REC-0002".to_owned()),
                }
                .into(),
            ),
            _ => facts.push(signed(SignerRole::Party, None, "李四")),
        }
        facts.push(done("JC-14", dice));
        self.write(dice, facts);
    }

    fn result(&mut self, dice: &mut Dice) {
        if dice.once_in(4) {
            return;
        }
        self.at = self
            .at
            .plus_millis(i64::try_from(dice.roll(12)).unwrap_or(0) * DAY_MS);
        let result = Value::Choice("no_problem".to_owned());
        let told = Value::Text("李四".to_owned());
        let facts = vec![
            answered("JC-16", "result", result),
            answered("JC-16", "told_to", told),
            done("JC-16", dice),
        ];
        self.write(dice, facts);
    }

    fn end(&mut self, dice: &mut Dice) {
        let note = String::new();
        match dice.roll(8) {
            0 | 1 => {}
            2 => self.write(
                dice,
                vec![
                    Voided {
                        reason: "误建".to_owned(),
                    }
                    .into(),
                ],
            ),
            _ => self.write(dice, vec![Submitted { note }.into()]),
        }
    }

    /// One author seals; now and then the other goes on, who may not have heard of it.
    fn write(&mut self, dice: &mut Dice, facts: Vec<Fact>) {
        if dice.once_in(3) && !self.parts.is_empty() {
            self.author = 1 - self.author;
        }
        let mut events = Vec::with_capacity(facts.len());
        for fact in facts {
            self.at = self
                .at
                .plus_millis(i64::try_from(dice.roll(10)).unwrap_or(0) * MINUTE_MS);
            let late = dice.once_in(5).then(|| self.at.plus_millis(-2 * HOUR_MS));
            events.push(Event {
                recorded_at: self.at,
                happened_at: late,
                fact,
            });
        }
        self.parts.push(Part {
            author: self.author,
            informed: !dice.once_in(4),
            events,
        });
    }
}

/// An event that withdraws an earlier one.
#[must_use]
pub fn amended(target: shared::domain::event::EventRef, at: Instant) -> Event {
    let reason = "填写有误".to_owned();
    Event {
        recorded_at: at,
        happened_at: None,
        fact: Amended { target, reason }.into(),
    }
}

fn done(step: &str, dice: &mut Dice) -> Fact {
    let (outcome, note) = match dice.roll(10) {
        0 => (Outcome::NotApplicable, "不涉及"),
        1 => (Outcome::NotDone, "未做"),
        _ => (Outcome::Done, ""),
    };
    StepRecorded {
        step: code(StepId::new(step)),
        outcome,
        note: note.to_owned(),
    }
    .into()
}

/// A field's answer.
#[must_use]
pub fn answered(step: &str, field: &str, value: Value) -> Fact {
    FieldAnswered {
        step: code(StepId::new(step)),
        field: code(FieldId::new(field)),
        value,
    }
    .into()
}

fn evidence(kind: EvidenceKind, reference: &str) -> Fact {
    EvidenceAdded {
        step: code(StepId::new("JC-10")),
        evidence: kind,
        reference: reference.to_owned(),
        photo: None,
    }
    .into()
}

fn signed(role: SignerRole, officer: Option<OfficerId>, name: &str) -> Fact {
    Signed {
        step: code(StepId::new("JC-14")),
        role,
        officer,
        name: name.to_owned(),
        method: SignMethod::Screen,
        document: None,
        drawing: None,
    }
    .into()
}

/// The code of a literal.
#[expect(clippy::panic, reason = "only given literals of this file")]
fn code<T>(made: Result<T, shared::id::BadCode>) -> T {
    made.unwrap_or_else(|bad| panic!("{bad}"))
}
