//! How appending and reading fail. Each variant says what the caller may do next.

use std::error::Error;
use std::sync::Arc;

use thiserror::Error;

use crate::partition::Partition;

/// What made a log fail. Shared, because one failed commit answers many appends.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why an append, or a change to the erasable values, was not confirmed.
///
/// Only [`Unknown`](Self::Unknown) leaves it open whether the record is there. After every other variant it is not, and
/// never will be.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Over the limit. Never retry it as it is.
    #[error("{bytes} bytes where at most {limit} are taken")]
    TooLarge {
        /// What the record counts.
        bytes: usize,
        /// What the log takes.
        limit: usize,
    },
    /// The log was created without this partition. Never retry.
    #[error("the log has no partition {partition}")]
    UnknownPartition {
        /// The one asked for.
        partition: Partition,
    },
    /// The erasable value of this key was forgotten, and its tombstone stands for good. Never retry.
    #[error("the erasable value was forgotten")]
    Erased,
    /// The log's queue is full and did not move. Retry later, with pauses; tell the caller that the system is busy.
    #[error("the log's queue of {limit} records is full")]
    Full {
        /// Records in the queue.
        limit: usize,
    },
    /// Sent, and never confirmed: the record is there, or will be, or never will be. A retry may leave it there twice;
    /// whoever retries must be able to bear that, or look for the first one before.
    #[error("it is not known whether the record was appended")]
    Unknown {
        /// What cut the answer off.
        source: Cause,
    },
    /// The log was closed before it took the record. Retry on another handle only.
    #[error("the log is closed")]
    Closed,
    /// The log could not take the record. A retry does no harm, and helps only when the cause is gone: a log that failed
    /// in a commit stays failed until it is opened again.
    #[error("the log failed and did not take the record")]
    Failed {
        /// What failed.
        source: Cause,
    },
}

/// Why nothing could be read. Reading changes nothing, so any of it may be tried again; [`Unavailable`](Self::Unavailable)
/// ends better once the cause is gone, [`Failed`](Self::Failed) may.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The log was created without this partition.
    #[error("the log has no partition {partition}")]
    UnknownPartition {
        /// The one asked for.
        partition: Partition,
    },
    /// What is stored at this offset is not a record. Those before it can be read.
    #[error("the record at {partition} {offset} is damaged: {what}")]
    Damaged {
        /// Where it is.
        partition: Partition,
        /// Which one it is.
        offset: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
    /// What keeps the log does not answer just now, as its [`condition`](crate::EventLog::condition) says. Retry, with
    /// pauses.
    #[error("the log does not answer just now")]
    Unavailable {
        /// What cut the answer off.
        source: Cause,
    },
    /// The log could not be read.
    #[error("the log could not be read")]
    Failed {
        /// What failed.
        source: Cause,
    },
}
