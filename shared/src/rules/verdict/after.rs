//! What follows the visit: R15, R16 and publication.
//! Apart because these are done in the office, when nobody can go back to the site.

use super::{Finding, Scene, Verdict, because};
use crate::domain::event::{EventRef, Value};
use crate::id::FieldId;
use crate::instant::Instant;
use crate::rules::gap::{Because, Filler, GapState};
use crate::rules::rule::{Check, Rule, When};
use crate::rules::visit::Seen;
use jiff::civil::Date;

impl Scene<'_> {
    /// R15. A finding that is closed as if nothing was found has no exit (行政处罚法 76(2), 83).
    pub(super) fn disposed(
        &self,
        rule: &Rule,
        finding: &When,
        exit: &FieldId,
        not: &[String],
    ) -> Verdict {
        if !self.holds(finding) {
            return Verdict::Fine;
        }
        let counts = |value: &Value| match value {
            Value::Choice(code) => !not.contains(code),
            _ => false,
        };
        let noted = self.noted(&rule.step, exit.as_str());
        let found = because("finding", None);
        if !noted.is_some_and(|noted| counts(&noted.value)) {
            let code = if noted.is_some() {
                "closed_with_finding"
            } else {
                "no_exit"
            };
            let lack = because(code, noted.map(|n| n.place));
            return self.owed(rule, GapState::Missing, "exit", vec![found, lack]);
        }
        let given: Option<(Instant, EventRef)> = self
            .answers(&rule.step)
            .filter(|(field, value, _)| *field == exit && counts(value))
            .map(|(_, _, entry)| (entry.event.at(), entry.place))
            .min();
        let due = self.due(rule);
        match (given, due.deadline) {
            (Some((at, event)), Some(limit)) if at > limit.latest => {
                let late = super::at("exit_at", Seen { at, event });
                let because = [found, late].into_iter().chain(due.because).collect();
                Verdict::Gap(Finding {
                    deadline: due.deadline,
                    ..Finding::new(GapState::Late, "exit", because)
                })
            }
            _ => Verdict::Fine,
        }
    }

    /// R16. The anniversary itself is still in time; conduct that goes on has no day yet.
    pub(super) fn within_limitation(&self, rule: &Rule) -> Verdict {
        let Check::WithinLimitation {
            conduct,
            found,
            harm,
            years,
            harm_years,
        } = &rule.check
        else {
            return Verdict::Fine;
        };
        let visited = self
            .visit
            .start
            .or(self.visit.submitted)
            .map(|seen| seen.at);
        let found_at = self.moment(&rule.step, found.as_str()).or(visited);
        let noted = self.noted(&rule.step, conduct.as_str());
        let (Some(found_at), Some(noted)) = (found_at, noted) else {
            return Verdict::Fine;
        };
        let Value::At(conduct_at) = noted.value else {
            return Verdict::Fine;
        };
        let harmed = self.yes_or_no(&rule.step, harm.as_str()) == Some(true);
        let years = if harmed { *harm_years } else { *years };
        let last = years_after(conduct_at.date(), years);
        if found_at.date() <= last {
            return Verdict::Fine;
        }
        let barred = Because {
            code: "time_barred",
            with: vec![
                ("conduct", Filler::Day(conduct_at.date())),
                ("found", Filler::Day(found_at.date())),
                ("years", Filler::Number(i64::from(years))),
            ],
            event: Some(noted.place),
        };
        Verdict::Gap(Finding::new(GapState::Invalid, "limitation", vec![barred]))
    }

    /// `JC-18.late`.
    pub(super) fn by_day(&self, rule: &Rule, field: &FieldId) -> Verdict {
        let due = self.due(rule);
        let Some(noted) = self.noted(&rule.step, field.as_str()) else {
            let lack = because("no_day", None);
            return self.owed(rule, GapState::Late, "step", vec![lack]);
        };
        match (&noted.value, due.deadline) {
            // A day begins before the limit's last day is over, or it is another day.
            (Value::At(at), Some(limit)) if *at >= limit.latest => {
                let late = Because {
                    code: "done_on",
                    with: vec![("day", Filler::Day(at.date()))],
                    event: Some(noted.place),
                };
                let because = std::iter::once(late).chain(due.because).collect();
                Verdict::Gap(Finding {
                    deadline: due.deadline,
                    ..Finding::new(GapState::Late, "step", because)
                })
            }
            _ => Verdict::Fine,
        }
    }
}

/// The same day so many years later; 28 February where that year has no 29th.
fn years_after(day: Date, years: u8) -> Date {
    day.saturating_add(jiff::Span::new().years(i16::from(years)))
}
