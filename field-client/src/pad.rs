//! Signatures beside the party's plain confirmation: drawn ones, the witness's, the officers' by hand, and those on paper.
//! Apart because the page that is handed over only shows a document; who signs it, and how, is decided here.

use crate::answers;
use crate::desk::Desk;
use crate::form::{FormErrors, Posted};
use crate::html::{Problem, Ui};
use crate::photos;
use crate::picture::Picture;
use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::{Fact, MAX_DRAWING_BYTES, SignMethod, Signed, SignerRole};
use shared::id::OfficerId;
use shared::rules::procedure::{Proof, Step};

/// The box that strokes are drawn in.
const WIDTH: u16 = 600;
const HEIGHT: u16 = 240;

/// A signature that is there already.
pub(crate) struct Line {
    pub(crate) who: String,
    pub(crate) when: String,
    /// Strokes, or nothing.
    pub(crate) drawing: String,
}

/// An officer who can confirm here.
pub(crate) struct Signer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

/// What the signing page shows beside the document.
pub(crate) struct View {
    pub(crate) signed: Vec<Line>,
    pub(crate) witness: bool,
    pub(crate) officers: Vec<Signer>,
    /// What was drawn in the form that is shown again: the form's `act`, and the strokes.
    pub(crate) again: (String, String),
    pub(crate) witness_name: String,
    pub(crate) paper_name: String,
}

impl View {
    /// The strokes to show again in the form of this act.
    pub(crate) fn drawn(&self, act: &str) -> &str {
        let (of, drawing) = &self.again;
        if of == act { drawing } else { "" }
    }
}

/// What the page shows, with what was typed.
pub(crate) fn view(ui: Ui, sheet: &Sheet, step: &Step, form: &Posted) -> View {
    let known = sheet.known(&step.id);
    let signatures = known.map_or(&[][..], |known| &known.signatures);
    let officers = if step.proof.contains(&Proof::OfficersPin) {
        sheet.acting()
    } else {
        Vec::new()
    };
    let line = |signed: &Signed, at| Line {
        who: format!("{} {}", ui.t(role(signed.role)), signed.name),
        when: say::when(ui.lang, at),
        drawing: signed.drawing.clone().unwrap_or_default(),
    };
    let act = form.get("act");
    let typed = |of: &str| if act == of { form.get("name") } else { "" }.to_owned();
    View {
        signed: signatures.iter().map(|n| line(&n.value, n.at)).collect(),
        witness: step.proof.contains(&Proof::WitnessSignature),
        officers: officers
            .into_iter()
            .map(|id| Signer {
                id: id.to_string(),
                name: sheet.officer_name(id),
                chosen: form.get("officer") == id.to_string(),
            })
            .collect(),
        again: (act.to_owned(), strokes(form).unwrap_or_default()),
        witness_name: typed("witness"),
        paper_name: typed("paper"),
    }
}

const fn role(role: SignerRole) -> &'static str {
    match role {
        SignerRole::Officer => "field.pad.officer",
        SignerRole::Party => "field.pad.party",
        SignerRole::Witness => "field.pad.witness",
    }
}

/// What a signing form comes to.
pub(crate) enum Done {
    /// A signature, in this slot.
    Signed(String, Fact),
    /// A signature on paper, in this slot, with the photo of the paper and its title.
    Paper(String, Fact, (String, Box<Picture>)),
}

/// Reads the form of `act`: `sign` (the party), `witness`, `officer` or `paper`. Nothing if something must be corrected.
pub(crate) fn read(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    (document, errors): ([u8; 32], &mut FormErrors),
) -> Result<Option<Done>, Problem> {
    let act = form.get("act");
    let drawing = drawing(form, errors);
    let signed = |role, name, method, drawing| Signed {
        step: step.id.clone(),
        role,
        officer: None,
        name,
        method,
        document: Some(document),
        drawing,
    };
    let slot = |who: &str| format!("sign:{}:{who}", step.id);
    let done = match act {
        "officer" => {
            let Some(officer) = officer(desk, sheet, step, form, errors)? else {
                return Ok(None);
            };
            let name = sheet.officer_name(officer);
            let mut fact = signed(SignerRole::Officer, name, SignMethod::Pin, drawing);
            fact.officer = Some(officer);
            Done::Signed(slot(&officer.to_string()), fact.into())
        }
        "witness" => {
            let name = form.required("name", errors);
            if drawing.is_none() {
                errors.add("drawing", "field.pad.missing");
            }
            let fact = signed(SignerRole::Witness, name, SignMethod::Drawn, drawing);
            Done::Signed(slot("witness"), fact.into())
        }
        "paper" => {
            let name = form.required("name", errors);
            let picture = photos::pictures(sheet, form, errors).pop();
            let Some(picture) = picture else {
                errors.add("photo", "field.pad.paper.missing");
                return Ok(None);
            };
            let title = step.name.zh.clone();
            let fact = signed(SignerRole::Party, name, SignMethod::Paper, None);
            Done::Paper(slot("party"), fact.into(), (title, Box::new(picture)))
        }
        _ => {
            let name = form.required("name", errors);
            let method = match drawing {
                Some(_) => SignMethod::Drawn,
                None => SignMethod::Screen,
            };
            let fact = signed(SignerRole::Party, name, method, drawing);
            Done::Signed(slot("party"), fact.into())
        }
    };
    Ok(errors.is_empty().then_some(done))
}

/// The officer who confirms: an acting one, whose PIN is right.
fn officer(
    desk: &Desk,
    sheet: &Sheet,
    step: &Step,
    form: &Posted,
    errors: &mut FormErrors,
) -> Result<Option<OfficerId>, Problem> {
    let asked = step.proof.contains(&Proof::OfficersPin);
    let chosen: Option<OfficerId> = form.get("officer").parse().ok();
    let chosen = chosen.filter(|id| asked && sheet.acting().contains(id));
    let Some(officer) = chosen else {
        errors.add("officer", "form.required");
        return Ok(None);
    };
    if !errors.is_empty() {
        return Ok(None);
    }
    if let Some(key) = answers::check_pin(desk, sheet, officer, form.get("pin"))? {
        errors.add("pin", key);
        return Ok(None);
    }
    Ok(Some(officer))
}

/// The strokes of the form, if any were drawn; what cannot be strokes is an error.
fn drawing(form: &Posted, errors: &mut FormErrors) -> Option<String> {
    if form.get("drawing").is_empty() {
        return None;
    }
    let drawing = strokes(form);
    if drawing.is_none() {
        errors.add("drawing", "field.pad.bad");
    }
    drawing
}

/// The field `drawing` if it is what the pad writes: it goes into pages and documents as SVG path data.
fn strokes(form: &Posted) -> Option<String> {
    let text = form.get("drawing");
    is_path(text).then(|| text.to_owned())
}

/// `M x y L x y …`, whole numbers within the box, one line at least.
fn is_path(text: &str) -> bool {
    let point = |point: &str| {
        let inside = |text: &str, max: u16| text.parse().is_ok_and(|n: u16| n <= max);
        let pair = point.split_once(' ');
        let plain = point.bytes().all(|b| b.is_ascii_digit() || b == b' ');
        plain && pair.is_some_and(|(x, y)| inside(x, WIDTH) && inside(y, HEIGHT))
    };
    let stroke = |stroke: &str| stroke.split('L').all(point);
    text.len() <= MAX_DRAWING_BYTES
        && text.contains('L')
        && text
            .strip_prefix('M')
            .is_some_and(|strokes| strokes.split('M').all(stroke))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strokes_within_the_box_are_a_drawing() {
        for good in ["M10 10L20 20", "M0 0L600 240M5 5L6 6L7 7", "M1 1M2 2L9 9"] {
            assert!(is_path(good), "{good}");
        }
        let long = format!("M0 0{}", "L100 100".repeat(1100));
        for bad in [
            "",
            "M10 10",
            "L10 10L20 20",
            "M10 10L601 20",
            "M10 10L20 241",
            "M10 10L-2 20",
            "M10 10L+2 20",
            "M10 10L2.5 20",
            "M10 10L20 20Z",
            "M10 10 L20 20",
            "M10 10L20 20\"/><script>",
            "M10 10L",
            &long,
        ] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
