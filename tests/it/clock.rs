//! Nobody can tell the shipped programs another time than the machine's: a moved clock would date steps as one likes.

use std::process::Command;
use tests::folder::program;

/// Ways in which somebody might try.
const TRIES: [&[&str]; 3] = [
    &["--clock", "2026-11-24T09:00"],
    &["--now", "2026-11-24T09:00"],
    &["--time-offset", "86400"],
];

#[test]
fn no_option_moves_the_clock() {
    for (name, first) in [("server", Some("serve")), ("field-client", None)] {
        let program = program(name).unwrap();
        for words in TRIES {
            let mut command = Command::new(&program);
            let tried = command.args(first).args(words).output().unwrap();
            let said = String::from_utf8_lossy(&tried.stderr);
            assert!(!tried.status.success(), "{name} takes {words:?}");
            assert!(said.contains(words[0]), "{name} {words:?}: {said}");
        }
        let help = Command::new(&program).arg("--help").output().unwrap();
        let help = String::from_utf8_lossy(&help.stdout).to_lowercase();
        assert!(help.contains("--data"), "{name} helps: {help}");
        for word in ["clock", "offset", "--now", "--time"] {
            assert!(!help.contains(word), "{name} speaks of {word}");
        }
    }
}

#[test]
fn no_route_moves_the_clock() {
    let table = server::access_table();
    assert!(table.iter().any(|row| row.path == "/healthz"));
    let suspicious = |row: &&server::AccessRow| {
        ["clock", "time", "now"]
            .iter()
            .any(|word| row.path.contains(word))
    };
    let found: Vec<_> = table.iter().filter(suspicious).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// The phone's worker asks the browser's clock at each look and has no ear for another: the journey over two days has to put one
/// before it (`tests::moved`).
#[test]
fn the_phones_worker_listens_to_nobody_about_time() {
    let worker = include_str!("../../field-client/assets/worker.js");
    assert!(!worker.contains("Date") && !worker.contains("BroadcastChannel"));
    let module = include_str!("../../field-client/src/host/worker.rs");
    assert_eq!(
        module.matches("js_namespace = Date").count(),
        1,
        "one clock"
    );
}
