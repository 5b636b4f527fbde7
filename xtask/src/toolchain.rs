//! Choosing the compiler for the phone client.
//! Apart because machines differ: some have the target, some can download it, some only have Debian's compiler.

use crate::apt::{self, CLANG, Package};
use crate::shell::{asked, cargo, root, told_by_cargo, which};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the phone's browser runs.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Variables of the cargo that runs us which would mislead the one we start.
const MISLEADING: [&str; 4] = [
    "RUSTUP_TOOLCHAIN",
    "CARGO",
    "LD_LIBRARY_PATH",
    "RUSTC_WRAPPER",
];

/// Debian's current compiler, beside the old one of the release; told apart by the packages' own folders.
const DEBIAN: [Package; 3] = [
    Package {
        name: "rustc-web",
        shown_by: "/usr/share/doc/rustc-web",
    },
    Package {
        name: "cargo-web",
        shown_by: "/usr/share/doc/cargo-web",
    },
    Package {
        name: "rust-web-src",
        shown_by: "/usr/share/doc/rust-web-src",
    },
];
const LLD: Package = Package {
    name: "lld",
    shown_by: "wasm-ld",
};

/// A compiler that can make the phone client.
pub(crate) enum Compiler {
    /// The usual toolchain; it has the target's standard library.
    Usual,
    /// Debian's; it builds the standard library first, and links with this program.
    Debian { linker: PathBuf },
}

impl Compiler {
    /// What it is, for the person who waits.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Usual => "the toolchain's own target",
            Self::Debian { .. } => "Debian's compiler, standard library built here",
        }
    }

    /// Its cargo, in the workspace's root, with a target folder of its own: two compilers must not share one.
    pub(crate) fn cargo(&self, words: &[&str]) -> Command {
        let mut command = match self {
            Self::Usual => cargo(words),
            Self::Debian { linker } => debian(linker, words),
        };
        command.env("CARGO_TARGET_DIR", root().join("target/web"));
        command
    }
}

/// Finds a compiler, installing what is needed and allowed.
///
/// # Errors
/// One line with what to type.
pub(crate) fn choose() -> Result<Compiler> {
    apt::ensure(&[CLANG], "the phone client")?;
    if has_target() {
        return Ok(Compiler::Usual);
    }
    if which("rustup").is_some() {
        eprintln!("no {TARGET} in this toolchain; trying `rustup target add {TARGET}`");
        let added = Command::new("rustup")
            .args(["target", "add", TARGET])
            .status();
        if added.is_ok_and(|status| status.success()) && has_target() {
            return Ok(Compiler::Usual);
        }
    }
    let what_for = "the phone client (or type `rustup target add wasm32-unknown-unknown`)";
    apt::ensure(&DEBIAN, what_for)?;
    new_enough()?;
    if let Some(linker) = rust_lld() {
        return Ok(Compiler::Debian { linker });
    }
    apt::ensure(&[LLD], what_for)?;
    let linker = which(LLD.shown_by).context("wasm-ld")?;
    Ok(Compiler::Debian { linker })
}

/// Debian updates its compiler for browsers through `bookworm-security`; the release's first one is too old.
fn new_enough() -> Result<()> {
    let version = |text: &str| {
        let mut numbers = text.split('.').map_while(|part| part.parse::<u32>().ok());
        Some((numbers.next()?, numbers.next()?))
    };
    let told = asked(Command::new("/usr/bin/rustc").arg("--version")).unwrap_or_default();
    let have = told.split(' ').nth(1).unwrap_or_default();
    let need = env!("CARGO_PKG_RUST_VERSION");
    if version(have) < version(need) {
        bail!(
            "Debian's compiler is {have}, {need} is needed: type `rustup target add {TARGET}`, or \
             enable bookworm-security and type `apt-get install rustc-web cargo-web rust-web-src`"
        );
    }
    Ok(())
}

/// Where the toolchain in use keeps its libraries.
fn libraries() -> Option<PathBuf> {
    let sysroot = asked(Command::new("rustc").args(["--print", "sysroot"]))?;
    Some(PathBuf::from(sysroot).join("lib/rustlib"))
}

fn has_target() -> bool {
    libraries().is_some_and(|folder| folder.join(TARGET).join("lib").is_dir())
}

/// The linker that the toolchain in use brings along.
fn rust_lld() -> Option<PathBuf> {
    let told = asked(Command::new("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "))?;
    let linker = libraries()?.join(host).join("bin/rust-lld");
    linker.is_file().then_some(linker)
}

fn forget(command: &mut Command) {
    for name in MISLEADING {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if told_by_cargo(&name) {
            command.env_remove(name);
        }
    }
}

fn debian(linker: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    forget(&mut command);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
        .current_dir(root())
        .env("RUSTC", "/usr/bin/rustc")
        // A stable compiler builds a standard library only when told that it may.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .args(words)
        .arg("-Zbuild-std=std,panic_abort");
    command
}
