//! Outlines: what reports count, in rows of its own, so that a report over all dossiers need not read their states.

use lienthong_admission::State;
use lienthong_dossier::DossierCode;
use lienthong_report::Outline;

use crate::error::StoreError;
use crate::keys;
use crate::rows::decode;
use crate::store::{Store, after};

/// A dossier's outline as it lies in the store. Decoding takes longer than reading it, and may be done elsewhere.
#[derive(Debug, Clone)]
pub struct OutlineRow {
    /// The dossier.
    pub code: DossierCode,
    key: sled::IVec,
    bytes: sled::IVec,
}

impl OutlineRow {
    /// What reports count of the dossier.
    ///
    /// # Errors
    /// The row is no outline.
    pub fn outline(&self) -> Result<Outline, StoreError> {
        decode(&self.key, &self.bytes)
    }
}

impl Store {
    /// The outlines of the first `limit` dossiers in the order of their codes' bytes that come after `from`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn outlines(&self, from: Option<&DossierCode>, limit: usize) -> Result<Vec<OutlineRow>, StoreError> {
        let range = after(from.map(keys::outline), keys::outline_prefix());
        let each = |(key, bytes): (sled::IVec, sled::IVec)| match keys::parse_outline(&key) {
            Some(code) => Ok(OutlineRow { code, key, bytes }),
            None => Err(StoreError::Row { kind: keys::kind(&key) }),
        };
        self.range(range).take(limit).map(|pair| pair.and_then(each)).collect()
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
