//! The demo's roster (示例): three weeks in which one colleague is on loan and an auxiliary was rostered for enforcement once.

use super::{officer, shifted, unit};
use crate::store::rosters::{self, Duty, Line, PersonDay};
use crate::store::{self, WriteTx, staff};
use jiff::civil::Date;

/// Days back from the day the demo is made.
const DAYS: i64 = 21;
/// The colleague on loan is so in the last of them.
const LENT_DAYS: i64 = 7;
const LENT_TO: &str = "示例县应急管理局（示例）";

/// People, their office, and hours of enforcement and of other work on a working day.
const PEOPLE: [(u8, u8, i64, i64); 8] = [
    (1, 1, 4, 4),
    (2, 1, 6, 2),
    (3, 1, 8, 0),
    (4, 1, 5, 3),
    (5, 1, 0, 8),
    (6, 1, 0, 8),
    (13, 3, 5, 3),
    (14, 3, 4, 4),
];
/// Who is on loan.
const LENT: u8 = 3;
/// The auxiliary, and the first working day of the demo on which they are on the wrong duty.
const AUXILIARY: u8 = 6;
/// Enforcement posts of an office.
const POSTS: [(u8, u32); 2] = [(1, 8), (3, 3)];

/// Puts the offices' posts.
pub(super) fn posts(tx: &WriteTx<'_>) -> Result<(), store::Error> {
    for (number, count) in POSTS {
        staff::put_posts(tx, unit(number), Some(count))?;
    }
    Ok(())
}

/// Puts the roster.
pub(super) fn fill(tx: &WriteTx<'_>, today: Date) -> Result<(), store::Error> {
    let mut wrong = Some(AUXILIARY);
    for back in (1..=DAYS).rev() {
        let day = shifted(today, -back);
        if day.weekday().to_monday_zero_offset() > 4 {
            continue;
        }
        for (number, office, enforcement, other) in PEOPLE {
            let lines = if number == LENT && back <= LENT_DAYS {
                vec![line(Duty::Other, 8, LENT_TO)]
            } else if wrong == Some(number) {
                wrong = None;
                vec![line(Duty::Enforcement, 4, ""), line(Duty::Other, 4, "")]
            } else {
                let both = [(Duty::Enforcement, enforcement), (Duty::Other, other)];
                let some = both.into_iter().filter(|(_, hours)| *hours > 0);
                some.map(|(duty, hours)| line(duty, hours, "")).collect()
            };
            let (officer, unit) = (officer(number), unit(office));
            rosters::replace(
                tx,
                &PersonDay {
                    officer,
                    unit,
                    day,
                    lines,
                },
            )?;
        }
    }
    Ok(())
}

fn line(duty: Duty, hours: i64, to: &str) -> Line {
    Line {
        duty,
        seconded_to: to.to_owned(),
        hours_x10: hours * 10,
    }
}
