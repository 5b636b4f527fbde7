//! Screens that are handed to the inspected party: confirming that a step happened, and signing or refusing the record.
//! Apart because somebody else holds the phone: these pages show nothing of other records and lead nowhere but back.

use crate::desk::Desk;
use crate::document;
use crate::form::{FormErrors, Posted};
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::pad::{self, Done};
use crate::photos;
use crate::picture::Picture;
use crate::records::Heading;
use crate::sheet::Sheet;
use crate::store::{journal, records};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::documents;
use shared::domain::event::{Event, EvidenceAdded, EvidenceKind, Fact, Refused};
use shared::id::StepId;
use shared::problem::Code;
use shared::rules::gap::Block;
use shared::rules::procedure::{Proof, Step};
use shared::text;

#[derive(Template)]
#[template(path = "party.html")]
struct PartyPage {
    ui: Ui,
    errors: FormErrors,
    record: String,
    step: String,
    name: String,
    subject: String,
    officers: Vec<String>,
    statement: String,
    who: String,
}

#[derive(Template)]
#[template(path = "sign.html")]
struct SignPage {
    ui: Ui,
    errors: FormErrors,
    record: String,
    step: String,
    subject: String,
    /// The document as HTML.
    document: String,
    who: String,
    reason: String,
    witness: String,
    recording: String,
    /// Which form was sent.
    act: String,
    pad: pad::View,
}

#[derive(Template)]
#[template(path = "blocked.html")]
struct BlockedPage {
    ui: Ui,
    head: Heading,
    step: String,
    gaps: Vec<Shown>,
    /// Where to record what has already happened.
    next: String,
}

/// Why the law forbids to produce a document yet, and the way on for what has already happened.
pub(crate) fn blocked(
    desk: &Desk,
    sheet: &Sheet,
    step: &StepId,
    (why, next): (&[Block<'_>], String),
) -> Response {
    let ui = desk.ui;
    html::ok(&BlockedPage {
        ui,
        head: Heading::of(ui, sheet),
        step: step.to_string(),
        gaps: why
            .iter()
            .map(|barrier| gaps::barrier(sheet, ui.lang, barrier))
            .collect(),
        next,
    })
}

/// What the party confirms: the procedure's step may have words of its own.
fn statement(ui: Ui, step: &Step) -> String {
    let own = format!("field.party.{}", step.id);
    match text::find(ui.lang, &own) {
        Some(words) => words.to_owned(),
        None => ui.f("field.party.statement", "step", ui.lang.of(&step.name)),
    }
}

fn find<'a>(sheet: &'a Sheet, step: &str, proof: Proof) -> Result<&'a Step, Problem> {
    let step = sheet.step(step)?;
    if step.proof.contains(&proof) {
        Ok(step)
    } else {
        Err(Problem::of(Code::UnknownStep))
    }
}

fn party_page(desk: &Desk, sheet: &Sheet, step: &Step, errors: FormErrors, who: &str) -> PartyPage {
    let ui = desk.ui;
    let today = desk.now().date();
    let officers = sheet.acting().into_iter().map(|id| {
        let known = sheet
            .officers
            .get(&id)
            .and_then(|o| o.certificate_on(today));
        let number = known.map_or_else(String::new, |c| c.number.clone());
        format!("{} {number}", sheet.officer_name(id))
    });
    PartyPage {
        ui,
        errors,
        record: sheet.record.to_string(),
        step: step.id.to_string(),
        name: ui.lang.of(&step.name).to_owned(),
        subject: sheet.subject().to_owned(),
        officers: officers.collect(),
        statement: statement(ui, step),
        who: who.to_owned(),
    }
}

/// `GET /field/r/{record}/s/{step}/party`
pub(crate) async fn party(desk: Desk, Path((record, step)): Path<(String, String)>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let step = find(&sheet, &step, Proof::PartyConfirmation)?;
    let page = party_page(&desk, &sheet, step, FormErrors::default(), "");
    Ok(html::ok(&page))
}

/// `POST /field/r/{record}/s/{step}/party`: field `name`.
pub(crate) async fn party_confirm(
    desk: Desk,
    Path((record, step)): Path<(String, String)>,
    form: Posted,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let step = find(&sheet, &step, Proof::PartyConfirmation)?;
    let mut errors = FormErrors::default();
    let who = form.required("name", &mut errors);
    if !errors.is_empty() {
        let page = party_page(&desk, &sheet, step, errors, &who);
        return Ok(html::again(&page));
    }
    let fact = EvidenceAdded {
        step: step.id.clone(),
        evidence: EvidenceKind::PartyConfirmation,
        reference: who,
        photo: None,
    };
    let slot = format!("evidence:{}:party", step.id);
    write(&desk, &sheet, step, (&slot, fact.into()), None)?;
    Ok(see(&format!("/field/r/{}/s/{}", sheet.record, step.id)))
}

fn sign_page(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    errors: FormErrors,
    form: &Posted,
) -> SignPage {
    SignPage {
        ui: desk.ui,
        pad: pad::view(desk.ui, sheet, step, (form, &errors)),
        errors,
        record: sheet.record.to_string(),
        step: step.id.to_string(),
        subject: sheet.subject().to_owned(),
        document: document::of(sheet, step).html(),
        who: form.get("name").to_owned(),
        reason: form.get("reason").to_owned(),
        witness: form.get("witness").to_owned(),
        recording: form.get("recording").to_owned(),
        act: form.get("act").to_owned(),
    }
}

/// Whether what already happened is to be put on record although the law forbade it.
#[derive(Debug, Deserialize)]
pub(crate) struct Anyway {
    #[serde(default)]
    anyway: u8,
}

impl Anyway {
    /// It is.
    pub(crate) const fn anyway(&self) -> bool {
        self.anyway != 0
    }
}

/// `GET /field/r/{record}/s/{step}/sign`: the document, unless a gap forbids it yet; then the reason, with a way to record what
/// has already happened (`?anyway=1`).
pub(crate) async fn sign(
    desk: Desk,
    Path((record, step)): Path<(String, String)>,
    Query(asked): Query<Anyway>,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let step = find(&sheet, &step, Proof::PartySignature)?;
    let assessed = gaps::assess(&sheet, desk.now());
    let act = (step.id.as_str(), documents::decides(step, &sheet.procedure));
    let why = documents::forbidden(act, &sheet.procedure, &assessed);
    if !asked.anyway() && !why.is_empty() {
        let here = format!("/field/r/{}/s/{}/sign", sheet.record, step.id);
        return Ok(blocked(&desk, &sheet, &step.id, (&why, here)));
    }
    let page = sign_page(
        &desk,
        &sheet,
        step,
        FormErrors::default(),
        &Posted::default(),
    );
    Ok(html::ok(&page))
}

/// `POST /field/r/{record}/s/{step}/sign`: `act=sign` with `name` and perhaps `drawing`; `act=witness` with `name` and `drawing`;
/// `act=officer` with `officer`, `pin` and perhaps `drawing`; `act=paper` with `name` and `photo`; or `act=refuse` with `reason` and
/// `witness` or `recording`.
pub(crate) async fn sign_or_refuse(
    desk: Desk,
    Path((record, step)): Path<(String, String)>,
    form: Posted,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let step = find(&sheet, &step, Proof::PartySignature)?;
    let mut errors = FormErrors::default();
    let done = if form.get("act") == "refuse" {
        let fact = refusal(&step.id, &form, &mut errors);
        let slot = format!("refused:{}", step.id);
        errors.is_empty().then_some(Done::Signed(slot, fact))
    } else {
        let signed = document::of(&sheet, step).hash();
        pad::read(&desk, &sheet, step, &form, (signed, &mut errors))?
    };
    let Some(done) = done else {
        let page = sign_page(&desk, &sheet, step, errors, &form);
        return Ok(html::again(&page));
    };
    let (slot, fact, paper) = match done {
        Done::Signed(slot, fact) => (slot, fact, None),
        Done::Paper(slot, fact, paper) => (slot, fact, Some(paper)),
    };
    write(&desk, &sheet, step, (&slot, fact), paper)?;
    Ok(see(&format!("/field/r/{}/s/{}", sheet.record, step.id)))
}

fn refusal(step: &StepId, form: &Posted, errors: &mut FormErrors) -> Fact {
    let reason = form.required("reason", errors);
    let witness = form.text("witness", errors);
    let recording = form.text("recording", errors);
    if witness.is_empty() && recording.is_empty() {
        errors.add("witness", "form.witness");
    }
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Refused {
        step: step.clone(),
        reason,
        witness: some(witness),
        recording: some(recording),
    }
    .into()
}

/// Writes a fact of a step that is still open, and the photo of the paper if there is one; of a step that has ended, nothing: a
/// correction comes first.
fn write(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    (slot, fact): (&str, Fact),
    paper: Option<(String, Box<Picture>)>,
) -> Result<(), Problem> {
    if !sheet.editable(step) {
        return Ok(());
    }
    let recorded_at = desk.now();
    desk.store().write(|tx| {
        let event = |fact| Event {
            recorded_at,
            happened_at: None,
            fact,
        };
        journal::put(tx, sheet.record, slot, &event(fact))?;
        if let Some((title, picture)) = paper {
            photos::put_paper(tx, sheet.record, step, (title, *picture), &event)?;
        }
        records::refresh(tx, sheet.record)
    })?;
    Ok(())
}
