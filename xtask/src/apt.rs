//! Installing what the machine lacks, from Debian's packages, after saying so.
//! Apart because two commands need it, and without root or apt it must only say what to type.

use crate::shell::{must, root, which};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// A package, and the program or absolute path that shows it is there.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) shown_by: &'static str,
}

/// SQLite's C is compiled for the phone with it.
pub(crate) const CLANG: Package = Package {
    name: "clang",
    shown_by: "clang",
};

fn present(package: &Package) -> bool {
    if package.shown_by.starts_with('/') {
        Path::new(package.shown_by).exists()
    } else {
        which(package.shown_by).is_some()
    }
}

/// Installs those of the packages that are missing.
///
/// # Errors
/// One line with what to type, where this program may not install or apt could not.
pub(crate) fn ensure(packages: &[Package], what_for: &str) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !present(package))
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    // The owner of our own process entry is who we are.
    let root_user = fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0);
    if which("apt-get").is_none() {
        bail!(
            "missing for {what_for}: {names} (Debian's names; install them with this system's package manager)"
        );
    }
    if !root_user {
        bail!("missing for {what_for}: type `sudo apt-get update && sudo apt-get install {names}`");
    }
    eprintln!("installing with apt, for {what_for}: {names}");
    install(&missing)
        .with_context(|| format!("missing for {what_for}: type `apt-get install {names}`"))
}

/// Some images delete apt's archives while it installs; a folder of our own is left alone.
fn install(names: &[&str]) -> Result<()> {
    let archives = root().join(format!("target/apt-{}", std::process::id()));
    fs::create_dir_all(archives.join("partial"))?;
    let get = || {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "-o"]);
        command.arg(format!("Dir::Cache::archives={}", archives.display()));
        // Standard output may be a measurement's.
        command.stdout(std::io::stderr());
        command
    };
    must(get().arg("update"))?;
    must(
        get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(names),
    )?;
    fs::remove_dir_all(&archives)?;
    Ok(())
}
