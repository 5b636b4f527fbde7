//! From a step's form to the journal: what changed, what must be corrected, and how the step ended.
//! What is right is written down even if something else is not: nobody types it twice.

mod fields;
pub(crate) mod heard;
mod late;

use crate::checklist;
use crate::desk::Desk;
use crate::document;
use crate::form::{FormErrors, Posted};
use crate::html::Problem;
use crate::numbers;
use crate::photos;
use crate::pin::{self, Tries};
use crate::pull;
use crate::say;
use crate::sheet::Sheet;
use crate::store::meta::{self, Key};
use crate::store::{self, WriteTx, journal, log, records};
use shared::domain::event::{
    Event, EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Outcome, SignMethod, Signed,
    SignerRole, StepRecorded, Value,
};
use shared::id::{FieldId, OfficerId};
use shared::instant::{Instant, MINUTE_MS};
use shared::rules::procedure::{Field, Proof, Step};

/// A claimed time may be so far ahead of this device's clock.
const CLOCK_SLACK_MS: i64 = 5 * MINUTE_MS;

/// Which button was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Save and stay.
    Save,
    /// A choice was tapped: field and code.
    Set(String, String),
    /// A phrase was tapped: field and the phrase's number.
    Add(String, usize),
    /// What stands elsewhere is taken over into this field.
    Pull(String),
    /// The next number of this device's block is taken into this field.
    Take(String),
    /// The number in this field is voided.
    Void(String),
    /// Save, then show the screen that is handed to the party: `party` or `sign`.
    Hand(&'static str),
    /// Save, then open the record that follows from here.
    Follow,
    /// The step ended so.
    End(Outcome),
}

impl Act {
    /// From the button's value; anything unknown saves and stays.
    pub(crate) fn of(value: &str) -> Self {
        match value {
            "done" => Self::End(Outcome::Done),
            "na" => Self::End(Outcome::NotApplicable),
            "notdone" => Self::End(Outcome::NotDone),
            "follow" => Self::Follow,
            "go:party" => Self::Hand("party"),
            "go:sign" => Self::Hand("sign"),
            other => Self::of_field(other).unwrap_or(Self::Save),
        }
    }

    /// `set:FIELD:CODE`, `add:FIELD:NUMBER`, `pull:FIELD`, `take:FIELD`, `void:FIELD`.
    fn of_field(value: &str) -> Option<Self> {
        let (verb, rest) = value.split_once(':')?;
        match verb {
            "pull" => return Some(Self::Pull(rest.to_owned())),
            "take" => return Some(Self::Take(rest.to_owned())),
            "void" => return Some(Self::Void(rest.to_owned())),
            _ => {}
        }
        let (field, what) = rest.rsplit_once(':')?;
        match verb {
            "set" => Some(Self::Set(field.to_owned(), what.to_owned())),
            "add" => Some(Self::Add(field.to_owned(), what.parse().ok()?)),
            _ => None,
        }
    }
}

/// What a post came to.
#[derive(Debug)]
pub(crate) struct Saved {
    /// What must be corrected; the rest is saved.
    pub(crate) errors: FormErrors,
    /// The step ended and was sealed.
    pub(crate) ended: bool,
}

/// One event to write, and the slot in which it replaces what was not sealed yet.
pub(crate) struct Change {
    pub(crate) slot: String,
    pub(crate) fact: Fact,
}

impl Change {
    /// A field's new value.
    pub(crate) fn answer(step: &Step, field: &FieldId, value: Value) -> Self {
        let fact = FieldAnswered {
            step: step.id.clone(),
            field: field.clone(),
            value,
        };
        Self {
            slot: format!("field:{}:{field}", step.id),
            fact: fact.into(),
        }
    }
}

/// Writes down what a step's form says.
pub(crate) fn save(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    act: &Act,
) -> Result<Saved, Problem> {
    let now = desk.now();
    let mut errors = FormErrors::default();
    let happened_at = happened(form, now, &mut errors);
    let pulled = match act {
        Act::Pull(field) => {
            let lines = desk.store().read(|c| pull::lines(c, sheet, step, field));
            lines?
        }
        _ => Vec::new(),
    };
    let mut changes = fields::changes(sheet, step, form, (act, now), &pulled, &mut errors);
    changes.extend(late::change(sheet, step, form, (act, now), &mut errors));
    changes.extend(recording(sheet, step, form, &mut errors));
    changes.extend(heard::statement(sheet, step, form, &mut errors));
    changes.extend(heard::typed(sheet, step, form));
    let pictures = photos::given(sheet, step, form, &mut errors);
    let signers = signers(desk, sheet, step, form, &mut errors)?;
    let note = form.text("reason", &mut errors);
    if let Act::End(Outcome::NotApplicable | Outcome::NotDone) = act
        && note.is_empty()
    {
        errors.add("reason", "form.reason");
    }
    let event = |fact: Fact| Event {
        recorded_at: now,
        happened_at,
        fact,
    };
    let record = sheet.record;
    let (errors, ended) = desk.store().write(|tx| {
        for change in changes {
            journal::put(tx, record, &change.slot, &event(change.fact))?;
        }
        numbers::put(
            tx,
            (record, step),
            desk.me.feed,
            (act, form),
            &event,
            &mut errors,
        )?;
        photos::put(tx, record, step, pictures, &event)?;
        sign(tx, sheet, step, &signers, &event)?;
        let mut ended = false;
        if let Act::End(outcome) = act {
            if *outcome == Outcome::Done {
                done(tx, sheet, step, &event, &mut errors)?;
            }
            if errors.is_empty() {
                let fact = StepRecorded {
                    step: step.id.clone(),
                    outcome: *outcome,
                    note,
                };
                let slot = format!("outcome:{}", step.id);
                journal::put(tx, record, &slot, &event(fact.into()))?;
                log::seal(tx, desk.app.host(), record)?;
                ended = true;
            }
        }
        records::refresh(tx, record)?;
        Ok((errors, ended))
    })?;
    Ok(Saved { errors, ended })
}

/// The time that is claimed for what is being entered late.
pub(crate) fn happened(form: &Posted, now: Instant, errors: &mut FormErrors) -> Option<Instant> {
    let typed = form.get("happened_at");
    if typed.is_empty() {
        return None;
    }
    let at = say::parse_local(typed);
    match at {
        None => errors.add("happened_at", "form.bad-time"),
        Some(at) if at > now.plus_millis(CLOCK_SLACK_MS) => {
            errors.add("happened_at", "form.future");
            return None;
        }
        Some(_) => {}
    }
    at
}

fn recording(sheet: &Sheet, step: &Step, form: &Posted, errors: &mut FormErrors) -> Option<Change> {
    let asked = step.proof.contains(&Proof::Recording);
    let reference = form.sent("recording").filter(|r| asked && !r.is_empty())?;
    if reference.chars().count() > 200 {
        errors.add("recording", "form.too-long");
        return None;
    }
    let there = sheet.known(&step.id).is_some_and(|known| {
        let mut all = known.evidence.iter().map(|n| &n.value);
        all.any(|e| e.evidence == EvidenceKind::Recording && e.reference == reference)
    });
    let fact = EvidenceAdded {
        step: step.id.clone(),
        evidence: EvidenceKind::Recording,
        reference: reference.to_owned(),
        photo: None,
    };
    (!there).then(|| Change {
        slot: format!("evidence:{}:recording", step.id),
        fact: fact.into(),
    })
}

/// Acting officers whose PIN was typed and is right.
fn signers(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    errors: &mut FormErrors,
) -> Result<Vec<OfficerId>, Problem> {
    let mut out = Vec::new();
    if !step.proof.contains(&Proof::OfficersPin) {
        return Ok(out);
    }
    for officer in sheet.acting() {
        let name = format!("pin.{officer}");
        let typed = form.get(&name);
        if typed.is_empty() {
            continue;
        }
        match check_pin(desk, sheet, officer, typed)? {
            None => out.push(officer),
            Some(key) => errors.add(name, key),
        }
    }
    Ok(out)
}

/// Nothing if the PIN is this officer's, else the key of what to say. Each try is on disk before it is checked.
pub(crate) fn check_pin(
    desk: &Desk,
    sheet: &Sheet,
    officer: OfficerId,
    typed: &str,
) -> Result<Option<&'static str>, Problem> {
    let own = officer == desk.me.officer;
    let store = desk.store();
    let (tries, mine): (Option<Tries>, _) =
        store.read(|c| Ok((meta::read(c, Key::PinFailures)?, meta::pin(c)?)))?;
    let of_set = sheet.officers.get(&officer).and_then(|o| o.pin.clone());
    let verifier = if own { mine.or(of_set) } else { of_set };
    let Some(verifier) = verifier else {
        return Ok(Some("field.pin.none"));
    };
    let tries = tries.unwrap_or_default();
    let now = desk.now();
    if tries.wait_ms(now) > 0 {
        return Ok(Some("field.pin.wait"));
    }
    store.write(|tx| meta::write(tx, Key::PinFailures, &tries.one_more(now)))?;
    if !pin::matches(typed, &verifier) {
        return Ok(Some("problem.pin.wrong"));
    }
    store.write(|tx| meta::clear(tx, Key::PinFailures))?;
    Ok(None)
}

/// Signs the document as it stands after what was just written.
fn sign(
    tx: &WriteTx<'_>,
    sheet: &Sheet,
    step: &Step,
    signers: &[OfficerId],
    event: &impl Fn(Fact) -> Event,
) -> store::Result<()> {
    if signers.is_empty() {
        return Ok(());
    }
    let now = Sheet::read(tx, sheet.record)?;
    let document = document::of(&now, step).hash();
    for officer in signers {
        let fact = Signed {
            step: step.id.clone(),
            role: SignerRole::Officer,
            officer: Some(*officer),
            name: now.officer_name(*officer),
            method: SignMethod::Pin,
            document: Some(document),
            drawing: None,
        };
        let slot = format!("sign:{}:{officer}", step.id);
        journal::put(tx, sheet.record, &slot, &event(fact.into()))?;
    }
    Ok(())
}

/// A step is not done without the fields that the procedure requires. Proofs are not required: what is missing is a gap.
fn done(
    tx: &WriteTx<'_>,
    sheet: &Sheet,
    step: &Step,
    event: &impl Fn(Fact) -> Event,
    errors: &mut FormErrors,
) -> store::Result<()> {
    let now = Sheet::read(tx, sheet.record)?;
    let known = now.known(&step.id);
    let asked = |field: &&Field| field.required && now.asks(field);
    for field in step.fields.iter().filter(asked) {
        let value = known
            .and_then(|known| known.fields.get(&field.id))
            .map(|n| &n.value);
        let filled = match value {
            None => false,
            Some(Value::Text(text)) => !text.is_empty(),
            Some(Value::Officers(officers)) => !officers.is_empty(),
            Some(Value::Int(_) | Value::Bool(_) | Value::At(_) | Value::Choice(_)) => true,
        };
        if !filled {
            errors.add(format!("f.{}", field.id), "form.required");
        }
    }
    unexplained(&now, step, errors);
    if let Some(change) = heard::by_fields(&now, step).filter(|_| errors.is_empty()) {
        journal::put(tx, sheet.record, &change.slot, &event(change.fact))?;
    }
    Ok(())
}

/// An item that does not apply or was not checked says why.
fn unexplained(sheet: &Sheet, step: &Step, errors: &mut FormErrors) {
    let list = sheet.checklist.as_ref().filter(|_| step.checklist);
    let items = list.into_iter().flat_map(|list| &list.items);
    let Some(known) = sheet.known(&step.id) else {
        return;
    };
    for item in items {
        let asks = checklist::asks_reason(checklist::answer(known, &item.id));
        if asks && checklist::note(known, &item.id).is_empty() {
            errors.add(format!("f.{}.note", item.id), "form.reason");
        }
    }
}
