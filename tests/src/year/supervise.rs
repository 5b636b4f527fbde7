//! What supervisors of the demo year say of suspected gaps, and how the officers answer on their phones.
//! Some of it stays open, as in any office.

use super::Year;
use super::visit::Visit;
use super::work::Todo;
use anyhow::{Context, Result};
use jiff::civil::Date;

/// The supervisor's account.
const SUPERVISOR: &str = "supervisor";
/// Gaps that are looked at in a week.
const LOOKED_AT: usize = 8;
/// One in so many questions is not answered, and of as many returned records nobody takes care.
const LEFT: u64 = 6;
/// Rules whose suspicion turns out to be none now and then. Those of the seeded competencies are not among them: what a
/// supervisor dismisses was no gap, and would change what was seeded.
const DISMISSIBLE: [&str; 4] = ["JC-15.missing", "R11", "R06", "JC-19.missing"];

/// Rules whose gaps officers are asked about.
const OFFICERS: [&str; 6] = ["R09", "R11", "R12", "R13", "JC-15.missing", "JC-16.late"];

/// A gap that something was said of: its record, step and rule.
#[derive(Debug, Clone)]
pub(super) struct Said {
    record: String,
    step: String,
    rule: String,
}

/// The gaps of the queue's file of which nothing was said yet.
fn unsaid(csv: &str) -> Vec<Said> {
    let lines = csv.lines().skip(1).filter_map(|line| {
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim_matches('"')).collect();
        let [record, _, rule, _, step, .., stage] = cells[..] else {
            return None;
        };
        let [record, step, rule] = [record, step, rule].map(str::to_owned);
        stage.is_empty().then_some(Said { record, step, rule })
    });
    lines.collect()
}

impl Year<'_> {
    /// Once a week: some gaps of the queue, whichever it falls upon.
    pub(super) async fn supervise(&mut self, day: Date) -> Result<()> {
        let page = self.desks.page(SUPERVISOR, "/gaps?format=csv").await?;
        let all = unsaid(&page.html).into_iter();
        // By what the record is about: its id is another in each run.
        let about = all.filter_map(|said| Some((self.records.get(&said.record)?, said)));
        let mut about: Vec<(usize, Said)> = about.map(|(number, said)| (*number, said)).collect();
        about.sort_by(|(a, one), (b, other)| {
            (a, &one.step, &one.rule).cmp(&(b, &other.step, &other.rule))
        });
        self.dice.shuffle(&mut about);
        about.truncate(LOOKED_AT);
        about.sort_by_key(|(number, _)| *number);
        about.dedup_by_key(|(number, _)| *number);
        for (_, said) in about {
            let what = format!("{said:?}");
            self.say(day, said).await.context(what)?;
        }
        self.judge_explained().await
    }

    async fn verdict(&mut self, said: &Said, verdict: &str, words: &str) -> Result<()> {
        let path = format!("/records/{}/gaps/{}/{}", said.record, said.step, said.rule);
        let page = self.desks.of(SUPERVISOR).await?.get(&path).await?;
        if page.status == 404 {
            // Cured in the meantime.
            return Ok(());
        }
        let form = page.form_with("said").with_context(|| page.text())?;
        let form = form.set("said", verdict).set("words", words);
        self.desks.send(SUPERVISOR, &page, form).await.map(drop)
    }

    async fn say(&mut self, day: Date, said: Said) -> Result<()> {
        let officers = OFFICERS.contains(&said.rule.as_str());
        let dismissible = DISMISSIBLE.contains(&said.rule.as_str());
        match self.dice.roll(8) {
            0..3 if officers => {
                let words = "请说明当时的情况，有录像、照片等材料的请一并写明。";
                self.verdict(&said, "asked", words).await?;
                if !self.dice.once_in(LEFT) {
                    let days = 1 + usize::try_from(self.dice.roll(5))?;
                    self.later(self.days.after(day, days), Todo::Explain(said));
                }
                Ok(())
            }
            3..5 if officers && CORRECTED.contains(&said.step.as_str()) => {
                self.send_back(day, said).await
            }
            5 if dismissible => {
                let words = "经核对纸质案卷，材料齐全，不属于缺口。";
                self.verdict(&said, "dismissed", words).await
            }
            _ => {
                let words = "情况属实，纳入本季度执法监督通报。";
                self.verdict(&said, "upheld", words).await
            }
        }
    }

    /// What was explained is judged.
    async fn judge_explained(&mut self) -> Result<()> {
        let some = self.explained.len().min(LOOKED_AT);
        let explained: Vec<Said> = self.explained.drain(..some).collect();
        for said in explained {
            let (verdict, words) = if DISMISSIBLE.contains(&said.rule.as_str()) {
                ("dismissed", "说明有据，予以采纳。")
            } else {
                ("upheld", "说明已阅，但没有材料可以证明，请今后当场留痕。")
            };
            self.verdict(&said, verdict, words).await?;
        }
        Ok(())
    }

    /// The officer answers on the phone.
    pub(super) async fn explain(&mut self, said: Said) -> Result<()> {
        let number = self.number(&said.record)?;
        let path = format!(
            "/field/r/{}/explain/{}/{}",
            said.record, said.step, said.rule
        );
        let explain = async |visit: &mut Visit<'_>| {
            visit.phone.open(&path).await?;
            let words = "当时现场人员较多，先做检查，事后忘记补记，今后注意。";
            visit.phone.press("提交说明", &[("words", words)]).await
        };
        self.with_visit(number, said.record.clone(), explain)
            .await?;
        self.explained.push(said);
        Ok(())
    }

    fn number(&self, record: &str) -> Result<usize> {
        let number = self.records.get(record).copied();
        number.with_context(|| format!("no record {record}"))
    }

    /// The record goes back with a note on the step.
    async fn send_back(&mut self, day: Date, said: Said) -> Result<()> {
        let path = format!("/records/{}/return", said.record);
        let page = self.desks.page(SUPERVISOR, &path).await?;
        let Some(form) = page.form_with("comment") else {
            // It is not handed in yet.
            return Ok(());
        };
        let note = format!("note.{}", said.step);
        let mut form = form.set("comment", "请按备注补正后重新提交。");
        form.values.retain(|(name, _)| name != "step");
        let form = form
            .add("step", &said.step)
            .set(&note, "请补充材料或者写明情况");
        self.desks.send(SUPERVISOR, &page, form).await?;
        if !self.dice.once_in(LEFT) {
            let days = 1 + usize::try_from(self.dice.roll(6))?;
            self.later(self.days.after(day, days), Todo::Correct(said));
        }
        Ok(())
    }

    /// The officer corrects the step and hands the record in again.
    pub(super) async fn correct(&mut self, said: Said) -> Result<()> {
        let number = self.number(&said.record)?;
        let correct = async |visit: &mut Visit<'_>| {
            visit.correct(&said.step).await?;
            visit.submit().await
        };
        self.with_visit(number, said.record.clone(), correct).await
    }
}

/// Steps that officers can correct afterwards.
const CORRECTED: [&str; 4] = ["JC-10", "JC-13", "JC-14", "JC-15"];
