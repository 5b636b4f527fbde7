//! The shipped calendar against another source, and day counting against a slow reference.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeSet;

const OTHER_SOURCE: &str = include_str!("../../../calendar/chinesecalendar-1.11.0.txt");

/// Every worked day of 2024 to 2026 as chinesecalendar has it.
fn worked() -> BTreeSet<Date> {
    OTHER_SOURCE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .filter_map(|(month, days)| Some((month.split_once('-')?, days)))
        .flat_map(|((year, month), days)| {
            days.split(' ').map(move |d| {
                date(
                    year.parse().unwrap(),
                    month.parse().unwrap(),
                    d.parse().unwrap(),
                )
            })
        })
        .collect()
}

fn all_days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.series(jiff::Span::new().days(1))
        .take_while(move |d| *d <= to)
}

#[test]
fn shipped_days_are_those_of_another_source() {
    let calendar = Calendar::shipped();
    let worked = worked();
    assert_eq!(worked.len(), 251 + 248 + 248);
    for day in all_days(date(2024, 1, 1), date(2026, 12, 27)) {
        assert_eq!(
            calendar.is_working(day),
            Some(worked.contains(&day)),
            "{day}"
        );
    }
}

#[test]
fn last_days_of_december_wait_for_the_next_notice() {
    let calendar = Calendar::shipped();
    assert_eq!(calendar.is_working(date(2025, 12, 31)), Some(true));
    assert_eq!(calendar.is_working(date(2026, 12, 31)), None);
    assert_eq!(calendar.is_working(date(2027, 3, 1)), None);
}

#[track_caller]
fn check_working(from: Date, n: u16, earliest: Date, latest: Date) {
    assert_eq!(
        Calendar::shipped().working_days_after(from, n),
        DayRange { earliest, latest }
    );
}

#[test]
fn working_days_skip_holidays_and_count_make_up_days() {
    let sure = |from, n, end| check_working(from, n, end, end);
    sure(date(2026, 11, 23), 5, date(2026, 11, 30));
    // Spring Festival 2026: Saturday 14 February is worked, then nine days off.
    sure(date(2026, 2, 13), 2, date(2026, 2, 24));
    sure(date(2026, 9, 30), 5, date(2026, 10, 13));
    sure(date(2026, 10, 1), 1, date(2026, 10, 8));
    sure(date(2026, 5, 8), 1, date(2026, 5, 9));
    sure(date(2026, 5, 8), 0, date(2026, 5, 8));
    sure(date(2025, 12, 31), 2, date(2026, 1, 5));
}

#[test]
fn an_unknown_year_gives_a_range() {
    check_working(date(2026, 12, 25), 5, date(2027, 1, 2), date(2027, 1, 13));
    check_working(date(2027, 1, 1), 1, date(2027, 1, 2), date(2027, 1, 14));
}

#[test]
fn a_calendar_period_ending_on_a_day_off_ends_on_the_next_working_day() {
    let calendar = Calendar::shipped();
    let check = |from, n, end| {
        let range = calendar.calendar_days_after(from, n);
        assert_eq!((range.earliest, range.latest), (end, end), "{from} + {n}");
    };
    check(date(2026, 11, 6), 15, date(2026, 11, 23));
    check(date(2026, 9, 16), 15, date(2026, 10, 8));
    check(date(2026, 9, 5), 15, date(2026, 9, 20));
    check(date(2026, 11, 9), 15, date(2026, 11, 24));
}

#[test]
fn a_deadline_is_midnight_or_to_the_millisecond() {
    let calendar = Calendar::shipped();
    let from = Instant::from_civil(date(2026, 11, 23).at(9, 30, 0, 0));
    let hours = Limit {
        n: 24,
        unit: Unit::Hour,
    };
    assert_eq!(
        calendar.deadline(hours, from).latest,
        Instant::from_civil(date(2026, 11, 24).at(9, 30, 0, 0))
    );
    let days = Limit {
        n: 5,
        unit: Unit::WorkingDay,
    };
    assert_eq!(
        calendar.deadline(days, from).earliest,
        Instant::from_civil(date(2026, 12, 1).at(0, 0, 0, 0))
    );
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    let calendar = Calendar::default();
    assert_eq!(calendar.working_days_after(Date::MAX, 9).latest, Date::MAX);
    let _ = calendar.calendar_days_after(Date::MIN, u16::MAX);
    let _ = calendar.calendar_days_after(Date::MAX, 0);
}

proptest! {
    #[test]
    fn counting_agrees_with_a_list_of_worked_days(offset in 0i32..1_060, n in 1u16..20) {
        let worked = worked();
        let from = date(2024, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let slow = *worked.range(from.tomorrow().unwrap()..).nth(usize::from(n) - 1).unwrap();
        prop_assume!(slow < date(2026, 12, 28));
        let range = Calendar::shipped().working_days_after(from, n);
        prop_assert_eq!(range, DayRange { earliest: slow, latest: slow });
    }

    #[test]
    fn an_unknown_year_never_excludes_the_truth(offset in 0i32..1_000, n in 1u16..20, gone in 2024i16..2027) {
        let worked = worked();
        let from = date(2024, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let truth = *worked.range(from.tomorrow().unwrap()..).nth(usize::from(n) - 1).unwrap();
        let known = shipped_years().into_iter().filter(|y| y.year != gone);
        let range = Calendar::new(known).working_days_after(from, n);
        prop_assert!(range.earliest <= truth && truth <= range.latest, "{range:?} {truth}");
    }

    #[test]
    fn a_rolled_end_is_worked_and_not_before_its_day(offset in 0i32..1_000, n in 0u16..40) {
        let worked = worked();
        let from = date(2024, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let plain = from.saturating_add(jiff::Span::new().days(i32::from(n)));
        let slow = *worked.range(plain..).next().unwrap();
        prop_assume!(slow < date(2026, 12, 28));
        prop_assert_eq!(Calendar::shipped().calendar_days_after(from, n).latest, slow);
    }
}

/// What the law means by it, day by day: whether notice on this day leaves so many worked days up to and with the other.
fn leaves(worked: &BTreeSet<Date>, notice: Date, n: u16, day: Date) -> bool {
    if notice > day {
        return false;
    }
    let between = all_days(notice, day).skip(1).filter(|d| worked.contains(d));
    between.count() >= usize::from(n)
}

#[test]
fn at_least_so_long_before_counts_back_from_the_day_itself() {
    let calendar = Calendar::shipped();
    let limit = |n, unit| Limit { n, unit };
    let last = |day, n, unit, end| {
        let found = calendar.last_day_before(day, limit(n, unit));
        assert_eq!((found.earliest, found.latest), (end, end), "{day} {n}");
    };
    // Notice on Thursday the 12th and seven working days end on Monday the 23rd.
    last(date(2026, 11, 23), 7, Unit::WorkingDay, date(2026, 11, 12));
    last(date(2026, 11, 23), 0, Unit::WorkingDay, date(2026, 11, 23));
    last(date(2026, 10, 8), 1, Unit::WorkingDay, date(2026, 10, 7));
    last(
        date(2026, 11, 23),
        30,
        Unit::CalendarDay,
        date(2026, 10, 24),
    );
    last(date(2026, 11, 23), 24, Unit::Hour, date(2026, 11, 22));
    let seven = limit(7, Unit::WorkingDay);
    let is = |notice| calendar.is_long_before(notice, seven, date(2026, 11, 23));
    assert_eq!(is(date(2026, 11, 12)), Some(true));
    assert_eq!(is(date(2026, 11, 13)), Some(false));
    let unknown = calendar.is_long_before(date(2026, 12, 25), seven, date(2027, 1, 8));
    assert_eq!(unknown, None);
}

fn suspended(from: Date, to: Option<Date>) -> [Suspension; 1] {
    [Suspension { from, to }]
}

#[test]
fn a_suspended_limit_runs_on_where_it_stood() {
    let calendar = Calendar::shipped();
    let from = Instant::from_civil(date(2026, 11, 2).at(9, 0, 0, 0));
    let end = |n, unit, suspended: &[Suspension]| {
        let found = calendar.deadline_with(Limit { n, unit }, from, suspended)?;
        assert_eq!(found.earliest, found.latest);
        Some(found.latest)
    };
    let midnight = |day| Some(Instant::end_of(day));
    let tested = suspended(date(2026, 11, 4), Some(date(2026, 11, 10)));
    let days = Unit::CalendarDay;
    assert_eq!(end(7, days, &[]), midnight(date(2026, 11, 9)));
    assert_eq!(end(7, days, &tested), midnight(date(2026, 11, 16)));
    let working = Unit::WorkingDay;
    assert_eq!(end(5, working, &tested), midnight(date(2026, 11, 16)));
    let lasting = suspended(date(2026, 11, 4), None);
    assert_eq!(end(7, days, &lasting), None);
    assert_eq!(end(1, working, &lasting), midnight(date(2026, 11, 3)));
    let clock = end(48, Unit::Hour, &tested).unwrap();
    assert_eq!(clock.civil(), date(2026, 11, 11).at(9, 0, 0, 0));
    assert_eq!(end(48, Unit::Hour, &lasting), None);
    assert_eq!(
        end(24, Unit::Hour, &lasting).unwrap().civil(),
        date(2026, 11, 3).at(9, 0, 0, 0)
    );
}

#[test]
fn counting_back_does_not_overflow() {
    let calendar = Calendar::default();
    let limit = |unit| Limit { n: u16::MAX, unit };
    for unit in [Unit::Hour, Unit::WorkingDay, Unit::CalendarDay] {
        assert_eq!(
            calendar.last_day_before(Date::MIN, limit(unit)).earliest,
            Date::MIN
        );
        let from = Instant::from_millis(i64::MAX);
        let _ = calendar.deadline_with(limit(unit), from, &suspended(Date::MAX, Some(Date::MAX)));
    }
}

prop_compose! {
    /// Up to three stretches of up to twelve days, in 2025.
    fn stretches()(rows in prop::collection::vec((0i32..365, 0i32..12), 0..4)) -> Vec<Suspension> {
        rows.into_iter().map(|(start, length)| {
            let from = date(2025, 1, 1).saturating_add(jiff::Span::new().days(start));
            Suspension { from, to: Some(from.saturating_add(jiff::Span::new().days(length))) }
        }).collect()
    }
}

proptest! {
    #[test]
    fn counting_back_agrees_with_the_law_day_by_day(offset in 60i32..1_060, n in 0u16..20) {
        let worked = worked();
        let day = date(2024, 1, 1).saturating_add(jiff::Span::new().days(offset));
        prop_assume!(day < date(2026, 12, 28));
        let limit = Limit { n, unit: Unit::WorkingDay };
        let found = Calendar::shipped().last_day_before(day, limit);
        prop_assert_eq!(found.earliest, found.latest);
        prop_assert!(leaves(&worked, found.latest, n, day));
        prop_assert!(!leaves(&worked, found.latest.tomorrow().unwrap(), n, day));
        // The same question from the other side.
        let forward = |notice| Calendar::shipped().working_days_after(notice, n).latest <= day;
        prop_assert!(forward(found.latest) && !forward(found.latest.tomorrow().unwrap()));
    }

    #[test]
    fn counting_back_through_an_unknown_year_never_excludes_the_truth(offset in 60i32..1_060, n in 1u16..20, gone in 2024i16..2027) {
        let day = date(2024, 1, 1).saturating_add(jiff::Span::new().days(offset));
        prop_assume!(day < date(2026, 12, 28));
        let limit = Limit { n, unit: Unit::WorkingDay };
        let truth = Calendar::shipped().last_day_before(day, limit).latest;
        prop_assume!(truth >= date(2024, 1, 1));
        let known = shipped_years().into_iter().filter(|y| y.year != gone);
        let found = Calendar::new(known).last_day_before(day, limit);
        prop_assert!(found.earliest <= truth && truth <= found.latest, "{found:?} {truth}");
    }

    #[test]
    fn suspended_counting_agrees_with_a_list_of_the_days_that_count(offset in 0i32..330, n in 1u16..30, off in stretches()) {
        let worked = worked();
        let from = date(2025, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let runs = |day: &Date| !off.iter().any(|s| s.has(*day));
        let start = Instant::from_civil(from.at(12, 0, 0, 0));
        let end = |unit| Calendar::shipped().deadline_with(Limit { n, unit }, start, &off).unwrap().latest;
        let after = || all_days(from, date(2026, 12, 27)).skip(1).filter(runs);
        let slow = after().filter(|d| worked.contains(d)).nth(usize::from(n) - 1).unwrap();
        prop_assert_eq!(end(Unit::WorkingDay), Instant::end_of(slow));
        let plain = after().nth(usize::from(n) - 1).unwrap();
        let rolled = all_days(plain, date(2026, 12, 27)).filter(runs).find(|d| worked.contains(d)).unwrap();
        prop_assert_eq!(end(Unit::CalendarDay), Instant::end_of(rolled));
        // Hour by hour.
        let mut clock = start;
        let mut left = n;
        while left > 0 {
            left -= u16::from(runs(&clock.date()));
            clock = clock.plus_millis(crate::instant::HOUR_MS);
        }
        prop_assert_eq!(end(Unit::Hour), clock);
    }

    #[test]
    fn without_suspensions_it_is_the_plain_limit(offset in 0i32..1_400, n in 0u16..60, gone in 2024i16..2028) {
        let from = date(2024, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let start = Instant::from_civil(from.at(9, 30, 0, 0));
        let calendar = Calendar::new(shipped_years().into_iter().filter(|y| y.year != gone));
        for unit in [Unit::Hour, Unit::WorkingDay, Unit::CalendarDay] {
            let limit = Limit { n, unit };
            prop_assert_eq!(calendar.deadline_with(limit, start, &[]), Some(calendar.deadline(limit, start)));
        }
    }
}

#[test]
fn months_end_on_the_same_day_or_the_last() {
    let calendar = Calendar::shipped();
    let limit = Limit {
        n: 3,
        unit: Unit::Month,
    };
    let end = |from: Date| {
        let start = Instant::from_civil(from.at(9, 0, 0, 0));
        let end = calendar.deadline(limit, start);
        assert_eq!(Some(end), calendar.deadline_with(limit, start, &[]));
        (end.earliest, end.latest)
    };
    let at = |day: Date| (Instant::end_of(day), Instant::end_of(day));
    // A Wednesday; the last day of a shorter month; a Sunday, which moves on.
    assert_eq!(end(date(2026, 4, 8)), at(date(2026, 7, 8)));
    assert_eq!(end(date(2025, 11, 30)), at(date(2026, 2, 28)));
    assert_eq!(end(date(2026, 5, 16)), at(date(2026, 8, 17)));
    assert_eq!(
        calendar.is_long_before(date(2026, 4, 8), limit, date(2026, 7, 8)),
        Some(true)
    );
    assert_eq!(
        calendar.is_long_before(date(2026, 4, 9), limit, date(2026, 7, 8)),
        Some(false)
    );
}
