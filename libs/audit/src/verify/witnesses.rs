//! What the authors of a partition testify of the records before theirs.

use lienthong_admission::{Reason, WITNESS_EVERY};
use lienthong_log::Partition;

use crate::fault::{Fault, FaultKind, Faults};

/// Voids of a stretch that are named as what may have been changed.
const SUSPECTS_MAX: usize = 16;
/// Authors that are named one by one.
const AUTHORS_MAX: usize = 64;

/// Testimony as far as a partition is read. Counts are of records.
#[derive(Debug, Clone, Default)]
pub(super) struct Witnesses {
    /// The greatest count that an admitted record names: so many stand as their readers had them.
    agreed: u64,
    /// Offset behind the last of 64, 128, … records.
    reached: Vec<u64>,
    /// Records of good authors who had read something else: their offset and the count they name.
    others: Vec<(u64, u64)>,
    others_in_all: u64,
    /// Voids that no witness covers: count before it, offset and reason.
    suspects: Vec<(u64, u64, Reason)>,
}

impl Witnesses {
    /// Whether nobody testified to another history.
    pub(super) fn agree(&self) -> bool {
        self.others.is_empty()
    }

    /// An admitted record names this count.
    pub(super) fn agreed(&mut self, count: u64) {
        if count > self.agreed {
            self.agreed = count;
            self.suspects.retain(|(before, _, _)| *before >= count);
        }
    }

    /// A good author at this offset had read another history up to this count.
    pub(super) fn differ(&mut self, offset: u64, count: u64) {
        if self.others.len() < AUTHORS_MAX {
            self.others.push((offset, count));
        }
        self.others_in_all += 1;
    }

    /// A record with so many before it is void.
    pub(super) fn void(&mut self, before: u64, offset: u64, reason: Reason) {
        if self.suspects.len() < SUSPECTS_MAX {
            self.suspects.push((before, offset, reason));
        }
    }

    /// So many records are read, the last of them below `next`.
    pub(super) fn counted(&mut self, count: u64, next: u64) {
        if count.is_multiple_of(WITNESS_EVERY) {
            self.reached.push(next);
        }
    }

    /// Below this offset everything stands as later authors had read it.
    pub(super) fn covered(&self) -> u64 {
        self.offset_at(self.agreed).unwrap_or_default()
    }

    /// What follows from the testimony once the partition is read to `end`.
    pub(super) fn conclude(&self, partition: Partition, end: u64, faults: &mut Faults) {
        for (offset, count) in self.others.iter().filter(|(_, count)| *count <= self.agreed) {
            faults.at(partition, *offset, FaultKind::Author { count: *count });
        }
        let mut later = self.others.iter().filter(|(_, count)| *count > self.agreed);
        let Some((first, least)) = later.next() else { return };
        let least = later.map(|(_, count)| *count).min().unwrap_or(*least).min(*least);
        // The record that testifies may itself be what came here from further behind, naming more records than there are.
        let until = self.offset_at(least).unwrap_or(end).min(first.saturating_add(1));
        let offset = self.covered().min(until.saturating_sub(1));
        let kind = FaultKind::History { authors: self.others_in_all, first: *first };
        faults.push(Fault { partition: Some(partition), offset, until, kind });
        for (_, offset, reason) in self.suspects.iter().filter(|(_, offset, _)| *offset < until) {
            faults.at(partition, *offset, FaultKind::Suspect { reason: *reason });
        }
    }

    /// The offset behind so many records; none where there are not so many.
    fn offset_at(&self, count: u64) -> Option<u64> {
        match usize::try_from(count / WITNESS_EVERY).ok()?.checked_sub(1) {
            None => Some(0),
            Some(index) => self.reached.get(index).copied(),
        }
    }
}
