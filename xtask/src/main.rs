//! The project's own commands: `cargo xtask run`, `test`, `wasm`, `bench`, `seed`, `tidy`.
//! Apart from the product, and without its crates, because it must build when they do not.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to the person who typed it"
)]

mod apt;
mod dist;
mod order;
mod run;
mod shell;
mod test;
mod tidy;
mod toolchain;
mod wasm;

use anyhow::Result;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  run [--port N] [--data DIR]   build everything, seed a demo on the first start (a minute), serve on 127.0.0.1 (8080, data/)
  test                          everything that CI runs: fmt, tidy, clippy, wasm and its size, tests, docs, browser
  wasm [--release]              the phone client, into dist/ (quicker to build without --release)
  bench [GROUP] [--data DIR]    measure; JSON lines on stdout, the rest on stderr
  seed [--full] [--data DIR]    the demo without serving it: its last weeks, as `run` has them, or with --full the whole year
  tidy                          the house rules that no compiler checks
  help                          this";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match command(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(words: &[&str]) -> Result<ExitCode> {
    match words {
        ["run", options @ ..] => run::run(options),
        ["test"] => test::test(),
        ["wasm"] => wasm::build(wasm::Profile::Dev).map(|built| done(&built)),
        ["wasm", "--release"] => wasm::build(wasm::Profile::Release).map(|built| done(&built)),
        ["bench", group @ ..] => run::bench(group),
        ["seed", options @ ..] => run::seed(options),
        ["tidy"] => tidy::report(),
        [] | ["help" | "--help" | "-h", ..] => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprintln!("xtask: no such command: {}\n\n{HELP}", other.join(" "));
            Ok(ExitCode::from(2))
        }
    }
}

fn done(built: &wasm::Built) -> ExitCode {
    println!("{built}");
    ExitCode::SUCCESS
}
