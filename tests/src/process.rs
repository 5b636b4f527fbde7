//! Our programs as real processes: started on a free port, stopped by signal, started again on the same data and port.
//! Apart because "offline" in these tests means that the server's process is gone.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A program that has not said its address by then has failed to start.
const START: Duration = Duration::from_secs(60);
/// A program that was asked to end and has not ended by then hangs.
const END: Duration = Duration::from_secs(30);
/// Output lines kept for a failing test's message.
const KEPT_LINES: usize = 200;

/// A program with what it needs to be started, again and again.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    port: u16,
    address: String,
    output: Arc<Mutex<Vec<String>>>,
    child: Option<Child>,
}

impl Program {
    /// A program not yet started. `--listen` is added by [`Program::start`].
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            args: Vec::new(),
            environment: Vec::new(),
            port: 0,
            address: String::new(),
            output: Arc::default(),
            child: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets one environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts it and waits for the line with its address. The first start picks a free port, later ones keep it.
    ///
    /// # Errors
    /// It ended, or printed no address in time.
    pub async fn start(&mut self) -> Result<()> {
        self.lines().clear();
        let mut child = Command::new(&self.path)
            .args(&self.args)
            .arg("--listen")
            .arg(format!("127.0.0.1:{}", self.port))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| self.path.display().to_string())?;
        let (said, mut address) = tokio::sync::mpsc::unbounded_channel();
        keep(child.stdout.take(), self.output.clone(), said.clone());
        keep(child.stderr.take(), self.output.clone(), said);
        self.child = Some(child);
        let found = timeout(START, address.recv()).await.ok().flatten();
        let Some(address) = found else {
            self.kill().await?;
            bail!("{} did not start:\n{}", self.path.display(), self.output());
        };
        self.port = port(&address).context("an address without a port")?;
        self.address = address;
        Ok(())
    }

    /// The address it printed, whole: a loopback client's carries its token.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// SIGKILL: what a dead battery does.
    ///
    /// # Errors
    /// The system refuses.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// SIGTERM, and waits for the clean end.
    ///
    /// # Errors
    /// It did not run, did not end in time, or ended with an error.
    pub async fn stop(&mut self) -> Result<()> {
        let mut child = self.child.take().context("not running")?;
        signal(child.id().context("has ended")?, Signal::TERM)?;
        match timeout(END, child.wait()).await {
            Ok(status) if status.as_ref().is_ok_and(|s| s.success()) => Ok(()),
            Ok(status) => bail!("ended with {status:?}:\n{}", self.output()),
            Err(_) => {
                child.kill().await?;
                bail!("does not end on SIGTERM:\n{}", self.output())
            }
        }
    }

    /// What it printed since it was started.
    #[must_use]
    pub fn output(&self) -> String {
        self.lines().join("\n")
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a signal to one process.
///
/// # Errors
/// It is not there, or not ours.
pub fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    Ok(kill_process(pid.context("no such process")?, signal)?)
}

/// Collects what a process says, and passes on the addresses in it.
fn keep(
    from: Option<impl AsyncRead + Unpin + Send + 'static>,
    to: Arc<Mutex<Vec<String>>>,
    said: tokio::sync::mpsc::UnboundedSender<String>,
) {
    let Some(from) = from else { return };
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(address) = address(&line) {
                let _ = said.send(address);
            }
            let mut kept = to.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == KEPT_LINES {
                kept.remove(0);
            }
            kept.push(line);
        }
    });
}

/// The first address of this machine in a line.
fn address(line: &str) -> Option<String> {
    let start = line.find("http://").or_else(|| line.find("https://"))?;
    let address = line.get(start..)?.split_whitespace().next()?;
    let loopback = address.contains("//127.0.0.1:") || address.contains("//localhost:");
    loopback.then(|| address.to_owned())
}

fn port(address: &str) -> Option<u16> {
    let after = address.rsplit_once("://")?.1.split_once(':')?.1;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_what_a_program_prints() {
        let line = "listening on https://127.0.0.1:4711/field/?t=abc now";
        let found = address(line).unwrap();
        assert_eq!(found, "https://127.0.0.1:4711/field/?t=abc");
        assert_eq!(port(&found), Some(4711));
        assert_eq!(address("see https://example.org/ for help"), None);
    }
}
