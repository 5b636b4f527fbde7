//! Laying out `dist/`: names that carry the hash of their content, compressed siblings, the service worker's list.
//! Apart because this decides what a phone caches: a mistake here mixes two versions of the client.

use crate::shell::root;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

/// Digits of the hash in a file's name.
const HASH_DIGITS: usize = 12;
/// Where the assets are on the web.
const BASE: &str = "/field/assets/";
/// Written out by hand or by a picture program; everything else is text that may name other assets.
const OPAQUE: [&str; 2] = ["png", "wasm"];

/// How often the shipped files' compression is tried to be bettered; more gains hundreds of bytes.
const ROUNDS: NonZeroU64 = NonZeroU64::new(3).unwrap();

/// Bytes of a file.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) plain: usize,
    /// After gzip at its hardest.
    pub(crate) gzip: usize,
}

/// The files that are written by hand, by the name they have on the web below [`BASE`].
pub(crate) struct Sources(BTreeMap<String, Vec<u8>>);

/// The folder that is written.
pub(crate) fn folder() -> PathBuf {
    root().join("dist")
}

impl Sources {
    /// Reads what client and console share and what is the client's own.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        for folder in ["shared/assets", "field-client/assets"] {
            collect(&root.join(folder), "", &mut files)?;
        }
        files.retain(|name, _| !name.ends_with(".LICENSE"));
        Ok(Self(files))
    }

    /// Changes whenever what would be written changes.
    pub(crate) fn stamp(&self, module: &[u8], profile: &str) -> String {
        let mut hash = Sha256::new();
        // Our own program is an input too: it decides the layout.
        for (name, bytes) in &self.0 {
            hash.update(name);
            hash.update(Sha256::digest(bytes));
        }
        hash.update(Sha256::digest(module));
        hash.update(profile);
        hash.update(include_bytes!("dist.rs"));
        hash.update(include_bytes!("order.rs"));
        hash.update(include_bytes!("wasm.rs"));
        hex(&hash.finalize())
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Writes `dist/` anew and gives the size of the module; `shipped`: take seconds to compress better.
///
/// # Errors
/// Two files name each other, or a file cannot be written.
pub(crate) fn write(
    sources: Sources,
    script: String,
    module: Vec<u8>,
    shipped: bool,
) -> Result<Size> {
    let pack = if shipped { hardest } else { gzip };
    let mut files = sources.0;
    let worker = files.remove("sw.js").context("assets/sw.js")?;
    files.insert("field_client.js".to_owned(), script.into_bytes());
    files.insert("field_client_bg.wasm".to_owned(), module);
    let mut naming = Naming {
        files,
        ..Naming::default()
    };
    for name in naming.files.keys().cloned().collect::<Vec<_>>() {
        naming.name(&name)?;
    }
    let _ = fs::remove_dir_all(folder());
    let mut list = Vec::new();
    let mut size = None;
    for (name, (address, bytes)) in &naming.named {
        let gzip = put(address, bytes, pack)?;
        list.push(address.as_str());
        if name.ends_with(".wasm") {
            let plain = bytes.len();
            size = Some(Size { plain, gzip });
        }
    }
    list.sort_unstable();
    let version = hex(&Sha256::digest(list.join("\n")));
    let version = version.get(..HASH_DIGITS).unwrap_or(&version);
    let worker = String::from_utf8(worker)?
        .replace("BUILD_VERSION", version)
        .replace("\"BUILD_FILES\"", &format!("\"{}\"", list.join("\", \"")));
    put("/field/sw.js", worker.as_bytes(), pack)?;
    size.context("the module")
}

/// Gives each file its final content and name: what it refers to is named before itself.
#[derive(Default)]
struct Naming {
    files: BTreeMap<String, Vec<u8>>,
    /// Source name to address and content.
    named: BTreeMap<String, (String, Vec<u8>)>,
    /// Files being named now; meeting one again means two files name each other.
    open: Vec<String>,
}

impl Naming {
    fn name(&mut self, name: &str) -> Result<String> {
        if let Some((address, _)) = self.named.get(name) {
            return Ok(address.clone());
        }
        if self.open.iter().any(|open| open == name) {
            bail!("{name} and {} name each other", self.open.join(", "));
        }
        let mut bytes = self.files.get(name).context("no such asset")?.clone();
        let (stem, extension) = name.rsplit_once('.').context("a name without a dot")?;
        if !OPAQUE.contains(&extension) {
            self.open.push(name.to_owned());
            bytes = self.refer(String::from_utf8(bytes)?)?.into_bytes();
            self.open.pop();
        }
        let hash = hex(&Sha256::digest(&bytes));
        let hash = hash.get(..HASH_DIGITS).unwrap_or(&hash);
        let address = format!("{BASE}{stem}.{hash}.{extension}");
        self.named.insert(name.to_owned(), (address.clone(), bytes));
        Ok(address)
    }

    /// Rewrites `"/field/assets/NAME"` and `"./NAME"` to the names with hashes.
    fn refer(&mut self, mut text: String) -> Result<String> {
        for other in self.files.keys().cloned().collect::<Vec<_>>() {
            for written in [format!("\"{BASE}{other}\""), format!("\"./{other}\"")] {
                if text.contains(&written) {
                    let address = self.name(&other)?;
                    text = text.replace(&written, &format!("\"{address}\""));
                }
            }
        }
        Ok(text)
    }
}

/// Writes a file and, where it helps, its compressed sibling. Gives the compressed size.
fn put(address: &str, bytes: &[u8], pack: fn(&[u8]) -> Result<Vec<u8>>) -> Result<usize> {
    let file = folder().join(address.trim_start_matches('/'));
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&file, bytes)?;
    let packed = pack(bytes)?;
    if packed.len() < bytes.len() - bytes.len() / 16 {
        let mut name = file.into_os_string();
        name.push(".gz");
        fs::write(name, &packed)?;
    }
    Ok(packed.len())
}

/// The same format, four percent shorter for a hundred times the time: what every phone downloads is worth it.
fn hardest(bytes: &[u8]) -> Result<Vec<u8>> {
    let options = zopfli::Options {
        iteration_count: ROUNDS,
        ..zopfli::Options::default()
    };
    let mut out = Vec::new();
    zopfli::compress(options, zopfli::Format::Gzip, bytes, &mut out)?;
    Ok(out)
}

/// RFC 1952 around a deflate stream.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    // Magic, deflate, no flags, no time, slowest compression, unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 9));
    out.extend(crc32(bytes).to_le_bytes());
    // The format keeps the length modulo 2^32; our files are far shorter.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend(length.to_le_bytes());
    Ok(out)
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(files: &[(&str, &str)]) -> Naming {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Naming {
            files: files.collect(),
            ..Naming::default()
        }
    }

    #[test]
    fn a_change_deep_down_renames_everything_above() {
        let page = |leaf| {
            let files = [
                ("page.html", "src=\"/field/assets/a.js\""),
                ("a.js", "import \"./vendor/b.js\""),
                ("vendor/b.js", leaf),
            ];
            naming(&files).name("page.html").unwrap()
        };
        assert_eq!(page("1"), page("1"));
        assert_ne!(page("1"), page("2"));
        assert!(page("1").starts_with("/field/assets/page."));
    }

    #[test]
    fn files_that_name_each_other_are_refused() {
        let files = [("a.js", "\"./b.js\""), ("b.js", "\"./a.js\"")];
        assert!(naming(&files).name("a.js").is_err());
    }

    #[test]
    fn crc_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
