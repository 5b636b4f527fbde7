//! Every route of the server against everybody who may knock: written by hand from the roles, never from the program's table.

use axum::http::Method;
use server::{Access, AccessRow, Role, access_table};
use shared::instant::Instant;
use tests::agent::Agent;
use tests::here::Here;
use tests::machine::Clock;
use tests::office::Office;

/// Accounts of the demo: one for each role, and the squad lead, who is an officer too.
const ACCOUNTS: [(&str, char); 8] = [
    ("officer", 'o'),
    ("lead", 'l'),
    ("head", 'h'),
    ("legal", 'r'),
    ("supervisor", 's'),
    ("training", 't'),
    ("leader", 'L'),
    ("admin", 'a'),
];

/// Method, route, and who may: `*` anybody, `d` devices, else the accounts' letters.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/healthz", "*"),
    ("GET", "/assets/{*file}", "*"),
    ("GET", "/lang/{tag}", "*"),
    ("GET", "/login", "*"),
    ("POST", "/login", "*"),
    ("POST", "/logout", "olhrstLa"),
    ("GET", "/password", "olhrstLa"),
    ("POST", "/password", "olhrstLa"),
    ("POST", "/sync/v1/enrol", "*"),
    ("POST", "/sync/v1/hello", "d"),
    ("POST", "/sync/v1/push", "d"),
    ("POST", "/sync/v1/pull", "d"),
    ("OPTIONS", "/sync/v1/blobs", "*"),
    ("POST", "/sync/v1/blobs", "d"),
    ("OPTIONS", "/sync/v1/blobs/{hash}", "*"),
    ("HEAD", "/sync/v1/blobs/{hash}", "d"),
    ("PATCH", "/sync/v1/blobs/{hash}", "d"),
    ("POST", "/sync/v1/blobs/{hash}", "d"),
    ("GET", "/", "olhrstLa"),
    ("GET", "/tasks", "olhsL"),
    ("GET", "/tasks/new", "l"),
    ("POST", "/tasks", "l"),
    ("GET", "/tasks/{id}", "olhsL"),
    ("POST", "/tasks/{id}/approve", "h"),
    ("POST", "/tasks/{id}/deny", "h"),
    ("GET", "/waiting", "lhr"),
    ("GET", "/gaps", "olhrstL"),
    ("GET", "/gaps/heat", "olhrstL"),
    ("GET", "/deadlines", "olhrstL"),
    ("GET", "/records", "olhrstL"),
    ("GET", "/records/{id}", "olhrstL"),
    ("GET", "/records/{id}/grade", "olhrstL"),
    ("GET", "/records/{id}/steps/{step}", "lhr"),
    ("POST", "/records/{id}/steps/{step}", "lhr"),
    ("GET", "/records/{id}/gaps/{step}/{rule}", "s"),
    ("POST", "/records/{id}/gaps/{step}/{rule}", "s"),
    ("GET", "/records/{id}/return", "s"),
    ("POST", "/records/{id}/return", "s"),
    ("GET", "/records/{id}/doc/{kind}", "olhrstL"),
    ("GET", "/records/{id}/photos/{hash}", "olhrstL"),
    ("GET", "/training", "lt"),
    ("GET", "/training/officers/{id}", "olt"),
    ("GET", "/training/sessions", "t"),
    ("POST", "/training/sessions", "t"),
    ("GET", "/training/sessions/new", "t"),
    ("GET", "/training/sessions/{id}", "t"),
    ("GET", "/training/sessions/{id}/edit", "t"),
    ("POST", "/training/sessions/{id}/edit", "t"),
    ("GET", "/training/sessions/{id}/sheet", "t"),
    ("GET", "/training/sessions/{id}/effect", "t"),
    ("POST", "/training/sessions/{id}/invite", "t"),
    ("POST", "/training/sessions/{id}/withdraw", "t"),
    ("POST", "/training/sessions/{id}/marks", "t"),
    ("POST", "/training/sessions/{id}/held", "t"),
    ("POST", "/training/sessions/{id}/reopen", "t"),
    ("POST", "/training/sessions/{id}/cancel", "t"),
    ("POST", "/training/target", "t"),
    ("GET", "/training/drills", "olt"),
    ("GET", "/training/drills/{record}", "olt"),
    ("POST", "/training/drills/{record}/scores", "t"),
    ("GET", "/officers", "lhstLa"),
    ("GET", "/officers/{id}", "a"),
    ("POST", "/officers/{id}", "a"),
    ("GET", "/posts", "lhstLa"),
    ("POST", "/posts", "a"),
    ("GET", "/devices", "lsa"),
    ("POST", "/devices/{id}/revoke", "a"),
    ("GET", "/numbers", "lsa"),
    ("POST", "/numbers", "la"),
    ("GET", "/numbers/{id}", "lsa"),
    ("POST", "/numbers/{id}/close", "la"),
    ("GET", "/enrol", "a"),
    ("POST", "/enrol", "a"),
    ("GET", "/units", "a"),
    ("POST", "/units", "a"),
    ("POST", "/units/{id}", "a"),
    ("POST", "/units/{id}/remove", "a"),
    ("GET", "/import", "a"),
    ("POST", "/import", "a"),
    ("GET", "/import/{list}/template", "a"),
    ("GET", "/laws", "a"),
    ("POST", "/laws", "a"),
    ("GET", "/audit", "sa"),
];

/// What came of a request.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Admitted,
    SentToLogin,
    Refused(u16),
}

#[test]
fn every_route_has_a_line_here() {
    let table: Vec<(&str, &str)> = access_table()
        .iter()
        .map(|row| (row.method, row.path))
        .collect();
    let expected: Vec<(&str, &str)> = EXPECTED.iter().map(|(m, path, _)| (*m, *path)).collect();
    assert_eq!(table, expected);
}

#[test]
fn the_table_says_what_is_written_here() {
    for (AccessRow { path, access, .. }, (.., who)) in access_table().iter().zip(EXPECTED) {
        let said = match access {
            Access::Public => "*".to_owned(),
            Access::Device => "d".to_owned(),
            Access::Roles(roles) => ACCOUNTS
                .iter()
                .filter(|(account, _)| roles_of(account).iter().any(|role| roles.contains(role)))
                .map(|(_, letter)| *letter)
                .collect(),
        };
        assert_eq!(said, *who, "{path}");
    }
}

fn roles_of(account: &str) -> &'static [Role] {
    match account {
        "officer" => &[Role::Officer],
        "lead" => &[Role::SquadLead, Role::Officer],
        "head" => &[Role::Responsible],
        "legal" => &[Role::LegalReviewer],
        "supervisor" => &[Role::Supervisor],
        "training" => &[Role::TrainingManager],
        "leader" => &[Role::Leader],
        "admin" => &[Role::Admin],
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_role_gets_through_exactly_where_it_may() {
    let here = Here::open(&Clock::at(Instant::from_millis(1_795_400_000_000)))
        .await
        .unwrap();
    for (account, letter) in ACCOUNTS {
        let office = here.office(account).await.unwrap();
        let csrf = csrf(&office).await;
        for (method, path, who) in EXPECTED.iter().filter(|(_, path, _)| *path != "/logout") {
            let outcome = knock(&office.agent, method, path, Some(&csrf)).await;
            let expected = match *who {
                "*" => continue,
                "d" => Outcome::Refused(401),
                who if who.contains(letter) => Outcome::Admitted,
                _ => Outcome::Refused(403),
            };
            assert_eq!(outcome, expected, "{account}: {method} {path}");
        }
        let ended = knock(&office.agent, "POST", "/logout", Some(&csrf)).await;
        assert_eq!(ended, Outcome::SentToLogin, "{account}");
        assert_eq!(
            knock(&office.agent, "GET", "/", None).await,
            Outcome::SentToLogin,
            "{account}"
        );
    }
}

#[tokio::test]
async fn strangers_get_nowhere_and_public_routes_answer_them() {
    let here = Here::open(&Clock::at(Instant::from_millis(1_795_400_000_000)))
        .await
        .unwrap();
    let stranger = Agent::within(here.router.clone()).unwrap();
    for (method, path, who) in EXPECTED {
        let outcome = knock(&stranger, method, path, Some("0000")).await;
        match (*who, *method, *path) {
            ("*", _, "/login" | "/sync/v1/enrol") if *method == "POST" => {
                assert!(
                    matches!(outcome, Outcome::Refused(400 | 403)),
                    "{path}: {outcome:?}"
                );
            }
            ("*", ..) => assert_eq!(outcome, Outcome::Admitted, "{path}"),
            (_, "GET", _) => assert_eq!(outcome, Outcome::SentToLogin, "{path}"),
            _ => assert_eq!(outcome, Outcome::Refused(401), "{path}"),
        }
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let here = Here::open(&Clock::at(Instant::from_millis(1_795_400_000_000)))
        .await
        .unwrap();
    for (account, method, path) in [
        ("lead", "POST", "/tasks"),
        ("head", "POST", "/tasks/{id}/approve"),
        ("admin", "POST", "/enrol"),
        ("admin", "POST", "/logout"),
    ] {
        let office = here.office(account).await.unwrap();
        for csrf in [None, Some("0000")] {
            let outcome = knock(&office.agent, method, path, csrf).await;
            assert_eq!(outcome, Outcome::Refused(403), "{account}: {path}");
        }
    }
}

async fn csrf(office: &Office) -> String {
    let page = office.agent.clone().get("/").await.unwrap();
    let form = page.form_with("csrf").expect("a form on every page");
    form.values
        .into_iter()
        .find(|(name, _)| name == "csrf")
        .unwrap()
        .1
}

async fn knock(agent: &Agent, method: &str, pattern: &str, csrf: Option<&str>) -> Outcome {
    let id = match pattern {
        path if path.starts_with("/tasks") => server::demo::task(2).to_string(),
        path if path.starts_with("/records") => server::demo::record(1).to_string(),
        // The file of the account `officer`.
        path if path.starts_with("/training/officers") => server::demo::officer(2).to_string(),
        path if path.starts_with("/training") => server::demo::session(1).to_string(),
        path if path.starts_with("/officers") => server::demo::officer(1).to_string(),
        _ => server::demo::subject(1).to_string(),
    };
    let path = pattern
        .replace("{id}", &id)
        .replace("{kind}", "on_site_record")
        .replace("{list}", "officers")
        .replace("{tag}", "en")
        // No such step: which of the roles does a step is the step's own affair.
        .replace("{step}", "JC-99")
        .replace("{rule}", "R09")
        .replace("{hash}", &"0".repeat(64))
        .replace("{*file}", "app.css");
    let form: Vec<(String, String)> = csrf
        .map(|csrf| ("csrf".to_owned(), csrf.to_owned()))
        .into_iter()
        .collect();
    let (method, form) = match method {
        "POST" => (Method::POST, Some(form.as_slice())),
        other => (Method::from_bytes(other.as_bytes()).unwrap(), None),
    };
    let answer = agent.once(method, &path, form).await.unwrap();
    let to = answer
        .headers
        .get("location")
        .and_then(|to| to.to_str().ok());
    match (answer.status, to) {
        (303, Some(to)) if to.starts_with("/login") => Outcome::SentToLogin,
        (400 | 401 | 403, _) => Outcome::Refused(answer.status),
        (500.., _) => panic!("{path}: {}", answer.status),
        _ => Outcome::Admitted,
    }
}
