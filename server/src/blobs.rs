//! Blobs as files: a part that grows by appending, and the whole under its SHA-256. Apart because no database lock may be held
//! while bytes arrive: a slow picture never delays a push.
//!
//! How much of a part is there is its file's length and nothing else, so an offset survives a restart. A part belongs to the
//! office whose device sends it: nobody may complete what another office began without having the bytes.

use crate::random::hex;
use crate::store::blobs::Hash;
use sha2::{Digest, Sha256};
use shared::id::UnitId;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The longest blob that the server takes at all; recordings come later. Bytes.
pub(crate) const MAX_BLOB_BYTES: u64 = 64 << 20;
/// Read at once when a whole file is hashed. Bytes.
const HASH_CHUNK: usize = 64 << 10;

/// One upload: what, how long, and from which office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Upload {
    /// The SHA-256 that it will have.
    pub(crate) hash: Hash,
    /// The length that it will have.
    pub(crate) len: u64,
    /// The office.
    pub(crate) unit: UnitId,
}

/// The folder of blobs.
pub(crate) struct Blobs {
    root: PathBuf,
    /// Uploads that somebody is writing to.
    busy: Mutex<BTreeSet<Upload>>,
}

impl Blobs {
    /// Opens the folder, making it if it is not there.
    pub(crate) fn open(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(root.join("part"))?;
        sync_dir(&root)?;
        Ok(Self {
            root,
            busy: Mutex::default(),
        })
    }

    fn part(&self, upload: Upload) -> PathBuf {
        let name = format!("{}-{}-{}", hex(&upload.hash), upload.unit, upload.len);
        self.root.join("part").join(name)
    }

    /// Where a whole blob lies: two levels of folders, so that none grows too long to list.
    fn whole(&self, hash: Hash) -> PathBuf {
        let name = hex(&hash);
        let (first, rest) = name.split_at(2);
        let (second, _) = rest.split_at(2);
        self.root.join(first).join(second).join(&name)
    }

    /// How much of an upload is there; none before it is created.
    pub(crate) fn offset(&self, upload: Upload) -> io::Result<Option<u64>> {
        match fs::metadata(self.part(upload)) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates an upload; gives how much of it is there already.
    pub(crate) fn create(&self, upload: Upload) -> io::Result<u64> {
        let path = self.part(upload);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.sync_all()?;
        sync_dir(&self.root.join("part"))?;
        Ok(file.metadata()?.len())
    }

    /// The right to write to an upload, unless somebody has it. It ends when dropped.
    pub(crate) fn claim(self: &Arc<Self>, upload: Upload) -> Option<Claim> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(upload).then(|| Claim {
            blobs: Arc::clone(self),
            upload,
        })
    }

    /// A whole blob.
    pub(crate) fn read(&self, hash: Hash) -> io::Result<Vec<u8>> {
        fs::read(self.whole(hash))
    }
}

/// The right to write to an upload.
pub(crate) struct Claim {
    blobs: Arc<Blobs>,
    upload: Upload,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut busy = self
            .blobs
            .busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.upload);
    }
}

impl Claim {
    /// Opens the part for appending.
    pub(crate) fn open(self) -> io::Result<Writer> {
        let file = OpenOptions::new()
            .append(true)
            .open(self.blobs.part(self.upload))?;
        let at = file.metadata()?.len();
        Ok(Writer {
            claim: self,
            file,
            at,
        })
    }
}

/// An upload that is being written to.
pub(crate) struct Writer {
    claim: Claim,
    file: File,
    /// How much is there.
    pub(crate) at: u64,
}

impl Writer {
    /// How much is missing.
    pub(crate) fn left(&self) -> u64 {
        self.claim.upload.len.saturating_sub(self.at)
    }

    /// Appends; the caller looks at [`Writer::left`] first.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.at = self
            .at
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Makes what is there survive a power cut.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Puts a complete part in its place under its hash. `false`: it is not what it was said to be, and is thrown away.
    pub(crate) fn finish(self) -> io::Result<bool> {
        self.sync()?;
        let (blobs, upload) = (&self.claim.blobs, self.claim.upload);
        let part = blobs.part(upload);
        if file_hash(&part)? != upload.hash {
            fs::remove_file(&part)?;
            sync_dir(&blobs.root.join("part"))?;
            return Ok(false);
        }
        let whole = blobs.whole(upload.hash);
        let second = whole.parent().unwrap_or(&blobs.root);
        let first = second.parent().unwrap_or(&blobs.root);
        fs::create_dir_all(second)?;
        fs::rename(&part, &whole)?;
        for folder in [second, first, &blobs.root, &blobs.root.join("part")] {
            sync_dir(folder)?;
        }
        Ok(true)
    }
}

/// A new name in a folder is only safe once the folder itself is written.
fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn file_hash(path: &Path) -> io::Result<Hash> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; HASH_CHUNK];
    loop {
        let n = file.read(&mut chunk)?;
        if n == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(chunk.get(..n).unwrap_or_default());
    }
}
