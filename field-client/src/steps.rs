//! One step on one page: its fields, its proofs, and how it ended. The page is one form, so that no typed text is lost whichever
//! button is pressed; every post is on disk before the next page is drawn.

use crate::answers::heard::{self, METHODS};
use crate::answers::{self, Act, Saved};
use crate::checklist;
use crate::conditions;
use crate::controls::{self, Control, Pick};
use crate::desk::Desk;
use crate::document;
use crate::drill;
use crate::follow::{self, Offer};
use crate::form::{FormErrors, Posted};
use crate::gaps::{self, Shown};
use crate::guide::{self, Guide};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::marks::{self, MarkShown};
use crate::numbers;
use crate::outbox::Tap;
use crate::photos::{self, Panel};
use crate::prefill;
use crate::pull;
use crate::recorded::{self, Fixed};
use crate::records::Heading;
use crate::say;
use crate::sheet::Sheet;
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{EvidenceKind, SignerRole, StatementHeard, Value};
use shared::fold::StepFacts;
use shared::id::OfficerId;
use shared::rules::procedure::{Actor, LATE_REASON, LATE_REASONS, Proof, Step};

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
    statement: Option<Statement>,
    service: Option<Service>,
    /// What was signed is no longer what is recorded.
    changed: bool,
}

/// What the party said, and what was answered.
struct Statement {
    words: String,
    answer: String,
}

/// How a document was served, and who received it.
struct Service {
    methods: Vec<Pick>,
    receiver: String,
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
    guide: Guide,
    follow: Option<Offer>,
    optional: bool,
    /// Not to be done here: when it would be.
    unless: String,
    controls: Vec<Control>,
    checklist: Option<checklist::Shown>,
    /// The step goes by a checklist, and the matter has none.
    unchecked: bool,
    proofs: Proofs,
    photos: Panel,
    fixed: Vec<Fixed>,
    editable: bool,
    office: bool,
    late: Late,
    reason: String,
    gaps: Vec<Shown>,
    marks: Vec<MarkShown>,
    documents: Vec<document::Link>,
    /// What happens here in a drill.
    injects: Vec<drill::Inject>,
}

/// When it really happened, and why it is entered only now.
struct Late {
    at: String,
    codes: Vec<Pick>,
    words: String,
    open: bool,
}

/// `GET /field/r/{record}/s/{step}`
pub(crate) async fn step(desk: Desk, Path((record, step)): Path<(String, String)>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let found = sheet.step(&step)?;
    let page = build(&desk, &sheet, found, FormErrors::default(), None)?;
    Ok(html::ok(&page))
}

/// `POST /field/r/{record}/s/{step}`: fields `f.<field>`, `has.<field>`, `recording`, `statement.words`, `statement.answer`,
/// `served.method`, `served.receiver`, `pin.<officer>`, `happened_at`, `late_reason`, `late_words`, `reason`, photos (see
/// [`photos::given`]); `act` is `save`, `done`, `na`, `notdone`, `go:party`, `go:sign`, `follow`, `set:<field>:<choice>` (`now`
/// for a time or a day), `add:<field>:<number of a phrase>`, `pull:<field>`, `take:<field>` or `void:<field>` (with the reason in
/// `void.<field>`). A checklist's items are fields like others.
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
            Act::Follow => return follow::go(&desk, &record, &step, false),
            Act::Hand(screen) => see(&format!("{here}/{screen}")),
            Act::Save
            | Act::Set(..)
            | Act::Add(..)
            | Act::Pull(_)
            | Act::Take(_)
            | Act::Void(_)
            | Act::End(_) => see(&here),
        });
    }
    let sheet = Sheet::load(&desk, &record)?;
    let found = sheet.step(&step)?;
    let page = build(&desk, &sheet, found, errors, Some(&form))?;
    Ok(html::again(&page))
}

fn build(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    errors: FormErrors,
    typed: Option<&Posted>,
) -> Result<StepPage, Problem> {
    let ui = desk.ui;
    let nothing = StepFacts::default();
    let known = sheet.known(&step.id).unwrap_or(&nothing);
    let assessed = gaps::assess(sheet, desk.now());
    let (class, key, at) = sheet.state(step);
    let since = at.map_or_else(String::new, |at| say::recently(ui.lang, at, desk.now()));
    let editable = sheet.editable(step);
    let page = editable
        .then(|| prefill::page(sheet, step, desk.now()))
        .flatten();
    let shown = page.as_ref().unwrap_or(&sheet.facts);
    let (guide, controls, follow) = desk.store().read(|c| {
        let mut controls = Vec::new();
        for field in step
            .fields
            .iter()
            .filter(|field| sheet.asks_in(shown, field))
        {
            let on_page = shown.step(step.id.as_str()).unwrap_or(&nothing);
            let mut control = controls::control(ui, sheet, on_page, field, &errors, typed);
            if editable {
                let offer = pull::offer(c, ui, sheet, step, field)?;
                control.pull = offer.unwrap_or_default();
                let filled = known.fields.contains_key(&field.id);
                control.prefilled = !filled && on_page.fields.contains_key(&field.id);
                control.number = numbers::panel(c, desk, (sheet, step), field)?;
            }
            controls.push(control);
        }
        let follow = follow::offer(c, ui, sheet, step)?;
        Ok((guide::of(c, ui, step)?, controls, follow))
    })?;
    let unless = step.applies.as_ref().filter(|_| !sheet.applies(step));
    let of_step = assessed.gaps.iter().filter(|gap| gap.step == step.id);
    Ok(StepPage {
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
        guide,
        follow,
        optional: step.optional,
        unless: unless.map_or_else(String::new, |when| conditions::words(ui.lang, sheet, when)),
        controls,
        unchecked: step.checklist && sheet.checklist.is_none(),
        checklist: checklist::of(ui, sheet, step, known, &errors, typed),
        proofs: proofs(desk, sheet, step, known, &errors, typed),
        photos: photos::panel(desk, sheet, step, &errors),
        fixed: recorded::fixed(ui, sheet, step, known),
        editable,
        office: step.actor == Actor::Office,
        late: late(ui, known, &errors, typed),
        reason: typed.map_or_else(String::new, |form| form.get("reason").to_owned()),
        gaps: of_step.map(|gap| gaps::gap(sheet, ui.lang, gap)).collect(),
        marks: marks::of(sheet, ui.lang, &assessed, step),
        documents: document::links(ui, sheet, step),
        injects: drill::injects(desk, step)?,
        errors,
    })
}

fn late(ui: Ui, known: &StepFacts, errors: &FormErrors, typed: Option<&Posted>) -> Late {
    let stored = known.fields.get(LATE_REASON).map(|noted| &noted.value);
    let sent = |name: &str| typed.and_then(|form| form.sent(name)).map(str::to_owned);
    let (code, words) = match stored {
        Some(Value::Choice(code)) => (code.clone(), String::new()),
        Some(Value::Text(words)) => (String::new(), words.clone()),
        _ => (String::new(), String::new()),
    };
    let code = sent(LATE_REASON).unwrap_or(code);
    let at = sent("happened_at").unwrap_or_else(|| claimed(known));
    let wrong = ["happened_at", LATE_REASON, "late_words"];
    Late {
        open: !at.is_empty() || wrong.iter().any(|name| !errors.of(name).is_empty()),
        at,
        codes: LATE_REASONS
            .into_iter()
            .map(|each| Pick {
                code: each.to_owned(),
                label: ui.t(&format!("field.late.{each}")).to_owned(),
                chosen: each == code,
            })
            .collect(),
        words: sent("late_words").unwrap_or(words),
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
            Proof::Statement => out.statement = Some(statement(known, typed)),
            Proof::Service if !heard::has_fields(step) => {
                out.service = Some(service(ui, known, typed));
            }
            Proof::Photo | Proof::WitnessSignature | Proof::Service => {}
        }
    }
    let now = document::of(sheet, step).hash();
    let mut signed = known.signatures.iter().filter_map(|n| n.value.document);
    out.changed = signed.any(|hash| hash != now);
    out
}

fn statement(known: &StepFacts, typed: Option<&Posted>) -> Statement {
    let stored = known.statements.last().map(|noted| &noted.value);
    let sent = |name: &str| typed.and_then(|form| form.sent(name)).map(str::to_owned);
    let stored = |of: fn(&StatementHeard) -> &String| stored.map(of).cloned().unwrap_or_default();
    Statement {
        words: sent("statement.words").unwrap_or_else(|| stored(|heard| &heard.words)),
        answer: sent("statement.answer").unwrap_or_else(|| stored(|heard| &heard.answer)),
    }
}

fn service(ui: Ui, known: &StepFacts, typed: Option<&Posted>) -> Service {
    let stored = known.served.last().map(|noted| &noted.value);
    let sent = |name: &str| typed.and_then(|form| form.sent(name));
    let method = sent("served.method").or(stored.map(|s| s.method.as_str()));
    let receiver = sent("served.receiver").or(stored.map(|s| s.receiver.as_str()));
    Service {
        methods: METHODS
            .into_iter()
            .map(|code| Pick {
                code: code.to_owned(),
                label: ui.t(&format!("field.follow.method.{code}")).to_owned(),
                chosen: method == Some(code),
            })
            .collect(),
        receiver: receiver.unwrap_or("").to_owned(),
    }
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
