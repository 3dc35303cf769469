//! What is remembered of the records of the registry's partition. Whoever may write to that topic must not fill the memory
//! of everybody.

use std::collections::VecDeque;

use lienthong_seal::Hash;

use super::ChainFault;

/// Records that do not count are kept up to so many, the newest; the log keeps all, and their number stays exact.
pub const VOIDS_KEPT_MAX: usize = 1_000;
/// So many records may come between what a revision's author had read and the revision's own last record. A rule of the
/// format, the same for every reader: behind it nobody needs to know a running hash (32 bytes each) any more.
pub const HISTORY_RECORDS_MAX: usize = 65_536;

/// A record of the registry's partition that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidRevision {
    /// Where it lies.
    pub offset: u64,
    /// Why.
    pub fault: ChainFault,
}

/// The records that do not count.
#[derive(Debug, Clone, Default)]
pub(super) struct Voids {
    pub(super) records: u64,
    /// At most [`VOIDS_KEPT_MAX`], the newest last.
    pub(super) newest: VecDeque<VoidRevision>,
}

impl Voids {
    pub(super) fn push(&mut self, void: VoidRevision) {
        if self.newest.len() == VOIDS_KEPT_MAX {
            self.newest.pop_front();
        }
        self.newest.push_back(void);
        self.records += 1;
    }
}

/// The running hashes of the partition.
#[derive(Debug, Clone)]
pub(super) struct Hashes {
    pub(super) records: u64,
    /// After the newest [`HISTORY_RECORDS_MAX`] records and before them, the newest last; never empty.
    newest: VecDeque<Hash>,
}

impl Hashes {
    pub(super) fn start(hash: Hash) -> Self {
        Self { records: 0, newest: [hash].into() }
    }

    pub(super) fn push(&mut self, hash: Hash) {
        if self.newest.len() > HISTORY_RECORDS_MAX {
            self.newest.pop_front();
        }
        self.newest.push_back(hash);
        self.records += 1;
    }

    pub(super) fn last(&self) -> Hash {
        self.newest.back().copied().unwrap_or(Hash::ZERO)
    }

    /// The hash after so many records; none when they are not read yet, or too long ago.
    pub(super) fn after(&self, records: u64) -> Option<Hash> {
        let newer = usize::try_from(self.records.checked_sub(records)?).ok()?;
        self.newest.get((self.newest.len() - 1).checked_sub(newer)?).copied()
    }
}
