//! The figures of 专职性 for one office: what its roster and its records say, counted and nothing more.
//! Apart because every number must be worked out by hand in a test, without pages and without a store.

use crate::store::rosters::{Duty, Entry};
use crate::store::staff::{Employment, OnSite, Staff};
use jiff::ToSpan;
use jiff::civil::Date;
use shared::domain::reference::Officer;
use shared::id::{OfficerId, UnitId};
use shared::instant::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// So long without an act is to be explained. Years.
const IDLE_YEARS: i32 = 2;
/// A tenth of an hour. Milliseconds.
const TENTH_MS: i64 = 360_000;

/// A month or a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) first: Date,
    pub(super) last: Date,
}

impl Period {
    /// So many months from the first day of a month on.
    fn new(year: i16, month: i8, months: i32) -> Option<Self> {
        let first = Date::new(year, month, 1).ok()?;
        let last = first.checked_add(months.months()).ok()?.yesterday().ok()?;
        Some(Self { first, last })
    }

    /// `2026-11` or `2026-Q4`.
    pub(super) fn parse(code: &str) -> Option<Self> {
        let (year, part) = code.split_once('-')?;
        let year = year.parse().ok()?;
        match part.strip_prefix('Q') {
            Some(quarter) => {
                let quarter: i8 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
                Self::new(year, quarter * 3 - 2, 3)
            }
            None => Self::new(year, part.parse().ok()?, 1),
        }
    }

    /// The month of a day.
    pub(super) fn month(day: Date) -> Option<Self> {
        Self::new(day.year(), day.month(), 1)
    }

    /// The quarter of a day.
    pub(super) fn quarter(day: Date) -> Option<Self> {
        Self::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 3)
    }

    pub(super) fn is_month(self) -> bool {
        self.first.month() == self.last.month()
    }

    /// As [`Self::parse`] reads it.
    pub(super) fn code(self) -> String {
        let (year, month) = (self.first.year(), self.first.month());
        if self.is_month() {
            format!("{year:04}-{month:02}")
        } else {
            format!("{year:04}-Q{}", (month + 2) / 3)
        }
    }
}

/// What the figures are made of.
pub(super) struct Input<'a> {
    pub(super) unit: UnitId,
    pub(super) period: Period,
    /// The day as of which people are looked at.
    pub(super) on: Date,
    /// Everybody, of every office: who moved stays in the roster of their time.
    pub(super) officers: &'a BTreeMap<OfficerId, Officer>,
    pub(super) staff: &'a BTreeMap<OfficerId, Staff>,
    pub(super) posts: Option<u32>,
    /// The roster of the quarter in which the period lies.
    pub(super) roster: &'a [Entry],
    /// Visits of the period.
    pub(super) visits: &'a [OnSite],
    /// The first visit that the office's records know of.
    pub(super) first_act: Option<Instant>,
    /// Everybody's last visit before the end of that day.
    pub(super) last_acts: &'a BTreeMap<OfficerId, Instant>,
}

/// Why somebody should not stand on an enforcement roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Auxiliary staff never count as officers.
    Auxiliary,
    /// 工勤、劳动合同: cannot hold a certificate (河南省行政执法条例 20).
    Employment,
    /// No certificate that is valid on the day.
    Certificate,
}

/// Days on which somebody stood on an enforcement roster who should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The reason on the first of them.
    pub(super) why: Why,
    pub(super) days: BTreeSet<Date>,
}

/// One person's part. No order of people follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PersonFigures {
    /// Of this office, on a post.
    pub(super) on_post: bool,
    /// And with a valid certificate.
    pub(super) certified: bool,
    pub(super) enforcement_x10: i64,
    pub(super) duty_x10: i64,
    pub(super) on_site_x10: i64,
    /// In the quarter.
    pub(super) loan_days: usize,
    /// On a post and certified for two years, and no act in the last two.
    pub(super) idle: bool,
}

/// The figures of an office.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) posts: Option<u32>,
    pub(super) filled: usize,
    pub(super) certified: usize,
    pub(super) enforcement_x10: i64,
    pub(super) duty_x10: i64,
    pub(super) on_site_x10: i64,
    /// Visits without an end, which no hours count.
    pub(super) not_over: usize,
    pub(super) loan_days: usize,
    /// None: the records do not reach back two years.
    pub(super) idle: Option<usize>,
    pub(super) misfits: BTreeMap<OfficerId, Misfit>,
    pub(super) people: BTreeMap<OfficerId, PersonFigures>,
}

/// Whether somebody holds an enforcement post: as the administrator says, else whoever holds or held a certificate.
pub(crate) fn on_post(officer: &Officer, staff: Option<&Staff>) -> bool {
    let said = staff.map(|staff| staff.on_post);
    !officer.auxiliary && said.unwrap_or(!officer.certificates.is_empty())
}

/// Counts.
pub(super) fn figures(input: &Input<'_>) -> Figures {
    let mut out = Figures {
        posts: input.posts,
        ..Figures::default()
    };
    people(input, &mut out);
    roster(input, &mut out);
    on_site(input, &mut out);
    idle(input, &mut out);
    out.filled = out.people.values().filter(|one| one.on_post).count();
    out.certified = out.people.values().filter(|one| one.certified).count();
    for one in out.people.values() {
        out.enforcement_x10 += one.enforcement_x10;
        out.duty_x10 += one.duty_x10;
        out.on_site_x10 += one.on_site_x10;
        out.loan_days += one.loan_days;
    }
    out
}

fn people(input: &Input<'_>, out: &mut Figures) {
    let ours = input.officers.values().filter(|o| o.unit == input.unit);
    for officer in ours {
        let on_post = on_post(officer, input.staff.get(&officer.id));
        let certified = on_post && officer.certificate_on(input.on).is_some();
        let one = out.people.entry(officer.id).or_default();
        (one.on_post, one.certified) = (on_post, certified);
    }
}

fn roster(input: &Input<'_>, out: &mut Figures) {
    let mut lent: BTreeSet<(OfficerId, Date)> = BTreeSet::new();
    for entry in input.roster {
        let one = out.people.entry(entry.officer).or_default();
        if !entry.line.seconded_to.is_empty() && lent.insert((entry.officer, entry.day)) {
            one.loan_days += 1;
        }
        let within = input.period.first <= entry.day && entry.day <= input.period.last;
        if !within || entry.line.duty == Duty::Leave {
            continue;
        }
        one.duty_x10 += entry.line.hours_x10;
        if entry.line.duty == Duty::Enforcement {
            one.enforcement_x10 += entry.line.hours_x10;
            if let Some(why) = misfit(input, entry) {
                let days = BTreeSet::new();
                let known = out.misfits.entry(entry.officer);
                known.or_insert(Misfit { why, days }).days.insert(entry.day);
            }
        }
    }
}

fn misfit(input: &Input<'_>, entry: &Entry) -> Option<Why> {
    let Some(officer) = input.officers.get(&entry.officer) else {
        return Some(Why::Certificate);
    };
    let employment = input.staff.get(&officer.id).map(|staff| staff.employment);
    match employment {
        _ if officer.auxiliary => Some(Why::Auxiliary),
        Some(Employment::Worker | Employment::Contract) => Some(Why::Employment),
        _ if officer.certificate_on(entry.day).is_none() => Some(Why::Certificate),
        _ => None,
    }
}

/// Hours on site. Two records of the same hour are one hour.
fn on_site(input: &Input<'_>, out: &mut Figures) {
    let mut spans: BTreeMap<OfficerId, Vec<(Instant, Instant)>> = BTreeMap::new();
    for visit in input.visits {
        match visit.end {
            Some(end) => spans
                .entry(visit.officer)
                .or_default()
                .push((visit.start, end)),
            None => out.not_over += 1,
        }
    }
    for (officer, mut spans) in spans {
        spans.sort_unstable();
        let (mut millis, mut until) = (0, None);
        for (start, end) in spans {
            let from = until.map_or(start, |until: Instant| until.max(start));
            millis += end.millis_since(from).max(0);
            until = Some(until.map_or(end, |until| until.max(end)));
        }
        let one = out.people.entry(officer).or_default();
        one.on_site_x10 = (millis + TENTH_MS / 2) / TENTH_MS;
    }
}

fn idle(input: &Input<'_>, out: &mut Figures) {
    let Ok(since) = input.on.checked_sub(IDLE_YEARS.years()) else {
        return;
    };
    if input.first_act.is_none_or(|at| at.date() > since) {
        return;
    }
    let mut count = 0;
    for (id, one) in &mut out.people {
        let held = input.officers.get(id).into_iter();
        let held = held.flat_map(|officer| &officer.certificates);
        let long = held.map(|held| held.valid_from).min() <= Some(since);
        let acted = input.last_acts.get(id).is_some_and(|at| at.date() >= since);
        one.idle = one.certified && long && !acted;
        count += usize::from(one.idle);
    }
    out.idle = Some(count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rosters::Line;
    use jiff::civil::date;
    use shared::domain::reference::Certificate;

    const UNIT: UnitId = UnitId::from_bytes([1; 16]);

    fn id(n: u8) -> OfficerId {
        OfficerId::from_bytes([n; 16])
    }

    /// A person with a certificate from one day to another.
    fn person(n: u8, held: Option<(Date, Date)>) -> Officer {
        let certificate = |(valid_from, valid_to)| Certificate {
            number: format!("示例{n}"),
            valid_from,
            valid_to,
        };
        Officer {
            id: id(n),
            name: format!("示例{n}"),
            unit: UNIT,
            auxiliary: false,
            certificates: held.map(certificate).into_iter().collect(),
            pin: None,
        }
    }

    fn entry(n: u8, day: Date, duty: Duty, hours_x10: i64, to: &str) -> Entry {
        let seconded_to = to.to_owned();
        Entry {
            officer: id(n),
            day,
            line: Line {
                duty,
                seconded_to,
                hours_x10,
            },
        }
    }

    fn at(day: Date, hour: i8, minute: i8) -> Instant {
        Instant::from_civil(day.at(hour, minute, 0, 0))
    }

    /// Five people of an office in November 2026:
    /// 1 certified since 2020, 2 whose certificate ended on 10 November, 3 auxiliary, 4 contract worker with a certificate,
    /// 5 certified since March 2026 but on no post.
    fn officers() -> BTreeMap<OfficerId, Officer> {
        let long = (date(2020, 1, 1), date(2029, 12, 31));
        let ended = (date(2021, 11, 11), date(2026, 11, 10));
        let young = (date(2026, 3, 1), date(2031, 2, 28));
        let auxiliary = Officer {
            auxiliary: true,
            ..person(3, None)
        };
        let all = [
            person(1, Some(long)),
            person(2, Some(ended)),
            auxiliary,
            person(4, Some(long)),
            person(5, Some(young)),
        ];
        all.into_iter().map(|one| (one.id, one)).collect()
    }

    fn day(n: i8) -> Date {
        date(2026, 11, n)
    }

    fn roster() -> [Entry; 13] {
        use Duty::{Enforcement, Leave, Other, Training};
        [
            // October is in the quarter and not in the month: it counts for the loan only.
            entry(1, date(2026, 10, 8), Other, 80, "示例县应急局"),
            entry(1, day(2), Enforcement, 60, ""),
            entry(1, day(2), Training, 20, ""),
            entry(1, day(3), Enforcement, 75, ""),
            // Two duties of one day on loan are one day.
            entry(1, day(4), Other, 40, "示例县应急局"),
            entry(1, day(4), Training, 40, "示例县应急局"),
            entry(2, day(10), Enforcement, 80, ""),
            entry(2, day(11), Enforcement, 80, ""),
            entry(2, day(12), Enforcement, 80, ""),
            entry(3, day(5), Enforcement, 40, ""),
            entry(3, day(5), Other, 40, ""),
            entry(4, day(6), Enforcement, 80, ""),
            entry(5, day(7), Leave, 80, ""),
        ]
    }

    fn visits() -> [OnSite; 5] {
        let visit = |n, start, end| OnSite {
            officer: id(n),
            start,
            end,
        };
        [
            visit(1, at(day(2), 9, 0), Some(at(day(2), 10, 30))),
            // Half an hour of it is in the visit before.
            visit(1, at(day(2), 10, 0), Some(at(day(2), 11, 0))),
            visit(1, at(day(3), 14, 0), Some(at(day(3), 14, 20))),
            visit(2, at(day(10), 9, 0), Some(at(day(10), 10, 0))),
            visit(2, at(day(12), 9, 0), None),
        ]
    }

    #[test]
    fn every_figure_of_an_example_is_as_worked_out_by_hand() {
        let officers = officers();
        let said = |employment, on_post| Staff {
            employment,
            on_post,
        };
        let staff = BTreeMap::from([
            (id(1), said(Employment::Established, true)),
            (id(4), said(Employment::Contract, true)),
            (id(5), said(Employment::Established, false)),
        ]);
        let last_acts = BTreeMap::from([(id(1), at(date(2024, 11, 29), 9, 0))]);
        let figures = figures(&Input {
            unit: UNIT,
            period: Period::parse("2026-11").unwrap(),
            on: day(30),
            officers: &officers,
            staff: &staff,
            posts: Some(4),
            roster: &roster(),
            visits: &visits(),
            first_act: Some(at(date(2024, 6, 1), 9, 0)),
            last_acts: &last_acts,
        });
        // Posts: 1 and 4 by the administrator, 2 because they held a certificate. 3 is auxiliary, 5 was taken off.
        assert_eq!((figures.posts, figures.filled), (Some(4), 3));
        // On 30 November: 1 and 4.
        assert_eq!(figures.certified, 2);
        // 6 + 7.5 + 3 × 8 + 4 + 8 = 49.5 of 49.5 + 2 + 4 + 4 + 4 = 63.5 hours. Leave is no duty.
        assert_eq!((figures.enforcement_x10, figures.duty_x10), (495, 635));
        // 9:00–11:00, twenty minutes (0.3) and an hour.
        assert_eq!(figures.on_site_x10, 23 + 10);
        assert_eq!(figures.not_over, 1);
        // 8 October and 4 November.
        assert_eq!(figures.loan_days, 2);
        // 1 was last on site on 29 November 2024, a day before the two years; 4 never.
        assert_eq!(figures.idle, Some(2));
        let misfit = |n| figures.misfits.get(&id(n)).map(|m| (m.why, m.days.clone()));
        let days = |all: &[i8]| all.iter().map(|n| day(*n)).collect::<BTreeSet<_>>();
        assert_eq!(misfit(1), None);
        // The certificate's last day still counts.
        assert_eq!(misfit(2), Some((Why::Certificate, days(&[11, 12]))));
        assert_eq!(misfit(3), Some((Why::Auxiliary, days(&[5]))));
        assert_eq!(misfit(4), Some((Why::Employment, days(&[6]))));
        assert_eq!(figures.misfits.len(), 3);
        let one = PersonFigures {
            on_post: true,
            certified: true,
            enforcement_x10: 135,
            duty_x10: 235,
            on_site_x10: 23,
            loan_days: 2,
            idle: true,
        };
        assert_eq!(figures.people[&id(1)], one);
        assert_eq!(figures.people[&id(5)], PersonFigures::default());
    }

    #[test]
    fn two_years_without_an_act_are_said_only_of_records_that_reach_back() {
        let officers = officers();
        let staff = BTreeMap::new();
        let on = date(2026, 11, 30);
        let idle = |first: Option<Date>, last: Option<Date>| {
            let last = last.map(|day| (id(1), at(day, 9, 0)));
            let figures = figures(&Input {
                unit: UNIT,
                period: Period::parse("2026-11").unwrap(),
                on,
                officers: &officers,
                staff: &staff,
                posts: None,
                roster: &[],
                visits: &[],
                first_act: first.map(|day| at(day, 9, 0)),
                last_acts: &last.into_iter().collect(),
            });
            figures.idle.map(|_| figures.people[&id(1)].idle)
        };
        assert_eq!(idle(None, None), None);
        assert_eq!(idle(Some(date(2024, 12, 1)), None), None);
        assert_eq!(idle(Some(date(2024, 11, 30)), None), Some(true));
        let long = Some(date(2020, 1, 1));
        assert_eq!(idle(long, Some(date(2024, 11, 29))), Some(true));
        assert_eq!(idle(long, Some(date(2024, 11, 30))), Some(false));
    }

    #[test]
    fn periods_are_months_and_quarters() {
        for (code, first, last) in [
            ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
            ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
            ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ] {
            let period = Period::parse(code).unwrap();
            assert_eq!((period.first, period.last), (first, last), "{code}");
            assert_eq!(period.code(), code);
        }
        assert_eq!(Period::quarter(date(2026, 9, 30)), Period::parse("2026-Q3"));
        for code in ["", "2026", "2026-13", "2026-Q5", "2026-Q0", "x-Q1"] {
            assert_eq!(Period::parse(code), None, "{code}");
        }
    }
}
