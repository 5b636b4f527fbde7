//! Inspections that went well, as a colleague's device seals them: what an officer's needs are judged by besides the one record
//! that a journey is about. Apart because they are made without a screen.

use shared::domain::event::{
    Event, EvidenceAdded, EvidenceKind, Fact, Opened, Outcome, SignMethod, Signed, SignerRole,
    StepRecorded, Submitted, Value,
};
use shared::id::{OfficerId, StepId};
use shared::instant::{Instant, MINUTE_MS};
use tests::device::Device;
use tests::moved::Moved;
use tests::records::answered;

/// Who goes along.
const NAME: &str = "陈立新";
const VISIT_MS: i64 = 30 * MINUTE_MS;

/// A colleague with a device.
pub(crate) struct Colleague {
    device: Device,
    other: OfficerId,
    matter: String,
}

fn step(id: &str) -> StepId {
    id.parse().unwrap()
}

fn done(id: &str) -> Fact {
    StepRecorded {
        step: step(id),
        outcome: Outcome::Done,
        note: String::new(),
    }
    .into()
}

fn recording(id: &str) -> Fact {
    EvidenceAdded {
        step: step(id),
        evidence: EvidenceKind::Recording,
        reference: "A-0007".to_owned(),
        photo: None,
    }
    .into()
}

fn signed(id: &str, officer: Option<OfficerId>) -> Fact {
    let role = match officer {
        Some(_) => SignerRole::Officer,
        None => SignerRole::Party,
    };
    Signed {
        step: step(id),
        role,
        officer,
        name: "林静".to_owned(),
        method: SignMethod::Screen,
        document: None,
        drawing: None,
    }
    .into()
}

impl Colleague {
    /// Has a device of their own; inspects this matter together with the journey's officer.
    pub(crate) async fn enrol(moved: &Moved, matter: &str) -> Self {
        Self {
            device: moved.here.device(NAME, 21).await.unwrap(),
            other: tests::journey::officer_ids()[0].parse().unwrap(),
            matter: matter.to_owned(),
        }
    }

    /// An inspection that ends at this moment and leaves nothing of its identity steps out.
    pub(crate) async fn inspected_well(&mut self, moved: &Moved, end: Instant) {
        let clock = &moved.here.clock;
        clock.advance(end.millis_since(clock.read()));
        let facts = self.facts(end);
        let record = self.device.fresh_record();
        let event = |fact: Fact| Event {
            recorded_at: end,
            happened_at: None,
            fact,
        };
        let events: Vec<Event> = facts.into_iter().map(event).collect();
        let commit = self.device.seal(record, &events, end).unwrap();
        let pushed = self.device.push(&[commit.bytes()]).await.unwrap().unwrap();
        assert!(pushed.quarantined.is_empty(), "{pushed:?}");
        moved.here.app.run_due_jobs().await.unwrap();
    }

    fn facts(&self, end: Instant) -> Vec<Fact> {
        let both = vec![self.device.officer(), self.other];
        let text = |words: &str| Value::Text(words.to_owned());
        let choice = |code: &str| Value::Choice(code.to_owned());
        let opened = Opened {
            procedure: "XZJC".parse().unwrap(),
            version: 2,
            unit: self.device.unit(),
            subject: None,
            subject_name: "示例店".to_owned(),
            place: "示例路2号".to_owned(),
            matter: self.matter.clone(),
            task: None,
            urgent: None,
            officers: both.clone(),
        };
        let start = Value::At(end.plus_millis(-VISIT_MS));
        let lists = shared::data::checklists().unwrap();
        let list = lists.iter().find(|list| list.matter == self.matter);
        let items = list.unwrap().items.iter();
        let items = items.map(|item| answered("JC-13", item.id.as_str(), choice("pass")));
        let mut facts = vec![
            opened.into(),
            answered("JC-08", "officers", Value::Officers(both.clone())),
            answered("JC-08", "recusal", choice("none")),
            done("JC-08"),
            recording("JC-10"),
            done("JC-10"),
            answered("JC-11", "rights", Value::Bool(true)),
            signed("JC-11", None),
            done("JC-11"),
            answered("JC-12", "who", text("林静")),
            answered("JC-12", "insisted", Value::Bool(false)),
            done("JC-12"),
            answered("JC-14", "start", start),
            answered("JC-14", "end", Value::At(end)),
            answered("JC-14", "facts", text("未发现问题。")),
            signed("JC-14", both.first().copied()),
            signed("JC-14", both.last().copied()),
            signed("JC-14", None),
            done("JC-14"),
            recording("JC-15"),
            done("JC-15"),
            answered("JC-16", "result", choice("no_problem")),
            answered("JC-16", "told_to", text("林静")),
            done("JC-16"),
        ];
        facts.extend(items);
        let note = String::new();
        facts.extend([done("JC-13"), Submitted { note }.into()]);
        facts
    }
}
