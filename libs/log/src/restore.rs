//! The contract of the target of a copy.

use async_trait::async_trait;
use thiserror::Error;

use crate::error::{Cause, ReadError};
use crate::event_log::{Erasable, ReadLimit};
use crate::partition::Partition;
use crate::record::Stored;

/// A log that is being filled from another one, with the offsets and append times of that one.
///
/// ```text
/// nothing --made--> copy --restore, restore_erasables--> copy --finish--> log
///                    `--closed, crashed, opened again-----^
/// ```
///
/// **No log until [`finish`](Self::finish).** Whoever opens the place as an [`EventLog`](crate::EventLog) before is
/// refused, also after a crash, and so nothing but the copy ever writes there. A finished one is not restored into again:
/// opening it as a copy is refused. A place is a copy or a log from its first moment on, never neither.
///
/// **One caller, one call at a time.** Two copies into one place at once are not promised to be kept apart; at the end
/// the copy reads back what stands there.
///
/// **Restore.** When [`restore`](Self::restore) returns, the records are durable, each at its own offset with its own
/// append time, byte for byte: key, headers in their order, value. Times are kept whatever they are, also where they go
/// back. The limit of a record is not asked after: what a log has is copied.
///
/// **Not confirmed.** After `Behind`, `Gap` and `UnknownPartition` none of the records is there. After
/// [`RestoreError::Unknown`] and `Failed`, and when a call is dropped before it answered, some of them may be, from the
/// first on and without one left out. Close the copy, open it again, and go on from [`end`](Self::end): that always leads
/// on, for `end` never counts a record that is not durable.
///
/// **Finish.** From then on it opens as a log like any other: with the records, their times, the erasable values and
/// tombstones, and appends go on behind the last record, with times that are not below it as far as that log promises it.
#[async_trait]
pub trait RestoreLog: Send + Sync + 'static {
    /// How many dossier partitions the copy was begun with, which is for good.
    fn dossier_partitions(&self) -> u16;

    /// The offset after the last record that was restored, in this life or an earlier one; 0 where there is none.
    ///
    /// # Errors
    /// `UnknownPartition`, `Closed`, `Failed`; `Unavailable` for what may answer later.
    async fn end(&self, partition: Partition) -> Result<u64, ReadError>;

    /// What was restored, as [`EventLog::read`](crate::EventLog::read) gives it: from the first record at or after
    /// `from`, as many as `limit` allows, none at the end. Read from where it is kept, not from what this handle sent.
    ///
    /// # Errors
    /// `UnknownPartition`, `Closed`, `Failed`, `Unavailable`; `Damaged` when the first of them is.
    async fn read(&self, partition: Partition, from: u64, limit: ReadLimit)
    -> Result<Vec<Stored>, ReadError>;

    /// Puts records behind the end of a partition, in one step that is durable when it returns. Their offsets rise, the
    /// first one from [`end`](Self::end) on.
    ///
    /// # Errors
    /// `Behind`, `Gap`, `UnknownPartition`, `Closed`: none is there. `Failed`, `Unknown`: some may be.
    async fn restore(&self, partition: Partition, records: &[Stored]) -> Result<(), RestoreError>;

    /// Puts values and tombstones where they belong, durable when it returns. The value of a key never changes, so it is
    /// given as it was before or as a tombstone, and a tombstone stands whatever is put there later. Repeating does no
    /// harm.
    ///
    /// # Errors
    /// `Closed`; `Failed`, `Unknown`: some may be there.
    async fn restore_erasables(&self, erasables: &[Erasable]) -> Result<(), RestoreError>;

    /// What was restored of them, as [`EventLog::erasables`](crate::EventLog::erasables) lists it.
    ///
    /// # Errors
    /// `Closed`, `Failed`, `Unavailable`.
    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError>;

    /// Ends the copy, durably: from then on it is a log. Nothing is called after it but [`close`](Self::close).
    ///
    /// # Errors
    /// `Closed`; `Failed`: it is still a copy. `Unknown`: open it again, as a copy or as a log, to find out.
    async fn finish(&self) -> Result<(), RestoreError>;

    /// Lets go of it: later calls answer `Closed`, and another handle may open it. Closing twice does no harm.
    async fn close(&self);
}

/// Why records were not restored. Each variant says what may be done next.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The copy was begun without this partition. Never retry.
    #[error("the copy has no partition {partition}")]
    UnknownPartition {
        /// The one asked for.
        partition: Partition,
    },
    /// A record would stand before one that is there, or before the one in front of it. Go on from the end.
    #[error("the record at {partition} {offset} comes behind {end}, where the next one belongs")]
    Behind {
        /// Where.
        partition: Partition,
        /// The least offset that fits.
        end: u64,
        /// The one given.
        offset: u64,
    },
    /// This kind of log gives offsets without leaving one out, and the source left some out. Never retry.
    #[error(
        "the source has no record between {partition} {expected} and {offset}, and this log takes no gaps"
    )]
    Gap {
        /// Where.
        partition: Partition,
        /// The offset that the next record gets.
        expected: u64,
        /// The one it has.
        offset: u64,
    },
    /// Sent, and never confirmed. Open the copy again and go on from its end.
    #[error("it is not known whether the copy took it")]
    Unknown {
        /// What cut the answer off.
        source: Cause,
    },
    /// The copy was closed. Go on with another handle.
    #[error("the copy is closed")]
    Closed,
    /// The copy could not take it. Go on with another handle once the cause is gone.
    #[error("the copy failed and did not take it")]
    Failed {
        /// What failed.
        source: Cause,
    },
}

impl RestoreError {
    /// Checks that the offsets rise from `end` on, and, where `may_skip` is not set, leave none out: for whoever
    /// implements a target. What is checked first leaves nothing half done.
    ///
    /// # Errors
    /// `Behind`, `Gap`.
    pub fn check(partition: Partition, end: u64, records: &[Stored], may_skip: bool) -> Result<(), Self> {
        let mut expected = end;
        for &Stored { offset, .. } in records {
            if offset < expected {
                return Err(Self::Behind { partition, end: expected, offset });
            }
            if offset > expected && !may_skip {
                return Err(Self::Gap { partition, expected, offset });
            }
            expected = offset.saturating_add(1);
        }
        Ok(())
    }
}
