//! Everything that was recorded, in order, as sentences: what counts, what was withdrawn, and what is not sealed yet.

use crate::document;
use crate::follow;
use crate::html::Ui;
use crate::recorded;
use crate::say;
use crate::sheet::Sheet;
use shared::domain::event::{Event, EventRef, Fact, FieldAnswered};
use shared::fold;
use shared::id::FeedId;
use shared::rules::explain;
use shared::rules::procedure::LATE_REASON;

/// One line of the history.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// `feed:seq:index`, for forms.
    pub(crate) place: String,
    /// When it was entered.
    pub(crate) entered: String,
    /// When it is said to have happened, if not then.
    pub(crate) happened: String,
    /// Who.
    pub(crate) who: String,
    /// What.
    pub(crate) what: String,
    /// Details.
    pub(crate) detail: String,
    /// Withdrawn by a correction.
    pub(crate) withdrawn: bool,
    /// Not sealed yet.
    pub(crate) unsealed: bool,
}

/// The whole history. `feed` and `next` say which entries are still in the journal.
pub(crate) fn of(ui: Ui, sheet: &Sheet, feed: FeedId, next: u64) -> Vec<Entry> {
    let entries = sheet.facts.timeline.iter();
    entries
        .map(|entry| line(ui, sheet, entry, feed, next))
        .collect()
}

/// One entry in words.
pub(crate) fn line(ui: Ui, sheet: &Sheet, entry: &fold::Entry, feed: FeedId, next: u64) -> Entry {
    let event = &entry.event;
    let (what, detail) = words(ui, sheet, event);
    Entry {
        place: place_text(entry.place),
        entered: say::when(ui.lang, event.recorded_at),
        happened: event
            .happened_at
            .map_or_else(String::new, |at| say::when(ui.lang, at)),
        who: sheet.officer_name(entry.officer),
        what,
        detail,
        withdrawn: sheet.facts.withdrawn.contains(&entry.place),
        unsealed: entry.place.feed == feed && entry.place.seq >= next,
    }
}

/// A place as a form carries it.
pub(crate) fn place_text(place: EventRef) -> String {
    format!("{}:{}:{}", place.feed, place.seq, place.index)
}

fn words(ui: Ui, sheet: &Sheet, event: &Event) -> (String, String) {
    let what = explain::event(ui.lang, event.fact.name()).to_owned();
    let of_step = |step: &str| format!("{what} · {}", sheet.step_name(ui.lang, step));
    match &event.fact {
        Fact::Opened(f) => (what, format!("{} {}", f.subject_name, f.place)),
        Fact::StepRecorded(f) => {
            let word = say::outcome(f.outcome);
            (
                of_step(f.step.as_str()),
                format!("{} {}", ui.t(word), f.note),
            )
        }
        Fact::FieldAnswered(f) => (of_step(f.step.as_str()), answer(ui, sheet, f)),
        Fact::EvidenceAdded(f) => (
            of_step(f.step.as_str()),
            format!("{}：{}", ui.t(document::evidence(f.evidence)), f.reference),
        ),
        Fact::Signed(f) => (of_step(f.step.as_str()), f.name.clone()),
        Fact::Refused(f) => {
            let witness = f.witness.as_deref().unwrap_or("");
            let recording = f.recording.as_deref().unwrap_or("");
            (
                of_step(f.step.as_str()),
                format!("{} {witness} {recording}", f.reason),
            )
        }
        Fact::StatementHeard(f) => (
            of_step(f.step.as_str()),
            format!("{} {}", f.words, f.answer),
        ),
        Fact::Approved(f) => {
            let word = if f.granted {
                "field.state.approved"
            } else {
                "field.state.denied"
            };
            let who = sheet.officer_name(f.approver);
            (
                of_step(f.step.as_str()),
                format!("{} {who} {}", ui.t(word), f.note),
            )
        }
        Fact::Served(f) => (
            of_step(f.step.as_str()),
            format!("{} {}", f.document, f.receiver),
        ),
        Fact::Decided(f) => (
            of_step(f.step.as_str()),
            format!("{} {}", f.number, f.content),
        ),
        Fact::Linked(f) => {
            let other: String = f.other.to_string().chars().take(8).collect();
            (what, follow::words(ui, &f.relation, &other))
        }
        Fact::Amended(f) => (what, f.reason.clone()),
        Fact::Submitted(f) => (what, f.note.clone()),
        Fact::Returned(f) => (what, f.comment.clone()),
        Fact::Voided(f) => (what, f.reason.clone()),
        Fact::Reviewed(f) => {
            let said = explain::verdict(ui.lang, f.verdict);
            (of_step(f.step.as_str()), format!("{said} {}", f.words))
        }
        Fact::Explained(f) => (of_step(f.step.as_str()), f.words.clone()),
        Fact::Unknown { .. } => (what, String::new()),
    }
}

/// What was answered: a field of the step, an item of its checklist, or why it was entered late.
fn answer(ui: Ui, sheet: &Sheet, answered: &FieldAnswered) -> String {
    if answered.field.as_str() == LATE_REASON {
        let why = ui.t("field.late.why");
        return format!("{why}：{}", recorded::late_words(ui.lang, &answered.value));
    }
    let Some(step) = sheet.procedure.step(answered.step.as_str()) else {
        return String::new();
    };
    let fields = sheet.fields(step);
    let found = fields.iter().find(|each| each.id == answered.field);
    found.map_or_else(String::new, |field| {
        let label = ui.lang.of(&field.label);
        let value = document::value(sheet, ui.lang, field, &answered.value);
        format!("{label}：{value}")
    })
}
