//! A case by the ordinary procedure, from its lead to the archive: who does what on which day, with the facts that the law asks
//! for. Apart as data, so that the same case goes through this process and through real browsers.

use crate::hands::Hands;
use crate::journey::{local, officer_ids};
use crate::office::Office;
use crate::page::{Form, Page};
use crate::world::{COLLEAGUE_PIN, OWN_PIN};
use anyhow::{Context, Result, bail};
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::instant::Instant;
use std::time::Duration;

/// What the party did.
pub const FACTS: &str = "电动自行车停放在安全出口内，堵塞疏散通道。";
const BASIS: &str = "消防法第六十条第一款第三项";
const PARTY: &str = "李四";
const FINE: &str = "8000";
/// How often a client asks for what is new before it is given up.
const PULLS: usize = 200;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The officers, on the phone.
    Officers,
    /// Somebody at the console, by account.
    Desk(&'static str),
}

/// An answer: a field of the step, and what it is given.
#[derive(Debug, Clone)]
pub enum Put {
    /// Typed.
    Fill(&'static str, String),
    /// One of several, ticked.
    Choose(&'static str, String),
}

/// What shows that an officers' step happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A recording's number.
    Recording,
    /// Both officers' PINs.
    Pins,
    /// A photo with this caption.
    Photo(&'static str),
    /// The party confirms.
    Party,
    /// What the party said and what was answered.
    Statement(&'static str, &'static str),
}

/// One act of the case.
#[derive(Debug, Clone)]
pub struct Act {
    /// When.
    pub at: Instant,
    /// Who.
    pub who: Who,
    /// Which step.
    pub step: &'static str,
    /// Its answers.
    pub puts: Vec<Put>,
    /// Its proofs.
    pub shown: Vec<Shown>,
    /// How it ends: `done`, `approve`.
    pub end: &'static str,
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn fill(field: &'static str, value: impl ToString) -> Put {
    Put::Fill(field, value.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn choose(field: &'static str, value: impl ToString) -> Put {
    Put::Choose(field, value.to_string())
}

/// The case of a matter found on this day.
struct Plan {
    found: Date,
    acts: Vec<Act>,
}

impl Plan {
    /// So many days after the discovery.
    fn day(&self, days: i64) -> Date {
        self.found.saturating_add(days.days())
    }

    fn act(&mut self, when: (i64, i8), who: Who, (step, end): (&'static str, &'static str)) {
        let (days, hour) = when;
        self.acts.push(Act {
            at: Instant::from_civil(self.day(days).at(hour, 0, 0, 0)),
            who,
            step,
            puts: Vec::new(),
            shown: Vec::new(),
            end,
        });
    }

    /// Answers of the last act.
    fn puts(&mut self, puts: Vec<Put>) {
        if let Some(act) = self.acts.last_mut() {
            act.puts.extend(puts);
        }
    }

    /// Proofs of the last act.
    fn shown(&mut self, shown: Vec<Shown>) {
        if let Some(act) = self.acts.last_mut() {
            act.shown.extend(shown);
        }
    }

    fn phone(&mut self, when: (i64, i8), step: &'static str, puts: Vec<Put>) {
        self.act(when, Who::Officers, (step, "done"));
        self.puts(puts);
    }

    fn desk(&mut self, when: (i64, i8), by: &'static str, step: &'static str, puts: Vec<Put>) {
        self.act(when, Who::Desk(by), (step, "done"));
        self.puts(puts);
    }

    fn approve(&mut self, when: (i64, i8), step: &'static str) {
        self.act(when, Who::Desk("head"), (step, "approve"));
    }

    /// 案源立案.
    fn open(&mut self) {
        let (found, filed) = (self.day(0), self.day(1));
        self.phone(
            (0, 15),
            "PT-01",
            vec![
                choose("source", "inspection"),
                fill("received_on", found),
                fill("lead", "详见现场检查笔录和照片。"),
            ],
        );
        self.phone(
            (0, 15),
            "PT-02",
            vec![
                choose("continuing", "no"),
                choose("harm", "no"),
                choose("competence", "own"),
                choose("fined_before", "no"),
                fill("conduct_on", found),
                fill("found_on", found),
                fill("place", "示例路1号一层"),
            ],
        );
        self.desk(
            (1, 9),
            "lead",
            "PT-03",
            vec![
                fill("number", "示例立案〔2026〕0001号"),
                fill("facts", FACTS),
                fill("article", "消防法第二十八条"),
            ],
        );
        self.approve((1, 10), "PT-03-1");
        self.desk((1, 11), "lead", "PT-03", vec![fill("filed_on", filed)]);
        let mut named = vec![choose("recusal", "none")];
        named.extend(officer_ids().into_iter().map(|id| choose("officers", id)));
        self.desk((1, 11), "lead", "PT-04", named);
    }

    /// 调查取证.
    fn inquire(&mut self) {
        let day = self.day(2);
        let (start, end) = (day.at(9, 10, 0, 0), day.at(9, 50, 0, 0));
        self.phone(
            (2, 10),
            "PT-05",
            vec![
                choose("shown", "yes"),
                choose("rights", "yes"),
                choose("alone", "yes"),
                choose("asked_role", "party"),
                choose("first_look", "no"),
                fill("asked", PARTY),
                fill("place", "示例路1号一层"),
                fill("start", local(Instant::from_civil(start))),
                fill("end", local(Instant::from_civil(end))),
                fill("asked_on", day),
                fill("qa", "问：以上笔录是否属实？答：属实。"),
            ],
        );
        self.shown(vec![
            Shown::Recording,
            Shown::Photo("安全出口"),
            Shown::Pins,
            Shown::Party,
        ]);
        self.phone(
            (2, 11),
            "PT-06",
            vec![
                choose("identity", "yes"),
                choose("copies", "yes"),
                choose("devices", "no"),
                fill("list", "现场照片，执法人员拍摄，证明现场状况。"),
                fill("latest_on", day),
            ],
        );
        self.shown(vec![Shown::Recording]);
        self.phone(
            (2, 11),
            "PT-11",
            vec![choose("element", "no"), choose("how", "done")],
        );
        let reported = self.day(3);
        self.phone(
            (3, 10),
            "PT-12",
            vec![
                choose("proposal", "penalise"),
                choose("weight", "complex"),
                choose("crime", "no"),
                fill("reported_on", reported),
                fill("facts", FACTS),
                fill("basis", BASIS),
            ],
        );
        self.shown(vec![Shown::Pins]);
        self.phone(
            (3, 11),
            "PT-13",
            vec![
                choose("grade", "ordinary"),
                choose("within", "yes"),
                choose("person", "full"),
                fill("standard", "示例省消防行政处罚裁量基准第12项"),
                fill("factors", "配合查处，如实陈述。"),
            ],
        );
    }

    fn review(&mut self, when: (i64, i8), step: &'static str) {
        let day = self.day(when.0);
        self.desk(
            when,
            "legal",
            step,
            vec![
                choose("reviewer", server::demo::officer(8)),
                choose("first_time", "no"),
                choose("qualified", "yes"),
                choose("result", "passed"),
                fill("reviewed_on", day),
                fill("opinion", "事实清楚，证据充分，程序合法，同意。"),
            ],
        );
    }

    /// 告知申辩.
    fn tell(&mut self) {
        let (told, spoke) = (self.day(7), self.day(9));
        self.phone(
            (7, 10),
            "PT-15",
            vec![
                choose("kind", "fine"),
                choose("rights", "yes"),
                choose("method", "direct"),
                choose("again", "no"),
                fill("number", "示例罚告〔2026〕0001号"),
                fill("notice_on", told),
                fill("facts", FACTS),
                fill("basis", BASIS),
                fill("fine", FINE),
                fill("content", "罚款八千元。"),
                fill("defence_days", "5"),
                fill("receiver", "当事人本人"),
                fill("served_on", told),
            ],
        );
        self.shown(vec![Shown::Recording, Shown::Party]);
        self.phone(
            (7, 11),
            "PT-17",
            vec![
                choose("ground", "fine"),
                choose("told", "yes"),
                choose("form", "merged"),
                fill("served_on", told),
            ],
        );
        self.shown(vec![Shown::Party]);
        self.phone(
            (9, 10),
            "PT-16",
            vec![
                choose("spoke", "spoke"),
                choose("adopted", "partly"),
                fill("spoke_on", spoke),
                fill("review", "经复核，改正及时属实，处罚已按一般档次从低考虑。"),
                fill("reviewed_on", spoke),
            ],
        );
        self.shown(vec![
            Shown::Statement("已经改正，请求从轻。", "改正属实，金额已予考虑。"),
            Shown::Party,
        ]);
        self.phone(
            (9, 11),
            "PT-18",
            vec![choose("asked", "requested"), fill("requested_on", spoke)],
        );
        self.shown(vec![Shown::Party]);
    }

    /// 听证.
    fn hear(&mut self) {
        let (called, held) = (self.day(13), self.day(23));
        self.desk(
            (13, 9),
            "lead",
            "PT-19",
            vec![
                fill("number", "示例听通〔2026〕0001号"),
                fill("served_on", called),
                fill("hearing_on", held),
                fill("place", "示例县司法局听证室"),
                choose("objected", "no"),
            ],
        );
        self.desk(
            (23, 12),
            "legal",
            "PT-20",
            vec![
                choose("held", "held"),
                choose("chair", server::demo::officer(8)),
                choose("chair_separate", "yes"),
                choose("public", "public"),
                choose("charged", "no"),
                choose("transcript", "signed"),
                fill("held_on", held),
                fill("start", local(Instant::from_civil(held.at(9, 0, 0, 0)))),
                fill("end", local(Instant::from_civil(held.at(11, 0, 0, 0)))),
                fill("report", "当事人对事实没有异议，建议按告知内容处罚。"),
            ],
        );
        self.review((24, 10), "PT-14-1");
    }

    /// 决定.
    fn decide(&mut self) {
        let (discussed, decided) = (self.day(27), self.day(28));
        self.desk(
            (27, 10),
            "head",
            "PT-21",
            vec![
                choose("ground", "hearing"),
                choose("attending", server::demo::officer(7)),
                choose("conclusion", "penalise"),
                choose("minutes_signed", "yes"),
                fill("discussed_on", discussed),
                fill("heads", "2"),
                fill("present", "李晓燕汇报，周小梅记录"),
                fill("views", "一致同意处罚。"),
            ],
        );
        let told = [
            "has_party",
            "has_facts",
            "has_basis",
            "has_performance",
            "has_surcharge",
            "has_remedies",
            "has_agency",
            "has_seal",
        ];
        let mut puts: Vec<Put> = told.map(|field| choose(field, "yes")).into();
        puts.extend([
            choose("outcome", "penalise"),
            choose("kind", "fine"),
            choose("fined", "yes"),
            choose("extended", "no"),
            fill("number", "示例罚决〔2026〕0001号"),
            fill("fine", FINE),
            fill("content", "罚款八千元。"),
            fill("basis", BASIS),
            fill("review_body", "示例县人民政府"),
            fill("review_days", "60"),
            fill("court", "示例县人民法院"),
            fill("suit_months", "6"),
        ]);
        self.desk((28, 9), "lead", "PT-22", puts);
        self.approve((28, 10), "PT-22-1");
        self.desk(
            (28, 11),
            "lead",
            "PT-22",
            vec![fill("document_date", decided)],
        );
        let served = self.day(29);
        let at = Instant::from_civil(served.at(9, 30, 0, 0));
        self.phone(
            (29, 10),
            "PT-23",
            vec![
                choose("method", "direct"),
                choose("receipt", "signed"),
                fill("receiver", "当事人本人"),
                fill("served_at", local(at)),
                fill("served_on", served),
            ],
        );
        self.shown(vec![Shown::Recording, Shown::Party]);
    }

    /// 执行、公开、结案、归档.
    fn close(&mut self) {
        let (paid, published, closed) = (self.day(34), self.day(35), self.day(36));
        self.desk(
            (34, 10),
            "lead",
            "PT-24",
            vec![
                choose("account", "bank"),
                choose("deferral", "none"),
                fill("paid", FINE),
                fill("paid_on", paid),
                fill("receipt_no", "示例票0001"),
            ],
        );
        let (review, suit) = (self.day(29 + 61), self.day(29).saturating_add(6.months()));
        self.desk(
            (34, 10),
            "lead",
            "PT-26",
            vec![
                choose("used", "none"),
                fill("review_until", review),
                fill("suit_until", suit),
            ],
        );
        self.desk(
            (35, 10),
            "lead",
            "PT-28",
            vec![
                choose("publishable", "yes"),
                fill("published_on", published),
                fill("url", "https://example.gov.cn/0001"),
            ],
        );
        self.desk(
            (36, 9),
            "lead",
            "PT-29",
            vec![
                choose("reason", "performed"),
                fill("execution", "罚款已全部缴纳，违法行为已改正。"),
            ],
        );
        self.approve((36, 10), "PT-29-1");
        self.desk((36, 11), "lead", "PT-29", vec![fill("closed_on", closed)]);
        self.desk(
            (36, 14),
            "lead",
            "PT-30",
            vec![
                choose("complete", "yes"),
                fill("index", "示例卷〔2026〕0001，正卷48页"),
                fill("recordings", "示例服务器/2026/0001"),
                fill("archived_on", closed),
            ],
        );
    }
}

/// The acts of a case of a matter found on this day, in order.
#[must_use]
pub fn acts(found: Date) -> Vec<Act> {
    let mut plan = Plan {
        found,
        acts: Vec::new(),
    };
    plan.open();
    plan.inquire();
    plan.review((6, 10), "PT-14");
    let sent = plan.day(3);
    plan.puts(vec![choose("ground", "complex"), fill("sent_on", sent)]);
    plan.tell();
    plan.hear();
    plan.decide();
    plan.close();
    plan.acts
}

/// Does an officers' act on a phone, whose clock stands at its time.
///
/// # Errors
/// A page is not as expected.
pub async fn on_phone(hands: &mut impl Hands, record: &str, act: &Act) -> Result<()> {
    let page = format!("/field/r/{record}/s/{}", act.step);
    hands.open(&page).await?;
    for put in &act.puts {
        match put {
            Put::Fill(field, value) => hands.fill(&format!("f.{field}"), value).await?,
            Put::Choose(field, code) => hands.act(&format!("set:{field}:{code}")).await?,
        }
    }
    if act.shown.contains(&Shown::Recording) {
        hands.fill("recording", "A-0021").await?;
    }
    for shown in &act.shown {
        match shown {
            Shown::Recording => {}
            Shown::Pins => {
                for (officer, pin) in officer_ids().into_iter().zip([OWN_PIN, COLLEAGUE_PIN]) {
                    hands.fill(&format!("pin.{officer}"), pin).await?;
                }
                hands.act("save").await?;
            }
            Shown::Photo(caption) => hands.photo(caption, act.at).await?,
            Shown::Statement(words, answer) => {
                hands.fill("statement.words", words).await?;
                hands.fill("statement.answer", answer).await?;
                hands.act("save").await?;
            }
            Shown::Party => {
                hands.act("save").await?;
                hands.open(&format!("{page}/sign")).await?;
                hands.fill("name", PARTY).await?;
                hands.press("以上记录属实，我确认").await?;
                hands.open(&page).await?;
            }
        }
    }
    hands.act(act.end).await?;
    let at = hands.path().await?;
    if at.contains("/s/") {
        bail!("{} is not done:\n{}", act.step, hands.read().await?);
    }
    Ok(())
}

/// The form of an office step's page with the answers of an act.
///
/// # Errors
/// The page has no such form.
pub fn filled(page: &Page, act: &Act) -> Result<Form> {
    let name = |field: &str| format!("f.{}.{field}", act.step);
    let mut form = page.form_with("note").with_context(|| page.text())?;
    let mut people = 0;
    for put in &act.puts {
        form = match put {
            Put::Fill(field, value) => form.set(&name(field), value),
            // Several may be ticked of a list of people.
            Put::Choose("officers", value) => {
                people += 1;
                match people {
                    1 => form.set(&name("officers"), value),
                    _ => form.add(&name("officers"), value),
                }
            }
            Put::Choose(field, value) => form.set(&name(field), value),
        };
    }
    Ok(form)
}

/// Does an office's act at the console, ended as said and with this remark; gives the page that follows.
///
/// # Errors
/// The page has no such form.
pub async fn at_desk(
    office: &mut Office,
    record: &str,
    act: &Act,
    (end, note): (&str, &str),
) -> Result<Page> {
    let path = format!("/records/{record}/steps/{}", act.step);
    let page = office.agent.get(&path).await?;
    let form = filled(&page, act)?.add("end", end).set("note", note);
    office.agent.send(&page, form).await
}

/// Asks for what is new until it is the officers' turn in this record.
///
/// # Errors
/// It never is.
pub async fn until_officers(hands: &mut impl Hands, record: &str) -> Result<()> {
    for _ in 0..PULLS {
        hands.open("/field/sync").await?;
        hands.press("立即上传").await?;
        hands.open(&format!("/field/r/{record}")).await?;
        if !hands.read().await?.contains("轮到单位办理") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the office never comes: {}", hands.read().await?)
}
