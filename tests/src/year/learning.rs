//! What is learnt in the demo year: the courses that are seeded, days when everybody learns, and drills on real phones.

use super::rates::SEEDED;
use super::visit::{Course, Lacks, Visit};
use super::{Year, at};
use anyhow::{Context, Result, bail, ensure};
use jiff::civil::Date;
use shared::instant::MINUTE_MS;
use std::collections::BTreeSet;

/// The training manager's account.
const MANAGER: &str = "training";
/// When sessions begin and end, in minutes after midnight.
const BEGINS: i64 = 9 * 60;
const ENDS: i64 = 16 * 60;
/// One in so many is absent on a day when everybody learns.
const ABSENT: u64 = 12;
/// What is drilled, and by whom: the second pair of a town is invited, and both play.
const SCENARIO: (&str, &str) = ("refusal-to-sign", "当事人拒绝签字情景演练（示例）");
const DRILLED: usize = 1;
/// What days when everybody learns are about, one after the other.
const SUBJECTS: [(&str, &[&str]); 4] = [
    ("行政检查程序与文书集中学习（示例）", &[]),
    ("权责清单与法律适用集中学习（示例）", &["K02"]),
    ("证据收集与固定集中学习（示例）", &["K05"]),
    ("执法行为规范集中学习（示例）", &[]),
];

/// A course or a drill as the form takes it.
struct Session<'a> {
    kind: &'a str,
    title: &'a str,
    place: &'a str,
    day: Date,
    hours: &'a str,
    competencies: &'a [&'a str],
    scenario: &'a str,
    officers: &'a [String],
    why: &'a str,
}

impl Year<'_> {
    /// Plans it; gives its page.
    async fn plan_session(&mut self, session: &Session<'_>) -> Result<String> {
        let page = self.desks.page(MANAGER, "/training/sessions/new").await?;
        let form = page.form_with("competency").with_context(|| page.text())?;
        let time = |minutes| crate::journey::local(at(session.day, minutes));
        let mut form = form
            .set("kind", session.kind)
            .set("title", session.title)
            .set("starts", &time(BEGINS))
            .set("ends", &time(ENDS))
            .set("place", session.place)
            .set("hours", session.hours)
            .set("scenario", session.scenario)
            .set("why", session.why);
        for code in session.competencies {
            form = form.add("competency", code);
        }
        for name in session.officers {
            form = form.add("officer", &self.id(name)?.to_string());
        }
        let made = self.desks.send(MANAGER, &page, form).await?;
        ensure!(made.text().contains(session.title), "{}", made.text());
        Ok(made.path)
    }

    /// Marks who was there, and that it was held.
    async fn hold_session(&mut self, path: &str, absent: &BTreeSet<String>) -> Result<()> {
        let page = self.desks.page(MANAGER, path).await?;
        let marks = |name: &String| name.starts_with("a.");
        let mut forms = page.forms().into_iter();
        let form = forms.find(|form| form.names.iter().any(marks));
        let mut form = form.with_context(|| page.text())?;
        for name in form.names.clone().iter().filter(|name| marks(name)) {
            let officer = name.trim_start_matches("a.");
            let there = if absent.contains(officer) {
                "excused"
            } else {
                "present"
            };
            form = form.set(name, there);
        }
        self.desks.send(MANAGER, &page, form).await?;
        let held = self.desks.fill(MANAGER, path, "登记为已举行", &[]).await?;
        ensure!(held.link("培训效果").is_some(), "{}", held.text());
        Ok(())
    }

    /// Whoever goes out, by name; of one town if it is given, and of its pairs those that `wanted` takes.
    fn names(&self, town: Option<usize>, wanted: impl Fn(usize, usize) -> bool) -> Vec<String> {
        let towns = self.county.towns.iter().enumerate();
        let towns = towns.filter(|(at, _)| town.is_none_or(|town| town == *at));
        let pairs = towns.flat_map(|(_, town)| {
            let pairs = town.pairs.iter().enumerate();
            pairs.filter(|(at, _)| wanted(*at, town.trained))
        });
        pairs.flat_map(|(_, pair)| pair.iter().cloned()).collect()
    }

    /// What is planned in the morning of a day: everything that is held in the next weeks.
    pub(super) async fn plan_sessions(&mut self, day: Date) -> Result<()> {
        let until = self.days.after(day, 10);
        let soon = |held: &Date| *held > day && until.is_none_or(|until| *held <= until);
        let courses = self.days.courses.clone();
        for (at, held) in courses.into_iter().filter(|(_, held)| soon(held)) {
            if self.sessions.contains_key(&held) {
                continue;
            }
            let weakness = SEEDED.get(at).context("a weakness")?;
            let course = weakness.course.context("a course")?;
            let officers = self.names(Some(weakness.town), |pair, trained| pair < trained);
            let town = self.county.towns.get(weakness.town).context("a town")?;
            let place = format!("{}综合行政执法队二楼会议室", town.place);
            let path = self
                .plan_session(&Session {
                    kind: "course",
                    title: course.title,
                    place: &place,
                    day: held,
                    hours: "6",
                    competencies: &[weakness.competency],
                    scenario: "",
                    officers: &officers,
                    why: "近期记录中多次出现同类问题",
                })
                .await?;
            self.sessions.insert(held, path);
        }
        let study: Vec<Date> = self.days.study.iter().copied().filter(soon).collect();
        for held in study {
            if self.sessions.contains_key(&held) {
                continue;
            }
            let turn = usize::try_from(held.month())? % SUBJECTS.len();
            let (title, competencies) = SUBJECTS.get(turn).context("a subject")?;
            let officers = self.names(None, |_, _| true);
            let path = self
                .plan_session(&Session {
                    kind: "course",
                    title,
                    place: "示例县司法局三楼会议室",
                    day: held,
                    hours: "6",
                    competencies,
                    scenario: "",
                    officers: &officers,
                    why: "",
                })
                .await?;
            self.sessions.insert(held, path);
        }
        Ok(())
    }

    /// What was to be held on this day is over.
    pub(super) async fn hold_sessions(&mut self, day: Date) -> Result<()> {
        let Some(path) = self.sessions.get(&day).cloned() else {
            return Ok(());
        };
        self.until(at(day, ENDS + 30));
        let mut absent = BTreeSet::new();
        if self.days.study.contains(&day) {
            let ids: Vec<String> = self.ids.values().map(ToString::to_string).collect();
            absent.extend(ids.into_iter().filter(|_| self.dice.once_in(ABSENT)));
        }
        self.hold_session(&path, &absent).await
    }

    /// A drill of one town: a pair is invited, one of them plays it well, the other forgets what it is about; a judge scores.
    pub(super) async fn drill(&mut self, day: Date) -> Result<()> {
        let town = DRILLED;
        let officers = self.names(Some(town), |pair, _| pair == 1);
        let (scenario, title) = SCENARIO;
        let place = self.county.towns.get(town).context("a town")?.place;
        let place = format!("{place}综合行政执法队一楼");
        let path = self
            .plan_session(&Session {
                kind: "drill",
                title,
                place: &place,
                day,
                hours: "2",
                competencies: &["K06"],
                scenario,
                officers: &officers,
                why: "现场笔录签字环节多次缺项",
            })
            .await?;
        self.until(at(day, BEGINS + 10));
        let [one, two] =
            [officers.first(), officers.last()].map(|name| name.cloned().unwrap_or_default());
        for (player, colleague, forgets) in [(&one, &two, false), (&two, &one, true)] {
            let played = self.play(player, colleague, forgets).await;
            played.with_context(|| format!("the drill of {player}"))?;
        }
        self.until(at(day, ENDS + 10));
        self.hold_session(&path, &BTreeSet::new()).await?;
        self.app.run_due_jobs().await?;
        self.score().await
    }

    async fn play(&mut self, player: &str, colleague: &str, forgets: bool) -> Result<()> {
        let officers = [self.id(player)?, self.id(colleague)?];
        let phone = self.phones.get_mut(player).context("a phone")?;
        phone.sync().await?;
        phone
            .open(&format!("/field/drills/s/{}@1", SCENARIO.0))
            .await?;
        let page = phone.page();
        let form = page.form_with("colleague").with_context(|| page.text())?;
        let other = form
            .choice("colleague", colleague)
            .context("no colleague")?;
        phone.send(form.set("colleague", &other)).await?;
        phone.act("go", &[]).await?;
        let path = phone.page().path.clone();
        let record = path.strip_prefix("/field/r/").context(path.clone())?;
        let mut visit = Visit {
            phone,
            dice: &mut self.dice,
            record: record.to_owned(),
            place: "示例镇兴业路18号",
            contact: "店主",
            officers: &officers,
            number: 9_000,
            lacks: Lacks {
                signature: forgets,
                ..Lacks::default()
            },
            course: Course {
                fault: false,
                refused: !forgets,
            },
        };
        visit.on_site().await?;
        let phone = visit.phone;
        phone.open("/field/drills/now").await?;
        phone.act("finish", &[]).await?;
        phone.act("finish.yes", &[]).await?;
        phone.clock().advance(2 * MINUTE_MS);
        phone.sync().await
    }

    /// The judge scores what was just played.
    async fn score(&mut self) -> Result<()> {
        let list = self.desks.page(MANAGER, "/training/drills").await?;
        let mut links: Vec<String> = list.links().into_iter().map(|link| link.href).collect();
        links.retain(|href| href.starts_with("/training/drills/"));
        let [last, first] = &links[..] else {
            bail!("not two drills:\n{}", list.text());
        };
        for (path, score, remark) in [
            (last, "2", "当事人离开后没有请人见证，事后才发现缺签名"),
            (first, "5", "说明了签字的含义，记录完整"),
        ] {
            let page = self.desks.page(MANAGER, path).await?;
            let form = page.form_with("s.JC-14").with_context(|| page.text())?;
            let form = form.set("s.JC-14", score).set("r.JC-14", remark);
            self.desks.send(MANAGER, &page, form).await?;
        }
        Ok(())
    }
}
