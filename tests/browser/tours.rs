//! Every page of the console, with data of some weeks behind it: as pictures, in both sizes and languages, looked at by axe. A
//! route whose page is not among the stops fails a test.

use crate::screens::{LANGUAGES, shoot, sign_in};
use crate::{clean, turn};
use serde_json::json;
use std::collections::BTreeSet;
use tests::agent::Agent;
use tests::browser::{Browser, Setup};
use tests::world::World;
use tests::year::Scale;

/// A small demo year: enough for something on every page.
const WEEKS: Scale = Scale {
    days: 28,
    inspections: 24,
    pairs: 2,
    parties: 8,
    tells: false,
};

/// What is done on the page before it is looked at.
#[derive(Clone, Copy)]
enum Then {
    /// Nothing.
    Look,
    /// Opens everything that is folded.
    Unfold,
    /// Sends the form of this field empty, as a browser without checks of its own would; shows what is wrong.
    Refused(&'static str),
    /// Says that the form was filled in upon something older; shows that it is stale.
    Stale(&'static str),
    /// Chooses somebody and makes a code.
    Enrolled,
    /// Gives the import this list, with this content; shows this.
    Imported(&'static str, &'static str, &'static str),
}

/// A page: the picture's name, the route in the table, the address, and what is done there. What stands in braces is looked up
/// first.
type Stop = (&'static str, &'static str, &'static str, Then);

const LONG: &str = "示例县人民政府驻云溪河流域生态环境保护与安全生产综合行政执法派出工作站临时办公室及其附属管理服务中心第一分中心二组";
const OFFICERS_CSV: &str = "姓名,单位,证件号,有效期起,有效期止,辅助人员\n新来的（示例）,云溪镇人民政府（示例）,SL-990001,2026-01-01,2030-12-31,否\n";
const BAD_CSV: &str = "姓名,单位,证件号,有效期起,有效期止,辅助人员\n,没有的单位,SL-990001,2026年13月,2020-12-31,也许\n";

/// Who looks at which pages; nobody in particular first.
const TOURS: [(&str, &[Stop]); 9] = {
    use Then::{Enrolled, Imported, Look, Refused, Stale, Unfold};
    [
        (
            "",
            &[
                ("login", "/login", "/login", Look),
                ("login-refused", "/login", "/login", Refused("password")),
            ],
        ),
        (
            "officer",
            &[
                ("officer-home", "/", "/", Look),
                ("officer-tasks", "/tasks", "/tasks", Look),
                (
                    "officer-file",
                    "/training/officers/{id}",
                    "{own-file}",
                    Look,
                ),
            ],
        ),
        (
            "legal",
            &[
                ("legal-home", "/", "/", Look),
                ("legal-gaps", "/gaps", "/gaps", Look),
                ("legal-waiting", "/waiting", "/waiting", Look),
            ],
        ),
        (
            "lead",
            &[
                ("lead-home", "/", "/", Look),
                ("tasks", "/tasks", "/tasks", Look),
                ("task-new", "/tasks/new", "/tasks/new", Look),
                (
                    "task-new-refused",
                    "/tasks/new",
                    "/tasks/new",
                    Refused("subject"),
                ),
                ("lead-training", "/training", "/training", Look),
                ("step", "/records/{id}/steps/{step}", "{step}", Look),
                (
                    "step-more",
                    "/records/{id}/steps/{step}",
                    "{file-step}",
                    Look,
                ),
            ],
        ),
        (
            "head",
            &[
                ("head-home", "/", "/", Look),
                ("task", "/tasks/{id}", "{task}", Unfold),
                ("head-posts", "/posts", "/posts", Look),
            ],
        ),
        (
            "leader",
            &[
                ("leader-home", "/", "/", Look),
                ("leader-posts", "/posts", "{posts}", Look),
            ],
        ),
        (
            "supervisor",
            &[
                ("home", "/", "/", Look),
                ("gaps", "/gaps", "/gaps", Unfold),
                ("gaps-left", "/gaps", "/gaps?order=left&severity=3", Look),
                ("gaps-waiting", "/gaps", "/gaps?status=waiting", Look),
                ("gaps-cured", "/gaps", "/gaps?status=cured", Look),
                ("gaps-none", "/gaps", "/gaps?month=2020-01", Look),
                ("heat", "/gaps/heat", "/gaps/heat", Look),
                ("deadlines", "/deadlines", "/deadlines", Look),
                ("deadlines-over", "/deadlines", "/deadlines?when=over", Look),
                (
                    "deadlines-none",
                    "/deadlines",
                    "/deadlines?step=XX-99",
                    Look,
                ),
                ("records", "/records", "/records", Look),
                ("record-pane", "/records/{id}", "{pane}", Look),
                ("record", "/records/{id}", "{record}", Unfold),
                (
                    "record-grade",
                    "/records/{id}/grade",
                    "{record}/grade",
                    Look,
                ),
                ("record-photos", "/records/{id}", "{latest}", Unfold),
                (
                    "review",
                    "/records/{id}/gaps/{step}/{rule}",
                    "{review}",
                    Look,
                ),
                (
                    "review-refused",
                    "/records/{id}/gaps/{step}/{rule}",
                    "{review}",
                    Refused("seen"),
                ),
                (
                    "review-stale",
                    "/records/{id}/gaps/{step}/{rule}",
                    "{review}",
                    Stale("said"),
                ),
                ("return", "/records/{id}/return", "{record}/return", Look),
                (
                    "return-refused",
                    "/records/{id}/return",
                    "{record}/return",
                    Refused("comment"),
                ),
                (
                    "return-stale",
                    "/records/{id}/return",
                    "{record}/return",
                    Stale("comment"),
                ),
                (
                    "doc-approval",
                    "/records/{id}/doc/{kind}",
                    "{record}/doc/inspection_approval",
                    Look,
                ),
                (
                    "doc-record",
                    "/records/{id}/doc/{kind}",
                    "{record}/doc/on_site_record",
                    Look,
                ),
                ("officers", "/officers", "/officers", Look),
                ("officers-none", "/officers", "/officers?page=99", Look),
                ("supervisor-posts", "/posts", "/posts", Look),
                ("devices-seen", "/devices", "/devices", Look),
                ("audit", "/audit", "/audit", Look),
                ("denied", "/enrol", "/enrol", Look),
                ("nowhere", "", "/nowhere", Look),
            ],
        ),
        (
            "training",
            &[
                ("training-home", "/", "/", Look),
                ("training", "/training", "/training", Unfold),
                (
                    "training-need",
                    "/training",
                    "/training?competency=K01",
                    Look,
                ),
                ("training-file", "/training/officers/{id}", "{file}", Unfold),
                ("sessions", "/training/sessions", "/training/sessions", Look),
                (
                    "sessions-held",
                    "/training/sessions",
                    "/training/sessions?state=held",
                    Look,
                ),
                (
                    "session-new",
                    "/training/sessions/new",
                    "/training/sessions/new",
                    Unfold,
                ),
                (
                    "session-new-refused",
                    "/training/sessions/new",
                    "/training/sessions/new",
                    Refused("title"),
                ),
                ("session", "/training/sessions/{id}", "{planned}", Unfold),
                ("session-held", "/training/sessions/{id}", "{held}", Unfold),
                (
                    "session-edit",
                    "/training/sessions/{id}/edit",
                    "{planned}/edit",
                    Look,
                ),
                (
                    "session-sheet",
                    "/training/sessions/{id}/sheet",
                    "{planned}/sheet",
                    Look,
                ),
                (
                    "session-effect",
                    "/training/sessions/{id}/effect",
                    "{held}/effect",
                    Unfold,
                ),
                ("drills", "/training/drills", "/training/drills", Look),
                ("drill", "/training/drills/{record}", "{drill}", Unfold),
            ],
        ),
        (
            "admin",
            &[
                ("admin-home", "/", "/", Look),
                ("officer", "/officers/{id}", "{officer}", Unfold),
                ("posts", "/posts", "{posts}", Look),
                ("devices", "/devices", "/devices", Unfold),
                ("numbers", "/numbers", "/numbers", Unfold),
                ("numbers-refused", "/numbers", "/numbers", Refused("prefix")),
                ("number-block", "/numbers/{id}", "{block}", Unfold),
                ("enrol", "/enrol", "/enrol", Look),
                ("enrol-made", "/enrol", "/enrol", Enrolled),
                ("units", "/units", "/units", Unfold),
                ("units-refused", "/units", "/units", Refused("name")),
                ("import", "/import", "/import", Look),
                (
                    "import-preview",
                    "/import",
                    "/import",
                    Imported("officers", OFFICERS_CSV, "[name=digest]"),
                ),
                (
                    "import-refused",
                    "/import",
                    "/import",
                    Imported("officers", BAD_CSV, ".error-summary"),
                ),
                ("laws", "/laws", "/laws", Unfold),
                ("password", "/password", "/password", Look),
            ],
        ),
    ]
};

/// Routes that show no page of the console.
const NO_PAGE: [(&str, &str); 5] = [
    ("/healthz", "for watchdogs"),
    ("/assets/{*file}", "files"),
    ("/lang/{tag}", "leads back"),
    ("/records/{id}/photos/{hash}", "a picture"),
    ("/import/{list}/template", "a file"),
];

#[test]
fn every_page_of_the_table_is_a_stop() {
    let stops: BTreeSet<&str> = TOURS
        .iter()
        .flat_map(|(_, stops)| *stops)
        .map(|(_, route, ..)| *route)
        .collect();
    let others: BTreeSet<&str> = NO_PAGE.iter().map(|(route, _)| *route).collect();
    let table = server::access_table();
    let pages: BTreeSet<&str> = table
        .iter()
        .filter(|row| row.method == "GET")
        .map(|row| row.path)
        .collect();
    for route in &pages {
        assert!(
            stops.contains(route) != others.contains(route),
            "{route} is a stop, or shows no page"
        );
    }
    for route in stops
        .iter()
        .chain(&others)
        .filter(|route| !route.is_empty())
    {
        assert!(pages.contains(route), "{route} is no route");
    }
}

/// What stands for the names in braces.
struct Places(Vec<(&'static str, String)>);

/// The first link of the page that begins so, and has nothing or this after it.
async fn link(agent: &mut Agent, page: &str, begins: &str, within: &str) -> String {
    let page = agent.get(page).await.unwrap();
    let mut links = page.links().into_iter().map(|link| link.href);
    let found =
        links.find(|href| href.starts_with(begins) && href[begins.len()..].contains(within));
    found.unwrap_or_else(|| panic!("no {begins}…{within} on {}: {}", page.path, page.text()))
}

impl Places {
    async fn look(world: &World) -> Self {
        let mut supervisor = world.office("supervisor").await.unwrap().agent;
        let mut lead = world.office("lead").await.unwrap().agent;
        let mut head = world.office("head").await.unwrap().agent;
        let mut manager = world.office("training").await.unwrap().agent;
        let mut admin = world.office("admin").await.unwrap().agent;
        let pane = link(&mut supervisor, "/gaps", "/records/", "?gap=").await;
        let record = pane.split('?').next().unwrap().to_owned();
        let latest = link(&mut supervisor, "/records", "/records/0", "").await;
        let own = link(&mut lead, "/records", "/records/0", "").await;
        let drill = link(&mut manager, "/training/drills", "/training/drills/0", "").await;
        let mut officer = world.office("officer").await.unwrap().agent;
        let planned = link(
            &mut manager,
            "/training/sessions?state=planned",
            "/training/sessions/",
            "-",
        )
        .await;
        let held = link(
            &mut manager,
            "/training/sessions?state=held",
            "/training/sessions/",
            "-",
        )
        .await;
        let bare = |path: String| path.split('?').next().unwrap().to_owned();
        Self(vec![
            (
                "{review}",
                link(&mut supervisor, &record, &record, "/gaps/").await,
            ),
            ("{step}", link(&mut lead, &own, &own, "/steps/").await),
            ("{file-step}", format!("{own}/steps/JC-19")),
            ("{task}", link(&mut head, "/tasks", "/tasks/0", "").await),
            (
                "{posts}",
                link(&mut admin, "/posts", "/posts?", "unit=").await,
            ),
            (
                "{file}",
                link(&mut manager, "/training", "/training/officers/", "-").await,
            ),
            (
                "{own-file}",
                link(&mut officer, "/", "/training/officers/", "-").await,
            ),
            (
                "{officer}",
                link(&mut admin, "/officers", "/officers/", "-").await,
            ),
            (
                "{block}",
                link(&mut admin, "/numbers", "/numbers/", "-").await,
            ),
            ("{planned}", bare(planned)),
            ("{held}", bare(held)),
            ("{drill}", drill),
            ("{latest}", latest),
            ("{record}", record),
            ("{pane}", pane),
        ])
    }

    fn path(&self, pattern: &str) -> String {
        let put = |path: String, (name, value): &(&str, String)| path.replace(name, value);
        self.0.iter().fold(pattern.to_owned(), put)
    }
}

/// Sends the form that has this field, without the browser's own checks.
const SEND: &str = "window.before = true;
    const form = document.querySelector(`main form:has([name='${arguments[0]}'])`);
    if (arguments[1]) for (const e of form.elements) {
        if (e.type === 'hidden' && e.name !== 'seen') continue;
        if (e.name === arguments[0] && e.type !== 'hidden') { e.required = false; e.value = ''; }
    }
    HTMLFormElement.prototype.submit.call(form)";
const STALE: &str = "for (const seen of document.querySelectorAll('[name=seen]')) seen.value = 'x'";
const CHOOSE: &str = "const officer = document.querySelector('main form [name=officer]');
    officer.value = [...officer.options].find((o) => o.value).value";
const FILE: &str =
    "const form = document.querySelector('main form:has([type=file])'), data = new DataTransfer();
    data.items.add(new File([arguments[1]], 'example.csv', { type: 'text/csv' }));
    form.querySelector('[type=file]').files = data.files;
    form.querySelector('[name=list]').value = arguments[0];
    window.before = true;
    form.querySelector('[value=preview]').click()";

/// Waits for another document that has this.
async fn shows(browser: &Browser, selector: &str) {
    let there = "return !window.before && document.readyState === 'complete' && !!document.querySelector(arguments[0])";
    browser
        .wait(selector, there, json!([selector]))
        .await
        .unwrap();
}

async fn act(browser: &Browser, then: Then) {
    match then {
        Then::Look => {}
        Then::Unfold => {
            let unfold =
                "for (const each of document.querySelectorAll('details')) each.open = true";
            browser.script(unfold, json!([])).await.unwrap();
        }
        Then::Refused(field) => {
            browser.script(SEND, json!([field, true])).await.unwrap();
            shows(browser, ".error-summary").await;
        }
        Then::Stale(field) => {
            browser.script(STALE, json!([])).await.unwrap();
            browser.script(SEND, json!([field, false])).await.unwrap();
            shows(browser, ".error-summary").await;
        }
        Then::Enrolled => {
            browser.script(CHOOSE, json!([])).await.unwrap();
            browser
                .script(SEND, json!(["officer", false]))
                .await
                .unwrap();
            shows(browser, ".qr").await;
        }
        Then::Imported(list, content, selector) => {
            browser.script(FILE, json!([list, content])).await.unwrap();
            shows(browser, selector).await;
        }
    }
}

#[tokio::test]
async fn the_console_in_pictures() {
    let _turn = turn().await;
    let world = World::of_year(WEEKS).await.unwrap();
    let mut admin = world.office("admin").await.unwrap().agent;
    let units = admin.get("/units").await.unwrap();
    let added = admin
        .press(&units, "添加单位", &[("name", LONG)])
        .await
        .unwrap();
    assert!(added.text().contains(LONG), "{}", added.text());
    let numbers = admin.get("/numbers").await.unwrap();
    let form = numbers.form_with("feed").unwrap();
    let device = form.choices_of("feed").remove(0);
    let form = form.set("feed", &device).set("prefix", "示例当罚〔2026〕");
    let issued = admin.send(&numbers, form).await.unwrap();
    assert!(issued.text().contains("0001–0050号"), "{}", issued.text());
    let places = Places::look(&world).await;
    let trusted = Some(world.tls.fingerprint().to_owned());
    let browser = Browser::open(Setup {
        trusted,
        ..Setup::default()
    })
    .await
    .unwrap();
    let origin = world.origin();
    for (account, stops) in TOURS {
        if !account.is_empty() {
            sign_in(&browser, &origin, account).await;
        }
        for lang in LANGUAGES {
            let chosen = format!("{origin}/lang/{lang}?back=/");
            browser.goto(&chosen).await.unwrap();
            for (name, _, path, then) in stops {
                let address = format!("{origin}{}", places.path(path));
                browser.goto(&address).await.unwrap();
                act(&browser, *then).await;
                shoot(&browser, lang, &format!("console-{name}")).await;
            }
        }
    }
    clean(&browser).await;
}
