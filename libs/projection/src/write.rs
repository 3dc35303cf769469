//! Writing: one batch has the rows, the cursor that accounts for them, and the sum over what the cursor does not.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::PoisonError;

use lienthong_admission::{Changes, Cursor, Row};
use lienthong_seal::{StateSum, partition_of};

use crate::error::StoreError;
use crate::facets::facet_keys;
use crate::keys;
use crate::outlines::outline;
use crate::rows::{CursorRow, VoidRow, Witness, encode, encode_checked, encode_void, term};
use crate::standing::standings;
use crate::store::Store;
use crate::tasks::task_keys;
use crate::tree::Batch;

/// Voids kept of a partition, the newest; the log keeps all.
pub const VOIDS_KEPT: u64 = 1_000;

/// What a batch of records changed in one partition, and where the partition stands after it.
#[derive(Debug, Clone, Copy)]
pub struct Advance<'a> {
    /// The partition.
    pub partition: u16,
    /// Where it stands.
    pub cursor: &'a Cursor,
    /// What changed.
    pub changes: &'a Changes,
    /// The batch's voids in the order of the log, of which the newest [`VOIDS_KEPT`] are enough.
    pub voids: &'a [VoidRow],
}

impl Store {
    /// Writes what a batch of records changed and where the partition stands after it, all or nothing.
    ///
    /// # Errors
    /// As [`Store::write_all`].
    pub fn write(
        &self,
        partition: u16,
        cursor: &Cursor,
        changes: &Changes,
        voids: &[VoidRow],
    ) -> Result<(), StoreError> {
        self.write_all(&[Advance { partition, cursor, changes, voids }])
    }

    /// The same for several partitions, each once, in one batch: all of them or none. What sled does for a batch it then does
    /// once. A partition is written by one caller, from the [`Store::cursor`] it has.
    ///
    /// # Errors
    /// The changes do not belong together, and nothing is written; or sled fails, and the store is
    /// [`StoreError::Broken`] from then on.
    pub fn write_all(&self, advances: &[Advance<'_>]) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = Batch::default();
        let mut written = BTreeSet::new();
        for advance in advances {
            let partition = advance.partition;
            if !written.insert(partition) {
                return Err(StoreError::Twice { partition });
            }
            let before = self.cursor_row(partition)?;
            let mut draft = Draft { store: self, partition, batch: &mut batch, others: before.others };
            for row in &advance.changes.rows {
                draft.dossier(row)?;
            }
            for (count, offset, hash) in &advance.changes.witnesses {
                let witness = Witness { offset: *offset, hash: *hash };
                draft.put(&keys::witness(partition, *count), Some(encode(&witness)?))?;
            }
            draft.voids(voided(&before.cursor), voided(advance.cursor), advance.voids)?;
            draft.finish(advance.cursor)?;
        }
        self.tree.apply(batch)
    }
}

fn voided(cursor: &Cursor) -> u64 {
    cursor.voids.values().sum()
}

struct Draft<'a> {
    store: &'a Store,
    partition: u16,
    batch: &'a mut Batch,
    others: StateSum,
}

impl Draft<'_> {
    fn dossier(&mut self, row: &Row) -> Result<(), StoreError> {
        let found = partition_of(row.code.as_str(), self.store.identity().partitions);
        if found != self.partition {
            return Err(StoreError::OtherPartition { partition: self.partition, found });
        }
        self.batch.insert(keys::dossier(&row.code), row.bytes.as_slice());
        let found_by = |state| -> BTreeSet<Vec<u8>> {
            facet_keys(&row.code, state).chain(task_keys(&row.code, state)).collect()
        };
        let was = row.before.as_ref().map(found_by).unwrap_or_default();
        let is = found_by(&row.after);
        for gone in was.difference(&is) {
            self.replace(gone, Some(&[]), None);
        }
        for new in is.difference(&was) {
            self.replace(new, None, Some(Vec::new()));
        }
        let (was, is) = (row.before.as_ref().map(outline), outline(&row.after));
        if was.as_ref() != Some(&is) {
            let was = was.map(|was| encode(&was)).transpose()?;
            self.replace(&keys::outline(&row.code), was.as_deref(), Some(encode(&is)?));
        }
        self.standings(row)
    }

    /// The agencies that the dossier lies before, each with its officer who acted last.
    fn standings(&mut self, row: &Row) -> Result<(), StoreError> {
        let was = row.before.as_ref().map(standings).unwrap_or_default();
        let is = standings(&row.after);
        for gone in was.keys().filter(|agency| !is.contains_key(*agency)) {
            self.put(&keys::index(gone, &row.code), None)?;
        }
        for (agency, standing) in &is {
            let acted = row.officers.get(agency);
            if acted.is_none() && was.get(agency) == Some(standing) {
                continue;
            }
            let key = keys::index(agency, &row.code);
            let old = self.store.tree.get(&key)?;
            let known = old.as_deref().and_then(|old| old.get(1..)).unwrap_or_default();
            let officer = acted.map_or(known, |officer| officer.as_str().as_bytes());
            let value = [&[standing.to_byte()][..], officer].concat();
            if old.as_deref() != Some(&value) {
                self.put(&key, Some(value))?;
            }
        }
        Ok(())
    }

    /// New voids take the next ordinals; those that are too old make room.
    fn voids(&mut self, was: u64, is: u64, voids: &[VoidRow]) -> Result<(), StoreError> {
        let (given, counted) = (voids.len() as u64, is.saturating_sub(was));
        if given > counted {
            return Err(StoreError::Voids { given, counted });
        }
        let oldest_kept = is.saturating_sub(VOIDS_KEPT);
        let gone = (
            Bound::Included(keys::void_prefix(self.partition)),
            Bound::Excluded(keys::void(self.partition, oldest_kept)),
        );
        for pair in self.store.tree.range(gone) {
            self.put(&pair?.0, None)?;
        }
        for (ordinal, void) in (is - given..is).zip(voids).filter(|(ordinal, _)| *ordinal >= oldest_kept) {
            self.put(&keys::void(self.partition, ordinal), Some(encode_void(void)?))?;
        }
        Ok(())
    }

    /// Sets or removes a row that the second sum covers. No key comes twice in one batch.
    fn put(&mut self, key: &[u8], value: Option<Vec<u8>>) -> Result<(), StoreError> {
        let old = self.store.tree.get(key)?;
        self.replace(key, old.as_deref(), value);
        Ok(())
    }

    /// The same where it is known what stands there.
    fn replace(&mut self, key: &[u8], old: Option<&[u8]>, value: Option<Vec<u8>>) {
        if let Some(old) = old {
            self.others -= term(key, old);
        }
        match value {
            Some(value) => {
                self.others += term(key, &value);
                self.batch.insert(key, value);
            }
            None => self.batch.remove(key),
        }
    }

    /// The cursor comes last: it has the sum over all that was put.
    fn finish(self, cursor: &Cursor) -> Result<(), StoreError> {
        let key = keys::cursor(self.partition);
        let row = CursorRow { cursor: cursor.clone(), others: self.others };
        let value = encode_checked(&key, &row)?;
        self.batch.insert(key, value);
        Ok(())
    }
}
