//! What every page must have, in both languages: a heading, a language, no key where a sentence belongs.
//! Snapshots of whole pages would break with each word; these rules hold for all of them.

use shared::instant::Instant;
use tests::agent::Agent;
use tests::hands::Hands;
use tests::here::Here;
use tests::machine::Clock;
use tests::page::Page;

const NOW: Instant = Instant::from_millis(1_795_400_000_000);

#[track_caller]
fn check(page: &Page, lang: &str) {
    let at = format!("{} in {lang}", page.path);
    assert_eq!(page.status, 200, "{at}: {}", page.text());
    assert!(
        page.html.contains(&format!("<html lang=\"{lang}\"")),
        "{at}: language"
    );
    assert_eq!(page.html.matches("<h1").count(), 1, "{at}: one heading");
    assert!(
        !page.html.contains("<script>") && !page.html.contains(" style="),
        "{at}: inline"
    );
    let text = page.text();
    for word in text.split_whitespace() {
        let parts: Vec<&str> = word.split('.').collect();
        let plain = |part: &&str| {
            part.len() > 1 && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        };
        assert!(
            parts.len() < 2 || !parts.iter().all(plain),
            "{at}: the key {word}"
        );
        assert!(
            !word.contains('{') && !word.contains('}'),
            "{at}: unfilled {word}"
        );
    }
    let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(chinese || lang == "en", "{at}: no Chinese");
}

async fn read(agent: &mut Agent, lang: &str, paths: &[String]) {
    for path in paths {
        check(&agent.get(path).await.unwrap(), lang);
    }
}

#[tokio::test]
async fn the_console_speaks_both_languages() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let (task, record) = (server::demo::task(1), server::demo::record(1));
    for (account, paths) in [
        (
            "lead",
            vec!["/".to_owned(), "/tasks".to_owned(), "/tasks/new".to_owned()],
        ),
        (
            "head",
            vec![format!("/tasks/{task}"), format!("/records/{record}")],
        ),
        (
            "supervisor",
            vec![
                "/gaps".to_owned(),
                "/gaps/heat".to_owned(),
                "/deadlines".to_owned(),
                "/officers".to_owned(),
                "/audit".to_owned(),
            ],
        ),
        (
            "admin",
            vec![
                "/devices".to_owned(),
                "/numbers".to_owned(),
                "/enrol".to_owned(),
                "/units".to_owned(),
                "/import".to_owned(),
                "/posts".to_owned(),
                "/password".to_owned(),
                format!("/officers/{}", server::demo::officer(2)),
            ],
        ),
    ] {
        let mut office = here.office(account).await.unwrap();
        read(&mut office.agent, "zh-CN", &paths).await;
        office.agent.get("/lang/en?back=/").await.unwrap();
        read(&mut office.agent, "en", &paths).await;
    }
}

#[tokio::test]
async fn the_phone_speaks_both_languages() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut phone = here.phone("李晓燕", 2).await.unwrap();
    let path = phone.open_urgent("查看举报").await.unwrap();
    let mut paths: Vec<String> = [
        "/field/",
        "/field/new",
        "/field/sync",
        "/field/me",
        "/field/me/gaps",
        "/field/drills",
        "/field/list/open",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(path.clone());
    for page in [
        "leave", "submit", "log", "s/JC-07", "s/JC-08", "s/JC-10", "s/JC-14", "s/JC-16",
    ] {
        paths.push(format!("{path}/{page}"));
    }
    paths.push(format!("{path}/s/JC-10/party"));
    paths.push(format!("{path}/s/JC-14/sign"));
    read(&mut phone.hands.agent, "zh-CN", &paths).await;
    phone.hands.open("/field/me").await.unwrap();
    phone.hands.press("English").await.unwrap();
    read(&mut phone.hands.agent, "en", &paths).await;
}
