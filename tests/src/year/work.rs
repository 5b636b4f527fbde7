//! A day of the demo year: what the office assigns, what is due, and who goes out.

use super::desk::Planned;
use super::plan::{Outing, Start};
use super::supervise::Said;
use super::visit::Visit;
use super::{OUT, Year, at};
use anyhow::{Context, Result};
use jiff::civil::{Date, Weekday};
use shared::instant::MINUTE_MS;

/// Something that has to be done on a later day.
#[derive(Debug, Clone)]
pub(super) enum Todo {
    /// An inspection whose task is assigned, or that nobody assigned.
    Go(usize, Option<Task>),
    /// The responsible person approves what was begun already.
    Approve(usize, String),
    /// The result of an inspection is told, and the record handed in.
    Tell(usize, String),
    /// Somebody looks whether it was corrected.
    Recheck(usize, String),
    /// The office closes the file.
    File(usize, String),
    /// The officer answers a supervisor's question.
    Explain(Said),
    /// The officer corrects a record that came back.
    Correct(Said),
}

/// A task that was assigned.
#[derive(Debug, Clone)]
pub(super) struct Task {
    record: String,
}

impl Year<'_> {
    /// Puts something on the list for this day; nothing after the last one.
    pub(super) fn later(&mut self, day: Option<Date>, todo: Todo) {
        if let Some(day) = day {
            self.listed += 1;
            self.todo.insert((day, self.listed), todo);
        }
    }

    /// Everything of one day. On the first of a week, the week's tasks are assigned.
    pub(super) async fn day(&mut self, day: Date, assigns: bool) -> Result<()> {
        if assigns {
            self.assign_week(day).await?;
        }
        self.plan_sessions(day).await?;
        if day.month() != self.month {
            self.roster(day).await.context("the roster")?;
            self.month = day.month();
        }
        if self.days.drill == Some(day) {
            self.drill(day).await.context("the drill")?;
        }
        self.until(at(day, OUT));
        while let Some(entry) = self.todo.first_entry().filter(|one| one.key().0 <= day) {
            let todo = entry.remove();
            let what = format!("{todo:?}");
            self.act(day, todo).await.context(what)?;
        }
        self.hold_sessions(day).await.context("a session")?;
        self.app.run_due_jobs().await?;
        if day.weekday() == Weekday::Thursday {
            self.supervise(day).await.context("supervision")?;
            self.app.run_due_jobs().await?;
        }
        Ok(())
    }

    async fn act(&mut self, day: Date, todo: Todo) -> Result<()> {
        match todo {
            Todo::Go(number, task) => self.go(day, number, task).await,
            Todo::Approve(number, record) => self.approve_late(number, &record).await,
            Todo::Tell(number, record) => self.tell_result(day, number, record).await,
            Todo::Recheck(number, record) => self.recheck(number, record).await,
            Todo::File(number, record) => self.file(day, number, &record).await,
            Todo::Explain(said) => self.explain(said).await,
            Todo::Correct(said) => self.correct(said).await,
        }
    }

    fn outing(&self, number: usize) -> Result<Outing> {
        self.outings.get(number).cloned().context("an outing")
    }

    /// The squad leads assign the week's inspections, and the responsible persons approve them.
    async fn assign_week(&mut self, monday: Date) -> Result<()> {
        let days: Vec<Date> = self.days.work.clone();
        let until = days.iter().skip_while(|day| **day <= monday);
        let next = until
            .copied()
            .find(|day| day.weekday().to_monday_zero_offset() == 0);
        let week =
            |outing: &Outing| outing.day >= monday && next.is_none_or(|next| outing.day < next);
        let numbers = self.outings.iter().enumerate();
        let numbers: Vec<usize> = numbers
            .filter(|(_, one)| week(one))
            .map(|(n, _)| n)
            .collect();
        for number in numbers {
            let outing = self.outing(number)?;
            let task = match outing.start {
                Start::Urgent => None,
                Start::Approved | Start::ApprovedLate => Some(self.assign(&outing).await?),
            };
            self.later(Some(outing.day), Todo::Go(number, task));
        }
        Ok(())
    }

    async fn assign(&mut self, outing: &Outing) -> Result<Task> {
        let town = self.county.towns.get(outing.town).context("a town")?;
        let pair = town.pairs.get(outing.pair).context("a pair")?;
        let party = town.parties.get(outing.party).context("a party")?;
        let planned = Planned {
            party: &party.label(),
            matter: outing.matter,
            officers: pair.each_ref().map(String::as_str),
            day: outing.day.to_string(),
            kind: outing.kind,
        };
        let assigned = self.desks.assign(town.lead, &planned).await?;
        if outing.start == Start::Approved {
            self.desks.approve(town.head, &assigned.path).await?;
        }
        Ok(Task {
            record: assigned.record,
        })
    }

    /// Calls `then` with everything that an inspection needs, on the phone of whoever leads it.
    pub(super) async fn with_visit<T>(
        &mut self,
        number: usize,
        record: String,
        then: impl AsyncFnOnce(&mut Visit<'_>) -> Result<T>,
    ) -> Result<T> {
        let outing = self.outing(number)?;
        let town = self.county.towns.get(outing.town).context("a town")?;
        let pair = town.pairs.get(outing.pair).context("a pair")?;
        let party = town.parties.get(outing.party).context("a party")?;
        let (lead, other) = match outing.lead {
            0 => (&pair[0], &pair[1]),
            _ => (&pair[1], &pair[0]),
        };
        let officers = [self.id(lead)?, self.id(other)?];
        let phone = self.phones.get_mut(lead).context("a phone")?;
        phone.sync().await?;
        let mut visit = Visit {
            phone,
            dice: &mut self.dice,
            record,
            place: &party.address,
            contact: &party.contact,
            officers: &officers,
            number: number + 1,
            lacks: outing.lacks,
            course: outing.course,
        };
        let out = then(&mut visit).await?;
        visit.phone.sync().await?;
        Ok(out)
    }

    async fn go(&mut self, day: Date, number: usize, task: Option<Task>) -> Result<()> {
        // The way there.
        let way = 3 + i64::try_from(self.dice.roll(8))?;
        self.clock.advance(way * MINUTE_MS);
        let outing = self.outing(number)?;
        let town = self.county.towns.get(outing.town).context("a town")?;
        let party = town
            .parties
            .get(outing.party)
            .context("a party")?
            .name
            .clone();
        let both = town.pairs.get(outing.pair).context("a pair")?.clone();
        let record = task.as_ref().map(|task| task.record.clone());
        let ids = [self.id(&both[0])?, self.id(&both[1])?];
        let told = !outing.lacks.result;
        let visit = async |visit: &mut Visit<'_>| {
            if record.is_none() {
                visit.open_urgent(&party, outing.matter, &ids).await?;
            }
            visit.on_site().await?;
            let mut order = None;
            if told {
                order = visit.result().await?;
                visit.submit().await?;
            }
            Ok((visit.record.clone(), order))
        };
        let begun = record.clone().unwrap_or_default();
        let (record, order) = self.with_visit(number, begun, visit).await?;
        self.done += 1;
        self.records.insert(record.clone(), number);
        if outing.start != Start::Approved {
            let next = self.days.after(day, 1);
            self.later(next, Todo::Approve(number, record.clone()));
        }
        if told {
            self.ended(day, number, record, order)
        } else {
            let late = 7 + usize::try_from(self.dice.roll(5))?;
            let then = self.days.after(day, late);
            self.later(then, Todo::Tell(number, record));
            Ok(())
        }
    }

    /// What follows once the result was told.
    fn ended(
        &mut self,
        day: Date,
        number: usize,
        record: String,
        order: Option<String>,
    ) -> Result<()> {
        if let Some(order) = order {
            let mut days = 12 + usize::try_from(self.dice.roll(5))?;
            if self.dice.once_in(12) {
                // Nobody thought of it in time.
                days += 20;
            }
            self.later(self.days.after(day, days), Todo::Recheck(number, order));
        }
        let mut days = 5 + usize::try_from(self.dice.roll(12))?;
        if self.dice.once_in(15) {
            days += 30;
        }
        self.later(self.days.after(day, days), Todo::File(number, record));
        Ok(())
    }

    async fn tell_result(&mut self, day: Date, number: usize, record: String) -> Result<()> {
        let again = record.clone();
        let tell = async |visit: &mut Visit<'_>| {
            let order = visit.result().await?;
            visit.submit().await?;
            Ok(order)
        };
        let order = self.with_visit(number, record, tell).await?;
        self.ended(day, number, again, order)
    }

    async fn recheck(&mut self, number: usize, order: String) -> Result<()> {
        let corrected = !self.dice.once_in(6);
        let look = async |visit: &mut Visit<'_>| visit.recheck(corrected).await;
        self.with_visit(number, order, look).await
    }

    async fn approve_late(&mut self, number: usize, record: &str) -> Result<()> {
        let outing = self.outing(number)?;
        let head = self.county.towns.get(outing.town).context("a town")?.head;
        let step = ("JC-07", "批准");
        let fill = [("note", "同意，补办审批手续。")];
        self.desks.step(head, record, step, &fill).await
    }

    async fn file(&mut self, day: Date, number: usize, record: &str) -> Result<()> {
        let outing = self.outing(number)?;
        let lead = self.county.towns.get(outing.town).context("a town")?.lead;
        let today = day.to_string();
        if outing.kind.1 == "random" && outing.start != Start::Urgent {
            let fill = [
                ("f.JC-18.url", "https://example.invalid/gongshi（示例）"),
                ("f.JC-18.published_on", &today),
                ("f.JC-18.redacted", "个人联系方式、住址"),
            ];
            self.desks
                .step(lead, record, ("JC-18", "办结"), &fill)
                .await?;
        }
        let index = format!("示例检卷〔{}〕{}号", day.year(), number + 1);
        let fill = [
            ("f.JC-19.index", index.as_str()),
            ("f.JC-19.complete", "yes"),
            ("f.JC-19.archived_on", &today),
        ];
        self.desks
            .step(lead, record, ("JC-19", "办结"), &fill)
            .await
    }
}
