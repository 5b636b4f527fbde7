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
/// Marks a folder as a demo's; holds what was last said of its accounts and enrolment links.
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
    let options = Options::parse(words)?;
    let Options { port, data, .. } = &options;
    // The server carries the phone client inside, so the client comes first.
    eprintln!("{}", wasm::build(Profile::Release)?);
    let server = server()?;
    // Enrolment links live for a day, so a demo gets fresh ones at each start; a folder in earnest use is left alone.
    let accounts = if !used(data) {
        seeded(&options)?
    } else if data.join(DEMO).exists() {
        kept(&server, &options)?
    } else {
        String::new()
    };
    println!("\n  office  http://127.0.0.1:{port}/\n  phone   http://127.0.0.1:{port}/field/");
    println!(
        "  data    {}\n\n{accounts}\nCtrl-C ends it.",
        data.display()
    );
    let mut command = Command::new(server);
    command.arg("serve").arg("--data").arg(data);
    become_it(command.args(["--listen", &format!("127.0.0.1:{port}")]))
}

/// The demo records alone.
///
/// # Errors
/// A build failed, or the folder is in use.
pub(crate) fn seed(words: &[&str]) -> Result<ExitCode> {
    let options = Options::parse(words)?;
    if used(&options.data) {
        let data = options.data.display();
        bail!("{data} is not empty; choose another --data");
    }
    println!("{}", seeded(&options)?);
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

/// Fills the folder with the demo year or its last weeks, played by the real client. What is not whole never lies there: an
/// interrupted beginning lies beside it and is thrown away by the next.
fn seeded(options: &Options) -> Result<String> {
    let Options { port, data, full } = options;
    let words = [
        "build",
        "--release",
        "--locked",
        "-p",
        "tests",
        "--bin",
        "seed",
    ];
    must(&mut cargo(&words))?;
    let beside = beside(data)?;
    if beside.exists() {
        fs::remove_dir_all(&beside).with_context(|| beside.display().to_string())?;
    }
    let what = if *full { "year" } else { "last weeks" };
    eprintln!("preparing the demo's {what} in {}", data.display());
    let watch = Watch::start();
    let mut command = Command::new(root().join("target/release/seed"));
    command.arg("--data").arg(&beside);
    // Enrolment links begin with it.
    command.args(["--base-url", &format!("http://127.0.0.1:{port}")]);
    if !full {
        command.arg("--recent");
    }
    let accounts = output(&mut command)?;
    fs::write(beside.join(DEMO), &accounts)?;
    fs::rename(&beside, data).with_context(|| data.display().to_string())?;
    eprintln!("demo ready ({:.1} s)", watch.elapsed().as_secs_f64());
    Ok(accounts)
}

/// Where a demo is made before it is whole.
fn beside(data: &Path) -> Result<PathBuf> {
    let mut name = data
        .file_name()
        .context("--data names no folder")?
        .to_owned();
    name.push(".seeding");
    Ok(data.with_file_name(name))
}

/// Fresh enrolment links of a demo that is there.
fn kept(server: &Path, options: &Options) -> Result<String> {
    let Options { port, data, .. } = options;
    let mut command = Command::new(server);
    command.arg("demo").arg("--data").arg(data);
    command.args(["--base-url", &format!("http://127.0.0.1:{port}")]);
    let accounts = output(&mut command)?;
    fs::write(data.join(DEMO), &accounts)?;
    Ok(accounts)
}

/// Only comes back if it could not start.
fn become_it(command: &mut Command) -> Result<ExitCode> {
    Err(command.exec()).with_context(|| crate::shell::line(command))
}
