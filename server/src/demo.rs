//! The demo (示例): an invented county and township that can be looked at and tried out at once.
//! Apart because nothing of it may ever appear in a folder that is in use: it only fills an empty one.

mod data;
mod rosters;

use crate::app::App;
use crate::enrol::link;
use crate::password::Hashed;
use crate::problem::Problem;
use crate::random;
use crate::store::audit::{self, Act};
use crate::store::refs::{self, Scope};
use crate::store::sessions::{self, Kind, Session};
use crate::store::{self, ReadTx, WriteTx, accounts, personal};
use crate::tasks::{self, Assigned, Decision};
use data::{Coming, Held, PEOPLE, Person, Planned, SESSIONS, SUBJECTS, TASKS, UNITS};
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::domain::reference::{Certificate, Officer, PowerItem, RefSet, Subject, Task, Unit};
use shared::id::{OfficerId, ProcedureId, RecordId, SessionId, SubjectId, TaskId, UnitId};
use shared::instant::Instant;
use shared::rules::jurisdiction::{self, Jurisdiction};
use shared::rules::procedure::{Procedure, XZJC};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The password of every demo account.
pub const PASSWORD: &str = "shili-2026";
/// The PIN of every demo officer until they enrol a device of their own.
pub const PIN: &str = "258046";
/// One salt for everybody: the PIN is printed anyway, and the demo is made faster.
const PIN_SALT: [u8; 16] = *b"chengxu-demo-pin";

fn id(kind: u8, number: u8) -> [u8; 16] {
    let mut bytes = *b"\xde\x30\x00\x00\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x00";
    let [.., a, b] = &mut bytes;
    (*a, *b) = (kind, number);
    bytes
}

/// The demo's offices: 1 云溪镇, 2 the county's justice bureau, 3 柳河镇.
#[must_use]
pub fn unit(number: u8) -> UnitId {
    UnitId::from_bytes(id(1, number))
}

/// The demo's people: 2 李晓燕 and 3 王建国 have certificates, 4 赵敏's ends soon, 5 孙志强's has ended, 6 周小梅 is auxiliary,
/// 7 吴海涛 approves.
#[must_use]
pub fn officer(number: u8) -> OfficerId {
    OfficerId::from_bytes(id(2, number))
}

/// The demo's inspected parties, 1 to 12.
#[must_use]
pub fn subject(number: u8) -> SubjectId {
    SubjectId::from_bytes(id(3, number))
}

/// The demo's tasks: 1 approved for 2 and 3 today, 2 and 4 awaiting approval, 3 with an expired certificate, 5 of 柳河镇.
#[must_use]
pub fn task(number: u8) -> TaskId {
    TaskId::from_bytes(id(4, number))
}

/// The demo's sessions: 1 a course in a week, 2 a drill in two.
#[must_use]
pub fn session(number: u8) -> SessionId {
    SessionId::from_bytes(id(6, number))
}

/// The record of each task.
#[must_use]
pub fn record(number: u8) -> RecordId {
    RecordId::from_bytes(id(5, number))
}

/// What was made.
pub struct Made {
    /// Whether the folder was empty and is filled now.
    pub seeded: bool,
    /// Accounts: name, person, roles in Chinese.
    pub accounts: Vec<(String, String, String)>,
    /// Fresh enrolment codes: person and code.
    pub codes: Vec<(String, String)>,
}

impl Made {
    /// For the person who started it.
    #[must_use]
    pub fn describe(&self, base: &str) -> String {
        let mut out = String::new();
        let how = if self.seeded {
            "已生成"
        } else {
            "已存在"
        };
        let _ = writeln!(
            out,
            "示例数据{how} · demo {}",
            if self.seeded { "made" } else { "kept" }
        );
        let _ = writeln!(
            out,
            "\n管理端账号 · console accounts at {base}/ (密码 password {PASSWORD})"
        );
        for (name, person, roles) in &self.accounts {
            let _ = writeln!(out, "  {name:<12} {person} {roles}");
        }
        let _ = writeln!(
            out,
            "\n手机登记链接（24小时内有效，一次性） · enrolment links, once, for a day"
        );
        for (person, code) in &self.codes {
            let _ = writeln!(out, "  {person} {}", link(base, code));
        }
        let _ = write!(
            out,
            "\n同事在手机上确认用的 PIN · colleagues confirm with PIN {PIN}"
        );
        out
    }
}

/// Accounts that only a demo has whose year was worked through: name, person, and roles by their codes.
pub const LATER: [(&str, &str, &[&str]); 3] = [
    ("head-liuhe", "邓国栋", &["responsible"]),
    ("lead-qingshan", "秦大勇", &["squad-lead", "officer"]),
    ("head-qingshan", "魏春兰", &["responsible"]),
];

/// An account as it is told: name, person, roles in Chinese.
fn told<'a>(
    name: &str,
    person: &str,
    roles: impl Iterator<Item = &'a str>,
) -> (String, String, String) {
    use shared::text::{Lang, text};
    let keys = roles.map(|code| format!("console.role.{code}"));
    let words: Vec<String> = keys.map(|key| text(Lang::Zh, &key).to_owned()).collect();
    (name.to_owned(), person.to_owned(), words.join("、"))
}

/// The accounts that whoever looks at the demo can use.
fn usable(tx: &ReadTx<'_>) -> Result<Vec<(String, String, String)>, store::Error> {
    let people = PEOPLE.iter().filter_map(|person| {
        let (name, roles) = person.account?;
        let codes = roles.iter().map(|role| role.code());
        Some(told(name, person.name, codes))
    });
    let mut accounts: Vec<_> = people.collect();
    for (name, person, roles) in LATER {
        if accounts::is_taken(tx, name)? {
            accounts.push(told(name, person, roles.iter().copied()));
        }
    }
    Ok(accounts)
}

/// Fills an empty folder; in any case makes fresh enrolment codes.
///
/// # Errors
/// The store cannot be used, or what is shipped does not parse.
pub async fn make(app: &App) -> anyhow::Result<Made> {
    let today = app.now().date();
    let seeded = begin(app, today).await?;
    if seeded {
        plan_ahead(app).await?;
    }
    hand_out(app, seeded).await
}

/// The offices, people, parties and powers of an empty folder, and nothing that anybody has done yet; says whether the folder
/// was empty. Certificates stand as the demo tells of them on the day `told_on`.
///
/// # Errors
/// The store cannot be used, or what is shipped does not parse.
pub async fn begin(app: &App, told_on: Date) -> anyhow::Result<bool> {
    if app.store.read(accounts::any).await? {
        return Ok(false);
    }
    let salt = random::bytes().map_err(broken)?;
    let hashes = app
        .slowly(move || Ok((Hashed::new(PASSWORD, salt)?, Hashed::new(PIN, PIN_SALT)?)))
        .await
        .and_then(|made| made)
        .map_err(broken)?;
    let now = app.now();
    let sample = Sample {
        power: in_force_since(shared::data::power()?, now.date()),
        jurisdictions: jurisdiction::shipped(),
    };
    app.store
        .write(move |tx| fill(tx, &hashes, &sample, now, told_on))
        .await?;
    app.run_due_jobs().await?;
    Ok(true)
}

/// What the demo's people have before them: tasks, a course, a drill, and the last weeks' roster.
///
/// # Errors
/// The store cannot be used, or what is shipped does not parse.
pub async fn plan_ahead(app: &App) -> anyhow::Result<()> {
    let procedure = Procedure::parse(XZJC)?;
    let salts = random::bytes::<{ 32 * TASKS.len() }>().map_err(broken)?;
    let (handle, now) = (app.clone(), app.now());
    app.store
        .write(move |tx| fill_ahead(tx, &handle, &procedure, &salts, now))
        .await?;
    app.run_due_jobs().await?;
    Ok(())
}

/// Fresh enrolment codes, for a day.
///
/// # Errors
/// The store cannot be used.
pub async fn hand_out(app: &App, seeded: bool) -> anyhow::Result<Made> {
    let mut codes = Vec::new();
    for (number, person) in (1..).zip(&PEOPLE).filter(|(_, person)| person.phone) {
        codes.push((
            person.name.to_owned(),
            app.make_enrol_code(officer(number)).await?,
        ));
    }
    Ok(Made {
        seeded,
        accounts: app.store.read(usable).await?,
        codes,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn broken(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{:?} {:?}", problem.code, problem.cause)
}

/// The sample list has its matters from some day on. A demo that began earlier has had them since it began.
fn in_force_since(mut power: Vec<PowerItem>, day: Date) -> Vec<PowerItem> {
    let before = power.iter().filter(|item| item.from <= day);
    let known: BTreeSet<String> = before.map(|item| item.code.clone()).collect();
    for item in &mut power {
        if !known.contains(&item.code) {
            item.from = day;
        }
    }
    power
}

/// What only the demo has of law: an office has its own.
struct Sample {
    power: Vec<PowerItem>,
    jurisdictions: Vec<Jurisdiction>,
}

fn fill(
    tx: &WriteTx<'_>,
    (password, pin): &(Hashed, Hashed),
    sample: &Sample,
    now: Instant,
    told_on: Date,
) -> Result<(), store::Error> {
    for (number, name) in (1..).zip(UNITS) {
        let row = Unit {
            id: unit(number),
            name: name.to_owned(),
        };
        refs::put(tx, RefSet::Units, row.id.as_bytes(), Scope::All, &row)?;
    }
    for (number, person) in (1..).zip(&PEOPLE) {
        refs::put_officer(tx, &officer_row(number, person, pin, told_on))?;
        if let Some((name, roles)) = person.account {
            accounts::add(tx, name, officer(number), password, roles)?;
        }
    }
    for (number, (name, kind, address, contact)) in (1..).zip(SUBJECTS) {
        let row = Subject {
            id: subject(number),
            name: name.to_owned(),
            kind,
            address: address.to_owned(),
            contact: contact.to_owned(),
        };
        refs::put(tx, RefSet::Subjects, row.id.as_bytes(), Scope::All, &row)?;
    }
    for row in &sample.power {
        let key = refs::power_key(&row.code, row.from);
        refs::put(tx, RefSet::Power, &key, Scope::All, row)?;
    }
    for row in &sample.jurisdictions {
        refs::put(
            tx,
            RefSet::Jurisdictions,
            row.id.as_bytes(),
            Scope::All,
            row,
        )?;
    }
    rosters::posts(tx)?;
    audit::write(tx, now, None, Act::DemoMade, "")
}

fn fill_ahead(
    tx: &WriteTx<'_>,
    app: &App,
    procedure: &Procedure,
    salts: &[u8],
    now: Instant,
) -> Result<(), store::Error> {
    for ((number, planned), salts) in (1..).zip(&TASKS).zip(salts.chunks_exact(32)) {
        plan(tx, app, (number, planned), procedure, salts, now)?;
    }
    for (number, coming) in (1..).zip(&SESSIONS) {
        invite(tx, number, coming, now)?;
    }
    rosters::fill(tx, now.date())
}

fn invite(tx: &WriteTx<'_>, number: u8, coming: &Coming, now: Instant) -> Result<(), store::Error> {
    let day = shifted(now.date(), coming.days);
    let at = |hour| Instant::from_civil(day.at(hour, 0, 0, 0));
    let new = Session {
        id: session(number),
        kind: coming.scenario.map_or(Kind::Course, |_| Kind::Drill),
        title: coming.title.to_owned(),
        starts_at: at(9),
        ends_at: at(11),
        place: coming.place.to_owned(),
        hours_x10: 20,
        unit: Some(unit(1)),
        competencies: vec![coming.competency.to_owned()],
        scenario: coming.scenario.map(str::to_owned),
        note: String::new(),
        state: sessions::State::Planned,
        why: String::new(),
        created_by: officer(10),
        created_at: now,
    };
    sessions::add(tx, &new)?;
    for invited in coming.officers {
        sessions::invite(tx, new.id, officer(*invited), None)?;
        personal::publish(tx, officer(*invited), now)?;
    }
    Ok(())
}

fn officer_row(number: u8, person: &Person, pin: &Hashed, today: Date) -> Officer {
    let certificates = match person.held {
        Held::None | Held::Auxiliary => Vec::new(),
        Held::Days(days) => {
            let valid_to = shifted(today, days);
            let valid_from = valid_to.checked_sub(5.years()).unwrap_or(today);
            let number = format!("示例{:04}{number:04}", person.unit);
            vec![Certificate {
                number,
                valid_from,
                valid_to,
            }]
        }
    };
    Officer {
        id: officer(number),
        name: person.name.to_owned(),
        unit: unit(person.unit),
        auxiliary: matches!(person.held, Held::Auxiliary),
        certificates,
        pin: Some(pin.verifier()),
    }
}

fn shifted(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}

fn plan(
    tx: &WriteTx<'_>,
    app: &App,
    (number, planned): (u8, &Planned),
    procedure: &Procedure,
    salts: &[u8],
    now: Instant,
) -> Result<(), store::Error> {
    let short = || store::Error::Corrupt("demo");
    let party: Subject =
        refs::get(tx, RefSet::Subjects, subject(planned.subject).as_bytes())?.ok_or_else(short)?;
    let by = refs::officer(tx, officer(planned.by))?.ok_or_else(short)?;
    let task = Task {
        id: task(number),
        record: record(number),
        procedure: ProcedureId::clone(&procedure.id),
        version: procedure.version,
        unit: by.unit,
        subject: party.id,
        matter: planned.matter.to_owned(),
        officers: planned
            .officers
            .iter()
            .map(|number| officer(*number))
            .collect(),
        planned: shifted(now.date(), planned.days),
        note: planned.note.to_owned(),
        approval: None,
    };
    let (first, second) = salts.split_at_checked(16).ok_or_else(short)?;
    let salt = |bytes: &[u8]| bytes.try_into().map_err(|_| short());
    let assigned = Assigned {
        task,
        subject: party,
        by: by.id,
        salt: salt(first)?,
        answers: data::answers(number),
    };
    tasks::open(tx, app, &assigned, now)?;
    if let Some(approver) = planned.approved_by {
        let decision = Decision {
            by: officer(approver),
            granted: true,
            note: "同意。".to_owned(),
            salt: salt(second)?,
        };
        tasks::decide(tx, app, &assigned.task, decision, now)?;
    }
    Ok(())
}
