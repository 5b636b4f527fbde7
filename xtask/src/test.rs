//! `cargo xtask test`: everything that must hold before a change lands, quick failures first.
//! Apart because it is also what CI runs: there is no second list anywhere.

use crate::apt::{self, CLANG, Package};
use crate::shell::{Watch, cargo, line, must};
use crate::tidy;
use crate::toolchain::{self, Compiler, TARGET};
use crate::wasm::{self, Profile};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

/// The phone client as it travels, at most. Bytes.
const WASM_GZIP_MAX: usize = 1_000_000;

const NEEDED: [Package; 4] = [
    CLANG,
    Package {
        name: "chromium",
        shown_by: "chromium",
    },
    Package {
        name: "chromium-driver",
        shown_by: "chromedriver",
    },
    Package {
        name: "fonts-noto-cjk",
        shown_by: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    },
];

/// Passed and failed tests, as their programs counted them.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

type Step<'a> = (&'a str, &'a dyn Fn(&mut Tally) -> Result<()>);

/// Runs it all.
///
/// # Errors
/// What the tests need is missing.
pub(crate) fn test() -> Result<ExitCode> {
    let whole = Watch::start();
    apt::ensure(&NEEDED, "the tests")?;
    let compiler = toolchain::choose()?;
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let steps: [Step<'_>; 9] = [
        ("fmt", &|_| must(&mut cargo(&["fmt", "--all", "--check"]))),
        ("tidy", &|_| tidied()),
        ("phone client, and its size", &|_| phone(&compiler)),
        ("rules as a module", &|_| rules_module(&compiler)),
        ("clippy, phone client", &|_| phone_lints(&compiler)),
        ("clippy", &|_| must(&mut clippy())),
        ("programs", &|_| programs()),
        ("tests", &tests),
        ("docs", &|_| docs()),
    ];
    for (name, step) in steps {
        println!("\n== {name}");
        let watch = Watch::start();
        let outcome = step(&mut tally);
        let seconds = watch.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("== {name}: ok, {seconds:.1} s"),
            Err(error) => {
                println!("== {name}: FAILED, {seconds:.1} s: {error:#}");
                failures.push(name);
            }
        }
    }
    println!("\nin {:.0} s", whole.elapsed().as_secs_f64());
    for name in &failures {
        println!("failed: {name}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tidied() -> Result<()> {
    let findings = tidy::check()?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.iter().filter(|finding| finding.fails).count() {
        0 => Ok(()),
        count => bail!("{count} findings"),
    }
}

fn phone(compiler: &Compiler) -> Result<()> {
    let deny = [("RUSTFLAGS", "-D warnings")];
    let environment: &[_] = match compiler {
        // Clippy denies them in the next step.
        Compiler::Usual => &[],
        Compiler::Debian { .. } => &deny,
    };
    let built = wasm::build_with(compiler, Profile::Release, environment)?;
    println!("{built}");
    if built.wasm.gzip > WASM_GZIP_MAX {
        bail!("more than {WASM_GZIP_MAX} bytes with gzip");
    }
    Ok(())
}

/// The rules alone as WebAssembly, for the test that judges every case there too.
fn rules_module(compiler: &Compiler) -> Result<()> {
    let words = [
        "rustc",
        "-p",
        "shared",
        "--lib",
        "--crate-type",
        "cdylib",
        "--features",
        "judge",
        "--locked",
        "--target",
        TARGET,
        "--profile",
        Profile::Release.name(),
    ];
    must(&mut compiler.cargo(&words))
}

fn phone_lints(compiler: &Compiler) -> Result<()> {
    if let Compiler::Debian { .. } = compiler {
        println!("no clippy for {TARGET} here; the build above denied warnings instead");
        return Ok(());
    }
    let words = [
        "clippy",
        "--locked",
        "-p",
        "field-client",
        "--lib",
        "--target",
        TARGET,
        "--profile",
        "web-dev",
        "--",
        "-D",
        "warnings",
    ];
    must(&mut compiler.cargo(&words))
}

fn clippy() -> Command {
    let words = [
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    cargo(&words)
}

/// Everything the tests run, and the programs that journeys start as processes. With all targets, because then the
/// tests need nothing compiled again; without this program, whose own build has what it needs in another shape.
fn programs() -> Result<()> {
    let words = [
        "build",
        "--locked",
        "--workspace",
        "--exclude",
        "xtask",
        "--all-targets",
    ];
    must(&mut cargo(&words))
}

fn docs() -> Result<()> {
    let words = [
        "doc",
        "--locked",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ];
    // These pages show private items, so links to them lead somewhere.
    let flags = "-D warnings -A rustdoc::private-intra-doc-links";
    must(cargo(&words).env("RUSTDOCFLAGS", flags))
}

fn tests(tally: &mut Tally) -> Result<()> {
    // The browser's journeys need the built client, and start what `programs` built.
    let product = ["--workspace", "--exclude", "xtask"];
    let outcomes = [run(&["-p", "xtask"], tally), run(&product, tally)];
    outcomes.into_iter().collect()
}

fn run(which: &[&str], tally: &mut Tally) -> Result<()> {
    let mut command = cargo(&["test", "--locked", "--no-fail-fast"]);
    command.args(which);
    // A snapshot that differs is a failure, not a new file.
    command.env("INSTA_UPDATE", "no").stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| line(&command))?;
    let stdout = child.stdout.take().context("its output")?;
    for text in BufReader::new(stdout).lines() {
        let text = text?;
        println!("{text}");
        tally.count(&text);
    }
    if !child.wait()?.success() {
        bail!("{}", line(&command));
    }
    Ok(())
}

impl Tally {
    /// `test result: ok. 3 passed; 0 failed; ...`
    fn count(&mut self, text: &str) {
        if !text.starts_with("test result:") {
            return;
        }
        let number = |word: &str| {
            let before = text.split(word).next()?;
            before.trim_end().rsplit(' ').next()?.parse::<u32>().ok()
        };
        self.passed += number(" passed").unwrap_or(0);
        self.failed += number(" failed").unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_add_up() {
        let mut tally = Tally::default();
        tally.count("test result: ok. 13 passed; 0 failed; 0 ignored; finished in 0.01s");
        tally.count("test result: FAILED. 2 passed; 1 failed; 0 ignored");
        tally.count("running 4 tests");
        assert_eq!((tally.passed, tally.failed), (15, 1));
    }
}
