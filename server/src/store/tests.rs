//! Tests of the store.

/// A fresh folder below the system's.
pub(crate) fn temp_dir() -> std::path::PathBuf {
    let name = crate::random::hex(&crate::random::bytes::<8>().unwrap());
    let dir = std::env::temp_dir().join(format!("chengxu-test-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}
