//! `cargo xtask wasm`: the phone client, from Rust source to the files in `dist/`.
//! Apart because `run` and `test` need the same files, and quickly when nothing changed.

use crate::dist;
use crate::order;
use crate::shell::{Watch, must, root};
use crate::toolchain::{self, Compiler, TARGET};
use anyhow::{Context, Result, bail};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

/// How much time the compiler takes to make the module small and fast.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Seconds after a change; large.
    Dev,
    /// As shipped.
    Release,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "web-dev",
            Self::Release => "web",
        }
    }
}

/// What was built.
pub(crate) struct Built {
    /// Bytes of the module, as they are and as they travel.
    pub(crate) wasm: dist::Size,
    pub(crate) fresh: bool,
    pub(crate) seconds: f64,
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dist::Size { plain, gzip } = self.wasm;
        let state = if self.fresh { "built" } else { "unchanged" };
        let seconds = self.seconds;
        write!(
            f,
            "phone client {state}: {plain} bytes, {gzip} with gzip ({seconds:.1} s)"
        )
    }
}

/// Builds the phone client into `dist/`.
///
/// # Errors
/// A tool is missing, or the source does not compile.
pub(crate) fn build(profile: Profile) -> Result<Built> {
    let compiler = toolchain::choose()?;
    build_with(&compiler, profile, &[])
}

/// As [`build`], with a chosen compiler and extra environment.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_with(
    compiler: &Compiler,
    profile: Profile,
    environment: &[(&str, &str)],
) -> Result<Built> {
    let watch = Watch::start();
    let name = profile.name();
    eprintln!("phone client, with {} ({name})", compiler.name());
    let words = [
        "build",
        "-p",
        "field-client",
        "--lib",
        "--locked",
        "--target",
        TARGET,
        "--profile",
        name,
    ];
    let mut cargo = compiler.cargo(&words);
    must(cargo.envs(environment.iter().copied()))?;
    let module = root().join("target/web").join(TARGET).join(name);
    let module = fs::read(module.join("field_client.wasm")).context("the compiled module")?;
    let sources = dist::Sources::read(&root())?;
    let stamp = sources.stamp(&module, name);
    let stamp_file = root().join("target/web/dist.stamp");
    if let Some(wasm) = unchanged(&stamp_file, &stamp) {
        return Ok(Built {
            wasm,
            fresh: false,
            seconds: watch.elapsed().as_secs_f64(),
        });
    }
    let (script, module) = bind(module, profile)?;
    let wasm = dist::write(sources, script, module, profile == Profile::Release)?;
    fs::write(
        &stamp_file,
        format!("{stamp}\n{}\n{}\n", wasm.plain, wasm.gzip),
    )?;
    Ok(Built {
        wasm,
        fresh: true,
        seconds: watch.elapsed().as_secs_f64(),
    })
}

/// The sizes noted beside the stamp, if it is this stamp and its files are still there.
fn unchanged(file: &PathBuf, stamp: &str) -> Option<dist::Size> {
    let noted = fs::read_to_string(file).ok()?;
    let mut lines = noted.lines();
    (lines.next()? == stamp && dist::folder().join("field/sw.js").exists()).then_some(())?;
    Some(dist::Size {
        plain: lines.next()?.parse().ok()?,
        gzip: lines.next()?.parse().ok()?,
    })
}

/// The glue between JavaScript and the module. As a library, so that its version is the lock file's.
fn bind(module: Vec<u8>, profile: Profile) -> Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_bytes("field_client", module)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(true)
        .generate_output()?;
    let script = output.js().to_owned();
    // A function that C code calls and nobody has becomes an import that no browser can load.
    if script.contains("from \"env\"") {
        bail!("the module wants functions of a C library: see SQLITE_WASM_RS_FLAGS");
    }
    let module = output.wasm_mut().emit_wasm();
    let module = match profile {
        Profile::Dev => module,
        Profile::Release => order::by_likeness(&module)?,
    };
    Ok((script, module))
}
