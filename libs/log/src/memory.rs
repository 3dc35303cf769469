//! The log in memory, for tests: durable while the process lives.

mod restore;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

pub use self::restore::MemoryRestore;
use crate::clock::{Clock, system_clock};
use crate::condition::{Condition, Copies};
use crate::error::{AppendError, ReadError};
use crate::event_log::{
    ERASABLE_BYTES, ERASABLES_LISTED_MAX, Erasable, EventLog, ReadLimit, check_erasable_key,
};
use crate::partition::Partition;
use crate::record::{Record, Stored};

/// A log that is gone with its last handle. Offsets have no gaps.
pub struct MemoryLog {
    dossier_partitions: u16,
    clock: Clock,
    condition: watch::Sender<Condition>,
    /// None once closed.
    state: Mutex<Option<State>>,
}

struct State {
    lanes: BTreeMap<Partition, Lane>,
    /// None is a tombstone.
    erasables: BTreeMap<String, Option<[u8; ERASABLE_BYTES]>>,
}

struct Lane {
    records: Vec<Stored>,
    tail: watch::Sender<u64>,
}

impl MemoryLog {
    /// An empty log; at least one dossier partition is made.
    #[must_use]
    pub fn new(dossier_partitions: u16) -> Self {
        Self::with_clock(dossier_partitions, system_clock())
    }

    /// An empty log that stamps records by `clock`. A clock that goes back does not take the append times with it.
    #[must_use]
    pub fn with_clock(dossier_partitions: u16, clock: Clock) -> Self {
        let dossier_partitions = dossier_partitions.max(1);
        let lanes = Partition::all(dossier_partitions)
            .map(|partition| (partition, Lane { records: Vec::new(), tail: watch::Sender::new(0) }))
            .collect();
        let state = State { lanes, erasables: BTreeMap::new() };
        Self {
            dossier_partitions,
            clock,
            condition: watch::Sender::default(),
            state: Mutex::new(Some(state)),
        }
    }

    /// Says what is the matter with it, for tests of what a log in trouble leads to.
    pub fn trouble(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        // No step below can panic halfway, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_lane<T>(&self, partition: Partition, f: impl FnOnce(&Lane) -> T) -> Result<T, ReadError> {
        let state = self.state();
        let lanes = &state.as_ref().ok_or(ReadError::Closed)?.lanes;
        lanes.get(&partition).map(f).ok_or(ReadError::UnknownPartition { partition })
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    fn dossier_partitions(&self) -> u16 {
        self.dossier_partitions
    }

    fn copies(&self) -> Option<Copies> {
        None
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }

    async fn append(&self, partition: Partition, record: Record) -> Result<u64, AppendError> {
        record.check()?;
        let mut state = self.state();
        let lanes = &mut state.as_mut().ok_or(AppendError::Closed)?.lanes;
        let lane = lanes.get_mut(&partition).ok_or(AppendError::UnknownPartition { partition })?;
        let (offset, last_ms) =
            lane.records.last().map_or((0, i64::MIN), |last| (last.offset + 1, last.appended_ms));
        let appended_ms = (self.clock)().max(last_ms);
        lane.records.push(Stored { offset, appended_ms, record });
        lane.tail.send_replace(offset + 1);
        Ok(offset)
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        self.with_lane(partition, |lane| {
            let first = lane.records.partition_point(|stored| stored.offset < from);
            let (mut batch, mut total) = (Vec::new(), 0);
            for stored in lane.records.iter().skip(first) {
                let bytes = stored.record.bytes();
                if !limit.has_room(batch.len(), total, bytes) {
                    break;
                }
                total += bytes;
                batch.push(stored.clone());
            }
            batch
        })
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.with_lane(partition, |lane| *lane.tail.borrow())
    }

    fn tail(&self, partition: Partition) -> Result<watch::Receiver<u64>, ReadError> {
        self.with_lane(partition, |lane| lane.tail.subscribe())
    }

    async fn put_erasable(
        &self,
        key: &str,
        value: [u8; ERASABLE_BYTES],
    ) -> Result<[u8; ERASABLE_BYTES], AppendError> {
        check_erasable_key(key)?;
        let mut state = self.state();
        let erasables = &mut state.as_mut().ok_or(AppendError::Closed)?.erasables;
        erasables.entry(key.to_owned()).or_insert(Some(value)).ok_or(AppendError::Erased)
    }

    async fn erasable(&self, key: &str) -> Result<Option<[u8; ERASABLE_BYTES]>, ReadError> {
        let state = self.state();
        let erasables = &state.as_ref().ok_or(ReadError::Closed)?.erasables;
        Ok(erasables.get(key).copied().flatten())
    }

    async fn forget_erasable(&self, key: &str) -> Result<(), AppendError> {
        check_erasable_key(key)?;
        let mut state = self.state();
        let erasables = &mut state.as_mut().ok_or(AppendError::Closed)?.erasables;
        erasables.insert(key.to_owned(), None);
        Ok(())
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        let state = self.state();
        let erasables = &state.as_ref().ok_or(ReadError::Closed)?.erasables;
        let later = erasables.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        let listed = later.take(limit.min(ERASABLES_LISTED_MAX));
        Ok(listed.map(|(key, value)| (key.clone(), *value)).collect())
    }

    async fn close(&self) {
        *self.state() = None;
    }
}

#[cfg(test)]
mod tests;
