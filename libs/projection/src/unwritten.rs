//! What was taken in and lies in no row yet. Every read sees it; rows are written for all of it together, each dossier once.
//!
//! ```text
//! take --> waiting --to_write--> being written --is_written--> rows
//!             ^
//!             `-- the same dossier again: one row, from what it was first to what it is last
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lienthong_admission::{Cursor, Row, StateRow};
use lienthong_dossier::DossierCode;
use lienthong_seal::Hash;

use crate::at_hand::AtHand;
use crate::rows::VoidRow;
use crate::write::{Advance, VOIDS_KEPT};

/// Witnesses of a partition that stay at hand: a body names the newest that its author knew.
const WITNESSES_MAX: usize = 4;

/// What is taken in, by partition.
pub(crate) type Parts = BTreeMap<u16, Part>;

/// What is taken in of one partition.
pub(crate) struct Part {
    pub(crate) cursor: Cursor,
    pub(crate) rows: BTreeMap<DossierCode, Row>,
    pub(crate) witnesses: Vec<(u64, u64, Hash)>,
    pub(crate) voids: Vec<VoidRow>,
}

/// All that is taken in, and what is asked for with every record: where partitions stand, and the states that were seen last.
#[derive(Default)]
pub(crate) struct Unwritten(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    waiting: Parts,
    being_written: Arc<Parts>,
    stands: BTreeMap<u16, Stands>,
    at_hand: AtHand,
}

/// Where a partition stands.
struct Stands {
    cursor: Cursor,
    /// The newest last.
    witnesses: VecDeque<(u64, Hash)>,
}

impl Part {
    pub(crate) fn of(advance: Advance) -> Self {
        let Advance { cursor, changes, voids, .. } = advance;
        let rows = changes.rows.into_iter().map(|row| (row.code.clone(), row)).collect();
        Self { cursor, rows, witnesses: changes.witnesses, voids }
    }

    fn add(&mut self, later: Self) {
        self.cursor = later.cursor;
        for (code, row) in later.rows {
            match self.rows.get_mut(&code) {
                None => {
                    self.rows.insert(code, row);
                }
                Some(first) => {
                    first.officers.extend(row.officers);
                    (first.after, first.bytes, first.term) = (row.after, row.bytes, row.term);
                }
            }
        }
        self.witnesses.extend(later.witnesses);
        self.voids.extend(later.voids);
        // The newest are enough.
        let kept = usize::try_from(VOIDS_KEPT).unwrap_or(usize::MAX);
        self.voids.drain(..self.voids.len().saturating_sub(kept));
    }
}

impl Unwritten {
    pub(crate) fn take(&self, advance: Advance) {
        let partition = advance.partition;
        let part = Part::of(advance);
        let mut taken = self.lock();
        for row in part.rows.values() {
            taken.at_hand.put(row.code.clone(), state_row(row));
        }
        taken.stands(partition, &part);
        match taken.waiting.get_mut(&partition) {
            Some(waiting) => waiting.add(part),
            None => {
                taken.waiting.insert(partition, part);
            }
        }
    }

    /// How many dossiers wait to be written.
    pub(crate) fn dossiers(&self) -> usize {
        self.lock().waiting.values().map(|part| part.rows.len()).sum()
    }

    /// All that waits, which is seen here until it is written.
    pub(crate) fn to_write(&self) -> Arc<Parts> {
        let mut taken = self.lock();
        taken.being_written = Arc::new(std::mem::take(&mut taken.waiting));
        Arc::clone(&taken.being_written)
    }

    /// What was to be written is.
    pub(crate) fn is_written(&self) {
        let written = std::mem::take(&mut self.lock().being_written);
        drop(written);
    }

    /// What stands in rows is newer than what is at hand of these partitions, of which nothing waits.
    pub(crate) fn forget(&self, partitions: impl Iterator<Item = u16>) {
        let mut taken = self.lock();
        for partition in partitions {
            taken.stands.remove(&partition);
        }
        taken.at_hand.forget();
    }

    pub(crate) fn cursor(&self, partition: u16) -> Option<Cursor> {
        self.lock().stands.get(&partition).map(|stands| stands.cursor.clone())
    }

    /// The newest state of a dossier, which is at hand, or taken in, or what `read` finds.
    pub(crate) fn state<E>(
        &self,
        partition: u16,
        code: &DossierCode,
        read: impl FnOnce() -> Result<Option<StateRow>, E>,
    ) -> Result<Option<StateRow>, E> {
        let ages = {
            let mut taken = self.lock();
            let at_hand = taken.at_hand.get(code);
            let found = at_hand.or_else(|| taken.find(partition, |part| part.rows.get(code).map(state_row)));
            if found.is_some() {
                return Ok(found);
            }
            taken.at_hand.ages()
        };
        let found = read()?;
        if let Some(found) = &found {
            self.lock().at_hand.put_read(code, found, ages);
        }
        Ok(found)
    }

    pub(crate) fn chain_at(&self, partition: u16, count: u64) -> Option<Hash> {
        let taken = self.lock();
        let at_hand = taken.stands.get(&partition)?.witnesses.iter().find(|(at, _)| *at == count);
        at_hand.map(|(_, hash)| *hash).or_else(|| {
            taken.find(partition, |part| {
                let mut newest_first = part.witnesses.iter().rev();
                newest_first.find(|(at, ..)| *at == count).map(|(.., hash)| *hash)
            })
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn stands(&mut self, partition: u16, part: &Part) {
        let fresh = || Stands { cursor: part.cursor.clone(), witnesses: VecDeque::new() };
        let stands = self.stands.entry(partition).or_insert_with(fresh);
        stands.cursor = part.cursor.clone();
        stands.witnesses.extend(part.witnesses.iter().map(|(count, _, hash)| (*count, *hash)));
        let too_many = stands.witnesses.len().saturating_sub(WITNESSES_MAX);
        stands.witnesses.drain(..too_many);
    }

    /// What is newest first.
    fn find<T>(&self, partition: u16, find: impl Fn(&Part) -> Option<T>) -> Option<T> {
        let waiting = self.waiting.get(&partition).and_then(&find);
        waiting.or_else(|| self.being_written.get(&partition).and_then(find))
    }
}

fn state_row(row: &Row) -> StateRow {
    StateRow { state: Arc::clone(&row.after), term: row.term }
}
