//! Arbitrary contexts: what is known beside a record, or not.

use super::record::{ITEMS, MATTERS, moment, officer};
use super::{Dice, Known};
use shared::domain::event::Fact;
use shared::domain::reference::{
    Basis, Certificate, CheckItem, Checklist, Officer, PowerItem, PowerSource, Precondition,
    Subject, SubjectKind,
};
use shared::fold::Entry;
use shared::id::{FieldId, OfficerId, RecordId, SubjectId, UnitId};
use shared::instant::Interval;
use shared::rules::calendar::{Calendar, shipped_years};
use shared::rules::check::{Context, Correction, Elsewhere, OtherVisit};
use shared::rules::jurisdiction::Jurisdiction;
use shared::text::Bilingual;
use std::collections::BTreeMap;

/// Owns what a [`Context`] borrows.
#[derive(Debug)]
pub(super) struct World {
    officers: BTreeMap<OfficerId, Officer>,
    calendar: Calendar,
    jurisdiction: Jurisdiction,
    subject: Option<Subject>,
    power: Vec<PowerItem>,
    checklist: Option<Checklist>,
    elsewhere: Option<Elsewhere>,
    now: Interval,
}

impl World {
    pub(super) fn any(dice: &mut Dice, known: &Known, entries: &[Entry]) -> Self {
        let matter = entries.iter().find_map(|entry| match &entry.event.fact {
            Fact::Opened(opened) => Some(opened.matter.clone()),
            _ => None,
        });
        let calendar = match dice.below(4) {
            0 => Calendar::default(),
            1 => Calendar::new(shipped_years().into_iter().take(1)),
            _ => Calendar::shipped(),
        };
        let jurisdiction = dice.pick(&known.jurisdictions).cloned().unwrap_or_default();
        let matter = matter.unwrap_or_else(|| MATTERS.concat());
        Self {
            officers: officers(dice),
            calendar,
            jurisdiction,
            subject: subject(dice),
            power: (0..dice.below(4)).map(|_| power(dice, &matter)).collect(),
            checklist: checklist(dice),
            elsewhere: elsewhere(dice),
            now: now(dice),
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            officers: &self.officers,
            calendar: &self.calendar,
            jurisdiction: &self.jurisdiction,
            subject: self.subject.as_ref(),
            power: &self.power,
            checklist: self.checklist.as_ref(),
            elsewhere: self.elsewhere.as_ref(),
            now: self.now,
        }
    }
}

fn now(dice: &mut Dice) -> Interval {
    let earliest = moment(dice);
    let width = if dice.one_in(3) {
        dice.below(400_000_000)
    } else {
        0
    };
    Interval {
        earliest,
        latest: earliest.plus_millis(i64::try_from(width).unwrap_or(0)),
    }
}

/// Of the five officers that records name one is unknown.
fn officers(dice: &mut Dice) -> BTreeMap<OfficerId, Officer> {
    let mut all = BTreeMap::new();
    for number in 0..4_u8 {
        let id = OfficerId::from_bytes([number; 16]);
        let count = if dice.one_in(5) { 0 } else { 1 + dice.below(2) };
        let certificate = |dice: &mut Dice| {
            let (a, b) = (moment(dice).date(), moment(dice).date());
            let sure = jiff::civil::date(2022, 1, 1);
            Certificate {
                number: number.to_string(),
                valid_from: if dice.one_in(3) { a.min(b) } else { sure },
                valid_to: a.max(b),
            }
        };
        let certificates = (0..count).map(|_| certificate(dice)).collect();
        let officer = Officer {
            id,
            name: format!("示例{number}"),
            unit: UnitId::from_bytes([1; 16]),
            auxiliary: dice.one_in(6),
            certificates,
            pin: None,
        };
        all.insert(id, officer);
    }
    all
}

fn subject(dice: &mut Dice) -> Option<Subject> {
    let kinds = [
        SubjectKind::Organisation,
        SubjectKind::SoleTrader,
        SubjectKind::Citizen,
    ];
    let kind = dice.pick(&kinds).copied()?;
    (!dice.one_in(4)).then(|| Subject {
        id: SubjectId::from_bytes([1; 16]),
        name: "示例商店".to_owned(),
        kind,
        address: String::new(),
        contact: String::new(),
    })
}

fn power(dice: &mut Dice, matter: &str) -> PowerItem {
    let sources = [
        PowerSource::S1,
        PowerSource::S2,
        PowerSource::S3,
        PowerSource::S4,
    ];
    let (a, b) = (moment(dice).date(), moment(dice).date());
    PowerItem {
        code: matter.to_owned(),
        name: Bilingual::default(),
        source: dice.pick(&sources).copied().unwrap_or(PowerSource::S1),
        from: a.min(b),
        to: dice.one_in(2).then_some(a.max(b)),
        listed: dice.one_in(2),
        duty: Bilingual::default(),
        sanction: Bilingual::default(),
        precondition: Precondition::None,
        bases: vec![Basis {
            law: "消防法".to_owned(),
            prohibits: "28".to_owned(),
            penalises: "60".to_owned(),
            from: dice.one_in(2).then_some(a),
            to: dice.one_in(2).then_some(b),
        }],
        list: String::new(),
    }
}

fn checklist(dice: &mut Dice) -> Option<Checklist> {
    let item = |id: &str| {
        Some(CheckItem {
            id: FieldId::new(id).ok()?,
            text: Bilingual::default(),
            how: Bilingual::default(),
            law: String::new(),
            article: String::new(),
            fault: Bilingual::default(),
            remedy: Bilingual::default(),
        })
    };
    dice.one_in(2).then(|| Checklist {
        matter: "M14".to_owned(),
        version: u32::try_from(dice.below(3)).unwrap_or(1),
        name: Bilingual::default(),
        items: ITEMS.iter().filter_map(|id| item(id)).collect(),
    })
}

fn elsewhere(dice: &mut Dice) -> Option<Elsewhere> {
    if dice.one_in(2) {
        return None;
    }
    let visit = |dice: &mut Dice| OtherVisit {
        record: RecordId::from_bytes([3; 16]),
        officer: officer(dice),
        start: moment(dice),
        end: moment(dice),
        place: "示例镇北街9号".to_owned(),
    };
    Some(Elsewhere {
        overlapping: (0..dice.below(3)).map(|_| visit(dice)).collect(),
        inspections_this_year: dice
            .one_in(2)
            .then(|| u32::try_from(dice.below(6)).unwrap_or(u32::MAX)),
        rechecked_at: dice.one_in(3).then(|| moment(dice)),
        correction: dice.one_in(2).then(|| Correction {
            served: dice.one_in(2).then(|| moment(dice)),
            failed: dice.one_in(2).then(|| moment(dice)),
        }),
    })
}
