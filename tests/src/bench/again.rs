//! How long judging a hundred thousand stored records again takes: the real program, `assess --all`, on a folder of inspections,
//! orders to correct and penalties. The records come through the real sync and are first judged by the same verb.

use super::Figure;
use super::crew::Pair;
use super::office::say;
use crate::agent::Agent;
use crate::folder::{Folder, program};
use crate::machine::Clock;
use crate::office::{Office, import};
use crate::records::{self, About, Dice};
use crate::world::today;
use anyhow::{Context, Result, ensure};
use shared::id::SubjectId;
use shared::instant::{DAY_MS, MINUTE_MS};
use shared::rules::procedure::{self, Procedure};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use tokio::process::Command;
use tokio::time::Instant as Moment;

const RUNS: usize = 3;
/// How many records, unless another number is asked for.
const RECORDS: usize = 100_000;
/// Over so many days, to today.
const DAYS: i64 = 365;
/// Visits begin at any minute of a day.
const DAY_MINUTES: u64 = 24 * 60;
/// Commits in one push: nothing else happens meanwhile.
const PUSHED_AT_ONCE: usize = 100;
/// Pairs that go out: at a hundred thousand records a year each makes three a day. Few pairs at few parties would have every visit
/// overlap dozens of others, which judge each other again: that would measure the data.
const CREWS: u8 = 100;
/// Parties that are visited.
const PARTIES: usize = 5_000;
/// The office of all of them.
const OFFICE: &str = "云溪镇人民政府（示例）";
/// Matters of the sample power list with a checklist.
const MATTERS: [&str; 4] = ["M01", "M12", "M14", "M16"];

/// Under which procedure each of twenty records is; none: an inspection as the first version of the procedure had it.
const MIX: [Option<&str>; 20] = [
    Some("XZJC"),
    None,
    Some("XZJC"),
    None,
    Some("XZJC"),
    None,
    Some("XZJC"),
    None,
    Some("XZJC"),
    None,
    Some("XZJC"),
    None,
    Some("ZGFC"),
    Some("ZGFC"),
    Some("XZJC"),
    Some("JYCF"),
    Some("XZJC"),
    Some("JYCF"),
    Some("XZJC"),
    Some("PTCF"),
];

/// Fills a folder without judging anything: that is what is measured.
async fn fill(folder: &Path, records: usize) -> Result<()> {
    let clock = Clock::at(today().plus_millis(-DAYS * DAY_MS));
    let app = server::App::open(server::Config::new(folder), clock.clone()).await?;
    server::demo::make(&app).await?;
    let router = server::app(app);
    let sign_in = |account| {
        let agent = Agent::within(router.clone());
        async move { Office::sign_in(agent?, account, server::demo::PASSWORD).await }
    };
    let (mut admin, mut lead) = (sign_in("admin").await?, sign_in("lead").await?);
    set_up(&mut admin, &clock).await?;
    let page = lead.agent.get("/tasks/new").await?;
    let form = page.form_with("subject").with_context(|| page.text())?;
    let parties = form.choices_of("subject").into_iter();
    let known = Known {
        procedures: procedure::shipped(),
        parties: parties
            .map(|id| Ok(id.parse()?))
            .collect::<Result<Vec<SubjectId>>>()?,
    };
    let mut crews = Vec::new();
    for crew in 0..CREWS {
        let names = [name(crew, 1), name(crew, 2)];
        let mut codes = BTreeMap::new();
        for name in &names {
            let link = admin.enrolment_link(name).await?;
            let (_, code) = link.rsplit_once('#').context("a code")?;
            codes.insert(name.clone(), code.to_owned());
        }
        let names = names.each_ref().map(String::as_str);
        crews.push(Crew {
            pair: Pair::enrol(&router, &codes, names, 2 * crew + 1).await?,
            dice: Dice::new(u64::from(crew) + 1),
            last: None,
            made: 0,
        });
    }
    let mut made = 0;
    let start = Moment::now();
    for day in 0..DAYS {
        let until = records * usize::try_from(day + 1)? / usize::try_from(DAYS)?;
        while made < until {
            let crew = made % crews.len();
            crews
                .get_mut(crew)
                .context("a crew")?
                .record(&known, &clock)?;
            made += 1;
        }
        for crew in &mut crews {
            crew.pair.push(PUSHED_AT_ONCE).await?;
        }
        clock.advance(DAY_MS);
        if day % 30 == 29 {
            let taken = start.elapsed();
            say(&format!("{made} of {records} records after {taken:.0?}"));
        }
    }
    Ok(())
}

fn name(crew: u8, nth: u8) -> String {
    format!("示例员{crew:03}{nth}")
}

/// Imports officers and parties as an administrator does.
async fn set_up(admin: &mut Office, clock: &Clock) -> Result<()> {
    let (from, to) = (clock.read(), clock.read().plus_millis(3 * DAYS * DAY_MS));
    let (from, to) = (from.date().year() - 1, to.date().year());
    let mut officers = "姓名,单位,辅助人员,证件号,有效期起,有效期止\n".to_owned();
    for crew in 0..CREWS {
        for nth in [1, 2] {
            let name = name(crew, nth);
            writeln!(
                officers,
                "{name},{OFFICE},否,示例8{crew:04}{nth},{from}-01-01,{to}-12-31"
            )?;
        }
    }
    import(&mut admin.agent, "officers", &officers).await?;
    let mut parties = "名称,类别,地址,联系人\n".to_owned();
    for nth in 0..PARTIES {
        writeln!(
            parties,
            "示例商店{nth:04}（示例）,个体工商户,示例路{nth}号,示例"
        )?;
    }
    import(&mut admin.agent, "subjects", &parties).await
}

/// What every crew knows.
struct Known {
    procedures: Vec<Procedure>,
    parties: Vec<SubjectId>,
}

struct Crew {
    pair: Pair,
    dice: Dice,
    /// The record before, which an order or a penalty follows from.
    last: Option<shared::id::RecordId>,
    made: usize,
}

impl Crew {
    fn record(&mut self, known: &Known, clock: &Clock) -> Result<()> {
        let minutes = i64::try_from(self.dice.roll(DAY_MINUTES))?;
        let begun = clock.read().plus_millis(-minutes * MINUTE_MS);
        let kind = MIX.get(self.made % MIX.len()).copied().flatten();
        let named = kind.and_then(|id| known.procedures.iter().find(|one| one.id == *id));
        let parts = match named {
            None => records::inspection(&mut self.dice, self.pair.cast(), begun),
            Some(procedure) => {
                let party = usize::try_from(self.dice.roll(known.parties.len() as u64))?;
                let matter = usize::try_from(self.dice.roll(4))?;
                let about = About {
                    subject: known.parties.get(party).copied(),
                    matter: MATTERS.get(matter).copied().context("a matter")?,
                    from: self.last.filter(|_| kind != Some("XZJC")),
                };
                records::walk(&mut self.dice, self.pair.cast(), procedure, &about, begun)
            }
        };
        self.last = Some(self.pair.seal(&parts)?);
        self.made += 1;
        Ok(())
    }
}

/// Seconds that one run takes, from start to end of the program.
async fn run(folder: &Path) -> Result<f64> {
    let start = Moment::now();
    let ended = Command::new(program("server")?)
        .args(["assess", "--all", "--data"])
        .arg(folder)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::inherit())
        .output()
        .await?;
    let taken = start.elapsed().as_secs_f64();
    say(String::from_utf8_lossy(&ended.stdout).trim_end());
    ensure!(ended.status.success(), "assess --all: {}", ended.status);
    Ok(taken)
}

/// `assess.first_s`: everything is found for the first time and written; `assess.again_s`: nothing changes, the median of three.
///
/// # Errors
/// The server was not built, or a run fails.
pub async fn all(kept: Option<&Path>, records: Option<usize>) -> Result<Vec<Figure>> {
    let records = records.unwrap_or(RECORDS);
    let own = Folder::new("again")?;
    let folder = kept.unwrap_or(own.path());
    let mut figures = Vec::new();
    if !folder.join("server.sqlite").exists() {
        std::fs::create_dir_all(folder)?;
        fill(folder, records).await?;
        figures.push(Figure::median(
            "assess.first_s",
            "s",
            vec![run(folder).await?],
        ));
    }
    let mut samples = Vec::new();
    for _ in 0..RUNS {
        samples.push(run(folder).await?);
    }
    let per_second = samples.iter().map(|taken| records as f64 / taken).collect();
    figures.push(Figure::median("assess.again_s", "s", samples));
    figures.push(Figure::median("assess.records_per_s", "1/s", per_second));
    Ok(figures)
}
