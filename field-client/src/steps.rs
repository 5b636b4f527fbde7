//! One step on one page: its fields, its proofs, and how it ended. The page is one form, so that no typed text is lost whichever
//! button is pressed; every post is on disk before the next page is drawn.

use crate::answers::{self, Act, Saved};
use crate::desk::Desk;
use crate::document;
use crate::form::{FormErrors, Posted};
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Ui, see};
use crate::outbox::Tap;
use crate::photos::{self, Panel};
use crate::records::Heading;
use crate::say;
use crate::sheet::Sheet;
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{EvidenceKind, SignerRole, Value};
use shared::fold::StepFacts;
use shared::id::OfficerId;
use shared::rules::procedure::{Field, FieldKind, Proof, Step};

/// A field as the page shows it.
struct Control {
    /// Name in the form: `f.<field>`.
    name: String,
    field: String,
    kind: &'static str,
    label: String,
    hint: String,
    required: bool,
    value: String,
    picks: Vec<Pick>,
    /// Key of the sentence, or nothing.
    error: String,
}

struct Pick {
    code: String,
    label: String,
    chosen: bool,
}

/// An officer who confirms by PIN.
struct PinRow {
    officer: String,
    name: String,
    signed: String,
    can: bool,
    error: String,
}

/// What the step's proofs ask for.
#[derive(Default)]
struct Proofs {
    recording: Option<String>,
    party: Option<String>,
    pins: Option<Vec<PinRow>>,
    signature: Option<String>,
    approval: Option<String>,
    /// What was signed is no longer what is recorded.
    changed: bool,
}

/// A recorded line of a step that has ended.
struct Fixed {
    label: String,
    value: String,
}

#[derive(Template)]
#[template(path = "step.html")]
struct StepPage {
    ui: Ui,
    errors: FormErrors,
    head: Heading,
    step: String,
    name: String,
    why: String,
    say: String,
    article: String,
    state: String,
    class: &'static str,
    controls: Vec<Control>,
    proofs: Proofs,
    photos: Panel,
    fixed: Vec<Fixed>,
    editable: bool,
    office: bool,
    happened_at: String,
    reason: String,
    gaps: Vec<Shown>,
}

/// `GET /field/r/{record}/s/{step}`
pub(crate) async fn step(desk: Desk, Path((record, step)): Path<(String, String)>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let found = sheet.step(&step)?;
    let page = build(&desk, &sheet, found, FormErrors::default(), None);
    Ok(html::ok(&page))
}

/// `POST /field/r/{record}/s/{step}`: fields `f.<field>`, `has.<field>`, `recording`, `pin.<officer>`, `happened_at`, `reason`, photos
/// (see [`photos::given`]);
/// `act` is `save`, `done`, `na`, `notdone`, `go:party`, `go:sign` or `set:<field>:<choice>` (`now` for a time).
pub(crate) async fn save(
    desk: Desk,
    Path((record, step)): Path<(String, String)>,
    form: Posted,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let found = sheet.step(&step)?;
    let here = format!("/field/r/{}/s/{}", sheet.record, found.id);
    if !sheet.editable(found) {
        return Ok(see(&here));
    }
    let act = Act::of(form.get("act"));
    let Saved { errors, ended } = answers::save(&desk, &sheet, found, &form, &act)?;
    if ended {
        desk.app.mailbox().put(Tap::Changed);
        return Ok(see(&format!("/field/r/{}", sheet.record)));
    }
    if errors.is_empty() {
        return Ok(match act {
            Act::Hand(screen) => see(&format!("{here}/{screen}")),
            Act::Save | Act::Set(..) | Act::End(_) => see(&here),
        });
    }
    let sheet = Sheet::load(&desk, &record)?;
    let found = sheet.step(&step)?;
    Ok(html::again(&build(
        &desk,
        &sheet,
        found,
        errors,
        Some(&form),
    )))
}

fn build(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    errors: FormErrors,
    typed: Option<&Posted>,
) -> StepPage {
    let ui = desk.ui;
    let nothing = StepFacts::default();
    let known = sheet.known(&step.id).unwrap_or(&nothing);
    let assessed = gaps::assess(sheet, desk.now());
    let (class, key, at) = sheet.state(step);
    let since = at.map_or_else(String::new, |at| say::recently(ui.lang, at, desk.now()));
    let editable = sheet.editable(step);
    StepPage {
        ui,
        head: Heading::of(ui, sheet),
        step: step.id.to_string(),
        name: ui.lang.of(&step.name).to_owned(),
        why: ui.lang.of(&step.why).to_owned(),
        say: step
            .say
            .as_ref()
            .map_or_else(String::new, |say| ui.lang.of(say).to_owned()),
        article: gaps::articles(ui.lang, &step.basis),
        state: format!("{} {since}", ui.t(key)).trim_end().to_owned(),
        class,
        controls: step
            .fields
            .iter()
            .map(|field| control(ui, sheet, known, field, &errors, typed))
            .collect(),
        proofs: proofs(desk, sheet, step, known, &errors, typed),
        photos: photos::panel(desk, sheet, step, &errors),
        fixed: fixed(ui, sheet, step, known),
        editable,
        office: step.actor == shared::rules::procedure::Actor::Office,
        happened_at: typed
            .map_or_else(|| claimed(known), |form| form.get("happened_at").to_owned()),
        reason: typed.map_or_else(String::new, |form| form.get("reason").to_owned()),
        gaps: assessed
            .gaps
            .iter()
            .filter(|gap| gap.step == step.id)
            .map(|gap| gaps::gap(sheet, ui.lang, gap))
            .collect(),
        errors,
    }
}

/// The time claimed for this step so far, to be offered again.
fn claimed(known: &StepFacts) -> String {
    let fields = known.fields.values().map(|n| (n.at, n.recorded_at));
    let evidence = known.evidence.iter().map(|n| (n.at, n.recorded_at));
    fields
        .chain(evidence)
        .filter(|(at, recorded)| at != recorded)
        .map(|(at, _)| at)
        .max()
        .map_or_else(String::new, say::local_input)
}

fn control(
    ui: Ui,
    sheet: &Sheet,
    known: &StepFacts,
    field: &Field,
    errors: &FormErrors,
    typed: Option<&Posted>,
) -> Control {
    let name = format!("f.{}", field.id);
    let stored = known.fields.get(&field.id).map(|noted| &noted.value);
    let error = errors.of(&name).to_owned();
    let retyped = typed
        .filter(|_| !error.is_empty())
        .and_then(|form| form.sent(&name));
    let value = match (retyped, stored) {
        (Some(typed), _) => typed.to_owned(),
        (None, Some(Value::Text(text))) => text.clone(),
        (None, Some(Value::At(at))) => say::local_input(*at),
        _ => String::new(),
    };
    Control {
        field: field.id.to_string(),
        kind: match field.kind {
            FieldKind::Text => "text",
            FieldKind::Long => "long",
            FieldKind::At => "at",
            FieldKind::Choice | FieldKind::Bool => "choice",
            FieldKind::Officers => "officers",
            FieldKind::Day => "day",
            FieldKind::Int => "int",
        },
        label: ui.lang.of(&field.label).to_owned(),
        hint: field
            .hint
            .as_ref()
            .map_or_else(String::new, |hint| ui.lang.of(hint).to_owned()),
        required: field.required,
        picks: picks(ui, sheet, field, stored),
        name,
        value,
        error,
    }
}

fn picks(ui: Ui, sheet: &Sheet, field: &Field, stored: Option<&Value>) -> Vec<Pick> {
    let pick = |code: &str, label: &str, chosen: bool| Pick {
        code: code.to_owned(),
        label: label.to_owned(),
        chosen,
    };
    match field.kind {
        FieldKind::Choice => field
            .choices
            .iter()
            .map(|choice| {
                let chosen = matches!(stored, Some(Value::Choice(code)) if *code == choice.code);
                pick(&choice.code, ui.lang.of(&choice.label), chosen)
            })
            .collect(),
        FieldKind::Bool => vec![
            pick("yes", ui.t("field.yes"), stored == Some(&Value::Bool(true))),
            pick("no", ui.t("field.no"), stored == Some(&Value::Bool(false))),
        ],
        FieldKind::Officers => {
            let chosen: Vec<OfficerId> = match stored {
                Some(Value::Officers(officers)) => officers.clone(),
                _ => sheet.acting(),
            };
            let unit = sheet.facts.opened.as_ref().map(|noted| noted.value.unit);
            let offered = sheet
                .officers
                .values()
                .filter(|o| Some(o.unit) == unit || chosen.contains(&o.id));
            offered
                .map(|o| pick(&o.id.to_string(), &o.name, chosen.contains(&o.id)))
                .collect()
        }
        FieldKind::Text | FieldKind::Long | FieldKind::At | FieldKind::Day | FieldKind::Int => {
            Vec::new()
        }
    }
}

fn proofs(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    known: &StepFacts,
    errors: &FormErrors,
    typed: Option<&Posted>,
) -> Proofs {
    let ui = desk.ui;
    let evidence = |kind: EvidenceKind| {
        known
            .evidence
            .iter()
            .rev()
            .find(|n| n.value.evidence == kind)
    };
    let mut out = Proofs::default();
    for proof in &step.proof {
        match proof {
            Proof::Recording => {
                let stored = evidence(EvidenceKind::Recording).map(|n| n.value.reference.clone());
                let typed = typed
                    .and_then(|form| form.sent("recording"))
                    .map(str::to_owned);
                out.recording = Some(typed.or(stored).unwrap_or_default());
            }
            Proof::PartyConfirmation => {
                let shown = evidence(EvidenceKind::PartyConfirmation)
                    .map(|n| format!("{} {}", n.value.reference, say::when(ui.lang, n.at)));
                out.party = Some(shown.unwrap_or_default());
            }
            Proof::OfficersPin => out.pins = Some(pin_rows(desk, sheet, known, errors)),
            Proof::PartySignature => out.signature = Some(party_signed(ui, known)),
            Proof::Approval => {
                let last = known.approvals.last();
                let shown = last.map(|n| {
                    let who = sheet.officer_name(n.value.approver);
                    format!("{who} {} {}", say::when(ui.lang, n.at), n.value.note)
                });
                out.approval = Some(shown.unwrap_or_default());
            }
            Proof::Photo | Proof::WitnessSignature | Proof::Service | Proof::Statement => {}
        }
    }
    let now = document::hash(&document::lines(sheet, step));
    let mut signed = known.signatures.iter().filter_map(|n| n.value.document);
    out.changed = signed.any(|hash| hash != now);
    out
}

fn pin_rows(desk: &Desk, sheet: &Sheet, known: &StepFacts, errors: &FormErrors) -> Vec<PinRow> {
    let signed = |id: OfficerId| {
        let mut all = known.signatures.iter().rev();
        all.find(|n| n.value.role == SignerRole::Officer && n.value.officer == Some(id))
    };
    let row = |id: OfficerId| PinRow {
        officer: id.to_string(),
        name: sheet.officer_name(id),
        signed: signed(id).map_or_else(String::new, |n| say::when(desk.ui.lang, n.at)),
        can: id == desk.me.officer || sheet.officers.get(&id).is_some_and(|o| o.pin.is_some()),
        error: errors.of(&format!("pin.{id}")).to_owned(),
    };
    sheet.acting().into_iter().map(row).collect()
}

fn party_signed(ui: Ui, known: &StepFacts) -> String {
    let mut all = known.signatures.iter().rev();
    let signed = all.find(|n| n.value.role == SignerRole::Party);
    let refused = known.refusals.last();
    match (signed, refused) {
        (Some(n), _) => format!("{} {}", n.value.name, say::when(ui.lang, n.at)),
        (None, Some(n)) => {
            let reason = ui.f("field.sign.refused", "reason", &n.value.reason);
            format!("{reason} {}", say::when(ui.lang, n.at))
        }
        (None, None) => String::new(),
    }
}

fn fixed(ui: Ui, sheet: &Sheet, step: &Step, known: &StepFacts) -> Vec<Fixed> {
    let mut out = Vec::new();
    for field in &step.fields {
        if let Some(noted) = known.fields.get(&field.id) {
            out.push(Fixed {
                label: ui.lang.of(&field.label).to_owned(),
                value: document::value(sheet, ui.lang, field, &noted.value),
            });
        }
    }
    for noted in &known.evidence {
        out.push(Fixed {
            label: ui.t(document::evidence(noted.value.evidence)).to_owned(),
            value: format!("{} {}", noted.value.reference, say::when(ui.lang, noted.at)),
        });
    }
    for noted in &known.signatures {
        out.push(Fixed {
            label: ui.t("field.event.Signed").to_owned(),
            value: format!("{} {}", noted.value.name, say::when(ui.lang, noted.at)),
        });
    }
    for noted in &known.refusals {
        out.push(Fixed {
            label: ui.t("field.event.Refused").to_owned(),
            value: format!("{} {}", noted.value.reason, say::when(ui.lang, noted.at)),
        });
    }
    if let Some(outcome) = &known.outcome {
        let late = outcome.at != outcome.recorded_at;
        let entered = if late {
            ui.f(
                "field.late.entered",
                "time",
                say::when(ui.lang, outcome.recorded_at),
            )
        } else {
            String::new()
        };
        let word = ui.t(say::outcome(outcome.value.outcome));
        out.push(Fixed {
            label: word.to_owned(),
            value: format!(
                "{} {entered} {}",
                say::when(ui.lang, outcome.at),
                outcome.value.note
            ),
        });
    }
    out
}
