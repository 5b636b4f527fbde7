//! The roster of the demo year, month by month as a file: most are on enforcement duty, a few are on loan, and an auxiliary was
//! rostered for enforcement once.

use super::Year;
use anyhow::Result;
use jiff::civil::Date;
use std::fmt::Write as _;

/// Hours of enforcement on a working day, of a pair by its place among the pairs; the rest of eight hours is other work.
const HOURS: [usize; 5] = [6, 5, 7, 4, 8];
/// Who is on loan and where to: the last pair of the second township, in every third month.
const LENT: (usize, usize, i8) = (1, 6, 3);
const LENT_TO: &str = "示例县应急管理局（示例）";
const COLUMNS: &str = "姓名,单位,证件号,日期,工作类别,小时数,借调抽调去向\n";

impl Year<'_> {
    /// The working days since the last roster, before this day.
    pub(super) async fn roster(&mut self, before: Date) -> Result<()> {
        let since = self.rostered;
        let new = |day: &&Date| since.is_none_or(|since| **day >= since) && **day < before;
        let days: Vec<Date> = self.days.work.iter().filter(new).copied().collect();
        self.rostered = Some(before);
        if days.is_empty() {
            return Ok(());
        }
        let mut csv = COLUMNS.to_owned();
        for day in days {
            self.roster_of(day, &mut csv);
        }
        self.desks.import("roster", &csv).await
    }

    fn roster_of(&self, day: Date, csv: &mut String) {
        let study = self.days.study.contains(&day);
        let mut line = |name: &str, unit: &str, duty: &str, hours: usize, to: &str| {
            // Writing into a text cannot fail.
            let _ = writeln!(csv, "{name},{unit},,{day},{duty},{hours},{to}");
        };
        for (at, town) in self.county.towns.iter().enumerate() {
            for (nth, pair) in town.pairs.iter().enumerate() {
                let hours = HOURS.get(nth % HOURS.len()).copied().unwrap_or(6);
                for name in pair {
                    if study {
                        line(name, town.unit, "培训", 6, "");
                    } else if (at, nth, day.month() % 3) == (LENT.0, LENT.1, LENT.2 % 3)
                        && *name == pair[1]
                    {
                        line(name, town.unit, "其他工作", 8, LENT_TO);
                    } else {
                        line(name, town.unit, "执法", hours, "");
                        if hours < 8 {
                            line(name, town.unit, "其他工作", 8 - hours, "");
                        }
                    }
                }
            }
        }
        for person in self.county.people.iter().filter(|person| person.auxiliary) {
            // Once a year somebody puts an auxiliary on the wrong duty.
            let wrong = person.unit == super::people::THIRD && (day.month(), day.day()) == (11, 10);
            let duty = if wrong { "执法" } else { "其他工作" };
            line(&person.name, person.unit, duty, 8, "");
        }
    }
}
