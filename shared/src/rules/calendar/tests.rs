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
