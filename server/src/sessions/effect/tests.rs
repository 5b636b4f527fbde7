//! Hand-worked: the score limits were found by bisection, apart from the program's formula.

use super::*;
use shared::instant::MINUTE_MS;

fn at(minutes: i64) -> Instant {
    Instant::from_millis(minutes * MINUTE_MS)
}

/// Records of which so many have a gap, before and after.
fn records(who: Who, before: (u8, u8), after: (u8, u8)) -> Records {
    let mut out = Records::new();
    for (side, (with, all)) in [(Side::Before, before), (Side::After, after)] {
        for n in 0..all {
            let seen = Seen {
                who,
                side,
                start: at(0),
                lacks: n < with,
            };
            let mut id = [n; 16];
            id[0] = u8::from(side == Side::After);
            out.insert(RecordId::from_bytes(id), seen);
        }
    }
    out
}

fn changed(before: (u8, u8), after: (u8, u8)) -> Change {
    let records = records(Who::Present, before, after);
    assert_eq!(
        count(&records, Who::Other, Side::Before).unwrap().records(),
        0
    );
    change(&records, Who::Present).unwrap()
}

#[test]
fn twelve_of_forty_and_four_of_thirty_eight() {
    let trained = changed((12, 40), (4, 38));
    let others = changed((9, 30), (8, 25));
    let row = group_row(Lang::Zh, String::new(), trained);
    assert_eq!(row.before, "12/40（30.0%，区间18.1%至45.4%）");
    assert_eq!(row.after, "4/38（10.5%，区间4.2%至24.1%）");
    assert_eq!(row.change, "−19.5个百分点（区间−36.2至−1.4）");
    let said = shared::training::effect::verdict(trained.before, trained.after);
    assert_eq!(said, Verdict::Improved);
    // The others went from 30.0 % to 32.0 %; beyond them it is −21.5 (−50.5 to 7.9 or 8.0): that may be chance.
    assert_eq!(trained.verdict_beyond(others), Verdict::NoClearChange);
    let beyond = change_words(Lang::Zh, trained.beyond(others));
    assert!(
        beyond.starts_with("−21.5个百分点（区间−50.5至+"),
        "{beyond}"
    );
}

#[test]
fn few_records_are_counts_without_a_share() {
    let trained = changed((3, 9), (1, 40));
    let row = group_row(Lang::Zh, String::new(), trained);
    assert_eq!((&*row.before, &*row.after), ("3/9", "1/40"));
    assert_eq!(row.change, "样本太少");
    let others = changed((0, 0), (0, 0));
    assert_eq!(group_row(Lang::En, String::new(), others).before, "0/0");
    assert_eq!(trained.verdict_beyond(others), Verdict::TooFew);
}

#[test]
fn what_begins_while_the_session_lasts_is_in_neither_window() {
    let session = Session {
        id: shared::id::SessionId::from_bytes([1; 16]),
        kind: sessions::Kind::Course,
        title: String::new(),
        starts_at: at(0),
        ends_at: at(120),
        place: String::new(),
        hours_x10: 20,
        unit: None,
        competencies: Vec::new(),
        scenario: None,
        note: String::new(),
        state: Stage::Held,
        why: String::new(),
        created_by: OfficerId::from_bytes([9; 16]),
        created_at: at(0),
    };
    let day = 24 * 60;
    assert_eq!(
        windows(&session, 30),
        [(at(-30 * day), at(0)), (at(120), at(120 + 30 * day))]
    );
}

#[test]
fn the_comparison_is_with_the_same_offices_and_without_anybody_invited() {
    let officer = |n: u8, unit: u8| Officer {
        id: OfficerId::from_bytes([n; 16]),
        name: String::new(),
        unit: UnitId::from_bytes([unit; 16]),
        auxiliary: n == 3,
        certificates: Vec::new(),
        pin: None,
    };
    let officers = [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)].map(|(n, unit)| officer(n, unit));
    let officers = officers.map(|officer| (officer.id, officer)).into();
    let invite = |n: u8, attendance| sessions::Invite {
        officer: OfficerId::from_bytes([n; 16]),
        why: None,
        mark: sessions::Mark {
            attendance: Some(attendance),
            ..sessions::Mark::default()
        },
        marked: None,
    };
    // 1 came, 2 of the same office and 4 of another did not.
    let invites = [
        invite(1, Attendance::Present),
        invite(2, Attendance::Absent),
        invite(4, Attendance::Excused),
    ];
    let stands = [
        (1, Who::Present),
        (2, Who::Absent),
        (3, Who::Other),
        (4, Who::Absent),
    ];
    let stands = stands.map(|(n, who)| (OfficerId::from_bytes([n; 16]), who));
    assert_eq!(groups(&invites, &officers), BTreeMap::from(stands));
}

#[test]
fn what_the_office_misses_is_charged_to_no_officer() {
    let procedures = BTreeSet::from(["XZJC".to_owned()]);
    let rules = BTreeSet::from(["R09".to_owned(), "R02".to_owned()]);
    let counts = Counts {
        procedures: &procedures,
        rules: &rules,
    };
    let keys = [
        ("R09", "JC-10"),
        // A step of the office, and another competency.
        ("R09", "JC-07"),
        ("R14", "JC-16"),
    ];
    let mut shown = records::Shown {
        unit: UnitId::from_bytes([1; 16]),
        procedure: "XZJC".to_owned(),
        subject_name: String::new(),
        gaps: keys
            .map(|(rule, step)| (rule.to_owned(), step.to_owned()))
            .into(),
    };
    counts.keep(&mut shown);
    let kept: Vec<_> = shown.gaps.into_iter().collect();
    assert_eq!(kept, [("R09".to_owned(), "JC-10".to_owned())]);
}
