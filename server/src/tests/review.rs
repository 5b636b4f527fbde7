//! A flag goes to the officer and comes back: asked, explained, returned, handed in again, found.

use super::assess::inspection;
use super::harness::{Phone, Reply, World};
use crate::demo;
use crate::store::gaps::{self, Filter, GapRow, Status};
use axum::http::StatusCode;
use shared::domain::event::{
    EvidenceAdded, EvidenceKind, Explained, Fact, Returned, Reviewed, Submitted, Verdict,
};
use shared::instant::MINUTE_MS;

pub(super) const GAP: &str = "gaps/JC-10/R09";

pub(super) fn submitted() -> Fact {
    Submitted {
        note: String::new(),
    }
    .into()
}

pub(super) fn explained() -> Fact {
    Explained {
        step: "JC-10".parse().unwrap(),
        rule: "R09".parse().unwrap(),
        words: "已出示证件，录像漏登。".to_owned(),
    }
    .into()
}

pub(super) fn shown() -> Fact {
    EvidenceAdded {
        step: "JC-10".parse().unwrap(),
        evidence: EvidenceKind::Recording,
        reference: "ZFJL-0001".to_owned(),
        photo: None,
    }
    .into()
}

/// A handed-in inspection in which nobody showed a certificate, and the phone it is on.
pub(super) async fn handed_in() -> (World, Phone) {
    let world = World::new().await;
    let mut phone = world.phone(2).await;
    let facts = [inspection(), vec![submitted()]].concat();
    push(&world, &mut phone, &facts).await;
    (world, phone)
}

pub(super) async fn push(world: &World, phone: &mut Phone, facts: &[Fact]) {
    world.pass(MINUTE_MS);
    let commit = phone.commit(demo::record(1), world.now(), facts);
    phone.pushed(world, &[commit]).await;
    world.app.run_due_jobs().await.unwrap();
}

pub(super) fn path(end: &str) -> String {
    let record = format!("/records/{}", demo::record(1));
    match end.starts_with('?') || end.is_empty() {
        true => format!("{record}{end}"),
        false => format!("{record}/{end}"),
    }
}

/// What a page's form was filled in upon.
pub(super) fn seen(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// Fills in and sends the form of this page as the supervisor.
async fn send(world: &World, end: &str, form: &str) -> Reply {
    let (cookie, csrf) = world.login("supervisor").await;
    let page = world.get(&path(end), &cookie).await.text();
    world.pass(MINUTE_MS);
    let form = format!("csrf={csrf}&seen={}&{form}", seen(&page));
    let reply = world.post(&path(end), &cookie, &form).await;
    world.app.run_due_jobs().await.unwrap();
    reply
}

async fn row(world: &World) -> GapRow {
    let rows = world
        .app
        .store
        .read(|tx| gaps::of_record(tx, demo::record(1)));
    let rows = rows.await.unwrap();
    rows.into_iter().find(|row| row.rule == "R09").unwrap()
}

async fn stands(world: &World) -> (Status, String) {
    let row = row(world).await;
    (row.status, row.stage)
}

async fn queue(world: &World, status: Status) -> usize {
    let filter = Filter {
        status,
        rule: Some("R09".to_owned()),
        ..Filter::default()
    };
    let count = world.app.store.read(move |tx| gaps::count(tx, &filter));
    count.await.unwrap()
}

async fn record(world: &World, account: &str, end: &str) -> String {
    let (cookie, _) = world.login(account).await;
    world.get(&path(end), &cookie).await.text()
}

#[tokio::test]
async fn a_question_is_answered_and_the_gap_dismissed_with_its_reason() {
    let (world, mut phone) = handed_in().await;
    let (lines, grave) = (queue(&world, Status::Open).await, by_grade(&world).await);
    assert!(lines > 0 && grave > 0);
    let asked = send(&world, GAP, "said=asked&words=请说明是否亮证").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    assert_eq!(stands(&world).await, (Status::Waiting, "asked".to_owned()));
    assert_eq!(queue(&world, Status::Open).await, 0);
    let page = record(&world, "officer", "").await;
    assert!(
        page.contains("请说明是否亮证") && page.contains("待说明"),
        "{page}"
    );
    assert!(!page.contains(GAP), "only a supervisor finds");

    push(&world, &mut phone, &[explained()]).await;
    assert_eq!(stands(&world).await, (Status::Open, "explained".to_owned()));
    assert!(record(&world, "supervisor", "").await.contains("录像漏登"));

    let dismissed = send(&world, GAP, "said=dismissed&words=录像可以证明").await;
    assert_eq!(dismissed.status, StatusCode::SEE_OTHER);
    assert_eq!(
        stands(&world).await,
        (Status::Dismissed, "dismissed".to_owned())
    );
    assert_eq!(by_grade(&world).await, grave - lines);
    // What was said before stays to be read.
    let page = record(&world, "supervisor", "").await;
    for words in ["请说明是否亮证", "录像漏登", "录像可以证明"] {
        assert!(page.matches(words).count() >= 2, "{words}: {page}");
    }
    let log = world
        .get("/audit", &world.login("admin").await.0)
        .await
        .text();
    assert!(log.contains("处理疑似问题") && log.contains("JC-10 R09"));
}

/// Gaps of grade 3 that wait for a supervisor.
async fn by_grade(world: &World) -> usize {
    let counts = world.app.store.read(|tx| gaps::by_grade(tx, None));
    usize::try_from(counts.await.unwrap()[3]).unwrap()
}

#[tokio::test]
async fn a_returned_record_is_corrected_and_handed_in_again() {
    let (world, mut phone) = handed_in().await;
    let form = "comment=请补正后重新提交&step=JC-10&note.JC-10=补录亮证录像编号";
    let returned = send(&world, "return", form).await;
    assert_eq!(
        returned.status,
        StatusCode::SEE_OTHER,
        "{}",
        returned.text()
    );
    let waiting = (Status::Waiting, "returned".to_owned());
    assert_eq!(stands(&world).await, waiting);
    let page = record(&world, "officer", "").await;
    assert!(
        page.contains("请补正后重新提交") && page.contains("补录亮证录像编号"),
        "{page}"
    );
    // The phone gets what was said, with the note on the step.
    let pulled = phone.pull(&world, world.app.keys.epoch, 0).await;
    let facts = pulled
        .commits
        .iter()
        .map(|bytes| shared::log::commit::Commit::parse(bytes).unwrap());
    let facts: Vec<Fact> = facts
        .flat_map(|commit| {
            let events = commit.events().map(|(_, event)| event.unwrap().fact);
            events.collect::<Vec<_>>()
        })
        .collect();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Returned(r)
        if r.notes.as_ref().is_some_and(|notes| notes[0].words == "补录亮证录像编号"))));
    // It is not returned twice.
    let again = send_unseen(&world, form).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    push(&world, &mut phone, &[submitted()]).await;
    let again = (Status::Open, "resubmitted".to_owned());
    assert_eq!(stands(&world).await, again);
    let once_more = send(&world, "return", "comment=仍未补正&step=JC-10").await;
    assert_eq!(once_more.status, StatusCode::SEE_OTHER);
    assert_eq!(row(&world).await.state, "missing");
    push(&world, &mut phone, &[shown(), submitted()]).await;
    let row = row(&world).await;
    assert_eq!((row.status, &*row.stage), (Status::Cured, "resubmitted"));
    assert_eq!(row.cured_at, Some(world.now()));
}

/// The form of a page that is no longer offered.
async fn send_unseen(world: &World, form: &str) -> Reply {
    let (cookie, csrf) = world.login("supervisor").await;
    let form = format!("csrf={csrf}&seen=0&{form}");
    world.post(&path("return"), &cookie, &form).await
}

#[tokio::test]
async fn what_is_said_needs_words_and_what_came_meanwhile_is_shown_first() {
    let (world, mut phone) = handed_in().await;
    for (form, error) in [
        ("words=x", "请选择一种处理意见"),
        ("said=asked&words=+", "请写明意见内容"),
        ("said=dismissed", "请写明意见内容"),
        ("said=thrown&words=x", "请选择一种处理意见"),
    ] {
        let reply = send(&world, GAP, form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(reply.text().contains(error), "{form}");
    }
    let long = format!("said=asked&words={}", "长".repeat(501));
    assert_eq!(
        send(&world, GAP, &long).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    for (form, error) in [
        ("step=JC-10", "请写明总体意见"),
        ("comment=x", "请至少选择一个步骤"),
        ("comment=x&step=JC-99", "请至少选择一个步骤"),
    ] {
        let reply = send(&world, "return", form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(reply.text().contains(error), "{form}");
    }
    assert_eq!(stands(&world).await, (Status::Open, "new".to_owned()));
    // The officer adds something while the supervisor types.
    let (cookie, csrf) = world.login("supervisor").await;
    let page = world.get(&path(GAP), &cookie).await.text();
    let form = format!("csrf={csrf}&seen={}&said=asked&words=打了很久", seen(&page));
    push(&world, &mut phone, &[explained()]).await;
    let late = world.post(&path(GAP), &cookie, &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("打了很久"), "what was typed stays");
    let upheld = send(&world, GAP, "said=upheld").await;
    assert_eq!(upheld.status, StatusCode::SEE_OTHER);
    assert_eq!(stands(&world).await, (Status::Upheld, "upheld".to_owned()));
}

#[tokio::test]
async fn of_two_who_speak_at_once_the_second_is_shown_what_the_first_said() {
    let (world, _) = handed_in().await;
    let (cookie, csrf) = world.login("supervisor").await;
    let page = world.get(&path(GAP), &cookie).await.text();
    let said = |what: &str| {
        format!(
            "csrf={csrf}&seen={}&said={what}&words=两人同时",
            seen(&page)
        )
    };
    let (one, other) = (said("upheld"), said("dismissed"));
    let (address, cookie) = (path(GAP), cookie.as_str());
    let (one, other) = tokio::join!(
        world.post(&address, cookie, &one),
        world.post(&address, cookie, &other)
    );
    let mut answers = [one.status, other.status];
    answers.sort();
    assert_eq!(answers, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
}

#[tokio::test]
async fn a_device_cannot_clear_its_own_officer() {
    let (world, mut phone) = handed_in().await;
    let forged: [Fact; 2] = [
        Reviewed {
            step: "JC-10".parse().unwrap(),
            rule: "R09".parse().unwrap(),
            verdict: Verdict::Dismissed,
            words: "没有问题".to_owned(),
        }
        .into(),
        Returned {
            steps: Vec::new(),
            comment: "退回".to_owned(),
            notes: None,
        }
        .into(),
    ];
    for fact in forged {
        let commit = phone.commit(demo::record(1), world.now(), &[fact]);
        assert_eq!(phone.pushed(&world, &[commit]).await.quarantined.len(), 1);
        world.app.run_due_jobs().await.unwrap();
        assert_eq!(stands(&world).await, (Status::Open, "new".to_owned()));
    }
}

#[tokio::test]
async fn the_facts_behind_the_chosen_gap_are_marked() {
    let (world, _) = handed_in().await;
    let page = record(&world, "supervisor", "?gap=JC-10.R09").await;
    let (_, card) = page.split_once("id=\"gap-R09-JC-10\"").unwrap();
    assert!(page.contains("class=\"card gap lit\""), "{page}");
    let (card, _) = card.split_once("</article>").unwrap();
    let wanted: Vec<&str> = card
        .split("href=\"#e-")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(anchor, _)| anchor)
        .collect();
    let hot: Vec<&str> = page
        .split("<li id=\"e-")
        .skip(1)
        .filter(|line| {
            line.split_once('>')
                .is_some_and(|(head, _)| head.contains("hot"))
        })
        .filter_map(|line| line.split_once('"'))
        .map(|(anchor, _)| anchor)
        .collect();
    assert_eq!(hot.len(), wanted.len(), "{wanted:?} {hot:?}");
    assert!(hot.iter().all(|anchor| wanted.contains(anchor)));
}

#[tokio::test]
async fn the_queue_stands_beside_a_record_opened_from_it() {
    let (world, _) = handed_in().await;
    let (cookie, csrf) = world.login("supervisor").await;
    let queue = world.get("/gaps?status=open", &cookie).await.text();
    let links = |page: &str| -> Vec<String> {
        let links = page
            .split("class=\"row\" href=\"")
            .skip(1)
            .filter_map(|rest| rest.split_once('"'))
            .map(|(href, _)| href.replace("&#38;", "&"));
        links.filter(|href| href.contains("?gap=")).collect()
    };
    let lines = links(&queue);
    assert!(lines.len() > 1, "{queue}");
    let page = world.get(&lines[0], &cookie).await.text();
    assert_eq!(links(&page), lines);
    assert!(
        page.contains("aria-current=\"true\"")
            && page.contains("href=\"/gaps?status=open&#38;page=0\"")
    );
    let next = lines[1].replace('&', "&#38;");
    assert!(
        page.contains(&format!("href=\"{next}\" rel=\"next\"")),
        "{page}"
    );
    // What was dealt with leaves the queue; the way back to it stays.
    let form_page = world
        .get(&(path(GAP) + "?from=status%3Dopen"), &cookie)
        .await;
    let seen = seen(&form_page.text());
    let form = format!("csrf={csrf}&seen={seen}&said=upheld&from=status%3Dopen%26page%3D0");
    let done = world.post(&path(GAP), &cookie, &form).await;
    world.app.run_due_jobs().await.unwrap();
    let place = done.headers["location"].to_str().unwrap().to_owned();
    let page = world.get(&place, &cookie).await.text();
    assert_eq!(links(&page).len(), lines.len() - 1);
    assert!(page.contains("rel=\"next\""), "{page}");
    // A query that is none asks for everything.
    let any = path("?gap=x&from=%00%ff%20page=-1");
    assert_eq!(world.get(&any, &cookie).await.status, StatusCode::OK);
}
