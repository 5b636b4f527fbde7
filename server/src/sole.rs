//! One program at a time works on a data folder: a lock that the system gives back when its holder is gone, however it went.
//! Apart because whoever judges all records, or serves, must not find another at it.

use anyhow::{Context as _, Result, bail};
use std::fs::{File, TryLockError};
use std::path::Path;

/// The lock; held until it is dropped.
#[derive(Debug)]
pub struct Sole(#[expect(dead_code, reason = "held, not read")] File);

impl Sole {
    /// Takes the folder, making it if it is not there.
    ///
    /// # Errors
    /// Another program has it, or the folder cannot be written.
    pub fn take(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        std::fs::create_dir_all(folder).with_context(|| format!("cannot open {shown}"))?;
        let file = File::create(folder.join("server.lock"));
        let file = file.with_context(|| format!("cannot open {shown}"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "该数据目录正在被另一个程序使用，请先停止服务 · another program works on {shown}: stop the server first"
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {shown}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::temp_dir;

    #[test]
    fn a_folder_has_one_holder_until_it_goes() {
        let dir = temp_dir();
        let held = Sole::take(&dir.0).unwrap();
        let refused = Sole::take(&dir.0).unwrap_err().to_string();
        assert!(refused.contains("stop the server first"), "{refused}");
        drop(held);
        assert!(Sole::take(&dir.0).is_ok());
    }
}
