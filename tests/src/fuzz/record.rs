//! Arbitrary events: every kind, the ids of the shipped procedures and ids that none has, times near and wild.

use super::{Dice, Known};
use shared::domain::event::{
    Amended, Approved, Decided, Event, EventRef, EvidenceAdded, EvidenceKind, Fact, FieldAnswered,
    Fix, Linked, Opened, Outcome, Photo, Refused, Returned, Served, SignMethod, Signed, SignerRole,
    StatementHeard, StepRecorded, Submitted, Value, Voided,
};
use shared::fold::Entry;
use shared::id::{FeedId, FieldId, OfficerId, RecordId, StepId, UnitId};
use shared::instant::{DAY_MS, Instant, MINUTE_MS};
use shared::rules::procedure::{CHECKLIST, ITEM_ANSWERS, LATE_REASON, LATE_REASONS, Procedure};

/// Monday 2026-11-23 09:00 in Beijing.
pub(super) const NINE: i64 = 1_795_395_600_000;
/// The most events of a record.
const EVENTS: usize = 90;
/// Items of the checklists that [`super::context`] makes.
pub(super) const ITEMS: [&str; 3] = ["extinguisher", "sign", "box"];
/// Matters of the power lists that [`super::context`] makes.
pub(super) const MATTERS: [&str; 3] = ["M14", "M12", ""];
const TEXTS: [&str; 6] = [
    "",
    " ",
    "示例",
    "M14@1",
    "示例镇示例街1号",
    "，；\u{0}\u{202e}",
];

/// Ids to choose from.
#[derive(Debug)]
pub(super) struct Words {
    /// Each step with its own fields.
    steps: Vec<(StepId, Vec<FieldId>)>,
    fields: Vec<FieldId>,
    codes: Vec<String>,
}

impl Words {
    pub(super) fn of(procedures: &[Procedure]) -> Self {
        let mut words = Self {
            steps: Vec::new(),
            fields: Vec::new(),
            codes: ITEM_ANSWERS.map(str::to_owned).to_vec(),
        };
        for step in procedures.iter().flat_map(|procedure| &procedure.steps) {
            let own: Vec<FieldId> = step.fields.iter().map(|field| field.id.clone()).collect();
            words.steps.push((step.id.clone(), own));
            let choices = step.fields.iter().flat_map(|field| &field.choices);
            words
                .codes
                .extend(choices.map(|choice| choice.code.clone()));
        }
        let nonsense = StepId::new("XX-99").ok().map(|step| (step, Vec::new()));
        words.steps.extend(nonsense);
        words.codes.push("nonsense".to_owned());
        let notes = ITEMS.map(|item| format!("{item}.note"));
        let more = ITEMS
            .iter()
            .copied()
            .chain(notes.iter().map(String::as_str));
        let more = more.chain([CHECKLIST, LATE_REASON, "nonsense"]);
        words.fields = more.filter_map(|id| FieldId::new(id).ok()).collect();
        words
    }
}

/// A record's entries.
pub(super) fn entries(dice: &mut Dice, known: &Known) -> Vec<Entry> {
    let count = dice.below(EVENTS);
    // Some records happen in order within an hour, as they should; in others time jumps.
    let orderly = dice.one_in(2);
    let mut clock = NINE;
    let mut entries = Vec::with_capacity(count);
    for seq in (1_u64..).take(count) {
        clock += i64::try_from(dice.below(240)).unwrap_or(0) * 1_000;
        let at = if orderly && !dice.one_in(12) {
            Instant::from_millis(clock)
        } else {
            moment(dice)
        };
        let late = dice.one_in(6);
        let place = EventRef {
            feed: FeedId::from_bytes([1; 16]),
            seq,
            index: 0,
        };
        let Some(fact) = fact(dice, known, seq) else {
            continue;
        };
        entries.push(Entry {
            place,
            officer: officer(dice),
            behind_ms: behind(dice),
            event: Event {
                recorded_at: if late { moment(dice) } else { at },
                happened_at: late.then_some(at),
                fact,
            },
        });
    }
    entries
}

fn behind(dice: &mut Dice) -> i64 {
    if dice.one_in(8) {
        i64::try_from(dice.below(30)).unwrap_or(0) * MINUTE_MS
    } else {
        0
    }
}

/// Mostly within some weeks, sometimes years off, rarely anything.
pub(super) fn moment(dice: &mut Dice) -> Instant {
    let spread = match dice.below(20) {
        0 => return Instant::from_millis(Dice::wild(dice.next())),
        1 | 2 => 3_000,
        3..=6 => 40,
        _ => 2,
    };
    let span = usize::try_from(2 * spread * DAY_MS).unwrap_or(1);
    let off = i64::try_from(dice.below(span)).unwrap_or(0) - spread * DAY_MS;
    let minute = if dice.one_in(2) { MINUTE_MS } else { 1 };
    Instant::from_millis((NINE + off) / minute * minute)
}

pub(super) fn officer(dice: &mut Dice) -> OfficerId {
    let n = u8::try_from(dice.below(5)).unwrap_or(0);
    OfficerId::from_bytes([n; 16])
}

fn officers(dice: &mut Dice) -> Vec<OfficerId> {
    (0..dice.below(4)).map(|_| officer(dice)).collect()
}

fn words(dice: &mut Dice) -> String {
    dice.pick(&TEXTS).copied().unwrap_or_default().to_owned()
}

fn maybe(dice: &mut Dice) -> Option<String> {
    dice.one_in(2).then(|| words(dice))
}

fn value(dice: &mut Dice, known: &Known) -> Value {
    match dice.below(7) {
        0 => Value::Text(words(dice)),
        1 => Value::Int(Dice::wild(dice.next())),
        2 => Value::Bool(dice.one_in(2)),
        3 => Value::At(moment(dice)),
        4 => Value::Officers(officers(dice)),
        5 => Value::Text(
            dice.pick(&LATE_REASONS)
                .copied()
                .unwrap_or_default()
                .to_owned(),
        ),
        _ => Value::Choice(dice.pick(&known.words.codes).cloned().unwrap_or_default()),
    }
}

/// An answer: mostly of the kind that the field takes, so that it means something.
fn answer(dice: &mut Dice, known: &Known) -> Option<Fact> {
    let (step, own) = dice.pick(&known.words.steps)?;
    let field = if dice.one_in(4) || own.is_empty() {
        dice.pick(&known.words.fields)?
    } else {
        dice.pick(own)?
    };
    let mut steps = known.procedures.iter().flat_map(|p| &p.steps);
    let kind = steps.find(|s| s.id == *step && s.fields.iter().any(|f| f.id == *field));
    let fitting = kind.and_then(|s| s.fields.iter().find(|f| f.id == *field));
    let value = match fitting {
        Some(fitting) if !dice.one_in(10) => fitting_value(dice, fitting),
        _ => value(dice, known),
    };
    Some(
        FieldAnswered {
            step: step.clone(),
            field: field.clone(),
            value,
        }
        .into(),
    )
}

fn fitting_value(dice: &mut Dice, field: &shared::rules::procedure::Field) -> Value {
    use shared::rules::procedure::FieldKind as Kind;
    match field.kind {
        Kind::Text | Kind::Long => Value::Text(words(dice)),
        Kind::At => Value::At(moment(dice)),
        Kind::Day => {
            let day = moment(dice).date();
            Value::At(Instant::from_civil(day.at(0, 0, 0, 0)))
        }
        Kind::Choice => {
            let choice = dice.pick(&field.choices);
            Value::Choice(choice.map(|c| c.code.clone()).unwrap_or_default())
        }
        Kind::Officers => Value::Officers(officers(dice)),
        Kind::Bool => Value::Bool(dice.one_in(2)),
        Kind::Int => Value::Int(Dice::wild(dice.next())),
    }
}

fn photo(dice: &mut Dice) -> Photo {
    let byte = u8::try_from(dice.below(4)).unwrap_or(0);
    Photo {
        hash: [byte; 32],
        len: 1,
        original: [byte; 32],
        taken_at: dice.one_in(2).then(|| moment(dice)),
        fix: dice.one_in(2).then_some(Fix {
            lat_e6: i32::MAX,
            lon_e6: i32::MIN,
            accuracy_m: u32::MAX,
        }),
        place: words(dice),
    }
}

fn opened(dice: &mut Dice, known: &Known) -> Option<Fact> {
    let procedure = dice.pick(&known.procedures)?;
    Some(
        Opened {
            procedure: procedure.id.clone(),
            version: procedure.version,
            unit: UnitId::from_bytes([1; 16]),
            subject: None,
            subject_name: words(dice),
            place: words(dice),
            matter: dice.pick(&MATTERS).copied().unwrap_or_default().to_owned(),
            task: None,
            urgent: maybe(dice),
            officers: officers(dice),
        }
        .into(),
    )
}

fn signed(dice: &mut Dice, step: StepId) -> Fact {
    let roles = [SignerRole::Officer, SignerRole::Party, SignerRole::Witness];
    let methods = [
        SignMethod::Pin,
        SignMethod::Screen,
        SignMethod::Drawn,
        SignMethod::Paper,
    ];
    Signed {
        step,
        role: dice.pick(&roles).copied().unwrap_or(SignerRole::Officer),
        officer: (!dice.one_in(4)).then(|| officer(dice)),
        name: words(dice),
        method: dice.pick(&methods).copied().unwrap_or(SignMethod::Pin),
        document: dice.one_in(2).then_some([7; 32]),
        drawing: maybe(dice),
    }
    .into()
}

fn evidence(dice: &mut Dice, step: StepId) -> Fact {
    let kinds = [
        EvidenceKind::Recording,
        EvidenceKind::PartyConfirmation,
        EvidenceKind::Photo,
        EvidenceKind::Paper,
    ];
    EvidenceAdded {
        step,
        evidence: dice.pick(&kinds).copied().unwrap_or(EvidenceKind::Photo),
        reference: words(dice),
        photo: dice.one_in(2).then(|| photo(dice)),
    }
    .into()
}

/// A fact of any kind; answers and ends of steps are the most frequent.
fn fact(dice: &mut Dice, known: &Known, seq: u64) -> Option<Fact> {
    let step = dice.pick(&known.words.steps)?.0.clone();
    let outcomes = [
        Outcome::Done,
        Outcome::Done,
        Outcome::NotApplicable,
        Outcome::NotDone,
    ];
    Some(match dice.below(40) {
        0 | 1 => return opened(dice, known),
        2..=8 => StepRecorded {
            step,
            outcome: dice.pick(&outcomes).copied().unwrap_or(Outcome::Done),
            note: words(dice),
        }
        .into(),
        9..=24 => return answer(dice, known),
        25..=28 => evidence(dice, step),
        29..=31 => signed(dice, step),
        32 => Refused {
            step,
            reason: words(dice),
            witness: maybe(dice),
            recording: maybe(dice),
        }
        .into(),
        33 => StatementHeard {
            step,
            words: words(dice),
            answer: words(dice),
        }
        .into(),
        34 => Approved {
            step: if dice.one_in(2) {
                step
            } else {
                StepId::new("JC-07").ok()?
            },
            approver: officer(dice),
            granted: !dice.one_in(4),
            note: words(dice),
        }
        .into(),
        35 => Served {
            step,
            document: words(dice),
            method: words(dice),
            receiver: words(dice),
        }
        .into(),
        36 => rest(dice, step, seq),
        37 => Amended {
            target: EventRef {
                feed: FeedId::from_bytes([1; 16]),
                seq: u64::try_from(dice.below(usize::try_from(seq + 2).unwrap_or(1))).unwrap_or(0),
                index: 0,
            },
            reason: words(dice),
        }
        .into(),
        _ => Submitted { note: words(dice) }.into(),
    })
}

/// The rare kinds.
fn rest(dice: &mut Dice, step: StepId, seq: u64) -> Fact {
    match dice.below(5) {
        0 => Decided {
            step,
            number: words(dice),
            content: words(dice),
            amount: Some(Dice::wild(seq)),
        }
        .into(),
        1 => Linked {
            other: RecordId::from_bytes([9; 16]),
            relation: words(dice),
        }
        .into(),
        2 => Returned {
            steps: vec![step],
            comment: words(dice),
            notes: None,
        }
        .into(),
        3 if dice.one_in(4) => Voided {
            reason: words(dice),
        }
        .into(),
        _ => Fact::Unknown {
            kind: 200,
            schema: 1,
        },
    }
}
