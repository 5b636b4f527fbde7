//! Choosing the compiler for the phone client.
//! Apart because machines differ: some have the target, some can download it, some only have Debian's compiler.

use crate::apt::{self, CLANG, Package};
use crate::shell::{asked, cargo, root, told_by_cargo, which};
use anyhow::{Result, bail};
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

const DEBIAN: [Package; 4] = [
    Package {
        name: "rustc-web",
        shown_by: "/usr/bin/rustc",
    },
    Package {
        name: "cargo-web",
        shown_by: "/usr/bin/cargo",
    },
    Package {
        name: "rust-web-src",
        shown_by: "/usr/src",
    },
    Package {
        name: "lld",
        shown_by: "wasm-ld",
    },
];

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
    let sysroot = sysroot("rustc");
    let has = |sysroot: &Option<PathBuf>| {
        let std = sysroot.as_ref().map(|s| s.join("lib/rustlib").join(TARGET));
        std.is_some_and(|std| std.join("lib").is_dir())
    };
    if has(&sysroot) {
        return Ok(Compiler::Usual);
    }
    if which("rustup").is_some() {
        eprintln!("no {TARGET} in this toolchain; trying `rustup target add {TARGET}`");
        let added = Command::new("rustup")
            .args(["target", "add", TARGET])
            .status();
        if added.is_ok_and(|status| status.success()) && has(&self::sysroot("rustc")) {
            return Ok(Compiler::Usual);
        }
    }
    let wanted = "the phone client (or `rustup target add wasm32-unknown-unknown`)";
    if !has_debian() {
        // Present programs without the source, or the other way round: apt sorts it out.
        let all = DEBIAN.map(|package| Package {
            shown_by: if has_debian() {
                package.shown_by
            } else {
                "/nonexistent"
            },
            ..package
        });
        apt::ensure(&all, wanted)?;
    }
    let own = sysroot.map(|s| s.join("lib/rustlib").join(host()).join("bin/rust-lld"));
    let linker = own
        .filter(|file| file.is_file())
        .or_else(|| which("wasm-ld"));
    match linker {
        Some(linker) if has_debian() => Ok(Compiler::Debian { linker }),
        _ => bail!("no compiler for {TARGET}: type `rustup target add {TARGET}`"),
    }
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let mut command = Command::new(rustc);
    if rustc.starts_with('/') {
        forget(&mut command);
    }
    asked(command.args(["--print", "sysroot"])).map(PathBuf::from)
}

fn host() -> String {
    let told = asked(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap_or("x86_64-unknown-linux-gnu").to_owned()
}

fn has_debian() -> bool {
    let source = sysroot("/usr/bin/rustc").map(|s| s.join("lib/rustlib/src/rust/library/std"));
    Path::new("/usr/bin/cargo").exists() && source.is_some_and(|source| source.is_dir())
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
