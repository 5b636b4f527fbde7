//! Every route by every role: the table is what the router does.

use super::harness::World;
use crate::store::accounts;
use crate::{Access, Role, access_table, demo};
use axum::http::StatusCode;

/// One account per role, and one for several.
const ACCOUNTS: [(&str, &[Role]); 8] = [
    ("lead", &[Role::SquadLead, Role::Officer]),
    ("officer", &[Role::Officer]),
    ("head", &[Role::Responsible]),
    ("legal", &[Role::LegalReviewer]),
    ("supervisor", &[Role::Supervisor]),
    ("training", &[Role::TrainingManager]),
    ("leader", &[Role::Leader]),
    ("admin", &[Role::Admin]),
];

fn path(pattern: &str) -> String {
    let id = if pattern.starts_with("/records") {
        demo::record(1).to_string()
    } else if pattern.starts_with("/training/officers") {
        // The file of the account `officer`.
        demo::officer(2).to_string()
    } else if pattern.starts_with("/training") {
        demo::session(1).to_string()
    } else if pattern.starts_with("/officers") {
        demo::officer(1).to_string()
    } else {
        demo::task(1).to_string()
    };
    pattern
        .replace("{id}", &id)
        .replace("{*file}", "app.css")
        .replace("{kind}", "on_site_record")
        .replace("{rule}", "R09")
        .replace("{list}", "officers")
        .replace("{tag}", "en")
        .replace("{step}", "JC-07")
        .replace("{hash}", &"0".repeat(64))
}

#[tokio::test]
async fn every_route_admits_exactly_the_roles_of_its_row() {
    let world = World::new().await;
    for (account, roles) in ACCOUNTS {
        let (cookie, _) = world.login(account).await;
        for row in access_table()
            .into_iter()
            .filter(|row| row.path != "/logout")
        {
            let reply = match row.method {
                "POST" => world.post(&path(row.path), &cookie, "csrf=wrong").await,
                method => world.ask(method, &path(row.path), &cookie).await,
            };
            let what = format!("{account} {} {}: {}", row.method, row.path, reply.status);
            match row.access {
                Access::Public => assert_ne!(reply.problem(), "forbidden", "{what}"),
                Access::Device => assert_eq!(reply.problem(), "sync.token-invalid", "{what}"),
                Access::Roles(allowed) if allowed.iter().any(|role| roles.contains(role)) => {
                    // The demo has no picture, no gap and no block of numbers.
                    let absent = ["{hash}", "{rule}", "{record}", "/numbers/{id}"]
                        .iter()
                        .any(|part| row.path.contains(part));
                    let expected = match (row.method, absent) {
                        ("GET", false) => "",
                        ("GET", true) => "not-found",
                        _ => "csrf.invalid",
                    };
                    assert_eq!(reply.problem(), expected, "{what}");
                }
                Access::Roles(_) => {
                    assert_eq!(
                        (reply.status, reply.problem()),
                        (StatusCode::FORBIDDEN, "forbidden"),
                        "{what}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn nobody_in_particular_is_sent_to_the_login() {
    let world = World::new().await;
    for row in access_table() {
        let Access::Roles(_) = row.access else {
            continue;
        };
        if row.method == "GET" {
            let reply = world.get(&path(row.path), "").await;
            assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", row.path);
            assert!(
                reply.headers["location"]
                    .to_str()
                    .unwrap()
                    .starts_with("/login?next=/")
            );
        } else {
            let reply = world.post(&path(row.path), "session=nonsense", "").await;
            assert_eq!(
                (reply.status.as_u16(), reply.problem()),
                (401, "session.missing"),
                "{}",
                row.path
            );
        }
    }
}

#[tokio::test]
async fn another_offices_records_and_tasks_are_not_there() {
    let world = World::new().await;
    let (liuhe, csrf) = world.login("lead-liuhe").await;
    for path in [
        format!("/records/{}", demo::record(1)),
        format!("/records/{}/doc/on_site_record", demo::record(1)),
        format!("/tasks/{}", demo::task(1)),
    ] {
        assert_eq!(
            world.get(&path, &liuhe).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        world
            .get(&format!("/records/{}", demo::record(5)), &liuhe)
            .await
            .status,
        StatusCode::OK
    );
    let form = format!(
        "csrf={csrf}&subject={}&matter=M12&officer={}&officer={}&planned=2026-11-24",
        demo::subject(1),
        demo::officer(2),
        demo::officer(3)
    );
    let reply = world.post("/tasks", &liuhe, &form).await;
    assert_eq!(
        reply.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "officers of another office"
    );
}

/// Roles that see their own office only.
const SCOPED: [Role; 5] = [
    Role::Officer,
    Role::SquadLead,
    Role::Responsible,
    Role::LegalReviewer,
    Role::Leader,
];

/// What a route names: something of the office with this number.
fn named(pattern: &str, office: u8) -> String {
    let (record, officer) = if office == 1 { (1, 2) } else { (5, OTHER) };
    let id = if pattern.starts_with("/records") {
        demo::record(record).to_string()
    } else if pattern.starts_with("/tasks") {
        demo::task(record).to_string()
    } else {
        demo::officer(officer).to_string()
    };
    path(
        &pattern
            .replace("{id}", &id)
            .replace("{record}", &demo::record(record).to_string()),
    )
}

/// Somebody of the other office with an account.
const OTHER: u8 = 14;

/// Gives the account of the other office this role and no other.
async fn only(world: &World, role: Role) {
    let done = world.app.store.write(move |tx| {
        let account = accounts::of_officer(tx, demo::officer(OTHER))?;
        let id = account.first().map(|one| one.id).unwrap();
        for other in SCOPED {
            accounts::take(tx, id, other)?;
        }
        accounts::grant(tx, id, role)
    });
    assert!(done.await.unwrap());
}

/// Whoever sees one office gets nothing of another at any route that names something, and gets their own.
#[tokio::test]
async fn every_route_that_names_something_knows_whose_it_is() {
    let world = World::new().await;
    assert!(SCOPED.iter().all(|role| !role.sees_every_unit()));
    let mut tried = std::collections::BTreeSet::new();
    for role in SCOPED {
        only(&world, role).await;
        let (cookie, csrf) = world.login("lead-liuhe").await;
        for row in access_table() {
            let Access::Roles(allowed) = row.access else {
                continue;
            };
            let names = row.path.contains("{id}") || row.path.contains("{record}");
            if !names || !allowed.contains(&role) {
                continue;
            }
            tried.insert((row.method, row.path));
            let theirs = named(row.path, 1);
            let reply = match row.method {
                "POST" => world.post(&theirs, &cookie, &format!("csrf={csrf}")).await,
                _ => world.get(&theirs, &cookie).await,
            };
            let what = format!("{role:?} {} {theirs}: {}", row.method, reply.status);
            assert!(matches!(reply.status.as_u16(), 403 | 404), "{what}");
            // The demo has no picture and no block of numbers; a drill was played by nobody.
            let absent = ["{hash}", "{record}", "/numbers/{id}"]
                .iter()
                .any(|part| row.path.contains(part));
            if row.method == "GET" && !absent {
                let own = named(row.path, 3);
                let reply = world.get(&own, &cookie).await;
                assert_eq!(reply.status, StatusCode::OK, "{role:?} {own}");
            }
        }
    }
    let table = access_table();
    let scoped = table.iter().filter(|row| {
        let for_one = |roles: &[Role]| roles.iter().any(|role| SCOPED.contains(role));
        let names = row.path.contains("{id}") || row.path.contains("{record}");
        names && matches!(row.access, Access::Roles(roles) if for_one(roles))
    });
    assert_eq!(tried.len(), scoped.count());
}

#[tokio::test]
async fn pages_carry_their_security_headers() {
    let world = World::new().await;
    let reply = world.get("/login", "").await;
    let header = |name: &str| reply.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'self'; script-src 'self'"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
    assert!(!reply.headers.contains_key("strict-transport-security"));
    let cookie = header("set-cookie");
    assert!(
        cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax")
            && !cookie.contains("Secure")
    );
}
