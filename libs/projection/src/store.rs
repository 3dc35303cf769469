//! The store: what a node reads of its projection.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use lienthong_admission::{Cursor, Rows, State, StateRow};
use lienthong_dossier::{DossierCode, OfficerId};
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, PartitionDigest, StateSum, partition_of};

use crate::error::StoreError;
use crate::keys;
use crate::lock::Lock;
use crate::open::Identity;
use crate::rows::{CursorRow, VoidRow, Witness, decode, decode_checked};
use crate::standing::Standing;
use crate::tree::{Pairs, StoreConfig, Tree};
use crate::unwritten::Unwritten;

/// An open store. Reads may come from any thread at any time; writes are one after another. Every single read is of
/// whole batches, a listing is not: a batch applied meanwhile may show in its later rows only.
///
/// Dropping it closes it. To share it, put it into an `Arc`.
pub struct Store {
    // In this order: the lock is let go of last.
    pub(crate) tree: Tree,
    dir: PathBuf,
    identity: Identity,
    config: StoreConfig,
    pub(crate) unwritten: Unwritten,
    pub(crate) writing: Mutex<()>,
    lock: Lock,
}

impl Store {
    pub(crate) fn of(tree: Tree, dir: &Path, identity: Identity, config: StoreConfig, lock: Lock) -> Self {
        let (unwritten, writing) = (Unwritten::default(), Mutex::new(()));
        Self { tree, dir: dir.to_owned(), identity, config, unwritten, writing, lock }
    }

    pub(crate) fn into_parts(self) -> (Tree, PathBuf, Identity, StoreConfig, Lock) {
        (self.tree, self.dir, self.identity, self.config, self.lock)
    }

    /// What the store is of.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Has `tell` called once when the store breaks, or at once where it has: whoever runs on it must end then, for nothing
    /// more is answered until it is opened anew. `tell` must not block.
    pub fn when_broken(&self, tell: impl Fn() + Send + Sync + 'static) {
        self.tree.when_broken(Box::new(tell));
    }

    /// Where a partition stands; at its start when nothing was written of it.
    ///
    /// # Errors
    /// There is no such partition, or the store cannot be read.
    pub fn cursor(&self, partition: u16) -> Result<Cursor, StoreError> {
        self.tree.check()?;
        match self.unwritten.cursor(partition) {
            Some(cursor) => Ok(cursor),
            None => self.cursor_row(partition).map(|row| row.cursor),
        }
    }

    /// The state of a dossier.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn state(&self, code: &DossierCode) -> Result<Option<Arc<State>>, StoreError> {
        Ok(Rows::state(self, code)?.map(|row| row.state))
    }

    /// The first `limit` dossiers in the order of their codes' bytes that begin with `prefix` and come after `from`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn list(
        &self,
        from: Option<&DossierCode>,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(DossierCode, State)>, StoreError> {
        let range = after(from.map(keys::dossier), keys::dossier_prefix(prefix));
        let each = |(key, bytes): (sled::IVec, sled::IVec)| Ok((code(&key)?, State::decode(&bytes)?));
        self.range(range).take(limit).map(|pair| pair.and_then(each)).collect()
    }

    /// The first `limit` dossiers after `from` that lie before an agency now, with the reasons.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn list_of(
        &self,
        agency: &AgencyId,
        from: Option<&DossierCode>,
        limit: usize,
    ) -> Result<Vec<(DossierCode, Standing)>, StoreError> {
        let range = after(from.map(|code| keys::index(agency, code)), keys::index_prefix(agency));
        let each = |(key, value): (sled::IVec, sled::IVec)| match (keys::parse_index(&key), value.as_ref()) {
            (Some((_, code)), [standing, ..]) => Ok((code, Standing::from_byte(*standing))),
            _ => Err(StoreError::Row { kind: keys::kind(&key) }),
        };
        self.range(range).take(limit).map(|pair| pair.and_then(each)).collect()
    }

    /// The officer who acted last for an agency that a dossier lies before; none where nobody did.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn officer(&self, agency: &AgencyId, code: &DossierCode) -> Result<Option<OfficerId>, StoreError> {
        self.write_out()?;
        let value = self.tree.get(&keys::index(agency, code))?;
        let officer = value.as_deref().and_then(|value| str::from_utf8(value.get(1..)?).ok());
        Ok(officer.and_then(|officer| OfficerId::parse(officer).ok()))
    }

    /// Every code that begins with `prefix`, in the order of bytes, from both ends.
    pub fn codes_with_prefix(
        &self,
        prefix: &str,
    ) -> impl DoubleEndedIterator<Item = Result<DossierCode, StoreError>> {
        let range = after(None, keys::dossier_prefix(prefix));
        self.range(range).map(|pair| pair.and_then(|(key, _)| code(&key)))
    }

    /// The newest `limit` voids of a partition before an ordinal, the newest first. Ordinals count a partition's voids
    /// from 0; only the newest [`VOIDS_KEPT`](crate::VOIDS_KEPT) are there.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn voids(
        &self,
        partition: u16,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, VoidRow)>, StoreError> {
        let prefix = keys::void_prefix(partition);
        let end =
            before.map(|ordinal| keys::void(partition, ordinal)).or_else(|| keys::after_prefix(&prefix));
        let range = (Bound::Included(prefix), end.map_or(Bound::Unbounded, Bound::Excluded));
        let each = |(key, value): (sled::IVec, sled::IVec)| {
            let ordinal = keys::parse_ordinal(&key).ok_or(StoreError::Row { kind: keys::kind(&key) })?;
            Ok((ordinal, decode(&key, &value)?))
        };
        self.range(range).rev().take(limit).map(|pair| pair.and_then(each)).collect()
    }

    /// The witness at a multiple of 64 records.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn witness(&self, partition: u16, count: u64) -> Result<Option<Witness>, StoreError> {
        self.write_out()?;
        let key = keys::witness(partition, count);
        self.tree.get(&key)?.map(|value| decode(&key, &value)).transpose()
    }

    /// What two nodes compare, of every partition in ascending order. Each is of one batch, all together of no common
    /// instant while the store is written to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn digests(&self) -> Result<Vec<PartitionDigest>, StoreError> {
        let digest = |partition| Ok(self.cursor(partition)?.digest(partition));
        (0..self.identity.partitions).map(digest).collect()
    }

    /// Hands what was written to the operating system: a killed process loses nothing of it. It is no promise against
    /// a power cut, for sled does not fsync here (on Linux it calls `sync_file_range`), and none is needed: whatever
    /// part of the store is lost is found when it is opened, and the log has it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.write_out()?;
        self.tree.flush()
    }

    /// Flushes and closes, and waits until another process can open the store.
    ///
    /// # Errors
    /// The store cannot be written, or does not close in time.
    pub fn close(self) -> Result<(), StoreError> {
        let written = self.write_out();
        let (tree, _, _, _, lock) = self.into_parts();
        let closed = tree.close();
        drop(lock);
        written.and(closed)
    }

    /// The rows between two keys, with all in them that was taken in until now.
    pub(crate) fn range(&self, range: (Bound<Vec<u8>>, Bound<Vec<u8>>)) -> Pairs<'_> {
        match self.write_out() {
            Ok(()) => self.tree.range(range),
            Err(error) => Pairs::failed(&self.tree, error),
        }
    }

    /// A file without a name, on the disk that the store lies on.
    pub(crate) fn file_beside(&self) -> io::Result<File> {
        let parent = self.dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        tempfile::tempfile_in(parent.unwrap_or(Path::new(".")))
    }

    /// That the file system refused something of the store's folder.
    pub(crate) fn failed(&self, doing: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { doing, path: self.dir.clone(), source }
    }

    pub(crate) fn cursor_row(&self, partition: u16) -> Result<CursorRow, StoreError> {
        let partitions = self.identity.partitions;
        if partition >= partitions {
            return Err(StoreError::NoPartition { partition, partitions });
        }
        let key = keys::cursor(partition);
        let Some(value) = self.tree.get(&key)? else {
            let cursor = Cursor::start(self.identity.log_id, partition);
            return Ok(CursorRow { cursor, others: StateSum::ZERO });
        };
        decode_checked(&key, &value).ok_or(StoreError::Row { kind: keys::kind(&key) })
    }
}

impl Rows for Store {
    type Error = StoreError;

    fn state(&self, code: &DossierCode) -> Result<Option<StateRow>, StoreError> {
        self.tree.check()?;
        let partition = partition_of(code.as_str(), self.identity.partitions);
        self.unwritten.state(partition, code, || {
            let bytes = self.tree.get(&keys::dossier(code))?;
            Ok(bytes.map(|bytes| StateRow::decode(code, &bytes)).transpose()?)
        })
    }

    fn chain_at(&self, partition: u16, count: u64) -> Result<Option<Hash>, StoreError> {
        self.tree.check()?;
        if let Some(hash) = self.unwritten.chain_at(partition, count) {
            return Ok(Some(hash));
        }
        let key = keys::witness(partition, count);
        let witness = self.tree.get(&key)?.map(|value| decode::<Witness>(&key, &value)).transpose()?;
        Ok(witness.map(|witness| witness.hash))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("dir", &self.dir)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// The keys that begin with `prefix` and come after `from`.
pub(crate) fn after(from: Option<Vec<u8>>, prefix: Vec<u8>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let end = keys::after_prefix(&prefix).map_or(Bound::Unbounded, Bound::Excluded);
    let start = match from {
        Some(from) if from >= prefix => Bound::Excluded(from),
        Some(_) | None => Bound::Included(prefix),
    };
    (start, end)
}

fn code(key: &[u8]) -> Result<DossierCode, StoreError> {
    keys::parse_dossier(key).ok_or(StoreError::Row { kind: keys::kind(key) })
}
