//! `bench [GROUP]`: measures and prints one JSON line for each figure; anything else goes to stderr.
//! A GROUP is the part of a figure's name before the dot: ingest, office, wire, wasm, client, rules.

use anyhow::{Result, bail};
use std::io::Write;
use std::process::ExitCode;
use tests::bench::{Figure, client, ingest, office, rules, wire};

const GROUPS: [&str; 6] = ["rules", "wire", "wasm", "ingest", "client", "office"];

async fn measure(group: &str) -> Result<Vec<Figure>> {
    match group {
        "rules" => rules::checks(),
        "wire" => wire::inspection().await,
        "wasm" => client::size(),
        "ingest" => ingest::pushes().await,
        "client" => client::waits().await,
        "office" => office::pages().await,
        other => bail!("no group {other}: one of {}", GROUPS.join(", ")),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let groups = if asked.is_empty() {
        GROUPS.to_vec()
    } else {
        asked
    };
    let mut code = ExitCode::SUCCESS;
    for group in groups {
        match measure(group).await {
            Ok(figures) => {
                for figure in figures {
                    // Nobody is left to hear of a closed pipe.
                    let _ = writeln!(std::io::stdout(), "{}", figure.json());
                }
            }
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "bench {group}: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
