//! When who goes where in the demo year, and what will be left out: decided before the first day, by dice that fall the same way.
//! Apart because nothing here touches phone or office.

use super::people::County;
use super::rates::{Deck, ELSEWHERE, SEEDED, Weakness};
use super::visit::{Course, Lacks};
use crate::records::Dice;
use anyhow::{Context, Result, ensure};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use shared::rules::calendar::Calendar;
use std::collections::BTreeMap;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Days before today on which it begins.
    pub days: i64,
    /// Inspections.
    pub inspections: usize,
    /// Pairs and parties of each township, at most; none beyond what the county has.
    pub pairs: usize,
    /// See there.
    pub parties: usize,
    /// Whether it is enough for the pages to show what was seeded, and to be checked for it.
    pub tells: bool,
}

impl Scale {
    /// The whole year.
    pub const FULL: Self = Self {
        days: 365,
        inspections: 1_500,
        pairs: usize::MAX,
        parties: usize::MAX,
        tells: true,
    };
    /// Its last weeks.
    pub const RECENT: Self = Self {
        days: 60,
        inspections: 216,
        pairs: usize::MAX,
        parties: usize::MAX,
        tells: true,
    };
}

/// Matters that inspections are about: those of the sample list that the townships have a power for.
const MATTERS: [&str; 12] = [
    "M12", "M25", "M14", "M13", "M12", "M15", "M07", "M25", "M03", "M01", "M05", "M14",
];
/// Kind of inspection and where the task comes from; routine ones most often.
const KINDS: [(&str, &str); 10] = [
    ("routine", "plan"),
    ("case", "complaint"),
    ("routine", "random"),
    ("routine", "plan"),
    ("case", "transfer"),
    ("routine", "plan"),
    ("special", "transfer"),
    ("routine", "random"),
    ("case", "complaint"),
    ("routine", "plan"),
];
/// One in so many inspections is urgent and assigned by nobody; of as many the approval comes late.
const URGENT: u64 = 40;

/// When there is a drill: percent of the year's days.
const DRILL: usize = 75;

/// How an inspection comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Assigned and approved beforehand.
    Approved,
    /// Assigned; approved only afterwards.
    ApprovedLate,
    /// Opened on the phone because it could not wait.
    Urgent,
}

/// An inspection to be made.
#[derive(Debug, Clone)]
pub(super) struct Outing {
    pub(super) day: Date,
    pub(super) town: usize,
    pub(super) pair: usize,
    /// Whose phone it is made on: the pair's first or second.
    pub(super) lead: usize,
    pub(super) party: usize,
    pub(super) matter: &'static str,
    pub(super) kind: (&'static str, &'static str),
    pub(super) start: Start,
    pub(super) lacks: Lacks,
    pub(super) course: Course,
}

/// The year's days.
pub(super) struct Days {
    /// Days on which there is work, before today.
    pub(super) work: Vec<Date>,
    /// The courses of [`SEEDED`], by place there. Nobody goes out on these days, nor on those when everybody learns.
    pub(super) courses: BTreeMap<usize, Date>,
    /// Days when everybody learns: the first Friday of a month.
    pub(super) study: Vec<Date>,
    /// The day of a drill.
    pub(super) drill: Option<Date>,
}

impl Days {
    pub(super) fn new(scale: Scale, today: Date) -> Result<Self> {
        let calendar = Calendar::shipped();
        let first = today.checked_sub(scale.days.days())?;
        let weekday = |day: Date| day.weekday().to_monday_zero_offset() < 5;
        let all = (0..scale.days).map(|n| first.saturating_add(n.days()));
        let works = |day: &Date| calendar.is_working(*day).unwrap_or_else(|| weekday(*day));
        let work: Vec<Date> = all.filter(works).collect();
        ensure!(work.len() > 4, "{} days are too few", scale.days);
        let mut courses = BTreeMap::new();
        for (at, weakness) in SEEDED.iter().enumerate() {
            if let Some(course) = weakness.course {
                let day = work.get(work.len() * course.at / 100).context("a day")?;
                courses.insert(at, *day);
            }
        }
        let drill = work.get(work.len() * DRILL / 100).copied();
        let learns = |day: &&Date| day.weekday() == Weekday::Friday && day.day() <= 7;
        let taken = |day: &&Date| {
            courses.values().all(|other| other != *day) && drill.as_ref() != Some(day)
        };
        let study = work.iter().filter(learns).filter(taken).copied().collect();
        Ok(Self {
            work,
            courses,
            study,
            drill,
        })
    }

    /// Days on which people go out.
    fn out(&self) -> Vec<Date> {
        let courses: Vec<&Date> = self.courses.values().collect();
        let free = |day: &&Date| {
            !courses.contains(day) && !self.study.contains(day) && self.drill.as_ref() != Some(day)
        };
        self.work.iter().filter(free).copied().collect()
    }

    /// The working day so many after this one; none once the year is over.
    pub(super) fn after(&self, day: Date, n: usize) -> Option<Date> {
        let at = self.work.partition_point(|other| *other <= day);
        self.work.get(at + n.saturating_sub(1)).copied()
    }
}

/// Draws what is left out, in the order of the days.
struct Drawing {
    /// By place in [`SEEDED`] and whether it is after a course that those who go out attended.
    seeded: BTreeMap<(usize, bool, bool), Deck>,
    elsewhere: BTreeMap<(&'static str, usize), Deck>,
}

impl Drawing {
    /// Whether a competency is lacking in this outing.
    fn lacks(
        &mut self,
        dice: &mut Dice,
        days: &Days,
        (outing, trained): (&Outing, bool),
        competency: &'static str,
    ) -> bool {
        let mut seeded = SEEDED.iter().enumerate();
        let here = |(_, weakness): &(usize, &Weakness)| {
            weakness.town == outing.town && weakness.competency == competency
        };
        let Some((at, weakness)) = seeded.find(here) else {
            let deck = self.elsewhere.entry((competency, outing.town));
            return deck.or_insert_with(|| Deck::new(ELSEWHERE)).draw(dice);
        };
        let over = days.courses.get(&at).is_some_and(|day| outing.day > *day);
        let share = match weakness.course {
            Some(course) if over && trained => course.share,
            _ => weakness.share,
        };
        let deck = self.seeded.entry((at, trained, over));
        deck.or_insert_with(|| Deck::new(share)).draw(dice)
    }
}

/// Every inspection, day by day.
pub(super) fn outings(
    scale: Scale,
    county: &County,
    days: &Days,
    dice: &mut Dice,
) -> Result<Vec<Outing>> {
    let out = days.out();
    let mut drawing = Drawing {
        seeded: BTreeMap::new(),
        elsewhere: BTreeMap::new(),
    };
    let mut all = Vec::with_capacity(scale.inspections);
    for number in 0..scale.inspections {
        let day = out.get(number * out.len() / scale.inspections);
        let (town, turn) = (number % county.towns.len(), number / county.towns.len());
        let home = county.towns.get(town).context("a town")?;
        let (pair, round) = (turn % home.pairs.len(), turn / home.pairs.len());
        let of = |list: usize| (turn * 7 + round) % list;
        let mut outing = Outing {
            day: *day.context("a day")?,
            town,
            pair,
            lead: round % 2,
            party: turn % home.parties.len(),
            matter: MATTERS.get(of(MATTERS.len())).context("a matter")?,
            kind: *KINDS.get(of(KINDS.len())).context("a kind")?,
            start: match dice.roll(URGENT) {
                0 => Start::Urgent,
                1 => Start::ApprovedLate,
                _ => Start::Approved,
            },
            lacks: Lacks::default(),
            course: Course {
                fault: dice.once_in(8),
                refused: dice.once_in(25),
            },
        };
        let trained = pair < home.trained;
        let mut draw = |code| drawing.lacks(dice, days, (&outing, trained), code);
        outing.lacks = Lacks {
            certificates: draw("K01"),
            signature: draw("K06"),
            result: draw("K08"),
            recording: draw("K07"),
            item: draw("K05"),
        };
        all.push(outing);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::super::people::county;
    use super::*;
    use jiff::civil::date;
    use shared::training::effect::{Change, Count, Verdict, verdict};

    /// Inspections with and without a gap in the 90 days before and after a course, of those who were there or of the others.
    fn change(all: &[Outing], course: Date, town: usize, trained: bool) -> Change {
        let count = |after: bool| {
            let near = |one: &&Outing| {
                let days = (one.day - course).get_days();
                one.town == town
                    && days.abs() < 90
                    && (days > 0) == after
                    && (one.pair < 4) == trained
            };
            let these: Vec<&Outing> = all.iter().filter(near).collect();
            let lacks = |one: &&&Outing| match town {
                0 => one.lacks.certificates,
                _ => one.lacks.signature,
            };
            let with = these.iter().filter(lacks).count();
            Count::new(with.try_into().unwrap(), these.len().try_into().unwrap()).unwrap()
        };
        Change {
            before: count(false),
            after: count(true),
        }
    }

    /// Pairs of a weakness's township with a need on this day: two of their last five inspections. A result that is not told
    /// yet is late after five working days.
    fn in_need(all: &[Outing], days: &Days, weakness: &Weakness, pairs: usize) -> usize {
        let over = |one: &&Outing| {
            let known = weakness.competency != "K08" || days.after(one.day, 6).is_some();
            one.lacks
                .competencies()
                .any(|code| code == weakness.competency)
                && known
        };
        let lacking = |pair: usize| {
            let own = all.iter().rev();
            let own = own.filter(|one| one.town == weakness.town && one.pair == pair);
            own.take(5).filter(over).count() >= 2
        };
        (0..pairs).filter(|pair| lacking(*pair)).count()
    }

    /// On whatever day it is made: the course that works is seen to, beyond what others did, and the other one is not.
    #[test]
    fn what_is_seeded_shows_on_any_day() {
        for scale in [Scale::RECENT, Scale::FULL] {
            let county = county(1, scale);
            let mut today = date(2026, 1, 5);
            while today < date(2027, 6, 1) {
                let days = Days::new(scale, today).unwrap();
                let all = outings(scale, &county, &days, &mut Dice::new(1)).unwrap();
                assert_eq!(all.len(), scale.inspections);
                let free = |day: &Date| all.iter().all(|one| one.day != *day);
                assert!(days.study.iter().chain(days.courses.values()).all(free));
                for (town, expected) in [(0, Verdict::Improved), (1, Verdict::NoClearChange)] {
                    let course = days.courses[&town];
                    let there = change(&all, course, town, true);
                    let others = change(&all, course, town, false);
                    let found = verdict(there.before, there.after);
                    assert_eq!(found, expected, "{today} {town} {there:?}");
                    let beyond = there.verdict_beyond(others);
                    assert_eq!(beyond, expected, "{today} {town} {there:?} {others:?}");
                }
                for weakness in SEEDED {
                    let pairs = county.towns[weakness.town].pairs.len();
                    let named = in_need(&all, &days, &weakness, pairs);
                    assert!(
                        named * super::super::check::NAMED >= pairs,
                        "{today} {weakness:?} {named}"
                    );
                }
                today = today.saturating_add(9.days());
            }
        }
    }
}
