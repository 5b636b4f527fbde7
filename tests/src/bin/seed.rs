//! `seed --data DIR [--base-url URL] [--recent]`: makes the demo year in an empty folder. Progress goes to stderr; what stands on
//! stdout at the end are accounts and enrolment links. Ends with 1 on any error.

use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::year::{self, Scale};

const HELP: &str = "seed --data DIR [--base-url URL] [--recent]";

struct Asked {
    data: PathBuf,
    base: String,
    scale: Scale,
}

fn asked(words: impl IntoIterator<Item = String>) -> Result<Asked> {
    let (mut data, mut base) = (None, "http://127.0.0.1:8080".to_owned());
    let mut scale = Scale::FULL;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} what?"));
        match word.as_str() {
            "--data" => data = Some(PathBuf::from(value()?)),
            "--base-url" => base = value()?,
            "--recent" => scale = Scale::RECENT,
            other => bail!("no such option: {other}\n{HELP}"),
        }
    }
    Ok(Asked {
        data: data.context(HELP)?,
        base,
        scale,
    })
}

fn say(out: &mut impl Write, words: &str) {
    // Nobody is left to hear of a closed pipe.
    let _ = writeln!(out, "{words}");
}

async fn run() -> Result<()> {
    let Asked { data, base, scale } = asked(std::env::args().skip(1))?;
    let mut tell = |words: &str| say(&mut std::io::stderr(), words);
    let now = tests::world::today();
    let made = year::make(&data, &base, scale, now, &mut tell).await?;
    say(&mut std::io::stdout(), &made.words);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut std::io::stderr(), &format!("seed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
