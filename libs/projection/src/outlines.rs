//! Outlines: what reports count, in rows of its own, so that a report over all dossiers need not read their states.

use lienthong_admission::State;
use lienthong_dossier::DossierCode;
use lienthong_report::Outline;

use crate::error::StoreError;
use crate::keys;
use crate::rows::decode;
use crate::store::{Store, after};

/// Offsets of a partition that are one stretch: the dossiers that they opened share a row. A report reads every row, and a page
/// of sled's has 8 to 16 of them, however small they are. But whatever a report counts of a dossier has all of its row written
/// anew, and where a system brings in its history, each record opens one.
const STRETCH: u64 = 64;

/// A row: dossiers that were opened next to each other, in the order of their codes.
pub(crate) type Outlines = Vec<(DossierCode, Outline)>;

impl Store {
    /// The outlines of a partition's dossiers, in the order in which these were opened, more or less.
    ///
    /// # Errors
    /// The store cannot be read, or a row is no outline.
    pub fn outlines(
        &self,
        partition: u16,
    ) -> impl Iterator<Item = Result<(DossierCode, Outline), StoreError>> + '_ {
        let rows = self.range(after(None, keys::outlines_prefix(partition)));
        rows.flat_map(|pair| {
            let row = pair.and_then(|(key, value)| decode::<Outlines>(&key, &value));
            let (outlines, failed) =
                row.map_or_else(|error| (Vec::new(), Some(Err(error))), |row| (row, None));
            outlines.into_iter().map(Ok).chain(failed)
        })
    }
}

/// In which stretch a dossier lies. It does not move: its first record stays that.
pub(crate) fn stretch(outline: &Outline) -> u64 {
    outline.opened() / STRETCH
}

/// Puts an outline into a row, in place of the dossier's earlier one.
pub(crate) fn put(row: &mut Outlines, code: DossierCode, outline: Outline) {
    match row.binary_search_by(|(other, _)| other.cmp(&code)) {
        Ok(place) => row[place].1 = outline,
        Err(place) => row.insert(place, (code, outline)),
    }
}

/// The outline of a state, by the offsets of its records.
pub(crate) fn outline(state: &State) -> Outline {
    let offset_of = |record: u32| {
        let record = usize::try_from(record).ok().and_then(|record| state.records.get(record));
        // No report counts what has no record.
        record.map_or(u64::MAX, |record| record.offset)
    };
    Outline::of(&state.dossier, offset_of)
}
