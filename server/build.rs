//! Puts the phone client into the server, if it was built.
//! Apart from the sources because the list of files is only known now, and their names carry hashes.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let dist = Path::new(&here).join("../dist");
    // A folder that is missing would be looked for, and this crate compiled again, at every build.
    fs::create_dir_all(&dist)?;
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let Ok(below) = file.strip_prefix(&dist) else {
            continue;
        };
        let (address, file) = (below.display().to_string(), file.display().to_string());
        let _ = writeln!(table, "    (\"/{address}\", include_bytes!({file:?})),");
    }
    table.push(']');
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&out).join("client_files.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
