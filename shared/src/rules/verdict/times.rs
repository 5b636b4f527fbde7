//! Whether the times in a record agree with each other: R22.
//! Apart because it looks at how things were recorded, in every step alike (行政诉讼证据规定 12, 电子签名法 5 and 8).

use super::{Finding, Scene, Verdict, is_said};
use crate::domain::event::{EventRef, Fact, SignerRole, Value};
use crate::fold::{Noted, StepFacts};
use crate::id::StepId;
use crate::instant::{Instant, MINUTE_MS};
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::procedure::LATE_REASON;

impl Scene<'_> {
    /// R22. A late entry that says so and gives its reason is no mismatch.
    pub(super) fn times_agree(&self) -> Verdict {
        let skew = i64::from(self.context.jurisdiction.clock_skew_minutes) * MINUTE_MS;
        let mut because: Vec<Because> = self.clock_behind(skew).into_iter().collect();
        for (id, step) in &self.facts.steps {
            because.extend(photos_off(id, step, skew));
        }
        let signed = self
            .procedure
            .steps
            .iter()
            .filter(|s| !s.documents.is_empty());
        because.extend(signed.filter_map(|step| self.changed_after_signing(&step.id)));
        if because.is_empty() {
            Verdict::Fine
        } else {
            Verdict::Gap(Finding::new(GapState::Invalid, "step", because))
        }
    }

    /// The entry whose device's clock was the furthest behind, if beyond the threshold.
    fn clock_behind(&self, skew: i64) -> Option<Because> {
        let off = self.counted().filter(|entry| entry.behind_ms > skew);
        let worst = off.max_by_key(|entry| (entry.behind_ms, std::cmp::Reverse(entry.place)))?;
        Some(Because {
            code: "clock_behind",
            with: vec![("n", Filler::Number(worst.behind_ms / MINUTE_MS))],
            event: Some(worst.place),
        })
    }

    /// What was last changed in a step whose document was already signed.
    fn changed_after_signing(&self, step: &StepId) -> Option<Because> {
        let mut signed: Option<Instant> = None;
        let mut changed: Option<(Instant, EventRef)> = None;
        for entry in self.counted() {
            let at = entry.event.recorded_at;
            match &entry.event.fact {
                Fact::Signed(f) if f.step == *step && f.role != SignerRole::Witness => {
                    signed = signed.max(Some(at));
                    changed = changed.filter(|(when, _)| *when > at);
                }
                Fact::FieldAnswered(f) if f.step == *step && f.field != *LATE_REASON => {
                    changed = changed.max(later(signed, at, entry.place));
                }
                Fact::EvidenceAdded(f) if f.step == *step => {
                    changed = changed.max(later(signed, at, entry.place));
                }
                _ => {}
            }
        }
        changed.map(|(at, event)| Because {
            code: "changed_after_signing",
            with: vec![("step", Filler::Step(step.clone())), ("at", Filler::At(at))],
            event: Some(event),
        })
    }
}

fn later(signed: Option<Instant>, at: Instant, place: EventRef) -> Option<(Instant, EventRef)> {
    signed
        .is_some_and(|signed| at > signed)
        .then_some((at, place))
}

/// Pictures whose file says another time than their entry.
fn photos_off<'a>(
    id: &'a StepId,
    step: &'a StepFacts,
    skew: i64,
) -> impl Iterator<Item = Because> + 'a {
    let reason = step.fields.get(LATE_REASON);
    let explained =
        reason.is_some_and(|noted| matches!(&noted.value, Value::Text(words) if is_said(words)));
    step.evidence.iter().filter_map(move |noted| {
        let taken = noted.value.photo.as_ref()?.taken_at?;
        let off = |at: Instant| taken.millis_since(at).saturating_abs() > skew;
        let late_entry = noted.at != noted.recorded_at && explained;
        if !off(noted.recorded_at) || (late_entry && !off(noted.at)) {
            return None;
        }
        Some(photo_off(id, taken, noted))
    })
}

fn photo_off<T>(id: &StepId, taken: Instant, noted: &Noted<T>) -> Because {
    Because {
        code: "photo_time",
        with: vec![
            ("step", Filler::Step(id.clone())),
            ("taken", Filler::At(taken)),
            ("at", Filler::At(noted.recorded_at)),
        ],
        event: Some(noted.place),
    }
}
