//! Why an audit does not come to its end. What is wrong with the log itself is a fault, no error.

use std::error::Error;
use std::sync::Arc;

use lienthong_admission::StateFault;
use lienthong_log::{Partition, ReadError};

/// Why records cannot be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    /// What is stored there is no record.
    #[error("the record at {partition} {offset} is damaged: {what}")]
    Damaged {
        /// Where it is.
        partition: Partition,
        /// Which one it is.
        offset: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// Whoever keeps the log does not give it.
    #[error("the records of {partition} cannot be had")]
    Unreadable {
        /// Which partition was asked for.
        partition: Partition,
        /// What cut it off.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// Whoever keeps the log does not show it to who asks.
    #[error("the records of {partition} are not shown to us")]
    Withheld {
        /// Which partition was asked for.
        partition: Partition,
        /// What was answered.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl SourceError {
    pub(crate) fn of(partition: Partition, error: ReadError) -> Self {
        if let ReadError::Damaged { partition, offset, what } = error {
            return Self::Damaged { partition, offset, what };
        }
        Self::Unreadable { partition, source: Arc::new(error) }
    }
}

/// Why an audit does not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Records cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Nothing was ever written to it.
    #[error("the log is empty: it has no genesis")]
    Empty,
    /// The registry's chain does not hold, so nothing can be judged by it.
    #[error("the registry's chain does not hold at offset {offset}: {what}")]
    Registry {
        /// Where.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// A fence in the place of a revision that the registry does not have: records of the registry are gone.
    #[error(
        "partition {partition} has at {offset} the fence of revision {revision}, which the registry does not have"
    )]
    NoRevision {
        /// The partition.
        partition: u16,
        /// Of the fence.
        offset: u64,
        /// The revision.
        revision: u64,
    },
    /// A state cannot be encoded.
    #[error("a state cannot be encoded")]
    State(#[from] StateFault),
    /// Append times say nothing in a training log.
    #[error("in a training log the time of appending means nothing")]
    Training,
    /// A partition that the log does not have.
    #[error("the log has no partition {partition}: they are 0 to {last}")]
    Partition {
        /// The one that was named.
        partition: u16,
        /// The greatest there is.
        last: u16,
    },
    /// A position that the log has not come to.
    #[error("partition {partition} ends at {end}: it has not come to {wanted}")]
    Beyond {
        /// The partition.
        partition: u16,
        /// What was named.
        wanted: u64,
        /// The offset behind its last record.
        end: u64,
    },
    /// An export cannot be written.
    #[error("a row cannot be written")]
    Write(#[source] std::io::Error),
    /// Its watcher wanted it.
    #[error("the audit was stopped")]
    Stopped,
    /// A defect of ours.
    #[error("an audit of a partition panicked")]
    Panicked,
}
