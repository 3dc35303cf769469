//! Writing: one batch has the rows, the cursor that accounts for them, and the sum over what the cursor does not.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::PoisonError;

use lienthong_admission::{Changes, Cursor, Row};
use lienthong_seal::{StateSum, partition_of};

use crate::error::StoreError;
use crate::facets::facets;
use crate::keys;
use crate::outlines::{Outlines, outline, put, stretch};
use crate::rows::{CursorRow, VoidRow, Witness, decode, encode, encode_checked, encode_void, term};
use crate::standing::standings;
use crate::store::Store;
use crate::tasks::{task_key, tasks};
use crate::tree::Batch;
use crate::unwritten::{Part, Parts};

/// Voids kept of a partition, the newest; the log keeps all.
pub const VOIDS_KEPT: u64 = 1_000;

/// Dossiers after which a batch takes no other partition. Whoever reads waits as long as a batch is applied.
const TOGETHER_MIN: usize = 128;

/// What a batch of records changed in one partition, and where the partition stands after it.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The partition.
    pub partition: u16,
    /// Where it stands.
    pub cursor: Cursor,
    /// What changed.
    pub changes: Changes,
    /// The batch's voids in the order of the log, of which the newest [`VOIDS_KEPT`] are enough.
    pub voids: Vec<VoidRow>,
}

impl Store {
    /// Takes in what a batch of records changed and where the partition stands after it. Every read sees it from now on; the
    /// rows are written by [`Store::write_out`], and before they are read as rows. A partition is advanced by one caller, from
    /// the [`Store::cursor`] it has.
    ///
    /// # Errors
    /// The changes do not belong together, and nothing is taken in; or the store is [`StoreError::Broken`].
    pub fn take(&self, advance: Advance) -> Result<(), StoreError> {
        self.check(&advance)?;
        self.unwritten.take(advance);
        Ok(())
    }

    /// Whether what changed belongs together.
    pub(crate) fn check(&self, advance: &Advance) -> Result<(), StoreError> {
        let partition = advance.partition;
        for row in &advance.changes.rows {
            let found = partition_of(row.code.as_str(), self.identity().partitions);
            if found != partition {
                return Err(StoreError::OtherPartition { partition, found });
            }
        }
        let counted = voided(&advance.cursor).saturating_sub(voided(&self.cursor(partition)?));
        let given = advance.voids.len() as u64;
        if given > counted {
            return Err(StoreError::Voids { given, counted });
        }
        Ok(())
    }

    /// Writes all that was taken in: of each partition all or nothing, of several partitions together.
    ///
    /// # Errors
    /// It cannot be written, and the store is [`StoreError::Broken`] from then on.
    pub fn write_out(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = self.unwritten.to_write();
        if parts.is_empty() {
            return Ok(());
        }
        let written = self.write_parts(&parts);
        match &written {
            Ok(()) => self.unwritten.is_written(),
            // What was taken in is told already, so nothing may be read that does not have it.
            Err(error) => self.tree.break_off(error),
        }
        written
    }

    /// Takes in and writes.
    ///
    /// # Errors
    /// As [`Store::take`] and [`Store::write_out`].
    pub fn write(&self, advance: Advance) -> Result<(), StoreError> {
        self.take(advance)?;
        self.write_out()
    }

    /// How many dossiers are taken in and not written.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.unwritten.dossiers()
    }

    fn write_parts(&self, parts: &Parts) -> Result<(), StoreError> {
        let (mut batch, mut dossiers) = (Batch::default(), 0);
        for (partition, part) in parts {
            let (key, cursor) = self.draft(*partition, part, &mut batch)?;
            batch.insert(key, cursor);
            dossiers += part.rows.len();
            if dossiers >= TOGETHER_MIN {
                self.tree.apply(std::mem::take(&mut batch))?;
                dossiers = 0;
            }
        }
        self.tree.apply(batch)
    }

    /// The rows that a part leads to, and apart from them that of the cursor, which accounts for them.
    pub(crate) fn draft(
        &self,
        partition: u16,
        part: &Part,
        batch: &mut Batch,
    ) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
        let others = self.cursor_row(partition)?.others;
        let mut draft = Draft { store: self, partition, batch, others };
        let mut outlined: BTreeMap<u64, Outlines> = BTreeMap::new();
        for row in part.rows.values() {
            draft.dossier(row)?;
            let (was, is) = (row.before.as_deref().map(outline), outline(&row.after));
            if was.as_ref() != Some(&is) {
                outlined.entry(stretch(&is)).or_default().push((row.code.clone(), is));
            }
        }
        for (stretch, outlines) in outlined {
            draft.outlines(stretch, outlines)?;
        }
        for (count, offset, hash) in &part.witnesses {
            let witness = Witness { offset: *offset, hash: *hash };
            draft.put(&keys::witness(partition, *count), Some(encode(&witness)?))?;
        }
        draft.voids(voided(&part.cursor), &part.voids)?;
        let (key, row) =
            (keys::cursor(partition), CursorRow { cursor: part.cursor.clone(), others: draft.others });
        let value = encode_checked(&key, &row)?;
        Ok((key, value))
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
        self.batch.insert(keys::dossier(&row.code), row.bytes.as_slice());
        let was = row.before.as_deref();
        let (was_found, is_found) = (was.map(facets).unwrap_or_default(), facets(&row.after));
        self.found_by(&was_found, &is_found, |facet| facet.key(&row.code));
        let tasks = |state| tasks(&row.code, state);
        self.found_by(&was.map(tasks).unwrap_or_default(), &tasks(&row.after), task_key);
        self.standings(row)
    }

    /// The rows without a value by which the dossier was found, and is: those that are no more go, the new ones come.
    fn found_by<T: PartialEq>(&mut self, was: &[T], is: &[T], key: impl Fn(&T) -> Vec<u8>) {
        for gone in was.iter().filter(|it| !is.contains(it)) {
            self.replace(&key(gone), Some(&[]), None);
        }
        for new in is.iter().filter(|it| !was.contains(it)) {
            self.replace(&key(new), None, Some(Vec::new()));
        }
    }

    /// The row of a stretch, with these outlines in it.
    fn outlines(&mut self, stretch: u64, outlines: Outlines) -> Result<(), StoreError> {
        let key = keys::outlines(self.partition, stretch);
        let old = self.store.tree.get(&key)?;
        let mut row: Outlines = old.as_deref().map(|old| decode(&key, old)).transpose()?.unwrap_or_default();
        for (code, outline) in outlines {
            put(&mut row, code, outline);
        }
        self.replace(&key, old.as_deref(), Some(encode(&row)?));
        Ok(())
    }

    /// The agencies that the dossier lies before, each with its officer who acted last.
    fn standings(&mut self, row: &Row) -> Result<(), StoreError> {
        let was = row.before.as_deref().map(standings).unwrap_or_default();
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
            // A dossier that there was none of has no row of any kind.
            let old = row.before.as_ref().map(|_| self.store.tree.get(&key)).transpose()?.flatten();
            let known = old.as_deref().and_then(|old| old.get(1..)).unwrap_or_default();
            let officer = acted.map_or(known, |officer| officer.as_str().as_bytes());
            let value = [&[standing.to_byte()][..], officer].concat();
            if old.as_deref() != Some(&value) {
                self.replace(&key, old.as_deref(), Some(value));
            }
        }
        Ok(())
    }

    /// New voids take the next ordinals; those that are too old make room.
    fn voids(&mut self, is: u64, voids: &[VoidRow]) -> Result<(), StoreError> {
        let oldest_kept = is.saturating_sub(VOIDS_KEPT);
        let gone = (
            Bound::Included(keys::void_prefix(self.partition)),
            Bound::Excluded(keys::void(self.partition, oldest_kept)),
        );
        for pair in self.store.tree.range(gone) {
            self.put(&pair?.0, None)?;
        }
        for (ordinal, void) in (is.saturating_sub(voids.len() as u64)..is)
            .zip(voids)
            .filter(|(ordinal, _)| *ordinal >= oldest_kept)
        {
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
}
