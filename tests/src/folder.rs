//! Temporary folders and where the built programs lie.
//! Apart because every process and every profile needs one and none may outlive its test.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own, removed when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new empty folder; `what` is for people who look at it.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub fn new(what: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("chengxu-{what}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path within it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A browser that is being killed may still write for a moment; what stays lies in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Every file below a folder.
///
/// # Errors
/// The folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `target/`, from where this program runs: `target/debug/deps/it-…` or `target/release/bench`.
///
/// # Errors
/// This program does not lie below a `target` folder.
pub fn target() -> Result<PathBuf> {
    Ok(profile()?
        .parent()
        .context("no target folder")?
        .to_path_buf())
}

fn profile() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let folder = exe.parent().context("no folder")?;
    let folder = if folder.ends_with("deps") {
        folder.parent().context("no folder")?
    } else {
        folder
    };
    Ok(folder.to_path_buf())
}

/// A program of ours, built beside this one.
///
/// # Errors
/// It was not built; says what to type.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = profile()?.join(name);
    if path.is_file() {
        return Ok(path);
    }
    anyhow::bail!(
        "{} is missing: cargo build --workspace --bins",
        path.display()
    )
}
