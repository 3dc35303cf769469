//! The contract of a log.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::condition::{Condition, Copies};
use crate::error::{AppendError, ReadError};
use crate::partition::Partition;
use crate::record::{Record, Stored};

/// The most records one read returns, whatever it asks for.
pub const READ_RECORDS_MAX: usize = 4096;

/// The most bytes one read returns, whatever it asks for, but for a first record that is larger alone.
/// A node that catches up holds one of them for each partition.
pub const READ_BYTES_MAX: usize = 1024 * 1024;

/// Size of an erasable value, the half of a data key that lies outside the log.
pub const ERASABLE_BYTES: usize = 32;

/// The most bytes of the key of an erasable value. Dossier codes are shorter.
pub const ERASABLE_KEY_BYTES_MAX: usize = 256;

/// The most erasable values one listing returns, whatever it asks for.
pub const ERASABLES_LISTED_MAX: usize = 4096;

/// A key that ever had an erasable value, and the value that stands; none once it is forgotten.
pub type Erasable = (String, Option<[u8; ERASABLE_BYTES]>);

/// How much one read may return. The first record is returned even when it is larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimit {
    /// Records; 0 counts as 1, and more than [`READ_RECORDS_MAX`] as that.
    pub records: usize,
    /// Sum of [`Record::bytes`]; more than [`READ_BYTES_MAX`] counts as that.
    pub bytes: usize,
}

impl Default for ReadLimit {
    fn default() -> Self {
        Self { records: READ_RECORDS_MAX, bytes: READ_BYTES_MAX }
    }
}

impl ReadLimit {
    /// Whether another record of `bytes` fits after `records` that have `total` bytes. The rule of every log.
    #[must_use]
    pub fn has_room(self, records: usize, total: usize, bytes: usize) -> bool {
        records == 0
            || (records < self.records.min(READ_RECORDS_MAX)
                && total.saturating_add(bytes) <= self.bytes.min(READ_BYTES_MAX))
    }
}

/// Checks the size of the key of an erasable value, for whoever implements a log.
///
/// # Errors
/// `TooLarge` above [`ERASABLE_KEY_BYTES_MAX`].
pub fn check_erasable_key(key: &str) -> Result<(), AppendError> {
    match key.len() {
        bytes if bytes > ERASABLE_KEY_BYTES_MAX => {
            Err(AppendError::TooLarge { bytes, limit: ERASABLE_KEY_BYTES_MAX })
        }
        _ => Ok(()),
    }
}

/// An append-only log of records in partitions, and beside it the erasable values.
///
/// **Partitions.** `Registry`, `Reads`, and as many dossier partitions as the log was created with. That number never
/// changes. Order holds within a partition; between two there is none.
///
/// **Append.** When [`append`](Self::append) returns an offset, the record is durable (fsynced, or in the memory of
/// enough brokers), stands at that offset for good, and is visible to [`read`](Self::read), [`end`](Self::end) and
/// [`tail`](Self::tail) of this handle. Appends that one task makes one after the other keep their order; those made at
/// once take any order. There is no conditional append: what a record means is decided by whoever reads it.
///
/// **Not confirmed.** An error other than [`AppendError::Unknown`] means that the record is not in the log and will not
/// come. `Unknown`, and a future dropped before it answered (a timeout around it), mean that nobody knows: the record
/// may be there already, appear later, or never. Repeating the append may leave it there twice, at two offsets. Every
/// variant says whether to repeat.
///
/// **Offsets** start at 0 or above, rise from record to record, and may skip numbers. So the offset after this one is
/// the one the next record has, never this one plus one; and a log may end in a gap.
///
/// **Append times** come from the log's clock and do not decrease within a partition while that clock does not; the
/// embedded log holds this by itself. A copied log keeps the times of its source.
///
/// **Read.** Records come back byte for byte: key, headers in their order, value. Only durable records are visible, and
/// what was visible stays so. Readers and followers, however slow, never hold up an append or each other.
///
/// **Erasable values** are no records: one value of 32 bytes per key, durable like a record when the answer comes, the
/// first value standing until it is forgotten, after which the key is dead for good.
///
/// **Condition.** A log that cannot be used as it should be says so in its [`condition`](Self::condition), and takes it
/// back by itself. Meanwhile what is known can still be read, and appends may be answered `Unknown`.
///
/// **Limits.** [`RECORD_BYTES_MAX`](crate::RECORD_BYTES_MAX), [`ERASABLE_KEY_BYTES_MAX`] and the read limits hold for
/// every log. A full queue makes `append` wait; memory does not grow.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// How many dossier partitions the log was created with; at least 1.
    fn dossier_partitions(&self) -> u16;

    /// On how many machines a record stands; none for a log on one disk.
    fn copies(&self) -> Option<Copies>;

    /// What is the matter with the log, as a value to wait on; nothing, most of the time.
    fn condition(&self) -> watch::Receiver<Condition>;

    /// Puts a record at the end of a partition and returns its offset, once it is durable and visible.
    ///
    /// # Errors
    /// `TooLarge`, `UnknownPartition`, `Full`, `Closed` and `Failed`: it is not there. `Unknown`: nobody knows.
    async fn append(&self, partition: Partition, record: Record) -> Result<u64, AppendError>;

    /// The records from the first one at or after `from`, as many as `limit` allows: at least one if there is any, none
    /// at the end and beyond it. Never waits for a record to come.
    ///
    /// # Errors
    /// `UnknownPartition`, `Closed`, `Failed`; `Damaged` when the first of them is.
    async fn read(&self, partition: Partition, from: u64, limit: ReadLimit)
    -> Result<Vec<Stored>, ReadError>;

    /// The offset after the last visible record; 0 in an empty partition. What lies below it can be read.
    ///
    /// # Errors
    /// `UnknownPartition`, `Closed`, `Failed`.
    async fn end(&self, partition: Partition) -> Result<u64, ReadError>;

    /// The end as it is for everybody just now, once it is visible here: what anybody was told before this was called can be
    /// read after it. Costs a question to whoever keeps the log; where that is this process, it is the [`end`](Self::end).
    ///
    /// # Errors
    /// `UnknownPartition`, `Closed`, `Failed`, `Unavailable`.
    async fn newest(&self, partition: Partition) -> Result<u64, ReadError> {
        self.end(partition).await
    }

    /// The end of the partition as a value to wait on: it changes when records have become visible, may leap over
    /// several, and never goes back. Its sender goes away when the log is closed or fails.
    ///
    /// # Errors
    /// `UnknownPartition`, `Closed`, `Failed`.
    fn tail(&self, partition: Partition) -> Result<watch::Receiver<u64>, ReadError>;

    /// Keeps `value` under `key` unless a value stands there, and returns the value that stands, durable. So whoever
    /// comes second learns the first one's value, and repeating does no harm.
    ///
    /// # Errors
    /// `Erased` once the key is forgotten, `TooLarge` for the key; `Full`, `Closed`, `Failed`; after `Unknown`, repeat.
    async fn put_erasable(
        &self,
        key: &str,
        value: [u8; ERASABLE_BYTES],
    ) -> Result<[u8; ERASABLE_BYTES], AppendError>;

    /// The value that stands under `key`; none before it is put and after it is forgotten.
    ///
    /// # Errors
    /// `Closed`, `Failed`.
    async fn erasable(&self, key: &str) -> Result<Option<[u8; ERASABLE_BYTES]>, ReadError>;

    /// Forgets the value under `key`, whether there is one or not, and leaves a durable tombstone: from then on no value
    /// can be put there. Repeating does no harm.
    ///
    /// # Errors
    /// `TooLarge` for the key; `Full`, `Closed`, `Failed`; after `Unknown`, repeat.
    async fn forget_erasable(&self, key: &str) -> Result<(), AppendError>;

    /// The keys that ever had a value, in order, each with the value that stands or none for a tombstone: those after
    /// `after`, at most `limit` of them and at most [`ERASABLES_LISTED_MAX`].
    ///
    /// # Errors
    /// `Closed`, `Failed`.
    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError>;

    /// Finishes the appends that were made, then lets go of the log: later calls answer `Closed`, followers end, and
    /// another handle may open it. Closing twice does no harm.
    async fn close(&self);
}
