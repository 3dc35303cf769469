//! The one tree: sled behind a wall that turns its panics into errors and its hanging into a timeout.

use std::fmt;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use sled::{Db, IVec};
use tracing::{error, warn};

use crate::error::StoreError;
use crate::lock::{wait_for_sled, within};
use crate::quiet::caught;

/// What sled keeps in memory unless said, in bytes.
pub const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// How often sled writes to its file unless said, in milliseconds.
pub const FLUSH_EVERY_MS: u64 = 500;
/// Keys written after which sled's garbage is swept once. Each leaves an old page and more behind, and a sweep takes away
/// some five hundred of such things.
const KEYS_A_SWEEP: usize = 64;
/// How long closing may take, in milliseconds.
const CLOSE_TIMEOUT_MS: u64 = 30_000;

/// How a store uses the machine. Neither figure changes what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreConfig {
    /// Pages kept in memory, in bytes.
    pub cache_bytes: u64,
    /// How often what was written goes to the disk, in milliseconds. It bounds what a power cut costs in replay.
    pub flush_every_ms: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { cache_bytes: CACHE_BYTES, flush_every_ms: FLUSH_EVERY_MS }
    }
}

/// A row as sled hands it out.
pub(crate) type Pair = (IVec, IVec);

/// A key, and the value it gets; none when its row goes.
pub(crate) type Change = (Vec<u8>, Option<Vec<u8>>);

/// Rows to be written together. No key comes twice in one batch.
#[derive(Default, Clone)]
pub(crate) struct Batch(Vec<Change>);

impl Batch {
    pub(crate) fn insert(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.0.push((key.into(), Some(value.into())));
    }

    pub(crate) fn remove(&mut self, key: impl Into<Vec<u8>>) {
        self.0.push((key.into(), None));
    }

    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.0
    }
}

/// An open tree.
pub(crate) struct Tree {
    db: Option<Db>,
    dir: PathBuf,
    broken: AtomicBool,
    /// Who is told when it breaks.
    teller: OnceLock<Teller>,
}

/// Tells somebody that a store broke. Called once, by whoever met the failure, so it must not block.
pub(crate) type Teller = Box<dyn Fn() + Send + Sync>;

impl Tree {
    /// Opens sled for reading everything once. Without its background thread, which would move pages about, and panic
    /// or hang on damaged ones, while they are looked at.
    pub(crate) fn open_to_check(dir: &Path, config: &StoreConfig) -> Result<Self, StoreError> {
        Self::open_sled(dir, config, None)
    }

    /// Opens sled for use.
    pub(crate) fn open(dir: &Path, config: &StoreConfig) -> Result<Self, StoreError> {
        Self::open_sled(dir, config, Some(config.flush_every_ms))
    }

    fn open_sled(dir: &Path, config: &StoreConfig, flush_every_ms: Option<u64>) -> Result<Self, StoreError> {
        wait_for_sled(dir)?;
        let sled = sled::Config::new()
            .path(dir)
            .cache_capacity(config.cache_bytes)
            .flush_every_ms(flush_every_ms)
            .mode(sled::Mode::LowSpace);
        let db = caught(|| sled.open())
            .map_err(|message| StoreError::Panicked { message })?
            .map_err(StoreError::Sled)?;
        let (broken, teller) = (AtomicBool::new(false), OnceLock::new());
        Ok(Self { db: Some(db), dir: dir.to_owned(), broken, teller })
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.call(|db| db.get(key))
    }

    /// Applies all of a batch or, when the process ends meanwhile, nothing of it. A batch that fails may be half-done
    /// in memory, so the tree is broken after it.
    pub(crate) fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let keys = batch.0.len();
        let mut rows = sled::Batch::default();
        for (key, value) in batch.0 {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(key),
            }
        }
        let applied = self.call(|db| db.apply_batch(rows));
        sweep(keys);
        applied
    }

    /// Sets or removes one row, for whoever loads a store. Several threads do so at once.
    pub(crate) fn set(&self, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.call(|db| match value {
            Some(value) => db.insert(key, value).map(drop),
            None => db.remove(key).map(drop),
        })
    }

    /// Has somebody told when it breaks, at once where it has. Only the first one counts.
    pub(crate) fn when_broken(&self, teller: Teller) {
        if self.teller.set(teller).is_ok() && self.broken.load(Ordering::Acquire) {
            self.tell();
        }
    }

    /// Whether it still answers.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::Acquire) { Err(StoreError::Broken) } else { Ok(()) }
    }

    /// After a failure nothing more is answered: sled fails at whatever comes next, or answers with what never was written.
    pub(crate) fn break_off(&self, why: &dyn fmt::Display) {
        if !self.broken.swap(true, Ordering::AcqRel) {
            error!(error = %why, dir = %self.dir.display(), "a store failed, and answers nothing until it is opened anew");
            self.tell();
        }
    }

    fn tell(&self) {
        if let Some(tell) = self.teller.get() {
            tell();
        }
    }

    /// Rows between two keys, from both ends. Batches applied meanwhile may show in part.
    pub(crate) fn range(&self, range: (Bound<Vec<u8>>, Bound<Vec<u8>>)) -> Pairs<'_> {
        let (pairs, failed) = match self.call(|db| Ok(db.range::<Vec<u8>, _>(range))) {
            Ok(pairs) => (Some(pairs), None),
            Err(error) => (None, Some(error)),
        };
        Pairs { tree: self, pairs, failed }
    }

    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.call(|db| db.flush().map(drop))
    }

    /// Writes what is not written and closes.
    pub(crate) fn close(mut self) -> Result<(), StoreError> {
        self.release()
    }

    /// Gives a damaged tree up unclosed. Closing would write into it, and waits for ever for a thread of sled's that a
    /// panic has ended. Its memory and its file handle stay until the process ends.
    pub(crate) fn abandon(mut self) {
        std::mem::forget(self.db.take());
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some(db) = self.db.take() else { return Ok(()) };
        let dir = self.dir.clone();
        let closing = move || {
            let closed = caught(move || drop(db)).map_err(|message| StoreError::Panicked { message });
            closed.and_then(|()| wait_for_sled(&dir))
        };
        let closed = within(CLOSE_TIMEOUT_MS, "store-close", closing).map_err(|source| StoreError::Io {
            doing: "close",
            path: self.dir.clone(),
            source,
        })?;
        closed.unwrap_or_else(|| Err(StoreError::Stuck { dir: self.dir.clone() }))
    }

    fn call<T>(&self, work: impl FnOnce(&Db) -> sled::Result<T>) -> Result<T, StoreError> {
        let db =
            self.db.as_ref().filter(|_| !self.broken.load(Ordering::Acquire)).ok_or(StoreError::Broken)?;
        match caught(|| work(db)) {
            Ok(outcome) => outcome.map_err(|error| {
                self.break_off(&error);
                StoreError::Sled(error)
            }),
            Err(message) => {
                self.break_off(&message);
                Err(StoreError::Panicked { message })
            }
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            warn!(error = %error, dir = %self.dir.display(), "a store did not close");
        }
    }
}

/// Takes away what a batch of so many keys left behind. sled frees an old page when crossbeam-epoch next collects, which is
/// once in 128 of its calls, and a batch is one call whatever it holds: large ones leave more than is ever taken away, some
/// 20 GiB for a million dossiers.
fn sweep(keys: usize) {
    for _ in 0..=keys / KEYS_A_SWEEP {
        crossbeam_epoch::pin().flush();
    }
}

/// Rows between two keys.
pub(crate) struct Pairs<'a> {
    tree: &'a Tree,
    pairs: Option<sled::Iter>,
    failed: Option<StoreError>,
}

impl<'a> Pairs<'a> {
    /// No rows, but a failure.
    pub(crate) fn failed(tree: &'a Tree, error: StoreError) -> Self {
        Self { tree, pairs: None, failed: Some(error) }
    }

    /// One step of the iteration; after a failure there is no other.
    fn step(
        &mut self,
        step: impl FnOnce(&mut sled::Iter) -> Option<sled::Result<Pair>>,
    ) -> Option<Result<Pair, StoreError>> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        let pairs = self.pairs.as_mut()?;
        let pair = self.tree.call(|_| step(pairs).transpose()).transpose();
        if let Some(Err(_)) = pair {
            self.pairs = None;
        }
        pair
    }
}

impl Iterator for Pairs<'_> {
    type Item = Result<Pair, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(Iterator::next)
    }
}

impl DoubleEndedIterator for Pairs<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(DoubleEndedIterator::next_back)
    }
}

#[cfg(test)]
mod tests;
