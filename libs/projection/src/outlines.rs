//! Outlines: what reports count, in rows of its own, so that a report over all dossiers need not read their states.

use lienthong_admission::State;
use lienthong_dossier::DossierCode;
use lienthong_report::Outline;

use crate::error::StoreError;
use crate::keys;
use crate::rows::decode;
use crate::store::{Store, after};

impl Store {
    /// The outlines of a partition's dossiers.
    ///
    /// # Errors
    /// The store cannot be read, or a row is no outline.
    pub fn outlines(
        &self,
        partition: u16,
    ) -> impl Iterator<Item = Result<(DossierCode, Outline), StoreError>> + '_ {
        let each = |(key, value): (sled::IVec, sled::IVec)| match keys::parse_outline(&key) {
            Some((_, code)) => Ok((code, decode(&key, &value)?)),
            None => Err(StoreError::Row { kind: keys::kind(&key) }),
        };
        self.range(after(None, keys::outline_prefix(partition))).map(move |pair| pair.and_then(each))
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
