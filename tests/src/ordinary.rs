//! A case by the ordinary procedure, from its lead to the archive: who does what on which day, with the facts that the law asks
//! for. Apart as data, so that the same case goes through this process and through real browsers.

use crate::hands::Hands;
use crate::journey::officer_ids;
use crate::office::Office;
use crate::page::{Form, Page};
use crate::world::{COLLEAGUE_PIN, OWN_PIN};
use anyhow::{Context, Result, bail};
use shared::instant::Instant;
use std::time::Duration;

mod plan;

pub use plan::acts;

const PARTY: &str = "李四";
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
