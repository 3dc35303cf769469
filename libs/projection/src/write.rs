//! Writing: one batch has the rows, the cursor that accounts for them, and the sum over what the cursor does not.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::PoisonError;

use lienthong_admission::{Changes, Cursor, Row};
use lienthong_registry::AgencyId;
use lienthong_seal::{StateSum, partition_of};
use sled::Batch;

use crate::error::StoreError;
use crate::keys;
use crate::rows::{CursorRow, VoidRow, Witness, encode, encode_checked, encode_void, term};
use crate::standing::{Standing, standings};
use crate::store::Store;

/// Voids kept of a partition, the newest; the log keeps all.
pub const VOIDS_KEPT: u64 = 1_000;

impl Store {
    /// Writes what a batch of records changed and where the partition stands after it, all or nothing. `voids` are the
    /// batch's voids in the order of the log, of which the newest [`VOIDS_KEPT`] are enough. A partition is written by
    /// one caller, from the [`Store::cursor`] it has.
    ///
    /// # Errors
    /// The changes do not belong together, and nothing is written; or sled fails, and the store is
    /// [`StoreError::Broken`] from then on.
    pub fn write(
        &self,
        partition: u16,
        cursor: &Cursor,
        changes: &Changes,
        voids: &[VoidRow],
    ) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.cursor_row(partition)?;
        let mut draft = Draft { store: self, partition, batch: Batch::default(), others: before.others };
        for row in &changes.rows {
            draft.dossier(row)?;
        }
        for (count, offset, hash) in &changes.witnesses {
            let witness = Witness { offset: *offset, hash: *hash };
            draft.put(&keys::witness(partition, *count), Some(encode(&witness)?))?;
        }
        draft.voids(voided(&before.cursor), voided(cursor), voids)?;
        draft.commit(cursor)
    }
}

fn voided(cursor: &Cursor) -> u64 {
    cursor.voids.values().sum()
}

struct Draft<'a> {
    store: &'a Store,
    partition: u16,
    batch: Batch,
    others: StateSum,
}

impl Draft<'_> {
    fn dossier(&mut self, row: &Row) -> Result<(), StoreError> {
        let found = partition_of(row.code.as_str(), self.store.identity().partitions);
        if found != self.partition {
            return Err(StoreError::OtherPartition { partition: self.partition, found });
        }
        self.batch.insert(keys::dossier(&row.code), row.bytes.as_slice());
        let was = row.before.as_ref().map(standings).unwrap_or_default();
        let is = standings(&row.after);
        for (agency, standing) in differences(&was, &is) {
            let value = standing.map(|standing| vec![standing.to_byte()]);
            self.put(&keys::index(agency, &row.code), value)?;
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
        if let Some(old) = self.store.tree.get(key)? {
            self.others -= term(key, &old);
        }
        match value {
            Some(value) => {
                self.others += term(key, &value);
                self.batch.insert(key, value);
            }
            None => self.batch.remove(key),
        }
        Ok(())
    }

    fn commit(mut self, cursor: &Cursor) -> Result<(), StoreError> {
        let key = keys::cursor(self.partition);
        let row = CursorRow { cursor: cursor.clone(), others: self.others };
        let value = encode_checked(&key, &row)?;
        self.batch.insert(key, value);
        self.store.tree.apply(self.batch)
    }
}

/// Agencies whose standing changed, with the new one; none where the dossier no longer lies before the agency.
fn differences<'a>(
    was: &'a BTreeMap<AgencyId, Standing>,
    is: &'a BTreeMap<AgencyId, Standing>,
) -> impl Iterator<Item = (&'a AgencyId, Option<Standing>)> {
    let left = was.keys().filter(|agency| !is.contains_key(*agency)).map(|agency| (agency, None));
    let changed = is.iter().filter(|(agency, standing)| was.get(*agency) != Some(standing));
    left.chain(changed.map(|(agency, standing)| (agency, Some(*standing))))
}
