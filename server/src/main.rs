//! The server's binary: reads the command line, opens the data folder, serves; or answers a verb that needs none.

use anyhow::Context as _;
use server::config::{Command, First, HELP, Serve};
use server::verbs::{self, Report};
use server::{App, Config, Progress, Sole, SystemClock, demo, first};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::ExitCode;

/// Gives back what a large file or a password's hash took: the system's keeps it for each thread, and a hundred thousand records
/// as CSV a few times would hold a quarter of a gigabyte.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let result = match Command::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            say(HELP.trim_end());
            Ok(())
        }
        Ok(Command::Serve(command)) => run(command).await,
        Ok(Command::Demo(config)) => make_demo(config).await,
        Ok(Command::Account { config, first }) => make_first(config, first).await,
        Ok(Command::Assess { file, json }) => return tell(&verbs::assess(&file, json)),
        Ok(Command::AssessAll(config)) => assess_all(config).await,
        Ok(Command::Lint { folder }) => return tell(&verbs::lint(&folder)),
        Ok(Command::LintDrills { folder }) => return tell(&verbs::lint_drills(&folder)),
        Err(bad) => Err(bad.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the program's answer to whoever started it"
)]
fn say(text: &str) {
    println!("{text}");
}

/// Says what a verb answers. Who reads may have stopped reading (`| head`): that is no failure.
fn tell(report: &Report) -> ExitCode {
    let _ = std::io::stdout().write_all(report.out.as_bytes());
    let _ = std::io::stderr().write_all(report.err.as_bytes());
    ExitCode::from(report.code)
}

async fn run(
    Serve {
        config,
        listen,
        tls,
    }: Serve,
) -> anyhow::Result<()> {
    let _sole = Sole::take(&config.data)?;
    let listener =
        TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let folder = config.data.clone();
    let app = App::open(config, SystemClock)
        .await
        .with_context(|| format!("cannot open {}", folder.display()))?;
    say(&format!(
        "listening on {scheme}://{}",
        listener.local_addr()?
    ));
    if !server::phone_client_is_built() {
        say("手机端尚未构建 · the phone client is not built: `cargo xtask wasm` builds it");
    }
    server::serve(app, listener, tls, stopped()).await
}

/// Ctrl-C, or the polite signal of whoever manages services.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

async fn assess_all(config: Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.data.is_dir(),
        "there is no folder {}",
        config.data.display()
    );
    let _sole = Sole::take(&config.data)?;
    let folder = config.data.clone();
    let app = App::open(config, SystemClock)
        .await
        .with_context(|| format!("cannot open {}", folder.display()))?;
    let mut said = 0;
    let summary = app
        .assess_all(|progress| {
            if progress.millis >= said + 1_000 {
                said = progress.millis;
                let _ = writeln!(std::io::stderr(), "{}", how_far(progress));
            }
        })
        .await?;
    let tally = summary.tally;
    say(&format!(
        "{}: judged {}, changed {}, gaps opened {}, cured {}, not judged {}, {:.1} s",
        if summary.resumed {
            "resumed"
        } else {
            "all records"
        },
        tally.judged,
        tally.changed,
        tally.opened,
        tally.cured,
        tally.failed,
        summary.millis as f64 / 1e3,
    ));
    anyhow::ensure!(tally.failed == 0, "some records could not be judged");
    Ok(())
}

/// `judged 1200 of 100000, 1800/s, 55 s left`.
fn how_far(Progress { done, of, millis }: Progress) -> String {
    let per_second = done as f64 * 1e3 / millis.max(1) as f64;
    let left = of.saturating_sub(done) as f64 / per_second.max(1.0);
    format!("judged {done} of {of}, {per_second:.0}/s, {left:.0} s left")
}

async fn make_demo(config: Config) -> anyhow::Result<()> {
    let base = config
        .base_url
        .clone()
        .unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let folder = config.data.clone();
    let app = App::open(config, SystemClock)
        .await
        .with_context(|| format!("cannot open {}", folder.display()))?;
    let made = demo::make(&app).await?;
    say(&made.describe(&base));
    Ok(())
}

async fn make_first(config: Config, wanted: First) -> anyhow::Result<()> {
    let folder = config.data.clone();
    first::check(&wanted)?;
    let app = App::open(config, SystemClock)
        .await
        .with_context(|| format!("cannot open {}", folder.display()))?;
    let made = first::make(&app, wanted).await?;
    say(&made);
    Ok(())
}
