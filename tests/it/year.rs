//! The demo year in small: some weeks of few people, and the office knows exactly what was left out.

use server::demo::PASSWORD;
use shared::instant::Instant;
use std::collections::BTreeSet;
use tests::agent::Agent;
use tests::folder::Folder;
use tests::machine::Clock;
use tests::office::Office;
use tests::year::{self, Scale};

/// A Tuesday afternoon in Beijing.
const NOW: Instant = Instant::from_millis(1_795_500_000_000);
const SMALL: Scale = Scale {
    days: 28,
    inspections: 24,
    pairs: 2,
    parties: 8,
    tells: false,
};

/// The records that have or had a gap of one of these rules, whatever was said of it.
async fn records(agent: &mut Agent, rules: &[&str]) -> usize {
    let mut found = BTreeSet::new();
    for status in ["open", "waiting", "upheld", "dismissed", "cured"] {
        let path = format!("/gaps?status={status}&format=csv");
        let csv = agent.get(&path).await.unwrap().html;
        for line in csv.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            if rules.contains(&cells[2]) {
                found.insert(cells[0].to_owned());
            }
        }
    }
    found.len()
}

#[tokio::test]
async fn a_small_year_has_what_was_left_out_and_nothing_else_of_it() {
    let folder = Folder::new("year").unwrap();
    let mut said = Vec::new();
    let mut tell = |words: &str| said.push(words.to_owned());
    let made = year::make(folder.path(), "http://localhost", SMALL, NOW, &mut tell);
    let made = made.await.unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(made.inspections, SMALL.inspections);
    assert!(said.iter().any(|line| line.ends_with("24 inspections")));
    for words in ["head-qingshan", "http://localhost/field/enrol#", "258046"] {
        assert!(made.words.contains(words), "{}", made.words);
    }

    let clock = Clock::at(NOW);
    let config = server::Config::new(folder.path());
    let app = server::App::open(config, clock.clone()).await.unwrap();
    let agent = Agent::within(server::app(app)).unwrap();
    let mut agent = Office::sign_in(agent, "supervisor", PASSWORD)
        .await
        .unwrap()
        .agent;
    for (competency, rules) in [
        ("K01", &["R09"][..]),
        ("K06", &["R12", "R13"]),
        ("K07", &["JC-15.missing"]),
    ] {
        let lacking = made.lacking.get(competency).copied().unwrap_or_default();
        assert_eq!(records(&mut agent, rules).await, lacking, "{competency}");
    }
    assert!(made.lacking.contains_key("K01") && made.lacking.contains_key("K06"));
    // Whoever did as the law asks is suspected of nothing beside what the office owes.
    let stray = [
        "R02",
        "R03",
        "R04",
        "R10",
        "R20",
        "R21",
        "R22",
        "GZ-05.missing",
    ];
    assert_eq!(records(&mut agent, &stray).await, 0);

    let mut quiet = |_: &str| {};
    let again = year::make(folder.path(), "http://localhost", SMALL, NOW, &mut quiet);
    let refused = again.await.unwrap_err().to_string();
    assert!(refused.ends_with("is in use"), "{refused}");
}
