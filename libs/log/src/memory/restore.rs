//! A copy in memory, for tests: of the kind that takes no gaps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::{Lane, MemoryLog};
use crate::error::ReadError;
use crate::event_log::{Erasable, EventLog as _, ReadLimit};
use crate::partition::Partition;
use crate::record::Stored;
use crate::restore::{RestoreError, RestoreLog};

/// One handle on a copy; [`MemoryRestore::again`] is how it is opened again.
pub struct MemoryRestore {
    log: Arc<MemoryLog>,
    is_finished: Arc<AtomicBool>,
    is_closed: AtomicBool,
}

impl MemoryRestore {
    /// An empty copy; at least one dossier partition is made.
    #[must_use]
    pub fn new(dossier_partitions: u16) -> Self {
        let log = Arc::new(MemoryLog::new(dossier_partitions));
        Self { log, is_finished: Arc::default(), is_closed: AtomicBool::new(false) }
    }

    /// Another handle on the copy; none once it is a log.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        let (log, is_finished) = (Arc::clone(&self.log), Arc::clone(&self.is_finished));
        let is_copy = !is_finished.load(Ordering::Acquire);
        is_copy.then(|| Self { log, is_finished, is_closed: AtomicBool::new(false) })
    }

    /// The log; none as long as it is a copy.
    #[must_use]
    pub fn log(&self) -> Option<Arc<MemoryLog>> {
        self.is_finished.load(Ordering::Acquire).then(|| Arc::clone(&self.log))
    }

    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire) || self.is_finished.load(Ordering::Acquire)
    }

    fn reading(&self) -> Result<&MemoryLog, ReadError> {
        if self.is_closed() { Err(ReadError::Closed) } else { Ok(&self.log) }
    }
}

#[async_trait]
impl RestoreLog for MemoryRestore {
    fn dossier_partitions(&self) -> u16 {
        self.log.dossier_partitions
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.reading()?.end(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        self.reading()?.read(partition, from, limit).await
    }

    async fn restore(&self, partition: Partition, records: &[Stored]) -> Result<(), RestoreError> {
        if self.is_closed() {
            return Err(RestoreError::Closed);
        }
        let mut state = self.log.state();
        let lanes = &mut state.as_mut().ok_or(RestoreError::Closed)?.lanes;
        let lane: &mut Lane =
            lanes.get_mut(&partition).ok_or(RestoreError::UnknownPartition { partition })?;
        let end = *lane.tail.borrow();
        RestoreError::check(partition, end, records, false)?;
        lane.records.extend_from_slice(records);
        lane.tail.send_replace(records.last().map_or(end, |last| last.offset + 1));
        Ok(())
    }

    async fn restore_erasables(&self, erasables: &[Erasable]) -> Result<(), RestoreError> {
        if self.is_closed() {
            return Err(RestoreError::Closed);
        }
        let mut state = self.log.state();
        let kept = &mut state.as_mut().ok_or(RestoreError::Closed)?.erasables;
        for (key, value) in erasables {
            if kept.get(key) != Some(&None) {
                kept.insert(key.clone(), *value);
            }
        }
        Ok(())
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        self.reading()?.erasables(after, limit).await
    }

    async fn finish(&self) -> Result<(), RestoreError> {
        if self.is_closed() {
            return Err(RestoreError::Closed);
        }
        self.is_finished.store(true, Ordering::Release);
        Ok(())
    }

    async fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }
}
