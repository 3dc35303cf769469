//! What can go wrong with a store, and for what reasons one is moved aside.

use std::io;
use std::path::PathBuf;

use lienthong_admission::StateFault;
use lienthong_seal::Hash;
use thiserror::Error;

/// Why a store does not answer.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A living process has the store open. Nothing is wrong with it.
    #[error("the store {} is open in another process", dir.display())]
    Locked {
        /// Folder of the store.
        dir: PathBuf,
    },
    /// The file system refused; moving the store aside would not help.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Upon which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// sled answered with an error.
    #[error("the store cannot be read or written")]
    Sled(#[source] sled::Error),
    /// sled panicked; the store is [`StoreError::Broken`] from now on.
    #[error("sled panicked: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// A write failed or sled panicked before: rows may be half-written, so nothing more is answered. Open it anew.
    #[error("the store broke earlier and has to be opened anew")]
    Broken,
    /// Closing did not end in time. Its folder is of no use to this process any more; a new process can open it.
    #[error("the store {} did not close in time", dir.display())]
    Stuck {
        /// Folder of the store.
        dir: PathBuf,
    },
    /// A row does not decode although the store was sound when it was opened.
    #[error("a row of kind `{kind}` does not decode")]
    Row {
        /// First letter of its key.
        kind: char,
    },
    /// A dossier's row is not a state.
    #[error(transparent)]
    State(#[from] StateFault),
    /// A row could not be encoded.
    #[error("a row cannot be encoded")]
    Encode(#[source] postcard::Error),
    /// The store has no such partition.
    #[error("partition {partition} of {partitions}")]
    NoPartition {
        /// Which was asked for.
        partition: u16,
        /// How many there are, counted from 0.
        partitions: u16,
    },
    /// A change belongs to another partition than the cursor it came with.
    #[error("a change of partition {found} came with the cursor of partition {partition}")]
    OtherPartition {
        /// The cursor's partition.
        partition: u16,
        /// The dossier's partition.
        found: u16,
    },
    /// More voids came than the cursor has counted since the last batch.
    #[error("{given} voids came where the cursor counts {counted} new ones")]
    Voids {
        /// How many came.
        given: u64,
        /// How many the cursor counts.
        counted: u64,
    },
}

impl StoreError {
    /// Whether the machine or sled failed, and not the rows: a process that opens the store anew may find it sound, or makes
    /// it again, and another machine has its own.
    #[must_use]
    pub fn passes_with_the_process(&self) -> bool {
        match self {
            Self::Locked { .. }
            | Self::Io { .. }
            | Self::Sled(_)
            | Self::Panicked { .. }
            | Self::Broken
            | Self::Stuck { .. } => true,
            Self::Row { .. }
            | Self::State(_)
            | Self::Encode(_)
            | Self::NoPartition { .. }
            | Self::OtherPartition { .. }
            | Self::Voids { .. } => false,
        }
    }
}

/// Why a store was moved aside.
#[derive(Debug, Error)]
pub enum Damage {
    /// sled panicked while opening or reading it.
    #[error("sled panicked: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// sled could not open or read it.
    #[error("sled cannot read it")]
    Unreadable(#[source] sled::Error),
    /// The folder holds something, but nothing says what it is a store of.
    #[error("nothing says which log it belongs to")]
    NoIdentity,
    /// It belongs to another log.
    #[error("it belongs to log {found}")]
    OtherLog {
        /// Log id found.
        found: Hash,
    },
    /// Its log had another number of partitions.
    #[error("it has {found} partitions")]
    OtherPartitions {
        /// Number found.
        found: u16,
    },
    /// It was written in another format of states and rows.
    #[error("it is of format {found}")]
    OtherFormat {
        /// Format found.
        found: u16,
    },
    /// It was being loaded when its process ended. Such a store is removed, and not moved aside.
    #[error("it was being loaded when its process ended")]
    HalfLoaded,
    /// A key is none that this crate writes.
    #[error("a row of kind `{kind}` has an impossible key")]
    Key {
        /// First letter of the key.
        kind: char,
    },
    /// A partition's cursor does not fit its checksum.
    #[error("the cursor of partition {partition} does not fit its checksum")]
    Cursor {
        /// Which partition.
        partition: u16,
    },
    /// The dossiers of a partition are not those that its cursor accounts for.
    #[error("the dossiers of partition {partition} are not those its cursor accounts for")]
    Dossiers {
        /// Which partition.
        partition: u16,
    },
    /// Index, witnesses or voids of a partition are not those that its cursor accounts for.
    #[error("index, witnesses or voids of partition {partition} are not those its cursor accounts for")]
    Others {
        /// Which partition.
        partition: u16,
    },
    /// The log is not the one that the cursor read. For the node, which compares them and calls
    /// [`Store::move_aside`](crate::Store::move_aside).
    #[error("the log of partition {partition} was made anew under its cursor")]
    LogMadeAnew {
        /// Which partition.
        partition: u16,
    },
    /// It failed in another way; for the node, while it was in use.
    #[error("it failed")]
    Failed(#[source] Box<StoreError>),
}

impl From<StoreError> for Damage {
    fn from(error: StoreError) -> Self {
        Self::Failed(Box::new(error))
    }
}
