//! Locks: one process has a store open at a time, and a store that is still closing is waited for.
//!
//! sled locks its file `db`, but tells a lock from damage by the words of its message only, and lets go of it some time
//! after the last handle is gone, when its threads are done. So a file beside the folder says who has the store, and
//! sled's own lock is only waited for.

use std::fs::{File, OpenOptions, TryLockError, create_dir_all};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::error::StoreError;

/// How long a lock is waited for whose process may just be ending, in milliseconds.
const LOCK_TIMEOUT_MS: u64 = 1_000;

/// How long a store that is closing is waited for, in milliseconds.
const UNLOCK_TIMEOUT_MS: u64 = 5_000;

/// Says that this process has the store open, until it is dropped or the process ends, however it ends. The file
/// itself stays: to delete it would let two processes hold the lock of one name.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store in `dir`, `<dir>.lock`.
    pub(crate) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = beside(dir, ".lock")?;
        let failed = |source| StoreError::Io { doing: "lock", path: path.clone(), source };
        if let Some(parent) = path.parent() {
            create_dir_all(parent).map_err(failed)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => return Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // A child between fork and exec holds its parent's locks for a moment, too.
        let locked =
            within(LOCK_TIMEOUT_MS, "store-lock", move || file.lock().map(|()| file)).map_err(failed)?;
        let file = locked.ok_or_else(|| StoreError::Locked { dir: dir.to_owned() })?.map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// The path next to the folder whose name is the folder's with something behind it.
pub(crate) fn beside(dir: &Path, suffix: &str) -> Result<PathBuf, StoreError> {
    let name = dir.file_name().ok_or_else(|| StoreError::Io {
        doing: "name a file beside",
        path: dir.to_owned(),
        source: io::ErrorKind::InvalidInput.into(),
    })?;
    let mut beside = name.to_owned();
    beside.push(suffix);
    Ok(dir.with_file_name(beside))
}

/// Waits until sled's own lock in `dir` is free.
pub(crate) fn wait_for_sled(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join("db");
    let failed = |source| StoreError::Io { doing: "lock", path: path.clone(), source };
    let locked = || StoreError::Locked { dir: dir.to_owned() };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock() {
        Ok(()) => return Ok(()),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let free = within(UNLOCK_TIMEOUT_MS, "store-unlock", move || file.lock()).map_err(failed)?;
    free.ok_or_else(locked)?.map_err(failed)
}

/// What `work` gives, or none when it takes longer; then its thread is left behind.
pub(crate) fn within<T: Send + 'static>(
    timeout_ms: u64,
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let (done, outcome) = channel();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Nobody waits any more when the time is over.
        let _ = done.send(work());
    })?;
    Ok(outcome.recv_timeout(Duration::from_millis(timeout_ms)).ok())
}
