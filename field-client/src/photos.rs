//! Photos of a step: taking them in with the step's form, the list on its page, the page of one, and taking one back.
//! Apart because a photo is an event and a blob that must be written together, in whatever form it came.

use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::{self, Answer, Problem, Ui, see};
use crate::outbox::Tap;
use crate::picture::{self, Picture, hex, unhex};
use crate::records::Heading;
use crate::say;
use crate::sheet::Sheet;
use crate::store::blobs::{self, Hash, Info, State};
use crate::store::{self, WriteTx, journal, log, records};
use askama::Template;
use axum::extract::Path;
use shared::domain::event::{
    Amended, Event, EvidenceAdded, EvidenceKind, Fact, Fix, MAX_TEXT_CHARS, Photo,
};
use shared::fold::Noted;
use shared::id::{RecordId, StepId};
use shared::problem::Code;
use shared::rules::procedure::{Proof, Step};
use shared::text;

/// A form with photos at most. Bytes; a photo takes a third more than its own length.
pub(crate) const MAX_PHOTO_FORM_BYTES: usize = 2 << 20;
/// The longest caption. Characters.
const MAX_CAPTION_CHARS: usize = 200;

/// A photo on its step's page.
pub(crate) struct Shot {
    pub(crate) href: String,
    /// Address of the thumbnail; empty if the photo was taken on another device.
    pub(crate) thumb: String,
    pub(crate) caption: String,
    /// Name of the field that changes the caption; empty once it is sealed.
    pub(crate) caption_field: String,
    pub(crate) when: String,
    pub(crate) position: String,
    pub(crate) state: String,
    pub(crate) class: &'static str,
}

/// What a step's page shows of photos; a page of its own within the page, drawn in one of two places.
#[derive(Template)]
#[template(path = "photos.html")]
pub(crate) struct Panel {
    ui: Ui,
    /// Whether there is anything to show.
    pub(crate) shown: bool,
    /// Photos can be added.
    pub(crate) open: bool,
    /// The record's place, offered where there is no position.
    pub(crate) place: String,
    pub(crate) error: &'static str,
    pub(crate) shots: Vec<Shot>,
}

/// What is on this device of a photo that the log names.
struct Here {
    info: Option<Info>,
    unsealed: bool,
}

fn slot(step: &StepId, hash: &Hash) -> String {
    format!("photo:{step}:{}", hex(hash))
}

fn paper_slot(step: &StepId, hash: &Hash) -> String {
    format!("paper:{step}:{}", hex(hash))
}

/// The photos of a step that count, oldest first.
fn photos<'a>(
    sheet: &'a Sheet,
    step: &StepId,
) -> impl Iterator<Item = (&'a Noted<EvidenceAdded>, &'a Photo)> {
    let known = sheet.known(step);
    let evidence = known.map_or(&[][..], |known| &known.evidence);
    evidence
        .iter()
        .filter_map(|noted| Some((noted, noted.value.photo.as_ref()?)))
}

fn here(
    c: &rusqlite::Connection,
    record: RecordId,
    step: &StepId,
    hash: &Hash,
) -> store::Result<Here> {
    let mut unsealed = false;
    for slot in [slot(step, hash), paper_slot(step, hash)] {
        unsealed |= journal::get(c, record, &slot)?.is_some();
    }
    Ok(Here {
        info: blobs::info(c, hash)?,
        unsealed,
    })
}

/// The list of a step's page.
pub(crate) fn panel(desk: &Desk, sheet: &Sheet, step: &Step, errors: &FormErrors) -> Panel {
    let open = step.proof.contains(&Proof::Photo) && sheet.editable(step);
    let found = desk.store().read(|c| {
        let all = photos(sheet, &step.id);
        all.map(|(noted, photo)| {
            let here = here(c, sheet.record, &step.id, &photo.hash)?;
            Ok(shot(desk.ui, sheet, (step, noted), photo, &here))
        })
        .collect::<store::Result<Vec<Shot>>>()
    });
    // The page itself has just been read from the same store: if only this fails, it is shown without the list.
    let shots = found.unwrap_or_default();
    Panel {
        ui: desk.ui,
        shown: open || !shots.is_empty(),
        open,
        place: sheet.place().to_owned(),
        error: ["field.photo.bad", "field.photo.too-long"]
            .into_iter()
            .find(|key| errors.of("photo") == *key)
            .unwrap_or(""),
        shots,
    }
}

fn shot(
    ui: Ui,
    sheet: &Sheet,
    (step, noted): (&Step, &Noted<EvidenceAdded>),
    photo: &Photo,
    here: &Here,
) -> Shot {
    let own = here.unsealed && noted.value.evidence == EvidenceKind::Photo && sheet.editable(step);
    let (class, state) = travelled(ui, here.info.as_ref());
    Shot {
        href: format!("/field/r/{}/photo/{}", sheet.record, hex(&photo.hash)),
        thumb: here
            .info
            .as_ref()
            .map_or_else(String::new, |info| picture::data_url(&info.thumb)),
        caption: noted.value.reference.clone(),
        caption_field: if own {
            format!("caption.{}", hex(&photo.hash))
        } else {
            String::new()
        },
        when: say::when(ui.lang, photo.taken_at.unwrap_or(noted.at)),
        position: position(ui, photo.fix),
        state,
        class,
    }
}

fn position(ui: Ui, fix: Option<Fix>) -> String {
    let Some(fix) = fix else {
        return ui.t("field.photo.no-fix").to_owned();
    };
    let with = [
        ("lat", degrees(fix.lat_e6)),
        ("lon", degrees(fix.lon_e6)),
        ("m", fix.accuracy_m.to_string()),
    ];
    let with: Vec<(&str, &str)> = with.iter().map(|(k, v)| (*k, v.as_str())).collect();
    text::fill(ui.lang, "field.photo.fix", &with)
}

fn degrees(e6: i32) -> String {
    let sign = if e6 < 0 { "-" } else { "" };
    let e6 = e6.unsigned_abs();
    format!("{sign}{}.{:06}", e6 / 1_000_000, e6 % 1_000_000)
}

fn travelled(ui: Ui, info: Option<&Info>) -> (&'static str, String) {
    let Some(info) = info else {
        return ("na", ui.t("field.photo.elsewhere").to_owned());
    };
    let say = |class, key| (class, ui.t(key).to_owned());
    match info.state {
        State::Whole => say("done", "field.photo.sent"),
        State::Damaged => say("late", "field.photo.damaged"),
        State::New | State::Begun if info.offset > 0 => {
            let percent = info.offset * 100 / info.len.max(1);
            ("doing", ui.f("field.photo.part", "percent", percent))
        }
        State::New | State::Begun => say("todo", "field.photo.unsent"),
    }
}

/// What a form says of photos: new ones, and new captions of unsealed ones.
pub(crate) struct Given {
    pictures: Vec<Picture>,
    caption: String,
    captions: Vec<(String, String)>,
}

/// Reads fields `photo` (several), `caption`, `photo_place` and `caption.<hash>`.
pub(crate) fn given(sheet: &Sheet, step: &Step, form: &Posted, errors: &mut FormErrors) -> Given {
    let mut given = Given {
        pictures: Vec::new(),
        caption: caption(form, step, errors),
        captions: Vec::new(),
    };
    if !step.proof.contains(&Proof::Photo) {
        return given;
    }
    given.pictures = pictures(sheet, form, errors);
    for (noted, photo) in photos(sheet, &step.id) {
        let typed = form.get(&format!("caption.{}", hex(&photo.hash)));
        if !typed.is_empty() && typed != noted.value.reference {
            let caption = typed.chars().take(MAX_CAPTION_CHARS).collect();
            given.captions.push((slot(&step.id, &photo.hash), caption));
        }
    }
    given
}

fn caption(form: &Posted, step: &Step, errors: &mut FormErrors) -> String {
    let typed = form.get("caption");
    if typed.chars().count() > MAX_CAPTION_CHARS {
        errors.add("caption", "form.too-long");
    }
    if typed.is_empty() {
        // What it shows is at least what the step is about; documents are Chinese.
        return step.name.zh.clone();
    }
    typed.chars().take(MAX_CAPTION_CHARS).collect()
}

/// The pictures in a form's `photo` fields. What is wrong with one is said; the others are taken.
pub(crate) fn pictures(sheet: &Sheet, form: &Posted, errors: &mut FormErrors) -> Vec<Picture> {
    let typed = form.get("photo_place");
    let place = if typed.is_empty() {
        sheet.place()
    } else {
        typed
    };
    let place: String = place.chars().take(MAX_TEXT_CHARS).collect();
    let mut out = Vec::new();
    for text in form.all("photo").filter(|text| !text.is_empty()) {
        match picture::read(text, &place) {
            Ok(picture) => out.push(picture),
            Err(bad) => errors.add("photo", bad.key()),
        }
    }
    out
}

/// Writes them down: blob and event of each in the caller's transaction.
pub(crate) fn put(
    tx: &WriteTx<'_>,
    record: RecordId,
    step: &Step,
    given: Given,
    event: &impl Fn(Fact) -> Event,
) -> store::Result<()> {
    for (slot, caption) in given.captions {
        if let Some(mut old) = journal::get(tx, record, &slot)?
            && let Fact::EvidenceAdded(added) = &mut old.fact
        {
            added.reference = caption;
            journal::put(tx, record, &slot, &old)?;
        }
    }
    for picture in given.pictures {
        let slot = slot(&step.id, &picture.photo.hash);
        let kind = (EvidenceKind::Photo, given.caption.clone());
        keep(tx, record, (step, &slot), kind, picture, event)?;
    }
    Ok(())
}

/// Writes the photo of a paper document down.
pub(crate) fn put_paper(
    tx: &WriteTx<'_>,
    record: RecordId,
    step: &Step,
    (title, picture): (String, Picture),
    event: &impl Fn(Fact) -> Event,
) -> store::Result<()> {
    let slot = paper_slot(&step.id, &picture.photo.hash);
    let kind = (EvidenceKind::Paper, title);
    keep(tx, record, (step, &slot), kind, picture, event)
}

fn keep(
    tx: &WriteTx<'_>,
    record: RecordId,
    (step, slot): (&Step, &str),
    (evidence, reference): (EvidenceKind, String),
    picture: Picture,
    event: &impl Fn(Fact) -> Event,
) -> store::Result<()> {
    let fact = EvidenceAdded {
        step: step.id.clone(),
        evidence,
        reference,
        photo: Some(picture.photo),
    };
    let event = event(fact.into());
    blobs::put(tx, record, &picture.kept, event.recorded_at)?;
    // The same photo sent twice, because an answer was lost, is one photo: the first stays.
    if !named(tx, record, &event.fact)? {
        journal::put(tx, record, slot, &event)?;
    }
    Ok(())
}

/// Whether the record names this very photo already.
fn named(tx: &WriteTx<'_>, record: RecordId, fact: &Fact) -> store::Result<bool> {
    let Fact::EvidenceAdded(new) = fact else {
        return Ok(false);
    };
    let facts = match records::facts(tx, record) {
        Err(store::Error::NotFound) => return Ok(false),
        other => other?,
    };
    let known = facts.step(new.step.as_str());
    let hash = |added: &EvidenceAdded| added.photo.as_ref().map(|photo| photo.hash);
    Ok(known.is_some_and(|known| {
        let mut all = known.evidence.iter();
        all.any(|noted| noted.value.evidence == new.evidence && hash(&noted.value) == hash(new))
    }))
}

#[derive(Template)]
#[template(path = "photo.html")]
struct PhotoPage {
    ui: Ui,
    errors: FormErrors,
    head: Heading,
    step: String,
    name: String,
    shot: Shot,
    /// The whole picture, or nothing if it is only at the server.
    image: String,
    place: String,
    recorded: String,
    who: String,
    hash: String,
    original: String,
    /// It can be taken back here.
    open: bool,
    /// Sealed: taking it back wants a reason.
    sealed: bool,
    reason: String,
}

/// A photo of the record by its hash: the step and the evidence.
fn find<'a>(
    sheet: &'a Sheet,
    hash: &Hash,
) -> Option<(&'a Step, &'a Noted<EvidenceAdded>, &'a Photo)> {
    sheet.procedure.steps.iter().find_map(|step| {
        let mut of_step = photos(sheet, &step.id);
        let (noted, photo) = of_step.find(|(_, photo)| photo.hash == *hash)?;
        Some((step, noted, photo))
    })
}

fn build(
    desk: &Desk,
    sheet: &Sheet,
    hash: &Hash,
    errors: FormErrors,
    reason: &str,
) -> Result<PhotoPage, Problem> {
    let (step, noted, photo) = find(sheet, hash).ok_or(Problem::of(Code::NotFound))?;
    let (here, bytes) = desk.store().read(|c| {
        let here = here(c, sheet.record, &step.id, hash)?;
        Ok((here, blobs::bytes(c, hash)?))
    })?;
    let ui = desk.ui;
    Ok(PhotoPage {
        ui,
        errors,
        head: Heading::of(ui, sheet),
        step: step.id.to_string(),
        name: ui.lang.of(&step.name).to_owned(),
        shot: shot(ui, sheet, (step, noted), photo, &here),
        image: bytes.map_or_else(String::new, |bytes| picture::data_url(&bytes)),
        place: photo.place.clone(),
        recorded: say::when(ui.lang, noted.recorded_at),
        who: sheet.officer_name(noted.officer),
        hash: hex(&photo.hash),
        original: hex(&photo.original),
        open: sheet.editable(step) && noted.officer == desk.me.officer,
        sealed: !here.unsealed,
        reason: reason.to_owned(),
    })
}

fn hash_of(text: &str) -> Result<Hash, Problem> {
    unhex(text).ok_or(Problem::of(Code::NotFound))
}

/// `GET /field/r/{record}/photo/{hash}`
pub(crate) async fn photo(desk: Desk, Path((record, hash)): Path<(String, String)>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let page = build(&desk, &sheet, &hash_of(&hash)?, FormErrors::default(), "")?;
    Ok(html::ok(&page))
}

/// `POST /field/r/{record}/photo/{hash}`: takes the photo back. Unsealed, it leaves the journal and this device; sealed, it is
/// withdrawn with the field `reason` and stays in the history.
pub(crate) async fn remove(
    desk: Desk,
    Path((record, hash)): Path<(String, String)>,
    form: Posted,
) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let hash = hash_of(&hash)?;
    let (step, noted, _) = find(&sheet, &hash).ok_or(Problem::of(Code::NotFound))?;
    let back = format!("/field/r/{}/s/{}", sheet.record, step.id);
    if !sheet.editable(step) || noted.officer != desk.me.officer {
        return Ok(see(&back));
    }
    let taken = desk
        .store()
        .write(|tx| take_out(tx, sheet.record, &step.id, &hash))?;
    if taken {
        return Ok(see(&back));
    }
    let mut errors = FormErrors::default();
    let reason = form.required("reason", &mut errors);
    if !errors.is_empty() {
        return Ok(html::again(&build(&desk, &sheet, &hash, errors, &reason)?));
    }
    let event = Event {
        recorded_at: desk.now(),
        happened_at: None,
        fact: Amended {
            target: noted.place,
            reason,
        }
        .into(),
    };
    desk.store().write(|tx| {
        let slot = format!("amended:{}", crate::timeline::place_text(noted.place));
        journal::put(tx, sheet.record, &slot, &event)?;
        log::seal(tx, desk.app.host(), sheet.record)?;
        records::refresh(tx, sheet.record)
    })?;
    desk.app.mailbox().put(Tap::Changed);
    Ok(see(&back))
}

/// Takes an unsealed photo out of the journal, and its bytes if nothing else names them. Gives whether it was unsealed.
fn take_out(tx: &WriteTx<'_>, record: RecordId, step: &StepId, hash: &Hash) -> store::Result<bool> {
    let mut taken = false;
    for slot in [slot(step, hash), paper_slot(step, hash)] {
        taken |= journal::take_out(tx, record, &slot)?;
    }
    if taken {
        if journal::ending(tx, &format!(":{}", hex(hash)))? == 0 {
            blobs::take_out(tx, hash)?;
        }
        records::refresh(tx, record)?;
    }
    Ok(taken)
}
