//! What shows that a log was changed, or is not whole.

use lienthong_admission::Reason;
use lienthong_log::Partition;
use lienthong_seal::Hash;

/// One thing that is not as it was written: a change lies at `offset` or behind it, and before `until`.
///
/// Of what authors of later records had read, that is the partition's first change. A place that gave itself away among
/// records which nobody testifies to yet need not be the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The partition; none where several were compared by one hash, which does not say which of them differs.
    pub partition: Option<Partition>,
    /// Where the change is at the earliest.
    pub offset: u64,
    /// Where it is at the latest, exclusive.
    pub until: u64,
    /// What it is.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The registry's chain does not hold.
    #[error("the registry's chain does not hold here: {what}")]
    Registry {
        /// What is wrong with the record.
        what: String,
    },
    /// A registry record has another key or other headers than it was written with.
    #[error("key or headers are not those of a registry record")]
    RegistryFrame,
    /// A fence, signed by the authority, of a revision that the registry does not have.
    #[error(
        "the registry lacks revision {revision}, which is put in force here; nothing behind it was judged"
    )]
    NoRevision {
        /// The revision.
        revision: u64,
    },
    /// A reading of personal data that no node of the log can have sealed upon this history.
    #[error("the reading does not count: {what}")]
    Reading {
        /// What is wrong with it.
        what: String,
    },
    /// Something is missing before the first record.
    #[error("the partition does not begin at 0: records before its first are gone")]
    Start,
    /// Offsets must rise.
    #[error("the offset does not rise: the record before it has {before}")]
    Back {
        /// Offset of the record before.
        before: u64,
    },
    /// Append times of an embedded log do not go back.
    #[error(
        "the second of these was appended {by_ms} ms before the first, which an embedded log does not do (a copy of a log on \
         Kafka may, where clocks of brokers differ)"
    )]
    Time {
        /// By how much, in milliseconds.
        by_ms: u64,
    },
    /// The headers of an admitted record follow from its body.
    #[error("the headers are not those that follow from the body")]
    Headers,
    /// Authors of later records had read another history.
    #[error(
        "{authors} later records, sealed and in order, were made upon other records than stand here; the first of them \
         is at {first}"
    )]
    History {
        /// Records that testify so.
        authors: u64,
        /// The first of them.
        first: u64,
    },
    /// A void record in a stretch that was changed: what was changed, or follows from it.
    #[error("void ({reason}) within the stretch that was changed")]
    Suspect {
        /// Why it is void.
        reason: Reason,
    },
    /// One author had read another history than later authors had.
    #[error(
        "its author had read another history up to record {count} than the authors of later records: that node read \
         another log, or its key is in other hands"
    )]
    Author {
        /// The count it names.
        count: u64,
    },
    /// The log ends before a position that was expected.
    #[error("the partition ends here, before the offset {expected} that was expected: records are gone")]
    Short {
        /// The offset that was expected.
        expected: u64,
    },
    /// The running hash is another one than was expected.
    #[error("the running hash at offset {at} is {found}, not {expected}")]
    Expected {
        /// The offset of the expectation.
        at: u64,
        /// What it is.
        found: Hash,
        /// What it should be.
        expected: Hash,
    },
    /// A hash over several partitions is another one than was expected.
    #[error(
        "at {position} neither running hashes nor digest come to {expected}; expect the hash of each partition to \
         learn where"
    )]
    ExpectedLog {
        /// The position of the expectation.
        position: String,
        /// What it should be.
        expected: Hash,
    },
    /// What keeps the log cannot give the record back.
    #[error("the record is damaged where it is kept: {what}; nothing behind it was read")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
}

impl FaultKind {
    /// Its published name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Registry { .. } => "Registry",
            Self::RegistryFrame => "RegistryFrame",
            Self::Reading { .. } => "Reading",
            Self::NoRevision { .. } => "NoRevision",
            Self::Start => "Start",
            Self::Back { .. } => "Back",
            Self::Time { .. } => "Time",
            Self::Headers => "Headers",
            Self::History { .. } => "History",
            Self::Suspect { .. } => "Suspect",
            Self::Author { .. } => "Author",
            Self::Short { .. } => "Short",
            Self::Expected { .. } => "Expected",
            Self::ExpectedLog { .. } => "ExpectedLog",
            Self::Damaged { .. } => "Damaged",
        }
    }
}

/// The faults of one partition: the first [`Faults::KEPT_MAX`], and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    left_out: u64,
}

impl Faults {
    /// Faults that are kept of one partition.
    pub const KEPT_MAX: usize = 1_000;

    /// Notes one more, at just one place.
    pub(crate) fn at(&mut self, partition: Partition, offset: u64, kind: FaultKind) {
        let until = offset.saturating_add(1);
        self.push(Fault { partition: Some(partition), offset, until, kind });
    }

    /// Notes one more.
    pub(crate) fn push(&mut self, fault: Fault) {
        if self.kept.len() < Self::KEPT_MAX {
            self.kept.push(fault);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Those that are kept.
    #[must_use]
    pub fn kept(&self) -> &[Fault] {
        &self.kept
    }

    /// How many more there are.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}
