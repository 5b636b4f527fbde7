//! Whether the pages show what was seeded: read at the console, as the training manager would.

use super::Year;
use super::rates::{Course, SEEDED, Share, Weakness};
use crate::page::Page;
use anyhow::{Context, Result, bail, ensure};
use shared::text::{Lang, text};
use std::collections::BTreeMap;

const MANAGER: &str = "training";
/// A weakness is named if so many of a township's officers need its competency: one in so many.
pub(super) const NAMED: usize = 4;

/// A difference and its interval in points, as the effect's page writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shown {
    low: f64,
    point: f64,
    high: f64,
}

impl Year<'_> {
    /// Looks at the overview of needs and at the effect of each seeded course.
    pub(super) async fn check(&mut self) -> Result<()> {
        for weakness in SEEDED {
            let named = self.named(&weakness).await;
            named.with_context(|| format!("/training does not name {}", weakness.competency))?;
        }
        for (at, day) in self.days.courses.clone() {
            let weakness = SEEDED.get(at).context("a weakness")?;
            let course = weakness.course.context("a course")?;
            let path = self.sessions.get(&day).context("a session")?;
            let path = format!("{path}/effect");
            let page = self.desks.page(MANAGER, &path).await?;
            let seen = effect(&page, weakness.share, course);
            let seen = seen.with_context(|| format!("{}\n{}", course.title, page.text()))?;
            self.tell(&seen);
        }
        Ok(())
    }

    /// In its township more officers need it than anything else.
    async fn named(&mut self, weakness: &Weakness) -> Result<()> {
        let town = self.county.towns.get(weakness.town).context("a town")?;
        let (unit, officers) = (town.unit, 2 * town.pairs.len());
        let page = self.desks.page(MANAGER, "/training").await?;
        let form = page.form_with("unit").with_context(|| page.text())?;
        let id = form.choice("unit", unit).context("no such office")?;
        let path = format!("/training?unit={id}&list=needs&format=csv");
        let needs = needs(&self.desks.page(MANAGER, &path).await?.html);
        let found = needs.get(weakness.competency).copied().unwrap_or_default();
        let mut others = needs
            .iter()
            .filter(|(code, _)| *code != weakness.competency);
        let most = others.all(|(_, count)| *count < found);
        ensure!(most && found * NAMED >= officers, "{unit}: {needs:?}");
        let competency = weakness.competency;
        self.tell(&format!("{unit}: {found} of {officers} need {competency}"));
        Ok(())
    }
}

/// How many need which competency.
fn needs(csv: &str) -> BTreeMap<String, usize> {
    let lines = csv.lines().filter_map(|line| {
        let mut cells = line.split(',').map(|cell| cell.trim_matches('"'));
        let code = cells.next()?.trim_start_matches('\u{feff}').to_owned();
        let digits = cells.nth(1)?.chars().take_while(char::is_ascii_digit);
        Some((code, digits.collect::<String>().parse().ok()?))
    });
    lines.collect()
}

/// Checks what the page says of a course; gives it in a line.
fn effect(page: &Page, before: Share, course: Course) -> Result<String> {
    let words = page.text();
    let said = |of: &str, verdict: &str| {
        let key = format!("console.session.effect.{of}.{verdict}");
        words.contains(text(Lang::Zh, &key))
    };
    let verdict = if course.works(before) {
        "improved"
    } else {
        "no-clear-change"
    };
    for of in ["verdict", "beyond"] {
        ensure!(said(of, verdict), "{of} is not {verdict}");
    }
    let [trained, _, beyond] = &shown(&words)[..] else {
        bail!("not three differences");
    };
    let seeded = course.share.percent() - before.percent();
    ensure!(
        (trained.low..=trained.high).contains(&seeded),
        "{trained:?} does not contain {seeded:.1}"
    );
    let claims = beyond.high < 0.0 && trained.high < 0.0;
    ensure!(claims == course.works(before), "{trained:?} {beyond:?}");
    Ok(format!(
        "{}: seeded {seeded:+.1} points, shown {:+.1} ({:+.1} to {:+.1}); beyond the others {:+.1} ({:+.1} to {:+.1})",
        course.title,
        trained.point,
        trained.low,
        trained.high,
        beyond.point,
        beyond.low,
        beyond.high,
    ))
}

/// The differences on the page, in its order: those who were there, the others, the one less the other.
fn shown(words: &str) -> Vec<Shown> {
    let lines = words.lines().filter_map(|line| {
        let (point, rest) = line.split_once("个百分点（区间")?;
        let (low, high) = rest.strip_suffix('）')?.split_once('至')?;
        let number = |text: &str| text.replace('−', "-").parse::<f64>().ok();
        Some(Shown {
            low: number(low)?,
            point: number(point)?,
            high: number(high)?,
        })
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_read_as_they_are_written() {
        let words = "到场人员（8人）\n−53.3个百分点（区间−72.3至−21.8）\n+2.0个百分点（区间−1.5至+5.0）\n样本太少";
        let [one, two] = shown(words)[..] else {
            panic!("{:?}", shown(words));
        };
        assert_eq!((one.point, one.low, one.high), (-53.3, -72.3, -21.8));
        assert_eq!((two.point, two.low, two.high), (2.0, -1.5, 5.0));
    }

    #[test]
    fn needs_are_counted() {
        let csv = "\u{feff}编号,能力,需求,状态\r\nK01,亮证与告知,16人有需求,已判断44人\r\nK04,计划与审批,办公端步骤,\r\n";
        assert_eq!(needs(csv), BTreeMap::from([("K01".to_owned(), 16)]));
    }
}
