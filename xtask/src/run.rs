//! `cargo xtask run`, `seed` and `bench`: build, then become the program that does it.
//! Apart because they share the build; becoming it means that Ctrl-C reaches it and nothing is left behind.

use crate::shell::{Watch, cargo, must, output, root};
use crate::wasm::{self, Profile};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const PORT: u16 = 8080;
/// Marks a folder as a demo's; holds what `server demo` printed last.
const DEMO: &str = "demo.txt";

struct Options {
    port: u16,
    data: PathBuf,
    full: bool,
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            port: PORT,
            data: root().join("data"),
            full: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} what?"));
            match *word {
                "--port" => options.port = value()?.parse().context("--port takes a number")?,
                "--data" => options.data = std::path::absolute(value()?)?,
                "--full" => options.full = true,
                other => bail!("no such option: {other}"),
            }
        }
        Ok(options)
    }
}

/// Builds all, seeds a demo on the first start, serves.
///
/// # Errors
/// A build failed, or the server did not start.
pub(crate) fn run(words: &[&str]) -> Result<ExitCode> {
    let Options { port, data, .. } = Options::parse(words)?;
    // The server carries the phone client inside, so the client comes first.
    eprintln!("{}", wasm::build(Profile::Release)?);
    let server = server()?;
    // Enrolment links live for a day, so a demo gets fresh ones at each start; a folder in earnest use is left alone.
    let accounts = if !used(&data) || data.join(DEMO).exists() {
        demo(&server, &data, port)?
    } else {
        String::new()
    };
    println!("\n  office  http://127.0.0.1:{port}/\n  phone   http://127.0.0.1:{port}/field/");
    println!(
        "  data    {}\n\n{accounts}\nCtrl-C ends it.",
        data.display()
    );
    let mut command = Command::new(server);
    command.arg("serve").arg("--data").arg(&data);
    become_it(command.args(["--listen", &format!("127.0.0.1:{port}")]))
}

/// The demo records alone.
///
/// # Errors
/// A build failed, or the folder is in use.
pub(crate) fn seed(words: &[&str]) -> Result<ExitCode> {
    let Options { port, data, full } = Options::parse(words)?;
    if full {
        eprintln!("xtask: the demo year is not built yet; `cargo xtask seed` makes the small demo");
        return Ok(ExitCode::from(2));
    }
    if used(&data) {
        bail!("{} is not empty; choose another --data", data.display());
    }
    println!("{}", demo(&server()?, &data, port)?);
    Ok(ExitCode::SUCCESS)
}

/// Measures. Only JSON lines on stdout.
///
/// # Errors
/// A build failed.
pub(crate) fn bench(words: &[&str]) -> Result<ExitCode> {
    // Its sizes and starts are those of the client as shipped.
    eprintln!("{}", wasm::build(Profile::Release)?);
    drop(server()?);
    let start = [
        "run",
        "-q",
        "--release",
        "--locked",
        "-p",
        "tests",
        "--bin",
        "bench",
        "--",
    ];
    become_it(cargo(&start).args(words))
}

fn server() -> Result<PathBuf> {
    must(&mut cargo(&[
        "build",
        "--release",
        "--locked",
        "-p",
        "server",
    ]))?;
    Ok(root().join("target/release/server"))
}

fn used(data: &Path) -> bool {
    fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some())
}

fn demo(server: &Path, data: &Path, port: u16) -> Result<String> {
    let watch = Watch::start();
    if !used(data) {
        eprintln!("first start: preparing the demo in {}", data.display());
    }
    let mut command = Command::new(server);
    command.arg("demo").arg("--data").arg(data);
    // Enrolment links begin with it.
    command.args(["--base-url", &format!("http://127.0.0.1:{port}")]);
    let accounts = output(&mut command)?;
    fs::create_dir_all(data)?;
    fs::write(data.join(DEMO), &accounts)?;
    eprintln!("demo ready ({:.1} s)", watch.elapsed().as_secs_f64());
    Ok(accounts)
}

/// Only comes back if it could not start.
fn become_it(command: &mut Command) -> Result<ExitCode> {
    Err(command.exec()).with_context(|| crate::shell::line(command))
}
