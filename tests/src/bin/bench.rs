//! `bench [GROUP] [--data DIR] [--records N]`: measures and prints one JSON line for each figure; anything else goes to stderr.
//! A GROUP is the part of a figure's name before the dot: ingest, office, assess, wire, wasm, client, rules.
//! DIR keeps the records of `office` or `assess` for the next time: name the one group, for each has records of its own.
//! N is how many records `assess` makes, where a hundred thousand are too many.

use anyhow::{Result, bail};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use tests::bench::{Figure, again, client, ingest, office, rules, wire};

const GROUPS: [&str; 7] = [
    "rules", "wire", "wasm", "ingest", "client", "office", "assess",
];

async fn measure(group: &str, kept: Option<&Path>, records: Option<usize>) -> Result<Vec<Figure>> {
    match group {
        "rules" => rules::checks(),
        "wire" => wire::inspection().await,
        "wasm" => client::size(),
        "ingest" => ingest::pushes().await,
        "client" => client::waits().await,
        "office" => office::pages(kept).await,
        "assess" => again::all(kept, records).await,
        other => bail!("no group {other}: one of {}", GROUPS.join(", ")),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let mut asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let (mut kept, mut records) = (None, None);
    while let [.., name, value] = *asked.as_slice() {
        match name {
            "--data" => kept = Some(Path::new(value)),
            "--records" if value.parse::<usize>().is_ok() => records = value.parse().ok(),
            _ => break,
        }
        asked.truncate(asked.len() - 2);
    }
    let groups = if asked.is_empty() {
        GROUPS.to_vec()
    } else {
        asked
    };
    let mut code = ExitCode::SUCCESS;
    for group in groups {
        match measure(group, kept, records).await {
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
