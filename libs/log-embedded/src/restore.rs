//! A copy of another log, until it is finished and is a log.
//!
//! Each batch is one redb commit and one fsync, so a crash leaves whole batches. What it holds is laid out like a log,
//! and a row in `meta` says that it is none yet; [`RestoreLog::finish`] takes that row away.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lienthong_log::{
    ERASABLES_LISTED_MAX, Erasable, Partition, ReadError, ReadLimit, RestoreError, RestoreLog, Stored,
};
use redb::{Durability, ReadableTable, WriteTransaction};

use crate::encoding::encode;
use crate::open::{self, OpenError, Opened, Want};
use crate::store::{self, ERASABLES, RECORDS, Store, code};

/// The one handle on a copy. While it is there, nobody else can open it.
pub struct EmbeddedRestore {
    dossier_partitions: u16,
    store: Arc<Store>,
}

impl EmbeddedRestore {
    /// Begins a copy in `dir`, which is made too, or goes on with the one that is there. Blocks for a few fsyncs; after a
    /// crash for as long as it takes to read the whole file.
    ///
    /// # Errors
    /// `Exists` where there is a log, be it an empty one; `PartitionsDiffer` where there is a copy of another number;
    /// `PartitionsOutOfRange`, `AlreadyOpen`, `NotALog`, `Failed`.
    pub fn open_or_create(dir: impl AsRef<Path>, dossier_partitions: u16) -> Result<Self, OpenError> {
        Ok(Self::new(open::in_dir(dir.as_ref(), Want::Copy { dossier_partitions })?))
    }

    pub(crate) fn new(opened: Opened) -> Self {
        let Opened { path: _, store, dossier_partitions } = opened;
        Self { dossier_partitions, store: Arc::new(store) }
    }

    /// Makes a change durable, whole or not at all.
    async fn commit(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<Result<(), RestoreError>, redb::Error> + Send + 'static,
    ) -> Result<(), RestoreError> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || commit(&store, change)).await;
        done.unwrap_or_else(|panicked| Err(RestoreError::Unknown { source: Arc::new(panicked) }))
    }

    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let store = Arc::clone(&self.store);
        let read = tokio::task::spawn_blocking(move || read(&store)).await;
        read.unwrap_or_else(|panicked| Err(ReadError::Failed { source: Arc::new(panicked) }))
    }

    fn check(&self, partition: Partition) -> Result<(), ReadError> {
        match partition.is_within(self.dossier_partitions) {
            true => Ok(()),
            false => Err(ReadError::UnknownPartition { partition }),
        }
    }
}

fn commit(
    store: &Store,
    change: impl FnOnce(&WriteTransaction) -> Result<Result<(), RestoreError>, redb::Error>,
) -> Result<(), RestoreError> {
    let committed = store.with(|database| {
        let failed = |error: redb::Error| RestoreError::Failed { source: Arc::new(error) };
        let mut transaction = database.begin_write().map_err(|error| failed(error.into()))?;
        transaction.set_durability(Durability::Immediate).map_err(|error| failed(error.into()))?;
        change(&transaction).map_err(failed)??;
        // From here on the disk may hold it, whatever redb answers. It takes nothing more after an error.
        transaction.commit().map_err(|error| RestoreError::Unknown { source: Arc::new(error) })
    });
    committed.map_err(|over| over.restore_error())?
}

#[async_trait]
impl RestoreLog for EmbeddedRestore {
    fn dossier_partitions(&self) -> u16 {
        self.dossier_partitions
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.check(partition)?;
        self.reading(move |store| store.end_of(partition)).await
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        self.check(partition)?;
        self.reading(move |store| store.read(partition, from..u64::MAX, limit)).await
    }

    async fn restore(&self, partition: Partition, records: &[Stored]) -> Result<(), RestoreError> {
        if !partition.is_within(self.dossier_partitions) {
            return Err(RestoreError::UnknownPartition { partition });
        }
        let records = records.to_vec();
        self.commit(move |transaction| {
            let mut table = transaction.open_table(RECORDS)?;
            let end = store::end(&table, partition)?;
            if let Err(refused) = RestoreError::check(partition, end, &records, true) {
                return Ok(Err(refused));
            }
            for Stored { offset, appended_ms, record } in &records {
                table.insert((code(partition), *offset), encode(*appended_ms, record).as_slice())?;
            }
            Ok(Ok(()))
        })
        .await
    }

    async fn restore_erasables(&self, erasables: &[Erasable]) -> Result<(), RestoreError> {
        let erasables = erasables.to_vec();
        self.commit(move |transaction| {
            let mut table = transaction.open_table(ERASABLES)?;
            for (key, value) in &erasables {
                let is_forgotten = table.get(key.as_str())?.is_some_and(|stands| stands.value().is_none());
                if !is_forgotten {
                    table.insert(key.as_str(), *value)?;
                }
            }
            Ok(Ok(()))
        })
        .await
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        let (after, limit) = (after.to_owned(), limit.min(ERASABLES_LISTED_MAX));
        self.reading(move |store| store.erasables(&after, limit)).await
    }

    async fn finish(&self) -> Result<(), RestoreError> {
        self.commit(|transaction| store::finish(transaction).map(Ok)).await
    }

    async fn close(&self) {
        let store = Arc::clone(&self.store);
        // Closing catches nothing that could fail: every answer was given after an fsync.
        let _ = tokio::task::spawn_blocking(move || store.end(store::Over::Closed)).await;
    }
}

impl fmt::Debug for EmbeddedRestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedRestore")
            .field("dossier_partitions", &self.dossier_partitions)
            .finish_non_exhaustive()
    }
}
