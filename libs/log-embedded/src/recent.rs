//! The newest records of each partition, in memory: whoever follows the tail is handed what was just committed, and asks the
//! file only for what is older.
//!
//! ```text
//! commit --> keep --> tail moves --> read: from here, or from the file
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use lienthong_log::{Partition, ReadLimit, Stored};

/// The most records of one partition that are kept.
const RECORDS_MAX: usize = 64;
/// The most bytes of one partition's records that are kept; the newest may exceed it.
const BYTES_MAX: usize = 256 * 1024;

/// The newest records of every partition, without a gap up to its end.
pub(crate) struct Recent(BTreeMap<Partition, Mutex<Newest>>);

#[derive(Default)]
struct Newest {
    records: VecDeque<Stored>,
    bytes: usize,
}

impl Recent {
    pub(crate) fn new(dossier_partitions: u16) -> Self {
        Self(Partition::all(dossier_partitions).map(|partition| (partition, Mutex::default())).collect())
    }

    /// Keeps a record that is durable, in the place of the oldest ones.
    pub(crate) fn keep(&self, partition: Partition, stored: Stored) {
        let Some(newest) = self.0.get(&partition) else { return };
        let mut newest = newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.bytes += stored.record.bytes();
        newest.records.push_back(stored);
        while newest.records.len() > RECORDS_MAX || (newest.bytes > BYTES_MAX && newest.records.len() > 1) {
            let oldest = newest.records.pop_front();
            newest.bytes -= oldest.map_or(0, |oldest| oldest.record.bytes());
        }
    }

    /// The records of a range of offsets, as many as `limit` allows; none where the first of them is not kept any more.
    pub(crate) fn read(
        &self,
        partition: Partition,
        offsets: Range<u64>,
        limit: ReadLimit,
    ) -> Option<Vec<Stored>> {
        let newest = self.0.get(&partition)?.lock().unwrap_or_else(PoisonError::into_inner);
        let first = newest.records.front()?.offset;
        let skipped = usize::try_from(offsets.start.checked_sub(first)?).ok()?;
        let (mut batch, mut total) = (Vec::new(), 0);
        for stored in newest.records.iter().skip(skipped).take_while(|stored| stored.offset < offsets.end) {
            let bytes = stored.record.bytes();
            if !limit.has_room(batch.len(), total, bytes) {
                break;
            }
            total += bytes;
            batch.push(stored.clone());
        }
        (!batch.is_empty()).then_some(batch)
    }
}
